//! What every operation of a JSON service is given, and the building of its answers.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::clock::Millis;
use super::wire::{Call, Fate, Refusal};
use super::world::{Domain, Name, Next, Profile, Region, Settings, Status, Subject, Tags, World};

/// How many tags a resource may have.
pub(super) const TAG_LIMIT: usize = 50;

/// One operation on its way.
pub(super) struct Context<'a> {
    pub(super) world: &'a mut World,
    pub(super) call: &'a Call<'a>,
    pub(super) request: &'a Value,
}

impl<'a> Context<'a> {
    /// A member of the request that is a text.
    pub(super) fn text(&self, member: &str) -> Option<&'a str> {
        self.request.get(member)?.as_str()
    }

    /// A member of the request that validation made sure of.
    pub(super) fn required(&self, member: &str) -> Name {
        self.text(member).unwrap_or_default().into()
    }

    /// A member of the request that is a text, to be kept.
    pub(super) fn name(&self, member: &str) -> Option<Name> {
        self.text(member).map(Name::from)
    }

    /// A member of the request that is a structure, to be kept.
    pub(super) fn settings(&self, member: &str) -> Option<Settings> {
        self.request
            .get(member)
            .filter(|value| !value.is_null())
            .map(|value| Settings::new(without_nulls(value)))
    }

    /// A member of the request that is a point in time.
    pub(super) fn time(&self, member: &str) -> Option<Millis> {
        self.request.get(member)?.as_f64().map(|seconds| (seconds * 1_000.0).round() as Millis)
    }

    /// The virtual time.
    pub(super) fn now(&self) -> Millis {
        self.call.now
    }

    /// What the caller's region holds.
    pub(super) fn region(&mut self) -> &mut Region {
        self.world.region_mut(self.call.scope)
    }

    /// The ARN of a resource here.
    pub(super) fn arn(&self, tail: &str) -> String {
        self.call.scope.sagemaker_arn(tail)
    }

    /// A domain, or the refusal of an operation on it.
    pub(super) fn domain(&mut self, id: &str) -> Result<&mut Domain, Refusal> {
        let missing =
            Refusal::not_found(format!("Domain [{}] does not exist.", self.arn(&format!("domain/{id}"))));
        self.region().domains.get_mut(id).ok_or(missing)
    }

    /// A domain in which something can be created.
    pub(super) fn domain_in_service(&mut self, id: &str) -> Result<&mut Domain, Refusal> {
        let arn = self.arn(&format!("domain/{id}"));
        let domain = self.domain(id)?;
        if matches!(domain.status, Status::InService | Status::UpdateFailed | Status::Unheard(_)) {
            return Ok(domain);
        }
        Err(Refusal::in_use(format!("Domain [{arn}] is in {} status.", domain.status.as_str())))
    }

    /// A user profile of an existing domain.
    pub(super) fn profile(&mut self, domain: &Name, name: &Name) -> Result<(u32, &mut Profile), Refusal> {
        self.domain(domain)?;
        let arn = self.arn(&format!("user-profile/{domain}/{name}"));
        let missing = || Refusal::not_found(format!("UserProfile [{arn}] does not exist."));
        let region = self.region();
        let id = region.profiles.find(&Profile::key_of(domain, name)).ok_or_else(missing)?;
        region.profiles.get_mut(id).map(|profile| (id, profile)).ok_or_else(missing)
    }

    /// Plans the end of a passing state, unless a fault has decided on another one.
    pub(super) fn plan(&mut self, delay: Millis, subject: Subject, generation: u32, next: Next) {
        let next = match &self.call.fate {
            Fate::Usual => next,
            Fate::Hangs => return,
            Fate::Fails(reason) => {
                let status = match self.call.operation.as_bytes().first() {
                    Some(b'D') => Status::DeleteFailed,
                    Some(b'U') => Status::UpdateFailed,
                    _ => Status::Failed,
                };
                Next::Fail(status, reason.clone())
            }
        };
        let due = self.now() + delay;
        self.world.plan(due, self.call.scope, subject, generation, next);
    }

    /// The `Tags` of the request.
    pub(super) fn tags(&self) -> Result<Tags, Refusal> {
        let mut tags = BTreeMap::new();
        for tag in self.request.get("Tags").and_then(Value::as_array).into_iter().flatten() {
            let member = |name: &str| Name::from(tag.get(name).and_then(Value::as_str).unwrap_or_default());
            let key = member("Key");
            refuse_system_tag(&key)?;
            if tags.insert(key.clone(), member("Value")).is_some() {
                return Err(Refusal::validation(format!("Duplicate tag key found: {key}")));
            }
        }
        Ok(Tags::new(tags))
    }
}

/// Tags that begin with `aws:` are AWS's own.
pub(super) fn refuse_system_tag(key: &str) -> Result<(), Refusal> {
    if key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
        return Err(Refusal::validation(format!(
            "System tags cannot be added/updated by requester: {key}. Tag keys must not begin with aws:."
        )));
    }
    Ok(())
}

/// The refusal of work on something that is passing from one state to another.
pub(super) fn refuse_passing(kind: &str, arn: &str, status: Status) -> Result<(), Refusal> {
    if status.is_passing() {
        return Err(Refusal::in_use(format!("{kind} [{arn}] is in {} status.", status.as_str())));
    }
    Ok(())
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(_, member)| !member.is_null())
            .map(|(name, member)| (name.clone(), without_nulls(member)))
            .collect(),
        Value::Array(elements) => elements.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

/// An answer under construction: absent members are left out, as AWS leaves them out.
#[derive(Default)]
pub(super) struct Object(Map<String, Value>);

impl Object {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    pub(super) fn text(self, name: &str, value: &str) -> Self {
        self.with(name, value)
    }

    pub(super) fn maybe(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(super) fn maybe_text(self, name: &str, value: Option<&Name>) -> Self {
        self.maybe(name, value.map(|value| &**value))
    }

    pub(super) fn maybe_settings(self, name: &str, value: Option<&Settings>) -> Self {
        self.maybe(name, value.map(|value| Value::clone(value)))
    }

    /// A point in time: seconds since the epoch with a fraction.
    pub(super) fn time(self, name: &str, at: Millis) -> Self {
        self.with(name, at as f64 / 1_000.0)
    }

    pub(super) fn maybe_time(self, name: &str, at: Option<Millis>) -> Self {
        match at {
            Some(at) => self.time(name, at),
            None => self,
        }
    }

    pub(super) fn build(self) -> Value {
        Value::Object(self.0)
    }
}
