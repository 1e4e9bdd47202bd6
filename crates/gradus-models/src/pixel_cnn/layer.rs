//! One layer of a PixelCNN.

use gradus_autograd::Var;
use gradus_core::Keys;
use gradus_nn::{Conv2d, Ctx, Embedding, Layer, Module, Result};
use gradus_tensor::Tensor;

use super::config::PixelCnnConfig;

/// A vertical stack, which sees the rows above, and a horizontal one, which sees the pixels to the left and
/// what the vertical one has seen.
///
/// ```text
/// s ← V ∗ v;  v ← tanh(s_f + c_f) ⊙ σ(s_g + c_g)
/// z ← W ∗ h + L s;  h ← h + O (tanh(z_f + d_f) ⊙ σ(z_g + d_g))
/// ```
/// The first layer is the paper's mask A: V ends with the row above, W with the pixel to the left, and h is not
/// added. In all others, mask B, both reach up to the pixel itself. Cutting the kernels is what the masks do.
#[derive(Debug, Clone, Module)]
pub(crate) struct PixelCnnLayer {
    /// V: `[2C, C, k, n]` in the first layer, `[2C, C, k + 1, n]` in others, for n = 2k + 1.
    pub(crate) vertical: Conv2d,
    /// L: `[2C, 2C, 1, 1]`.
    pub(crate) link: Conv2d,
    /// W: `[2C, C, 1, k]` in the first layer, `[2C, C, 1, k + 1]` in others.
    pub(crate) horizontal: Conv2d,
    /// O: `[C, C, 1, 1]`.
    pub(crate) out: Conv2d,
    /// c and d of each class: `[classes, 4C]`.
    pub(crate) class: Option<Embedding>,
}

/// Both stacks, `[B, C, H, W]` each.
pub(crate) struct Stacks {
    pub(crate) vertical: Var,
    pub(crate) horizontal: Var,
}

impl PixelCnnLayer {
    pub(crate) fn new(config: &PixelCnnConfig, index: usize, keys: &mut Keys) -> Result<Self> {
        let (c, side) = (config.channels, config.kernel);
        let reach = side / 2 + usize::from(index > 0);
        let class = (config.classes > 0).then(|| Embedding::new(config.classes, 4 * c, keys));
        Ok(Self {
            vertical: Conv2d::new(c, 2 * c, [reach, side], keys)?,
            link: Conv2d::new(2 * c, 2 * c, [1, 1], keys)?,
            horizontal: Conv2d::new(c, 2 * c, [1, reach], keys)?,
            out: Conv2d::new(c, c, [1, 1], keys)?,
            class: class.transpose()?,
        })
    }

    /// Whether it sees no pixel that it stands at.
    pub(crate) fn is_first(&self) -> bool {
        let [height, side] = [2, 3].map(|dim| self.vertical.weight.shape()[dim]);
        height == side / 2
    }

    pub(crate) fn forward(
        &self,
        x: &Stacks,
        classes: Option<&Tensor>,
        ctx: &mut Ctx,
    ) -> Result<Stacks> {
        let &[_, channels, rows, cols] = x.vertical.dims() else { unreachable!("images") };
        let (k, wide) = (self.vertical.weight.shape()[3] / 2, 2 * channels);
        let v = x.vertical.pad(&[(0, 0), (0, 0), (k, 0), (k, k)], 0.0)?;
        let seen = ctx.at("vertical", |ctx| self.vertical.forward(&v, ctx))?;
        let seen = seen.narrow(2, 0, rows)?; // (B, 2C, H, W)
        let h = x.horizontal.pad(&[(0, 0), (0, 0), (0, 0), (k, 0)], 0.0)?;
        let z = ctx.at("horizontal", |ctx| self.horizontal.forward(&h, ctx))?;
        let z = z.narrow(3, 0, cols)?;
        let mut z = z.add(&ctx.at("link", |ctx| self.link.forward(&seen, ctx))?)?;
        let mut v = seen;
        if let (Some(table), Some(classes)) = (&self.class, classes) {
            let added = ctx.at("class", |ctx| table.forward_ids(classes, ctx))?; // (B, 4C)
            let added = added.unsqueeze(2)?.unsqueeze(3)?;
            v = v.add(&added.narrow(1, 0, wide)?)?;
            z = z.add(&added.narrow(1, wide, wide)?)?;
        }
        let out = ctx.at("out", |ctx| self.out.forward(&gated(&z, channels)?, ctx))?;
        let horizontal = if self.is_first() { out } else { x.horizontal.add(&out)? };
        Ok(Stacks { vertical: gated(&v, channels)?, horizontal })
    }
}

/// tanh of the first channels, times σ of the others.
fn gated(z: &Var, channels: usize) -> Result<Var> {
    let (filter, gate) = (z.narrow(1, 0, channels)?, z.narrow(1, channels, channels)?);
    Ok(filter.tanh()?.mul(&gate.sigmoid()?)?)
}
