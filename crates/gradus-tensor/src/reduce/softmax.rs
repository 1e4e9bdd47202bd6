//! `softmax`, `log_softmax`.

use gradus_core::Dim;

use crate::dtypes::real;
use crate::{Element, Result, Tensor};

impl Tensor {
    /// eˣ / Σ eˣ along a dimension, without overflow. A row of −∞ gives NaN.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], or [`gradus_core::Error::UnsupportedDType`] unless
    /// the dtype is `f32` or `f64`.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let p = Tensor::new([1.0, 1.0]).softmax(-1)?;
    /// assert_eq!(p.to_vec::<f32>()?, [0.5, 0.5]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn softmax(&self, dim: impl Into<Dim>) -> Result<Self> {
        self.along_last("softmax", dim.into(), |row| {
            let sum: f64 = row
                .iter_mut()
                .map(|x| {
                    *x = x.exp();
                    *x
                })
                .sum();
            row.iter_mut().for_each(|x| *x /= sum);
        })
    }

    /// x − ln Σ eˣ along a dimension, without overflow. A row of −∞ gives NaN.
    ///
    /// # Errors
    /// As [`Tensor::softmax`].
    pub fn log_softmax(&self, dim: impl Into<Dim>) -> Result<Self> {
        self.along_last("log_softmax", dim.into(), |row| {
            let log = row.iter().map(|x| x.exp()).sum::<f64>().ln();
            row.iter_mut().for_each(|x| *x -= log);
        })
    }

    /// `f` on every row, shifted so that its largest element is 0.
    fn along_last(&self, op: &'static str, dim: Dim, f: impl Fn(&mut [f64])) -> Result<Self> {
        let rank = self.rank();
        let dim = dim.resolve(op, rank)?;
        let x = self.transpose(dim, rank - 1)?;
        real!(op, self.dtype(), T => {
            let data = x.elements::<T>();
            let mut out = Vec::with_capacity(data.len());
            for row in data.chunks_exact(self.dims()[dim].max(1)) {
                let mut row: Vec<f64> = row.iter().map(|x| x.to_f64()).collect();
                let max = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                row.iter_mut().for_each(|x| *x -= max);
                f(&mut row);
                out.extend(row.iter().map(|&x| T::from_f64(x)));
            }
            Self::from_data(out, x.shape()).transpose(dim, rank - 1)
        })
    }
}
