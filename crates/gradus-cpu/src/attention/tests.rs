//! The kernels against the formula, and the bits of a row against those it has alone.

use gradus_core::{Key, Kind};
use proptest::prelude::*;

use super::{
    Attention, Dropout, Entries, Extents, Mask, Output, Rows, Sight, Value, backward,
    backward_joined, forward,
};
use crate::gemm::{MatmulPrecision, with_float32_matmul_precision};
use crate::isa;
use crate::pool;

/// What is seen by place.
#[derive(Debug, Clone, Copy)]
enum Place {
    All,
    Causal,
    Window(usize),
}

/// What else there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cover {
    Nothing,
    Bool,
    /// A bias per key, the same for all queries.
    Keys,
    /// A bias with a stride.
    Bias,
}

#[derive(Debug, Clone)]
struct Case {
    extents: Extents,
    place: Place,
    cover: Cover,
    dropout: Option<Dropout>,
    seed: u64,
}

/// Elements of all operands; vectors of q, k and v lie side by side, as in a joint projection.
struct Data<T> {
    q: Vec<T>,
    kv: Vec<T>,
    dy: Vec<T>,
    seen: Vec<bool>,
    bias: Vec<T>,
    starts: [Vec<usize>; 5],
    strides: [usize; 2],
}

fn draws<T: Value>(key: Key, len: usize) -> Vec<T> {
    (0..len as u64).map(|i| T::from_f64(key.normal(i))).collect()
}

impl<T: Value> Data<T> {
    fn new(case: &Case) -> Self {
        let Extents { batch, heads, kv_heads, queries, keys, width, value_width } = case.extents;
        let key = |i| Key::new(case.seed).kind(Kind::Noise).fold_in(i);
        let strides = [heads * width + 3, kv_heads * (width + value_width) + 5];
        let q_heads = (0..batch * heads)
            .map(|h| (h / heads) * queries * strides[0] + h % heads * width)
            .collect();
        let kv = |offset: usize, width: usize| {
            (0..batch * kv_heads)
                .map(|h| (h / kv_heads) * keys * strides[1] + offset + h % kv_heads * width)
                .collect::<Vec<_>>()
        };
        let y = |h: usize| ((h / heads) * queries * heads + h % heads) * value_width;
        // The mask is the same for every row of the batch.
        let mask = (0..batch * heads).map(|h| h % heads * queries * keys).collect();
        let bias: Vec<T> = draws(key(3), heads * queries * keys * 2 + 1);
        let hide = |x: T| if x > T::ONE { -T::INFINITY } else { x };
        Self {
            q: draws(key(1), batch * queries * strides[0] + 1),
            kv: draws(key(2), batch * keys * strides[1] + 1),
            dy: draws(key(4), batch * heads * queries * value_width),
            seen: bias.iter().map(|&x| x > T::ZERO).collect(),
            bias: bias.into_iter().map(hide).collect(),
            starts: [
                q_heads,
                kv(0, width),
                kv(kv_heads * width, value_width),
                (0..batch * heads).map(y).collect(),
                mask,
            ],
            strides,
        }
    }

    fn attention<'a>(&'a self, case: &Case) -> Attention<'a, T> {
        let rows = |data, i: usize, stride| Rows { data, starts: &self.starts[i], stride };
        let q = rows(&self.q, 0, self.strides[0]);
        let (k, v) = (rows(&self.kv, 1, self.strides[1]), rows(&self.kv, 2, self.strides[1]));
        let keys = case.extents.keys;
        let entries = |row_stride, col_stride| (&self.starts[4], row_stride, col_stride);
        let mask = match case.cover {
            Cover::Nothing => Mask::None,
            Cover::Bool => {
                let (starts, row_stride, col_stride) = entries(keys, 1);
                Mask::Bool(Entries { data: &self.seen, starts, row_stride, col_stride })
            }
            Cover::Keys | Cover::Bias => {
                let (starts, row_stride, col_stride) =
                    if case.cover == Cover::Keys { entries(0, 1) } else { entries(keys, 2) };
                Mask::Bias(Entries { data: &self.bias, starts, row_stride, col_stride })
            }
        };
        let sight = match case.place {
            Place::All => Sight::all(&case.extents),
            Place::Causal => Sight::causal(&case.extents),
            Place::Window(reach) => Sight::window(&case.extents, reach),
        };
        let plain = Attention::new(case.extents, q, k, v, 0.7);
        Attention { sight, mask, dropout: case.dropout, ..plain }
    }
}

