//! The logarithm of the gamma function and its derivatives.

use std::f64::consts::PI;

use crate::functions::each;
use crate::{Result, Tensor};

/// Where the asymptotic series have more digits than `f64`.
const FAR: f64 = 15.0;

/// The Bernoulli numbers B₂, B₄, ….
const BERNOULLI: [f64; 9] = [
    1.0 / 6.0,
    -1.0 / 30.0,
    1.0 / 42.0,
    -1.0 / 30.0,
    5.0 / 66.0,
    -691.0 / 2730.0,
    7.0 / 6.0,
    -3617.0 / 510.0,
    43867.0 / 798.0,
];

impl Tensor {
    /// ln |Γ(x)|, element by element; ∞ at 0 and at negative integers.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    pub fn lgamma(&self) -> Result<Self> {
        each("lgamma", self, lgamma)
    }

    /// The derivative of [`Tensor::lgamma`], element by element; NaN at negative integers and −∞ at 0.
    ///
    /// # Errors
    /// As [`Tensor::lgamma`].
    pub fn digamma(&self) -> Result<Self> {
        each("digamma", self, digamma)
    }

    /// The derivative of order `n` of [`Tensor::digamma`], element by element. At 0 and at negative
    /// integers it is ∞ for odd orders and NaN for even ones.
    ///
    /// # Errors
    /// As [`Tensor::lgamma`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let trigamma = Tensor::scalar(1.0f64).polygamma(1)?.item()?;
    /// assert!((trigamma - std::f64::consts::PI.powi(2) / 6.0).abs() < 1e-14);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn polygamma(&self, n: usize) -> Result<Self> {
        each("polygamma", self, |x| polygamma(n, x))
    }
}

fn lgamma(x: f64) -> f64 {
    if x.is_infinite() {
        return f64::INFINITY;
    }
    if x <= 0.0 && x == x.floor() {
        return f64::INFINITY;
    }
    if x == 1.0 || x == 2.0 {
        return 0.0;
    }
    if x < 0.5 {
        return (PI / sin_pi(x).abs()).ln() - lgamma(1.0 - x);
    }
    // Γ(x) = Γ(x + n) / (x … (x + n − 1)), and Stirling's series far out.
    let (mut far, mut product) = (x, 1.0);
    while far < FAR {
        product *= far;
        far += 1.0;
    }
    let square = far * far;
    let series = BERNOULLI.iter().zip(1..10).rev().fold(0.0, |sum, (b, k)| {
        let k = f64::from(2 * k);
        sum / square + b / (k * (k - 1.0))
    }) / far;
    (far - 0.5) * far.ln() - far + 0.5 * (2.0 * PI).ln() + series - product.ln()
}

fn digamma(x: f64) -> f64 {
    if x == 0.0 {
        return -1.0 / x;
    }
    if x < 0.0 {
        return if x == x.floor() {
            f64::NAN
        } else {
            digamma(1.0 - x) - PI * cot_derivative(0, x)
        };
    }
    let (mut far, mut sum) = (x, 0.0);
    while far < FAR {
        sum += 1.0 / far;
        far += 1.0;
    }
    let square = far * far;
    let series = BERNOULLI
        .iter()
        .zip(1..10)
        .rev()
        .fold(0.0, |sum, (b, k)| (sum + b / f64::from(2 * k)) / square);
    far.ln() - 0.5 / far - series - sum
}

fn polygamma(n: usize, x: f64) -> f64 {
    if n == 0 {
        return digamma(x);
    }
    let sign = if n % 2 == 1 { 1.0 } else { -1.0 };
    if x <= 0.0 && x == x.floor() {
        return if n % 2 == 1 { f64::INFINITY } else { f64::NAN };
    }
    if x < 0.0 {
        // (−1)ⁿ ψ⁽ⁿ⁾(1 − x) − ψ⁽ⁿ⁾(x) = π dⁿ/dxⁿ cot πx
        return -sign * polygamma(n, 1.0 - x) - PI * cot_derivative(n, x);
    }
    let factorial: f64 = (1..=n).map(|k| k as f64).product();
    sign * factorial * zeta(n as f64 + 1.0, x)
}

