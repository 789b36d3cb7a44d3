//! The rows of the fleet as filters, sorting and export see them: values by field.

mod app;
mod domain;
mod space;
mod user;

use std::borrow::Cow;

use super::{
    App, Census, Domain, Field, Fleet, Known, Lists, Name, ObjectKey, ObjectKind, Record, Scope, Space, Sum,
    Timestamp, UserProfile, lower_into, shown_fields,
};

/// The fleet, its census and the time: all that the value of a field depends on.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// All that is known.
    pub fleet: &'a Fleet,
    /// What it adds up to.
    pub census: &'a Census,
    /// The time at which ages are told.
    pub now: Timestamp,
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    rows: Rows<'a>,
    object: Object<'a>,
    position: usize,
    haystack: Option<&'a str>,
}

/// What a row is of.
#[derive(Debug, Clone, Copy)]
enum Object<'a> {
    Domain(&'a Domain),
    User(&'a UserProfile),
    Space(&'a Space),
    App(&'a App),
}

impl<'a> Rows<'a> {
    /// How many rows of a kind there are.
    pub fn len(&self, kind: ObjectKind) -> usize {
        match kind {
            ObjectKind::Domain => self.fleet.domains.len(),
            ObjectKind::User => self.fleet.users.len(),
            ObjectKind::Space => self.fleet.spaces.len(),
            ObjectKind::App => self.fleet.apps.len(),
        }
    }

    /// The row of a kind at a position.
    pub fn row(self, kind: ObjectKind, position: usize) -> Option<Row<'a>> {
        let object = match kind {
            ObjectKind::Domain => Object::Domain(self.fleet.domains.at(position)?),
            ObjectKind::User => Object::User(self.fleet.users.at(position)?),
            ObjectKind::Space => Object::Space(self.fleet.spaces.at(position)?),
            ObjectKind::App => Object::App(self.fleet.apps.at(position)?),
        };
        Some(Row { rows: self, object, position, haystack: None })
    }

    /// All rows of a kind, by position.
    pub fn of(self, kind: ObjectKind) -> impl Iterator<Item = Row<'a>> {
        (0..self.len(kind)).filter_map(move |position| self.row(kind, position))
    }

    fn domain_at(self, position: Option<u32>) -> Option<&'a Domain> {
        self.fleet.domains.at(position? as usize)
    }
}

impl<'a> Row<'a> {
    /// The same row with its shown cells as they were put together before; see [`Haystack`](super::Haystack).
    #[must_use]
    pub fn with_shown(self, haystack: &'a str) -> Self {
        Self { haystack: Some(haystack), ..self }
    }

    /// Its position on the shelf of its kind.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Its key.
    pub fn key(&self) -> ObjectKey {
        match self.object {
            Object::Domain(row) => ObjectKey::Domain(row.key.clone()),
            Object::User(row) => ObjectKey::User(row.key.clone()),
            Object::Space(row) => ObjectKey::Space(row.key.clone()),
            Object::App(row) => ObjectKey::App(row.key.clone()),
        }
    }

    /// What kind of object it is.
    pub fn kind(&self) -> ObjectKind {
        match self.object {
            Object::Domain(_) => ObjectKind::Domain,
            Object::User(_) => ObjectKind::User,
            Object::Space(_) => ObjectKind::Space,
            Object::App(_) => ObjectKind::App,
        }
    }

    /// The number to sort by. Unlike [`Record::number`], a sum of which only a part is known ranks by that part.
    pub fn rank(&self, field: Field) -> Option<f64> {
        let sum = match self.object {
            Object::Domain(_) => self.rows.census.domain(self.rows.fleet, self.position),
            Object::User(_) => self.rows.census.user(self.rows.fleet, self.position),
            Object::Space(_) => self.rows.census.space(self.rows.fleet, self.position),
            Object::App(_) => None,
        };
        match (field, sum) {
            (Field::Cost, Some(sum)) => Some(sum.burn),
            (Field::IdleCost, Some(sum)) => Some(sum.idle_burn),
            (Field::Users, Some(sum)) => Some(f64::from(sum.users)),
            (Field::Spaces, Some(sum)) => Some(f64::from(sum.spaces)),
            (Field::Apps, Some(sum)) => Some(f64::from(sum.running)),
            (Field::AllApps, Some(sum)) => Some(f64::from(sum.apps)),
            _ => self.number(field).value(),
        }
    }

