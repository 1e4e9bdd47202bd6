//! Sums over chosen entries of a dimension, each with a weight.

use gradus_core::{Dim, Shape};
use gradus_cpu::memory::take;
use gradus_cpu::pool::{for_slices, grain};

use crate::dtypes::float;
use crate::tensor::checked_len;
use crate::{Element, Result, Tensor};

/// For each entry of a result, which entries of a dimension it sums, and with which weights: a
/// sparse matrix by rows.
///
/// # Examples
/// ```
/// use gradus_tensor::{Taps, Tensor};
/// // Means of neighbours, and the last entry twice.
/// let taps = Taps::new(3, [vec![(0, 0.5), (1, 0.5)], vec![(1, 0.5), (2, 0.5)], vec![(2, 2.0)]])?;
/// let y = Tensor::new([1.0, 3.0, 5.0]).resample(0, &taps)?;
/// assert_eq!(y.to_vec::<f32>()?, [2.0, 4.0, 10.0]);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Taps {
    input: usize,
    /// Where each row starts in `taps`, and where the last ends.
    starts: Vec<usize>,
    taps: Vec<(usize, f64)>,
}

impl Taps {
    /// Rows of entries below `input` with their weights.
    ///
    /// # Errors
    /// [`gradus_core::Error::IndexOutOfRange`] for an entry that is not below `input`.
    pub fn new(input: usize, rows: impl IntoIterator<Item = Vec<(usize, f64)>>) -> Result<Self> {
        let (mut starts, mut taps) = (vec![0], Vec::new());
        for row in rows {
            if let Some(&(index, _)) = row.iter().find(|(index, _)| *index >= input) {
                let index = i64::try_from(index).unwrap_or(i64::MAX);
                let op = "resample";
                return Err(gradus_core::Error::IndexOutOfRange { op, index, len: input }.into());
            }
            taps.extend(row);
            starts.push(taps.len());
        }
        Ok(Self { input, starts, taps })
    }

    /// How many entries the dimension has.
    pub const fn input(&self) -> usize {
        self.input
    }

    /// How many entries the result has.
    pub fn output(&self) -> usize {
        self.starts.len() - 1
    }

    /// The taps of an entry of the result.
    pub(crate) fn row(&self, i: usize) -> &[(usize, f64)] {
        &self.taps[self.starts[i]..self.starts[i + 1]]
    }

    /// The rows that go the other way: from the result to the dimension, with the same weights.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let mut starts = vec![0; self.input + 1];
        for (input, _) in &self.taps {
            starts[input + 1] += 1;
        }
        for i in 0..self.input {
            starts[i + 1] += starts[i];
        }
        let mut place = starts.clone();
        let mut taps = vec![(0, 0.0); self.taps.len()];
        for output in 0..self.output() {
            for &(input, weight) in self.row(output) {
                taps[place[input]] = (output, weight);
                place[input] += 1;
            }
        }
        Self { input: self.output(), starts, taps }
    }
}

