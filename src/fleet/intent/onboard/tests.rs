//! Tests of onboarding: who is created, who is left alone, and why.

use serde_json::json;

use super::*;
use crate::fleet::{
    Answer, Intent, Page, Policy, Problem, ProblemKind, Role, StepState, Template, UserEdit, handover, sample,
};

const APPLICATION: &str = "arn:aws:sso::123456789012:application/x/apl-1";

fn key(name: &str) -> UserKey {
    UserKey { name: crate::fleet::Name::new(name), ..sample::user("x").key }
}

fn newcomer(name: &str) -> Newcomer {
    Newcomer::new(key(name))
}

/// The sample domain with these users, read in full.
fn fleet(auth_mode: AuthMode, users: &[&str]) -> (Fleet, Documents) {
    let users: Vec<UserProfile> = users.iter().map(|name| sample::user(name)).collect();
    let mut fleet = sample::fleet(users, vec![], vec![]);
    let mut domain = sample::domain();
    domain.detail = Some(Box::new(DomainDetail {
        auth_mode: Some(auth_mode),
        sso_application: Some(APPLICATION.into()),
        vpc: Some("vpc-1".into()),
        ..DomainDetail::default()
    }));
    let query = Query::Domain(sample::domain_key());
    fleet.absorb(&query, Answer::Domain(Box::new(domain), "{}".into()), sample::now());
    let roles = ["Good", "Bad"].map(|name| Role {
        arn: format!("arn:aws:iam::123456789012:role/{name}").into(),
        name: name.into(),
        trusts_sagemaker: Some(name == "Good"),
    });
    let query = Query::Roles(sample::scope().account().clone());
    fleet.absorb(&query, Answer::Roles(roles.to_vec()), sample::now());
    (fleet, Documents::default())
}

fn describe(documents: &mut Documents, name: &str, members: &Value) {
    documents.note(ObjectKey::User(key(name)), Ok(&members.to_string()));
}

fn person(fleet: &mut Fleet, name: &str, id: Option<&str>) {
    let query = Query::Person(sample::scope(), name.into());
    fleet.absorb(&query, Answer::Person(id.map(Arc::from)), sample::now());
}

fn plan_of(newcomers: Vec<Newcomer>, fleet: &Fleet, documents: &Documents) -> Plan {
    Intent::Onboard(newcomers).plan(fleet, documents, &Policy::default(), sample::now()).unwrap()
}

fn reasons(plan: &Plan) -> Vec<String> {
    plan.excluded.iter().map(|excluded| format!("{} {}", excluded.target.name(), excluded.reason)).collect()
}

fn role(name: &str) -> UserEdit {
    UserEdit { role: Some(name.into()), ..UserEdit::default() }
}

#[test]
fn what_is_missing_is_created_and_what_exists_is_compared() {
    let (fleet, mut documents) = fleet(AuthMode::Iam, &["ben", "Cara", "dora"]);
    let settings =
        json!({ "ExecutionRole": "arn:aws:iam::123456789012:role/Good", "StudioWebPortal": "ENABLED" });
    for name in ["ben", "Cara"] {
        describe(&mut documents, name, &json!({ "UserProfileName": name, "UserSettings": settings }));
    }
    describe(
        &mut documents,
        "dora",
        &json!({ "UserSettings": { "ExecutionRole": "arn:aws:iam::1:role/Old" } }),
    );
    let newcomers: Vec<Newcomer> = ["anna", "ben", "cara", "dora", "anna", "e_f"]
        .iter()
        .enumerate()
        .map(|(index, name)| Newcomer { edit: role("Good"), line: Some(index + 2), ..newcomer(name) })
        .collect();
    let plan = plan_of(newcomers.clone(), &fleet, &documents);
    assert_eq!(plan.title, "Onboard anna into research");
    let [step] = &plan.steps[..] else { panic!("{plan:?}") };
    assert_eq!(step.bound, Bound::Absent);
    assert_eq!(
        Value::Object(step.change.request()),
        json!({
            "DomainId": "d-research", "UserProfileName": "anna",
            "UserSettings": { "ExecutionRole": "arn:aws:iam::123456789012:role/Good" }
        })
    );
    assert_eq!(
        reasons(&plan),
        [
            "ben line 3: exists already, as wanted",
            "Cara line 4: exists already, as wanted",
            "dora line 5: exists and differs in UserSettings.ExecutionRole: edit it to change that",
            "anna line 6: is in the list already, on line 2",
            "e_f line 7: a user profile's name has only letters a to z, digits and hyphens; character 2 is `_`",
        ]
    );
    let differences = Intent::Onboard(newcomers).differences(&fleet, &documents);
    let words: Vec<&str> = differences.iter().map(|difference| difference.standing.word()).collect();
    assert_eq!(words, ["create", "equal", "equal", "differs", "invalid", "invalid"]);
    assert_eq!(differences[3].deltas.len(), 1);
}

