//! `sinc`, and the spherical Bessel functions that its derivatives are made of.

use std::f64::consts::PI;

use crate::functions::each;
use crate::{Result, Tensor};

impl Tensor {
    /// sin πx / πx, and 1 at zero, element by element.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    pub fn sinc(&self) -> Result<Self> {
        each("sinc", self, |x| spherical_bessel(0, PI * x))
    }

    /// The spherical Bessel function jₙ, element by element: j₀ is sin x / x, and
    /// (2n + 1) jₙ' = n jₙ₋₁ − (n + 1) jₙ₊₁.
    ///
    /// # Errors
    /// As [`Tensor::sinc`].
    pub fn spherical_bessel(&self, n: usize) -> Result<Self> {
        each("spherical_bessel", self, |x| spherical_bessel(n, x))
    }
}

fn spherical_bessel(n: usize, x: f64) -> f64 {
    if x.is_infinite() {
        return 0.0;
    }
    // The upward recurrence loses digits below n; the series has them there.
    if x.abs() < n as f64 + 1.0 {
        return series(n, x);
    }
    let (mut a, mut b) = (x.sin() / x, (x.sin() / x - x.cos()) / x);
    for k in 0..n {
        (a, b) = (b, (2 * k + 3) as f64 / x * b - a);
    }
    a
}

/// xⁿ/(2n+1)!! · (1 − x²/(2·(2n+3)) + x⁴/(2·4·(2n+3)(2n+5)) − …)
fn series(n: usize, x: f64) -> f64 {
    let first: f64 = (1..=n).map(|k| x / (2 * k + 1) as f64).product();
    let half = -0.5 * x * x;
    let (mut term, mut sum, mut k) = (1.0, 1.0, 1);
    while f64::abs(term) > 1e-18 * f64::abs(sum) {
        term *= half / (k * (2 * n + 2 * k + 1)) as f64;
        sum += term;
        k += 1;
    }
    first * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_scipy() {
        let known = [
            (0, 0.0, 1.0),
            (0, 2.5, 0.23938885764158263),
            (1, 0.5, 0.1625370306360667),
            (1, -4.0, -0.11611074925915747),
            (2, 1.0, 0.062035052011373916),
            (3, 2.0, 0.060722097662874876),
            (3, 12.0, 0.08496510105614714),
        ];
        for (n, x, expected) in known {
            let got = spherical_bessel(n, x);
            assert!((got - expected).abs() < 1e-14, "j{n}({x}) = {got}, expected {expected}");
        }
        assert!(spherical_bessel(2, f64::NAN).is_nan());
        assert_eq!(spherical_bessel(1, f64::INFINITY), 0.0);
    }

    #[test]
    fn sinc_is_one_at_zero_and_zero_at_integers() {
        let y = Tensor::from([0.0f64, 1.0, -2.0, 0.5]).sinc().unwrap().to_vec::<f64>().unwrap();
        assert_eq!(y[0], 1.0);
        assert!(y[1].abs() < 1e-15 && y[2].abs() < 1e-15);
        assert!((y[3] - 2.0 / PI).abs() < 1e-15);
    }
}
