//! Bits of every engine against scalar code, for every stride, split and regime.

use std::ops::Range;

use half::bf16;
use proptest::prelude::*;

use super::super::epilogue::{Activation, ColumnBias};
use super::super::matrix::{Beta, Dims, KC, Matrix};
use super::super::operand::Operand;
use super::super::output::Output;
use super::super::precision::{MatmulPrecision, with_float32_matmul_precision};
use super::super::view::{Target, View};
use super::super::{PackedB, Widened, gemm, gemm_with};
use super::engine::Engine;
use super::layout::{Form, Part, Planes, STEP, WIDTH};
use super::pack::{self, Load, Strip};
use super::packed::PackedBf16;
use super::product::Product;
use super::source::{Rounded, Source};
use super::store::StoreF32;
use super::{emulate, entry, gemm_bf16, gemm_bf16_batched, gemm_bf16_with, round};
use crate::isa::{self, Level};
use crate::pool;

/// Every engine that this machine can run, and tiles in scalar code.
fn engines() -> Vec<Engine> {
    let mut engines = vec![Engine::EmulatedAmx];
    for &level in isa::available() {
        engines.push(Engine::Wide(level));
        let current = isa::with_level(level, Engine::current);
        if !engines.contains(&current) {
            engines.push(current);
        }
    }
    engines
}

fn multiplies_then_adds(engine: Engine) -> bool {
    engine == Engine::Wide(Level::Generic)
}

/// The K order of an engine for one output; `a` and `b` are bits along k.
fn oracle(engine: Engine, a: &[u16], b: &[u16], start: Option<f32>) -> f32 {
    let at = |v: &[u16], k: usize| v.get(k).copied().unwrap_or(0);
    let mut total = start;
    match engine {
        Engine::Wide(_) => {
            for (a, b) in a.chunks(KC).zip(b.chunks(KC)) {
                let mut sum = 0.0f32;
                for (x, y) in
                    a.iter().map(|x| round::widen(*x)).zip(b.iter().map(|y| round::widen(*y)))
                {
                    sum =
                        if multiplies_then_adds(engine) { x * y + sum } else { x.mul_add(y, sum) };
                }
                total = Some(total.map_or(sum, |t| t + sum));
            }
        }
        #[cfg(target_arch = "x86_64")]
        Engine::Dot => {
            for k in (0..a.len()).step_by(2) {
                let pair = |v| [at(v, k), at(v, k + 1)];
                total = Some(emulate::dot(total.unwrap_or(0.0), pair(a), pair(b)));
            }
        }
        _ => {
            for k in (0..a.len()).step_by(STEP) {
                let step = |v| std::array::from_fn(|i| at(v, k + i));
                total = Some(emulate::tile(total.unwrap_or(0.0), &step(a), &step(b)));
            }
        }
    }
    total.unwrap_or(0.0)
}

/// Numbers in −0.5 .. 0.5.
fn numbers(len: usize, seed: u64) -> Vec<f32> {
    let mut state = seed | 1;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    };
    (0..len).map(|_| next()).collect()
}

const SPECIAL: [f32; 8] =
    [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0, 1e-39, -1e-40, f32::MAX, f32::MIN_POSITIVE];

fn values(len: usize, seed: u64, special: bool) -> Vec<f32> {
    let mut values = numbers(len, seed);
    if special {
        for (i, x) in SPECIAL.into_iter().enumerate() {
            if let Some(v) = values.get_mut(i * 37 + seed as usize % 5) {
                *v = x;
            }
        }
    }
    values
}

