//! A list of warps, and the law it leaves.

use std::fmt;
use std::sync::Arc;

use gradus_core::{Key, Kind};

use crate::dist::largest;
use crate::{Dist, Error, History, Result, Stage, Warp};

/// A list of warps, applied in the list's order. Empty by default: the model's own law.
///
/// Penalties see raw logits; filters see the softmax of the row as the warps before them left it, so
/// each filter sees renormalised mass.
///
/// # Examples
/// ```
/// use gradus_generate::{History, MinP, Temperature, TopK, Warps};
///
/// let warps = Warps::none()
///     .with(|logits: &mut [f64], _: &History<'_>| logits[0] = f64::NEG_INFINITY)
///     .with(TopK(2))
///     .with(Temperature(0.5))
///     .standard();
/// assert_eq!(format!("{warps:?}"), "[closure, Temperature(0.5), TopK(2)]");
/// let dist = warps.dist(&mut [9.0, 1.0, 2.0, 0.0], &History::default())?;
/// assert_eq!((dist.p(0), dist.argmax(), dist.p(3)), (0.0, 2, 0.0));
/// assert!(Warps::none().with(MinP(2.0)).check(4).is_err());
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Warps {
    list: Vec<Arc<dyn Warp>>,
}

impl Warps {
    /// No warp.
    pub fn none() -> Self {
        Self::default()
    }

    /// Appends a warp to the list.
    #[must_use]
    pub fn with(mut self, warp: impl Warp + 'static) -> Self {
        self.list.push(Arc::new(warp));
        self
    }

    /// The same warps in the usual order: masks, biases and closures, repetition, frequency and
    /// presence, DRY, top-nσ, temperature, top-k, top-p, min-p, typical, XTC, mirostat. Warps of one
    /// stage keep their order.
    #[must_use]
    pub fn standard(mut self) -> Self {
        self.list.sort_by_key(|w| w.stage());
        self
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Refuses bad parameters of any warp.
    ///
    /// # Errors
    /// [`Error::Parameter`], [`Error::OutOfVocab`], and [`Error::Contradiction`] for mirostat beside
    /// another filter or before the end of the list.
    pub fn check(&self, vocab: usize) -> Result<()> {
        self.list.iter().try_for_each(|w| w.check(vocab))?;
        let filter =
            |w: &Arc<dyn Warp>| w.stage() > Stage::Temperature || w.stage() == Stage::TopNSigma;
        match self.list.iter().position(|w| w.stage() == Stage::Mirostat) {
            Some(at) if at + 1 < self.list.len() => {
                Err(Error::Contradiction { what: "mirostat", with: "a warp after it" })
            }
            Some(at) if self.list[..at].iter().any(filter) => {
                Err(Error::Contradiction { what: "mirostat", with: "another filter" })
            }
            _ => Ok(()),
        }
    }

    /// Refuses warps that need an order from left to right.
    pub(crate) fn check_unordered(&self) -> Result<()> {
        if self.list.iter().any(|w| w.ordered()) {
            let (what, with) = ("a warp that needs an order", "positions drawn in no order");
            return Err(Error::Contradiction { what, with });
        }
        Ok(())
    }

    /// Warps a row of logits in place and returns its law, with the coins of seed 0.
    ///
    /// # Errors
    /// [`Error::NotFinite`] or [`Error::EmptySupport`] for a row that cannot be drawn from, before
    /// or after the warps, and what [`Warps::check`] and the warps report.
    pub fn dist(&self, logits: &mut [f64], history: &History<'_>) -> Result<Dist> {
        self.check(logits.len())?;
        let mut dist = Dist::default();
        self.dist_into(logits, history, Key::new(0), &mut dist)?;
        Ok(dist)
    }

    /// [`Warps::dist`] into memory that is there, with the coins of a position's key.
    pub(crate) fn dist_into(
        &self,
        logits: &mut [f64],
        history: &History<'_>,
        key: Key,
        dist: &mut Dist,
    ) -> Result<()> {
        if !self.list.is_empty() {
            // Warps may rely on it: no NaN, no +∞, something left.
            largest(logits)?;
        }
        let key = key.kind(Kind::Warp);
        self.list.iter().try_for_each(|w| w.apply(logits, history, key))?;
        dist.set_logits(logits)
    }
}

impl fmt::Debug for Warps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.list.iter().map(|w| Label(w.label()))).finish()
    }
}

/// Prints a label without quotes.
struct Label(String);

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
