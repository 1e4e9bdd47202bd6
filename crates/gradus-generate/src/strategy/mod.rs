//! Strategies: which positions are drawn together, one file each.

mod ar;
mod blocks;
mod parallel;
mod step;
mod then;
mod traits;

pub use ar::{Ar, Pick};
pub use blocks::Blocks;
pub use parallel::Parallel;
pub use step::{Drawn, Step};
pub use then::{Join, Then};
pub use traits::Strategy;
