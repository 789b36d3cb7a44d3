//! The rows of the quotas: every limit AWS lists and every one the fleet uses, with what filters may ask of them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::addresses::rooms;
use super::count::Uses;
use super::limited::Limited;
use super::row::{Limit, QuotaRow, Thresholds};
use super::{Quota, QuotaKey, QuotaList};
use crate::fleet::{Field, FieldKind, FieldSpec, Fleet, Known, Needs, Record, Scope};

/// All rows: of every scope that something was read of.
pub fn rows(fleet: &Fleet) -> Vec<QuotaRow> {
    let uses = Uses::count(fleet);
    let quotas = &fleet.quotas;
    let scopes: BTreeSet<&Scope> = uses.scopes().chain(quotas.applied.keys()).collect();
    let mut all = Vec::new();
    for scope in scopes {
        let mut limits: BTreeSet<Limited> = Limited::account_wide().collect();
        limits.extend(uses.used(scope).cloned());
        let lists = [quotas.applied.get(scope), quotas.defaults.get(scope)];
        limits.extend(
            lists.into_iter().flatten().flat_map(|list| &list.rows).map(|quota| quota.limits.clone()),
        );
        let index = Index::of(fleet, scope);
        all.extend(limits.into_iter().map(|limited| index.row(&uses, scope, limited)));
    }
    for room in rooms(fleet) {
        let limited = Limited::Addresses(room.subnet.clone());
        all.push(QuotaRow {
            used: uses.of(&room.scope, &limited),
            limit: room.total.map_or(Limit::Unread, |total| Limit::Applied(f64::from(total))),
            scope: room.scope,
            limited,
            quota: None,
            default: None,
            adjustable: false,
            open: None,
        });
    }
    all
}

/// The row of one limit.
pub(super) fn rows_of(fleet: &Fleet, uses: &Uses, scope: &Scope, limited: &Limited) -> Option<QuotaRow> {
    match limited {
        Limited::Addresses(_) => None,
        _ => Some(Index::of(fleet, scope).row(uses, scope, limited.clone())),
    }
}

/// The quotas of a scope, found by what they limit.
struct Index<'a> {
    fleet: &'a Fleet,
    applied: Option<std::collections::HashMap<&'a Limited, &'a Quota>>,
    defaults: Option<std::collections::HashMap<&'a Limited, &'a Quota>>,
}

impl<'a> Index<'a> {
    fn of(fleet: &'a Fleet, scope: &Scope) -> Self {
        fn by_limit(list: &QuotaList) -> std::collections::HashMap<&Limited, &Quota> {
            list.rows.iter().map(|quota| (&quota.limits, quota)).collect()
        }
        let quotas = &fleet.quotas;
        Self {
            fleet,
            applied: quotas.applied.get(scope).map(by_limit),
            defaults: quotas.defaults.get(scope).map(by_limit),
        }
    }

    fn row(&self, uses: &Uses, scope: &Scope, limited: Limited) -> QuotaRow {
        let applied = self.applied.as_ref().map(|list| list.get(&limited).copied());
        let default = self.defaults.as_ref().and_then(|list| list.get(&limited).copied());
        let known = applied.flatten().or(default);
        let limit = match (applied, default.and_then(|quota| quota.value)) {
            (None, _) => Limit::Unread,
            (Some(Some(quota)), _) => match (quota.value, &quota.error) {
                (_, Some(reason)) => Limit::Unreadable(reason.clone()),
                (Some(value), None) => Limit::Applied(value),
                (None, None) => Limit::Unreadable("it gave no value".into()),
            },
            (Some(None), Some(value)) => Limit::Default(value),
            (Some(None), None) => Limit::Absent,
        };
        let key = known.map(|quota| QuotaKey {
            scope: scope.clone(),
            code: quota.code.clone(),
            name: quota.name.clone(),
        });
        let open = key.as_ref().and_then(|key| self.fleet.quotas.open_request(scope, &key.code)).cloned();
        QuotaRow {
            scope: scope.clone(),
            used: uses.of(scope, &limited),
            limit,
            default: default.and_then(|quota| quota.value),
            adjustable: known.is_some_and(|quota| quota.adjustable),
            quota: key,
            open,
            limited,
        }
    }
}

