//! The Price List service: what Studio's instances and volumes cost. Knows no other service.

mod list;
mod product;

use std::collections::BTreeSet;

use aws_smithy_types::base64;
use serde_json::{Value, json};

use self::product::{ATTRIBUTES, Product};
use super::query::fingerprint;
use super::wire::{Call, JsonReply, Refusal};
use super::world::{Name, World};

const SERVICE: &str = "AmazonSageMaker";
const FORMAT: &str = "aws_v1";

/// What things cost: list prices, as far as they are published.
#[derive(Debug, Default)]
pub struct PriceTable {
    /// Instance types whose price is not published, as happens to new ones.
    pub withheld: BTreeSet<Name>,
}

impl PriceTable {
    /// What an instance costs by the hour, withheld or not: what is billed need not be published.
    pub(super) fn hourly(region: &str, usage: &str, instance_type: &str) -> Option<Rate> {
        product::hourly(region, usage, instance_type)
    }

    /// What a GB of a space's volume costs by the month.
    pub(super) fn volume_monthly(region: &str) -> Option<Rate> {
        product::volume_monthly(region)
    }

    /// The instance types that are sold anywhere.
    pub(super) fn instance_types() -> impl Iterator<Item = String> {
        product::instance_types()
    }

    /// Whether a region sells an instance type; an unknown region sells the basic ones.
    pub(super) fn sells(region: &str, instance_type: &str) -> bool {
        product::sells(region, instance_type)
    }

    fn products(&self) -> impl Iterator<Item = Product> {
        product::all().filter(|product| {
            self.withheld.is_empty()
                || !product.instance_type().is_some_and(|kind| self.withheld.contains(kind.as_str()))
        })
    }
}

/// What something costs: how the region's usage types begin, and ten-thousandths of a dollar for each unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    /// `EU`, `USE1`.
    pub(super) prefix: &'static str,
    /// Ten-thousandths of a US dollar.
    pub(super) price: i64,
}

/// Answers a Price List operation.
pub(super) fn answer(world: &mut World, call: &Call<'_>, request: &Value) -> JsonReply {
    match call.operation {
        "DescribeServices" => describe_services(request),
        "GetAttributeValues" => get_attribute_values(&world.prices, request),
        "GetProducts" => get_products(&world.prices, request),
        _ => Err(Refusal::unknown_operation(call)),
    }
}

fn describe_services(request: &Value) -> JsonReply {
    let wanted = text(request, "ServiceCode")?;
    if let Some(code) = wanted {
        known_service(code)?;
    }
    let mut names: Vec<&str> = ATTRIBUTES.to_vec();
    names.extend(["productFamily", "sku"]);
    let service = json!({"ServiceCode": SERVICE, "AttributeNames": names});
    let (services, next) = page(request, "services", 100, vec![service])?;
    Ok(with_token(json!({"Services": services, "FormatVersion": FORMAT}), next))
}

fn get_attribute_values(prices: &PriceTable, request: &Value) -> JsonReply {
    known_service(required(request, "ServiceCode")?)?;
    let name = required(request, "AttributeName")?;
    if !ATTRIBUTES.contains(&name) && name != "productFamily" && name != "sku" {
        return Err(invalid(format!("Input Parameters: AttributeName {name} is invalid.")));
    }
    let values: BTreeSet<_> = prices.products().filter_map(|product| product.attribute(name)).collect();
    let rows = values.into_iter().map(|value| json!({"Value": value})).collect();
    let (values, next) = page(request, &format!("values of {name}"), 10_000, rows)?;
    Ok(with_token(json!({"AttributeValues": values}), next))
}

fn get_products(prices: &PriceTable, request: &Value) -> JsonReply {
    known_service(required(request, "ServiceCode")?)?;
    let filters = filters(request)?;
    if text(request, "FormatVersion")?.is_some_and(|version| version != FORMAT) {
        return Err(invalid("Input Parameters: FormatVersion is invalid.".to_owned()));
    }
    let found =
        prices.products().filter(|product| filters.iter().all(|filter| filter.admits(product))).collect();
    let (products, next) = page(request, &request["Filters"].to_string(), 100, found)?;
    // Each item is a text that holds JSON, not JSON itself.
    let items: Vec<String> = products.into_iter().map(|product| product.to_json().to_string()).collect();
    Ok(with_token(json!({"FormatVersion": FORMAT, "PriceList": items}), next))
}

