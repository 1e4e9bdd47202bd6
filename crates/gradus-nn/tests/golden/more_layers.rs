//! Norms, bags, parametrisations, blocks with norms after the sums, and layers of two inputs.

use gradus_core::Key;
use gradus_nn::{
    Activation, BagMode, Bilinear, Causal, Conv2d, Ctx, DecoderMasks, EmbeddingBag,
    EmbeddingConfig, GroupNorm, InstanceNorm, InstanceNormConfig, Layer, MultiHeadAttentionConfig,
    NormPlace, ResNetBlock, SpectralNorm, Tensor, TransformerBlockConfig, TransformerDecoderConfig,
    Var, WeightNorm, cast, padding_mask,
};

use super::layers::{keys, run, run_in};
use super::{check, check_layer, filled, numbers};

fn train() -> Ctx {
    Ctx::train(Key::new(0))
}

#[test]
fn norms_of_groups_and_instances() {
    run("GROUP_NORM", &filled(GroupNorm::new(2, 4).unwrap()), numbers([3, 4, 2, 3], 1));
    let config = InstanceNormConfig { affine: true, ..InstanceNormConfig::new(3) };
    run("INSTANCE_NORM", &filled(config.init().unwrap()), numbers([2, 3, 2, 3], 1));
    let config = InstanceNormConfig { momentum: Some(0.1), ..InstanceNormConfig::new(3) };
    let norm: InstanceNorm = filled(config.init().unwrap());
    norm.forward(&numbers([2, 3, 4], 1).into(), &mut train()).unwrap();
    run_in("INSTANCE_NORM_TRACKED", &norm, numbers([4, 3, 2], 2), &mut train());
    check("INSTANCE_NORM_TRACKED_MEAN", &norm.running_mean.as_ref().unwrap().value());
    check("INSTANCE_NORM_TRACKED_VAR", &norm.running_var.as_ref().unwrap().value());
    run("INSTANCE_NORM_TRACKED_EVAL", &norm, numbers([2, 3, 4], 3));
}

#[test]
fn bilinear() {
    let bilinear = filled(Bilinear::new(3, 4, 2, &mut keys()).unwrap());
    let (x1, x2) = (Var::leaf(numbers([2, 5, 3], 1)), Var::from(numbers([2, 5, 4], 2)));
    check_layer("BILINEAR", &x1, &bilinear.forward_pair(&x1, &x2, &mut Ctx::eval()).unwrap());
}

#[test]
fn embeddings_with_padding_and_bags() {
    let ids = Tensor::new([1, 4, 2, 2, 0, 3, 1]);
    let factors = Var::from(numbers([7], 3));
    for (name, mode) in [
        ("EMBEDDING_BAG_SUM", BagMode::Sum),
        ("EMBEDDING_BAG_MEAN", BagMode::Mean),
        ("EMBEDDING_BAG_MAX", BagMode::Max),
    ] {
        let config = EmbeddingConfig { padding_idx: Some(4), ..EmbeddingConfig::new(5, 3) };
        let bags = filled(EmbeddingBag::with_config(&config, mode, &mut keys()).unwrap());
        let weights = (mode == BagMode::Sum).then_some(&factors);
        let y = bags.forward_bags(&ids, &[0, 3, 3], weights, &mut Ctx::eval()).unwrap();
        check_layer(name, &bags.weight.var(), &y);
    }
    let config = EmbeddingConfig { padding_idx: Some(2), ..EmbeddingConfig::new(5, 3) };
    let table = filled(config.init(&mut keys()).unwrap());
    let y = table.forward_ids(&ids, &mut Ctx::eval()).unwrap();
    check_layer("EMBEDDING_PADDED", &table.weight.var(), &y);
}

#[test]
fn parametrised_weights() {
    let conv = || Conv2d::new(2, 3, [2, 2], &mut keys()).unwrap();
    let norm = filled(WeightNorm::new(conv()).unwrap());
    run("WEIGHT_NORM", &norm, numbers([2, 2, 3, 4], 1));
    let mut norm = SpectralNorm::new(conv(), Key::new(1)).unwrap();
    cast(&mut norm, gradus_core::DType::F64).unwrap();
    let norm = filled(norm);
    let unit = |x: Tensor| x.div(&x.square().unwrap().sum(..).unwrap().sqrt().unwrap()).unwrap();
    norm.weight_u.set(unit(numbers([3], 5))).unwrap();
    norm.weight_v.set(unit(numbers([8], 6))).unwrap();
    run_in("SPECTRAL_NORM", &norm, numbers([2, 2, 3, 4], 1), &mut train());
    run("SPECTRAL_NORM_EVAL", &norm, numbers([2, 2, 3, 4], 1));
}

#[test]
fn res_net_block() {
    let block = filled(ResNetBlock::new(2, 3, 2, &mut keys()).unwrap());
    run_in("RES_NET_BLOCK", &block, numbers([2, 2, 5, 4], 1), &mut train());
}

#[test]
fn norms_after_the_sums() {
    let config = TransformerBlockConfig {
        hidden: 8,
        norm: NormPlace::After,
        activation: Activation::Relu,
        ..TransformerBlockConfig::new(6, 2)
    };
    let block = filled(config.init(&mut keys()).unwrap());
    let (x, mask) = (Var::leaf(numbers([2, 5, 6], 1)), padding_mask(&[5, 3], 5).unwrap());
    let y = block.forward_masked(&x, &mask, &mut Ctx::eval()).unwrap();
    check_layer("ENCODER_LAYER", &x, &y);
}

#[test]
fn decoder_layer() {
    let config = TransformerDecoderConfig {
        hidden: 8,
        memory_channels: 4,
        dropout: 0.0,
        ..TransformerDecoderConfig::new(6, 2, 1)
    };
    let layer = filled(config.init_layer(&mut keys()).unwrap());
    let (x, memory) = (Var::leaf(numbers([2, 5, 6], 1)), Var::from(numbers([2, 3, 4], 8)));
    let masks = DecoderMasks::default();
    let y = layer.forward_memory(&x, &memory, masks, &mut Ctx::eval()).unwrap();
    check_layer("DECODER_LAYER", &x, &y);
}

#[test]
fn attention_that_falls_with_the_distance() {
    let config = MultiHeadAttentionConfig {
        causal: Causal::Yes,
        alibi: true,
        ..MultiHeadAttentionConfig::new(6, 2)
    };
    let attention = filled(config.init(&mut keys()).unwrap());
    run("ATTENTION_ALIBI", &attention, numbers([2, 5, 6], 1));
    // The same under a mask of truth values, and under one that is added.
    let open = MultiHeadAttentionConfig { causal: Causal::No, ..config };
    let open = filled(open.init(&mut keys()).unwrap());
    let x = Var::leaf(numbers([2, 5, 6], 1));
    let ones = Tensor::ones([5, 5], gradus_core::DType::F64).unwrap();
    let past = ones.tril(0).unwrap().gt_scalar(0.0).unwrap();
    let y = open.forward_masked(&x, &past, &mut Ctx::eval()).unwrap();
    check_layer("ATTENTION_ALIBI", &x, &y);
    let bias = ones.zeros_like().masked_fill(&past.logical_not().unwrap(), -1e300).unwrap();
    let y = open.forward_masked(&x, &bias, &mut Ctx::eval()).unwrap();
    check_layer("ATTENTION_ALIBI", &x, &y);
}
