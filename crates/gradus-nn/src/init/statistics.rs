//! What the tests of the initialisers share: a moment check that is tight and never flaky.

use gradus_tensor::Tensor;

/// Draws per test.
pub(super) const N: usize = 40_000;

/// Checks mean and variance within five standard errors, for laws with kurtosis up to normal.
pub(super) fn check_moments(x: &Tensor, mean: f64, variance: f64) {
    let values: Vec<f64> = x.to_vec::<f32>().unwrap().into_iter().map(f64::from).collect();
    let n = values.len() as f64;
    let m = values.iter().sum::<f64>() / n;
    let v = values.iter().map(|x| (x - m).powi(2)).sum::<f64>() / (n - 1.0);
    assert!((m - mean).abs() < 5.0 * (variance / n).sqrt(), "mean {m}, expected {mean}");
    let error = 5.0 * variance * (2.0 / n).sqrt();
    assert!((v - variance).abs() < error, "variance {v}, expected {variance}");
}
