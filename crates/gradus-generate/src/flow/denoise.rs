//! What a model of continuous values offers.

use gradus_tensor::Tensor;

use super::path::Path;
use crate::{Error, Guided, Result};

/// A model that looks through noise: flow matching, diffusion, a decoder.
///
/// What it is conditioned on belongs to the model: row `i` of `x` is row `i` of the request.
pub trait Denoise: Sync {
    /// Along which path it was trained.
    fn path(&self) -> Path;

    /// What it estimates.
    fn target(&self) -> Target;

    /// The estimate for every row of `x` at time `t`, in the shape of `x`; only a one-shot decoder, which
    /// runs under [`Solver::Direct`](super::Solver::Direct) alone, answers in another. A row's estimate
    /// must not depend on the other rows.
    ///
    /// # Errors
    /// Whatever the model reports, as [`Error::Model`].
    fn predict(&self, x: &Tensor, t: f64) -> Result<Tensor>;
}

/// What a [`Denoise`] model estimates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The data x̂.
    Data,
    /// The noise ε̂.
    Noise,
    /// On [`Path::Flow`] data − noise, the direction of the path. On paths with a² + s² = 1 a·noise −
    /// s·data (Salimans & Ho 2022, "Progressive Distillation", section 4).
    Velocity,
}

/// What is known of x(t) after a call: estimates of data and noise.
pub(super) struct Estimate {
    pub(super) data: Tensor,
    pub(super) noise: Tensor,
}

impl Target {
    /// Data and noise from a prediction at x(t) = a·data + s·noise.
    pub(super) fn split(self, path: &Path, x: &Tensor, out: Tensor, t: f64) -> Result<Estimate> {
        let (a, s) = path.scales(t);
        let (data, noise) = match self {
            Self::Data => {
                let noise = x.sub(&out.mul_scalar(a)?)?.div_scalar(s)?;
                (out, noise)
            }
            Self::Noise if a == 0.0 => {
                let (what, with) = ("an estimate of the noise", "a first time without data in x");
                return Err(Error::Contradiction { what, with });
            }
            Self::Noise => (x.sub(&out.mul_scalar(s)?)?.div_scalar(a)?, out),
            Self::Velocity if *path == Path::Flow => {
                (x.add(&out.mul_scalar(s)?)?, x.sub(&out.mul_scalar(a)?)?)
            }
            Self::Velocity if ((a * a + s * s) - 1.0).abs() < 1e-9 => {
                let data = x.mul_scalar(a)?.sub(&out.mul_scalar(s)?)?;
                (data, x.mul_scalar(s)?.add(&out.mul_scalar(a)?)?)
            }
            Self::Velocity => {
                let (what, with) = ("an estimate of the velocity", "a path without one");
                return Err(Error::Contradiction { what, with });
            }
        };
        Ok(Estimate { data, noise })
    }
}

impl<C: Denoise, P: Denoise> Denoise for Guided<C, P> {
    fn path(&self) -> Path {
        self.conditional.path()
    }

    fn target(&self) -> Target {
        self.conditional.target()
    }

    fn predict(&self, x: &Tensor, t: f64) -> Result<Tensor> {
        if (self.plain.path(), self.plain.target()) != (self.path(), self.target()) {
            let (what, with) = ("the path or target of one model", "those of the other");
            return Err(Error::Contradiction { what, with });
        }
        let plain = self.plain.predict(x, t)?;
        let beyond = self.conditional.predict(x, t)?.sub(&plain)?;
        Ok(plain.add(&beyond.mul_scalar(self.scale)?)?)
    }
}

impl<M: Denoise + ?Sized> Denoise for &M {
    fn path(&self) -> Path {
        (**self).path()
    }

    fn target(&self) -> Target {
        (**self).target()
    }

    fn predict(&self, x: &Tensor, t: f64) -> Result<Tensor> {
        (**self).predict(x, t)
    }
}
