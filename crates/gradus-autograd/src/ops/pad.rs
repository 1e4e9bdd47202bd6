//! `pad`.

use crate::{Result, Var};

impl Var {
    /// A constant border: `(before, after)` for each dimension.
    ///
    /// The gradient is that of the inside.
    ///
    /// # Errors
    /// If there is not one pair per dimension, or the result is too large.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.nn.functional.pad(mode="constant")`
    pub fn pad(&self, border: &[(usize, usize)], value: f64) -> Result<Self> {
        let padded = self.value().pad(border, value)?;
        let inside: Vec<(usize, usize)> = border
            .iter()
            .zip(self.dims())
            .map(|(&(before, _), &extent)| (before, extent))
            .collect();
        Ok(self.map("pad", padded, move |grad| {
            inside.iter().enumerate().try_fold(grad.clone(), |grad, (dim, &(start, len))| {
                if grad.dims()[dim] == len { Ok(grad) } else { grad.narrow(dim, start, len) }
            })
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        check_op(|x| x[0].pad(&[(1, 0), (0, 0), (2, 1)], 7.0), &[normal([2, 3, 2], 1)]);
        check_op(|x| x[0].pad(&[(1, 2)], 0.0), &[normal(0, 1)]);
    }
}
