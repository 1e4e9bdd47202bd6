//! Strategies and warps that exercise many paths at once.

use gradus_generate::{
    History, MinP, Order, Output, Parallel, Penalty, Repetition, Result, Reveal, Run, Temperature,
    TopK, TopP, Warps,
};

use crate::model::VOCAB;

pub(crate) fn rich() -> Warps {
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

pub(crate) fn output(run: Result<Run<'_>>) -> Output {
    run.unwrap().collect_all().unwrap()
}

pub(crate) fn strategies() -> Vec<Parallel> {
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
