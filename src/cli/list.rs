//! `domains|users|spaces|apps list`: rows that a filter shows, in an order, with columns.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::arguments::{ListArguments, Output};
use super::exit::Exit;
use super::failure::{Failure, note, print};
use super::gather::{Gathered, Wanted, gaps_told};
use super::setup::Setup;
use crate::aws::Gateway;
use crate::fleet::wording::Counted;
use crate::fleet::{
    Census, Field, FieldKind, FieldSpec, Filter, Needs, ObjectKey, ObjectKind, Record as _, Row, Rows, Sheet,
    SheetFormat, Timestamp, Truth, fields, suggestion,
};
use crate::report;

/// The columns that are printed unless others are asked for: those that the lists tell, and whether an app is
/// idle. What takes one question per row has to be asked for by name. Adding a column at the end breaks no
/// script; taking one away does.
pub fn default_columns(kind: ObjectKind) -> &'static [Field] {
    use Field::{
        Account, Activity, Age, App, Apps, Auth, Cost, Domain, DomainId, Ebs, Idle, Instance, Name, Network,
        Owner, Region, Sharing, Spaces, Status, Storage, Type, Uptime, Users,
    };
    match kind {
        ObjectKind::Domain => {
            &[Domain, DomainId, Status, Auth, Network, Users, Spaces, Apps, Cost, Age, Account, Region]
        }
        ObjectKind::User => &[Name, Domain, Status, Apps, Spaces, Cost, Age, Account, Region],
        ObjectKind::Space => {
            &[Name, Owner, Domain, Sharing, Type, Status, Ebs, Storage, App, Age, Account, Region]
        }
        ObjectKind::App => {
            &[Owner, Domain, Type, Name, Status, Instance, Cost, Uptime, Activity, Idle, Account, Region]
        }
    }
}

/// What is asked for, understood before anything is read.
#[derive(Debug)]
pub(super) struct Selection {
    /// The kind of rows.
    pub(super) kind: ObjectKind,
    filter: Filter,
    sort: (&'static FieldSpec, bool),
    columns: Vec<&'static FieldSpec>,
    /// What is read besides, as far as it can be.
    also: Needs,
    /// The one domain that is looked at.
    domain: Option<String>,
    is_for_plan: bool,
}

impl Selection {
    /// Understands what is asked for.
    ///
    /// # Errors
    ///
    /// What is wrong with the filter, the sort or the columns.
    pub(super) fn new(kind: ObjectKind, arguments: &ListArguments) -> Result<Self, Failure> {
        let columns = match arguments.columns.as_slice() {
            [] => default_columns(kind).iter().filter_map(|field| spec_of(kind, *field)).collect(),
            [all] if all == "all" => fields(kind).iter().collect(),
            names => names.iter().map(|name| called(kind, "--columns", name)).collect::<Result<_, _>>()?,
        };
        let filter = filter(kind, &arguments.filter)?;
        let sort = sort(kind, arguments)?;
        Ok(Self { kind, filter, sort, columns, also: Needs::NONE, domain: None, is_for_plan: false })
    }

    /// The rows a filter shows, to make a plan of: with what the plan warns of and what it saves.
    ///
    /// # Errors
    ///
    /// What is wrong with the filter.
    pub(super) fn for_plan(kind: ObjectKind, text: &str, domain: Option<&str>) -> Result<Self, Failure> {
        let arguments = ListArguments { filter: text.to_owned(), ..ListArguments::default() };
        // Further details the plan itself asks for.
        let also = Needs::PRICES;
        let domain = domain.map(str::to_owned);
        Ok(Self { columns: Vec::new(), also, domain, is_for_plan: true, ..Self::new(kind, &arguments)? })
    }

    /// Which details matter so much that not having them makes the result incomplete. Prices do only where the
    /// filter asks for them: a price that is not known is shown as not known.
    fn matter(&self) -> Needs {
        let shown = self.columns.iter().fold(self.sort.0.needs, |needs, spec| needs.and(spec.needs));
        self.filter.needs().and(Needs { prices: false, ..shown })
    }

    /// Which details have to be read.
    fn needs(&self) -> Needs {
        let shown = self.columns.iter().fold(self.sort.0.needs, |needs, spec| needs.and(spec.needs));
        self.filter.needs().and(shown).and(self.also)
    }

