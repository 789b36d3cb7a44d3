//! What an account holds in IAM before anybody opens Studio: roles from careful to careless, and policies.

use serde_json::{Value, json};

use crate::sim::clock::{DAY, HOUR};
use crate::sim::iam::{Policy, Role};
use crate::sim::world::{Name, Tags, World};

/// The execution role that the setup wizard makes: `AmazonSageMakerFullAccess` and every bucket.
pub(super) const BROAD_ROLE: &str = "service-role/AmazonSageMaker-ExecutionRole-20240312T101533";
/// An execution role with just what the work needs, below a boundary.
pub(super) const NARROW_ROLE: &str = "ml/StudioRiskAnalyst";
/// An execution role that may do anything.
pub(super) const ADMIN_ROLE: &str = "StudioNlpResearch";
/// The execution role of shared spaces.
pub(super) const SHARED_ROLE: &str = "ml/StudioSharedSpaces";
/// The role of an `RStudio` domain.
pub(super) const RSTUDIO_ROLE: &str = "ml/StudioRStudioDomain";

/// The ARN of a role of an account.
pub(super) fn role_arn(account: &str, role: &str) -> String {
    format!("arn:aws:iam::{account}:role/{role}")
}

/// Gives an account its alias, roles and policies.
pub(super) fn found(world: &mut World, account: &str, alias: &str) {
    let now = world.now();
    let boundary: Name = format!("arn:aws:iam::{account}:policy/ml/StudioBoundary").into();
    let aws = |name: &str| Name::from(format!("arn:aws:iam::aws:policy/{name}"));
    let entry = world.account_mut(account);
    entry.alias = Some(alias.into());

    for (arn, description, versions) in [
        (aws("AmazonSageMakerFullAccess"), "Provides full access to Amazon SageMaker.", vec![full_access()]),
        (
            aws("AdministratorAccess"),
            "Provides full access to AWS services and resources.",
            vec![allow(&["*"], "*")],
        ),
        (aws("AmazonSageMakerCanvasFullAccess"), "Provides full access to Canvas.", vec![canvas()]),
        (
            boundary.clone(),
            "What nobody in Studio may go beyond.",
            vec![
                allow(&["sagemaker:*", "s3:*"], "*"),
                allow(&["sagemaker:*", "s3:GetObject", "logs:*"], "*"),
            ],
        ),
    ] {
        let created = now - 700 * DAY;
        let dates = (0..).map(|quarter| created + quarter * 90 * DAY);
        let versions = versions.iter().map(|document| document.to_string().into()).zip(dates).collect();
        entry
            .iam
            .policies
            .insert(arn.clone(), Policy { arn, created, description: Some(description.into()), versions });
    }

    let studio = trust(&json!({"Service": "sagemaker.amazonaws.com"}), None);
    let pipeline = trust(&json!({"Service": ["glue.amazonaws.com", "lambda.amazonaws.com"]}), None);
    let people = trust(&json!({"AWS": format!("arn:aws:iam::{account}:root")}), None);
    let foreign = trust(&json!({"AWS": "arn:aws:iam::123456789012:root"}), Some("sagedeck"));
    let mut add = |path_and_name: &str, trust: &str, age_days: i64, refine: &dyn Fn(&mut Role)| {
        let (path, name) = path_and_name.rsplit_once('/').map_or(("", path_and_name), |split| split);
        let path = if path.is_empty() { "/".to_owned() } else { format!("/{path}/") };
        let mut role = Role::new(name, &path, trust, now - age_days * DAY);
        refine(&mut role);
        entry.iam.roles.insert(role.name.clone(), role);
    };
    let used = |role: &mut Role, hours: i64| role.last_used = Some((now - hours * HOUR, "eu-west-1".into()));

    add(BROAD_ROLE, &studio, 610, &|role| {
        role.description =
            Some("SageMaker execution role created from the SageMaker AWS Management Console.".into());
        role.attached = vec![aws("AmazonSageMakerFullAccess"), aws("AmazonSageMakerCanvasFullAccess")];
        inline(
            role,
            "S3Everywhere",
            &allow(&["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"], "*"),
        );
        inline(role, "PassAnyRole", &allow(&["iam:PassRole"], "*"));
        inline(role, "ReadSecrets", &allow(&["secretsmanager:GetSecretValue"], "*"));
        used(role, 1);
    });
    add(NARROW_ROLE, &studio, 320, &|role| {
        role.boundary = Some(boundary.clone());
        inline(role, "RiskData", &allow(&["s3:GetObject", "s3:ListBucket"], "arn:aws:s3:::acme-risk-data*"));
        inline(role, "SmallInstancesOnly", &small_instances());
        role.tags = Tags::new([("team".into(), "risk".into())].into());
        used(role, 2);
    });
    add(ADMIN_ROLE, &studio, 95, &|role| {
        role.attached = vec![aws("AdministratorAccess")];
        used(role, 3);
    });
    add(SHARED_ROLE, &studio, 400, &|role| {
        role.attached = vec![aws("AmazonSageMakerFullAccess")];
        inline(role, "SharedBucket", &allow(&["s3:*"], "arn:aws:s3:::acme-studio-shared/*"));
        used(role, 5);
    });
    add(RSTUDIO_ROLE, &studio, 200, &|role| {
        inline(
            role,
            "License",
            &allow(&["license-manager:CheckoutLicense", "license-manager:ListReceivedLicenses"], "*"),
        );
        used(role, 20);
    });
    add("MLAdmin", &people, 800, &|role| {
        role.description = Some("People who run Studio.".into());
        role.max_session_seconds = 43_200;
        role.attached = vec![aws("AdministratorAccess")];
        used(role, 0);
    });
    add("ml/FleetOperator", &foreign, 60, &|role| {
        role.description = Some("For the console of the platform team.".into());
        inline(role, "Fleet", &allow(&["sagemaker:*", "iam:Get*", "iam:List*", "pricing:*"], "*"));
    });
    add("ml/DataPipeline", &pipeline, 270, &|role| {
        role.description = Some("Of the nightly jobs; SageMaker may not act in it.".into());
        inline(role, "Landing", &allow(&["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::acme-landing/*"));
        used(role, 9);
    });
    add(
        "aws-service-role/sagemaker.amazonaws.com/AWSServiceRoleForAmazonSageMakerNotebooks",
        &studio,
        900,
        &|_| {},
    );
}

fn inline(role: &mut Role, name: &str, document: &Value) {
    role.inline.insert(name.into(), document.to_string().into());
}

fn statement(actions: &[&str], resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resource})
}

fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn allow(actions: &[&str], resource: &str) -> Value {
    policy(&[statement(actions, resource)])
}

fn trust(principal: &Value, external_id: Option<&str>) -> String {
    let mut statement = json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
    if let Some(id) = external_id {
        statement["Condition"] = json!({"StringEquals": {"sts:ExternalId": id}});
    }
    policy(&[statement]).to_string()
}

/// The parts of `AmazonSageMakerFullAccess` that matter for Studio (aws.md 8.1): apps and spaces only for
/// oneself.
fn full_access() -> Value {
    let mut own_apps =
        statement(&["sagemaker:CreateApp", "sagemaker:DeleteApp"], "arn:aws:sagemaker:*:*:app/*");
    own_apps["Condition"] = json!({"Null": {"sagemaker:OwnerUserProfileArn": "true"}});
    let all_but_studio = json!({
        "Effect": "Allow",
        "Action": ["sagemaker:*"],
        "NotResource": [
            "arn:aws:sagemaker:*:*:domain/*",
            "arn:aws:sagemaker:*:*:user-profile/*",
            "arn:aws:sagemaker:*:*:app/*",
            "arn:aws:sagemaker:*:*:space/*"
        ]
    });
    let reading =
        statement(&["sagemaker:Describe*", "sagemaker:List*", "sagemaker:CreatePresignedDomainUrl"], "*");
    policy(&[all_but_studio, own_apps, reading])
}

fn canvas() -> Value {
    allow(&["sagemaker:DescribeApp", "sagemaker:CreateAutoMLJob", "s3:GetObject", "s3:PutObject"], "*")
}

fn small_instances() -> Value {
    let mut deny = json!({"Effect": "Deny", "Action": "sagemaker:CreateApp", "Resource": "*"});
    let allowed = ["ml.t3.medium", "ml.t3.large", "ml.m5.large", "ml.m5.xlarge", "system"];
    deny["Condition"] = json!({"ForAnyValue:StringNotLike": {"sagemaker:InstanceTypes": allowed}});
    policy(&[deny])
}
