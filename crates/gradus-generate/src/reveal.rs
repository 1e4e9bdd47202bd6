//! How many positions are revealed per call.

/// How many positions each call of [`Parallel`](crate::Parallel) reveals.
///
/// L is the number of positions that were not given, K the number of calls. A call that would reveal
/// nothing is not made, so K is an upper bound; the last call reveals what is left.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Reveal {
    /// ⌊L(k+1)/K + ½⌋ are known after call k: the same number in each call.
    #[default]
    Linear,
    /// L − ⌊L·cos(π(k+1)/2K)⌋ are known after call k: few at first, many at the end.
    ///
    /// # Reference
    /// Chang et al. 2022, "MaskGIT: Masked Generative Image Transformer".
    Cosine,
    /// These numbers; they sum to L, and there are K of them.
    Counts(Vec<usize>),
    /// One level of the order in each call: for [`Order::Dyadic`](crate::Order::Dyadic) and
    /// [`Order::Strided`](crate::Order::Strided).
    Levels,
    /// Every position whose score is at least this, and at least one.
    ///
    /// # Reference
    /// Wu et al. 2025, "Fast-dLLM", with [`Order::MaxProb`](crate::Order::MaxProb) and 0.9.
    Threshold(f64),
    /// With the probabilities c sorted from the highest, the largest n with (n+1)(1 − c(n)) below
    /// this, and at least one.
    ///
    /// # Reference
    /// Wu et al. 2025, "Fast-dLLM".
    Factor(f64),
}

impl Reveal {
    /// How many of `len` positions are known after call `call` of `calls`; `None` if that is not
    /// known in advance.
    pub fn known_after(&self, call: usize, calls: usize, len: usize) -> Option<usize> {
        let share = call.saturating_add(1) as f64 / calls as f64;
        let last = call.saturating_add(1) >= calls;
        match self {
            Self::Linear | Self::Cosine | Self::Counts(_) if last => Some(len),
            Self::Linear => Some((len as f64 * share + 0.5).floor() as usize),
            Self::Cosine => {
                // The margin keeps rounding from holding one position back.
                let masked = len as f64 * (std::f64::consts::FRAC_PI_2 * share).cos() + 1e-9;
                Some(len - masked.floor() as usize)
            }
            Self::Counts(counts) => {
                Some(sum_of(&counts[..counts.len().min(call.saturating_add(1))]).min(len))
            }
            Self::Levels | Self::Threshold(_) | Self::Factor(_) => None,
        }
    }

    /// How many positions each call reveals, without the calls that reveal none; `None` if that is
    /// not known in advance.
    pub fn counts(&self, calls: usize, len: usize) -> Option<Vec<usize>> {
        self.known_after(0, calls, len)?;
        let (mut counts, mut known, mut call) = (Vec::new(), 0, 0);
        while known < len && call < calls {
            call = self.next_call(call, calls, len, known);
            let after = self.known_after(call, calls, len)?;
            counts.push(after - known);
            (known, call) = (after, call + 1);
        }
        Some(counts)
    }

    /// The first call from `call` on after which more than `known` of `len` positions are known, where
    /// `known` is below `len`. Calls in between reveal nothing, however many there are.
    pub(crate) fn next_call(&self, call: usize, calls: usize, len: usize, known: usize) -> usize {
        let grows = |call| self.known_after(call, calls, len).is_none_or(|after| after > known);
        // What is known never falls, and the last call reveals everything.
        let (mut low, mut high) = (call, call.max(calls.saturating_sub(1)));
        while low < high {
            let middle = low + (high - low) / 2;
            if grows(middle) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }

    /// How many of the highest scores, which fall, this rule takes.
    pub(crate) fn taken(&self, scores: &[f64]) -> usize {
        let n = match *self {
            Self::Threshold(limit) => scores.iter().take_while(|&&s| s >= limit).count(),
            Self::Factor(limit) => {
                let holds = |n: &usize| (n + 1) as f64 * (1.0 - scores[n - 1]) < limit;
                (1..=scores.len()).rev().find(holds).unwrap_or(1)
            }
            _ => scores.len(),
        };
        n.max(1)
    }
}

/// A sum that cannot overflow.
pub(crate) fn sum_of(counts: &[usize]) -> usize {
    counts.iter().fold(0, |sum, &n| sum.saturating_add(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_reveal_nothing_are_skipped() {
        let most = 1 << 24;
        for reveal in [Reveal::Linear, Reveal::Cosine] {
            let counts = reveal.counts(most, 7).unwrap();
            assert_eq!(counts, [1; 7], "{reveal:?}");
            let next = reveal.next_call(0, most, 7, 0);
            assert_eq!(reveal.known_after(next, most, 7), Some(1));
            assert_eq!(reveal.known_after(next - 1, most, 7), Some(0));
        }
        assert_eq!(Reveal::Counts(vec![0, 2, 0, 1]).counts(4, 3), Some(vec![2, 1]));
    }

    #[test]
    fn schedules_of_sixty_four() {
        let linear = Reveal::Linear.counts(4, 64).unwrap();
        assert_eq!(linear, [16; 4]);
        let cosine = Reveal::Cosine.counts(4, 64).unwrap();
        assert_eq!(cosine, [5, 14, 21, 24]);
        assert_eq!(Reveal::Cosine.counts(64, 64).unwrap().len(), 51);
        assert_eq!(Reveal::Cosine.counts(32, 64).unwrap().len(), 29);
    }

    #[test]
    fn every_schedule_reveals_everything() {
        for len in 0..40 {
            for calls in 1..50 {
                for reveal in [Reveal::Linear, Reveal::Cosine] {
                    let counts = reveal.counts(calls, len).unwrap();
                    assert_eq!(counts.iter().sum::<usize>(), len, "{reveal:?} {calls} {len}");
                }
            }
        }
    }

    #[test]
    fn rules_take_at_least_one() {
        assert_eq!(Reveal::Threshold(0.9).taken(&[0.95, 0.9, 0.8]), 2);
        assert_eq!(Reveal::Threshold(0.9).taken(&[0.5, 0.4]), 1);
        // 2·(1 − .9) = .2, 3·(1 − .8) = .6, 4·(1 − .8) = .8, 5·(1 − .2) = 4
        let scores = [0.9, 0.8, 0.8, 0.2];
        assert_eq!(
            [0.1, 0.3, 0.7, 0.9, 5.0].map(|f| Reveal::Factor(f).taken(&scores)),
            [1, 1, 2, 3, 4]
        );
    }
}
