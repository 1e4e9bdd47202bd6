//! What is kept of one image, and what a pixel costs.

use gradus_generate::{Logits, Want};

use super::net::NAME;
use super::prepared::{Layer, Prepared};
use crate::error::{Error, Result};
use crate::inputs::check_fed;
use crate::prepared_rows::PreparedNet;
use crate::real::{Real, gate};

/// What a PixelCNN remembers of one image.
///
/// A row of the vertical stack depends on the rows above alone, so it is computed once, when a pixel of its row is
/// first asked for; and so is each pixel of the horizontal stack.
#[derive(Debug, Clone)]
pub(super) struct Row<T> {
    /// Tokens it was fed: the start, then pixels.
    len: usize,
    /// Its row of the classes.
    condition: usize,
    /// What the vertical stack of each layer reads, `[k + H, k + W + k, C]` with a border of zeros: the pixels'
    /// vectors, then the outputs of the layer before.
    maps: Vec<Vec<T>>,
    /// How many rows of those outputs are there.
    rows_done: usize,
    /// For each layer, what the horizontal stack reads of the current row, `[k + W, C]` with a border of
    /// zeros, the first being unused; at the end what the last layer puts out.
    lines: Vec<Vec<T>>,
    /// For each layer, what the vertical stack adds to the horizontal one, `[W, 2C]`, for the current row.
    links: Vec<Vec<T>>,
    /// The row to which lines and links belong, and how many pixels of its lines are there.
    line_done: Option<(usize, usize)>,
}

/// Numbers on their way through the layers.
#[derive(Debug, Default)]
pub(super) struct Scratch<T> {
    wide: Vec<T>,
    gated: Vec<T>,
    out: Vec<T>,
    hidden: Vec<T>,
    logits: Vec<T>,
}

impl<T: Real> PreparedNet for Prepared<T> {
    type Row = Row<T>;
    type Scratch = Scratch<T>;

    fn row(&self, condition: usize) -> Row<T> {
        let ([height, width], k, c) = (self.image, self.reach, self.channels);
        let n = self.layers.len();
        Row {
            len: 0,
            condition,
            maps: vec![vec![T::ZERO; (k + height) * (width + 2 * k) * c]; n],
            rows_done: 0,
            lines: vec![vec![T::ZERO; (k + width) * c]; n + 1],
            links: vec![Vec::new(); n],
            line_done: None,
        }
    }

    fn len(row: &Row<T>) -> usize {
        row.len
    }

    fn check(&self, row: &Row<T>, fed: &[u32]) -> Result<()> {
        check_fed(NAME, row.len, fed, self.levels)?;
        let (got, context) = (row.len + fed.len(), self.pixels());
        if got > context { Err(Error::Context { model: NAME, got, context }) } else { Ok(()) }
    }

    fn feed(
        &self,
        row: &mut Row<T>,
        (fed, want): (&[u32], Want),
        scratch: &mut Scratch<T>,
        out: &mut Logits,
    ) -> gradus_generate::Result<()> {
        for (i, &token) in fed.iter().enumerate() {
            if row.len > 0 {
                row.put(self, row.len - 1, token);
            }
            row.len += 1;
            let wanted = match want {
                Want::None => false,
                Want::Last => i + 1 == fed.len(),
                Want::All => true,
            };
            if wanted {
                row.predict(self, row.len - 1, scratch);
                out.extend(&scratch.logits)?;
            }
        }
        Ok(())
    }

    /// Any pixel can be taken back: what was computed from it is computed again.
    fn mark(_: &mut Row<T>) {}

    fn close(_: &mut Row<T>) {}

    fn rewind(&self, row: &mut Row<T>, len: usize) -> gradus_generate::Result<()> {
        row.len = len;
        // The pixel that comes next sees earlier ones alone, so that what it was given stays.
        let pixel = len.saturating_sub(1);
        let (y, x) = (pixel / self.image[1], pixel % self.image[1]);
        row.rows_done = row.rows_done.min(y + 1);
        row.line_done =
            row.line_done.filter(|line| line.0 == y).map(|(_, done)| (y, done.min(x + 1)));
        Ok(())
    }
}

impl<T: Real> Row<T> {
    /// Paints a pixel.
    fn put(&mut self, net: &Prepared<T>, pixel: usize, level: u32) {
        let (c, k, width) = (net.channels, net.reach, net.image[1]);
        let (y, x) = (pixel / width, pixel % width);
        let vector = &net.embedding[level as usize * c..][..c];
        let at = ((k + y) * (width + 2 * k) + k + x) * c;
        self.maps[0][at..at + c].copy_from_slice(vector);
    }

