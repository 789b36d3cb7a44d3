//! The head of the screen: whose fleet this is, whether it can be changed, its vitals, the panes, how old the
//! data is. On a narrow terminal parts give way in order; the account and the mode never do.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

use crate::console::{Console, Pane, Target, WriteMode};
use crate::fleet::Region;

use super::canvas::{Canvas, spans_width};
use super::theme::Role;
use super::{spinner, text};

/// A part of the first line.
struct Part {
    /// Which parts stay longer when there is no room; those of [`ALWAYS`] stay.
    keep: u8,
    /// Whether it stands at the right.
    right: bool,
    spans: Vec<Span<'static>>,
}

const ALWAYS: u8 = u8::MAX;

/// How many rows the head takes.
pub(super) fn height(console: &Console, screen: Rect) -> u16 {
    if console.folded || screen.height < 12 { 1 } else { 2 }
}

/// Draws the head.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, area: Rect) {
    vitals_line(canvas, console, Rect { height: 1, ..area }, area.height == 1);
    if area.height > 1 {
        tabs_line(canvas, console, Rect { y: area.y + 1, height: 1, ..area });
    }
}

fn vitals_line(canvas: &mut Canvas<'_>, console: &Console, area: Rect, folded: bool) {
    let protected =
        console.fleet.accounts.iter().any(|(id, account)| console.session.is_protected(id, account.label()));
    let base = canvas.style(if protected { Role::HeaderProd } else { Role::Header });
    canvas.fill(area, base);
    // On the ground of a protected account no other colour is sure to be read.
    let ink = |role: Role| if protected { base } else { canvas.style(role) };
    let mut parts = identity(console, &ink);
    parts.extend(badges(canvas, console));
    if let Some(endpoint) = &console.session.endpoint {
        let text = format!("{} {endpoint}", canvas.symbols().arrow);
        parts.push(Part { keep: 90, right: false, spans: vec![Span::styled(text, ink(Role::Warn))] });
    }
    if folded {
        let style = ink(Role::Accent).add_modifier(Modifier::BOLD);
        let spans = vec![Span::styled(console.pane.title(), style)];
        parts.push(Part { keep: 95, right: false, spans });
        parts.push(Part { keep: 5, right: true, spans: freshness(canvas, console) });
    }
    for (index, (text, tone)) in console.vitals().into_iter().enumerate() {
        let style = ink(text::role(tone));
        let spans = match text::glyph(tone, canvas.symbols()) {
            Some(glyph) => vec![Span::styled(format!("{glyph} {text}"), style)],
            None => vec![Span::styled(text, style)],
        };
        parts.push(Part { keep: 40 + index.min(40) as u8, right: true, spans });
    }
    place(canvas, area, parts);
}

/// Draws the parts that fit: the left ones from the left, the right ones to the right.
fn place(canvas: &mut Canvas<'_>, area: Rect, mut parts: Vec<Part>) {
    let wide = |parts: &[Part]| -> usize {
        parts.iter().map(|part| usize::from(spans_width(&part.spans)) + 2).sum()
    };
    while wide(&parts) > usize::from(area.width) {
        let least = parts.iter().enumerate().filter(|(_, part)| part.keep != ALWAYS);
        let Some((at, _)) = least.min_by_key(|(_, part)| part.keep) else { break };
        parts.remove(at);
    }
    let mut x = area.x + 1;
    for part in parts.iter().filter(|part| !part.right) {
        let room = area.right().saturating_sub(x);
        x += canvas.spans(x, area.y, room, &part.spans) + 2;
    }
    let mut right = area.right().saturating_sub(1);
    for part in parts.iter().rev().filter(|part| part.right) {
        let wide = spans_width(&part.spans);
        canvas.spans_right(right, area.y, wide, &part.spans);
        right = right.saturating_sub(wide + 2);
    }
}

/// Account, role and regions; before they are known, the profile that is signing in.
fn identity(console: &Console, ink: &impl Fn(Role) -> Style) -> Vec<Part> {
    let mut parts = Vec::new();
    let part = |keep: u8, text: String, style: Style| Part {
        keep,
        right: false,
        spans: vec![Span::styled(text, style)],
    };
    let accounts = &console.fleet.accounts;
    let Some(first) = accounts.values().next() else {
        let profile = console.session.profiles.first().map_or("", |profile| profile.as_str());
        let name = if profile.is_empty() { "default credentials" } else { profile };
        parts.push(part(ALWAYS, name.to_owned(), ink(Role::Title)));
        let state = if console.loads.in_flight() > 0 { "signing in" } else { "not signed in" };
        parts.push(part(20, state.to_owned(), ink(Role::Muted)));
        return parts;
    };
    let bold = ink(Role::Title).add_modifier(Modifier::BOLD);
    if accounts.len() == 1 {
        parts.push(part(ALWAYS, first.label().to_owned(), bold));
        let id = first.identity.account.as_str();
        if id != first.label() {
            parts.push(part(20, id.to_owned(), ink(Role::Muted)));
        }
        parts.push(part(10, principal(&first.identity.arn).to_owned(), ink(Role::Muted)));
    } else {
        parts.push(part(ALWAYS, format!("{} +{}", first.label(), accounts.len() - 1), bold));
    }
    let regions: Vec<&str> = console.session.regions.iter().map(Region::as_str).collect();
    let shown = match regions.as_slice() {
        [] => return parts,
        [_] | [_, _] => regions.join(","),
        [first, rest @ ..] => format!("{first} +{}", rest.len()),
    };
    parts.push(part(30, shown, ink(Role::Muted)));
    parts
}

