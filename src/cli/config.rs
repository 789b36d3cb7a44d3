//! The configuration file: strict, and whole or not at all. Every error has its place in the file.
//! Knows the names of panes, actions and filter fields, and nothing of what is done with them.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::console::{Keymap, Pane};
use crate::fleet::{Filter, ProfileName, Region, SERVICE, Tag, Thresholds, suggestion};

/// The largest file that is read, in bytes; a configuration is a thousandth of it.
const LARGEST: u64 = 1 << 20;

/// What is configured.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The theme; `None` leaves it to what was chosen last, or to the terminal.
    pub theme: Option<String>,
    /// Whether only ASCII characters are drawn.
    pub ascii: bool,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// After how many seconds a complete list is read again; 0 for never by itself.
    pub refresh_seconds: u32,
    /// The pane or saved view the console starts with.
    pub view: String,
    /// The AWS profiles; none means the default chain of credentials.
    pub profiles: Vec<ProfileName>,
    /// The regions; none means the default one of each profile.
    pub regions: Vec<Region>,
    /// Whether nothing may be changed.
    pub read_only: bool,
    /// Without activity for longer than so many minutes, an app counts as idle.
    pub idle_minutes: u32,
    /// Keys by action id, in place of the action's own.
    pub keys: BTreeMap<String, Vec<String>>,
    /// Accounts by alias or id.
    pub accounts: BTreeMap<String, AccountConfig>,
    /// How large a plan may be before more has to be confirmed.
    pub limits: Limits,
    /// From which part of a quota on it is warm, and hot, in percent.
    pub quotas: Thresholds,
    /// Tags whose objects no plan touches; an empty value stands for any.
    pub protected_tags: Vec<Tag>,
    /// Which services the cost pane and `cost report` count, as Cost Explorer names them; none for all.
    pub services: Vec<String>,
    /// Saved views by name.
    pub views: BTreeMap<String, View>,
}

/// What is configured of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountConfig {
    /// Whether it is marked in the header, and has to be named with a reason to change it from the command line.
    pub protected: bool,
}

/// How large a plan may be before more has to be confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// So many steps.
    pub steps: u32,
    /// Such a part of the running apps, in percent.
    pub percent: u32,
}

/// A saved view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The pane.
    pub pane: Pane,
    /// Its filter.
    pub filter: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            theme: None,
            ascii: false,
            mouse: true,
            refresh_seconds: 60,
            view: Pane::Overview.title().to_owned(),
            profiles: Vec::new(),
            regions: Vec::new(),
            read_only: false,
            idle_minutes: 60,
            keys: BTreeMap::new(),
            accounts: BTreeMap::new(),
            limits: Limits { steps: 100, percent: 10 },
            quotas: Thresholds::default(),
            protected_tags: Vec::new(),
            services: vec![SERVICE.to_owned()],
            views: BTreeMap::new(),
        }
    }
}

impl Config {
    /// What the console runs with when its configuration cannot be used: the defaults, and nothing may be
    /// changed, because the file may have said which accounts are protected.
    pub fn safe() -> Self {
        Self { read_only: true, ..Self::default() }
    }

    /// The names of the accounts that are marked as protected.
    pub fn protected(&self) -> Vec<String> {
        let marked = self.accounts.iter().filter(|(_, account)| account.protected);
        marked.map(|(name, _)| name.clone()).collect()
    }

    /// Reads the file. One that was not asked for by name need not be there.
    ///
    /// # Errors
    ///
    /// If it cannot be read or says something that cannot be; then nothing of it counts.
    pub fn read(file: &Path, is_asked_for: bool) -> Result<Self, ConfigError> {
        let failed = |message: String| ConfigError { file: file.to_owned(), place: None, message };
        let bytes = match open(file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !is_asked_for => {
                return Ok(Self::default());
            }
            Err(error) => return Err(failed(format!("it cannot be read: {error}"))),
        };
        match String::from_utf8(bytes) {
            Ok(text) => Self::parse(file, &text),
            Err(error) => {
                let good = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned();
                let place = Some(Place::new(&text, good..good));
                Err(ConfigError { place, ..failed("this is not UTF-8 text".to_owned()) })
            }
        }
    }

    /// Understands the text of the file.
    ///
    /// # Errors
    ///
    /// If it says something that cannot be.
    pub fn parse(file: &Path, text: &str) -> Result<Self, ConfigError> {
        let wrong = |span: Range<usize>, message: String| ConfigError {
            file: file.to_owned(),
            place: Some(Place::new(text, span)),
            message,
        };
        let document: Document = toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let message = error.message().trim();
            wrong(span, format!("{message}{}", meant(message)))
        })?;
        document.checked().map_err(|(span, message)| wrong(span, message))
    }
}

fn open(file: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(file)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(std::io::Error::other("it is larger than 1 MiB, so it is no configuration"));
    }
    Ok(bytes)
}

