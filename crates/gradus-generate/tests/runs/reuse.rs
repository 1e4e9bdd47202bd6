//! A prompt is fed once: for many runs, and for many samples.

use gradus_generate::{
    Ar, Beam, Causal, Draft, Drafted, Error, Jacobi, Output, Parallel, Prefix, Request, Result,
    Run, Stops, Strategy,
};
use proptest::prelude::*;

use crate::model::{Hash, Recurrent};
use crate::setup::{output, rich};

/// Runs every strategy that goes from left to right.
fn all<M: Causal>(model: &M, request: &Request) -> Vec<Output> {
    let stop = Stops { ids: vec![2], sequences: vec![vec![1, 1]] };
    let pair = Drafted { target: model, draft: model };
    let runs: Vec<Result<Run<'_>>> = vec![
        Ar { warps: rich(), stop: stop.clone(), ..Ar::default() }.run(model, request.clone()),
        Beam { width: 4, stop, ..Beam::default() }.run(model, request.clone()),
        Jacobi::default().run(model, request.clone()),
        Draft { ahead: 3, warps: rich(), ..Draft::default() }.run(&pair, request.clone()),
    ];
    runs.into_iter().map(output).collect()
}

fn same_rows(a: &[Output], b: &[Output]) {
    for (a, b) in a.iter().zip(b) {
        assert_eq!((a.rows(), &a.finish), (b.rows(), &b.finish));
        for r in 0..a.rows() {
            assert_eq!((a.cells(r), a.log_probs(r)), (b.cells(r), b.log_probs(r)));
        }
    }
}