    /// Reads the fleet as far as this selection needs it.
    ///
    /// # Errors
    ///
    /// If there is nobody to ask, or nowhere.
    pub(super) async fn gather(&self, gateway: &Gateway, setup: &Setup) -> Result<Selected, Failure> {
        let wanted = Wanted {
            kind: self.kind,
            needs: self.needs(),
            domain: self.domain.as_deref(),
            is_for_plan: self.is_for_plan,
            kept: setup.records(),
        };
        let mut gathered = Gathered::lists(gateway, wanted).await?;
        let rule = setup.idle_rule();
        let now = Timestamp::now();
        let census = Census::take(&gathered.fleet, now, rule, None);
        // Details of rows that the filter does not show whatever they are would be read for nothing.
        let rows = Rows { fleet: &gathered.fleet, census: &census, now };
        let possible: Vec<ObjectKey> = rows
            .of(self.kind)
            .filter(|row| self.filter.truth(row) != Truth::False)
            .map(|row| row.key())
            .collect();
        gathered.details(self.needs(), &possible).await;
        let now = Timestamp::now();
        let census = Census::take(&gathered.fleet, now, rule, Some(&census));
        let rows = Rows { fleet: &gathered.fleet, census: &census, now };
        let mut shown = Vec::new();
        let mut unknown = 0;
        for row in rows.of(self.kind) {
            match self.filter.truth(&row) {
                Truth::True => shown.push(row),
                Truth::Unknown => unknown += 1,
                Truth::False => {}
            }
        }
        shown.sort_by_cached_key(|row| self.place(row));
        let positions = shown.iter().map(Row::position).collect();
        let exit = gathered.exit(self.matter());
        Ok(Selected { gathered, census, now, positions, exit, unknown })
    }

    fn place(&self, row: &Row<'_>) -> Placed {
        let (spec, descending) = self.sort;
        let key = if spec.kind == FieldKind::Text {
            (row.text(spec.field).value().map(|text| text.to_lowercase()), None)
        } else {
            (None, row.rank(spec.field))
        };
        Placed { key, descending }
    }

    /// The rows as typed values under the columns asked for.
    pub(super) fn sheet(&self, selected: &Selected) -> Sheet {
        let mut sheet = Sheet::new(self.columns.iter().copied());
        for row in selected.rows(self.kind) {
            sheet.push(&row, self.columns.iter().map(|spec| spec.field));
        }
        sheet
    }
}

/// The rows that were asked for, and all that is known around them.
#[derive(Debug)]
pub(super) struct Selected {
    /// The fleet, and what could not be read of it.
    pub(super) gathered: Gathered,
    /// The fleet counted.
    pub(super) census: Census,
    /// The time it was counted for.
    pub(super) now: Timestamp,
    /// The positions of the rows, in order.
    pub(super) positions: Vec<usize>,
    /// The exit code that what could not be read leads to.
    pub(super) exit: Exit,
    /// How many more rows there are of which it is not known whether the filter shows them.
    pub(super) unknown: usize,
}

impl Selected {
    /// The rows, in order.
    pub(super) fn rows(&self, kind: ObjectKind) -> impl Iterator<Item = Row<'_>> {
        let rows = Rows { fleet: &self.gathered.fleet, census: &self.census, now: self.now };
        self.positions.iter().filter_map(move |position| rows.row(kind, *position))
    }

    /// Says on stderr what is not known.
    pub(super) fn tell_gaps(&self, kind: ObjectKind) {
        for line in gaps_told(&self.gathered.gaps) {
            note("not complete", &line);
        }
        if self.unknown > 0 {
            let rows = Counted(self.unknown, kind.singular());
            note(
                "note",
                &format!("{rows} left out, because what the filter asks about is not known of them"),
            );
        }
    }
}

/// A row's place in the order. What is not known or does not exist comes last, whichever way the order runs.
#[derive(Debug, PartialEq)]
struct Placed {
    key: (Option<String>, Option<f64>),
    descending: bool,
}

impl Eq for Placed {}

impl PartialOrd for Placed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Placed {
    fn cmp(&self, other: &Self) -> Ordering {
        let turned = |order: Ordering| if self.descending { order.reverse() } else { order };
        let text = match (&self.key.0, &other.key.0) {
            (Some(left), Some(right)) => turned(left.cmp(right)),
            (left, right) => right.is_some().cmp(&left.is_some()),
        };
        text.then_with(|| match (self.key.1, other.key.1) {
            (Some(left), Some(right)) => turned(left.total_cmp(&right)),
            (left, right) => right.is_some().cmp(&left.is_some()),
        })
    }
}

/// `... list`.
///
/// # Errors
///
/// What is wrong with what was asked for, or why nothing could be read.
pub(super) async fn list(
    kind: ObjectKind,
    arguments: &ListArguments,
    setup: &Setup,
) -> Result<Exit, Failure> {
    let selection = Selection::new(kind, arguments)?;
    let gateway = Gateway::new(setup.settings.clone());
    let selected = selection.gather(&gateway, setup).await?;
    print(&report::render(&selection.sheet(&selected), format(arguments.output.output))?)?;
    selected.tell_gaps(kind);
    Ok(selected.exit)
}

