//! What fields offer, from the fleet: domains, users, roles, networks, lifecycle configurations, instance types.
//! What has not come yet, or could not be read, is said; typing by hand stays possible then.

use std::collections::BTreeMap;

use super::{Item, Known, Options};
use crate::console::Tone;
use crate::fleet::{
    AccountId, AuthMode, DomainKey, LifecycleConfig, Network, Query, Region, Scope, UserKey, bundled,
};

/// The components of Studio whose prices an instance type is known by.
const COMPONENTS: [&str; 3] = ["Studio-JupyterLab", "Studio-CodeEditor", "Studio-Notebook"];

/// The options a query brings, or that it is under way, or why it failed.
fn brought<T>(
    known: Known<'_>,
    query: &Query,
    answer: Option<&T>,
    options: impl FnOnce(&T) -> Vec<Item>,
) -> Options {
    match (answer, known.fleet.failure(query)) {
        (Some(answer), _) => Options::open(options(answer)),
        (None, Some(problem)) => Options::unread(format!("{} could not be read: {problem}", query.what())),
        (None, None) => Options::loading(format!("reading {}", query.what())),
    }
}

/// The domains of the fleet, by ARN.
pub(super) fn domains(known: Known<'_>) -> Options {
    let several = known.fleet.accounts.len() > 1;
    let mut items: Vec<Item> = known
        .fleet
        .domains
        .iter()
        .map(|domain| {
            let key = &domain.key;
            let label = known.fleet.account_label(key.scope.account());
            let account = if several { format!(" {label}") } else { String::new() };
            let mode = match domain.detail.as_ref().and_then(|detail| detail.auth_mode.as_ref()) {
                Some(mode) => format!(" {mode}"),
                None => String::new(),
            };
            let note = format!("{}{mode} {}{account}", key.id, key.scope.region());
            Item::named(&key.arn(), known.fleet.domain_label(key), &note)
        })
        .collect();
    items.sort_by(|left, right| (&left.label, &left.value).cmp(&(&right.label, &right.value)));
    Options::only(items)
}

/// The domain of an ARN that was chosen.
pub(super) fn domain_of(known: Known<'_>, arn: &str) -> Option<DomainKey> {
    known.fleet.domains.iter().map(|domain| &domain.key).find(|key| key.arn() == arn).cloned()
}

/// How people sign in to a domain, if that is known.
pub(super) fn auth_mode<'a>(known: Known<'a>, domain: &DomainKey) -> Option<&'a AuthMode> {
    known.fleet.domains.get(domain)?.detail.as_ref()?.auth_mode.as_ref()
}

/// Accounts and regions in use.
pub(super) fn scopes(known: Known<'_>) -> Options {
    let scopes = known.session.scopes(known.fleet.accounts.keys());
    let items = scopes.iter().map(|scope| {
        let label = format!("{} {}", known.fleet.account_label(scope.account()), scope.region());
        Item::named(&scope.to_string(), &label, scope.account().as_str())
    });
    Options::only(items.collect())
}

/// The scope of a value that was chosen.
pub(super) fn scope_of(known: Known<'_>, value: &str) -> Option<Scope> {
    known.session.scopes(known.fleet.accounts.keys()).into_iter().find(|scope| scope.to_string() == value)
}

/// The IAM roles of an account, those that trust SageMaker first.
pub(super) fn roles(known: Known<'_>, account: &AccountId) -> Options {
    let query = Query::Roles(account.clone());
    brought(known, &query, known.fleet.library.roles.get(account), |roles| {
        let mut items: Vec<(u8, Item)> = roles
            .iter()
            .map(|role| {
                let (order, note, tone) = match role.trusts_sagemaker {
                    Some(true) => (0, "trusts SageMaker", Tone::Ok),
                    None => (1, "its trust policy could not be read", Tone::Unknown),
                    Some(false) => (2, "does not trust SageMaker", Tone::Error),
                };
                (order, Item { tone, ..Item::named(&role.arn, &role.name, note) })
            })
            .collect();
        items.sort_by(|left, right| (left.0, &left.1.label).cmp(&(right.0, &right.1.label)));
        items.into_iter().map(|(_, item)| item).collect()
    })
}

/// The VPCs of a scope.
pub(super) fn vpcs(known: Known<'_>, scope: &Scope) -> Options {
    network(known, scope, |network| {
        let vpcs = network.vpcs.iter().map(|vpc| {
            let is_default = if vpc.is_default { " (default)" } else { "" };
            let note = format!("{} {}{is_default}", or_empty(vpc.name.as_ref()), or_empty(vpc.cidr.as_ref()));
            Item::plain(&vpc.id, note.trim())
        });
        vpcs.collect()
    })
}

