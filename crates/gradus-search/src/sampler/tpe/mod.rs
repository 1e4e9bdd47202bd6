//! Two densities: of what did well, and of the rest.

mod normal;
mod parzen;
mod sampler;
mod split;

pub use sampler::Tpe;

#[cfg(test)]
mod golden;
