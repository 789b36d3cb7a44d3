//! `cost tags list|activate`: by which tags bills can be grouped, and activating more of them by plan.

use std::collections::BTreeSet;

use super::arguments::{CostTagsActivateArguments, CostTagsCommand, CostTagsListArguments};
use super::change::{Asked, may_apply};
use super::cost::spent;
use super::exit::Exit;
use super::failure::{Failure, exit_of, note, print, told};
use super::gather::Gathered;
use super::list::format;
use super::setup::Setup;
use super::state::StateFolder;
use crate::aws::Gateway;
use crate::fleet::{
    AccountId, Answer, CostTag, FieldKind, Intent, Query, Region, Scope, Sheet, SheetColumn, SheetValue,
    Timestamp, harmless,
};
use crate::operations::ask_paid;
use crate::report;
use crate::store::CostCache;

/// Where Cost Explorer is asked; steps of plans name it.
const REGION: &str = "us-east-1";

/// `cost tags ...`.
///
/// # Errors
///
/// Why the tags cannot be read, or why there is no plan.
pub(super) async fn run(command: &CostTagsCommand, setup: &Setup) -> Result<Exit, Failure> {
    let gateway = Gateway::new(setup.settings.clone());
    match command {
        CostTagsCommand::List(arguments) => list(arguments, &gateway, setup).await,
        CostTagsCommand::Activate(arguments) => activate(arguments, &gateway, setup).await,
    }
}

async fn list(arguments: &CostTagsListArguments, gateway: &Gateway, setup: &Setup) -> Result<Exit, Failure> {
    let (mut gathered, scopes) = Gathered::accounts(gateway).await?;
    let accounts: BTreeSet<AccountId> = scopes.iter().map(|scope| scope.account().clone()).collect();
    let exit = read(&mut gathered, &accounts, gateway, setup, arguments.anew).await?;
    let column = |name| SheetColumn { name, kind: FieldKind::Text };
    let columns = ["key", "status", "set-by", "last-used", "account"].map(column).to_vec();
    let text = |text: &str| SheetValue::Text(text.to_owned());
    let mut rows = Vec::new();
    for account in &accounts {
        let Some(tags) = gathered.fleet.bills.tags(account) else { continue };
        let mut tags: Vec<&CostTag> = tags.tags.iter().collect();
        tags.sort_by(|left, right| left.key.cmp(&right.key));
        for tag in tags {
            rows.push(vec![
                text(&tag.key),
                text(if tag.active { "active" } else { "inactive" }),
                text(if tag.by_aws { "AWS" } else { "you" }),
                tag.last_used.as_deref().map_or(SheetValue::Unknown, text),
                text(gathered.fleet.account_label(account)),
            ]);
        }
    }
    print(&report::render(&Sheet { columns, rows }, format(arguments.output.output))?)?;
    Ok(exit)
}

async fn activate(
    arguments: &CostTagsActivateArguments,
    gateway: &Gateway,
    setup: &Setup,
) -> Result<Exit, Failure> {
    may_apply(&arguments.change, setup)?;
    let (mut gathered, scopes) = Gathered::accounts(gateway).await?;
    let accounts: BTreeSet<AccountId> = scopes.iter().map(|scope| scope.account().clone()).collect();
    let Some(account) = accounts.first().filter(|_| accounts.len() == 1).cloned() else {
        return Err(Failure::usage(
            "the profiles lead to several accounts; name the one that pays with --profile",
        ));
    };
    let exit = read(&mut gathered, &accounts, gateway, setup, false).await?;
    if gathered.fleet.bills.tags(&account).is_none() {
        return Ok(exit.max(Exit::Failed));
    }
    let keys = arguments.keys.iter().map(|key| harmless(key)).collect();
    let intent = Intent::ActivateCostTags(Scope::new(account.clone(), Region::new(REGION)), keys);
    let how = &arguments.change;
    let asked = Asked { setup, gateway, how, is_cascade: false, is_named: true, is_aside: false };
    let ended = asked.apply(gathered, &intent).await?;
    if ended.carried.is_some() {
        // What was kept of the tags does not hold any more.
        let cache = CostCache::new(StateFolder::of(setup)?.path());
        if let Err(error) = cache.forget(&Query::CostTags(account)) {
            note("note", &format!("the list of tags that is kept is out of date: {error}"));
        }
    }
    Ok(ended.exit)
}

/// Reads the tags of accounts, from what is kept while that holds; says what it took.
async fn read(
    gathered: &mut Gathered,
    accounts: &BTreeSet<AccountId>,
    gateway: &Gateway,
    setup: &Setup,
    anew: bool,
) -> Result<Exit, Failure> {
    let state = StateFolder::of(setup)?;
    let cache = CostCache::new(state.path());
    let (mut requests, mut exit) = (0, Exit::Done);
    for account in accounts {
        let query = Query::CostTags(account.clone());
        let paid = ask_paid(gateway, Some(&cache), &query, anew, Timestamp::now()).await;
        requests += paid.requests;
        if let Some(trouble) = paid.trouble {
            note("note", &trouble);
        }
        match paid.result {
            Ok(Answer::CostTags(tags)) => gathered.fleet.bills.learn_tags(account.clone(), tags),
            Ok(_) => return Err(Failure::new(Exit::Failed, "the answer is not one to this question")),
            Err(problem) => {
                let label = gathered.fleet.account_label(account).to_owned();
                note("not complete", &format!("{label}: {}", told(&problem)));
                exit = exit.max(exit_of(&problem));
            }
        }
    }
    spent(requests);
    Ok(exit)
}
