//! What every layer keeps.

use std::panic::{AssertUnwindSafe, catch_unwind};

use gradus_autograd::{GradCheck, Var};
use gradus_core::{DType, Key, Keys};
use gradus_nn::{Ctx, Layer, cast};
use gradus_tensor::Tensor;

use crate::error::require;
use crate::{Claim, Result};

/// How the rows of a batch meet in a layer, in evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rows {
    /// Not at all: the first dimension is that of a batch.
    #[default]
    Apart,
    /// They do, or the first dimension is none of a batch.
    Mixed,
}

/// The contract of a layer, at one input.
///
/// The claims are [`Claim::SameBits`], [`Claim::StateRoundTrip`], [`Claim::InputGradient`] and
/// [`Claim::ParameterGradient`] in training mode, [`Claim::RowsIndependent`], [`Claim::Views`],
/// [`Claim::DType`] and [`Claim::ShapeErrors`].
#[derive(Debug, Clone)]
pub struct LayerContract {
    /// What the layer is called in messages.
    pub name: String,
    /// An input that fits, in any float dtype; away from kinks.
    pub x: Tensor,
    /// Whether rows are independent.
    pub rows: Rows,
    /// How closely derivatives have to agree with differences.
    pub tolerance: GradCheck,
}

impl LayerContract {
    /// The contract with independent rows and the default tolerance.
    pub fn new(name: impl Into<String>, x: Tensor) -> Self {
        Self { name: name.into(), x, rows: Rows::Apart, tolerance: GradCheck::default() }
    }

    /// Holds the layers that `make` gives to the contract. They differ in what is drawn from the
    /// keys only.
    ///
    /// # Errors
    /// [`Error::Broken`](crate::Error::Broken) for the first claim that does not hold; those of the layer.
    pub fn check<L: Layer>(&self, make: impl Fn(&mut Keys) -> gradus_nn::Result<L>) -> Result<()> {
        let of_seed = |seed| -> Result<L> {
            let mut layer = make(&mut Keys::new(seed))?;
            cast(&mut layer, DType::F64)?;
            Ok(layer)
        };
        let x = self.x.to_dtype(DType::F64)?;
        self.same_bits(&of_seed(1)?, &of_seed(1)?, &x)?;
        self.state_round_trip(&of_seed(1)?, &mut of_seed(2)?, &x)?;
        self.input_gradient(&of_seed(1)?, &x)?;
        self.parameter_gradients(&mut of_seed(1)?, &x)?;
        self.views(&of_seed(1)?, &x)?;
        self.shape_errors(&of_seed(1)?, &x)?;
        if self.rows == Rows::Apart {
            self.rows_independent(&of_seed(1)?, &x)?;
        }
        let mut single = of_seed(1)?;
        cast(&mut single, DType::F32)?;
        self.dtype(&single)
    }

    fn require(&self, holds: bool, claim: Claim, found: impl FnOnce() -> String) -> Result<()> {
        require(holds, &self.name, claim, found)
    }

    fn same_bits(&self, a: &impl Layer, b: &impl Layer, x: &Tensor) -> Result<()> {
        for (mode, ctx) in [("training", train as fn() -> Ctx), ("evaluation", Ctx::eval)] {
            let [first, again] = [run(a, x, ctx())?, run(b, x, ctx())?];
            self.require(first.equal(&again), Claim::SameBits, || {
                format!("two runs in {mode} differ")
            })?;
        }
        Ok(())
    }

    fn state_round_trip(&self, a: &impl Layer, b: &mut impl Layer, x: &Tensor) -> Result<()> {
        run(a, x, train())?; // moves what a layer keeps, such as running statistics
        b.load_state_dict(&a.state_dict())?;
        for ((path, saved), loaded) in a.state_dict().into_iter().zip(b.state_dict().values()) {
            let found = || format!("`{path}` is {loaded} after loading {saved}");
            self.require(saved.equal(loaded), Claim::StateRoundTrip, found)?;
        }
        let same = run(a, x, Ctx::eval())?.equal(&run(&*b, x, Ctx::eval())?);
        self.require(same, Claim::StateRoundTrip, || {
            "the output differs: something it depends on is not in the state".to_owned()
        })
    }

    fn input_gradient(&self, layer: &impl Layer, x: &Tensor) -> Result<()> {
        for (mode, ctx) in [("training", train as fn() -> Ctx), ("evaluation", Ctx::eval)] {
            let checked = self.tolerance.check(
                |x| layer.forward(&x[0], &mut ctx()).map_err(to_autograd),
                std::slice::from_ref(x),
            );
            self.require(checked.is_ok(), Claim::InputGradient, || {
                format!("in {mode}: {}", checked.map_or_else(|e| e.to_string(), |()| String::new()))
            })?;
        }
        Ok(())
    }