/// Runs from a prefix beside plain ones, with each token either fed or reused.
fn check<M: Causal>(plain: &[Output], prefix: &M, request: &Request, reused: u64) {
    let fast = all(prefix, request);
    same_rows(plain, &fast);
    for (plain, fast) in plain.iter().zip(&fast) {
        assert_eq!(fast.stats.reused, reused);
        assert_eq!(fast.stats.fed + reused, plain.stats.fed);
    }
    // The draft goes on from its prefix too.
    assert_eq!(fast[3].stats.draft_fed + reused, plain[3].stats.draft_fed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_prefix_changes_nothing_but_what_is_fed(
        read in prop::collection::vec(0..7u32, 0..6), seed: u64,
        tails in prop::collection::vec(prop::collection::vec(0..7u32, 0..5), 1..4),
        leaves in 0..8usize,
    ) {
        let mut prompts: Vec<Vec<u32>> = tails.iter().map(|t| [&read[..], t].concat()).collect();
        // One of them may leave the prefix somewhere.
        if let Some(id) = prompts[0].get_mut(leaves) { *id = (*id + 1) % 7; }
        let request = Request::prompts(prompts.clone()).length(14).seed(seed);
        let fed: Vec<u32> = if read.is_empty() { vec![99] } else { read.clone() };
        let first: Vec<Vec<u32>> =
            prompts.iter().map(|p| if p.is_empty() { vec![99] } else { p.clone() }).collect();
        let common = |p: &Vec<u32>| {
            p.iter().zip(&fed).take_while(|(a, b)| a == b).count().min(p.len() - 1) as u64
        };
        let each: Vec<u64> = first.iter().map(common).collect();
        let n = each.len() as u64;
        let shortest = each.iter().min().unwrap() * n;
        let (hash, net) = (Hash::default(), Recurrent);
        let plain = all(&hash, &request);
        same_rows(&plain, &all(&net, &request));
        check(&plain, &Prefix::new(&hash, &read).unwrap(), &request, shortest);
        check(&plain, &Prefix::new(&net, &read).unwrap(), &request, shortest);
        let rows = Prefix::of_rows(&net, &vec![read.clone(); prompts.len()]).unwrap();
        check(&plain, &rows, &request, each.iter().sum());
    }

    #[test]
    fn samples_are_the_rows_of_repeated_prompts(
        prompts in prop::collection::vec(prop::collection::vec(0..7u32, 0..6), 1..4),
        samples in 1..4usize, seed: u64,
    ) {
        let net = Recurrent;
        let spelled = prompts.iter().flat_map(|p| std::iter::repeat_n(p.clone(), samples));
        let spelled = Request::prompts(spelled.collect::<Vec<_>>()).length(14).seed(seed);
        let short = Request::prompts(prompts.clone()).length(14).seed(seed).samples(samples);
        let (long, once) = (all(&net, &spelled), all(&net, &short));
        // Beams of one prompt are the best ends, not one end again and again.
        for k in [0, 2, 3] {
            same_rows(&long[k..=k], &once[k..=k]);
            prop_assert_eq!(once[k].stats.fed + once[k].stats.reused, long[k].stats.fed);
        }
        let given: usize = prompts.iter().map(|p| p.len().max(1)).sum();
        prop_assert_eq!(once[0].stats.reused, (given * (samples - 1)) as u64);
        let canvas = |r: Request| output(Parallel { calls: 3, ..Parallel::default() }.run(&Hash::default(), r));
        let one = Request::new(prompts[0].clone()).length(14).seed(seed);
        let (a, b) = (canvas(one.clone().samples(3)), canvas(one.rows(3)));
        same_rows(&[a], &[b]);
    }

    #[test]
    fn a_fork_goes_its_own_way(
        read in prop::collection::vec(0..7u32, 1..5),
        one in prop::collection::vec(0..7u32, 1..5), other in prop::collection::vec(0..7u32, 1..5),
    ) {
        let net = Recurrent;
        let trunk = Prefix::new(&net, &read).unwrap();
        for more in [one, other] {
            let mut fork = trunk.clone();
            fork.extend(&[&more]).unwrap();
            let whole = [&read[..], &more].concat();
            prop_assert_eq!(fork.tokens(0), &whole[..]);
            let request = Request::new([&whole[..], &[3]].concat()).max(6).rows(2);
            let (a, b) = (Ar::default().run(&fork, request.clone()), Ar::default().run(&net, request));
            let (a, b) = (output(a), output(b));
            prop_assert_eq!(a.stats.reused, 2 * whole.len() as u64);
            same_rows(&[a], &[b]);
        }
        prop_assert_eq!(trunk.tokens(0), &read[..]);
        // Samples of a prompt that was read already.
        let request = Request::prompts([[&read[..], &[3]].concat(), [&read[..], &[5]].concat()]).max(6);
        let (a, b) = (all(&trunk, &request.clone().samples(2)), all(&net, &request.samples(2)));
        same_rows(&a, &b);
        for (a, b) in a.iter().zip(&b) {
            prop_assert_eq!(a.stats.fed + a.stats.reused, b.stats.fed + b.stats.reused);
        }
    }
}

#[test]
fn a_resumed_state_has_no_open_mark() {
    let net = Recurrent;
    for prefix in [Prefix::new(&net, &[1, 2]), Prefix::of_rows(&net, &[[1, 2], [1, 3]])] {
        let (state, held) = prefix.unwrap().resume(&[vec![1, 2, 4], vec![1, 3, 4]]).unwrap();
        assert!(held == [1, 1] || held == [2, 2], "{held:?}");
        assert!(!state.is_marked());
    }
}

#[test]
fn the_best_ends_of_a_beam_fall() {
    let net = Recurrent;
    let stop = Stops::at(2);
    let beam = Beam { width: 6, stop, ..Beam::default() };
    let best = output(beam.run(&net, Request::prompts([[1, 3], [4, 4]]).max(6)));
    let all = output(beam.run(&net, Request::prompts([[1, 3], [4, 4]]).max(6).samples(5)));
    assert_eq!((all.rows(), all.row(0), all.row(5)), (10, best.row(0), best.row(1)));
    let score = |r: usize| {
        let logps: Vec<f64> = all.log_probs(r).iter().flatten().copied().collect();
        logps.iter().sum::<f64>() / logps.len() as f64
    };
    for r in [0, 1, 2, 3, 5, 6, 7, 8] {
        assert!(score(r) >= score(r + 1) - 1e-12);
        assert_ne!(all.row(r), all.row(r + 1));
    }
    let many = beam.run(&net, Request::new([1]).max(6).samples(7));
    assert!(matches!(many, Err(Error::Contradiction { .. })));
}

#[test]
fn samples_differ_and_bad_prefixes_are_errors() {
    let hash = Hash::default();
    let got = output(Ar::default().run(&hash, Request::new([1, 2]).max(12).samples(4)));
    assert!((1..4).all(|r| got.row(r) != got.row(0)), "each row has its own key");
    assert!(matches!(Prefix::new(&hash, &[7]), Err(Error::OutOfVocab { .. })));
    assert!(matches!(Prefix::new(&hash, &[1; 101]), Err(Error::Length { .. })));
    let mut prefix = Prefix::of_rows(&hash, &[[1], [2]]).unwrap();
    assert!(matches!(prefix.extend(&[[1]]), Err(Error::Length { .. })));
    assert!(matches!(prefix.extend(&[vec![1; 100], vec![1]]), Err(Error::Length { .. })));
    let three = Ar::default().run(&prefix, Request::new([1]).rows(3).max(2));
    assert!(matches!(three, Err(Error::Length { .. })));
    assert!(Ar::default().run(&hash, Request::new([1]).max(2).samples(0)).is_err());
    assert!(Ar::default().run(&hash, Request::new([1]).max(2).samples(usize::MAX)).is_err());
}
