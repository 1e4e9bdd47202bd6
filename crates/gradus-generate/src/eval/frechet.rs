//! The Fréchet distance between two clouds of features.

use gradus_tensor::{DType, Result, Tensor};

/// The Fréchet distance between normal laws fitted to two sets of feature vectors.
///
/// d² = |m₁ − m₂|² + tr(C₁ + C₂ − 2 (C₁^½ C₂ C₁^½)^½), with means m and covariances C (divided by
/// the count). The squared distance is returned, as is the custom. It falls with the number of
/// vectors even between samples of one law: compare at a fixed number, and show the value between
/// real and real beside it.
///
/// # Shapes
/// - `a`: float `[N, F]`, `b`: float `[M, F]`; computed in f64
///
/// # Errors
/// If the shapes do not fit, or a set is empty or holds a value that is not finite.
///
/// # Reference
/// Dowson & Landau 1982, "The Fréchet distance between multivariate normal distributions"; Heusel
/// et al. 2017, eq. 6, where the features come from a network.
///
/// # Examples
/// ```
/// use gradus_generate::eval::frechet_distance;
/// use gradus_tensor::Tensor;
/// let a = Tensor::from([[0.0f64], [2.0]]); // mean 1, variance 1
/// let b = Tensor::from([[1.0f64], [7.0]]); // mean 4, variance 9
/// assert!((frechet_distance(&a, &b)? - (9.0 + 4.0)).abs() < 1e-12); // (4 − 1)² + (3 − 1)²
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
pub fn frechet_distance(a: &Tensor, b: &Tensor) -> Result<f64> {
    let (mean_a, cov_a) = moments(a)?;
    let (mean_b, cov_b) = moments(b)?;
    let between = mean_a.sub(&mean_b)?.square()?.sum(..)?.item()?;
    let root = sqrt_psd(&cov_a)?;
    let cross = trace_sqrt(&root.matmul(&cov_b)?.matmul(&root)?)?;
    Ok((between + trace(&cov_a)? + trace(&cov_b)? - 2.0 * cross).max(0.0))
}

/// Mean `[F]` and covariance `[F, F]`.
fn moments(x: &Tensor) -> Result<(Tensor, Tensor)> {
    let x = x.to_dtype(DType::F64)?;
    let mean = x.mean(0)?;
    let centred = x.sub(&mean)?;
    let cov = centred.t()?.matmul(&centred)?.div_scalar(x.size(0)? as f64)?;
    Ok((mean, cov))
}

fn trace(m: &Tensor) -> Result<f64> {
    m.mul(&Tensor::eye(m.size(0)?, DType::F64)?)?.sum(..)?.item()
}

/// The symmetric root of a positive semi-definite matrix; rounding below zero counts as zero.
fn sqrt_psd(m: &Tensor) -> Result<Tensor> {
    let (values, vectors) = m.eigh()?;
    let scale = values.clamp(0.0, f64::INFINITY)?.sqrt()?;
    vectors.mul(&scale)?.matmul(&vectors.t()?)
}

/// The trace of the root of a matrix that is positive semi-definite up to rounding.
fn trace_sqrt(m: &Tensor) -> Result<f64> {
    let symmetric = m.add(&m.t()?)?.mul_scalar(0.5)?;
    let (values, _) = symmetric.eigh()?;
    values.clamp(0.0, f64::INFINITY)?.sqrt()?.sum(..)?.item()
}

#[cfg(test)]
mod tests {
    use gradus_core::Key;
    use proptest::prelude::*;

    use super::*;

    fn cloud(n: usize, f: usize, seed: u64) -> Tensor {
        let x = Tensor::randn([n, f], DType::F64, Key::new(seed)).unwrap();
        let mix = Tensor::randn([f, f], DType::F64, Key::new(seed + 100)).unwrap();
        x.matmul(&mix).unwrap().add_scalar(seed as f64 * 0.1).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn it_is_a_distance(n in 2usize..20, f in 1usize..5, s in 0u64..50) {
            let (a, b) = (cloud(n, f, s), cloud(n + 1, f, s + 1));
            let d = frechet_distance(&a, &b).unwrap();
            prop_assert!((d - frechet_distance(&b, &a).unwrap()).abs() < 1e-6 * (1.0 + d));
            prop_assert!(frechet_distance(&a, &a).unwrap() < 1e-6 * (1.0 + d));
        }

        #[test]
        fn a_shift_adds_its_square(n in 2usize..20, f in 1usize..5, by in -3.0..3.0f64) {
            let a = cloud(n, f, 1);
            let d = frechet_distance(&a, &a.add_scalar(by).unwrap()).unwrap();
            prop_assert!((d - by * by * f as f64).abs() < 1e-6, "{d}");
        }
    }

    #[test]
    fn bad_sets_are_refused() {
        let a = cloud(4, 2, 0);
        assert!(frechet_distance(&a, &cloud(4, 3, 0)).is_err());
        assert!(frechet_distance(&a, &Tensor::scalar(1.0f64)).is_err());
    }
}
