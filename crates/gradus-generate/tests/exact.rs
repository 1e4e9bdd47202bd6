//! The exact laws of strategies against values computed by exhaustive enumeration in Python.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::collections::BTreeMap;

use gradus_generate::exact::{Chain, Law, Table, enumerate, trade_offs};
use gradus_generate::{
    Ar, Blocks, Both, Canvas, Key, Layout, MaskPredict, Order, Parallel, Pick, ReMdm, Request,
    Result, Reveal, Run, Sigma, Strategy, Temperature, Then, Warps,
};
use proptest::prelude::*;

/// Made by `golden/exact.py`.
const GOLDEN: &str = include_str!("golden/exact.tsv");

/// Both sides are f64 and enumerate a few hundred sequences.
const TOLERANCE: f64 = 1e-9;

fn golden(table: &str) -> Vec<(&'static str, Vec<f64>)> {
    let rows = GOLDEN.lines().filter_map(|line| line.strip_prefix(table)?.strip_prefix('\t'));
    rows.map(|row| {
        let (name, values) = row.split_once('\t').unwrap();
        (name, values.split('\t').map(|v| v.parse().unwrap()).collect())
    })
    .collect()
}

#[test]
fn every_law_of_eight_bits_equals_its_enumeration() {
    let rows = trade_offs().unwrap();
    let golden = golden("short");
    assert_eq!(rows.len(), golden.len());
    assert_eq!(rows.len(), 21);
    for (row, (name, expected)) in rows.iter().zip(golden) {
        assert_eq!(row.name, name);
        let law = row.law;
        let got = [row.calls, law.kl_pq, law.kl_qp, law.nll, law.entropy, law.tv];
        for (got, expected) in got.iter().zip(&expected) {
            assert!((got - expected).abs() < TOLERANCE, "{name}: {got}, expected {expected}");
        }
    }
}

#[test]
fn schedules_of_sixty_four_bits_cost_what_the_sums_say() {
    let chain = Chain::new(0.1).unwrap();
    let given = [false; 64];
    assert!((chain.entropy(64) - 21.173375).abs() < 1e-6);
    for (calls, expected) in golden("long") {
        let calls: usize = calls.parse().unwrap();
        let cost = |order, reveal| {
            let parallel = Parallel { calls, order, reveal, warps: Warps::none() };
            chain.cost(64, &parallel.schedule(&given).unwrap())
        };
        let counts = |reveal: Reveal| reveal.counts(calls, 64).unwrap();
        let got = [
            counts(Reveal::Cosine).len() as f64,
            chain.random_cost(64, &counts(Reveal::Linear)),
            chain.random_cost(64, &counts(Reveal::Cosine)),
            cost(Order::Halton, Reveal::Cosine),
            cost(Order::LeftToRight, Reveal::Linear),
            cost(Order::Strided, Reveal::Linear),
        ];
        for (got, expected) in got.iter().zip(&expected) {
            assert!((got - expected).abs() < TOLERANCE, "{calls} calls: {got}, not {expected}");
        }
        if calls > 1 {
            assert!((cost(Order::Strided, Reveal::Levels) - expected[5]).abs() < TOLERANCE);
        }
        assert!((cost(Order::Halton, Reveal::Linear) - expected[5]).abs() < TOLERANCE);
    }
    let levels = |calls| Parallel {
        calls,
        order: Order::Dyadic,
        reveal: Reveal::Levels,
        warps: Warps::none(),
    };
    let dyadic = levels(64).schedule(&given).unwrap();
    assert_eq!((dyadic.len(), chain.cost(64, &dyadic).abs() < TOLERANCE), (7, true));
    let merged = levels(3).schedule(&given).unwrap();
    assert_eq!(merged.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, 61]);
}

