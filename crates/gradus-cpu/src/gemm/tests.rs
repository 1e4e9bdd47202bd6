//! Bits of the product against a scalar loop, for every level, stride, split and regime.

use std::ops::Range;

use gradus_core::UnaryOp;
use proptest::prelude::*;

use super::{
    Activation, Beta, ColumnBias, Dims, KC, Matrix, Operand, Output, PackedB, Residual, RowBias,
    Scale, Widened, gemm, gemm_batched, gemm_batched_with, gemm_with,
};
use crate::elementwise;
use crate::isa::{self, Level};
use crate::pool;

trait Scalar: super::GemmElement + crate::math::Float<Wide = Self> + crate::math::Real {
    fn madd(self, b: Self, c: Self, level: Level) -> Self;
    fn plus(self, b: Self) -> Self;
    fn from(x: f64) -> Self;
    fn same(self, other: Self) -> bool;
}

macro_rules! scalar {
    ($t:ty) => {
        impl Scalar for $t {
            fn madd(self, b: Self, c: Self, level: Level) -> Self {
                if level == Level::Generic { self * b + c } else { self.mul_add(b, c) }
            }
            fn plus(self, b: Self) -> Self {
                self + b
            }
            fn from(x: f64) -> Self {
                x as $t
            }
            fn same(self, other: Self) -> bool {
                self.to_bits() == other.to_bits() || (self.is_nan() && other.is_nan())
            }
        }
    };
}
scalar!(f32);
scalar!(f64);

/// The contract, written as a scalar loop.
fn oracle<T: Scalar>(dims: Dims, a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T], beta: Beta) {
    for i in 0..dims.m {
        for j in 0..dims.n {
            let mut total = (beta == Beta::One).then(|| c[i * dims.n + j]);
            for k0 in (0..dims.k).step_by(KC) {
                let mut sum = T::from(0.0);
                for k in k0..(k0 + KC).min(dims.k) {
                    let x = a.data[i * a.row_stride + k * a.col_stride];
                    let y = b.data[k * b.row_stride + j * b.col_stride];
                    sum = x.madd(y, sum, isa::level());
                }
                total = Some(total.map_or(sum, |t| t.plus(sum)));
            }
            c[i * dims.n + j] = total.unwrap_or(T::from(0.0));
        }
    }
}

fn fill<T: Scalar>(len: usize, seed: u64) -> Vec<T> {
    let mut state = seed | 1;
    (0..len)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            T::from((state >> 11) as f64 / (1u64 << 53) as f64 - 0.5)
        })
        .collect()
}

/// How a matrix lies in memory.
#[derive(Debug, Clone, Copy)]
enum Lie {
    Rows,
    Columns,
    Gaps,
    RepeatedRow,
    RepeatedColumn,
}

fn strides(lie: Lie, rows: usize, cols: usize) -> (usize, usize) {
    match lie {
        Lie::Rows => (cols, 1),
        Lie::Columns => (1, rows),
        Lie::Gaps => (3 * cols + 2, 3),
        Lie::RepeatedRow => (0, 1),
        Lie::RepeatedColumn => (1, 0),
    }
}

fn lies() -> impl Strategy<Value = Lie> {
    prop_oneof![
        Just(Lie::Rows),
        Just(Lie::Columns),
        Just(Lie::Gaps),
        Just(Lie::RepeatedRow),
        Just(Lie::RepeatedColumn)
    ]
}

fn assert_same<T: Scalar>(got: &[T], want: &[T], what: &str) {
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        assert!(g.same(*w), "{what}: element {i} is {g:?}, not {w:?}");
    }
}