fn halves(values: &[f32]) -> Vec<bf16> {
    values.iter().map(|x| bf16::from_f32(*x)).collect()
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

fn lies() -> impl Strategy<Value = Lie> {
    use Lie::{Columns, Gaps, RepeatedColumn, RepeatedRow, Rows};
    prop_oneof![Just(Rows), Just(Columns), Just(Gaps), Just(RepeatedRow), Just(RepeatedColumn)]
}

/// Strides of a matrix, and the elements that it spans.
fn strides(lie: Lie, rows: usize, cols: usize) -> (usize, usize, usize) {
    let (rs, cs) = match lie {
        Lie::Rows => (cols, 1),
        Lie::Columns => (1, rows),
        Lie::Gaps => (3 * cols + 2, 3),
        Lie::RepeatedRow => (0, 1),
        Lie::RepeatedColumn => (1, 0),
    };
    let len = if rows * cols == 0 { 0 } else { (rows - 1) * rs + (cols - 1) * cs + 1 };
    (rs, cs, len)
}

fn same(x: f32, y: f32) -> bool {
    x.to_bits() == y.to_bits() || (x.is_nan() && y.is_nan())
}

fn assert_same(got: &[f32], want: &[f32], what: &str) {
    assert_eq!(got.len(), want.len());
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        assert!(same(*g, *w), "{what}: element {i} is {g:?}, not {w:?}");
    }
}

/// All outputs by the oracle.
fn expected(
    engine: Engine,
    Dims { m, n, k }: Dims,
    a: &Matrix<'_, bf16>,
    b: &Matrix<'_, bf16>,
) -> Vec<f32> {
    let bits = |x: &Matrix<'_, bf16>, i: usize, j: usize| {
        x.data[i * x.row_stride + j * x.col_stride].to_bits()
    };
    let row = |i: usize| (0..k).map(|p| bits(a, i, p)).collect::<Vec<_>>();
    let col = |j: usize| (0..k).map(|p| bits(b, p, j)).collect::<Vec<_>>();
    let (rows, cols): (Vec<_>, Vec<_>) = ((0..m).map(row).collect(), (0..n).map(col).collect());
    rows.iter().flat_map(|r| cols.iter().map(|c| oracle(engine, r, c, None))).collect()
}

fn product<C: super::Bf16Output>(
    engine: Engine,
    dims: Dims,
    a: Matrix<'_, bf16>,
    b: &impl Source,
    c: &mut [C],
) {
    entry::run(engine, dims, 1, |_| (a.t(), b), Output::new(c, dims.n), &());
}

/// Both kinds of outputs, by any number of threads, and a row alone.
fn check(dims: Dims, (la, lb): (Lie, Lie), a: &[bf16], b: &[bf16], engines: &[Engine]) {
    let Dims { m, n, k } = dims;
    let ((ars, acs, _), (brs, bcs, _)) = (strides(la, m, k), strides(lb, k, n));
    let (a, b) = (Matrix::new(a, ars, acs), Matrix::new(b, brs, bcs));
    for &engine in engines {
        let want = expected(engine, dims, &a, &b);
        for threads in [1, 2, 3, 8] {
            let mut got = vec![f32::NAN; m * n];
            pool::with_threads(threads, || product(engine, dims, a, &b, &mut got));
            assert_same(&got, &want, &format!("{engine:?}, {threads} threads"));
        }
        let mut got = vec![bf16::NAN; m * n];
        pool::with_threads(2, || product(engine, dims, a, &b, &mut got));
        let got: Vec<f32> = got.iter().map(|x| x.to_f32()).collect();
        let rounded: Vec<f32> = want.iter().map(|x| bf16::from_f32(*x).to_f32()).collect();
        assert_same(&got, &rounded, &format!("{engine:?} as bf16"));
        if m > 0 {
            let (i, mut got) = (m / 2, vec![f32::NAN; n]);
            let row = Matrix { data: a.data.get(i * ars..).unwrap_or(&[]), ..a };
            product(engine, Dims { m: 1, ..dims }, row, &b, &mut got);
            assert_same(&got, &want[i * n..(i + 1) * n], &format!("{engine:?}: a row alone"));
        }
    }
}

