//! The density of one parameter, from what has been tried.

use gradus_core::Key;

use super::normal::{log_density, log_mass, quantile};
use crate::space::{Domain, Value};

/// A mixture with a kernel at every observation, and one over the whole domain: the prior.
///
/// Numbers have truncated normal kernels on their scale. A kernel is as wide as the larger gap to
/// its neighbours, but at least a hundredth of the domain, or its share for `n + 1` kernels if that
/// is more (the "magic clip"). Whole numbers have the mass of the interval around them; a choice has
/// a kernel that adds the prior's share to every name.
#[derive(Debug, Clone)]
pub(super) struct Parzen<'a> {
    domain: &'a Domain,
    pub(super) weights: Vec<f64>,
    pub(super) kernels: Kernels,
    /// Logarithms of the masses that truncated kernels have inside.
    inside: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kernels {
    /// Means and standard deviations.
    Normal(Vec<(f64, f64)>),
    /// The probability of every name.
    Names(Vec<Vec<f64>>),
}

/// Weight of the prior beside an observation's 1.
const PRIOR_WEIGHT: f64 = 1.0;
/// So many of the latest observations have their full weight.
const FULL_WEIGHT: usize = 25;

impl<'a> Parzen<'a> {
    /// The density of the observations, the oldest first; all are values of the domain.
    pub(super) fn new(domain: &'a Domain, observed: &[Value]) -> Self {
        let places: Vec<f64> = observed.iter().filter_map(|value| domain.internal(value)).collect();
        let mut weights = age_weights(places.len());
        weights.push(PRIOR_WEIGHT);
        let total: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|w| *w /= total);
        let kernels = match domain {
            Domain::Choice(names) => Kernels::Names(name_kernels(&places, names.len())),
            _ => Kernels::Normal(normal_kernels(&places, domain.edges())),
        };
        let (low, high) = domain.edges();
        let inside = match &kernels {
            Kernels::Normal(kernels) => {
                kernels.iter().map(|(m, s)| log_mass((low - m) / s, (high - m) / s)).collect()
            }
            Kernels::Names(_) => Vec::new(),
        };
        Self { domain, weights, kernels, inside }
    }

    /// The logarithm of the density, or for whole numbers and names of the probability.
    pub(super) fn log_density(&self, value: &Value) -> f64 {
        let Some(x) = self.domain.internal(value) else { return f64::NEG_INFINITY };
        let logs: Vec<f64> = match &self.kernels {
            Kernels::Names(kernels) => kernels.iter().map(|k| k[x as usize].ln()).collect(),
            Kernels::Normal(kernels) => {
                let inside = kernels.iter().zip(&self.inside);
                inside.map(|(kernel, inside)| self.log_kernel(*kernel, value) - inside).collect()
            }
        };
        let logs: Vec<f64> = logs.iter().zip(&self.weights).map(|(l, w)| l + w.ln()).collect();
        let max = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if max == f64::NEG_INFINITY {
            return max;
        }
        logs.iter().map(|l| (l - max).exp()).sum::<f64>().ln() + max
    }

    /// A kernel's density or probability, were it not truncated.
    fn log_kernel(&self, (mean, deviation): (f64, f64), value: &Value) -> f64 {
        let z = |x: f64| (x - mean) / deviation;
        match (self.domain, value) {
            (Domain::Int { step, scale, .. }, Value::Int(v)) => {
                let half = *step as f64 / 2.0;
                let edge = |x: f64| z(scale.encode(x));
                log_mass(edge(*v as f64 - half), edge(*v as f64 + half))
            }
            _ => {
                let x = self.domain.internal(value).unwrap_or(f64::NAN);
                log_density(z(x)) - deviation.ln()
            }
        }
    }

    /// A draw, from the uniforms 0 and 1 of the key.
    pub(super) fn draw(&self, key: Key) -> Value {
        let kernel = inverse(&self.weights, key.uniform(0));
        let u = key.uniform(1);
        match (&self.kernels, self.domain) {
            (Kernels::Names(kernels), Domain::Choice(names)) => {
                Value::Choice(names[inverse(&kernels[kernel], u)].clone())
            }
            (Kernels::Normal(kernels), domain) => {
                let (mean, deviation) = kernels[kernel];
                let (low, high) = domain.edges();
                let z = |x: f64| (x - mean) / deviation;
                let x = mean + deviation * quantile(u, z(low), z(high));
                rounded(domain, x)
            }
            (Kernels::Names(_), _) => unreachable!("only a choice has kernels of names"),
        }
    }
}

/// The value nearest to a number on the domain's scale.
fn rounded(domain: &Domain, x: f64) -> Value {
    match domain {
        Domain::Float { low, high, scale } => Value::Float(scale.decode(x).clamp(*low, *high)),
        Domain::Int { low, high, step, scale } => {
            let steps = ((scale.decode(x) - *low as f64) / *step as f64).round() as i64;
            Value::Int(low + steps.clamp(0, (high - low) / step) * step)
        }
        Domain::Choice(_) => unreachable!("a choice has kernels of names"),
    }
}

/// The index at which the sum of the weights first exceeds `u`.
fn inverse(weights: &[f64], u: f64) -> usize {
    let mut sum = 0.0;
    let found = weights.iter().position(|w| {
        sum += w;
        u < sum
    });
    found.unwrap_or(weights.len() - 1)
}

/// 1 for the latest observations; from the oldest on, a ramp up to them.
fn age_weights(n: usize) -> Vec<f64> {
    let ramp = n.saturating_sub(FULL_WEIGHT);
    let first = 1.0 / n.max(1) as f64;
    let step = if ramp > 1 { (1.0 - first) / (ramp - 1) as f64 } else { 0.0 };
    (0..n).map(|i| if i < ramp { first + step * i as f64 } else { 1.0 }).collect()
}

fn name_kernels(places: &[f64], n_names: usize) -> Vec<Vec<f64>> {
    let share = PRIOR_WEIGHT / (places.len() + 1) as f64;
    let kernel = |seen: Option<usize>| {
        let mut kernel = vec![share; n_names];
        if let Some(index) = seen {
            kernel[index] += 1.0;
        }
        let total: f64 = kernel.iter().sum();
        kernel.iter_mut().for_each(|p| *p /= total);
        kernel
    };
    places.iter().map(|&x| kernel(Some(x as usize))).chain([kernel(None)]).collect()
}

fn normal_kernels(places: &[f64], (low, high): (f64, f64)) -> Vec<(f64, f64)> {
    let n = places.len();
    let width = high - low;
    let narrowest = width / 100f64.min(n as f64 + 2.0);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| places[a].total_cmp(&places[b]));
    let sorted: Vec<f64> = order.iter().map(|&i| places[i]).collect();
    let mut kernels: Vec<(f64, f64)> = places.iter().map(|&x| (x, width)).collect();
    for (rank, &i) in order.iter().enumerate() {
        let left = rank.checked_sub(1).map(|r| sorted[rank] - sorted[r]);
        let right = sorted.get(rank + 1).map(|x| x - sorted[rank]);
        let gap = match (left, right) {
            (Some(left), Some(right)) => left.max(right),
            // At the ends only the neighbour counts, as long as there is one.
            (Some(gap), None) | (None, Some(gap)) => gap,
            (None, None) => (sorted[rank] - low).max(high - sorted[rank]),
        };
        kernels[i].1 = gap.clamp(narrowest, width);
    }
    kernels.push((0.5 * (low + high), width));
    kernels
}
