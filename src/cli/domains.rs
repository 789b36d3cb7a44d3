//! `domains list|create|edit|delete|backup|restore`.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::arguments::{
    DomainBackup, DomainCreate, DomainDelete, DomainEditArguments, DomainRestore, DomainsCommand, Output,
    Switch,
};
use super::change::{Asked, may_apply};
use super::exit::Exit;
use super::failure::{Failure, note, print};
use super::file::{Sort, has_folder};
use super::gather::{Gathered, Wanted};
use super::lifecycle::only;
use super::list::format;
use super::settings::{members, user_edit};
use super::setup::Setup;
use super::{domain_file, file, list};
use crate::aws::Gateway;
use crate::fleet::wording::Counted;
use crate::fleet::{
    Backup, DomainEdit, DomainKey, FieldKind, HomeFiles, Intent, Needs, NetworkAccess, ObjectKind,
    RestoreChanges, RestoreInto, SharingOutput, Sheet, SheetColumn, SheetValue, suggestion,
};
use crate::{report, store};

/// A backup of 10,000 users is a tenth of the largest.
const BACKUP: Sort = Sort { what: "backup", largest: 512 << 20 };

/// `domains ...`.
///
/// # Errors
///
/// What cannot be read, why there is no plan, or why it is not carried out.
pub(super) async fn run(command: &DomainsCommand, setup: &Setup) -> Result<Exit, Failure> {
    match command {
        DomainsCommand::List(arguments) => list::list(ObjectKind::Domain, arguments, setup).await,
        DomainsCommand::Create(arguments) => create(arguments, setup).await,
        DomainsCommand::Edit(arguments) => edit(arguments, setup).await,
        DomainsCommand::Delete(arguments) => delete(arguments, setup).await,
        DomainsCommand::Backup(arguments) => backup(arguments, setup).await,
        DomainsCommand::Restore(arguments) => restore(arguments, setup).await,
    }
}

async fn create(arguments: &DomainCreate, setup: &Setup) -> Result<Exit, Failure> {
    may_apply(&arguments.change, setup)?;
    let described = domain_file::read(&arguments.file)?;
    let gateway = Gateway::new(setup.settings.clone());
    let (gathered, scopes) = Gathered::accounts(&gateway).await?;
    let intent = Intent::CreateDomain(Box::new(described.in_scope(only(&scopes)?)));
    let how = &arguments.change;
    let asked = Asked { setup, gateway: &gateway, how, is_cascade: false, is_named: true, is_aside: false };
    Ok(asked.apply(gathered, &intent).await?.exit)
}

async fn edit(arguments: &DomainEditArguments, setup: &Setup) -> Result<Exit, Failure> {
    may_apply(&arguments.change, setup)?;
    let edit = wanted(arguments, setup)?;
    if edit.is_empty() {
        return Err(Failure::usage("say what to change, such as --idle-minutes or --set; see --help"));
    }
    if let Some(flaw) = edit.flaws().first() {
        return Err(Failure::usage(flaw.clone()));
    }
    let gateway = Gateway::new(setup.settings.clone());
    let (gathered, domain) = one(&arguments.domain, &gateway, setup).await?;
    let how = &arguments.change;
    let asked = Asked { setup, gateway: &gateway, how, is_cascade: false, is_named: true, is_aside: false };
    Ok(asked.apply(gathered, &Intent::EditDomain { domain, edit: Box::new(edit) }).await?.exit)
}

fn wanted(arguments: &DomainEditArguments, setup: &Setup) -> Result<DomainEdit, Failure> {
    let text = |text: &Option<String>| text.as_deref().map(Arc::from);
    let network = match arguments.network.as_deref() {
        None => None,
        Some(text) => {
            let names = NetworkAccess::KNOWN.iter().map(NetworkAccess::as_str);
            let known = NetworkAccess::KNOWN.iter().find(|known| known.as_str().eq_ignore_ascii_case(text));
            let known = known.ok_or_else(|| {
                let hint = suggestion(text, names.clone());
                let all: Vec<&str> = names.clone().collect();
                Failure::usage(format!(
                    "--network: `{text}` is no access{hint}; there are {}",
                    all.join(", ")
                ))
            })?;
            Some(known.clone())
        }
    };
    Ok(DomainEdit {
        user_defaults: user_edit(&arguments.settings, setup)?,
        sharing: arguments.share_output.map(|allowed| SharingOutput {
            allowed: allowed == Switch::On,
            s3_path: text(&arguments.share_s3_path),
            kms_key: text(&arguments.share_kms_key),
        }),
        network,
        subnets: shared(&arguments.subnet),
        members: members(&arguments.set)?,
        ..DomainEdit::default()
    })
}

/// A list, where one is given.
fn shared(texts: &[String]) -> Option<Vec<Arc<str>>> {
    (!texts.is_empty()).then(|| texts.iter().map(|text| Arc::from(text.as_str())).collect())
}

