//! The law of a strategy's output.

use std::collections::BTreeMap;

use super::enumerate;
use crate::{Canvas, Error, Key, Masked, Parallel, Request, Result, Strategy};

/// The exact law of a strategy's output on one row, and its mean number of calls.
///
/// # Examples
/// ```
/// use gradus_generate::exact::{Chain, Law};
/// use gradus_generate::{Ar, Canvas, Parallel, Request};
///
/// let chain = Chain::new(0.1)?;
/// let p = |bits: &[u32]| chain.prob(bits);
/// let ar = Law::of_runs(&Ar::default(), &chain, &Request::blank(4))?;
/// assert!(ar.against(2, p).kl_pq.abs() < 1e-12);
/// let one_shot = Law::of_steps(&Parallel::default(), &chain, &Canvas::blank(1, 4))?;
/// assert!(one_shot.against(2, p).kl_pq > 1.0);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Law {
    /// The probability of each output that can occur.
    pub probs: BTreeMap<Vec<u32>, f64>,
    /// Calls of the model, on average.
    pub calls: f64,
}

/// How a sampler's law q differs from the law p it should have. In nats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// KL(p‖q); infinite if q misses something.
    pub kl_pq: f64,
    /// KL(q‖p) = NLL − H(q): the distance to the data.
    pub kl_qp: f64,
    /// Mean −ln p of what the sampler makes.
    pub nll: f64,
    /// H(q), the diversity of what the sampler makes.
    pub entropy: f64,
    /// Total variation, in 0..=1.
    pub tv: f64,
}

impl Law {
    /// Enumerates whole runs of a strategy. The request must have one row.
    ///
    /// # Errors
    /// What the runs report, and [`Error::Length`] for more than one row.
    pub fn of_runs<M: ?Sized>(
        strategy: &impl Strategy<M, Item = u32>,
        model: &M,
        request: &Request,
    ) -> Result<Self> {
        let outcomes = enumerate(|tape| {
            let output = strategy.run_with(model, request.clone(), tape)?.collect_all()?;
            one_row(output.rows())?;
            Ok((output.row(0), output.stats.calls))
        })?;
        let mut law = Self { probs: BTreeMap::new(), calls: 0.0 };
        for ((row, calls), weight) in outcomes {
            *law.probs.entry(row).or_default() += weight;
            law.calls += weight * calls as f64;
        }
        Ok(law)
    }

    /// Enumerates a [`Parallel`] one step at a time and merges equal canvases, which needs far fewer
    /// branches than whole runs. The canvas must have one row.
    ///
    /// # Errors
    /// What the steps report, and [`Error::Length`] for more than one row.
    pub fn of_steps<M: Masked + ?Sized>(
        parallel: &Parallel,
        model: &M,
        canvas: &Canvas,
    ) -> Result<Self> {
        one_row(canvas.rows())?;
        parallel.check(model.vocab(), canvas)?;
        let mut law = Self { probs: BTreeMap::new(), calls: 0.0 };
        let mut front = BTreeMap::from([(canvas.clone(), 1.0)]);
        for call in 0.. {
            let mut next: BTreeMap<Canvas, f64> = BTreeMap::new();
            for (canvas, before) in front {
                if canvas.masked(0).next().is_none() {
                    let row = canvas.row(0).iter().filter_map(|c| c.id()).collect();
                    *law.probs.entry(row).or_default() += before;
                    continue;
                }
                let key = Key::new(0);
                for (step, weight) in
                    enumerate(|tape| parallel.step(model, &canvas, call, key, tape))?
                {
                    law.calls += if step.drawn.is_empty() { 0.0 } else { before * weight };
                    *next.entry(step.canvas).or_default() += before * weight;
                }
            }
            if next.is_empty() {
                break;
            }
            front = next;
        }
        Ok(law)
    }

    /// Compares with the law `p` over all sequences of `vocab` ids.
    pub fn against(&self, vocab: u32, p: impl Fn(&[u32]) -> f64) -> Comparison {
        let mut c = Comparison { kl_pq: 0.0, kl_qp: 0.0, nll: 0.0, entropy: 0.0, tv: 0.0 };
        let len = self.probs.keys().next().map_or(0, Vec::len);
        let mut ids = vec![0; len];
        loop {
            let (p, q) = (p(&ids), self.probs.get(&ids).copied().unwrap_or(0.0));
            if p > 0.0 {
                c.kl_pq += p * (p / q).ln();
            }
            if q > 0.0 {
                c.kl_qp += q * (q / p).ln();
                c.nll -= q * p.ln();
                c.entropy -= q * q.ln();
            }
            c.tv += (p - q).abs() / 2.0;
            // Counts up, the last position fastest.
            let Some(at) = ids.iter().rposition(|&id| id + 1 < vocab) else { return c };
            ids[at] += 1;
            ids[at + 1..].fill(0);
        }
    }
}

fn one_row(got: usize) -> Result<()> {
    let what = "rows to enumerate";
    if got == 1 { Ok(()) } else { Err(Error::Length { what, expected: 1, got }) }
}
