//! One layer of a WaveNet.

use gradus_autograd::Var;
use gradus_core::Keys;
use gradus_nn::{
    Conv1d, Conv1dConfig, Ctx, Embedding, Layer, Linear, LinearConfig, Module, Result,
};
use gradus_tensor::Tensor;

use super::config::WaveNetConfig;

/// A gated dilated convolution with a way on and a way out.
///
/// z = tanh(`W_f` ∗ x + `c_f`) ⊙ σ(`W_g` ∗ x + `c_g`); out ← out + S z; x ← x + R z
#[derive(Debug, Clone, Module)]
pub(crate) struct WaveNetBlock {
    /// Filter, then gate: `[2D, R, K]`.
    pub(crate) dilated: Conv1d,
    /// What a class adds: `[classes, 2D]`.
    pub(crate) class: Option<Embedding>,
    /// What a frame adds: `[2D, F]`.
    pub(crate) frame: Option<Linear>,
    /// `[S, D, 1]`.
    pub(crate) skip: Conv1d,
    /// `[R, D, 1]`; the last layer has none, since nothing would read it.
    pub(crate) residual: Option<Conv1d>,
}

impl WaveNetBlock {
    pub(crate) fn new(
        config: &WaveNetConfig,
        dilation: usize,
        is_last: bool,
        keys: &mut Keys,
    ) -> Result<Self> {
        let WaveNetConfig { residual_channels, gate_channels, skip_channels, .. } = *config;
        let wide = 2 * gate_channels;
        let conv = Conv1dConfig::new(residual_channels, wide, config.kernel);
        let frame = LinearConfig { bias: false, ..LinearConfig::new(config.frame_channels, wide) };
        Ok(Self {
            dilated: Conv1dConfig { dilation, ..conv }.init(keys)?,
            class: (config.classes > 0)
                .then(|| Embedding::new(config.classes, wide, keys))
                .transpose()?,
            frame: (config.frame_channels > 0).then(|| frame.init(keys)).transpose()?,
            skip: Conv1d::new(gate_channels, skip_channels, 1, keys)?,
            residual: (!is_last)
                .then(|| Conv1d::new(gate_channels, residual_channels, 1, keys))
                .transpose()?,
        })
    }

    /// How many samples the oldest tap reaches back.
    pub(crate) fn reach(&self) -> usize {
        (self.dilated.weight.shape()[2] - 1) * self.dilated.options.dilation
    }

    /// What classes `[B]` and frames `[B, F, C]` add before the gate: `[B, F, 2D]`, F = 1 without frames.
    pub(crate) fn condition(
        &self,
        classes: Option<&Tensor>,
        frames: Option<&Var>,
        ctx: &mut Ctx,
    ) -> Result<Option<Var>> {
        let class = match (&self.class, classes) {
            (Some(table), Some(classes)) => {
                let rows = ctx.at("class", |ctx| table.forward_ids(classes, ctx))?; // (B, 2D)
                Some(rows.unsqueeze(1)?)
            }
            _ => None,
        };
        let frame = match (&self.frame, frames) {
            (Some(map), Some(frames)) => Some(ctx.at("frame", |ctx| map.forward(frames, ctx))?),
            _ => None,
        };
        Ok(match (class, frame) {
            (Some(class), Some(frame)) => Some(class.add(&frame)?),
            (class, frame) => class.or(frame),
        })
    }

    /// The way on, unless this is the last layer, and the way out, from x `[B, R, T]` and what
    /// conditions add, `[B, 2D, T]` or `[B, 2D, 1]`.
    pub(crate) fn forward(
        &self,
        x: &Var,
        condition: Option<&Var>,
        ctx: &mut Ctx,
    ) -> Result<(Option<Var>, Var)> {
        let padded = x.pad(&[(0, 0), (0, 0), (self.reach(), 0)], 0.0)?;
        let mut z = ctx.at("dilated", |ctx| self.dilated.forward(&padded, ctx))?; // (B, 2D, T)
        if let Some(condition) = condition {
            z = z.add(condition)?;
        }
        let width = z.dims()[1] / 2;
        let (filter, gate) = (z.narrow(1, 0, width)?, z.narrow(1, width, width)?);
        let z = filter.tanh()?.mul(&gate.sigmoid()?)?; // (B, D, T)
        let skip = ctx.at("skip", |ctx| self.skip.forward(&z, ctx))?;
        let Some(residual) = &self.residual else { return Ok((None, skip)) };
        let on = ctx.at("residual", |ctx| residual.forward(&z, ctx))?;
        Ok((Some(x.add(&on)?), skip))
    }
}
