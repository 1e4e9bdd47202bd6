//! Lengths that a head says, levels of codes, blocks that stop.

use std::collections::BTreeMap;

use gradus_generate::exact::{Chain, Law, Table};
use gradus_generate::{
    Ar, Blocks, Both, ByLength, Canvas, Error, Finish, Join, Key, Layout, Logits, MaskPredict,
    Masked, Order, Parallel, Pick, Pos, ReMdm, Request, Result, Reveal, StopTexts, Stops, Strategy,
    Then, WithLength,
};
use proptest::prelude::*;

use crate::model::Hash;
use crate::setup::{output, rich};

#[test]
fn a_drawn_length_and_one_call_a_position_have_the_joint_law() {
    let chain = Chain::new(0.2).unwrap();
    // Lengths 1, 2 and 4 with these odds; 5 is more than the request allows.
    let odds = [9.0f64, 0.5, 0.2, 0.0, 0.3, 7.0];
    let head = |_: &[u32]| odds.map(f64::ln).to_vec();
    let model = WithLength { length: head, model: chain };
    let inner = Parallel { calls: 4, ..Parallel::default() };
    let strategy = ByLength { pick: Pick::Sample, ..ByLength::new(inner) };
    let law = Law::of_runs(&strategy, &model, &Request::new([1]).max(4)).unwrap();
    let mut total = 0.0;
    for (row, p) in &law.probs {
        let expected = odds[row.len() - 1] * chain.prob(row) / 0.5;
        assert!((p - expected).abs() < 1e-12, "{row:?}: {p}, not {expected}");
        total += p;
    }
    assert!((total - 1.0).abs() < 1e-12);
    assert_eq!(law.probs.len(), 2 + 4 + 16);
}

#[test]
fn the_best_mean_of_the_candidates_wins() {
    let model = Hash::default();
    let head = |prompt: &[u32]| {
        (0..9).map(|n| 3.0 * Key::new(8 + prompt.len() as u64).uniform(n)).collect()
    };
    let pair = WithLength { length: head, model: &model };
    let prompts = [vec![1, 2], vec![], vec![4, 4, 4]];
    for inner in [
        MaskPredict { warps: rich(), ..MaskPredict::default() },
        MaskPredict { pick: Pick::Sample, ..MaskPredict::default() },
    ] {
        for candidates in [1, 2, 3, 20] {
            let strategy = ByLength { candidates, ..ByLength::new(inner.clone()) };
            let request = || Request::prompts(prompts.clone()).max(8).seed(3);
            let got = output(strategy.run(&pair, request()));
            for (r, prompt) in prompts.iter().enumerate() {
                // By hand: each length on its own.
                let logits: Vec<f64> = head(prompt);
                let mut lens: Vec<usize> = (1..9).collect();
                lens.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]));
                lens.truncate(candidates);
                let mean = |n: usize| {
                    let alone = Request::new(prompt.clone()).max(n).seed(3).first_row(r as u32);
                    let alone = output(inner.run(&model, alone));
                    let logps: f64 = alone.log_probs(0).iter().flatten().sum();
                    (logps / n as f64, alone.row(0))
                };
                let best = lens.into_iter().map(mean).max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
                assert_eq!(got.row(r), best.1);
                assert_eq!(got.finish[r], Finish::Full);
            }
            let own = output(strategy.run(&pair, request().log_probs(2)));
            for r in 0..3 {
                assert_eq!(own.cells(r), got.cells(r));
                let said = own.own_log_probs(r).iter().flatten().count();
                assert_eq!(said, got.generated(r).len());
            }
        }
    }
}

#[test]
fn every_strategy_on_a_canvas_can_have_its_length_said() {
    let model = Hash::default();
    let pair = WithLength { length: |_: &[u32]| vec![0.0, 0.0, 0.0, 0.0, 5.0], model: &model };
    let request = || Request::prompts([vec![3], vec![1, 1]]).max(9).seed(1);
    let fixed = || Request::new([3]).max(4).seed(1);
    let parallel = Parallel { calls: 2, ..Parallel::default() };
    let blocks = Blocks { size: 2, inner: parallel.clone() };
    let mend = ReMdm::default();
    let a = output(ByLength::new(parallel.clone()).run(&pair, request()));
    let b = output(ByLength::new(blocks.clone()).run(&pair, request()));
    let c = output(ByLength::new(mend.clone()).run(&pair, request()));
    assert_eq!(a.row(0), output(parallel.run(&model, fixed())).row(0));
    assert_eq!(b.row(0), output(blocks.run(&model, fixed())).row(0));
    assert_eq!(c.row(0), output(mend.run(&model, fixed())).row(0));
    assert_eq!(a.generated(1).len(), 4);
}

