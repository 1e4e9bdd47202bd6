//! Matrix products.

use gradus_core::{Layout, Shape};
use gradus_cpu::gemm::{Beta, Dims, Matrix, gemm_batched, gemm_bf16_batched};
use gradus_cpu::memory::{Block, take};

use crate::dtypes::{real, same, unsupported};
use crate::tensor::checked_len;
use crate::{DType, Element, Error, Result, Tensor};

impl Tensor {
    /// The matrix product, batched with broadcasting, as in NumPy.
    ///
    /// A row of the result has the same bits however many rows are computed with it. Transposed and
    /// broadcast operands are read in place. `bf16` is multiplied and summed in `f32` and rounded
    /// once. `f32` is as precise as [`MatmulPrecision`](crate::MatmulPrecision) says.
    ///
    /// # Shapes
    /// - `[..., M, K]` × `[..., K, N]` → `[..., M, N]`; leading dimensions broadcast
    /// - `[K]` × `[..., K, N]` → `[..., N]`; `[..., M, K]` × `[K]` → `[..., M]`; `[K]` × `[K]` → `[]`
    ///
    /// # Errors
    /// [`gradus_core::Error::ShapeMismatch`], [`gradus_core::Error::DTypeMismatch`],
    /// [`gradus_core::Error::UnsupportedDType`] unless the dtype is a float.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let a = Tensor::new([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(a.matmul(&a)?.to_vec::<f32>()?, [7.0, 10.0, 15.0, 22.0]);
    /// assert_eq!(a.matmul(&Tensor::new([1.0, 1.0]))?.to_vec::<f32>()?, [3.0, 7.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn matmul(&self, other: &Self) -> Result<Self> {
        match same("matmul", self.dtype(), other.dtype())? {
            DType::F32 | DType::F64 | DType::BF16 => {}
            got => return Err(unsupported("matmul", "a float", got)),
        }
        let mismatch = || -> Error {
            let (lhs, rhs) = (self.shape().clone(), other.shape().clone());
            gradus_core::Error::ShapeMismatch { op: "matmul", lhs, rhs }.into()
        };
        match (self.rank(), other.rank()) {
            (0, _) | (_, 0) => Err(mismatch()),
            // A vector on the left is one row, on the right one column.
            (1, 1) => product(&self.unsqueeze(0)?, &other.unsqueeze(1)?, &mismatch)?.reshape(()),
            (1, _) => product(&self.unsqueeze(0)?, other, &mismatch)?.squeeze(-2),
            (_, 1) => product(self, &other.unsqueeze(1)?, &mismatch)?.squeeze(-1),
            _ => product(self, other, &mismatch),
        }
    }
}

/// The product of operands with at least two dimensions.
fn product(a: &Tensor, b: &Tensor, mismatch: &dyn Fn() -> Error) -> Result<Tensor> {
    let ([batch_a @ .., m, k], [batch_b @ .., k_b, n]) = (a.dims(), b.dims()) else {
        return Err(mismatch());
    };
    let batch = Shape::from(batch_a).broadcast("matmul", &Shape::from(batch_b));
    let batch = batch.map_err(|_| mismatch())?;
    if k != k_b {
        return Err(mismatch());
    }
    let shape = Shape::from([batch.dims(), &[*m, *n]].concat());
    let len = checked_len("matmul", &shape, a.dtype())?;
    if len == 0 || *k == 0 {
        return Tensor::zeros(shape, a.dtype());
    }
    // One matrix on the right: all rows on the left are rows of one product.
    let one_matrix = b.len() == k * n && batch.len() > 1;
    let rows = if one_matrix { a.layout().reshape([batch.len() * m, *k])? } else { None };
    let (a, b, batch) = match rows {
        Some(rows) => (a.with_layout(rows), b.reshape([*k, *n])?, Shape::from(())),
        None => (a.clone(), b.clone(), batch),
    };
    if a.dtype() == DType::BF16 {
        let out = multiply(&a, &b, batch.dims(), gemm_bf16_batched)?;
        return Ok(Tensor::from_data(out, shape));
    }
    real!("matmul", a.dtype(), T => {
        let out = multiply::<T>(&a, &b, batch.dims(), |dims, a, b, offsets, c| {
            gemm_batched(dims, a, b, offsets, c, Beta::Zero);
        })?;
        Ok(Tensor::from_data(out, shape))
    })
}

