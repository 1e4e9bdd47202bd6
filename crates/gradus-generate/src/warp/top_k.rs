//! Keep a number of ids.

use gradus_core::Key;

use super::traits::require;
use crate::{History, Result, Stage, Warp};

/// Keeps exactly the k most probable ids, the lowest ids on ties; k ≥ V changes nothing.
///
/// Keeping every id that ties with the k-th, as some samplers do, would keep more than k.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopK(pub usize);

impl Warp for TopK {
    fn apply(&self, logits: &mut [f64], _: &History<'_>, _: Key) -> Result<()> {
        if self.0 == 0 || self.0 >= logits.len() {
            return self.check(logits.len());
        }
        let mut sorted = logits.to_vec();
        let (above, &mut limit, _) =
            sorted.select_nth_unstable_by(self.0 - 1, |a, b| b.total_cmp(a));
        // `total_cmp` puts −0 below +0, so equality is counted by `==` on both sides.
        let mut ties = self.0 - above.iter().filter(|&&l| l > limit).count();
        for l in logits {
            if *l == limit && ties > 0 {
                ties -= 1;
            } else if *l <= limit {
                *l = f64::NEG_INFINITY;
            }
        }
        Ok(())
    }

    fn check(&self, _: usize) -> Result<()> {
        require("top-k", self.0 as f64, "at least 1", |k| k >= 1.0)
    }

    fn stage(&self) -> Stage {
        Stage::TopK
    }

    fn label(&self) -> String {
        format!("{self:?}")
    }
}