#[test]
fn lengths_that_cannot_be_are_errors() {
    let model = Hash::default();
    let run = |logits: Vec<f64>, strategy: ByLength<Parallel>| {
        let pair = WithLength { length: move |_: &[u32]| logits.clone(), model: &model };
        strategy.run(&pair, Request::new([1]).max(3)).map(drop)
    };
    let one = || ByLength::new(Parallel::default());
    let none = f64::NEG_INFINITY;
    assert!(matches!(run(vec![], one()), Err(Error::EmptySupport { row: 0, pos: 1 })));
    assert!(matches!(run(vec![0.0], one()), Err(Error::EmptySupport { .. })));
    assert!(matches!(
        run(vec![0.0, none, none, none, 1.0], one()),
        Err(Error::EmptySupport { .. })
    ));
    assert!(matches!(run(vec![0.0, f64::NAN], one()), Err(Error::NotFinite { .. })));
    let zero = ByLength { candidates: 0, ..one() };
    assert!(matches!(run(vec![0.0; 3], zero), Err(Error::Parameter { .. })));
    let drawn = ByLength { candidates: 2, pick: Pick::Sample, ..one() };
    assert!(matches!(run(vec![0.0; 3], drawn), Err(Error::Contradiction { .. })));
    let bad = ByLength::new(Parallel { calls: 0, ..Parallel::default() });
    assert!(matches!(run(vec![0.0; 3], bad), Err(Error::Parameter { .. })));
    let pair = WithLength { length: |_: &[u32]| vec![0.0; 3], model: &model };
    let mut canvas = Canvas::blank(1, 4);
    canvas.fix(0, 2, 1).unwrap();
    assert!(matches!(one().run(&pair, Request::infill(canvas)), Err(Error::Contradiction { .. })));
}

/// Residual codes of two frames in three levels: the coarse codes are a chain, and each finer code
/// depends on the coarser ones of its frame.
fn codes() -> impl Fn(&[[u32; 3]; 2]) -> f64 {
    |frames| {
        let [a, b] = frames.map(|f| f[0]);
        let mut p = 0.5 * if a == b { 0.8 } else { 0.2 };
        for [coarse, middle, fine] in *frames {
            p *= if middle == coarse { 0.7 } else { 0.3 };
            let same = if middle == 1 { 0.9 } else { 0.4 };
            p *= if fine == coarse { same } else { 1.0 - same };
        }
        p
    }
}

/// The table of the codes, where position `place(level, frame)` of a row holds a code.
fn table(place: impl Fn(usize, usize) -> usize) -> Table {
    let p = codes();
    let weights: Vec<f64> = (0..64u32)
        .map(|n| {
            let bit = |at: usize| n >> (5 - at) & 1;
            p(&[0, 1].map(|frame| [0, 1, 2].map(|level| bit(place(level, frame)))))
        })
        .collect();
    Table::new(2, 6, &weights).unwrap()
}

#[test]
fn levels_from_coarse_to_fine_are_exact_and_all_at_once_is_not() {
    let plan = Chain::new(0.2).unwrap();
    let blank = Request::blank(6);
    let check = |law: &Law, table: &Table, calls: f64| {
        assert!((law.calls - calls).abs() < 1e-12);
        law.against(2, |ids| table.prob(ids)).kl_pq
    };
    // Level after level: the first two positions are the coarse codes.
    let by_level = table(|level, frame| 2 * level + frame);
    let model = Both { plan, detail: &by_level };
    let first = || Ar { plan: Layout::First(2), ..Ar::default() };
    let fine = Then {
        plan: first(),
        detail: Blocks { size: 2, inner: Parallel::default() },
        join: Join::Fix,
    };
    let law = Law::of_runs(&fine, &model, &blank).unwrap();
    assert!(check(&law, &by_level, 4.0).abs() < 1e-12);
    let at_once = Then { plan: first(), ..Then::default() };
    let law = Law::of_runs(&at_once, &model, &blank).unwrap();
    assert!(check(&law, &by_level, 3.0) > 0.05, "the finest level does not see the middle one");
    // More calls on one level than on another.
    let calls = |calls| Parallel { calls, ..Parallel::default() };
    let uneven = Blocks { size: 2, inner: vec![calls(2), calls(2), calls(1)] };
    let law = Law::of_runs(&uneven, &by_level, &blank).unwrap();
    assert!(check(&law, &by_level, 5.0).abs() < 1e-12);
    // Frame after frame: every third position is a coarse code.
    let by_frame = table(|level, frame| 3 * frame + level);
    let model = Both { plan, detail: &by_frame };
    let levels =
        Parallel { calls: 3, order: Order::Strided, reveal: Reveal::Levels, ..Parallel::default() };
    let fine = Then { plan: Ar::every(3), detail: levels, ..Then::default() };
    let law = Law::of_runs(&fine, &model, &blank).unwrap();
    assert!(check(&law, &by_frame, 4.0).abs() < 1e-12);
    let short = Blocks { size: 2, inner: vec![calls(1)] };
    assert!(matches!(short.run(&by_level, blank), Err(Error::Length { expected: 3, got: 1, .. })));
}

