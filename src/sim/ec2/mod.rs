//! EC2 as far as domains need it: VPCs, subnets, security groups and network interfaces, to be read.
//! Knows no JSON service.

mod filter;
mod rows;

use std::collections::BTreeMap;

use filter::{Filter, Request};

use super::query::{marker, read_marker};
use super::wire::{Call, Form, Refusal, Xml, XmlReply};
use super::world::{Name, Network, Tags, World};

/// How many rows an answer holds when `MaxResults` is absent.
const DEFAULT_SIZE: usize = 1_000;

/// What EC2 knows of a kind of resource.
struct Kind<T> {
    /// The member that lists ids: `VpcId` for `VpcId.1`.
    ids: &'static str,
    /// The name of that list in messages.
    plural: &'static str,
    /// How an id begins.
    prefix: &'static str,
    /// The codes for an id that is none, and for one that does not exist.
    codes: [&'static str; 2],
    /// What such a resource is called in messages.
    noun: &'static str,
    /// The list in the answer.
    set: &'static str,
    /// The values of a row that a filter compares, `None` if there is no such filter.
    field: fn(&T, &str) -> Option<Vec<String>>,
    tags: fn(&T) -> &Tags,
    write: fn(&T, &Place<'_>) -> Xml,
}

/// Where rows are.
struct Place<'a> {
    account: &'a str,
    region: &'a str,
}

/// Answers an operation of EC2.
pub(super) fn answer(world: &mut World, call: &Call<'_>, form: &Form) -> XmlReply {
    let empty = Network::default();
    let network = world.region(call.scope).map_or(&empty, |region| &region.network);
    let request = Request::read(form)?;
    let place = Place { account: &call.scope.account, region: &call.scope.region };
    let reply = match call.operation {
        "DescribeVpcs" => describe(&request, &place, &network.vpcs, &rows::VPC),
        "DescribeSubnets" => describe(&request, &place, &network.subnets, &rows::SUBNET),
        "DescribeSecurityGroups" => describe(&request, &place, &network.security_groups, &rows::GROUP),
        "DescribeNetworkInterfaces" => describe(&request, &place, &network.interfaces, &rows::INTERFACE),
        _ => Err(Refusal::unknown_operation(call)),
    };
    reply.map(Some)
}

fn describe<T>(
    request: &Request<'_>,
    place: &Place<'_>,
    rows: &BTreeMap<Name, T>,
    kind: &Kind<T>,
) -> Result<Xml, Refusal> {
    let ids = request.list(kind.ids);
    for id in &ids {
        if !id.starts_with(kind.prefix) || id.len() == kind.prefix.len() {
            let said = format!("Invalid id: \"{id}\" (expecting \"{}...\")", kind.prefix);
            return Err(Refusal::new(kind.codes[0], said));
        }
        if !rows.contains_key(*id) {
            return Err(Refusal::new(kind.codes[1], format!("The {} '{id}' does not exist", kind.noun)));
        }
    }
    if request.max_results.is_some() && !ids.is_empty() {
        let said = format!("The parameter {} cannot be used with the parameter maxResults", kind.plural);
        return Err(Refusal::new("InvalidParameterCombination", said));
    }
    let filters = request.filters();
    let list = format!("{}{filters:?}", kind.set);
    let after = match request.next_token {
        None => None,
        Some(token) => {
            let said = "Unable to parse pagination token";
            Some(read_marker(&list, token).ok_or_else(|| Refusal::new("InvalidPaginationToken", said))?)
        }
    };
    let mut wanted: Vec<(&Name, &T)> = Vec::new();
    for (id, row) in rows {
        let is_asked = ids.is_empty() || ids.contains(&&**id);
        if is_asked && matches(&filters, row, kind, place)? {
            wanted.push((id, row));
        }
    }
    // An unknown filter is refused even where there is nothing to filter.
    if let Some(unknown) = filters.iter().find(|filter| !rows.is_empty() && is_unknown(filter, rows, kind)) {
        return Err(unknown.refusal());
    }
    wanted.retain(|(id, _)| after.as_deref().is_none_or(|after| &***id > after));
    let size = request.max_results.unwrap_or(DEFAULT_SIZE);
    let next = (wanted.len() > size).then(|| marker(&list, wanted[size - 1].0));
    wanted.truncate(size);
    let rows = wanted.into_iter().map(|(_, row)| (kind.write)(row, place));
    Ok(Xml::new().items(kind.set, rows).optional("nextToken", next.as_deref()))
}

fn is_unknown<T>(filter: &Filter<'_>, rows: &BTreeMap<Name, T>, kind: &Kind<T>) -> bool {
    !filter.is_about_tags()
        && filter.name != "owner-id"
        && rows.values().next().is_some_and(|row| (kind.field)(row, filter.name).is_none())
}

/// Whether a row passes every filter: one of the values of each must match one of the row's.
fn matches<T>(filters: &[Filter<'_>], row: &T, kind: &Kind<T>, place: &Place<'_>) -> Result<bool, Refusal> {
    for filter in filters {
        let values = if filter.name == "owner-id" {
            vec![place.account.to_owned()]
        } else if let Some(values) = filter.of_tags((kind.tags)(row)) {
            values
        } else {
            (kind.field)(row, filter.name).ok_or_else(|| filter.refusal())?
        };
        if !filter.accepts(&values) {
            return Ok(false);
        }
    }
    Ok(true)
}
