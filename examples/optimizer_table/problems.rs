//! What is minimized.

use anyhow::Result;
use gradus::nn::loss::{CrossEntropy, cross_entropy};
use gradus::prelude::*;
use gradus_examples::Digits;

type Loss = Box<dyn Fn(&[Param], u64) -> Result<Var>>;
type Measure = Box<dyn Fn(&[Param]) -> Result<f64>>;

/// A loss with a starting point.
pub(crate) struct Problem {
    pub(crate) name: &'static str,
    /// How many steps an optimizer has.
    pub(crate) steps: u64,
    /// The loss at which it counts as solved.
    pub(crate) target: f64,
    /// Steps between two looks at the loss.
    pub(crate) every: u64,
    pub(crate) start: Vec<Param>,
    /// The loss that is followed, at a step.
    pub(crate) loss: Loss,
    /// The loss that is meant: without noise, over all data.
    pub(crate) measure: Measure,
}

pub(crate) fn problems(key: Key) -> Result<Vec<Problem>> {
    let digits = Digits::small()?;
    Ok(vec![
        valley("valley", key, 0.0)?,
        rosenbrock()?,
        valley("noisy valley", key, 0.1)?,
        classifier("digits, linear", &[64, 10], &digits, key, 0.2)?,
        classifier("digits, MLP", &[64, 32, 10], &digits, key, 0.1)?,
    ])
}

/// Half the sum of c z², where z is w in turned axes and c falls from 1 to 1/1000. The noise is a
/// random slope.
fn valley(name: &'static str, key: Key, noise: f64) -> Result<Problem> {
    const SIZE: usize = 20;
    let (axes, _) = Tensor::randn([SIZE, SIZE], DType::F32, key.fold_in(1))?.qr()?;
    let curve = Tensor::linspace(0.0, -1000f64.ln(), SIZE, DType::F32)?.exp()?;
    let (axes, curve) = (Var::constant(axes), Var::constant(curve.mul_scalar(0.5)?));
    let height = move |w: &Param| -> Result<Var> {
        Ok(w.var().matmul(&axes)?.square()?.mul(&curve)?.sum(..)?)
    };
    let true_height = height.clone();
    let loss = move |model: &[Param], step: u64| {
        let slope = Tensor::randn([1, SIZE], DType::F32, key.fold_in(2).fold_in(step))?;
        let slope = Var::constant(slope.mul_scalar(noise)?);
        Ok(height(&model[0])?.add(&model[0].var().mul(&slope)?.sum(..)?)?)
    };
    Ok(Problem {
        name,
        steps: 500,
        target: if noise == 0.0 { 1e-3 } else { 0.03 },
        every: 1,
        start: vec![Param::new(Tensor::ones([1, SIZE], DType::F32)?)],
        loss: Box::new(loss),
        measure: Box::new(move |model| Ok(true_height(&model[0])?.item()?)),
    })
}

/// 100 (y − x²)² + (1 − x)²: a narrow curved valley.
fn rosenbrock() -> Result<Problem> {
    let height = |model: &[Param]| -> Result<Var> {
        let (x, y) = (model[0].var(), model[1].var());
        let valley = y.sub(&x.square()?)?.square()?.mul_scalar(100.0)?;
        Ok(valley.add(&x.sub_scalar(1.0)?.square()?)?)
    };
    Ok(Problem {
        name: "Rosenbrock",
        steps: 1000,
        target: 1e-2,
        every: 1,
        start: vec![Param::new(Tensor::scalar(-1.2f32)), Param::new(Tensor::scalar(1.0f32))],
        loss: Box::new(move |model, _| height(model)),
        measure: Box::new(move |model| Ok(height(model)?.item()?)),
    })
}

/// Layers with rectifiers between them, on batches of 64 digits.
fn classifier(
    name: &'static str,
    widths: &[usize],
    digits: &Digits,
    key: Key,
    target: f64,
) -> Result<Problem> {
    let (n, labels) = (digits.len(), digits.labels.clone());
    let images = digits.images()?.reshape([n, widths[0]])?;
    let mut start = Vec::new();
    for (i, pair) in widths.windows(2).enumerate() {
        let weight = Tensor::randn([pair[0], pair[1]], DType::F32, key.fold_in(3 + i as u64))?;
        start.push(Param::new(weight.mul_scalar((1.0 / pair[0] as f64).sqrt())?));
        start.push(Param::new(Tensor::zeros([1, pair[1]], DType::F32)?));
    }
    let entropy = |model: &[Param], images: &Tensor, labels: &Tensor| -> Result<Var> {
        let mut x = Var::from(images);
        for (i, layer) in model.chunks(2).enumerate() {
            x = if i == 0 { x } else { x.relu()? };
            x = x.matmul(&layer[0].var())?.add(&layer[1].var())?;
        }
        Ok(cross_entropy(&x, labels, CrossEntropy::default())?)
    };
    let (all_images, all_labels) = (images.clone(), labels.clone());
    let loss = move |model: &[Param], step: u64| {
        let ids = Tensor::randint(0, n as i64, [64], key.fold_in(9).fold_in(step))?;
        entropy(model, &images.index_select(0, &ids)?, &labels.index_select(0, &ids)?)
    };
    Ok(Problem {
        name,
        steps: 300,
        target,
        every: 10,
        start,
        loss: Box::new(loss),
        measure: Box::new(move |model| {
            no_grad(|| Ok(entropy(model, &all_images, &all_labels)?.item()?))
        }),
    })
}
