//! Layers, one per file.

mod activation;
mod alibi;
mod alpha_dropout;
mod attention;
mod batch_norm;
mod bilinear;
mod channel_dropout;
mod channels;
mod conv1d;
mod conv2d;
mod conv_init;
mod conv_transpose1d;
mod conv_transpose2d;
mod drop_path;
mod dropout;
mod embedding;
mod embedding_bag;
mod feed_forward;
mod flatten;
mod group_norm;
mod instance_norm;
mod kv_cache;
mod layer_norm;
mod linear;
mod lora;
mod mixer_block;
mod padding_mask;
mod pool;
mod positions;
mod recurrent;
mod res_net_block;
mod residual;
mod rms_norm;
mod sequential;
mod spectral_norm;
mod transformer_block;
mod transformer_decoder;
mod transformer_encoder;
mod u_net_block;
mod weight_norm;
mod weighted;

pub use activation::Activation;
pub use alibi::alibi_slopes;
pub use alpha_dropout::AlphaDropout;
pub use attention::{MultiHeadAttention, MultiHeadAttentionConfig};
pub use batch_norm::{BatchNorm, BatchNormConfig};
pub use bilinear::{Bilinear, BilinearConfig};
pub use channel_dropout::ChannelDropout;
pub use conv_transpose1d::{ConvTranspose1d, ConvTranspose1dConfig};
pub use conv_transpose2d::{ConvTranspose2d, ConvTranspose2dConfig};
pub use conv1d::{Conv1d, Conv1dConfig};
pub use conv2d::{Conv2d, Conv2dConfig};
pub use drop_path::DropPath;
pub use dropout::Dropout;
pub use embedding::{Embedding, EmbeddingConfig};
pub use embedding_bag::{BagMode, EmbeddingBag};
pub use feed_forward::{FeedForward, FeedForwardConfig};
pub use flatten::Flatten;
pub use group_norm::{GroupNorm, GroupNormConfig};
pub use instance_norm::{InstanceNorm, InstanceNormConfig};
pub use kv_cache::{KvCache, KvCacheLayer, KvMark};
pub use layer_norm::{LayerNorm, LayerNormConfig};
pub use linear::{Linear, LinearConfig};
pub use lora::{Lora, LoraConfig};
pub use mixer_block::{MixerBlock, MixerBlockConfig};
pub use padding_mask::padding_mask;
pub use pool::{AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d};
pub use positions::{LearnedPositions, SinusoidalPositions};
pub use recurrent::{
    Directions, Gru, GruCell, Lstm, LstmCell, LstmState, RecurrentConfig, Rnn, RnnCell,
    SequenceLayout,
};
pub use res_net_block::ResNetBlock;
pub use residual::Residual;
pub use rms_norm::{RmsNorm, RmsNormConfig};
pub use sequential::Sequential;
pub use spectral_norm::SpectralNorm;
pub use transformer_block::{NormPlace, TransformerBlock, TransformerBlockConfig};
pub use transformer_decoder::{
    DecoderMasks, TransformerDecoder, TransformerDecoderConfig, TransformerDecoderLayer,
};
pub use transformer_encoder::{TransformerEncoder, TransformerEncoderConfig};
pub use u_net_block::{DoubleConv, UNetDown, UNetUp};
pub use weight_norm::WeightNorm;
pub use weighted::Weighted;
