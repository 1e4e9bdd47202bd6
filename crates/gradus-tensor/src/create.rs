//! Tensors from shapes, values and vectors.

use gradus_core::{DType, Shape};
use gradus_cpu::memory::{Block, full};

use crate::dtypes::every;
use crate::scalar::exact;
use crate::tensor::{addressable, checked_len};
use crate::{Element, Result, Tensor};

impl Tensor {
    /// Zeros (`false` for `bool`).
    ///
    /// # Errors
    /// [`crate::Error::TooLarge`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{DType, Tensor};
    /// assert_eq!(Tensor::zeros([2, 3], DType::F32)?.dims(), [2, 3]);
    /// assert!(Tensor::zeros([usize::MAX / 2, 3], DType::F32).is_err());
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn zeros(shape: impl Into<Shape>, dtype: DType) -> Result<Self> {
        filled("zeros", shape.into(), 0.0, dtype)
    }

    /// Ones (`true` for `bool`).
    ///
    /// # Errors
    /// [`crate::Error::TooLarge`].
    pub fn ones(shape: impl Into<Shape>, dtype: DType) -> Result<Self> {
        filled("ones", shape.into(), 1.0, dtype)
    }

    /// One value everywhere.
    ///
    /// # Errors
    /// [`crate::Error::TooLarge`], or [`gradus_core::Error::InvalidArgument`] if an integer dtype
    /// cannot hold the value exactly.
    pub fn full(shape: impl Into<Shape>, value: f64, dtype: DType) -> Result<Self> {
        every!(dtype, T => exact::<T>("full", "value", value).map(drop))?;
        filled("full", shape.into(), value, dtype)
    }

    /// The identity matrix, `[n, n]`.
    ///
    /// # Errors
    /// [`crate::Error::TooLarge`].
    pub fn eye(n: usize, dtype: DType) -> Result<Self> {
        let len = checked_len("eye", &[n, n].into(), dtype)?;
        every!(dtype, T => {
            let mut data = vec![T::default(); len];
            data.iter_mut().step_by(n + 1).for_each(|x| *x = T::from_f64(1.0));
            Ok(Self::from_data(data, [n, n]))
        })
    }

    /// `start, start + step, …`, as long as it stays before `end`.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] if `step` is 0 or an argument is not finite, or if an
    /// integer dtype cannot hold `start` or `step` exactly; [`crate::Error::TooLarge`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{DType, Tensor};
    /// let x = Tensor::arange(4.0, 0.0, -2.0, DType::I64)?;
    /// assert_eq!(x.to_vec::<i64>()?, [4, 2]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn arange(start: f64, end: f64, step: f64, dtype: DType) -> Result<Self> {
        let invalid = |name, expected, got: f64| gradus_core::Error::InvalidArgument {
            op: "arange",
            name,
            expected,
            got: got.to_string(),
        };
        for (name, value) in [("start", start), ("end", end), ("step", step)] {
            if !value.is_finite() {
                return Err(invalid(name, "finite", value).into());
            }
        }
        if step == 0.0 {
            return Err(invalid("step", "other than 0", step).into());
        }
        if matches!(dtype, DType::I64 | DType::U8 | DType::Bool) {
            exact::<i64>("arange", "start", start)?;
            exact::<i64>("arange", "step", step)?;
        }
        let len = ((end - start) / step).ceil().max(0.0) as usize;
        checked_len("arange", &len.into(), dtype)?;
        let at = |i: usize| start + i as f64 * step;
        every!(dtype, T => {
            if let Some(last) = len.checked_sub(1) {
                exact::<T>("arange", "start", start)?;
                exact::<T>("arange", "last value", at(last))?;
            }
            Ok(Self::from_data((0..len).map(|i| T::from_f64(at(i))).collect::<Block<T>>(), len))
        })
    }

    /// `steps` values from `start` to `end`, both included, evenly spaced.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float; [`crate::Error::TooLarge`].
    pub fn linspace(start: f64, end: f64, steps: usize, dtype: DType) -> Result<Self> {
        if !dtype.is_float() {
            return Err(crate::dtypes::unsupported("linspace", "a float", dtype));
        }
        checked_len("linspace", &steps.into(), dtype)?;
        let gaps = steps.saturating_sub(1).max(1) as f64;
        // Counted from the nearer end, so that both ends are exact.
        let at = |i: usize| {
            let step = (end - start) / gaps;
            let back = (steps - 1 - i) as f64;
            if 2 * i < steps { start + i as f64 * step } else { end - back * step }
        };
        every!(dtype, T => {
            Ok(Self::from_data((0..steps).map(|i| T::from_f64(at(i))).collect::<Block<T>>(), steps))
        })
    }

    /// Zeros of the same shape and dtype.
    pub fn zeros_like(&self) -> Self {
        self.full_like(0.0)
    }

    /// Ones of the same shape and dtype.
    pub fn ones_like(&self) -> Self {
        self.full_like(1.0)
    }

    /// One value everywhere, of the same shape and dtype. An integer dtype drops the fraction and
    /// saturates, `bool` is whether the value differs from 0.
    pub fn full_like(&self, value: f64) -> Self {
        every!(self.dtype(), T => {
            Self::from_data(full(T::from_f64(value), self.len()), self.shape())
        })
    }

    /// A 0-d tensor.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::scalar(2.5f64).rank(), 0);
    /// ```
    pub fn scalar<T: Element>(value: T) -> Self {
        Self::from_data(full(value, 1), ())
    }

    /// A tensor that takes over a vector, row-major.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`] if the element counts differ. One extent may be
    /// [`crate::INFER`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{INFER, Tensor};
    /// let x = Tensor::from_vec(vec![1i64, 2, 3, 4], [2, INFER])?;
    /// assert_eq!(x.dims(), [2, 2]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn from_vec<T: Element>(data: Vec<T>, shape: impl Into<Shape>) -> Result<Self> {
        let shape = fitting("from_vec", data.len(), shape.into())?;
        Ok(Self::from_data(data, shape))
    }

    /// A tensor of copied elements, row-major.
    ///
    /// # Errors
    /// As [`Tensor::from_vec`].
    pub fn from_slice<T: Element>(data: &[T], shape: impl Into<Shape>) -> Result<Self> {
        let shape = fitting("from_slice", data.len(), shape.into())?;
        Ok(Self::from_data(Block::from(data), shape))
    }
}

