//! What the lines of a bill come from: one source for each instance, volume or service that somebody pays for,
//! with all that its lines have in common. Knows no request.

use std::collections::BTreeMap;

use super::Record;
use super::calendar::Calendar;
use super::habit::{Span, Work};
use super::meter::{Meter, Usage, UsageUnit, united};
use crate::sim::clock::Millis;
use crate::sim::pricing::{PriceTable, Rate};
use crate::sim::world::{AppKey, AppType, Name, Owner, Row, Scope, Tags, World};

/// The service that Studio is billed under.
pub(super) const SAGEMAKER: &str = "Amazon SageMaker";

/// To whom something is attributed by the system tags (aws.md 6): a space's apps to the space, other apps and jobs
/// to the user profile.
#[derive(Clone, Debug)]
pub(super) enum Attribution<'a> {
    Nobody,
    To {
        domain: &'a str,
        owner: &'a Owner,
    },
    /// A volume, to its space.
    Space {
        domain: &'a str,
        space: &'a str,
    },
}

/// The other tags of something.
#[derive(Clone, Debug)]
pub(super) enum Custom<'a> {
    None,
    Tags(&'a Tags),
    One(&'a str, String),
}

/// What lines come from.
#[derive(Debug)]
pub(in crate::sim) struct Source<'a> {
    pub(in crate::sim) account: Name,
    pub(in crate::sim) region: Name,
    pub(in crate::sim) service: &'static str,
    pub(in crate::sim) operation: &'static str,
    pub(in crate::sim) instance_type: Option<Name>,
    pub(in crate::sim) record: Record,
    /// What the usage type begins with; empty if nothing.
    pub(super) prefix: &'static str,
    /// The usage type between prefix and instance type.
    pub(super) usage: &'static str,
    pub(super) attribution: Attribution<'a>,
    pub(super) custom: Custom<'a>,
    pub(super) meter: Meter<'a>,
}

impl Source<'_> {
    /// The days of a calendar on which something was used, in order.
    pub(in crate::sim) fn usage(&self, calendar: &Calendar, usage: &mut Vec<Usage>) {
        self.meter.read(calendar, usage);
    }

    /// The unit of its quantities.
    pub(in crate::sim) fn unit(&self) -> UsageUnit {
        self.meter.unit()
    }

    /// `USAGE_TYPE`.
    pub(in crate::sim) fn usage_type(&self) -> String {
        let dash = if self.prefix.is_empty() { "" } else { "-" };
        match &self.instance_type {
            Some(instance) => {
                let instance =
                    if self.service == SAGEMAKER { instance } else { instance.trim_start_matches("ml.") };
                let join = if self.usage.contains("Studio") { "-" } else { ":" };
                let join = if self.usage.starts_with("RStudio") { "-" } else { join };
                format!("{}{dash}{}{join}{instance}", self.prefix, self.usage)
            }
            None => format!("{}{dash}{}", self.prefix, self.usage),
        }
    }

    /// The value of a tag, active or not.
    pub(in crate::sim) fn tag(&self, key: &str) -> Option<String> {
        let arn = |tail: String| format!("arn:aws:sagemaker:{}:{}:{tail}", self.region, self.account);
        let (domain, user, space) = match &self.attribution {
            Attribution::Nobody => (None, None, None),
            Attribution::To { domain, owner: Owner::User(user) } => (Some(*domain), Some(&**user), None),
            Attribution::To { domain, owner: Owner::Space(space) } => (Some(*domain), None, Some(&**space)),
            Attribution::Space { domain, space } => (Some(*domain), None, Some(*space)),
        };
        match (key, domain) {
            ("sagemaker:domain-arn", Some(domain)) => Some(arn(format!("domain/{domain}"))),
            ("sagemaker:user-profile-arn", Some(domain)) => {
                user.map(|user| arn(format!("user-profile/{domain}/{user}")))
            }
            ("sagemaker:space-arn", Some(domain)) => {
                space.map(|space| arn(format!("space/{domain}/{space}")))
            }
            _ => match &self.custom {
                Custom::Tags(tags) => tags.get(key).map(ToString::to_string),
                Custom::One(held, value) if *held == key => Some(value.clone()),
                _ => None,
            },
        }
    }

    /// All its tags, active or not.
    pub(in crate::sim) fn tags(&self) -> BTreeMap<Name, Name> {
        let custom: Vec<Name> = match &self.custom {
            Custom::None => Vec::new(),
            Custom::Tags(tags) => tags.keys().cloned().collect(),
            Custom::One(key, _) => vec![(*key).into()],
        };
        let keys = super::tags::SYSTEM.iter().map(|key| Name::from(*key)).chain(custom);
        keys.filter_map(|key| Some((key.clone(), self.tag(&key)?.into()))).collect()
    }
}

/// The usage type of an app before the instance type, and that of the Price List by which it is priced. What
/// `RStudio` and others are called on a bill is not published; they are priced as Studio's other instances.
fn usage_of(kind: AppType) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        AppType::JupyterLab => ("Studio:JupyterLab", "Studio:JupyterLab"),
        AppType::CodeEditor => ("Studio:CodeEditor", "Studio:CodeEditor"),
        AppType::KernelGateway | AppType::JupyterServer => ("Studio:KernelGateway", "Studio:KernelGateway"),
        AppType::RSessionGateway => ("RStudio:RSession", "Studio:KernelGateway"),
        AppType::RStudioServerPro => ("RStudio:Server", "Studio:KernelGateway"),
        AppType::TensorBoard => ("Studio:TensorBoard", "Studio:KernelGateway"),
        AppType::DetailedProfiler => ("Studio:Profiler", "Studio:KernelGateway"),
        AppType::Canvas | AppType::Unheard(_) => return None,
    })
}

