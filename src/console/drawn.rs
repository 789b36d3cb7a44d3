//! What was drawn last, told back by the screen so that keys and clicks know what they mean.

use super::Pane;

/// What was drawn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drawn {
    /// How many rows of the table or list were visible.
    pub rows: usize,
    /// The first of them.
    pub first: usize,
    /// How many lines of the topmost layer were visible.
    pub lines: usize,
    /// How many lines the topmost layer has in all.
    pub all_lines: usize,
    /// What can be clicked.
    pub areas: Vec<(Area, Target)>,
}

/// A rectangle of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Area {
    /// Leftmost column.
    pub x: u16,
    /// Topmost row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Area {
    /// Whether a cell is in it.
    pub fn contains(&self, x: u16, y: u16) -> bool {
        x >= self.x && y >= self.y && x - self.x < self.width && y - self.y < self.height
    }
}

/// What a click means.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Show a pane.
    Pane(Pane),
    /// Put the cursor on this row of the table, list or menu.
    Row(usize),
    /// Sort by this column, by its position in the table's columns.
    Column(usize),
    /// Put the overview's cursor on this line of this tile.
    Tile(usize, usize),
}

impl Drawn {
    /// What is at a cell; later areas lie over earlier ones.
    pub fn at(&self, x: u16, y: u16) -> Option<&Target> {
        self.areas.iter().rev().find(|(area, _)| area.contains(x, y)).map(|(_, target)| target)
    }
}