/// The shape `got`, with what it leaves open worked out, if it has `len` elements.
fn fitting(op: &'static str, len: usize, got: Shape) -> Result<Shape> {
    let shape = got.infer(op, &len.into()).map_err(|_| {
        let expected = format!("a shape of {len} elements");
        gradus_core::Error::UnexpectedShape { op, expected, got }
    })?;
    addressable(op, &shape)?;
    Ok(shape)
}

fn filled(op: &'static str, shape: Shape, value: f64, dtype: DType) -> Result<Tensor> {
    let len = checked_len(op, &shape, dtype)?;
    Ok(every!(dtype, T => Tensor::from_data(full(T::from_f64(value), len), shape)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::read;

    #[test]
    fn ranges() {
        let range = |a, b, s| read(&Tensor::arange(a, b, s, DType::F64).unwrap());
        assert_eq!(range(0.0, 1.0, 0.25), [0.0, 0.25, 0.5, 0.75]);
        assert_eq!(range(3.0, 0.0, -2.0), [3.0, 1.0]);
        assert_eq!(range(0.0, -1.0, 1.0), [0.0; 0]);
        let line = |a, b, n| read(&Tensor::linspace(a, b, n, DType::F64).unwrap());
        assert_eq!(line(0.0, 1.0, 5), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(line(0.1, 0.3, 3), [0.1, 0.2, 0.3]);
        assert_eq!(line(2.0, 3.0, 1), [2.0]);
        assert_eq!(line(2.0, 3.0, 0), [0.0; 0]);
    }

    #[test]
    fn constants_of_every_dtype() {
        for dtype in DType::ALL {
            assert_eq!(read(&Tensor::zeros([2], dtype).unwrap()), [0.0, 0.0]);
            assert_eq!(read(&Tensor::ones((), dtype).unwrap()), [1.0]);
            assert_eq!(read(&Tensor::eye(2, dtype).unwrap()), [1.0, 0.0, 0.0, 1.0]);
            let like = Tensor::zeros([3, 0], dtype).unwrap().ones_like();
            assert_eq!((like.dims(), like.dtype()), ([3, 0].as_slice(), dtype));
        }
        assert_eq!(Tensor::eye(0, DType::F32).unwrap().dims(), [0, 0]);
    }

    #[test]
    fn what_a_dtype_cannot_hold_is_an_error() {
        assert!(Tensor::full([1], 0.5, DType::I64).is_err());
        assert!(Tensor::full([1], 9_223_372_036_854_775_808.0, DType::I64).is_err());
        assert!(Tensor::full([1], 256.0, DType::U8).is_err());
        assert!(Tensor::full([1], 2.0, DType::Bool).is_err());
        assert!(Tensor::arange(0.0, 2.0, 0.5, DType::I64).is_err());
        assert!(Tensor::arange(0.0, 300.0, 1.0, DType::U8).is_err());
        assert!(Tensor::arange(0.0, 1.0, 0.0, DType::F32).is_err());
        assert!(Tensor::arange(0.0, f64::INFINITY, 1.0, DType::F32).is_err());
        assert!(Tensor::linspace(0.0, 1.0, 3, DType::I64).is_err());
    }

    #[test]
    fn huge_shapes_are_errors() {
        for shape in [[usize::MAX, 2], [1 << 62, 1], [1 << 40, 1 << 20]] {
            assert!(Tensor::zeros(shape, DType::F64).is_err(), "{shape:?}");
        }
        assert!(Tensor::arange(0.0, 1e18, 1.0, DType::F64).is_err());
        assert!(Tensor::eye(1 << 40, DType::F64).is_err());
        assert_eq!(Tensor::zeros([1 << 40, 0], DType::F64).unwrap().len(), 0);
    }

    #[test]
    fn a_vector_must_fill_its_shape() {
        let message = Tensor::from_vec(vec![1i64, 2, 3], [2, 2]).unwrap_err().to_string();
        assert_eq!(message, "from_vec: expected a shape of 3 elements, got shape [2, 2]");
        assert_eq!(Tensor::from_slice(&[1.0f32], ()).unwrap().rank(), 0);
    }
}
