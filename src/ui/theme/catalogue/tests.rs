//! What themes promise: every shipped one is complete and legible, and a wrong one is refused with its place.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;

const MINIMAL: &str = r##"
schema = 1
name = "Minimal"
variant = "dark"

[roles]
bg = "#000000"
fg = "#ffffff"
accent = "#00ffff"
ok = "#00ff00"
warn = 220
error = "lightred"
"##;

fn user(id: &str, text: &str) -> UserTheme {
    UserTheme { id: id.to_owned(), path: format!("{id}.toml"), text: text.to_owned() }
}

fn refusal(text: &str) -> String {
    let catalogue = Catalogue::new(SymbolSet::Unicode, [user("mine", text)]);
    catalogue.theme("mine", Depth::TrueColor).expect_err("must be refused").to_string()
}

fn builtin(id: &str, depth: Depth) -> Theme {
    Catalogue::default().theme(id, depth).unwrap_or_else(|error| panic!("{error}"))
}

/// The relative luminance of WCAG 2.
fn luminance(color: Color) -> f64 {
    let Color::Rgb(r, g, b) = color else { panic!("{color} is not RGB") };
    let linear = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.039_28 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

/// The contrast ratio of WCAG 2, from 1 to 21.
fn contrast(one: Color, other: Color) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// The shipped themes that bring their own colours: not those made of the terminal's.
fn coloured() -> impl Iterator<Item = &'static str> {
    BUILTIN.iter().map(|(id, _)| *id).filter(|id| *id != SIXTEEN_COLOURS && *id != NO_COLOUR)
}

#[test]
fn every_file_of_the_folder_is_built_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("themes");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let known: BTreeSet<String> = BUILTIN.iter().map(|(id, _)| format!("{id}.toml")).collect();
    assert_eq!(files, known);
    assert_eq!(known.len(), 10);
}

#[test]
fn every_shipped_theme_loads_at_every_depth_and_names_its_licence() {
    for (id, _) in BUILTIN {
        for depth in [Depth::TrueColor, Depth::Ansi256, Depth::Ansi16, Depth::NoColor] {
            let theme = builtin(id, depth);
            assert!(!theme.license().is_empty(), "{id}");
            assert!(!theme.author().is_empty(), "{id}");
        }
    }
}

#[test]
fn text_is_legible_on_every_surface() {
    for id in coloured() {
        let theme = builtin(id, Depth::TrueColor);
        let text = theme.style(Role::Fg).fg.unwrap();
        let selection = theme.style(Role::Selection);
        let least = |role: Role| match role {
            Role::Muted
            | Role::Subtle
            | Role::Placeholder
            | Role::Disabled
            | Role::Deleted
            | Role::Unknown
            | Role::Time => 3.0,
            _ => 4.5,
        };
        for surface in [Role::Bg, Role::Popup] {
            let ground = theme.style(surface).bg.unwrap();
            for &role in Role::ALL {
                // Lines and rails are seen, not read.
                if matches!(role, Role::Border | Role::GaugeTrack | Role::Selection) {
                    continue;
                }
                let style = theme.style(role);
                let ratio = contrast(style.fg.unwrap_or(text), style.bg.unwrap_or(ground));
                assert!(ratio >= least(role), "{id}: {role} on {surface} has contrast {ratio:.2}");
            }
        }
        let ground = selection.bg.unwrap();
        let ratio = contrast(selection.fg.unwrap_or(text), ground);
        assert!(ratio >= 4.5, "{id}: the selection has contrast {ratio:.2}");
        for role in STATES {
            let ratio = contrast(theme.style(role).fg.unwrap_or(text), ground);
            assert!(ratio >= 3.0, "{id}: {role} under the cursor has contrast {ratio:.2}");
        }
    }
}

#[test]
fn high_contrast_keeps_seven_to_one() {
    let theme = builtin("high-contrast", Depth::TrueColor);
    let text = theme.style(Role::Fg).fg.unwrap();
    let ground = theme.style(Role::Bg).bg.unwrap();
    for &role in Role::ALL {
        let style = theme.style(role);
        if role != Role::Selection {
            let ratio = contrast(style.fg.unwrap_or(text), style.bg.unwrap_or(ground));
            assert!(ratio >= 7.0, "{role} has contrast {ratio:.2}");
        }
    }
}

