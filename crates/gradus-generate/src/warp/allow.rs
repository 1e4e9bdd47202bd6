//! Allow some ids only.

use gradus_core::Key;

use crate::{Error, History, Result, Warp};

/// Removes every id but these.
///
/// # Examples
/// ```
/// use gradus_generate::{Allow, History, Warps};
/// let dist = Warps::none().with(Allow::new([2, 0])).dist(&mut [1.0; 4], &History::default())?;
/// assert_eq!(dist.iter().map(|x| x.0).collect::<Vec<_>>(), [0, 2]);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow {
    ids: Vec<u32>,
}

impl Allow {
    /// Allows these ids.
    pub fn new(ids: impl IntoIterator<Item = u32>) -> Self {
        let mut ids: Vec<u32> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        Self { ids }
    }
}

impl Warp for Allow {
    fn apply(&self, logits: &mut [f64], _: &History<'_>, _: Key) -> Result<()> {
        let mut start = 0;
        for &id in &self.ids {
            logits[start..id as usize].fill(f64::NEG_INFINITY);
            start = id as usize + 1;
        }
        logits[start..].fill(f64::NEG_INFINITY);
        Ok(())
    }

    fn check(&self, vocab: usize) -> Result<()> {
        match self.ids.last() {
            None => Err(Error::Length { what: "allowed ids, at least", expected: 1, got: 0 }),
            Some(&id) if id as usize >= vocab => {
                Err(Error::OutOfVocab { what: "allowed ids", id, vocab })
            }
            Some(_) => Ok(()),
        }
    }

    fn label(&self) -> String {
        format!("{self:?}")
    }
}
