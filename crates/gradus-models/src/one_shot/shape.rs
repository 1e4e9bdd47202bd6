//! The shape of a sample.

use gradus_tensor::Tensor;

use crate::error::{Error, Result, require};

/// A vector of so many numbers, or an image of so many channels, rows and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SampleShape {
    Vector(usize),
    Image([usize; 3]),
}

impl SampleShape {
    /// # Errors
    /// [`Error::Config`] unless `shape` is `[F]` or `[C, H, W]` without a zero.
    pub(super) fn new(model: &'static str, shape: &[usize]) -> Result<Self> {
        let expected = "[F] or [C, H, W], all above zero";
        require(!shape.contains(&0), model, "shape", expected, shape)?;
        require(matches!(shape.len(), 1 | 3), model, "shape", expected, shape)?;
        Ok(match *shape {
            [channels, height, width] => Self::Image([channels, height, width]),
            _ => Self::Vector(shape[0]),
        })
    }

    /// The first extent, that of the channels, times so many.
    pub(super) const fn times(self, factor: usize) -> Self {
        match self {
            Self::Vector(features) => Self::Vector(features * factor),
            Self::Image([channels, h, w]) => Self::Image([channels * factor, h, w]),
        }
    }

    /// The first extent and so many more.
    pub(super) const fn plus(self, more: usize) -> Self {
        match self {
            Self::Vector(features) => Self::Vector(features + more),
            Self::Image([channels, h, w]) => Self::Image([channels + more, h, w]),
        }
    }

    pub(super) fn dims(self) -> Vec<usize> {
        match self {
            Self::Vector(features) => vec![features],
            Self::Image(dims) => dims.to_vec(),
        }
    }

    /// How many rows of this shape a batch has.
    pub(super) fn rows_of(self, model: &'static str, data: &Tensor) -> Result<usize> {
        match data.dims() {
            [rows, dims @ ..] if dims == self.dims() => Ok(*rows),
            _ => {
                let (name, expected) = ("data", "[B, ...] with the model's shape of a sample");
                Err(Error::InputShape { model, name, expected, got: data.shape().clone() })
            }
        }
    }
}