/// `; did you mean ...` out of serde's "unknown field `a`, expected one of `b`, `c`".
fn meant(message: &str) -> String {
    let mut words = message.split('`').skip(1).step_by(2);
    match words.next().filter(|_| message.starts_with("unknown field")) {
        Some(word) => suggestion(word, words),
        None => String::new(),
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// Where in it; `None` if the file as a whole is meant.
    pub place: Option<Place>,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// A place in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// How many characters of the line are meant; at least 1.
    pub width: usize,
    /// The line.
    pub text: String,
}

impl Place {
    /// The place of a part of a text, in bytes.
    pub(super) fn new(text: &str, span: Range<usize>) -> Self {
        let start = text.floor_char_boundary(span.start.min(text.len()));
        let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let stop = text.floor_char_boundary(span.end.clamp(start, end));
        Self {
            line: text[..start].matches('\n').count() + 1,
            column: text[begin..start].chars().count() + 1,
            width: text[start..stop].chars().count().max(1),
            text: text[begin..end].trim_end().replace('\t', " "),
        }
    }
}

impl ConfigError {
    /// The error in one line, for a notice.
    pub fn headline(&self) -> String {
        let file = self.file.display();
        match &self.place {
            Some(place) => format!("{file}:{}:{}: {}", place.line, place.column, self.message),
            None => format!("{file}: {}", self.message),
        }
    }
}

impl fmt::Display for ConfigError {
    /// The error with its line, and a caret under what is meant.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline())?;
        let Some(place) = &self.place else { return Ok(()) };
        let number = place.line.to_string();
        let (gutter, before) = (" ".repeat(number.len()), " ".repeat(place.column - 1));
        write!(f, "\n {gutter} |\n {number} | {}", place.text)?;
        write!(f, "\n {gutter} | {before}{}", "^".repeat(place.width))
    }
}

impl std::error::Error for ConfigError {}

