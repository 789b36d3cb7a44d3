//! `quotas list|request|history`.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::arguments::{
    ListArguments, QuotaHistoryArguments, QuotaListArguments, QuotaRequestArguments, QuotasCommand,
};
use super::change::{Asked, may_apply};
use super::exit::Exit;
use super::failure::{Failure, note, print};
use super::gather::{Gathered, Wanted, gaps_told};
use super::lifecycle::only;
use super::list::format;
use super::setup::Setup;
use crate::aws::Gateway;
use crate::fleet::{
    Field, FieldKind, FieldSpec, Filter, Fleet, Intent, Limited, Name, Needs, ObjectKind, QUOTA_FIELDS,
    Query, QuotaCode, QuotaKey, QuotaRecord, QuotaRow, Record as _, Scope, Sheet, SheetColumn, SheetValue,
    Timestamp, quota_rows, suggestion,
};
use crate::report;

/// The columns that are printed unless others are asked for. Adding one at the end breaks no script; taking one away
/// does.
const COLUMNS: [Field; 11] = [
    Field::Type,
    Field::Instance,
    Field::Used,
    Field::Limit,
    Field::Percent,
    Field::Free,
    Field::Heat,
    Field::Request,
    Field::Code,
    Field::Account,
    Field::Region,
];

/// `quotas ...`.
///
/// # Errors
///
/// What is wrong with what was asked for, what cannot be read, or why there is no plan.
pub(super) async fn run(command: &QuotasCommand, setup: &Setup) -> Result<Exit, Failure> {
    let gateway = Gateway::new(setup.settings.clone());
    match command {
        QuotasCommand::List(arguments) => list(arguments, &gateway, setup).await,
        QuotasCommand::Request(arguments) => request(arguments, &gateway, setup).await,
        QuotasCommand::History(arguments) => history(arguments, &gateway).await,
    }
}

async fn list(arguments: &QuotaListArguments, gateway: &Gateway, setup: &Setup) -> Result<Exit, Failure> {
    let ListArguments { filter, sort, columns, output } = &arguments.list;
    let shown =
        Filter::parse(filter, QUOTA_FIELDS).map_err(|error| Failure::filter("--filter", filter, &error))?;
    let columns = columns_of(columns)?;
    let sort = sort_of(sort.as_deref())?;
    let wanted =
        Wanted { kind: ObjectKind::Domain, needs: Needs::NONE, domain: None, is_for_plan: false, kept: None };
    let mut gathered = Gathered::lists(gateway, wanted).await?;
    let mut queries: Vec<Query> =
        gathered.fleet.domains.iter().map(|domain| Query::Domain(domain.key.clone())).collect();
    for scope in scopes(&gathered) {
        queries.extend([
            Query::Quotas(scope.clone()),
            Query::QuotaDefaults(scope.clone()),
            Query::QuotaRequests(scope.clone()),
            Query::Network(scope),
        ]);
    }
    gathered.also(queries).await;
    let fleet = &gathered.fleet;
    let all = quota_rows(fleet);
    let seen: Vec<QuotaRecord<'_>> = all.iter().map(|row| record(row, fleet, setup)).collect();
    let is_wanted = |seen: &&QuotaRecord<'_>| (arguments.all || matters(seen.row)) && shown.matches(*seen);
    let mut rows: Vec<&QuotaRecord<'_>> = seen.iter().filter(is_wanted).collect();
    rows.sort_by(|left, right| order(left, right, sort));
    let mut sheet = Sheet::new(columns.iter().copied());
    for row in rows {
        sheet.push(row, columns.iter().map(|spec| spec.field));
    }
    print(&report::render(&sheet, format(output.output))?)?;
    for line in gaps_told(&gathered.gaps) {
        note("not complete", &line);
    }
    Ok(gathered.exit(Needs::NONE))
}

fn record<'a>(row: &'a QuotaRow, fleet: &'a Fleet, setup: &Setup) -> QuotaRecord<'a> {
    let account = fleet.account_label(row.scope.account());
    QuotaRecord { row, account, thresholds: setup.config.quotas }
}

/// Whether something is used, may be, or is not known.
fn matters(row: &QuotaRow) -> bool {
    row.open.is_some()
        || row.used.is_none_or(|used| used.count > 0)
        || row.limit.applied().is_none_or(|limit| limit > 0.0)
}

