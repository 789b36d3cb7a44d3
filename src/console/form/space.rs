//! The forms of spaces: creating one, and changing one or all that are marked.

use std::sync::Arc;

use super::{Field, FieldId, Form, Known, Options, Subject, newcomer, offer};
use crate::fleet::rules::{EBS_GB, IDLE_MINUTES, Rule};
use crate::fleet::wording::Counted;
use crate::fleet::{
    AppType, DomainKey, Intent, Name, NewSpace, Query, Scope, Sharing, Space, SpaceDetail, SpaceEdit,
    SpaceKey,
};

const LEFT: &str = "leave as it is";
const SPACE: &str = "Space";
const APP: &str = "App";
const FIXED: &str = "it is fixed when a space is created: create another one and copy the files";

/// The form that creates a space, in a domain and for an owner if those are meant.
pub(super) fn new(domain: Option<&DomainKey>, owner: Option<&Name>) -> Form {
    let mut fields = vec![
        Field::choice(FieldId::Domain, "Domain", Options::only(Vec::new()))
            .under(SPACE)
            .required()
            .help("The domain the space is created in."),
        Field::line(FieldId::Name, "Name")
            .under(SPACE)
            .required()
            .rule(Rule::SpaceName)
            .empty("e.g. anna-k-lab")
            .help("The space's name: letters, digits and hyphens, at most 63. It cannot be changed later."),
        display_name(),
        Field::choice(FieldId::Owner, "Owner", Options::only(Vec::new()))
            .under(SPACE)
            .required()
            .help("The user profile that owns the space. It cannot be changed later."),
        Field::choice(FieldId::Sharing, "Sharing", sharings()).under(SPACE).required().with("Private").help(
            "Whether only the owner uses the space, or all users of the domain. It cannot be changed later.",
        ),
        Field::choice(FieldId::AppType, "App type", app_types())
            .under(SPACE)
            .required()
            .with("JupyterLab")
            .help("The kind of app that runs in the space. It cannot be changed later."),
        size("as the domain says"),
    ];
    fields.extend(app_fields("as owner and domain say"));
    fields.push(
        Field::pairs(FieldId::Tags, "Tags")
            .under("Tags")
            .empty("key = value")
            .help("Tags of the space, as key = value."),
    );
    let mut form = Form::new(Subject::NewSpace, "create a space".to_owned(), fields);
    if let Some(domain) = domain {
        form.fill(FieldId::Domain, &domain.arn());
    }
    if let Some(owner) = owner {
        form.fill(FieldId::Owner, owner.as_str());
    }
    form
}

/// The form that changes these spaces.
pub(super) fn edit(spaces: Vec<SpaceKey>) -> Form {
    let mut fields = Vec::new();
    let title = if let [one] = &spaces[..] {
        fields.extend([
            Field::fixed(FieldId::Name, "Name", one.name.as_str(), FIXED).under(SPACE),
            Field::fixed(FieldId::Owner, "Owner", "", FIXED).under(SPACE),
            Field::fixed(FieldId::Sharing, "Sharing", "", FIXED).under(SPACE),
            Field::fixed(FieldId::AppType, "App type", "", FIXED).under(SPACE),
            display_name().empty(LEFT),
        ]);
        format!("edit space {}", one.name)
    } else {
        format!("edit {}", Counted(spaces.len(), "space"))
    };
    fields.push(size(LEFT));
    fields.extend(app_fields(LEFT));
    let mut form = Form::new(Subject::Spaces(spaces), title, fields);
    // What is fixed is there to be seen; one begins with what can be changed.
    let first = form.fields.iter().position(|field| field.reason().is_empty());
    form.go_to(first.unwrap_or(0));
    form
}

fn display_name() -> Field {
    Field::line(FieldId::DisplayName, "Display name")
        .under(SPACE)
        .rule(Rule::DisplayName)
        .empty("none")
        .help("The name users see in Studio, at most 64 characters.")
}

fn size(empty: &'static str) -> Field {
    Field::whole(FieldId::SpaceSize, "EBS volume", EBS_GB, "GB").under(SPACE).empty(empty).help(
        "The size of the space's volume. It can grow later and never shrink, and is billed as long as the space \
         exists, running or not.",
    )
}

