//! Random shapes and values for a check.

use std::cell::Cell;
use std::ops::Range;

use gradus_autograd::{Result, Var, gradcheck, gradgradcheck};
use gradus_tensor::{DType, Key, Shape, Tensor};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

/// What a check draws its inputs from.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// Rank 0 to 3, extents 0 to 3.
    pub(crate) shape: Vec<usize>,
    /// For two operands, which extents are 1 instead.
    ones: [[bool; 3]; 2],
    /// For two operands, how many leading dimensions are missing.
    missing: [usize; 2],
    /// A dimension, once taken modulo the rank.
    dim: usize,
    /// A small number: a count, an index, a step.
    pub(crate) n: usize,
    pub(crate) seed: u64,
}

pub(crate) fn cases() -> impl Strategy<Value = Case> {
    let pair = (any::<[[bool; 3]; 2]>(), [0..2usize, 0..2usize]);
    (vec(0..4usize, 0..4), pair, 0..3usize, 0..4usize, any::<u64>()).prop_map(
        |(shape, (ones, missing), dim, n, seed)| Case { shape, ones, missing, dim, n, seed },
    )
}

pub(crate) type Outcome = std::result::Result<(), TestCaseError>;

/// Draws inputs and holds an op's derivatives against differences.
pub(crate) type Check = fn(&Case) -> Outcome;

impl Case {
    pub(crate) fn key(&self, i: u64) -> Key {
        Key::new(self.seed).fold_in(i)
    }

    /// The shape with at least `rank` dimensions.
    pub(crate) fn shape_of_rank(&self, rank: usize) -> Vec<usize> {
        let mut shape = self.shape.clone();
        shape.resize(shape.len().max(rank), 2);
        shape
    }

    /// The shape with at least `rank` dimensions and no extent of 0.
    pub(crate) fn full_shape(&self, rank: usize) -> Vec<usize> {
        self.shape_of_rank(rank).into_iter().map(|n| n.max(1)).collect()
    }

    /// A dimension of a shape.
    pub(crate) fn dim(&self, shape: &[usize]) -> usize {
        self.dim % shape.len()
    }

    /// Two shapes that broadcast together.
    pub(crate) fn pair(&self) -> [Vec<usize>; 2] {
        [0, 1].map(|i| {
            let extent = |(d, &n): (usize, &usize)| if self.ones[i][d] { 1 } else { n };
            let shape: Vec<usize> = self.shape.iter().enumerate().map(extent).collect();
            shape[self.missing[i].min(shape.len())..].to_vec()
        })
    }

    /// Dimensions to reduce: any subset.
    pub(crate) fn dims(&self, shape: &[usize]) -> Vec<usize> {
        (0..shape.len()).filter(|&d| self.ones[0][d]).collect()
    }

    pub(crate) fn normal(&self, i: u64, shape: &[usize]) -> Tensor {
        Tensor::normal(0.0, 1.0, shape, DType::F64, self.key(i)).unwrap()
    }

    /// Values in a range, where an op is smooth.
    pub(crate) fn uniform(&self, i: u64, range: Range<f64>, shape: &[usize]) -> Tensor {
        Tensor::uniform(range.start, range.end, shape, DType::F64, self.key(i)).unwrap()
    }

    /// Values of both signs, at least 0.2 from zero.
    pub(crate) fn away_from_zero(&self, i: u64, shape: &[usize]) -> Tensor {
        let x = self.uniform(i, -2.0..2.0, shape);
        x.add(&x.sign().unwrap().mul_scalar(0.2).unwrap()).unwrap()
    }

    /// Values that differ by at least 0.3, in any order.
    pub(crate) fn distinct(&self, i: u64, shape: &[usize]) -> Tensor {
        let n = Shape::from(shape).len();
        let order = Tensor::randperm(n, self.key(i)).unwrap().to_dtype(DType::F64).unwrap();
        let around_zero = order.sub_scalar(n as f64 / 2.0 + 0.15).unwrap();
        around_zero.mul_scalar(0.3).unwrap().reshape(shape).unwrap()
    }

    /// Values on a grid of distance 0.4, shifted.
    pub(crate) fn grid(&self, i: u64, shift: f64, shape: &[usize]) -> Tensor {
        let ids = Tensor::randint(-4, 5, shape, self.key(i)).unwrap();
        ids.to_dtype(DType::F64).unwrap().mul_scalar(0.4).unwrap().add_scalar(shift).unwrap()
    }

    /// Indices below `n`.
    pub(crate) fn ids(&self, i: u64, n: usize, shape: &[usize]) -> Tensor {
        Tensor::randint(0, n as i64, shape, self.key(i)).unwrap()
    }