/// The accounts and regions that were looked at.
fn scopes(gathered: &Gathered) -> BTreeSet<Scope> {
    let asked = gathered.fleet.listings().map(|(query, _)| query).chain(gathered.gaps.keys());
    asked.filter_map(|query| query.scope().cloned()).collect()
}

fn columns_of(names: &[String]) -> Result<Vec<&'static FieldSpec>, Failure> {
    match names {
        [] => Ok(COLUMNS.iter().filter_map(|field| spec_of(*field)).collect()),
        // Who holds what is a list of its own, in the console.
        [all] if all == "all" => {
            Ok(QUOTA_FIELDS.iter().filter(|spec| spec.field != Field::Holders).collect())
        }
        names => names.iter().map(|name| called("--columns", name)).collect(),
    }
}

fn sort_of(text: Option<&str>) -> Result<(&'static FieldSpec, bool), Failure> {
    let text = text.unwrap_or("percent:desc");
    let (name, order) = text.split_once(':').map_or((text, None), |(name, order)| (name, Some(order)));
    let spec = called("--sort", name)?;
    match order {
        // The greatest figure first, as in the console.
        None => Ok((spec, spec.kind != FieldKind::Text)),
        Some("asc") => Ok((spec, false)),
        Some("desc") => Ok((spec, true)),
        Some(other) => Err(Failure::usage(format!("--sort: the order is `asc` or `desc`, not `{other}`"))),
    }
}

/// What is not known comes last, whichever way the order runs.
fn order(
    left: &QuotaRecord<'_>,
    right: &QuotaRecord<'_>,
    (spec, descending): (&FieldSpec, bool),
) -> Ordering {
    let turned = |order: Ordering| if descending { order.reverse() } else { order };
    if spec.kind == FieldKind::Text {
        return match (left.text(spec.field).value(), right.text(spec.field).value()) {
            (Some(left), Some(right)) => turned(left.to_lowercase().cmp(&right.to_lowercase())),
            (left, right) => right.is_some().cmp(&left.is_some()),
        };
    }
    match (left.number(spec.field).value(), right.number(spec.field).value()) {
        (Some(left), Some(right)) => turned(left.total_cmp(&right)),
        (left, right) => right.is_some().cmp(&left.is_some()),
    }
}

fn spec_of(field: Field) -> Option<&'static FieldSpec> {
    QUOTA_FIELDS.iter().find(|spec| spec.field == field)
}

fn called(flag: &str, name: &str) -> Result<&'static FieldSpec, Failure> {
    QUOTA_FIELDS.iter().find(|spec| spec.is_called(name)).ok_or_else(|| {
        let names: Vec<&str> = QUOTA_FIELDS.iter().map(|spec| spec.name).collect();
        let hint = suggestion(name, names.iter().copied());
        Failure::usage(format!(
            "{flag}: quotas have no column `{name}`{hint}; they have {}",
            names.join(", ")
        ))
    })
}

async fn request(
    arguments: &QuotaRequestArguments,
    gateway: &Gateway,
    setup: &Setup,
) -> Result<Exit, Failure> {
    may_apply(&arguments.change, setup)?;
    let (mut gathered, scopes) = Gathered::accounts(gateway).await?;
    let scope = only(&scopes)?;
    gathered.also([Query::Quotas(scope.clone()), Query::QuotaDefaults(scope.clone())]).await;
    let key = named(&arguments.quota, &scope, &gathered)?;
    let intent = Intent::RequestQuota(key, f64::from(arguments.limit));
    let how = &arguments.change;
    let asked = Asked { setup, gateway, how, is_cascade: false, is_named: true, is_aside: false };
    Ok(asked.apply(gathered, &intent).await?.exit)
}

/// Whether a text names a quota: by code, by name, or by what it limits.
fn is_called(text: &str, code: &QuotaCode, name: &Name, limits: Option<&Limited>) -> bool {
    let of_apps = match limits {
        Some(Limited::Apps(app_type, instance)) => format!("{app_type}/{instance}"),
        Some(other) => other.kind().to_owned(),
        None => String::new(),
    };
    [code.as_str(), name.as_str(), &of_apps].iter().any(|known| known.eq_ignore_ascii_case(text))
}

