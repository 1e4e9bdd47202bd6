//! What a wave is conditioned on.

use gradus_autograd::Var;
use gradus_nn::{Ctx, Result as NnResult};
use gradus_tensor::Tensor;

use super::net::{NAME, WaveNet};
use crate::error::{Error, Result};
use crate::inputs::check_classes;

/// What a [`WaveNet`](super::WaveNet) is conditioned on beside the wave's own past.
///
/// The default is nothing. A net that knows classes or frames needs them, and no other takes them.
///
/// # Shapes
/// - `classes`: `i64` `[B]`
/// - `frames`: `[B, F, frame_channels]`; frame f stands beside the samples f · `hop` .. (f + 1) · `hop`
#[derive(Debug, Clone, Default)]
pub struct WaveNetCondition {
    /// One class for each row, such as the speaker.
    pub classes: Option<Tensor>,
    /// Features over time, such as mel bands or phones.
    pub frames: Option<Tensor>,
}

impl WaveNetCondition {
    /// How many rows it is for; `None` if it is nothing.
    pub(crate) fn rows(&self) -> Option<usize> {
        let given = self.classes.as_ref().or(self.frames.as_ref())?;
        Some(given.dims().first().copied().unwrap_or(0))
    }
}

impl WaveNet {
    /// Refuses what does not fit `rows` rows.
    pub(crate) fn check_condition(&self, given: &WaveNetCondition, rows: usize) -> Result<()> {
        check_classes(NAME, given.classes.as_ref(), rows, self.config.classes)?;
        let expected = self.config.frame_channels;
        let got = match &given.frames {
            None => 0,
            Some(frames) => match *frames.dims() {
                [b, _, channels] if b == rows => channels,
                _ => {
                    let (name, expected) = ("frames", "[B, F, frame_channels]");
                    let got = frames.shape().clone();
                    return Err(Error::InputShape { model: NAME, name, expected, got });
                }
            },
        };
        if expected == got && (expected > 0) == given.frames.is_some() {
            Ok(())
        } else {
            Err(Error::Frames { model: NAME, expected, got })
        }
    }

    /// How many samples the frames reach; `None` without frames.
    pub(crate) fn covered(&self, given: &WaveNetCondition) -> Option<usize> {
        given.frames.as_ref().map(|frames| frames.dims()[1].saturating_mul(self.config.hop))
    }

    /// Frames in the dtype of the parameters.
    pub(crate) fn frames(&self, given: &WaveNetCondition) -> Result<Option<Var>> {
        let dtype = self.output.weight.dtype();
        let frames = given.frames.as_ref().map(|frames| frames.to_dtype(dtype)).transpose()?;
        Ok(frames.map(Var::constant))
    }

    /// What each layer adds for `len` samples: `[B, 2D, T]`, or `[B, 2D, 1]` if it never changes.
    pub(crate) fn conditions(
        &self,
        given: &WaveNetCondition,
        len: usize,
        ctx: &mut Ctx,
    ) -> Result<Vec<Option<Var>>> {
        let hop = self.config.hop;
        let frames = match self.frames(given)? {
            Some(frames) => Some(frames.narrow(1, 0, len.div_ceil(hop))?),
            None => None,
        };
        let classes = given.classes.as_ref();
        let each = self.blocks.iter().enumerate().map(|(i, block)| {
            ctx.at(format_args!("blocks.{i}"), |ctx| {
                let Some(added) = block.condition(classes, frames.as_ref(), ctx)? else {
                    return Ok(None);
                };
                let added = if frames.is_some() { repeated(&added, hop, len)? } else { added };
                Ok(Some(added.transpose(1, 2)?)) // (B, 2D, T)
            })
        });
        Ok(each.collect::<NnResult<_>>()?)
    }
}

/// Each frame of `[B, F, C]` `hop` times, of which the first `len`.
fn repeated(frames: &Var, hop: usize, len: usize) -> NnResult<Var> {
    let &[rows, count, channels] = frames.dims() else { unreachable!("a layer made three") };
    let each = frames.unsqueeze(2)?.expand([rows, count, hop, channels])?;
    Ok(each.reshape([rows, count * hop, channels])?.narrow(1, 0, len)?)
}
