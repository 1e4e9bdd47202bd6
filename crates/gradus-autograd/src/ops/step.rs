//! `step`.

use gradus_core::Dim;

use crate::{Result, Var};

impl Var {
    /// Every `n`-th element of `dim`, from the first on.
    ///
    /// The gradient is zero at the elements between.
    ///
    /// # Errors
    /// If the dimension is out of range or `n` is zero.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// slicing, `x[::n]` along a dimension
    pub fn step(&self, dim: impl Into<Dim>, n: usize) -> Result<Self> {
        let dim = dim.into().resolve("step", self.rank())?;
        let value = self.value().step(dim, n)?;
        let (extent, shape) = (self.dims()[dim], self.shape().clone());
        // A step beyond the end takes the first element alone.
        let n = n.min(extent.max(1));
        Ok(self.map("step", value, move |grad| {
            // Each element and the n − 1 zeros that follow it become one dimension again.
            let mut border = vec![(0, 0); shape.rank() + 1];
            border[dim + 1] = (0, n - 1);
            let spread = grad.unsqueeze(dim + 1)?.pad(&border, 0.0)?.flatten(dim, dim + 1)?;
            spread.narrow(dim, 0, extent)
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([2, 5, 3], 1)];
        for n in [1, 2, 3, 5, 9, usize::MAX] {
            check_op(|x| x[0].step(1, n), &x);
        }
    }
}