impl<T: Value> Attention<'_, T> {
    /// The weight of every key for a query before dropout, with m + ln l, in f64.
    fn naive_weights(&self, head: usize, query: usize) -> (Vec<f64>, f64) {
        let Extents { keys, width, .. } = self.extents;
        let kv_head = self.extents.kv_head(head);
        let q = self.q.row(head, query, width);
        let score = |j: usize| {
            if !self.sees(head, query, j) {
                return f64::NEG_INFINITY;
            }
            let k = self.k.row(kv_head, j, width);
            let dot: f64 = q.iter().zip(k).map(|(a, b)| a.to_f64() * b.to_f64()).sum();
            let mut score = [T::from_f64(0.0)];
            self.mask.apply(head, query, j, &mut score);
            dot * self.scale.to_f64() + score[0].to_f64()
        };
        let scores: Vec<f64> = (0..keys).map(score).collect();
        let max = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let base = if max == f64::NEG_INFINITY { 0.0 } else { max };
        let total: f64 = scores.iter().map(|s| (s - base).exp()).sum();
        let weight = |s: &f64| if total == 0.0 { 0.0 } else { (s - base).exp() / total };
        (scores.iter().map(weight).collect(), base + total.ln())
    }

    /// What dropout multiplies a weight by.
    fn naive_factor(&self, head: usize, query: usize, key: usize) -> f64 {
        let place = self.sight.place(query);
        self.dropout.map_or(1.0, |d| if d.drops(head, place, key) { 0.0 } else { d.scale() })
    }

    fn naive(&self, head: usize, query: usize) -> (Vec<f64>, f64) {
        let (weights, lse) = self.naive_weights(head, query);
        let mut y = vec![0.0; self.extents.value_width];
        for (j, w) in weights.iter().enumerate().filter(|&(j, _)| self.sees(head, query, j)) {
            let v = self.v.row(self.extents.kv_head(head), j, y.len());
            let w = w * self.naive_factor(head, query, j);
            y.iter_mut().zip(v).for_each(|(y, v)| *y += w * v.to_f64());
        }
        (y, lse)
    }

    /// dq, dk and dv as [`backward`] lays them out, from the formula.
    fn naive_backward(&self, dy: &Rows<'_, T>) -> [Vec<f64>; 3] {
        let Extents { batch, heads, kv_heads, queries, keys, width, value_width } = self.extents;
        let mut dq = vec![0.0; batch * queries * heads * width];
        let mut dk = vec![0.0; batch * keys * kv_heads * width];
        let mut dv = vec![0.0; batch * keys * kv_heads * value_width];
        for head in 0..batch * heads {
            let kv_head = self.extents.kv_head(head);
            for i in 0..queries {
                let (p, _) = self.naive_weights(head, i);
                let dy = dy.row(head, i, value_width);
                let dp: Vec<f64> = (0..keys)
                    .map(|j| {
                        let v = self.v.row(kv_head, j, value_width);
                        let dot: f64 = dy.iter().zip(v).map(|(a, b)| a.to_f64() * b.to_f64()).sum();
                        dot * self.naive_factor(head, i, j)
                    })
                    .collect();
                let delta: f64 = p.iter().zip(&dp).map(|(p, d)| p * d).sum();
                let at = ((head / heads * queries + i) * heads + head % heads) * width;
                for j in 0..keys {
                    let ds = p[j] * (dp[j] - delta) * self.scale.to_f64();
                    let place = head / heads * keys + j;
                    let to = place * kv_heads + kv_head % kv_heads;
                    for d in 0..width {
                        dq[at + d] += ds * self.k.row(kv_head, j, width)[d].to_f64();
                        dk[to * width + d] += ds * self.q.row(head, i, width)[d].to_f64();
                    }
                    let w = p[j] * self.naive_factor(head, i, j);
                    for (e, dy) in dy.iter().enumerate() {
                        dv[to * value_width + e] += w * dy.to_f64();
                    }
                }
            }
        }
        [dq, dk, dv]
    }
}

