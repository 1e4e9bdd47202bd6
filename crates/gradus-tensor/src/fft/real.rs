//! Transforms of real numbers, whose second half is the conjugate of the first.

use gradus_core::Dim;
use gradus_cpu::memory::take;
use gradus_cpu::pool::for_slices;
use realfft::RealFftPlanner;
use rustfft::num_complex::Complex;

use crate::dtypes::real;
use crate::fft::complex::{at_least_one, complex_dim, rows_per_task, write};
use crate::{Element, FftNorm, Result, Tensor};

impl Tensor {
    /// The discrete Fourier transform over a dimension of real numbers: the first `N/2 + 1`
    /// complex numbers, of which the others are the conjugates.
    ///
    /// # Shapes
    /// `[..., N, ...]` → `[..., N/2 + 1, ..., 2]`
    ///
    /// # Errors
    /// As [`Tensor::fft`], but for the last extent.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{FftNorm, Tensor};
    /// let x = Tensor::new([1.0, 2.0, 3.0]);
    /// let y = x.rfft(-1, FftNorm::Backward)?;
    /// assert_eq!(y.dims(), [2, 2]);
    /// assert_eq!(y.select(0, 0)?.to_vec::<f32>()?, [6.0, 0.0]);
    /// assert!(y.irfft(-1, 3, FftNorm::Backward)?.allclose(&x, 1e-6, 1e-6)?);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    #[expect(clippy::missing_panics_doc, reason = "it cannot: the lengths are those of the plan")]
    pub fn rfft(&self, dim: impl Into<Dim>, norm: FftNorm) -> Result<Self> {
        let op = "rfft";
        let dim = dim.into().resolve(op, self.rank())?;
        let n = at_least_one(op, self.dims()[dim])?;
        let (half, last, scale) = (n / 2 + 1, self.rank() - 1, norm.forward_scale(n));
        let lines = self.transpose(dim, last)?;
        let mut shape = lines.dims().to_vec();
        shape[last] = half;
        shape.push(2);
        let rows = self.len() / n;
        let out = real!(op, self.dtype(), T => {
            let plan = RealFftPlanner::<T>::new().plan_fft_forward(n);
            let mut out = take(rows * half * 2);
            let x = lines.elements::<T>();
            let group = rows_per_task(rows, n);
            for_slices(&mut out, group * half * 2, |i, out| {
                let mut spectrum = plan.make_output_vec();
                for (j, out) in out.chunks_mut(half * 2).enumerate() {
                    let mut line = x[(i * group + j) * n..][..n].to_vec();
                    plan.process(&mut line, &mut spectrum).expect("the planner made the lengths");
                    write(&spectrum, scale, out);
                }
            });
            Self::from_data(out, shape)
        });
        out.transpose(dim, last)
    }

    /// The inverse of [`Tensor::rfft`] with the same norm and length: `n` real numbers whose
    /// transform begins with these `n/2 + 1` complex numbers. The imaginary parts of the first one,
    /// and for an even `n` of the last, are not read: of real numbers they are 0.
    ///
    /// # Shapes
    /// `[..., n/2 + 1, ..., 2]` → `[..., n, ...]`
    ///
    /// # Errors
    /// As [`Tensor::fft`]; [`gradus_core::Error::UnexpectedShape`] unless there are `n/2 + 1`
    /// numbers.
    #[expect(clippy::missing_panics_doc, reason = "it cannot: the lengths are those of the plan")]
    pub fn irfft(&self, dim: impl Into<Dim>, n: usize, norm: FftNorm) -> Result<Self> {
        let op = "irfft";
        let dim = complex_dim(op, self, dim)?;
        let (half, scale) = (at_least_one(op, n)? / 2 + 1, norm.inverse_scale(n));
        if self.dims()[dim] != half {
            let (expected, got) =
                (format!("{half} numbers for a length of {n}"), self.shape().clone());
            return Err(gradus_core::Error::UnexpectedShape { op, expected, got }.into());
        }
        let last = self.rank() - 2;
        let lines = self.transpose(dim, last)?;
        let mut shape = lines.dims()[..=last].to_vec();
        shape[last] = n;
        let rows = self.len() / (2 * half);
        let out = real!(op, self.dtype(), T => {
            let plan = RealFftPlanner::<T>::new().plan_fft_inverse(n);
            let mut out = take(rows * n);
            let x = lines.elements::<T>();
            let (group, factor) = (rows_per_task(rows, n), <T as Element>::from_f64(scale));
            for_slices(&mut out, group * n, |i, out| {
                for (j, out) in out.chunks_mut(n).enumerate() {
                    let pairs = x[(i * group + j) * half * 2..][..half * 2].chunks(2);
                    let mut line: Vec<Complex<T>> =
                        pairs.map(|pair| Complex::new(pair[0], pair[1])).collect();
                    line[0].im = 0.0;
                    if n.is_multiple_of(2) {
                        line[half - 1].im = 0.0;
                    }
                    plan.process(&mut line, out).expect("the planner made the lengths");
                    out.iter_mut().for_each(|x| *x *= factor);
                }
            });
            Self::from_data(out, shape)
        });
        out.transpose(dim, last)
    }
}
