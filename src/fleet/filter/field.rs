//! What a filter can ask about: fields, their spellings and kinds, and the details they depend on.

/// A property of a row. Which of them a kind of object has is said by its [`FieldSpec`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The object's own name.
    Name,
    /// The id of the domain it is, or is in.
    DomainId,
    /// The name of the domain it is, or is in.
    Domain,
    /// Whose it is, as it is shown: a user profile, or a shared space.
    Owner,
    /// The user profile it belongs to, directly or as the owner of its space.
    User,
    /// The space it runs in.
    Space,
    /// The app type.
    Type,
    /// The state in AWS's spelling.
    Status,
    /// The instance type.
    Instance,
    /// Dollars per hour now.
    Cost,
    /// Dollars per hour now of apps proven idle.
    IdleCost,
    /// Seconds since creation of a running app; at most how long it has run.
    Uptime,
    /// Seconds since creation.
    Age,
    /// Seconds since the last user activity that is not a mere health check.
    Activity,
    /// The idle verdict; compared with `>` and `<`, the seconds proven idle.
    Idle,
    /// The image.
    Image,
    /// The lifecycle configuration.
    LifecycleConfig,
    /// The region.
    Region,
    /// The account: its alias, or else its id.
    Account,
    /// GB of the space's volume.
    Ebs,
    /// Dollars per month of the space's volume.
    Storage,
    /// The execution role in effect.
    Role,
    /// The Identity Center user.
    Sso,
    /// Private or shared.
    Sharing,
    /// How people sign in.
    Auth,
    /// Whether apps reach the internet directly.
    Network,
    /// The VPC.
    Vpc,
    /// The customer's key.
    Kms,
    /// How many user profiles.
    Users,
    /// How many spaces.
    Spaces,
    /// How many apps run.
    Apps,
    /// How many apps are listed, those already stopped aside.
    AllApps,
    /// The state of the app in a space.
    App,
    /// Whether the native idle shutdown is on.
    Shutdown,
    /// Why it failed.
    Reason,
    /// A second group beside the name.
    Group,
    /// The cost of the same days of the month before.
    Before,
    /// The cost less that of the same days of the month before.
    Change,
    /// The change in percent.
    Growth,
    /// What the cost will be at the end of the month.
    Forecast,
    /// The part of the whole, in percent.
    Share,
    /// The cost of a whole earlier month.
    Previous,
    /// An ARN, or another value as AWS spells it.
    Value,
    /// How much of a quota is used.
    Used,
    /// The quota.
    Limit,
    /// How much of a quota is left.
    Free,
    /// How much of a quota is used, in percent.
    Percent,
    /// Who has how much of it.
    Holders,
    /// An open request for more.
    Request,
    /// The code of a quota.
    Code,
    /// How near its limit a quota is.
    Heat,
    /// What AWS gives by default of a quota.
    Default,
    /// Whether more of a quota can be requested.
    Adjustable,
    /// Dollars until Monday 08:00, if nothing is stopped.
    UntilMonday,
    /// How many instances whose price is not known.
    Unpriced,
    /// How many instances not known to be idle or in use.
    Unjudged,
}

/// How the values of a field are written and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// Text: `:` with globs, `=`, `~`.
    Text,
    /// A plain number.
    Number,
    /// US dollars.
    Money,
    /// A length of time, such as `2h`.
    Duration,
    /// An instant, compared by how long ago it was.
    Time,
    /// A word for `:`, `=` and `~`, and a length of time for `<` and `>`.
    Verdict,
}

/// A field a pane offers to filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldSpec {
    /// The field.
    pub field: Field,
    /// Its spelling in filters, in lower case.
    pub name: &'static str,
    /// Other spellings, in lower case.
    pub aliases: &'static [&'static str],
    /// How its values are written and compared.
    pub kind: FieldKind,
    /// Which details its value depends on.
    pub needs: Needs,
    /// What it is, in a few words, for completion and help.
    pub help: &'static str,
}

impl FieldSpec {
    /// Whether `name` is one of its spellings.
    pub fn is_called(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name) || self.aliases.iter().any(|a| a.eq_ignore_ascii_case(name))
    }
}

/// The details beyond the lists that something depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Needs {
    /// `DescribeApp` of running apps.
    pub activity: bool,
    /// `ListTags` of the rows.
    pub tags: bool,
    /// `DescribeUserProfile`.
    pub user_detail: bool,
    /// `DescribeSpace`.
    pub space_detail: bool,
    /// `DescribeDomain`.
    pub domain_detail: bool,
    /// The price lists of the regions.
    pub prices: bool,
}

impl Needs {
    /// Nothing beyond the lists.
    pub const NONE: Self = Self {
        activity: false,
        tags: false,
        user_detail: false,
        space_detail: false,
        domain_detail: false,
        prices: false,
    };
    /// `DescribeApp`.
    pub const ACTIVITY: Self = Self { activity: true, ..Self::NONE };
    /// Tags.
    pub const TAGS: Self = Self { tags: true, ..Self::NONE };
    /// `DescribeUserProfile`.
    pub const USER: Self = Self { user_detail: true, ..Self::NONE };
    /// `DescribeSpace`.
    pub const SPACE: Self = Self { space_detail: true, ..Self::NONE };
    /// `DescribeDomain`.
    pub const DOMAIN: Self = Self { domain_detail: true, ..Self::NONE };
    /// Prices.
    pub const PRICES: Self = Self { prices: true, ..Self::NONE };

    /// What either depends on.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            activity: self.activity || other.activity,
            tags: self.tags || other.tags,
            user_detail: self.user_detail || other.user_detail,
            space_detail: self.space_detail || other.space_detail,
            domain_detail: self.domain_detail || other.domain_detail,
            prices: self.prices || other.prices,
        }
    }
}
