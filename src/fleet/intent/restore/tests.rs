//! Tests of restoring: into the domain it came from, into another one, and into a new one elsewhere.

use serde_json::json;

use super::*;
use crate::fleet::{
    AccountId, Answer, BackupConfig, DomainDetail, Intent, LifecycleConfig, LifecycleConfigKey, Name,
    Network, Policy, Problem, ProblemKind, Region, Role, Sharing, Subnet, sample,
};

const ROLE: &str = "arn:aws:iam::123456789012:role/Studio";

fn document(value: Value) -> Document {
    let Value::Object(members) = value else { panic!("{value}") };
    members
}

fn config_arn() -> String {
    sample::scope().arn("studio-lifecycle-config/install")
}

/// A domain with two users, of whom one has a space, and a configuration that it uses.
fn backup() -> Backup {
    let object = |name: &str, members: Value| BackupObject {
        name: Name::new(name),
        document: document(members),
        tags: vec![
            Tag { key: "team".into(), value: "nlp".into() },
            Tag { key: "aws:made".into(), value: "x".into() },
        ],
    };
    let config = |name: &str| BackupConfig {
        name: Name::new(name),
        arn: sample::scope().arn(&format!("studio-lifecycle-config/{name}")),
        app_type: Some("JupyterLab".to_owned()),
        script: "#!/bin/bash\n".to_owned(),
        tags: vec![
            Tag { key: "for".into(), value: "all".into() },
            Tag { key: "AWS:made".into(), value: "x".into() },
        ],
    };
    let lab = json!({ "LifecycleConfigArns": [config_arn()], "CustomImages": [
        { "ImageName": "ours", "AppImageConfigName": "c" }
    ] });
    Backup {
        format: 1,
        made_by: "sagedeck".to_owned(),
        taken_at: sample::now(),
        domain: sample::domain_key(),
        document: document(json!({
            "DomainId": "d-research", "DomainArn": "arn", "DomainName": "research", "Status": "InService",
            "AuthMode": "IAM", "VpcId": "vpc-1", "SubnetIds": ["subnet-1"], "KmsKeyId": "key-1",
            "HomeEfsFileSystemId": "fs-1", "AppNetworkAccessType": "VpcOnly",
            "DomainSettings": { "UnifiedStudioSettings": { "DomainId": "dzd" }, "DockerSettings": {} },
            "DefaultUserSettings": {
                "ExecutionRole": ROLE, "SecurityGroups": ["sg-1"], "JupyterLabAppSettings": lab
            }
        })),
        tags: vec![Tag { key: "env".into(), value: "prod".into() }],
        assigned: Vec::new(),
        users: vec![
            object(
                "anna",
                json!({
                    "UserProfileArn": "arn", "HomeEfsFileSystemUid": "200005",
                    "UserSettings": { "ExecutionRole": ROLE, "SecurityGroups": ["sg-2"] }
                }),
            ),
            object("ben", json!({ "UserProfileArn": "arn", "HomeEfsFileSystemUid": "200010" })),
        ],
        spaces: vec![object(
            "lab",
            json!({
                "SpaceArn": "arn", "Url": "https://x", "OwnershipSettings": { "OwnerUserProfileName": "anna" },
                "SpaceSharingSettings": { "SharingType": "Private" },
                "SpaceSettings": { "AppType": "JupyterLab" }
            }),
        )],
        lifecycle_configs: vec![config("install"), config("unused")],
        images: Value::Null,
        left_out: Vec::new(),
    }
}

