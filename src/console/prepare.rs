//! From what a person wants to the plan they see: what has to be known is read first, and nothing is planned on
//! what could not be read in silence.

use std::collections::BTreeSet;

use tui_input::Input;

use crate::fleet::wording::Counted;
use crate::fleet::{Answer, Documents, Intent, ObjectKey, Plan, Problem, Query};

use super::{Confirm, Console, Dialog, Effect, Restored, Tone};

/// How many reads for one plan are under way at most; the border limits the rate besides.
const AT_ONCE: usize = 64;

/// What is being read before a plan is made.
#[derive(Debug, Clone)]
pub struct Preparing {
    /// What is wanted.
    pub intent: Intent,
    /// Everything that was found to be needed so far.
    pub needed: BTreeSet<Query>,
    /// What of it was asked.
    pub asked: BTreeSet<Query>,
    /// What of it has come, or failed.
    pub answered: BTreeSet<Query>,
    /// Objects in full, as far as they have come.
    pub documents: Documents,
    /// What could not be read, with the reason.
    pub problems: Vec<(Query, Problem)>,
}

impl Console {
    /// Makes the plan for what is wanted, and shows it; reads first what it needs.
    pub(super) fn prepare(&mut self, intent: Intent, effects: &mut Vec<Effect>) {
        self.dialogs.push(Dialog::Preparing(Box::new(Preparing {
            intent,
            needed: BTreeSet::new(),
            asked: BTreeSet::new(),
            answered: BTreeSet::new(),
            documents: Documents::default(),
            problems: Vec::new(),
        })));
        self.go_on_preparing(effects);
    }

    /// Takes note of an answer that a plan in preparation waits for.
    pub(super) fn note_prepared(&mut self, query: &Query, result: &Result<Answer, Problem>, ended: bool) {
        let Some(preparing) = self.preparing_mut() else { return };
        if !preparing.asked.contains(query) {
            return;
        }
        note_document(&mut preparing.documents, query, result);
        if let Err(problem) = result {
            preparing.problems.push((query.clone(), problem.clone()));
        }
        if ended {
            preparing.answered.insert(query.clone());
        }
    }

    /// Asks what is still needed; once everything has come, shows the plan.
    pub(super) fn go_on_preparing(&mut self, effects: &mut Vec<Effect>) {
        let policy = self.session.policy();
        loop {
            let Some(at) = self.dialogs.iter().position(|dialog| matches!(dialog, Dialog::Preparing(_)))
            else {
                return;
            };
            let Some(Dialog::Preparing(preparing)) = self.dialogs.get_mut(at) else { return };
            if preparing.answered.len() == preparing.asked.len()
                && preparing.asked.len() == preparing.needed.len()
            {
                // What has come may show that more is needed.
                let needs = preparing.intent.needs(&self.fleet, &policy);
                let before = preparing.needed.len();
                preparing.needed.extend(needs);
                if preparing.needed.len() == before {
                    return self.planned(at, effects);
                }
            }
            let under_way = preparing.asked.len() - preparing.answered.len();
            let next: Vec<Query> = preparing
                .needed
                .difference(&preparing.asked)
                .take(AT_ONCE.saturating_sub(under_way))
                .cloned()
                .collect();
            if next.is_empty() {
                return;
            }
            preparing.asked.extend(next.iter().cloned());
            for query in next {
                self.ask(query, effects);
            }
        }
    }

    /// Everything has come: the plan takes the place of the preparation.
    fn planned(&mut self, at: usize, effects: &mut Vec<Effect>) {
        let Dialog::Preparing(preparing) = self.dialogs.remove(at) else { return };
        let policy = self.session.policy();
        self.note_standings(&preparing.intent, &preparing.documents);
        match preparing.intent.plan(&self.fleet, &preparing.documents, &policy, self.now) {
            Ok(plan) => self.show_plan(plan, Restored::of(&preparing.intent), effects),
            Err(reason) => {
                let missing = match preparing.problems.as_slice() {
                    [] => String::new(),
                    [(query, problem)] => format!(" ({} could not be read: {problem})", query.what()),
                    many => format!(" ({} could not be read)", Counted(many.len(), "thing")),
                };
                self.say(Tone::Warn, format!("{reason}{missing}"));
            }
        }
    }

    /// Shows a plan, to be confirmed, with what it restores if it does.
    pub(super) fn show_plan(&mut self, plan: Plan, restored: Option<Restored>, effects: &mut Vec<Effect>) {
        // A plan of nothing for one reason needs no dialog.
        if plan.steps.is_empty() && plan.excluded.len() == 1 {
            let excluded = &plan.excluded[0];
            let text = format!("{} {}", excluded.target.name(), excluded.reason);
            return self.say(Tone::Warn, text);
        }
        let confirmation =
            plan.confirmation(&self.fleet, &self.session.idle, self.now, &self.session.ceilings);
        let accounts: BTreeSet<_> = plan.steps.iter().map(|step| step.change.scope().account()).collect();
        let asks_reason = accounts
            .iter()
            .any(|account| self.session.is_protected(account, self.fleet.account_label(account)));
        // What is shown beside a step is read again while the person looks.
        let shown: Vec<Query> = plan
            .steps
            .iter()
            .take(super::loading::DETAILS_AT_ONCE)
            .filter_map(|step| match step.change.target().object() {
                Some(ObjectKey::App(key)) => Some(Query::App(key.clone())),
                _ => None,
            })
            .collect();
        let credentials: Vec<Query> = accounts.into_iter().cloned().map(Query::CredentialsEnd).collect();
        for query in shown.into_iter().chain(credentials) {
            self.ask(query, effects);
        }
        self.dialogs.push(Dialog::Confirm(Box::new(Confirm {
            deltas: plan.steps.iter().map(crate::fleet::Step::deltas).collect(),
            credentials: plan.outlives_credentials(&self.fleet, self.now),
            plan,
            restored,
            confirmation,
            asks_reason,
            reason: None,
            typed: Vec::new(),
            input: Input::default(),
            opened: self.now,
            scroll: 0,
            hint: None,
        })));
    }

    /// It has become known how long credentials hold: says so where a plan waits to be confirmed.
    pub(super) fn note_credentials(&mut self) {
        for dialog in &mut self.dialogs {
            if let Dialog::Confirm(confirm) = dialog {
                confirm.credentials = confirm.plan.outlives_credentials(&self.fleet, self.now);
            }
        }
    }

    fn preparing_mut(&mut self) -> Option<&mut Preparing> {
        self.dialogs.iter_mut().find_map(|dialog| match dialog {
            Dialog::Preparing(preparing) => Some(&mut **preparing),
            _ => None,
        })
    }
}

/// Keeps what came of reading one object in full; any other answer is kept by the fleet.
pub(super) fn note_document(documents: &mut Documents, query: &Query, result: &Result<Answer, Problem>) {
    let object = match query {
        Query::Domain(key) => ObjectKey::Domain(key.clone()),
        Query::User(key) => ObjectKey::User(key.clone()),
        Query::Space(key) => ObjectKey::Space(key.clone()),
        Query::App(key) => ObjectKey::App(key.clone()),
        _ => return,
    };
    match result {
        Ok(Answer::Domain(_, raw) | Answer::User(_, raw) | Answer::Space(_, raw) | Answer::App(_, raw)) => {
            documents.note(object, Ok(raw));
        }
        Ok(_) => {}
        Err(problem) => documents.note(object, Err(problem.clone())),
    }
}
