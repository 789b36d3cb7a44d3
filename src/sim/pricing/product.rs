//! Products of the Price List: every instance type of every use in every region, and volumes.
//! Nothing is stored: a product is computed from the table when it is asked for.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::Rate;
use super::list::{COMPONENTS, Component, FAMILIES, Family, Offer, REGIONS, Region, Size, VOLUME_MONTHLY};
use crate::sim::query::fingerprint;

/// The term of on-demand prices, and the dimension of a price by the hour or month: the same for all of AWS.
const ON_DEMAND: &str = "JRTCKXETXF";
const PER_UNIT: &str = "6YS6EN2CT7";
const EFFECTIVE: &str = "2026-11-01T00:00:00Z";
const PUBLISHED: &str = "2026-11-12T18:04:11Z";
const VERSION: &str = "20261112180411";

/// The attributes of a product, by which it can be filtered too.
pub(super) const ATTRIBUTES: [&str; 17] = [
    "component",
    "computeType",
    "gpu",
    "instanceName",
    "instanceType",
    "location",
    "locationType",
    "memory",
    "operation",
    "physicalGpu",
    "platoinstancename",
    "platoinstancetype",
    "regionCode",
    "servicecode",
    "servicename",
    "usagetype",
    "vCpu",
];

/// What is sold.
#[derive(Clone, Copy)]
enum Goods {
    Instance(&'static Component, &'static Family, &'static Size),
    /// The free host of a Classic notebook server: a row with the price zero.
    System,
    Volume,
}

/// One product.
#[derive(Clone, Copy)]
pub(super) struct Product {
    region: &'static Region,
    goods: Goods,
}

/// All products, always in the same order.
pub(super) fn all() -> impl Iterator<Item = Product> {
    REGIONS.iter().flat_map(|region| {
        let instances = COMPONENTS.iter().flat_map(move |component| {
            FAMILIES.iter().filter(|family| family.offer <= region.offer).flat_map(move |family| {
                family.sizes.iter().map(move |size| Goods::Instance(component, family, size))
            })
        });
        let others = [Goods::System, Goods::Volume];
        instances.chain(others).map(move |goods| Product { region, goods })
    })
}

fn region(code: &str) -> Option<&'static Region> {
    REGIONS.iter().find(|region| region.code == code)
}

/// The price of an instance for a use such as `Studio:JupyterLab`, if the region sells it.
pub(super) fn hourly(code: &str, usage: &str, instance_type: &str) -> Option<Rate> {
    let region = region(code)?;
    let component = COMPONENTS.iter().find(|component| component.usage == usage)?;
    let (family, size) = instance_type.rsplit_once('.')?;
    let family = FAMILIES.iter().find(|held| held.name == family && held.offer <= region.offer)?;
    let size = family.sizes.iter().find(|held| held.name == size)?;
    Some(Product { region, goods: Goods::Instance(component, family, size) }.rate())
}

/// The price of a GB-month of a space's volume.
pub(super) fn volume_monthly(code: &str) -> Option<Rate> {
    Some(Product { region: region(code)?, goods: Goods::Volume }.rate())
}

/// The instance types that are sold anywhere.
pub(super) fn instance_types() -> impl Iterator<Item = String> {
    FAMILIES
        .iter()
        .flat_map(|family| family.sizes.iter().map(|size| format!("{}.{}", family.name, size.name)))
}

/// Whether a region sells an instance type.
pub(super) fn sells(code: &str, instance_type: &str) -> bool {
    let offer = region(code).map_or(Offer::Basic, |region| region.offer);
    let family = instance_type.rsplit_once('.').map_or("", |(family, _)| family);
    FAMILIES.iter().any(|held| held.name == family && held.offer <= offer)
}

impl Product {
    /// The instance type, such as `ml.m5.large` or `system`.
    pub(super) fn instance_type(&self) -> Option<String> {
        match self.goods {
            Goods::Instance(_, family, size) => Some(format!("{}.{}", family.name, size.name)),
            Goods::System => Some("system".into()),
            Goods::Volume => None,
        }
    }

