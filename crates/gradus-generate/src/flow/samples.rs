//! What is asked for.

use std::time::Duration;

use gradus_core::{DType, Key, Kind, Shape};
use gradus_tensor::Tensor;

use crate::{Error, Result};

/// The most values of all samples: some gigabytes of memory.
const MOST: usize = 1 << 31;

/// How many samples of which shape, from which noise.
///
/// # Examples
/// ```
/// use gradus_generate::flow::Samples;
/// let images = Samples::new(16, [1, 28, 28]).seed(7);
/// let third = Samples::new(1, [1, 28, 28]).seed(7).first_row(2); // image 2 of the 16
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Samples {
    rows: usize,
    shape: Vec<usize>,
    dtype: DType,
    start: Option<Tensor>,
    seed: u64,
    first_row: u32,
    pub(super) deadline: Option<Duration>,
}

impl Samples {
    /// `rows` samples of this shape, in f32.
    pub fn new(rows: usize, shape: impl Into<Shape>) -> Self {
        let shape = shape.into().dims().to_vec();
        Self { rows, shape, dtype: DType::F32, start: None, seed: 0, first_row: 0, deadline: None }
    }

    /// Starts from a given x at the first time of the grid, such as a noised image, instead of noise.
    pub fn starting_at(x: &Tensor) -> Self {
        let (rows, shape) = (x.dims().first().copied(), x.dims().get(1..).unwrap_or_default());
        let new = Self::new(rows.unwrap_or(0), shape.to_vec());
        Self { dtype: x.dtype(), start: Some(x.clone()), ..new }
    }

    /// The dtype of the noise.
    pub fn dtype(self, dtype: DType) -> Self {
        Self { dtype, ..self }
    }

    /// The seed of the noise; 0 unless set.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The number of the first row in the keys of the noise: row 3 of a batch gets the noise of a
    /// single row with `first_row(3)`.
    pub fn first_row(self, first_row: u32) -> Self {
        Self { first_row, ..self }
    }

    /// Ends the run with [`Error::Interrupted`] when this much time has passed.
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// Standard normal noise for call `round`, `[rows, ...]`; each row's depends on its number alone.
    pub(super) fn noise(&self, round: u32) -> Result<Tensor> {
        if self.rows == 0 {
            return Err(Error::Length { what: "samples, at least", expected: 1, got: 0 });
        }
        let each = self.shape.iter().fold(1usize, |n, &dim| n.saturating_mul(dim.max(1)));
        let got = self.rows.saturating_mul(each);
        if got > MOST {
            return Err(Error::Length {
                what: "values of all samples, at most",
                expected: MOST,
                got,
            });
        }
        let of_row = |row: usize| {
            let key = Key::new(self.seed).at(self.first_row.wrapping_add(row as u32), 0);
            Tensor::randn(self.shape.clone(), self.dtype, key.kind(Kind::Noise).round(round))
        };
        let rows = (0..self.rows).map(of_row).collect::<gradus_tensor::Result<Vec<_>>>()?;
        Ok(Tensor::stack(&rows, 0)?)
    }

    /// x at the first time, where s is the scale of the noise.
    pub(super) fn start(&self, s: f64) -> Result<Tensor> {
        match &self.start {
            Some(x) if self.rows > 0 => Ok(x.clone()),
            _ => Ok(self.noise(0)?.mul_scalar(s)?),
        }
    }
}
