//! Runs: keyed draws, batches, events, stops, cancelling, refusals.

use std::sync::atomic::{AtomicUsize, Ordering};

use gradus_generate::exact::{Chain, Table};
use gradus_generate::{
    Ar, Blocks, Both, Canvas, Causal, Cell, Error, Event, Finish, History, Key, Keyed, Layout,
    Logits, Masked, MinP, Order, Output, Parallel, Penalty, Pos, Ragged, Repetition, Request,
    Result, Reveal, Run, Start, Stops, Strategy, Temperature, Then, TokenState, TopK, TopP, Want,
    Warps,
};
use proptest::prelude::*;

/// A model of 7 ids whose logits depend on everything a row was fed; it counts its calls.
#[derive(Default)]
struct Hash {
    calls: AtomicUsize,
}

const VOCAB: usize = 7;

fn mixed(ids: impl Iterator<Item = u32>) -> [f32; VOCAB] {
    let state = ids.fold(1, |h: u64, id| (h ^ u64::from(id)).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    std::array::from_fn(|v| 4.0 * Key::new(state).uniform(v as u64) as f32)
}

impl Causal for Hash {
    type State = TokenState;

    fn vocab(&self) -> usize {
        VOCAB
    }

    fn start(&self) -> Start {
        Start::IfEmpty(99)
    }

    fn context(&self) -> Option<usize> {
        Some(100)
    }

    fn begin(&self, rows: usize) -> Result<TokenState> {
        Ok(TokenState::new(rows))
    }

    fn feed(&self, s: &mut TokenState, new: &Ragged, want: Want, out: &mut Logits) -> Result<()> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        assert_eq!(want, Want::Last);
        s.push(new)?;
        (0..new.rows()).try_for_each(|r| out.extend(&mixed(s.row(r).iter().copied())))
    }
}

impl Masked for Hash {
    fn vocab(&self) -> usize {
        VOCAB
    }

    fn fill(&self, canvas: &Canvas, at: &[Pos], out: &mut Logits) -> Result<()> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        at.iter().try_for_each(|pos| {
            assert_eq!(canvas.row(pos.row)[pos.at], Cell::Masked);
            let cells = canvas.row(pos.row).iter().map(|c| c.id().unwrap_or(VOCAB as u32));
            out.extend(&mixed(cells.chain([pos.at as u32])))
        })
    }
}

