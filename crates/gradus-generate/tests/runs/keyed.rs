//! Keyed draws: the plain loop, batches, seeds.

use gradus_generate::exact::{Chain, Table};
use gradus_generate::{
    Ar, Blocks, Both, Canvas, Finish, History, Key, Layout, Order, Output, Parallel, Penalty,
    Repetition, Request, Reveal, Stops, Strategy, Temperature, Then, TopK, TopP, Warps,
};
use proptest::prelude::*;

use crate::model::{Hash, VOCAB, mixed};
use crate::setup::{output, rich, strategies};

/// The plainest loop one can write for the same law.
fn naive_ar(prompt: &[u32], max: usize, seed: u64, row: u32) -> Vec<u32> {
    let mut tokens = prompt.to_vec();
    for _ in 0..max {
        let fed = if prompt.is_empty() { vec![99] } else { Vec::new() };
        let logits = mixed(fed.into_iter().chain(tokens.iter().copied()));
        let history = History { prompt, generated: &tokens[prompt.len()..], ..History::default() };
        let dist = rich().dist(&mut logits.map(f64::from), &history).unwrap();
        tokens.push(dist.draw(Key::new(seed).at(row, tokens.len() as u32)));
    }
    tokens
}

#[test]
fn ar_equals_the_plain_loop() {
    let prompts = [vec![], vec![3], vec![1, 2, 3, 4, 5]];
    let ar = Ar { warps: rich(), ..Ar::default() };
    let got = output(ar.run(&Hash::default(), Request::prompts(prompts.clone()).seed(5).max(9)));
    for (r, prompt) in prompts.iter().enumerate() {
        assert_eq!(got.row(r), naive_ar(prompt, 9, 5, r as u32));
        assert_eq!(got.generated(r).len(), 9);
        assert_eq!(got.log_probs(r).iter().flatten().count(), 9);
    }
    // 9 calls; prompts and a start token once, then one token a row and call.
    assert_eq!((got.stats.tokens, got.stats.calls, got.stats.fed), (27, 9, 7 + 8 * 3));
    assert!(got.stats.first.unwrap() <= got.stats.wall);
}

#[test]
fn one_per_call_from_the_left_is_ar_byte_for_byte() {
    let chain = Chain::new(0.2).unwrap();
    let weights: Vec<f64> = (0..243).map(|i| 0.1 + Key::new(8).uniform(i)).collect();
    let table = Table::new(3, 5, &weights).unwrap();
    for seed in 0..20 {
        let warps = Warps::none()
            .with(Temperature(1.1))
            .with(Repetition(1.1))
            .with(Penalty { frequency: 0.3, presence: 0.1 })
            .with(TopP(0.97));
        let ar = Ar { warps: warps.clone(), ..Ar::default() };
        let parallel = |calls| Parallel {
            calls,
            order: Order::LeftToRight,
            warps: warps.clone(),
            reveal: Reveal::Linear,
        };
        let long = Request::prompts([vec![1, 0], vec![]]).length(12).seed(seed);
        let (a, b) = (output(ar.run(&chain, long.clone())), output(parallel(12).run(&chain, long)));
        assert_eq!([a.row(0), a.row(1)], [b.row(0), b.row(1)]);
        let short = Request::new([2]).length(5).rows(3).seed(seed);
        let (a, b) =
            (output(ar.run(&table, short.clone())), output(parallel(4).run(&table, short)));
        assert_eq!([a.row(0), a.row(2)], [b.row(0), b.row(2)]);
    }
}

#[test]
fn a_row_does_not_depend_on_the_batch() {
    let model = Hash::default();
    let prompts = [vec![3, 1], vec![], vec![6, 6, 6]];
    let batch = Request::prompts(prompts.clone()).length(12).seed(4);
    let alone = |r: usize| Request::new(prompts[r].clone()).length(12).seed(4).first_row(r as u32);
    let stop = Stops { ids: vec![2], sequences: vec![vec![1, 1]] };
    let ar = Ar { warps: rich(), stop, ..Ar::default() };
    for r in 0..3 {
        let (a, b) = (output(ar.run(&model, batch.clone())), output(ar.run(&model, alone(r))));
        assert_eq!((a.cells(r), a.finish[r]), (b.cells(0), b.finish[0]));
        for p in strategies() {
            let (a, b) = (output(p.run(&model, batch.clone())), output(p.run(&model, alone(r))));
            assert_eq!(a.cells(r), b.cells(0), "{p:?}");
        }
        let blocks = Blocks { size: 5, inner: Parallel { calls: 2, ..Parallel::default() } };
        let (a, b) =
            (output(blocks.run(&model, batch.clone())), output(blocks.run(&model, alone(r))));
        assert_eq!(a.cells(r), b.cells(0));
    }
}

