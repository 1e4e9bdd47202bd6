//! Ops on truth values.

use crate::dtypes::require;
use crate::elementwise::{map, zip};
use crate::{DType, Result, Tensor};

impl Tensor {
    /// ¬a.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] unless the dtype is `bool`.
    ///
    /// # Dtypes
    /// bool
    ///
    /// # PyTorch
    /// `torch.logical_not`
    pub fn logical_not(&self) -> Result<Self> {
        require("logical_not", DType::Bool, self.dtype())?;
        Ok(map(self, |a: bool| !a))
    }

    /// a ∧ b, with broadcasting.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] unless both are `bool`, or
    /// [`gradus_core::Error::ShapeMismatch`].
    ///
    /// # Dtypes
    /// bool
    ///
    /// # PyTorch
    /// `torch.logical_and`
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let (a, b) = (Tensor::new([true, false]), Tensor::new([true, true]));
    /// assert_eq!(a.logical_and(&b)?.to_vec::<bool>()?, [true, false]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn logical_and(&self, other: &Self) -> Result<Self> {
        self.logical("logical_and", other, |a, b| a & b)
    }

    /// a ∨ b, with broadcasting.
    ///
    /// # Errors
    /// As [`Tensor::logical_and`].
    ///
    /// # Dtypes
    /// bool
    ///
    /// # PyTorch
    /// `torch.logical_or`
    pub fn logical_or(&self, other: &Self) -> Result<Self> {
        self.logical("logical_or", other, |a, b| a | b)
    }

    /// a ⊕ b, with broadcasting.
    ///
    /// # Errors
    /// As [`Tensor::logical_and`].
    ///
    /// # Dtypes
    /// bool
    ///
    /// # PyTorch
    /// `torch.logical_xor`
    pub fn logical_xor(&self, other: &Self) -> Result<Self> {
        self.logical("logical_xor", other, |a, b| a ^ b)
    }

    fn logical(
        &self,
        op: &'static str,
        other: &Self,
        f: impl Fn(bool, bool) -> bool,
    ) -> Result<Self> {
        require(op, DType::Bool, self.dtype())?;
        require(op, DType::Bool, other.dtype())?;
        zip(op, self, other, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_tables() {
        let (a, b) = (Tensor::new([[false], [true]]), Tensor::new([false, true]));
        let is = |x: Result<Tensor>, table: [bool; 4]| {
            assert_eq!(x.unwrap().to_vec::<bool>().unwrap(), table);
        };
        is(a.logical_and(&b), [false, false, false, true]);
        is(a.logical_or(&b), [false, true, true, true]);
        is(a.logical_xor(&b), [false, true, true, false]);
        assert_eq!(a.logical_not().unwrap().to_vec::<bool>().unwrap(), [true, false]);
        assert!(a.logical_and(&Tensor::new([1])).is_err());
    }
}
