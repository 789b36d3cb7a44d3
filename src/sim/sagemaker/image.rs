//! Custom images and their versions.

use serde_json::{Map, Value, json};

use super::settings::mention;
use crate::sim::clock::Millis;
use crate::sim::context::{Context, Object};
use crate::sim::paging::Pager;
use crate::sim::wire::{JsonReply, Refusal};
use crate::sim::world::{Image, ImageVersion, Name, Next, Scope, Settings, Status, Subject};

pub(super) fn list(context: &mut Context<'_>) -> JsonReply {
    let pager = Pager::of(context)?;
    let scope = context.call.scope;
    let window = Window::of(context);
    let sort = context.text("SortBy").unwrap_or("CREATION_TIME");
    let descending = context.text("SortOrder") != Some("ASCENDING");
    let part = context.text("NameContains").map(str::to_lowercase);
    let rows = context
        .region()
        .images
        .values()
        .filter(|image| part.as_deref().is_none_or(|part| image.name.to_lowercase().contains(part)))
        .filter(|image| window.holds(image.created, image.modified))
        .map(|image| {
            let key = match sort {
                "IMAGE_NAME" => 0,
                "LAST_MODIFIED_TIME" => image.modified,
                _ => image.created,
            };
            ((key, image.name.to_string()), summary(scope, image).build())
        })
        .collect();
    Ok(pager.sorted("Images", rows, descending))
}

/// The times a listing is restricted to.
struct Window {
    created: (Option<Millis>, Option<Millis>),
    modified: (Option<Millis>, Option<Millis>),
}

impl Window {
    fn of(context: &Context<'_>) -> Self {
        Self {
            created: (context.time("CreationTimeAfter"), context.time("CreationTimeBefore")),
            modified: (context.time("LastModifiedTimeAfter"), context.time("LastModifiedTimeBefore")),
        }
    }

    fn holds(&self, created: Millis, modified: Millis) -> bool {
        let within = |at: Millis, (after, before): (Option<Millis>, Option<Millis>)| {
            after.is_none_or(|after| at >= after) && before.is_none_or(|before| at <= before)
        };
        within(created, self.created) && within(modified, self.modified)
    }
}

fn summary(scope: &Scope, image: &Image) -> Object {
    Object::new()
        .time("CreationTime", image.created)
        .maybe_text("Description", image.description.as_ref())
        .maybe_text("DisplayName", image.display_name.as_ref())
        .maybe_text("FailureReason", image.failure.as_ref())
        .text("ImageArn", &arn(scope, &image.name))
        .text("ImageName", &image.name)
        .text("ImageStatus", image.status.as_image_str())
        .time("LastModifiedTime", image.modified)
}

pub(super) fn describe(context: &mut Context<'_>) -> JsonReply {
    let scope = context.call.scope;
    let image = find(context)?;
    Ok(summary(scope, image).text("RoleArn", &image.role_arn).build())
}

pub(super) fn create(context: &mut Context<'_>) -> JsonReply {
    let (scope, now) = (context.call.scope, context.now());
    let name = context.required("ImageName");
    let image = Image {
        display_name: context.name("DisplayName"),
        description: context.name("Description"),
        status: Status::Pending,
        tags: context.tags()?,
        ..Image::new(&name, &context.required("RoleArn"), now)
    };
    let arn = arn(scope, &name);
    let images = &mut context.region().images;
    if images.contains_key(&name) {
        return Err(Refusal::in_use(format!("Image [{arn}] already exists.")));
    }
    images.insert(name.clone(), image);
    let delay = context.world.delays.image;
    context.plan(delay, Subject::Image(name), 0, Next::Become(Status::InService));
    Ok(json!({ "ImageArn": arn }))
}

