//! What a network's answer means.

use gradus_autograd::Var;
use gradus_generate::flow::{Path, Target};
use gradus_nn::Ctx;
use gradus_tensor::Tensor;

use super::time_conditioned::TimeConditioned;
use crate::error::Result;

/// A way to mix data with noise, and to read a network's answer as an estimate of one of them.
///
/// [`Diffusion`](crate::Diffusion), [`Edm`](crate::Edm) and [`Consistency`](crate::Consistency) are
/// processes; each has its loss.
pub trait Process: Sync {
    /// Along which path x moves.
    fn path(&self) -> Path;

    /// What is estimated.
    fn target(&self) -> Target;

    /// The estimate for each row of `x` at its time.
    ///
    /// # Errors
    /// As [`TimeConditioned::forward_at`]; [`crate::Error::Config`] if the process cannot be.
    fn estimate<N: TimeConditioned + ?Sized>(
        &self,
        net: &N,
        x: &Var,
        times: &[f64],
        classes: Option<&Tensor>,
        ctx: &mut Ctx,
    ) -> Result<Var>;
}
