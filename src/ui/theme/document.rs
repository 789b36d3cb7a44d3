//! One theme file, read and checked by itself. Knows nothing of other themes, depths or fallbacks.

use std::collections::BTreeMap;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use ratatui::style::{Color, Modifier};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Variant;
use super::error::{Place, ThemeError};
use super::role::Role;
use crate::fleet::suggestion;

/// What a theme file says.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) name: String,
    pub(super) variant: Variant,
    pub(super) license: String,
    pub(super) author: String,
    /// The theme it builds on, and where it says so.
    pub(super) inherits: Option<(String, Place)>,
    pub(super) palette: BTreeMap<String, Color>,
    pub(super) roles: BTreeMap<Role, Paint>,
    /// Replacements for a terminal of sixteen colours.
    pub(super) ansi16: BTreeMap<Role, Paint>,
    /// Where an error about the file as a whole is shown.
    pub(super) start: Place,
}

/// How a role is painted; colours may still be names of the palette.
#[derive(Debug, Clone, Default)]
pub(super) struct Paint {
    pub(super) fg: Option<Ink>,
    pub(super) bg: Option<Ink>,
    pub(super) mods: Modifier,
}

/// A colour as written.
#[derive(Debug, Clone)]
pub(super) enum Ink {
    /// A literal: `"#rrggbb"` or an index.
    Literal(Color),
    /// A name of the palette, an ANSI name, or `default`; and where it stands.
    Name(String, Place),
}

impl Ink {
    /// The colour meant, looking names up in `palette` first.
    pub(super) fn resolve(&self, palette: &BTreeMap<String, Color>) -> Result<Color, ThemeError> {
        match self {
            Self::Literal(color) => Ok(*color),
            Self::Name(name, place) => {
                palette.get(name).copied().or_else(|| ansi_name(name)).ok_or_else(|| ThemeError::Invalid {
                    place: place.clone(),
                    message: format!(
                        "`{name}` is neither in [palette] nor an ANSI colour name{}",
                        suggestion(name, palette.keys().map(String::as_str).chain(ANSI_NAMES))
                    ),
                })
            }
        }
    }
}

impl Document {
    /// Reads the text of a theme file. `file` is what errors call it.
    pub(super) fn parse(file: &str, text: &str) -> Result<Self, ThemeError> {
        let reader = Reader { file: Arc::from(file), text };
        let root = DeTable::parse(text).map_err(|error| {
            reader.refuse(error.span().unwrap_or(0..0), "", error.message().trim_end().replace('\n', "; "))
        })?;
        reader.document(root.get_ref())
    }
}

const TOP: [&str; 8] = ["schema", "name", "variant", "license", "author", "inherits", "palette", "roles"];

const ANSI_NAMES: [&str; 17] = [
    "default",
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "gray",
    "darkgray",
    "lightred",
    "lightgreen",
    "lightyellow",
    "lightblue",
    "lightmagenta",
    "lightcyan",
    "white",
];

const MODIFIERS: [(&str, Modifier); 6] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underlined", Modifier::UNDERLINED),
    ("reversed", Modifier::REVERSED),
    ("crossed_out", Modifier::CROSSED_OUT),
];

/// The colour of an ANSI name; `default` is the terminal's own.
fn ansi_name(name: &str) -> Option<Color> {
    if name == "default" {
        return Some(Color::Reset);
    }
    if !ANSI_NAMES.contains(&name) {
        return None;
    }
    Color::from_str(name).ok()
}

/// The file being read; turns spans into places.
struct Reader<'a> {
    file: Arc<str>,
    text: &'a str,
}