fn lengths(Dims { m, n, k }: Dims, (la, lb): (Lie, Lie)) -> (usize, usize) {
    (strides(la, m, k).2, strides(lb, k, n).2)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn bits_are_those_of_scalar_code(
        m in 0usize..70, n in 0usize..140, k in prop_oneof![0usize..70, 250usize..560],
        lies in (lies(), lies()), special in any::<bool>(),
    ) {
        let dims = Dims { m, n, k };
        let (a, b) = lengths(dims, lies);
        let (a, b) = (halves(&values(a, 3, special)), halves(&values(b, 5, special)));
        check(dims, lies, &a, &b, &engines());
    }

    #[test]
    fn any_bits_are_multiplied_as_the_instructions_do(
        bits in prop::collection::vec(any::<(u16, u16)>(), 33 * 5), k in 1usize..34,
    ) {
        let a: Vec<_> = bits.iter().map(|b| bf16::from_bits(b.0)).collect();
        let b: Vec<_> = bits.iter().map(|b| bf16::from_bits(b.1)).collect();
        let dims = Dims { m: 4, n: 5, k };
        check(dims, (Lie::Rows, Lie::Columns), &a[..4 * k], &b[..5 * k], &engines());
    }

    #[test]
    fn vector_packing_is_plain_packing(
        x in 0usize..33, k in 1usize..100, width in 1usize..33, lie in lies(), special in any::<bool>(),
    ) {
        let x = x.min(width);
        let (ks, xs, len) = strides(lie, k, x);
        let wide = values(len, 9, special);
        check_packing(View { ptr: halves(&wide).as_ptr(), ks, xs }, (k, x), width, &[Part::Whole]);
        for parts in [Planes::ONE.a, Planes::THREE.a, Planes::THREE.b] {
            check_packing(View { ptr: wide.as_ptr(), ks, xs }, (k, x), width, parts);
        }
    }
}

/// NaN may carry another payload.
fn check_packing<S: Load>(
    from: View<S>,
    (k, x): (usize, usize),
    width: usize,
    parts: &'static [Part],
) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512bf16") && is_x86_feature_detected!("avx512bw") {
        for (form, width) in [(Form::Rows, width), (Form::Pairs, WIDTH)] {
            let strip = Strip { from, k, x, width, form, parts };
            let (mut got, mut want) = (vec![7u16; strip.len()], vec![9u16; strip.len()]);
            // SAFETY: the strip is inside the values.
            unsafe { pack::plain(&strip, &mut want) }
            // SAFETY: as above, and the machine has the instructions.
            unsafe { super::pack_x86::vector(&strip, &mut got) }
            for (i, (g, w)) in got.iter().zip(&want).enumerate() {
                let (x, y) = (round::widen(*g), round::widen(*w));
                assert!(g == w || (x.is_nan() && y.is_nan()), "{form:?} {i}: {g:04x} not {w:04x}");
            }
        }
    }
}

#[test]
fn large_and_long_products_keep_the_order() {
    let fast: Vec<Engine> = engines().into_iter().filter(|e| *e == Engine::current()).collect();
    for (m, n, k, lies) in [
        (301, 333, 300, (Lie::Rows, Lie::Rows)),
        (50, 290, 2100, (Lie::Columns, Lie::Rows)),
        (64, 40, 5000, (Lie::Rows, Lie::Columns)),
        (2060, 33, 40, (Lie::Rows, Lie::Columns)),
        (49, 2090, 30, (Lie::Columns, Lie::Columns)),
        (3, 300, 1100, (Lie::Rows, Lie::Columns)),
    ] {
        let dims = Dims { m, n, k };
        let (a, b) = lengths(dims, lies);
        check(dims, lies, &halves(&numbers(a, 3)), &halves(&numbers(b, 5)), &fast);
    }
}

#[test]
fn the_widened_product_has_the_bits_of_the_f32_product() {
    let dims = Dims { m: 60, n: 50, k: 600 };
    let (a, b) = (halves(&values(60 * 600, 1, true)), halves(&values(600 * 50, 2, true)));
    let wide = |v: &[bf16]| v.iter().map(|x| x.to_f32()).collect::<Vec<_>>();
    let (wide_a, wide_b) = (wide(&a), wide(&b));
    for &level in isa::available() {
        isa::with_level(level, || {
            let (mut got, mut want) = (vec![0.0f32; 3000], vec![0.0f32; 3000]);
            let b = Matrix::new(&b, 50, 1);
            product(Engine::Wide(level), dims, Matrix::new(&a, 600, 1), &b, &mut got);
            let (x, y) = (Matrix::new(&wide_a, 600, 1), Matrix::new(&wide_b, 50, 1));
            gemm(dims, x, y, &mut want, Beta::Zero);
            assert_same(&got, &want, &format!("{level:?}"));
        });
    }
}