/// A schedule's cost is KL(p‖q) of the law that its steps make.
#[test]
fn costs_are_divergences() {
    let chain = Chain::new(0.2).unwrap();
    for order in [Order::LeftToRight, Order::Halton, Order::Strided, Order::Dyadic] {
        for calls in 1..=6 {
            let parallel = Parallel { calls, order, ..Parallel::default() };
            let cost = chain.cost(6, &parallel.schedule(&[false; 6]).unwrap());
            let law = Law::of_steps(&parallel, &chain, &Canvas::blank(1, 6)).unwrap();
            let kl = law.against(2, |bits| chain.prob(bits)).kl_pq;
            assert!((kl - cost).abs() < TOLERANCE, "{order:?} in {calls}: {kl}, not {cost}");
        }
    }
}

#[test]
fn steps_and_runs_have_the_same_law() {
    let chain = Chain::new(0.3).unwrap();
    let sampled = Order::Sampled { noise: 0.0 };
    for (order, reveal) in [
        (Order::Random, Reveal::Linear),
        (Order::Entropy, Reveal::Cosine),
        (Order::Margin, Reveal::Linear),
        (sampled, Reveal::Linear),
        (sampled, Reveal::Factor(0.8)),
        (Order::MaxProb, Reveal::Threshold(0.7)),
        (Order::Dyadic, Reveal::Levels),
    ] {
        let warps = Warps::none().with(Temperature(0.9));
        let parallel = Parallel { calls: 3, order, reveal, warps };
        let steps = Law::of_steps(&parallel, &chain, &Canvas::blank(1, 4)).unwrap();
        let runs = Law::of_runs(&parallel, &chain, &Request::blank(4)).unwrap();
        assert!((steps.calls - runs.calls).abs() < TOLERANCE, "{parallel:?}");
        assert_eq!(steps.probs.len(), runs.probs.len());
        for (row, p) in &steps.probs {
            assert!((p - runs.probs[row]).abs() < TOLERANCE, "{parallel:?}");
        }
    }
}

/// Chi-square of many keyed rows against an enumerated law of sixteen outputs. Noise that is used
/// twice shows here: each draw alone would still follow its law.
fn check_rows(name: &str, law: &Law, run: Result<Run<'_>>) {
    let output = run.unwrap().collect_all().unwrap();
    let n = output.rows() as f64;
    let mut counts = BTreeMap::new();
    for row in 0..output.rows() {
        *counts.entry(output.row(row)).or_insert(0.0) += 1.0;
    }
    assert!(counts.keys().all(|row| law.probs.contains_key(row)), "{name}");
    let chi: f64 = law
        .probs
        .iter()
        .map(|(row, p)| {
            assert!(n * p > 5.0, "{name}: too few rows for a chi-square");
            (counts.get(row).unwrap_or(&0.0) - n * p).powi(2) / (n * p)
        })
        .sum();
    // 15 degrees of freedom exceed 44 once in 10⁴ times.
    assert!(chi < 44.0, "{name}: chi-square {chi}");
}

#[test]
fn keyed_runs_follow_the_enumerated_law() {
    let chain = Chain::new(0.3).unwrap();
    let both = Both { plan: chain.every(2).unwrap(), detail: chain };
    let blank = Request::blank(4);
    let many = || Request::blank(4).rows(20_000).seed(5);
    let ar = Ar { warps: Warps::none().with(Temperature(1.2)), ..Ar::default() };
    check_rows("ar", &Law::of_runs(&ar, &chain, &blank).unwrap(), ar.run(&chain, many()));
    let then = Then { plan: Ar::every(2), ..Then::default() };
    check_rows("then", &Law::of_runs(&then, &both, &blank).unwrap(), then.run(&both, many()));
    let blocks = Blocks { size: 2, inner: Parallel { calls: 2, ..Parallel::default() } };
    check_rows(
        "blocks",
        &Law::of_runs(&blocks, &chain, &blank).unwrap(),
        blocks.run(&chain, many()),
    );
    let sampled = Order::Sampled { noise: 0.0 };
    for (calls, order) in [
        (1, Order::Random),
        (2, Order::Random),
        (4, Order::Random),
        (2, Order::Dyadic),
        (3, Order::MaxProb),
        (2, sampled),
        (4, sampled),
    ] {
        let parallel = Parallel { calls, order, ..Parallel::default() };
        let law = Law::of_steps(&parallel, &chain, &Canvas::blank(1, 4)).unwrap();
        check_rows(&format!("{parallel:?}"), &law, parallel.run(&chain, many()));
    }
}

