//! Formulas of your own, fused.

use gradus_core::Shape;
use gradus_cpu::memory::take;
use gradus_cpu::pointwise::{Pointwise, forward, gradients};

use crate::dtypes::{float, same};
use crate::tensor::checked_len;
use crate::{Result, Tensor};

const OP: &str = "pointwise";

impl Tensor {
    /// A formula on every element of `N` tensors, in one pass.
    ///
    /// `bf16` is computed in `f32` and rounded once.
    ///
    /// # Shapes
    /// Any shapes that broadcast as in NumPy; smaller ones are copied to the common shape.
    ///
    /// # Errors
    /// [`gradus_core::Error::ShapeMismatch`], [`gradus_core::Error::DTypeMismatch`], or
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{Tensor, pointwise};
    /// pointwise! {
    ///     struct SwiGlu;
    ///     |x, gate| x * x.sigmoid() * gate
    /// }
    /// let (x, gate) = (Tensor::new([0.0, 50.0]), Tensor::new(2.0));
    /// let y = Tensor::pointwise(&SwiGlu, [&x, &gate])?;
    /// assert_eq!(y.to_vec::<f32>()?, [0.0, 100.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn pointwise<const N: usize>(
        f: &(impl Pointwise<N> + Sync),
        inputs: [&Self; N],
    ) -> Result<Self> {
        Self::pointwise_named(OP, f, inputs)
    }

    /// As [`Tensor::pointwise`], under a name that errors have.
    ///
    /// # Errors
    /// As [`Tensor::pointwise`].
    pub fn pointwise_named<const N: usize>(
        op: &'static str,
        f: &(impl Pointwise<N> + Sync),
        inputs: [&Self; N],
    ) -> Result<Self> {
        let (shape, inputs) = together(op, inputs)?;
        Ok(float!(op, inputs[0].dtype(), T => {
            let slices = inputs.each_ref().map(Self::elements::<T>);
            let mut out = take(checked_len(op, &shape, inputs[0].dtype())?);
            forward::<T, N>(f, slices.each_ref().map(|x| &**x), &mut out);
            Self::from_data(out, shape)
        }))
    }

    /// The gradients of [`Tensor::pointwise`] by its inputs, in one pass, from the gradient of its
    /// result; all in the common shape.
    ///
    /// # Errors
    /// As [`Tensor::pointwise`].
    pub fn pointwise_grad<const N: usize>(
        f: &(impl Pointwise<N> + Sync),
        inputs: [&Self; N],
        grad: &Self,
    ) -> Result<[Self; N]> {
        let (shape, inputs) = together(OP, inputs)?;
        let dtype = same(OP, inputs[0].dtype(), grad.dtype())?;
        let grad = grad.expand(&shape)?;
        Ok(float!(OP, dtype, T => {
            let slices = inputs.each_ref().map(Self::elements::<T>);
            let mut out = [(); N].map(|()| take::<T>(shape.len()));
            let places = out.each_mut().map(|x| &mut **x);
            gradients::<T, N>(f, slices.each_ref().map(|x| &**x), &grad.elements(), places);
            out.map(|x| Self::from_data(x, &shape))
        }))
    }
}

/// The inputs in their common shape, all of one dtype.
fn together<const N: usize>(
    op: &'static str,
    inputs: [&Tensor; N],
) -> Result<(Shape, [Tensor; N])> {
    const { assert!(N > 0, "a formula has an input") };
    let mut shape = inputs[0].shape().clone();
    for x in &inputs[1..] {
        same(op, inputs[0].dtype(), x.dtype())?;
        shape = shape.broadcast(op, x.shape())?;
    }
    checked_len(op, &shape, inputs[0].dtype())?;
    let mut expanded = inputs.map(Tensor::clone);
    for x in &mut expanded {
        *x = x.expand(&shape)?;
    }
    Ok((shape, expanded))
}

#[cfg(test)]
mod tests {
    use crate::{DType, Tensor};

    crate::pointwise! {
        struct Product;
        |x, y| x * y
    }

    #[test]
    fn shapes_broadcast_and_gradients_have_the_common_shape() {
        let (x, y) = (Tensor::new([[1.0], [2.0]]), Tensor::new([3.0, 4.0, 5.0]));
        for dtype in [DType::F32, DType::F64, DType::BF16] {
            let (x, y) = (x.to_dtype(dtype).unwrap(), y.to_dtype(dtype).unwrap());
            let z = Tensor::pointwise(&Product, [&x, &y]).unwrap();
            assert!(z.equal(&x.mul(&y).unwrap()));
            let [dx, dy] = Tensor::pointwise_grad(&Product, [&x, &y], &z).unwrap();
            assert!(dx.equal(&z.mul(&y).unwrap()) && dy.equal(&z.mul(&x).unwrap()));
        }
    }

    #[test]
    fn faults_are_errors() {
        let (x, i) = (Tensor::new([1.0, 2.0]), Tensor::new([1, 2]));
        assert!(Tensor::pointwise(&Product, [&x, &i]).is_err());
        assert!(Tensor::pointwise(&Product, [&i, &i]).is_err());
        assert!(Tensor::pointwise(&Product, [&x, &Tensor::new([1.0, 2.0, 3.0])]).is_err());
        let empty = Tensor::zeros([0, 2], DType::F32).unwrap();
        assert_eq!(Tensor::pointwise(&Product, [&x, &empty]).unwrap().dims(), [0, 2]);
    }
}