/// The source of one app's runs; `None` for what is free or has no price.
fn source_of_app<'a>(
    scope: &Scope,
    key: &'a AppKey,
    instance_type: Name,
    tags: &'a Tags,
    spans: Vec<Span>,
) -> Option<Source<'a>> {
    let (usage, priced) = usage_of(key.app_type)?;
    let rate = PriceTable::hourly(&scope.region, priced, &instance_type)?;
    let attribution = Attribution::To { domain: &key.domain, owner: &key.owner };
    let meter = Meter::Runs { price: rate.price, spans };
    Some(of_sagemaker(scope, (rate, usage), Some(instance_type), attribution, Custom::Tags(tags), meter))
}

fn of_sagemaker<'a>(
    scope: &Scope,
    (rate, usage): (Rate, &'static str),
    instance_type: Option<Name>,
    attribution: Attribution<'a>,
    custom: Custom<'a>,
    meter: Meter<'a>,
) -> Source<'a> {
    Source {
        account: scope.account.clone(),
        region: scope.region.clone(),
        service: SAGEMAKER,
        operation: if instance_type.is_some() { "RunInstance" } else { "" },
        instance_type,
        record: Record::Usage,
        prefix: rate.prefix,
        usage,
        attribution,
        custom,
        meter,
    }
}

/// Shows every source of an account, or of all accounts.
pub(in crate::sim) fn each_source<'w>(
    world: &'w World,
    account: Option<&str>,
    visit: &mut dyn FnMut(&Source<'w>),
) {
    let wanted = |held: &str| account.is_none_or(|account| account == held);
    for (held, regions) in world.accounts.iter().filter(|(held, _)| wanted(held)) {
        for (code, region) in &regions.regions {
            let scope = Scope { account: held.clone(), region: code.clone() };
            runs(&scope, region, visit);
            volumes(&scope, region, visit);
        }
    }
    for habit in world.billing.habits.iter().filter(|habit| wanted(&habit.account)) {
        let scope = Scope { account: habit.account.clone(), region: habit.region.clone() };
        let Some((usage, priced)) = (match habit.work {
            Work::App(kind) => usage_of(kind),
            Work::Training => Some(("Train", "Train")),
        }) else {
            continue;
        };
        if let Some(rate) = PriceTable::hourly(&habit.region, priced, &habit.instance_type) {
            let attribution = Attribution::To { domain: &habit.domain, owner: &habit.owner };
            let meter = Meter::Habit { price: rate.price, habit };
            let instance = Some(habit.instance_type.clone());
            visit(&of_sagemaker(
                &scope,
                (rate, usage),
                instance,
                attribution,
                Custom::Tags(&habit.tags),
                meter,
            ));
        }
    }
    super::other::each_source(world, &wanted, visit);
}

/// The runs of apps: of those that are there, and of those that were.
fn runs<'w>(scope: &Scope, region: &'w crate::sim::world::Region, visit: &mut dyn FnMut(&Source<'w>)) {
    let present = region.apps.iter().filter(|(_, app)| app.served).filter_map(|(_, app)| {
        let instance: Name = app.instance_type()?.into();
        Some((app.identity(), instance, &app.tags, (app.started, app.ended.unwrap_or(Millis::MAX))))
    });
    let ended = region
        .ended_runs
        .iter()
        .map(|run| (&run.key, run.instance_type.clone(), &run.tags, (run.started, run.ended)));
    // Classic apps of one user on one type share one instance (peers.md 0.1, 13).
    let mut shared: BTreeMap<_, (&AppKey, &Tags, Vec<Span>)> = BTreeMap::new();
    for (key, instance, tags, span) in present.chain(ended) {
        if key.app_type == AppType::KernelGateway {
            let held = shared.entry((&key.domain, &key.owner, instance)).or_insert((key, tags, Vec::new()));
            held.2.push(span);
        } else if let Some(source) = source_of_app(scope, key, instance, tags, vec![span]) {
            visit(&source);
        }
    }
    for ((_, _, instance), (key, tags, spans)) in shared {
        if let Some(source) = source_of_app(scope, key, instance, tags, united(spans)) {
            visit(&source);
        }
    }
}

/// The volumes of spaces: of those that are there, stopped or not, and of those that were.
fn volumes<'w>(scope: &Scope, region: &'w crate::sim::world::Region, visit: &mut dyn FnMut(&Source<'w>)) {
    let Some(rate) = PriceTable::volume_monthly(&scope.region) else { return };
    let present = region.spaces.iter().filter_map(|(_, space)| {
        Some((&**space.domain(), &**space.name(), space.gigabytes()?, space.sized, Millis::MAX, &space.tags))
    });
    let ended = region.ended_volumes.iter().map(|volume| {
        (&*volume.domain, &*volume.space, volume.gigabytes, volume.from, volume.until, &volume.tags)
    });
    for (domain, space, gigabytes, from, until, tags) in present.chain(ended) {
        let attribution = Attribution::Space { domain, space };
        let meter = Meter::Volume { price: rate.price, gigabytes, from, until };
        visit(&of_sagemaker(scope, (rate, VOLUME), None, attribution, Custom::Tags(tags), meter));
    }
}

/// The usage type of a space's volume.
const VOLUME: &str = "Studio:VolumeUsage.gp3";
