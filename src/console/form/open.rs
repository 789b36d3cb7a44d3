//! Forms in the console: opening, asking for what they need, and handing over what they come to.

use std::sync::Arc;

use crate::fleet::{Answer, Documents, Fleet, Intent, Problem, Query};

use super::keys::Heard;
use super::subject::Outcome;
use super::{FieldId, Form, Known, Subject, roster};
use crate::console::prepare::note_document;
use crate::console::{Console, Dialog, Effect, Key};

/// After how many milliseconds an open form takes in what was read meanwhile.
const FOLLOW: i64 = 100;
/// How many queries of a form are under way at most.
const AT_ONCE: usize = 64;

impl Console {
    /// Shows a form.
    pub(in crate::console) fn open_form(&mut self, mut form: Form, effects: &mut Vec<Effect>) {
        self.forms += 1;
        form.id = self.forms;
        self.dialogs.push(Dialog::Form(Box::new(form)));
        self.refresh_form(effects);
    }

    /// Brings the topmost form up to date with the fleet, and asks for what it needs and nobody asked for yet.
    pub(in crate::console) fn refresh_form(&mut self, effects: &mut Vec<Effect>) {
        let known = Known { fleet: &self.fleet, session: &self.session, now: self.now };
        let Some(form) = top(&mut self.dialogs) else { return };
        form.refresh(known);
        let needs = Arc::clone(&form.subject).needs(form, known);
        let under_way = form.asked.iter().filter(|query| self.loads.is_loading(query)).count();
        let mut due: Vec<Query> = Vec::new();
        for query in needs {
            if under_way + due.len() >= AT_ONCE {
                // The rest follows when these have come.
                form.stale = true;
                break;
            }
            // A backup is of now and in AWS's own words, not of what is known already.
            let afresh = matches!(*form.subject, Subject::BackUp(_));
            if form.asked.insert(query.clone()) && (afresh || !is_known(&self.fleet, &query)) {
                due.push(query);
            }
        }
        for query in due {
            self.ask(query, effects);
        }
    }

    /// Follows what was read since for an open form, not more often than one can see.
    pub(in crate::console) fn follow_form(&mut self, effects: &mut Vec<Effect>) {
        let now = self.now;
        let revision = self.fleet.revision();
        let Some(form) = top(&mut self.dialogs) else { return };
        form.stale |= form.seen != revision;
        let since = now.as_millisecond().saturating_sub(form.refreshed.as_millisecond());
        if form.stale && !(0..FOLLOW).contains(&since) {
            self.refresh_form(effects);
        }
    }

    /// Keeps an object in full for a form that is made of such.
    pub(in crate::console) fn note_for_form(
        &mut self,
        query: &Query,
        result: &Result<Answer, Problem>,
        ended: bool,
    ) {
        let Some(form) = top(&mut self.dialogs) else { return };
        if !matches!(*form.subject, Subject::BackUp(_)) || !form.asked.contains(query) {
            return;
        }
        form.stale = true;
        // A long list comes in many pages.
        if ended {
            form.answered.insert(query.clone());
        }
        note_document(&mut form.documents, query, result);
    }

    /// Tells the form of a list how each of its rows stands, now that everything is read.
    pub(in crate::console) fn note_standings(&mut self, intent: &Intent, documents: &Documents) {
        let Some(form) = top(&mut self.dialogs).filter(|form| *form.subject == Subject::Roster) else {
            return;
        };
        roster::note_standings(form, &intent.differences(&self.fleet, documents));
    }

    /// Whether an open form has yet to take in what was read.
    pub(in crate::console) fn form_is_behind(&self) -> bool {
        self.dialogs.iter().any(|dialog| matches!(dialog, Dialog::Form(form) if form.stale))
    }

