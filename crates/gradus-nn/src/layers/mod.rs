//! Layers, one per file.

mod activation;
mod attention;
mod batch_norm;
mod conv1d;
mod conv2d;
mod conv_init;
mod conv_transpose1d;
mod conv_transpose2d;
mod dropout;
mod embedding;
mod feed_forward;
mod flatten;
mod kv_cache;
mod layer_norm;
mod linear;
mod pool;
mod recurrent;
mod rms_norm;
mod sequential;
mod transformer_block;

pub use activation::Activation;
pub use attention::{MultiHeadAttention, MultiHeadAttentionConfig};
pub use batch_norm::{BatchNorm, BatchNormConfig};
pub use conv_transpose1d::{ConvTranspose1d, ConvTranspose1dConfig};
pub use conv_transpose2d::{ConvTranspose2d, ConvTranspose2dConfig};
pub use conv1d::{Conv1d, Conv1dConfig};
pub use conv2d::{Conv2d, Conv2dConfig};
pub use dropout::Dropout;
pub use embedding::Embedding;
pub use feed_forward::{FeedForward, FeedForwardConfig};
pub use flatten::Flatten;
pub use kv_cache::{KvCache, KvCacheLayer};
pub use layer_norm::{LayerNorm, LayerNormConfig};
pub use linear::{Linear, LinearConfig};
pub use pool::{AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d};
pub use recurrent::{
    Directions, Gru, GruCell, Lstm, LstmCell, LstmState, RecurrentConfig, Rnn, RnnCell,
    SequenceLayout,
};
pub use rms_norm::{RmsNorm, RmsNormConfig};
pub use sequential::Sequential;
pub use transformer_block::{TransformerBlock, TransformerBlockConfig};