    pub(crate) fn mask(&self, i: u64, shape: &[usize]) -> Tensor {
        Tensor::bernoulli(0.5, shape, self.key(i)).unwrap()
    }
}

/// First and second derivative against differences.
pub(crate) fn check(inputs: &[Tensor], f: impl Fn(&[Var]) -> Result<Var>) -> Outcome {
    let fail = |order: &str, error| TestCaseError::fail(format!("{order} order: {error}"));
    gradcheck(&f, inputs).map_err(|error| fail("first", error))?;
    gradgradcheck(&f, inputs).map_err(|error| fail("second", error))?;
    let gradients_in = |dtype| gradients_in(dtype, inputs, &f).map_err(|error| fail("any", error));
    let exact = gradients_in(DType::F64)?.expect("gradcheck has run it");
    let single = gradients_in(DType::F32)?.expect("every op works in f32");
    let close = |(a, b): (&Tensor, &Tensor)| {
        a.allclose(&b.to_dtype(DType::F64).unwrap(), 1e-3, 1e-3).unwrap()
    };
    prop_assert!(exact.iter().zip(&single).all(close), "f32: {single:?}, f64: {exact:?}");
    gradients_in(DType::BF16)?;
    note_dtypes(inputs, &f);
    Ok(())
}

thread_local! {
    static DTYPES: Cell<[bool; DType::ALL.len()]> = const { Cell::new([false; DType::ALL.len()]) };
}

/// Remembers in which dtypes `f` gives a value.
fn note_dtypes(inputs: &[Tensor], f: impl Fn(&[Var]) -> Result<Var>) {
    let works = |dtype: DType| {
        let cast = |x: &Tensor| Var::constant(x.to_dtype(dtype).unwrap());
        f(&inputs.iter().map(cast).collect::<Vec<_>>()).is_ok()
    };
    let mut noted = DTYPES.get();
    for (noted, dtype) in noted.iter_mut().zip(DType::ALL) {
        *noted |= works(dtype);
    }
    DTYPES.set(noted);
}

/// The dtypes in which the checks since the last call gave a value.
pub(crate) fn take_dtypes() -> Vec<DType> {
    let noted = DTYPES.take();
    DType::ALL.into_iter().zip(noted).filter_map(|(dtype, noted)| noted.then_some(dtype)).collect()
}

/// The gradients of the sum of `f` with its inputs in a dtype; `None` if `f` refuses the dtype.
/// What goes forward goes backward, in the same dtype.
fn gradients_in(
    dtype: DType,
    inputs: &[Tensor],
    f: impl Fn(&[Var]) -> Result<Var>,
) -> Result<Option<Vec<Tensor>>> {
    let leaves: Vec<Var> = inputs.iter().map(|x| Var::leaf(x.to_dtype(dtype).unwrap())).collect();
    let Ok(y) = f(&leaves) else { return Ok(None) };
    let grads = y.backward_with(&y.value().ones_like())?;
    let grads: Vec<Tensor> = leaves.iter().map(|x| grads.get(x).unwrap().clone()).collect();
    assert!(grads.iter().all(|grad| grad.dtype() == dtype));
    Ok(Some(grads))
}

/// An elementwise op of one operand with values in a range.
pub(crate) fn unary(case: &Case, range: Range<f64>, f: impl Fn(&Var) -> Result<Var>) -> Outcome {
    check(&[case.uniform(0, range, &case.shape)], |x| f(&x[0]))
}

/// An op of one operand with a kink at zero.
pub(crate) fn kinked(case: &Case, f: impl Fn(&Var) -> Result<Var>) -> Outcome {
    check(&[case.away_from_zero(0, &case.shape)], |x| f(&x[0]))
}

/// An elementwise op of two operands that broadcast.
pub(crate) fn binary(case: &Case, f: impl Fn(&Var, &Var) -> Result<Var>) -> Outcome {
    let [a, b] = case.pair();
    check(&[case.normal(0, &a), case.away_from_zero(1, &b)], |x| f(&x[0], &x[1]))
}

/// A reduction over any dimensions of a shape without an extent of 0.
pub(crate) fn reduce(case: &Case, f: impl Fn(&Var, &[usize]) -> Result<Var>) -> Outcome {
    let shape = case.full_shape(0);
    check(&[case.distinct(0, &shape)], |x| f(&x[0], &case.dims(&shape)))
}

/// An op along one dimension.
pub(crate) fn along(case: &Case, f: impl Fn(&Var, usize) -> Result<Var>) -> Outcome {
    let shape = case.shape_of_rank(1);
    check(&[case.normal(0, &shape)], |x| f(&x[0], case.dim(&shape)))
}