#[test]
fn tiles_of_the_machine_equal_the_emulated_ones() {
    if isa::level() < Level::Amx {
        eprintln!("skipped: this machine has no AMX, or it may not be used");
        return;
    }
    for (m, n, k) in [(1, 1, 1), (16, 32, 32), (17, 33, 65), (32, 64, 1100), (100, 70, 600)] {
        let (a, b) = (halves(&values(m * k, 1, true)), halves(&values(k * n, 2, true)));
        let (dims, mut got, mut want) =
            (Dims { m, n, k }, vec![0.0f32; m * n], vec![0.0f32; m * n]);
        let (a, b) = (Matrix::new(&a, k, 1), Matrix::new(&b, n, 1));
        product(Engine::current(), dims, a, &b, &mut got);
        product(Engine::EmulatedAmx, dims, a, &b, &mut want);
        assert_same(&got, &want, &format!("{m}x{n}x{k}"));
    }
}

#[test]
fn packed_weights_and_batches_equal_single_products() {
    for (m, n, k, batch) in [(5, 70, 600, 40), (1, 33, 7, 3), (60, 300, 90, 2)] {
        let (a, b) = (halves(&numbers(batch * m * k, 1)), halves(&numbers(k * n, 2)));
        let (a, b, dims) = (Matrix::new(&a, k, 1), Matrix::new(&b, 1, k), Dims { m, n, k });
        let offsets: Vec<_> = (0..batch).map(|i| (i * m * k, 0)).collect();
        let mut want = vec![bf16::ZERO; batch * m * n];
        let mut got = want.clone();
        let packed = PackedBf16::new(b, k, n);
        assert_eq!(packed.dims(), (k, n));
        for (i, c) in want.chunks_mut(m * n).enumerate() {
            gemm_bf16(dims, a.skip(i * m * k), b, c);
            let mut from_packed = vec![bf16::ZERO; m * n];
            let a = a.skip(i * m * k).t();
            gemm_bf16_with(dims, &a, &packed, Output::new(&mut from_packed, n), &());
            assert_eq!(from_packed, c);
        }
        pool::with_threads(3, || gemm_bf16_batched(dims, a, b, &offsets, &mut got));
        assert_eq!(got, want);
        // The transpose of a packed matrix, as the left operand.
        let mut turned = vec![0.0f32; n * m];
        let dims_turned = Dims { m: n, n: m, k };
        gemm_bf16_with(dims_turned, &packed, &a.t(), Output::new(&mut turned, m), &());
        let turned: Vec<_> =
            (0..m * n).map(|x| bf16::from_f32(turned[x % n * m + x / n])).collect();
        assert_eq!(turned, want[..m * n]);
    }
}

#[test]
fn epilogues_see_sums_before_they_are_rounded() {
    let (x, bias) = (halves(&[1.0, 1.0]), [0.001_953_125f32, -7.0]);
    let (x, mut y) = (Matrix::new(&x, 2, 1), [bf16::NAN; 2]);
    let epilogue = (ColumnBias(&bias), Activation::Relu);
    let w = halves(&[1.0, 1.0, 0.003_906_25, 2.0]);
    let w = Matrix::new(&w, 2, 1);
    gemm_bf16_with(Dims { m: 1, n: 2, k: 2 }, &x.t(), &w, Output::new(&mut y, 2), &epilogue);
    assert_eq!(y.map(bf16::to_f32), [1.007_812_5, 0.0]);
    let none = Matrix::new(&[], 0, 1);
    gemm_bf16_with(Dims { m: 1, n: 2, k: 0 }, &none, &none, Output::new(&mut y, 2), &epilogue);
    assert_eq!(y.map(bf16::to_f32), [0.001_953_125, 0.0]);
}