fn run<T: Value>(attention: &Attention<'_, T>) -> (Vec<T>, Vec<T>) {
    let Extents { queries, value_width, .. } = attention.extents;
    let heads = attention.extents.all_heads();
    // Garbage, to see that everything is written.
    let mut out = vec![T::NAN; heads * queries * value_width];
    let mut lse = vec![T::NAN; heads * queries];
    forward(attention, &mut out, &mut lse);
    (out, lse)
}

fn run_backward<T: Value>(attention: &Attention<'_, T>, output: Output<'_, T>) -> [Vec<T>; 3] {
    let Extents { batch, heads, kv_heads, queries, keys, width, value_width } = attention.extents;
    let mut dq = vec![T::NAN; batch * queries * heads * width];
    let mut dk = vec![T::NAN; batch * keys * kv_heads * width];
    let mut dv = vec![T::NAN; batch * keys * kv_heads * value_width];
    backward(attention, output, (&mut dq, &mut dk, &mut dv));
    [dq, dk, dv]
}

fn cases(most: usize) -> impl Strategy<Value = Case> {
    let place =
        prop_oneof![Just(Place::All), Just(Place::Causal), (1..most).prop_map(Place::Window),];
    let cover = prop_oneof![
        3 => Just(Cover::Nothing),
        1 => Just(Cover::Bool),
        1 => Just(Cover::Keys),
        1 => Just(Cover::Bias),
    ];
    let sizes = (1..3usize, 1..3usize, 1..3usize, 1..most, 0..most, 1..20usize, 1..36usize);
    (sizes, place, cover, prop::option::of(0.0..1.0), any::<u64>()).prop_map(
        |((batch, kv_heads, group, queries, more, width, value_width), place, cover, p, seed)| {
            let heads = kv_heads * group;
            let keys = match place {
                Place::All => more.max(1),
                _ => queries + more * (seed as usize % 2),
            };
            let extents = Extents { batch, heads, kv_heads, queries, keys, width, value_width };
            let dropout = p.map(|p| Dropout { p, key: Key::new(seed ^ 1) });
            Case { extents, place, cover, dropout, seed }
        },
    )
}

#[track_caller]
fn assert_close<T: Value>(got: &[T], want: &[f64], size: f64, what: &str) {
    // Sums of some hundred terms of a size.
    let tolerance = size * if size_of::<T>() == 4 { 2e-5 } else { 1e-12 };
    assert_eq!(got.len(), want.len());
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        let g = g.to_f64();
        let near = (g - w).abs() <= tolerance * (1.0 + w.abs()) || g == *w;
        assert!(near || g.is_nan() && w.is_nan(), "{what}: element {i} is {g}, not {w}");
    }
}

fn bits<T: Value>(x: &[T]) -> &[u8] {
    bytemuck::cast_slice(x)
}

