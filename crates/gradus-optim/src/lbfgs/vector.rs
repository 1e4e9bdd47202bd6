//! All parameters as one vector.

use gradus_autograd::{Grads, Module, Param};
use gradus_tensor::optim::sum_of_squares;
use gradus_tensor::{DType, Tensor};

use crate::{Error, Result};

/// A tensor per trainable parameter, in the order of the model.
#[derive(Debug, Clone)]
pub(super) struct Vector(pub(super) Vec<Tensor>);

impl Vector {
    /// The gradient; zero where nothing depends on a parameter.
    pub(super) fn gradient(model: &(impl Module + ?Sized), grads: &Grads) -> Result<Self> {
        let part = |(path, param): (String, &Param)| {
            let Some(grad) = grads.get(param) else { return Ok(param.value().zeros_like()) };
            if grad.dims() == param.value().dims() {
                return Ok(grad.clone());
            }
            let (expected, got) = (param.value().shape().clone(), grad.shape().clone());
            Err(Error::Shape { name: path, expected, got })
        };
        trainable(model).map(part).collect::<Result<_>>().map(Self)
    }

    /// The values of the parameters.
    pub(super) fn values(model: &(impl Module + ?Sized)) -> Self {
        Self(trainable(model).map(|(_, param)| param.value().clone()).collect())
    }

    /// Makes this the values of the parameters.
    pub(super) fn put(&self, model: &mut (impl Module + ?Sized)) -> Result<()> {
        let params = model.named_parameters_mut().into_iter().map(|(_, param)| param);
        for (param, value) in params.filter(|param| param.trainable()).zip(&self.0) {
            param.set_value(value.clone())?;
        }
        Ok(())
    }

    /// self + factor · other.
    pub(super) fn plus(&self, factor: f64, other: &Self) -> Result<Self> {
        let parts = self.0.iter().zip(&other.0);
        parts.map(|(a, b)| Ok(a.add(&b.mul_scalar(factor)?)?)).collect::<Result<_>>().map(Self)
    }

    pub(super) fn scaled(&self, factor: f64) -> Result<Self> {
        self.0.iter().map(|part| Ok(part.mul_scalar(factor)?)).collect::<Result<_>>().map(Self)
    }

    /// The inner product, summed in `f64`.
    pub(super) fn dot(&self, other: &Self) -> Result<f64> {
        let mut sum = 0.0;
        for (a, b) in self.0.iter().zip(&other.0) {
            let product = a.to_dtype(DType::F64)?.mul(&b.to_dtype(DType::F64)?)?;
            sum += product.sum(..)?.item()?;
        }
        Ok(sum)
    }

    /// The largest magnitude of an element; 0 if there is none.
    pub(super) fn largest(&self) -> Result<f64> {
        let mut largest = 0.0f64;
        for part in self.0.iter().filter(|part| !part.is_empty()) {
            largest = largest.max(part.abs()?.max(..)?.item()?);
        }
        Ok(largest)
    }

    /// The sum of the magnitudes, in `f64`.
    pub(super) fn sum_of_magnitudes(&self) -> Result<f64> {
        let mut sum = 0.0;
        for part in &self.0 {
            sum += part.to_dtype(DType::F64)?.abs()?.sum(..)?.item()?;
        }
        Ok(sum)
    }

    pub(super) fn is_finite(&self) -> Result<bool> {
        let mut sum = 0.0;
        for part in &self.0 {
            sum += sum_of_squares(part)?;
        }
        Ok(sum.is_finite())
    }
}

/// The trainable parameters with their paths.
pub(super) fn trainable(model: &(impl Module + ?Sized)) -> impl Iterator<Item = (String, &Param)> {
    model.named_parameters().into_iter().filter(|(_, param)| param.trainable())
}
