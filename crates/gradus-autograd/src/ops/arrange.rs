//! `roll`, `repeat`, `repeat_interleave`, `movedim`, `unbind`: elements moved and repeated.

use gradus_core::Dim;

use crate::{Result, Var};

impl Var {
    /// Elements moved up by `shift` places along `dim`; what leaves at one end enters at the other.
    ///
    /// The gradient is rolled back.
    ///
    /// # Errors
    /// If the dimension is out of range.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.roll` with one dimension
    pub fn roll(&self, shift: i64, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into().resolve("roll", self.rank())?;
        let extent = self.dims()[dim].max(1) as i64;
        let back = (extent - shift.rem_euclid(extent)) % extent;
        Ok(self.map("roll", self.value().roll(shift, dim)?, move |grad| grad.roll(back, dim)))
    }

    /// The tensor laid out `times` times along each dimension; missing leading ones count as 1.
    ///
    /// The gradient is the sum over the repetitions.
    ///
    /// # Errors
    /// If the result is too large.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.Tensor.repeat`, `torch.tile`
    pub fn repeat(&self, times: &[usize]) -> Result<Self> {
        let times = times.to_vec();
        self.rearranged("repeat", move |x| x.repeat(&times))
    }

    /// Each entry of `dim` `times` times, one after another.
    ///
    /// The gradient is the sum over the repetitions.
    ///
    /// # Errors
    /// If the dimension is out of range or the result is too large.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.repeat_interleave` with `dim`
    pub fn repeat_interleave(&self, times: usize, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into().resolve("repeat_interleave", self.rank())?;
        self.rearranged("repeat_interleave", move |x| x.repeat_interleave(times, dim))
    }

    /// Entry `i` of `dim` `times[i]` times, one after another.
    ///
    /// # Errors
    /// If the dimension is out of range or there is not one count per entry.
    pub fn repeat_interleave_with(&self, times: &[usize], dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into().resolve("repeat_interleave", self.rank())?;
        let times = times.to_vec();
        self.rearranged("repeat_interleave", move |x| x.repeat_interleave_with(&times, dim))
    }

    /// A dimension moved to another place; the others keep their order.
    ///
    /// The gradient is moved back.
    ///
    /// # Errors
    /// If a dimension is out of range.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.movedim` with one dimension
    pub fn movedim(&self, from: impl Into<Dim>, to: impl Into<Dim>) -> Result<Self> {
        let from = from.into().resolve("movedim", self.rank())?;
        let to = to.into().resolve("movedim", self.rank())?;
        let value = self.value().movedim(from, to)?;
        Ok(self.map("movedim", value, move |grad| grad.movedim(to, from)))
    }

    /// The entries of `dim`, which is dropped.
    ///
    /// Equals a [`Var::select`] per entry, and so does its gradient.
    ///
    /// # Errors
    /// If the dimension is out of range.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.unbind`
    pub fn unbind(&self, dim: impl Into<Dim>) -> Result<Vec<Self>> {
        let dim = dim.into().resolve("unbind", self.rank())?;
        (0..self.dims()[dim]).map(|i| self.select(dim, i)).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([2, 3, 2], 1)];
        for shift in [0, 1, -1, 7, i64::MIN] {
            check_op(|x| x[0].roll(shift, 1), &x);
        }
        check_op(|x| x[0].repeat(&[2, 1, 0, 2]), &x);
        check_op(|x| x[0].repeat(&[2, 1, 2, 2]), &x);
        check_op(|x| x[0].repeat_interleave(2, 1), &x);
        check_op(|x| x[0].repeat_interleave_with(&[2, 0, 1], 1), &x);
        check_op(|x| x[0].movedim(0, -1), &x);
        check_op(|x| Ok(x[0].unbind(1)?.remove(2)), &x);
    }
}
