//! What exists in the accounts, and the rules about it. Knows no SDK, no terminal and no clock.
//!
//! [`Fleet`] is all we know. It learns only through [`Fleet::absorb`], one [`Answer`] to one [`Query`] at a
//! time; every entity carries its [`Scope`], because the fleet spans accounts and regions.

mod app;
mod audit;
mod backup;
mod bundled;
mod burn;
mod census;
mod cost;
mod delta;
mod domain;
mod edit;
mod effective;
mod fields;
mod filter;
mod idle;
mod images;
mod intent;
mod kind;
mod knowledge;
mod library;
mod onboard;
mod open_enum;
mod plan;
mod price;
mod problem;
mod query;
mod quick_hash;
mod quota;
mod record;
mod region;
pub mod rules;
mod scope;
mod settings;
mod sheet;
mod space;
mod status;
mod suggest;
mod text;
mod user;
pub mod wording;

#[cfg(test)]
pub(crate) mod sample;

pub use app::{App, AppActivity, AppKey, AppType, Owner};
pub use audit::AuditRow;
pub use backup::{BACKUP_FORMAT, Backup, BackupConfig, BackupObject, Home, Homes, backup_needs};
pub use bundled::{BUNDLED_ON, bundled};
pub use burn::{
    BURN_FIELDS, Bill, BilledFor, BilledLine, BilledSpend, Breakdown, Budget, BudgetOf, BudgetPer,
    BudgetState, BurnGroup, BurnHistory, BurnRow, BurnSample, Cause, Gauge, Level, Metered, NoPrice, Outlook,
    Past, RUNNING, Rate, Reconciled, ReconciledDay, Reconciliation, RunKind, SAMPLE_EVERY, StoppedSpaces,
    Trace, Weekend, billed_spend, budget_states, hourly_price, price_cautions, price_list, price_origin,
    storage_price, take_samples, thin, until_monday,
};
pub use census::{
    AppFigures, Census, DELETING_LIMIT, InstanceSum, Lists, PENDING_LIMIT, Stuck, Sum, TOP, Totals,
};
pub use cost::{
    Attributed, Billed, Bills, CostAnswer, CostDay, CostForecast, CostGroup, CostKey, CostKind, CostLine,
    CostPages, CostPart, CostPeriod, CostQuestion, CostReport, CostRow, CostTag, CostTags, CostTotal,
    CostView, Days, Granularity, MOST_COST_PAGES, Nanos, REQUEST_PRICE, SERVICE, SYSTEM_TAGS, Sums, Usage,
    WRITTEN_EVERY, billing_day, is_fresh, newer_from, object_of, parse_day, settled, tags_are_fresh,
    untagged_reason, usage_question,
};
pub use delta::{Delta, Shown, deltas, overlay, touched, unmet};
pub use domain::{AuthMode, Domain, DomainDetail, DomainKey, NetworkAccess};
pub use edit::{
    DomainEdit, FIXED, LifecycleEdit, NewDomain, NewSpace, SharingOutput, SpaceEdit, UserEdit,
    settings_member,
};
pub use effective::{
    IdleShutdown, Setting, Source, execution_role, idle_shutdown, space_settings, user_idle_shutdown,
    user_settings,
};
pub use fields::{COST_FIELDS, fields, shown_fields};
pub use filter::{
    Field, FieldKind, FieldSpec, Filter, FilterError, Haystack, Known, Needs, Record, Truth, lower_into,
    quote,
};
pub use idle::{Evidence, IdleRule, Verdict, evidence, last_use, verdict};
pub use intent::{
    Documents, Intent, LIFECYCLE_APP_TYPES, NewLifecycleConfig, Policy, RestoreChanges, RestoreInto,
    saved_spec, spec_of,
};
pub use kind::{ObjectAt, ObjectKind};
pub use knowledge::{Account, Fleet, Listing, Shelf};
pub use library::{
    Leftovers, Library, LifecycleConfig, LifecycleConfigKey, Network, Role, SecurityGroup, Subnet, Vpc,
};
pub use onboard::{
    Difference, Newcomer, Roster, RosterFormat, RosterRow, Standing, Template, Templates, TextError,
    handover, template_document,
};
pub use plan::{
    Ask, Assignment, Bound, Ceilings, Change, Confirmation, Document, Event, Excluded, HomeFiles, Pause,
    PauseCause, Phrase, Plan, PlanId, Pool, Produced, Progress, STALE_AFTER, Saving, Secret, Step, StepState,
    Tally, Target,
};
pub use price::{PriceList, PriceOrigin};
pub use problem::{Problem, ProblemKind};
pub use query::{Answer, Identity, ObjectKey, Page, Query, Tag};
pub use quota::{
    Headroom, HeadroomBound, Heat, Holder, Limit, Limited, QUOTA_FIELDS, QUOTA_SHOWN, Quota, QuotaKey,
    QuotaList, QuotaRecord, QuotaRequest, QuotaRow, Quotas, RequestStatus, Room, SERVICE_CODE, Thresholds,
    Used, Uses, headroom, holders, leading, plain, room_of_domain, rooms, rows as quota_rows,
};
pub use record::{Row, Rows};
pub use region::{REGIONS, RegionInfo, place_of};
pub use scope::{AccountId, DomainId, Name, ProfileName, QuotaCode, Region, Scope};
pub use settings::{IdleSettings, SpaceDefaults, UserSettings};
pub use sheet::{Sheet, SheetColumn, SheetFormat, SheetValue};
pub use space::{Sharing, Space, SpaceDetail, SpaceKey};
pub use status::{AppStatus, Status};
pub use suggest::suggestion;
pub use text::{harmless, is_hostile};
pub use user::{UserDetail, UserKey, UserProfile};

/// An instant; all times in the fleet are absolute.
pub type Timestamp = jiff::Timestamp;
