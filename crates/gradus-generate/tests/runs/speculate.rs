//! Guessing changes how fast tokens come, and nothing else.

use gradus_generate::exact::{Chain, Law, Table};
use gradus_generate::{
    Ar, Causal, Draft, Drafted, Drafter, Dry, Error, Event, Finish, Jacobi, Key, Logits, Lookup,
    Mirostat, Ragged, Request, Rule, Start, Stops, Strategy, TokenState, Want, Warps, Xtc,
};
use proptest::prelude::*;

use crate::model::{Hash, VOCAB};
use crate::setup::{output, rich};

/// Ragged prompts, one of them empty, and rows of different lengths.
fn request(seed: u64) -> Request {
    let prompts = [vec![3, 1], vec![], vec![6, 6, 6, 2, 1, 6], vec![5]];
    Request::prompts(prompts).length(25).seed(seed)
}

fn settings() -> Vec<(Warps, Stops)> {
    let stop = Stops { ids: vec![2], sequences: vec![vec![1, 1]] };
    let penalised =
        Warps::none().with(Dry::default()).with(Xtc { probability: 0.5, threshold: 0.1 });
    let held = Warps::none().with(Mirostat { tau: 1.5, eta: 0.3 });
    [Warps::none(), rich(), penalised, held]
        .into_iter()
        .flat_map(|warps| [(warps.clone(), Stops::default()), (warps, stop.clone())])
        .collect()
}

/// Runs a draft beside plain autoregression.
fn check(draft: impl Drafter, ahead: usize, seed: u64) {
    let pair = Drafted { target: Hash::default(), draft };
    for (warps, stop) in settings() {
        let ar = Ar { warps: warps.clone(), stop: stop.clone(), ..Ar::default() };
        let plain = output(ar.run(&pair.target, request(seed)));
        let fast = Draft { ahead, warps, stop, rule: Rule::Coupled };
        let fast = output(fast.run(&pair, request(seed)));
        for r in 0..4 {
            assert_eq!(fast.cells(r), plain.cells(r));
            assert_eq!(fast.log_probs(r), plain.log_probs(r));
        }
        assert_eq!(fast.finish, plain.finish);
    }
}

/// Says the same whatever it is fed.
struct Constant([f64; VOCAB]);

impl Causal for Constant {
    type State = TokenState;

    fn vocab(&self) -> usize {
        VOCAB
    }

    fn start(&self) -> Start {
        Start::Always(50)
    }

    fn begin(&self, rows: usize) -> Result<TokenState, Error> {
        Ok(TokenState::new(rows))
    }

    fn feed(
        &self,
        s: &mut TokenState,
        new: &Ragged,
        want: Want,
        out: &mut Logits,
    ) -> Result<(), Error> {
        assert_eq!(want, Want::Last);
        s.push(new)?;
        new.iter().filter(|row| !row.is_empty()).try_for_each(|_| out.extend(&self.0))
    }
}

#[test]
fn no_draft_changes_a_token() {
    for seed in 0..6 {
        for ahead in [1, 3, 40] {
            let random = Hash { salt: 5, ..Hash::default() };
            check(random, ahead, seed);
            for only in [4, 2] {
                // Id 2 is a stop.
                check(
                    Constant([0, 1, 2, 3, 4, 5, 6].map(|id| if id == only { 0.0 } else { -99.0 })),
                    ahead,
                    seed,
                );
            }
            check(Constant([f64::NAN; VOCAB]), ahead, seed);
            check(Lookup::default(), ahead, seed);
            check(Lookup { longest: 9, shortest: 2 }, ahead, seed);
        }
    }
}

#[test]
fn the_target_as_its_own_draft_is_never_wrong() {
    let target = Hash::default();
    let pair = Drafted { target: &target, draft: &target };
    let got = output(Draft::default().run(&pair, Request::new([1]).max(25).rows(3)));
    assert_eq!(got.stats.accepted, got.stats.drafted);
    // Five tokens a call, and a prompt of one token needs no call of its own.
    assert_eq!((got.stats.calls, got.stats.draft_calls), (5, 20));
    assert_eq!(got.stats.drafted, 3 * 20);
}

#[test]
fn jacobi_changes_no_token_and_needs_no_more_calls() {
    for seed in 0..6 {
        for window in [1, 2, 7, 100] {
            for (warps, stop) in settings() {
                let model = Hash::default();
                let ar = Ar { warps: warps.clone(), stop: stop.clone(), ..Ar::default() };
                let plain = output(ar.run(&model, request(seed)));
                let fast = output(Jacobi { window, warps, stop }.run(&model, request(seed)));
                for r in 0..4 {
                    assert_eq!(fast.cells(r), plain.cells(r));
                    assert_eq!(fast.log_probs(r), plain.log_probs(r));
                }
                assert_eq!(fast.finish, plain.finish);
                assert!(fast.stats.calls <= plain.stats.calls + 1);
            }
        }
    }
}