fn check<T: Scalar>(dims: Dims, la: Lie, lb: Lie, beta: Beta, special: bool) {
    let Dims { m, n, k } = dims;
    let ((ars, acs), (brs, bcs)) = (strides(la, m, k), strides(lb, k, n));
    let len = |r: usize, c: usize, rs: usize, cs: usize| {
        if r * c == 0 { 0 } else { (r - 1) * rs + (c - 1) * cs + 1 }
    };
    let mut a = fill::<T>(len(m, k, ars, acs), 3);
    let mut b = fill::<T>(len(k, n, brs, bcs), 5);
    if special {
        for (i, x) in
            [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 1e-40].into_iter().enumerate()
        {
            if let Some(e) = a.get_mut(i * 37 + 1) {
                *e = T::from(x);
            }
            if let Some(e) = b.get_mut(i * 53 + 2) {
                *e = T::from(x);
            }
        }
    }
    let (a, b) = (Matrix::new(&a, ars, acs), Matrix::new(&b, brs, bcs));
    let start = fill::<T>(m * n, 7);
    for &level in isa::available() {
        isa::with_level(level, || {
            let mut want = start.clone();
            oracle(dims, a, b, &mut want, beta);
            for threads in [1, 2, 3, 8] {
                let mut got = start.clone();
                pool::with_threads(threads, || gemm(dims, a, b, &mut got, beta));
                assert_same(&got, &want, &format!("{level:?}, {threads} threads"));
            }
            if m > 0 {
                let i = m / 2;
                let row = Matrix { data: a.data.get(i * ars..).unwrap_or(&[]), ..a };
                let mut got = start[i * n..(i + 1) * n].to_vec();
                gemm(Dims { m: 1, ..dims }, row, b, &mut got, beta);
                assert_same(&got, &want[i * n..(i + 1) * n], "a row alone");
            }
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn bits_are_those_of_a_scalar_loop(
        m in 0usize..40, n in 0usize..150, k in prop_oneof![0usize..70, 250usize..530],
        la in lies(), lb in lies(), one in any::<bool>(), special in any::<bool>(),
    ) {
        let beta = if one { Beta::One } else { Beta::Zero };
        check::<f32>(Dims { m, n, k }, la, lb, beta, special);
        check::<f64>(Dims { m, n, k }, la, lb, beta, special);
    }

    #[test]
    fn few_columns_keep_the_order(
        m in 1usize..200, n in 1usize..9, k in 1usize..300, la in lies(), lb in lies(),
        one in any::<bool>(),
    ) {
        let beta = if one { Beta::One } else { Beta::Zero };
        check::<f32>(Dims { m, n, k }, la, lb, beta, false);
    }
}

#[test]
fn packed_and_blocked_shapes_keep_the_order() {
    for (la, lb) in
        [(Lie::Rows, Lie::Rows), (Lie::Columns, Lie::Columns), (Lie::Rows, Lie::Columns)]
    {
        check::<f32>(Dims { m: 301, n: 645, k: 300 }, la, lb, Beta::Zero, true);
        check::<f32>(Dims { m: 64, n: 256, k: 256 }, la, lb, Beta::One, false);
        check::<f64>(Dims { m: 150, n: 333, k: 260 }, la, lb, Beta::Zero, false);
    }
}

#[test]
fn batches_equal_single_products() {
    for (dims, batch) in [(Dims { m: 5, n: 7, k: 9 }, 40), (Dims { m: 64, n: 70, k: 80 }, 3)] {
        let Dims { m, n, k } = dims;
        let a = fill::<f32>(batch * m * k, 1);
        let b = fill::<f32>(k * n, 2);
        let (a, b) = (Matrix::new(&a, k, 1), Matrix::new(&b, n, 1));
        let offsets: Vec<_> = (0..batch).map(|i| (i * m * k, 0)).collect();
        let mut want = vec![0.0; batch * m * n];
        for (i, c) in want.chunks_mut(m * n).enumerate() {
            gemm(dims, Matrix { data: &a.data[i * m * k..], ..a }, b, c, Beta::Zero);
        }
        for threads in [1, 3] {
            let mut got = vec![0.0; batch * m * n];
            pool::with_threads(threads, || {
                gemm_batched(dims, a, b, &offsets, &mut got, Beta::Zero);
            });
            assert_same(&got, &want, "batch");
        }
    }
}

#[test]
#[should_panic(expected = "gemm: b with k = 3 reaches element 11 of 10")]
fn an_operand_beyond_its_slice_is_refused() {
    let (a, b) = ([0.0f32; 6], [0.0f32; 10]);
    let dims = Dims { m: 2, n: 4, k: 3 };
    gemm(dims, Matrix::new(&a, 3, 1), Matrix::new(&b, 4, 1), &mut [0.0; 8], Beta::Zero);
}

#[test]
#[should_panic(expected = "strides beyond the address space")]
fn strides_that_overflow_are_refused() {
    let (a, b) = ([0.0f32; 6], [0.0f32; 12]);
    let dims = Dims { m: 3, n: 4, k: 3 };
    let a = Matrix::new(&a, usize::MAX / 2 + 1, 1);
    gemm(dims, a, Matrix::new(&b, 4, 1), &mut [0.0; 12], Beta::Zero);
}

/// A matrix that can only be asked for panels.
struct Hidden<'a, T>(Matrix<'a, T>);

impl<T: Scalar> Operand<T> for Hidden<'_, T> {
    fn pack(&self, k: Range<usize>, x: Range<usize>, out: &mut [T], width: usize) {
        assert!(k.len() <= KC && x.len() <= width && out.len() >= k.len() * width);
        for (k, out) in k.zip(out.chunks_mut(width)) {
            for (x, out) in x.clone().zip(out) {
                *out = self.0.data[k * self.0.row_stride + x * self.0.col_stride];
            }
        }
    }
}

fn check_operands<T: Scalar>(dims: Dims, la: Lie, lb: Lie, beta: Beta) {
    let Dims { m, n, k } = dims;
    let (a, b) = (fill::<T>((3 * k + 2) * m + 3 * k, 3), fill::<T>((3 * n + 2) * k + 3 * n, 5));
    let ((ars, acs), (brs, bcs)) = (strides(la, m, k), strides(lb, k, n));
    let (a, b) = (Matrix::new(&a, ars, acs), Matrix::new(&b, brs, bcs));
    let start = fill::<T>(m * n, 7);
    for &level in isa::available() {
        isa::with_level(level, || {
            let mut want = start.clone();
            oracle(dims, a, b, &mut want, beta);
            let packed = PackedB::new(&b, k, n);
            let foreign = isa::with_level(Level::Generic, || PackedB::new(&b, k, n));
            for threads in [1, 3] {
                pool::with_threads(threads, || {
                    let mut got = start.clone();
                    gemm_with(
                        dims,
                        &Hidden(a.t()),
                        &Hidden(b),
                        Output::new(&mut got, n),
                        beta,
                        &(),
                    );
                    assert_same(&got, &want, "hidden operands");
                    for b in [&packed, &foreign] {
                        let mut got = start.clone();
                        gemm_with(dims, &a.t(), b, Output::new(&mut got, n), beta, &());
                        assert_same(&got, &want, &format!("{level:?}, packed before"));
                    }
                });
            }
        });
    }
}

fn check_epilogues<T: Scalar>(dims: Dims, beta: Beta) {
    let Dims { m, n, k } = dims;
    let (a, b, start) = (fill::<T>(m * k, 3), fill::<T>(n * k, 5), fill::<T>(m * n, 7));
    let (a, b) = (Matrix::new(&a, k, 1), Matrix::new(&b, n, 1));
    let (per_row, per_column, rest) = (fill::<T>(m, 8), fill::<T>(n, 9), fill::<T>(m * n, 10));
    for &level in isa::available() {
        isa::with_level(level, || {
            let mut plain = start.clone();
            oracle(dims, a, b, &mut plain, beta);
            let run = |epilogue: &dyn Fn(Output<'_, T>)| {
                let mut got = start.clone();
                pool::with_threads(3, || epilogue(Output::new(&mut got, n)));
                got
            };
            let want = |f: &dyn Fn(usize, usize, T) -> T| -> Vec<T> {
                plain.iter().enumerate().map(|(i, x)| f(i / n, i % n, *x)).collect()
            };
            let bias = ColumnBias(&per_column);
            let got =
                run(&|out| gemm_with(dims, &a.t(), &b, out, beta, &(bias, RowBias(&per_row))));
            assert_same(&got, &want(&|i, j, x| x + per_column[j] + per_row[i]), "biases");
            let tail = (Scale(T::from(0.3)), Some(Residual(Matrix::new(&rest, n, 1))));
            let got = run(&|out| gemm_with(dims, &a.t(), &b, out, beta, &tail));
            assert_same(&got, &want(&|i, j, x| x * T::from(0.3) + rest[i * n + j]), "residual");
            let tail = Residual(Matrix::new(&rest, 1, m));
            let got = run(&|out| gemm_with(dims, &a.t(), &b, out, beta, &tail));
            assert_same(&got, &want(&|i, j, x| x + rest[i + j * m]), "transposed residual");
            for (activation, op) in [
                (Activation::Relu, UnaryOp::Relu),
                (Activation::Gelu, UnaryOp::Gelu),
                (Activation::GeluTanh, UnaryOp::GeluTanh),
                (Activation::Silu, UnaryOp::Silu),
                (Activation::Tanh, UnaryOp::Tanh),
                (Activation::Sigmoid, UnaryOp::Sigmoid),
            ] {
                let mut want = plain.clone();
                elementwise::unary(op, &plain, &mut want);
                let got = run(&|out| gemm_with(dims, &a.t(), &b, out, beta, &activation));
                assert_same(&got, &want, &format!("{level:?} {activation:?}"));
            }
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn operands_of_any_kind_give_the_same_bits(
        m in 1usize..60, n in 1usize..150, k in prop_oneof![0usize..70, 250usize..530],
        la in lies(), lb in lies(), one in any::<bool>(),
    ) {
        let beta = if one { Beta::One } else { Beta::Zero };
        check_operands::<f32>(Dims { m, n, k }, la, lb, beta);
        check_operands::<f64>(Dims { m, n, k }, la, lb, beta);
    }

    #[test]
    fn epilogues_are_the_composite(
        m in 1usize..60, n in 1usize..90, k in prop_oneof![0usize..20, 250usize..530], one in any::<bool>(),
    ) {
        let beta = if one { Beta::One } else { Beta::Zero };
        check_epilogues::<f32>(Dims { m, n, k }, beta);
        check_epilogues::<f64>(Dims { m, n, k }, beta);
    }
}

#[test]
fn results_may_lie_side_by_side_or_apart() {
    let (dims, batch) = (Dims { m: 5, n: 7, k: 9 }, 4);
    let Dims { m, n, k } = dims;
    let (a, b) = (fill::<f32>(batch * m * k, 1), fill::<f32>(batch * k * n, 2));
    let operands =
        |i: usize| (Matrix::new(&a[i * m * k..], k, 1).t(), Matrix::new(&b[i * k * n..], n, 1));
    for (row, stride) in [(batch * n + 3, n), (n, m * n), (n + 2, m * (n + 2) + 1)] {
        let mut got = vec![-1.0; 400];
        let out = Output::new(&mut got, row).batch_stride(stride);
        gemm_batched_with(dims, batch, operands, out, Beta::Zero, |i| Scale(i as f32));
        for i in 0..batch {
            let (mut want, (a, b)) = (vec![0.0; m * n], operands(i));
            gemm_with(dims, &a, &b, Output::new(&mut want, n), Beta::Zero, &Scale(i as f32));
            for r in 0..m {
                let got = &mut got[i * stride + r * row..][..n];
                assert_same(got, &want[r * n..][..n], "a result");
                got.fill(-1.0);
            }
        }
        assert!(got.iter().all(|x| *x == -1.0), "something was written between the rows");
    }
}

#[test]
#[should_panic(expected = "results of c overlap")]
fn results_that_overlap_are_refused() {
    let dims = Dims { m: 2, n: 2, k: 1 };
    let out = &mut [0.0f32; 20];
    let operands = |_| (Matrix::new(&[1.0; 2], 1, 1), Matrix::new(&[1.0; 2], 1, 1));
    let out = Output::new(out, 3).batch_stride(2);
    gemm_batched_with(dims, 2, operands, out, Beta::Zero, |_| ());
}

#[test]
#[should_panic(expected = "gemm: packed b")]
fn a_packed_operand_that_is_too_small_is_refused() {
    let packed = PackedB::new(&Matrix::new(&[1.0f32; 6], 2, 1), 3, 2);
    let out = &mut [0.0; 6];
    let dims = Dims { m: 1, n: 3, k: 3 };
    gemm_with(dims, &Matrix::new(&[1.0; 3], 1, 1), &packed, Output::new(out, 3), Beta::Zero, &());
}

/// y = x·Wᵀ for a weight that starts anywhere in its line of memory, also in bf16.
fn check_few_rows(dims: Dims, offset: usize, beta: Beta, special: bool) {
    let Dims { m, n, k } = dims;
    let (x, start) = (fill::<f32>(m * k, 3), fill::<f32>(m * n, 7));
    let mut w: Vec<_> = fill(offset + n * k, 5).into_iter().map(half::bf16::from_f32).collect();
    if special {
        for (i, value) in
            [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0, 1e-40].into_iter().enumerate()
        {
            let place = offset + i * 71 % (n * k);
            w[place] = half::bf16::from_f32(value);
        }
    }
    let wide: Vec<f32> = w.iter().map(|w| w.to_f32()).collect();
    let wider: Vec<f64> = wide.iter().map(|w| Into::<f64>::into(*w)).collect();
    let (x, w) = (Matrix::new(&x, k, 1), Matrix::new(&w[offset..], 1, k));
    let wide = Matrix::new(&wide[offset..], 1, k);
    let (x64, start64) = (fill::<f64>(m * k, 3), fill::<f64>(m * n, 7));
    let (x64, wider) = (Matrix::new(&x64, k, 1), Matrix::new(&wider[offset..], 1, k));
    for &level in isa::available() {
        isa::with_level(level, || {
            let (mut want, mut want64) = (start.clone(), start64.clone());
            oracle(dims, x, wide, &mut want, beta);
            oracle(dims, x64, wider, &mut want64, beta);
            for threads in [1, 3] {
                pool::with_threads(threads, || {
                    let (mut got, mut got64) = (start.clone(), start64.clone());
                    gemm(dims, x, wide, &mut got, beta);
                    assert_same(&got, &want, &format!("{level:?}, f32"));
                    gemm(dims, x64, wider, &mut got64, beta);
                    assert_same(&got64, &want64, &format!("{level:?}, f64"));
                    let mut got = start.clone();
                    gemm_with(dims, &x.t(), &Widened(w), Output::new(&mut got, n), beta, &());
                    assert_same(&got, &want, &format!("{level:?}, bf16"));
                });
            }
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn few_rows_keep_the_order(
        m in 1usize..11, n in 1usize..70, k in prop_oneof![1usize..70, 250usize..530, (1usize..17).prop_map(|k| 32 * k)],
        offset in 0usize..40, one in any::<bool>(), special in any::<bool>(),
    ) {
        let beta = if one { Beta::One } else { Beta::Zero };
        check_few_rows(Dims { m, n, k }, offset, beta, special);
    }
}

#[test]
fn a_bf16_operand_lies_any_way() {
    let dims = Dims { m: 40, n: 33, k: 300 };
    let Dims { m, n, k } = dims;
    let (x, w) = (fill::<f32>(m * k, 3), fill::<f32>(3 * n * k, 5));
    let w: Vec<_> = w.into_iter().map(half::bf16::from_f32).collect();
    let wide: Vec<f32> = w.iter().map(|w| w.to_f32()).collect();
    for (rs, cs) in [(n, 1), (1, k), (3 * n, 3), (0, 1), (1, 0)] {
        let (mut got, mut want) = (vec![0.0; m * n], vec![0.0; m * n]);
        let x = Matrix::new(&x, k, 1);
        gemm(dims, x, Matrix::new(&wide, rs, cs), &mut want, Beta::Zero);
        let w = Widened(Matrix::new(&w, rs, cs));
        gemm_with(dims, &x.t(), &w, Output::new(&mut got, n), Beta::Zero, &());
        assert_same(&got, &want, "right");
        // And on the left, as a transpose.
        let (mut got, dims) = (vec![0.0; m * n], Dims { m: n, n: m, k });
        gemm_with(dims, &w, &x.t(), Output::new(&mut got, m), Beta::Zero, &());
        let turned: Vec<f32> = (0..m * n).map(|i| got[i % n * m + i / n]).collect();
        assert_same(&turned, &want, "left");
    }
}
