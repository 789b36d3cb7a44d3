//! The words of the commands that change something. Which objects, and whether to do it, is said the same way
//! everywhere.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{ListArguments, OutputArguments, SettingsArguments, SpaceSettingsArguments};

/// Whether a plan is carried out, and what has to be said before it is.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Plan")]
pub struct ChangeArguments {
    /// Carry the plan out; without it the plan is only shown
    #[arg(long, short)]
    pub yes: bool,
    /// Account that is meant, by alias or id; needed for one the configuration marks as protected
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Vec<String>,
    /// How many steps you expect; needed for a plan above the limits of the configuration
    #[arg(long, value_name = "N")]
    pub count: Option<usize>,
    /// What the plan asks to be typed, such as a domain's name; may be given several times
    #[arg(long, value_name = "PHRASE")]
    pub confirm: Vec<String>,
    /// Why, for the audit trail; needed for a protected account
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// How to print
    #[command(flatten)]
    pub output: OutputArguments,
}

/// Which objects are meant: by name, by filter, or by both.
#[derive(Debug, Clone, Default, Args)]
pub struct Chosen {
    /// Names of those that are meant
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Those that this filter shows; with names, only these among them
    #[arg(long, short, value_name = "FILTER")]
    pub filter: Option<String>,
    /// Domain they are in, by name or id; only its lists are read
    #[arg(long, short, value_name = "DOMAIN")]
    pub domain: Option<String>,
}

/// Which objects to change, and whether to do it.
#[derive(Debug, Clone, Default, Args)]
pub struct ChosenChange {
    /// Which.
    #[command(flatten)]
    pub chosen: Chosen,
    /// Whether.
    #[command(flatten)]
    pub change: ChangeArguments,
}

/// Which apps, and whether to change them. Apps have no names of their own: most are called `default`.
#[derive(Debug, Clone, Args)]
pub struct AppsChange {
    /// The apps that this filter shows
    #[arg(long, short, value_name = "FILTER")]
    pub filter: String,
    /// Domain they are in, by name or id; only its lists are read
    #[arg(long, short, value_name = "DOMAIN")]
    pub domain: Option<String>,
    /// Whether.
    #[command(flatten)]
    pub change: ChangeArguments,
}

/// What can be done with apps.
#[derive(Debug, Clone, Subcommand)]
pub enum AppsCommand {
    /// Print the rows that a filter shows
    List(ListArguments),
    /// Stop the apps a filter shows; their files stay
    #[command(after_help = "Example:\n  sagedeck apps stop --filter 'idle>8h' --yes")]
    Stop(AppsChange),
    /// Stop the apps a filter shows and start them again as they were, to pick up new settings
    #[command(after_help = "Example:\n  sagedeck apps restart --filter 'owner:anna-k' --yes")]
    Restart(AppsChange),
}

/// What can be done with user profiles.
#[derive(Debug, Clone, Subcommand)]
pub enum UsersCommand {
    /// Print the rows that a filter shows
    List(ListArguments),
    /// Create the user profiles of a roster, as far as they are missing, and let their people sign in
    #[command(after_help = ONBOARD_HELP)]
    Onboard(OnboardArguments),
    /// Delete user profiles with their apps and the spaces they own; home directories stay
    #[command(
        after_help = "Example:\n  sagedeck users offboard anna-k --domain ml-research --yes --confirm anna-k"
    )]
    Offboard(ChosenChange),
    /// Change the settings of user profiles; what is not named stays as it is
    #[command(
        after_help = "Example:\n  sagedeck users edit anna-k --domain ml-research --idle-minutes 120 --yes"
    )]
    Edit(EditArguments),
    /// Close the Studio portal to users and stop what runs for them; their data stays
    #[command(after_help = "Example:\n  sagedeck users suspend anna-k ben-o --domain ml-research --yes")]
    Suspend(ChosenChange),
    /// Let suspended users back in
    #[command(after_help = "Example:\n  sagedeck users resume anna-k --domain ml-research --yes")]
    Resume(ChosenChange),
    /// Make a short-lived link to sign in as a user; with --yes, stdout has the link and nothing else
    #[command(after_help = "Example:\n  sagedeck users link anna-k --domain ml-research --yes")]
    Link(LinkArguments),
}

const ONBOARD_HELP: &str = "\
Example:
  sagedeck users onboard people.csv --domain ml-research --template scientist --handover handover.csv --yes

A CSV has a header; columns are user, sso_user, domain, template, clone_of, role, security_groups, instance, \
idle_minutes, lifecycle_config, tags or tag:KEY. A row that is wrong is left out and stops no other.";

/// Whom to onboard.
#[derive(Debug, Clone, Args)]
pub struct OnboardArguments {
    /// The roster: CSV, TOML, YAML, or one name per line; `-` for stdin
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How the roster is written; by its ending where this is not given
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: Option<RosterKind>,
    /// Domain of those whose row names none, by name or id
    #[arg(long, short, value_name = "DOMAIN")]
    pub domain: Option<String>,
    /// Template of those whose row names none
    #[arg(long, value_name = "TEMPLATE")]
    pub template: Option<String>,
    /// User whose settings are taken over by those whose row names nobody
    #[arg(long, value_name = "USER")]
    pub clone: Option<String>,
    /// Execution role of those whose row names none, by name or ARN
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// Where to write what is handed to each person; its ending says how: csv, json, md or txt
    #[arg(long, value_name = "FILE")]
    pub handover: Option<PathBuf>,
    /// Whether.
    #[command(flatten)]
    pub change: ChangeArguments,
}