async fn delete(arguments: &DomainDelete, setup: &Setup) -> Result<Exit, Failure> {
    may_apply(&arguments.change, setup)?;
    let gateway = Gateway::new(setup.settings.clone());
    let (gathered, domain) = one(&arguments.domain, &gateway, setup).await?;
    let files = if arguments.delete_files { HomeFiles::Delete } else { HomeFiles::Retain };
    let how = &arguments.change;
    let asked = Asked { setup, gateway: &gateway, how, is_cascade: true, is_named: true, is_aside: false };
    Ok(asked.apply(gathered, &Intent::DeleteDomain(domain, files)).await?.exit)
}

/// The one domain of a name or id, and its lists.
pub(super) async fn one(
    text: &str,
    gateway: &Gateway,
    setup: &Setup,
) -> Result<(Gathered, DomainKey), Failure> {
    let wanted = Wanted {
        kind: ObjectKind::Domain,
        needs: Needs::PRICES,
        domain: Some(text),
        is_for_plan: true,
        kept: setup.records(),
    };
    let gathered = Gathered::lists(gateway, wanted).await?;
    let domain = gathered.domain(text)?;
    Ok((gathered, domain))
}

/// `domains backup`: all of it or nothing.
async fn backup(arguments: &DomainBackup, setup: &Setup) -> Result<Exit, Failure> {
    let output = arguments.output.output;
    if arguments.to.is_none() && !matches!(output, Output::Table | Output::Json) {
        return Err(Failure::usage("--output: without --to the backup itself goes to stdout, as JSON"));
    }
    if let Some(path) = arguments.to.as_deref().filter(|path| path.exists()) {
        return Err(Failure::usage(format!("--to: {} is there already", path.display())));
    }
    if let Some(path) = &arguments.to {
        has_folder("--to", path)?;
    }
    let gateway = Gateway::new(setup.settings.clone());
    let (mut gathered, domain) = one(&arguments.domain, &gateway, setup).await?;
    let backup = gathered.backup(&domain).await.map_err(|missing| {
        for missing in &missing {
            note("not complete", missing);
        }
        Failure::new(Exit::Failed, "there is no backup in part, so none was written")
    })?;
    let text = backup.to_text();
    match &arguments.to {
        None => print(&text)?,
        Some(path) => {
            store::replace(path, text.as_bytes())
                .map_err(|error| Failure::new(Exit::Failed, format!("{}: {error}", path.display())))?;
            let (users, spaces) =
                (Counted(backup.users.len(), "user profile"), Counted(backup.spaces.len(), "space"));
            note("note", &format!("{}: {} with {users} and {spaces}", path.display(), backup.name()));
            print_written(output, path, &backup)?;
        }
    }
    for sentence in &backup.left_out {
        note("left out", sentence);
    }
    Ok(if backup.left_out.is_empty() { Exit::Done } else { Exit::Some })
}

/// What was written and what was left out, for scripts; people are told on stderr.
fn print_written(output: Output, path: &Path, backup: &Backup) -> Result<(), Failure> {
    match output {
        Output::Table => Ok(()),
        Output::Json => {
            let written = json!({
                "file": path.display().to_string(),
                "domain": backup.domain.id.as_str(),
                "users": backup.users.len(),
                "spaces": backup.spaces.len(),
                "left_out": backup.left_out,
            });
            print(&format!("{written:#}\n"))
        }
        Output::Csv | Output::Markdown => {
            let columns = vec![SheetColumn { name: "left_out", kind: FieldKind::Text }];
            let rows = backup.left_out.iter().map(|sentence| vec![SheetValue::Text(sentence.clone())]);
            print(&report::render(&Sheet { columns, rows: rows.collect() }, format(output))?)
        }
    }
}

async fn restore(arguments: &DomainRestore, setup: &Setup) -> Result<Exit, Failure> {
    may_apply(&arguments.change, setup)?;
    let backup = Arc::new(read_backup(&arguments.file)?);
    let gateway = Gateway::new(setup.settings.clone());
    let (gathered, into) = match (&arguments.into, &arguments.new) {
        (Some(text), _) => {
            let (gathered, domain) = one(text, &gateway, setup).await?;
            (gathered, RestoreInto::Existing(domain))
        }
        (None, Some(name)) => {
            let (gathered, scopes) = Gathered::accounts(&gateway).await?;
            let changes = RestoreChanges {
                role: arguments.role.as_deref().map(Arc::from),
                vpc: arguments.vpc.as_deref().map(Arc::from),
                subnets: shared(&arguments.subnet),
                security_groups: shared(&arguments.security_group),
                ..RestoreChanges::default()
            };
            let into = RestoreInto::New { scope: only(&scopes)?, name: Arc::from(name.as_str()), changes };
            (gathered, into)
        }
        (None, None) => return Err(Failure::usage("say where: --into DOMAIN or --new NAME")),
    };
    let how = &arguments.change;
    let asked = Asked { setup, gateway: &gateway, how, is_cascade: false, is_named: false, is_aside: false };
    Ok(asked.apply(gathered, &Intent::Restore { backup, into }).await?.exit)
}

fn read_backup(path: &Path) -> Result<Backup, Failure> {
    let failed = |what: String| Failure::usage(format!("{}: {what}", path.display()));
    let text = file::text(path, BACKUP).map_err(|error| failed(error.to_string()))?;
    Backup::parse(&text).map_err(failed)
}