pub(super) fn update(context: &mut Context<'_>) -> JsonReply {
    let (scope, now) = (context.call.scope, context.now());
    let changes = ["DisplayName", "Description", "RoleArn"].map(|member| context.name(member));
    let gone = context.request.get("DeleteProperties").and_then(Value::as_array).cloned().unwrap_or_default();
    let image = find(context)?;
    refuse_busy(scope, image)?;
    let [display_name, description, role_arn] = changes;
    let deleted = |name: &str| gone.iter().any(|gone| gone.as_str() == Some(name));
    for (field, new, name) in [
        (&mut image.display_name, display_name, "DisplayName"),
        (&mut image.description, description, "Description"),
    ] {
        if deleted(name) {
            *field = None;
        } else if new.is_some() {
            *field = new;
        }
    }
    if let Some(role_arn) = role_arn {
        image.role_arn = role_arn;
    }
    image.set_status(Status::Updating, now);
    let (name, generation) = (image.name.clone(), image.generation);
    let delay = context.world.delays.image;
    let arn = arn(scope, &name);
    context.plan(delay, Subject::Image(name), generation, Next::Become(Status::InService));
    Ok(json!({ "ImageArn": arn }))
}

pub(super) fn delete(context: &mut Context<'_>) -> JsonReply {
    let (scope, now) = (context.call.scope, context.now());
    let image = find(context)?;
    refuse_busy(scope, image)?;
    let name = image.name.clone();
    let arn = arn(scope, &name);
    let region = context.region();
    let attached = region.domains.values().any(|domain| {
        mention(&domain.user_settings, &name)
            || domain.space_settings.as_ref().is_some_and(|settings| mention(settings, &name))
    });
    if attached || region.apps.iter().any(|(_, app)| app.is_live() && mention(&app.spec, &arn)) {
        return Err(Refusal::in_use(format!("Unable to delete Image [{arn}] because it is in use.")));
    }
    let image = find(context)?;
    image.set_status(Status::Deleting, now);
    let generation = image.generation;
    let delay = context.world.delays.image;
    context.plan(delay, Subject::Image(name), generation, Next::Vanish);
    Ok(json!({}))
}

pub(super) fn list_versions(context: &mut Context<'_>) -> JsonReply {
    let pager = Pager::of(context)?;
    let scope = context.call.scope;
    let window = Window::of(context);
    let sort = context.text("SortBy").unwrap_or("CREATION_TIME");
    let descending = context.text("SortOrder") != Some("ASCENDING");
    let image = find(context)?;
    let rows = image
        .versions
        .values()
        .filter(|version| window.holds(version.created, version.modified))
        .map(|version| {
            let key = match sort {
                "VERSION" => 0,
                "LAST_MODIFIED_TIME" => version.modified,
                _ => version.created,
            };
            ((key, format!("{:010}", version.version)), version_summary(scope, &image.name, version).build())
        })
        .collect();
    Ok(pager.sorted("ImageVersions", rows, descending))
}

fn version_summary(scope: &Scope, image: &str, version: &ImageVersion) -> Object {
    Object::new()
        .time("CreationTime", version.created)
        .maybe_text("FailureReason", version.failure.as_ref())
        .text("ImageArn", &arn(scope, image))
        .text("ImageVersionArn", &version_arn(scope, image, version.version))
        .text("ImageVersionStatus", version.status.as_image_str())
        .time("LastModifiedTime", version.modified)
        .with("Version", version.version)
}

pub(super) fn describe_version(context: &mut Context<'_>) -> JsonReply {
    let scope = context.call.scope;
    let number = find_version(context)?;
    let image = find(context)?;
    let version = image.versions.get(&number).ok_or_else(|| missing_version(&image.name))?;
    let mut answer = version_summary(scope, &image.name, version)
        .text("BaseImage", &version.base_image)
        .text("ContainerImage", &version.base_image);
    for (name, value) in version.facts.as_object().into_iter().flatten() {
        answer = answer.with(name, value.clone());
    }
    Ok(answer.build())
}