/// How a roster is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RosterKind {
    /// A header and a line per person.
    Csv,
    /// Defaults and a `[[user]]` table per person.
    Toml,
    /// A list of people.
    Yaml,
    /// One name per line.
    Names,
}

/// Whom to change, and what.
#[derive(Debug, Clone, Args)]
pub struct EditArguments {
    /// Whom.
    #[command(flatten)]
    pub chosen: Chosen,
    /// What.
    #[command(flatten)]
    pub settings: SettingsArguments,
    /// Further member of `UserSettings` in AWS's names, with dots: `StudioWebPortal=DISABLED`; may be given several times
    #[arg(long, value_name = "MEMBER=VALUE", help_heading = "Settings")]
    pub set: Vec<String>,
    /// Whether.
    #[command(flatten)]
    pub change: ChangeArguments,
}

/// As whom to sign in.
#[derive(Debug, Clone, Args)]
pub struct LinkArguments {
    /// The user
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Domain the user is in, by name or id
    #[arg(long, short, value_name = "DOMAIN")]
    pub domain: Option<String>,
    /// Whether.
    #[command(flatten)]
    pub change: ChangeArguments,
}

/// What can be done with spaces.
#[derive(Debug, Clone, Subcommand)]
pub enum SpacesCommand {
    /// Print the rows that a filter shows
    List(ListArguments),
    /// Create a space for a user
    #[command(
        after_help = "Example:\n  sagedeck spaces create anna-k-lab --domain research --owner anna-k --size 50 --yes"
    )]
    Create(SpaceCreate),
    /// Change spaces: their volumes grow, and what is not named stays as it is
    #[command(after_help = "Example:\n  sagedeck spaces edit anna-k-lab --domain research --size 200 --yes")]
    Edit(SpaceEditArguments),
    /// Delete spaces with their apps; their volumes are destroyed
    #[command(
        after_help = "Example:\n  sagedeck spaces delete --filter 'age>180d status:inservice' --domain sandbox"
    )]
    Delete(ChosenChange),
}

/// Which space to create.
#[derive(Debug, Clone, Args)]
pub struct SpaceCreate {
    /// Its name: letters, digits and hyphens, at most 63
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Domain it is created in, by name or id
    #[arg(long, short, value_name = "DOMAIN")]
    pub domain: String,
    /// User profile that owns it
    #[arg(long, value_name = "USER")]
    pub owner: String,
    /// Let all users of the domain use it, and not only the owner
    #[arg(long)]
    pub shared: bool,
    /// App type that runs in it: `JupyterLab` or `CodeEditor`
    #[arg(long, value_name = "TYPE", default_value = "JupyterLab")]
    pub app_type: String,
    /// Tag; may be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    pub tag: Vec<String>,
    /// What is set.
    #[command(flatten)]
    pub settings: SpaceSettingsArguments,
    /// Whether.
    #[command(flatten)]
    pub change: ChangeArguments,
}

/// Which spaces to change, and what.
#[derive(Debug, Clone, Args)]
pub struct SpaceEditArguments {
    /// Which.
    #[command(flatten)]
    pub chosen: Chosen,
    /// What.
    #[command(flatten)]
    pub settings: SpaceSettingsArguments,
    /// Whether.
    #[command(flatten)]
    pub change: ChangeArguments,
}

/// What can be done with tags.
#[derive(Debug, Clone, Subcommand)]
pub enum TagsCommand {
    /// Set tags on each of the objects; a key that is there gets the new value
    #[command(
        after_help = "Example:\n  sagedeck tags set team=nlp cost-centre=4711 --kind users --filter 'name~^nlp-' --yes"
    )]
    Set {
        /// Tags to set
        #[arg(value_name = "KEY=VALUE", required = true)]
        tags: Vec<String>,
        /// On which objects
        #[command(flatten)]
        on: TaggedArguments,
    },
    /// Remove tags by key from each of the objects
    #[command(
        after_help = "Example:\n  sagedeck tags remove old-team --kind spaces --filter 'tag.old-team:*' --yes"
    )]
    Remove {
        /// Keys of the tags to remove
        #[arg(value_name = "KEY", required = true)]
        keys: Vec<String>,
        /// On which objects
        #[command(flatten)]
        on: TaggedArguments,
    },
}

/// Which objects are tagged.
#[derive(Debug, Clone, Args)]
pub struct TaggedArguments {
    /// Kind of the objects
    #[arg(long, short, value_name = "KIND", value_enum)]
    pub kind: Kind,
    /// Name of one that is meant; may be given several times
    #[arg(long, short, value_name = "NAME")]
    pub name: Vec<String>,
    /// Those that this filter shows; with names, only these among them
    #[arg(long, short, value_name = "FILTER")]
    pub filter: Option<String>,
    /// Domain they are in, by name or id; only its lists are read
    #[arg(long, short, value_name = "DOMAIN")]
    pub domain: Option<String>,
    /// Whether.
    #[command(flatten)]
    pub change: ChangeArguments,
}

/// A kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Domains.
    Domains,
    /// User profiles.
    Users,
    /// Spaces.
    Spaces,
    /// Apps.
    Apps,
}
