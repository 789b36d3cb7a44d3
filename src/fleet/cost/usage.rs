//! What a usage type says: region, app type, instance type. Source of the spellings: bills and the Price List.

/// A usage type, understood as far as it can be: `EU-Studio:JupyterLab-ml.t3.medium`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage<'a> {
    /// What stands before the first hyphen, where that is a region's: `EU`. Empty in us-east-1 at times.
    pub prefix: &'a str,
    /// The rest: `Studio:JupyterLab-ml.t3.medium`.
    pub what: &'a str,
    /// The instance type, where the usage is of one: `ml.t3.medium`.
    pub instance: Option<&'a str>,
}

/// The regions by the prefix of their usage types. Source: Cost and Usage Reports, "Region code" of usage types.
const PREFIXES: [(&str, &str); 37] = [
    ("USE1", "us-east-1"),
    ("USE2", "us-east-2"),
    ("USW1", "us-west-1"),
    ("USW2", "us-west-2"),
    ("UGW1", "us-gov-west-1"),
    ("UGE1", "us-gov-east-1"),
    ("CAN1", "ca-central-1"),
    ("CAN2", "ca-west-1"),
    ("MXC1", "mx-central-1"),
    ("SAE1", "sa-east-1"),
    ("EU", "eu-west-1"),
    ("EUW1", "eu-west-1"),
    ("EUW2", "eu-west-2"),
    ("EUW3", "eu-west-3"),
    ("EUC1", "eu-central-1"),
    ("EUC2", "eu-central-2"),
    ("EUN1", "eu-north-1"),
    ("EUS1", "eu-south-1"),
    ("EUS2", "eu-south-2"),
    ("AFS1", "af-south-1"),
    ("ILC1", "il-central-1"),
    ("MES1", "me-south-1"),
    ("MEC1", "me-central-1"),
    ("APE1", "ap-east-1"),
    ("APN1", "ap-northeast-1"),
    ("APN2", "ap-northeast-2"),
    ("APN3", "ap-northeast-3"),
    ("APS1", "ap-southeast-1"),
    ("APS2", "ap-southeast-2"),
    ("APS3", "ap-south-1"),
    ("APS4", "ap-southeast-3"),
    ("APS5", "ap-south-2"),
    ("APS6", "ap-southeast-4"),
    ("APS7", "ap-southeast-5"),
    ("APS9", "ap-southeast-7"),
    ("CNN1", "cn-north-1"),
    ("CNW1", "cn-northwest-1"),
];

impl<'a> Usage<'a> {
    /// Understands a usage type; what is of no known shape is all `what`.
    pub fn of(text: &'a str) -> Self {
        let (prefix, what) = match text.split_once('-') {
            Some((prefix, what)) if is_prefix(prefix) => (prefix, what),
            _ => ("", text),
        };
        let instance = what.find("ml.").map(|at| &what[at..]).filter(|name| name.matches('.').count() >= 2);
        Self { prefix, what, instance }
    }

    /// The region; `None` where the prefix is not known. A usage without one is of us-east-1.
    pub fn region(&self) -> Option<&'static str> {
        if self.prefix.is_empty() {
            return Some("us-east-1");
        }
        PREFIXES.iter().find(|(prefix, _)| *prefix == self.prefix).map(|(_, region)| *region)
    }

    /// What it is, without region and instance type: `JupyterLab`, `space volumes`, `Train`.
    pub fn kind(&self) -> &'a str {
        let studio = self.what.strip_prefix("Studio:");
        if studio.is_some_and(|rest| rest.starts_with("VolumeUsage")) {
            return "space volumes";
        }
        let rest = studio.unwrap_or(self.what);
        match self.instance.and_then(|instance| rest.strip_suffix(instance)) {
            Some(kind) => kind.trim_end_matches([':', '-']),
            None => rest,
        }
    }
}

/// Two or three letters, or those and a figure, in capitals: `EU`, `USE1`.
fn is_prefix(text: &str) -> bool {
    let letters = text.trim_end_matches(|c: char| c.is_ascii_digit());
    (2..=3).contains(&letters.len())
        && text.len() - letters.len() <= 1
        && letters.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usage_type_tells_region_kind_and_instance() {
        for (text, region, kind, instance) in [
            ("EU-Studio:JupyterLab-ml.t3.medium", Some("eu-west-1"), "JupyterLab", Some("ml.t3.medium")),
            (
                "USE1-Studio:KernelGateway-ml.g5.12xlarge",
                Some("us-east-1"),
                "KernelGateway",
                Some("ml.g5.12xlarge"),
            ),
            ("APN2-Studio:VolumeUsage.gp3", Some("ap-northeast-2"), "space volumes", None),
            ("Studio:CodeEditor-ml.m5.large", Some("us-east-1"), "CodeEditor", Some("ml.m5.large")),
            ("EUC1-Train:ml.p3.2xlarge", Some("eu-central-1"), "Train", Some("ml.p3.2xlarge")),
            ("EU-Host:ml.m5.xlarge", Some("eu-west-1"), "Host", Some("ml.m5.xlarge")),
            ("XYZ9-Studio:JupyterLab-ml.t3.medium", None, "JupyterLab", Some("ml.t3.medium")),
            ("EU-Studio:JupyterServer-system", Some("eu-west-1"), "JupyterServer-system", None),
            ("", Some("us-east-1"), "", None),
            ("a-b", Some("us-east-1"), "a-b", None),
        ] {
            let usage = Usage::of(text);
            assert_eq!((usage.region(), usage.kind(), usage.instance), (region, kind, instance), "{text}");
        }
    }

    #[test]
    fn no_prefix_means_two_regions() {
        let mut prefixes: Vec<&str> = PREFIXES.iter().map(|(prefix, _)| *prefix).collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        assert_eq!(prefixes.len(), PREFIXES.len());
    }
}
