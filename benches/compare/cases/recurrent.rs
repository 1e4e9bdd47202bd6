//! Training steps of a recurrent layer whose last output is classified.

use anyhow::Result;
use gradus::autograd::Var;
use gradus::core::{DType, Keys};
use gradus::nn::{Ctx, Gru, Layer, Linear, Lstm, Module};
use gradus::optim::Adam;

use super::inputs::{ids, normal};
use super::train;
use crate::stopwatch::Stopwatch;

const BATCH: usize = 32;
const LEN: usize = 64;
const FEATURES: usize = 64;
const HIDDEN: usize = 256;
const CLASSES: usize = 10;

#[derive(Debug, Module)]
struct Classifier<R: Module> {
    layer: R,
    head: Linear,
}

pub(crate) fn lstm(watch: &Stopwatch, name: &str) -> Result<()> {
    run(watch, name, Lstm::new(FEATURES, HIDDEN, &mut Keys::new(0))?)
}

pub(crate) fn gru(watch: &Stopwatch, name: &str) -> Result<()> {
    run(watch, name, Gru::new(FEATURES, HIDDEN, &mut Keys::new(0))?)
}

fn run(watch: &Stopwatch, name: &str, layer: impl Layer) -> Result<()> {
    let head = Linear::new(HIDDEN, CLASSES, &mut Keys::new(3))?;
    let model = Classifier { layer, head };
    let x = Var::constant(normal([BATCH, LEN, FEATURES], DType::F32, 1)?);
    let y = ids(CLASSES as i64, [BATCH], 2)?;
    train::run(watch, name, model, Adam::default().init()?, |model| {
        let ctx = &mut Ctx::eval();
        let outputs = model.layer.forward(&x, ctx)?; // (B, T, H)
        let logits = model.head.forward(&outputs.select(1, LEN - 1)?, ctx)?; // (B, classes)
        Ok(logits.cross_entropy(&y)?.mean(..)?)
    })
}
