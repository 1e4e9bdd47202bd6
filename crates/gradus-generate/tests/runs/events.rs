//! Events, stops, cancelling.

use std::sync::atomic::Ordering;

use gradus_generate::{
    Ar, Beam, Blocks, Both, ByLength, Canvas, Draft, Drafted, Event, Finish, Jacobi, Key, Keyed,
    Lookup, MaskPredict, Order, Parallel, ReMdm, Request, Result, Run, Stops, Strategy, Then,
    WithLength,
};

use crate::model::Hash;
use crate::setup::{output, strategies};

/// Events joined by hand, with every position committed once and every row done once.
fn joined(run: Run<'_>, rows: usize, len: usize) -> (Vec<Vec<Option<u32>>>, Vec<Finish>) {
    let mut cells = vec![vec![None; len]; rows];
    let mut finish = vec![None; rows];
    for event in run {
        match event.unwrap() {
            Event::Commit { row, at, value, logp } => {
                assert_eq!(cells[row][at].replace(value), None);
                assert_eq!(finish[row], None);
                assert!(logp <= 0.0);
            }
            Event::Revise { row, at, value, logp } => {
                assert!(logp <= 0.0);
                assert!(cells[row][at].replace(value).is_some());
            }
            Event::Done { row, why } => assert_eq!(finish[row].replace(why), None),
            Event::Own { .. } => panic!("nobody asked"),
            Event::Round { call, of } => assert!(of.is_none_or(|of| call <= of)),
        }
    }
    (cells, finish.into_iter().map(Option::unwrap).collect())
}

#[test]
fn joined_events_equal_the_output() {
    let model = Hash::default();
    let both = Both { plan: &model, detail: &model };
    let request = || Request::blank(12).rows(3).seed(9);
    let check = |a: Run<'_>, b: Run<'_>| {
        let (cells, finish) = joined(a, 3, 12);
        let b = b.collect_all().unwrap();
        assert_eq!(finish, b.finish);
        (0..3).for_each(|r| assert_eq!(b.cells(r), cells[r]));
    };
    let ar = Ar { stop: Stops::at(3), ..Ar::default() };
    check(ar.run(&model, request()).unwrap(), ar.run(&model, request()).unwrap());
    for p in strategies() {
        check(p.run(&model, request()).unwrap(), p.run(&model, request()).unwrap());
        if matches!(p.order, Order::Random | Order::Dyadic) {
            let t = Then { plan: Ar::every(3), detail: p, ..Then::default() };
            check(t.run(&both, request()).unwrap(), t.run(&both, request()).unwrap());
        }
    }
}

#[test]
fn steps_composed_equal_the_run() {
    let model = Hash::default();
    for p in strategies() {
        let mut canvas = Canvas::blank(2, 12);
        canvas.fix(0, 4, 3).unwrap();
        let run = output(p.run(&model, Request::infill(canvas.clone()).seed(6)));
        let before = model.calls.load(Ordering::Relaxed);
        for call in 0..p.calls {
            canvas = p.step(&model, &canvas, call, Key::new(6), &mut Keyed).unwrap().canvas;
        }
        let calls = model.calls.load(Ordering::Relaxed) - before;
        let cells = |r: usize| canvas.row(r).iter().map(|c| c.id()).collect::<Vec<_>>();
        assert_eq!([run.cells(0), run.cells(1)], [cells(0), cells(1)], "{p:?}");
        assert_eq!((run.stats.calls as usize, run.cells(0)[4]), (calls, Some(3)), "{p:?}");
        assert!(calls <= p.calls.min(23));
    }
}

#[test]
fn stops_end_rows_and_the_rest_goes_on() {
    let model = Hash::default();
    let free = output(Ar::default().run(&model, Request::new([1]).rows(8).seed(3).max(30)));
    let sequence = free.generated(0)[4..6].to_vec();
    // An id that does not end row 0 before the sequence does.
    let id = (0..7).find(|id| !free.generated(0)[..6].contains(id)).unwrap();
    let stop = Stops { ids: vec![id], sequences: vec![vec![id; 5], sequence] };
    let ar = Ar { stop: stop.clone(), ..Ar::default() };
    let got = output(ar.run(&model, Request::new([1]).rows(8).seed(3).max(30)));
    let mut seen = Vec::new();
    for r in 0..8 {
        let (all, cut) = (free.generated(r), got.generated(r));
        let ends =
            |n: &usize| all[n - 1] == id || stop.sequences.iter().any(|s| all[..*n].ends_with(s));
        let n = (1..=30).find(ends).unwrap_or(30);
        assert_eq!(cut, all[..n]);
        seen.push(got.finish[r]);
    }
    assert!(seen.contains(&Finish::Stop(id)) && seen.contains(&Finish::StopSeq(1)), "{seen:?}");
    // A stop id in the prompt does not count.
    let got = output(ar.run(&model, Request::new([id]).seed(3).max(3)));
    assert!(!got.generated(0).is_empty());
}