    fn parameter_gradients(&self, layer: &mut impl Layer, x: &Tensor) -> Result<()> {
        if layer.parameters().iter().all(|param| !param.trainable()) {
            return Ok(());
        }
        let grads = score(&*layer, x)?.backward()?;
        for i in 0..layer.parameters().len() {
            let (path, param) = layer.named_parameters().swap_remove(i);
            if !param.trainable() {
                continue;
            }
            let (value, grad) = (param.value().clone(), grads.get(param).cloned());
            let grad = grad.unwrap_or_else(|| value.zeros_like()).to_vec::<f64>()?;
            for (element, grad) in grad.into_iter().enumerate() {
                let numeric = self.difference(layer, x, i, &value, element)?;
                let GradCheck { atol, rtol, .. } = self.tolerance;
                let agrees = (grad - numeric).abs() <= atol + rtol * numeric.abs();
                self.require(agrees, Claim::ParameterGradient, || {
                    format!("`{path}`, element {element}: derivative {grad}, differences {numeric}")
                })?;
            }
        }
        Ok(())
    }

    /// The central difference by one element of parameter `i`, which has its value back afterwards.
    fn difference(
        &self,
        layer: &mut impl Layer,
        x: &Tensor,
        i: usize,
        value: &Tensor,
        element: usize,
    ) -> Result<f64> {
        let mut at = |shift: f64| -> Result<f64> {
            let mut moved = value.to_vec::<f64>()?;
            moved[element] += shift;
            let moved = Tensor::from_vec(moved, value.shape())?;
            layer.named_parameters_mut().swap_remove(i).1.set_value(moved)?;
            Ok(score(&*layer, x)?.item()?)
        };
        let eps = self.tolerance.eps;
        let difference = (at(eps)? - at(-eps)?) / (2.0 * eps);
        layer.named_parameters_mut().swap_remove(i).1.set_value(value.clone())?;
        Ok(difference)
    }

    fn views(&self, layer: &impl Layer, x: &Tensor) -> Result<()> {
        let view = if x.rank() > 1 {
            x.transpose(0, -1)?.contiguous().transpose(0, -1)?
        } else {
            Tensor::stack(&[x.clone(), x.clone()], -1)?.select(-1, 0)?
        };
        let same = run(layer, x, Ctx::eval())?.equal(&run(layer, &view, Ctx::eval())?);
        self.require(same, Claim::Views, || "the outputs differ".to_owned())
    }

    fn rows_independent(&self, layer: &impl Layer, x: &Tensor) -> Result<()> {
        // Many rows, so that kernels take their fast ways.
        let many = Tensor::cat(&vec![x.clone(); 20], 0)?;
        let whole = run(layer, &many, Ctx::eval())?;
        for row in [0, x.size(0)? - 1, many.size(0)? - 1] {
            let alone = run(layer, &many.narrow(0, row, 1)?, Ctx::eval())?;
            let found = || format!("row {row} of {} differs", many.dims()[0]);
            let is_row = whole.narrow(0, row, 1).is_ok_and(|row| row.equal(&alone));
            self.require(is_row, Claim::RowsIndependent, found)?;
        }
        Ok(())
    }

    fn dtype(&self, layer: &impl Layer) -> Result<()> {
        let y = run(layer, &self.x.to_dtype(DType::F32)?, Ctx::eval())?;
        self.require(y.dtype() == DType::F32, Claim::DType, || format!("f32 gave {}", y.dtype()))
    }

    fn shape_errors(&self, layer: &impl Layer, x: &Tensor) -> Result<()> {
        let longer = |dim: usize| Tensor::cat(&[x.clone(), x.narrow(dim, 0, 1)?], dim);
        let mut inputs = vec![Tensor::scalar(0.5f64), x.unsqueeze(0)?];
        inputs.extend((0..x.rank()).map(longer).collect::<Result<Vec<_>, _>>()?);
        for x in inputs {
            let x = Var::from(x);
            let shape = x.shape().clone();
            let forward = || Ctx::eval().at("part", |ctx| layer.forward(&x, ctx));
            let Ok(result) = catch_unwind(AssertUnwindSafe(forward)) else {
                return self
                    .require(false, Claim::ShapeErrors, || format!("an input {shape} panics"));
            };
            let message = result.err().map(|error| error.to_string());
            let names_path = message.as_ref().is_none_or(|message| message.starts_with("part"));
            self.require(names_path, Claim::ShapeErrors, || {
                format!("an input {shape} gives: {}", message.unwrap_or_default())
            })?;
        }
        Ok(())
    }
}

fn train() -> Ctx {
    Ctx::train(Key::new(4))
}

fn run(layer: &(impl Layer + ?Sized), x: &Tensor, mut ctx: Ctx) -> Result<Tensor> {
    Ok(layer.forward(&Var::from(x), &mut ctx)?.into_value())
}

/// Σ y · weights of a training pass, with weights that tell elements apart.
fn score(layer: &impl Layer, x: &Tensor) -> Result<Var> {
    let y = layer.forward(&Var::from(x), &mut train())?;
    let weights = Tensor::randn(y.shape(), y.dtype(), Key::new(8))?;
    Ok(y.mul(&weights.into())?.sum(..)?)
}

/// The error of a layer inside a gradient check, which knows its own errors only.
pub(crate) fn to_autograd(error: gradus_nn::Error) -> gradus_autograd::Error {
    match error {
        gradus_nn::Error::Autograd(error) => error,
        gradus_nn::Error::Tensor(error) => error.into(),
        other => {
            gradus_autograd::Error::NotRepeatable { op: "gradcheck", cause: other.to_string() }
        }
    }
}
