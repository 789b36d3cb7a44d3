//! The themes there are: the built-in ones and the user's over them. Reads no file: texts come in.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use termprofile::TermProfile;

use super::document::{Document, Paint};
use super::error::ThemeError;
use super::role::Role;
use super::symbols::SymbolSet;
use super::{Depth, Theme};
use crate::fleet::suggestion;

/// The theme a dark terminal starts with.
pub const DEFAULT_DARK: &str = "sagedeck-dark";
/// The theme a light terminal starts with.
pub const DEFAULT_LIGHT: &str = "sagedeck-light";
/// What every theme becomes on a terminal of sixteen colours, but for its `[ansi16]` table.
const SIXTEEN_COLOURS: &str = "ansi16";
/// What every theme becomes without colour.
const NO_COLOUR: &str = "mono";

macro_rules! builtin {
    ($($id:literal),+ $(,)?) => {
        /// Name and text of the themes inside the program, in the order of the picker.
        pub const BUILTIN: &[(&str, &str)] =
            &[$(($id, include_str!(concat!("../../../themes/", $id, ".toml"))),)+];
    };
}

builtin![
    "sagedeck-dark",
    "sagedeck-light",
    "catppuccin-mocha",
    "catppuccin-latte",
    "gruvbox-dark",
    "nord",
    "high-contrast",
    "okabe-ito",
    "ansi16",
    "mono",
];

/// A theme file of the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserTheme {
    /// The theme's id: the file's name without `.toml`.
    pub id: String,
    /// What errors call the file.
    pub path: String,
    /// The file's text.
    pub text: String,
}

/// Every theme by id. Files are parsed when a theme is asked for, not before.
#[derive(Debug, Clone)]
pub struct Catalogue {
    sources: Vec<Source>,
    symbols: SymbolSet,
}

#[derive(Debug, Clone)]
struct Source {
    id: String,
    file: String,
    text: Cow<'static, str>,
    is_user: bool,
}

impl Catalogue {
    /// The built-in themes, with the user's over them: one of the same id takes the built-in one's place.
    pub fn new(symbols: SymbolSet, user: impl IntoIterator<Item = UserTheme>) -> Self {
        let mut sources: Vec<Source> = BUILTIN.iter().map(|&(id, text)| Source::builtin(id, text)).collect();
        for UserTheme { id, path, text } in user {
            let source = Source { id, file: path, text: Cow::Owned(text), is_user: true };
            match sources.iter_mut().find(|known| known.id == source.id) {
                Some(known) => *known = source,
                None => sources.push(source),
            }
        }
        Self { sources, symbols }
    }

    /// The ids, built-in ones first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().map(|source| source.id.as_str())
    }

    /// Whether the theme of that id comes from the user's folder.
    pub fn is_user(&self, id: &str) -> bool {
        self.sources.iter().any(|source| source.id == id && source.is_user)
    }

    /// The theme of that id, whole and converted for the terminal.
    ///
    /// # Errors
    ///
    /// If there is none of that id, or its file (or one it inherits from) is wrong.
    pub fn theme(&self, id: &str, depth: Depth) -> Result<Theme, ThemeError> {
        let Some(source) = self.sources.iter().find(|source| source.id == id) else {
            let suggestion = suggestion(id, self.ids());
            return Err(ThemeError::Absent { id: id.to_owned(), suggestion });
        };
        let merged = self.merged(source)?;
        // Resolved whatever the depth, so that a wrong file is told of on every terminal.
        let full = styles(&merged.roles, &merged.palette);
        let missing = Role::REQUIRED.iter().find(|role| !merged.roles.contains_key(*role));
        if let Some(role) = missing {
            let required: Vec<_> = Role::REQUIRED.iter().map(|role| role.name()).collect();
            return Err(ThemeError::Invalid {
                place: merged.document.start,
                message: format!("`{role}` is missing; a theme needs {}", required.join(", ")),
            });
        }
        let styles = match depth {
            Depth::TrueColor => full?,
            Depth::Ansi256 => full?.map(|style| TermProfile::Ansi256.adapt_style(style)),
            Depth::Ansi16 => {
                // A theme made of the sixteen already, or of none, stays what it is.
                let fits = full?.iter().flat_map(|style| [style.fg, style.bg]).flatten().all(is_ansi16);
                let (mut roles, palette) = if fits {
                    (merged.roles, merged.palette)
                } else {
                    (floor(SIXTEEN_COLOURS)?, BTreeMap::new())
                };
                roles.extend(merged.ansi16);
                styles(&roles, &palette)?
            }
            Depth::NoColor => {
                let full = full?;
                let shown =
                    if id == NO_COLOUR { full } else { styles(&floor(NO_COLOUR)?, &BTreeMap::new())? };
                shown.map(|style| Style { fg: None, bg: None, ..style })
            }
        };
        let Document { name, variant, license, author, .. } = merged.document;
        Ok(Theme {
            id: id.to_owned(),
            name,
            variant,
            license,
            author,
            styles,
            symbols: self.symbols.symbols(),
        })
    }

    /// The document of `source` with everything it inherits put under it.
    fn merged(&self, source: &Source) -> Result<Merged, ThemeError> {
        let document = Document::parse(&source.file, &source.text)?;
        let mut chain = vec![document];
        let mut seen = vec![(source.id.clone(), source.is_user)];
        while let Some((parent, place)) = chain.last().and_then(|last| last.inherits.clone()) {
            let wrong = |message: String| ThemeError::Invalid { place: place.clone(), message };
            // A user's theme may build on the built-in one whose place it takes.
            let own = seen.last().is_some_and(|(id, is_user)| *id == parent && *is_user);
            let found = if own {
                BUILTIN.iter().find(|(id, _)| *id == parent).map(|&(id, text)| Source::builtin(id, text))
            } else {
                self.sources.iter().find(|source| source.id == parent).cloned()
            };
            let Some(found) = found else {
                let hint = suggestion(&parent, self.ids());
                return Err(wrong(format!("there is no theme `{parent}`{hint}")));
            };
            if seen.contains(&(found.id.clone(), found.is_user)) {
                let names: Vec<_> = seen.iter().map(|(id, _)| id.as_str()).collect();
                return Err(wrong(format!("themes inherit in a circle: {}, {parent}", names.join(", "))));
            }
            seen.push((found.id.clone(), found.is_user));
            chain.push(Document::parse(&found.file, &found.text)?);
        }
        let mut palette = BTreeMap::new();
        let mut roles = BTreeMap::new();
        let mut ansi16 = BTreeMap::new();
        let document = chain[0].clone();
        for layer in chain.into_iter().rev() {
            palette.extend(layer.palette);
            roles.extend(layer.roles);
            ansi16.extend(layer.ansi16);
        }
        Ok(Merged { document, palette, roles, ansi16 })
    }
}

