//! Pictures of planes: regions, contours, paths, diagrams.

use anyhow::Result;
use gradus::tensor::{DType, Tensor};

use crate::Ink;
use crate::contour::contour;

/// What lies on a plane.
#[derive(Debug, Clone)]
pub(crate) enum Figure {
    Rect([(f64, f64); 2], Ink),
    Line(Vec<(f64, f64)>, Ink, u32),
    Dot((f64, f64), Ink, i32),
    Text((f64, f64), Anchor, String, Ink, i32),
}

/// Which part of a text stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Its first letter.
    Start,
    /// Its middle.
    Middle,
    /// Its last letter.
    End,
}

/// A part of a plane and what is drawn on it, the first lowest.
#[derive(Debug, Clone)]
pub struct Plane {
    pub(crate) title: String,
    pub(crate) labels: [String; 2],
    pub(crate) x: [f64; 2],
    pub(crate) y: [f64; 2],
    pub(crate) figures: Vec<Figure>,
}

/// How many colours a region is painted in.
const SHADES: f64 = 8.0;

impl Plane {
    /// The part of the plane between these coordinates. Without labels it has no axes.
    pub fn new(title: impl Into<String>, labels: [&str; 2], x: [f64; 2], y: [f64; 2]) -> Self {
        let labels = labels.map(str::to_owned);
        Self { title: title.into(), labels, x, y, figures: Vec::new() }
    }

    /// The places of a grid of `n`×`n`, row after row from below: `[n², 2]`, f64.
    ///
    /// # Errors
    /// Never, but for `n` of zero.
    pub fn grid(&self, n: usize) -> Result<Tensor> {
        let [x, y] = [axis(self.x, n), axis(self.y, n)];
        let places: Vec<f64> =
            y.iter().flat_map(|&y| x.iter().flat_map(move |&x| [x, y])).collect();
        Ok(Tensor::from_vec(places, [n * n, 2])?)
    }

    /// Paints probabilities on the places of [`Plane::grid`].
    ///
    /// # Errors
    /// If they are not floats, or not `n²`.
    pub fn shade(&mut self, n: usize, probabilities: &Tensor) -> Result<&mut Self> {
        let values = probabilities.reshape([n, n])?.to_dtype(DType::F64)?.to_vec::<f64>()?;
        let half = |[low, high]: [f64; 2]| (high - low) / (2 * (n - 1)) as f64;
        let (half_x, half_y) = (half(self.x), half(self.y));
        let [x, y] = [axis(self.x, n), axis(self.y, n)];
        for (row, line) in values.chunks(n).enumerate() {
            let colors: Vec<f64> = line.iter().map(|p| (p * SHADES).round() / SHADES).collect();
            let mut first = 0;
            // Neighbours of one colour are one rectangle: a small file, and no seams.
            for run in colors.chunk_by(|a, b| a == b) {
                let last = first + run.len() - 1;
                let corner =
                    |x: f64, y: f64| (x.clamp(self.x[0], self.x[1]), y.clamp(self.y[0], self.y[1]));
                let low = corner(x[first] - half_x, y[row] - half_y);
                let high = corner(x[last] + half_x, y[row] + half_y);
                self.figures.push(Figure::Rect([low, high], Ink::Shade(run[0])));
                first = last + 1;
            }
        }
        Ok(self)
    }

    /// Draws lines of equal height, from heights on the places of [`Plane::grid`].
    ///
    /// # Errors
    /// If they are not floats, or not `n²`.
    pub fn contours(
        &mut self,
        n: usize,
        heights: &Tensor,
        levels: &[f64],
        ink: Ink,
    ) -> Result<&mut Self> {
        let heights = heights.reshape([n, n])?.to_dtype(DType::F64)?.to_vec::<f64>()?;
        let [x, y] = [axis(self.x, n), axis(self.y, n)];
        for &level in levels {
            for piece in contour(&x, &y, &heights, level) {
                self.figures.push(Figure::Line(piece, ink, 2));
            }
        }
        Ok(self)
    }

    /// Draws a line; what leaves the plane is not shown.
    pub fn line(&mut self, points: Vec<(f64, f64)>, ink: Ink, width: u32) -> &mut Self {
        self.figures.push(Figure::Line(points, ink, width));
        self
    }

    /// Draws a dot of a radius in pixels.
    pub fn dot(&mut self, at: (f64, f64), ink: Ink, radius: i32) -> &mut Self {
        self.figures.push(Figure::Dot(at, ink, radius));
        self
    }

    /// Paints a rectangle between two corners.
    pub fn rect(&mut self, corners: [(f64, f64); 2], ink: Ink) -> &mut Self {
        self.figures.push(Figure::Rect(corners, ink));
        self
    }

    /// Writes text of a height in pixels around a place.
    pub fn text(
        &mut self,
        at: (f64, f64),
        text: impl Into<String>,
        ink: Ink,
        size: i32,
    ) -> &mut Self {
        self.anchored(at, Anchor::Middle, text, ink, size)
    }

    /// Writes text that begins or ends at a place.
    pub fn anchored(
        &mut self,
        at: (f64, f64),
        anchor: Anchor,
        text: impl Into<String>,
        ink: Ink,
        size: i32,
    ) -> &mut Self {
        self.figures.push(Figure::Text(at, anchor, text.into(), ink, size));
        self
    }
}

/// `n` numbers from the lowest to the highest.
fn axis([low, high]: [f64; 2], n: usize) -> Vec<f64> {
    (0..n).map(|i| low + (high - low) * i as f64 / (n - 1).max(1) as f64).collect()
}
