//! The form that requests more of a quota.

use super::{Field, FieldId, Form, Known, Subject};
use crate::fleet::{Intent, Query, QuotaKey, QuotaRow, plain};

/// More than this of anything Studio has is a slip of the finger.
const MOST: u32 = 1_000_000;

/// The form for a limit; `None` if it is no quota of AWS.
pub(super) fn form(row: &QuotaRow) -> Option<Form> {
    let key = row.quota.clone()?;
    let used = row.used.map_or_else(|| "unknown".to_owned(), |used| used.to_string());
    let now = format!("{used} of {} {} used", row.limit, row.limited.unit());
    let current = row.limit.applied();
    // A limit is a count; what is above the greatest of the field is refused by the field.
    let least = current.map_or(1, |value| value.clamp(0.0, f64::from(MOST - 1)) as u32 + 1);
    let fields = vec![
        Field::fixed(FieldId::Name, "Quota", key.name.as_str(), ""),
        Field::fixed(FieldId::Scope, "Where", key.scope.to_string(), ""),
        Field::fixed(FieldId::About, "Now", now, ""),
        Field::whole(FieldId::Limit, "New limit", (least, MOST), row.limited.unit()).required().help(
            "What the limit shall be, not how much is to be added. AWS often grants small steps within minutes; large \
             ones go to a person and take days.",
        ),
    ];
    let title = format!("request more: {}", row.limited);
    let mut form = Form::new(Subject::Quota(key), title, fields);
    form.go_to(3);
    Some(form)
}

/// The requests that are open.
pub(super) fn needs(key: &QuotaKey) -> Vec<Query> {
    vec![Query::QuotaRequests(key.scope.clone())]
}

/// Says if a request is open already.
pub(super) fn refresh(form: &mut Form, key: &QuotaKey, known: Known<'_>) {
    let open = known.fleet.quotas.open_request(&key.scope, &key.code);
    if let Some(field) = form.field_mut(FieldId::About) {
        field.note = open.map(|open| format!("there is an open {}; AWS takes one at a time", open.clause()));
    }
}

/// Refuses what AWS would refuse.
pub(super) fn check(form: &mut Form, key: &QuotaKey, known: Known<'_>) {
    let applied = known.fleet.quotas.applied.get(&key.scope).and_then(|list| list.with_code(&key.code));
    let current = applied.and_then(|quota| quota.value.filter(|_| quota.error.is_none()));
    if let (Some(wanted), Some(current)) = (form.number(FieldId::Limit), current)
        && f64::from(wanted) <= current
    {
        form.refuse(FieldId::Limit, format!("the limit is {} already", plain(current)));
    }
}

/// What it comes to.
pub(super) fn intent(form: &Form, key: &QuotaKey) -> Result<Intent, String> {
    let wanted = form.number(FieldId::Limit).ok_or("say what the limit shall be")?;
    Ok(Intent::RequestQuota(key.clone(), f64::from(wanted)))
}