#[test]
fn a_role_without_trust_stops_one_row_and_no_other() {
    let (fleet, documents) = fleet(AuthMode::Iam, &[]);
    let newcomers = vec![
        Newcomer { edit: role("Bad"), ..newcomer("anna") },
        Newcomer { edit: role("Good"), ..newcomer("ben") },
        Newcomer { edit: role("Goud"), ..newcomer("cara") },
        Newcomer { flaws: vec!["4:1: has no name".to_owned()], ..newcomer("") },
    ];
    let plan = plan_of(newcomers, &fleet, &documents);
    assert_eq!(plan.steps.len(), 1);
    let reasons = reasons(&plan).join("\n");
    assert!(reasons.contains("anna the role Bad does not trust sagemaker.amazonaws.com"), "{reasons}");
    assert!(
        reasons.contains("cara there is no role `Goud` in the account; did you mean `Good`?"),
        "{reasons}"
    );
    assert!(reasons.contains("4:1: has no name"), "{reasons}");
    assert!(plan.warnings[0].contains("L-AC46C40F"), "{:?}", plan.warnings);
}

#[test]
fn where_people_sign_in_with_identity_center_they_are_looked_up_and_assigned() {
    let (mut fleet, mut documents) = fleet(AuthMode::Sso, &["cara", "dora"]);
    let with = |name: &str| Newcomer { sso_user: Some(format!("{name}@x").into()), ..newcomer(name) };
    let newcomers =
        vec![with("anna"), with("ben"), with("cara"), with("dora"), newcomer("emil"), with("finn")];
    let needs = Intent::Onboard(newcomers.clone()).needs(&fleet, &Policy::default());
    assert!(needs.contains(&Query::Person(sample::scope(), "anna@x".into())));
    assert!(needs.contains(&Query::Assigned(sample::domain_key(), APPLICATION.into())));
    assert!(needs.contains(&Query::User(key("cara"))) && needs.contains(&Query::Users(sample::domain_key())));
    person(&mut fleet, "anna@x", Some("p-anna"));
    person(&mut fleet, "ben@x", None);
    person(&mut fleet, "cara@x", Some("p-cara"));
    person(&mut fleet, "dora@x", Some("p-dora"));
    let problem = Problem::new(ProblemKind::AccessDenied, "not allowed", "");
    fleet.fail(&Query::Person(sample::scope(), "finn@x".into()), problem);
    let query = Query::Assigned(sample::domain_key(), APPLICATION.into());
    fleet.absorb(&query, Answer::Assigned(vec!["p-dora".into()]), sample::now());
    for name in ["cara", "dora"] {
        let value = format!("{name}@x");
        let members = json!({ "SingleSignOnUserIdentifier": "UserName", "SingleSignOnUserValue": value });
        describe(&mut documents, name, &members);
    }
    let plan = plan_of(newcomers.clone(), &fleet, &documents);
    let operations: Vec<(&str, String, &[usize])> = plan
        .steps
        .iter()
        .map(|step| (step.change.operation(), step.change.target().name().to_owned(), &step.after[..]))
        .collect();
    assert_eq!(
        operations,
        [
            ("CreateUserProfile", "anna".to_owned(), &[][..]),
            ("CreateApplicationAssignment", "anna".to_owned(), &[0][..]),
            ("CreateApplicationAssignment", "cara".to_owned(), &[][..]),
            ("CreateUserProfile", "finn".to_owned(), &[][..]),
        ]
    );
    assert!(plan.steps[3].warning.as_deref().is_some_and(|text| text.contains("cannot sign in")));
    assert_eq!(
        reasons(&plan),
        [
            "ben nobody signs in to Identity Center as ben@x",
            "dora exists already, as wanted",
            "emil research signs in with Identity Center: the person's name there is missing (column sso_user)",
        ]
    );
    let sheet = handover(&plan, &[StepState::Done, StepState::Done], &fleet);
    assert_eq!(sheet.rows.len(), 6);
    // Tags of somebody who does not exist yet protect nobody.
    let policy =
        Policy { protected_tags: vec![Tag { key: "keep".into(), value: "".into() }], ..Policy::default() };
    let intent = Intent::Onboard(newcomers);
    assert!(intent.needs(&fleet, &policy).contains(&Query::Tags(ObjectKey::User(key("cara")))));
    let plan = intent.plan(&fleet, &documents, &policy, sample::now()).unwrap();
    let names: Vec<String> = plan.steps.iter().map(|step| step.change.target().name().to_owned()).collect();
    assert_eq!(names, ["anna", "anna", "finn"], "cara's tags are not known");
}