/// One filter of a request; all of them must admit a product.
struct Filter<'a> {
    kind: &'a str,
    field: &'a str,
    value: &'a str,
}

impl Filter<'_> {
    fn admits(&self, product: &Product) -> bool {
        let attribute = product.attribute(self.field);
        let Some(have) = attribute.as_deref() else { return self.kind == "NONE_OF" };
        let mut listed = self.value.split(',').map(str::trim);
        match self.kind {
            "CONTAINS" => have.contains(self.value),
            "ANY_OF" => listed.any(|value| value == have),
            "NONE_OF" => listed.all(|value| value != have),
            _ => have == self.value,
        }
    }
}

fn filters(request: &Value) -> Result<Vec<Filter<'_>>, Refusal> {
    let rows = match request.get("Filters") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(rows)) => rows,
        Some(_) => return Err(ill_typed()),
    };
    if rows.len() > 50 {
        return Err(violated("filters", &request["Filters"], "have length less than or equal to 50"));
    }
    rows.iter()
        .map(|row| {
            let kind = required(row, "Type")?;
            if !["TERM_MATCH", "EQUALS", "CONTAINS", "ANY_OF", "NONE_OF"].contains(&kind) {
                let rule = "satisfy enum value set: [TERM_MATCH, EQUALS, CONTAINS, ANY_OF, NONE_OF]";
                return Err(violated("filters.1.member.type", &row["Type"], rule));
            }
            Ok(Filter { kind, field: required(row, "Field")?, value: required(row, "Value")? })
        })
        .collect()
}

/// The page a request asks for and the token of the next. `list` names the list and all that selects it.
fn page<T>(
    request: &Value,
    list: &str,
    largest: u64,
    rows: Vec<T>,
) -> Result<(Vec<T>, Option<String>), Refusal> {
    let size = match request.get("MaxResults") {
        None | Some(Value::Null) => largest,
        Some(size) => size.as_i64().ok_or_else(ill_typed).and_then(|size| match u64::try_from(size) {
            Ok(size) if size > largest => Err(violated(
                "maxResults",
                &json!(size),
                &format!("have value less than or equal to {largest}"),
            )),
            Ok(size) if size > 0 => Ok(size),
            _ => Err(violated("maxResults", &json!(size), "have value greater than or equal to 1")),
        })?,
    };
    let start = match text(request, "NextToken")? {
        None => 0,
        Some(token) => read_token(list, token).ok_or_else(|| {
            Refusal::new(
                "InvalidNextTokenException",
                "The pagination token is invalid. Try again without a token.",
            )
        })?,
    };
    let end = start.saturating_add(size as usize);
    let next = (end < rows.len()).then(|| token(list, end));
    Ok((rows.into_iter().skip(start).take(size as usize).collect(), next))
}

fn token(list: &str, start: usize) -> String {
    base64::encode(format!("{:016x}:{start}", fingerprint(&[list, &start.to_string()])))
}

fn read_token(list: &str, token: &str) -> Option<usize> {
    let text = String::from_utf8(base64::decode(token).ok()?).ok()?;
    let start = text.split_once(':')?.1.parse().ok()?;
    (self::token(list, start) == token).then_some(start)
}

fn with_token(mut answer: Value, token: Option<String>) -> Value {
    if let Some(token) = token {
        answer["NextToken"] = Value::String(token);
    }
    answer
}

fn text<'a>(request: &'a Value, name: &str) -> Result<Option<&'a str>, Refusal> {
    match request.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ill_typed()),
    }
}

fn required<'a>(request: &'a Value, name: &str) -> Result<&'a str, Refusal> {
    text(request, name)?.filter(|text| !text.is_empty()).ok_or_else(|| {
        let mut lower = name.to_owned();
        lower[..1].make_ascii_lowercase();
        invalid(format!(
            "1 validation error detected: Value null at '{lower}' failed to satisfy constraint: Member must not be null"
        ))
    })
}