    /// Appends the cells of text fields in lower case, as plain words are looked for in them.
    pub fn write_shown(&self, fields: &[Field], out: &mut String) {
        for field in fields {
            match self.text(*field) {
                Known::Value(text) => lower_into(out, &text),
                Known::Unknown if *field == Field::Idle => lower_into(out, "unknown"),
                Known::Absent | Known::Unknown => {}
            }
        }
    }

    fn scope(&self) -> &'a Scope {
        match self.object {
            Object::Domain(row) => &row.key.scope,
            Object::User(row) => &row.key.scope,
            Object::Space(row) => &row.key.scope,
            Object::App(row) => &row.key.scope,
        }
    }

    /// Seconds since an instant; none for one that is still to come.
    fn age(&self, then: Timestamp) -> f64 {
        self.rows.now.duration_since(then).as_secs_f64().max(0.0)
    }

    /// Seconds since creation, which AWS always tells, or else we do not know.
    fn age_of(&self, created: Option<Timestamp>) -> Known<f64> {
        created.map_or(Known::Unknown, |created| Known::Value(self.age(created)))
    }

    /// Which lists of a domain were seen to their end.
    fn lists(&self, domain: Option<usize>) -> Lists {
        domain.map(|position| self.rows.census.lists(self.rows.fleet, position)).unwrap_or_default()
    }
}

impl Record for Row<'_> {
    fn shown(&self) -> Cow<'_, str> {
        if let Some(haystack) = self.haystack {
            return Cow::Borrowed(haystack);
        }
        let mut out = String::new();
        self.write_shown(shown_fields(self.kind()), &mut out);
        Cow::Owned(out)
    }

    fn text(&self, field: Field) -> Known<Cow<'_, str>> {
        match field {
            Field::Region => return known(self.scope().region().as_str()),
            Field::Account => return known(self.rows.fleet.account_label(self.scope().account())),
            _ => {}
        }
        match self.object {
            Object::Domain(row) => domain::text(row, field),
            Object::User(row) => user::text(self, row, field),
            Object::Space(row) => space::text(self, row, field),
            Object::App(row) => app::text(self, row, field),
        }
    }

    fn number(&self, field: Field) -> Known<f64> {
        match self.object {
            Object::Domain(row) => domain::number(self, row, field),
            Object::User(row) => user::number(self, row, field),
            Object::Space(row) => space::number(self, row, field),
            Object::App(row) => app::number(self, row, field),
        }
    }

    fn at_least(&self, field: Field) -> Option<f64> {
        self.rank(field)
    }

    fn tag(&self, key: &str) -> Known<Cow<'_, str>> {
        let Some(tags) = self.rows.fleet.tags.get(&self.key()) else { return Known::Unknown };
        // AWS tells keys apart by case; a person who types a filter may not.
        let tag = tags
            .iter()
            .find(|tag| *tag.key == *key)
            .or_else(|| tags.iter().find(|tag| tag.key.eq_ignore_ascii_case(key)));
        tag.map(|tag| Cow::Borrowed(&*tag.value)).into()
    }
}

fn known(text: &str) -> Known<Cow<'_, str>> {
    Known::Value(Cow::Borrowed(text))
}

fn optional(text: Option<&str>) -> Known<Cow<'_, str>> {
    text.map(Cow::Borrowed).into()
}

/// The name of a domain, or its id where it has none.
fn domain_name<'a>(domain: Option<&'a Domain>, id: &'a str) -> &'a str {
    domain.and_then(|domain| domain.name.as_ref()).map_or(id, Name::as_str)
}

/// The last part of an ARN, or the whole of anything else.
fn tail(arn: &str) -> &str {
    arn.rsplit(['/', ':']).next().unwrap_or(arn)
}

/// A detail that only a description tells: unknown until it was read.
fn told<'a, D>(detail: Option<&'a D>, get: impl FnOnce(&'a D) -> Option<&'a str>) -> Known<Cow<'a, str>> {
    match detail {
        None => Known::Unknown,
        Some(detail) => optional(get(detail)),
    }
}

/// Figures that hold only once the list they are counted from was seen to its end.
fn counted<T>(sum: Option<&Sum>, complete: bool, figure: impl Fn(&Sum) -> Known<T>) -> Known<T> {
    match sum {
        Some(sum) if complete => figure(sum),
        _ => Known::Unknown,
    }
}

/// Why something failed: nothing where it did not.
fn reason(fault: bool, told: Known<Cow<'_, str>>) -> Known<Cow<'_, str>> {
    if fault || matches!(told, Known::Value(_)) { told } else { Known::Absent }
}

#[cfg(test)]
mod tests;
