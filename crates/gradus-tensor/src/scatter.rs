//! Elements written at indices: `scatter`, `scatter_reduce`, `index_copy`.

use gradus_core::Dim;

use crate::dtypes::{every, number, require, same};
use crate::{DType, Element, Error, Result, Tensor};

/// How elements that meet at a place become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScatterReduce {
    /// Their sum.
    Sum,
    /// Their product.
    Prod,
    /// Their mean.
    Mean,
    /// The largest; NaN wins.
    Amax,
    /// The smallest; NaN wins.
    Amin,
}

/// Whether the element that stands at a place is one of those that meet there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum IncludeSelf {
    /// It takes part.
    #[default]
    Yes,
    /// It is replaced. Where no element comes, it stays.
    No,
}

impl Tensor {
    /// `self` with `src` written at `out[.., ids[.., i, ..], ..]` along a dimension. Where an index
    /// repeats, the last source in row-major order stays.
    ///
    /// # Shapes
    /// As [`Tensor::scatter_add`].
    ///
    /// # Errors
    /// As [`Tensor::scatter_add`], for every dtype.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([0, 0, 0]);
    /// let y = x.scatter(0, &Tensor::new([2, 0]), &Tensor::new([5, 6]))?;
    /// assert_eq!(y.to_vec::<i64>()?, [6, 0, 5]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn scatter(&self, dim: impl Into<Dim>, ids: &Self, src: &Self) -> Result<Self> {
        let op = "scatter";
        let dim = dim.into().resolve(op, self.rank())?;
        let dtype = same(op, self.dtype(), src.dtype())?;
        let places = places(op, self, dim, ids, src)?;
        Ok(every!(dtype, T => {
            let mut out = self.elements::<T>().into_owned();
            places.iter().zip(&*src.elements::<T>()).for_each(|(&to, &x)| out[to] = x);
            Self::from_data(out, self.shape())
        }))
    }

    /// `self` with `src` put together at `out[.., ids[.., i, ..], ..]` along a dimension. Means of
    /// integers are rounded down.
    ///
    /// # Shapes
    /// As [`Tensor::scatter_add`].
    ///
    /// # Errors
    /// As [`Tensor::scatter_add`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{IncludeSelf, ScatterReduce, Tensor};
    /// let (x, ids) = (Tensor::new([1.0, 9.0]), Tensor::new([0, 0]));
    /// let src = Tensor::new([3.0, 5.0]);
    /// let y = x.scatter_reduce(0, &ids, &src, ScatterReduce::Amax, IncludeSelf::Yes)?;
    /// assert_eq!(y.to_vec::<f32>()?, [5.0, 9.0]);
    /// let y = x.scatter_reduce(0, &ids, &src, ScatterReduce::Mean, IncludeSelf::No)?;
    /// assert_eq!(y.to_vec::<f32>()?, [4.0, 9.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn scatter_reduce(
        &self,
        dim: impl Into<Dim>,
        ids: &Self,
        src: &Self,
        reduce: ScatterReduce,
        include: IncludeSelf,
    ) -> Result<Self> {
        let op = "scatter_reduce";
        let dim = dim.into().resolve(op, self.rank())?;
        let dtype = same(op, self.dtype(), src.dtype())?;
        let places = places(op, self, dim, ids, src)?;
        match dtype {
            // One rounding at the end, and no overflow between.
            DType::BF16 => {
                let (x, src) = (self.to_dtype(DType::F32)?, src.to_dtype(DType::F32)?);
                x.scatter_reduce(dim, ids, &src, reduce, include)?.to_dtype(dtype)
            }
            DType::I64 | DType::U8 => {
                let (x, src) = (self.to_dtype(DType::I64)?, src.to_dtype(DType::I64)?);
                x.reduced_at(&places, &src, reduce, include, whole)?.to_dtype(dtype)
            }
            _ => number!(op, dtype, T => {
                self.reduced_at::<T>(&places, src, reduce, include, |a, b, reduce| {
                    T::from_f64(real(a.to_f64(), b.to_f64(), reduce))
                })
            }),
        }
    }

    /// `self` with entry `i` of `src` in place of entry `ids[i]` of a dimension. Where an index
    /// repeats, the last stays.
    ///
    /// # Shapes
    /// As [`Tensor::index_add`].
    ///
    /// # Errors
    /// As [`Tensor::index_add`], for every dtype.
    pub fn index_copy(&self, dim: impl Into<Dim>, ids: &Self, src: &Self) -> Result<Self> {
        let op = "index_copy";
        let dim = dim.into().resolve(op, self.rank())?;
        same(op, self.dtype(), src.dtype())?;
        require(op, DType::I64, ids.dtype())?;
        let (before, after) = (&self.dims()[..dim], &self.dims()[dim + 1..]);
        if ids.rank() != 1 || src.dims() != [before, ids.dims(), after].concat() {
            return Err(mismatch(op, self, src));
        }
        let mut extents = vec![1; self.rank()];
        extents[dim] = ids.len();
        self.scatter(dim, &ids.reshape(extents)?.expand(src.shape())?, src)
    }

    /// `f(a, b)` at each place; a mean is the sum over the count.
    fn reduced_at<T: Element>(
        &self,
        places: &[usize],
        src: &Self,
        reduce: ScatterReduce,
        include: IncludeSelf,
        f: impl Fn(T, T, ScatterReduce) -> T,
    ) -> Result<Self> {
        let mut out = self.elements::<T>().into_owned();
        let start = i64::from(include == IncludeSelf::Yes);
        let mut counts = vec![start; out.len()];
        for (&to, &x) in places.iter().zip(&*src.elements::<T>()) {
            out[to] = if counts[to] == 0 { x } else { f(out[to], x, reduce) };
            counts[to] += 1;
        }
        let sums = Self::from_data(out, self.shape());
        if reduce != ScatterReduce::Mean {
            return Ok(sums);
        }
        counts.iter_mut().for_each(|n| *n = (*n).max(1));
        let counts = Self::from_data(counts, self.shape());
        if self.dtype() == DType::I64 {
            return sums.sub(&sums.remainder(&counts)?)?.exact_quotient(&counts);
        }
        sums.div(&counts.to_dtype(self.dtype())?)
    }

    /// a / b of integers, where b divides a.
    fn exact_quotient(&self, divisor: &Self) -> Result<Self> {
        let (a, b) = (self.to_vec::<i64>()?, divisor.to_vec::<i64>()?);
        Self::from_vec(a.iter().zip(b).map(|(a, b)| a / b).collect::<Vec<i64>>(), self.shape())
    }
}

