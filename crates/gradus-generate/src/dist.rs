//! The only thing one can draw from.

use gradus_core::Key;

use crate::{Error, Result};

/// A normalised law over token ids, in f64, holding only the ids that can be drawn.
///
/// Every strategy draws from a `Dist` that the [`Warps`](crate::Warps) have already shaped, so no
/// path around them exists.
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// use gradus_generate::Dist;
///
/// let dist = Dist::from_probs(&[0.5, 0.3, 0.2])?;
/// let draws: Vec<u32> = (0..8).map(|pos| dist.draw(Key::new(7).at(0, pos))).collect();
/// assert_eq!(draws, [0, 1, 1, 2, 1, 2, 0, 0]);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dist {
    /// Rising.
    ids: Vec<u32>,
    /// Positive, one for each id; they sum to 1.
    probs: Vec<f64>,
}

impl Dist {
    /// All mass on one id.
    pub fn point(id: u32) -> Self {
        Self { ids: vec![id], probs: vec![1.0] }
    }

    /// The softmax of a row of logits; −∞ removes an id.
    ///
    /// # Errors
    /// [`Error::NotFinite`] for NaN or +∞, [`Error::EmptySupport`] if no logit is finite; both name
    /// row 0, position 0, since a bare row has no place.
    pub fn from_logits(logits: &[f64]) -> Result<Self> {
        let mut dist = Self::default();
        dist.set_logits(logits)?;
        Ok(dist)
    }

    /// The law proportional to the weights.
    ///
    /// # Errors
    /// [`Error::NotFinite`] for a weight that is negative, NaN or infinite, [`Error::EmptySupport`]
    /// if all are 0; both name row 0, position 0.
    pub fn from_probs(weights: &[f64]) -> Result<Self> {
        if weights.iter().any(|w| !(w.is_finite() && *w >= 0.0)) {
            return Err(Error::NotFinite { row: 0, pos: 0 });
        }
        // Divided by the largest first, so that the sum cannot overflow.
        let top = weights.iter().copied().fold(0.0, f64::max);
        let mut dist = Self::default();
        for (id, &w) in weights.iter().enumerate() {
            dist.push(id, w / top);
        }
        dist.normalised()
    }

    /// [`Dist::from_logits`] into this value's own memory.
    pub(crate) fn set_logits(&mut self, logits: &[f64]) -> Result<()> {
        let max = largest(logits)?;
        self.ids.clear();
        self.probs.clear();
        self.ids.reserve(logits.len());
        self.probs.reserve(logits.len());
        for (id, &l) in logits.iter().enumerate() {
            // Below this the exponential is 0; after filters that is most of the row.
            if l - max > -746.0 {
                self.push(id, (l - max).exp());
            }
        }
        self.normalise();
        Ok(())
    }

    /// Draws an id: the first arrival of a race of exponentials, argmin of −ln u(v) / p(v).
    ///
    /// This is the argmax of ln p(v) + Gumbel noise. The noise of an id depends on the key and the id
    /// alone, so removing other ids or changing their mass does not shift it. Ties go to the lowest id.
    pub fn draw(&self, key: Key) -> u32 {
        let mut best = (f64::INFINITY, 0);
        let mut pair = (u64::MAX, [0.0; 2]);
        for (&id, &p) in self.ids.iter().zip(&self.probs) {
            let block = u64::from(id >> 1);
            if pair.0 != block {
                pair = (block, key.uniforms(block));
            }
            let u = pair.1[(id & 1) as usize];
            // −ln u ≥ 1 − u, so most ids lose without a logarithm. The margin covers its rounding.
            if 1.0 - u > best.0 * p * (1.0 + 1e-12) {
                continue;
            }
            let time = -u.ln() / p;
            if time < best.0 {
                best = (time, id);
            }
        }
        best.1
    }

    /// The probability of an id, 0 if it was removed.
    pub fn p(&self, id: u32) -> f64 {
        self.ids.binary_search(&id).map_or(0.0, |k| self.probs[k])
    }

    /// The most probable id, the lowest one on ties.
    pub fn argmax(&self) -> u32 {
        let mut best = (0.0, 0);
        for (id, p) in self.iter() {
            if p > best.0 {
                best = (p, id);
            }
        }
        best.1
    }

    /// The largest and the second largest probability; the second is 0 for a point.
    pub fn top_two(&self) -> (f64, f64) {
        self.probs.iter().fold(
            (0.0, 0.0),
            |(a, b), &p| {
                if p > a { (p, a) } else { (a, f64::max(b, p)) }
            },
        )
    }

    /// Entropy in nats.
    pub fn entropy(&self) -> f64 {
        -self.probs.iter().map(|p| p * p.ln()).sum::<f64>()
    }

