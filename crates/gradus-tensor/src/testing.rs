//! Random tensors of every form, and plain reads of them, for the property tests.

use gradus_core::{DType, Key};
use proptest::prelude::*;

use crate::dtypes::every;
use crate::{Element, Tensor};

/// What a property test draws a tensor from: a shape, how it lies in memory, and a seed.
#[derive(Debug, Clone)]
pub(crate) struct Recipe {
    pub(crate) shape: Vec<usize>,
    pub(crate) form: Form,
    pub(crate) seed: u64,
}

/// How a tensor lies in memory.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    Contiguous,
    /// All dimensions reversed: Fortran order.
    Reversed,
    /// Every second element of the last dimension.
    Stepped,
    /// A window of a larger tensor.
    Window,
}

const FORMS: [Form; 4] = [Form::Contiguous, Form::Reversed, Form::Stepped, Form::Window];

impl Recipe {
    /// The tensor: floats in −3..3, integers likewise, all without ties of consequence.
    pub(crate) fn make(&self, dtype: DType) -> Tensor {
        let fill = |shape: &[usize]| {
            let x = Tensor::uniform(-3.0, 3.0, shape, DType::F64, Key::new(self.seed)).unwrap();
            if dtype.is_float() { x } else { x.round().unwrap() }.to_dtype(dtype).unwrap()
        };
        let Some(last) = self.shape.len().checked_sub(1) else { return fill(&[]) };
        let mut shape = self.shape.clone();
        match self.form {
            Form::Contiguous => fill(&shape),
            Form::Reversed => {
                shape.reverse();
                let order: Vec<usize> = (0..shape.len()).rev().collect();
                fill(&shape).permute(&order).unwrap()
            }
            Form::Stepped => {
                shape[last] *= 2;
                fill(&shape).step(last, 2).unwrap()
            }
            Form::Window => {
                shape.iter_mut().for_each(|d| *d += 2);
                let narrow = |x: Tensor, (dim, &len)| x.narrow(dim, 1, len).unwrap();
                self.shape.iter().enumerate().fold(fill(&shape), narrow)
            }
        }
    }

    /// The same, of another shape.
    pub(crate) fn with_shape(&self, shape: &[usize]) -> Self {
        Self { shape: shape.to_vec(), ..self.clone() }
    }
}

/// Tensors of up to `rank` dimensions with extents `0..=4`.
pub(crate) fn recipes(rank: usize) -> impl Strategy<Value = Recipe> {
    of_shape(prop::collection::vec(0usize..5, 0..=rank))
}

/// As [`recipes`], with at least one dimension and no empty one.
pub(crate) fn filled(rank: usize) -> impl Strategy<Value = Recipe> {
    of_shape(prop::collection::vec(1usize..5, 1..=rank))
}

/// Tensors of a drawn shape.
pub(crate) fn of_shape(shape: impl Strategy<Value = Vec<usize>>) -> impl Strategy<Value = Recipe> {
    let form = prop::sample::select(&FORMS);
    (shape, form, any::<u64>()).prop_map(|(shape, form, seed)| Recipe { shape, form, seed })
}

/// Two tensors that broadcast, and the shape they broadcast to.
pub(crate) fn pairs() -> impl Strategy<Value = (Recipe, Recipe, Vec<usize>)> {
    let dims = prop::collection::vec((0usize..5, 0..4u8), 0..4);
    let recipe = || of_shape(Just(vec![]));
    (dims, recipe(), recipe(), 0..3usize, any::<bool>()).prop_map(|(dims, a, b, cut, left)| {
        let side = |one: u8| -> Vec<usize> {
            dims.iter().map(|&(d, who)| if who == one { 1 } else { d }).collect()
        };
        let (mut x, mut y) = (side(0), side(1));
        let cut = cut.min(dims.len());
        if left { &mut x } else { &mut y }.drain(..cut);
        let both: Vec<usize> = dims
            .iter()
            .enumerate()
            .map(|(i, &(d, who))| {
                let other = if left { 1 } else { 0 };
                // Where one side is 1 and the other cut away, the extent is 1.
                if i < cut && who == other { 1 } else { d }
            })
            .collect();
        (a.with_shape(&x), b.with_shape(&y), both)
    })
}

/// The elements in row-major order, read one by one.
pub(crate) fn read(x: &Tensor) -> Vec<f64> {
    every!(x.dtype(), T => x.layout().offsets().map(|i| x.block::<T>()[i].to_f64()).collect())
}

/// Every index of a shape, in row-major order.
pub(crate) fn indices(shape: &[usize]) -> Vec<Vec<usize>> {
    shape.iter().fold(vec![vec![]], |heads, &extent| {
        heads.iter().flat_map(|head| (0..extent).map(move |i| [&head[..], &[i]].concat())).collect()
    })
}

/// One element, with NumPy's broadcasting: extra leading indices are dropped, extent 1 repeats.
pub(crate) fn at(x: &Tensor, index: &[usize]) -> f64 {
    let index = &index[index.len() - x.rank()..];
    let place = x.layout().offset()
        + (0..x.rank())
            .map(|d| if x.dims()[d] == 1 { 0 } else { index[d] * x.layout().strides()[d] })
            .sum::<usize>();
    every!(x.dtype(), T => x.block::<T>()[place].to_f64())
}

/// Fails unless shape and values agree, within what the dtype can hold times a few roundings.
pub(crate) fn assert_close(x: &Tensor, shape: &[usize], expected: &[f64]) {
    assert_eq!(x.dims(), shape);
    let tolerance = match x.dtype() {
        DType::F32 => 1e-5,
        DType::F64 => 1e-12,
        DType::BF16 => 1.0 / 64.0,
        _ => 0.0,
    };
    for (i, (got, want)) in read(x).into_iter().zip(expected).enumerate() {
        let agree = got == *want
            || (got.is_nan() && want.is_nan())
            || (got - want).abs() <= tolerance * want.abs().max(1.0);
        assert!(agree, "element {i} of {shape:?} {}: got {got}, expected {want}", x.dtype());
    }
}

/// The configuration of all property tests here: enough cases to meet every form.
pub(crate) fn cases() -> ProptestConfig {
    ProptestConfig::with_cases(64)
}
