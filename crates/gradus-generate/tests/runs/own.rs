//! What the model itself says, beside what the warps made of it; stops of single rows, and by text.

use gradus_generate::{
    Ar, Beam, Blocks, Draft, Drafted, Error, Finish, Jacobi, MaskPredict, Output, Parallel, ReMdm,
    Request, Result, Run, StopTexts, Stops, Strategy, Warps, score,
};

use crate::model::{Hash, VOCAB};
use crate::setup::{output, rich, strategies};

fn left_to_right(model: &Hash, warps: &Warps, request: &Request) -> Vec<Output> {
    let pair = Drafted { target: model, draft: model };
    let (warps, request) = (|| warps.clone(), || request.clone());
    let runs: Vec<Result<Run<'_>>> = vec![
        Ar { warps: warps(), ..Ar::default() }.run(model, request()),
        Beam { warps: warps(), ..Beam::default() }.run(model, request()),
        Jacobi { warps: warps(), ..Jacobi::default() }.run(model, request()),
        Draft { warps: warps(), ..Draft::default() }.run(&pair, request()),
    ];
    runs.into_iter().map(output).collect()
}

#[test]
fn own_log_probs_are_those_of_the_score() {
    let model = Hash::default();
    let request = Request::prompts([vec![3, 1], vec![1, 2, 3, 4], vec![0]]).length(14).seed(3);
    for warps in [Warps::none(), rich()] {
        let without = left_to_right(&model, &warps, &request);
        let with = left_to_right(&model, &warps, &request.clone().log_probs(3));
        for (without, with) in without.iter().zip(&with) {
            for r in 0..3 {
                assert_eq!(
                    (without.cells(r), without.log_probs(r)),
                    (with.cells(r), with.log_probs(r))
                );
                assert!(without.own_log_probs(r).iter().all(Option::is_none));
                let scored = &score(&model, &[with.row(r)]).unwrap()[0];
                for (at, scored) in scored.iter().enumerate() {
                    let (own, warped) = (with.own_log_probs(r)[at], with.log_probs(r)[at]);
                    assert_eq!(own.is_some(), warped.is_some());
                    let Some(own) = own else { continue };
                    assert_eq!(Some(own), *scored, "bit for bit");
                    if warps.is_empty() {
                        assert!((own - warped.unwrap()).abs() < 1e-12);
                    }
                    let top = with.alternatives(r, at);
                    assert_eq!(top.len(), 3);
                    assert!(top.windows(2).all(|pair| pair[0].1 >= pair[1].1));
                    let drawn = with.cells(r)[at].unwrap();
                    let among = top.iter().find(|x| x.0 == drawn);
                    assert!(among.map_or(own <= top[2].1, |x| x.1 == own));
                }
            }
        }
    }
}

#[test]
fn masked_strategies_say_it_too() {
    let model = Hash::default();
    let request = || Request::blank(12).rows(2).seed(4);
    let check = |run: &dyn Fn(Request) -> Output| {
        let (without, with) = (run(request()), run(request().log_probs(VOCAB + 5)));
        for r in 0..2 {
            assert_eq!(without.cells(r), with.cells(r));
            for at in 0..12 {
                let top = with.alternatives(r, at);
                assert_eq!(top.len(), VOCAB, "no more than there are");
                let total: f64 = top.iter().map(|x| x.1.exp()).sum();
                assert!((total - 1.0).abs() < 1e-12);
                let drawn = top.iter().find(|x| Some(x.0) == with.cells(r)[at]).unwrap();
                assert_eq!(Some(drawn.1), with.own_log_probs(r)[at]);
            }
        }
    };
    for p in strategies() {
        check(&|request| output(p.run(&model, request)));
    }
    let blocks = Blocks { size: 5, inner: Parallel { warps: rich(), ..Parallel::default() } };
    check(&|request| output(blocks.run(&model, request)));
    let mend = ReMdm { warps: rich(), ..ReMdm::default() };
    check(&|request| output(mend.run(&model, request)));
    let predict = MaskPredict { warps: rich(), ..MaskPredict::default() };
    check(&|request| output(predict.run(&model, request)));
}

