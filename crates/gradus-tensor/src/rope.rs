//! `rope`.

use gradus_cpu::memory::take;
use gradus_cpu::rope::{Rope, Turn, rope};

use crate::dtypes::float;
use crate::{Result, Tensor};

impl Tensor {
    /// Rotary position embedding: each vector turned by angles that grow with its place.
    ///
    /// Elements `i` and `i + D/2` of the vector at place `p` are turned as a point of the plane by
    /// `p · base^(−2i/D)`, the first vector being at place `start`. The inner product of two turned
    /// vectors depends on their places through the difference alone. This is the layout of
    /// Llama's weights; the paper pairs neighbours. Angles are worked out in `f64`.
    ///
    /// # Shapes
    /// `[..., T, D]` → the same
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`] if D is odd or there are not two dimensions,
    /// [`gradus_core::Error::InvalidArgument`] unless `base` is above zero and finite,
    /// [`gradus_core::Error::UnsupportedDType`] unless the dtype is a float.
    ///
    /// # Reference
    /// Su et al. 2021, "`RoFormer`: Enhanced Transformer with Rotary Position Embedding", eq. 34.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::from([[1.0f64, 0.0], [1.0, 0.0]]);
    /// assert_eq!(x.rope(0, 1e4)?.to_vec::<f64>()?, [1.0, 0.0, 1f64.cos(), 1f64.sin()]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn rope(&self, start: usize, base: f64) -> Result<Self> {
        self.turned("rope", start, base, Turn::Forward)
    }

    /// [`Tensor::rope`] the other way round: its inverse, and its gradient with respect to the input
    /// from that of its output (`self`).
    ///
    /// # Errors
    /// As [`Tensor::rope`].
    pub fn rope_grad(&self, start: usize, base: f64) -> Result<Self> {
        self.turned("rope_grad", start, base, Turn::Back)
    }

    fn turned(&self, op: &'static str, start: usize, base: f64, turn: Turn) -> Result<Self> {
        let &[.., len, width] = self.dims() else { return Err(self.unturnable(op)) };
        if width % 2 == 1 {
            return Err(self.unturnable(op));
        }
        if !(base > 0.0 && base.is_finite()) {
            let (name, expected, got) = ("base", "above zero and finite", base.to_string());
            return Err(gradus_core::Error::InvalidArgument { op, name, expected, got }.into());
        }
        Ok(float!(op, self.dtype(), T => {
            let mut out = take(self.len());
            rope::<T>(Rope { len, width, start, base }, turn, &self.elements(), &mut out);
            Self::from_data(out, self.shape())
        }))
    }

    fn unturnable(&self, op: &'static str) -> crate::Error {
        let (expected, got) = ("[..., T, D] with D even".to_owned(), self.shape().clone());
        gradus_core::Error::UnexpectedShape { op, expected, got }.into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::cases;
    use crate::{DType, Key};

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn inner_products_depend_on_the_difference_of_places(
            a in 0..1000usize, b in 0..1000usize, shift in 0..1000usize, seed in any::<u64>(),
        ) {
            let draw = |i| Tensor::randn([2, 1, 8], DType::F64, Key::new(seed ^ i)).unwrap();
            let (x, y) = (draw(1), draw(2));
            let dot = |a, b| {
                let (x, y) = (x.rope(a, 1e4).unwrap(), y.rope(b, 1e4).unwrap());
                x.mul(&y).unwrap().sum(-1).unwrap()
            };
            prop_assert!(dot(a, b).allclose(&dot(a + shift, b + shift), 1e-9, 1e-9).unwrap());
        }

        #[test]
        fn a_piece_is_turned_as_in_the_whole(cut in 0..6usize, seed in any::<u64>()) {
            for dtype in [DType::F32, DType::F64, DType::BF16] {
                let x = Tensor::randn([2, 5, 3, 4], DType::F64, Key::new(seed)).unwrap();
                let x = x.to_dtype(dtype).unwrap().transpose(1, 2).unwrap();
                let cut = cut.min(5);
                let piece = x.narrow(2, cut, 5 - cut).unwrap().rope(cut, 50.0).unwrap();
                let whole = x.rope(0, 50.0).unwrap();
                prop_assert!(whole.narrow(2, cut, 5 - cut).unwrap().equal(&piece));
                let tolerance = if dtype == DType::BF16 { 0.05 } else { 1e-5 };
                prop_assert!(whole.rope_grad(0, 50.0).unwrap().allclose(&x, 0.0, tolerance).unwrap());
            }
        }
    }

    #[test]
    fn faults_are_errors() {
        let x = Tensor::zeros([2, 4], DType::F32).unwrap();
        assert!(x.narrow(1, 0, 3).unwrap().rope(0, 1e4).is_err());
        assert!(x.select(0, 0).unwrap().rope(0, 1e4).is_err());
        for base in [0.0, -1.0, f64::INFINITY, f64::NAN] {
            assert!(x.rope(0, base).is_err());
        }
        assert!(Tensor::new([[1, 2]]).rope(0, 1e4).is_err());
        assert_eq!(Tensor::zeros([0, 4], DType::F32).unwrap().rope(0, 1e4).unwrap().dims(), [0, 4]);
    }
}
