//! What masked models fill: rows of positions that are known or not.

use crate::{Error, Result};

/// One position of a [`Canvas`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cell {
    /// Not known yet.
    Masked,
    /// Known, and its token.
    Known(u32),
}

impl Cell {
    /// The token, if it is known.
    pub fn id(self) -> Option<u32> {
        match self {
            Self::Masked => None,
            Self::Known(id) => Some(id),
        }
    }
}

/// A position of a canvas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pos {
    /// Row of the canvas, which is the row of the request.
    pub row: usize,
    /// Position in the row.
    pub at: usize,
}

/// `rows` rows of `len` positions, each masked or known, and each free or fixed.
///
/// Masks are flags, not token ids: the model's adapter maps them to its own mask id. Fixed positions
/// (prompt, infill, plan) are given from outside; a strategy never masks them again.
///
/// # Examples
/// ```
/// use gradus_generate::{Canvas, Cell};
/// let mut canvas = Canvas::blank(1, 4);
/// canvas.fix(0, 1, 7)?;
/// assert_eq!(canvas.row(0)[..2], [Cell::Masked, Cell::Known(7)]);
/// assert_eq!(canvas.ids(99), [99, 7, 99, 99]);
/// assert_eq!(canvas.masked(0).collect::<Vec<_>>(), [0, 2, 3]);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Canvas {
    rows: usize,
    len: usize,
    cells: Vec<Cell>,
    fixed: Vec<bool>,
}

impl Canvas {
    /// Everything masked and free.
    ///
    /// # Panics
    /// If there are more positions than memory can hold, as `vec!` does.
    pub fn blank(rows: usize, len: usize) -> Self {
        let n = rows.checked_mul(len).expect("a canvas fits into memory");
        Self { rows, len, cells: vec![Cell::Masked; n], fixed: vec![false; n] }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Positions of a row.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no position at all.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The positions of one row.
    ///
    /// # Panics
    /// If there is no such row, as slice indexing does.
    pub fn row(&self, row: usize) -> &[Cell] {
        &self.cells[row * self.len..(row + 1) * self.len]
    }

    /// Which positions of one row are fixed.
    ///
    /// # Panics
    /// If there is no such row, as slice indexing does.
    pub fn fixed(&self, row: usize) -> &[bool] {
        &self.fixed[row * self.len..(row + 1) * self.len]
    }

    /// The masked positions of one row, rising.
    ///
    /// # Panics
    /// If there is no such row, as slice indexing does.
    pub fn masked(&self, row: usize) -> impl Iterator<Item = usize> {
        let cells = self.row(row);
        (0..self.len).filter(move |&at| cells[at] == Cell::Masked)
    }

    /// Every position as an id, row after row, masked ones as `mask`: what most models take.
    pub fn ids(&self, mask: u32) -> Vec<u32> {
        self.cells.iter().map(|c| c.id().unwrap_or(mask)).collect()
    }

    /// Puts a token that the strategy drew.
    ///
    /// # Errors
    /// [`Error::Length`] outside the canvas, [`Error::Contradiction`] on a fixed position.
    pub fn set(&mut self, row: usize, at: usize, id: u32) -> Result<()> {
        let k = self.index(row, at)?;
        if self.fixed[k] {
            let (what, with) = ("a new value", "a fixed position");
            return Err(Error::Contradiction { what, with });
        }
        self.cells[k] = Cell::Known(id);
        Ok(())
    }

    /// Masks a position again.
    ///
    /// # Errors
    /// [`Error::Length`] outside the canvas, [`Error::Contradiction`] on a fixed position.
    pub fn mask(&mut self, row: usize, at: usize) -> Result<()> {
        let k = self.index(row, at)?;
        if self.fixed[k] {
            return Err(Error::Contradiction { what: "a mask", with: "a fixed position" });
        }
        self.cells[k] = Cell::Masked;
        Ok(())
    }

    /// Puts a token that is given from outside and stays.
    ///
    /// # Errors
    /// [`Error::Length`] outside the canvas.
    pub fn fix(&mut self, row: usize, at: usize, id: u32) -> Result<()> {
        let k = self.index(row, at)?;
        self.cells[k] = Cell::Known(id);
        self.fixed[k] = true;
        Ok(())
    }

    fn index(&self, row: usize, at: usize) -> Result<usize> {
        let bad = |what, expected, got| Err(Error::Length { what, expected, got });
        if row >= self.rows {
            return bad("row of a canvas, below", self.rows, row);
        }
        if at >= self.len {
            return bad("position of a canvas, below", self.len, at);
        }
        Ok(row * self.len + at)
    }
}