fn real(a: f64, b: f64, reduce: ScatterReduce) -> f64 {
    match reduce {
        ScatterReduce::Sum | ScatterReduce::Mean => a + b,
        ScatterReduce::Prod => a * b,
        ScatterReduce::Amax | ScatterReduce::Amin if a.is_nan() || b.is_nan() => f64::NAN,
        ScatterReduce::Amax => a.max(b),
        ScatterReduce::Amin => a.min(b),
    }
}

fn whole(a: i64, b: i64, reduce: ScatterReduce) -> i64 {
    match reduce {
        ScatterReduce::Sum | ScatterReduce::Mean => a.wrapping_add(b),
        ScatterReduce::Prod => a.wrapping_mul(b),
        ScatterReduce::Amax => a.max(b),
        ScatterReduce::Amin => a.min(b),
    }
}

/// Where each element of `ids` leads, in the row-major order of `x`.
fn places(
    op: &'static str,
    x: &Tensor,
    dim: usize,
    ids: &Tensor,
    src: &Tensor,
) -> Result<Vec<usize>> {
    require(op, DType::I64, ids.dtype())?;
    if src.shape() != ids.shape() {
        return Err(mismatch(op, ids, src));
    }
    let fits =
        ids.rank() == x.rank() && (0..x.rank()).all(|d| d == dim || ids.dims()[d] <= x.dims()[d]);
    if !fits {
        return Err(mismatch(op, x, ids));
    }
    let strides = x.shape().contiguous_strides();
    let mut index = vec![0; ids.rank()];
    let mut places = Vec::with_capacity(ids.len());
    for &id in &*ids.elements::<i64>() {
        let len = x.dims()[dim];
        let Some(at) = usize::try_from(id).ok().filter(|&at| at < len) else {
            return Err(gradus_core::Error::IndexOutOfRange { op, index: id, len }.into());
        };
        let away = (0..index.len()).filter(|&d| d != dim).map(|d| index[d] * strides[d]);
        places.push(away.sum::<usize>() + at * strides[dim]);
        for d in (0..index.len()).rev() {
            index[d] += 1;
            if index[d] < ids.dims()[d] {
                break;
            }
            index[d] = 0;
        }
    }
    Ok(places)
}

