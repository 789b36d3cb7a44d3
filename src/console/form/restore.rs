//! The form that restores a domain from a backup file: into the domain itself, or into a new one, which is a clone.

use std::sync::Arc;

use super::{Control, Fault, Field, FieldId, Form, Known, Options, Subject, offer};
use crate::fleet::rules::{MOST_SUBNETS, Rule};
use crate::fleet::{AuthMode, Backup, DomainKey, Intent, Query, RestoreChanges, RestoreInto, Scope};

/// What stands for a new domain among the domains to restore into.
const NEW: &str = "new";
const AS_BEFORE: &str = "as in the backup";
const PLACE: &str = "New domain";

/// The form, into a domain if one is meant.
pub(super) fn form(domain: Option<&DomainKey>) -> Form {
    let loading = || Options::loading(String::new());
    let fields = vec![
        Field::line(FieldId::File, "Backup file")
            .empty("e.g. research-backup.json")
            .help("The file that `back up` has written; enter reads it."),
        Field::lines(FieldId::Rows, "Backup").required().empty("enter in the field above reads it").help(
            "What is in the backup. It can be changed here before it is restored; what is wrong is named.",
        ),
        Field::choice(FieldId::Domain, "Into", Options::only(Vec::new()))
            .required()
            .help("An existing domain, of which only what is missing is created; or a new one."),
        Field::choice(FieldId::Scope, "Account and region", Options::only(Vec::new()))
            .under(PLACE)
            .required()
            .help("Where the new domain is created."),
        Field::line(FieldId::Name, "Name")
            .under(PLACE)
            .required()
            .rule(Rule::DomainName)
            .help("The new domain's name. It cannot be changed later."),
        Field::choice(FieldId::Auth, "Authentication", offer::words(&[("IAM", ""), ("SSO", "")]))
            .under(PLACE)
            .empty(AS_BEFORE)
            .help("How people sign in to the new domain."),
        Field::choice(FieldId::Role, "Default role", loading()).under(PLACE).rule(Rule::RoleArn).empty(AS_BEFORE).help(
            "The default execution role. In another account it takes the place of every role of the backup.",
        ),
        Field::choice(FieldId::Vpc, "VPC", loading())
            .under(PLACE)
            .rule(Rule::Vpc)
            .empty(AS_BEFORE)
            .help("The VPC; with another one, subnets are needed and security groups of the old one are left out."),
        Field::several(FieldId::Subnets, "Subnets", MOST_SUBNETS, loading())
            .under(PLACE)
            .rule(Rule::Subnet)
            .empty(AS_BEFORE)
            .help("The subnets of the new domain."),
    ];
    let mut form = Form::new(Subject::Restore, "restore from a backup".to_owned(), fields);
    if let Some(domain) = domain {
        form.fill(FieldId::Domain, &domain.arn());
    }
    form
}

fn is_new(form: &Form) -> bool {
    form.text(FieldId::Domain) == NEW
}

fn scope(form: &Form, known: Known<'_>) -> Option<Scope> {
    offer::scope_of(known, &form.text(FieldId::Scope))
}

/// What a new domain refers to.
pub(super) fn needs(form: &Form, known: Known<'_>) -> Vec<Query> {
    match scope(form, known).filter(|_| is_new(form)) {
        Some(scope) => vec![Query::Roles(scope.account().clone()), Query::Network(scope)],
        None => Vec::new(),
    }
}

/// Brings what is offered up to date, and looks at the backup.
pub(super) fn refresh(form: &mut Form, known: Known<'_>) {
    let mut domains = offer::domains(known);
    domains.items.insert(0, super::Item::named(NEW, "a new domain", "everything is created"));
    form.offer(FieldId::Domain, domains);
    let shown = is_new(form);
    for id in [FieldId::Scope, FieldId::Name, FieldId::Auth, FieldId::Role, FieldId::Vpc, FieldId::Subnets] {
        form.show(id, shown);
    }
    let scopes = offer::scopes(known);
    if let [only] = &scopes.items[..] {
        form.preset(FieldId::Scope, &only.value);
    }
    form.offer(FieldId::Scope, scopes);
    if let Some(scope) = scope(form, known) {
        let vpc = form.text(FieldId::Vpc);
        form.offer(FieldId::Role, offer::roles(known, scope.account()));
        form.offer(FieldId::Vpc, offer::vpcs(known, &scope));
        form.offer(FieldId::Subnets, offer::subnets(known, &scope, &vpc));
    }
    let revision = form.field(FieldId::Rows).and_then(Field::area).map(super::Area::revision);
    if form.backup.as_ref().map(|(of, _)| *of) == revision {
        return;
    }
    let read = Backup::parse(&form.text(FieldId::Rows)).map(Arc::new);
    form.backup = revision.map(|revision| (revision, read.clone()));
    let Some(field) = form.field_mut(FieldId::Rows) else { return };
    let Control::Area(area) = &mut field.control else { return };
    area.faults.clear();
    field.note = None;
    match read {
        _ if area.is_blank() => {}
        Ok(backup) => {
            field.note = Some(format!(
                "{}, taken {}: {} user profiles, {} spaces, {} lifecycle configurations",
                backup.name(),
                backup.taken_at.strftime("%Y-%m-%d %H:%M UTC"),
                backup.users.len(),
                backup.spaces.len(),
                backup.lifecycle_configs.len(),
            ));
        }
        Err(message) => area.faults.push(Fault { line: 0, column: 0, message, blocks: true }),
    }
}

/// The backup that was read.
fn backup(form: &Form) -> Result<Arc<Backup>, String> {
    form.backup.as_ref().map_or_else(|| Err("read a backup first".to_owned()), |(_, read)| read.clone())
}

/// What of the backup is not there yet, created.
pub(super) fn intent(form: &Form, known: Known<'_>) -> Result<Intent, String> {
    let backup = backup(form)?;
    let into = if is_new(form) {
        let subnets: Vec<Arc<str>> = form.list(FieldId::Subnets).into_iter().map(Into::into).collect();
        RestoreInto::New {
            scope: scope(form, known).ok_or("choose an account and region")?,
            name: form.text(FieldId::Name).into(),
            changes: RestoreChanges {
                role: form.some(FieldId::Role).map(Into::into),
                vpc: form.some(FieldId::Vpc).map(Into::into),
                subnets: (!subnets.is_empty()).then_some(subnets),
                auth_mode: form.some(FieldId::Auth).map(|mode| AuthMode::from(mode.as_str())),
                ..RestoreChanges::default()
            },
        }
    } else {
        let domain =
            offer::domain_of(known, &form.text(FieldId::Domain)).ok_or("choose what to restore into")?;
        RestoreInto::Existing(domain)
    };
    Ok(Intent::Restore { backup, into })
}
