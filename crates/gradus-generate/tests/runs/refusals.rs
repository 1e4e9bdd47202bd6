//! What is refused.

use gradus_generate::exact::Chain;
use gradus_generate::{
    Ar, Blocks, Both, Canvas, Error, Layout, Order, Parallel, Request, Reveal, Stops, Strategy,
    Then, TopK, Warps,
};

use crate::model::{Fixed, Hash};

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