#[test]
fn events_of_a_draft_join_to_its_output() {
    let (target, draft) = (Chain::new(0.1).unwrap(), Chain::new(0.3).unwrap());
    let pair = Drafted { target: &target, draft: &draft };
    let request = || Request::prompts([vec![1], vec![0, 0, 1]]).length(30).seed(3);
    let mut cells = [[None; 30]; 2];
    let mut done = 0;
    for event in Draft::default().run(&pair, request()).unwrap() {
        match event.unwrap() {
            Event::Commit { row, at, value, .. } => {
                assert_eq!(cells[row][at].replace(value), None);
                assert!(
                    at == 0
                        || row == 0 && at == 1
                        || row == 1 && at == 3
                        || cells[row][at - 1].is_some()
                );
            }
            Event::Done { why, .. } => {
                assert_eq!(why, Finish::Length);
                done += 1;
            }
            Event::Round { call, of } => assert!(call <= of.unwrap()),
            Event::Own { .. } | Event::Revise { .. } => panic!("nothing is taken back"),
        }
    }
    let joined = output(Draft::default().run(&pair, request()));
    assert_eq!(done, 2);
    assert_eq!(joined.generated(1), cells[1].iter().flatten().copied().collect::<Vec<_>>());
}

/// The law of whole runs, with every choice of target, draft and coin enumerated.
fn law(rule: Rule, ahead: usize, target: &Table, draft: &Table) -> Law {
    let pair = Drafted { target, draft };
    let draft = Draft { ahead, rule, ..Draft::default() };
    Law::of_runs(&draft, &pair, &Request::blank(3)).unwrap()
}

#[test]
fn a_biased_rule_is_biased() {
    let weights: Vec<f64> = (0..8).map(|i| 0.1 + Key::new(1).uniform(i)).collect();
    let target = Table::new(2, 3, &weights).unwrap();
    let draft = Table::new(2, 3, &[1.0; 8]).unwrap();
    let typical = Rule::Typical { epsilon: 0.3, alpha: 0.09 };
    let c = law(typical, 2, &target, &draft).against(2, |ids| target.prob(ids));
    assert!(c.tv > 0.02, "{c:?}");
}

/// Counts pairs of neighbouring tokens of many keyed rows: noise that is used twice shows in pairs.
#[test]
fn pairs_of_tokens_follow_the_law() {
    let (target, draft) = (Chain::new(0.3).unwrap(), Chain::new(0.05).unwrap());
    let pair = Drafted { target: &target, draft: &draft };
    for (ahead, rows) in [(1, 8000), (3, 8000)] {
        let reject = Draft { ahead, rule: Rule::Reject, ..Draft::default() };
        let got = output(reject.run(&pair, Request::blank(6).rows(rows).seed(11)));
        for at in 0..5 {
            let mut counts = [0.0; 4];
            for row in 0..rows {
                let row = got.row(row);
                counts[(2 * row[at] + row[at + 1]) as usize] += 1.0;
            }
            let expected = [0.35, 0.15, 0.15, 0.35].map(|p| p * rows as f64);
            let chi: f64 = counts.iter().zip(expected).map(|(c, e)| (c - e).powi(2) / e).sum();
            // Three degrees of freedom exceed 21 once in 10⁴ times.
            assert!(chi < 21.0, "{ahead} ahead, position {at}: chi-square {chi}");
        }
        let rate = got.stats.accepted as f64 / got.stats.drafted as f64;
        assert!((0.5..0.99).contains(&rate), "{rate}");
    }
}

#[test]
fn what_cannot_be_is_an_error() {
    let (target, small) = (Hash::default(), Chain::new(0.1).unwrap());
    let request = || Request::new([1]).max(5);
    let pair = Drafted { target: &target, draft: &small };
    assert!(matches!(Draft::default().run(&pair, request()), Err(Error::Length { .. })));
    let pair = Drafted { target: &target, draft: &target };
    let none = Draft { ahead: 0, ..Draft::default() };
    assert!(matches!(none.run(&pair, request()), Err(Error::Parameter { .. })));
    let typical = Rule::Typical { epsilon: f64::NAN, alpha: 0.1 };
    let bad = Draft { rule: typical, ..Draft::default() };
    assert!(matches!(bad.run(&pair, request()), Err(Error::Parameter { .. })));
    assert!(Jacobi { window: 0, ..Jacobi::default() }.run(&target, request()).is_err());
    let lookup = Drafted { target: &target, draft: Lookup { longest: 2, shortest: 0 } };
    assert!(Draft::default().run(&lookup, request()).is_err());
    let long = Draft::default().run(&pair, Request::new([1]).max(101));
    assert!(matches!(long, Err(Error::Length { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn rejection_is_exact_for_any_pair_of_laws(
        p in prop::collection::vec(0.01..1.0f64, 27),
        mut q in prop::collection::vec(0.01..1.0f64, 27),
        kind in 0..4usize, ahead in 1..4usize,
    ) {
        let mut p = p;
        match kind {
            0 => q.clone_from(&p),
            // The draft knows one sequence only.
            1 => q.iter_mut().enumerate().for_each(|(i, w)| *w = if i == 13 { 1.0 } else { 0.0 }),
            // Nothing in common: the target never says 0 first, the draft never anything else.
            2 => (0..27).for_each(|i| if i < 9 { p[i] = 0.0 } else { q[i] = 0.0 }),
            _ => {}
        }
        let (target, draft) = (Table::new(3, 3, &p).unwrap(), Table::new(3, 3, &q).unwrap());
        let law = law(Rule::Reject, ahead, &target, &draft);
        prop_assert!(law.against(3, |ids| target.prob(ids)).tv < 1e-12);
    }
}
