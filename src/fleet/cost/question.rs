//! What is asked of Cost Explorer, as a value: the same question is never paid for twice while its answer holds.

use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::period::MOST_DAYS;
use super::{CostPeriod, Days};

/// The service that is asked for unless the configuration says otherwise, as Cost Explorer names it.
pub const SERVICE: &str = "Amazon SageMaker";
/// What Cost Explorer takes for one request, in US dollars; each page counts. Source: Cost Explorer pricing.
pub const REQUEST_PRICE: f64 = 0.01;

/// The tags that Studio sets by itself, and whose values are ARNs.
pub const SYSTEM_TAGS: [&str; 3] =
    ["sagemaker:domain-arn", "sagemaker:user-profile-arn", "sagemaker:space-arn"];

/// The length of the periods of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Granularity {
    /// Days.
    Daily,
    /// Calendar months.
    Monthly,
}

impl Granularity {
    /// AWS's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "DAILY",
            Self::Monthly => "MONTHLY",
        }
    }
}

/// What lines of the bill are put together by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CostKey {
    /// The values of a cost allocation tag.
    Tag(Arc<str>),
    /// What was used: `EU-Studio:JupyterLab-ml.t3.medium`.
    UsageType,
    /// Whether it was used, or is a credit, a refund, a tax.
    RecordType,
}

/// One question. It names everything the answer depends on but the account, whose credentials it is asked with.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CostQuestion {
    /// Which services count, as Cost Explorer names them; none for all.
    pub services: Vec<Arc<str>>,
    /// The first day.
    pub from: Date,
    /// The day after the last one.
    pub until: Date,
    /// The length of the periods.
    pub granularity: Granularity,
    /// What lines are put together by; two at most.
    pub keys: Vec<CostKey>,
    /// Whether credits, refunds and taxes are left out, where there is no room for a key that tells them apart.
    pub usage_only: bool,
}

/// What a person groups by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CostGroup {
    /// The values of a cost allocation tag.
    Tag(Arc<str>),
    /// The domain, by its ARN in the system tag.
    Domain,
    /// The user profile, by its ARN in the system tag.
    User,
    /// The space, by its ARN in the system tag.
    Space,
    /// The instance type, as the usage type says.
    Instance,
    /// The usage type.
    UsageType,
    /// The account.
    Account,
    /// The region, as the usage type says.
    Region,
}

impl CostGroup {
    /// Those that need no name of a tag.
    pub const FIXED: [Self; 7] =
        [Self::Domain, Self::User, Self::Space, Self::Instance, Self::UsageType, Self::Account, Self::Region];

    /// What Cost Explorer is asked to put together; nothing for the account, which is part of every question.
    pub fn key(&self) -> Option<CostKey> {
        match self {
            Self::Tag(key) => Some(CostKey::Tag(Arc::clone(key))),
            Self::Domain => Some(CostKey::Tag(SYSTEM_TAGS[0].into())),
            Self::User => Some(CostKey::Tag(SYSTEM_TAGS[1].into())),
            Self::Space => Some(CostKey::Tag(SYSTEM_TAGS[2].into())),
            Self::Instance | Self::UsageType | Self::Region => Some(CostKey::UsageType),
            Self::Account => None,
        }
    }

    /// The tag whose values it shows, if it is one.
    pub fn tag(&self) -> Option<Arc<str>> {
        match self.key() {
            Some(CostKey::Tag(key)) => Some(key),
            _ => None,
        }
    }

    /// Whether it is about whose something is.
    fn is_owner(&self) -> bool {
        matches!(self, Self::User | Self::Space)
    }

    /// Whether the ARNs of a user and a space tell it.
    fn is_told_by_owner(&self) -> bool {
        matches!(self, Self::User | Self::Space | Self::Domain | Self::Region | Self::Account)
    }