/// The name one signs in with: the role, the user, or `root`.
fn principal(arn: &str) -> &str {
    let resource = arn.rsplit(':').next().unwrap_or(arn);
    match resource.split_once('/') {
        Some(("assumed-role", rest)) => rest.split('/').next().unwrap_or(rest),
        _ => resource.rsplit('/').next().unwrap_or(resource),
    }
}

/// Whether anything can be changed, and whether anything is real.
fn badges(canvas: &Canvas<'_>, console: &Console) -> Vec<Part> {
    let badge = |text: String, role: Role| Part {
        keep: ALWAYS,
        right: false,
        spans: vec![canvas.span(format!(" {text} "), role)],
    };
    let mut parts = Vec::new();
    if console.session.demo.is_some() || console.session.write == WriteMode::Demo {
        parts.push(badge("DEMO".to_owned(), Role::DemoBadge));
    }
    match &console.session.write {
        WriteMode::ReadOnly => parts.push(badge("READ-ONLY".to_owned(), Role::LockedBadge)),
        WriteMode::Locked => parts.push(badge("LOCKED".to_owned(), Role::LockedBadge)),
        WriteMode::Unlocked { account, until } => {
            let left = text::clock(until.as_second() - console.now.as_second());
            // With several accounts in view it matters which one can be changed.
            let whose = match console.fleet.accounts.len() {
                0 | 1 => String::new(),
                _ => format!(" in {}", console.fleet.account_label(account)),
            };
            parts.push(badge(format!("WRITE {left} left{whose}"), Role::WriteBadge));
        }
        WriteMode::Demo => {}
    }
    parts
}

/// The tabs in the longest form that fits: `<1> overview`, `1 overview`, or the number alone.
fn tabs_line(canvas: &mut Canvas<'_>, console: &Console, area: Rect) {
    let keys: Vec<String> = Pane::ALL.iter().map(|pane| console.keymap.label(pane.action())).collect();
    let fresh = freshness(canvas, console);
    let room = usize::from(area.width).saturating_sub(2);
    let beside = room.saturating_sub(usize::from(spans_width(&fresh)) + 2);
    let wide = |form: Form| -> usize {
        let tabs = Pane::ALL.iter().zip(&keys);
        tabs.map(|(pane, key)| tab(form, *pane == console.pane, key, *pane).width() + 1).sum()
    };
    let form = [Form::Full, Form::Short].into_iter().find(|form| wide(*form) <= beside);
    let (form, shows_age) = match form {
        Some(form) => (form, true),
        None if wide(Form::Short) <= room => (Form::Short, false),
        None => (Form::Key, wide(Form::Key) <= beside),
    };
    let mut x = area.x;
    for (pane, key) in Pane::ALL.iter().zip(&keys) {
        let current = *pane == console.pane;
        let tab = tab(form, current, key, *pane);
        let wide = u16::try_from(tab.width()).unwrap_or(u16::MAX);
        let room = area.right().saturating_sub(x);
        if current {
            canvas.put(
                x,
                area.y,
                room,
                &tab.text(),
                canvas.style(Role::Selection).add_modifier(Modifier::BOLD),
            );
        } else {
            let spans = [canvas.span(tab.key, Role::Key), canvas.span(tab.name, Role::Muted)];
            canvas.spans(x, area.y, room, &spans);
        }
        canvas.click(Rect { x, width: wide.min(room), ..area }, Target::Pane(*pane));
        x = x.saturating_add(wide + 1);
    }
    if shows_age {
        canvas.spans_right(area.right().saturating_sub(1), area.y, area.width, &fresh);
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Full,
    Short,
    Key,
}

struct Tab {
    key: String,
    name: String,
}

impl Tab {
    fn text(&self) -> String {
        format!("{}{}", self.key, self.name)
    }

    fn width(&self) -> usize {
        text::width(&self.key) + text::width(&self.name)
    }
}

fn tab(form: Form, current: bool, key: &str, pane: Pane) -> Tab {
    let key = if form == Form::Full { format!(" <{key}>") } else { format!(" {key}") };
    let name = if form == Form::Key && !current { " ".to_owned() } else { format!(" {} ", pane.title()) };
    Tab { key, name }
}

/// How old the data is, or why there is none.
fn freshness(canvas: &Canvas<'_>, console: &Console) -> Vec<Span<'static>> {
    if console.loads.stopped.is_some() {
        return vec![canvas.span(format!("{} reading stopped", canvas.symbols().error), Role::Error)];
    }
    let freshness = console.freshness();
    // The place of the spinner stays empty rather than moving the text to and fro.
    let busy = if freshness.in_flight > 0 { spinner(console, canvas.symbols()) } else { " " };
    let mut spans = vec![canvas.span(format!("{busy} "), Role::Pending)];
    match freshness.oldest {
        Some(at) => {
            let age = text::span(console.now.as_second() - at.as_second());
            spans.push(canvas.span(format!("data {age} old"), Role::Muted));
        }
        None if freshness.in_flight > 0 => spans.push(canvas.span("reading the fleet", Role::Muted)),
        None => spans.push(canvas.span("data not complete", Role::Muted)),
    }
    if !console.session.auto_refresh {
        let text = format!(" {} auto-refresh off", canvas.symbols().separator);
        spans.push(canvas.span(text, Role::Muted));
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::principal;

    #[test]
    fn the_principal_is_the_role_or_the_user() {
        assert_eq!(principal("arn:aws:sts::123456789012:assumed-role/MLAdmin/anna"), "MLAdmin");
        assert_eq!(principal("arn:aws:iam::123456789012:user/ops/anna"), "anna");
        assert_eq!(principal("arn:aws:iam::123456789012:root"), "root");
    }
}
