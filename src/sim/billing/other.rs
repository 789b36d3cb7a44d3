//! What an account pays for besides Studio: other services, other parts of `SageMaker`, taxes, and what AWS gives
//! back. Knows no request.

use super::Record;
use super::amount::{Amount, ONE};
use super::calendar::{Calendar, Day, day_of, month_start};
use super::meter::{Meter, Usage, UsageUnit};
use super::source::{Attribution, Custom, SAGEMAKER, Source};
use super::{Billing, MONTHS_KEPT};
use crate::sim::pricing::PriceTable;
use crate::sim::world::{Name, Scope, World};

/// Who pays: a region of an account in which there are domains.
#[derive(Clone, Debug)]
pub(super) struct Payer {
    scope: Scope,
    /// Home file systems.
    homes: u32,
    users: u32,
    /// Whether credits, refunds and taxes are on this bill: it is that of the first region of the payer.
    is_first: bool,
}

impl Payer {
    pub(super) fn new(scope: &Scope, homes: usize, users: usize, is_first: bool) -> Self {
        Self { scope: scope.clone(), homes: homes as u32, users: users as u32, is_first }
    }
}

/// Something that goes on and on.
struct Service {
    name: &'static str,
    usage: &'static str,
    operation: &'static str,
    instance_type: Option<&'static str>,
    unit: UsageUnit,
    /// Ten-thousandths of a dollar; without one, as the Price List says for the usage.
    price: Option<i64>,
    /// How much is used on a working day.
    daily: fn(&Payer) -> Amount,
    /// How much of that at weekends, in per cent.
    weekend: i64,
    /// The value of the tag `team`.
    team: Option<&'static str>,
}

const SERVICES: [Service; 8] = [
    Service {
        name: "Amazon Elastic Compute Cloud - Compute",
        usage: "BoxUsage",
        operation: "RunInstances",
        instance_type: Some("m5.large"),
        unit: UsageUnit::Hours,
        price: Some(1_070),
        daily: |payer| i64::from(24 + payer.users / 10) * ONE,
        weekend: 60,
        team: Some("platform"),
    },
    Service {
        name: "EC2 - Other",
        usage: "NatGateway-Hours",
        operation: "NatGateway",
        instance_type: None,
        unit: UsageUnit::Hours,
        price: Some(480),
        daily: |_| 48 * ONE,
        weekend: 100,
        team: None,
    },
    Service {
        name: "Amazon Simple Storage Service",
        usage: "TimedStorage-ByteHrs",
        operation: "StandardStorage",
        instance_type: None,
        unit: UsageUnit::GigabyteMonths,
        price: Some(230),
        daily: |payer| i64::from(payer.users) * 9 * ONE / 10,
        weekend: 100,
        team: None,
    },
    Service {
        name: "Amazon Simple Storage Service",
        usage: "Requests-Tier1",
        operation: "PutObject",
        instance_type: None,
        unit: UsageUnit::Requests,
        price: Some(1),
        daily: |payer| i64::from(payer.users) * 137 * ONE,
        weekend: 15,
        team: None,
    },
    Service {
        name: "Amazon Elastic File System",
        usage: "TimedStorage-ByteHrs",
        operation: "",
        instance_type: None,
        unit: UsageUnit::GigabyteMonths,
        price: Some(3_300),
        daily: |payer| i64::from(payer.homes) * (ONE + i64::from(payer.users) * ONE / 20),
        weekend: 100,
        team: None,
    },
    Service {
        name: "AmazonCloudWatch",
        usage: "DataProcessing-Bytes",
        operation: "PutLogEvents",
        instance_type: None,
        unit: UsageUnit::GigabyteMonths,
        price: Some(5_700),
        daily: |payer| i64::from(payer.users) * ONE / 25,
        weekend: 30,
        team: None,
    },
    Service {
        name: SAGEMAKER,
        usage: "Host",
        operation: "RunInstance",
        instance_type: Some("ml.m5.xlarge"),
        unit: UsageUnit::Hours,
        price: None,
        daily: |_| 48 * ONE,
        weekend: 100,
        team: Some("nlp"),
    },
    Service {
        name: SAGEMAKER,
        usage: "Notebk",
        operation: "RunInstance",
        instance_type: Some("ml.t3.medium"),
        unit: UsageUnit::Hours,
        price: None,
        daily: |_| 24 * ONE,
        weekend: 100,
        team: None,
    },
];

/// What AWS gave, in the last month but one, and gave back, in the last month: in ten-thousandths of a dollar.
const CREDIT: i64 = 2_500_000;
const REFUND: i64 = 374_182;
/// Taxes on other services than `SageMaker`, per mille.
const TAX: i64 = 81;