    /// A key while a form is the topmost layer.
    pub(in crate::console) fn form_key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        let Some(Dialog::Form(form)) = self.dialogs.last_mut() else { return };
        let heard = form.key(key);
        self.form_heard(heard, effects);
    }

    /// Pasted text while a form is the topmost layer.
    pub(in crate::console) fn form_paste(&mut self, text: &str, effects: &mut Vec<Effect>) {
        let Some(Dialog::Form(form)) = self.dialogs.last_mut() else { return };
        let heard = form.paste(text);
        self.form_heard(heard, effects);
    }

    /// A click on a field, the button, or an entry of the open list.
    pub(in crate::console) fn form_click(&mut self, row: usize, effects: &mut Vec<Effect>) {
        let Some(Dialog::Form(form)) = self.dialogs.last_mut() else { return };
        let heard = if let Some(chooser) = &mut form.chooser {
            chooser.cursor = row.min(chooser.count().saturating_sub(1));
            form.take()
        } else if row > form.fields.len() {
            Heard::Leave
        } else if row == form.fields.len() {
            Heard::Submit
        } else {
            let again = form.cursor == row;
            form.go_to(row);
            // A second click does what space would.
            if again { form.press() } else { Heard::Moved }
        };
        self.form_heard(heard, effects);
    }

    /// The wheel over a form: over its list, its text or its fields.
    pub(in crate::console) fn form_scroll(&mut self, by: isize) {
        let Some(Dialog::Form(form)) = self.dialogs.last_mut() else { return };
        form.scroll(by);
    }

    /// A file that a form asked for was read, or could not be.
    pub(in crate::console) fn file_read(
        &mut self,
        id: u64,
        path: &str,
        result: Result<Arc<[u8]>, String>,
        effects: &mut Vec<Effect>,
    ) {
        let form = self.dialogs.iter_mut().find_map(|dialog| match dialog {
            Dialog::Form(form) if form.id == id => Some(form),
            _ => None,
        });
        // The form was left meanwhile: nobody waits for the file any more.
        let Some(form) = form else { return };
        form.hint = result.and_then(|content| form.take_file(path, &content)).err();
        self.refresh_form(effects);
    }

    fn form_heard(&mut self, heard: Heard, effects: &mut Vec<Effect>) {
        match heard {
            Heard::Moved => {}
            Heard::Changed => self.refresh_form(effects),
            Heard::Submit => self.submit_form(effects),
            Heard::Leave => {
                let Some(Dialog::Form(form)) = self.dialogs.last_mut() else { return };
                if form.touched && !form.leaving {
                    form.leaving = true;
                    form.hint = Some("esc once more leaves, and what is filled in is lost".to_owned());
                } else {
                    self.close_layer();
                }
            }
            Heard::Read => {
                let Some(Dialog::Form(form)) = self.dialogs.last_mut() else { return };
                let path = form.text(FieldId::File);
                form.hint = Some(format!("reading {path}"));
                effects.push(Effect::ReadFile { path, form: form.id });
            }
        }
    }

    /// The person says the form is complete: names what is not, or makes the plan.
    fn submit_form(&mut self, effects: &mut Vec<Effect>) {
        let Some(Dialog::Form(form)) = self.dialogs.last_mut() else { return };
        form.tried = true;
        form.chooser = None;
        self.refresh_form(effects);
        let known = Known { fleet: &self.fleet, session: &self.session, now: self.now };
        let Some(Dialog::Form(form)) = self.dialogs.last_mut() else { return };
        let first = form.fields.iter().position(|field| !field.hidden && form.complaint(field).is_some());
        if let Some(first) = first {
            form.go_to(first);
            return;
        }
        match Arc::clone(&form.subject).outcome(form, known) {
            Ok(Outcome::Plan(intent)) => self.prepare(intent, effects),
            Ok(Outcome::Write(path, text)) => {
                self.close_layer();
                effects.push(Effect::Write { path, what: "the backup", text: text.into() });
            }
            Err(reason) => form.hint = Some(reason),
        }
    }

    /// Closes the forms that a plan came from, once it is carried out.
    pub(in crate::console) fn close_forms(&mut self) {
        self.dialogs.retain(|dialog| !matches!(dialog, Dialog::Form(_)));
    }
}

fn top(dialogs: &mut [Dialog]) -> Option<&mut Form> {
    dialogs.iter_mut().rev().find_map(|dialog| match dialog {
        Dialog::Form(form) => Some(&mut **form),
        _ => None,
    })
}

/// Whether what a query brings is there already, and recent enough to choose from.
fn is_known(fleet: &Fleet, query: &Query) -> bool {
    let library = &fleet.library;
    match query {
        Query::Roles(account) => library.roles.contains_key(account),
        Query::Network(scope) => library.networks.contains_key(scope),
        Query::LifecycleConfigs(scope) => library.lifecycle_configs.contains_key(scope),
        Query::LifecycleConfig(key) => library.scripts.contains_key(key),
        Query::Domain(key) => fleet.domains.get(key).is_some_and(|domain| domain.detail.is_some()),
        query if query.is_list() => {
            fleet.listing(query).is_some_and(|list| list.loading || list.is_complete())
        }
        _ => false,
    }
}
