//! Pictures and labels mixed in pairs.

use gradus_core::{Key, Kind};
use gradus_tensor::Tensor;

use crate::{Error, Result, permutation};

/// Mixes every row of a batch with another one, and their labels alike: x λ + x' (1 − λ), with one
/// λ from Beta(α, α) and one random order of partners for the batch.
///
/// # Shapes
/// - `x`: `[B, ...]` float; `y`: `[B, V]` float, the classes' shares (one-hot) → the same
///
/// # Errors
/// [`Error::InvalidArgument`] if `alpha` is not positive and finite; [`Error::LengthMismatch`] if `x`
/// and `y` differ in length; [`Error::Tensor`] if a dtype is not float.
///
/// # Reference
/// Zhang et al. 2018, "mixup: beyond empirical risk minimization".
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// use gradus_data::mixup;
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[0.0], [10.0]]);
/// let y = Tensor::new([[1.0, 0.0], [0.0, 1.0]]);
/// let [x, y] = mixup(&x, &y, 0.4, Key::new(7))?;
/// let (x, y): (Vec<f32>, Vec<f32>) = (x.to_vec()?, y.to_vec()?);
/// assert!((x[0] - 10.0 * y[1]).abs() < 1e-5); // mixed alike
/// assert!((y[0] + y[1] - 1.0).abs() < 1e-6);
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn mixup(x: &Tensor, y: &Tensor, alpha: f64, key: Key) -> Result<[Tensor; 2]> {
    let op = "mixup";
    if !alpha.is_finite() || alpha <= 0.0 {
        let (name, expected) = ("alpha", "positive and finite");
        return Err(Error::InvalidArgument { op, name, expected, got: alpha.to_string() });
    }
    let rows = |t: &Tensor| t.dims().first().copied().unwrap_or(0);
    if rows(x) != rows(y) || x.rank() == 0 || y.rank() == 0 {
        return Err(Error::LengthMismatch { op, what: "rows", expected: rows(x), got: rows(y) });
    }
    let key = key.kind(Kind::Augment);
    let share = beta(alpha, key);
    let partners = permutation(rows(x), key.fold_in(2)).into_iter().map(|i| i as i64);
    let partners = Tensor::from(partners.collect::<Vec<_>>());
    let mix = |t: &Tensor| -> Result<Tensor> {
        let other = t.index_select(0, &partners)?.mul_scalar(1.0 - share)?;
        Ok(t.mul_scalar(share)?.add(&other)?)
    };
    Ok([mix(x)?, mix(y)?])
}

/// A draw from Beta(α, α): the share of one of two Gamma(α) draws in their sum.
fn beta(alpha: f64, key: Key) -> f64 {
    let [a, b] = [0, 1].map(|i| log_gamma_draw(alpha, key.fold_in(i)));
    // In logarithms, since a tiny α gives draws below the least f64.
    1.0 / (1.0 + (b - a).exp())
}

/// The logarithm of a draw from Gamma(α): Marsaglia & Tsang 2000, and for α below 1 their §6.
fn log_gamma_draw(alpha: f64, key: Key) -> f64 {
    if alpha < 1.0 {
        return log_gamma_draw(alpha + 1.0, key) + key.fold_in(9).uniform(0).ln() / alpha;
    }
    let d = alpha - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    let accepted = (0..).find_map(|i| {
        let z = key.fold_in(0).normal(i);
        let v = (1.0 + c * z).powi(3);
        let u = key.fold_in(1).uniform(i);
        (v > 0.0 && u.ln() < 0.5 * z * z + d - d * v + d * v.ln()).then(|| (d * v).ln())
    });
    accepted.unwrap_or_else(|| unreachable!("more than nine in ten are accepted"))
}

#[cfg(test)]
mod tests {
    use gradus_core::DType;

    use super::*;

    #[test]
    fn shares_follow_beta() {
        for alpha in [0.2, 1.0, 3.0] {
            let n = 4000;
            let draws: Vec<f64> = (0..n).map(|s| beta(alpha, Key::new(s))).collect();
            let mean = draws.iter().sum::<f64>() / n as f64;
            let variance = draws.iter().map(|v| (v - 0.5).powi(2)).sum::<f64>() / n as f64;
            let expected = 0.25 / (2.0 * alpha + 1.0);
            // Five standard errors of either, at most.
            assert!((mean - 0.5).abs() < 5.0 * (expected / n as f64).sqrt(), "{alpha} {mean}");
            assert!((variance - expected).abs() < 0.1 * expected, "{alpha} {variance}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (x, y) =
            (Tensor::ones([2, 3], DType::F32).unwrap(), Tensor::ones([2, 2], DType::F32).unwrap());
        assert!(mixup(&x, &y, 0.2, Key::new(1)).unwrap()[0].allclose(&x, 0.0, 1e-6).unwrap());
        assert!(mixup(&x, &y.narrow(0, 0, 1).unwrap(), 0.2, Key::new(1)).is_err());
        assert!(mixup(&x, &y, 0.0, Key::new(1)).is_err());
        assert!(mixup(&x, &Tensor::scalar(1.0f32), 0.2, Key::new(1)).is_err());
    }
}