fn mismatch(op: &'static str, lhs: &Tensor, rhs: &Tensor) -> Error {
    let (lhs, rhs) = (lhs.shape().clone(), rhs.shape().clone());
    gradus_core::Error::ShapeMismatch { op, lhs, rhs }.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Key;
    use crate::testing::{assert_close, at, cases, filled, indices, read};

    const ALL: [ScatterReduce; 5] = [
        ScatterReduce::Sum,
        ScatterReduce::Prod,
        ScatterReduce::Mean,
        ScatterReduce::Amax,
        ScatterReduce::Amin,
    ];

    fn reduced(mut all: Vec<f64>, reduce: ScatterReduce) -> f64 {
        match reduce {
            ScatterReduce::Sum => all.iter().sum(),
            ScatterReduce::Prod => all.iter().product(),
            ScatterReduce::Mean => all.iter().sum::<f64>() / all.len() as f64,
            ScatterReduce::Amax => all.drain(..).fold(f64::NEG_INFINITY, f64::max),
            ScatterReduce::Amin => all.drain(..).fold(f64::INFINITY, f64::min),
        }
    }

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn sources_meet_where_the_ids_say(recipe in filled(3), pick in any::<prop::sample::Index>(), count in 0..5usize, smaller: bool) {
            let dim = pick.index(recipe.shape.len());
            let mut shape = recipe.shape.clone();
            if smaller {
                shape.iter_mut().for_each(|d| *d -= 1);
            }
            shape[dim] = count;
            let ids = Tensor::randint(0, recipe.shape[dim] as i64, shape.as_slice(), Key::new(recipe.seed)).unwrap();
            for dtype in [DType::F32, DType::F64, DType::I64] {
                let (x, src) = (recipe.make(dtype), recipe.with_shape(&shape).make(dtype));
                let coming = |index: &Vec<usize>| -> Vec<f64> {
                    let leads = |i: &&Vec<usize>| {
                        let mut to = i.to_vec();
                        to[dim] = at(&ids, i) as usize;
                        to == *index
                    };
                    indices(&shape).iter().filter(leads).map(|i| at(&src, i)).collect()
                };
                let all = indices(x.dims());
                let last = |i: &Vec<usize>| coming(i).pop().unwrap_or_else(|| at(&x, i));
                let expected: Vec<f64> = all.iter().map(last).collect();
                assert_close(&x.scatter(dim, &ids, &src).unwrap(), x.dims(), &expected);
                for reduce in ALL {
                    for include in [IncludeSelf::Yes, IncludeSelf::No] {
                        let meet = |i: &Vec<usize>| {
                            let mut all = coming(i);
                            if all.is_empty() || include == IncludeSelf::Yes {
                                all.insert(0, at(&x, i));
                            }
                            let value = reduced(all, reduce);
                            if dtype == DType::I64 { value.floor() } else { value }
                        };
                        let expected: Vec<f64> = all.iter().map(meet).collect();
                        let y = x.scatter_reduce(dim, &ids, &src, reduce, include).unwrap();
                        assert_close(&y, x.dims(), &expected);
                    }
                }
            }
        }

        #[test]
        fn copied_entries_are_found_again(recipe in filled(3), pick in any::<prop::sample::Index>()) {
            let dim = pick.index(recipe.shape.len());
            for dtype in DType::ALL {
                let x = recipe.make(dtype);
                let ids = Tensor::randperm(x.dims()[dim], Key::new(recipe.seed)).unwrap();
                let ids = ids.narrow(0, 0, x.dims()[dim] / 2).unwrap();
                let src = x.flip(dim).unwrap().narrow(dim, 0, ids.len()).unwrap();
                let y = x.index_copy(dim, &ids, &src).unwrap();
                prop_assert!(y.index_select(dim, &ids).unwrap().equal(&src));
                prop_assert!(read(&y).len() == x.len());
            }
        }
    }

    #[test]
    fn faults_are_errors() {
        let x = Tensor::new([[1.0, 2.0], [3.0, 4.0]]);
        let ids = Tensor::new([[0, 1]]);
        assert!(x.scatter(0, &ids, &x).is_err());
        assert!(x.scatter(0, &Tensor::new([[0, 2]]), &Tensor::new([[1.0, 1.0]])).is_err());
        assert!(x.scatter(0, &Tensor::new([[0, -1]]), &Tensor::new([[1.0, 1.0]])).is_err());
        assert!(x.scatter(0, &ids, &Tensor::new([[1, 1]])).is_err());
        assert!(x.index_copy(0, &Tensor::new([0, 1]), &Tensor::new([[1.0, 1.0]])).is_err());
        let (yes, flags) = (IncludeSelf::Yes, Tensor::new([true]));
        assert!(
            flags.scatter_reduce(0, &Tensor::new([0]), &flags, ScatterReduce::Sum, yes).is_err()
        );
    }
}