/// An operand that is not a matrix in memory.
struct Made<'a>(Matrix<'a, f32>);

impl Operand<f32> for Made<'_> {
    fn pack(&self, k: Range<usize>, x: Range<usize>, out: &mut [f32], width: usize) {
        self.0.pack(k, x, out, width);
    }
}

/// `f32` products in planes, from every kind of operand, into old sums and with an epilogue.
fn check_planes(engine: Engine, planes: Planes, dims: Dims, special: bool) {
    let Dims { m, n, k } = dims;
    let (a, b) = (values(m * k, 3, special), values(k * n, 5, special));
    let start = numbers(m * n, 7);
    let bits =
        |x: f32, parts: &[Part]| parts.iter().map(|p| round::part(x, *p)).collect::<Vec<_>>();
    // Every step once per plane product, as if k were longer.
    let planes_of = |value: &dyn Fn(usize) -> f32, parts: &[Part]| -> Vec<u16> {
        let mut all = Vec::new();
        for k0 in (0..k).step_by(STEP) {
            for (p, _) in parts.iter().enumerate() {
                let step =
                    (k0..k0 + STEP).map(|i| if i < k { bits(value(i), parts)[p] } else { 0 });
                all.extend(step);
            }
        }
        all.truncate(if parts.len() == 1 { k } else { all.len() });
        all
    };
    let bias = numbers(n, 11);
    let mut want = start.clone();
    for (place, c) in want.iter_mut().enumerate() {
        let (i, j) = (place / n, place % n);
        let row = planes_of(&|p| a[i * k + p], planes.a);
        let col = planes_of(&|p| b[p * n + j], planes.b);
        *c = oracle(engine, &row, &col, Some(*c)) + bias[j];
    }
    let (a, b) = (Matrix::new(&a, k, 1).t(), Matrix::new(&b, n, 1));
    let product = Product { engine, planes, dims, beta: Beta::One };
    for made in [false, true] {
        let mut got = start.clone();
        let store = StoreF32 {
            c: Target { ptr: got.as_mut_ptr(), stride: n },
            epilogue: ColumnBias(&bias),
        };
        pool::with_threads(3, || {
            let (rounded, made_up) = (Rounded(a), Rounded(Made(a)));
            if made {
                let operands = |_| (&made_up, Rounded(Made(b)));
                // SAFETY: the engine is one of this machine, and the outputs are `m × n`.
                unsafe { product.run(1, operands, |_| &store) }
            } else {
                // SAFETY: as above.
                unsafe { product.run(1, |_| (&rounded, Rounded(b)), |_| &store) }
            }
        });
        assert_same(&got, &want, &format!("{engine:?} {planes:?}"));
    }
}

#[test]
fn f32_products_in_planes_keep_their_order() {
    for (m, n, k) in [(1, 40, 70), (37, 45, 300), (60, 20, 530), (20, 3, 1)] {
        for special in [false, true] {
            for engine in [Engine::EmulatedAmx, Engine::current()] {
                check_planes(engine, Planes::ONE, Dims { m, n, k }, special);
                if !matches!(engine, Engine::Wide(_)) {
                    check_planes(engine, Planes::THREE, Dims { m, n, k }, special);
                }
            }
        }
    }
}