    /// The ids that can be drawn with their probabilities, by rising id.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (u32, f64)> {
        self.ids.iter().copied().zip(self.probs.iter().copied())
    }

    /// The law proportional to (p − q)₊, which replaces a rejected proposal; `None` if it has no mass.
    ///
    /// # Reference
    /// Leviathan et al. 2022, "Fast Inference from Transformers via Speculative Decoding", section 2.3.
    pub fn residual(&self, q: &Self) -> Option<Self> {
        let mut rest = Self::default();
        for (id, p) in self.iter() {
            rest.push(id as usize, (p - q.p(id)).max(0.0));
        }
        rest.normalised().ok()
    }

    fn push(&mut self, id: usize, weight: f64) {
        if weight > 0.0 {
            self.ids.push(u32::try_from(id).expect("a vocabulary has fewer than 2^32 ids"));
            self.probs.push(weight);
        }
    }

    fn normalise(&mut self) {
        let sum: f64 = self.probs.iter().sum();
        self.probs.iter_mut().for_each(|p| *p /= sum);
    }

    fn normalised(mut self) -> Result<Self> {
        self.normalise();
        if self.ids.is_empty() { Err(Error::EmptySupport { row: 0, pos: 0 }) } else { Ok(self) }
    }
}

/// The largest logit of a row that can be sampled.
pub(crate) fn largest(logits: &[f64]) -> Result<f64> {
    let mut max = f64::NEG_INFINITY;
    for &l in logits {
        if l.is_nan() || l == f64::INFINITY {
            return Err(Error::NotFinite { row: 0, pos: 0 });
        }
        max = max.max(l);
    }
    if max == f64::NEG_INFINITY { Err(Error::EmptySupport { row: 0, pos: 0 }) } else { Ok(max) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Chi-square statistic of counted draws against a law.
    fn chi_square(counts: &[u64], p: &[f64]) -> f64 {
        let n = counts.iter().sum::<u64>() as f64;
        counts.iter().zip(p).map(|(&c, p)| (c as f64 - n * p).powi(2) / (n * p)).sum()
    }

    /// The value that chi-square exceeds with probability about 1e-4 (Wilson–Hilferty).
    fn limit(freedom: usize) -> f64 {
        let k = 2.0 / (9.0 * freedom as f64);
        freedom as f64 * (1.0 - k + 3.719 * k.sqrt()).powi(3)
    }

    fn counted(n: u32, vocab: usize, draw: impl Fn(Key) -> u32) -> Vec<u64> {
        let mut counts = vec![0; vocab];
        (0..n).for_each(|i| counts[draw(Key::new(11).at(i >> 16, i & 0xFFFF)) as usize] += 1);
        counts
    }

    /// A law with one id of probability 1e-3, one of 1e-4, and the rest falling slowly.
    fn rare(vocab: usize) -> Vec<f64> {
        let mut p: Vec<f64> = (0..vocab).map(|v| 1.0 / (v + 1) as f64).collect();
        let sum: f64 = p[2..].iter().sum::<f64>().max(1e-300);
        p.iter_mut().for_each(|x| *x *= (1.0 - 1.1e-3) / sum);
        (p[0], p[1]) = (1e-3, 1e-4);
        p
    }

    #[test]
    fn value_stability_of_draws() {
        let dist = Dist::from_probs(&[0.5, 0.3, 0.2]).unwrap();
        let draws: Vec<u32> = (0..16).map(|pos| dist.draw(Key::new(7).at(0, pos))).collect();
        assert_eq!(draws, [0, 1, 1, 2, 1, 2, 0, 0, 0, 1, 0, 1, 2, 2, 1, 0]);
    }

    #[test]
    fn draws_follow_the_law() {
        for (vocab, n) in [(3, 2_000_000), (8, 500_000), (64, 200_000)] {
            let p = rare(vocab);
            let dist = Dist::from_probs(&p).unwrap();
            let chi = chi_square(&counted(n, vocab, |k| dist.draw(k)), &p);
            assert!(chi < limit(vocab - 1), "{vocab} ids: chi-square {chi}");
        }
        let fair = Dist::from_probs(&[0.3, 0.7]).unwrap();
        let chi = chi_square(&counted(200_000, 2, |k| fair.draw(k)), &[0.3, 0.7]);
        assert!(chi < limit(1), "chi-square {chi}");
    }

    /// The test above has teeth: uniforms cut at .999, or coarse ones, must not pass it.
    #[test]
    fn a_broken_draw_is_found() {
        let p = rare(8);
        let race = |k: Key, cut: &dyn Fn(f64) -> f64| {
            let time = |v: usize| -cut(k.uniform(v as u64)).ln() / p[v];
            (0..8).min_by(|&a, &b| time(a).total_cmp(&time(b))).unwrap() as u32
        };
        let capped = counted(500_000, 8, |k| race(k, &|u| 0.999 * u));
        assert!(chi_square(&capped, &p) > 5.0 * limit(7));
        // Uniforms of 10 bits do to ids of 1e-3 what the 24 bits of f32 do to ids of 1e-7.
        let coarse = counted(500_000, 8, |k| race(k, &|u| (u * 1024.0).floor() / 1024.0));
        assert!(chi_square(&coarse, &p) > 2.0 * limit(7), "{}", chi_square(&coarse, &p));
        let honest = counted(500_000, 8, |k| race(k, &|u| u));
        assert!(chi_square(&honest, &p) < limit(7));
    }

    #[test]
    fn bad_rows_are_errors() {
        let inf = f64::INFINITY;
        assert!(matches!(Dist::from_logits(&[0.0, f64::NAN]), Err(Error::NotFinite { .. })));
        assert!(matches!(Dist::from_logits(&[0.0, inf]), Err(Error::NotFinite { .. })));
        assert!(matches!(Dist::from_logits(&[-inf, -inf]), Err(Error::EmptySupport { .. })));
        assert!(matches!(Dist::from_logits(&[]), Err(Error::EmptySupport { .. })));
        assert!(matches!(Dist::from_probs(&[0.0, 0.0]), Err(Error::EmptySupport { .. })));
        assert!(matches!(Dist::from_probs(&[0.5, -0.1]), Err(Error::NotFinite { .. })));
        let huge = Dist::from_probs(&[f64::MAX, f64::MAX]).unwrap();
        assert_eq!(huge.p(0), 0.5);
    }

    #[test]
    fn ties_go_to_the_lowest_id() {
        let dist = Dist::from_logits(&[0.0, 2.0, 2.0]).unwrap();
        assert_eq!((dist.argmax(), dist.top_two().0), (1, dist.top_two().1));
        assert_eq!(Dist::point(9).argmax(), 9);
        assert_eq!(Dist::point(9).top_two(), (1.0, 0.0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_dist_is_a_law_and_ignores_shifts(
            logits in prop::collection::vec(-30.0..30.0f64, 1..40), shift in -500.0..500.0f64,
        ) {
            let dist = Dist::from_logits(&logits).unwrap();
            prop_assert!((dist.iter().map(|x| x.1).sum::<f64>() - 1.0).abs() < 1e-12);
            let moved: Vec<f64> = logits.iter().map(|l| l + shift).collect();
            let moved = Dist::from_logits(&moved).unwrap();
            for (id, p) in dist.iter() {
                prop_assert!((moved.p(id) - p).abs() < 1e-10);
            }
            prop_assert!(dist.entropy() > -1e-12);
            prop_assert!(dist.entropy() < (logits.len() as f64).ln() + 1e-12);
        }

        #[test]
        fn skipping_logarithms_changes_no_draw(
            logits in prop::collection::vec(-9.0..9.0f64, 1..60), seed: u64,
        ) {
            let dist = Dist::from_logits(&logits).unwrap();
            for pos in 0..20 {
                let key = Key::new(seed).at(1, pos);
                let mut best = (f64::INFINITY, 0);
                for (id, p) in dist.iter() {
                    let time = -key.uniform(u64::from(id)).ln() / p;
                    if time < best.0 { best = (time, id); }
                }
                prop_assert_eq!(dist.draw(key), best.1);
            }
        }

        #[test]
        fn removing_a_loser_keeps_the_winner(
            logits in prop::collection::vec(-3.0..3.0f64, 2..20), seed: u64, loser in 0..20usize,
        ) {
            let mut rest = logits.clone();
            let key = Key::new(seed);
            let winner = Dist::from_logits(&logits).unwrap().draw(key);
            let loser = loser % logits.len();
            prop_assume!(loser != winner as usize);
            rest[loser] = f64::NEG_INFINITY;
            prop_assert_eq!(Dist::from_logits(&rest).unwrap().draw(key), winner);
        }

        #[test]
        fn accepting_and_drawing_the_residual_restores_p(
            a in prop::collection::vec(0.01..1.0f64, 6), b in prop::collection::vec(0.01..1.0f64, 6),
        ) {
            let (p, q) = (Dist::from_probs(&a).unwrap(), Dist::from_probs(&b).unwrap());
            let kept: f64 = (0..6).map(|v| p.p(v).min(q.p(v))).sum();
            if let Some(rest) = p.residual(&q) {
                for v in 0..6 {
                    let total = p.p(v).min(q.p(v)) + (1.0 - kept) * rest.p(v);
                    prop_assert!((total - p.p(v)).abs() < 1e-12);
                }
            }
            prop_assert!(p.residual(&p).is_none());
        }
    }
}
