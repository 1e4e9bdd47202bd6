//! `resample`.

use gradus_core::Dim;
use gradus_tensor::Taps;

use crate::{Result, Var};

impl Var {
    /// Entries of a dimension summed with constant weights, as `Tensor::resample`: the piece of which
    /// pooling, unfolding and interpolation are made.
    ///
    /// The gradient goes back through the same taps.
    ///
    /// # Shapes
    /// `[..., taps.input(), ...]` → `[..., taps.output(), ...]`
    ///
    /// # Errors
    /// If the dimension is out of range or has another extent than the taps, or the dtype is no
    /// float.
    ///
    /// # PyTorch
    /// none
    pub fn resample(&self, dim: impl Into<Dim>, taps: &Taps) -> Result<Self> {
        let dim = dim.into().resolve("resample", self.rank())?;
        let value = self.value().resample(dim, taps)?;
        if !self.requires_grad() {
            return Ok(Self::constant(value));
        }
        let back = taps.transposed();
        Ok(self.map("resample", value, move |grad| grad.resample(dim, &back)))
    }

    /// The largest tap of each entry, whose gradient goes to the one that was chosen.
    pub(super) fn largest_tap(&self, op: &'static str, dim: usize, taps: &Taps) -> Result<Self> {
        let ids = self.value().argmax_taps(dim, taps).map_err(|error| renamed(op, error))?;
        self.gather(dim, &ids)
    }
}

/// The error under the name of the op that was called.
fn renamed(name: &'static str, error: gradus_tensor::Error) -> gradus_tensor::Error {
    use gradus_core::Error::{EmptyReduction, UnsupportedDType};
    use gradus_tensor::Error::Core;
    match error {
        Core(EmptyReduction { shape, .. }) => Core(EmptyReduction { op: name, shape }),
        Core(UnsupportedDType { expected, got, .. }) => {
            Core(UnsupportedDType { op: name, expected, got })
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let rows = [vec![(0, 0.5), (2, -1.0)], vec![], vec![(2, 3.0), (2, 1.0)]];
        let taps = Taps::new(3, rows).unwrap();
        check_op(|x| x[0].resample(1, &taps)?.sin(), &[normal([2, 3, 2], 1)]);
        check_op(|x| x[0].resample(-1, &taps), &[normal([0, 3], 1)]);
    }
}
