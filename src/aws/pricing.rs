//! On-demand prices of Studio: `pricing:GetProducts`, whose rows are JSON texts.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use aws_sdk_pricing::error::BuildError;
use aws_sdk_pricing::types::{Filter, FilterType};
use serde_json::Value;

use super::caller::{Caller, PATIENCE};
use crate::fleet::{PriceList, PriceOrigin, Problem, ProblemKind, Region, Timestamp, harmless};

/// What is asked for: the attribute that tells Studio's products from the many others of `SageMaker`, and its
/// values. An instance hour carries its component; the volumes of spaces carry only a usage type.
const COMPONENTS: [&str; 3] = ["Studio-JupyterLab", "Studio-CodeEditor", "Studio-Notebook"];
const STORAGE: &str = "Studio:VolumeUsage.gp3";

/// The prices of Studio in a region.
pub(super) async fn prices(
    client: &aws_sdk_pricing::Client,
    caller: &Caller,
    region: &Region,
) -> Result<PriceList, Problem> {
    let mut prices = PriceList {
        region: region.clone(),
        hourly: HashMap::new(),
        storage_gb_month: None,
        origin: PriceOrigin::Api(Timestamp::now()),
    };
    for component in COMPONENTS {
        let filters = filters(region, &FilterType::TermMatch, "platoinstancetype", component)?;
        products(client, caller, &filters, |row| add_hours(&mut prices, component, row)).await?;
    }
    let filters = filters(region, &FilterType::Contains, "usagetype", STORAGE)?;
    products(client, caller, &filters, |row| add_storage(&mut prices, row)).await?;
    if prices.hourly.is_empty() {
        return Err(Problem::new(
            ProblemKind::NotFound,
            format!("the Price List has no Studio prices for {region}"),
            "The bundled prices are used where there are any",
        ));
    }
    Ok(prices)
}

fn filters(region: &Region, kind: &FilterType, field: &str, value: &str) -> Result<Vec<Filter>, Problem> {
    let build = || -> Result<Vec<Filter>, BuildError> {
        Ok(vec![
            Filter::builder()
                .r#type(FilterType::TermMatch)
                .field("regionCode")
                .value(region.as_str())
                .build()?,
            Filter::builder().r#type(kind.clone()).field(field).value(value).build()?,
        ])
    };
    build().map_err(|error| Problem::new(ProblemKind::Unexpected, error.to_string(), ""))
}

/// Every product that passes the filters, page by page.
async fn products(
    client: &aws_sdk_pricing::Client,
    caller: &Caller,
    filters: &[Filter],
    mut add: impl FnMut(&Value),
) -> Result<(), Problem> {
    let (mut token, mut tokens) = (None::<String>, HashSet::new());
    loop {
        let get = || {
            let call = client.get_products().service_code("AmazonSageMaker").format_version("aws_v1");
            call.set_filters(Some(filters.to_vec())).max_results(100).set_next_token(token.clone()).send()
        };
        let page = caller.call("GetProducts", PATIENCE, get).await?;
        for row in page.price_list() {
            match serde_json::from_str::<Value>(row) {
                Ok(row) => add(&row),
                Err(error) => tracing::warn!(%error, "a row of the Price List is not JSON and is left out"),
            }
        }
        match page.next_token.filter(|token| !token.is_empty()) {
            None => return Ok(()),
            Some(next) if tokens.insert(next.clone()) => token = Some(next),
            Some(_) => {
                let message = "the Price List gave the same page token twice, so it would never end";
                return Err(Problem::new(ProblemKind::Unexpected, message, ""));
            }
        }
    }
}

fn add_hours(prices: &mut PriceList, component: &str, row: &Value) {
    let attributes = &row["product"]["attributes"];
    let instance = attributes["instanceName"].as_str().or_else(|| attributes["instanceType"].as_str());
    if let (Some(instance), Some(price)) = (instance, on_demand(row, "hrs")) {
        let components = prices.hourly.entry(harmless(instance)).or_default();
        components.insert(Arc::from(component), price);
    }
}

fn add_storage(prices: &mut PriceList, row: &Value) {
    let usage = row["product"]["attributes"]["usagetype"].as_str().unwrap_or_default();
    // `UnifiedStudio:VolumeUsage.gp3` contains the same words and is another product.
    let is_studio =
        usage == STORAGE || usage.strip_suffix(STORAGE).is_some_and(|prefix| prefix.ends_with('-'));
    if is_studio && let Some(price) = on_demand(row, "gb-mo") {
        prices.storage_gb_month = Some(price);
    }
}

/// The on-demand price of a product per unit, in US dollars; rows of no price exist and mean nothing.
fn on_demand(row: &Value, unit: &str) -> Option<f64> {
    let dimensions =
        row["terms"]["OnDemand"].as_object()?.values().filter_map(|term| term["priceDimensions"].as_object());
    dimensions
        .flat_map(|dimensions| dimensions.values())
        .filter(|dimension| {
            dimension["unit"].as_str().is_none_or(|given| given.to_ascii_lowercase().starts_with(unit))
        })
        .filter_map(|dimension| dimension["pricePerUnit"]["USD"].as_str()?.parse::<f64>().ok())
        .find(|price| price.is_finite() && *price > 0.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(attributes: &Value, unit: &str, usd: &str) -> Value {
        json!({
            "product": { "attributes": attributes },
            "terms": { "OnDemand": { "A.B": { "priceDimensions": { "A.B.C": {
                "unit": unit, "pricePerUnit": { "USD": usd },
            } } } } },
        })
    }

    fn list() -> PriceList {
        PriceList {
            region: Region::new("eu-west-1"),
            hourly: HashMap::new(),
            storage_gb_month: None,
            origin: PriceOrigin::Bundled("2026-01-01"),
        }
    }

    #[test]
    fn an_instance_hour_is_read_by_either_name_of_the_instance() {
        let mut prices = list();
        add_hours(
            &mut prices,
            "Studio-JupyterLab",
            &row(&json!({"instanceName": "ml.g5.xlarge"}), "Hrs", "1.408"),
        );
        add_hours(
            &mut prices,
            "Studio-Notebook",
            &row(&json!({"instanceType": "ml.g5.xlarge"}), "Hrs", "1.5"),
        );
        let expected = [("Studio-JupyterLab".into(), 1.408), ("Studio-Notebook".into(), 1.5)].into();
        assert_eq!(prices.hourly.get("ml.g5.xlarge"), Some(&expected));
    }

    #[test]
    fn rows_of_no_price_or_of_another_unit_are_left_out() {
        let mut prices = list();
        let instance = json!({"instanceName": "ml.g5.xlarge"});
        for (unit, usd) in [("Hrs", "0.0000000000"), ("Hrs", "free"), ("Hrs", "NaN"), ("GB-Mo", "1")] {
            add_hours(&mut prices, "Studio-JupyterLab", &row(&instance, unit, usd));
        }
        add_hours(&mut prices, "Studio-JupyterLab", &json!({"product": []}));
        assert!(prices.hourly.is_empty());
    }

    #[test]
    fn the_volume_of_unified_studio_is_another_product() {
        let mut prices = list();
        let usage = |usage: &str| json!({ "usagetype": usage });
        add_storage(&mut prices, &row(&usage("EU-UnifiedStudio:VolumeUsage.gp3"), "GB-Mo", "9"));
        assert_eq!(prices.storage_gb_month, None);
        add_storage(&mut prices, &row(&usage("EU-Studio:VolumeUsage.gp3"), "GB-Mo", "0.123"));
        assert_eq!(prices.storage_gb_month, Some(0.123));
    }
}