fn check<T: Value>(case: &Case) {
    let data = Data::<T>::new(case);
    let attention = data.attention(case);
    let Extents { heads, queries, value_width, .. } = case.extents;
    let all = case.extents.all_heads();
    let (mut want, mut want_lse) = (vec![0.0; data.dy.len()], vec![0.0; all * queries]);
    for head in 0..all {
        for i in 0..queries {
            let (y, lse) = attention.naive(head, i);
            let at = data.starts[3][head] + i * heads * value_width;
            want[at..at + value_width].copy_from_slice(&y);
            want_lse[head * queries + i] = lse;
        }
    }
    let dy = Rows { data: &data.dy, starts: &data.starts[3], stride: heads * value_width };
    let want_grads = attention.naive_backward(&dy);
    // What dropout leaves is enlarged.
    let size = case.dropout.map_or(1.0, |d| d.scale());
    for &level in isa::available() {
        isa::with_level(level, || {
            let (out, lse) = run(&attention);
            assert_close(&out, &want, size, &format!("{level:?} y"));
            assert_close(&lse, &want_lse, 1.0, &format!("{level:?} lse"));
            let output = Output { y: Rows { data: &out, ..dy }, dy, lse: &lse };
            let grads = run_backward(&attention, output);
            for ((got, want), name) in grads.iter().zip(&want_grads).zip(["dq", "dk", "dv"]) {
                assert_close(got, want, size, &format!("{level:?} {name}"));
            }
            for threads in [2, 3, 8] {
                pool::with_threads(threads, || {
                    assert_eq!(bits(&run(&attention).0), bits(&out), "{threads} threads");
                    let again = run_backward(&attention, output);
                    assert!(again.iter().zip(&grads).all(|(a, b)| bits(a) == bits(b)));
                });
            }
        });
    }
}

/// The case for some of its queries only, at their places.
fn part<'a, T: Value>(
    attention: &Attention<'a, T>,
    case: &Case,
    (start, len): (usize, usize),
    starts: &'a mut [Vec<usize>; 2],
) -> Attention<'a, T> {
    let [q_starts, mask_starts] = starts;
    for s in &mut *q_starts {
        *s += start * attention.q.stride;
    }
    let row_stride = match attention.mask {
        Mask::None => 0,
        Mask::Bool(entries) => entries.row_stride,
        Mask::Bias(entries) => entries.row_stride,
    };
    for s in &mut *mask_starts {
        *s += start * row_stride;
    }
    let causal = !matches!(case.place, Place::All);
    // Later keys are not there yet.
    let keys = if causal {
        case.extents.keys - case.extents.queries + start + len
    } else {
        case.extents.keys
    };
    let extents = Extents { queries: len, keys, ..case.extents };
    let sight = match case.place {
        Place::All => Sight::all(&extents),
        Place::Causal => Sight::causal(&extents),
        Place::Window(reach) => Sight::window(&extents, reach),
    };
    let mask = match attention.mask {
        Mask::None => Mask::None,
        Mask::Bool(entries) => Mask::Bool(Entries { starts: mask_starts, ..entries }),
        Mask::Bias(entries) => Mask::Bias(Entries { starts: mask_starts, ..entries }),
    };
    Attention { extents, sight, mask, q: Rows { starts: q_starts, ..attention.q }, ..*attention }
}

fn check_rows<T: Value>(case: &Case, cut: (usize, usize), special: bool) {
    let mut data = Data::<T>::new(case);
    if special {
        for (i, x) in [T::NAN, T::INFINITY, -T::INFINITY].into_iter().enumerate() {
            let (q, kv) = (data.q.len(), data.kv.len());
            data.q[(case.seed as usize / 3 + i * 101) % q] = x;
            data.kv[(case.seed as usize / 7 + i * 67) % kv] = x;
        }
    }
    let attention = data.attention(case);
    let queries = case.extents.queries;
    let len = cut.1.min(queries);
    let start = cut.0 % (queries - len + 1);
    let mut starts = [data.starts[0].clone(), data.starts[4].clone()];
    let some = part(&attention, case, (start, len), &mut starts);
    let all = [MatmulPrecision::Highest, MatmulPrecision::Medium];
    // Of infinite values less precision makes something else.
    let precisions = if special { &all[..1] } else { &all };
    for &level in isa::available() {
        for &precision in precisions {
            let results = isa::with_level(level, || {
                with_float32_matmul_precision(precision, || [run(&attention), run(&some)])
            });
            assert_rows_equal(&case.extents, &results, (start, len), &(level, precision));
        }
    }
}

