//! The form that onboards many users from a list: pasted, typed, or read from a file.

use std::collections::{BTreeSet, HashSet};

use super::{
    Area, Control, Fault, Field, FieldId, Finding, Findings, Form, Known, Options, Subject, newcomer, offer,
};
use crate::console::Tone;
use crate::fleet::wording::Counted;
use crate::fleet::{Difference, DomainKey, Intent, Newcomer, Query, Roster, RosterFormat, Standing, UserKey};

/// The form, for a domain if one is meant.
pub(super) fn form(domain: Option<&DomainKey>) -> Form {
    let fields = vec![
        Field::choice(FieldId::Domain, "Domain", Options::only(Vec::new()))
            .empty("named in each row")
            .help("The domain of the rows that name none in a column of their own."),
        Field::choice(FieldId::Template, "Template", Options::only(Vec::new()))
            .empty("named in each row, or none")
            .help("The template of the rows that name none in a column of their own."),
        Field::line(FieldId::File, "File")
            .empty("e.g. team.csv")
            .help("A CSV, TOML or YAML file with the list; enter reads it into the text below."),
        Field::lines(FieldId::Rows, "List")
            .required()
            .empty("paste it here: one name per line, or CSV with a header")
            .help(
                "One name per line; or CSV whose first line names the columns: name, domain, sso_user, role, \
                 security_groups, template, clone_of, instance, idle_minutes, lifecycle_config, tag:KEY.",
            ),
        Field::findings(FieldId::Found, "Found")
            .help("What would be done with each row. Rows that are wrong are left out and stop no other."),
    ];
    let mut form = Form::new(Subject::Roster, "onboard many users".to_owned(), fields);
    if let Some(domain) = domain {
        form.fill(FieldId::Domain, &domain.arn());
    }
    form
}

/// The people of a text, and of which text, domain, template and fleet they are.
#[derive(Debug, Clone, Default)]
pub(super) struct People {
    of: Option<(u64, String, String, [u64; 2])>,
    newcomers: Vec<Newcomer>,
    /// How the rows of this state of the text stand, once a plan was made of them.
    standings: Option<(u64, Vec<Finding>)>,
}

/// The users of the domain, and the domain in full.
pub(super) fn needs(form: &Form, known: Known<'_>) -> Vec<Query> {
    let chosen = offer::domain_of(known, &form.text(FieldId::Domain));
    let named = form.people.newcomers.iter().map(|newcomer| newcomer.user.domain_key());
    let domains: BTreeSet<DomainKey> =
        chosen.into_iter().chain(named).filter(|domain| known.fleet.domains.get(domain).is_some()).collect();
    let both = |domain: DomainKey| [Query::Domain(domain.clone()), Query::Users(domain)];
    domains.into_iter().flat_map(both).collect()
}

/// Reads the text again where something of it is new.
pub(super) fn refresh(form: &mut Form, known: Known<'_>) {
    let domains = offer::domains(known);
    if let [only] = &domains.items[..] {
        form.preset(FieldId::Domain, &only.value);
    }
    form.offer(FieldId::Domain, domains);
    let templates = newcomer::templates(known);
    form.show(FieldId::Template, !templates.items.is_empty());
    form.offer(FieldId::Template, templates);
    let (domain, template) = (form.text(FieldId::Domain), form.text(FieldId::Template));
    let Some(area) = form.field(FieldId::Rows).and_then(Field::area) else { return };
    let fleet = [known.fleet.users.revision(), known.fleet.domains.revision()];
    let of = (area.revision(), domain, template, fleet);
    if form.people.of.as_ref() == Some(&of) {
        return;
    }
    let (faults, newcomers) = if area.is_blank() {
        (Vec::new(), Vec::new())
    } else {
        read(area, offer::domain_of(known, &of.1).as_ref(), &of.2, known)
    };
    // What a plan has found out holds as long as the text is the same.
    let standings = form.people.standings.take().filter(|(revision, _)| *revision == of.0);
    let findings = match &standings {
        Some((_, rows)) => Findings { rows: rows.clone(), cursor: 0 },
        None => findings(&newcomers, known),
    };
    let counts = counts(&findings.rows);
    if let Some(Field { control: Control::Area(area), .. }) = form.field_mut(FieldId::Rows) {
        area.faults = faults;
    }
    if let Some(field) = form.field_mut(FieldId::Found) {
        field.hidden = findings.rows.is_empty();
        field.note = Some(counts);
        if let Control::Findings(found) = &mut field.control {
            let cursor = found.cursor.min(findings.rows.len().saturating_sub(1));
            *found = Findings { cursor, ..findings };
        }
    }
    form.people = People { of: Some(of), newcomers, standings };
}

