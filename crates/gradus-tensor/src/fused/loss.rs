//! Softmax cross-entropy over the last dimension.

use gradus_core::DType;
use gradus_cpu::loss::{self as kernel, Classes as Rule};
use gradus_cpu::math::Float;
use gradus_cpu::memory::take;

use crate::dtypes::{float, require, same};
use crate::error::from_kernel;
use crate::{Result, Tensor};

/// The classes that logits are compared with.
#[derive(Debug, Clone)]
pub struct Classes {
    /// One per row of logits, `i64`.
    pub targets: Tensor,
    /// Mass ε that is moved from the target to all classes evenly.
    pub smoothing: f64,
    /// A target that has no loss and no gradient.
    pub ignore: Option<i64>,
}

/// What [`Tensor::cross_entropy`] gives.
#[derive(Debug, Clone)]
pub struct ClassLosses {
    /// One loss per row.
    pub losses: Tensor,
    /// ln Σ eˣ of each row, for the gradient; `f32` for `bf16`.
    pub lse: Tensor,
}

impl Tensor {
    /// −Σ q(c) ln softmax(x)(c) over the last dimension, where q is the target's class, smoothed:
    /// (1 − ε)·[c = target] + ε/C. No reduction.
    ///
    /// # Shapes
    /// logits `[..., C]`, targets `[...]` → `[...]`
    ///
    /// # Errors
    /// [`gradus_core::Error::ShapeMismatch`], [`gradus_core::Error::IndexOutOfRange`],
    /// [`gradus_core::Error::UnsupportedDType`] unless the logits are floats and the targets `i64`.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{Classes, Tensor};
    /// let classes = Classes { targets: Tensor::new([1]), smoothing: 0.0, ignore: None };
    /// let loss = Tensor::new([[0.0, 0.0]]).cross_entropy(&classes)?.losses;
    /// assert!((loss.item()? - 2f64.ln()).abs() < 1e-6);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn cross_entropy(&self, classes: &Classes) -> Result<ClassLosses> {
        let count = self.check_classes(classes)?;
        let (targets, rows) = (classes.targets.elements::<i64>(), classes.targets.shape());
        let rule = rule(classes, &targets, count);
        Ok(float!(OP, self.dtype(), T => {
            let mut losses = take::<T>(targets.len());
            let mut lse = take::<<T as Float>::Wide>(targets.len());
            kernel::cross_entropy::<T>(rule, &self.elements(), &mut losses, &mut lse)
                .map_err(|error| from_kernel(OP, error, count))?;
            ClassLosses { losses: Self::from_data(losses, rows), lse: Self::from_data(lse, rows) }
        }))
    }

    /// The gradient of [`Tensor::cross_entropy`] from its `lse` and the gradient of its losses.
    ///
    /// # Errors
    /// As [`Tensor::cross_entropy`].
    pub fn cross_entropy_grad(&self, classes: &Classes, lse: &Self, grad: &Self) -> Result<Self> {
        let count = self.check_classes(classes)?;
        let dtype = same(OP, self.dtype(), grad.dtype())?;
        for rows in [lse, grad] {
            if rows.shape() != classes.targets.shape() {
                let (lhs, rhs) = (classes.targets.shape().clone(), rows.shape().clone());
                return Err(gradus_core::Error::ShapeMismatch { op: OP, lhs, rhs }.into());
            }
        }
        let targets = classes.targets.elements::<i64>();
        let rule = rule(classes, &targets, count);
        Ok(float!(OP, dtype, T => {
            let mut dx = take::<T>(self.len());
            let lse = lse.elements::<<T as Float>::Wide>();
            kernel::cross_entropy_grad::<T>(rule, &self.elements(), &lse, &grad.elements(), &mut dx)
                .map_err(|error| from_kernel(OP, error, count))?;
            Self::from_data(dx, self.shape())
        }))
    }

    /// How many classes there are, if the targets fit.
    fn check_classes(&self, classes: &Classes) -> Result<usize> {
        let targets = &classes.targets;
        let Some((&count, rows)) =
            self.dims().split_last().filter(|(_, rows)| *rows == targets.dims())
        else {
            let (lhs, rhs) = (self.shape().clone(), targets.shape().clone());
            return Err(gradus_core::Error::ShapeMismatch { op: OP, lhs, rhs }.into());
        };
        debug_assert_eq!(rows.iter().product::<usize>(), targets.len());
        require(OP, DType::I64, targets.dtype())?;
        Ok(count)
    }
}

const OP: &str = "cross_entropy";

fn rule<'a>(classes: &Classes, targets: &'a [i64], count: usize) -> Rule<'a> {
    Rule { count, targets, smoothing: classes.smoothing, ignore: classes.ignore }
}