fn rich() -> Warps {
    Warps::none()
        .with(Repetition(1.2))
        .with(Penalty { frequency: 0.1, presence: 0.2 })
        .with(Temperature(1.3))
        .with(TopK(5))
        .with(TopP(0.95))
        .with(MinP(0.01))
        .with(|l: &mut [f64], h: &History<'_>| l[h.iter().count() % VOCAB] -= 0.5)
        .standard()
}

fn output(run: Result<Run<'_>>) -> Output {
    run.unwrap().collect_all().unwrap()
}

/// The plainest loop one can write for the same law.
fn naive_ar(prompt: &[u32], max: usize, seed: u64, row: u32) -> Vec<u32> {
    let mut tokens = prompt.to_vec();
    for _ in 0..max {
        let fed = if prompt.is_empty() { vec![99] } else { Vec::new() };
        let logits = mixed(fed.into_iter().chain(tokens.iter().copied()));
        let history = History { prompt, generated: &tokens[prompt.len()..] };
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

fn strategies() -> Vec<Parallel> {
    let of = |calls, order, reveal| Parallel { calls, order, reveal, warps: rich() };
    vec![
        Parallel::default(),
        of(4, Order::Random, Reveal::Cosine),
        of(12, Order::Dyadic, Reveal::Levels),
        of(3, Order::Strided, Reveal::Linear),
        of(5, Order::HaltonGrid { height: 3, width: 4 }, Reveal::Linear),
        of(40, Order::Halton, Reveal::Linear),
        of(12, Order::MaxProb, Reveal::Threshold(0.3)),
        of(12, Order::Entropy, Reveal::Linear),
        of(7, Order::Margin, Reveal::Cosine),
        of(6, Order::Sampled { noise: 4.5 }, Reveal::Cosine),
        of(9, Order::Sampled { noise: 0.0 }, Reveal::Factor(1.5)),
    ]
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
            Event::Revise { row, at, value } => cells[row][at] = Some(value),
            Event::Done { row, why } => assert_eq!(finish[row].replace(why), None),
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

/// Answers what it was told to.
struct Fixed(Vec<f64>);

impl Causal for Fixed {
    type State = TokenState;

    fn vocab(&self) -> usize {
        3
    }

    fn start(&self) -> Start {
        Start::Prompt
    }

    fn begin(&self, rows: usize) -> Result<TokenState> {
        Ok(TokenState::new(rows))
    }

    fn feed(&self, s: &mut TokenState, new: &Ragged, _: Want, out: &mut Logits) -> Result<()> {
        s.push(new)?;
        out.extend(&self.0)
    }
}

impl Masked for Fixed {
    fn vocab(&self) -> usize {
        3
    }

    fn fill(&self, _: &Canvas, at: &[Pos], out: &mut Logits) -> Result<()> {
        at.iter().try_for_each(|_| out.extend(&self.0))
    }
}

#[test]
fn rows_that_cannot_be_drawn_name_their_place() {
    let inf = f64::INFINITY;
    let nan = Fixed(vec![0.0, f64::NAN, 0.0]);
    let error = Ar::default().run(&nan, Request::new([1, 1]).max(2)).unwrap().collect_all();
    assert!(matches!(error, Err(Error::NotFinite { row: 0, pos: 2 })), "{error:?}");
    let empty = Fixed(vec![-inf; 3]);
    for order in [Order::LeftToRight, Order::MaxProb, Order::Sampled { noise: 0.0 }] {
        let p = Parallel { order, ..Parallel::default() };
        let error = p.run(&empty, Request::new([1, 1]).max(2)).unwrap().collect_all();
        assert!(matches!(error, Err(Error::EmptySupport { row: 0, pos: 2 })), "{error:?}");
    }
    // A wrong number of logits.
    let (four, six) = (Fixed(vec![0.0; 4]), Fixed(vec![0.0; 6]));
    let short = Ar::default().run(&four, Request::new([1]).max(2));
    assert!(matches!(short.unwrap().collect_all(), Err(Error::Length { .. })));
    let short = Ar::default().run(&six, Request::new([1]).max(2));
    let mut run = short.unwrap();
    assert!(matches!(run.next(), Some(Err(Error::Length { expected: 1, got: 2, .. }))));
    assert!(run.next().is_none(), "an error ends the run");
}

fn refused<M: ?Sized, S: Strategy<M, Item = u32>>(
    strategy: &S,
    model: &M,
    request: Request,
) -> Error {
    strategy.run(model, request.clone()).map(|_| request).expect_err("must be refused")
}

#[test]
fn bad_requests_are_refused() {
    let (hash, fixed) = (Hash::default(), Fixed(vec![0.0; 3]));
    let (ar, all) = (Ar::default(), Parallel::default());
    assert!(matches!(refused(&ar, &fixed, Request::blank(3)), Error::EmptyPrompt { row: 0 }));
    let infill = || {
        let mut canvas = Canvas::blank(2, 4);
        canvas.fix(0, 2, 1).unwrap();
        Request::infill(canvas)
    };
    let length = |e: Error| assert!(matches!(e, Error::Length { .. }), "{e:?}");
    let clash = |e: Error| assert!(matches!(e, Error::Contradiction { .. }), "{e:?}");
    let unknown = |e: Error| assert!(matches!(e, Error::OutOfVocab { .. }), "{e:?}");
    for request in [
        Request::new([1]).max(0),
        Request::new([1, 2]).length(2),
        Request::new([1, 2]).length(1),
        Request::new([1]).max(2).rows(0),
        Request::prompts([[1], [2]]).max(2).rows(3),
        Request::prompts(Vec::<Vec<u32>>::new()).max(2),
        Request::infill(Canvas::blank(0, 4)),
        Request::infill(Canvas::blank(2, 0)),
        Request::new([1]).max(usize::MAX),
    ] {
        length(refused(&ar, &hash, request.clone()));
        length(refused(&all, &hash, request));
    }
    for request in [Request::new([1]).max(2).length(9), infill().max(2), infill().rows(2)] {
        clash(refused(&ar, &hash, request.clone()));
        clash(refused(&all, &hash, request));
    }
    assert!(matches!(refused(&ar, &hash, Request::new([1])), Error::Missing { .. }));
    unknown(refused(&ar, &hash, Request::new([7]).max(2)));
    unknown(refused(&all, &hash, Request::new([7]).max(2)));
    clash(refused(&ar, &hash, infill()));
    length(refused(&ar, &hash, Request::new([1]).max(101)));
    assert!(ar.run(&hash, Request::new([1]).max(100)).is_ok());
    length(refused(&all, &hash, Request::prompts([vec![1], vec![1, 2]]).max(3)));
    unknown(refused(&Ar { stop: Stops::at(7), ..Ar::default() }, &hash, Request::blank(2)));
    let stop = Stops { sequences: vec![vec![]], ..Stops::default() };
    length(refused(&Ar { stop, ..Ar::default() }, &hash, Request::blank(2)));
}

#[test]
fn bad_strategies_are_refused() {
    let hash = Hash::default();
    let of = |calls, order, reveal| Parallel { calls, order, reveal, warps: Warps::none() };
    let sampled = Order::Sampled { noise: 1.0 };
    let bad = [
        of(0, Order::Random, Reveal::Linear),
        of(2, Order::Random, Reveal::Counts(vec![4])),
        of(2, Order::Random, Reveal::Counts(vec![3, 3])),
        of(2, Order::Random, Reveal::Counts(vec![usize::MAX, 2])),
        of(1, Order::Dyadic, Reveal::Levels),
        of(4, Order::Random, Reveal::Levels),
        of(4, Order::Random, Reveal::Threshold(0.9)),
        of(4, Order::MaxProb, Reveal::Threshold(f64::NAN)),
        of(4, Order::MaxProb, Reveal::Factor(0.0)),
        of(4, Order::Entropy, Reveal::Factor(1.0)),
        of(4, sampled, Reveal::Threshold(0.9)),
        of(4, Order::Sampled { noise: -1.0 }, Reveal::Linear),
        of(4, Order::HaltonGrid { height: 2, width: 3 }, Reveal::Linear),
        Parallel { warps: Warps::none().with(TopK(0)), ..Parallel::default() },
    ];
    let both = Both { plan: &hash, detail: &hash };
    for parallel in bad {
        refused(&parallel, &hash, Request::blank(4));
        refused(&Blocks { size: 4, inner: parallel.clone() }, &hash, Request::blank(8));
        let plan = Ar { plan: Layout::At(vec![]), ..Ar::default() };
        refused(&Then { plan, detail: parallel, ..Then::default() }, &both, Request::blank(4));
    }
    refused(&Blocks { size: 0, inner: Parallel::default() }, &hash, Request::blank(4));
    refused(&Ar::every(0), &hash, Request::blank(4));
    let stopping = Then { plan: Ar { stop: Stops::at(1), ..Ar::every(2) }, ..Then::default() };
    refused(&stopping, &both, Request::blank(4));
    let chain = Chain::new(0.1).unwrap();
    let unequal = Both { plan: chain, detail: &hash };
    refused(&Then { plan: Ar::every(2), ..Then::default() }, &unequal, Request::blank(4));
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
