//! What followed last time.

use super::drafter::{Ask, Drafter, Hand};
use crate::{Error, Proposal, Result};

/// Drafts without a model: finds the longest earlier occurrence of the row's last tokens and proposes
/// what followed it. Also called prompt lookup decoding.
///
/// It pays where output repeats its prompt or itself: code, tables, summaries.
///
/// # Reference
/// Saxena 2023, "Prompt Lookup Decoding".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lookup {
    /// The most tokens that are compared.
    pub longest: usize,
    /// The fewest tokens that have to be equal.
    pub shortest: usize,
}

impl Default for Lookup {
    /// From four tokens down to one.
    fn default() -> Self {
        Self { longest: 4, shortest: 1 }
    }
}

impl Lookup {
    /// What followed the last occurrence of the longest end that has one.
    fn found<'a>(&self, tokens: &'a [u32]) -> &'a [u32] {
        let len = tokens.len();
        for n in (self.shortest..=self.longest.min(len.saturating_sub(1))).rev() {
            let end = &tokens[len - n..];
            if let Some(at) = tokens[..len - 1].windows(n).rposition(|w| w == end) {
                return &tokens[at + n..];
            }
        }
        &[]
    }
}

impl Drafter for Lookup {
    type State = ();

    fn check(&self, _: usize, _: usize) -> Result<()> {
        if self.shortest == 0 || self.longest < self.shortest {
            let (name, expected) = ("shortest match of a look-up", "in 1..=longest");
            return Err(Error::Parameter { name, expected, got: self.shortest as f64 });
        }
        Ok(())
    }

    fn begin(&self, _: usize) -> Result<()> {
        Ok(())
    }

    fn propose(
        &self,
        (): &mut (),
        asks: &[Ask<'_>],
        _: &mut Hand<'_>,
    ) -> Result<Vec<Vec<Proposal>>> {
        let of = |ask: &Ask<'_>| {
            let tokens: Vec<u32> = ask.history.iter().collect();
            self.found(&tokens).iter().take(ask.ahead).map(|&id| Proposal::sure(id)).collect()
        };
        Ok(asks.iter().map(of).collect())
    }

    fn settle(&self, (): &mut (), _: usize, _: &[u32]) -> Result<()> {
        Ok(())
    }

    fn retain(&self, (): &mut (), _: &[usize]) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_end_wins_and_then_the_latest_place() {
        let lookup = Lookup::default();
        assert_eq!(lookup.found(&[1, 2, 3, 9, 2, 3, 8, 1, 2, 3]), [9, 2, 3, 8, 1, 2, 3]);
        assert_eq!(lookup.found(&[3, 7, 3, 8, 3]), [8, 3]);
        assert_eq!(lookup.found(&[5, 5, 5]), [5]);
        assert!(lookup.found(&[1, 2]).is_empty() && lookup.found(&[]).is_empty());
        let two = Lookup { longest: 4, shortest: 2 };
        assert!(two.found(&[3, 7, 3, 8, 3]).is_empty());
        assert!(Lookup { longest: 1, shortest: 2 }.check(3, 3).is_err());
    }
}
