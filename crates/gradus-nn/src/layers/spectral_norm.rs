//! A weight whose largest singular value is one.

use gradus_autograd::{Buffer, Module, Path, Slot, SlotMut, Var};
use gradus_core::{DType, Key, Kind};
use gradus_tensor::Tensor;

use crate::error::require;
use crate::{Ctx, Layer, Result, Weighted};

/// Lengths below this count as this, as in PyTorch.
const EPS: f64 = 1e-12;

/// Steps of the power method that a new layer begins with, as in PyTorch.
const FIRST_STEPS: usize = 15;

/// A layer whose weight is W / σ, where σ = uᵀ W v is the largest singular value of W as a matrix
/// `[out, ...]`.
///
/// u and v are buffers, `weight_u` and `weight_v`; each training pass moves them by a step of the power
/// method, without a gradient of their own. An evaluation pass takes them as they are.
///
/// # Shapes
/// - as the layer's
///
/// # Reference
/// Miyato et al. 2018, "Spectral Normalization for Generative Adversarial Networks".
///
/// # Examples
/// ```
/// use gradus_core::{Key, Keys};
/// use gradus_nn::{Linear, SpectralNorm};
///
/// let layer = SpectralNorm::new(Linear::new(4, 3, &mut Keys::new(7))?, Key::new(1))?;
/// let (_, s, _) = layer.effective_weight()?.value().svd()?;
/// assert!((s.max(..)?.item()? - 1.0).abs() < 1e-2);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct SpectralNorm<L> {
    /// The layer, whose weight is W.
    pub layer: L,
    /// u: `[out]`.
    pub weight_u: Buffer,
    /// v: as many numbers as a row of W has.
    pub weight_v: Buffer,
    /// Steps of the power method per training pass; PyTorch's default is 1.
    pub n_power_iterations: usize,
}

impl<L: Weighted> SpectralNorm<L> {
    /// The layer with u and v drawn at random, then moved by fifteen steps.
    ///
    /// # Errors
    /// If the weight has fewer than two dimensions or no element.
    pub fn new(layer: L, key: Key) -> Result<Self> {
        let weight = layer.weight().value();
        let valid = weight.rank() >= 2 && !weight.is_empty();
        require(valid, "SpectralNorm", "weight", "a matrix or more", weight.shape())?;
        let (rows, columns) = (weight.dims()[0], weight.len() / weight.dims()[0]);
        let draw = |len: usize, i| {
            let x = Tensor::randn(len, DType::F64, key.kind(Kind::Init).fold_in(i))?;
            unit(&x.to_dtype(weight.dtype())?)
        };
        let (u, v) = (Buffer::new(draw(rows, 0)?), Buffer::new(draw(columns, 1)?));
        let this = Self { layer, weight_u: u, weight_v: v, n_power_iterations: 1 };
        this.iterate(FIRST_STEPS)?;
        Ok(this)
    }

    /// W / σ, with u and v as they are.
    ///
    /// # Errors
    /// If the buffers do not fit, which loading a state prevents.
    pub fn effective_weight(&self) -> Result<Var> {
        let weight = self.layer.weight().var();
        let (u, v) = (self.weight_u.value(), self.weight_v.value());
        let along = matrix(&weight, u.len())?.matmul(&v.unsqueeze(1)?.into())?; // (out, 1)
        let sigma = along.mul(&u.unsqueeze(1)?.into())?.sum(..)?;
        Ok(weight.div(&sigma)?)
    }

    /// u ← Wv, v ← Wᵀu, both made to length one.
    fn iterate(&self, steps: usize) -> Result<()> {
        let weight = Var::from(self.layer.weight().value());
        let matrix = matrix(&weight, weight.dims()[0])?.into_value();
        for _ in 0..steps {
            let v = self.weight_v.value().unsqueeze(1)?;
            let u = unit(&matrix.matmul(&v)?.squeeze(1)?)?;
            let v = unit(&matrix.t()?.matmul(&u.unsqueeze(1)?)?.squeeze(1)?)?;
            self.weight_u.set(u)?;
            self.weight_v.set(v)?;
        }
        Ok(())
    }
}

fn matrix(weight: &Var, rows: usize) -> Result<Var> {
    Ok(weight.reshape([rows, weight.len() / rows])?)
}

/// x made to length one.
fn unit(x: &Tensor) -> Result<Tensor> {
    let length = x.square()?.sum(..)?.sqrt()?.clamp(EPS, f64::INFINITY)?;
    Ok(x.div(&length)?)
}

impl<L: Weighted> Layer for SpectralNorm<L> {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        if ctx.is_train() {
            self.iterate(self.n_power_iterations)?;
        }
        self.layer.forward_with(&self.effective_weight()?, x, ctx)
    }
}

impl<L: Module> Module for SpectralNorm<L> {
    fn visit<'a>(&'a self, path: &mut Path, f: &mut dyn FnMut(&Path, Slot<'a>)) {
        self.layer.visit(path, f);
        path.with("weight_u", |path| self.weight_u.visit(path, f));
        path.with("weight_v", |path| self.weight_v.visit(path, f));
    }

    fn visit_mut<'a>(&'a mut self, path: &mut Path, f: &mut dyn FnMut(&Path, SlotMut<'a>)) {
        self.layer.visit_mut(path, f);
        path.with("weight_u", |path| self.weight_u.visit_mut(path, f));
        path.with("weight_v", |path| self.weight_v.visit_mut(path, f));
    }
}
