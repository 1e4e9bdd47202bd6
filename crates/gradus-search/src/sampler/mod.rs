//! Who says what is tried next.

mod asha;
mod bracket;
mod evolution;
mod halving;
mod hyperband;
mod joe_kuo;
mod latin_hypercube;
mod random;
mod samplers;
mod sobol;
pub(crate) mod tpe;

pub use asha::Asha;
pub use evolution::RegularizedEvolution;
pub use halving::SuccessiveHalving;
pub use hyperband::Hyperband;
pub use latin_hypercube::LatinHypercube;
pub use random::Random;
pub use samplers::Sampler;
pub use sobol::Sobol;
pub use tpe::Tpe;
