//! Forms: fields that are filled in with keys and become an intent. Pure: what a form needs to know it asks for as
//! queries, and what it offers comes from the fleet.
//!
//! [`Form`] is the state, `keys` what a key does to it. Each file named after a [`Subject`] says which fields its
//! form has, what they offer and when they are wrong, and which intent they come to; `open` joins that to the
//! console.

mod area;
mod backup;
mod choose;
mod control;
mod domain;
mod domain_edit;
mod field;
mod keys;
mod launch;
mod lifecycle;
mod newcomer;
mod offer;
mod open;
mod quota;
mod restore;
mod roster;
mod settings;
mod space;
mod subject;
mod tags;
mod users;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use area::{Area, Fault};
pub use choose::{Chooser, Item, Options};
pub use control::{Control, Finding, Findings, Pair, Pairs};
pub use field::{Field, FieldId};
pub use subject::Subject;

use crate::fleet::{Backup, Documents, Fleet, Query, Timestamp};

use super::Session;

/// A form.
#[derive(Debug, Clone)]
pub struct Form {
    /// Tells this form from those before it: a file that was read for another one is not taken.
    pub id: u64,
    /// What it is about.
    pub subject: Arc<Subject>,
    /// What it does, as a heading: "tag 5 spaces".
    pub title: String,
    /// The fields, in the order of the screen.
    pub fields: Vec<Field>,
    /// Which field the cursor is on; the number of fields stands for the button.
    pub cursor: usize,
    /// The options of the field under the cursor, while one of them is chosen.
    pub chooser: Option<Chooser>,
    /// What to do now, or why it is not done.
    pub hint: Option<String>,
    /// Whether anything was filled in by hand.
    pub touched: bool,
    /// Whether it was submitted once: from then on missing fields are named as well.
    pub tried: bool,
    /// Whether leaving was asked for and has to be asked for again.
    pub leaving: bool,
    /// What was asked of AWS for its options.
    pub asked: BTreeSet<Query>,
    /// Objects in full, as AWS describes them; of a form that keeps them.
    documents: Documents,
    /// Which of what was asked has come or failed; of a form that keeps it.
    answered: BTreeSet<Query>,
    /// The backup of the text, read once for each state of it.
    backup: Option<(u64, Result<Arc<Backup>, String>)>,
    /// The people of the text of a roster, read once for each text.
    people: roster::People,
    /// Of when what it offers is.
    refreshed: Timestamp,
    /// Which state of the fleet that was.
    seen: u64,
    /// Whether more is known since.
    stale: bool,
}

/// What a form knows beside its own fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// The fleet, for options and for what exists already.
    pub(super) fleet: &'a Fleet,
    /// Whose credentials are used, and where.
    pub(super) session: &'a Session,
    /// The time.
    pub(super) now: Timestamp,
}

impl Form {
    /// A form of these fields, the cursor on the first.
    pub(super) fn new(subject: Subject, title: String, fields: Vec<Field>) -> Self {
        Self {
            id: 0,
            subject: Arc::new(subject),
            title,
            fields,
            cursor: 0,
            chooser: None,
            hint: None,
            touched: false,
            tried: false,
            leaving: false,
            asked: BTreeSet::new(),
            documents: Documents::default(),
            answered: BTreeSet::new(),
            backup: None,
            people: roster::People::default(),
            refreshed: Timestamp::UNIX_EPOCH,
            seen: 0,
            stale: true,
        }
    }

    /// The field under the cursor; none if that is on the button.
    pub fn current(&self) -> Option<&Field> {
        self.fields.get(self.cursor)
    }

    /// The field under the cursor, to change it.
    pub(super) fn current_mut(&mut self) -> Option<&mut Field> {
        self.fields.get_mut(self.cursor)
    }