    /// Understands the word of the command line and the configuration: `user`, `usage-type`, `tag:team`.
    ///
    /// # Errors
    /// What can be said instead, as a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(key) = text.strip_prefix("tag:") {
            return if key.is_empty() || key.chars().count() > 128 {
                Err("a tag's key has 1 to 128 letters, as in tag:team".to_owned())
            } else {
                Ok(Self::Tag(super::super::harmless(key)))
            };
        }
        let found = Self::FIXED.into_iter().find(|group| group.to_string() == text);
        found.ok_or_else(|| {
            let names: Vec<String> = Self::FIXED.iter().map(ToString::to_string).collect();
            let hint = super::super::suggestion(text, names.iter().map(String::as_str));
            format!("there is no group `{text}`{hint}; there are tag:KEY, {}", names.join(", "))
        })
    }
}

impl fmt::Display for CostGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(key) => write!(f, "tag:{key}"),
            Self::Domain => f.pad("domain"),
            Self::User => f.pad("user"),
            Self::Space => f.pad("space"),
            Self::Instance => f.pad("instance"),
            Self::UsageType => f.pad("usage-type"),
            Self::Account => f.pad("account"),
            Self::Region => f.pad("region"),
        }
    }
}

impl CostQuestion {
    /// The question whose answer shows a grouping of one or two levels.
    ///
    /// Where one key is enough, the kind of the lines is asked for together with it, so that one request gives
    /// gross and net; where two are taken, credits, refunds and taxes are left out. Users and spaces are told by both
    /// their tags at once: which of them a line carries is then known of each line, and nothing can count twice.
    pub fn new(
        services: &[Arc<str>],
        (from, until): (Date, Date),
        granularity: Granularity,
        group: &CostGroup,
        then: Option<&CostGroup>,
    ) -> Self {
        let groups = || [Some(group), then].into_iter().flatten();
        let mut keys: Vec<CostKey> =
            if groups().any(CostGroup::is_owner) && groups().all(CostGroup::is_told_by_owner) {
                [CostGroup::User, CostGroup::Space].iter().filter_map(CostGroup::key).collect()
            } else {
                let mut keys: Vec<CostKey> = group.key().into_iter().collect();
                keys.extend(then.and_then(CostGroup::key).filter(|key| !keys.contains(key)));
                keys
            };
        // The whole of an account is a view of what is asked for by usage type, and of that three other groups are.
        if keys.is_empty() {
            keys.push(CostKey::UsageType);
        }
        let usage_only = keys.len() == 2;
        if !usage_only {
            keys.push(CostKey::RecordType);
        }
        Self { services: services.to_vec(), from, until, granularity, keys, usage_only }
    }

    /// The question for AWS's forecast of the rest of a month, as of a day.
    pub fn forecast(services: &[Arc<str>], today: Date) -> Self {
        Self {
            services: services.to_vec(),
            from: today,
            until: today.last_of_month().tomorrow().unwrap_or(today),
            granularity: Granularity::Monthly,
            keys: Vec::new(),
            usage_only: false,
        }
    }

    /// Whether lines are told apart by the tags of user and space at once.
    pub fn is_by_owner(&self) -> bool {
        let tagged =
            |at: usize, key: &str| matches!(self.keys.get(at), Some(CostKey::Tag(known)) if **known == *key);
        tagged(0, SYSTEM_TAGS[1]) && tagged(1, SYSTEM_TAGS[2])
    }

    /// The question that tells the credits, refunds and taxes of the same days, where this one has no room for them
    /// and that one is asked for anyhow: that by domain.
    pub fn beside(&self) -> Option<Self> {
        let days = (self.from, self.until);
        self.is_by_owner()
            .then(|| Self::new(&self.services, days, self.granularity, &CostGroup::Domain, None))
    }

    /// At which of the keys of an answer a group is found.
    pub fn place_of(&self, group: &CostGroup) -> Option<usize> {
        let key = group.key()?;
        self.keys.iter().position(|known| *known == key)
    }
}