/// The one quota of this code, name, or app type and instance type.
fn named(text: &str, scope: &Scope, gathered: &Gathered) -> Result<QuotaKey, Failure> {
    let quotas = &gathered.fleet.quotas;
    let lists = [quotas.applied.get(scope), quotas.defaults.get(scope)];
    let found = lists
        .iter()
        .flatten()
        .flat_map(|list| &list.rows)
        .find(|quota| is_called(text, &quota.code, &quota.name, Some(&quota.limits)));
    match found {
        Some(quota) => {
            Ok(QuotaKey { scope: scope.clone(), code: quota.code.clone(), name: quota.name.clone() })
        }
        None if gathered.gaps.is_empty() => Err(Failure::refused(format!(
            "AWS lists no quota `{text}` of Studio in {scope}; `sagedeck quotas list --all` shows those there are. \
             Nothing was changed"
        ))),
        None => Err(Failure::refused(format!(
            "the quotas could not be listed; nothing was changed. {}",
            gaps_told(&gathered.gaps).join("; ")
        ))),
    }
}

async fn history(arguments: &QuotaHistoryArguments, gateway: &Gateway) -> Result<Exit, Failure> {
    let (mut gathered, scopes) = Gathered::accounts(gateway).await?;
    gathered.also(scopes.iter().cloned().map(Query::QuotaRequests)).await;
    let column = |name, kind| SheetColumn { name, kind };
    let columns = vec![
        column("created", FieldKind::Text),
        column("status", FieldKind::Text),
        column("code", FieldKind::Text),
        column("name", FieldKind::Text),
        column("desired", FieldKind::Number),
        column("updated", FieldKind::Text),
        column("id", FieldKind::Text),
        column("case", FieldKind::Text),
        column("requester", FieldKind::Text),
        column("account", FieldKind::Text),
        column("region", FieldKind::Text),
    ];
    let text = |text: &str| SheetValue::Text(text.to_owned());
    let some = |given: Option<&str>| given.map_or(SheetValue::Absent, text);
    let time = |time: Option<Timestamp>| {
        time.map_or(SheetValue::Unknown, |time| text(&time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()))
    };
    let mut sheet = Sheet { columns, rows: Vec::new() };
    for (scope, requests) in &gathered.fleet.quotas.requests {
        for one in requests {
            let nameless = Name::new("");
            let name = one.name.as_ref().unwrap_or(&nameless);
            let limits = Limited::parse(one.code.as_str(), name.as_str());
            if arguments.quota.as_ref().is_some_and(|text| !is_called(text, &one.code, name, limits.as_ref()))
            {
                continue;
            }
            sheet.rows.push(vec![
                time(one.created),
                text(one.status.as_str()),
                text(one.code.as_str()),
                some(one.name.as_ref().map(Name::as_str)),
                one.desired.map_or(SheetValue::Unknown, SheetValue::Number),
                time(one.updated),
                text(&one.id),
                some(one.case.as_deref()),
                some(one.requester.as_deref()),
                text(gathered.fleet.account_label(scope.account())),
                text(scope.region().as_str()),
            ]);
        }
    }
    print(&report::render(&sheet, format(arguments.output.output))?)?;
    for line in gaps_told(&gathered.gaps) {
        note("not complete", &line);
    }
    Ok(gathered.exit(Needs::NONE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_named_by_code_by_name_or_by_what_it_limits() {
        let (code, name) =
            (QuotaCode::new("L-1"), Name::new("Studio JupyterLab Apps running on ml.g5.xlarge instances"));
        let limits = Limited::parse("L-1", name.as_str());
        for text in ["l-1", "JupyterLab/ml.g5.xlarge", "jupyterlab/ML.G5.XLARGE", name.as_str()] {
            assert!(is_called(text, &code, &name, limits.as_ref()), "{text}");
        }
        assert!(!is_called("JupyterLab", &code, &name, limits.as_ref()));
        assert!(is_called("running apps", &code, &name, Some(&Limited::RunningApps)));
    }

    #[test]
    fn every_default_column_exists_and_a_wrong_one_is_named_with_those_there_are() {
        assert_eq!(columns_of(&[]).unwrap().len(), COLUMNS.len());
        let wrong = columns_of(&["percnt".to_owned()]).unwrap_err().message;
        assert!(wrong.contains("percent"), "{wrong}");
        assert!(sort_of(Some("used:up")).unwrap_err().message.contains("`up`"));
        assert!(!sort_of(Some("type")).unwrap().1 && sort_of(Some("used")).unwrap().1);
    }
}