/// Compares `len` queries from `start` on with results of them alone.
fn assert_rows_equal<T: Value>(
    extents: &Extents,
    [(whole, whole_lse), (few, few_lse)]: &[(Vec<T>, Vec<T>); 2],
    (start, len): (usize, usize),
    what: &impl std::fmt::Debug,
) {
    let &Extents { batch, heads, queries, value_width, .. } = extents;
    let same = |x: &[T], y: &[T]| {
        let equal =
            |(x, y): (&T, &T)| bits(&[*x]) == bits(&[*y]) || Real::is_nan(*x) && Real::is_nan(*y);
        x.iter().zip(y).all(equal)
    };
    let row = heads * value_width;
    for b in 0..batch {
        let (a, c) = ((b * queries + start) * row, b * len * row);
        assert!(same(&whole[a..a + len * row], &few[c..c + len * row]), "{what:?}");
        for h in b * heads..(b + 1) * heads {
            let whole = &whole_lse[h * queries + start..][..len];
            assert!(same(whole, &few_lse[h * len..][..len]), "{what:?}");
        }
    }
}

use crate::math::Real;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn values_and_gradients_are_those_of_the_formula(case in cases(150)) {
        check::<f32>(&case);
        check::<f64>(&case);
    }

    #[test]
    fn a_query_has_the_bits_it_has_alone(
        case in cases(300), start in any::<u16>(), len in 1..140usize, special in any::<bool>(),
    ) {
        // Without a cache, queries that come later are not in place where dropout draws by place.
        let causal = !matches!(case.place, Place::All);
        let case = Case { dropout: case.dropout.filter(|_| causal), ..case };
        for len in [1, len] {
            check_rows::<f32>(&case, (start.into(), len), special);
            check_rows::<f64>(&case, (start.into(), len), special);
        }
    }

    #[test]
    fn joined_gradients_are_the_same(mut case in cases(100)) {
        case.extents.keys = case.extents.queries;
        let data = Data::<f32>::new(&case);
        let attention = data.attention(&case);
        let Extents { batch, heads, kv_heads, queries, width, value_width, .. } = case.extents;
        let (out, lse) = run(&attention);
        let dy = Rows { data: &data.dy[..], starts: &data.starts[3], stride: heads * value_width };
        let output = Output { y: Rows { data: &out, ..dy }, dy, lse: &lse };
        let parts = run_backward(&attention, output);
        let widths = [heads * width, kv_heads * width, kv_heads * value_width];
        let mut joined = vec![f32::NAN; batch * queries * widths.iter().sum::<usize>()];
        backward_joined(&attention, output, &mut joined);
        let mut rest = &joined[..];
        for i in 0..batch * queries {
            for (part, width) in parts.iter().zip(widths) {
                let (row, after) = rest.split_at(width);
                prop_assert_eq!(row, &part[i * width..(i + 1) * width]);
                rest = after;
            }
        }
    }
}

#[test]
fn nothing_to_see_gives_zeros() {
    let extents = Extents { queries: 3, keys: 0, ..Extents::single(2, 2) };
    let q = [1.0f32; 6];
    let none = Rows { data: &[], starts: &[0], stride: 2 };
    let q = Rows { data: &q, starts: &[0], stride: 2 };
    let (out, lse) = run(&Attention::new(extents, q, none, none, 1.0));
    assert_eq!(out, [0.0; 6]);
    assert_eq!(lse, [f32::NEG_INFINITY; 3]);
}

#[test]
fn hidden_keys_have_no_influence_whatever_they_hold() {
    let case = Case {
        extents: Extents { queries: 70, keys: 70, ..Extents::single(4, 5) },
        place: Place::Causal,
        cover: Cover::Nothing,
        dropout: None,
        seed: 3,
    };
    let mut data = Data::<f32>::new(&case);
    let (clean, _) = run(&data.attention(&case));
    for x in &mut data.kv[40 * data.strides[1]..] {
        *x = f32::NAN;
    }
    let (out, _) = run(&data.attention(&case));
    assert_eq!(out[..40 * 5], clean[..40 * 5]);
    assert!(out[40 * 5..].iter().all(|x| x.is_nan()));
}
