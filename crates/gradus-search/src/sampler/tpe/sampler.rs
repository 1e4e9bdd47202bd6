//! The sampler.

use gradus_core::Key;

use super::parzen::Parzen;
use super::split::{good, split};
use crate::error::{Error, Result};
use crate::history::Ask;
use crate::record::Suggestion;
use crate::sampler::Sampler;
use crate::space::{Domain, Point, Space, Value};

/// Tree-structured Parzen estimator: of some candidates that resemble good trials, the one that
/// resembles the others least.
///
/// For each parameter by itself, l is the density of the best tenth of the trials (25 at most) and
/// g that of all others; the candidates are draws from l, and the one with the largest l/g is
/// taken. A parameter that is absent from a trial does not count there. Trials that are under way
/// count among the others, so that trials side by side differ.
///
/// The estimator is Optuna's with `multivariate=False`: prior of weight 1, magic clip, older
/// observations weigh less from the 26th on. Golden tests hold its arithmetic against Optuna's.
///
/// As many trials run side by side as [`StudyConfig::concurrency`](crate::StudyConfig::concurrency)
/// says; they are the same for any number of workers.
///
/// # Reference
/// Bergstra, Bardenet, Bengio & Kégl 2011, "Algorithms for Hyper-Parameter Optimization", section 4;
/// Watanabe 2023, "Tree-Structured Parzen Estimator".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tpe {
    /// Results that are waited for with random trials; 10 by default.
    pub startup: u64,
    /// Candidates for each parameter; 24 by default.
    pub candidates: u64,
}

impl Default for Tpe {
    fn default() -> Self {
        Self { startup: 10, candidates: 24 }
    }
}

impl Sampler for Tpe {
    fn validate(&self, _: &Space) -> Result<()> {
        if self.candidates == 0 {
            let (field, expected) = ("candidates", "1 or more");
            return Err(Error::Config { field, expected, got: "0".into() });
        }
        Ok(())
    }

    fn sees(&self, _: u64, settled: u64) -> u64 {
        if settled < self.startup { 0 } else { settled }
    }

    fn suggest(&self, ask: &Ask<'_>) -> Result<Suggestion> {
        let n = ask.finished.len();
        if n == 0 || (n as u64) < self.startup {
            return Ok(ask.random().into());
        }
        let (good, others) = split(ask.finished, ask.goal, good(n));
        let good: Vec<&Point> = good.iter().map(|record| &record.suggestion.point).collect();
        let under_way = ask.pending.iter().map(|suggestion| &suggestion.point);
        let others = others.iter().map(|record| &record.suggestion.point);
        let others: Vec<&Point> = others.chain(under_way).collect();
        let params = ask.space.params();
        let point = ask.space.fill(|i| {
            let (name, domain) = (&params[i].name, &params[i].domain);
            let of = |points: &[&Point]| {
                points.iter().filter_map(|p| p.get(name).cloned()).collect::<Vec<Value>>()
            };
            self.choose(domain, &of(&good), &of(&others), ask.key().fold_in(i as u64))
        });
        Ok(point.into())
    }
}

impl Tpe {
    fn choose(&self, domain: &Domain, good: &[Value], others: &[Value], key: Key) -> Value {
        if domain.count() == Some(1) {
            return domain.at(0.5);
        }
        let (l, g) = (Parzen::new(domain, good), Parzen::new(domain, others));
        let candidates: Vec<Value> = (0..self.candidates).map(|i| l.draw(key.fold_in(i))).collect();
        candidates[best(&l, &g, &candidates)].clone()
    }
}

/// The first candidate with the largest ln l − ln g.
pub(super) fn best(l: &Parzen<'_>, g: &Parzen<'_>, candidates: &[Value]) -> usize {
    let score = |value: &Value| l.log_density(value) - g.log_density(value);
    let scores = candidates.iter().map(score).enumerate();
    scores.fold((0, f64::NEG_INFINITY), |best, new| if new.1 > best.1 { new } else { best }).0
}
