//! `users onboard`: a roster compared with what is there, what is missing created, and a hand-over sheet.

use std::fs::File;
use std::io;
use std::path::Path;

use super::arguments::{OnboardArguments, RosterKind};
use super::change::{Asked, may_apply};
use super::exit::Exit;
use super::failure::{Failure, note};
use super::file::{self, Sort, has_folder};
use super::gather::Gathered;
use super::setup::Setup;
use super::templates::{own_templates, template};
use crate::aws::Gateway;
use crate::fleet::{
    Difference, Intent, Name, Newcomer, Roster, RosterFormat, SheetFormat, Standing, StepState, UserEdit,
    UserKey, handover,
};
use crate::{report, store};

/// A roster of 10,000 people is a tenth of the largest.
const ROSTER: Sort = Sort { what: "roster", largest: 16 << 20 };

/// `users onboard`.
///
/// # Errors
///
/// What is wrong with the roster as a whole, why there is no plan, or why it is not carried out.
pub(super) async fn onboard(arguments: &OnboardArguments, setup: &Setup) -> Result<Exit, Failure> {
    may_apply(&arguments.change, setup)?;
    let file = name_of(&arguments.file);
    let sheet_format = arguments.handover.as_deref().map(sheet_format).transpose()?;
    let roster = read(arguments, &file)?;
    let templates = own_templates(setup);
    let usual = arguments.template.as_deref().map(|name| template(&templates, name)).transpose()?;
    let gateway = Gateway::new(setup.settings.clone());
    let gathered = Gathered::domains(&gateway).await?;
    let domain = arguments.domain.as_deref().map(|text| gathered.domain(text)).transpose()?;
    let role = UserEdit { role: arguments.role.as_deref().map(Into::into), ..UserEdit::default() };
    let newcomers =
        roster.newcomers(&gathered.fleet, domain.as_ref(), &templates).into_iter().map(|newcomer| {
            let named = newcomer.template.is_some();
            let clone_of = newcomer.clone_of.clone().or_else(|| {
                let name = arguments.clone.as_deref()?;
                Some(UserKey { name: Name::new(name), ..newcomer.user.clone() })
            });
            let newcomer = Newcomer { edit: newcomer.edit.over(&role), clone_of, ..newcomer };
            match usual {
                Some(template) if !named => newcomer.with_template(template),
                _ => newcomer,
            }
        });
    let intent = Intent::Onboard(newcomers.collect());
    let how = &arguments.change;
    let asked = Asked { setup, gateway: &gateway, how, is_cascade: false, is_named: false, is_aside: false };
    let ended = asked.apply(gathered, &intent).await?;
    let left_out = tell_invalid(&ended.differences, &file);
    if let (Some(path), Some(format)) = (&arguments.handover, sheet_format) {
        let states: Vec<StepState> = match &ended.carried {
            Some(carried) => carried.steps.iter().map(|(state, _)| state.clone()).collect(),
            None => Vec::new(),
        };
        if how.yes {
            let sheet = handover(&ended.plan, &states, &ended.gathered.fleet);
            let text = report::render(&sheet, format)?;
            store::replace(path, text.as_bytes())
                .map_err(|error| Failure::new(Exit::Failed, format!("{}: {error}", path.display())))?;
            note("note", &format!("what is handed over is in {}", path.display()));
        } else {
            note("note", &format!("with --yes, what is handed over is written to {}", path.display()));
        }
    }
    Ok(match ended.exit {
        Exit::Done if how.yes && left_out > 0 => {
            // Run again, what was done before counts as done.
            if ended.carried.is_some() || ended.plan.excluded.iter().any(|left| left.is_so) {
                Exit::Some
            } else {
                Exit::None
            }
        }
        exit => exit,
    })
}

/// Names each row that is left out because something is wrong with it; says how many.
fn tell_invalid(differences: &[Difference], file: &str) -> usize {
    let mut count = 0;
    for difference in differences {
        let Standing::Invalid(reasons) = &difference.standing else { continue };
        count += 1;
        for reason in reasons {
            // What is wrong with the text of a row says its own line and column.
            let has_place = reason.split(':').take(2).all(|part| part.parse::<usize>().is_ok());
            let place = match difference.line {
                _ if has_place => format!("{file}:"),
                Some(line) => format!("{file}:{line}: "),
                None => format!("{file}: "),
            };
            note("left out", &format!("{place}{reason}"));
        }
    }
    count
}

fn name_of(file: &Path) -> String {
    if file == Path::new("-") { "stdin".to_owned() } else { file.display().to_string() }
}

fn read(arguments: &OnboardArguments, name: &str) -> Result<Roster, Failure> {
    let is_stdin = arguments.file == Path::new("-");
    let format = match arguments.format {
        Some(RosterKind::Csv) => RosterFormat::Csv,
        Some(RosterKind::Toml) => RosterFormat::Toml,
        Some(RosterKind::Yaml) => RosterFormat::Yaml,
        Some(RosterKind::Names) => RosterFormat::Pasted,
        None if is_stdin => RosterFormat::Pasted,
        None => RosterFormat::of_file(name).ok_or_else(|| {
            Failure::usage(format!("{name}: its ending does not say how it is written; give --format"))
        })?,
    };
    let bytes = if is_stdin {
        file::bytes(io::stdin().lock(), ROSTER)
    } else {
        File::open(&arguments.file).and_then(|file| file::bytes(file, ROSTER))
    };
    let bytes = bytes.map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    Roster::read(&bytes, format).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(|error| format!("{name}:{error}")).collect();
        Failure::usage(lines.join("\nsagedeck: error: "))
    })
}

/// How the hand-over sheet is written, by the ending of its file; refused where there is no folder for it.
fn sheet_format(path: &Path) -> Result<SheetFormat, Failure> {
    has_folder("--handover", path)?;
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => Ok(SheetFormat::Csv),
        Some("json") => Ok(SheetFormat::Json),
        Some("md") => Ok(SheetFormat::Markdown),
        Some("txt") => Ok(SheetFormat::Table),
        _ => Err(Failure::usage(format!(
            "--handover {}: end the name in csv, json, md or txt",
            path.display()
        ))),
    }
}
