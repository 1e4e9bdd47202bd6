//! What every loss keeps.

use gradus_autograd::{GradCheck, Var};
use gradus_nn::loss::Reduction;
use gradus_tensor::Tensor;

use crate::error::require;
use crate::layer::to_autograd;
use crate::{Claim, Result};

/// The contract of a loss, at one set of inputs.
///
/// The claims are [`Claim::SameBits`], [`Claim::Reductions`], [`Claim::InputGradient`],
/// [`Claim::SecondDerivative`] and [`Claim::Views`].
#[derive(Debug, Clone)]
pub struct LossContract {
    /// What the loss is called in messages.
    pub name: String,
    /// Inputs by which it is differentiated, in f64; away from kinks.
    pub inputs: Vec<Tensor>,
    /// How closely derivatives have to agree with differences.
    pub tolerance: GradCheck,
}

impl LossContract {
    /// The contract with the default tolerance.
    pub fn new(name: impl Into<String>, inputs: Vec<Tensor>) -> Self {
        Self { name: name.into(), inputs, tolerance: GradCheck::default() }
    }

    /// Holds a loss to the contract.
    ///
    /// # Errors
    /// [`Error::Broken`](crate::Error::Broken) for the first claim that does not hold; those of the loss.
    ///
    /// # Examples
    /// ```
    /// use gradus_core::{DType, Key};
    /// use gradus_nn::loss::{Reduction, mse};
    /// use gradus_tensor::Tensor;
    /// use gradus_testing::LossContract;
    /// let draw = |seed| Tensor::randn([3, 2], DType::F64, Key::new(seed));
    /// LossContract::new("mse", vec![draw(1)?, draw(2)?]).check(|x, r| mse(&x[0], &x[1], r))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check(&self, loss: impl Fn(&[Var], Reduction) -> gradus_nn::Result<Var>) -> Result<()> {
        let at = |inputs: &[Tensor], reduction| -> Result<Tensor> {
            let inputs: Vec<Var> = inputs.iter().map(Var::from).collect();
            Ok(loss(&inputs, reduction)?.into_value())
        };
        let none = at(&self.inputs, Reduction::None)?;
        let same = none.equal(&at(&self.inputs, Reduction::None)?);
        self.require(same, Claim::SameBits, || "two calls differ".to_owned())?;
        let (sum, mean) = (at(&self.inputs, Reduction::Sum)?, at(&self.inputs, Reduction::Mean)?);
        self.require(sum.rank() == 0 && mean.rank() == 0, Claim::Reductions, || {
            format!("sum and mean have shapes {} and {}", sum.shape(), mean.shape())
        })?;
        let total = none.sum(..)?;
        self.require(total.allclose(&sum, 1e-9, 1e-12)?, Claim::Reductions, || {
            format!("the sum is {sum}, that of the losses {total}")
        })?;
        let copies = |x: &Tensor| Tensor::stack(&[x.clone(), x.clone()], -1)?.select(-1, 0);
        let views = self.inputs.iter().map(copies).collect::<Result<Vec<_>, _>>()?;
        let same = none.equal(&at(&views, Reduction::None)?);
        self.require(same, Claim::Views, || "the losses differ".to_owned())?;
        self.derivatives(&loss)
    }

    fn derivatives(
        &self,
        loss: impl Fn(&[Var], Reduction) -> gradus_nn::Result<Var>,
    ) -> Result<()> {
        for reduction in [Reduction::None, Reduction::Mean] {
            let f = |x: &[Var]| loss(x, reduction).map_err(to_autograd);
            let first = self.tolerance.check(f, &self.inputs);
            self.require(first.is_ok(), Claim::InputGradient, || describe(&first))?;
            let second = self.tolerance.check_second(f, &self.inputs);
            self.require(second.is_ok(), Claim::SecondDerivative, || describe(&second))?;
        }
        Ok(())
    }

    fn require(&self, holds: bool, claim: Claim, found: impl FnOnce() -> String) -> Result<()> {
        require(holds, &self.name, claim, found)
    }
}

fn describe(result: &gradus_autograd::Result<()>) -> String {
    result.as_ref().err().map(ToString::to_string).unwrap_or_default()
}
