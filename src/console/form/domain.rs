//! The form that creates a domain, section by section.

use std::sync::Arc;

use serde_json::json;

use super::settings::{APPS, OF_APPS, arranged};
use super::{Field, FieldId, Form, Known, Options, Subject, newcomer, offer, settings};
use crate::fleet::rules::{MOST_SUBNETS, Rule};
use crate::fleet::{AuthMode, Document, Intent, NetworkAccess, NewDomain, Query, Scope, SharingOutput};

const IDENTITY: &str = "Identity";
pub(super) const NETWORK: &str = "Network";
const STORAGE: &str = "Storage";
pub(super) const SHARING: &str = "Sharing of notebook output";

/// The sections and their fields, in their order.
const ORDER: &[(&str, &[FieldId])] = &[
    (
        IDENTITY,
        &[
            FieldId::Scope,
            FieldId::Name,
            FieldId::Auth,
            FieldId::Role,
            FieldId::RoleIdentity,
            FieldId::Landing,
        ],
    ),
    (NETWORK, &[FieldId::Network, FieldId::Vpc, FieldId::Subnets, FieldId::Groups]),
    (STORAGE, &[FieldId::KmsKey, FieldId::SpaceSize, FieldId::MaxSize]),
    (SHARING, &[FieldId::Output, FieldId::OutputPath, FieldId::OutputKey]),
    (APPS, OF_APPS),
    ("Tags", &[FieldId::Propagation, FieldId::Tags]),
];

/// The form, for an account and region if one is meant.
pub(super) fn form(scope: Option<&Scope>) -> Form {
    let loading = || Options::loading(String::new());
    let mut fields = settings::fields("none of its own");
    fields.extend([
        Field::choice(FieldId::Scope, "Account and region", Options::only(Vec::new()))
            .required()
            .help("Where the domain is created."),
        Field::line(FieldId::Name, "Name")
            .required()
            .rule(Rule::DomainName)
            .empty("e.g. research")
            .help("The domain's name: letters, digits and hyphens, at most 63. It cannot be changed later."),
        Field::choice(FieldId::Auth, "Authentication", sign_in_modes()).required().with("IAM").help(
            "How people sign in. It cannot be changed later: moving users to the other mode means a new domain.",
        ),
        role_identity("off"),
        network_access().required().with("PublicInternetOnly"),
        Field::choice(FieldId::Vpc, "VPC", loading())
            .required()
            .rule(Rule::Vpc)
            .help("The VPC of the domain's file system and, with VPC-only access, of its apps. It cannot be changed later."),
        Field::several(FieldId::Subnets, "Subnets", MOST_SUBNETS, loading())
            .required()
            .rule(Rule::Subnet)
            .help("Subnets of the VPC, in at least two zones if one shall not stop the domain. Each takes addresses."),
        Field::line(FieldId::KmsKey, "KMS key")
            .rule(Rule::KmsKey)
            .empty("AWS's own key")
            .help("The customer managed key of the file system and the volumes. It cannot be changed later."),
    ]);
    fields.extend(sharing("not allowed"));
    fields.extend([
        propagation("no"),
        Field::pairs(FieldId::Tags, "Tags").empty("key = value").help("Tags of the domain, as key = value."),
    ]);
    let mut form = Form::new(Subject::NewDomain, "create a domain".to_owned(), arranged(fields, ORDER));
    if let Some(scope) = scope {
        form.fill(FieldId::Scope, &scope.to_string());
    }
    if let Some(role) = form.field_mut(FieldId::Role) {
        role.label = "Default role";
        role.required = true;
        role.empty = "";
    }
    form
}

fn sign_in_modes() -> Options {
    offer::words(&[
        ("IAM", "through the AWS console, or with a sign-in link"),
        ("SSO", "with IAM Identity Center, which must be set up in the region"),
    ])
}

/// How apps reach the network.
pub(super) fn network_access() -> Field {
    let words = [
        ("PublicInternetOnly", "apps reach the internet through SageMaker's own network"),
        ("VpcOnly", "apps have only the VPC: it needs a NAT or endpoints"),
    ];
    Field::choice(FieldId::Network, "Network access", offer::words(&words))
        .help("How apps reach the network. It can be changed later while no app is running.")
}

/// Whether notebooks may be shared with their output.
pub(super) fn sharing(empty: &'static str) -> [Field; 3] {
    let words = [
        ("Allowed", "users may share notebooks with their output"),
        ("Disabled", "output is taken out of shared notebooks"),
    ];
    [
        Field::choice(FieldId::Output, "Output", offer::words(&words))
            .empty(empty)
            .help("Whether notebooks may be shared with their output."),
        Field::line(FieldId::OutputPath, "S3 path")
            .rule(Rule::S3Uri)
            .empty("e.g. s3://bucket/folder")
            .help("Where shared notebooks are kept."),
        Field::line(FieldId::OutputKey, "S3 key")
            .rule(Rule::KmsKey)
            .empty("AWS's own key")
            .help("The KMS key that shared notebooks are encrypted with."),
    ]
}

/// Whether CloudTrail names the user.
pub(super) fn role_identity(empty: &'static str) -> Field {
    let words = [
        ("USER_PROFILE_NAME", "CloudTrail names the user profile"),
        ("DISABLED", "CloudTrail names only the role"),
    ];
    Field::choice(FieldId::RoleIdentity, "Source identity", offer::words(&words)).empty(empty).help(
        "Whether CloudTrail names the user profile that acted. The trust policy of the role must then allow \
         sts:SetSourceIdentity. It can be changed later while no app is running.",
    )
}

