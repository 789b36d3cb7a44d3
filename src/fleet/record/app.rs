//! The fields of an app.

use std::borrow::Cow;

use super::{Row, domain_name, known, optional, reason, tail, told};
use crate::fleet::{App, AppFigures, Field, Known, Name, Owner, Sharing, Space, Verdict, last_use, verdict};

pub(super) fn text<'a>(row: &Row<'a>, app: &'a App, field: Field) -> Known<Cow<'a, str>> {
    match field {
        Field::Name => known(app.key.name.as_str()),
        Field::Owner => known(owner(row, app)),
        Field::User => user(row, app),
        Field::Space => match &app.key.owner {
            Owner::Space(name) => known(name.as_str()),
            Owner::User(_) => Known::Absent,
        },
        Field::Domain => {
            let domain = match figures(row) {
                Some(figures) => row.rows.domain_at(figures.domain),
                None => row.rows.fleet.domains.get(&app.key.domain_key()),
            };
            known(domain_name(domain, app.key.domain.as_str()))
        }
        Field::DomainId => known(app.key.domain.as_str()),
        Field::Type => known(app.key.app_type.as_str()),
        Field::Status | Field::App => known(app.status.as_str()),
        Field::Instance => optional(app.instance.as_deref()),
        Field::Idle => match judge(row, app) {
            Verdict::NotRunning => Known::Absent,
            Verdict::Unknown => Known::Unknown,
            verdict => known(verdict.as_str()),
        },
        Field::Image => optional(app.image.as_deref().map(tail)),
        Field::LifecycleConfig => optional(app.lifecycle_config.as_deref().map(tail)),
        Field::Sharing => match &app.key.owner {
            Owner::User(_) => Known::Absent,
            Owner::Space(_) => match space(row, app) {
                Some(space) => optional(space.sharing.as_ref().map(Sharing::as_str)),
                None => Known::Unknown,
            },
        },
        Field::Reason => {
            let told = told(app.activity.as_deref(), |activity| activity.failure_reason.as_deref());
            reason(app.status.is_fault(), told)
        }
        _ => optional(None),
    }
}

pub(super) fn number(row: &Row<'_>, app: &App, field: Field) -> Known<f64> {
    match field {
        Field::Cost => rate(row),
        Field::IdleCost => match judge(row, app) {
            Verdict::Idle { .. } => rate(row),
            Verdict::NotRunning | Verdict::Active { .. } => Known::Value(0.0),
            Verdict::Unknown => Known::Unknown,
        },
        Field::Uptime if app.status.is_running() => row.age_of(app.created),
        Field::Age => row.age_of(app.created),
        Field::Activity => {
            last_use(app, row.rows.census.rule()).map_or(Known::Unknown, |at| Known::Value(row.age(at)))
        }
        // Only what is proven idle has an idle time; an app in use or stopped has none.
        Field::Idle => match judge(row, app) {
            Verdict::Unknown => Known::Unknown,
            verdict => verdict.proven().map(|proven| proven.as_secs_f64()).into(),
        },
        Field::Ebs => match space(row, app) {
            Some(space) => space.ebs_gb.map(f64::from).into(),
            None => Known::Absent,
        },
        _ => Known::Absent,
    }
}

/// Whose an app is, as it is shown: the user profile it belongs to directly or through a private space, or else
/// the shared space.
fn owner<'a>(row: &Row<'a>, app: &'a App) -> &'a str {
    match (&app.key.owner, space(row, app)) {
        (Owner::Space(_), Some(Space { sharing: Some(Sharing::Private), owner: Some(user), .. })) => {
            user.as_str()
        }
        (owner, _) => owner.name().as_str(),
    }
}

fn user<'a>(row: &Row<'a>, app: &'a App) -> Known<Cow<'a, str>> {
    match (&app.key.owner, space(row, app)) {
        (Owner::User(name), _) => known(name.as_str()),
        (Owner::Space(_), Some(space)) => optional(space.owner.as_ref().map(Name::as_str)),
        (Owner::Space(_), None) => Known::Unknown,
    }
}

/// The space an app runs in, if that is known.
fn space<'a>(row: &Row<'a>, app: &App) -> Option<&'a Space> {
    let spaces = &row.rows.fleet.spaces;
    let by_place = figures(row).and_then(|figures| spaces.at(figures.space? as usize));
    // Positions of spaces may have changed while those of apps have not; the name tells.
    match by_place {
        Some(space) if space.key.name == *app.key.owner.name() => Some(space),
        _ => spaces.get(&app.key.space_key()?),
    }
}

fn figures<'a>(row: &Row<'a>) -> Option<&'a AppFigures> {
    row.rows.census.app(row.rows.fleet, row.position)
}

fn rate(row: &Row<'_>) -> Known<f64> {
    figures(row).map_or(Known::Unknown, |figures| figures.rate.dollars())
}

fn judge(row: &Row<'_>, app: &App) -> Verdict {
    verdict(app, row.rows.now, row.rows.census.rule())
}