fn app_fields(empty: &'static str) -> [Field; 4] {
    let remote = [("ENABLED", "a local IDE may connect"), ("DISABLED", "it may not")];
    [
        Field::choice(FieldId::Instance, "Instance", Options::only(Vec::new()))
            .under(APP)
            .rule(Rule::InstanceType)
            .empty(empty)
            .help("The instance type the space's app starts on by default; with its price in the region."),
        Field::choice(FieldId::LifecycleConfigs, "Lifecycle config", Options::only(Vec::new()))
            .under(APP)
            .empty(empty)
            .help(
                "The script that runs when the app starts; it must be attached to the owner or the domain.",
            ),
        Field::whole(FieldId::IdleMinutes, "Idle after", IDLE_MINUTES, "minutes")
            .under(APP)
            .empty(empty)
            .help("After how many minutes without use the app is stopped, where idle shutdown is on."),
        Field::choice(FieldId::RemoteAccess, "Remote access", offer::words(&remote))
            .under(APP)
            .empty(empty)
            .help("Whether a local IDE may connect to the space over SSH."),
    ]
}

fn sharings() -> Options {
    offer::words(&[("Private", "only the owner uses it"), ("Shared", "all users of the domain use it")])
}

fn app_types() -> Options {
    offer::words(&[("JupyterLab", "notebooks"), ("CodeEditor", "an editor like VS Code")])
}

/// The domain, its users and spaces, and the lifecycle configurations.
pub(super) fn new_needs(form: &Form, known: Known<'_>) -> Vec<Query> {
    let Some(domain) = offer::domain_of(known, &form.text(FieldId::Domain)) else { return Vec::new() };
    vec![
        Query::LifecycleConfigs(domain.scope.clone()),
        Query::Domain(domain.clone()),
        Query::Users(domain.clone()),
        Query::Spaces(domain),
    ]
}

/// The spaces in full, and the lifecycle configurations.
pub(super) fn edit_needs(spaces: &[SpaceKey]) -> Vec<Query> {
    let Some(first) = spaces.first() else { return Vec::new() };
    let mut needs = vec![Query::LifecycleConfigs(first.scope.clone())];
    needs.extend(spaces.iter().cloned().map(Query::Space));
    needs
}

/// Brings what is offered for a new space up to date.
pub(super) fn new_refresh(form: &mut Form, known: Known<'_>) {
    let domains = offer::domains(known);
    if let [only] = &domains.items[..] {
        form.preset(FieldId::Domain, &only.value);
    }
    form.offer(FieldId::Domain, domains);
    let Some(domain) = offer::domain_of(known, &form.text(FieldId::Domain)) else { return };
    form.offer(FieldId::Owner, offer::users(known, &domain));
    offer_app(form, known, &domain.scope, &form.text(FieldId::AppType));
}

/// Brings what is offered up to date, and says what the spaces have now.
pub(super) fn edit_refresh(form: &mut Form, spaces: &[SpaceKey], known: Known<'_>) {
    let Some(first) = spaces.first() else { return };
    let rows: Vec<&Space> = spaces.iter().filter_map(|key| known.fleet.spaces.get(key)).collect();
    let app_type =
        rows.first().and_then(|space| space.app_type.as_ref()).map(AppType::as_str).unwrap_or_default();
    offer_app(form, known, &first.scope, app_type);
    let fixed = |value: Option<String>| value.unwrap_or_default();
    if let [space] = &rows[..] {
        for (id, value) in [
            (FieldId::Owner, fixed(space.owner.as_ref().map(ToString::to_string))),
            (FieldId::Sharing, fixed(space.sharing.as_ref().map(ToString::to_string))),
            (FieldId::AppType, fixed(space.app_type.as_ref().map(ToString::to_string))),
        ] {
            if let Some(field) = form.field_mut(id) {
                field.set(&value);
            }
        }
    }
    let sizes = rows.iter().map(|space| space.ebs_gb.map(|gb| format!("{gb} GB")));
    note(form, FieldId::SpaceSize, sizes);
    note(
        form,
        FieldId::DisplayName,
        rows.iter().map(|space| space.display_name.as_deref().map(str::to_owned)),
    );
    let details: Vec<&SpaceDetail> = rows.iter().filter_map(|space| space.detail.as_deref()).collect();
    // What was not read in full is not known to say nothing.
    if details.len() < spaces.len() {
        return;
    }
    let text = |text: &Option<Arc<str>>| text.as_deref().map(str::to_owned);
    note(form, FieldId::Instance, details.iter().map(|detail| text(&detail.instance)));
    let minutes = |detail: &&SpaceDetail| detail.idle_minutes.map(|minutes| format!("{minutes} minutes"));
    note(form, FieldId::IdleMinutes, details.iter().map(minutes));
    note(form, FieldId::RemoteAccess, rows.iter().map(|space| text(&space.remote_access)));
}

