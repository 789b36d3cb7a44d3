//! Tests of new domains and of edits of domains.

use serde_json::{Value, json};

use crate::fleet::{
    Answer, App, AppStatus, AuthMode, Change, Document, Documents, DomainDetail, DomainEdit, Fleet, Intent,
    Network, NetworkAccess, NewDomain, ObjectKey, Plan, Policy, Query, Role, SecurityGroup, SharingOutput,
    Subnet, Tag, UserEdit, Vpc, sample,
};

const ROLE: &str = "arn:aws:iam::123456789012:role/Studio";

fn known(apps: Vec<App>) -> Fleet {
    let mut fleet = sample::fleet(vec![sample::user("anna")], vec![], apps);
    let scope = sample::scope();
    let roles = vec![Role { arn: ROLE.into(), name: "Studio".into(), trusts_sagemaker: Some(true) }];
    fleet.absorb(&Query::Roles(scope.account().clone()), Answer::Roles(roles), sample::now());
    let subnet = |id: &str, vpc: &str, zone: &str, free| Subnet {
        id: id.into(),
        vpc: vpc.into(),
        name: None,
        zone: Some(zone.into()),
        cidr: None,
        free_addresses: Some(free),
    };
    let network = Network {
        vpcs: vec![Vpc { id: "vpc-1".into(), name: None, cidr: None, is_default: true }],
        subnets: vec![
            subnet("subnet-1", "vpc-1", "a", 200),
            subnet("subnet-2", "vpc-1", "b", 3),
            subnet("subnet-3", "vpc-2", "a", 200),
        ],
        groups: vec![SecurityGroup {
            id: "sg-1".into(),
            vpc: Some("vpc-1".into()),
            name: None,
            description: None,
        }],
    };
    fleet.absorb(&Query::Network(scope), Answer::Network(Box::new(network)), sample::now());
    fleet
}

fn plan(fleet: &Fleet, intent: &Intent) -> Result<Plan, String> {
    let mut documents = Documents::default();
    let described = json!({
        "DomainId": "d-research", "VpcId": "vpc-1", "SubnetIds": ["subnet-1", "subnet-2"],
        "AppNetworkAccessType": "PublicInternetOnly", "TagPropagation": "DISABLED",
        "DomainSettings": { "DockerSettings": { "EnableDockerAccess": "ENABLED", "VpcOnlyTrustedAccounts": ["1"] } },
        "DefaultUserSettings": {
            "ExecutionRole": "old", "CanvasAppSettings": { "KendraSettings": { "Status": "ENABLED" } }
        }
    });
    documents.note(ObjectKey::Domain(sample::domain_key()), Ok(&described.to_string()));
    intent.plan(fleet, &documents, &Policy::default(), sample::now())
}

fn new() -> NewDomain {
    NewDomain {
        vpc: "vpc-1".into(),
        subnets: vec!["subnet-1".into(), "subnet-2".into()],
        user_defaults: UserEdit {
            role: Some("Studio".into()),
            security_groups: Some(vec!["sg-1".into()]),
            ..UserEdit::default()
        },
        sharing: Some(SharingOutput { allowed: true, s3_path: Some("s3://bucket/x".into()), kms_key: None }),
        tags: vec![Tag { key: "env".into(), value: "dev".into() }],
        ..NewDomain::new(sample::scope(), "vision")
    }
}

#[test]
fn a_new_domain_is_one_request_with_everything_in_it() {
    let plan = plan(&known(vec![]), &Intent::CreateDomain(Box::new(new()))).unwrap();
    let [step] = &plan.steps[..] else { panic!("{plan:?}") };
    assert!(matches!(&step.change, Change::CreateDomain(key, _) if key.id.is_to_be()));
    assert_eq!(
        Value::Object(step.change.request()),
        json!({
            "DomainName": "vision", "AuthMode": "IAM", "AppNetworkAccessType": "PublicInternetOnly",
            "VpcId": "vpc-1", "SubnetIds": ["subnet-1", "subnet-2"],
            "DefaultUserSettings": {
                "ExecutionRole": ROLE, "SecurityGroups": ["sg-1"],
                "SharingSettings": { "NotebookOutputOption": "Allowed", "S3OutputPath": "s3://bucket/x" }
            },
            "Tags": [{ "Key": "env", "Value": "dev" }]
        })
    );
    let warnings = plan.warnings.join("\n");
    assert!(warnings.contains("The subnet subnet-2 has only 3 free addresses"), "{warnings}");
    let sso = NewDomain { auth_mode: AuthMode::Sso, network: NetworkAccess::VpcOnly, ..new() };
    let plan = super::create(&sso, &known(vec![]), sample::now()).unwrap();
    assert_eq!(plan.warnings.len(), 4, "{:?}", plan.warnings);
}

