//! How things look: roles to styles, from theme files, converted once for the terminal's colour depth.
//! The only place that names colours. Reads no file and asks no terminal: texts and depth come in.

mod catalogue;
mod document;
mod error;
mod role;
mod symbols;

use ratatui::style::{Modifier, Style};
use termprofile::TermProfile;

pub use catalogue::{BUILTIN, Catalogue, DEFAULT_DARK, DEFAULT_LIGHT, UserTheme};
pub use error::{Place, ThemeError};
pub use role::Role;
pub use symbols::{SymbolSet, Symbols};

/// Whether a theme is made for a dark or a light room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// Light text on dark ground.
    Dark,
    /// Dark text on light ground.
    Light,
}

/// How many colours the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Any RGB value.
    TrueColor,
    /// The 256 colours of xterm; RGB values become the nearest of them.
    Ansi256,
    /// The terminal's own sixteen colours.
    Ansi16,
    /// None: weight, underline and reversal only.
    NoColor,
}

impl From<TermProfile> for Depth {
    fn from(profile: TermProfile) -> Self {
        match profile {
            TermProfile::TrueColor => Self::TrueColor,
            TermProfile::Ansi256 => Self::Ansi256,
            TermProfile::Ansi16 => Self::Ansi16,
            TermProfile::NoColor | TermProfile::NoTty => Self::NoColor,
        }
    }
}

/// A theme ready to draw with: one style for each role, and the glyphs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    id: String,
    name: String,
    variant: Variant,
    license: String,
    author: String,
    styles: [Style; Role::COUNT],
    symbols: &'static Symbols,
}

impl Theme {
    /// How to draw what means `role`.
    pub const fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// The glyphs of states, borders and gauges.
    pub const fn symbols(&self) -> &'static Symbols {
        self.symbols
    }

    /// What the configuration calls it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the picker calls it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is made for a dark or a light room.
    pub const fn variant(&self) -> Variant {
        self.variant
    }

    /// The licence of its colours; empty if its file does not say.
    pub fn license(&self) -> &str {
        &self.license
    }

    /// Whose colours they are; empty if its file does not say.
    pub fn author(&self) -> &str {
        &self.author
    }
}

/// The look of last resort, which cannot fail to load: the terminal's own colours, the cursor reversed.
impl Default for Theme {
    fn default() -> Self {
        let mut styles = [Style::new(); Role::COUNT];
        styles[Role::Selection as usize] = Style::new().add_modifier(Modifier::REVERSED);
        Self {
            id: "plain".to_owned(),
            name: "Plain".to_owned(),
            variant: Variant::Dark,
            license: String::new(),
            author: String::new(),
            styles,
            symbols: SymbolSet::Unicode.symbols(),
        }
    }
}