    /// Logits of a pixel of which all earlier ones were painted.
    fn predict(&mut self, net: &Prepared<T>, pixel: usize, scratch: &mut Scratch<T>) {
        let (c, k, width) = (net.channels, net.reach, net.image[1]);
        let (y, x) = (pixel / width, pixel % width);
        for row in self.rows_done..y {
            self.scan(net, row, scratch);
        }
        let done = match self.line_done {
            Some((row, done)) if row == y => done,
            _ => {
                self.scan(net, y, scratch);
                0
            }
        };
        self.rows_done = self.rows_done.max(y + 1);
        for x in done..=x {
            for (i, layer) in net.layers.iter().enumerate() {
                self.step(net, (i, layer), (y, x), scratch);
            }
        }
        self.line_done = Some((y, done.max(x + 1)));
        let last = &self.lines[net.layers.len()][(k + x) * c..][..c];
        scratch.out.clear();
        scratch.out.extend(last.iter().map(|h| h.relu()));
        net.hidden.set(&scratch.out, &mut scratch.hidden);
        scratch.hidden.iter_mut().for_each(|h| *h = h.relu());
        net.output.set(&scratch.hidden, &mut scratch.logits);
    }

    /// The vertical stack of all layers for one row, and what it hands over.
    fn scan(&mut self, net: &Prepared<T>, y: usize, scratch: &mut Scratch<T>) {
        let (c, k, width) = (net.channels, net.reach, net.image[1]);
        let line = (width + 2 * k) * c;
        let Scratch { wide, gated, .. } = scratch;
        for (i, layer) in net.layers.iter().enumerate() {
            wide.clear();
            (0..width).for_each(|_| wide.extend_from_slice(&layer.vertical_bias)); // (W, 2C)
            // The map's row y is the image's row y − k.
            for (dy, taps) in layer.vertical.iter().enumerate() {
                for (dx, tap) in taps.iter().enumerate() {
                    let seen = &self.maps[i][(y + dy) * line + dx * c..][..width * c];
                    tap.add_products(seen, wide);
                }
            }
            layer.link.set(wide, &mut self.links[i]);
            let [class, _] = layer.class(self.condition, c);
            if let Some(map) = self.maps.get_mut(i + 1) {
                add_each(wide, class);
                gate(wide, c, gated);
                map[(k + y) * line + k * c..][..width * c].copy_from_slice(gated);
            }
        }
    }

    /// The horizontal stack of one layer at one pixel.
    fn step(
        &mut self,
        net: &Prepared<T>,
        (i, layer): (usize, &Layer<T>),
        (y, x): (usize, usize),
        scratch: &mut Scratch<T>,
    ) {
        let (c, k, width) = (net.channels, net.reach, net.image[1]);
        let Scratch { wide, gated, out, .. } = scratch;
        wide.clear();
        wide.extend_from_slice(&layer.horizontal_bias);
        add_each(wide, &self.links[i][x * 2 * c..][..2 * c]);
        for (dx, tap) in layer.horizontal.iter().enumerate() {
            let seen = match i {
                0 => &self.maps[0][((k + y) * (width + 2 * k) + x + dx) * c..][..c],
                _ => &self.lines[i][(x + dx) * c..][..c],
            };
            tap.add_products(seen, wide);
        }
        add_each(wide, layer.class(self.condition, c)[1]);
        gate(wide, c, gated);
        layer.out.set(gated, out);
        if i > 0 {
            add_each(out, &self.lines[i][(k + x) * c..][..c]);
        }
        self.lines[i + 1][(k + x) * c..][..c].copy_from_slice(out);
    }
}

impl<T: Real> Layer<T> {
    /// What a class adds to the vertical and to the horizontal stack.
    fn class(&self, row: usize, channels: usize) -> [&[T]; 2] {
        let (vertical, horizontal) =
            self.class[row * 4 * channels..][..4 * channels].split_at(2 * channels);
        [vertical, horizontal]
    }
}

/// Adds a vector to each row.
fn add_each<T: Real>(rows: &mut [T], vector: &[T]) {
    for row in rows.chunks_exact_mut(vector.len()) {
        row.iter_mut().zip(vector).for_each(|(x, &y)| *x += y);
    }
}
