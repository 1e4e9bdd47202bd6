//! Beam search against searches that are easy to trust.

use gradus_generate::exact::Table;
use gradus_generate::{Ar, Beam, Error, Finish, Request, Stops, Strategy, Temperature, Warps};
use proptest::prelude::*;

use crate::model::{Hash, VOCAB, mixed};
use crate::setup::{output, rich};

fn log_softmax(logits: [f32; VOCAB]) -> [f64; VOCAB] {
    let logits = logits.map(f64::from);
    let total = logits.iter().map(|l| l.exp()).sum::<f64>().ln();
    logits.map(|l| l - total)
}

/// The best end by looking at every row: (penalised score, generated).
fn best_of_all(prompt: &[u32], max: usize, stop: u32, alpha: f64) -> (f64, Vec<u32>) {
    let mut open = vec![(0.0, Vec::<u32>::new())];
    let mut best = (f64::NEG_INFINITY, Vec::new());
    while let Some((score, row)) = open.pop() {
        let logps = log_softmax(mixed(prompt.iter().chain(&row).copied()));
        for (id, logp) in (0..).zip(logps) {
            let longer = [&row[..], &[id]].concat();
            let end = (score + logp) / (longer.len() as f64).powf(alpha);
            if id != stop && longer.len() < max {
                open.push((score + logp, longer));
            } else if end > best.0 {
                best = (end, longer);
            }
        }
    }
    best
}

#[test]
fn a_wide_beam_finds_the_best_row_there_is() {
    for (prompt, alpha) in
        [(vec![1], 0.0), (vec![2, 5], 1.0), (vec![3, 3, 3], 1.7), (vec![0], -0.5)]
    {
        let (_, best) = best_of_all(&prompt, 4, 2, alpha);
        let beam = Beam { width: 343, alpha, stop: Stops::at(2), ..Beam::default() };
        let got = output(beam.run(&Hash::default(), Request::new(prompt).max(4)));
        assert_eq!(got.generated(0), best, "α = {alpha}");
    }
}

#[test]
fn a_beam_of_one_is_greedy_and_rows_do_not_depend_on_the_batch() {
    let model = Hash::default();
    let prompts = [vec![3, 1], vec![], vec![6, 6, 6]];
    let batch = || Request::prompts(prompts.clone()).length(12);
    let stop = Stops { ids: vec![2], sequences: vec![vec![1, 1]] };
    let greedy = Ar { stop: stop.clone(), ..Ar::greedy() };
    // With a length penalty it might look on after an end.
    let one = Beam { width: 1, alpha: 0.0, stop: stop.clone(), ..Beam::default() };
    let (a, b) = (output(greedy.run(&model, batch())), output(one.run(&model, batch())));
    let wide = Beam { width: 3, warps: rich(), stop, ..Beam::default() };
    let all = output(wide.run(&model, batch()));
    for (r, prompt) in prompts.iter().enumerate() {
        assert_eq!((a.cells(r), a.finish[r]), (b.cells(r), b.finish[r]));
        assert_eq!(a.log_probs(r), b.log_probs(r));
        let alone = Request::new(prompt.clone()).length(12).first_row(r as u32);
        let alone = output(wide.run(&model, alone));
        assert_eq!((all.cells(r), all.finish[r]), (alone.cells(0), alone.finish[0]));
    }
}

#[test]
fn without_stops_every_row_reaches_its_length() {
    let got = output(Beam::default().run(&Hash::default(), Request::new([1]).max(6).rows(2)));
    assert_eq!((got.row(0), got.finish[1]), (got.row(1), Finish::Length));
    assert_eq!((got.generated(0).len(), got.stats.calls), (6, 6));
}

#[test]
fn bad_beams_are_errors() {
    let run = |beam: Beam| beam.run(&Hash::default(), Request::new([1]).max(3)).map(|_| ());
    assert!(matches!(run(Beam { width: 0, ..Beam::default() }), Err(Error::Parameter { .. })));
    assert!(matches!(
        run(Beam { alpha: f64::NAN, ..Beam::default() }),
        Err(Error::Parameter { .. })
    ));
    let cold = Warps::none().with(Temperature(-1.0));
    assert!(run(Beam { warps: cold, ..Beam::default() }).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_beam_never_does_worse_than_greedy_and_finds_what_fits(
        weights in prop::collection::vec(0.01..1.0f64, 27),
    ) {
        let table = Table::new(3, 3, &weights).unwrap();
        let best = (0..27usize).max_by(|&a, &b| weights[a].total_cmp(&weights[b])).unwrap() as u32;
        let wide = output(Beam { width: 9, ..Beam::default() }.run(&table, Request::blank(3)));
        prop_assert_eq!(wide.row(0), [best / 9, best / 3 % 3, best % 3]);
        let greedy = output(Ar::greedy().run(&table, Request::blank(3)));
        prop_assert!(table.prob(&wide.row(0)) >= table.prob(&greedy.row(0)));
    }
}