pub(super) fn create_version(context: &mut Context<'_>) -> JsonReply {
    let (scope, now) = (context.call.scope, context.now());
    let base_image = context.required("BaseImage");
    let client_token = context.name("ClientToken");
    let aliases: Vec<Name> = context
        .request
        .get("Aliases")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(Name::from)
        .collect();
    let members = [
        "VendorGuidance",
        "JobType",
        "MLFramework",
        "ProgrammingLang",
        "Processor",
        "Horovod",
        "ReleaseNotes",
    ];
    let facts: Map<String, Value> = members
        .iter()
        .filter_map(|member| Some(((*member).to_owned(), context.request.get(*member)?.clone())))
        .filter(|(_, value)| !value.is_null())
        .collect();
    let image = find(context)?;
    refuse_busy(scope, image)?;
    let name = image.name.clone();
    // The same client token is the same request: it is answered again, not carried out again.
    let again = image
        .versions
        .values()
        .find(|version| client_token.is_some() && version.client_token == client_token);
    if let Some(again) = again {
        return Ok(json!({ "ImageVersionArn": version_arn(scope, &name, again.version) }));
    }
    let number = image.next_version;
    image.next_version += 1;
    for version in image.versions.values_mut() {
        version.aliases.retain(|alias| !aliases.contains(alias));
    }
    let version = ImageVersion {
        version: number,
        base_image,
        created: now,
        modified: now,
        status: Status::Pending,
        failure: None,
        aliases,
        facts: Settings::new(Value::Object(facts)),
        client_token,
        generation: 0,
    };
    image.versions.insert(number, version);
    let delay = context.world.delays.image;
    let arn = version_arn(scope, &name, number);
    context.plan(delay, Subject::ImageVersion(name, number), 0, Next::Become(Status::InService));
    Ok(json!({ "ImageVersionArn": arn }))
}

pub(super) fn delete_version(context: &mut Context<'_>) -> JsonReply {
    let (scope, now) = (context.call.scope, context.now());
    let number = find_version(context)?;
    let name = context.required("ImageName");
    let arn = version_arn(scope, &name, number);
    if context.region().apps.iter().any(|(_, app)| app.is_live() && mention(&app.spec, &arn)) {
        return Err(Refusal::in_use(format!("Unable to delete ImageVersion [{arn}] because it is in use.")));
    }
    let image = find(context)?;
    let Some(version) = image.versions.get_mut(&number) else { return Err(missing_version(&name)) };
    if version.status.is_passing() {
        return Err(Refusal::in_use(format!(
            "ImageVersion [{arn}] is in {} status.",
            version.status.as_image_str()
        )));
    }
    version.set_status(Status::Deleting, now);
    let generation = version.generation;
    let delay = context.world.delays.image;
    context.plan(delay, Subject::ImageVersion(name, number), generation, Next::Vanish);
    Ok(json!({}))
}

/// The image that a request names.
fn find<'c>(context: &'c mut Context<'_>) -> Result<&'c mut Image, Refusal> {
    let name = context.required("ImageName");
    let missing = Refusal::not_found(format!("Image [{}] does not exist.", arn(context.call.scope, &name)));
    context.region().images.get_mut(&name).ok_or(missing)
}

/// The version that a request names, by number or alias; else the latest.
fn find_version(context: &mut Context<'_>) -> Result<u32, Refusal> {
    let number = context.request.get("Version").and_then(Value::as_u64);
    let alias = context.text("Alias");
    let image = find(context)?;
    let found = match (number, alias) {
        (Some(number), _) => image.versions.keys().copied().find(|version| u64::from(*version) == number),
        (None, Some(alias)) => {
            let named = |version: &&ImageVersion| version.aliases.iter().any(|other| &**other == alias);
            image.versions.values().find(named).map(|version| version.version)
        }
        (None, None) => image.versions.keys().next_back().copied(),
    };
    found.ok_or_else(|| missing_version(&image.name))
}

fn missing_version(image: &str) -> Refusal {
    Refusal::not_found(format!("No such version of Image [{image}] exists."))
}

fn refuse_busy(scope: &Scope, image: &Image) -> Result<(), Refusal> {
    if image.status.is_passing() {
        let (arn, status) = (arn(scope, &image.name), image.status.as_image_str());
        return Err(Refusal::in_use(format!("Image [{arn}] is in {status} status.")));
    }
    Ok(())
}

fn arn(scope: &Scope, name: &str) -> String {
    scope.sagemaker_arn(&format!("image/{name}"))
}

fn version_arn(scope: &Scope, name: &str, version: u32) -> String {
    scope.sagemaker_arn(&format!("image-version/{name}/{version}"))
}
