//! Plans to make a sign-in link: acting for another person, in domains where AWS makes such links.

use super::{NO_CREATION_TIME, Policy};
use crate::fleet::{
    AuthMode, Bound, Change, Fleet, ObjectKey, Plan, Query, Status, Step, Timestamp, UserKey,
};

/// How long a link is valid, in seconds: AWS's greatest and its default.
const VALID_SECONDS: u16 = 300;

/// How people sign in to the domain, and the user as it is now.
pub(super) fn needs(key: &UserKey) -> Vec<Query> {
    vec![Query::Domain(key.domain_key()), Query::User(key.clone())]
}

/// Plans to make a link with which whoever has it is that user.
///
/// # Errors
///
/// Why there can be no link, and what to do instead.
pub(super) fn plan(fleet: &Fleet, key: &UserKey, policy: &Policy, now: Timestamp) -> Result<Plan, String> {
    let name = &key.name;
    let domain = fleet.domains.get(&key.domain_key());
    let detail = domain.and_then(|domain| domain.detail.as_ref());
    match detail.and_then(|detail| detail.auth_mode.as_ref()) {
        Some(AuthMode::Iam) => {}
        Some(AuthMode::Sso) => {
            let portal = match domain.and_then(|domain| domain.url.as_ref()) {
                Some(url) => format!("at {url}, or "),
                None => String::new(),
            };
            return Err(format!(
                "AWS makes no sign-in links in domains with Identity Center: {name} signs in {portal}at the \
                 access portal of the organisation."
            ));
        }
        Some(mode) => return Err(format!("AWS makes no sign-in links in domains of the mode {mode}.")),
        None => {
            let label = fleet.domain_label(&key.domain_key()).to_owned();
            return Err(format!("How people sign in to {label} is not known, so no link can be planned."));
        }
    }
    let user = fleet.users.get(key).ok_or_else(|| format!("User {name} is not there any more."))?;
    if user.status != Status::InService {
        return Err(format!(
            "User {name} is in the state {}: AWS makes links for InService only.",
            user.status
        ));
    }
    let created = user.created.ok_or_else(|| format!("User {name} {NO_CREATION_TIME}."))?;
    if let Some(reason) = super::protect::protection(fleet, policy, &ObjectKey::User(key.clone())) {
        return Err(format!("User {name} {reason}."));
    }
    let mut warnings = vec![
        format!("You will be acting as {name}: what you do is done in that name."),
        format!("The link is a key, valid for {} minutes: whoever has it is {name}.", VALID_SECONDS / 60),
    ];
    let portal = user.detail.as_ref().and_then(|detail| detail.settings.web_portal.as_deref());
    if portal == Some("DISABLED") {
        warnings.push(format!("The Studio portal is disabled for {name}: the link may lead to a refusal."));
    }
    let step = Step::new(Change::SignInLink(key.clone(), VALID_SECONDS), Bound::Created(created));
    Ok(Plan {
        warnings,
        keeps: vec![
            "The link is shown once and written nowhere; that it was made is in the audit trail.".to_owned(),
        ],
        ..Plan::new(format!("Sign in as {name}"), "sign in", now, vec![step])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Answer, Documents, DomainDetail, Intent, sample};

    fn fleet(mode: Option<AuthMode>, status: Status) -> Fleet {
        let mut user = sample::user("anna");
        user.status = status;
        let mut fleet = sample::fleet(vec![user], vec![], vec![]);
        let mut domain = sample::domain();
        domain.url = Some("https://d-research.studio".into());
        domain.detail =
            mode.map(|mode| Box::new(DomainDetail { auth_mode: Some(mode), ..DomainDetail::default() }));
        fleet.absorb(
            &Query::Domain(sample::domain_key()),
            Answer::Domain(Box::new(domain), "{}".into()),
            sample::now(),
        );
        fleet
    }

    fn plan(fleet: &Fleet) -> Result<Plan, String> {
        let intent = Intent::SignInLink(sample::user("anna").key);
        intent.plan(fleet, &Documents::default(), &Policy::default(), sample::now())
    }

    #[test]
    fn a_link_takes_an_iam_domain_and_a_profile_in_service_and_says_what_it_is() {
        let plan = plan(&fleet(Some(AuthMode::Iam), Status::InService)).unwrap();
        assert_eq!(plan.steps[0].change, Change::SignInLink(sample::user("anna").key, 300));
        assert!(plan.warnings[0].contains("acting as anna") && plan.warnings[1].contains("5 minutes"));
        assert!(!plan.steps[0].change.is_destructive() && plan.is_intact());
    }

    #[test]
    fn where_there_can_be_no_link_it_says_what_to_do_instead() {
        for (mode, status, part) in [
            (Some(AuthMode::Sso), Status::InService, "https://d-research.studio"),
            (Some(AuthMode::Iam), Status::Pending, "in the state Pending"),
            (Some(AuthMode::Other("OIDC".into())), Status::InService, "OIDC"),
            (None, Status::InService, "is not known"),
        ] {
            let refusal = plan(&fleet(mode, status)).unwrap_err();
            assert!(refusal.contains(part), "{refusal}");
        }
    }
}
