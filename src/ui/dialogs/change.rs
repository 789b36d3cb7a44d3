//! The small layers around changes: what is read before a plan, a sign-in link, lifecycle configurations.

use ratatui::layout::Rect;

use crate::console::{Console, Link, Preparing, Target};
use crate::fleet::{Query, Scope};

use super::super::canvas::Canvas;
use super::super::theme::Role;
use super::super::{banner, first_row, spinner, text};
use super::{Popup, open, room, title};

/// Draws what is being read before a plan can be made.
pub(super) fn preparing(canvas: &mut Canvas<'_>, console: &Console, preparing: &Preparing, body: Rect) {
    let wide = room(body).min(64);
    let popup = Popup {
        title: title(canvas, "making the plan"),
        keys: &[("esc", "cancel")],
        inside: (wide, 4 + u16::from(!preparing.problems.is_empty())),
    };
    let inner = open(canvas, &popup, body);
    let (come, needed) = (preparing.answered.len(), preparing.needed.len());
    let busy = spinner(console, canvas.symbols());
    let says = format!("{busy} reading what it is about: {} of {}", text::count(come), text::count(needed));
    canvas.put(inner.x, inner.y, inner.width, &says, canvas.style(Role::Pending));
    let share = if needed == 0 { 0.0 } else { come as f64 / needed as f64 };
    canvas.gauge(inner.x, inner.y + 1, inner.width, share, Role::GaugeFill);
    let waiting = preparing.asked.difference(&preparing.answered).next();
    if let Some(query) = waiting {
        canvas.put(inner.x, inner.y + 3, inner.width, &query.what(), canvas.style(Role::Muted));
    }
    if let [.., (query, problem)] = preparing.problems.as_slice() {
        let says = format!("{} {}: {problem}", canvas.symbols().warn, query.what());
        canvas.put(inner.x, inner.y + 4, inner.width, &says, canvas.style(Role::Warn));
    }
}

/// Draws a sign-in link: for whom, for how long, and what to do with it. The link itself is not drawn, so that it
/// stays in no scroll-back and on no shared screen.
pub(super) fn link(canvas: &mut Canvas<'_>, console: &Console, link: &Link, body: Rect) {
    let left = link.until.as_second() - console.now.as_second();
    let says = format!(
        "AWS made a link that signs in as {}. Whoever opens it acts as this person, and the audit trail says that \
         you asked for it. It is not shown here and is written nowhere.",
        link.user.name
    );
    let wide = room(body).min(66);
    let lines = text::wrap(&says, usize::from(wide));
    let popup = Popup {
        title: vec![canvas.span("sign-in link", Role::Danger)],
        keys: &[("b", "open in the browser"), ("c", "copy"), ("esc", "forget it")],
        inside: (wide, lines.len() as u16 + 3),
    };
    let inner = open(canvas, &popup, body);
    let mut y = inner.y;
    for line in &lines {
        canvas.put(inner.x, y, inner.width, line, canvas.style(Role::Fg));
        y += 1;
    }
    let (until, role) = if left > 0 {
        (format!("valid for {} more", text::clock(left)), Role::Time)
    } else {
        ("expired: close this and ask for a new one".to_owned(), Role::Warn)
    };
    canvas.put(inner.x, y + 1, inner.width, &until, canvas.style(role));
    if let Some(hint) = &link.hint {
        canvas.put(inner.x, y + 2, inner.width, hint, canvas.style(Role::Ok));
    }
}

/// Draws the lifecycle configurations of a scope, and the script of the one under the cursor once it was asked for.
pub(super) fn lifecycle_configs(
    canvas: &mut Canvas<'_>,
    console: &Console,
    scope: &Scope,
    cursor: usize,
    body: Rect,
) {
    let known = console.fleet.library.lifecycle_configs.get(scope);
    let heading = format!(
        "lifecycle configurations of {} {}",
        console.fleet.account_label(scope.account()),
        scope.region()
    );
    let popup = Popup {
        title: title(canvas, heading),
        keys: &[
            ("enter", "show script"),
            ("a", "attach"),
            ("n", "new"),
            ("ctrl-d", "delete"),
            ("esc", "close"),
        ],
        inside: (room(body).min(110), body.height.saturating_sub(4).min(28)),
    };
    let inner = open(canvas, &popup, body);
    let Some(configs) = known.filter(|configs| !configs.is_empty()) else {
        let query = Query::LifecycleConfigs(scope.clone());
        let says = match console.fleet.failure(&query) {
            Some(problem) => (problem.to_string(), canvas.style(Role::Danger)),
            None if known.is_none() => {
                (format!("{} reading", spinner(console, canvas.symbols())), canvas.style(Role::Pending))
            }
            None => ("there is none here; n creates one".to_owned(), canvas.style(Role::Muted)),
        };
        return banner::centred(canvas, inner, &[says]);
    };
    let cursor = cursor.min(configs.len() - 1);
    let script = configs.get(cursor).and_then(|config| console.fleet.library.scripts.get(&config.key));
    let rows = if script.is_some() { (inner.height / 3).max(1) } else { inner.height };
    let visible = usize::from(rows);
    let first = first_row(0, cursor, visible, configs.len());
    for (row, (at, config)) in configs.iter().enumerate().skip(first).take(visible).enumerate() {
        let place = Rect { y: inner.y + row as u16, height: 1, ..inner };
        canvas.put(place.x + 2, place.y, 34, config.key.name.as_str(), canvas.style(Role::Fg));
        let kind = config.app_type.as_deref().unwrap_or("unknown app type");
        canvas.put(place.x + 38, place.y, 16, kind, canvas.style(Role::Muted));
        let made = config.modified.or(config.created).map_or_else(
            || "unknown".to_owned(),
            |at| format!("changed {} ago", text::span(console.now.as_second() - at.as_second())),
        );
        canvas.put(place.x + 56, place.y, place.width.saturating_sub(56), &made, canvas.style(Role::Time));
        if at == cursor {
            canvas.put(place.x, place.y, 1, canvas.symbols().cursor, canvas.style(Role::Accent));
            canvas.restyle(place, canvas.style(Role::Selection));
        }
        canvas.click(place, Target::Row(at));
    }
    if let Some(script) = script {
        let top = inner.y + rows;
        let style = canvas.style(Role::Border);
        canvas.repeat(inner.x, top, inner.width, canvas.symbols().border.horizontal_top, style);
        let lines = script.lines().take(usize::from(inner.height.saturating_sub(rows + 1)));
        for (row, line) in lines.enumerate() {
            let safe = crate::fleet::harmless(line);
            canvas.put(inner.x, top + 1 + row as u16, inner.width, &safe, canvas.style(Role::Fg));
        }
    }
}