/// Σ (x + k)⁻ˢ by Euler and Maclaurin.
fn zeta(s: f64, x: f64) -> f64 {
    if x == f64::INFINITY {
        return 0.0;
    }
    let (mut far, mut sum) = (x, 0.0);
    while far < FAR + s {
        sum += far.powf(-s);
        far += 1.0;
    }
    // The tail: far^(1−s)/(s−1) + far^(−s)/2 + Σ B₂ₖ/(2k)! · s(s+1)…(s+2k−2) far^(−s−2k+1)
    let mut term = far.powf(-s - 1.0) * s;
    let mut tail = far.powf(1.0 - s) / (s - 1.0) + 0.5 * far.powf(-s);
    let mut factorial = 2.0;
    for (b, k) in BERNOULLI.iter().zip(1..10) {
        let k = f64::from(2 * k);
        tail += b / factorial * term;
        term *= (s + k - 1.0) * (s + k) / (far * far);
        factorial *= (k + 1.0) * (k + 2.0);
    }
    sum + tail
}

/// dⁿ/dxⁿ cot πx: a polynomial in c = cot πx, since dc/dx = −π(1 + c²).
fn cot_derivative(n: usize, x: f64) -> f64 {
    let mut polynomial = vec![0.0, 1.0];
    for _ in 0..n {
        let mut next = vec![0.0; polynomial.len() + 1];
        for (k, c) in polynomial.iter().enumerate().skip(1) {
            let slope = -PI * k as f64 * c;
            next[k - 1] += slope;
            next[k + 1] += slope;
        }
        polynomial = next;
    }
    let cot = sin_pi(x + 0.5) / sin_pi(x);
    polynomial.iter().rev().fold(0.0, |sum, c| sum * cot + c)
}

/// sin πx, with the period taken off before the rounding of π counts.
fn sin_pi(x: f64) -> f64 {
    let near = x - 2.0 * (x / 2.0).round();
    (PI * near).sin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(f: impl Fn(f64) -> f64, known: &[(f64, f64)]) {
        for &(x, expected) in known {
            let got = f(x);
            let close = (got - expected).abs() <= 1e-12 * expected.abs().max(1.0);
            assert!(got == expected || close, "{x}: {got}, expected {expected}");
        }
    }

    #[test]
    fn values_are_those_of_scipy() {
        check(
            lgamma,
            &[
                (1e-10, 23.025850929882735),
                (0.3, 1.0957979948180756),
                (1.0, 0.0),
                (2.0, 0.0),
                (3.5, 1.2009736023470743),
                (100.5, 361.43554046777757),
                (1e10, 220258509288.81058),
                (-0.5, 1.2655121234846454),
                (-7.3, -7.779101629826853),
                (f64::INFINITY, f64::INFINITY),
                (-3.0, f64::INFINITY),
            ],
        );
        check(
            digamma,
            &[
                (0.3, -3.502524222200133),
                (1.0, -0.5772156649015329),
                (40.0, 3.6763273740348428),
                (-0.5, 0.03648997397857652),
                (-7.3, 4.33730730551005),
            ],
        );
        check(|x| polygamma(1, x), &[(0.5, 4.934802200544679), (-0.5, 8.934802200544679)]);
        check(|x| polygamma(2, x), &[(0.5, -16.8287966442344), (3.0, -0.15411380631918857)]);
        check(|x| polygamma(3, x), &[(2.5, 0.2239058488172521), (1.0, 6.493939402266829)]);
    }

    #[test]
    fn each_is_the_derivative_of_the_one_before() {
        let h = 1e-5;
        for x in [-3.7, -0.4, 0.2, 1.5, 8.0, 30.0] {
            let slope = |f: &dyn Fn(f64) -> f64| (f(x + h) - f(x - h)) / (2.0 * h);
            let close = |a: f64, b: f64| (a - b).abs() <= 1e-6 * b.abs().max(1.0);
            assert!(close(slope(&lgamma), digamma(x)), "{x}");
            for n in 0..4 {
                let (got, expected) = (slope(&|x| polygamma(n, x)), polygamma(n + 1, x));
                assert!(close(got, expected), "{n} at {x}: {got}, {expected}");
            }
        }
    }

    #[test]
    fn poles_and_nan() {
        assert!(digamma(-2.0).is_nan() && polygamma(2, -1.0).is_nan());
        assert_eq!(polygamma(1, 0.0), f64::INFINITY);
        assert_eq!(digamma(0.0), f64::NEG_INFINITY);
        assert_eq!(digamma(f64::INFINITY), f64::INFINITY);
        for f in [lgamma, digamma, |x| polygamma(1, x)] {
            assert!(f(f64::NAN).is_nan());
        }
    }
}