impl Default for Catalogue {
    fn default() -> Self {
        Self::new(SymbolSet::default(), [])
    }
}

impl Source {
    fn builtin(id: &str, text: &'static str) -> Self {
        Self {
            id: id.to_owned(),
            file: format!("themes/{id}.toml"),
            text: Cow::Borrowed(text),
            is_user: false,
        }
    }
}

/// A theme file with what it inherits under it.
struct Merged {
    document: Document,
    palette: BTreeMap<String, Color>,
    roles: BTreeMap<Role, Paint>,
    ansi16: BTreeMap<Role, Paint>,
}

/// The roles of the built-in theme that terminals of few colours fall back to.
fn floor(id: &str) -> Result<BTreeMap<Role, Paint>, ThemeError> {
    let Some(&(id, text)) = BUILTIN.iter().find(|(known, _)| *known == id) else {
        return Err(ThemeError::Absent { id: id.to_owned(), suggestion: String::new() });
    };
    Ok(Document::parse(id, text)?.roles)
}

/// Whether every terminal with colours shows it.
fn is_ansi16(color: Color) -> bool {
    !matches!(color, Color::Rgb(..) | Color::Indexed(16..))
}

/// A style for every role: its own, else its parent's.
fn styles(
    roles: &BTreeMap<Role, Paint>,
    palette: &BTreeMap<String, Color>,
) -> Result<[Style; Role::COUNT], ThemeError> {
    let mut styles = [Style::new(); Role::COUNT];
    for &role in Role::ALL {
        let mut at = role;
        let paint = loop {
            match (roles.get(&at), at.parent()) {
                (Some(paint), _) => break Some(paint),
                (None, Some(parent)) => at = parent,
                (None, None) => break None,
            }
        };
        let Some(paint) = paint else { continue };
        let color =
            |ink: &Option<super::document::Ink>| ink.as_ref().map(|ink| ink.resolve(palette)).transpose();
        let mut style = Style { fg: color(&paint.fg)?, bg: color(&paint.bg)?, ..Style::new() };
        style = style.add_modifier(paint.mods);
        // The accent as a row's text would not show where the cursor is: reversed it does in any colours.
        if role == Role::Selection && at != role {
            style = Style::new().add_modifier(Modifier::REVERSED);
        }
        styles[role as usize] = style;
    }
    // A surface carries the text colour too, so that painting it leaves nothing of what was under it.
    let text = styles[Role::Fg as usize].fg;
    for surface in [Role::Bg, Role::Popup] {
        let style = &mut styles[surface as usize];
        style.fg = style.fg.or(text);
    }
    Ok(styles)
}

#[cfg(test)]
mod tests;
