//! The affine map of the last dimension.

use gradus_core::{Shape, bf16};
use gradus_cpu::gemm::{
    Beta, ColumnBias, Dims, GemmElement, Matrix, Operand, Output, Widened, gemm_bf16_with,
    gemm_with,
};
use gradus_cpu::math::Real;
use gradus_cpu::memory::take;

use crate::dtypes::{real, unsupported};
use crate::tensor::checked_len;
use crate::{DType, Element, Result, Tensor};

impl Tensor {
    /// x Wᵀ + b over the last dimension, as PyTorch's `F.linear`.
    ///
    /// All leading dimensions are rows of one product, the weight is read as it lies, and the bias is
    /// added while the outputs are in cache. A row of the result has the same bits however many rows
    /// are computed with it; they are those of [`Tensor::matmul`] and an addition.
    ///
    /// `bf16` is multiplied and summed in `f32` and rounded once, after the bias. A weight and bias of
    /// `bf16` may be applied to an `x` of `f32`, which gives `f32`: the bits are those of widened
    /// parameters, and a single row costs half the memory traffic.
    ///
    /// # Shapes
    /// - `self`: `[..., in]`, `weight`: `[out, in]`, `bias`: `[out]` → `[..., out]`
    ///
    /// # Errors
    /// [`gradus_core::Error::ShapeMismatch`], [`gradus_core::Error::UnexpectedShape`] for the bias,
    /// [`gradus_core::Error::DTypeMismatch`], [`gradus_core::Error::UnsupportedDType`] unless the
    /// dtype is a float.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let (x, w) = (Tensor::new([1.0, 10.0]), Tensor::new([[1.0, 2.0], [3.0, 4.0], [0.0, 1.0]]));
    /// let b = Tensor::new([0.5, 0.0, -10.0]);
    /// assert_eq!(x.linear(&w, Some(&b))?.to_vec::<f32>()?, [21.5, 43.0, 0.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn linear(&self, weight: &Self, bias: Option<&Self>) -> Result<Self> {
        check(self, weight, bias)?;
        let widens = weight.dtype() == DType::BF16;
        let bias = match bias {
            Some(b) if widens => Some(b.to_dtype(DType::F32)?),
            Some(b) => Some(b.contiguous()),
            None => None,
        };
        affine(self, weight, bias.as_ref())
    }
}

/// Shapes and dtypes of the operands.
fn check(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<()> {
    const OP: &str = "linear";
    let dtype = weight.dtype();
    if !matches!(dtype, DType::F32 | DType::F64 | DType::BF16) {
        return Err(unsupported(OP, "a float", dtype));
    }
    for (lhs, rhs) in [(x.dtype(), dtype)].into_iter().chain(bias.map(|b| (b.dtype(), dtype))) {
        if lhs != rhs && (lhs, rhs) != (DType::F32, DType::BF16) {
            return Err(gradus_core::Error::DTypeMismatch { op: OP, lhs, rhs }.into());
        }
    }
    let fits = matches!((x.dims(), weight.dims()), ([.., k], [_, inputs]) if k == inputs);
    if !fits {
        let (lhs, rhs) = (x.shape().clone(), weight.shape().clone());
        return Err(gradus_core::Error::ShapeMismatch { op: OP, lhs, rhs }.into());
    }
    match bias {
        Some(bias) if bias.dims() != &weight.dims()[..1] => {
            let (expected, got) = (format!("{:?}", &weight.dims()[..1]), bias.shape().clone());
            Err(gradus_core::Error::UnexpectedShape { op: OP, expected, got }.into())
        }
        _ => Ok(()),
    }
}

/// The map, in the dtype of `x`; the bias lies without gaps, and is `f32` if the weight is `bf16`.
fn affine(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    let (leading, k) = (&x.dims()[..x.rank() - 1], x.size(-1)?);
    let n = weight.size(0)?;
    let shape = Shape::from([leading, &[n]].concat());
    checked_len("linear", &shape, x.dtype())?;
    let m = leading.iter().product();
    let rows = x.layout().reshape([m, k])?;
    let x = rows.map_or_else(|| x.contiguous().reshape([m, k]), |rows| Ok(x.with_layout(rows)))?;
    let dims = Dims { m, n, k };
    if x.dtype() == DType::BF16 {
        let mut out = take::<bf16>(m * n);
        let (x, weight) = (matrix::<bf16>(&x).t(), matrix::<bf16>(weight).t());
        gemm_bf16_with(dims, &x, &weight, Output::new(&mut out, n), &column_bias(bias, n));
        return Ok(Tensor::from_data(out, shape));
    }
    if weight.dtype() == DType::BF16 {
        let weight = Widened(matrix::<bf16>(weight).t());
        return Ok(Tensor::from_data(run::<f32>(dims, &x, &weight, bias), shape));
    }
    real!("linear", x.dtype(), T => {
        let weight = matrix::<T>(weight).t();
        Ok(Tensor::from_data(run::<T>(dims, &x, &weight, bias), shape))
    })
}

fn run<T: Element + GemmElement + Real>(
    dims: Dims,
    x: &Tensor,
    weight: &impl Operand<T>,
    bias: Option<&Tensor>,
) -> gradus_cpu::memory::Block<T> {
    let mut out = take(dims.m * dims.n);
    let bias = column_bias(bias, dims.n);
    let (x, target) = (matrix::<T>(x).t(), Output::new(&mut out, dims.n));
    gemm_with(dims, &x, weight, target, Beta::Zero, &bias);
    out
}

/// The bias as the tail of a product.
fn column_bias<T: Element>(bias: Option<&Tensor>, n: usize) -> Option<ColumnBias<'_, T>> {
    bias.map(|b| ColumnBias(&b.block::<T>()[b.layout().offset()..][..n]))
}