/// The question whose answer has what was used on some days, by day and kind: the one that the cost pane asks for this
/// month and the month before, where it has the days.
///
/// # Errors
/// Why there is none, as a sentence: AWS would refuse it, or tells such days by month only.
pub fn usage_question(services: &[Arc<str>], days: Days, today: Date) -> Result<CostQuestion, String> {
    let (shared, _) = CostPeriod::MonthToDate.asked(today);
    let asked = if shared.from <= days.from && days.until <= shared.until {
        shared
    } else {
        let period = CostPeriod::Range(days.from, days.until);
        period.check(today)?;
        let (asked, granularity) = period.asked(today);
        if granularity != Granularity::Daily {
            return Err(format!("{days} would be billed by month; at most {MOST_DAYS} days are told by day"));
        }
        asked
    };
    let range = (asked.from, asked.until);
    Ok(CostQuestion::new(services, range, Granularity::Daily, &CostGroup::UsageType, None))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn ask(group: &CostGroup, then: Option<&CostGroup>) -> CostQuestion {
        let range = (date(2026, 10, 1), date(2026, 11, 23));
        CostQuestion::new(&[SERVICE.into()], range, Granularity::Daily, group, then)
    }

    #[test]
    fn groups_that_one_key_tells_share_one_question() {
        let instance = ask(&CostGroup::Instance, None);
        assert_eq!(instance, ask(&CostGroup::Region, None));
        assert_eq!(instance, ask(&CostGroup::Region, Some(&CostGroup::UsageType)));
        assert_eq!(instance, ask(&CostGroup::Account, None));
        assert_eq!(instance.keys, [CostKey::UsageType, CostKey::RecordType]);
        assert!(!instance.usage_only);
        assert_eq!(ask(&CostGroup::Account, Some(&CostGroup::User)), ask(&CostGroup::User, None));
    }

    #[test]
    fn whose_it_is_takes_both_tags_in_one_question_and_credits_come_of_the_one_by_domain() {
        let owners = ask(&CostGroup::User, None);
        assert!(owners.is_by_owner() && owners.usage_only && owners.keys.len() == 2);
        for (group, then) in [
            (CostGroup::Space, None),
            (CostGroup::User, Some(CostGroup::Space)),
            (CostGroup::Domain, Some(CostGroup::User)),
            (CostGroup::Space, Some(CostGroup::Region)),
        ] {
            assert_eq!(ask(&group, then.as_ref()), owners, "{group}");
        }
        assert_eq!(owners.beside(), Some(ask(&CostGroup::Domain, None)));
        assert_eq!(ask(&CostGroup::Domain, None).beside(), None);
        assert!(
            !ask(&CostGroup::User, Some(&CostGroup::Instance)).is_by_owner(),
            "there is no room for the space"
        );
    }

    #[test]
    fn two_keys_leave_no_room_for_the_kind_of_a_line() {
        let both = ask(&CostGroup::User, Some(&CostGroup::Instance));
        assert_eq!((both.keys.len(), both.usage_only), (2, true));
        assert_eq!(both.place_of(&CostGroup::Instance), Some(1));
        assert_eq!(both.place_of(&CostGroup::Account), None);
    }

    #[test]
    fn use_by_day_is_part_of_what_the_pane_asks_where_that_has_the_days() {
        let today = date(2026, 11, 22);
        let asked = |from, until| usage_question(&[SERVICE.into()], Days { from, until }, today);
        let shared = asked(date(2026, 11, 3), date(2026, 11, 10)).unwrap();
        assert_eq!(shared, ask(&CostGroup::Instance, None));
        let older = asked(date(2026, 9, 3), date(2026, 9, 10)).unwrap();
        assert!(older.from <= date(2026, 9, 3) && older.until == date(2026, 9, 10));
        assert!(asked(date(2026, 1, 1), date(2026, 8, 1)).unwrap_err().contains("by month"));
        assert!(asked(date(2020, 1, 1), date(2020, 2, 1)).unwrap_err().contains("nothing before"));
    }

    #[test]
    fn groups_read_as_they_are_written() {
        for group in CostGroup::FIXED.into_iter().chain([CostGroup::Tag("cost-center".into())]) {
            assert_eq!(CostGroup::parse(&group.to_string()), Ok(group));
        }
        assert!(CostGroup::parse("usr").unwrap_err().contains("user"));
        assert!(CostGroup::parse("tag:").is_err());
    }
}
