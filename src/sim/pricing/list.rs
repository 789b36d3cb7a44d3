//! What Studio's instances and volumes cost: a table of data, as published for us-east-1, and what the other
//! regions make of it. No request is known here.

/// A region that has prices: its code, its name in the Price List, the prefix of its usage types, its prices
/// as a multiple of those of us-east-1 (rounded from the published prices of `ml.m5`), and its offer.
pub(super) struct Region {
    pub(super) code: &'static str,
    pub(super) location: &'static str,
    pub(super) prefix: &'static str,
    pub(super) factor: f64,
    pub(super) offer: Offer,
}

/// How much of the range a region sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Offer {
    /// Only what is sold in every region.
    Basic,
    /// Also what is sold in the larger regions.
    Wide,
    /// Everything.
    Full,
}

const fn region(
    code: &'static str,
    location: &'static str,
    prefix: &'static str,
    factor: f64,
    offer: Offer,
) -> Region {
    Region { code, location, prefix, factor, offer }
}

pub(super) const REGIONS: [Region; 15] = [
    region("us-east-1", "US East (N. Virginia)", "USE1", 1.0, Offer::Full),
    region("us-east-2", "US East (Ohio)", "USE2", 1.0, Offer::Full),
    region("us-west-2", "US West (Oregon)", "USW2", 1.0, Offer::Full),
    region("eu-west-1", "EU (Ireland)", "EU", 1.115, Offer::Wide),
    region("eu-west-2", "EU (London)", "EUW2", 1.156, Offer::Wide),
    region("eu-west-3", "EU (Paris)", "EUW3", 1.167, Offer::Basic),
    region("eu-central-1", "EU (Frankfurt)", "EUC1", 1.198, Offer::Wide),
    region("eu-north-1", "EU (Stockholm)", "EUN1", 1.0625, Offer::Wide),
    region("ap-northeast-1", "Asia Pacific (Tokyo)", "APN1", 1.292, Offer::Wide),
    region("ap-northeast-2", "Asia Pacific (Seoul)", "APN2", 1.229, Offer::Basic),
    region("ap-southeast-1", "Asia Pacific (Singapore)", "APS1", 1.25, Offer::Basic),
    region("ap-southeast-2", "Asia Pacific (Sydney)", "APS2", 1.25, Offer::Wide),
    region("ap-south-1", "Asia Pacific (Mumbai)", "APS3", 1.052, Offer::Basic),
    region("ca-central-1", "Canada (Central)", "CAN1", 1.115, Offer::Basic),
    region("sa-east-1", "South America (Sao Paulo)", "SAE1", 1.594, Offer::Basic),
];

/// Where an instance is used: `platoinstancetype`, and what stands before the type in the usage type
/// (aws.md 2.6 and 6).
pub(super) struct Component {
    pub(super) name: &'static str,
    pub(super) usage: &'static str,
    pub(super) description: &'static str,
}

pub(super) const COMPONENTS: [Component; 6] = [
    Component { name: "Studio-JupyterLab", usage: "Studio:JupyterLab", description: "Studio JupyterLab" },
    Component { name: "Studio-CodeEditor", usage: "Studio:CodeEditor", description: "Studio Code Editor" },
    Component { name: "Studio-Notebook", usage: "Studio:KernelGateway", description: "Studio Notebook" },
    Component { name: "Notebook", usage: "Notebk", description: "Notebook instance" },
    Component { name: "Training", usage: "Train", description: "Training" },
    Component { name: "Hosting", usage: "Host", description: "Hosting" },
];

/// One size of a family: virtual processors, GPUs, and USD an hour in us-east-1.
pub(super) struct Size {
    pub(super) name: &'static str,
    pub(super) vcpus: u32,
    pub(super) gpus: u32,
    pub(super) hourly: f64,
}

/// A family of instance types: GiB of memory for each virtual processor, and its sizes.
pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) gib_per_vcpu: f64,
    pub(super) gpu: Option<&'static str>,
    pub(super) offer: Offer,
    pub(super) sizes: &'static [Size],
}

const fn size(name: &'static str, vcpus: u32, gpus: u32, hourly: f64) -> Size {
    Size { name, vcpus, gpus, hourly }
}

/// Sizes without GPUs: name, virtual processors, USD an hour.
macro_rules! steps {
    ($($name:literal $vcpus:literal $hourly:literal),+ $(,)?) => { &[$(size($name, $vcpus, 0, $hourly)),+] };
}

