//! Layers: outputs, gradients and running statistics.

use gradus_core::{DType, Key, Keys};
use gradus_nn::{
    BatchNorm, BatchNormConfig, Causal, Conv1dConfig, Conv2dConfig, ConvTranspose1dConfig,
    ConvTranspose2dConfig, Ctx, Layer, LayerNorm, Linear, MultiHeadAttention,
    MultiHeadAttentionConfig, RmsNorm, Tensor, TransformerBlockConfig, Var,
};

use super::{check, check_layer, filled, numbers};

pub(super) fn keys() -> Keys {
    Keys::new(0)
}

pub(super) fn run(name: &str, layer: &impl Layer, x: Tensor) {
    run_in(name, layer, x, &mut Ctx::eval());
}

pub(super) fn run_in(name: &str, layer: &impl Layer, x: Tensor, ctx: &mut Ctx) {
    let x = Var::leaf(x);
    check_layer(name, &x, &layer.forward(&x, ctx).unwrap());
}

#[test]
fn linear_and_norms() {
    run("LINEAR", &filled(Linear::new(4, 3, &mut keys()).unwrap()), numbers([2, 5, 4], 1));
    run("LAYER_NORM", &filled(LayerNorm::new(4).unwrap()), numbers([2, 3, 4], 1));
    run("RMS_NORM", &filled(RmsNorm::new(4).unwrap()), numbers([2, 3, 4], 1));
}

#[test]
fn convolutions() {
    let conv1d = Conv1dConfig {
        stride: 2,
        padding: 2,
        dilation: 2,
        groups: 2,
        ..Conv1dConfig::new(4, 6, 3)
    };
    run("CONV1D", &filled(conv1d.init(&mut keys()).unwrap()), numbers([2, 4, 9], 1));
    let conv2d = Conv2dConfig {
        stride: [2, 1],
        padding: [1, 2],
        dilation: [1, 2],
        groups: 2,
        ..Conv2dConfig::new(2, 4, [3, 2])
    };
    run("CONV2D", &filled(conv2d.init(&mut keys()).unwrap()), numbers([2, 2, 6, 5], 1));
}

#[test]
fn transposed_convolutions() {
    let up1d = ConvTranspose1dConfig {
        stride: 3,
        padding: 1,
        output_padding: 2,
        dilation: 2,
        groups: 2,
        ..ConvTranspose1dConfig::new(4, 6, 3)
    };
    run("CONV_TRANSPOSE1D", &filled(up1d.init(&mut keys()).unwrap()), numbers([2, 4, 5], 1));
    let up2d = ConvTranspose2dConfig {
        stride: [2, 1],
        padding: [1, 2],
        output_padding: [1, 0],
        dilation: [1, 2],
        groups: 2,
        ..ConvTranspose2dConfig::new(4, 2, [3, 2])
    };
    let up2d = filled(up2d.init(&mut keys()).unwrap());
    run("CONV_TRANSPOSE2D", &up2d, numbers([2, 4, 3, 5], 1));
}

#[test]
fn batch_norm() {
    for (name, momentum) in [("BATCH_NORM", Some(0.1)), ("BATCH_NORM_AVERAGE", None)] {
        let config = BatchNormConfig { momentum, ..BatchNormConfig::new(3) };
        let norm: BatchNorm = filled(config.init().unwrap());
        let mut train = Ctx::train(Key::new(0));
        norm.forward(&numbers([2, 3, 2, 2], 1).into(), &mut train).unwrap();
        run_in(name, &norm, numbers([4, 3, 2, 1], 2), &mut train);
        check(&format!("{name}_RUNNING_MEAN"), &norm.running_mean.value());
        check(&format!("{name}_RUNNING_VAR"), &norm.running_var.value());
        assert_eq!(norm.num_batches_tracked.value().item().unwrap(), 2.0);
        run(&format!("{name}_EVAL"), &norm, numbers([2, 3, 2, 2], 3));
    }
}

fn attention(causal: Causal) -> MultiHeadAttention {
    let config = MultiHeadAttentionConfig { causal, ..MultiHeadAttentionConfig::new(6, 2) };
    filled(config.init(&mut keys()).unwrap())
}

#[test]
fn self_attention() {
    run("ATTENTION", &attention(Causal::No), numbers([2, 5, 6], 1));
    run("ATTENTION_CAUSAL", &attention(Causal::Yes), numbers([2, 5, 6], 1));
}

#[test]
fn masked_attention() {
    let x = Var::leaf(numbers([2, 5, 6], 1));
    let ctx = &mut Ctx::eval();
    let biased = attention(Causal::No).forward_masked(&x, &numbers([5, 5], 7), ctx).unwrap();
    check_layer("ATTENTION_BIAS", &x, &biased);
    let past = Tensor::ones([5, 5], DType::F64).unwrap().tril(0).unwrap().gt_scalar(0.0).unwrap();
    let masked = attention(Causal::No).forward_masked(&x, &past, ctx).unwrap();
    check_layer("ATTENTION_CAUSAL", &x, &masked);
}

#[test]
fn cross_attention() {
    let config =
        MultiHeadAttentionConfig { memory_channels: 4, ..MultiHeadAttentionConfig::new(6, 2) };
    let attention = filled(config.init(&mut keys()).unwrap());
    let (x, memory) = (Var::leaf(numbers([2, 5, 6], 1)), Var::from(numbers([2, 3, 4], 8)));
    let y = attention.forward_cross(&x, &memory, None, &mut Ctx::eval()).unwrap();
    check_layer("ATTENTION_CROSS", &x, &y);
}

#[test]
fn transformer_block() {
    let config = TransformerBlockConfig { hidden: 8, ..TransformerBlockConfig::new(6, 2) };
    run("BLOCK", &filled(config.init(&mut keys()).unwrap()), numbers([2, 5, 6], 1));
}
