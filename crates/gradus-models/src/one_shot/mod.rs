//! Generators that make a sample in one call: an autoencoder's decoder, an adversary's generator.

mod conv;
mod decode;
mod decoder;
mod encoder;
mod gan;
mod labels;
mod likelihood;
mod posterior;
mod shape;
mod vae;

pub use conv::{ConvDecoder, ConvEncoder};
pub use decode::{Decode, OneShot};
pub use decoder::Decoder;
pub use encoder::Encoder;
pub use gan::{Discriminator, Gan, GanConfig, Generator};
pub use likelihood::Likelihood;
pub use posterior::Posterior;
pub use vae::{Elbo, Vae, VaeConfig};