#[test]
fn a_new_domain_that_aws_would_refuse_is_refused_with_every_reason() {
    let wrong = NewDomain {
        name: "research".into(),
        subnets: vec!["subnet-1".into(), "subnet-1".into(), "subnet-3".into(), "subnet-9".into()],
        user_defaults: UserEdit {
            role: Some("Nobody".into()),
            security_groups: Some(vec!["sg-7".into()]),
            ..UserEdit::default()
        },
        sharing: Some(SharingOutput { allowed: false, s3_path: Some("https://x".into()), kms_key: None }),
        ..new()
    };
    let refused = plan(&known(vec![]), &Intent::CreateDomain(Box::new(wrong))).unwrap_err();
    for part in [
        "there is a domain called research",
        "the subnet subnet-1 is given twice",
        "the subnet subnet-3 is in vpc-2, and the domain in vpc-1",
        "there is no subnet subnet-9",
        "there is no role `Nobody`",
        "there is no security group sg-7",
        "output that may not be shared",
        "an S3 address begins with s3://",
    ] {
        assert!(refused.contains(part), "{part}\n{refused}");
    }
    let fields: Vec<&str> =
        NewDomain::new(sample::scope(), "").flaws().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["name", "vpc", "subnets", "role"]);
}

fn edit(edit: DomainEdit) -> Intent {
    Intent::EditDomain { domain: sample::domain_key(), edit: Box::new(edit) }
}

fn members(value: Value) -> Document {
    let Value::Object(members) = value else { panic!("{value}") };
    members
}

#[test]
fn an_edit_sends_whole_structures_under_the_names_for_updates() {
    let mut fleet = known(vec![]);
    let mut domain = sample::domain();
    domain.detail = Some(Box::new(DomainDetail::default()));
    fleet.absorb(
        &Query::Domain(sample::domain_key()),
        Answer::Domain(Box::new(domain), "{}".into()),
        sample::now(),
    );
    let intent = edit(DomainEdit {
        user_defaults: UserEdit { landing: Some("studio::".into()), ..UserEdit::default() },
        members: members(json!({
            "DomainSettingsForUpdate": { "DockerSettings": { "EnableDockerAccess": "DISABLED" } },
            "TagPropagation": "DISABLED"
        })),
        ..DomainEdit::default()
    });
    let plan = plan(&fleet, &intent).unwrap();
    assert_eq!(
        Value::Object(plan.steps[0].change.document().unwrap().clone()),
        json!({
            "DefaultUserSettings": { "DefaultLandingUri": "studio::" },
            "DomainSettingsForUpdate": {
                "DockerSettings": { "EnableDockerAccess": "DISABLED", "VpcOnlyTrustedAccounts": ["1"] }
            }
        })
    );
    assert_eq!(
        plan.steps[0].before.as_ref().unwrap()["DomainSettingsForUpdate"]["DockerSettings"]["EnableDockerAccess"],
        "ENABLED"
    );
    assert!(plan.warnings[0].starts_with("1 user profile inherit"), "{:?}", plan.warnings);
}

#[test]
fn what_cannot_be_changed_and_what_has_to_wait_for_apps_is_refused_with_the_reason() {
    let mut deleting = sample::app("anna", crate::fleet::AppType::JupyterServer, "default");
    deleting.status = AppStatus::Deleting;
    let (idle, busy) = (known(vec![]), known(vec![deleting]));
    let fixed = edit(DomainEdit {
        members: members(json!({ "AuthMode": "SSO", "Subnets": [] })),
        ..DomainEdit::default()
    });
    let refused = plan(&idle, &fixed).unwrap_err();
    assert!(refused.contains("AuthMode: how people sign in is fixed"), "{refused}");
    assert!(refused.contains("AWS has no `Subnets` to change"), "{refused}");
    let access = edit(DomainEdit { network: Some(NetworkAccess::VpcOnly), ..DomainEdit::default() });
    assert!(plan(&idle, &access).is_ok());
    let subnets = edit(DomainEdit { subnets: Some(vec!["subnet-1".into()]), ..DomainEdit::default() });
    let role = UserEdit { role: Some("Studio".into()), ..UserEdit::default() };
    let role = edit(DomainEdit { user_defaults: role, ..DomainEdit::default() });
    for (intent, what) in
        [(access, "the network access"), (subnets, "its subnets"), (role, "the default execution role")]
    {
        assert!(plan(&idle, &intent).is_ok(), "{what}");
        let refused = plan(&busy, &intent).unwrap_err();
        assert!(
            refused.contains(&format!("AWS does not change {what} while apps run: 1 app runs")),
            "{refused}"
        );
    }
    let more = vec!["subnet-1".into(), "subnet-2".into(), "subnet-3".into()];
    let foreign = edit(DomainEdit { subnets: Some(more), ..DomainEdit::default() });
    assert!(plan(&idle, &foreign).unwrap_err().contains("subnet-3 is in vpc-2"));
    let same = edit(DomainEdit { network: Some(NetworkAccess::PublicInternetOnly), ..DomainEdit::default() });
    let nothing = plan(&idle, &same).unwrap();
    assert!(nothing.steps.is_empty() && nothing.excluded[0].is_so, "{nothing:?}");
    assert!(plan(&idle, &edit(DomainEdit::default())).is_err());
}
