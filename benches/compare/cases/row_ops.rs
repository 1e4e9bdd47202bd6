//! Elementwise operations and reductions on rows of 512 numbers.

use std::hint::black_box;

use anyhow::Result;
use gradus::autograd::{Var, no_grad};
use gradus::core::DType;

use super::inputs::normal;
use crate::case::RowOp;
use crate::stopwatch::{Amount, Stopwatch};

const WIDTH: usize = 512;

pub(crate) fn run(watch: &Stopwatch, name: &str, op: RowOp, rows: usize) -> Result<()> {
    let [x, y] = [1, 2].map(|seed| normal([rows, WIDTH], DType::F32, seed));
    let [b, w] = [3, 4].map(|seed| normal([WIDTH], DType::F32, seed));
    let (x, y, b, w) = (x?, y?, b?, w?);
    let [input, bias, weight] = [&x, &b, &w].map(Var::from);
    // Tensors that are read or written.
    let streams = match op {
        RowOp::Add => 3,
        RowOp::Sum => 1,
        _ => 2,
    };
    watch.time(name, Amount::bytes(rows * WIDTH * size_of::<f32>() * streams), || {
        let result = match op {
            RowOp::Add => x.add(&y)?,
            RowOp::Bias => x.add(&b)?,
            RowOp::GeluTanh => x.gelu_tanh()?,
            RowOp::Exp => x.exp()?,
            RowOp::Softmax => x.softmax(-1)?,
            RowOp::GeluErf => x.gelu()?,
            RowOp::LayerNorm => {
                let norm = no_grad(|| input.layer_norm(Some(&weight), Some(&bias), 1e-5))?;
                norm.value().clone()
            }
            RowOp::Sum => x.sum(..)?,
        };
        black_box(result);
        Ok(())
    })?;
    Ok(())
}
