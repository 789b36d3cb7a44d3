//! The form that changes a domain. What AWS does not let change is shown with the reason.

use super::domain::{self, NETWORK, SHARING};
use super::settings::{ACCESS, APPS, OF_APPS, SPACES, arranged};
use super::{Field, FieldId, Form, Known, Options, Subject, offer, settings};
use crate::fleet::rules::{MOST_SUBNETS, Rule};
use crate::fleet::{
    Domain, DomainDetail, DomainEdit, DomainKey, FIXED, Intent, NetworkAccess, Query, UserSettings,
};

const LEFT: &str = "leave as it is";
const IDENTITY: &str = "Fixed when it was created";

/// The sections and their fields, in their order.
const ORDER: &[(&str, &[FieldId])] = &[
    (IDENTITY, &[FieldId::Name, FieldId::Auth, FieldId::Vpc, FieldId::KmsKey]),
    (ACCESS, &[FieldId::Role, FieldId::RoleIdentity, FieldId::Landing]),
    (NETWORK, &[FieldId::Network, FieldId::Subnets, FieldId::Groups]),
    (SHARING, &[FieldId::Output, FieldId::OutputPath, FieldId::OutputKey]),
    (APPS, OF_APPS),
    (SPACES, &[FieldId::SpaceSize, FieldId::MaxSize]),
    ("Tags", &[FieldId::Propagation]),
];

/// Why a member cannot be changed.
fn reason(member: &str) -> &'static str {
    FIXED.iter().find(|(name, _)| *name == member).map_or("", |(_, reason)| reason)
}

/// The form for a domain.
pub(super) fn form(key: &DomainKey, label: &str) -> Form {
    let mut fields = settings::fields(LEFT);
    fields.extend([
        Field::fixed(FieldId::Name, "Name", label, reason("DomainName")),
        Field::fixed(FieldId::Auth, "Authentication", "", reason("AuthMode")),
        Field::fixed(FieldId::Vpc, "VPC", "", reason("VpcId")),
        Field::fixed(FieldId::KmsKey, "KMS key", "", reason("KmsKeyId")),
        domain::role_identity(LEFT),
        domain::network_access().empty(LEFT),
        Field::several(FieldId::Subnets, "Subnets", MOST_SUBNETS, Options::loading(String::new()))
            .rule(Rule::Subnet)
            .empty(LEFT)
            .help("All subnets there are to be. Taking one away is possible only while no app is running."),
        domain::propagation(LEFT),
    ]);
    fields.extend(domain::sharing(LEFT));
    Form::new(Subject::Domain(key.clone()), format!("edit domain {label}"), arranged(fields, ORDER))
}

/// The domain in full, and what settings refer to.
pub(super) fn needs(key: &DomainKey) -> Vec<Query> {
    let mut needs = settings::needs(&key.scope);
    needs.push(Query::Domain(key.clone()));
    needs
}

fn detail<'a>(known: Known<'a>, key: &DomainKey) -> Option<&'a DomainDetail> {
    known.fleet.domains.get(key).and_then(|domain: &Domain| domain.detail.as_deref())
}

/// Brings what is offered up to date, and says what the domain has now.
pub(super) fn refresh(form: &mut Form, key: &DomainKey, known: Known<'_>) {
    let vpc = super::newcomer::vpc(known, key);
    settings::refresh(form, known, Some(&key.scope), &vpc);
    form.offer(FieldId::Subnets, offer::subnets(known, &key.scope, &vpc));
    domain::show_sharing(form);
    let Some(detail) = detail(known, key) else { return };
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    for (id, value) in [
        (FieldId::Auth, text(detail.auth_mode.as_ref().map(crate::fleet::AuthMode::as_str))),
        (FieldId::Vpc, text(detail.vpc.as_deref())),
        (FieldId::KmsKey, detail.kms_key.as_deref().unwrap_or("AWS's own key").to_owned()),
    ] {
        if let Some(field) = form.field_mut(id) {
            field.set(&value);
        }
    }
    let defaults: &UserSettings = &detail.user_defaults;
    settings::note_now(form, &[defaults], "none of its own");
    for (id, value) in [
        (FieldId::Network, text(detail.network.as_ref().map(NetworkAccess::as_str))),
        (FieldId::Subnets, detail.subnets.join(", ")),
        (FieldId::RoleIdentity, text(detail.role_identity.as_deref())),
        (FieldId::Propagation, text(detail.tag_propagation.as_deref())),
        (FieldId::Output, text(defaults.notebook_output.as_deref())),
    ] {
        if let Some(field) = form.field_mut(id) {
            field.note = (!value.is_empty()).then(|| format!("now {value}"));
        }
    }
}

/// Whether subnets and groups are of the domain's VPC.
pub(super) fn check(form: &mut Form) {
    settings::check(form);
    domain::check_network(form);
}

/// The edit; a form in which nothing is filled in changes nothing.
pub(super) fn intent(form: &Form, key: &DomainKey, known: Known<'_>) -> Result<Intent, String> {
    let subnets = domain::shared(form.list(FieldId::Subnets));
    let edit = DomainEdit {
        user_defaults: settings::edit(form, known, &key.scope),
        sharing: domain::sharing_of(form),
        network: form.some(FieldId::Network).map(|network| NetworkAccess::from(network.as_str())),
        subnets: (!subnets.is_empty()).then_some(subnets),
        members: domain::members(form, "DomainSettingsForUpdate"),
        ..DomainEdit::default()
    };
    if edit == DomainEdit::default() {
        return Err("nothing is filled in yet: what is left empty stays as it is".to_owned());
    }
    Ok(Intent::EditDomain { domain: key.clone(), edit: Box::new(edit) })
}
