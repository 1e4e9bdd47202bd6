//! Random fills. Element `i` in row-major order is draw `i` of the key, so a fill does not depend
//! on threads, and a prefix of a fill is the fill of the prefix.

use gradus_core::{DType, Key, Shape};
use gradus_cpu::memory::{Block, take};
use gradus_cpu::random as kernel;

use crate::dtypes::float;
use crate::tensor::checked_len;
use crate::{Result, Tensor};

impl Tensor {
    /// Uniform values between 0 and 1. The draw is in the open interval; rounding to `f32` or
    /// `bf16` can give 1.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float; [`crate::Error::TooLarge`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{DType, Key, Tensor};
    /// let key = Key::new(7);
    /// let x = Tensor::rand([2], DType::F64, key)?;
    /// assert_eq!(x.to_vec::<f64>()?, [key.uniform(0), key.uniform(1)]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn rand(shape: impl Into<Shape>, dtype: DType, key: Key) -> Result<Self> {
        uniform("rand", 0.0, 1.0, shape.into(), dtype, key)
    }

    /// Values of the standard normal law.
    ///
    /// # Errors
    /// As [`Tensor::rand`].
    pub fn randn(shape: impl Into<Shape>, dtype: DType, key: Key) -> Result<Self> {
        normal("randn", 0.0, 1.0, shape.into(), dtype, key)
    }

    /// Uniform values between `low` and `high`.
    ///
    /// # Errors
    /// As [`Tensor::rand`], and [`gradus_core::Error::InvalidArgument`] unless `low <= high`, both
    /// finite.
    pub fn uniform(
        low: f64,
        high: f64,
        shape: impl Into<Shape>,
        dtype: DType,
        key: Key,
    ) -> Result<Self> {
        if !(low.is_finite() && high.is_finite() && low <= high) {
            let got = format!("{low} and {high}");
            return Err(invalid("uniform", "low and high", "finite and in order", got));
        }
        uniform("uniform", low, high, shape.into(), dtype, key)
    }

    /// Values of the normal law with a mean and a standard deviation.
    ///
    /// # Errors
    /// As [`Tensor::rand`], and [`gradus_core::Error::InvalidArgument`] unless `std >= 0`, both
    /// finite.
    pub fn normal(
        mean: f64,
        std: f64,
        shape: impl Into<Shape>,
        dtype: DType,
        key: Key,
    ) -> Result<Self> {
        if !(mean.is_finite() && std.is_finite() && std >= 0.0) {
            let got = format!("{mean} and {std}");
            return Err(invalid("normal", "mean and std", "finite, std at least 0", got));
        }
        normal("normal", mean, std, shape.into(), dtype, key)
    }

    /// Truth values that are `true` with probability `p`.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] unless `0 <= p <= 1`; [`crate::Error::TooLarge`].
    pub fn bernoulli(p: f64, shape: impl Into<Shape>, key: Key) -> Result<Self> {
        if !(0.0..=1.0).contains(&p) {
            return Err(invalid("bernoulli", "p", "in 0..=1", p.to_string()));
        }
        let shape = shape.into();
        let mut out = take(checked_len("bernoulli", &shape, DType::Bool)?);
        kernel::fill_bernoulli(key, p, &mut out);
        Ok(Self::from_data(out, shape))
    }

    /// Integers (`i64`) in `low..high`, each as likely as the others.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] unless `low < high`; [`crate::Error::TooLarge`].
    pub fn randint(low: i64, high: i64, shape: impl Into<Shape>, key: Key) -> Result<Self> {
        if low >= high {
            let got = format!("{low} and {high}");
            return Err(invalid("randint", "low and high", "in order and different", got));
        }
        let shape = shape.into();
        let len = checked_len("randint", &shape, DType::I64)? as u64;
        let width = i128::from(high) - i128::from(low);
        let draw = |i| {
            let step = (key.uniform(i) * width as f64) as i128;
            (i128::from(low) + step.min(width - 1)) as i64
        };
        Ok(Self::from_data((0..len).map(draw).collect::<Block<i64>>(), shape))
    }

    /// The integers `0..n` (`i64`) in random order.
    ///
    /// # Errors
    /// [`crate::Error::TooLarge`].
    ///
    /// # Reference
    /// Durstenfeld 1964, "Algorithm 235: Random permutation", from the end.
    pub fn randperm(n: usize, key: Key) -> Result<Self> {
        checked_len("randperm", &n.into(), DType::I64)?;
        let mut ids: Vec<i64> = (0..n as i64).collect();
        for i in (1..n).rev() {
            let j = (key.uniform(i as u64) * (i + 1) as f64) as usize;
            ids.swap(i, j.min(i));
        }
        Ok(ids.into())
    }
}