fn know(fleet: &mut Fleet, scope: &Scope, configs: Vec<LifecycleConfig>) {
    let role = |name: &str| Role {
        arn: format!("arn:aws:iam::{}:role/{name}", scope.account()).into(),
        name: name.into(),
        trusts_sagemaker: Some(true),
    };
    let account = scope.account().clone();
    fleet.absorb(&Query::Roles(account), Answer::Roles(vec![role("Studio"), role("New")]), sample::now());
    fleet.absorb(&Query::LifecycleConfigs(scope.clone()), Answer::LifecycleConfigs(configs), sample::now());
    fleet.absorb(&Query::Images(scope.clone()), Answer::Images(r#"{"Images":[]}"#.into()), sample::now());
}

/// The domain as it was, with what it refers to; gives its lifecycle configuration.
fn know_domain(fleet: &mut Fleet) -> LifecycleConfigKey {
    let mut domain = sample::domain();
    domain.detail = Some(Box::new(DomainDetail {
        auth_mode: Some(AuthMode::Iam),
        vpc: Some("vpc-1".into()),
        ..DomainDetail::default()
    }));
    let query = Query::Domain(sample::domain_key());
    fleet.absorb(&query, Answer::Domain(Box::new(domain), "{}".into()), sample::now());
    let key = LifecycleConfigKey { scope: sample::scope(), name: Name::new("install") };
    let config = LifecycleConfig {
        arn: key.arn().into(),
        key: key.clone(),
        app_type: Some("JupyterLab".into()),
        created: Some(sample::minutes_ago(9)),
        modified: None,
    };
    know(fleet, &sample::scope(), vec![config]);
    key
}

fn plan(fleet: &Fleet, documents: &Documents, into: RestoreInto) -> Result<Plan, String> {
    let intent = Intent::Restore { backup: Arc::new(backup()), into };
    intent.plan(fleet, documents, &Policy::default(), sample::now())
}

fn operations(plan: &Plan) -> Vec<(&'static str, String, Vec<usize>)> {
    let steps = plan.steps.iter();
    steps
        .map(|step| {
            let name = step.change.target().name().to_owned();
            (step.change.operation(), name, step.after.clone())
        })
        .collect()
}

#[test]
fn into_the_domain_it_came_from_only_what_is_missing_is_created() {
    let spaces = vec![sample::space("lab", "anna", Sharing::Private)];
    let mut fleet = sample::fleet(vec![sample::user("anna")], spaces, vec![]);
    let key = know_domain(&mut fleet);
    let unread = RestoreInto::Existing(sample::domain_key());
    let intent = Intent::Restore { backup: Arc::new(backup()), into: unread.clone() };
    let differences = intent.differences(&fleet, &Documents::default());
    let reasons = vec!["exists already, and its script was not read".to_owned()];
    assert_eq!(differences[0].standing, Standing::Invalid(reasons), "not read is not equal");
    let needs = intent.needs(&fleet, &Policy::default());
    for need in [Query::LifecycleConfig(key.clone()), Query::ConfigTags(key.clone())] {
        assert!(needs.contains(&need), "{need:?}");
    }
    fleet.library.scripts.insert(key.clone(), "#!/bin/bash\n".into());
    fleet.library.config_tags.insert(key, vec![Tag { key: "for".into(), value: "all".into() }]);
    let tags = vec![Tag { key: "team".into(), value: "nlp".into() }];
    let lab = ObjectKey::Space(sample::space("lab", "anna", Sharing::Private).key);
    fleet.absorb(&Query::Tags(lab), Answer::Tags(tags.clone()), sample::now());
    let anna = ObjectKey::User(sample::user("anna").key);
    fleet.absorb(&Query::Tags(anna.clone()), Answer::Tags(tags), sample::now());
    let mut documents = Documents::default();
    documents.note(anna, Ok(&json!({ "UserSettings": { "ExecutionRole": "other" } }).to_string()));
    let lab = ObjectKey::Space(sample::space("lab", "anna", Sharing::Private).key);
    documents.note(lab, Ok(&Value::Object(backup().spaces[0].document.clone()).to_string()));
    let into = RestoreInto::Existing(sample::domain_key());
    let plan = plan(&fleet, &documents, into.clone()).unwrap();
    assert_eq!(operations(&plan), [("CreateUserProfile", "ben".to_owned(), vec![])]);
    assert_eq!(plan.steps[0].change.request()["Tags"], json!([{ "Key": "team", "Value": "nlp" }]));
    let reasons: Vec<String> =
        plan.excluded.iter().map(|one| format!("{} {}", one.target.name(), one.reason)).collect();
    assert_eq!(
        reasons,
        [
            "install exists already, as wanted",
            "anna exists and differs in UserSettings.ExecutionRole, UserSettings.SecurityGroups: edit it to change that",
            "lab exists already, as wanted",
        ]
    );
    assert!(plan.warnings[0].contains("gets a new id"), "{:?}", plan.warnings);
    let intent = Intent::Restore { backup: Arc::new(backup()), into };
    assert_eq!(intent.differences(&fleet, &documents).len(), 4);
    let needs = intent.needs(&fleet, &Policy::default());
    assert!(needs.iter().any(|query| matches!(query, Query::Space(_))), "{needs:?}");
}

#[test]
fn tags_that_are_missing_or_differ_are_set_where_the_rest_is_there() {
    let tag = |key: &str, value: &str| Tag { key: key.into(), value: value.into() };
    let spaces = vec![sample::space("lab", "anna", Sharing::Private)];
    let mut fleet = sample::fleet(vec![sample::user("anna")], spaces, vec![]);
    let key = know_domain(&mut fleet);
    fleet.library.scripts.insert(key.clone(), "#!/bin/sh\n".into());
    fleet.library.config_tags.insert(key.clone(), vec![]);
    let anna = ObjectKey::User(sample::user("anna").key);
    let lab = ObjectKey::Space(sample::space("lab", "anna", Sharing::Private).key);
    for (object, tags) in [(&anna, vec![tag("own", "x")]), (&lab, vec![tag("team", "cv")])] {
        fleet.absorb(&Query::Tags(object.clone()), Answer::Tags(tags), sample::now());
    }
    let mut documents = Documents::default();
    let mut wanted = backup().users[0].document.clone();
    wanted.insert("CreationTime".to_owned(), json!(1));
    documents.note(anna.clone(), Ok(&Value::Object(wanted).to_string()));
    documents.note(lab.clone(), Ok(r#"{"SpaceDisplayName":"Lab"}"#));
    let into = RestoreInto::Existing(sample::domain_key());
    let restored = plan(&fleet, &documents, into.clone()).unwrap();
    let set: Vec<_> = restored
        .steps
        .iter()
        .filter_map(|step| match &step.change {
            Change::AddTags(target, tags) => {
                assert!(matches!(step.bound, Bound::Created(_)), "{step:?}");
                Some((target.name(), tags.clone(), step.warning.as_deref().unwrap_or_default()))
            }
            _ => None,
        })
        .collect();
    let others = "besides, it differs in OwnershipSettings.OwnerUserProfileName, SpaceSharingSettings.SharingType, \
                  SpaceSettings.AppType: edit it to change that";
    assert_eq!(
        set,
        [
            ("install", vec![tag("for", "all")], "besides, it differs in script: edit it to change that"),
            ("anna", vec![tag("team", "nlp")], ""),
            ("lab", vec![tag("team", "nlp")], format!("replaces team=cv; {others}").as_str()),
        ]
    );
    assert!(restored.keeps[0].contains("but for the tags"), "{:?}", restored.keeps);
    let intent = Intent::Restore { backup: Arc::new(backup()), into };
    let standings: Vec<_> =
        intent.differences(&fleet, &documents).iter().map(|one| one.standing.word()).collect();
    assert_eq!(standings, ["tag", "tag", "create", "tag"]);
    let protected = Policy { protected_tags: vec![tag("team", "cv")], ..Policy::default() };
    let needs = intent.needs(&fleet, &protected);
    assert!(needs.contains(&Query::Tags(lab.clone())), "{needs:?}");
    let domain = ObjectKey::Domain(sample::domain_key());
    fleet.absorb(&Query::Tags(domain), Answer::Tags(vec![]), sample::now());
    let kept = intent.plan(&fleet, &documents, &protected, sample::now()).unwrap();
    assert!(kept.excluded.iter().any(|one| one.target == lab.clone().into()), "{:?}", kept.excluded);
    fleet.fail(&Query::ConfigTags(key), Problem::new(ProblemKind::AccessDenied, "no", ""));
    let unread = &intent.differences(&fleet, &documents)[0].standing;
    assert!(matches!(unread, Standing::Invalid(why) if why[0].contains("tags that could not be read")));
}

fn elsewhere() -> Scope {
    Scope::new(AccountId::new("210987654321"), Region::new("eu-west-1"))
}

fn new(changes: RestoreChanges) -> RestoreInto {
    RestoreInto::New { scope: elsewhere(), name: "research-2".into(), changes }
}

#[test]
fn into_a_new_domain_of_another_account_everything_is_created_in_order_and_turned() {
    let mut fleet = sample::fleet(vec![], vec![], vec![]);
    know(&mut fleet, &elsewhere(), vec![]);
    let subnet = Subnet {
        id: "subnet-9".into(),
        vpc: "vpc-9".into(),
        name: None,
        zone: None,
        cidr: None,
        free_addresses: None,
    };
    let network = Network { subnets: vec![subnet], ..Network::default() };
    fleet.absorb(&Query::Network(elsewhere()), Answer::Network(Box::new(network)), sample::now());
    let role = "arn:aws:iam::210987654321:role/New";
    let changes = RestoreChanges {
        role: Some(role.into()),
        vpc: Some("vpc-9".into()),
        subnets: Some(vec!["subnet-9".into()]),
        ..RestoreChanges::default()
    };
    let plan = plan(&fleet, &Documents::default(), new(changes)).unwrap();
    assert_eq!(
        operations(&plan),
        [
            ("CreateStudioLifecycleConfig", "install".to_owned(), vec![]),
            ("CreateDomain", "new:research-2".to_owned(), vec![0]),
            ("CreateUserProfile", "anna".to_owned(), vec![1]),
            ("CreateUserProfile", "ben".to_owned(), vec![1]),
            ("CreateSpace", "lab".to_owned(), vec![1, 2]),
        ]
    );
    let arn = "arn:aws:sagemaker:eu-west-1:210987654321:studio-lifecycle-config/install";
    assert_eq!(
        Value::Object(plan.steps[1].change.request()),
        json!({
            "DomainName": "research-2", "AuthMode": "IAM",
            "DefaultUserSettings": {
                "ExecutionRole": role,
                "JupyterLabAppSettings": {
                    "LifecycleConfigArns": [arn],
                    "CustomImages": [{ "ImageName": "ours", "AppImageConfigName": "c" }]
                }
            },
            "DomainSettings": { "DockerSettings": {} },
            "SubnetIds": ["subnet-9"], "VpcId": "vpc-9", "AppNetworkAccessType": "VpcOnly",
            "Tags": [{ "Key": "env", "Value": "prod" }]
        })
    );
    assert_eq!(plan.steps[2].change.request()["UserSettings"], json!({ "ExecutionRole": role }));
    assert_eq!(plan.steps[0].change.request()["Tags"], json!([{ "Key": "for", "Value": "all" }]));
    let warning = plan.steps[1].warning.as_deref();
    assert_eq!(
        warning.map(|text| text.contains("images that are not there: ours, the app image configuration c")),
        Some(true),
        "{warning:?}"
    );
    assert_eq!(plan.steps[2].warning, None, "a user refers to no image");
    let warnings = plan.warnings.join("\n");
    for part in [
        "new and empty home file system",
        "2 user profiles get new ids",
        "1 space begin",
        "Images that are not there: ours, the app image configuration c",
        "Security groups of the old VPC are left out",
        "The key of the storage: left out",
        "Unified Studio",
    ] {
        assert!(warnings.contains(part), "{part}\n{warnings}");
    }
}

#[test]
fn who_could_sign_in_is_assigned_to_the_new_domain_in_the_same_plan() {
    let mut backup = backup();
    backup.document.insert("AuthMode".to_owned(), json!("SSO"));
    backup.document.shift_remove("KmsKeyId");
    for user in &mut backup.users {
        let value = json!(format!("{}@x", user.name));
        user.document.insert("SingleSignOnUserValue".to_owned(), value);
    }
    backup.assigned = vec!["p-anna".into(), "p-other".into()];
    let mut fleet = sample::fleet(vec![], vec![], vec![]);
    know_domain(&mut fleet);
    let into = RestoreInto::New {
        scope: sample::scope(),
        name: "research-2".into(),
        changes: RestoreChanges::default(),
    };
    let plan_of = |backup: &Backup, fleet: &Fleet| {
        let intent = Intent::Restore { backup: Arc::new(backup.clone()), into: into.clone() };
        let needs = intent.needs(fleet, &Policy::default());
        assert!(needs.contains(&Query::Person(sample::scope(), "ben@x".into())), "{needs:?}");
        intent.plan(fleet, &Documents::default(), &Policy::default(), sample::now()).unwrap()
    };
    for name in ["anna", "ben"] {
        let query = Query::Person(sample::scope(), format!("{name}@x").into());
        fleet.absorb(&query, Answer::Person(Some(format!("p-{name}").into())), sample::now());
    }
    let plan = plan_of(&backup, &fleet);
    let users: Vec<_> = operations(&plan).into_iter().filter(|(_, name, _)| name != "install").collect();
    assert_eq!(
        users,
        [
            ("CreateDomain", "new:research-2".to_owned(), vec![]),
            ("CreateUserProfile", "anna".to_owned(), vec![0]),
            ("CreateApplicationAssignment", "anna".to_owned(), vec![1, 0]),
            ("CreateUserProfile", "ben".to_owned(), vec![0]),
            ("CreateSpace", "lab".to_owned(), vec![0, 1]),
        ],
        "ben could not sign in before"
    );
    let line = plan.steps[2].change.cli_line();
    assert!(line.contains("<the application of the new domain>") && line.contains("p-anna"), "{line}");
    let warnings = plan.warnings.join("\n");
    assert!(warnings.contains("1 user profile is assigned to the new domain's application"), "{warnings}");
    assert!(!warnings.contains("again afterwards"), "one run is enough: {warnings}");

    let query = Query::Person(sample::scope(), "anna@x".into());
    fleet.absorb(&query, Answer::Person(Some("p-of-another-store".into())), sample::now());
    let plan = plan_of(&backup, &fleet);
    assert!(plan.steps.iter().all(|step| step.change.awaits_application().is_none()), "{plan:?}");
    assert!(plan.warnings.join("\n").contains("nobody is assigned"), "{:?}", plan.warnings);
    fleet.absorb(&query, Answer::Person(None), sample::now());
    let plan = plan_of(&backup, &fleet);
    let left_out: Vec<&str> = plan.excluded.iter().map(|one| one.target.name()).collect();
    assert!(left_out.contains(&"anna") && left_out.contains(&"lab"), "{left_out:?}");
}

#[test]
fn a_new_domain_that_aws_would_refuse_is_no_plan() {
    let mut fleet = sample::fleet(vec![], vec![], vec![]);
    know(&mut fleet, &elsewhere(), vec![]);
    let documents = Documents::default();
    let refused = plan(&fleet, &documents, new(RestoreChanges::default())).unwrap_err();
    assert!(refused.contains("of another account than the domain"), "{refused}");
    let taken = RestoreInto::New {
        scope: sample::scope(),
        name: "research".into(),
        changes: RestoreChanges::default(),
    };
    assert!(plan(&fleet, &documents, taken).unwrap_err().contains("already: d-research"));
    let wrong = RestoreInto::New {
        scope: sample::scope(),
        name: "re_search".into(),
        changes: RestoreChanges::default(),
    };
    assert!(plan(&fleet, &documents, wrong).unwrap_err().contains("character 3"));
}
