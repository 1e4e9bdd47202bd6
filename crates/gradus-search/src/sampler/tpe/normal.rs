//! Masses of the normal law, in logarithms, far into its tails.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// ln Φ(x).
fn log_cdf(x: f64) -> f64 {
    if x > -14.0 {
        return (0.5 * libm::erfc(-x * FRAC_1_SQRT_2)).ln();
    }
    // Φ(x) = φ(x)/|x| · (1 − 1/x² + 3/x⁴ − 15/x⁶ + …); at −14 the last term is below 1e-14.
    let y = 1.0 / (x * x);
    let series = (1..=10).rev().fold(1.0, |sum, k| 1.0 - f64::from(2 * k - 1) * y * sum);
    -0.5 * x * x - (-x).ln() - 0.5 * (2.0 * PI).ln() + series.ln()
}

/// The logarithm of the mass between `a` and `b`, where `a < b`.
pub(super) fn log_mass(a: f64, b: f64) -> f64 {
    // On the right of zero both values of Φ are near one: their mirror images are not.
    let (a, b) = if a > 0.0 { (-b, -a) } else { (a, b) };
    if b > 0.0 {
        let outside = 0.5 * (libm::erfc(-a * FRAC_1_SQRT_2) + libm::erfc(b * FRAC_1_SQRT_2));
        return (-outside).ln_1p();
    }
    let (low, high) = (log_cdf(a), log_cdf(b));
    high + (-(low - high).exp()).ln_1p()
}

/// ln φ(x).
pub(super) fn log_density(x: f64) -> f64 {
    -0.5 * x * x - 0.5 * (2.0 * PI).ln()
}

/// Where between `a` and `b` the share `u` of the mass between them lies to the left.
///
/// Found by halving: slow beside a rational approximation, but right to the last bit, and used a
/// few dozen times for a trial.
pub(super) fn quantile(u: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (a, b);
    let target = u.ln() + log_mass(a, b);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if log_mass(a, middle) < target {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn masses_are_right_far_into_the_tails() {
        // By mpmath, in 60 digits.
        for (a, b, expected) in [
            (-1.0, 1.0, -0.381_715_146_302_126_07),
            (-40.0, -39.0, -765.083_156_564_377_5),
            (39.0, 40.0, -765.083_156_564_377_5),
            (-14.5, -14.0, -101.563_811_955_591_08),
            (-100.5, -99.5, -4_955.644_197_159_426),
        ] {
            let mass = log_mass(a, b);
            assert!((mass - expected).abs() < 1e-12 * f64::abs(expected), "{a} {b} {mass:?}");
        }
    }

    proptest! {
        #[test]
        fn a_quantile_has_its_share_to_the_left(
            u in 1e-6f64..1.0, a in -9.0f64..9.0, width in 0.01f64..9.0,
        ) {
            let x = quantile(u, a, a + width);
            prop_assert!((a..=a + width).contains(&x));
            let share = (log_mass(a, x) - log_mass(a, a + width)).exp();
            prop_assert!((share - u).abs() < 1e-6, "{share} {u}");
        }
    }
}
