//! Which proposals are kept.

use gradus_core::{Key, Kind};

use crate::{Dist, Draws, Error, Result};

/// A proposed token, with the law it was drawn from.
///
/// The law travels with its draw, since acceptance is only right for the law that was really used.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The token.
    pub token: u32,
    /// Its law; a point for a proposal that was not drawn.
    pub from: Dist,
}

impl Proposal {
    /// A proposal that was not drawn.
    pub fn sure(token: u32) -> Self {
        Self { token, from: Dist::point(token) }
    }
}

/// How [`Draft`](crate::Draft) decides whether a proposal is kept. With p the target's law, q the
/// draft's.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum Rule {
    /// Exact, and the tokens are those of [`Ar`](crate::Ar) with the same seed, bit for bit, for any
    /// draft: both models draw with the noise of the position, a proposal is kept if the target
    /// draws it too, and the target's own draw is taken otherwise.
    ///
    /// # Reference
    /// Daliri et al. 2024, "Coupling without Communication and Drafter-Invariant Speculative Decoding".
    #[default]
    Coupled,
    /// Exact in law: keeps a proposal x with probability min(1, p(x)/q(x)), and replaces a rejected
    /// one by a draw from the law proportional to (p − q)₊. Keeps the most: 1 − TV(p, q) on average.
    ///
    /// # Reference
    /// Leviathan et al. 2022, "Fast Inference from Transformers via Speculative Decoding".
    Reject,
    /// **Biased**: keeps a proposal x if p(x) > min(ε, α·exp(−H(p))). It prefers what is likely.
    ///
    /// # Reference
    /// Cai et al. 2024, "Medusa", section 2.3.1, with ε = 0.3 and α = 0.09 for instance.
    Typical {
        /// A probability that is always enough.
        epsilon: f64,
        /// Scale of the bound that falls with the entropy.
        alpha: f64,
    },
}

impl Rule {
    /// The probability that one proposal is kept, if the target's law is `p` and the draft's `q`.
    ///
    /// For [`Rule::Reject`] that is 1 − TV(p, q); for [`Rule::Coupled`] at least (1 − TV)/(1 + TV).
    ///
    /// # Examples
    /// ```
    /// use gradus_generate::{Dist, Rule};
    /// let (p, q) = (Dist::from_probs(&[0.5, 0.3, 0.2])?, Dist::from_probs(&[0.2, 0.3, 0.5])?);
    /// assert!((Rule::Reject.acceptance(&p, &q) - 0.7).abs() < 1e-12);
    /// assert!((Rule::Coupled.acceptance(&p, &q) - 0.63076923).abs() < 1e-8);
    /// # Ok::<(), gradus_generate::Error>(())
    /// ```
    pub fn acceptance(self, p: &Dist, q: &Dist) -> f64 {
        match self {
            Self::Reject => p.iter().map(|(id, p)| p.min(q.p(id))).sum(),
            Self::Typical { .. } => {
                let kept = q.iter().filter(|x| self.is_typical(p, x.0));
                kept.map(|x| x.1).sum()
            }
            Self::Coupled => {
                let mut ids: Vec<u32> = p.iter().chain(q.iter()).map(|x| x.0).collect();
                ids.sort_unstable();
                ids.dedup();
                let together = |pv: f64, qv: f64| {
                    let ratio = |&w: &u32| (p.p(w) / pv).max(q.p(w) / qv);
                    1.0 / ids.iter().map(ratio).sum::<f64>()
                };
                let both = p.iter().filter(|x| q.p(x.0) > 0.0);
                both.map(|(v, pv)| together(pv, q.p(v))).sum()
            }
        }
    }

    fn is_typical(self, p: &Dist, id: u32) -> bool {
        let Self::Typical { epsilon, alpha } = self else { return false };
        p.p(id) > epsilon.min(alpha * (-p.entropy()).exp())
    }

    pub(super) fn check(self) -> Result<()> {
        let Self::Typical { epsilon, alpha } = self else { return Ok(()) };
        for (name, got) in [("ε of the typical rule", epsilon), ("α of the typical rule", alpha)]
        {
            if !(got.is_finite() && got >= 0.0) {
                return Err(Error::Parameter { name, expected: "a finite number ≥ 0", got });
            }
        }
        Ok(())
    }

    /// The kind of the draft's own draws.
    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Coupled => Kind::Token,
            Self::Reject | Self::Typical { .. } => Kind::Draft,
        }
    }

    /// The token of a position, and whether it is the proposed one.
    pub(super) fn judge(
        self,
        p: &Dist,
        proposal: Option<&Proposal>,
        key: Key,
        draws: &mut dyn Draws,
    ) -> Result<(u32, bool)> {
        let Some(Proposal { token, from }) = proposal else {
            return Ok((draws.token(p, key)?, false));
        };
        let keep = match self {
            Self::Coupled => {
                let drawn = draws.token(p, key)?;
                return Ok((drawn, drawn == *token));
            }
            Self::Reject => draws.coin(p.p(*token) / from.p(*token), key.kind(Kind::Accept))?,
            Self::Typical { .. } => self.is_typical(p, *token),
        };
        if keep {
            return Ok((*token, true));
        }
        match (self, p.residual(from)) {
            (Self::Reject, Some(rest)) => {
                Ok((draws.token(&rest, key.kind(Kind::Residual))?, false))
            }
            // p and q differ by rounding alone.
            (Self::Reject, None) => Ok((*token, true)),
            _ => Ok((draws.token(p, key)?, false)),
        }
    }
}