impl Reader<'_> {
    fn place(&self, span: &Range<usize>, key: &str) -> Place {
        let before = self.text.get(..span.start.min(self.text.len())).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Place {
            file: Arc::clone(&self.file),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            key: key.to_owned(),
        }
    }

    fn refuse(&self, span: Range<usize>, key: &str, message: impl Into<String>) -> ThemeError {
        ThemeError::Invalid { place: self.place(&span, key), message: message.into() }
    }

    fn document(&self, root: &DeTable<'_>) -> Result<Document, ThemeError> {
        for (key, _) in root {
            let name = key.get_ref().as_ref();
            if !TOP.contains(&name) && name != "ansi16" {
                let near = suggestion(name, TOP.into_iter().chain(["ansi16"]));
                return Err(self.refuse(key.span(), name, format!("unknown key{near}")));
            }
        }
        let schema = self.required(root, "schema")?;
        if integer(schema.get_ref()) != Some(1) {
            return Err(self.refuse(schema.span(), "schema", "this version reads schema 1"));
        }
        let variant = self.required(root, "variant")?;
        let variant = match variant.get_ref().as_str() {
            Some("dark") => Variant::Dark,
            Some("light") => Variant::Light,
            _ => return Err(self.refuse(variant.span(), "variant", "must be \"dark\" or \"light\"")),
        };
        let inherits = match root.get("inherits") {
            Some(value) => Some((self.string(value, "inherits")?, self.place(&value.span(), "inherits"))),
            None => None,
        };
        Ok(Document {
            name: self.string(self.required(root, "name")?, "name")?,
            variant,
            license: self.optional_string(root, "license")?,
            author: self.optional_string(root, "author")?,
            inherits,
            palette: self.palette(root)?,
            roles: self.roles(root, "roles", false)?,
            ansi16: self.roles(root, "ansi16", true)?,
            start: self.place(&(0..0), "roles"),
        })
    }

    fn required<'t, 'i>(
        &self,
        root: &'t DeTable<'i>,
        key: &str,
    ) -> Result<&'t Spanned<DeValue<'i>>, ThemeError> {
        root.get(key).ok_or_else(|| self.refuse(0..0, key, "missing"))
    }

    fn string(&self, value: &Spanned<DeValue<'_>>, key: &str) -> Result<String, ThemeError> {
        let text = value.get_ref().as_str().map(str::to_owned);
        text.ok_or_else(|| self.refuse(value.span(), key, "must be a string"))
    }

    fn optional_string(&self, root: &DeTable<'_>, key: &str) -> Result<String, ThemeError> {
        root.get(key).map_or_else(|| Ok(String::new()), |value| self.string(value, key))
    }

    fn palette(&self, root: &DeTable<'_>) -> Result<BTreeMap<String, Color>, ThemeError> {
        let none = BTreeMap::new();
        let mut palette = BTreeMap::new();
        for (name, value) in self.table(root, "palette")?.into_iter().flatten() {
            let key = format!("palette.{}", name.get_ref());
            // A palette name never refers to another one, so there is no order to get wrong.
            let color = self.ink(value, &key, false)?.resolve(&none)?;
            palette.insert(name.get_ref().to_string(), color);
        }
        Ok(palette)
    }

    fn roles(
        &self,
        root: &DeTable<'_>,
        table: &str,
        ansi_only: bool,
    ) -> Result<BTreeMap<Role, Paint>, ThemeError> {
        let mut roles = BTreeMap::new();
        for (name, value) in self.table(root, table)?.into_iter().flatten() {
            let key = format!("{table}.{}", name.get_ref());
            let Some(role) = Role::named(name.get_ref()) else {
                let near = suggestion(name.get_ref(), Role::ALL.iter().map(|role| role.name()));
                return Err(self.refuse(name.span(), &key, format!("unknown role{near}")));
            };
            roles.insert(role, self.paint(role, value, &key, ansi_only)?);
        }
        Ok(roles)
    }

    fn table<'t, 'i>(&self, root: &'t DeTable<'i>, key: &str) -> Result<Option<&'t DeTable<'i>>, ThemeError> {
        let Some(value) = root.get(key) else { return Ok(None) };
        value.get_ref().as_table().map(Some).ok_or_else(|| self.refuse(value.span(), key, "must be a table"))
    }

    fn paint(
        &self,
        role: Role,
        value: &Spanned<DeValue<'_>>,
        key: &str,
        ansi_only: bool,
    ) -> Result<Paint, ThemeError> {
        let Some(table) = value.get_ref().as_table() else {
            let ink = Some(self.ink(value, key, ansi_only)?);
            return Ok(if role.is_surface() {
                Paint { bg: ink, ..Paint::default() }
            } else {
                Paint { fg: ink, ..Paint::default() }
            });
        };
        let mut paint = Paint::default();
        for (part, value) in table {
            let name = part.get_ref().as_ref();
            let key = format!("{key}.{name}");
            match name {
                "fg" => paint.fg = Some(self.ink(value, &key, ansi_only)?),
                "bg" => paint.bg = Some(self.ink(value, &key, ansi_only)?),
                "mods" => paint.mods = self.modifiers(value, &key)?,
                _ => {
                    let near = suggestion(name, ["fg", "bg", "mods"]);
                    return Err(self.refuse(part.span(), &key, format!("unknown key{near}")));
                }
            }
        }
        Ok(paint)
    }

    fn ink(&self, value: &Spanned<DeValue<'_>>, key: &str, ansi_only: bool) -> Result<Ink, ThemeError> {
        let refuse = |message: &str| self.refuse(value.span(), key, message);
        let highest = if ansi_only { 15 } else { 255 };
        if let Some(number) = integer(value.get_ref()) {
            return match u8::try_from(number) {
                Ok(index) if index <= highest => Ok(Ink::Literal(Color::Indexed(index))),
                _ => Err(refuse(&format!("a colour index goes from 0 to {highest}"))),
            };
        }
        let Some(text) = value.get_ref().as_str() else {
            return Err(refuse("must be a colour: a palette name, \"#rrggbb\", an index or an ANSI name"));
        };
        let Some(hex) = text.strip_prefix('#') else {
            return Ok(Ink::Name(text.to_owned(), self.place(&value.span(), key)));
        };
        if ansi_only {
            return Err(refuse("a terminal of sixteen colours has only ANSI names and the indices 0 to 15"));
        }
        match u32::from_str_radix(hex, 16) {
            Ok(rgb) if hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                Ok(Ink::Literal(Color::from_u32(rgb)))
            }
            _ => Err(refuse("must be # and six hexadecimal digits")),
        }
    }

    fn modifiers(&self, value: &Spanned<DeValue<'_>>, key: &str) -> Result<Modifier, ThemeError> {
        let Some(names) = value.get_ref().as_array() else {
            return Err(self.refuse(value.span(), key, "must be a list, such as [\"bold\"]"));
        };
        let mut modifiers = Modifier::empty();
        for name in names {
            let text = self.string(name, key)?;
            let Some((_, modifier)) = MODIFIERS.iter().find(|(known, _)| *known == text) else {
                let near = suggestion(&text, MODIFIERS.map(|(known, _)| known));
                return Err(self.refuse(name.span(), key, format!("`{text}` is not a modifier{near}")));
            };
            modifiers |= *modifier;
        }
        Ok(modifiers)
    }
}

fn integer(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}
