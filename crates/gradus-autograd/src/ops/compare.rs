//! Ops without a derivative: their results are truth values or indices, so they return a
//! [`Tensor`] and end the graph.
//!
//! | op | dtypes | PyTorch |
//! |---|---|---|
//! | `eq` | any | `torch.eq` |
//! | `ne` | any | `torch.ne` |
//! | `lt` | any | `torch.lt` |
//! | `le` | any | `torch.le` |
//! | `gt` | any | `torch.gt` |
//! | `ge` | any | `torch.ge` |

use gradus_core::{CompareOp, Dim};
use gradus_tensor::Tensor;

use crate::{Result, Var};

/// Stamps a comparison with a variable and with a constant.
macro_rules! compare {
    ($($op:ident $op_scalar:ident $symbol:literal,)*) => {$(
        #[doc = concat!("Whether a ", $symbol, " b, with broadcasting, as `bool`.")]
        ///
        /// # Errors
        /// If the dtypes differ or the shapes cannot be broadcast together.
        pub fn $op(&self, other: &Self) -> Result<Tensor> {
            Ok(self.value().$op(other.value())?)
        }

        #[doc = concat!("Whether x ", $symbol, " c for a constant c, as `bool`.")]
        ///
        /// # Errors
        /// As `Tensor`'s method of this name.
        pub fn $op_scalar(&self, constant: f64) -> Result<Tensor> {
            Ok(self.value().$op_scalar(constant)?)
        }
    )*};
}

impl Var {
    compare! {
        eq eq_scalar "=",
        ne ne_scalar "≠",
        lt lt_scalar "<",
        le le_scalar "≤",
        gt gt_scalar ">",
        ge ge_scalar "≥",
    }

    /// A comparison, chosen at run time.
    ///
    /// # Errors
    /// If the dtypes differ or the shapes cannot be broadcast together.
    pub fn compare(&self, op: CompareOp, other: &Self) -> Result<Tensor> {
        match op {
            CompareOp::Eq => self.eq(other),
            CompareOp::Ne => self.ne(other),
            CompareOp::Lt => self.lt(other),
            CompareOp::Le => self.le(other),
            CompareOp::Gt => self.gt(other),
            CompareOp::Ge => self.ge(other),
        }
    }

    /// Whether x is not a number, as `bool`.
    ///
    /// # Errors
    /// As `Tensor::is_nan`.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.isnan`
    pub fn is_nan(&self) -> Result<Tensor> {
        Ok(self.value().is_nan()?)
    }

    /// Whether x is neither infinite nor NaN, as `bool`.
    ///
    /// # Errors
    /// As `Tensor::is_finite`.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.isfinite`
    pub fn is_finite(&self) -> Result<Tensor> {
        Ok(self.value().is_finite()?)
    }

    /// The index of the largest element along `dim`, which is dropped; the first on ties.
    ///
    /// # Errors
    /// If the dimension is out of range or empty.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.argmax`
    pub fn argmax(&self, dim: impl Into<Dim>) -> Result<Tensor> {
        Ok(self.value().argmax(dim)?)
    }

    /// As [`Var::argmax`], with an extent of 1 in place of `dim`.
    ///
    /// # Errors
    /// As [`Var::argmax`].
    pub fn argmax_keepdim(&self, dim: impl Into<Dim>) -> Result<Tensor> {
        Ok(self.value().argmax_keepdim(dim)?)
    }

    /// The index of the smallest element along `dim`, which is dropped; the first on ties.
    ///
    /// # Errors
    /// If the dimension is out of range or empty.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.argmin`
    pub fn argmin(&self, dim: impl Into<Dim>) -> Result<Tensor> {
        Ok(self.value().argmin(dim)?)
    }

    /// As [`Var::argmin`], with an extent of 1 in place of `dim`.
    ///
    /// # Errors
    /// As [`Var::argmin`].
    pub fn argmin_keepdim(&self, dim: impl Into<Dim>) -> Result<Tensor> {
        Ok(self.value().argmin_keepdim(dim)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generic_form_is_the_method() {
        let (a, b) = (Tensor::from([1.0f64, 2.0, 3.0]), Tensor::from([2.0f64, 2.0, 2.0]));
        let holds = |op| {
            let result = Var::from(&a).compare(op, &Var::from(&b)).unwrap();
            let scalar = match op {
                CompareOp::Eq => Var::from(&a).eq_scalar(2.0),
                CompareOp::Ne => Var::from(&a).ne_scalar(2.0),
                CompareOp::Lt => Var::from(&a).lt_scalar(2.0),
                CompareOp::Le => Var::from(&a).le_scalar(2.0),
                CompareOp::Gt => Var::from(&a).gt_scalar(2.0),
                CompareOp::Ge => Var::from(&a).ge_scalar(2.0),
            };
            assert!(result.equal(&scalar.unwrap()));
            result.to_vec::<bool>().unwrap()
        };
        assert_eq!(holds(CompareOp::Eq), [false, true, false]);
        assert_eq!(holds(CompareOp::Ne), [true, false, true]);
        assert_eq!(holds(CompareOp::Lt), [true, false, false]);
        assert_eq!(holds(CompareOp::Le), [true, true, false]);
        assert_eq!(holds(CompareOp::Gt), [false, false, true]);
        assert_eq!(holds(CompareOp::Ge), [false, true, true]);
    }
}