#[test]
fn same_seed_same_tokens_and_other_seeds_differ() {
    let model = Hash::default();
    for p in strategies() {
        let row = |seed| output(p.run(&model, Request::blank(12).seed(seed))).row(0);
        assert_eq!(row(1), row(1), "{p:?}");
        assert!((2..6).any(|seed| row(seed) != row(1)), "{p:?}");
    }
}

#[test]
fn value_stability_of_runs() {
    let chain = Chain::new(0.1).unwrap();
    let request = || Request::blank(16).seed(7);
    let ar = output(Ar::default().run(&chain, request())).row(0);
    assert_eq!(ar, AR_16);
    let random = Parallel { calls: 4, ..Parallel::default() };
    assert_eq!(output(random.run(&chain, request())).row(0), RANDOM_16);
}

/// Printed by `golden/draws.py`, an independent implementation of the same draws.
const AR_16: [u32; 16] = [0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const RANDOM_16: [u32; 16] = [0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 1];

#[test]
fn greedy_is_the_argmax_and_so_is_temperature_zero() {
    let model = Hash::default();
    let request = || Request::new([2, 2]).max(10);
    let cold = Ar { warps: Warps::none().with(Temperature(0.0)), ..Ar::default() };
    let a = output(Ar::greedy().run(&model, request()));
    assert_eq!(a.row(0), output(cold.run(&model, request().seed(5))).row(0));
    let first = mixed([2, 2].into_iter());
    assert!(first.iter().all(|&l| l <= first[a.generated(0)[0] as usize]));
}

#[test]
fn plans_stand_at_their_positions() {
    let model = Hash::default();
    let grid = Layout::Grid { height: 4, width: 4, every: 2 };
    let ar = Ar { plan: grid, ..Ar::default() };
    let plan = output(ar.run(&model, Request::blank(16).seed(2)));
    let at = |r: &Output| (0..16).filter(|&i| r.cells(0)[i].is_some()).collect::<Vec<_>>();
    assert_eq!(at(&plan), [0, 2, 8, 10]);
    let both = Both { plan: &model, detail: &model };
    let then =
        Then { plan: ar, detail: Parallel { calls: 3, ..Parallel::default() }, ..Then::default() };
    let all = output(then.run(&both, Request::blank(16).seed(2)));
    for i in [0, 2, 8, 10] {
        assert_eq!(all.cells(0)[i], plan.cells(0)[i]);
    }
    assert_eq!((all.row(0).len(), all.stats.calls, all.finish[0]), (16, 7, Finish::Full));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn neutral_warps_change_no_token(seed: u64, prompt in prop::collection::vec(0..7u32, 0..5)) {
        let model = Hash::default();
        let neutral = Warps::none().with(TopK(VOCAB)).with(Temperature(1.0)).with(TopP(1.0));
        let request = Request::new(prompt).seed(seed).max(12);
        let plain = output(Ar::default().run(&model, request.clone()));
        let warped = output(Ar { warps: neutral, ..Ar::default() }.run(&model, request));
        prop_assert_eq!(plain.row(0), warped.row(0));
    }

    #[test]
    fn what_is_given_stays(seed: u64, known in prop::collection::vec(any::<bool>(), 12)) {
        prop_assume!(known.iter().any(|&k| !k));
        let model = Hash::default();
        let mut canvas = Canvas::blank(1, 12);
        for at in (0..12).filter(|&at| known[at]) {
            canvas.fix(0, at, at as u32 % 7).unwrap();
        }
        for p in strategies() {
            let got = output(p.run(&model, Request::infill(canvas.clone()).seed(seed)));
            prop_assert_eq!(got.row(0).len(), 12);
            for at in (0..12).filter(|&at| known[at]) {
                prop_assert_eq!(got.cells(0)[at], Some(at as u32 % 7));
                prop_assert_eq!(got.log_probs(0)[at], None);
            }
        }
    }
}
