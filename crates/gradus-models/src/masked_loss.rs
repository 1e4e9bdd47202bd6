//! The losses by which masked models are trained.

use crate::error::{Result, require};

/// Which positions a [`MaskedTransformer`](crate::MaskedTransformer) is trained to predict, and how much each counts.
///
/// | loss | hidden in a row of T | weight | bounds −ln p |
/// |---|---|---|---|
/// | [`MaskedLoss::MDLM`] | n, uniform on 1..=T | 1/n | yes |
/// | [`MaskedLoss::LLADA`] | each with probability p, uniform on (0.001, 1) | 1/(p·T) | yes, but for the 0.001 |
/// | [`MaskedLoss::MASKGIT`] | ⌈T·cos(πr/2)⌉, r uniform on (0, 1); label smoothing | equal | no |
/// | [`MaskedLoss::MUSE`] | the same, at least half | equal | no |
/// | [`MaskedLoss::CMLM`] | n, uniform on 1..=T; label smoothing | equal | no |
///
/// What draws are made is spread evenly over the rows of a batch. Report a loss as a bound only where the table says so.
///
/// # Reference
/// Sahoo et al. 2024 (MDLM); Nie et al. 2025, "Large Language Diffusion Models", eq. 3 and appendix B.1; Chang et al. 2022,
/// "`MaskGIT`", section 3.1; Chang et al. 2023, "Muse", section 2.3; Ghazvininejad et al. 2019, "Mask-Predict", section 3.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MaskedLoss {
    /// Which positions are hidden.
    pub masking: Masking,
    /// Mass ε in 0..=1 that moves from the token to all tokens evenly.
    pub label_smoothing: f64,
}

/// Which positions are hidden, and how much each counts.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Masking {
    /// n places of a row, uniform on 1..=T; the mean over them, then over rows.
    PerRow,
    /// Each place on its own, with a probability p of the row that is uniform on (`least`, 1); 1/p for each, divided
    /// by the number of all places.
    Independent {
        /// The smallest probability, in 0..1.
        least: f64,
        /// Share of batches that are cut to a length uniform on 1..=T, so that short rows are known too.
        cut: f64,
    },
    /// ⌈T·cos(πr/2)⌉ places of a row, r uniform on (0, 1); the mean over all of a batch.
    Cosine {
        /// The smallest share of a row, in 0..=1.
        least: f64,
    },
    /// n places of a row, uniform on 1..=T; the mean over all of a batch.
    Pooled,
}

impl MaskedLoss {
    /// The bound of masked diffusion, with a count in place of a time.
    pub const MDLM: Self = Self { masking: Masking::PerRow, label_smoothing: 0.0 };

    /// The same bound with independent masks, one batch in a hundred cut.
    pub const LLADA: Self =
        Self { masking: Masking::Independent { least: 1e-3, cut: 0.01 }, label_smoothing: 0.0 };

    /// Few known tokens are trained more often than many.
    pub const MASKGIT: Self =
        Self { masking: Masking::Cosine { least: 0.0 }, label_smoothing: 0.1 };

    /// The same with at least half of a row hidden.
    pub const MUSE: Self = Self { masking: Masking::Cosine { least: 0.5 }, label_smoothing: 0.1 };

    /// The conditional masked language model of Mask-Predict; see [`LengthPredictor`](crate::LengthPredictor) for its lengths.
    pub const CMLM: Self = Self { masking: Masking::Pooled, label_smoothing: 0.1 };

    pub(crate) fn check(&self) -> Result<()> {
        const NAME: &str = "MaskedLoss";
        let share = |x: f64| (0.0..=1.0).contains(&x);
        let expected = "in 0..=1";
        let smoothing = self.label_smoothing;
        require(share(smoothing), NAME, "label_smoothing", expected, smoothing)?;
        match self.masking {
            Masking::PerRow | Masking::Pooled => Ok(()),
            Masking::Cosine { least } => require(share(least), NAME, "least", expected, least),
            Masking::Independent { least, cut } => {
                require((0.0..1.0).contains(&least), NAME, "least", "in 0..1", least)?;
                require(share(cut), NAME, "cut", expected, cut)
            }
        }
    }
}
