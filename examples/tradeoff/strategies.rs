//! The ways to draw that are compared.

use anyhow::Result;
use gradus::generate::{
    Ar, Blocks, Both, Draft, Drafted, Jacobi, Join, Layout, Order, Parallel, Request, Reveal,
    Stats, Strategy, Then,
};

use crate::anew::Anew;
use crate::artists::Artists;
use crate::chart::NGRAMS;
use crate::pictures;

/// A strategy with its name and its family, which is its colour in the chart.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub(crate) family: &'static str,
    pub(crate) name: String,
    pub(crate) how: How,
}

#[derive(Debug, Clone)]
pub(crate) enum How {
    Ar,
    /// Without the cache.
    Anew,
    Jacobi(Jacobi),
    /// With a small network that drafts.
    Draft(Draft),
    /// With the n-gram model.
    Count(Draft),
    /// The n-gram model by itself.
    Ngram,
    /// The PixelCNN, with what it keeps.
    Pixels,
    PixelsJacobi(Jacobi),
    /// From noise, in so many steps.
    Flow(usize),
    Parallel(Parallel),
    Blocks(Blocks),
    Then(Then),
}

/// What depends on the shape of a row.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    /// Positions of a block: a line of verse, of pixels.
    pub(crate) block: usize,
    /// Positions that [`Jacobi`] guesses.
    pub(crate) window: usize,
    /// Tokens that a draft proposes.
    pub(crate) ahead: usize,
    /// Spread evenly over a row.
    pub(crate) spread: Order,
    pub(crate) layout: Layout,
    /// Strategies of this modality alone.
    pub(crate) more: Vec<Way>,
}

/// Every strategy of the comparison. Those that are exact come after the one whose output they have.
pub(crate) fn ways(len: usize, shape: &Shape) -> Vec<Way> {
    let way = |family, name: String, how| Way { family, name, how };
    let jacobi = Jacobi { window: shape.window, ..Jacobi::default() };
    let draft = Draft { ahead: shape.ahead, ..Draft::default() };
    let several = "AR, several at once";
    let mut all = vec![
        way("AR", "AR with cache".into(), How::Ar),
        way("AR", "AR without cache".into(), How::Anew),
        way(several, format!("Jacobi({})", shape.window), How::Jacobi(jacobi)),
        way(several, format!("Draft({}), small network", shape.ahead), How::Draft(draft.clone())),
        way(several, format!("Draft({}), n-grams", shape.ahead), How::Count(draft)),
        way(NGRAMS, "AR of n-grams".into(), How::Ngram),
    ];
    for (family, order) in [
        ("NAR, random order", Order::Random),
        ("NAR, spread order", shape.spread),
        ("NAR, lowest entropy first", Order::Entropy),
        ("NAR, most confident draw first", Order::Sampled { noise: 0.0 }),
    ] {
        let mut calls = vec![1, 4, 16, len];
        calls.retain(|&k| k <= len);
        calls.dedup();
        for calls in calls {
            let parallel = Parallel { calls, order, ..Parallel::default() };
            // With one call there is no order.
            let once = calls == 1;
            if once && order != Order::Random {
                continue;
            }
            let what = if once { "in one go" } else { &family["NAR, ".len()..] };
            all.push(way(family, format!("NAR K={calls}, {what}"), How::Parallel(parallel)));
        }
    }
    let inner = |calls| Parallel { calls, order: Order::Random, ..Parallel::default() };
    let blocks = |calls| Blocks { size: shape.block, inner: inner(calls) };
    for calls in [1, 2] {
        let name = format!("Blocks({}) of {calls}", shape.block);
        all.push(way("AR+NAR", name, How::Blocks(blocks(calls))));
    }
    for calls in [1, 4] {
        let plan = Ar { plan: shape.layout.clone(), ..Ar::default() };
        let detail = Parallel { reveal: Reveal::Linear, ..inner(calls) };
        let how = How::Then(Then { plan, detail, join: Join::Fix });
        all.push(way("AR+NAR", format!("Then: plan, {calls} for the rest"), how));
    }
    all.extend(shape.more.iter().cloned());
    all
}

impl How {
    /// Whether the output is that of the last strategy for which this is not so, token for token.
    pub(crate) fn is_exact(&self) -> bool {
        use How::{Anew, Count, Draft, Jacobi, PixelsJacobi};
        matches!(self, Anew | Jacobi(_) | Draft(_) | Count(_) | PixelsJacobi(_))
    }

    /// Draws a row for each class; the first has this number in the keys.
    pub(crate) fn draw(
        &self,
        artists: &Artists,
        classes: &[u32],
        first_row: usize,
        seed: u64,
    ) -> Result<(Vec<Vec<u32>>, Stats)> {
        let first_row = u32::try_from(first_row)?;
        let request =
            Request::blank(artists.len).rows(classes.len()).first_row(first_row).seed(seed);
        let run = match self {
            Self::Ar => {
                Ar::default().run(&artists.ar.conditioned(classes)?, request)?.collect_all()
            }
            Self::Anew => {
                let model = Anew(artists.ar.conditioned(classes)?);
                Ar::default().run(&model, request)?.collect_all()
            }
            Self::Jacobi(s) => s.run(&artists.ar.conditioned(classes)?, request)?.collect_all(),
            Self::Draft(s) => {
                let (target, draft) = (artists.ar.conditioned(classes)?, &artists.draft);
                let pair = Drafted { target, draft: draft.conditioned(classes)? };
                s.run(&pair, request)?.collect_all()
            }
            Self::Count(s) => {
                let target = artists.ar.conditioned(classes)?;
                s.run(&Drafted { target, draft: &artists.ngram }, request)?.collect_all()
            }
            Self::Ngram => Ar::default().run(&artists.ngram, request)?.collect_all(),
            Self::Pixels => {
                let net = pictures::of(artists.painters.as_ref())?.pixels.painter(classes)?;
                Ar::default().run(&net, request)?.collect_all()
            }
            Self::PixelsJacobi(s) => {
                let net = pictures::of(artists.painters.as_ref())?.pixels.painter(classes)?;
                s.run(&net, request)?.collect_all()
            }
            Self::Flow(calls) => {
                let painters = pictures::of(artists.painters.as_ref())?;
                return painters.flow(*calls, classes, first_row, seed);
            }
            Self::Parallel(s) => s.run(&artists.nar.conditioned(classes)?, request)?.collect_all(),
            Self::Blocks(s) => s.run(&artists.nar.conditioned(classes)?, request)?.collect_all(),
            Self::Then(s) => {
                let plan = artists.plan.conditioned(classes)?;
                let both = Both { plan, detail: artists.nar.conditioned(classes)? };
                s.run(&both, request)?.collect_all()
            }
        };
        let output = run?;
        Ok(((0..output.rows()).map(|r| output.row(r)).collect(), output.stats))
    }
}
