//! `cumprod`, `logcumsumexp`, `cummax`, `cummin`: running forms, in order along a dimension.

use gradus_core::{Dim, Dims};
use gradus_cpu::math::Float;
use gradus_cpu::memory::{take, zeroed};

use crate::dtypes::{float, number};
use crate::float_pairs::logaddexp;
use crate::reduce::axes::{Axes, Place};
use crate::{DType, Element, Result, Tensor};

impl Tensor {
    /// The running product along a dimension. `u8` and `bool` multiply up to `i64`, which wraps around
    /// on overflow; `bf16` is multiplied in `f32`.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::new([1, 2, 3]).cumprod(0)?.to_vec::<i64>()?, [1, 2, 6]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn cumprod(&self, dim: impl Into<Dim>) -> Result<Self> {
        let op = "cumprod";
        let dim = dim.into().resolve(op, self.rank())?;
        match self.dtype() {
            DType::U8 | DType::Bool => self.to_dtype(DType::I64)?.cumprod(dim),
            DType::I64 => scan(op, self, dim, 1i64, |p, x: i64| p.wrapping_mul(x), |p| p),
            dtype => float!(op, dtype, T => {
                let one = <T as Float>::widen(T::from_f64(1.0));
                scan(op, self, dim, one, |p, x: T| p * x.widen(), <T as Float>::narrow)
            }),
        }
    }

    /// ln of the running sum of eˣ along a dimension, without overflow.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], or [`gradus_core::Error::UnsupportedDType`] if the
    /// dtype is no float.
    pub fn logcumsumexp(&self, dim: impl Into<Dim>) -> Result<Self> {
        let op = "logcumsumexp";
        let dim = dim.into().resolve(op, self.rank())?;
        float!(op, self.dtype(), T => {
            let add = |sum, x: T| logaddexp(sum, x.to_f64());
            scan(op, self, dim, f64::NEG_INFINITY, add, <T as Element>::from_f64)
        })
    }

    /// The largest element so far along a dimension, and where it stands (`i64`): the last on ties;
    /// NaN wins.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], or [`gradus_core::Error::UnsupportedDType`] for `bool`.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let (values, ids) = Tensor::new([2, 1, 3]).cummax(0)?;
    /// assert_eq!(values.to_vec::<i64>()?, [2, 2, 3]);
    /// assert_eq!(ids.to_vec::<i64>()?, [0, 0, 2]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn cummax(&self, dim: impl Into<Dim>) -> Result<(Self, Self)> {
        let dim = dim.into().resolve("cummax", self.rank())?;
        number!("cummax", self.dtype(), T => best(self, dim, |old: T, new: T| new >= old))
    }

    /// The smallest element so far along a dimension, and where it stands (`i64`): the last on ties;
    /// NaN wins.
    ///
    /// # Errors
    /// As [`Tensor::cummax`].
    pub fn cummin(&self, dim: impl Into<Dim>) -> Result<(Self, Self)> {
        let dim = dim.into().resolve("cummin", self.rank())?;
        number!("cummin", self.dtype(), T => best(self, dim, |old: T, new: T| new <= old))
    }
}

/// `step` from each element to the next, with what it keeps in `S`.
fn scan<T: Element, S: Copy>(
    op: &'static str,
    x: &Tensor,
    dim: usize,
    start: S,
    step: impl Fn(S, T) -> S,
    show: impl Fn(S) -> T,
) -> Result<Tensor> {
    let axes = Axes::new(op, x, &Dims::from(dim), Place::Together)?;
    let (n, inner) = (axes.axis.axis, axes.axis.inner);
    let data = axes.input.elements::<T>();
    let mut out = take(x.len());
    if !x.is_empty() {
        let mut states = vec![start; inner];
        for (x, out) in data.chunks_exact(n * inner).zip(out.chunks_exact_mut(n * inner)) {
            states.fill(start);
            for (x, out) in x.chunks_exact(inner).zip(out.chunks_exact_mut(inner)) {
                for ((state, &x), out) in states.iter_mut().zip(x).zip(out) {
                    *state = step(*state, x);
                    *out = show(*state);
                }
            }
        }
    }
    Ok(Tensor::from_data(out, x.shape()))
}