    /// An attribute, or what else a product can be filtered by.
    pub(super) fn attribute(&self, name: &str) -> Option<Cow<'static, str>> {
        let text = |text: &'static str| Some(Cow::Borrowed(text));
        match name {
            "location" => return text(self.region.location),
            "locationType" => return text("AWS Region"),
            "operation" => return text("RunInstance"),
            "regionCode" => return text(self.region.code),
            "servicecode" => return text("AmazonSageMaker"),
            "servicename" => return text("Amazon SageMaker"),
            "productFamily" => return text(self.family()),
            "usagetype" => return Some(Cow::Owned(self.usage_type())),
            "sku" => return Some(Cow::Owned(self.sku())),
            _ => {}
        }
        match (name, self.goods) {
            ("instanceName" | "instanceType" | "platoinstancename", _) => {
                self.instance_type().map(Cow::Owned)
            }
            ("component" | "platoinstancetype", Goods::Instance(component, ..)) => text(component.name),
            ("component" | "platoinstancetype", Goods::System) => text("Studio-Notebook"),
            ("computeType", Goods::Instance(_, family, _)) => {
                text(if family.gpu.is_some() { "Accelerated Computing" } else { "Standard" })
            }
            ("gpu", Goods::Instance(_, _, size)) => Some(Cow::Owned(size.gpus.to_string())),
            ("physicalGpu", Goods::Instance(_, family, _)) => {
                Some(Cow::Borrowed(family.gpu.unwrap_or("N/A")))
            }
            ("vCpu", Goods::Instance(_, _, size)) => Some(Cow::Owned(size.vcpus.to_string())),
            ("memory", Goods::Instance(_, family, size)) => {
                Some(Cow::Owned(format!("{} GiB", (f64::from(size.vcpus) * family.gib_per_vcpu).round())))
            }
            _ => None,
        }
    }

    fn rate(&self) -> Rate {
        Rate { prefix: self.region.prefix, price: self.ten_thousandths() as i64 }
    }

    /// USD for an hour or a GB-month, to the hundredth of a cent.
    pub(super) fn price(&self) -> f64 {
        self.ten_thousandths() / 10_000.0
    }

    fn ten_thousandths(&self) -> f64 {
        let price = match self.goods {
            Goods::Instance(_, _, size) => size.hourly,
            Goods::System => 0.0,
            Goods::Volume => VOLUME_MONTHLY,
        };
        (price * self.region.factor * 10_000.0).round()
    }

    /// The product with its terms as AWS nests them.
    pub(super) fn to_json(self) -> Value {
        let sku = self.sku();
        let attributes: Map<String, Value> = ATTRIBUTES
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), Value::String(self.attribute(name)?.into_owned()))))
            .collect();
        let price = self.price();
        let (unit, per) = match self.goods {
            Goods::Volume => ("GB-Mo", "GB-month of Studio gp3 storage".to_owned()),
            Goods::System => ("Hrs", "Studio JupyterServer system hour".to_owned()),
            Goods::Instance(component, family, size) => {
                ("Hrs", format!("{} {}.{} hour", component.description, family.name, size.name))
            }
        };
        let term = format!("{sku}.{ON_DEMAND}");
        let rate = format!("{term}.{PER_UNIT}");
        let dimension = json!({
            "unit": unit,
            "endRange": "Inf",
            "description": format!("${price} per {per} in {}", self.region.location),
            "appliesTo": [],
            "rateCode": rate.clone(),
            "beginRange": "0",
            "pricePerUnit": {"USD": format!("{price:.10}")},
        });
        let offer = json!({
            "priceDimensions": {rate: dimension},
            "sku": sku.clone(),
            "effectiveDate": EFFECTIVE,
            "offerTermCode": ON_DEMAND,
            "termAttributes": {},
        });
        json!({
            "product": {"productFamily": self.family(), "attributes": attributes, "sku": sku},
            "serviceCode": "AmazonSageMaker",
            "terms": {"OnDemand": {term: offer}},
            "version": VERSION,
            "publicationDate": PUBLISHED,
        })
    }

    fn family(&self) -> &'static str {
        if matches!(self.goods, Goods::Volume) { "Storage" } else { "ML Instance" }
    }

    fn usage_type(&self) -> String {
        let prefix = self.region.prefix;
        match self.goods {
            Goods::Instance(component, family, size) => {
                format!("{prefix}-{}-{}.{}", component.usage, family.name, size.name)
            }
            Goods::System => format!("{prefix}-Studio:JupyterServer-system"),
            Goods::Volume => format!("{prefix}-Studio:VolumeUsage.gp3"),
        }
    }

    fn sku(&self) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHJKMNPQRSTUVWXYZ234567899";
        let usage = self.usage_type();
        let bits = (u128::from(fingerprint(&[&usage])) << 64) | u128::from(fingerprint(&[&usage, "sku"]));
        (0..16).map(|index| char::from(ALPHABET[(bits >> (index * 5)) as usize % 32])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_that_of_its_region_and_is_nested_as_aws_nests_it() {
        let product = all()
            .find(|product| {
                product.attribute("usagetype").as_deref() == Some("EU-Studio:JupyterLab-ml.m5.large")
            })
            .unwrap();
        let json = product.to_json();
        let term = json["terms"]["OnDemand"].as_object().unwrap().values().next().unwrap();
        let dimension = term["priceDimensions"].as_object().unwrap().values().next().unwrap();
        assert_eq!(dimension["pricePerUnit"]["USD"], "0.1282000000");
        assert_eq!(
            dimension["description"],
            "$0.1282 per Studio JupyterLab ml.m5.large hour in EU (Ireland)"
        );
        assert_eq!(json["product"]["attributes"]["memory"], "8 GiB");
    }

    #[test]
    fn products_have_skus_of_their_own() {
        let skus: std::collections::BTreeSet<String> = all().map(|product| product.sku()).collect();
        assert_eq!(skus.len(), all().count());
    }

    #[test]
    fn rare_types_are_not_sold_everywhere() {
        let sold = |usage: &str| all().any(|product| product.usage_type() == usage);
        assert!(sold("USE1-Studio:JupyterLab-ml.p4de.24xlarge"));
        assert!(!sold("SAE1-Studio:JupyterLab-ml.p4de.24xlarge"));
    }
}
