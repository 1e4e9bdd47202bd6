//! Fully connected layers with ReLU, cross-entropy and Adam.

use anyhow::Result;
use gradus::core::{DType, Keys};
use gradus::models::MlpConfig;
use gradus::nn::{Ctx, Layer};
use gradus::optim::Adam;
use gradus::prelude::Var;

use super::inputs::{ids, normal};
use super::train;
use crate::stopwatch::Stopwatch;

pub(crate) fn run(watch: &Stopwatch, name: &str, widths: &[usize; 4], batch: usize) -> Result<()> {
    let model = MlpConfig::new(*widths).init(&mut Keys::new(0))?;
    let x = Var::constant(normal([batch, widths[0]], DType::F32, 1)?);
    let y = ids(widths[3] as i64, [batch], 2)?;
    train::run(watch, name, model, Adam::default().init()?, |model| {
        Ok(model.forward(&x, &mut Ctx::eval())?.cross_entropy(&y)?.mean(..)?)
    })
}