/// Whether custom tags are copied to what users create.
pub(super) fn propagation(empty: &'static str) -> Field {
    let words = [("ENABLED", "tags go on to spaces and apps"), ("DISABLED", "they do not")];
    Field::choice(FieldId::Propagation, "Tag propagation", offer::words(&words)).empty(empty).help(
        "Whether the tags of domain and user profile are copied to the spaces and apps that users create.",
    )
}

fn scope(form: &Form, known: Known<'_>) -> Option<Scope> {
    offer::scope_of(known, &form.text(FieldId::Scope))
}

/// The domains there are, and what settings refer to.
pub(super) fn needs(form: &Form, known: Known<'_>) -> Vec<Query> {
    let Some(scope) = scope(form, known) else { return Vec::new() };
    let mut needs = settings::needs(&scope);
    needs.push(Query::Domains(scope));
    needs
}

/// Brings what is offered up to date: subnets and groups are those of the VPC that is chosen.
pub(super) fn refresh(form: &mut Form, known: Known<'_>) {
    let scopes = offer::scopes(known);
    if let [only] = &scopes.items[..] {
        form.preset(FieldId::Scope, &only.value);
    }
    form.offer(FieldId::Scope, scopes);
    let scope = scope(form, known);
    if let Some(scope) = &scope {
        let vpcs = offer::vpcs(known, scope);
        if let [only] = &vpcs.items[..] {
            form.preset(FieldId::Vpc, &only.value);
        }
        form.offer(FieldId::Vpc, vpcs);
        form.offer(FieldId::Subnets, offer::subnets(known, scope, &form.text(FieldId::Vpc)));
    }
    settings::refresh(form, known, scope.as_ref(), &form.text(FieldId::Vpc));
    show_sharing(form);
    let vpc_only = form.text(FieldId::Network) == "VpcOnly";
    if let Some(groups) = form.field_mut(FieldId::Groups) {
        groups.required = vpc_only;
        groups.empty = if vpc_only { "" } else { "those AWS makes" };
    }
}

/// Path and key have a place only where output may be shared.
pub(super) fn show_sharing(form: &mut Form) {
    let allowed = form.text(FieldId::Output) == "Allowed";
    form.show(FieldId::OutputPath, allowed);
    form.show(FieldId::OutputKey, allowed);
}

/// Whether subnets and groups are of the VPC, and the name is not taken.
pub(super) fn check(form: &mut Form, known: Known<'_>) {
    settings::check(form);
    check_network(form);
    let Some(scope) = scope(form, known) else { return };
    let name = form.text(FieldId::Name);
    let same = known.fleet.domains.iter().find(|domain| {
        domain.key.scope == scope && domain.name.as_ref().is_some_and(|theirs| theirs.as_str() == name)
    });
    if let Some(domain) = same {
        form.refuse(
            FieldId::Name,
            format!("is the name of {} already; two would be told apart by id only", domain.key.id),
        );
    }
}

/// Whether subnets and groups are of the VPC that is chosen.
pub(super) fn check_network(form: &mut Form) {
    let vpc = form.text(FieldId::Vpc);
    for (id, what) in [(FieldId::Subnets, "subnet"), (FieldId::Groups, "security group")] {
        let options = form.field(id).and_then(Field::options);
        // Where the options are known, what is not among them is of another VPC, or is not there.
        let whole = options.is_some_and(|options| options.state().is_none() && !options.items.is_empty());
        let stray = form
            .list(id)
            .into_iter()
            .find(|value| whole && options.is_some_and(|options| options.item(value).is_none()));
        if let Some(stray) = stray {
            form.refuse(id, format!("{stray} is no {what} of {vpc}"));
        }
    }
}

/// The sharing that is filled in.
pub(super) fn sharing_of(form: &Form) -> Option<SharingOutput> {
    let option = form.some(FieldId::Output)?;
    Some(SharingOutput {
        allowed: option == "Allowed",
        s3_path: form.some(FieldId::OutputPath).map(Into::into),
        kms_key: form.some(FieldId::OutputKey).map(Into::into),
    })
}

/// The members that have no field of their own in the type; `settings` is what AWS calls the domain's settings.
pub(super) fn members(form: &Form, settings: &str) -> Document {
    let mut members = Document::new();
    if let Some(identity) = form.some(FieldId::RoleIdentity) {
        members.insert(settings.to_owned(), json!({ "ExecutionRoleIdentityConfig": identity }));
    }
    if let Some(propagation) = form.some(FieldId::Propagation) {
        members.insert("TagPropagation".to_owned(), json!(propagation));
    }
    members
}

/// Values as the fleet has them.
pub(super) fn shared(values: Vec<String>) -> Vec<Arc<str>> {
    values.into_iter().map(Into::into).collect()
}

/// The domain.
pub(super) fn intent(form: &Form, known: Known<'_>) -> Result<Intent, String> {
    let scope = scope(form, known).ok_or("choose an account and region")?;
    let user_defaults = settings::edit(form, known, &scope);
    Ok(Intent::CreateDomain(Box::new(NewDomain {
        auth_mode: AuthMode::from(form.text(FieldId::Auth).as_str()),
        network: NetworkAccess::from(form.text(FieldId::Network).as_str()),
        vpc: form.text(FieldId::Vpc).into(),
        subnets: shared(form.list(FieldId::Subnets)),
        kms_key: form.some(FieldId::KmsKey).map(Into::into),
        user_defaults,
        sharing: sharing_of(form),
        tags: newcomer::tags(form),
        members: members(form, "DomainSettings"),
        ..NewDomain::new(scope.clone(), &form.text(FieldId::Name))
    })))
}
