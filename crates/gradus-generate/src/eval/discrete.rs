//! Divergences between two laws over the same few outcomes.

use crate::{Error, Result};

/// KL(p‖q) = Σ p ln(p / q) in nats. Weights are normalised first, so counts will do.
///
/// It is infinite where `p` has an outcome that `q` has not.
///
/// # Errors
/// [`Error::Length`] for laws of different lengths or without outcomes; [`Error::Parameter`] for a
/// weight that is negative or not finite, and if all are 0.
///
/// # Examples
/// How far the classes of samples are from being drawn evenly:
/// ```
/// use gradus_generate::eval::kl_divergence;
/// assert_eq!(kl_divergence(&[5.0, 5.0], &[50.0, 50.0])?, 0.0);
/// assert!((kl_divergence(&[10.0, 0.0], &[1.0, 1.0])? - 2f64.ln()).abs() < 1e-15);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
pub fn kl_divergence(p: &[f64], q: &[f64]) -> Result<f64> {
    let (p, q) = pair(p, q)?;
    Ok(p.iter().zip(&q).map(|(&p, &q)| term(p, q)).sum::<f64>().max(0.0))
}

/// The Jensen–Shannon divergence in nats: the mean of KL(p‖m) and KL(q‖m), with m halfway between.
///
/// It is symmetric, and between 0 and ln 2 whatever the two have in common.
///
/// # Errors
/// As [`kl_divergence`].
///
/// # Reference
/// Lin 1991, "Divergence measures based on the Shannon entropy".
pub fn js_divergence(p: &[f64], q: &[f64]) -> Result<f64> {
    let (p, q) = pair(p, q)?;
    Ok(js(p.into_iter().zip(q)))
}

/// The same of normalised pairs.
pub(super) fn js(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let both = |(p, q): (f64, f64)| {
        let m = 0.5 * (p + q);
        0.5 * (term(p, m) + term(q, m))
    };
    pairs.map(both).sum::<f64>().max(0.0)
}

fn term(p: f64, q: f64) -> f64 {
    if p == 0.0 { 0.0 } else { p * (p / q).ln() }
}

fn pair(p: &[f64], q: &[f64]) -> Result<(Vec<f64>, Vec<f64>)> {
    if p.len() != q.len() {
        let what = "outcomes of the second law";
        return Err(Error::Length { what, expected: p.len(), got: q.len() });
    }
    Ok((normalised(p)?, normalised(q)?))
}

fn normalised(weights: &[f64]) -> Result<Vec<f64>> {
    if weights.is_empty() {
        return Err(Error::Length { what: "outcomes, at least", expected: 1, got: 0 });
    }
    if let Some(&got) = weights.iter().find(|w| !(w.is_finite() && **w >= 0.0)) {
        return Err(Error::Parameter { name: "weight", expected: "finite and ≥ 0", got });
    }
    // Divided by the largest first, so that no sum of finite weights overflows.
    let most = weights.iter().copied().fold(0.0, f64::max);
    if most == 0.0 {
        return Err(Error::Parameter { name: "largest weight", expected: "above 0", got: 0.0 });
    }
    let total: f64 = weights.iter().map(|w| w / most).sum();
    Ok(weights.iter().map(|w| w / most / total).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// From `tests/golden/eval.py`.
    #[test]
    fn they_are_those_of_scipy() {
        let (p, q) = ([3.0, 1.0, 0.0, 6.0], [1.0, 2.0, 3.0, 4.0]);
        assert!((kl_divergence(&p, &q).unwrap() - KL).abs() < 1e-14);
        assert!((js_divergence(&p, &q).unwrap() - JS).abs() < 1e-14);
        assert_eq!(kl_divergence(&q, &p).unwrap(), f64::INFINITY);
    }

    const KL: f64 = 0.503_548_033_409_337;
    const JS: f64 = 0.148_697_192_887_333_46;

    #[test]
    fn what_is_no_law_is_refused() {
        for (p, q) in [
            (&[][..], &[][..]),
            (&[1.0], &[1.0, 1.0]),
            (&[0.0, 0.0], &[1.0, 1.0]),
            (&[-1.0, 2.0], &[1.0, 1.0]),
            (&[1.0, 1.0], &[f64::NAN, 1.0]),
            (&[1.0, f64::INFINITY], &[1.0, 1.0]),
        ] {
            assert!(kl_divergence(p, q).is_err() && js_divergence(p, q).is_err(), "{p:?} {q:?}");
        }
        assert!(kl_divergence(&[f64::MAX; 3], &[1e-300; 3]).unwrap() < 1e-15);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_symmetric_one_is_symmetric_and_bounded(
            pairs in prop::collection::vec((0.0..5.0f64, 0.0..5.0f64), 1..9), scale in 0.1..9.0f64,
        ) {
            let (mut p, mut q): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            (p[0], q[0]) = (p[0] + 0.1, q[0] + 0.1);
            let d = js_divergence(&p, &q).unwrap();
            prop_assert!((0.0..=2f64.ln() + 1e-12).contains(&d));
            prop_assert!((d - js_divergence(&q, &p).unwrap()).abs() < 1e-12);
            p.iter_mut().for_each(|w| *w *= scale);
            prop_assert!((d - js_divergence(&p, &q).unwrap()).abs() < 1e-12);
            prop_assert!(js_divergence(&p, &p).unwrap() < 1e-12);
            prop_assert!(kl_divergence(&p, &q).unwrap() >= 0.0);
        }
    }
}