#[test]
fn masking_again_has_its_enumerated_law() {
    let chain = Chain::new(0.1).unwrap();
    let golden = golden("remask");
    assert_eq!(golden.len(), 12);
    for (name, expected) in golden {
        let [kind, value, calls] = name.split(' ').collect::<Vec<_>>()[..].try_into().unwrap();
        let value = value.parse().unwrap();
        let sigma = if kind == "cap" { Sigma::Cap(value) } else { Sigma::Rescale(value) };
        let mend = ReMdm { calls: calls.parse().unwrap(), sigma, warps: Warps::none() };
        let mut front = BTreeMap::from([(Canvas::blank(1, 4), 1.0)]);
        let mut shares = Vec::new();
        for call in 0..mend.calls {
            let mut next: BTreeMap<Canvas, f64> = BTreeMap::new();
            for (canvas, before) in front {
                for (step, weight) in
                    enumerate(|tape| mend.step(&chain, &canvas, call, Key::new(0), tape)).unwrap()
                {
                    *next.entry(step.canvas).or_default() += before * weight;
                }
            }
            front = next;
            let masked = |c: &Canvas| c.masked(0).count() as f64 / 4.0;
            shares.push(front.iter().map(|(c, w)| w * masked(c)).sum::<f64>());
        }
        let row = |c: &Canvas| c.row(0).iter().map(|cell| cell.id().unwrap()).collect();
        let probs = front.iter().map(|(c, w)| (row(c), *w)).collect();
        let law = Law { probs, calls: mend.calls as f64 };
        let c = law.against(2, |bits| chain.prob(bits));
        for (got, expected) in [c.kl_pq, c.kl_qp, c.tv].iter().chain(&shares).zip(&expected) {
            assert!((got - expected).abs() < TOLERANCE, "{name}: {got}, not {expected}");
        }
        for (call, share) in shares.iter().enumerate() {
            let due = 1.0 - (call + 1) as f64 / mend.calls as f64;
            assert!((share - due).abs() < TOLERANCE, "the share of masks does not depend on σ");
        }
        // Whole runs, which merge nothing, are affordable for few calls.
        if mend.calls <= 2 {
            let runs = Law::of_runs(&mend, &chain, &Request::blank(4)).unwrap();
            assert!((runs.against(2, |bits| chain.prob(bits)).kl_pq - c.kl_pq).abs() < TOLERANCE);
        }
    }
}

#[test]
fn mask_predict_keeps_what_is_likely() {
    let chain = Chain::new(0.3).unwrap();
    let sampled = MaskPredict { calls: 4, pick: Pick::Sample, warps: Warps::none() };
    let law = Law::of_runs(&sampled, &chain, &Request::blank(4)).unwrap();
    let c = law.against(2, |bits| chain.prob(bits));
    assert!(c.kl_pq > 0.01 && c.nll < chain.entropy(4), "{c:?}");
}

