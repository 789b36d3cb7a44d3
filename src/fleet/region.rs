//! The regions where SageMaker Studio is offered, for the region picker. A table; AWS has the last word.

/// A region of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegionInfo {
    /// Its code.
    pub code: &'static str,
    /// The place, as AWS names it.
    pub place: &'static str,
}

/// The regions of the commercial partition first, by part of the world, then GovCloud and China.
#[rustfmt::skip]
pub const REGIONS: &[RegionInfo] = &[
    region("us-east-1", "US East (N. Virginia)"),
    region("us-east-2", "US East (Ohio)"),
    region("us-west-1", "US West (N. California)"),
    region("us-west-2", "US West (Oregon)"),
    region("ca-central-1", "Canada (Central)"),
    region("ca-west-1", "Canada West (Calgary)"),
    region("mx-central-1", "Mexico (Central)"),
    region("sa-east-1", "South America (São Paulo)"),
    region("eu-west-1", "Europe (Ireland)"),
    region("eu-west-2", "Europe (London)"),
    region("eu-west-3", "Europe (Paris)"),
    region("eu-central-1", "Europe (Frankfurt)"),
    region("eu-central-2", "Europe (Zurich)"),
    region("eu-north-1", "Europe (Stockholm)"),
    region("eu-south-1", "Europe (Milan)"),
    region("eu-south-2", "Europe (Spain)"),
    region("il-central-1", "Israel (Tel Aviv)"),
    region("me-south-1", "Middle East (Bahrain)"),
    region("me-central-1", "Middle East (UAE)"),
    region("af-south-1", "Africa (Cape Town)"),
    region("ap-south-1", "Asia Pacific (Mumbai)"),
    region("ap-south-2", "Asia Pacific (Hyderabad)"),
    region("ap-southeast-1", "Asia Pacific (Singapore)"),
    region("ap-southeast-2", "Asia Pacific (Sydney)"),
    region("ap-southeast-3", "Asia Pacific (Jakarta)"),
    region("ap-southeast-4", "Asia Pacific (Melbourne)"),
    region("ap-southeast-5", "Asia Pacific (Malaysia)"),
    region("ap-southeast-7", "Asia Pacific (Thailand)"),
    region("ap-northeast-1", "Asia Pacific (Tokyo)"),
    region("ap-northeast-2", "Asia Pacific (Seoul)"),
    region("ap-northeast-3", "Asia Pacific (Osaka)"),
    region("ap-east-1", "Asia Pacific (Hong Kong)"),
    region("us-gov-west-1", "AWS GovCloud (US-West)"),
    region("us-gov-east-1", "AWS GovCloud (US-East)"),
    region("cn-north-1", "China (Beijing)"),
    region("cn-northwest-1", "China (Ningxia)"),
];

/// What AWS calls the place of a region; `None` for one this version does not know.
pub fn place_of(code: &str) -> Option<&'static str> {
    REGIONS.iter().find(|region| region.code == code).map(|region| region.place)
}

const fn region(code: &'static str, place: &'static str) -> RegionInfo {
    RegionInfo { code, place }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_region_stands_twice_and_each_has_its_place() {
        let mut codes: Vec<_> = REGIONS.iter().map(|region| region.code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), REGIONS.len());
        assert_eq!(place_of("eu-west-1"), Some("Europe (Ireland)"));
        assert_eq!(place_of("mars-north-1"), None);
    }
}
