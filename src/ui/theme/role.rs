//! The semantic roles a theme paints, and which role each falls back to. Knows no colour.

use std::fmt;

/// Declares [`Role`], its configuration names and its fallbacks from one table.
macro_rules! roles {
    ($($variant:ident, $name:literal, $parent:expr, $doc:literal;)+) => {
        /// What a piece of text or surface means; a theme says how that looks.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role {
            $(#[doc = $doc] $variant,)+
        }

        impl Role {
            /// Every role, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name used in theme files.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The role whose style is taken when a theme does not set this one; `None` for the roots.
            pub const fn parent(self) -> Option<Self> {
                match self {
                    $(Self::$variant => $parent,)+
                }
            }
        }
    };
}

roles! {
    Bg, "bg", None, "The background of everything, with the plain text colour.";
    Popup, "popup", Some(Role::Bg), "The background of dialogs and menus.";
    Fg, "fg", None, "Plain text.";
    Muted, "muted", Some(Role::Fg), "Text of second rank: ages, ids, counts.";
    Subtle, "subtle", Some(Role::Muted), "Text of third rank: separators, units.";
    Border, "border", Some(Role::Subtle), "The frame of a pane or dialog.";
    BorderFocus, "border_focus", Some(Role::Accent), "The frame of the pane or dialog that has the keys.";
    Title, "title", Some(Role::Fg), "The title of a pane or dialog.";
    Heading, "heading", Some(Role::Muted), "The column headings of a table.";
    Accent, "accent", None, "What stands out without being a state: the current tab, the sort column.";
    Header, "header", Some(Role::Fg), "The line with account, role and regions.";
    HeaderProd, "header_prod", Some(Role::Danger), "The same line for an account marked as production.";
    Selection, "selection", Some(Role::Accent), "The row under the cursor.";
    Marked, "marked", Some(Role::Accent), "A marked row.";
    Match, "match", Some(Role::Warn), "The part of a text that a filter or search hit.";
    Key, "key", Some(Role::Accent), "A key in the footer, the menus and the help.";
    Input, "input", Some(Role::Fg), "Text being typed.";
    Placeholder, "placeholder", Some(Role::Muted), "What an empty input suggests.";
    Disabled, "disabled", Some(Role::Muted), "An action that is not possible now.";
    Ok, "ok", None, "In service, ready, done.";
    Pending, "pending", Some(Role::Info), "On its way: pending, updating, deleting.";
    Warn, "warn", None, "Needs a look.";
    Error, "error", None, "Failed.";
    Idle, "idle", Some(Role::Warn), "Runs and costs, but nobody uses it.";
    Deleted, "deleted", Some(Role::Disabled), "Gone, still listed.";
    Unknown, "unknown", Some(Role::Muted), "Not known, or a state this version has no word for.";
    Info, "info", Some(Role::Accent), "A notice.";
    Success, "success", Some(Role::Ok), "A notice of something done.";
    Danger, "danger", Some(Role::Error), "What destroys: the confirm dialog, lost data.";
    Number, "number", Some(Role::Fg), "A count or size.";
    Money, "money", Some(Role::Number), "An amount of money.";
    Time, "time", Some(Role::Muted), "An age or point in time.";
    Link, "link", Some(Role::Accent), "An address that can be opened.";
    TagKey, "tag_key", Some(Role::Muted), "The key of an AWS tag.";
    TagValue, "tag_value", Some(Role::Fg), "The value of an AWS tag.";
    Series1, "series1", Some(Role::Accent), "First series of a chart.";
    Series2, "series2", Some(Role::Ok), "Second series of a chart.";
    Series3, "series3", Some(Role::Warn), "Third series of a chart.";
    Series4, "series4", Some(Role::Error), "Fourth series of a chart.";
    Series5, "series5", Some(Role::Info), "Fifth series of a chart.";
    Series6, "series6", Some(Role::Muted), "Sixth series of a chart.";
    GaugeFill, "gauge_fill", Some(Role::Accent), "The filled part of a gauge.";
    GaugeTrack, "gauge_track", Some(Role::Subtle), "The empty part of a gauge.";
    SyntaxKey, "syntax_key", Some(Role::Accent), "A key in JSON or YAML.";
    SyntaxString, "syntax_string", Some(Role::Ok), "A string in JSON or YAML.";
    SyntaxNumber, "syntax_number", Some(Role::Warn), "A number in JSON or YAML.";
    SyntaxLiteral, "syntax_literal", Some(Role::Info), "true, false or null in JSON or YAML.";
    DemoBadge, "demo_badge", Some(Role::Info), "The badge of the simulated AWS.";
    LockedBadge, "locked_badge", Some(Role::Ok), "The badge that writing is locked.";
    WriteBadge, "write_badge", Some(Role::Danger), "The badge that writing is possible.";
}

impl Role {
    /// How many roles there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The roles without which a theme is refused.
    pub const REQUIRED: &'static [Self] =
        &[Self::Bg, Self::Fg, Self::Accent, Self::Ok, Self::Warn, Self::Error];

    /// The role of that name in theme files.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name)
    }

    /// Whether a plain value (not a table) in a theme file sets the background instead of the foreground.
    pub const fn is_surface(self) -> bool {
        matches!(self, Self::Bg | Self::Popup | Self::Selection)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_falls_back_to_a_required_one() {
        for &role in Role::ALL {
            let mut at = role;
            for _ in 0..Role::COUNT {
                match at.parent() {
                    Some(parent) => at = parent,
                    None => break,
                }
            }
            assert!(Role::REQUIRED.contains(&at), "{role} ends at {at}");
        }
    }

    #[test]
    fn names_are_unique_and_find_their_role() {
        for &role in Role::ALL {
            assert_eq!(Role::named(role.name()), Some(role));
        }
        assert_eq!(Role::named("selecton"), None);
    }

    #[test]
    fn the_index_of_a_role_is_its_place_in_the_table() {
        for (index, &role) in Role::ALL.iter().enumerate() {
            assert_eq!(role as usize, index);
        }
    }
}
