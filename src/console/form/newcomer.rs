//! The form that onboards one user.

use super::{Control, Field, FieldId, Form, Item, Known, Options, Subject, offer, settings};
use crate::fleet::rules::Rule;
use crate::fleet::{AuthMode, DomainKey, Intent, Name, Newcomer, Query, Status, Tag, UserKey};

/// What holds where a setting is left empty.
const INHERITED: &str = "as the domain says";
/// The first heading.
const PERSON: &str = "User";

/// The form, for a domain if one is meant, and with the settings of a user if one is to be like another.
pub(super) fn form(domain: Option<&DomainKey>, like: Option<&UserKey>) -> Form {
    let mut fields = vec![
        Field::choice(FieldId::Domain, "Domain", Options::only(Vec::new()))
            .under(PERSON)
            .required()
            .help("The domain the user profile is created in."),
        Field::line(FieldId::Name, "Name")
            .under(PERSON)
            .required()
            .rule(Rule::UserProfileName)
            .empty("e.g. anna-k")
            .help(
                "The name of the user profile: letters, digits and hyphens, at most 63. It cannot be changed later, \
                 and neither can the home directory that goes with it.",
            ),
        Field::line(FieldId::SsoUser, "Identity Center user")
            .under(PERSON)
            .required()
            .rule(Rule::SsoUser)
            .empty("e.g. anna.k@example.com")
            .help(
                "The name the person signs in with at IAM Identity Center. Whether there is such a person is looked \
                 up before the plan is shown; the assignment to the domain's application is part of the plan.",
            ),
        Field::choice(FieldId::Template, "Template", Options::only(Vec::new()))
            .under(PERSON)
            .empty("none")
            .help("A named set of settings from the templates folder. What is filled in below wins over it."),
        Field::choice(FieldId::CloneOf, "Settings like", Options::only(Vec::new()))
            .under(PERSON)
            .empty("nobody")
            .help("Takes over the settings of an existing user profile. What is filled in below wins over them."),
    ];
    fields.extend(settings::fields(INHERITED));
    fields.push(
        Field::pairs(FieldId::Tags, "Tags")
            .under("Tags")
            .empty("key = value")
            .help("Tags of the user profile, as key = value."),
    );
    let mut form = Form::new(Subject::Newcomer, "onboard a user".to_owned(), fields);
    if let Some(domain) = domain {
        form.fill(FieldId::Domain, &domain.arn());
    }
    if let Some(like) = like {
        form.fill(FieldId::CloneOf, like.name.as_str());
        form.title = format!("onboard a user like {}", like.name);
    }
    form
}

/// The domain that is chosen.
fn domain(form: &Form, known: Known<'_>) -> Option<DomainKey> {
    offer::domain_of(known, &form.text(FieldId::Domain))
}

/// The domain in full, its users, and what settings refer to.
pub(super) fn needs(form: &Form, known: Known<'_>) -> Vec<Query> {
    let Some(domain) = domain(form, known) else { return Vec::new() };
    let mut needs = settings::needs(&domain.scope);
    needs.extend([Query::Domain(domain.clone()), Query::Users(domain)]);
    needs
}

/// Brings what is offered up to date.
pub(super) fn refresh(form: &mut Form, known: Known<'_>) {
    let domains = offer::domains(known);
    if let [only] = &domains.items[..] {
        form.preset(FieldId::Domain, &only.value);
    }
    form.offer(FieldId::Domain, domains);
    let templates = templates(known);
    form.show(FieldId::Template, !templates.items.is_empty());
    form.offer(FieldId::Template, templates);
    let domain = domain(form, known);
    let is_sso = domain.as_ref().and_then(|domain| offer::auth_mode(known, domain)) == Some(&AuthMode::Sso);
    form.show(FieldId::SsoUser, is_sso);
    let vpc = domain.as_ref().map(|domain| vpc(known, domain)).unwrap_or_default();
    settings::refresh(form, known, domain.as_ref().map(|domain| &domain.scope), &vpc);
    if let Some(domain) = domain {
        form.offer(FieldId::CloneOf, offer::users(known, &domain));
    }
}

/// The VPC of a domain; empty where it is not known.
pub(super) fn vpc(known: Known<'_>, domain: &DomainKey) -> String {
    let detail = known.fleet.domains.get(domain).and_then(|domain| domain.detail.as_ref());
    detail.and_then(|detail| detail.vpc.as_deref()).unwrap_or_default().to_owned()
}

/// The templates that can be used, and those that cannot, with the reason.
pub(super) fn templates(known: Known<'_>) -> Options {
    let items = known.session.templates.iter().map(|(name, template)| match template {
        Ok(template) => Item::plain(name, template.description.as_deref().unwrap_or_default()),
        Err(error) => {
            let note = format!("cannot be used: {name}.toml:{error}");
            Item { tone: crate::console::Tone::Error, ..Item::plain(name, &note) }
        }
    });
    Options::only(items.collect())
}

/// Whether the name is free, the domain can take somebody, and the template can be used.
pub(super) fn check(form: &mut Form, known: Known<'_>) {
    settings::check(form);
    if let Some(Err(error)) = known.session.templates.get(form.text(FieldId::Template).as_str()) {
        form.refuse(FieldId::Template, format!("cannot be used: {error}"));
    }
    let Some(domain) = domain(form, known) else { return };
    let label = known.fleet.domain_label(&domain).to_owned();
    if let Some(status) = known.fleet.domains.get(&domain).map(|row| &row.status)
        && *status != Status::InService
    {
        form.refuse(FieldId::Domain, format!("is {status}: nobody can be onboarded into it now"));
    }
    let name = form.text(FieldId::Name);
    let is_taken = |user: &UserKey| {
        // AWS's names know no case.
        user.domain == domain.id
            && user.scope == domain.scope
            && user.name.as_str().eq_ignore_ascii_case(&name)
    };
    if !name.is_empty() && known.fleet.users.iter().any(|user| is_taken(&user.key)) {
        form.refuse(FieldId::Name, format!("exists already in {label}"));
    }
}

/// The newcomer.
pub(super) fn intent(form: &Form, known: Known<'_>) -> Result<Intent, String> {
    let domain = domain(form, known).ok_or("choose a domain")?;
    let user = |name: &str| UserKey {
        scope: domain.scope.clone(),
        domain: domain.id.clone(),
        name: Name::new(name),
    };
    let mut newcomer = Newcomer {
        sso_user: form.some(FieldId::SsoUser).map(Into::into),
        clone_of: form.some(FieldId::CloneOf).map(|name| user(&name)),
        edit: settings::edit(form, known, &domain.scope),
        tags: tags(form),
        ..Newcomer::new(user(&form.text(FieldId::Name)))
    };
    if let Some(Ok(template)) = known.session.templates.get(form.text(FieldId::Template).as_str()) {
        newcomer = newcomer.with_template(template);
    }
    Ok(Intent::Onboard(vec![newcomer]))
}

/// The tags that are filled in.
pub(super) fn tags(form: &Form) -> Vec<Tag> {
    let Some(Control::Pairs(pairs)) = form.field(FieldId::Tags).map(|field| &field.control) else {
        return Vec::new();
    };
    pairs.filled().map(|(key, value)| Tag { key: key.into(), value: value.into() }).collect()
}
