//! What was metered against what was billed, in place of the pane; and why there is nothing to be held against.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::{Action, Console, ReconcileFace};

use super::super::canvas::{Canvas, Frame};
use super::super::theme::Role;
use super::super::{banner, spinner, text};
use super::lines;

/// Draws the layer in the place of the pane.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, scroll: usize, area: Rect) {
    let mut title = vec![
        canvas.span("metered against billed", Role::Title),
        canvas.span(format!(" {}", console.reconcile_days()), Role::Muted),
    ];
    if let Some(whose) = console.cost_of_whom() {
        title.push(canvas.span(format!(" of {whose}"), Role::Accent));
    }
    let refresh = console.keymap.label(Action::Refresh);
    let keys = [("p", "period"), (&*refresh, "ask"), ("ctrl-s", "export"), ("esc", "back")];
    let pairs: Vec<(String, String)> =
        keys.iter().map(|(key, word)| ((*key).to_owned(), (*word).to_owned())).collect();
    let foot_aside = super::footer::keys(canvas, &pairs);
    let inner = canvas.frame(area, &Frame { title, foot_aside, ..Frame::default() });
    let (fg, muted) = (canvas.style(Role::Fg), canvas.style(Role::Muted));
    let columns = usize::from(inner.width.saturating_sub(4));
    let wrapped = |told: &str, style: Style| -> Vec<(String, Style)> {
        text::wrap(told, columns).into_iter().map(|line| (line, style)).collect()
    };
    let said = match console.reconcile_face() {
        ReconcileFace::Ready(made) => {
            return lines::draw(canvas, &console.reconcile_lines(&made), scroll, inner);
        }
        ReconcileFace::Never(0) => wrapped("the account is not known yet", muted),
        ReconcileFace::Never(requests) => {
            let mut said = wrapped("the bill of these days by usage type was not asked yet", fg);
            let price = Console::cost_of(requests);
            said.extend(wrapped(&format!("<{refresh}> asks Cost Explorer: {price}"), muted));
            said
        }
        ReconcileFace::Loading => {
            let told = format!("{} asking Cost Explorer", spinner(console, canvas.symbols()));
            vec![(told, canvas.style(Role::Pending))]
        }
        ReconcileFace::Failed(problem) => {
            let mut said = wrapped(&problem.to_string(), canvas.style(Role::Warn));
            said.extend(wrapped(&format!("<{refresh}> asks again; nothing is asked by itself"), muted));
            said
        }
        ReconcileFace::Unfit(why) => wrapped(&why, fg),
    };
    banner::centred(canvas, inner, &said);
}
