//! Logistic regression.

use gradus_autograd::{Var, no_grad};
use gradus_core::Keys;
use gradus_nn::{Ctx, Layer, Linear, Module};
use gradus_tensor::Tensor;

use crate::error::Result;

/// A class from a linear function of the features: p = softmax(x Wᵀ + b).
///
/// The forward pass gives the logits, for the cross-entropy;
/// [`LogisticRegression::probabilities`] applies the softmax.
///
/// # Shapes
/// - `x`: `[..., features]` → logits `[..., classes]`
///
/// # Reference
/// Cox 1958, "The Regression Analysis of Binary Sequences"; with more than two classes also called
/// softmax or multinomial regression.
#[derive(Debug, Clone, Module)]
pub struct LogisticRegression {
    /// W: `[classes, features]`, and b: `[classes]`.
    pub linear: Linear,
}

impl LogisticRegression {
    /// A model of `features` inputs and `classes` classes, drawn as [`Linear`] is.
    ///
    /// # Errors
    /// [`gradus_nn::Error::InvalidConfig`] if an extent is zero.
    pub fn new(features: usize, classes: usize, keys: &mut Keys) -> Result<Self> {
        Ok(Self { linear: Linear::new(features, classes, keys)? })
    }

    /// The probability of each class, `[..., classes]`; each row sums to one.
    ///
    /// # Errors
    /// If the last dimension of `x` is not the number of features.
    ///
    /// # Examples
    /// ```
    /// use gradus_core::Keys;
    /// use gradus_models::LogisticRegression;
    /// use gradus_tensor::Tensor;
    ///
    /// let model = LogisticRegression::new(2, 3, &mut Keys::new(7))?;
    /// let p = model.probabilities(&Tensor::new([[1.0, 2.0]]))?;
    /// assert!((p.sum(..)?.item()? - 1.0).abs() < 1e-6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn probabilities(&self, x: &Tensor) -> Result<Tensor> {
        let x = Var::constant(x.clone());
        let logits = no_grad(|| self.forward(&x, &mut Ctx::eval()))?;
        Ok(logits.value().softmax(-1)?)
    }
}

impl Layer for LogisticRegression {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> gradus_nn::Result<Var> {
        ctx.at("linear", |ctx| self.linear.forward(x, ctx))
    }
}
