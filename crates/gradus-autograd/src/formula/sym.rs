//! A formula recorded step by step, to be replayed with differentiable ops.
//!
//! The derivative of the derivative is not taken by types: each order would instantiate the next,
//! and the compiler would never end.

use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

use gradus_core::{BinaryOp, UnaryOp};
use gradus_tensor::{Number, Pointwise, Tensor};

use crate::{Result, Var};

/// A number that only says which step made it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sym(usize);

/// What was done.
#[derive(Debug, Clone, Copy)]
enum Step {
    Input(usize),
    Constant(f64),
    Unary(UnaryOp, Sym),
    Binary(BinaryOp, Sym, Sym),
    Scalar(BinaryOp, Sym, f64),
    /// The third where the first is less than the second, else the fourth.
    IfLess([Sym; 4]),
}

thread_local! {
    static TAPE: RefCell<Vec<Step>> = const { RefCell::new(Vec::new()) };
}

fn record(step: Step) -> Sym {
    TAPE.with_borrow_mut(|tape| {
        tape.push(step);
        Sym(tape.len() - 1)
    })
}

/// The steps of a formula.
#[derive(Debug)]
pub(super) struct Recording {
    steps: Vec<Step>,
    result: Sym,
}

impl Recording {
    pub(super) fn of<const N: usize>(f: &impl Pointwise<N>) -> Self {
        // A formula could, strangely, differentiate another one: its tape is kept aside.
        let outer = TAPE.take();
        let result = f.call(std::array::from_fn(|i| record(Step::Input(i))));
        Self { steps: TAPE.replace(outer), result }
    }

    /// The formula by ops.
    pub(super) fn replay(&self, inputs: &[Var]) -> Result<Var> {
        let mut made: Vec<Var> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let at = |sym: Sym| &made[sym.0];
            let var = match *step {
                Step::Input(i) => inputs[i].clone(),
                Step::Constant(c) => Tensor::full((), c, inputs[0].dtype())?.into(),
                Step::Unary(op, x) => at(x).unary(op)?,
                Step::Binary(op, a, b) => at(a).binary(op, at(b))?,
                Step::Scalar(op, a, c) => at(a).binary_scalar(op, c)?,
                Step::IfLess([a, b, then, otherwise]) => {
                    let less = at(a).value().lt(at(b).value())?;
                    Var::where_cond(&less, at(then), at(otherwise))?
                }
            };
            made.push(var);
        }
        Ok(made.swap_remove(self.result.0))
    }
}

/// Stamps the operators.
macro_rules! operators {
    ($($trait:ident $method:ident;)*) => {$(
        impl $trait for Sym {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                record(Step::Binary(BinaryOp::$trait, self, other))
            }
        }
        impl $trait<f64> for Sym {
            type Output = Self;
            fn $method(self, other: f64) -> Self {
                record(Step::Scalar(BinaryOp::$trait, self, other))
            }
        }
    )*};
}
operators! { Add add; Sub sub; Mul mul; Div div; }

impl Neg for Sym {
    type Output = Self;
    fn neg(self) -> Self {
        record(Step::Unary(UnaryOp::Neg, self))
    }
}

/// Stamps the functions.
macro_rules! functions {
    ($($method:ident $op:ident;)*) => {$(
        fn $method(self) -> Self {
            record(Step::Unary(UnaryOp::$op, self))
        }
    )*};
}

impl Number for Sym {
    functions! {
        exp Exp; expm1 Expm1; log Log; log1p Log1p; sqrt Sqrt; tanh Tanh; sigmoid Sigmoid; erf Erf;
    }
    fn constant(x: f64) -> Self {
        record(Step::Constant(x))
    }
    fn if_less(self, other: Self, then: Self, otherwise: Self) -> Self {
        record(Step::IfLess([self, other, then, otherwise]))
    }
}