/// The file as it is written. What needs more than a type to be right carries its place.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Document {
    theme: Option<String>,
    ascii: Option<bool>,
    mouse: Option<bool>,
    refresh_seconds: Option<Spanned<u32>>,
    view: Option<Spanned<String>>,
    profiles: Vec<Spanned<String>>,
    regions: Vec<Spanned<String>>,
    read_only: Option<bool>,
    idle_minutes: Option<Spanned<u32>>,
    keys: BTreeMap<Spanned<String>, Spanned<Vec<String>>>,
    accounts: BTreeMap<String, AccountConfig>,
    limits: LimitsDocument,
    quotas: QuotasDocument,
    protected_tags: Vec<Spanned<String>>,
    cost: CostDocument,
    views: BTreeMap<String, ViewDocument>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LimitsDocument {
    steps: Option<Spanned<u32>>,
    percent: Option<Spanned<u32>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct QuotasDocument {
    warn: Option<Spanned<u32>>,
    hot: Option<Spanned<u32>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct CostDocument {
    services: Option<Vec<Spanned<String>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ViewDocument {
    pane: Spanned<String>,
    filter: Option<Spanned<String>>,
}

type Wrong = (Range<usize>, String);

impl Document {
    fn checked(self) -> Result<Config, Wrong> {
        let defaults = Config::default();
        let views = self.views.into_iter().map(|(name, view)| Ok((name, view.checked()?)));
        let views: BTreeMap<String, View> = views.collect::<Result<_, Wrong>>()?;
        let view = match self.view {
            None => defaults.view,
            Some(view) => known_view(&views, view.get_ref())
                .map(|()| view.get_ref().clone())
                .map_err(|message| (view.span(), message))?,
        };
        Ok(Config {
            theme: self.theme,
            ascii: self.ascii.unwrap_or(defaults.ascii),
            mouse: self.mouse.unwrap_or(defaults.mouse),
            refresh_seconds: within(self.refresh_seconds, defaults.refresh_seconds, 5..=86_400, true)?,
            view,
            profiles: each(&self.profiles, |name| {
                (!name.is_empty()).then(|| ProfileName::new(name)).ok_or("a profile has a name")
            })?,
            regions: each(&self.regions, region)?,
            read_only: self.read_only.unwrap_or(defaults.read_only),
            idle_minutes: within(self.idle_minutes, defaults.idle_minutes, 5..=10_080, false)?,
            keys: keys(&self.keys)?,
            accounts: self.accounts,
            limits: Limits {
                steps: within(self.limits.steps, defaults.limits.steps, 1..=100_000, false)?,
                percent: within(self.limits.percent, defaults.limits.percent, 1..=100, false)?,
            },
            quotas: self.quotas.checked(defaults.quotas)?,
            protected_tags: each(&self.protected_tags, tag)?,
            services: match self.cost.services {
                Some(names) => each(&names, |name| {
                    (!name.trim().is_empty()).then(|| name.to_owned()).ok_or("a service has a name")
                })?,
                None => defaults.services,
            },
            views,
        })
    }
}

impl QuotasDocument {
    fn checked(self, defaults: Thresholds) -> Result<Thresholds, Wrong> {
        let span = self.hot.as_ref().or(self.warn.as_ref()).map_or(0..0, Spanned::span);
        let part = |given, default: u8| {
            within(given, default.into(), 1..=100, false).map(|value| u8::try_from(value).unwrap_or(100))
        };
        let (warn, hot) = (part(self.warn, defaults.warn)?, part(self.hot, defaults.hot)?);
        if warn > hot {
            let message =
                format!("a quota is warm before it is hot, so `warn` ({warn}) is at most `hot` ({hot})");
            return Err((span, message));
        }
        Ok(Thresholds { warn, hot })
    }
}

impl ViewDocument {
    fn checked(self) -> Result<View, Wrong> {
        let name = self.pane.get_ref();
        let pane = Pane::by_title(name).ok_or_else(|| {
            let hint = suggestion(name, panes());
            let all: Vec<_> = panes().collect();
            (self.pane.span(), format!("there is no pane `{name}`{hint}; the panes are {}", all.join(", ")))
        })?;
        let Some(filter) = self.filter else { return Ok(View { pane, filter: String::new() }) };
        check_filter(pane, filter.get_ref()).map_err(|message| (filter.span(), message))?;
        Ok(View { pane, filter: filter.into_inner() })
    }
}

/// Whether a filter is one the pane understands.
///
/// # Errors
///
/// Why it is not.
pub fn check_filter(pane: Pane, filter: &str) -> Result<(), String> {
    match pane.fields() {
        Some(fields) => Filter::parse(filter, fields).map(drop).map_err(|error| error.to_string()),
        None if filter.trim().is_empty() => Ok(()),
        None => Err(format!("the pane `{}` has no rows to filter", pane.title())),
    }
}

/// Whether there is a pane or saved view of that name.
///
/// # Errors
///
/// What there is instead.
pub fn known_view(views: &BTreeMap<String, View>, name: &str) -> Result<(), String> {
    if Pane::by_title(name).is_some() || views.contains_key(name) {
        return Ok(());
    }
    let mut names: Vec<&str> = panes().collect();
    names.extend(views.keys().map(String::as_str));
    let hint = suggestion(name, names.iter().copied());
    Err(format!("there is no pane or saved view `{name}`{hint}; there are {}", names.join(", ")))
}

/// A region as AWS spells them, such as `eu-west-1`.
///
/// # Errors
///
/// What is expected.
pub fn region(text: &str) -> Result<Region, &'static str> {
    let mut parts = text.split('-').rev();
    let number =
        parts.next().is_some_and(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    let words: Vec<_> = parts.collect();
    let is_word =
        |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if number && words.len() >= 2 && words.iter().all(is_word) {
        Ok(Region::new(text))
    } else {
        Err("this is no region; write it like `eu-west-1`")
    }
}

/// A tag as `key` or `key=value`.
fn tag(text: &str) -> Result<Tag, &'static str> {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    if key.trim().is_empty() {
        return Err("this is no tag; write it like `keep` or `env=prod`");
    }
    Ok(Tag { key: key.trim().into(), value: value.trim().into() })
}

fn panes() -> impl Iterator<Item = &'static str> {
    Pane::ALL.into_iter().map(Pane::title)
}

fn within(
    given: Option<Spanned<u32>>,
    default: u32,
    allowed: std::ops::RangeInclusive<u32>,
    or_zero: bool,
) -> Result<u32, Wrong> {
    let Some(given) = given else { return Ok(default) };
    let (span, number) = (given.span(), given.into_inner());
    if allowed.contains(&number) || (or_zero && number == 0) {
        return Ok(number);
    }
    let zero = if or_zero { ", or 0 for never" } else { "" };
    Err((span, format!("a number from {} to {} is expected{zero}", allowed.start(), allowed.end())))
}

fn each<T>(
    given: &[Spanned<String>],
    read: impl Fn(&str) -> Result<T, &'static str>,
) -> Result<Vec<T>, Wrong> {
    given.iter().map(|text| read(text.get_ref()).map_err(|m| (text.span(), m.to_owned()))).collect()
}

/// Keys are checked one action at a time first, so that an error has its place; then all together, for clashes.
fn keys(
    given: &BTreeMap<Spanned<String>, Spanned<Vec<String>>>,
) -> Result<BTreeMap<String, Vec<String>>, Wrong> {
    let mut all = BTreeMap::new();
    for (id, keys) in given {
        all.insert(id.get_ref().clone(), keys.get_ref().clone());
    }
    let Err(error) = Keymap::new(&all) else { return Ok(all) };
    let message = error.to_string();
    // The error names the action between backticks, or two of them that clash.
    let named = |id: &str| message.contains(&format!("`{id}`"));
    let place = given.iter().find(|(id, _)| named(id.get_ref())).or_else(|| given.iter().next());
    Err((place.map_or(0..0, |(id, _)| id.span()), message))
}

#[cfg(test)]
mod tests;
