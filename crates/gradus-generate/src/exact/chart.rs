//! The trade-off between calls and distance to the data, computed.

use super::{Chain, Comparison, Law};
use crate::{
    Ar, Blocks, Both, Canvas, Order, Parallel, Request, Result, Reveal, Temperature, Then, Warps,
};

/// What one strategy costs, and how far its law is from the data.
#[derive(Debug, Clone, PartialEq)]
pub struct TradeOff {
    /// The strategy.
    pub name: &'static str,
    /// Calls of the model, on average.
    pub calls: f64,
    /// The law of its output against the data's.
    pub law: Comparison,
}

/// Positions of a sequence.
const LEN: usize = 8;

/// The exact trade-off of every strategy on eight bits of a [`Chain`] that flips with probability 0.1.
///
/// Nothing is trained or sampled: each law is enumerated. The data's entropy is
/// [`Chain::entropy`]`(8)` = 2.9687 nats.
///
/// # Errors
/// None in practice; the strategies' own are passed on.
///
/// # Examples
/// ```
/// let rows = gradus_generate::exact::trade_offs()?;
/// let find = |name: &str| rows.iter().find(|r| r.name == name).expect("a row of that name");
/// // A plan, then the details: as exact as one after the other, in fewer calls.
/// let (ar, then) = (find("Ar"), find("Then: Ar on even, one call on odd"));
/// assert!(then.law.kl_qp.abs() < 1e-9 && then.calls < ar.calls);
/// assert!(find("Parallel: one shot").law.kl_qp > 3.0);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
pub fn trade_offs() -> Result<Vec<TradeOff>> {
    let chain = Chain::new(0.1)?;
    let mut rows = one_after_the_other(&chain)?;
    rows.extend(blocks(&chain)?);
    for (name, parallel) in parallels() {
        let law = Law::of_steps(&parallel, &chain, &Canvas::blank(1, LEN))?;
        rows.push(row(name, &chain, &law));
    }
    Ok(rows)
}

fn row(name: &'static str, chain: &Chain, law: &Law) -> TradeOff {
    TradeOff { name, calls: law.calls, law: law.against(2, |bits| chain.prob(bits)) }
}

fn one_after_the_other(chain: &Chain) -> Result<Vec<TradeOff>> {
    let blank = Request::blank(LEN);
    let warm = |t| Ar { warps: Warps::none().with(Temperature(t)), ..Ar::default() };
    let strategies = [
        ("Ar", Ar::default()),
        ("Ar at temperature 0.8", warm(0.8)),
        ("Ar at temperature 0.6", warm(0.6)),
    ];
    let mut rows = Vec::new();
    for (name, ar) in strategies {
        rows.push(row(name, chain, &Law::of_runs(&ar, chain, &blank)?));
    }
    let then = Then { plan: Ar::every(2), ..Then::default() };
    let both = Both { plan: chain.every(2)?, detail: *chain };
    let law = Law::of_runs(&then, &both, &blank)?;
    rows.push(row("Then: Ar on even, one call on odd", chain, &law));
    Ok(rows)
}

fn blocks(chain: &Chain) -> Result<Vec<TradeOff>> {
    let random = |calls| Parallel { calls, ..Parallel::default() };
    let strategies = [
        ("Blocks(2): one shot inside", Blocks { size: 2, inner: random(1) }),
        ("Blocks(4): one shot inside", Blocks { size: 4, inner: random(1) }),
        ("Blocks(4): Random [2, 2] inside", Blocks { size: 4, inner: random(2) }),
    ];
    let request = Request::blank(LEN);
    let law = |(name, blocks)| Ok(row(name, chain, &Law::of_runs(&blocks, chain, &request)?));
    strategies.into_iter().map(law).collect()
}

fn parallels() -> Vec<(&'static str, Parallel)> {
    let of = |calls, order, reveal| Parallel { calls, order, reveal, warps: Warps::none() };
    let counts = |c: &[usize]| of(c.len(), Order::Random, Reveal::Counts(c.to_vec()));
    let linear = |calls, order| of(calls, order, Reveal::Linear);
    let sampled = Order::Sampled { noise: 0.0 };
    vec![
        ("Parallel: one shot", Parallel::default()),
        ("Parallel: even together, then odd together", linear(2, Order::Strided)),
        ("Parallel: Dyadic", of(LEN, Order::Dyadic, Reveal::Levels)),
        ("Parallel: Random, 1 per call", linear(8, Order::Random)),
        ("Parallel: Random [4, 4]", counts(&[4, 4])),
        ("Parallel: Random [2, 2, 2, 2]", counts(&[2, 2, 2, 2])),
        ("Parallel: Random [1, 1, 2, 4]", counts(&[1, 1, 2, 4])),
        ("Parallel: Random [4, 2, 1, 1]", counts(&[4, 2, 1, 1])),
        ("Parallel: MaxProb, 1 per call", linear(8, Order::MaxProb)),
        ("Parallel: MaxProb, 2 per call", linear(4, Order::MaxProb)),
        ("Parallel: Sampled (biased), 1 per call", linear(8, sampled)),
        ("Parallel: Sampled (biased), 2 per call", linear(4, sampled)),
        ("Parallel: Sampled (biased) >= 0.95", of(8, sampled, Reveal::Threshold(0.95))),
        ("Parallel: Sampled (biased) >= 0.8", of(8, sampled, Reveal::Threshold(0.8))),
    ]
}
