use proptest::collection::vec;
use proptest::prelude::*;

use super::naive::{Problem, Solution, solve};
use super::*;
use crate::gemm::GemmElement;
use crate::isa::{available, with_level};
use crate::math::Real;
use crate::pool::with_threads;

const CELLS: [Cell; 4] = [Cell::RnnTanh, Cell::RnnRelu, Cell::Lstm, Cell::Gru];

/// Extents, order and lengths, owned.
#[derive(Debug, Clone)]
struct Case {
    cell: Cell,
    extents: [usize; 4],
    order: Order,
    lengths: Option<Vec<usize>>,
    seed: u64,
}

impl Case {
    fn seq(&self) -> Sequence<'_> {
        let ([steps, batch, inputs, hidden], order) = (self.extents, self.order);
        let lengths = self.lengths.as_deref();
        Sequence { cell: self.cell, steps, batch, inputs, hidden, order, lengths }
    }

    /// Numbers that f32 holds exactly, so that both types have the same problem.
    fn problem(&self) -> Problem {
        let [t, b, f, h] = self.extents;
        let rows = self.cell.gates() * h;
        let mut state = self.seed | 1;
        let mut numbers = |n: usize, scale: f64| -> Vec<f64> {
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                f64::from(((state >> 40) as f32 / (1u64 << 23) as f32 - 1.0) * scale as f32)
            };
            (0..n).map(|_| next()).collect()
        };
        let scale = 1.0 / (h.max(1) as f64).sqrt();
        let memory = if self.cell.has_memory() { b * h } else { 0 };
        Problem {
            x: numbers(t * b * f, 2.0),
            w_ih: numbers(rows * f, 1.0),
            w_hh: numbers(rows * h, scale),
            b_ih: numbers(rows, 0.5),
            b_hh: numbers(rows, 0.5),
            h0: numbers(b * h, 1.0),
            c0: numbers(memory, 1.0),
            dy: numbers(t * b * h, 1.0),
            dh: numbers(b * h, 1.0),
            dc: numbers(memory, 1.0),
        }
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let hidden = prop_oneof![0..4usize, 15..18usize, 30..70usize];
    let extents = (0..5usize, 0..5usize, 0..6usize, hidden);
    let order = prop_oneof![Just(Order::Forward), Just(Order::Reverse)];
    let cut = proptest::option::of(vec(0..5usize, 5));
    (0..4usize, extents, order, cut, any::<u64>()).prop_map(
        |(cell, (t, b, f, h), order, cut, seed)| {
            let lengths = cut.map(|cut| cut[..b].iter().map(|len| *len.min(&t)).collect());
            Case { cell: CELLS[cell], extents: [t, b, f, h], order, lengths, seed }
        },
    )
}

/// A problem in `T`, and what the kernels make of it.
fn run<T: GemmElement + Real>(seq: &Sequence<'_>, p: &Problem) -> Solution {
    let cast = |x: &[f64]| -> Vec<T> { x.iter().map(|x| T::from_f64(*x)).collect() };
    let wide = |x: &[T]| -> Vec<f64> { x.iter().map(|x| x.to_f64()).collect() };
    let garbage = |n: usize| vec![T::NAN; n];
    let (x, ih, hh) = (cast(&p.x), cast(&p.w_ih), cast(&p.w_hh));
    let (b_ih, b_hh, h0, c0) = (cast(&p.b_ih), cast(&p.b_hh), cast(&p.h0), cast(&p.c0));
    let mut states = garbage(seq.states_len());
    let mut memories = garbage(seq.memories_len());
    let mut kept = garbage(seq.kept_len());
    let weights = Weights { ih: &ih, hh: &hh, bias: Some((&b_ih, &b_hh)) };
    let memory = seq.cell.has_memory().then_some(&c0[..]);
    let out = Forward { states: &mut states, memories: &mut memories, kept: &mut kept };
    forward(seq, &x, weights, (Some(&h0), memory), out);
    let tape = Tape { states: &states, memories: &memories, kept: &kept };
    let (dy, dh, dc) = (cast(&p.dy), cast(&p.dh), cast(&p.dc));
    let upstream = Upstream {
        outputs: Some(&dy),
        state: Some(&dh),
        memory: seq.cell.has_memory().then_some(&dc[..]),
    };
    let mut d_kept = garbage(seq.kept_len());
    let mut d_bias = garbage(seq.kept_row());
    let (mut dh0, mut dc0) = (garbage(h0.len()), garbage(c0.len()));
    let out = Backward { kept: &mut d_kept, bias: &mut d_bias, state: &mut dh0, memory: &mut dc0 };
    backward(seq, &hh, tape, upstream, Start::Wanted, out);
    let (mut dx, mut dw_ih, mut dw_hh) = (garbage(x.len()), garbage(ih.len()), garbage(hh.len()));
    grad_input(seq, &d_kept, &ih, &mut dx);
    grad_input_weight(seq, &d_kept, &x, &mut dw_ih);
    grad_state_weight(seq, &d_kept, &states, &mut dw_hh);
    let end = seq.ends().1 * seq.slot();
    let last = |slots: &[T]| wide(slots.get(end..end + seq.slot()).unwrap_or(&[]));
    let h = seq.hidden;
    let place = |blocks: &[usize]| -> Vec<f64> {
        blocks.iter().flat_map(|g| wide(&d_bias[g * h..][..h])).collect()
    };
    let (db_ih, db_hh) = match seq.cell {
        Cell::Gru => (place(&[1, 2, 0]), place(&[1, 2, 3])),
        _ => (wide(&d_bias), wide(&d_bias)),
    };
    Solution {
        y: outputs(seq, &wide(&states)),
        h: last(&states),
        c: last(&memories),
        dx: wide(&dx),
        dw_ih: wide(&dw_ih),
        dw_hh: wide(&dw_hh),
        db_ih,
        db_hh,
        dh0: wide(&dh0),
        dc0: wide(&dc0),
    }
}