fn known_service(code: &str) -> Result<(), Refusal> {
    if code == SERVICE {
        Ok(())
    } else {
        Err(invalid(format!("Input Parameters: ServiceCode {code} is invalid.")))
    }
}

fn violated(path: &str, value: &Value, rule: &str) -> Refusal {
    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    invalid(format!(
        "1 validation error detected: Value '{value}' at '{path}' failed to satisfy constraint: Member must {rule}"
    ))
}

fn invalid(message: String) -> Refusal {
    Refusal::new("InvalidParameterException", message)
}

fn ill_typed() -> Refusal {
    Refusal::new("SerializationException", "A member has another type than the operation expects.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prices_of(table: &PriceTable, filters: &Value) -> Vec<Value> {
        let answer = get_products(table, &json!({"ServiceCode": SERVICE, "Filters": filters})).unwrap();
        let items = answer["PriceList"].as_array().unwrap().clone();
        items.iter().map(|item| serde_json::from_str(item.as_str().unwrap()).unwrap()).collect()
    }

    fn filter(kind: &str, field: &str, value: &str) -> Value {
        json!({"Type": kind, "Field": field, "Value": value})
    }

    #[test]
    fn filters_narrow_the_products_together() {
        let lab = filter("TERM_MATCH", "platoinstancetype", "Studio-JupyterLab");
        let small = filter("CONTAINS", "instanceName", "ml.t3");
        let regions = filter("ANY_OF", "regionCode", "eu-west-1, us-east-1");
        let found = prices_of(&PriceTable::default(), &json!([lab, small, regions]));
        assert_eq!(found.len(), 8, "four sizes in two regions");
        let none = filter("NONE_OF", "instanceName", "ml.t3.medium,ml.t3.large");
        assert_eq!(prices_of(&PriceTable::default(), &json!([lab, small, regions, none])).len(), 4);
        assert!(prices_of(&PriceTable::default(), &json!([filter("EQUALS", "colour", "red")])).is_empty());
    }

    #[test]
    fn a_withheld_type_has_no_price() {
        let table = PriceTable { withheld: BTreeSet::from(["ml.t3.medium".into()]) };
        let one = json!([filter("TERM_MATCH", "instanceName", "ml.t3.medium")]);
        assert!(prices_of(&table, &one).is_empty());
        assert!(!prices_of(&PriceTable::default(), &one).is_empty());
    }

    #[test]
    fn pages_follow_each_other_and_a_token_is_good_for_its_own_list_only() {
        let ask = |name: &str, token: Option<&str>| {
            let request =
                json!({"ServiceCode": SERVICE, "AttributeName": name, "MaxResults": 2, "NextToken": token});
            get_attribute_values(&PriceTable::default(), &request)
        };
        let first = ask("platoinstancetype", None).unwrap();
        assert_eq!(first["AttributeValues"], json!([{"Value": "Hosting"}, {"Value": "Notebook"}]));
        let token = first["NextToken"].as_str().unwrap();
        let second = ask("platoinstancetype", Some(token)).unwrap();
        assert_eq!(second["AttributeValues"][0]["Value"], "Studio-CodeEditor");
        assert_eq!(&*ask("vCpu", Some(token)).unwrap_err().code, "InvalidNextTokenException");
        assert_eq!(&*ask("vCpu", Some("x")).unwrap_err().code, "InvalidNextTokenException");
    }

    #[test]
    fn what_does_not_exist_is_refused_and_not_answered_empty() {
        let refused = |request: &Value| get_products(&PriceTable::default(), request).unwrap_err().code;
        assert_eq!(&*refused(&json!({"ServiceCode": "AmazonEC2"})), "InvalidParameterException");
        assert_eq!(&*refused(&json!({})), "InvalidParameterException");
        assert_eq!(
            &*refused(&json!({"ServiceCode": SERVICE, "MaxResults": 101})),
            "InvalidParameterException"
        );
        assert_eq!(&*refused(&json!({"ServiceCode": 5})), "SerializationException");
    }
}