/// The subnets of a VPC.
pub(super) fn subnets(known: Known<'_>, scope: &Scope, vpc: &str) -> Options {
    network(known, scope, |network| {
        let subnets = network.subnets.iter().filter(|subnet| vpc.is_empty() || &*subnet.vpc == vpc);
        let items = subnets.map(|subnet| {
            let free =
                subnet.free_addresses.map(|free| format!(" {free} addresses free")).unwrap_or_default();
            let note = format!("{} {}{free}", or_empty(subnet.name.as_ref()), or_empty(subnet.zone.as_ref()));
            let few = subnet.free_addresses.is_some_and(|free| free < 16);
            let tone = if few { Tone::Warn } else { Tone::Muted };
            Item { tone, ..Item::plain(&subnet.id, note.trim()) }
        });
        items.collect()
    })
}

/// The security groups of a VPC.
pub(super) fn groups(known: Known<'_>, scope: &Scope, vpc: &str) -> Options {
    network(known, scope, |network| {
        let groups = network
            .groups
            .iter()
            .filter(|group| vpc.is_empty() || group.vpc.as_deref().is_none_or(|theirs| theirs == vpc));
        groups.map(|group| Item::plain(&group.id, or_empty(group.name.as_ref()))).collect()
    })
}

fn network(known: Known<'_>, scope: &Scope, options: impl FnOnce(&Network) -> Vec<Item>) -> Options {
    let query = Query::Network(scope.clone());
    brought(known, &query, known.fleet.library.networks.get(scope), options)
}

/// The lifecycle configurations of a scope, of one app type or of all.
pub(super) fn lifecycle_configs(known: Known<'_>, scope: &Scope, app_type: Option<&str>) -> Options {
    let query = Query::LifecycleConfigs(scope.clone());
    brought(known, &query, known.fleet.library.lifecycle_configs.get(scope), |configs| {
        let fits = |config: &&LifecycleConfig| {
            app_type.is_none_or(|wanted| config.app_type.as_deref() == Some(wanted))
        };
        let items = configs.iter().filter(fits).map(|config| {
            Item::named(&config.arn, config.key.name.as_str(), or_empty(config.app_type.as_ref()))
        });
        items.collect()
    })
}

/// The user profiles of a domain.
pub(super) fn users(known: Known<'_>, domain: &DomainKey) -> Options {
    let of_domain = |key: &UserKey| key.domain == domain.id && key.scope == domain.scope;
    let mut items: Vec<Item> = known
        .fleet
        .users
        .iter()
        .filter(|user| of_domain(&user.key))
        .map(|user| Item::plain(user.key.name.as_str(), &user.status.to_string()))
        .collect();
    items.sort_by(|left, right| left.label.cmp(&right.label));
    let whole =
        known.fleet.listing(&Query::Users(domain.clone())).is_some_and(crate::fleet::Listing::is_complete);
    if items.is_empty() && !whole {
        return Options::loading(format!("reading the users of {}", known.fleet.domain_label(domain)));
    }
    Options::only(items).free(!whole)
}

/// Instance types with their price per hour in a region: what AWS lists, or else the table inside.
pub(super) fn instances(known: Known<'_>, region: &Region) -> Options {
    let list = known.fleet.prices.get(region).or_else(|| bundled(region));
    let fallback = Region::new("us-east-1");
    let (list, priced) = match list {
        Some(list) => (Some(list), true),
        None => (bundled(&fallback), false),
    };
    let mut items: BTreeMap<(String, u64), Item> = BTreeMap::new();
    for (instance, prices) in list.iter().flat_map(|list| &list.hourly) {
        let Some(price) = COMPONENTS.iter().find_map(|component| prices.get(*component)) else { continue };
        let note = if priced { format!("${price:.2}/h") } else { String::new() };
        let family = instance.split('.').nth(1).unwrap_or_default().to_owned();
        // Within a family the dearer is the larger.
        let order = (family, (price * 10_000.0) as u64);
        items.insert(order, Item { tone: Tone::Money, ..Item::plain(instance, &note) });
    }
    Options::open(items.into_values().collect())
}

/// AWS's words with what they mean.
pub(super) fn words(words: &[(&str, &str)]) -> Options {
    Options::only(words.iter().map(|(word, meaning)| Item::plain(word, meaning)).collect())
}

/// Words with names of their own and what they mean.
pub(super) fn named(words: &[(&str, &str, &str)]) -> Options {
    Options::only(words.iter().map(|(word, label, meaning)| Item::named(word, label, meaning)).collect())
}

fn or_empty(text: Option<&std::sync::Arc<str>>) -> &str {
    text.map_or("", |text| text)
}