/// Takes in how each row stands, compared with what is there in full.
pub(super) fn note_standings(form: &mut Form, differences: &[Difference]) {
    let rows: Vec<Finding> = differences
        .iter()
        .map(|difference| {
            let tone = match difference.standing {
                Standing::Missing | Standing::Unassigned | Standing::Untagged => Tone::Ok,
                Standing::Equal => Tone::Muted,
                Standing::Differs => Tone::Warn,
                Standing::Invalid(_) => Tone::Error,
            };
            let line = difference.line.unwrap_or_default();
            let says = match &difference.standing {
                Standing::Invalid(reasons) => {
                    reasons.iter().map(|reason| placed(reason, line)).collect::<Vec<_>>().join("; ")
                }
                Standing::Differs => {
                    let members = difference.deltas.iter().map(|delta| delta.member.as_str());
                    format!("in {}", members.collect::<Vec<_>>().join(", "))
                }
                _ => difference.notes.join("; "),
            };
            let name = difference.target.name().to_owned();
            Finding { line, name, verdict: difference.standing.word(), tone, says }
        })
        .collect();
    let Some(revision) = form.people.of.as_ref().map(|of| of.0) else { return };
    if let Some(field) = form.field_mut(FieldId::Found) {
        field.note = Some(counts(&rows));
        if let Control::Findings(found) = &mut field.control {
            found.rows.clone_from(&rows);
        }
    }
    form.people.standings = Some((revision, rows));
}

/// The people of a text, and what is wrong with it.
fn read(
    area: &Area,
    domain: Option<&DomainKey>,
    template: &str,
    known: Known<'_>,
) -> (Vec<Fault>, Vec<Newcomer>) {
    match Roster::parse(&area.text(), format(area)) {
        Err(errors) => {
            let fault = |error: crate::fleet::TextError| Fault {
                line: error.line,
                column: error.column,
                message: error.message,
                blocks: true,
            };
            (errors.into_iter().map(fault).collect(), Vec::new())
        }
        Ok(mut roster) => {
            if !template.is_empty() {
                for row in roster.rows.iter_mut().filter(|row| row.template.is_none()) {
                    row.template = Some(template.into());
                }
            }
            let flaws = roster.rows.iter().flat_map(|row| &row.flaws).map(|flaw| Fault {
                line: flaw.line,
                column: flaw.column,
                message: flaw.message.clone(),
                blocks: false,
            });
            let faults = flaws.collect();
            (faults, roster.newcomers(known.fleet, domain, &known.session.templates))
        }
    }
}

/// How the text is written: as the file it is from says, or as it looks.
fn format(area: &Area) -> RosterFormat {
    if let Some(format) = area.from.as_deref().and_then(RosterFormat::of_file) {
        return format;
    }
    let mut lines = area.lines().iter().map(|line| line.trim()).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    if area.lines().iter().any(|line| line.trim() == "[[user]]") {
        RosterFormat::Toml
    } else if first.starts_with("- ") || first == "users:" || first == "---" {
        RosterFormat::Yaml
    } else {
        RosterFormat::Pasted
    }
}

/// What would be done with each, as far as it is known before the plan is made.
fn findings(newcomers: &[Newcomer], known: Known<'_>) -> Findings {
    let taken: HashSet<(DomainKey, String)> = known
        .fleet
        .users
        .iter()
        .map(|user| (user.key.domain_key(), user.key.name.as_str().to_ascii_lowercase()))
        .collect();
    let is_taken =
        |user: &UserKey| taken.contains(&(user.domain_key(), user.name.as_str().to_ascii_lowercase()));
    let rows = newcomers.iter().map(|newcomer| {
        let domain = known.fleet.domain_label(&newcomer.user.domain_key()).to_owned();
        let line = newcomer.line.unwrap_or_default();
        let (verdict, tone, says) = if !newcomer.flaws.is_empty() {
            let flaws: Vec<String> = newcomer.flaws.iter().map(|flaw| placed(flaw, line)).collect();
            ("invalid", Tone::Error, flaws.join("; "))
        } else if is_taken(&newcomer.user) {
            ("exists", Tone::Muted, format!("in {domain}; compared with the plan"))
        } else {
            ("create", Tone::Ok, format!("in {domain}"))
        };
        Finding { line, name: newcomer.user.name.to_string(), verdict, tone, says }
    });
    Findings { rows: rows.collect(), cursor: 0 }
}

/// A flaw that begins with its place, such as `3:14:`, in words; the line stands before it already.
fn placed(flaw: &str, line: usize) -> String {
    let column = flaw.strip_prefix(&format!("{line}:")).and_then(|rest| rest.split_once(": "));
    match column {
        Some((column, said)) if column.parse::<usize>().is_ok() => format!("column {column}: {said}"),
        _ => flaw.to_owned(),
    }
}

fn counts(rows: &[Finding]) -> String {
    let count = |verdict: &str| rows.iter().filter(|row| row.verdict == verdict).count();
    let parts = ["create", "assign", "exists", "equal", "differs", "invalid"]
        .map(|verdict| (verdict, count(verdict)));
    let parts: Vec<String> = parts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| format!("{count} {verdict}"))
        .collect();
    format!("{}: {}", Counted(rows.len(), "row"), parts.join(", "))
}

/// All of them: those that are wrong are left out of the plan, each with its line and reason.
pub(super) fn intent(form: &Form) -> Result<Intent, String> {
    if form.people.newcomers.is_empty() {
        return Err("there is nobody in the list".to_owned());
    }
    Ok(Intent::Onboard(form.people.newcomers.clone()))
}
