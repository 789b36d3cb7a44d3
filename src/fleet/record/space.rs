//! The fields of a space.

use std::borrow::Cow;

use super::{Row, counted, domain_name, known, optional, reason, told};
use crate::fleet::{App, AppType, Field, Known, Name, Sharing, Space, Sum, storage_price};

pub(super) fn text<'a>(row: &Row<'a>, space: &'a Space, field: Field) -> Known<Cow<'a, str>> {
    let fleet = row.rows.fleet;
    match field {
        Field::Name | Field::Space => known(space.key.name.as_str()),
        Field::Owner | Field::User => optional(space.owner.as_ref().map(Name::as_str)),
        Field::Domain => {
            known(domain_name(fleet.domains.get(&space.key.domain_key()), space.key.domain.as_str()))
        }
        Field::DomainId => known(space.key.domain.as_str()),
        Field::Sharing => optional(space.sharing.as_ref().map(Sharing::as_str)),
        Field::Type => optional(space.app_type.as_ref().map(AppType::as_str)),
        Field::Status => known(space.status.as_str()),
        Field::App => app(row, space).map(|app| Cow::Borrowed(app.status.as_str())),
        Field::Instance => match app(row, space) {
            Known::Value(app) if app.status.is_running() => optional(app.instance.as_deref()),
            Known::Value(_) | Known::Absent => Known::Absent,
            Known::Unknown => Known::Unknown,
        },
        Field::Reason => {
            let told = told(space.detail.as_deref(), |d| d.failure_reason.as_deref());
            reason(space.status.is_fault(), told)
        }
        _ => optional(None),
    }
}

pub(super) fn number(row: &Row<'_>, space: &Space, field: Field) -> Known<f64> {
    let fleet = row.rows.fleet;
    let sum = row.rows.census.space(fleet, row.position);
    let apps = || row.lists(fleet.domains.position(&space.key.domain_key())).apps;
    match field {
        Field::Ebs => space.ebs_gb.map(f64::from).into(),
        Field::Storage => match space.ebs_gb {
            Some(gb) => storage_price(fleet, space.key.scope.region(), gb),
            None => Known::Absent,
        },
        Field::Cost => counted(sum, apps(), Sum::known_burn),
        Field::IdleCost => counted(sum, apps(), Sum::known_idle_burn),
        Field::Apps => counted(sum, apps(), |sum| Known::Value(f64::from(sum.running))),
        Field::Activity => counted(sum, apps(), |sum| sum.known_use().map(|at| row.age(at))),
        Field::Age => row.age_of(space.created),
        _ => Known::Absent,
    }
}

/// The app in a space; unknown until the apps of its domain are known.
fn app<'a>(row: &Row<'a>, space: &Space) -> Known<&'a App> {
    let fleet = row.rows.fleet;
    let app = row.rows.census.space_app(fleet, row.position).and_then(|position| fleet.apps.at(position));
    match app {
        Some(app) => Known::Value(app),
        None if row.lists(fleet.domains.position(&space.key.domain_key())).apps => Known::Absent,
        None => Known::Unknown,
    }
}