/// What a field has now, where that is the same for all or there are few.
fn note(form: &mut Form, id: FieldId, values: impl Iterator<Item = Option<String>>) {
    let note = super::settings::summed(values.map(|value| value.unwrap_or_else(|| "not said".to_owned())));
    if let Some(field) = form.field_mut(id) {
        field.note = note;
    }
}

fn offer_app(form: &mut Form, known: Known<'_>, scope: &Scope, app_type: &str) {
    form.offer(FieldId::Instance, offer::instances(known, scope.region()));
    let wanted = (!app_type.is_empty()).then_some(app_type);
    form.offer(FieldId::LifecycleConfigs, offer::lifecycle_configs(known, scope, wanted));
}

/// Whether the name is free.
pub(super) fn new_check(form: &mut Form, known: Known<'_>) {
    let Some(domain) = offer::domain_of(known, &form.text(FieldId::Domain)) else { return };
    let name = form.text(FieldId::Name);
    let taken =
        known.fleet.spaces.iter().any(|space| {
            space.key.domain_key() == domain && space.key.name.as_str().eq_ignore_ascii_case(&name)
        });
    if taken {
        form.refuse(FieldId::Name, format!("exists already in {}", known.fleet.domain_label(&domain)));
    }
}

/// Volumes only grow.
pub(super) fn edit_check(form: &mut Form, spaces: &[SpaceKey], known: Known<'_>) {
    let Some(wanted) = form.number(FieldId::SpaceSize) else { return };
    let sizes = spaces.iter().filter_map(|key| known.fleet.spaces.get(key)).filter_map(|space| space.ebs_gb);
    let sizes: Vec<u32> = sizes.collect();
    if !sizes.is_empty() && sizes.iter().all(|size| *size > wanted) {
        let least = sizes.iter().min().copied().unwrap_or_default();
        form.refuse(FieldId::SpaceSize, format!("a volume can only grow: {least} GB is what it has"));
    }
}

fn edit_of(form: &Form) -> SpaceEdit {
    SpaceEdit {
        display_name: form.some(FieldId::DisplayName).map(Into::into),
        ebs_gb: form.number(FieldId::SpaceSize),
        instance: form.some(FieldId::Instance).map(Into::into),
        lifecycle_config: form.some(FieldId::LifecycleConfigs).map(Arc::from),
        idle_minutes: form.number(FieldId::IdleMinutes),
        remote_access: form.some(FieldId::RemoteAccess).map(|state| state == "ENABLED"),
        ..SpaceEdit::default()
    }
}

/// The new space.
pub(super) fn new_intent(form: &Form, known: Known<'_>) -> Result<Intent, String> {
    let domain = offer::domain_of(known, &form.text(FieldId::Domain)).ok_or("choose a domain")?;
    let name = Name::new(&form.text(FieldId::Name));
    Ok(Intent::CreateSpaces(vec![NewSpace {
        space: SpaceKey { scope: domain.scope, domain: domain.id, name },
        owner: Name::new(&form.text(FieldId::Owner)),
        sharing: Sharing::from(form.text(FieldId::Sharing).as_str()),
        app_type: AppType::from(form.text(FieldId::AppType).as_str()),
        edit: edit_of(form),
        tags: newcomer::tags(form),
    }]))
}

/// The edit; a form in which nothing is filled in changes nothing.
pub(super) fn edit_intent(form: &Form, spaces: &[SpaceKey]) -> Result<Intent, String> {
    let edit = edit_of(form);
    if edit.is_empty() {
        return Err("nothing is filled in yet: what is left empty stays as it is".to_owned());
    }
    Ok(Intent::EditSpaces { spaces: spaces.to_vec(), edit })
}
