//! What is handed over when people were onboarded: for each how to sign in, and what became of it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::fleet::filter::FieldKind;
use crate::fleet::{
    AuthMode, Change, Document, DomainKey, Fleet, ObjectKey, Plan, Sheet, SheetColumn, SheetValue, StepState,
    Target, UserKey,
};

const COLUMNS: [&str; 7] = ["user", "domain", "domain_id", "sign_in", "role", "status", "problem"];

/// The sheet of an onboarding plan and the states of its steps, in their order; a state that is missing counts as
/// not begun. It holds no secret: sign-in links are made on request only.
pub fn handover(plan: &Plan, states: &[StepState], fleet: &Fleet) -> Sheet {
    let columns = COLUMNS.iter().map(|name| SheetColumn { name, kind: FieldKind::Text }).collect();
    let state = |index: usize| states.get(index).unwrap_or(&StepState::Waiting);
    let mut assignments: HashMap<&UserKey, &StepState> = HashMap::new();
    for (index, step) in plan.steps.iter().enumerate() {
        if let Change::AssignApplication(made) = &step.change {
            assignments.insert(&made.user, state(index));
        }
    }
    let mut rows = Vec::new();
    for (index, step) in plan.steps.iter().enumerate() {
        let Change::CreateUser(user, document) = &step.change else { continue };
        let (mut status, mut problem) = outcome(state(index));
        if state(index).is_done()
            && let Some(assigned) = assignments.remove(user)
            && !assigned.is_done()
        {
            status = "created, cannot sign in yet";
            problem = outcome(assigned).1.or_else(|| Some("the assignment is not made yet".to_owned()));
        } else {
            assignments.remove(user);
        }
        rows.push(row(fleet, user, Some(document), status, problem));
    }
    for step in &plan.steps {
        if let Change::AssignApplication(made) = &step.change
            && let Some(assigned) = assignments.remove(&made.user)
        {
            let (status, problem) = match outcome(assigned) {
                ("created", problem) => ("existed, may sign in now", problem),
                other => other,
            };
            rows.push(row(fleet, &made.user, None, status, problem));
        }
    }
    for excluded in &plan.excluded {
        if let Target::Object(ObjectKey::User(user)) = &excluded.target {
            rows.push(row(fleet, user, None, "left out", Some(excluded.reason.to_string())));
        }
    }
    Sheet { columns, rows }
}

/// What became of a creation, in few words, and why not.
fn outcome(state: &StepState) -> (&'static str, Option<String>) {
    match state {
        StepState::Waiting => ("not begun", None),
        StepState::Checking | StepState::Sending | StepState::Verifying => ("under way", None),
        StepState::Done => ("created", None),
        StepState::AlreadyDone => ("existed", None),
        StepState::Skipped(reason) => ("skipped", Some(reason.to_string())),
        StepState::Failed(problem) => ("failed", Some(problem.to_string())),
        StepState::Unknown(problem) => ("unknown", Some(problem.to_string())),
    }
}

fn row(
    fleet: &Fleet,
    user: &UserKey,
    document: Option<&Document>,
    status: &str,
    problem: Option<String>,
) -> Vec<SheetValue> {
    let domain = user.domain_key();
    let text = |text: &str| SheetValue::Text(text.to_owned());
    vec![
        text(user.name.as_str()),
        text(fleet.domain_label(&domain)),
        text(domain.id.as_str()),
        SheetValue::Text(sign_in(fleet, &domain, user, document)),
        role(fleet, &domain, user, document)
            .map_or(SheetValue::Absent, |role| SheetValue::Text(role.to_string())),
        text(status),
        problem.map_or(SheetValue::Absent, SheetValue::Text),
    ]
}

