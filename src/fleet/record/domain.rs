//! The fields of a domain.

use std::borrow::Cow;

use super::{Row, counted, domain_name, known, optional, reason, told};
use crate::fleet::{AuthMode, Domain, Field, Known, NetworkAccess, Sum};

pub(super) fn text(domain: &Domain, field: Field) -> Known<Cow<'_, str>> {
    let detail = domain.detail.as_deref();
    match field {
        Field::Domain | Field::Name => known(domain_name(Some(domain), domain.key.id.as_str())),
        Field::DomainId => known(domain.key.id.as_str()),
        Field::Status => known(domain.status.as_str()),
        Field::Auth => told(detail, |d| d.auth_mode.as_ref().map(AuthMode::as_str)),
        Field::Network => told(detail, |d| d.network.as_ref().map(NetworkAccess::as_str)),
        Field::Vpc => told(detail, |d| d.vpc.as_deref()),
        Field::Kms => told(detail, |d| d.kms_key.as_deref()),
        Field::Reason => reason(domain.status.is_fault(), told(detail, |d| d.failure_reason.as_deref())),
        _ => optional(None),
    }
}

pub(super) fn number(row: &Row<'_>, domain: &Domain, field: Field) -> Known<f64> {
    let sum = row.rows.census.domain(row.rows.fleet, row.position);
    let lists = row.lists(Some(row.position));
    match field {
        Field::Users => counted(sum, lists.users, |sum| Known::Value(f64::from(sum.users))),
        Field::Spaces => counted(sum, lists.spaces, |sum| Known::Value(f64::from(sum.spaces))),
        Field::Apps => counted(sum, lists.apps, |sum| Known::Value(f64::from(sum.running))),
        Field::AllApps => counted(sum, lists.apps, |sum| Known::Value(f64::from(sum.apps))),
        Field::Cost => counted(sum, lists.apps, Sum::known_burn),
        Field::IdleCost => counted(sum, lists.apps, Sum::known_idle_burn),
        Field::Age => row.age_of(domain.created),
        _ => Known::Absent,
    }
}
