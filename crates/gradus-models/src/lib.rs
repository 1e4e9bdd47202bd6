//! Ready models for Gradus: plain structs of layers, with their training losses.
//!
//! | model | what it is for |
//! |---|---|
//! | [`LinearRegression`], [`LogisticRegression`] | the classics: a number, a class |
//! | [`Mlp`] | fully connected layers, for vectors |
//! | [`LeNet`] | convolutions, for images |
//! | [`UNet`] | convolutions down and up again: a class for each pixel |
//! | [`Perceptron`] | a class, learned by the rule of 1958 |
//! | [`Rbm`], [`DeepBelief`] | Boltzmann machines: what data look like, and where a network begins |
//! | [`Gpt`] | p(next \| before): autoregressive generation, with a cache |
//! | [`RnnLm`] | the same with recurrent layers: a memory of one size |
//! | [`Ngram`] | p(next \| the last few), counted: a yardstick, and a draft |
//! | [`WaveNet`] | waves, sample by sample: dilated causal convolutions, played from queues |
//! | [`PixelCnn`] | images, pixel by pixel: gated convolutions over what is above and to the left |
//! | [`MaskedTransformer`] | p(masked \| known): parallel generation |
//! | [`BlockDiffusion`] | p(block \| blocks before): both, with a cache of the blocks before |
//! | [`LengthPredictor`] | p(length \| condition), for models that fill a canvas at once |
//! | [`FlowMlp`], [`FlowUNet`] | vectors and images out of noise, in a few calls: flow matching ([`Diffusion`]), [`Edm`], [`Consistency`] |
//! | [`Vae`], [`Gan`] | vectors and images out of a small vector of noise, in one call |
//!
//! Every network is a [`gradus_nn::Module`], so that optimizers, checkpoints and summaries work on
//! it. What generates implements a trait of `gradus-generate` ([`gradus_generate::Causal`],
//! [`gradus_generate::Masked`]), so that every strategy runs on it; `conditioned`, or `player` and `painter`
//! where weights are laid out anew, gives each row of a request its class. [`Denoiser`] and [`OneShot`] are
//! [`gradus_generate::flow::Denoise`], for the solvers of [`gradus_generate::flow::Flow`].
//!
//! The crate does not know how a model is trained: no optimizer, no loop, no file.
//!
//! ```
//! use gradus_autograd::Var;
//! use gradus_core::{DType, Key, Keys};
//! use gradus_models::MlpConfig;
//! use gradus_nn::{Ctx, Layer};
//! use gradus_tensor::Tensor;
//!
//! let mlp = MlpConfig::new([4, 8, 3]).init(&mut Keys::new(7))?;
//! let flowers = Var::constant(Tensor::rand([5, 4], DType::F32, Key::new(1))?);
//! let logits = mlp.forward(&flowers, &mut Ctx::eval())?;
//! assert_eq!(logits.dims(), &[5, 3]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod block_diffusion;
mod conditioned;
mod deep_belief;
mod drop_classes;
mod error;
mod flow;
mod gpt;
mod gpt_feed;
mod gpt_state;
mod hidden;
mod inputs;
mod lenet;
mod length_predictor;
mod linear_regression;
mod logistic_regression;
mod masked_fill;
mod masked_loss;
mod masked_transformer;
mod mlp;
mod ngram;
mod one_shot;
mod panels;
mod perceptron;
mod pixel_cnn;
mod prepared_rows;
mod rbm;
mod read_logits;
mod real;
mod rnn_lm;
mod transformer;
mod transformer_config;
mod transformer_ids;
mod u_net;
mod wave_net;

pub use block_diffusion::{BlockDiffusion, CachedBlocks};
pub use conditioned::Conditioned;
pub use deep_belief::DeepBelief;
pub use drop_classes::drop_classes;
pub use error::{Error, Result};
pub use flow::{
    Condition, Consistency, Denoiser, Diffusion, Edm, FlowBlock2d, FlowMlp, FlowMlpBlock,
    FlowMlpConfig, FlowUNet, FlowUNetConfig, Pairs, Process, TimeConditioned,
};
pub use gpt::Gpt;
pub use gpt_state::GptState;
pub use lenet::{LeNet, LeNetConfig};
pub use length_predictor::{LengthPredictor, RowLengths};
pub use linear_regression::LinearRegression;
pub use logistic_regression::LogisticRegression;
pub use masked_loss::{MaskedLoss, Masking};
pub use masked_transformer::MaskedTransformer;
pub use mlp::{Mlp, MlpConfig};
pub use ngram::Ngram;
pub use one_shot::{
    ConvDecoder, ConvEncoder, Decode, Decoder, Discriminator, Elbo, Encoder, Gan, GanConfig,
    Generator, Likelihood, OneShot, Posterior, Vae, VaeConfig,
};
pub use perceptron::Perceptron;
pub use pixel_cnn::{PixelCnn, PixelCnnConfig, PixelCnnPainter, PixelCnnState};
pub use rbm::{Rbm, VisibleUnits};
pub use rnn_lm::{RnnKind, RnnLm, RnnLmConfig, RnnLmState};
pub use transformer_config::{Positions, TransformerConfig};
pub use u_net::{UNet, UNetConfig};
pub use wave_net::{WaveNet, WaveNetCondition, WaveNetConfig, WaveNetPlayer, WaveNetState};