#[test]
fn a_given_bit_conditions_the_law() {
    let chain = Chain::new(0.1).unwrap();
    let mut canvas = Canvas::blank(1, 4);
    canvas.fix(0, 2, 1).unwrap();
    let one_per_call = Parallel { calls: 3, ..Parallel::default() };
    let law = Law::of_steps(&one_per_call, &chain, &canvas).unwrap();
    let given = |bits: &[u32]| if bits[2] == 1 { 2.0 * chain.prob(bits) } else { 0.0 };
    assert!(law.against(2, given).kl_pq.abs() < TOLERANCE);
    let prompted = Law::of_runs(&Ar::default(), &chain, &Request::new([1, 0]).max(2)).unwrap();
    let given = |bits: &[u32]| if bits[..2] == [1, 0] { chain.prob(bits) / 0.05 } else { 0.0 };
    assert!(prompted.against(2, given).kl_pq.abs() < TOLERANCE);
}

#[test]
fn a_plan_on_a_grid_leaves_the_details_to_one_call() {
    // Four pixels in a 2 × 2 image: the plan draws the upper left one alone.
    let table = Table::new(2, 4, &[4., 1., 2., 1., 1., 3., 1., 2., 1., 1., 5., 1., 2., 1., 1., 6.]);
    let table = table.unwrap();
    let corner: f64 = (0..8).map(|k| table.prob(&[0, k >> 2, k >> 1 & 1, k & 1])).sum();
    let plan = Table::new(2, 1, &[corner, 1.0 - corner]).unwrap();
    let layout = Layout::Grid { height: 2, width: 2, every: 2 };
    let mut then = Then { plan: Ar { plan: layout, ..Ar::default() }, ..Then::default() };
    let model = Both { plan, detail: &table };
    let p = |ids: &[u32]| table.prob(ids);
    let law = Law::of_runs(&then, &model, &Request::blank(4)).unwrap();
    assert_eq!(law.calls, 2.0);
    assert!(law.against(2, p).kl_pq > 0.05, "one call cannot be exact here");
    then.detail.calls = 3;
    let law = Law::of_runs(&then, &model, &Request::blank(4)).unwrap();
    assert!(law.against(2, p).kl_pq.abs() < TOLERANCE, "three calls for three pixels are");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn one_position_per_call_is_exact_for_any_law(
        weights in prop::collection::vec(0.01..1.0f64, 27),
    ) {
        let table = Table::new(3, 3, &weights).unwrap();
        let p = |ids: &[u32]| table.prob(ids);
        let mut laws = vec![Law::of_runs(&Ar::default(), &table, &Request::blank(3)).unwrap()];
        for order in [
            Order::LeftToRight, Order::Random, Order::Dyadic, Order::Strided, Order::Halton,
            Order::HaltonGrid { height: 1, width: 3 }, Order::MaxProb, Order::Margin, Order::Entropy,
        ] {
            let parallel = Parallel { calls: 3, order, ..Parallel::default() };
            laws.push(Law::of_steps(&parallel, &table, &Canvas::blank(1, 3)).unwrap());
        }
        let blocks = Blocks { size: 2, inner: Parallel { calls: 2, ..Parallel::default() } };
        laws.push(Law::of_runs(&blocks, &table, &Request::blank(3)).unwrap());
        for law in laws {
            let c = law.against(3, p);
            prop_assert!(c.tv < 1e-12, "{law:?}");
            prop_assert!((law.calls - 3.0).abs() < 1e-12);
        }
    }

    #[test]
    fn laws_sum_to_one(weights in prop::collection::vec(0.01..1.0f64, 16), calls in 1..5usize) {
        let table = Table::new(2, 4, &weights).unwrap();
        for order in [Order::Random, Order::MaxProb, Order::Sampled { noise: 0.0 }, Order::Halton] {
            let parallel = Parallel { calls, order, ..Parallel::default() };
            let law = Law::of_steps(&parallel, &table, &Canvas::blank(1, 4)).unwrap();
            prop_assert!((law.probs.values().sum::<f64>() - 1.0).abs() < 1e-12);
            let c = law.against(2, |ids| table.prob(ids));
            prop_assert!((c.nll - c.entropy - c.kl_qp).abs() < 1e-12);
            prop_assert!(c.kl_pq > -1e-12 && c.kl_qp > -1e-12);
        }
    }
}
