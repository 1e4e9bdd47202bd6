//! Elements chosen by a mask.

use gradus_cpu::memory::{reserve, take};
use std::hint::select_unpredictable;

use crate::dtypes::{every, require, same};
use crate::elementwise::zip;
use crate::nest::Nest;
use crate::scalar::exact;
use crate::tensor::checked_len;
use crate::{DType, Result, Tensor};
use gradus_cpu::elementwise as kernel;

impl Tensor {
    /// `a` where the condition holds, else `b`; all three broadcast.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] unless the condition is `bool`,
    /// [`gradus_core::Error::DTypeMismatch`] or [`gradus_core::Error::ShapeMismatch`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([1.0, -2.0]);
    /// let y = Tensor::where_cond(&x.gt_scalar(0.0)?, &x, &Tensor::new(0.0))?;
    /// assert_eq!(y.to_vec::<f32>()?, [1.0, 0.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn where_cond(cond: &Self, a: &Self, b: &Self) -> Result<Self> {
        let op = "where_cond";
        require(op, DType::Bool, cond.dtype())?;
        let dtype = same(op, a.dtype(), b.dtype())?;
        let shape = a.shape().broadcast(op, b.shape())?;
        let shape = cond.shape().broadcast(op, &shape)?;
        let len = checked_len(op, &shape, dtype)?;
        let layouts =
            [cond.layout().expand(&shape)?, a.layout().expand(&shape)?, b.layout().expand(&shape)?];
        let nest = Nest::new(layouts.each_ref());
        let mask = cond.block::<bool>();
        Ok(every!(dtype, T => {
            let (x, y) = (a.block::<T>(), b.block::<T>());
            let mut out = reserve(len);
            nest.for_each_row(|len, [i, j, k], strides| match strides {
                [1, 1, 1] => {
                    let values = x[j..j + len].iter().zip(&y[k..k + len]);
                    let all = mask[i..i + len].iter().zip(values);
                    out.extend(all.map(|(&m, (&a, &b))| select_unpredictable(m, a, b)));
                }
                [1, 1, 0] => {
                    let (b, all) = (y[k], mask[i..i + len].iter().zip(&x[j..j + len]));
                    out.extend(all.map(|(&m, &a)| select_unpredictable(m, a, b)));
                }
                [r, s, t] => out.extend(
                    (0..len).map(|n| select_unpredictable(mask[i + n * r], x[j + n * s], y[k + n * t])),
                ),
            });
            Self::from_data(out, shape)
        }))
    }

    /// A constant where the mask holds; the mask and `self` broadcast.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] unless the mask is `bool`,
    /// [`gradus_core::Error::ShapeMismatch`], or [`gradus_core::Error::InvalidArgument`] if an
    /// integer dtype cannot hold the constant.
    pub fn masked_fill(&self, mask: &Self, value: f64) -> Result<Self> {
        require("masked_fill", DType::Bool, mask.dtype())?;
        every!(self.dtype(), T => {
            let value = exact::<T>("masked_fill", "value", value)?;
            if let (true, Some(x), Some(mask)) = (self.shape() == mask.shape(), self.slice(), mask.slice()) {
                let mut out = take(self.len());
                kernel::masked_fill(mask, value, x, &mut out);
                return Ok(Self::from_data(out, self.shape()));
            }
            zip("masked_fill", self, mask, |x: T, hit: bool| {
                select_unpredictable(hit, value, x)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_close, at, cases, indices, pairs, recipes};

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn a_mask_chooses_with_broadcasting((a, b, shape) in pairs(), mask in recipes(0), lead in 0..3usize) {
            let lead = lead.min(shape.len());
            let mask = mask.with_shape(&shape[lead..]).make(DType::F32).gt_scalar(0.0).unwrap();
            for dtype in DType::ALL {
                let (x, y) = (a.make(dtype), b.make(dtype));
                let choose = |i: &Vec<usize>| if at(&mask, i) == 1.0 { at(&x, i) } else { at(&y, i) };
                let expected: Vec<f64> = indices(&shape).iter().map(choose).collect();
                assert_close(&Tensor::where_cond(&mask, &x, &y).unwrap(), &shape, &expected);
                let x = x.expand(shape.as_slice()).unwrap();
                let fill = |i: &Vec<usize>| if at(&mask, i) == 1.0 { 1.0 } else { at(&x, i) };
                let expected: Vec<f64> = indices(&shape).iter().map(fill).collect();
                assert_close(&x.masked_fill(&mask, 1.0).unwrap(), &shape, &expected);
            }
        }
    }

    #[test]
    fn faults_are_errors() {
        let (x, mask) = (Tensor::new([1, 2]), Tensor::new([true, false]));
        assert!(x.masked_fill(&mask, 0.5).is_err());
        assert!(x.masked_fill(&x, 0.0).is_err());
        assert!(Tensor::where_cond(&mask, &x, &Tensor::new([1.0])).is_err());
        assert!(Tensor::where_cond(&Tensor::new([true; 3]), &x, &x).is_err());
    }
}
