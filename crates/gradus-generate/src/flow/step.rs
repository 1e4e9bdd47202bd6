//! One step of each solver.

use gradus_tensor::Tensor;

use super::denoise::{Denoise, Estimate, Target};
use super::path::Path;
use super::solver::Solver;
use crate::{Error, Result, Stats};

/// A step from time `t` to time `u`, at `x`.
pub(super) struct Step<'a, M: ?Sized> {
    pub(super) model: &'a M,
    pub(super) stats: &'a mut Stats,
    pub(super) t: f64,
    pub(super) u: f64,
    /// The estimate of the data in the last step, and how far ln(a/s) moved in it.
    pub(super) last: &'a mut Option<(Tensor, f64)>,
    /// New noise, if the solver wants any.
    pub(super) fresh: &'a dyn Fn() -> Result<Tensor>,
}

impl<M: Denoise + ?Sized> Step<'_, M> {
    /// x at time u, and the estimate of the data that led there.
    pub(super) fn run(&mut self, solver: Solver, x: &Tensor) -> Result<(Tensor, Tensor)> {
        if (solver, self.model.target()) == (Solver::Direct, Target::Data) {
            let data = self.direct(x)?;
            return Ok((data.clone(), data));
        }
        let now = self.ask(x, self.t)?;
        let next = match solver {
            Solver::Euler => self.euler(&now, self.u)?,
            Solver::Heun => self.heun(x, &now)?,
            Solver::Midpoint => self.midpoint(x, &now)?,
            Solver::Ddim { eta } => self.ddim(&now, eta)?,
            Solver::Dpm2m => self.dpm2m(x, &now)?,
            Solver::Direct => now.data.clone(),
            Solver::Renoise => {
                let (a, s) = self.scales(self.u);
                let kept = now.data.mul_scalar(a)?;
                if s > 0.0 { kept.add(&(self.fresh)()?.mul_scalar(s)?)? } else { kept }
            }
        };
        Ok((next, now.data))
    }

    fn scales(&self, t: f64) -> (f64, f64) {
        self.model.path().scales(t)
    }

    fn ask(&mut self, x: &Tensor, t: f64) -> Result<Estimate> {
        let out = self.call(x, t)?;
        if out.dims() != x.dims() {
            let (what, expected) = ("values the model answered", x.len());
            return Err(Error::Length { what, expected, got: out.len() });
        }
        self.model.target().split(&self.model.path(), x, out, t)
    }

    /// The data themselves, which may have another shape than the noise they are made of.
    fn direct(&mut self, x: &Tensor) -> Result<Tensor> {
        let data = self.call(x, self.t)?;
        let rows = |x: &Tensor| x.dims().first().copied().unwrap_or(0);
        let (what, expected, got) = ("rows the model answered", rows(x), rows(&data));
        if expected == got { Ok(data) } else { Err(Error::Length { what, expected, got }) }
    }

    fn call(&mut self, x: &Tensor, t: f64) -> Result<Tensor> {
        let start = std::time::Instant::now();
        let out = self.model.predict(x, t)?;
        self.stats.count_call(x.dims().first().copied().unwrap_or(0), start.elapsed());
        // 0 · x is 0 but for NaN and infinity.
        if out.mul_scalar(0.0)?.sum(..)?.item()? != 0.0 {
            return Err(Error::Diverged { call: self.stats.calls as usize });
        }
        Ok(out)
    }

    fn euler(&self, now: &Estimate, u: f64) -> Result<Tensor> {
        let (a, s) = self.scales(u);
        Ok(now.data.mul_scalar(a)?.add(&now.noise.mul_scalar(s)?)?)
    }

    fn heun(&mut self, x: &Tensor, now: &Estimate) -> Result<Tensor> {
        let there = self.euler(now, self.u)?;
        let (path, target) = (self.model.path(), self.model.target());
        let (b, r) = self.scales(self.u);
        if r == 0.0 && (path, target) != (Path::Flow, Target::Velocity) {
            return Ok(there);
        }
        let then = self.ask(&there, self.u)?;
        if path == Path::Flow {
            let turn = direction(now)?.add(&direction(&then)?)?;
            return Ok(x.add(&turn.mul_scalar((self.u - self.t) / 2.0)?)?);
        }
        // x/a moves along the noise as s/a falls.
        let (a, s) = self.scales(self.t);
        let noise = now.noise.add(&then.noise)?.mul_scalar((r / b - s / a) / 2.0)?;
        Ok(x.div_scalar(a)?.add(&noise)?.mul_scalar(b)?)
    }

    fn midpoint(&mut self, x: &Tensor, now: &Estimate) -> Result<Tensor> {
        let middle = f64::midpoint(self.t, self.u);
        let halfway = self.euler(now, middle)?;
        let then = self.ask(&halfway, middle)?;
        let turn = if self.model.path() == Path::Flow { direction(&then)? } else { then.noise };
        Ok(x.add(&turn.mul_scalar(self.u - self.t)?)?)
    }

    fn ddim(&self, now: &Estimate, eta: f64) -> Result<Tensor> {
        let ((a, s), (b, r)) = (self.scales(self.t), self.scales(self.u));
        let sigma = eta * r * (1.0 - (r * a / (b * s)).powi(2)).max(0.0).sqrt();
        let kept = (r * r - sigma * sigma).max(0.0).sqrt();
        let next = now.data.mul_scalar(b)?.add(&now.noise.mul_scalar(kept)?)?;
        if sigma == 0.0 {
            return Ok(next);
        }
        Ok(next.add(&(self.fresh)()?.mul_scalar(sigma)?)?)
    }

    fn dpm2m(&mut self, x: &Tensor, now: &Estimate) -> Result<Tensor> {
        let ((a, s), (b, r)) = (self.scales(self.t), self.scales(self.u));
        // e^(−h), with h the step in ln(a/s); 0 where the step starts without data or ends without
        // noise.
        let shrink = r * a / (b * s);
        let h = -shrink.ln();
        let mixed = match self.last.take() {
            Some((before, h_last)) if r > 0.0 => {
                let ahead = h / (2.0 * h_last);
                now.data.mul_scalar(1.0 + ahead)?.sub(&before.mul_scalar(ahead)?)?
            }
            _ => now.data.clone(),
        };
        *self.last = Some((now.data.clone(), h));
        Ok(x.mul_scalar(r / s)?.add(&mixed.mul_scalar(b * (1.0 - shrink))?)?)
    }
}

/// data − noise.
fn direction(at: &Estimate) -> Result<Tensor> {
    Ok(at.data.sub(&at.noise)?)
}
