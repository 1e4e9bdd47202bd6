//! What every optimizer keeps.

use gradus_autograd::{Grads, Leaf, Module, Param};
use gradus_optim::Optimizer;
use gradus_tensor::Tensor;

use crate::error::require;
use crate::{Claim, Result};

/// The contract of an optimizer, on a bowl with curvatures from 0.1 to 1.
///
/// The claims are [`Claim::SameBits`], [`Claim::Descent`], [`Claim::StateRoundTrip`], [`Claim::Frozen`] and
/// [`Claim::NonFinite`].
#[derive(Debug, Clone)]
pub struct OptimizerContract {
    /// What the optimizer is called in messages.
    pub name: String,
    /// After how many steps the loss has to be below a half of what it was.
    pub steps: usize,
}

type Model = Vec<Param>;

impl OptimizerContract {
    /// The contract with 200 steps.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), steps: 200 }
    }

    /// Holds the optimizers that `make` gives, all with the same settings, to the contract.
    ///
    /// # Errors
    /// [`Error::Broken`](crate::Error::Broken) for the first claim that does not hold; those of the optimizer.
    ///
    /// # Examples
    /// ```
    /// use gradus_optim::Sgd;
    /// use gradus_testing::OptimizerContract;
    /// OptimizerContract::new("sgd").check(|| Sgd { lr: 0.1, ..Sgd::default() }.init())?;
    /// # Ok::<(), gradus_testing::Error>(())
    /// ```
    pub fn check(&self, make: impl Fn() -> gradus_optim::Result<Optimizer>) -> Result<()> {
        self.descent(&mut make()?, &mut make()?)?;
        self.state_round_trip(&mut make()?, &mut make()?)?;
        self.frozen(&mut make()?)?;
        self.non_finite(&mut make()?)
    }

    fn require(&self, holds: bool, claim: Claim, found: impl FnOnce() -> String) -> Result<()> {
        require(holds, &self.name, claim, found)
    }

    fn descent(&self, optimizer: &mut Optimizer, twin: &mut Optimizer) -> Result<()> {
        let (mut model, mut other) = (bowl()?, bowl()?);
        let before = loss(&model)?.item()?;
        for _ in 0..self.steps {
            step(optimizer, &mut model)?;
            step(twin, &mut other)?;
        }
        let after = loss(&model)?.item()?;
        self.require(after < 0.5 * before, Claim::Descent, || {
            format!("the loss went from {before} to {after} in {} steps", self.steps)
        })?;
        self.require(same(&model, &other), Claim::SameBits, || "two runs differ".to_owned())
    }

    fn state_round_trip(&self, whole: &mut Optimizer, resumed: &mut Optimizer) -> Result<()> {
        const BEFORE: usize = 4;
        const AFTER: usize = 5;
        let (mut model, mut other) = (bowl()?, bowl()?);
        for _ in 0..BEFORE {
            step(whole, &mut model)?;
        }
        other.load_state_dict(&model.state_dict())?;
        resumed.load_state_dict(&whole.state_dict())?;
        for n in 0..AFTER {
            step(whole, &mut model)?;
            step(resumed, &mut other)?;
            self.require(same(&model, &other), Claim::StateRoundTrip, || {
                format!("step {} differs after resuming at step {BEFORE}", BEFORE + n + 1)
            })?;
        }
        Ok(())
    }

    fn frozen(&self, optimizer: &mut Optimizer) -> Result<()> {
        let mut model = bowl()?;
        let grads = loss(&model)?.backward()?;
        model[0].freeze();
        let mut some = Grads::new();
        for param in [&model[0], &model[1]] {
            if let (Some(id), Some(grad)) = (param.leaf_id(), grads.get(param)) {
                some.insert(id, grad.clone());
            }
        }
        let before = model.state_dict();
        for _ in 0..3 {
            optimizer.step(&mut model, &some)?;
        }
        let after = model.state_dict();
        let stays = |path: &str| before[path].equal(&after[path]);
        self.require(stays("0"), Claim::Frozen, || "a frozen parameter moved".to_owned())?;
        self.require(stays("2"), Claim::Frozen, || {
            "a parameter without a gradient moved".to_owned()
        })?;
        self.require(!stays("1"), Claim::Descent, || "the other did not move".to_owned())
    }

    fn non_finite(&self, optimizer: &mut Optimizer) -> Result<()> {
        let mut model = bowl()?;
        step(optimizer, &mut model)?;
        let (values, state) = (model.state_dict(), optimizer.state_dict());
        for bad in [f32::NAN, f32::INFINITY] {
            let mut grads = loss(&model)?.backward()?;
            grads.insert(model[1].id(), Tensor::from([[bad, 0.0], [0.0, 0.0]]));
            let message = optimizer.step(&mut model, &grads).err().map(|error| error.to_string());
            let names = message.as_ref().is_some_and(|message| message.starts_with("1:"));
            self.require(names, Claim::NonFinite, || {
                format!("{bad} gave {}", message.unwrap_or_else(|| "no error".to_owned()))
            })?;
        }
        let kept = values.iter().all(|(path, value)| value.equal(&model.state_dict()[path]));
        let state_kept = state.iter().all(|(name, value)| {
            optimizer.state_dict().get(name).is_some_and(|now| now.equal(value))
        });
        self.require(kept && state_kept, Claim::NonFinite, || "something moved".to_owned())
    }
}

/// A vector, a matrix and a number, since some optimizers treat these differently.
fn bowl() -> Result<Model> {
    let matrix = Tensor::from([[2.0f32, -1.0], [0.5, 3.0]]);
    Ok(vec![
        Param::new(Tensor::from([3.0f32, -1.0, 2.0])),
        Param::new(matrix),
        Param::new(Tensor::scalar(-2.0f32)),
    ])
}

/// Σ c (w − 1)².
fn loss(model: &Model) -> Result<gradus_autograd::Var> {
    let [vector, matrix, number] = [0, 1, 2].map(|i| model[i].var());
    let part = |x: &gradus_autograd::Var, curvature: f64| {
        x.sub_scalar(1.0)?.square()?.sum(..)?.mul_scalar(curvature)
    };
    Ok(part(&vector, 1.0)?.add(&part(&matrix, 0.3)?)?.add(&part(&number, 0.1)?)?)
}

fn step(optimizer: &mut Optimizer, model: &mut Model) -> Result<()> {
    let grads = loss(model)?.backward()?;
    optimizer.step(model, &grads)?;
    Ok(())
}

fn same(a: &Model, b: &Model) -> bool {
    a.iter().zip(b).all(|(a, b)| a.value().equal(b.value()))
}