/// The slots of the steps, with zeros where a row lacks the step.
fn outputs(seq: &Sequence<'_>, states: &[f64]) -> Vec<f64> {
    let mut y = Vec::new();
    for t in 0..seq.steps {
        for row in 0..seq.batch {
            let from = (seq.slots(t).1 * seq.batch + row) * seq.hidden;
            let has = if seq.has(row, t) { 1.0 } else { 0.0 };
            y.extend(states[from..][..seq.hidden].iter().map(|y| has * y));
        }
    }
    y
}

fn fields(s: &Solution) -> [(&'static str, &Vec<f64>); 10] {
    [
        ("y", &s.y),
        ("h", &s.h),
        ("c", &s.c),
        ("dx", &s.dx),
        ("dw_ih", &s.dw_ih),
        ("dw_hh", &s.dw_hh),
        ("db_ih", &s.db_ih),
        ("db_hh", &s.db_hh),
        ("dh0", &s.dh0),
        ("dc0", &s.dc0),
    ]
}

#[track_caller]
fn close(got: &Solution, expected: &Solution, tolerance: f64) {
    for ((name, got), (_, expected)) in fields(got).into_iter().zip(fields(expected)) {
        assert_eq!(got.len(), expected.len(), "{name}");
        for (i, (g, e)) in got.iter().zip(expected).enumerate() {
            let same = g == e || (g.is_nan() && e.is_nan());
            assert!(same || (g - e).abs() <= tolerance * (1.0 + e.abs()), "{name}[{i}]: {g} {e}");
        }
    }
}

fn bits(s: &Solution) -> Vec<u64> {
    fields(s).iter().flat_map(|(_, x)| x.iter().map(|x| x.to_bits())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn kernels_agree_with_the_oracle_at_every_level(case in cases()) {
        let (seq, p) = (case.seq(), case.problem());
        let expected = solve(&seq, &p);
        for level in available() {
            with_level(*level, || {
                close(&run::<f64>(&seq, &p), &expected, 1e-12);
                close(&run::<f32>(&seq, &p), &expected, 2e-4);
            });
        }
    }

    #[test]
    fn a_row_has_the_same_bits_alone(case in cases()) {
        let (seq, p) = (case.seq(), case.problem());
        let Sequence { steps, batch, inputs, hidden, .. } = seq;
        let all = run::<f32>(&seq, &p);
        for row in 0..batch {
            let part = |x: &[f64], n: usize| -> Vec<f64> {
                x.chunks(n.max(1) * batch).flat_map(|slab| slab[row * n..][..n].to_vec()).collect()
            };
            let alone = Problem {
                x: part(&p.x, inputs),
                h0: part(&p.h0, hidden),
                c0: part(&p.c0, hidden),
                dy: part(&p.dy, hidden),
                dh: part(&p.dh, hidden),
                dc: part(&p.dc, hidden),
                ..p.clone()
            };
            let lengths = seq.lengths.map(|lengths| &lengths[row..=row]);
            let one = run::<f32>(&Sequence { batch: 1, lengths, ..seq }, &alone);
            prop_assert_eq!(one.y.len(), steps * hidden);
            for (whole, own) in [(&all.y, &one.y), (&all.h, &one.h), (&all.c, &one.c), (&all.dh0, &one.dh0), (&all.dc0, &one.dc0)] {
                prop_assert_eq!(&part(whole, hidden), own);
            }
            prop_assert_eq!(&part(&all.dx, inputs), &one.dx);
        }
    }
}

fn case(cell: Cell, extents: [usize; 4]) -> Case {
    Case { cell, extents, order: Order::Forward, lengths: None, seed: 7 }
}

#[test]
fn threads_do_not_change_the_bits() {
    for cell in CELLS {
        // Long enough for several threads, with a ragged last share.
        let mut case = case(cell, [4, 37, 9, 200]);
        case.lengths = Some((0..37).map(|row| row % 5).collect());
        let (seq, p) = (case.seq(), case.problem());
        let one = with_threads(1, || bits(&run::<f32>(&seq, &p)));
        for threads in [2, 3, 8] {
            with_threads(threads, || {
                assert!(seq.share() < seq.hidden);
                assert_eq!(bits(&run::<f32>(&seq, &p)), one, "{cell:?}, {threads} threads");
            });
        }
    }
}

#[test]
fn step_by_step_has_the_bits_of_the_whole() {
    for cell in CELLS {
        let case = case(cell, [5, 3, 7, 70]);
        let (seq, p) = (case.seq(), case.problem());
        let whole = run::<f32>(&seq, &p);
        let one = Sequence { steps: 1, ..seq };
        let (mut h, mut c) = (p.h0.clone(), p.c0.clone());
        for t in 0..seq.steps {
            let x = p.x[t * 3 * 7..][..3 * 7].to_vec();
            let dy = vec![0.0; seq.slot()];
            let step = run::<f32>(&one, &Problem { x, h0: h, c0: c, dy, ..p.clone() });
            assert_eq!(step.y, whole.y[t * seq.slot()..][..seq.slot()], "{cell:?}, step {t}");
            (h, c) = (step.h, step.c);
        }
        assert_eq!((h, c), (whole.h, whole.c));
    }
}

#[test]
fn no_start_is_a_start_of_zeros() {
    for cell in CELLS {
        let case = case(cell, [3, 2, 4, 20]);
        let (seq, p) = (case.seq(), case.problem());
        let to = |x: &[f64]| -> Vec<f32> { x.iter().map(|x| *x as f32).collect() };
        let (x, ih, hh) = (to(&p.x), to(&p.w_ih), to(&p.w_hh));
        let zeros = vec![0.0f32; seq.slot()];
        let memory = seq.cell.has_memory().then_some(&zeros[..]);
        let states = |start| {
            let mut states = vec![f32::NAN; seq.states_len()];
            let (mut memories, mut kept) =
                (vec![0.0; seq.memories_len()], vec![0.0; seq.kept_len()]);
            let out = Forward { states: &mut states, memories: &mut memories, kept: &mut kept };
            forward(&seq, &x, Weights { ih: &ih, hh: &hh, bias: None }, start, out);
            states
        };
        assert_eq!(states((None, None)), states((Some(&zeros), memory)));
    }
}

#[test]
fn nan_and_infinity_go_where_the_oracle_sends_them() {
    for cell in CELLS {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let case = case(cell, [3, 3, 2, 18]);
            let (seq, mut p) = (case.seq(), case.problem());
            p.x[(3 + 1) * 2] = bad; // row 1 of step 1
            let expected = solve(&seq, &p);
            for level in available() {
                with_level(*level, || {
                    let got = run::<f32>(&seq, &p);
                    for (name, got, expected) in [
                        ("y", &got.y, &expected.y),
                        ("h", &got.h, &expected.h),
                        ("c", &got.c, &expected.c),
                    ] {
                        for (i, (g, e)) in got.iter().zip(expected).enumerate() {
                            let same = g == e || (g.is_nan() && e.is_nan()) || (g - e).abs() < 1e-4;
                            assert!(same, "{cell:?} {name}[{i}]: {g} {e}");
                        }
                    }
                });
            }
        }
    }
}