/// What filters, columns and exports of the quotas know.
pub const QUOTA_FIELDS: &[FieldSpec] = &[
    text(Field::Type, "type", &["app-type", "kind"], "app type, or what else is limited"),
    text(Field::Instance, "instance", &["inst", "subnet"], "instance type, or subnet"),
    number(Field::Used, "used", &["use"], "how much is used"),
    number(Field::Limit, "limit", &[], "the limit in force"),
    number(Field::Percent, "percent", &["%"], "which part of it is used, in percent"),
    number(Field::Free, "free", &["left", "room"], "how much is left"),
    text(Field::Heat, "heat", &["status"], "cool, warm, hot or unknown"),
    text(Field::Holders, "holders", &["by"], "who has most of it"),
    text(Field::Request, "request", &["open"], "open request for more"),
    number(Field::Default, "default", &[], "what AWS gives by default"),
    text(Field::Code, "code", &["quota"], "code of the quota, L-..."),
    text(Field::Name, "name", &[], "name of the quota"),
    text(Field::Adjustable, "adjustable", &[], "yes or no: whether more can be requested"),
    text(Field::Region, "region", &[], "region"),
    text(Field::Account, "account", &["acct"], "account, by alias or id"),
];

/// The fields a plain word is looked for in.
pub const QUOTA_SHOWN: &[Field] = &[
    Field::Type,
    Field::Instance,
    Field::Heat,
    Field::Request,
    Field::Code,
    Field::Name,
    Field::Region,
    Field::Account,
];

const fn text(
    field: Field,
    name: &'static str,
    aliases: &'static [&'static str],
    help: &'static str,
) -> FieldSpec {
    FieldSpec { field, name, aliases, kind: FieldKind::Text, needs: Needs::NONE, help }
}

const fn number(
    field: Field,
    name: &'static str,
    aliases: &'static [&'static str],
    help: &'static str,
) -> FieldSpec {
    FieldSpec { field, name, aliases, kind: FieldKind::Number, needs: Needs::NONE, help }
}

/// A row with what its values depend on.
#[derive(Debug, Clone, Copy)]
pub struct QuotaRecord<'a> {
    /// The row.
    pub row: &'a QuotaRow,
    /// What the account is called.
    pub account: &'a str,
    /// From where on it is warm and hot.
    pub thresholds: Thresholds,
}

