//! The weights of a WaveNet, laid out for one sample after the other.

use gradus_autograd::{Var, no_grad};
use gradus_nn::{Conv1d, Ctx, Param};
use gradus_tensor::Tensor;

use super::block::WaveNetBlock;
use super::condition::WaveNetCondition;
use super::net::WaveNet;
use crate::error::Result;
use crate::panels::{Affine, Panels};
use crate::real::{Real, elements};

/// What [`WaveNet`] knows, as numbers in the order in which they are read.
#[derive(Debug, Clone)]
pub(super) struct Prepared<T> {
    pub(super) levels: usize,
    /// R.
    pub(super) width: usize,
    /// `[V + 1, R]`.
    pub(super) embedding: Vec<T>,
    pub(super) layers: Vec<Layer<T>>,
    /// The sum over all layers of what their ways out add.
    pub(super) skip_bias: Vec<T>,
    pub(super) hidden: Affine<T>,
    pub(super) output: Affine<T>,
    /// Samples per frame.
    pub(super) hop: usize,
    /// Frames of a row; 1 if nothing changes over time.
    pub(super) frames: usize,
    /// The most tokens of a row.
    pub(super) context: Option<usize>,
}

/// One layer.
#[derive(Debug, Clone)]
pub(super) struct Layer<T> {
    /// The oldest tap first.
    pub(super) taps: Vec<Panels<T>>,
    pub(super) dilation: usize,
    /// What is added before the gate: `[rows, frames, 2D]`, one row if there is no condition.
    pub(super) added: Vec<T>,
    /// 2D.
    pub(super) wide: usize,
    pub(super) skip: Affine<T>,
    pub(super) residual: Option<Affine<T>>,
}

impl<T: Real> Prepared<T> {
    pub(super) fn new(net: &WaveNet, given: &WaveNetCondition) -> Result<Self> {
        let frames = net.frames(given)?;
        let layers = net.blocks.iter().map(|block| Layer::new(block, given, frames.as_ref()));
        let layers = layers.collect::<Result<Vec<_>>>()?;
        let mut skip_bias = vec![T::ZERO; net.config.skip_channels];
        for layer in &layers {
            skip_bias.iter_mut().zip(layer.skip.bias()).for_each(|(sum, &bias)| *sum += bias);
        }
        Ok(Self {
            levels: net.config.levels,
            width: net.config.residual_channels,
            embedding: elements(net.embedding.weight.value())?,
            layers,
            skip_bias,
            hidden: pointwise(&net.hidden)?,
            output: pointwise(&net.output)?,
            hop: if frames.is_some() { net.config.hop } else { usize::MAX },
            frames: frames.map_or(1, |frames| frames.dims()[1]),
            context: net.covered(given),
        })
    }

    /// What a row's layer adds before the gate of the `at`-th sample.
    pub(super) fn added<'a>(&self, layer: &'a Layer<T>, row: usize, at: usize) -> &'a [T] {
        let start = (row * self.frames + at / self.hop) * layer.wide;
        &layer.added[start..start + layer.wide]
    }
}

impl<T: Real> Layer<T> {
    fn new(block: &WaveNetBlock, given: &WaveNetCondition, frames: Option<&Var>) -> Result<Self> {
        let weight = block.dilated.weight.value(); // (2D, R, K)
        let taps = (0..weight.size(2)?).map(|tap| Panels::new(&weight.select(2, tap)?));
        let bias = block.dilated.bias.as_ref().map(Param::var);
        let bias = bias.expect("this convolution was made with one");
        let added = no_grad(|| {
            let ctx = &mut Ctx::eval();
            let condition = block.condition(given.classes.as_ref(), frames, ctx)?;
            Ok(match condition {
                Some(condition) => condition.add(&bias)?,
                None => bias,
            })
        });
        let added: Result<Var> = added;
        Ok(Self {
            taps: taps.collect::<Result<_>>()?,
            dilation: block.dilated.options.dilation,
            added: elements(added?.value())?,
            wide: weight.size(0)?,
            skip: pointwise(&block.skip)?,
            residual: block.residual.as_ref().map(pointwise).transpose()?,
        })
    }

    /// How many samples the oldest tap reaches back.
    pub(super) fn reach(&self) -> usize {
        (self.taps.len() - 1) * self.dilation
    }
}

/// A convolution with one tap as a linear map.
fn pointwise<T: Real>(conv: &Conv1d) -> Result<Affine<T>> {
    let bias: Option<&Tensor> = conv.bias.as_ref().map(Param::value);
    Affine::new(&conv.weight.value().select(2, 0)?, bias)
}
