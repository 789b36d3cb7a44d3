//! The form that onboards many users from a list: pasted, typed, or read from a file.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::{
    Area, Control, Fault, Field, FieldId, Finding, Findings, Form, Known, Options, Subject, newcomer, offer,
};
use crate::console::Tone;
use crate::fleet::wording::Counted;
use crate::fleet::{
    Difference, DomainKey, Intent, Newcomer, Query, Roster, RosterFormat, Standing, TextError, Timestamp,
    UserKey,
};

/// After how many milliseconds the rows are compared again with users that go on coming in.
const COMPARED: i64 = 1_000;

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

/// A text that was read, or what makes it unreadable.
type Read = Result<Roster, Vec<TextError>>;

/// State of the text, domain, template, and states of users and domains.
type Of = (u64, String, String, [u64; 2]);

/// The people of a text, and of which text, domain, template and fleet they are.
#[derive(Debug, Clone, Default)]
pub(super) struct People {
    /// What the text says, and which state of it that is.
    read: Option<(u64, Arc<Read>)>,
    /// When it was compared with the fleet.
    compared: Timestamp,
    of: Option<Of>,
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

/// Reads the text again where something of it is new, and compares it again where something else is.
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
    let before = |of: &Of| (of.0, of.1.clone(), of.2.clone(), of.3[1]);
    if form.people.of.as_ref().map(before) == Some(before(&of)) {
        // A long list of users comes in many pages a second, and nobody can read that fast.
        let since = known.now.as_millisecond().saturating_sub(form.people.compared.as_millisecond());
        if (0..COMPARED).contains(&since) {
            form.stale = true;
            return;
        }
    }
    let read = match &form.people.read {
        Some((revision, read)) if *revision == of.0 => Arc::clone(read),
        _ => Arc::new(Roster::parse(&area.text(), format(area))),
    };
    let (faults, newcomers) = if area.is_blank() {
        (Vec::new(), Vec::new())
    } else {
        people(&read, offer::domain_of(known, &of.1).as_ref(), &of.2, known)
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
    form.people =
        People { read: Some((of.0, read)), compared: known.now, of: Some(of), newcomers, standings };
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

/// The people of a text that was read, and what is wrong with it.
fn people(
    read: &Read,
    domain: Option<&DomainKey>,
    template: &str,
    known: Known<'_>,
) -> (Vec<Fault>, Vec<Newcomer>) {
    let fault = |error: &TextError, blocks| Fault {
        line: error.line,
        column: error.column,
        message: error.message.clone(),
        blocks,
    };
    match read {
        Err(errors) => (errors.iter().map(|error| fault(error, true)).collect(), Vec::new()),
        Ok(roster) => {
            let flaws = roster.rows.iter().flat_map(|row| &row.flaws);
            let faults = flaws.map(|flaw| fault(flaw, false)).collect();
            let templates = &known.session.templates;
            if template.is_empty() {
                return (faults, roster.newcomers(known.fleet, domain, templates));
            }
            let mut roster = roster.clone();
            for row in roster.rows.iter_mut().filter(|row| row.template.is_none()) {
                row.template = Some(template.into());
            }
            (faults, roster.newcomers(known.fleet, domain, templates))
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    use crate::console::{Session, WriteMode};
    use crate::fleet::{Answer, Ceilings, Fleet, IdleRule, Name, Page, Templates, Thresholds, sample};

    fn session() -> Session {
        Session {
            profiles: Vec::new(),
            regions: Vec::new(),
            known_profiles: Vec::new(),
            themes: Vec::new(),
            endpoint: None,
            demo: None,
            write: WriteMode::Locked,
            auto_refresh: true,
            idle: IdleRule::default(),
            ceilings: Ceilings::default(),
            protected: Vec::new(),
            protected_tags: Vec::new(),
            thresholds: Thresholds::default(),
            templates: Templates::new(),
            saved: BTreeMap::new(),
            budgets: Vec::new(),
            services: Vec::new(),
            refresh_seconds: 60,
        }
    }

    fn found(form: &Form) -> Vec<&str> {
        match form.field(FieldId::Found).map(|field| &field.control) {
            Some(Control::Findings(found)) => found.rows.iter().map(|row| row.verdict).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn pages_of_users_that_come_in_make_no_text_be_read_again_and_are_compared_once_a_second() {
        let session = session();
        let mut fleet = sample::fleet(vec![], vec![], vec![]);
        let mut form = form(Some(&sample::domain_key()));
        let rows: Vec<String> = (0..50).map(|row| format!("user-{row}")).collect();
        form.take_file("team.txt", rows.join("\n").as_bytes()).unwrap();
        let at = |ms: i64| Timestamp::from_millisecond(sample::now().as_millisecond() + ms).unwrap();
        let refreshed = |form: &mut Form, fleet: &Fleet, ms| {
            form.refresh(Known { fleet, session: &session, now: at(ms) });
        };
        refreshed(&mut form, &fleet, 0);
        assert_eq!(found(&form), ["create"; 50]);
        let read = form.people.read.clone().unwrap().1;
        for page in 0..50 {
            let mut user = sample::user("anna");
            user.key.name = Name::new(&format!("user-{page}"));
            let answer = Answer::Users(Page { first: page == 0, last: page == 49, rows: vec![user] });
            let ms = i64::try_from(page).unwrap() * 100;
            fleet.absorb(&Query::Users(sample::domain_key()), answer, at(ms));
            refreshed(&mut form, &fleet, ms);
            let exist = found(&form).iter().filter(|verdict| **verdict == "exists").count();
            assert_eq!(exist, (page / 10) * 10 + usize::from(page >= 10), "page {page}");
            assert_eq!(form.stale, page % 10 != 0 || page == 0, "page {page}: the rest is to follow");
        }
        refreshed(&mut form, &fleet, 6_000);
        assert_eq!(found(&form), ["exists"; 50]);
        assert!(Arc::ptr_eq(&read, &form.people.read.clone().unwrap().1), "read once");
        form.take_file("team.txt", b"ben\n").unwrap();
        refreshed(&mut form, &fleet, 6_001);
        assert_eq!(found(&form), ["create"], "another text is taken at once");
    }
}