const fn cpu(name: &'static str, gib_per_vcpu: f64, offer: Offer, sizes: &'static [Size]) -> Family {
    Family { name, gib_per_vcpu, gpu: None, offer, sizes }
}

const fn gpu(
    name: &'static str,
    gib_per_vcpu: f64,
    gpu: &'static str,
    offer: Offer,
    sizes: &'static [Size],
) -> Family {
    Family { name, gib_per_vcpu, gpu: Some(gpu), offer, sizes }
}

use Offer::{Basic, Full, Wide};

#[rustfmt::skip]
pub(super) const FAMILIES: &[Family] = &[
    cpu("ml.t3", 4.0, Basic, steps![
        "medium" 2 0.05, "large" 2 0.1, "xlarge" 4 0.2, "2xlarge" 8 0.4]),
    cpu("ml.m5", 4.0, Basic, steps!["large" 2 0.115, "xlarge" 4 0.23, "2xlarge" 8 0.461, "4xlarge" 16 0.922,
        "8xlarge" 32 1.843, "12xlarge" 48 2.765, "16xlarge" 64 3.686, "24xlarge" 96 5.53]),
    cpu("ml.m5d", 4.0, Basic, steps!["large" 2 0.136, "xlarge" 4 0.271, "2xlarge" 8 0.542, "4xlarge" 16 1.085,
        "8xlarge" 32 2.17, "12xlarge" 48 3.254, "16xlarge" 64 4.339, "24xlarge" 96 6.509]),
    cpu("ml.m6i", 4.0, Basic, steps!["large" 2 0.115, "xlarge" 4 0.23, "2xlarge" 8 0.461, "4xlarge" 16 0.922,
        "8xlarge" 32 1.843, "12xlarge" 48 2.765, "16xlarge" 64 3.686, "24xlarge" 96 5.53, "32xlarge" 128 7.373]),
    cpu("ml.m6id", 4.0, Wide, steps!["large" 2 0.142, "xlarge" 4 0.285, "2xlarge" 8 0.57, "4xlarge" 16 1.139,
        "8xlarge" 32 2.278, "12xlarge" 48 3.417, "16xlarge" 64 4.556, "24xlarge" 96 6.834, "32xlarge" 128 9.112]),
    cpu("ml.m7i", 4.0, Wide, steps!["large" 2 0.121, "xlarge" 4 0.242, "2xlarge" 8 0.484, "4xlarge" 16 0.968,
        "8xlarge" 32 1.935, "12xlarge" 48 2.903, "16xlarge" 64 3.871, "24xlarge" 96 5.806, "48xlarge" 192 11.612]),
    cpu("ml.c5", 2.0, Basic, steps!["large" 2 0.102, "xlarge" 4 0.204, "2xlarge" 8 0.408, "4xlarge" 16 0.816,
        "9xlarge" 36 1.836, "12xlarge" 48 2.448, "18xlarge" 72 3.672, "24xlarge" 96 4.896]),
    cpu("ml.c6i", 2.0, Basic, steps!["large" 2 0.102, "xlarge" 4 0.204, "2xlarge" 8 0.408, "4xlarge" 16 0.816,
        "8xlarge" 32 1.632, "12xlarge" 48 2.448, "16xlarge" 64 3.264, "24xlarge" 96 4.896, "32xlarge" 128 6.528]),
    cpu("ml.c6id", 2.0, Wide, steps!["large" 2 0.121, "xlarge" 4 0.242, "2xlarge" 8 0.484, "4xlarge" 16 0.968,
        "8xlarge" 32 1.935, "12xlarge" 48 2.903, "16xlarge" 64 3.871, "24xlarge" 96 5.806, "32xlarge" 128 7.741]),
    cpu("ml.c7i", 2.0, Wide, steps!["large" 2 0.107, "xlarge" 4 0.214, "2xlarge" 8 0.428, "4xlarge" 16 0.857,
        "8xlarge" 32 1.714, "12xlarge" 48 2.57, "16xlarge" 64 3.427, "24xlarge" 96 5.141, "48xlarge" 192 10.282]),
    cpu("ml.r5", 8.0, Basic, steps!["large" 2 0.151, "xlarge" 4 0.302, "2xlarge" 8 0.605, "4xlarge" 16 1.21,
        "8xlarge" 32 2.419, "12xlarge" 48 3.629, "16xlarge" 64 4.838, "24xlarge" 96 7.258]),
    cpu("ml.r6i", 8.0, Basic, steps!["large" 2 0.151, "xlarge" 4 0.302, "2xlarge" 8 0.605, "4xlarge" 16 1.21,
        "8xlarge" 32 2.419, "12xlarge" 48 3.629, "16xlarge" 64 4.838, "24xlarge" 96 7.258, "32xlarge" 128 9.677]),
    cpu("ml.r6id", 8.0, Wide, steps!["large" 2 0.181, "xlarge" 4 0.363, "2xlarge" 8 0.726, "4xlarge" 16 1.452,
        "8xlarge" 32 2.903, "12xlarge" 48 4.355, "16xlarge" 64 5.806, "24xlarge" 96 8.709, "32xlarge" 128 11.612]),
    cpu("ml.r7i", 8.0, Wide, steps!["large" 2 0.159, "xlarge" 4 0.3175, "2xlarge" 8 0.635, "4xlarge" 16 1.27,
        "8xlarge" 32 2.54, "12xlarge" 48 3.81, "16xlarge" 64 5.08, "24xlarge" 96 7.62, "48xlarge" 192 15.241]),
    gpu("ml.g4dn", 4.0, "NVIDIA T4", Basic, &[size("xlarge", 4, 1, 0.7364), size("2xlarge", 8, 1, 0.94),
        size("4xlarge", 16, 1, 1.505), size("8xlarge", 32, 1, 2.72), size("12xlarge", 48, 4, 4.89),
        size("16xlarge", 64, 1, 5.44)]),
    gpu("ml.g5", 4.0, "NVIDIA A10G", Basic, &[size("xlarge", 4, 1, 1.408), size("2xlarge", 8, 1, 1.515),
        size("4xlarge", 16, 1, 2.03), size("8xlarge", 32, 1, 3.06), size("12xlarge", 48, 4, 7.09),
        size("16xlarge", 64, 1, 5.12), size("24xlarge", 96, 4, 10.18), size("48xlarge", 192, 8, 20.36)]),
    gpu("ml.g6", 4.0, "NVIDIA L4", Wide, &[size("xlarge", 4, 1, 1.1267), size("2xlarge", 8, 1, 1.222),
        size("4xlarge", 16, 1, 1.654), size("8xlarge", 32, 1, 2.518), size("12xlarge", 48, 4, 5.753),
        size("16xlarge", 64, 1, 4.246), size("24xlarge", 96, 4, 8.344), size("48xlarge", 192, 8, 16.688)]),
    gpu("ml.g6e", 8.0, "NVIDIA L40S", Wide, &[size("xlarge", 4, 1, 2.605), size("2xlarge", 8, 1, 2.803),
        size("4xlarge", 16, 1, 3.755), size("8xlarge", 32, 1, 5.661), size("12xlarge", 48, 4, 13.116),
        size("16xlarge", 64, 1, 9.472), size("24xlarge", 96, 4, 18.831), size("48xlarge", 192, 8, 37.664)]),
    gpu("ml.p3", 7.625, "NVIDIA V100", Wide, &[size("2xlarge", 8, 1, 3.825), size("8xlarge", 32, 4, 14.688),
        size("16xlarge", 64, 8, 28.152)]),
    gpu("ml.p3dn", 8.0, "NVIDIA V100", Full, &[size("24xlarge", 96, 8, 35.894)]),
    gpu("ml.p4d", 12.0, "NVIDIA A100", Wide, &[size("24xlarge", 96, 8, 25.251)]),
    gpu("ml.p4de", 12.0, "NVIDIA A100", Full, &[size("24xlarge", 96, 8, 31.564)]),
    gpu("ml.p5", 10.667, "NVIDIA H100", Wide, &[size("48xlarge", 192, 8, 63.296)]),
    gpu("ml.p5en", 10.667, "NVIDIA H200", Full, &[size("48xlarge", 192, 8, 72.795)]),
    gpu("ml.trn1", 4.0, "AWS Trainium", Full, &[size("2xlarge", 8, 1, 1.545), size("32xlarge", 128, 16, 24.725)]),
    gpu("ml.trn1n", 4.0, "AWS Trainium", Full, &[size("32xlarge", 128, 16, 28.497)]),
];

/// USD a GB-month of a space's gp3 volume in us-east-1 (peers.md 0.1, 13).
pub(super) const VOLUME_MONTHLY: f64 = 0.112;