#[test]
fn a_clone_takes_all_settings_over_but_no_identity() {
    let (fleet, mut documents) = fleet(AuthMode::Iam, &["ben"]);
    describe(
        &mut documents,
        "ben",
        &json!({
            "UserProfileArn": "arn", "HomeEfsFileSystemUid": "200000", "Status": "InService",
            "UserSettings": {
                "CustomPosixUserConfig": { "Uid": 10001, "Gid": 1001 },
                "CanvasAppSettings": { "KendraSettings": { "Status": "ENABLED" } },
                "StudioWebPortal": "ENABLED"
            }
        }),
    );
    let edit = UserEdit { landing: Some("studio::".into()), ..UserEdit::default() };
    let clone = Newcomer { clone_of: Some(key("ben")), edit, ..newcomer("anna") };
    let plan = plan_of(vec![clone], &fleet, &documents);
    let Change::CreateUser(_, document) = &plan.steps[0].change else { panic!("{plan:?}") };
    assert_eq!(
        Value::Object(document.clone()),
        json!({ "UserSettings": {
            "StudioWebPortal": "ENABLED",
            "CanvasAppSettings": { "KendraSettings": { "Status": "ENABLED" } },
            "DefaultLandingUri": "studio::"
        } })
    );
    assert!(plan.steps[0].warning.as_deref().is_some_and(|text| text.contains("POSIX")));
    let unread = Newcomer { clone_of: Some(key("nobody")), ..newcomer("cara") };
    let plan = plan_of(vec![unread], &fleet, &documents);
    assert_eq!(reasons(&plan), ["cara nobody, whose settings are taken over, was not read in full"]);
}

#[test]
fn where_it_is_not_known_who_is_there_nobody_is_created() {
    let (mut fleet, documents) = fleet(AuthMode::Iam, &[]);
    fleet.fail(&Query::Users(sample::domain_key()), Problem::new(ProblemKind::Throttled, "slow down", ""));
    let plan = plan_of(vec![newcomer("anna")], &fleet, &documents);
    assert!(plan.steps.is_empty());
    assert_eq!(reasons(&plan), ["anna who is in research already could not all be read (slow down)"]);
    let mut domain = sample::domain();
    domain.status = Status::Deleting;
    let page = Page { rows: vec![domain], first: true, last: true };
    fleet.absorb(&Query::Domains(sample::scope()), Answer::Domains(page), sample::now());
    let plan = plan_of(vec![newcomer("anna")], &fleet, &documents);
    assert!(reasons(&plan)[0].contains("the domain research is Deleting"));
}

#[test]
fn tags_are_set_with_the_profile_and_compared_where_it_exists() {
    let (mut fleet, mut documents) = fleet(AuthMode::Iam, &["ben"]);
    describe(&mut documents, "ben", &json!({}));
    let template = Template::parse("t.toml", "[tags]\nteam = \"nlp\"\n").unwrap();
    let newcomers = vec![newcomer("anna").with_template(&template), newcomer("ben").with_template(&template)];
    let object = ObjectKey::User(key("ben"));
    assert!(
        Intent::Onboard(newcomers.clone())
            .needs(&fleet, &Policy::default())
            .contains(&Query::Tags(object.clone()))
    );
    let tags = vec![Tag { key: "team".into(), value: "cv".into() }];
    fleet.absorb(&Query::Tags(object), Answer::Tags(tags), sample::now());
    let plan = plan_of(newcomers, &fleet, &documents);
    assert_eq!(plan.steps[0].change.request()["Tags"], json!([{ "Key": "team", "Value": "nlp" }]));
    assert_eq!(reasons(&plan), ["ben exists and differs in Tags.team: edit it to change that"]);
}
