//! Whose bill the cost pane shows. Each account is asked with its own credentials and costs a request of its own for
//! each grouping, so one is shown unless the person chooses otherwise.

use crate::fleet::AccountId;

use super::super::{Choice, Console};

/// The entry for the bills of all accounts together.
const ALL: &str = "(all accounts)";

/// Whose bill is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum CostOf {
    /// That of the account one comes from; none was chosen yet.
    #[default]
    Here,
    /// That of one account.
    One(AccountId),
    /// Those of all accounts in view.
    All,
}

impl Console {
    /// The accounts whose bills are shown.
    pub fn cost_accounts(&self) -> Vec<AccountId> {
        let all = &self.fleet.accounts;
        match &self.cost.of {
            CostOf::All => all.keys().cloned().collect(),
            CostOf::One(account) if all.contains_key(account) => vec![account.clone()],
            CostOf::One(_) | CostOf::Here => self.account_here().into_iter().collect(),
        }
    }

    /// Keeps to the account of the row one comes from, unless one was chosen: an account that becomes known later must
    /// not change whose bill it is.
    pub(in crate::console) fn settle_cost_account(&mut self) {
        let is_known = match &self.cost.of {
            CostOf::All => true,
            CostOf::One(account) => self.fleet.accounts.contains_key(account),
            CostOf::Here => false,
        };
        if !is_known {
            self.cost.of = self.account_here().map_or(CostOf::Here, CostOf::One);
        }
    }

    /// Whose bill is shown, where there is more than one account: the label of one, or how many.
    pub fn cost_of_whom(&self) -> Option<String> {
        let all = self.fleet.accounts.len();
        if all < 2 {
            return None;
        }
        match self.cost_accounts().as_slice() {
            [one] => Some(self.fleet.account_label(one).to_owned()),
            several => Some(format!("{} accounts", several.len())),
        }
    }

    /// What the view would cost for all accounts.
    pub fn price_of_all(&self) -> String {
        let all: Vec<AccountId> = self.fleet.accounts.keys().cloned().collect();
        self.price_told(&self.cost_view(), &all)
    }

    /// Shows whose bills can be looked at, and what each would cost.
    pub(in crate::console) fn open_cost_accounts(&mut self) {
        let view = self.cost_view();
        let mut entries: Vec<(String, String)> = self
            .fleet
            .accounts
            .keys()
            .map(|account| {
                let price = self.price_told(&view, std::slice::from_ref(account));
                (self.fleet.account_label(account).to_owned(), format!("{account}; {price}"))
            })
            .collect();
        if self.fleet.accounts.len() > 1 {
            let price = self.price_of_all();
            entries.push((ALL.to_owned(), format!("{price}, and for other groupings as many")));
        }
        let chosen = match (&self.cost.of, self.cost_accounts().as_slice()) {
            (CostOf::All, _) => ALL.to_owned(),
            (_, [one]) => self.fleet.account_label(one).to_owned(),
            _ => String::new(),
        };
        self.open_choice(Choice::CostAccount, entries, chosen);
    }

    /// Takes the account that was chosen, by label or id.
    pub(super) fn choose_cost_account(&mut self, text: &str) -> Result<(), String> {
        if text == ALL {
            self.cost.of = CostOf::All;
            return Ok(());
        }
        let fleet = &self.fleet;
        let is_it = |account: &&AccountId| account.as_str() == text || fleet.account_label(account) == text;
        let found = fleet.accounts.keys().find(is_it).cloned();
        let account = found.ok_or_else(|| format!("there is no account `{text}` in view"))?;
        self.cost.of = CostOf::One(account);
        Ok(())
    }
}