const STATES: [Role; 7] =
    [Role::Ok, Role::Pending, Role::Warn, Role::Error, Role::Idle, Role::Deleted, Role::Unknown];

#[test]
fn states_and_rows_are_told_apart_at_every_depth() {
    for (id, _) in BUILTIN {
        for depth in [Depth::TrueColor, Depth::Ansi256, Depth::Ansi16, Depth::NoColor] {
            let theme = builtin(id, depth);
            let different = |roles: &[Role]| {
                for (index, &one) in roles.iter().enumerate() {
                    for &other in &roles[index + 1..] {
                        assert_ne!(theme.style(one), theme.style(other), "{id} {depth:?}: {one} and {other}");
                    }
                }
            };
            different(&STATES);
            different(&[Role::Fg, Role::Selection, Role::Marked, Role::Match]);
            different(&[Role::Border, Role::BorderFocus]);
            different(&[Role::DemoBadge, Role::LockedBadge, Role::WriteBadge]);
            different(&[Role::Header, Role::HeaderProd]);
            different(&[Role::Fg, Role::Muted, Role::Danger]);
            different(&[Role::Key, Role::Disabled]);
        }
    }
}

#[test]
fn without_colour_nothing_names_one_and_the_cursor_is_reversed() {
    for (id, _) in BUILTIN {
        let theme = builtin(id, Depth::NoColor);
        for &role in Role::ALL {
            let style = theme.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{id}: {role}");
        }
        assert!(theme.style(Role::Selection).add_modifier.contains(Modifier::REVERSED), "{id}");
    }
}

#[test]
fn sixteen_colours_means_the_terminals_own() {
    for (id, _) in BUILTIN {
        let theme = builtin(id, Depth::Ansi16);
        for &role in Role::ALL {
            for color in [theme.style(role).fg, theme.style(role).bg].into_iter().flatten() {
                assert!(
                    !matches!(color, Color::Rgb(..) | Color::Indexed(16..)),
                    "{id}: {role} is {color} on a terminal of sixteen colours"
                );
            }
        }
    }
}

#[test]
fn who_chose_no_colour_gets_none_on_a_terminal_of_sixteen() {
    assert_eq!(builtin("mono", Depth::Ansi16), builtin("mono", Depth::TrueColor));
    assert_eq!(builtin("ansi16", Depth::Ansi16), builtin("ansi16", Depth::TrueColor));
}

#[test]
fn two_hundred_and_fifty_six_colours_have_no_rgb_and_stay_legible() {
    for id in coloured() {
        let theme = builtin(id, Depth::Ansi256);
        for &role in Role::ALL {
            for color in [theme.style(role).fg, theme.style(role).bg].into_iter().flatten() {
                assert!(!matches!(color, Color::Rgb(..)), "{id}: {role}");
            }
        }
        let rgb = |color: Option<Color>| match color {
            Some(Color::Indexed(index)) => {
                let rgb = termprofile::ansi256_to_rgb(index.into());
                Color::Rgb(rgb.r(), rgb.g(), rgb.b())
            }
            other => panic!("{id}: {other:?}"),
        };
        let text = rgb(theme.style(Role::Fg).fg);
        for ground in [Role::Bg, Role::Selection] {
            let ratio = contrast(text, rgb(theme.style(ground).bg));
            assert!(ratio >= 4.5, "{id}: text on {ground} has contrast {ratio:.2}");
        }
    }
}

#[test]
fn six_roles_make_a_theme() {
    let catalogue = Catalogue::new(SymbolSet::Ascii, [user("mine", MINIMAL)]);
    let theme = catalogue.theme("mine", Depth::TrueColor).unwrap();
    assert_eq!(theme.style(Role::Bg), Style::new().fg(Color::Rgb(255, 255, 255)).bg(Color::Rgb(0, 0, 0)));
    assert_eq!(theme.style(Role::Popup), theme.style(Role::Bg));
    assert_eq!(theme.style(Role::BorderFocus), theme.style(Role::Accent));
    assert_eq!(theme.style(Role::Warn).fg, Some(Color::Indexed(220)));
    assert_eq!(theme.style(Role::WriteBadge).fg, Some(Color::LightRed));
    assert_eq!(theme.style(Role::Selection), Style::new().add_modifier(Modifier::REVERSED));
    assert_eq!(theme.symbols(), SymbolSet::Ascii.symbols());
    assert!(catalogue.is_user("mine"));
}