#[test]
fn lowered_products_read_packed_and_bf16_operands_in_place() {
    for (m, n, k) in [(3, 70, 600), (60, 300, 90)] {
        let (a, b) = (numbers(m * k, 1), halves(&numbers(k * n, 2)));
        let wide: Vec<f32> = b.iter().map(|x| x.to_f32()).collect();
        let (a, wide, dims) =
            (Matrix::new(&a, k, 1).t(), Matrix::new(&wide, n, 1), Dims { m, n, k });
        let packed = PackedB::new(&wide, k, n);
        let medium = MatmulPrecision::Medium;
        let rounded = with_float32_matmul_precision(medium, || PackedB::new(&wide, k, n));
        for planes in [Planes::ONE, Planes::THREE] {
            let product = Product { engine: Engine::EmulatedAmx, planes, dims, beta: Beta::Zero };
            let mut results = [(); 4].map(|()| vec![0.0; m * n]);
            for (i, c) in results.iter_mut().enumerate() {
                let c = Target { ptr: c.as_mut_ptr(), stride: n };
                let store = StoreF32 { c, epilogue: () };
                let widened = Widened(Matrix::new(&b, n, 1));
                match i {
                    // SAFETY: the engine needs no instructions, and the outputs are `m × n`.
                    0 => unsafe { product.run(1, |_| (Rounded(a), Rounded(wide)), |_| &store) },
                    // SAFETY: as above.
                    1 => unsafe { product.run(1, |_| (Rounded(a), Rounded(&packed)), |_| &store) },
                    // SAFETY: as above.
                    2 => unsafe { product.run(1, |_| (Rounded(a), Rounded(&rounded)), |_| &store) },
                    // SAFETY: as above.
                    _ => unsafe { product.run(1, |_| (Rounded(a), Rounded(widened)), |_| &store) },
                }
            }
            for (result, name) in results[1..].iter().zip(["packed", "packed rounded", "bf16"]) {
                assert_same(result, &results[0], name);
            }
        }
    }
}

#[test]
fn precision_is_a_permission_that_stays_within_its_bound() {
    let (m, n, k) = (40, 70, 700);
    let (a, b) = (numbers(m * k, 1), numbers(k * n, 2));
    let (left, right) = (Matrix::new(&a, k, 1), Matrix::new(&b, n, 1));
    let dims = Dims { m, n, k };
    let at = |precision| {
        let mut c = vec![0.0; m * n];
        with_float32_matmul_precision(precision, || {
            gemm_with(dims, &left.t(), &right, Output::new(&mut c, n), Beta::Zero, &());
        });
        c
    };
    let error = |c: &[f32]| {
        let one = |(place, c): (usize, &f32)| {
            let (i, j) = (place / n, place % n);
            let terms = (0..k).map(|p| f64::from(a[i * k + p]) * f64::from(b[p * n + j]));
            let (sum, size) = terms.fold((0.0, 0.0), |(s, d), v: f64| (s + v, d + v.abs()));
            (f64::from(*c) - sum).abs() / size
        };
        c.iter().enumerate().map(one).fold(0.0, f64::max)
    };
    let (highest, high) = (at(MatmulPrecision::Highest), at(MatmulPrecision::High));
    let medium = at(MatmulPrecision::Medium);
    assert!(error(&highest) < 1e-7 && error(&high) < 2e-5 && error(&medium) < 5e-3);
    let lowers = !matches!(Engine::current(), Engine::Wide(_));
    assert_eq!(medium != highest, lowers, "rounded where the machine gains by it");
    // Rows keep their bits at every precision.
    let mut row = vec![0.0; n];
    with_float32_matmul_precision(MatmulPrecision::Medium, || {
        let a = left.skip(5 * k);
        gemm(Dims { m: 1, ..dims }, a, right, &mut row, Beta::Zero);
    });
    assert_same(&row, &medium[5 * n..6 * n], "a row alone");
    // The three products of tiles, in scalar code.
    let mut c = vec![0.0; m * n];
    let target = Target { ptr: c.as_mut_ptr(), stride: n };
    let engine = Engine::EmulatedAmx;
    let product = Product { engine, planes: Planes::THREE, dims, beta: Beta::Zero };
    let store = StoreF32 { c: target, epilogue: () };
    // SAFETY: the engine needs no instructions, and the outputs are `m × n`.
    unsafe { product.run(1, |_| (Rounded(left.t()), Rounded(right)), |_| &store) }
    assert!(error(&c) < 2e-6);
}

#[test]
#[should_panic(expected = "gemm: operand with k = 3 reaches element 11 of 10")]
fn an_operand_beyond_its_slice_is_refused() {
    let (a, b) = ([bf16::ONE; 6], [bf16::ONE; 10]);
    let dims = Dims { m: 2, n: 4, k: 3 };
    gemm_bf16(dims, Matrix::new(&a, 3, 1), Matrix::new(&b, 4, 1), &mut [bf16::ZERO; 8]);
}
