//! The fields of a user profile.

use std::borrow::Cow;

use super::{Row, counted, domain_name, known, optional, reason, tail, told};
use crate::fleet::{Field, Known, Sum, UserProfile, execution_role, user_idle_shutdown};

pub(super) fn text<'a>(row: &Row<'a>, user: &'a UserProfile, field: Field) -> Known<Cow<'a, str>> {
    let fleet = row.rows.fleet;
    let detail = user.detail.as_deref();
    match field {
        Field::Name | Field::User | Field::Owner => known(user.key.name.as_str()),
        Field::Domain => {
            known(domain_name(fleet.domains.get(&user.key.domain_key()), user.key.domain.as_str()))
        }
        Field::DomainId => known(user.key.domain.as_str()),
        Field::Status => known(user.status.as_str()),
        Field::Role => execution_role(fleet, user).map(|arn| Cow::Borrowed(tail(arn))),
        Field::Sso => told(detail, |d| d.sso_user.as_deref()),
        Field::Shutdown => user_idle_shutdown(fleet, user).map(Cow::Borrowed),
        Field::Reason => reason(user.status.is_fault(), told(detail, |d| d.failure_reason.as_deref())),
        _ => optional(None),
    }
}

pub(super) fn number(row: &Row<'_>, user: &UserProfile, field: Field) -> Known<f64> {
    let sum = row.rows.census.user(row.rows.fleet, row.position);
    let lists = || row.lists(row.rows.fleet.domains.position(&user.key.domain_key()));
    // What a user owns in spaces is found only once the spaces are known too.
    let apps = || {
        let lists = lists();
        lists.apps && lists.spaces
    };
    match field {
        Field::Apps => counted(sum, apps(), |sum| Known::Value(f64::from(sum.running))),
        Field::AllApps => counted(sum, apps(), |sum| Known::Value(f64::from(sum.apps))),
        Field::Spaces => counted(sum, lists().spaces, |sum| Known::Value(f64::from(sum.spaces))),
        Field::Cost => counted(sum, apps(), Sum::known_burn),
        Field::IdleCost => counted(sum, apps(), Sum::known_idle_burn),
        Field::Activity => counted(sum, apps(), |sum| sum.known_use().map(|at| row.age(at))),
        Field::Age => row.age_of(user.created),
        _ => Known::Absent,
    }
}
