//! The quotas of `SageMaker`: their names, codes and defaults. About as many as AWS has. Data, and what follows from
//! it; no request is known here.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::sim::pricing::PriceTable;
use crate::sim::query::fingerprint;
use crate::sim::world::{AppType, quota_of, quotas};

/// One quota.
#[derive(Clone, Debug)]
pub(super) struct Quota {
    pub(super) name: String,
    /// `L-...`, the same in every region.
    pub(super) code: String,
    /// What a new account gets.
    pub(super) default: usize,
    /// The instance type it is about, if any.
    pub(super) instance_type: Option<String>,
    /// The `Resource` of the metric that counts its use, if there is one.
    pub(super) metric: Option<&'static str>,
}

/// Quotas that are about no instance type in particular: name, code, default, metric (aws.md 7).
const FIXED: [(&str, &str, usize, Option<&str>); 18] = [
    (quotas::DOMAINS, "L-B683BCB0", 2, Some("studio/total_domains")),
    (quotas::USER_PROFILES, "L-AC46C40F", 2, None),
    (quotas::SPACES, "L-8E5333B4", 6, None),
    (quotas::APPS, "L-4E39DDC4", 40, None),
    (quotas::SPACE_VOLUMES, "L-A37B67B0", 500, None),
    ("Studio Jupyter Apps running on system instances", "L-8276C21E", 10, None),
    ("TensorBoard Apps running on system instances", "L-6F947DE5", 10, None),
    ("Canvas Apps running on system instances", "L-65D1CFE4", 10, None),
    ("Canvas Apps running on ml.m5.4xlarge instances", "L-23A89612", 10, None),
    ("SageMaker Profiler Apps running on system instances", "L-73BEF3A2", 10, None),
    ("RStudioServerPro Apps running on system instances", "L-B89C4B79", 1, None),
    ("RStudioServerPro Apps running on ml.c5.4xlarge instances", "L-FEC35D99", 0, None),
    ("RStudioServerPro Apps running on ml.c5.9xlarge instances", "L-D9E59670", 0, None),
    ("Total number of notebook instances", "L-04CE2E67", 8, None),
    ("Maximum number of SageMakerImage images allowed per account", "L-DDDC1D15", 250, None),
    ("Maximum number instances allowed per SageMaker HyperPod cluster", "L-2CE978FC", 20, None),
    ("Total number of instances allowed across SageMaker HyperPod clusters", "L-3308CCC7", 0, None),
    (
        "Number of instances across processing jobs",
        "L-85F0DB85",
        20,
        Some("processing-job/total_instance_count"),
    ),
];

/// Codes and defaults by instance type: those of `JupyterLab`, Code Editor and kernels, then the default of the first
/// two and that of kernels (aws.md 7).
type Row = (&'static str, &'static str, &'static str, &'static str, usize, usize);
const TYPES: [Row; 22] = [
    ("ml.t3.medium", "L-71FAF417", "L-FCEDEAC6", "L-EAC6F82B", 6, 2),
    ("ml.t3.large", "L-2733D4D5", "L-656A17FA", "L-8BD17C20", 6, 0),
    ("ml.t3.xlarge", "L-61F9C762", "L-69AC3D57", "L-3A44AF4B", 6, 0),
    ("ml.t3.2xlarge", "L-B039EA8F", "L-E5FD58AB", "L-5AF0D27D", 6, 0),
    ("ml.m5.large", "L-3BDCD216", "L-A0B632ED", "L-22BC3627", 1, 1),
    ("ml.m5.xlarge", "L-77B8159A", "L-EEA21C8A", "L-CD017EBE", 1, 1),
    ("ml.m5.2xlarge", "L-7C9662F1", "L-3D2A1F33", "L-D4D7435A", 1, 1),
    ("ml.m5.4xlarge", "L-2CA31BFA", "L-FDB47EBF", "L-0132CA88", 0, 1),
    ("ml.c5.large", "L-A6419EF6", "L-C623FF97", "L-1476E09A", 1, 1),
    ("ml.c5.xlarge", "L-BD09952F", "L-20DF4E8E", "L-F2F8BB60", 1, 1),
    ("ml.r5.large", "L-FC2BE3FC", "L-E8EAF30E", "L-59F3BE31", 1, 1),
    ("ml.g4dn.xlarge", "L-39F81BFB", "L-98BFB21C", "L-F3C955A3", 0, 0),
    ("ml.g4dn.2xlarge", "L-138F29A9", "L-EE75DBCF", "L-E5775070", 0, 0),
    ("ml.g5.xlarge", "L-988CE6C5", "L-8C616CCB", "L-60470224", 0, 0),
    ("ml.g5.2xlarge", "L-F73C7DB9", "L-DF589F40", "L-4918D123", 0, 0),
    ("ml.g5.4xlarge", "L-81940D85", "L-F8AE8304", "L-DCE2AE7E", 0, 0),
    ("ml.g5.12xlarge", "L-8D2ED7BF", "L-55671A7C", "L-037F309A", 0, 0),
    ("ml.g6.xlarge", "L-AABA5942", "L-B8C1F9B8", "", 0, 0),
    ("ml.g6.2xlarge", "L-92D1521D", "L-E4515972", "", 0, 0),
    ("ml.p3.2xlarge", "L-199FCA12", "L-1356CD75", "L-9D41067A", 0, 0),
    ("ml.p4d.24xlarge", "L-AD63F1D2", "L-2557FB75", "L-9760E62B", 0, 0),
    ("ml.p5.48xlarge", "L-B41FBF28", "L-7FCEC8AA", "", 0, 0),
];