/// Stamps the fills of the two laws.
macro_rules! fill {
    ($name:ident $kernel:ident) => {
        fn $name(
            op: &'static str,
            a: f64,
            b: f64,
            shape: Shape,
            dtype: DType,
            key: Key,
        ) -> Result<Tensor> {
            let len = checked_len(op, &shape, dtype)?;
            Ok(float!(op, dtype, T => {
                let mut data = take::<T>(len);
                kernel::$kernel(key, a, b, &mut data);
                Tensor::from_data(data, shape)
            }))
        }
    };
}
fill!(uniform fill_uniform);
fill!(normal fill_normal);

fn invalid(
    op: &'static str,
    name: &'static str,
    expected: &'static str,
    got: String,
) -> crate::Error {
    gradus_core::Error::InvalidArgument { op, name, expected, got }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::read;

    /// The keyed draws themselves are pinned in `gradus-core`; here, which draw goes where.
    #[test]
    fn value_stability_of_fills() {
        let key = Key::new(7);
        let near = |x: Tensor, expected: &[f64]| {
            for (x, e) in read(&x).iter().zip(expected) {
                assert!((x - e).abs() < 1e-7, "{x} {e}");
            }
        };
        let uniform = [
            0.954_597_126_168_7,
            0.114_177_361_616_319,
            0.406_960_404_430_349,
            0.171_798_671_585_939,
        ];
        near(Tensor::rand([2, 2], DType::F32, key).unwrap(), &uniform);
        near(
            Tensor::uniform(-1.0, 1.0, [4], DType::F64, key).unwrap(),
            &uniform.map(|u| 2.0 * u - 1.0),
        );
        let draws: Vec<f64> = (0..4).map(|i| key.normal(i)).collect();
        near(Tensor::randn([4], DType::F64, key).unwrap(), &draws);
        let scaled: Vec<f64> = draws.iter().map(|z| 3.0 + 0.5 * z).collect();
        near(Tensor::normal(3.0, 0.5, [4], DType::F64, key).unwrap(), &scaled);
        assert_eq!(
            Tensor::bernoulli(0.4, [4], key).unwrap().to_vec::<bool>().unwrap(),
            [false, true, false, true]
        );
        assert_eq!(
            Tensor::randint(-5, 5, [4], key).unwrap().to_vec::<i64>().unwrap(),
            [4, -4, -1, -4]
        );
    }

    #[test]
    fn a_permutation_has_every_number_once() {
        for n in [0, 1, 2, 17] {
            let mut ids = Tensor::randperm(n, Key::new(n as u64)).unwrap().to_vec::<i64>().unwrap();
            ids.sort_unstable();
            assert!(ids.into_iter().eq(0..n as i64));
        }
    }

    #[test]
    fn moments_are_those_of_the_law() {
        let n = 40_000;
        let key = Key::new(3);
        let x = Tensor::normal(2.0, 3.0, [n], DType::F64, key).unwrap();
        assert!((x.mean(..).unwrap().item().unwrap() - 2.0).abs() < 5.0 * 3.0 / (n as f64).sqrt());
        assert!((x.std(.., 1.0).unwrap().item().unwrap() - 3.0).abs() < 0.06);
        let ids = Tensor::randint(0, 4, [n], key).unwrap();
        for i in 0..4 {
            let hits = ids.eq_scalar(f64::from(i)).unwrap().sum(..).unwrap().item().unwrap();
            assert!((hits / n as f64 - 0.25).abs() < 0.012, "{i}: {hits}");
        }
        let hits = Tensor::bernoulli(0.3, [n], key).unwrap().sum(..).unwrap().item().unwrap();
        assert!((hits / n as f64 - 0.3).abs() < 0.012);
    }

    #[test]
    fn extremes_of_the_arguments() {
        let key = Key::new(1);
        let all = Tensor::randint(i64::MIN, i64::MAX, [100], key).unwrap();
        assert!(all.to_vec::<i64>().unwrap().iter().any(|&x| x < 0));
        assert_eq!(Tensor::bernoulli(0.0, [9], key).unwrap().sum(..).unwrap().item().unwrap(), 0.0);
        assert_eq!(Tensor::bernoulli(1.0, [9], key).unwrap().sum(..).unwrap().item().unwrap(), 9.0);
        assert!(Tensor::bernoulli(1.5, [1], key).is_err());
        assert!(Tensor::randint(1, 1, [1], key).is_err());
        assert!(Tensor::uniform(1.0, 0.0, [1], DType::F32, key).is_err());
        assert!(Tensor::normal(0.0, -1.0, [1], DType::F32, key).is_err());
        assert!(Tensor::rand([1], DType::I64, key).is_err());
        assert!(Tensor::rand([usize::MAX, 2], DType::F32, key).is_err());
    }
}
