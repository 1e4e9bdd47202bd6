//! [`Param`]: what a model learns.

use gradus_core::{DType, Shape};
use gradus_tensor::{Element, Tensor};

use crate::{Error, Leaf, LeafId, Result, Var};

/// A learned tensor of a model: a value with an identity under which gradients are collected.
///
/// Models own their parameters, optimizers change them through `&mut`. A clone is a parameter of
/// its own: it shares the value's memory until one of them changes, but not the identity.
///
/// # Examples
/// ```
/// use gradus_autograd::Param;
/// use gradus_tensor::Tensor;
/// let mut weight = Param::new(Tensor::from([3.0f32]));
/// let grads = weight.var().square()?.backward()?;
/// let step = grads.get(&weight).map(|g| g.mul_scalar(0.5)).transpose()?;
/// if let Some(step) = step {
///     weight.set_value(weight.value().sub(&step)?)?;
/// }
/// assert_eq!(weight.value().item()?, 0.0);
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
#[derive(Debug)]
pub struct Param {
    id: LeafId,
    value: Tensor,
    trainable: bool,
}

impl Param {
    /// A parameter that is trained. One of integers or truth values cannot be; it is born frozen.
    pub fn new(value: Tensor) -> Self {
        Self { id: LeafId::fresh(), trainable: value.dtype().is_float(), value }
    }

    /// The parameter in a computation: a leaf, or a constant if it is frozen.
    pub fn var(&self) -> Var {
        if self.trainable {
            Var::leaf_with_id(self.value.clone(), self.id)
        } else {
            Var::constant(self.value.clone())
        }
    }

    /// The value.
    pub fn value(&self) -> &Tensor {
        &self.value
    }

    /// Replaces the value.
    ///
    /// # Errors
    /// [`Error::StateShape`] or [`Error::StateDType`] if the new value looks otherwise.
    pub fn set_value(&mut self, value: Tensor) -> Result<()> {
        check_fits("param", &self.value, &value)?;
        self.value = value;
        Ok(())
    }

    /// The elements to be overwritten: in place if no other tensor or graph sees them, else in a copy.
    ///
    /// # Errors
    /// If `T` is not the dtype.
    pub fn elements_mut<T: Element>(&mut self) -> Result<&mut [T]> {
        Ok(self.value.make_mut()?)
    }

    /// The extents.
    pub fn shape(&self) -> &Shape {
        self.value.shape()
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        self.value.dtype()
    }

    /// How many numbers it has.
    pub fn len(&self) -> usize {
        self.value.len()
    }

    /// Whether it has no element.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// The identity; it lasts as long as the parameter.
    pub fn id(&self) -> LeafId {
        self.id
    }

    pub(crate) fn set_id(&mut self, id: LeafId) {
        self.id = id;
    }

    /// Whether it is trained, that is, not frozen.
    pub fn trainable(&self) -> bool {
        self.trainable
    }

    /// Stops training it: it becomes a constant of every later computation.
    pub fn freeze(&mut self) {
        self.trainable = false;
    }

    /// Trains it again. A parameter of integers or truth values stays frozen.
    pub fn unfreeze(&mut self) {
        self.trainable = self.value.dtype().is_float();
    }
}

/// Whether `new` may take the place of `old`.
pub(crate) fn check_fits(path: &str, old: &Tensor, new: &Tensor) -> Result<()> {
    if old.shape() != new.shape() {
        let (expected, got) = (old.shape().clone(), new.shape().clone());
        return Err(Error::StateShape { path: path.into(), expected, got });
    }
    if old.dtype() != new.dtype() {
        let (expected, got) = (old.dtype(), new.dtype());
        return Err(Error::StateDType { path: path.into(), expected, got });
    }
    Ok(())
}

impl Clone for Param {
    fn clone(&self) -> Self {
        Self { id: LeafId::fresh(), value: self.value.clone(), trainable: self.trainable }
    }
}

impl Leaf for Param {
    fn leaf_id(&self) -> Option<LeafId> {
        Some(self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_is_another_parameter() {
        let a = Param::new(Tensor::from([1.0f32]));
        let b = a.clone();
        let grads = a.var().square().unwrap().backward().unwrap();
        assert!(grads.get(&a).is_some() && grads.get(&b).is_none());
    }

    #[test]
    fn a_frozen_parameter_gets_no_gradient() {
        let mut a = Param::new(Tensor::from([1.0f32]));
        let b = Param::new(Tensor::from([2.0f32]));
        a.freeze();
        let grads = a.var().mul(&b.var()).unwrap().backward().unwrap();
        assert_eq!(grads.len(), 1);
        assert_eq!(grads.get(&b).unwrap().item().unwrap(), 1.0);
        a.unfreeze();
        assert!(a.var().requires_grad());
    }

    #[test]
    fn integers_cannot_be_trained() {
        let mut ids = Param::new(Tensor::from([1i64]));
        ids.unfreeze();
        assert!(!ids.trainable() && !ids.var().requires_grad());
    }

    #[test]
    fn shape_and_dtype_stay() {
        let mut a = Param::new(Tensor::from([1.0f32]));
        let msg = |r: Result<()>| r.unwrap_err().to_string();
        assert_eq!(
            msg(a.set_value(Tensor::from([1.0f32, 2.0]))),
            "param: expected shape [1], got [2]"
        );
        assert_eq!(
            msg(a.set_value(Tensor::from([1.0f64]))),
            "param: expected dtype f32, got f64; cast with to_dtype"
        );
    }
}
