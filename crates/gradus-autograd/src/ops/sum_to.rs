//! `sum_to`: the reverse of broadcasting.

use gradus_core::Shape;

use crate::{Result, Var};

impl Var {
    /// The sum over the elements that [`Var::expand`] makes of one: `expand`'s derivative.
    ///
    /// # Errors
    /// [`gradus_core::Error::ShapeMismatch`] if `shape` does not broadcast to this shape.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.Tensor.sum_to_size`
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_tensor::Tensor;
    /// let x = Var::constant(Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]));
    /// assert_eq!(x.sum_to([2, 1])?.value().to_vec::<f32>()?, [3.0, 7.0]);
    /// assert_eq!(x.sum_to([2])?.value().to_vec::<f32>()?, [4.0, 6.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn sum_to(&self, shape: impl Into<Shape>) -> Result<Self> {
        let shape = shape.into();
        if *self.shape() == shape {
            return Ok(self.clone());
        }
        if shape.broadcast("sum_to", self.shape())? != *self.shape() {
            let (lhs, rhs) = (self.shape().clone(), shape);
            return Err(gradus_core::Error::ShapeMismatch { op: "sum_to", lhs, rhs }.into());
        }
        let lead = self.rank() - shape.rank();
        let repeated = |&dim: &usize| dim < lead || shape[dim - lead] != self.shape()[dim];
        let dims: Vec<usize> = (0..self.rank()).filter(repeated).collect();
        self.sum_keepdim(dims.as_slice())?.reshape(shape)
    }

    /// The shape, if a gradient has to be summed to it.
    pub(crate) fn wanted_shape(&self) -> Option<Shape> {
        self.requires_grad().then(|| self.shape().clone())
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        check_op(|x| x[0].sum_to([3, 1]), &[normal([2, 3, 4], 1)]);
    }

    #[test]
    fn only_a_broadcast_can_be_reversed() {
        let x: crate::Var = normal([2, 3], 1).into();
        assert!(x.sum_to([4, 3]).is_err() && x.sum_to([1, 2, 3]).is_err());
    }

    #[test]
    fn nothing_sums_to_zero() {
        let x: crate::Var = normal([0, 3], 1).into();
        assert_eq!(crate::testing::elements(&x.sum_to([1, 3]).unwrap()), [0.0; 3]);
    }
}
