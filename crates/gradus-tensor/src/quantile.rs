//! Elements by rank along a dimension: `median`, `kthvalue`, `quantile`.

use gradus_core::Dim;

use crate::dtypes::unsupported;
use crate::{Order, Result, Tensor};

impl Tensor {
    /// The `k`-th smallest element of a dimension, counted from 1 as in PyTorch, and where it stands
    /// (`i64`); the dimension is dropped. NaN counts as the largest; on ties the first comes first.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], or [`gradus_core::Error::InvalidArgument`] unless `k`
    /// is in 1..= the extent.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let (value, place) = Tensor::new([30, 10, 20]).kthvalue(2, 0)?;
    /// assert_eq!((value.item()?, place.item()?), (20.0, 2.0));
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn kthvalue(&self, k: usize, dim: impl Into<Dim>) -> Result<(Self, Self)> {
        let dim = dim.into().resolve("kthvalue", self.rank())?;
        let extent = self.dims()[dim];
        if !(1..=extent).contains(&k) {
            return Err(gradus_core::Error::InvalidArgument {
                op: "kthvalue",
                name: "k",
                expected: "in 1..= the extent of the dimension",
                got: format!("{k} for a dimension of {extent}"),
            }
            .into());
        }
        let (values, ids) = self.sort(dim, Order::Ascending)?;
        Ok((values.select(dim, k - 1)?, ids.select(dim, k - 1)?))
    }

    /// The middle element of a dimension, the lower of two, and where it stands (`i64`); the dimension
    /// is dropped. NaN wins.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], or [`gradus_core::Error::EmptyReduction`] if the
    /// dimension is empty.
    pub fn median(&self, dim: impl Into<Dim>) -> Result<(Self, Self)> {
        let op = "median";
        let dim = dim.into().resolve(op, self.rank())?;
        let Some(last) = self.dims()[dim].checked_sub(1) else {
            let shape = self.shape().clone();
            return Err(gradus_core::Error::EmptyReduction { op, shape }.into());
        };
        let (values, ids) = self.sort(dim, Order::Ascending)?;
        let middle = ids.select(dim, last / 2)?;
        let ids = if self.dtype().is_float() {
            // NaN stands at the end of the order.
            let spoilt = values.select(dim, last)?.is_nan()?;
            Self::where_cond(&spoilt, &ids.select(dim, last)?, &middle)?
        } else {
            middle
        };
        let values = self.gather(dim, &ids.unsqueeze(dim)?)?.squeeze(dim)?;
        Ok((values, ids))
    }

    /// The value below which a share `q` of a dimension lies, between two elements by a straight line;
    /// the dimension is dropped. NaN wins.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], [`gradus_core::Error::EmptyReduction`],
    /// [`gradus_core::Error::InvalidArgument`] unless `q` is in 0..=1, or
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::new([4.0, 1.0, 2.0]).quantile(0.75, 0)?.item()?, 3.0);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn quantile(&self, q: f64, dim: impl Into<Dim>) -> Result<Self> {
        let op = "quantile";
        let dim = dim.into().resolve(op, self.rank())?;
        if !self.dtype().is_float() {
            return Err(unsupported(op, "a float", self.dtype()));
        }
        if !(0.0..=1.0).contains(&q) {
            let (name, expected, got) = ("q", "in 0..=1", q.to_string());
            return Err(gradus_core::Error::InvalidArgument { op, name, expected, got }.into());
        }
        let Some(last) = self.dims()[dim].checked_sub(1) else {
            let shape = self.shape().clone();
            return Err(gradus_core::Error::EmptyReduction { op, shape }.into());
        };
        let (values, _) = self.sort(dim, Order::Ascending)?;
        let place = q * last as f64;
        let (low, high) = (place.floor() as usize, place.ceil() as usize);
        let weight = Self::full((), place - place.floor(), self.dtype())?;
        let value = values.select(dim, low)?.lerp(&values.select(dim, high)?, &weight)?;
        value.masked_fill(&values.select(dim, last)?.is_nan()?, f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::DType;
    use crate::testing::{assert_close, cases, filled, read};

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn ranks_are_those_of_a_sorted_line(recipe in filled(1), k in 0..4usize, q in 0.0..=1.0f64) {
            for dtype in [DType::F64, DType::I64, DType::U8] {
                let x = recipe.make(dtype);
                let mut line = read(&x);
                line.sort_by(f64::total_cmp);
                let k = k % line.len() + 1;
                let (value, place) = x.kthvalue(k, 0).unwrap();
                assert_close(&value, &[], &[line[k - 1]]);
                prop_assert!(x.index_select(0, &place.reshape(1).unwrap()).unwrap().squeeze(0).unwrap().equal(&value));
                assert_close(&x.median(0).unwrap().0, &[], &[line[(line.len() - 1) / 2]]);
            }
            let x = recipe.make(DType::F64);
            let mut line = read(&x);
            line.sort_by(f64::total_cmp);
            let place = q * (line.len() - 1) as f64;
            let (low, high) = (line[place.floor() as usize], line[place.ceil() as usize]);
            assert_close(&x.quantile(q, 0).unwrap(), &[], &[low + place.fract() * (high - low)]);
        }
    }

    #[test]
    fn nan_wins_and_faults_are_errors() {
        let x = Tensor::new([[1.0, f32::NAN, 3.0], [3.0, 2.0, 1.0]]);
        let (values, ids) = x.median(1).unwrap();
        assert!(read(&values)[0].is_nan());
        assert_eq!((read(&values)[1], read(&ids)), (2.0, vec![1.0, 1.0]));
        assert!(read(&x.quantile(0.5, 1).unwrap())[0].is_nan());
        let nothing = Tensor::zeros([2, 0], DType::F32).unwrap();
        assert!(nothing.median(1).is_err() && nothing.quantile(0.5, 1).is_err());
        assert!(x.kthvalue(0, 1).is_err() && x.kthvalue(4, 1).is_err());
        assert!(x.quantile(1.1, 1).is_err() && Tensor::new([1]).quantile(0.5, 0).is_err());
    }
}
