//! What it costs to feed several positions at once.

use std::time::{Duration, Instant};

use crate::{Causal, Error, Logits, Ragged, Result, Start, State, Want};

/// The time of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedCost {
    /// Tokens fed in the call: n.
    pub tokens: usize,
    /// The median time of the call: c(n).
    pub time: Duration,
}

/// c(n): the time of a call that feeds n tokens to one row and asks for the logits after each.
///
/// c(γ + 1) / c(1) decides whether speculative decoding pays; L · c(1) / (K · c(L)) is what drawing
/// L positions in K calls can gain. The row holds `held` tokens before the call (all of them id 0),
/// is fed, and rewound. Each size is timed `repeats` times after one call that is not.
///
/// # Errors
/// [`Error::Parameter`] for a size, a number of repeats or a vocabulary of 0; what the model reports,
/// which for rows longer than its context is an error too.
///
/// # Examples
/// ```
/// use gradus_generate::{eval::feed_costs, exact::Chain};
/// let costs = feed_costs(&Chain::new(0.1)?, 4, &[1, 8], 3)?;
/// assert_eq!((costs[0].tokens, costs[1].tokens), (1, 8));
/// # Ok::<(), gradus_generate::Error>(())
/// ```
pub fn feed_costs<M: Causal + ?Sized>(
    model: &M,
    held: usize,
    sizes: &[usize],
    repeats: usize,
) -> Result<Vec<FeedCost>> {
    let numbers = sizes.iter().map(|&n| ("tokens of a call", n));
    for (name, n) in numbers.chain([("repeats", repeats), ("vocabulary", model.vocab())]) {
        if n == 0 {
            return Err(Error::Parameter { name, expected: "at least 1", got: 0.0 });
        }
    }
    let mut state = model.begin(1)?;
    let mut logits = Logits::new(model.vocab());
    let start = match model.start() {
        Start::Always(id) => vec![id],
        Start::IfEmpty(id) if held == 0 => vec![id],
        Start::IfEmpty(_) | Start::Prompt => Vec::new(),
    };
    let before = Ragged::from_rows([[start, vec![0; held]].concat()]);
    if before.total() > 0 {
        model.feed(&mut state, &before, Want::None, &mut logits)?;
    }
    let mark = state.mark();
    let mut costs = Vec::with_capacity(sizes.len());
    for &tokens in sizes {
        let fed = Ragged::from_rows([vec![0; tokens]]);
        let mut times = Vec::with_capacity(repeats + 1);
        for _ in 0..=repeats {
            logits.clear();
            let began = Instant::now();
            model.feed(&mut state, &fed, Want::All, &mut logits)?;
            times.push(began.elapsed());
            state.rewind(0, &mark, 0)?;
        }
        // The first call warms caches up.
        let times = &mut times[1..];
        times.sort_unstable();
        costs.push(FeedCost { tokens, time: times[times.len() / 2] });
    }
    Ok(costs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TokenState;

    /// Takes time, and remembers nothing; a context of 9 tokens.
    struct Slow;

    impl Causal for Slow {
        type State = TokenState;
        fn vocab(&self) -> usize {
            2
        }
        fn start(&self) -> Start {
            Start::Always(7)
        }
        fn begin(&self, rows: usize) -> Result<TokenState> {
            Ok(TokenState::new(rows))
        }
        fn feed(&self, s: &mut TokenState, t: &Ragged, want: Want, out: &mut Logits) -> Result<()> {
            s.push(t)?;
            assert_eq!(s.row(0)[0], 7);
            if s.len(0) > 9 {
                return Err(Error::Length { what: "context", expected: 9, got: s.len(0) });
            }
            let began = Instant::now();
            while began.elapsed() < Duration::from_micros(200) * t.total() as u32 {}
            (0..if want == Want::All { t.total() } else { 0 })
                .try_for_each(|_| out.extend(&[0f64; 2]))
        }
    }

    #[test]
    fn a_call_of_more_tokens_takes_longer() {
        let costs = feed_costs(&Slow, 2, &[1, 6], 3).unwrap();
        assert!(costs[0].time >= Duration::from_micros(200));
        assert!(costs[1].time >= Duration::from_micros(1_200));
    }

    #[test]
    fn bad_requests_are_refused() {
        assert!(feed_costs(&Slow, 2, &[7], 1).is_err());
        assert!(feed_costs(&Slow, 2, &[0], 1).is_err() && feed_costs(&Slow, 2, &[1], 0).is_err());
        assert!(feed_costs(&Slow, 2, &[], 1).unwrap().is_empty());
    }
}