    /// A field, if the form has it and shows it.
    pub fn field(&self, id: FieldId) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id && !field.hidden)
    }

    /// A field, shown or not.
    pub(super) fn field_mut(&mut self, id: FieldId) -> Option<&mut Field> {
        self.fields.iter_mut().find(|field| field.id == id)
    }

    /// What stands in a field, without blanks around; empty if it is not shown.
    pub fn text(&self, id: FieldId) -> String {
        self.field(id).map(Field::text).unwrap_or_default()
    }

    /// What stands in a field, if anything does.
    pub(super) fn some(&self, id: FieldId) -> Option<String> {
        Some(self.text(id)).filter(|text| !text.is_empty())
    }

    /// What stands in a field as a number, if one does.
    pub(super) fn number(&self, id: FieldId) -> Option<u32> {
        self.text(id).parse().ok()
    }

    /// What is chosen in a field of several.
    pub fn list(&self, id: FieldId) -> Vec<String> {
        match self.field(id).map(|field| &field.control) {
            Some(Control::Several { chosen, .. }) => chosen.clone(),
            _ => Vec::new(),
        }
    }

    /// The pairs of a field that are filled in.
    pub fn pairs(&self, id: FieldId) -> Vec<(String, String)> {
        match self.field(id).map(|field| &field.control) {
            Some(Control::Pairs(pairs)) => pairs.filled().collect(),
            _ => Vec::new(),
        }
    }

    /// Shows or hides a field.
    pub(super) fn show(&mut self, id: FieldId, shown: bool) {
        if let Some(field) = self.field_mut(id) {
            field.hidden = !shown;
        }
    }

    /// Names what is wrong with a field, unless its own rule has found something already.
    pub(super) fn refuse(&mut self, id: FieldId, reason: impl Into<String>) {
        if let Some(field) = self.field_mut(id)
            && field.error.is_none()
        {
            field.error = Some(reason.into());
        }
    }

    /// Gives a field its options; what is chosen stays chosen.
    pub(super) fn offer(&mut self, id: FieldId, options: Options) {
        if let Some(field) = self.field_mut(id) {
            field.offer(options);
        }
    }

    /// Puts a value into a field from the start.
    pub(super) fn fill(&mut self, id: FieldId, value: &str) {
        if let Some(field) = self.field_mut(id) {
            field.set(value);
            field.touched = true;
        }
    }

    /// Puts a value into a field that the person has not touched.
    pub(super) fn preset(&mut self, id: FieldId, value: &str) {
        if let Some(field) = self.field_mut(id)
            && !field.touched
        {
            field.set(value);
        }
    }

    /// The fields that are wrong or missing, as far as they are named now.
    pub fn wrong(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| !field.hidden && self.complaint(field).is_some())
    }

    /// What is said of a field: what is wrong with it, or that it is missing once the form was tried.
    pub fn complaint<'a>(&self, field: &'a Field) -> Option<&'a str> {
        match &field.error {
            Some(error) => Some(error),
            None if field.is_missing() && self.tried => Some("is needed"),
            None => None,
        }
    }

    /// Puts the cursor on a field, the nearest shown one from there on.
    pub(super) fn go_to(&mut self, at: usize) {
        self.chooser = None;
        self.cursor = at.min(self.fields.len());
        while self.current().is_some_and(|field| field.hidden) {
            self.cursor += 1;
        }
        if let Some(Field { control: Control::Pairs(pairs), .. }) = self.current_mut() {
            pairs.at = (0, false);
        }
    }

    /// Moves the cursor over the shown fields and the button; at the ends it stays.
    pub(super) fn step(&mut self, back: bool) {
        self.chooser = None;
        let before = self.cursor;
        let mut at = before;
        loop {
            at = match back {
                true if at == 0 => return,
                true => at - 1,
                false if at >= self.fields.len() => return,
                false => at + 1,
            };
            if self.fields.get(at).is_none_or(|field| !field.hidden) {
                break;
            }
        }
        self.cursor = at;
        if let Some(Field { control: Control::Pairs(pairs), .. }) = self.current_mut() {
            pairs.enter(back);
        }
    }

    /// Takes in a file that was asked for.
    ///
    /// # Errors
    ///
    /// Why it is no text, with the place.
    pub(super) fn take_file(&mut self, path: &str, content: &[u8]) -> Result<(), String> {
        let text = std::str::from_utf8(content).map_err(|error| {
            let line = content[..error.valid_up_to()].split(|byte| *byte == b'\n').count();
            format!("{path}, line {line}: this is no text in UTF-8; save it as UTF-8 and read it again")
        })?;
        let field = self.fields.iter_mut().find(|field| !field.hidden && field.area().is_some());
        if let Some(Field { control: Control::Area(area), touched, .. }) = field {
            area.set(text.strip_prefix('\u{feff}').unwrap_or(text));
            area.from = Some(path.to_owned());
            *touched = true;
            self.touched = true;
        }
        Ok(())
    }

    /// Brings options, shown fields and complaints up to date with what is filled in and what is known.
    pub(super) fn refresh(&mut self, known: Known<'_>) {
        let subject = Arc::clone(&self.subject);
        (self.refreshed, self.seen, self.stale) = (known.now, known.fleet.revision(), false);
        subject.refresh(self, known);
        for field in &mut self.fields {
            field.check();
        }
        subject.check(self, known);
        if self.current().is_some_and(|field| field.hidden) {
            self.step(false);
        }
        if let (Some(chooser), Some(field)) = (self.chooser.as_mut(), self.fields.get(self.cursor)) {
            chooser.narrow(field);
        }
    }
}