/// The format of an output.
pub(super) fn format(output: Output) -> SheetFormat {
    match output {
        Output::Table => SheetFormat::Table,
        Output::Json => SheetFormat::Json,
        Output::Csv => SheetFormat::Csv,
        Output::Markdown => SheetFormat::Markdown,
    }
}

fn filter(kind: ObjectKind, text: &str) -> Result<Filter, Failure> {
    Filter::parse(text, fields(kind)).map_err(|error| Failure::filter("--filter", text, &error))
}

fn sort(kind: ObjectKind, arguments: &ListArguments) -> Result<(&'static FieldSpec, bool), Failure> {
    let usual = if kind == ObjectKind::App { "cost:desc" } else { "name:asc" };
    let text = arguments.sort.as_deref().unwrap_or(usual);
    let (name, order) = text.split_once(':').map_or((text, None), |(name, order)| (name, Some(order)));
    let spec = called(kind, "--sort", name)?;
    match order {
        // The greatest figure first, as in the console.
        None => Ok((spec, spec.kind != FieldKind::Text)),
        Some("asc") => Ok((spec, false)),
        Some("desc") => Ok((spec, true)),
        Some(other) => Err(Failure::usage(format!("--sort: the order is `asc` or `desc`, not `{other}`"))),
    }
}

fn spec_of(kind: ObjectKind, field: Field) -> Option<&'static FieldSpec> {
    fields(kind).iter().find(|spec| spec.field == field)
}

fn called(kind: ObjectKind, flag: &str, name: &str) -> Result<&'static FieldSpec, Failure> {
    fields(kind).iter().find(|spec| spec.is_called(name)).ok_or_else(|| {
        let names: BTreeSet<&str> = fields(kind).iter().map(|spec| spec.name).collect();
        let hint = suggestion(name, names.iter().copied());
        let all = names.into_iter().collect::<Vec<_>>().join(", ");
        Failure::usage(format!("{flag}: {} have no column `{name}`{hint}; they have {all}", kind.plural()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(kind: ObjectKind, arguments: &ListArguments) -> Result<Selection, Failure> {
        Selection::new(kind, arguments)
    }

    #[test]
    fn every_default_column_exists() {
        for kind in ObjectKind::ALL {
            let found = selection(kind, &ListArguments::default()).unwrap().columns.len();
            assert_eq!(found, default_columns(kind).len(), "{kind:?}");
        }
    }

    #[test]
    fn what_is_not_there_is_named_before_anything_is_read() {
        let sort = |text: &str| ListArguments { sort: Some(text.to_owned()), ..ListArguments::default() };
        let columns =
            |text: &str| ListArguments { columns: vec![text.to_owned()], ..ListArguments::default() };
        for (arguments, told) in [
            (sort("cst"), "did you mean `cost`?"),
            (sort("cost:up"), "`asc` or `desc`"),
            (columns("ownr"), "did you mean `owner`?"),
            (ListArguments { filter: "idle>".to_owned(), ..ListArguments::default() }, "--filter"),
        ] {
            let failure = selection(ObjectKind::App, &arguments).unwrap_err();
            assert_eq!(failure.exit, Exit::Usage);
            assert!(failure.message.contains(told), "{}", failure.message);
        }
    }

    #[test]
    fn only_what_is_asked_for_is_needed() {
        let columns = |names: &[&str]| ListArguments {
            columns: names.iter().map(|name| (*name).to_owned()).collect(),
            sort: Some("name".to_owned()),
            ..ListArguments::default()
        };
        let needs = |arguments: &ListArguments| selection(ObjectKind::App, arguments).unwrap().needs();
        assert_eq!(needs(&columns(&["name", "status"])), Needs::NONE);
        assert!(needs(&columns(&["name", "idle"])).activity);
        assert!(needs(&ListArguments { filter: "tag.team:nlp".to_owned(), ..columns(&["name"]) }).tags);
    }

    #[test]
    fn what_is_not_known_comes_last_in_either_order() {
        for descending in [false, true] {
            let placed = |number| Placed { key: (None, number), descending };
            let mut all = [placed(None), placed(Some(1.0)), placed(Some(2.0))];
            all.sort();
            assert_eq!(all[2], placed(None));
            assert_eq!(all[0], placed(Some(if descending { 2.0 } else { 1.0 })));
        }
    }
}
