//! The most likely power.

use super::moments::Moments;
use super::power::PowerMethod;

/// Transformed values must differ by this share of their size: half of the digits are left.
const SPREAD: f64 = 1e-8;
/// The first search: λ in −5..=5.
const STEP: f64 = 0.5;
const STEPS: i32 = 10;
/// λ is looked for up to this size. Columns with a narrow relative range ask for large powers.
const FARTHEST: f64 = 1e4;
/// λ is found to this width; the likelihood is too flat to tell more.
const WIDTH: f64 = 1e-9;

/// The λ with the greatest profile likelihood of a normal distribution; `values` are not constant.
///
/// A coarse search finds the neighbourhood, a golden section the place.
pub(super) fn most_likely(method: PowerMethod, values: &[f64]) -> f64 {
    let cost = Cost::new(method, values);
    let mut step = STEP;
    let coarse = (-STEPS..=STEPS).map(|i| f64::from(i) * STEP);
    // 1 is always among them and leaves the values as they are.
    let mut best = coarse.min_by(|a, b| cost.of(*a).total_cmp(&cost.of(*b))).unwrap_or(1.0);
    if best.abs() >= f64::from(STEPS) * STEP {
        while best.abs() < FARTHEST && cost.of(best + step.copysign(best)) < cost.of(best) {
            best += step.copysign(best);
            step *= 2.0;
        }
    }
    golden_section(|lambda| cost.of(lambda), best - step, best + step)
}

/// Where a function with one valley is lowest.
fn golden_section(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let ratio = 0.5 * (5.0f64.sqrt() - 1.0);
    let (mut a, mut b) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_a, mut at_b) = (f(a), f(b));
    while high - low > WIDTH * high.abs().max(1.0) {
        if at_a <= at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - ratio * (high - low);
            at_a = f(a);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + ratio * (high - low);
            at_b = f(b);
        }
    }
    f64::midpoint(low, high)
}

/// Twice the negative log-likelihood for each value, but for a constant.
struct Cost<'a> {
    method: PowerMethod,
    values: &'a [f64],
    ends: [f64; 2],
    /// Σ sign(x) ln(1 + |x|) / n, from the derivative of Yeo-Johnson.
    mean_log: f64,
    /// Logarithms without their mean, if all values have one sign: λ then acts on them alone.
    logs: Option<(Vec<f64>, Sign)>,
}

#[derive(Clone, Copy)]
enum Sign {
    Plus,
    Minus,
}

impl<'a> Cost<'a> {
    fn new(method: PowerMethod, values: &'a [f64]) -> Self {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let centred = |log: fn(f64) -> f64, sign| {
            let logs: Vec<f64> = values.iter().map(|&v| log(v)).collect();
            let mean = Moments::of(logs.iter().copied()).mean();
            (logs.into_iter().map(|l| l - mean).collect(), sign)
        };
        let logs = match method {
            PowerMethod::BoxCox => Some(centred(f64::ln, Sign::Plus)),
            PowerMethod::YeoJohnson if low >= 0.0 => Some(centred(f64::ln_1p, Sign::Plus)),
            PowerMethod::YeoJohnson if high < 0.0 => Some(centred(|v| (-v).ln_1p(), Sign::Minus)),
            PowerMethod::YeoJohnson => None,
        };
        let signed_log = |v: &f64| v.abs().ln_1p().copysign(*v);
        let mean_log = Moments::of(values.iter().map(signed_log)).mean();
        Self { method, values, ends: [low, high], mean_log, logs }
    }

    /// ln var(T(x)) − 2 (λ − 1) mean(ln T'(x) / (λ − 1)); infinite where λ cannot be used.
    ///
    /// With logarithms l = m + d of mean m, x^λ / λ = e^(λ m) e^(λ d) / λ, and all that has m
    /// cancels but for a constant: no power of a large number is ever formed.
    fn of(&self, lambda: f64) -> f64 {
        let [low, high] = self.ends.map(|v| self.method.forward(lambda, v));
        let usable = high - low > SPREAD * low.abs().max(high.abs()) && (high - low).is_finite();
        if !usable {
            return f64::INFINITY;
        }
        let cost = match &self.logs {
            Some((logs, sign)) => {
                let power = match sign {
                    Sign::Plus => lambda,
                    Sign::Minus => 2.0 - lambda,
                };
                let grow = |d: &f64| if power == 0.0 { *d } else { (power * d).exp_m1() / power };
                Moments::of(logs.iter().map(grow)).variance().ln()
            }
            None => {
                let transformed = self.values.iter().map(|&v| self.method.forward(lambda, v));
                Moments::of(transformed).variance().ln() - 2.0 * (lambda - 1.0) * self.mean_log
            }
        };
        if cost.is_finite() { cost } else { f64::INFINITY }
    }
}