#[test]
fn cancelling_takes_effect_within_one_call() {
    let model = Hash::default();
    let mut run = Ar::default().run(&model, Request::blank(50).rows(2)).unwrap();
    let stopper = run.stopper();
    assert_eq!(model.calls.load(Ordering::Relaxed), 0, "nothing happens before the first pull");
    assert!(matches!(run.next(), Some(Ok(Event::Commit { row: 0, at: 0, .. }))));
    assert!(matches!(run.next(), Some(Ok(Event::Commit { row: 1, at: 0, .. }))));
    std::thread::spawn(move || stopper.stop()).join().unwrap();
    let rest: Vec<_> = run.by_ref().map(Result::unwrap).collect();
    let done = |row| Event::Done { row, why: Finish::Cancelled };
    assert_eq!(rest, [Event::Round { call: 1, of: Some(50) }, done(0), done(1)]);
    assert_eq!(model.calls.load(Ordering::Relaxed), 1);
    assert_eq!(run.stats().tokens, 2);
    let late = Request::blank(50).deadline(std::time::Duration::ZERO);
    let late = output(Parallel::default().run(&model, late));
    assert_eq!((late.finish[0], late.stats.calls, late.row(0).len()), (Finish::Deadline, 0, 0));
}

#[test]
fn every_strategy_ends_within_one_call() {
    let model = Hash::default();
    let both = Both { plan: &model, detail: &model };
    let pair = Drafted { target: &model, draft: Lookup::default() };
    let long = WithLength { length: |_: &[u32]| vec![1.0; 30], model: &model };
    let many = || Parallel { calls: 20, ..Parallel::default() };
    let request = || Request::new([1]).max(30).rows(3);
    let start = |k: usize, request: Request| -> Result<Run<'_>> {
        match k {
            0 => Ar::default().run(&model, request),
            1 => Beam::default().run(&model, request),
            2 => Jacobi { window: 2, ..Jacobi::default() }.run(&model, request),
            3 => Draft::default().run(&pair, request),
            4 => many().run(&model, request),
            5 => Blocks { size: 4, inner: many() }.run(&model, request),
            6 => ReMdm::default().run(&model, request),
            7 => MaskPredict::default().run(&model, request),
            8 => Then { plan: Ar::every(3), detail: many(), ..Then::default() }.run(&both, request),
            _ => ByLength { candidates: 9, ..ByLength::new(many()) }.run(&long, request),
        }
    };
    let called = |event: &Result<Event>| matches!(event, Ok(Event::Round { call: 1.., .. }));
    for k in 0..10 {
        let mut run = start(k, request()).unwrap();
        let stopper = run.stopper();
        run.by_ref().find(called).unwrap().unwrap();
        let calls = model.calls.load(Ordering::Relaxed);
        stopper.stop();
        let rest: Vec<_> = run.by_ref().map(Result::unwrap).collect();
        let done = |row| Event::Done { row, why: Finish::Cancelled };
        assert!(rest.ends_with(&[done(0), done(1), done(2)]), "{k}: {rest:?}");
        assert_eq!(model.calls.load(Ordering::Relaxed), calls, "{k}");
        let late = output(start(k, request().deadline(std::time::Duration::ZERO)));
        assert_eq!((late.stats.calls, late.finish[2]), (0, Finish::Deadline), "{k}");
        assert_eq!(model.calls.load(Ordering::Relaxed), calls, "{k}");
        let whole = output(start(k, request()));
        assert!(whole.stats.first.is_some_and(|first| first <= whole.stats.wall));
        assert!(whole.stats.tokens_per_second().is_some_and(|rate| rate > 0.0));
        assert_eq!(whole.stats.acceptance().is_some(), k == 2 || k == 3);
        let per_call = whole.stats.tokens as f64 / whole.stats.calls as f64;
        assert_eq!(whole.stats.tokens_per_call(), Some(per_call));
    }
}