/// A tensor of two dimensions where it lies.
fn matrix<T: Element>(x: &Tensor) -> Matrix<'_, T> {
    let strides = x.layout().strides();
    Matrix::new(&x.block()[x.layout().offset()..], strides[0], strides[1])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Key;
    use crate::testing::{Recipe, cases, of_shape};

    /// `[..., in]`, `[out, in]` and `[out]`, with strides of all kinds.
    fn operands() -> impl Strategy<Value = [Recipe; 3]> {
        (prop::collection::vec(0..4usize, 0..3), 0..20usize, 0..40usize).prop_flat_map(
            |(lead, k, n)| {
                let x = [&lead[..], &[k]].concat();
                [of_shape(Just(x)), of_shape(Just(vec![n, k])), of_shape(Just(vec![n]))]
            },
        )
    }

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn it_is_the_product_and_a_sum([x, w, b] in operands()) {
            for dtype in [DType::F32, DType::F64] {
                let (x, w, b) = (x.make(dtype), w.make(dtype), b.make(dtype));
                let plain = x.matmul(&w.t().unwrap()).unwrap();
                let same = |a: &Tensor, b: &Tensor| a.dims() == b.dims() && a.allclose(b, 0.0, 0.0).unwrap();
                prop_assert!(same(&x.linear(&w, None).unwrap(), &plain));
                prop_assert!(same(&x.linear(&w, Some(&b)).unwrap(), &plain.add(&b).unwrap()));
            }
        }

        #[test]
        fn bf16_parameters_act_as_widened_ones([x, w, b] in operands()) {
            let (x, narrow) = (x.make(DType::F32), |r: &Recipe| r.make(DType::F32).to_dtype(DType::BF16).unwrap());
            let (w, b) = (narrow(&w), narrow(&b));
            let wide = |x: &Tensor| x.to_dtype(DType::F32).unwrap();
            let want = x.linear(&wide(&w), Some(&wide(&b))).unwrap();
            prop_assert!(x.linear(&w, Some(&b)).unwrap().equal(&want));
            prop_assert!(x.linear(&w, Some(&wide(&b))).unwrap().equal(&want));
            let (x, rounded) = (x.to_dtype(DType::BF16).unwrap(), |x: Tensor| x.to_dtype(DType::BF16).unwrap());
            prop_assert!(x.linear(&w, None).unwrap().equal(&x.matmul(&w.t().unwrap()).unwrap()));
            // The order of adding is another, so the last bit may be.
            let want = rounded(wide(&x).linear(&wide(&w), Some(&wide(&b))).unwrap());
            prop_assert!(x.linear(&w, Some(&b)).unwrap().allclose(&want, 1.0 / 128.0, 1e-3).unwrap());
        }

        #[test]
        fn rows_do_not_depend_on_their_company(k in 1..600usize, n in 1..40usize, seed in any::<u64>()) {
            let x = Tensor::randn([2, 9, k], DType::F32, Key::new(seed)).unwrap();
            let w = Tensor::randn([n, k], DType::F32, Key::new(seed ^ 1)).unwrap();
            for w in [w.to_dtype(DType::BF16).unwrap(), w] {
                let all = x.linear(&w, None).unwrap();
                for rows in [1, 2, 5] {
                    let some = x.narrow(1, 3, rows).unwrap().linear(&w, None).unwrap();
                    prop_assert!(some.equal(&all.narrow(1, 3, rows).unwrap()));
                }
            }
        }
    }

    #[test]
    fn faults_are_errors() {
        let zeros = |shape: &[usize]| Tensor::zeros(shape, DType::F32).unwrap();
        let (x, w, b) = (zeros(&[2, 3]), zeros(&[4, 3]), zeros(&[4]));
        let message = |r: Result<Tensor>| r.unwrap_err().to_string();
        assert_eq!(
            message(x.linear(&zeros(&[3, 4]), None)),
            "linear: shapes [2, 3] and [3, 4] do not fit together"
        );
        assert_eq!(
            message(x.linear(&w, Some(&zeros(&[1])))),
            "linear: expected [4], got shape [1]"
        );
        assert!(zeros(&[]).linear(&w, None).is_err() && x.linear(&b, None).is_err());
        let double = w.to_dtype(DType::F64).unwrap();
        assert!(x.linear(&double, None).is_err() && double.linear(&w, None).is_err());
        assert!(x.to_dtype(DType::BF16).unwrap().linear(&w, None).is_err());
        assert!(
            x.to_dtype(DType::I64).unwrap().linear(&w.to_dtype(DType::I64).unwrap(), None).is_err()
        );
    }
}
