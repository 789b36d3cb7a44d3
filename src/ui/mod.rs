//! How the console looks: [`view`] draws it onto a frame. No state, no clock, no I/O.
//!
//! ```text
//!  prod-ml 123456789012  MLAdmin  eu-west-1   LOCKED      apps 412 run  $318.40/h      header.rs
//!  <1> overview  <2> domains  <3> users  <4> spaces  <5> apps            data 12 s old
//! ┌─ apps (all domains) [37/1,204] </idle>2h> ──────────────────────────── sort $/H ▼ ─┐
//! │ ✗ research in eu-west-1: not authorized to perform sagemaker:ListApps              │  banner.rs
//! │   OWNER        DOMAIN     TYPE         STATUS       INSTANCE         $/H  IDLE     │  table.rs,
//! │▶✓ anna-k       research   JupyterLab   ● InService  ml.g5.12xlarge  7.09  idle 9h  │  overview.rs,
//! │  ┌─ stop 14 apps ────────┐  dialogs/   KernelGat…   ● InService  ml.g4dn.xl…       │  operations.rs
//! └────────────────────────────────────────────────────────────────────────────────────┘
//!  ✓ 2 marked · stopping them saves $7.83/h             <space> mark <d> details <?> help  footer.rs
//! ```

mod banner;
mod canvas;
mod cost;
mod curve;
mod dialogs;
mod footer;
mod header;
mod ledger;
mod naming;
mod operations;
mod overview;
mod quotas;
mod steps;
mod sweep;
mod table;
mod text;
pub mod theme;

use ratatui::layout::Rect;

use crate::console::{Console, Drawn, Pane};

use canvas::Canvas;
use theme::{Role, Symbols, Theme};

/// The least columns and rows on which the console can be used.
pub const LEAST: (u16, u16) = (40, 8);

/// Draws the console and tells what was drawn, for [`Console::drawn`].
pub fn view(console: &Console, theme: &Theme, frame: &mut ratatui::Frame<'_>) -> Drawn {
    let area = frame.area();
    let mut canvas = Canvas { buffer: frame.buffer_mut(), theme, drawn: Drawn::default(), cursor: None };
    draw(&mut canvas, console, area);
    sweep::sweep(canvas.buffer, theme.symbols());
    let Canvas { drawn, cursor, .. } = canvas;
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
    drawn
}

fn draw(canvas: &mut Canvas<'_>, console: &Console, area: Rect) {
    let ground = canvas.style(Role::Fg).patch(canvas.style(Role::Bg));
    canvas.fill(area, ground);
    if area.width < LEAST.0 || area.height < LEAST.1 {
        let warn = canvas.style(Role::Warn);
        let text = format!("terminal too small: {}x{} needed", LEAST.0, LEAST.1);
        canvas.put(area.x, area.y, area.width, &text, warn);
        return;
    }
    let head = header::height(console, area);
    let foot = footer::height(console, area);
    let body = Rect { y: area.y + head, height: area.height - head - foot, ..area };
    header::draw(canvas, console, Rect { height: head, ..area });
    if !dialogs::cover(canvas, console, body) {
        match console.pane {
            Pane::Overview => overview::draw(canvas, console, body),
            Pane::Cost => cost::draw(canvas, console, body),
            Pane::Quotas => quotas::draw(canvas, console, body),
            Pane::Operations => operations::draw(canvas, console, body),
            Pane::Domains | Pane::Users | Pane::Spaces | Pane::Apps => table::draw(canvas, console, body),
        }
    }
    footer::draw(canvas, console, Rect { y: body.bottom(), height: foot, ..area });
    dialogs::draw(canvas, console, body);
}

/// The frame of the spinner that belongs to the time.
fn spinner(console: &Console, symbols: &Symbols) -> &'static str {
    let frames = symbols.spinner;
    let tenths = console.now.as_millisecond().div_euclid(100);
    let at = tenths.rem_euclid(i64::try_from(frames.len()).unwrap_or(1).max(1));
    usize::try_from(at).ok().and_then(|at| frames.get(at)).copied().unwrap_or(" ")
}

/// The first of so many rows that are drawn: the wanted one, moved so that the cursor is visible and no row
/// is left empty at the end.
fn first_row(wanted: usize, cursor: usize, visible: usize, all: usize) -> usize {
    let visible = visible.max(1);
    let first = wanted.min(all.saturating_sub(visible));
    if cursor < first {
        cursor
    } else if cursor >= first + visible {
        cursor + 1 - visible
    } else {
        first
    }
}

#[cfg(test)]
mod tests;