impl Tensor {
    /// `out[.., i, ..] = Σ weight · self[.., entry, ..]` over the taps of `i`: entries of a dimension
    /// summed with weights, in `f64`, in the order of the taps. What no tap names does not take
    /// part, not even as NaN.
    ///
    /// # Shapes
    /// `[..., taps.input(), ...]` → `[..., taps.output(), ...]`
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], [`gradus_core::Error::UnexpectedShape`] if the
    /// dimension has another extent, [`gradus_core::Error::UnsupportedDType`] if the dtype is no
    /// float.
    pub fn resample(&self, dim: impl Into<Dim>, taps: &Taps) -> Result<Self> {
        let op = "resample";
        let dim = dim.into().resolve(op, self.rank())?;
        self.require_extent(op, dim, taps)?;
        let shape = self.with_extent(dim, taps.output());
        let len = checked_len(op, &shape, self.dtype())?;
        let inner: usize = self.dims()[dim + 1..].iter().product();
        float!(op, self.dtype(), T => {
            let mut out = take(len);
            let x = self.elements::<T>();
            if inner < SHORT {
                let plane = taps.output() * inner;
                let group = grain(len / plane.max(1), 2.0 * plane as f64);
                for_slices(&mut out, group * plane, |i, out| {
                    for (j, out) in out.chunks_mut(plane).enumerate() {
                        let x = &x[(i * group + j) * taps.input * inner..][..taps.input * inner];
                        sum_rows(taps, 0, x, out, inner);
                    }
                });
            } else {
                for_slices(&mut out, inner, |i, out| {
                    let (matrix, row) = (i / taps.output(), i % taps.output());
                    let x = &x[matrix * taps.input * inner..][..taps.input * inner];
                    sum_rows(taps, row, x, out, inner);
                });
            }
            Ok(Self::from_data(out, shape))
        })
    }

    /// For each entry of the result of [`Tensor::resample`], which of its taps has the largest
    /// element: the first on ties, a NaN before all others (`i64`, for [`Tensor::gather`]). The
    /// weights do not matter.
    ///
    /// # Errors
    /// As [`Tensor::resample`], and [`gradus_core::Error::EmptyReduction`] if an entry has no tap.
    ///
    /// # Dtypes
    /// floats
    ///
    /// # PyTorch
    /// none
    pub fn argmax_taps(&self, dim: impl Into<Dim>, taps: &Taps) -> Result<Self> {
        let dim = dim.into().resolve("argmax_taps", self.rank())?;
        self.argmax_taps_as("argmax_taps", dim, taps)
    }

    pub(crate) fn argmax_taps_as(&self, op: &'static str, dim: usize, taps: &Taps) -> Result<Self> {
        self.require_extent(op, dim, taps)?;
        if (0..taps.output()).any(|i| taps.row(i).is_empty()) {
            let shape = self.shape().clone();
            return Err(gradus_core::Error::EmptyReduction { op, shape }.into());
        }
        let shape = self.with_extent(dim, taps.output());
        let len = checked_len(op, &shape, crate::DType::I64)?;
        let inner: usize = self.dims()[dim + 1..].iter().product();
        float!(op, self.dtype(), T => {
            let mut out = take(len);
            let x = self.elements::<T>();
            let plane = taps.output() * inner;
            let group = grain(len / plane.max(1), 5.0 * plane as f64);
            for_slices(&mut out, group * plane, |i, out| {
                for (j, out) in out.iter_mut().enumerate() {
                    let (matrix, j) = (i * group + j / plane, j % plane);
                    let x = &x[matrix * taps.input * inner..];
                    *out = largest(taps.row(j / inner), |entry| x[entry * inner + j % inner]) as i64;
                }
            });
            Ok(Self::from_data(out, shape))
        })
    }

    fn require_extent(&self, op: &'static str, dim: usize, taps: &Taps) -> Result<()> {
        if self.dims()[dim] == taps.input {
            return Ok(());
        }
        let expected = format!("extent {} in dimension {dim}", taps.input);
        let got = self.shape().clone();
        Err(gradus_core::Error::UnexpectedShape { op, expected, got }.into())
    }

    /// The shape with another extent of one dimension.
    fn with_extent(&self, dim: usize, extent: usize) -> Shape {
        let (before, after) = (&self.dims()[..dim], &self.dims()[dim + 1..]);
        Shape::from([before, &[extent], after].concat())
    }
}

/// Rows shorter than this share a task.
const SHORT: usize = 256;

/// Elements whose sums are held at a time.
const LANES: usize = 32;

/// The rows from `row` on, as many as `out` has; `x` is one matrix of rows of length `inner`.
fn sum_rows<T: Element>(taps: &Taps, row: usize, x: &[T], out: &mut [T], inner: usize) {
    for (i, out) in out.chunks_mut(inner.max(1)).enumerate() {
        let taps = taps.row(row + i);
        for (start, out) in out.chunks_mut(LANES).enumerate().map(|(i, out)| (i * LANES, out)) {
            let mut sums = [0.0; LANES];
            for &(entry, weight) in taps {
                let x = &x[entry * inner + start..][..out.len()];
                for (sum, x) in sums.iter_mut().zip(x) {
                    *sum += weight * x.to_f64();
                }
            }
            for (out, sum) in out.iter_mut().zip(sums) {
                *out = T::from_f64(sum);
            }
        }
    }
}