impl Record for QuotaRecord<'_> {
    fn shown(&self) -> Cow<'_, str> {
        let mut out = String::new();
        for field in QUOTA_SHOWN {
            if let Known::Value(text) = self.text(*field) {
                crate::fleet::lower_into(&mut out, &text);
            }
        }
        Cow::Owned(out)
    }

    fn text(&self, field: Field) -> Known<Cow<'_, str>> {
        let row = self.row;
        let given = |text: &'static str| Known::Value(Cow::Borrowed(text));
        match field {
            Field::Type => Known::Value(Cow::Borrowed(row.kind())),
            Field::Instance => row.limited.place().map(|place| Cow::Borrowed(&**place)).into(),
            Field::Heat => given(row.heat(self.thresholds).as_str()),
            Field::Request => row
                .open
                .as_ref()
                .map(|open| Cow::Owned(open.desired.map_or_else(String::new, super::plain)))
                .into(),
            Field::Code => row.quota.as_ref().map(|quota| Cow::Borrowed(quota.code.as_str())).into(),
            Field::Name => row.quota.as_ref().map(|quota| Cow::Borrowed(quota.name.as_str())).into(),
            Field::Adjustable => given(if row.adjustable { "yes" } else { "no" }),
            Field::Region => Known::Value(Cow::Borrowed(row.scope.region().as_str())),
            Field::Account => Known::Value(Cow::Borrowed(self.account)),
            _ => Known::Absent,
        }
    }

    fn number(&self, field: Field) -> Known<f64> {
        let known = |value: Option<f64>| value.map_or(Known::Unknown, Known::Value);
        let row = self.row;
        // A least figure is none to compare with or to add up.
        if row.used.is_some_and(|used| used.at_least)
            && matches!(field, Field::Used | Field::Percent | Field::Free)
        {
            return Known::Unknown;
        }
        match field {
            Field::Used => known(row.used.map(|used| used.count as f64)),
            Field::Limit => known(row.limit.applied()),
            Field::Percent => match (row.percent(), row.limit.applied(), row.used) {
                // Nothing of nothing is no part.
                (None, Some(_), Some(_)) => Known::Absent,
                (percent, ..) => known(percent),
            },
            Field::Free => known(row.left().map(|left| left as f64)),
            Field::Default => row.default.into(),
            _ => Known::Absent,
        }
    }

    fn tag(&self, _key: &str) -> Known<Cow<'_, str>> {
        Known::Absent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Answer, AppType, Filter, Name, Query, QuotaCode, sample};

    fn quota(name: &str, value: Option<f64>, error: Option<&str>) -> Quota {
        let code = format!("L-{}", name.len());
        Quota {
            limits: Limited::parse(&code, name).unwrap(),
            code: QuotaCode::new(&code),
            name: Name::new(name),
            value,
            adjustable: true,
            error: error.map(Into::into),
        }
    }

    fn fleet(applied: Vec<Quota>, defaults: Vec<Quota>) -> Fleet {
        let mut fleet = sample::fleet(vec![], vec![], vec![sample::space_app("lab")]);
        let list = |rows| QuotaList { rows, read_at: sample::now() };
        fleet.absorb(&Query::Quotas(sample::scope()), Answer::Quotas(list(applied)), sample::now());
        fleet.absorb(&Query::QuotaDefaults(sample::scope()), Answer::Quotas(list(defaults)), sample::now());
        fleet
    }

    fn row(fleet: &Fleet, app_type: AppType, instance: &str) -> QuotaRow {
        let limited = Limited::Apps(app_type, instance.into());
        rows(fleet).into_iter().find(|row| row.limited == limited).unwrap()
    }

    const LAB: &str = "Studio JupyterLab Apps running on ml.g5.xlarge instances";

    #[test]
    fn a_limit_is_applied_default_unreadable_or_absent_and_never_zero_for_lack_of_it() {
        let lab = |fleet: &Fleet| row(fleet, AppType::JupyterLab, "ml.g5.xlarge");
        let default = || vec![quota(LAB, Some(2.0), None)];
        let applied = fleet(vec![quota(LAB, Some(4.0), None)], default());
        assert_eq!((lab(&applied).limit, lab(&applied).default), (Limit::Applied(4.0), Some(2.0)));
        assert_eq!(lab(&applied).percent(), Some(25.0));
        assert_eq!(lab(&fleet(vec![], default())).limit, Limit::Default(2.0));
        assert_eq!(lab(&fleet(vec![], vec![])).limit, Limit::Absent);
        let broken = fleet(vec![quota(LAB, Some(0.0), Some("DEPENDENCY_THROTTLING_ERROR"))], default());
        assert_eq!(lab(&broken).limit, Limit::Unreadable("DEPENDENCY_THROTTLING_ERROR".into()));
        let unread = sample::fleet(vec![], vec![], vec![sample::space_app("lab")]);
        assert_eq!(lab(&unread).limit, Limit::Unread);
    }

    #[test]
    fn filters_find_rows_by_figures_and_words() {
        let fleet = fleet(vec![quota(LAB, Some(1.0), None), quota("Total domains", Some(9.0), None)], vec![]);
        let found = |text: &str| {
            let filter = Filter::parse(text, QUOTA_FIELDS).unwrap();
            let rows = rows(&fleet);
            let record = |row| QuotaRecord { row, account: "prod", thresholds: Thresholds::default() };
            let found = rows.iter().filter(|row| filter.matches(&record(row)));
            found.map(|row| row.limited.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(found("heat:hot"), ["JupyterLab on ml.g5.xlarge"]);
        assert_eq!(found("percent>=90 instance:ml.g5*"), ["JupyterLab on ml.g5.xlarge"]);
        assert_eq!(found("type:domains account:prod"), ["domains"]);
        assert_eq!(found("free>5"), ["domains"]);
        assert!(found("limit<100 type:spaces").is_empty(), "an unknown limit is not less than anything");
    }
}
