//! Neural-network layers, losses and initialisers.
//!
//! - A model is a plain struct of layers. `#[derive(Module)]` names its parameters after its
//!   fields, and with that come the state dict, freezing and counting.
//! - A [`Layer`] maps a [`Var`] to a [`Var`], given a [`Ctx`]: whether this pass trains, and where
//!   randomness comes from. [`Ctx::at`] adds a layer's name to its errors.
//! - Settings and the live layer are different types: [`LinearConfig`] makes a [`Linear`], drawn
//!   from `Keys`. Layouts and names of weights are PyTorch's.
//! - [`loss`] holds functions from predictions and targets to one number, [`init`] the laws that
//!   first values are drawn from, [`summary`] prints what a model holds, [`cost()`] what a pass takes.
//! - [`freeze_where`] trains a part of a model, [`AveragedWeights`] keeps averages over its training,
//!   [`cast`] moves it to another dtype; a clone is a copy of its own.
//!
//! ```
//! use gradus_core::{Key, Keys};
//! use gradus_nn::loss::{self, CrossEntropy};
//! use gradus_nn::{Ctx, Dropout, Layer, Linear, Module, Result, Tensor, Var};
//!
//! #[derive(Module)]
//! struct Classifier {
//!     hidden: Linear,
//!     dropout: Dropout,
//!     output: Linear,
//! }
//!
//! impl Layer for Classifier {
//!     fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
//!         let x = ctx.at("hidden", |ctx| self.hidden.forward(x, ctx))?.relu()?;
//!         let x = self.dropout.forward(&x, ctx)?;
//!         ctx.at("output", |ctx| self.output.forward(&x, ctx))
//!     }
//! }
//!
//! let mut keys = Keys::new(7);
//! let model = Classifier {
//!     hidden: Linear::new(2, 16, &mut keys)?,
//!     dropout: Dropout::new(0.1)?,
//!     output: Linear::new(16, 3, &mut keys)?,
//! };
//! let x = Var::constant(Tensor::new([[0.5, -1.0], [2.0, 0.0]]));
//! let logits = model.forward(&x, &mut Ctx::train(Key::new(1)))?; // (B, 3)
//! let loss = loss::cross_entropy(&logits, &Tensor::new([0, 2]), CrossEntropy::default())?;
//! let grads = loss.backward()?;
//! assert!(grads.get(&model.hidden.weight).is_some());
//! # Ok::<(), gradus_nn::Error>(())
//! ```
//!
//! The crate knows no optimizer, no file and no data set.
#![forbid(unsafe_code)]

// So that the code of derive(Module) can name this crate from inside it.
extern crate self as gradus_nn;

mod averaged;
mod cast;
mod checkpoint;
mod cost;
mod ctx;
mod error;
mod freeze;
pub mod init;
mod layer;
mod layers;
pub mod loss;
mod summary;

pub use averaged::{AveragedWeights, Averaging};
pub use cast::{cast, cast_matrices};
pub use checkpoint::checkpoint;
pub use cost::{Cost, LayerCost, cost};
pub use ctx::Ctx;
pub use error::{Error, Result};
pub use freeze::{freeze_where, unfreeze_where};
pub use layer::Layer;
pub use layers::{
    Activation, AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d, AdaptiveMaxPool1d,
    AdaptiveMaxPool2d, AdaptiveMaxPool3d, AlphaDropout, AvgPool1d, AvgPool2d, AvgPool3d, BagMode,
    BatchNorm, BatchNormConfig, Bilinear, BilinearConfig, ChannelDropout, ChannelShuffle,
    CircularPad, ConstantPad, Conv1d, Conv1dConfig, Conv2d, Conv2dConfig, Conv3d, Conv3dConfig,
    ConvTranspose1d, ConvTranspose1dConfig, ConvTranspose2d, ConvTranspose2dConfig,
    ConvTranspose3d, ConvTranspose3dConfig, DecoderMasks, Directions, DoubleConv, DropPath,
    Dropout, Embedding, EmbeddingBag, EmbeddingConfig, FeedForward, FeedForwardConfig, Flatten,
    Fold, Glu, GroupNorm, GroupNormConfig, Gru, GruCell, InstanceNorm, InstanceNormConfig, KvCache,
    KvCacheLayer, KvMark, LayerNorm, LayerNormConfig, LearnedPositions, Linear, LinearConfig,
    LocalResponseNorm, LogSoftmax, Lora, LoraConfig, LpPool1d, LpPool2d, LpPool3d, Lstm, LstmCell,
    LstmState, MaxPool1d, MaxPool2d, MaxPool3d, MixerBlock, MixerBlockConfig, MultiHeadAttention,
    MultiHeadAttentionConfig, NormPlace, PRelu, PixelShuffle, PixelUnshuffle, RRelu,
    RecurrentConfig, ReflectionPad, ReplicationPad, ResNetBlock, Residual, RmsNorm, RmsNormConfig,
    Rnn, RnnCell, SequenceLayout, Sequential, SinusoidalPositions, Softmax, SpectralNorm,
    TransformerBlock, TransformerBlockConfig, TransformerDecoder, TransformerDecoderConfig,
    TransformerDecoderLayer, TransformerEncoder, TransformerEncoderConfig, UNetDown, UNetUp,
    Unflatten, Unfold, Upsample, UpsampleTo, WeightNorm, Weighted, alibi_slopes, padding_mask,
};
pub use summary::summary;

pub use gradus_autograd::{
    Buffer, Causal, LocalResponse, Module, Param, Path, RnnActivation, Slot, SlotMut, Var,
};
pub use gradus_nn_derive::Module;
pub use gradus_tensor::Tensor;