/// How the person signs in.
fn sign_in(fleet: &Fleet, key: &DomainKey, user: &UserKey, document: Option<&Document>) -> String {
    let domain = fleet.domains.get(key);
    let mode = domain.and_then(|domain| domain.detail.as_ref()).and_then(|detail| detail.auth_mode.as_ref());
    if mode == Some(&AuthMode::Sso) {
        let known = fleet.users.get(user).and_then(|user| user.detail.as_ref());
        let name = document
            .and_then(|document| document.get("SingleSignOnUserValue"))
            .and_then(serde_json::Value::as_str)
            .or_else(|| known.and_then(|detail| detail.sso_user.as_deref()));
        let address = domain.and_then(|domain| domain.url.as_deref()).unwrap_or("the AWS access portal");
        return match name {
            Some(name) => format!("{address}, signing in as {name}"),
            None => address.to_owned(),
        };
    }
    format!(
        "AWS console of {}, SageMaker AI, Domains, {}, User profiles, {}, Launch Studio; or a link on request: \
         sagedeck users link {}",
        key.scope.region(),
        fleet.domain_label(key),
        user.name,
        user.name
    )
}

/// The execution role: the profile's own, or the domain's.
fn role(fleet: &Fleet, key: &DomainKey, user: &UserKey, document: Option<&Document>) -> Option<Arc<str>> {
    let own = document
        .and_then(|document| document.get("UserSettings"))
        .and_then(|settings| settings.get("ExecutionRole"))
        .and_then(serde_json::Value::as_str)
        .map(Arc::from);
    let known = || {
        let detail = fleet.users.get(user)?.detail.as_ref()?;
        detail.settings.execution_role.clone()
    };
    own.or_else(known)
        .or_else(|| fleet.domains.get(key)?.detail.as_ref()?.user_defaults.execution_role.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Assignment, Bound, Excluded, Name, Problem, ProblemKind, Step, sample};

    fn user(name: &str) -> UserKey {
        UserKey { name: Name::new(name), ..sample::user("x").key }
    }

    fn cells(sheet: &Sheet, column: usize) -> Vec<String> {
        let text = |value: &SheetValue| match value {
            SheetValue::Text(text) => text.clone(),
            _ => "-".to_owned(),
        };
        sheet.rows.iter().map(|row| text(&row[column])).collect()
    }

    #[test]
    fn everybody_is_on_the_sheet_with_what_became_of_them() {
        let mut fleet = sample::fleet(vec![], vec![], vec![]);
        let mut domain = sample::domain();
        domain.url = Some("https://d-research.studio.us-east-1.sagemaker.aws".into());
        let detail = crate::fleet::DomainDetail { auth_mode: Some(AuthMode::Sso), ..Default::default() };
        domain.detail = Some(Box::new(detail));
        fleet.absorb(
            &crate::fleet::Query::Domain(sample::domain_key()),
            crate::fleet::Answer::Domain(Box::new(domain), "{}".into()),
            sample::now(),
        );
        let create = |name: &str| {
            let mut document = Document::new();
            document.insert("SingleSignOnUserValue".to_owned(), format!("{name}@example.com").into());
            Step::new(Change::CreateUser(user(name), document), Bound::Absent)
        };
        let assign = |name: &str| {
            let made =
                Assignment { user: user(name), application: Some("app".into()), principal: "id".into() };
            Step::new(Change::AssignApplication(made), Bound::Unbound)
        };
        let steps = vec![create("anna"), assign("anna"), create("ben"), assign("ben"), assign("cara")];
        let mut plan = Plan::new("Onboard", "create", sample::now(), steps);
        plan.excluded.push(Excluded {
            target: Target::Object(ObjectKey::User(user("dora"))),
            reason: "line 5: exists".into(),
            is_so: false,
        });
        let refused = StepState::Failed(Problem::new(ProblemKind::AccessDenied, "not allowed", ""));
        let states = [StepState::Done, refused, StepState::Done, StepState::Done, StepState::Done];
        let sheet = handover(&plan, &states, &fleet);
        assert_eq!(cells(&sheet, 0), ["anna", "ben", "cara", "dora"]);
        assert_eq!(
            cells(&sheet, 5),
            ["created, cannot sign in yet", "created", "existed, may sign in now", "left out"]
        );
        assert_eq!(cells(&sheet, 6), ["not allowed", "-", "-", "line 5: exists"]);
        assert_eq!(
            cells(&sheet, 3)[0],
            "https://d-research.studio.us-east-1.sagemaker.aws, signing in as anna@example.com"
        );
        assert_eq!(cells(&handover(&plan, &[], &fleet), 5)[0], "not begun");
    }
}