/// The element so far that none beats, and its place.
fn best<T: Element>(
    x: &Tensor,
    dim: usize,
    beats: impl Fn(T, T) -> bool,
) -> Result<(Tensor, Tensor)> {
    let (shape, inner) = (x.shape(), x.dims()[dim + 1..].iter().product::<usize>());
    let n = x.dims()[dim];
    let data = x.elements::<T>();
    let (mut values, mut ids) = (data.to_vec(), zeroed::<i64>(x.len()));
    for at in (0..x.len()).filter(|at| at / inner % n > 0) {
        let (old, new) = (values[at - inner], values[at]);
        let old_is_nan = old.partial_cmp(&old).is_none();
        let wins = beats(old, new) || new.partial_cmp(&new).is_none();
        if wins && (!old_is_nan || new.partial_cmp(&new).is_none()) {
            ids[at] = (at / inner % n) as i64;
        } else {
            (values[at], ids[at]) = (old, ids[at - inner]);
        }
    }
    Ok((Tensor::from_data(values, shape), Tensor::from_data(ids, shape)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_close, at, cases, filled, indices, read};

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn each_place_has_the_reduction_of_what_is_before(recipe in filled(3), pick in any::<prop::sample::Index>()) {
            let dim = pick.index(recipe.shape.len());
            for dtype in [DType::F32, DType::F64, DType::BF16, DType::I64] {
                let x = recipe.make(dtype);
                let so_far = |index: &Vec<usize>| -> Vec<f64> {
                    let mut index = index.clone();
                    (0..=index[dim]).map(|i| { index[dim] = i; at(&x, &index) }).collect()
                };
                let all = indices(x.dims());
                let expect = |f: &dyn Fn(Vec<f64>) -> f64| -> Vec<f64> {
                    all.iter().map(|i| f(so_far(i))).collect()
                };
                let product = expect(&|x| x.iter().product());
                if dtype != DType::BF16 {
                    assert_close(&x.cumprod(dim).unwrap(), x.dims(), &product);
                }
                let largest = expect(&|x| x.into_iter().fold(f64::NEG_INFINITY, f64::max));
                let (values, ids) = x.cummax(dim).unwrap();
                prop_assert_eq!(read(&values), largest);
                prop_assert!(x.gather(dim, &ids).unwrap().equal(&values));
                let smallest = expect(&|x| x.into_iter().fold(f64::INFINITY, f64::min));
                let (values, ids) = x.cummin(dim).unwrap();
                prop_assert_eq!(read(&values), smallest);
                prop_assert!(x.gather(dim, &ids).unwrap().equal(&values));
                if dtype.is_float() {
                    let logs = expect(&|x| x.iter().map(|x| x.exp()).sum::<f64>().ln());
                    assert_close(&x.logcumsumexp(dim).unwrap(), x.dims(), &logs);
                }
            }
        }
    }

    #[test]
    fn nan_stays_and_nothing_is_no_obstacle() {
        let x = Tensor::new([1.0, f32::NAN, 3.0]);
        let (values, ids) = x.cummax(0).unwrap();
        assert!(read(&values)[1].is_nan() && read(&values)[2].is_nan());
        assert_eq!(read(&ids), [0.0, 1.0, 1.0]);
        assert!(read(&x.cummin(0).unwrap().0)[2].is_nan());
        assert!(read(&x.cumprod(0).unwrap())[2].is_nan());
        assert!(read(&x.logcumsumexp(0).unwrap())[2].is_nan());
        let low = Tensor::full(3, f64::NEG_INFINITY, DType::F32).unwrap();
        assert_eq!(read(&low.logcumsumexp(0).unwrap()), [f64::NEG_INFINITY; 3]);
        for shape in [[0, 3], [3, 0]] {
            let x = Tensor::zeros(shape, DType::F32).unwrap();
            assert_eq!(x.cumprod(0).unwrap().dims(), shape);
            assert_eq!(x.cummax(1).unwrap().1.dims(), shape);
        }
        assert!(Tensor::new([1]).logcumsumexp(0).is_err() && x.cumprod(1).is_err());
    }

    #[test]
    fn ties_have_the_last_place() {
        let ids = |x: Tensor| x.cummax(0).unwrap().1.to_vec::<i64>().unwrap();
        assert_eq!(ids(Tensor::new([2, 2, 1])), [0, 1, 1]);
    }
}