#[test]
fn a_users_theme_takes_the_place_of_the_built_in_one_and_may_build_on_it() {
    let text = "schema = 1\nname = \"Nord, mine\"\nvariant = \"dark\"\ninherits = \"nord\"\n\
                [palette]\nnord0 = \"#000000\"\n";
    let catalogue = Catalogue::new(SymbolSet::Unicode, [user("nord", text)]);
    let mine = catalogue.theme("nord", Depth::TrueColor).unwrap();
    let theirs = builtin("nord", Depth::TrueColor);
    assert_eq!(mine.name(), "Nord, mine");
    assert_eq!(mine.style(Role::Bg).bg, Some(Color::Rgb(0, 0, 0)));
    assert_eq!(mine.style(Role::Ok), theirs.style(Role::Ok));
    assert_eq!(catalogue.ids().count(), BUILTIN.len());
}

#[test]
fn circles_are_refused_with_their_names() {
    let text =
        |parent: &str| format!("schema = 1\nname = \"x\"\nvariant = \"dark\"\ninherits = \"{parent}\"\n");
    let catalogue = Catalogue::new(
        SymbolSet::Unicode,
        [user("one", &text("two")), user("two", &text("one")), user("self", &text("self"))],
    );
    let error = catalogue.theme("one", Depth::TrueColor).unwrap_err().to_string();
    assert_eq!(error, "two.toml:4:12: inherits: themes inherit in a circle: one, two, one");
    let error = catalogue.theme("self", Depth::TrueColor).unwrap_err().to_string();
    assert!(error.contains("there is no theme `self`"), "{error}");
}

#[test]
fn errors_name_file_line_column_and_key() {
    let unknown_role = MINIMAL.replace("warn = 220", "warn = 220\nselecton = \"default\"");
    assert_eq!(
        refusal(&unknown_role),
        "mine.toml:12:1: roles.selecton: unknown role; did you mean `selection`?"
    );
    assert_eq!(
        refusal(&MINIMAL.replace("#00ff00", "#00ff0")),
        "mine.toml:10:6: roles.ok: must be # and six hexadecimal digits"
    );
    assert_eq!(
        refusal(&MINIMAL.replace("220", "256")),
        "mine.toml:11:8: roles.warn: a colour index goes from 0 to 255"
    );
    assert_eq!(
        refusal(&MINIMAL.replace("lightred", "lihgtred")),
        "mine.toml:12:9: roles.error: `lihgtred` is neither in [palette] nor an ANSI colour name; \
         did you mean `lightred`?"
    );
    assert_eq!(
        refusal(&MINIMAL.replace("220", "{ fg = 1, mods = [\"bald\"] }")),
        "mine.toml:11:26: roles.warn.mods: `bald` is not a modifier; did you mean `bold`?"
    );
    assert_eq!(
        refusal(&MINIMAL.replace("ok = \"#00ff00\"\n", "")),
        "mine.toml:1:1: roles: `ok` is missing; a theme needs bg, fg, accent, ok, warn, error"
    );
    assert_eq!(
        refusal(&MINIMAL.replace("schema = 1", "schema = 2")),
        "mine.toml:2:10: schema: this version reads schema 1"
    );
    assert_eq!(
        refusal(&format!("{MINIMAL}\n[ansi16]\nok = \"#00ff00\"\n")),
        "mine.toml:15:6: ansi16.ok: a terminal of sixteen colours has only ANSI names and the indices 0 to 15"
    );
    let broken = refusal(&MINIMAL.replace("[roles]", "[roles"));
    assert!(broken.starts_with("mine.toml:6:"), "{broken}");
}

#[test]
fn an_absent_theme_is_told_with_the_nearest_name() {
    let error = Catalogue::default().theme("nrod", Depth::TrueColor).unwrap_err();
    assert_eq!(error.to_string(), "no theme `nrod`; did you mean `nord`?");
}

#[test]
fn a_wrong_theme_is_told_of_on_every_terminal() {
    let text = MINIMAL.replace("\"#00ff00\"", "\"no_such_name\"");
    let catalogue = Catalogue::new(SymbolSet::Unicode, [user("mine", &text)]);
    for depth in [Depth::TrueColor, Depth::Ansi256, Depth::Ansi16, Depth::NoColor] {
        assert!(catalogue.theme("mine", depth).is_err(), "{depth:?}");
    }
}