/// What else instances are used for, as the names of its quotas end.
const USES: [&str; 9] = [
    "endpoint usage",
    "training job usage",
    "spot training job usage",
    "training warm pool usage",
    "processing job usage",
    "transform job usage",
    "notebook instance usage",
    "cluster usage",
    "spot cluster usage",
];

struct Catalogue {
    quotas: Vec<Quota>,
    by_name: HashMap<String, usize>,
    by_code: HashMap<String, usize>,
}

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let mut quotas: Vec<Quota> = FIXED
            .iter()
            .map(|(name, code, default, metric)| Quota {
                name: (*name).to_owned(),
                code: (*code).to_owned(),
                default: *default,
                instance_type: None,
                metric: *metric,
            })
            .collect();
        for instance in PriceTable::instance_types() {
            quotas.extend(of_instance(&instance));
        }
        quotas.sort_unstable_by(|left, right| left.name.cmp(&right.name));
        let index = |key: fn(&Quota) -> &String| {
            quotas.iter().enumerate().map(|(at, quota)| (key(quota).clone(), at)).collect()
        };
        Catalogue { by_name: index(|quota| &quota.name), by_code: index(|quota| &quota.code), quotas }
    })
}

fn of_instance(instance: &str) -> Vec<Quota> {
    let row = TYPES.iter().find(|row| row.0 == instance);
    let is_gpu = [".g", ".p", ".trn"].iter().any(|family| instance.contains(&format!("ml{family}")));
    // What the list of new accounts does not tell is like its neighbours: none of what is large.
    let small = usize::from(!is_gpu && matches!(instance.rsplit('.').next(), Some("large" | "xlarge")));
    let (space, kernel) = row.map_or((small, small), |row| (row.4, row.5));
    let quota = |name: String, code: Option<&str>, default: usize| {
        let code = code.filter(|code| !code.is_empty()).map_or_else(|| code_of(&name), str::to_owned);
        Quota { name, code, default, instance_type: Some(instance.to_owned()), metric: None }
    };
    let app = |kind: AppType, code: Option<&str>, default| quota(quota_of(kind, instance), code, default);
    let mut quotas = vec![
        app(AppType::JupyterLab, row.map(|row| row.1), space),
        app(AppType::CodeEditor, row.map(|row| row.2), space),
    ];
    // There are no kernels on the newest types (aws.md 7).
    if row.is_none_or(|row| !row.3.is_empty()) {
        quotas.push(app(AppType::KernelGateway, row.map(|row| row.3), kernel));
        quotas.push(app(AppType::RSessionGateway, None, kernel));
    }
    quotas
        .extend(USES.map(|usage| quota(format!("{instance} for {usage}"), None, if is_gpu { 0 } else { 4 })));
    quotas
}

/// A code that follows from the name.
fn code_of(name: &str) -> String {
    format!("L-{:08X}", fingerprint(&[name, "quota"]) >> 32)
}

/// The quotas of a region, by name.
pub(super) fn of_region(region: &str) -> impl Iterator<Item = &'static Quota> {
    let sold = move |quota: &&Quota| {
        quota.instance_type.as_ref().is_none_or(|instance| PriceTable::sells(region, instance))
    };
    catalogue().quotas.iter().filter(sold)
}

/// The quota of a code, if the region has it.
pub(super) fn by_code(region: &str, code: &str) -> Option<&'static Quota> {
    let quota = catalogue().quotas.get(*catalogue().by_code.get(code)?)?;
    quota.instance_type.as_ref().is_none_or(|instance| PriceTable::sells(region, instance)).then_some(quota)
}

/// The quota of a name.
pub(super) fn by_name(name: &str) -> Option<&'static Quota> {
    catalogue().quotas.get(*catalogue().by_name.get(name)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_about_as_many_quotas_as_aws_has_each_with_a_code_of_its_own() {
        let all = &catalogue().quotas;
        assert!((2_000..2_600).contains(&all.len()), "{} quotas", all.len());
        assert_eq!(catalogue().by_name.len(), all.len());
        assert_eq!(catalogue().by_code.len(), all.len());
        assert!(of_region("sa-east-1").count() < of_region("us-east-1").count());
    }

    #[test]
    fn codes_that_are_known_are_those_of_aws() {
        for (name, code) in [
            ("Studio JupyterLab Apps running on ml.g5.xlarge instances", "L-988CE6C5"),
            ("Studio CodeEditor Apps running on ml.p5.48xlarge instances", "L-7FCEC8AA"),
            ("Studio KernelGateway Apps running on ml.t3.medium instance", "L-EAC6F82B"),
            ("Studio KernelGateway Apps running on ml.p4d.24xlarge instances", "L-9760E62B"),
            ("Total domains", "L-B683BCB0"),
        ] {
            assert_eq!(by_name(name).unwrap().code, code);
            assert_eq!(by_code("us-east-1", code).unwrap().name, name);
        }
        assert!(by_code("sa-east-1", "L-7FCEC8AA").is_none(), "the region does not sell it");
    }
}
