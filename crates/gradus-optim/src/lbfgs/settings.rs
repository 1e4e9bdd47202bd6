//! The settings.

use super::LbfgsOptimizer;
use crate::Result;
use crate::error::{require, require_size};

/// How far a step goes along its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineSearch {
    /// As far as the rate says, at the price of one evaluation. PyTorch's default.
    Fixed,
    /// Until the strong Wolfe conditions hold (c₁ = 10⁻⁴, c₂ = 0.9), by cubic interpolation.
    #[default]
    StrongWolfe,
}

/// Settings of L-BFGS, as PyTorch's `LBFGS`: steps along −H·g, where H approximates the inverse
/// Hessian from the last gradients and steps.
///
/// For losses without noise: it wants the same data at every evaluation. One
/// [`step`](LbfgsOptimizer::step) makes up to `max_iter` iterations and evaluates a closure as often as it needs.
///
/// # Reference
/// Liu & Nocedal 1989, "On the limited memory BFGS method for large scale optimization"; Nocedal &
/// Wright 2006, "Numerical Optimization", algorithms 7.4, 3.5 and 3.6.
///
/// # Examples
/// ```
/// use gradus_autograd::{Param, Var};
/// use gradus_optim::Lbfgs;
/// use gradus_tensor::Tensor;
///
/// // Rosenbrock's function: a narrow curved valley with its lowest point at (1, 1).
/// let rosenbrock = |w: &Vec<Param>| -> gradus_optim::Result<Var> {
///     let (x, y) = (w[0].var(), w[1].var());
///     let valley = y.sub(&x.square()?)?.square()?.mul_scalar(100.0)?;
///     Ok(valley.add(&x.sub_scalar(1.0)?.square()?)?)
/// };
/// let mut model = vec![Param::new(Tensor::scalar(-1.2f64)), Param::new(Tensor::scalar(1.0f64))];
/// let mut optimizer = Lbfgs { max_iter: 60, ..Lbfgs::default() }.init()?;
/// optimizer.step(&mut model, rosenbrock)?;
/// assert!((model[0].value().item()? - 1.0).abs() < 1e-4);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Lbfgs {
    /// First length that is tried along a direction.
    pub lr: f64,
    /// Most iterations of a step.
    pub max_iter: usize,
    /// Most evaluations of a step; `None` is 5/4 of `max_iter`.
    pub max_eval: Option<usize>,
    /// A step ends when no element of the gradient is larger.
    pub tolerance_grad: f64,
    /// A step ends when the loss or the parameters change by no more.
    pub tolerance_change: f64,
    /// How many pairs of gradients and steps are remembered.
    pub history_size: usize,
    /// How far an iteration goes.
    pub line_search: LineSearch,
}

/// PyTorch's, but with the line search: rate 1, 20 iterations, a history of 100.
impl Default for Lbfgs {
    fn default() -> Self {
        Self {
            lr: 1.0,
            max_iter: 20,
            max_eval: None,
            tolerance_grad: 1e-7,
            tolerance_change: 1e-9,
            history_size: 100,
            line_search: LineSearch::StrongWolfe,
        }
    }
}

impl Lbfgs {
    /// The optimizer with these settings.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if a setting is outside its range.
    pub fn init(&self) -> Result<LbfgsOptimizer> {
        let is_length = self.lr.is_finite() && self.lr > 0.0;
        require(is_length, "Lbfgs", "lr", "finite and above zero", self.lr)?;
        for (field, n) in [
            ("max_iter", self.max_iter),
            ("max_eval", self.max_evaluations()),
            ("history_size", self.history_size),
        ] {
            require(n > 0, "Lbfgs", field, "above zero", n as f64)?;
        }
        require_size("Lbfgs", "tolerance_grad", self.tolerance_grad)?;
        require_size("Lbfgs", "tolerance_change", self.tolerance_change)?;
        Ok(LbfgsOptimizer::new(self.clone()))
    }

    pub(super) fn max_evaluations(&self) -> usize {
        self.max_eval.unwrap_or(self.max_iter.saturating_mul(5) / 4)
    }
}
