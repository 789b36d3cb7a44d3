//! Options to choose from, and the list in which one chooses: it narrows as one types, and takes what was typed by
//! hand where AWS may know more than we could read.

use tui_input::Input;

use super::{Control, Field};
use crate::console::Tone;
use crate::fleet::rules::Rule;

/// Something that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it stands for, as it goes on: an ARN, an id, a word of AWS's.
    pub value: String,
    /// What a person calls it.
    pub label: String,
    /// What else is known of it.
    pub note: String,
    /// How the note is meant.
    pub tone: Tone,
}

impl Item {
    /// An option called as its value.
    pub(super) fn plain(value: &str, note: &str) -> Self {
        Self::named(value, value, note)
    }

    /// An option with a name of its own.
    pub(super) fn named(value: &str, label: &str, note: &str) -> Self {
        Self { value: value.to_owned(), label: label.to_owned(), note: note.to_owned(), tone: Tone::Muted }
    }

    fn matches(&self, wanted: &str) -> bool {
        [&self.label, &self.value, &self.note].iter().any(|text| text.to_lowercase().contains(wanted))
    }
}

/// How far the options are known.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Extent {
    Known,
    Loading(String),
    Unread(String),
}

/// What can be chosen in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The options known so far.
    pub items: Vec<Item>,
    /// Whether anything else may be typed by hand.
    pub free: bool,
    extent: Extent,
}

impl Options {
    /// These and no others.
    pub(super) fn only(items: Vec<Item>) -> Self {
        Self { items, free: false, extent: Extent::Known }
    }

    /// These, and whatever is typed by hand.
    pub(super) fn open(items: Vec<Item>) -> Self {
        Self { items, free: true, extent: Extent::Known }
    }

    /// The same, with or without others that are typed by hand.
    pub(super) fn free(mut self, free: bool) -> Self {
        self.free = free;
        self
    }

    /// Still being read; `what` says what.
    pub(super) fn loading(what: String) -> Self {
        Self { items: Vec::new(), free: true, extent: Extent::Loading(what) }
    }

    /// Not readable; the reason is a sentence.
    pub(super) fn unread(reason: String) -> Self {
        Self { items: Vec::new(), free: true, extent: Extent::Unread(reason) }
    }

    /// How an option that is chosen is called.
    pub fn label<'a>(&'a self, value: &'a str) -> &'a str {
        self.item(value).map_or(value, |item| &item.label)
    }

    /// The option of a value.
    pub fn item(&self, value: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.value == value)
    }

    /// Why there are none, or not all, and whether that is a failure.
    pub fn state(&self) -> Option<(bool, &str)> {
        match &self.extent {
            Extent::Known => None,
            Extent::Loading(what) => Some((false, what)),
            Extent::Unread(reason) => Some((true, reason)),
        }
    }

    /// Why a value cannot be chosen: only the options can, or it breaks AWS's rule for what is typed by hand.
    pub(super) fn refusal(&self, value: &str, rule: Option<Rule>) -> Option<String> {
        match self.item(value) {
            Some(_) => None,
            None if self.free => rule?.check(value).err().map(|flaw| flaw.message),
            None => Some(format!("there is no `{value}` to choose here")),
        }
    }
}

/// The list of options, while one chooses.
#[derive(Debug, Clone, Default)]
pub struct Chooser {
    /// What was typed to narrow it.
    pub input: Input,
    /// Which options are left, by position.
    pub shown: Vec<usize>,
    /// The typed text itself, where it can be taken as it is; it stands after the options.
    pub typed: Option<String>,
    /// Which entry the cursor is on.
    pub cursor: usize,
}

impl Chooser {
    /// A list of the field's options, narrowed by this, the cursor on what is chosen.
    pub(super) fn of(field: &Field, typed: &str) -> Self {
        let mut chooser = Self { input: Input::new(typed.to_owned()), ..Self::default() };
        chooser.narrow(field);
        if let (Control::Choice { value, options }, true) = (&field.control, typed.is_empty()) {
            let at = options.items.iter().position(|item| item.value == *value);
            chooser.cursor = at.unwrap_or(0);
        }
        chooser
    }

    /// How many entries there are.
    pub fn count(&self) -> usize {
        self.shown.len() + usize::from(self.typed.is_some())
    }

    /// Leaves the options that contain what was typed.
    pub(super) fn narrow(&mut self, field: &Field) {
        let Some(options) = field.options() else { return };
        let typed = self.input.value().trim();
        let wanted = typed.to_lowercase();
        let all = options.items.iter().enumerate();
        self.shown = all.filter(|(_, item)| item.matches(&wanted)).map(|(at, _)| at).collect();
        let is_new = !typed.is_empty() && options.item(typed).is_none();
        self.typed = (options.free && is_new).then(|| typed.to_owned());
        self.cursor = self.cursor.min(self.count().saturating_sub(1));
    }

    /// The value of the entry under the cursor.
    pub fn value(&self, field: &Field) -> Option<String> {
        match self.shown.get(self.cursor) {
            Some(at) => field.options()?.items.get(*at).map(|item| item.value.clone()),
            None => self.typed.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::FieldId;
    use super::*;

    fn field(options: Options) -> Field {
        Field::choice(FieldId::Role, "Execution role", options)
    }

    fn roles() -> Vec<Item> {
        vec![
            Item::named("arn:aws:iam::1:role/Research", "Research", "trusts SageMaker"),
            Item::named("arn:aws:iam::1:role/Admin", "Admin", "does not trust SageMaker"),
        ]
    }

    #[test]
    fn options_narrow_by_name_value_and_note() {
        let field = field(Options::only(roles()));
        for (typed, left) in [("rese", 1), ("arn:aws", 2), ("not trust", 1), ("zebra", 0)] {
            let chooser = Chooser::of(&field, typed);
            assert_eq!((chooser.shown.len(), &chooser.typed), (left, &None), "{typed}");
        }
    }

    #[test]
    fn what_is_typed_by_hand_can_be_taken_where_the_options_are_open() {
        let field = field(Options::open(roles()));
        let chooser = Chooser::of(&field, "arn:aws:iam::1:role/Other");
        assert_eq!(chooser.count(), 1);
        assert_eq!(chooser.value(&field).as_deref(), Some("arn:aws:iam::1:role/Other"));
        let chooser = Chooser::of(&field, "admin");
        assert_eq!(chooser.count(), 2, "the role of that name, and the text itself");
        assert_eq!(chooser.value(&field).as_deref(), Some("arn:aws:iam::1:role/Admin"));
    }
}
