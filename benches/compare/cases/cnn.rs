//! A small convolutional network, and one convolution on its own.

use std::hint::black_box;

use anyhow::Result;
use gradus::autograd::Var;
use gradus::core::{DType, Keys};
use gradus::nn::{
    Activation, Conv2d, Conv2dConfig, Ctx, Flatten, Layer, Linear, MaxPool2d, Sequential,
};
use gradus::optim::Adam;
use gradus::tensor::ConvOptions;

use super::inputs::{ids, normal};
use super::train;
use crate::stopwatch::{Amount, Stopwatch};

pub(crate) fn step(watch: &Stopwatch, name: &str) -> Result<()> {
    let keys = &mut Keys::new(0);
    let model = Sequential::new()
        .with(conv(1, 32, keys)?)
        .with(Activation::Relu)
        .with(conv(32, 64, keys)?)
        .with(Activation::Relu)
        .with(MaxPool2d::new(2))
        .with(Flatten)
        .with(Linear::new(9216, 128, keys)?)
        .with(Activation::Relu)
        .with(Linear::new(128, 10, keys)?);
    let x = Var::constant(normal([64, 1, 28, 28], DType::F32, 1)?);
    let y = ids(10, [64], 2)?;
    train::run(watch, name, model, Adam::default().init()?, |model| {
        Ok(model.forward(&x, &mut Ctx::eval())?.cross_entropy(&y)?.mean(..)?)
    })
}

fn conv(from: usize, to: usize, keys: &mut Keys) -> Result<Conv2d> {
    Ok(Conv2dConfig::new(from, to, [3, 3]).init(keys)?)
}

/// Batch, channels and side of the convolution on its own.
const SIZE: [usize; 3] = [16, 64, 56];
const OPTIONS: ConvOptions =
    ConvOptions { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 };

/// Operations of one pass.
fn flops() -> usize {
    let [batch, channels, side] = SIZE;
    2 * batch * channels * channels * 9 * side * side
}

pub(crate) fn conv_forward(watch: &Stopwatch, name: &str) -> Result<()> {
    let [batch, channels, side] = SIZE;
    let x = normal([batch, channels, side, side], DType::F32, 1)?;
    let w = normal([channels, channels, 3, 3], DType::F32, 2)?;
    watch.time(name, Amount::flops(flops()), || {
        black_box(x.conv2d(&w, None, OPTIONS)?);
        Ok(())
    })?;
    Ok(())
}

pub(crate) fn conv_both(watch: &Stopwatch, name: &str) -> Result<()> {
    let [batch, channels, side] = SIZE;
    let x = Var::leaf(normal([batch, channels, side, side], DType::F32, 1)?);
    let w = Var::leaf(normal([channels, channels, 3, 3], DType::F32, 2)?);
    watch.time(name, Amount::flops(3 * flops()), || {
        black_box(x.conv2d(&w, None, OPTIONS)?.sum(..)?.backward()?);
        Ok(())
    })?;
    Ok(())
}
