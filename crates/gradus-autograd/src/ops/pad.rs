//! `pad`.

use gradus_tensor::PadMode;

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

    /// A border of a constant or of the elements themselves: `(before, after)` for each dimension.
    ///
    /// The gradient of a border is added to the elements that it is made of.
    ///
    /// # Errors
    /// If there is not one pair per dimension, or the border needs elements that are not there.
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_tensor::{PadMode, Tensor};
    /// let x = Var::leaf(Tensor::from([1.0f32, 2.0, 3.0]));
    /// let y = x.pad_with(&[(1, 1)], PadMode::Replicate)?;
    /// assert_eq!(y.value().to_vec::<f32>()?, [1.0, 1.0, 2.0, 3.0, 3.0]);
    /// let grads = y.sum(..)?.backward()?;
    /// assert_eq!(grads.get(&x).map(|g| g.to_vec::<f32>()), Some(Ok(vec![2.0, 1.0, 2.0])));
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn pad_with(&self, border: &[(usize, usize)], mode: PadMode) -> Result<Self> {
        if let PadMode::Constant(value) = mode {
            return self.pad(border, value);
        }
        let border = border.to_vec();
        self.rearranged("pad", move |x| x.pad_with(&border, mode))
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