fn largest<T: Element>(taps: &[(usize, f64)], at: impl Fn(usize) -> T) -> usize {
    let mut best = taps[0].0;
    for &(entry, _) in &taps[1..] {
        let (high, x) = (at(best).to_f64(), at(entry).to_f64());
        if x > high || (x.is_nan() && !high.is_nan()) {
            best = entry;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_close, at, cases, filled, indices, read};
    use crate::{DType, with_threads};

    /// Rows of up to three taps, some the same, some none.
    fn taps(input: usize) -> impl Strategy<Value = Taps> {
        let tap = (0..input, -2i8..3).prop_map(|(entry, weight)| (entry, f64::from(weight)));
        prop::collection::vec(prop::collection::vec(tap, 0..4), 0..5)
            .prop_map(move |rows| Taps::new(input, rows).unwrap())
    }

    fn tensors() -> impl Strategy<Value = (crate::testing::Recipe, usize, Taps)> {
        (filled(3), any::<prop::sample::Index>()).prop_flat_map(|(recipe, pick)| {
            let dim = pick.index(recipe.shape.len());
            let taps = taps(recipe.shape[dim]);
            (Just(recipe), Just(dim), taps)
        })
    }

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn sums_follow_the_definition((recipe, dim, taps) in tensors()) {
            let mut shape = recipe.shape.clone();
            shape[dim] = taps.output();
            for dtype in [DType::F32, DType::F64, DType::BF16] {
                let x = recipe.make(dtype);
                let one = |index: &Vec<usize>| {
                    let mut from = index.clone();
                    taps.row(index[dim]).iter().map(|&(entry, weight)| {
                        from[dim] = entry;
                        weight * at(&x, &from)
                    }).sum::<f64>()
                };
                let expected: Vec<f64> = indices(&shape).iter().map(one).collect();
                assert_close(&x.resample(dim, &taps).unwrap(), &shape, &expected);
            }
        }

        #[test]
        fn the_transposed_rows_are_the_adjoint((recipe, dim, taps) in tensors()) {
            let x = recipe.make(DType::F64);
            let y = x.resample(dim, &taps).unwrap();
            let dy = recipe.with_shape(y.dims()).make(DType::F64);
            let dx = dy.resample(dim, &taps.transposed()).unwrap();
            let dot = |a: &Tensor, b: &Tensor| read(&(a * b)).iter().sum::<f64>();
            prop_assert!((dot(&y, &dy) - dot(&x, &dx)).abs() < 1e-9);
            prop_assert_eq!(taps.transposed().transposed().output(), taps.output());
        }

        #[test]
        fn the_largest_tap_is_found((recipe, dim, taps) in tensors()) {
            let x = recipe.make(DType::F32);
            if (0..taps.output()).any(|i| taps.row(i).is_empty()) {
                prop_assert!(x.argmax_taps(dim, &taps).is_err());
                return Ok(());
            }
            let ids = x.argmax_taps(dim, &taps).unwrap();
            let most = |index: &Vec<usize>| {
                let mut from = index.clone();
                let values = taps.row(index[dim]).iter().map(|&(entry, _)| {
                    from[dim] = entry;
                    at(&x, &from)
                });
                values.fold(f64::NEG_INFINITY, f64::max)
            };
            let expected: Vec<f64> = indices(ids.dims()).iter().map(most).collect();
            assert_close(&x.gather(dim, &ids).unwrap(), ids.dims(), &expected);
        }
    }

    #[test]
    fn long_rows_have_the_same_bits_on_any_number_of_threads() {
        let x = Tensor::randn([2, 5, 700], DType::F32, crate::Key::new(1)).unwrap();
        let taps = Taps::new(5, [vec![(0, 0.3), (4, 0.7)], vec![(2, 1.1)], vec![]]).unwrap();
        let one = with_threads(1, || x.resample(1, &taps).unwrap());
        assert!(with_threads(4, || x.resample(1, &taps).unwrap()).equal(&one));
        let sum = x.select(1, 2).unwrap().mul_scalar(1.1).unwrap();
        assert!(one.select(1, 1).unwrap().allclose(&sum, 1e-6, 1e-6).unwrap());
    }

    #[test]
    fn nan_wins_and_reaches_only_its_sums() {
        let x = Tensor::new([1.0, f32::NAN, f32::INFINITY]);
        let taps = Taps::new(3, [vec![(0, 1.0)], vec![(0, 1.0), (2, 1.0), (1, 1.0)]]).unwrap();
        let y = x.resample(0, &taps).unwrap().to_vec::<f32>().unwrap();
        assert!(y[0] == 1.0 && y[1].is_nan());
        assert_eq!(x.argmax_taps(0, &taps).unwrap().to_vec::<i64>().unwrap(), [0, 1]);
    }

    #[test]
    fn faults_are_errors() {
        let error = Taps::new(2, [vec![(2, 1.0)]]).unwrap_err();
        let message = "resample: index 2 is out of range for an axis of length 2";
        assert_eq!(error.to_string(), message);
        let taps = Taps::new(2, [vec![(1, 1.0)]]).unwrap();
        assert!(Tensor::new([1.0, 2.0, 3.0]).resample(0, &taps).is_err());
        assert!(Tensor::new([1, 2]).resample(0, &taps).is_err());
        assert!(Tensor::new([1.0, 2.0]).resample(1, &taps).is_err());
    }
}