/// The kernel of a dtype: all products of a batch, given where their operands start.
type Kernel<T> = fn(Dims, Matrix<'_, T>, Matrix<'_, T>, &[(usize, usize)], &mut [T]);

/// The products of a batch, one after the other; none of the extents is 0.
fn multiply<T: Element>(
    a: &Tensor,
    b: &Tensor,
    batch: &[usize],
    kernel: Kernel<T>,
) -> Result<Block<T>> {
    let (starts_a, starts_b) = (starts(a, batch)?, starts(b, batch)?);
    let offsets: Vec<(usize, usize)> = starts_a.offsets().zip(starts_b.offsets()).collect();
    let dims = Dims { m: a.size(-2)?, n: b.size(-1)?, k: a.size(-1)? };
    let mut out = take(offsets.len() * dims.m * dims.n);
    kernel(dims, matrix(a), matrix(b), &offsets, &mut out);
    Ok(out)
}

/// Where the matrices start, over the broadcast leading dimensions.
fn starts(x: &Tensor, batch: &[usize]) -> Result<Layout> {
    Ok(x.layout().select(-1, 0)?.select(-1, 0)?.expand(batch)?)
}

/// The last two dimensions, from the start of the storage.
fn matrix<T: Element>(x: &Tensor) -> Matrix<'_, T> {
    let strides = x.layout().strides();
    Matrix::new(x.block(), strides[strides.len() - 2], strides[strides.len() - 1])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{Recipe, assert_close, at, cases, indices, of_shape, pairs};
    use crate::{Key, MatmulPrecision, with_float32_matmul_precision};

    fn check(x: &Tensor, y: &Tensor, batch: &[usize]) {
        let [m, k, n] = [x.size(-2).unwrap(), x.size(-1).unwrap(), y.size(-1).unwrap()];
        let shape = [batch, &[m, n]].concat();
        let element = |index: &Vec<usize>| {
            let (batch, ij) = index.split_at(index.len() - 2);
            let term = |l: usize| {
                at(x, &[batch, &[ij[0], l]].concat()) * at(y, &[batch, &[l, ij[1]]].concat())
            };
            (0..k).map(term).sum()
        };
        let expected: Vec<f64> = indices(&shape).iter().map(element).collect();
        assert_close(&x.matmul(y).unwrap(), &shape, &expected);
    }

    /// Operands of matching shapes whose leading dimensions broadcast.
    fn operands() -> impl Strategy<Value = (Recipe, Recipe, Vec<usize>)> {
        (pairs(), 0..6usize, 0..6usize, 0..6usize).prop_map(|((a, b, batch), m, k, n)| {
            let x = a.with_shape(&[&a.shape[..], &[m, k]].concat());
            let y = b.with_shape(&[&b.shape[..], &[k, n]].concat());
            (x, y, batch)
        })
    }

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn batches_broadcast_and_strides_do_not_matter((a, b, batch) in operands()) {
            for dtype in [DType::F32, DType::F64, DType::BF16] {
                check(&a.make(dtype), &b.make(dtype), &batch);
            }
        }

        #[test]
        fn rows_do_not_depend_on_their_company(k in 1..600usize, n in 1..40usize, seed in any::<u64>(), turned in any::<bool>()) {
            for dtype in [DType::F32, DType::F64, DType::BF16] {
                let x = Tensor::randn([9, k], dtype, Key::new(seed)).unwrap();
                let w = Tensor::randn([n, k], dtype, Key::new(seed ^ 1)).unwrap().t().unwrap();
                let w = if turned { w.contiguous() } else { w };
                let all = x.matmul(&w).unwrap();
                for rows in [1, 2, 5] {
                    let some = x.narrow(0, 3, rows).unwrap();
                    prop_assert!(some.matmul(&w).unwrap().equal(&all.narrow(0, 3, rows).unwrap()));
                    let batched = some.unsqueeze(0).unwrap().expand([2, rows, k]).unwrap();
                    let twice = batched.matmul(&w).unwrap();
                    prop_assert!(twice.select(0, 1).unwrap().equal(&all.narrow(0, 3, rows).unwrap()));
                }
            }
        }

        #[test]
        fn a_transpose_turns_the_product(a in of_shape(Just(vec![3, 4])), b in of_shape(Just(vec![4, 2]))) {
            let (x, y) = (a.make(DType::F64), b.make(DType::F64));
            let left = x.matmul(&y).unwrap().t().unwrap();
            let right = y.t().unwrap().matmul(&x.t().unwrap()).unwrap();
            prop_assert!(left.allclose(&right, 1e-12, 1e-12).unwrap());
        }
    }

    #[test]
    fn vectors_are_rows_on_the_left_and_columns_on_the_right() {
        let (a, v) = (Tensor::new([[1.0, 2.0], [3.0, 4.0]]), Tensor::new([1.0, 10.0]));
        let is = |x: Result<Tensor>, shape: &[usize], expected: &[f64]| {
            assert_close(&x.unwrap(), shape, expected);
        };
        is(v.matmul(&v), &[], &[101.0]);
        is(a.matmul(&v), &[2], &[21.0, 43.0]);
        is(v.matmul(&a), &[2], &[31.0, 42.0]);
        let batch = a.expand([3, 2, 2]).unwrap();
        is(batch.matmul(&v), &[3, 2], &[21.0, 43.0].repeat(3));
        is(v.matmul(&batch), &[3, 2], &[31.0, 42.0].repeat(3));
    }

    #[test]
    fn bf16_is_summed_in_f32() {
        let x = Tensor::full([1, 1000], 1.0, DType::BF16).unwrap();
        assert_eq!(x.matmul(&x.t().unwrap()).unwrap().item().unwrap(), 1000.0);
    }

    #[test]
    fn precision_is_scoped_and_stays_in_its_bound() {
        let x = Tensor::randn([20, 300], DType::F32, Key::new(1)).unwrap();
        let w = Tensor::randn([300, 30], DType::F32, Key::new(2)).unwrap();
        let exact = x.matmul(&w).unwrap();
        for precision in [MatmulPrecision::High, MatmulPrecision::Medium] {
            let rough = with_float32_matmul_precision(precision, || x.matmul(&w).unwrap());
            // A sum of 300 products whose operands may each be off by 2⁻⁹.
            assert!(rough.allclose(&exact, 0.0, 300.0 * 2f64.powi(-8)).unwrap());
            let alone = with_float32_matmul_precision(precision, || {
                x.narrow(0, 7, 1).unwrap().matmul(&w).unwrap()
            });
            assert!(alone.equal(&rough.narrow(0, 7, 1).unwrap()));
        }
        assert!(x.matmul(&w).unwrap().equal(&exact));
    }

    #[test]
    fn faults_are_errors_with_the_shapes_as_given() {
        let (a, v) = (Tensor::zeros([2, 3], DType::F32).unwrap(), Tensor::new([1.0, 2.0]));
        let message = |r: Result<Tensor>| r.unwrap_err().to_string();
        assert_eq!(message(a.matmul(&v)), "matmul: shapes [2, 3] and [2] do not fit together");
        assert_eq!(
            message(v.matmul(&v.narrow(0, 0, 1).unwrap())),
            "matmul: shapes [2] and [1] do not fit together"
        );
        assert!(a.matmul(&a).is_err() && a.matmul(&Tensor::new(1.0)).is_err());
        assert!(Tensor::new([1]).matmul(&Tensor::new([1])).is_err());
        let b = Tensor::zeros([4, 3, 2], DType::F32).unwrap();
        let c = Tensor::zeros([3, 2, 3], DType::F32).unwrap();
        assert_eq!(
            message(b.matmul(&c)),
            "matmul: shapes [4, 3, 2] and [3, 2, 3] do not fit together"
        );
    }

    #[test]
    fn threads_do_not_change_the_bits() {
        let x = Tensor::randn([64, 300], DType::F32, Key::new(1)).unwrap();
        let w = Tensor::randn([300, 200], DType::F32, Key::new(2)).unwrap();
        let on = |threads| gradus_cpu::pool::with_threads(threads, || x.matmul(&w).unwrap());
        assert!(on(1).equal(&on(4)));
    }
}
