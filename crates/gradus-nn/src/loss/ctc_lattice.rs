//! The alignments of one target: forward and backward algorithm.
//!
//! ```text
//! states s: blank, y₁, blank, y₂, …, blank        (2S + 1)
//! α(t, s) = x(t, s) + ln Σ e^α(t−1, s − {0, 1, 2 if y(s) is no blank and not y(s−2)})
//! β(t, s) = the like from the end, without x(t, s)
//! p = Σ e^α(T−1, last two),   dp/dx(t, c) = Σ over s with class c of e^(α + β)(t, s)
//! ```

use gradus_autograd::Var;
use gradus_core::DType;
use gradus_tensor::Tensor;

use crate::Result;
use crate::error::require;

/// The states of one row.
#[derive(Debug, Clone)]
pub(super) struct Lattice {
    /// The class of each state.
    states: Vec<usize>,
    /// Whether a state may follow the one two before it.
    skips: Vec<bool>,
    steps: usize,
}

impl Lattice {
    pub(super) fn new(target: &[i64], steps: usize, blank: usize, classes: usize) -> Result<Self> {
        let mut states = vec![blank];
        for &id in target {
            let class = usize::try_from(id).ok().filter(|&c| c < classes && c != blank);
            let expected = "classes other than the blank";
            require(class.is_some(), "ctc", "targets", expected, id)?;
            states.extend(class.into_iter().chain([blank]));
        }
        let skip = |s: usize| s >= 2 && states[s] != blank && states[s] != states[s - 2];
        let skips = (0..states.len()).map(skip).collect();
        Ok(Self { states, skips, steps })
    }

    /// −ln p from log-probabilities `[T, C]`.
    pub(super) fn loss(&self, x: &[f64], classes: usize) -> f64 {
        let alpha = self.forward(x, classes);
        self.log_likelihood(&alpha).map_or(f64::INFINITY, |p| -p)
    }

    /// Adds `weight` times the gradient of the loss.
    pub(super) fn add_gradient(&self, x: &[f64], classes: usize, weight: f64, out: &mut [f64]) {
        let alpha = self.forward(x, classes);
        let Some(log_p) = self.log_likelihood(&alpha) else { return };
        let n = self.states.len();
        let mut beta = vec![f64::NEG_INFINITY; n];
        beta[n.saturating_sub(2)..].fill(0.0);
        for t in (0..self.steps).rev() {
            for s in 0..n {
                let posterior = (alpha[t * n + s] + beta[s] - log_p).exp();
                out[t * classes + self.states[s]] -= weight * posterior;
            }
            let after: Vec<f64> =
                (0..n).map(|s| beta[s] + x[t * classes + self.states[s]]).collect();
            let at = |s: usize| after.get(s).copied().unwrap_or(f64::NEG_INFINITY);
            for (s, beta) in beta.iter_mut().enumerate() {
                let skip = self.skips.get(s + 2) == Some(&true);
                let two = if skip { at(s + 2) } else { f64::NEG_INFINITY };
                *beta = log_sum([at(s), at(s + 1), two]);
            }
        }
    }

    /// α of all steps: `[steps, states]`.
    fn forward(&self, x: &[f64], classes: usize) -> Vec<f64> {
        let n = self.states.len();
        let mut alpha = vec![f64::NEG_INFINITY; self.steps * n];
        for t in 0..self.steps {
            let (before, now) = alpha.split_at_mut(t * n);
            for s in 0..n {
                let at = |back: usize| {
                    if s < back { f64::NEG_INFINITY } else { before[(t - 1) * n + s - back] }
                };
                let from = match t {
                    0 if s < 2 => 0.0,
                    0 => f64::NEG_INFINITY,
                    _ => {
                        let two = if self.skips[s] { at(2) } else { f64::NEG_INFINITY };
                        log_sum([at(0), at(1), two])
                    }
                };
                now[s] = from + x[t * classes + self.states[s]];
            }
        }
        alpha
    }

    /// ln p, unless p is zero. No step at all gives the empty target for certain.
    fn log_likelihood(&self, alpha: &[f64]) -> Option<f64> {
        let n = self.states.len();
        let Some(last) = alpha.len().checked_sub(n) else {
            return (n == 1).then_some(0.0);
        };
        let end = &alpha[last..];
        let one = if n > 1 { end[n - 2] } else { f64::NEG_INFINITY };
        let log_p = log_sum([end[n - 1], one, f64::NEG_INFINITY]);
        (log_p != f64::NEG_INFINITY).then_some(log_p)
    }
}

/// ln Σ eˣ; NaN stays NaN.
fn log_sum(x: [f64; 3]) -> f64 {
    let largest = x.into_iter().fold(f64::NEG_INFINITY, f64::max);
    if x.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    if largest == f64::NEG_INFINITY {
        return largest;
    }
    largest + x.into_iter().map(|x| (x - largest).exp()).sum::<f64>().ln()
}

/// The losses in public ops, row by row; where there is no alignment, a constant zero.
pub(super) fn composite(log_probs: &Var, lattices: &[Lattice]) -> gradus_autograd::Result<Var> {
    // A finite number instead of −∞ keeps derivatives free of NaN.
    let lowest = if log_probs.dtype() == DType::F64 { -1e300 } else { -1e38 };
    let mut losses = vec![log_probs.narrow(0, 0, 0)?.sum([1, 2])?]; // (0): so that there is one
    for (b, lattice) in lattices.iter().enumerate() {
        let zero = log_probs.narrow(0, b, 1)?.zeros_like().sum([1, 2])?;
        if lattice.steps == 0 {
            losses.push(zero);
            continue;
        }
        let n = lattice.states.len();
        let ids = lattice.states.iter().map(|&state| state as i64).collect();
        let x = log_probs.select(0, b)?.index_select(1, &Tensor::from_vec(ids, [n])?)?; // (T, n)
        let closed = Tensor::from_vec(lattice.skips.iter().map(|skip| !skip).collect(), [n])?;
        let late = Tensor::from_vec((0..n).map(|s| s > 1).collect(), [n])?;
        let mut alpha = x.select(0, 0)?.masked_fill(&late, lowest)?;
        for t in 1..lattice.steps {
            let back = |k: usize| alpha.pad(&[(k, 0)], lowest)?.narrow(0, 0, n);
            let from = [alpha.clone(), back(1)?, back(2)?.masked_fill(&closed, lowest)?];
            alpha = Var::stack(&from, 0)?.logsumexp(0)?.add(&x.select(0, t)?)?;
        }
        let ends = n.min(2);
        let log_p = alpha.narrow(0, n - ends, ends)?.logsumexp_keepdim(0)?;
        let possible = log_p.value().gt_scalar(lowest / 2.0)?.item()? != 0.0;
        losses.push(if possible { log_p.neg()? } else { zero });
    }
    Var::cat(&losses, 0)
}