/// Shows the sources of the accounts that are wanted.
pub(super) fn each_source<'w>(
    world: &'w World,
    wanted: &dyn Fn(&str) -> bool,
    visit: &mut dyn FnMut(&Source<'w>),
) {
    let billing = &world.billing;
    let Some((payers, since)) = &billing.others else { return };
    let settled = Billing::settled(world.now());
    let mut has_given = false;
    for payer in payers.iter().filter(|payer| wanted(&payer.scope.account)) {
        for service in &SERVICES {
            if let Some(source) = source_of(payer, service, *since) {
                visit(&source);
            }
        }
        if payer.is_first && !has_given {
            has_given = true;
            wide(billing, payer, *since, visit);
            let month = |months| month_start(*since, MONTHS_KEPT + months);
            let given = [(Record::Credit, month(-2), -CREDIT), (Record::Refund, month(-1) + 11, -REFUND)];
            for (record, day, amount) in given {
                let meter = Meter::Fixed(vec![(day, amount * (ONE / 10_000))]);
                let mut source = plain(payer, SAGEMAKER, "Studio:JupyterLab", meter);
                source.instance_type = Some("ml.g5.xlarge".into());
                source.operation = "RunInstance";
                source.record = record;
                visit(&source);
            }
            let meter = Meter::Fixed(taxes(payer, *since, settled));
            let mut source = plain(payer, "Tax", "", meter);
            (source.record, source.prefix) = (Record::Tax, "");
            visit(&source);
        }
    }
}

/// So many values of one tag.
fn wide<'w>(billing: &'w Billing, payer: &Payer, since: Day, visit: &mut dyn FnMut(&Source<'w>)) {
    let Some((key, values)) = &billing.wide_tag else { return };
    for number in 0..*values {
        let daily = ONE / 50 + i64::from(number % 977) * (ONE / 1_000);
        let unit = UsageUnit::GigabyteMonths;
        let meter = Meter::Steady { price: 230, unit, daily, weekend: 100, from: since };
        let mut source = plain(payer, "Amazon Simple Storage Service", "TimedStorage-ByteHrs", meter);
        source.operation = "StandardStorage";
        source.custom = Custom::One(key, format!("{key}-{number:05}"));
        visit(&source);
    }
}

/// Taxes on what a month has cost are dated the first of the next one, when that is known.
fn taxes(payer: &Payer, since: Day, settled: i64) -> Vec<(Day, Amount)> {
    let mut months: Vec<(Day, Amount)> = Vec::new();
    let calendar = Calendar::new(since, month_start(day_of(settled), 0), settled);
    let mut usage: Vec<Usage> = Vec::new();
    for source in SERVICES
        .iter()
        .filter(|service| service.name != SAGEMAKER)
        .filter_map(|service| source_of(payer, service, since))
    {
        source.usage(&calendar, &mut usage);
        for usage in &usage {
            let first = month_start(usage.day, 1);
            match months.binary_search_by_key(&first, |(month, _)| *month) {
                Ok(at) => months[at].1 += usage.cost,
                Err(at) => months.insert(at, (first, usage.cost)),
            }
        }
    }
    // Rounded to the cent, as taxes are.
    let cent = ONE / 100;
    for (_, amount) in &mut months {
        *amount = (*amount / 1_000 * TAX + cent / 2) / cent * cent;
    }
    months
}

fn source_of<'a>(payer: &Payer, service: &Service, since: Day) -> Option<Source<'a>> {
    let listed = || {
        PriceTable::hourly(&payer.scope.region, service.usage, service.instance_type?).map(|rate| rate.price)
    };
    let price = service.price.or_else(listed)?;
    let daily = (service.daily)(payer);
    let meter = Meter::Steady { price, unit: service.unit, daily, weekend: service.weekend, from: since };
    let mut source = plain(payer, service.name, service.usage, meter);
    source.operation = service.operation;
    source.instance_type = service.instance_type.map(Name::from);
    if let Some(team) = service.team {
        source.custom = Custom::One("team", team.to_owned());
    }
    Some(source)
}

fn plain<'a>(payer: &Payer, service: &'static str, usage: &'static str, meter: Meter<'a>) -> Source<'a> {
    Source {
        account: payer.scope.account.clone(),
        region: payer.scope.region.clone(),
        service,
        operation: "",
        instance_type: None,
        record: Record::Usage,
        prefix: PriceTable::volume_monthly(&payer.scope.region).map_or("", |rate| rate.prefix),
        usage,
        attribution: Attribution::Nobody,
        custom: Custom::None,
        meter,
    }
}