#[test]
fn a_plan_may_have_any_details() {
    let model = Hash::default();
    let both = Both { plan: &model, detail: &model };
    let plan = output(Ar::every(3).run(&model, Request::blank(9).rows(2).seed(4)));
    let mend = Then { plan: Ar::every(3), detail: ReMdm::default(), join: Join::Fix };
    let predict = Then { plan: Ar::every(3), detail: MaskPredict::default(), join: Join::Fix };
    let request = || Request::blank(9).rows(2).seed(4);
    for got in [output(mend.run(&both, request())), output(predict.run(&both, request()))] {
        for r in 0..2 {
            assert_eq!((got.row(r).len(), got.finish[r]), (9, Finish::Full));
            (0..9).step_by(3).for_each(|at| assert_eq!(got.cells(r)[at], plan.cells(r)[at]));
        }
    }
}

/// A masked model that forgets what stands right of a position, as block diffusion does.
struct Left(Hash);

impl Masked for Left {
    fn vocab(&self) -> usize {
        7
    }

    fn fill(&self, canvas: &Canvas, at: &[Pos], out: &mut Logits) -> Result<()> {
        at.iter().try_for_each(|pos| {
            let mut left = Canvas::blank(1, pos.at + 1);
            for (k, cell) in canvas.row(pos.row)[..pos.at].iter().enumerate() {
                cell.id().map_or(Ok(()), |id| left.set(0, k, id))?;
            }
            self.0.fill(&left, &[Pos { row: 0, at: pos.at }], out)
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn blocks_stop_at_the_first_stop_after_a_block(
        seed: u64, size in 1..6usize, calls in 1..4usize, given in 0..4usize, top in 0..3usize,
    ) {
        let model = Left(Hash::default());
        let blocks = Blocks { size, inner: Parallel { calls, warps: rich(), ..Parallel::default() } };
        let mut request = Request::new(vec![2; given]).rows(5).length(16).seed(seed);
        if top > 0 { request = request.log_probs(top); }
        let free = output(blocks.run(&model, request.clone()));
        let words = ["a", "b", "c", "d", "e", "f", "g"];
        let text = StopTexts::new(words, ["ab", "ff"]).unwrap();
        let stop = Stops { ids: vec![2], sequences: vec![vec![3, 4]] };
        let got = output(blocks.run(&model, request.row_stops([stop.clone()]).stop_texts(text.clone())));
        for r in 0..5 {
            let all = free.generated(r);
            let hit = |n: &usize| {
                all[n - 1] == 2 || all[..*n].ends_with(&[3, 4]) || text.hit(&all[..*n]).is_some()
            };
            let n = (1..=all.len()).find(hit);
            prop_assert_eq!(got.generated(r), &all[..n.unwrap_or(all.len())]);
            prop_assert_eq!(n.is_none(), got.finish[r] == Finish::Full);
            let drawn = got.own_log_probs(r).iter().flatten().count();
            prop_assert_eq!(drawn, if top > 0 { got.generated(r).len() } else { 0 });
        }
        prop_assert!(got.stats.calls <= free.stats.calls);
    }
}

#[test]
fn a_stopped_batch_makes_no_more_blocks() {
    let model = Hash::default();
    let blocks = Blocks { size: 3, inner: Parallel::default() };
    let all = Stops { ids: (0..7).collect(), sequences: vec![] };
    let got = output(blocks.run(&model, Request::blank(30).rows(4).row_stops([all])));
    assert_eq!((got.stats.calls, got.stats.tokens), (1, 4));
    let ends: BTreeMap<usize, usize> = (0..4).map(|r| (r, got.generated(r).len())).collect();
    assert!(ends.values().all(|&n| n == 1));
}
