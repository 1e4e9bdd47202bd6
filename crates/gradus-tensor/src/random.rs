//! Random fills. Element `i` in row-major order is draw `i` of the key, so a fill does not depend
//! on threads, and a prefix of a fill is the fill of the prefix.

use gradus_core::{DType, Key, Shape};
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
        let len = checked_len("bernoulli", &shape, DType::Bool)? as u64;
        Ok(Self::from_data((0..len).map(|i| key.uniform(i) < p).collect::<Vec<bool>>(), shape))
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
        Ok(Self::from_data((0..len).map(draw).collect::<Vec<i64>>(), shape))
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
                let mut data = vec![T::default(); len];
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