#[test]
fn rows_have_stops_of_their_own() {
    let model = Hash::default();
    let plain = output(Ar::default().run(&model, Request::new([1]).rows(3).max(20).seed(6)));
    let own = [
        Stops::at(plain.generated(0)[3]),
        Stops::default(),
        Stops { ids: vec![], sequences: vec![plain.generated(2)[4..7].to_vec()] },
    ];
    let request = || Request::new([1]).rows(3).max(20).seed(6);
    let strategy =
        Ar { stop: Stops { ids: vec![], sequences: vec![vec![0; 20]] }, ..Ar::default() };
    let got = output(strategy.run(&model, request().row_stops(own.clone())));
    let cut = |r: usize, hit: &dyn Fn(&[u32]) -> bool| {
        let all = plain.generated(r);
        let n = (1..=20).find(|&n| hit(&all[..n])).unwrap_or(20);
        all[..n].to_vec()
    };
    assert_eq!(got.generated(0), cut(0, &|ids| ids.ends_with(&own[0].ids)));
    assert_eq!(got.finish[0], Finish::Stop(own[0].ids[0]));
    assert_eq!((got.generated(1), got.finish[1]), (plain.generated(1), Finish::Length));
    assert_eq!(got.generated(2), cut(2, &|ids| ids.ends_with(&own[2].sequences[0])));
    assert_eq!(got.finish[2], Finish::StopSeq(1), "after the strategy's own");
    let fast = output(
        Jacobi { window: 4, ..Jacobi::default() }.run(&model, request().row_stops(own.clone())),
    );
    (0..3).for_each(|r| assert_eq!(fast.cells(r), got.cells(r)));
    // For each prompt, if there are samples.
    let two = || Request::prompts([[1], [2]]).max(9).samples(2);
    assert!(Ar::default().run(&model, two().row_stops(own[..2].to_vec())).is_ok());
    let wrong = Ar::default().run(&model, two().row_stops(own.clone()));
    assert!(matches!(wrong, Err(Error::Length { expected: 2, got: 3, .. })));
    let unknown = Ar::default().run(&model, request().row_stops(vec![Stops::at(9); 3]));
    assert!(matches!(unknown, Err(Error::OutOfVocab { .. })));
    let nowhere = Parallel::default().run(&model, request().row_stops(own));
    assert!(matches!(nowhere, Err(Error::Contradiction { .. })));
}

#[test]
fn a_text_ends_a_row_wherever_it_begins() {
    let model = Hash::default();
    let words = ["a", "b", "ab", "ba\n", "", "\n", "xyab"];
    let texts = || StopTexts::new(words, ["aba", "\nb", "b\n\n"]).unwrap();
    let request = || Request::new([5]).rows(40).max(20).seed(1);
    let plain = output(Ar::default().run(&model, request()));
    let got = output(Ar::default().run(&model, request().stop_texts(texts())));
    let mut seen = [0; 4];
    for r in 0..40 {
        let all = plain.generated(r);
        let text = |n: usize| all[..n].iter().map(|&id| words[id as usize]).collect::<String>();
        let hit = |n: usize| ["aba", "\nb", "b\n\n"].iter().position(|t| text(n).contains(t));
        let n = (1..=20).find(|&n| hit(n).is_some()).unwrap_or(20);
        assert_eq!(got.generated(r), all[..n]);
        match got.finish[r] {
            Finish::StopText(k) => {
                assert_eq!(Some(k), hit(n));
                seen[k] += 1;
            }
            other => assert_eq!(other, Finish::Length),
        }
    }
    assert!(seen[..2].iter().all(|&n| n > 3), "{seen:?}");
    assert!(StopTexts::new(words, [""]).is_err());
    let short = StopTexts::new(["a"], ["a"]).unwrap();
    let refused = Ar::default().run(&model, request().stop_texts(short));
    assert!(matches!(refused, Err(Error::Length { expected: 7, got: 1, .. })));
}
