//! What holds for single layers: caches, additions of low rank, spectra, bags, dropouts.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use gradus_core::{DType, INFER, Key, Keys};
use gradus_nn::{
    AdaptiveAvgPool2d, AlphaDropout, BagMode, Bilinear, Causal, ChannelDropout, Conv2d, Conv3d,
    ConvTranspose3d, Ctx, DropPath, Embedding, EmbeddingBag, EmbeddingConfig, GroupNorm,
    InstanceNorm, KvCache, Layer, LearnedPositions, Linear, LoraConfig, Module,
    MultiHeadAttentionConfig, ReflectionPad, Residual, SinusoidalPositions, SpectralNorm, Tensor,
    TransformerBlockConfig, TransformerDecoderConfig, Unflatten, Upsample, UpsampleTo, Var,
    WeightNorm,
};
use proptest::prelude::*;

fn normal(shape: &[usize], seed: u64) -> Tensor {
    Tensor::randn(shape, DType::F32, Key::new(seed)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn cached_equals_uncached_for_every_split(
        pieces in proptest::collection::vec(1..70usize, 1..6),
        window in 1..80usize,
        kind in 0..4usize,
        seed: u64,
    ) {
        let len: usize = pieces.iter().sum();
        let base = MultiHeadAttentionConfig {
            causal: Causal::Yes,
            n_kv_heads: 1,
            ..MultiHeadAttentionConfig::new(8, 2)
        };
        let (config, mut cache) = match kind {
            0 => (MultiHeadAttentionConfig { alibi: true, ..base }, KvCache::new(1)),
            1 => (MultiHeadAttentionConfig { rope: Some(1e4), ..base }, KvCache::preallocated(1, len)),
            2 => (
                MultiHeadAttentionConfig { rope: Some(1e4), window: Some(window), ..base },
                KvCache::sliding(1, window).unwrap(),
            ),
            _ => (
                MultiHeadAttentionConfig { alibi: true, window: Some(window), ..base },
                KvCache::sliding(1, window).unwrap(),
            ),
        };
        let attention = config.init(&mut Keys::new(seed)).unwrap();
        let x = Var::from(normal(&[2, len, 8], seed));
        let whole = attention.forward(&x, &mut Ctx::eval()).unwrap();
        let mut start = 0;
        for piece in pieces {
            let new = x.narrow(1, start, piece).unwrap();
            // A draft that is refused leaves nothing behind.
            let mark = cache.mark();
            let draft = Var::from(normal(&[2, 3, 8], seed ^ 1));
            if start + 3 <= len {
                attention.forward_cached(&draft, cache.layer_mut(0), &mut Ctx::eval()).unwrap();
                cache.rewind(mark).unwrap();
            }
            let y = attention.forward_cached(&new, cache.layer_mut(0), &mut Ctx::eval()).unwrap();
            prop_assert!(y.value().equal(whole.narrow(1, start, piece).unwrap().value()));
            start += piece;
        }
        prop_assert_eq!(cache.len(), len);
    }

    #[test]
    fn a_decoder_has_the_same_bits_step_by_step(seed: u64, split in 1..5usize) {
        let config = TransformerDecoderConfig { hidden: 8, ..TransformerDecoderConfig::new(8, 2, 2) };
        let decoder = config.init(&mut Keys::new(seed)).unwrap();
        let (x, memory) = (Var::from(normal(&[2, 6, 8], seed)), Var::from(normal(&[2, 4, 8], 1)));
        let ctx = &mut Ctx::eval();
        let mask = gradus_nn::padding_mask(&[4, 2], 4).unwrap();
        let masks = gradus_nn::DecoderMasks { own: None, memory: Some(&mask) };
        let whole = decoder.forward_memory(&x, &memory, masks, ctx).unwrap();
        let mut cache = KvCache::new(2);
        for (start, len) in [(0, split), (split, 6 - split)] {
            let x = x.narrow(1, start, len).unwrap();
            let y = decoder.forward_cached(&x, &memory, Some(&mask), &mut cache, ctx).unwrap();
            prop_assert!(y.value().equal(whole.narrow(1, start, len).unwrap().value()));
        }
        prop_assert!(decoder.forward_cached(&x, &memory, None, &mut KvCache::new(1), ctx).is_err());
    }

    #[test]
    fn bags_have_the_bits_they_have_alone(
        sizes in proptest::collection::vec(0..5usize, 1..6),
        mode in 0..3usize,
        seed: u64,
    ) {
        let mode = [BagMode::Sum, BagMode::Mean, BagMode::Max][mode];
        let config = EmbeddingConfig { padding_idx: Some(3), ..EmbeddingConfig::new(7, 4) };
        let bags = EmbeddingBag::with_config(&config, mode, &mut Keys::new(seed)).unwrap();
        let total: usize = sizes.iter().sum();
        let ids = Tensor::randint(0, 7, [total], Key::new(seed)).unwrap();
        let starts: Vec<usize> = sizes.iter().scan(0, |end, &size| {
            *end += size;
            Some(*end - size)
        }).collect();
        let ctx = &mut Ctx::eval();
        let all = bags.forward_bags(&ids, &starts, None, ctx).unwrap();
        let rows = bags.weight.value().to_vec::<f32>().unwrap();
        for (bag, (&start, &size)) in starts.iter().zip(&sizes).enumerate() {
            let own = ids.narrow(0, start, size).unwrap();
            let alone = bags.forward_bags(&own, &[0], None, ctx).unwrap();
            prop_assert!(alone.value().equal(all.narrow(0, bag, 1).unwrap().value()));
            // As the naive form has it.
            let ids: Vec<i64> = own.to_vec::<i64>().unwrap().into_iter().filter(|&id| id != 3).collect();
            for (channel, got) in alone.value().to_vec::<f32>().unwrap().into_iter().enumerate() {
                let values = ids.iter().map(|&id| rows[id as usize * 4 + channel]);
                let expected = match mode {
                    _ if ids.is_empty() => 0.0,
                    BagMode::Max => values.fold(f32::NEG_INFINITY, f32::max),
                    BagMode::Sum => values.sum(),
                    BagMode::Mean => values.sum::<f32>() / ids.len() as f32,
                };
                prop_assert!((got - expected).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn group_norm_has_mean_zero_and_variance_one_in_each_group(seed: u64) {
        let x = normal(&[2, 6, 5, 3], seed).mul_scalar(3.0).unwrap().add_scalar(2.0).unwrap();
        let y = GroupNorm::new(3, 6).unwrap().forward(&x.into(), &mut Ctx::eval()).unwrap();
        let groups = y.value().reshape([6, 30]).unwrap();
        let near = |x: Tensor, to: f64| {
            x.to_vec::<f32>().unwrap().iter().all(|&x| (f64::from(x) - to).abs() < 1e-4)
        };
        prop_assert!(near(groups.mean(-1).unwrap(), 0.0) && near(groups.var(-1, 0.0).unwrap(), 1.0));
    }
}

#[test]
fn a_sliding_cache_must_keep_what_the_layer_sees() {
    let config = MultiHeadAttentionConfig {
        causal: Causal::Yes,
        window: Some(9),
        ..MultiHeadAttentionConfig::new(8, 2)
    };
    let attention = config.init(&mut Keys::new(1)).unwrap();
    let x = Var::from(normal(&[1, 2, 8], 1));
    let mut cache = KvCache::sliding(1, 8).unwrap();
    let error = attention.forward_cached(&x, cache.layer_mut(0), &mut Ctx::eval()).unwrap_err();
    assert!(error.to_string().contains("a window that a sliding cache keeps"), "{error}");
    assert!(cache.is_empty());
}

#[test]
fn alibi_has_no_place_beside_rope_or_across() {
    let base = MultiHeadAttentionConfig { alibi: true, ..MultiHeadAttentionConfig::new(8, 2) };
    let both = MultiHeadAttentionConfig { rope: Some(10.0), ..base.clone() };
    assert!(both.init(&mut Keys::new(1)).unwrap_err().to_string().contains("None with alibi"));
    let attention = base.init(&mut Keys::new(1)).unwrap();
    let x = Var::from(normal(&[1, 2, 8], 1));
    assert!(attention.forward_cross(&x, &x, None, &mut Ctx::eval()).is_err());
}

#[test]
fn an_addition_begins_as_nothing_and_is_merged_and_taken_out_again() {
    let mut keys = Keys::new(1);
    let mut linear = Linear::new(6, 5, &mut keys).unwrap();
    let x = Var::from(normal(&[3, 6], 1));
    let run = |linear: &Linear| linear.forward(&x, &mut Ctx::eval()).unwrap().into_value();
    let before = run(&linear);
    let weight = linear.weight.value().clone();
    let config = LoraConfig { alpha: 4.0, ..LoraConfig::new(2) };
    config.adapt(&mut linear, &mut keys).unwrap();
    assert!(run(&linear).equal(&before));
    assert!(config.adapt(&mut linear, &mut keys).is_err());
    linear.lora.as_mut().unwrap().b.set_value(normal(&[5, 2], 2)).unwrap();
    let grads = linear.forward(&x, &mut Ctx::eval()).unwrap().sum(..).unwrap().backward().unwrap();
    assert!(grads.get(&linear.weight).is_none());
    assert!(grads.get(&linear.lora.as_ref().unwrap().a).is_some());
    let adapted = run(&linear);
    assert!(!adapted.equal(&before));
    let lora = linear.merge_lora().unwrap().unwrap();
    assert!(linear.lora.is_none() && linear.merge_lora().unwrap().is_none());
    assert!(run(&linear).allclose(&adapted, 1e-5, 1e-5).unwrap());
    linear.unmerge_lora(lora).unwrap();
    assert!(run(&linear).allclose(&adapted, 1e-5, 1e-5).unwrap());
    assert!(linear.weight.value().allclose(&weight, 1e-6, 1e-6).unwrap());
    let names: Vec<String> = linear.state_dict().into_keys().collect();
    assert_eq!(names, ["bias", "lora.a", "lora.b", "weight"]);
}

#[test]
fn additions_reach_the_attention_of_a_block_and_bf16_weights() {
    let mut keys = Keys::new(1);
    let mut block = TransformerBlockConfig::new(8, 2).init(&mut keys).unwrap();
    let x = Var::from(normal(&[2, 40, 8], 1)); // many rows, for the joined projection
    let before = block.forward(&x, &mut Ctx::eval()).unwrap();
    LoraConfig::new(2).adapt(&mut block.attn.v, &mut keys).unwrap();
    let same = block.forward(&x, &mut Ctx::eval()).unwrap();
    assert!(same.value().equal(before.value()));
    block.attn.v.lora.as_mut().unwrap().b.set_value(normal(&[8, 2], 2)).unwrap();
    let after = block.forward(&x, &mut Ctx::eval()).unwrap();
    assert!(!after.value().equal(before.value()));

    let mut narrow = Linear::new(4, 3, &mut keys).unwrap();
    gradus_nn::cast_matrices(&mut narrow, DType::BF16).unwrap();
    LoraConfig::new(1).adapt(&mut narrow, &mut keys).unwrap();
    assert_eq!(narrow.lora.as_ref().unwrap().a.dtype(), DType::F32);
    let y = narrow.forward(&Var::from(normal(&[2, 4], 3)), &mut Ctx::train(Key::new(1))).unwrap();
    assert_eq!(y.dtype(), DType::F32);
    narrow.merge_lora().unwrap();
    assert_eq!(narrow.weight.dtype(), DType::BF16);
}

#[test]
fn the_spectral_norm_tends_to_one() {
    let conv = Conv2d::new(3, 5, [2, 2], &mut Keys::new(1)).unwrap();
    let layer = SpectralNorm::new(conv, Key::new(2)).unwrap();
    let x = Var::from(normal(&[1, 3, 4, 4], 1));
    for _ in 0..100 {
        layer.forward(&x, &mut Ctx::train(Key::new(1))).unwrap();
    }
    let weight = layer.effective_weight().unwrap().value().reshape([5, 12]).unwrap();
    let largest = weight.svd().unwrap().1.max(..).unwrap().item().unwrap();
    assert!((largest - 1.0).abs() < 1e-4, "{largest}");
    // Evaluation does not move the vectors.
    let u = layer.weight_u.value();
    layer.forward(&x, &mut Ctx::eval()).unwrap();
    assert!(u.equal(&layer.weight_u.value()));
}

#[test]
fn weight_norm_changes_nothing_at_first() {
    let linear = Linear::new(4, 3, &mut Keys::new(1)).unwrap();
    let x = Var::from(normal(&[2, 4], 1));
    let plain = linear.forward(&x, &mut Ctx::eval()).unwrap();
    let normed = WeightNorm::new(linear).unwrap();
    let y = normed.forward(&x, &mut Ctx::eval()).unwrap();
    assert!(y.value().allclose(plain.value(), 1e-5, 1e-6).unwrap());
}

#[test]
fn dropouts_keep_the_mean_and_take_whole_parts() {
    let x = Var::from(Tensor::ones([400, 50, 3], DType::F64).unwrap());
    let ctx = &mut Ctx::train(Key::new(7));
    for layer in [&ChannelDropout::new(0.3).unwrap() as &dyn Layer, &DropPath::new(0.3).unwrap()] {
        let y = layer.forward(&x, ctx).unwrap();
        // Standard deviation of the share of 400 rows: √(0.3 · 0.7 / 400) = 0.023, divided by 0.7.
        assert!((y.value().mean(..).unwrap().item().unwrap() - 1.0).abs() < 0.13);
        let parts = y.value().sum(-1).unwrap().to_vec::<f64>().unwrap();
        assert!(parts.iter().all(|&sum| sum == 0.0 || (sum - 3.0 / 0.7).abs() < 1e-12));
        assert!(layer.forward(&x, &mut Ctx::eval()).unwrap().value().equal(x.value()));
    }
    assert!(AlphaDropout::new(1.0).is_err() && DropPath::new(-0.1).is_err());
    let scalar = Var::from(Tensor::scalar(1.0));
    assert!(DropPath::new(0.1).unwrap().forward(&scalar, ctx).is_err());
    assert!(ChannelDropout::new(0.1).unwrap().forward(&scalar, ctx).is_err());
}

#[test]
fn positions_go_on_where_others_end() {
    let x = Var::from(normal(&[1, 5, 4], 1));
    let ctx = &mut Ctx::eval();
    let sines = SinusoidalPositions::new(4).unwrap();
    let learned = LearnedPositions::new(5, 4, &mut Keys::new(1)).unwrap();
    let last = x.narrow(1, 3, 2).unwrap();
    let whole = sines.forward(&x, ctx).unwrap().narrow(1, 3, 2).unwrap();
    assert!(sines.forward_from(&last, 3, ctx).unwrap().value().equal(whole.value()));
    let whole = learned.forward(&x, ctx).unwrap().narrow(1, 3, 2).unwrap();
    assert!(learned.forward_from(&last, 3, ctx).unwrap().value().equal(whole.value()));
    assert!(learned.forward_from(&last, 4, ctx).is_err());
    assert!(SinusoidalPositions::new(5).is_err());
}

#[test]
fn a_tied_output_layer_adds_to_the_gradient_of_the_table() {
    let table = Embedding::new(5, 3, &mut Keys::new(1)).unwrap();
    let ctx = &mut Ctx::eval();
    let hidden = table.forward_ids(&Tensor::new([1, 2]), ctx).unwrap();
    let grads = table.logits(&hidden, ctx).unwrap().sum(..).unwrap().backward().unwrap();
    // d/dW Σᵢ Σᵥ wᵢ·wᵥ: every row gets w₁ + w₂, and rows 1 and 2 the sum of all rows besides.
    let w = table.weight.value();
    let looked_up = w.index_select(0, &Tensor::new([1, 2])).unwrap().sum_keepdim(0).unwrap();
    let mut expected = vec![looked_up; 5];
    for row in [1, 2] {
        expected[row] = expected[row].add(&w.sum_keepdim(0).unwrap()).unwrap();
    }
    let expected = Tensor::cat(&expected, 0).unwrap();
    assert!(grads.get(&table.weight).unwrap().allclose(&expected, 1e-5, 1e-6).unwrap());
}

#[test]
fn faults_are_named() {
    let ctx = &mut Ctx::eval();
    let mut keys = Keys::new(1);
    let text = |result: gradus_nn::Result<Var>| result.unwrap_err().to_string();
    let bags = EmbeddingBag::new(4, 2, BagMode::Mean, &mut keys).unwrap();
    let ids = Tensor::new([0, 1, 2]);
    assert!(text(bags.forward_bags(&ids, &[1], None, ctx)).contains("starts"));
    assert!(text(bags.forward_bags(&ids, &[0, 2, 1], None, ctx)).contains("starts"));
    assert!(text(bags.forward_bags(&ids, &[], None, ctx)).contains("starts"));
    let weights = Var::from(normal(&[3], 1));
    assert!(text(bags.forward_bags(&ids, &[0], Some(&weights), ctx)).contains("Sum for weights"));
    assert!(text(bags.forward_bags(&Tensor::new([4]), &[0], None, ctx)).contains("index 4"));
    let bilinear = Bilinear::new(2, 3, 4, &mut keys).unwrap();
    let (a, b) = (Var::from(normal(&[5, 2], 1)), Var::from(normal(&[4, 3], 2)));
    assert!(text(bilinear.forward_pair(&a, &b, ctx)).starts_with("Bilinear: expected"));
    assert!(text(bilinear.forward_pair(&b, &b, ctx)).contains("[..., 2]"));
    let one = Var::from(normal(&[2, 3, 1], 1));
    assert!(text(InstanceNorm::new(3).unwrap().forward(&one, ctx)).contains("more than one value"));
    assert!(GroupNorm::new(2, 5).is_err() && GroupNorm::new(0, 4).is_err());
    let residual = Residual::new(Linear::new(3, 2, &mut keys).unwrap());
    assert!(text(residual.forward(&b, ctx)).starts_with("Residual"));
    let error = text(residual.forward(&a, ctx));
    assert_eq!(error, "body: Linear: expected input of shape [..., 3], got [5, 2]");
}

#[test]
fn operations_are_counted_where_they_are_made() {
    let mut keys = Keys::new(1);
    let block = TransformerBlockConfig { hidden: 16, ..TransformerBlockConfig::new(8, 2) };
    let block = block.init(&mut keys).unwrap();
    // Few rows take three products, many take one; both cost the same.
    for (len, of_q) in [(3, 1), (60, 0)] {
        let x = Var::from(normal(&[2, len, 8], 1));
        let cost = gradus_nn::cost(&block, &x).unwrap();
        let rows = 2 * len as u64;
        let expected = 2 * rows * (4 * 8 * 8 + 2 * 8 * 16) + 4 * rows * len as u64 * 8;
        assert_eq!(cost.operations(), expected);
        assert_eq!(cost.parameters(), block.num_parameters());
        let q = cost.layers.iter().find(|layer| layer.path == "attn.q").unwrap();
        assert_eq!((q.parameters, q.operations), (72, of_q * 2 * rows * 64));
    }
    let conv = Conv2d::new(3, 4, [2, 2], &mut keys).unwrap();
    let cost = gradus_nn::cost(&conv, &Var::from(normal(&[2, 3, 5, 5], 1))).unwrap();
    assert_eq!(cost.operations(), 2 * 2 * 4 * 16 * 12);
    let gru = gradus_nn::Gru::new(3, 4, &mut keys).unwrap();
    let cost = gradus_nn::cost(&gru, &Var::from(normal(&[2, 5, 3], 1))).unwrap();
    assert_eq!(cost.operations(), 2 * 2 * 5 * 3 * 4 * (3 + 4));
    assert!(cost.to_string().contains("total"));
}

#[test]
fn layers_of_places_name_what_does_not_fit() {
    let ctx = &mut Ctx::eval();
    let text = |layer: &dyn Layer, shape: &[usize]| {
        let x = Var::from(normal(shape, 1));
        layer.forward(&x, &mut Ctx::eval()).unwrap_err().to_string()
    };
    let nearest = gradus_tensor::Interpolation::Nearest;
    let upsample = |to| Upsample::new(to, nearest);
    for to in [
        UpsampleTo::Size(vec![2, 0]),
        UpsampleTo::ScaleFactor(0.0),
        UpsampleTo::ScaleFactor(f64::NAN),
        UpsampleTo::ScaleFactors(vec![2.0, f64::INFINITY]),
    ] {
        assert!(upsample(to).unwrap_err().to_string().starts_with("Upsample: "));
    }
    let each = upsample(UpsampleTo::ScaleFactors(vec![2.0, 3.0])).unwrap();
    assert_eq!(
        text(&each, &[1, 2, 3]),
        "Upsample: expected input of shape [B, C] and 2 more dimensions, got [1, 2, 3]"
    );
    assert!(text(&upsample(UpsampleTo::Size(vec![4])).unwrap(), &[2, 3]).contains("1 more dim"));
    let twice = upsample(UpsampleTo::ScaleFactor(2.0)).unwrap();
    assert!(text(&twice, &[2, 3]).starts_with("Upsample: expected"));
    let half = upsample(UpsampleTo::ScaleFactor(0.5)).unwrap();
    assert!(text(&half, &[1, 1, 1]).contains("size"), "half of one place");

    let pool = AdaptiveAvgPool2d::new([2, 2]);
    assert!(text(&pool, &[1, 2, 3]).starts_with("AdaptiveAvgPool2d: expected"));
    let border = ReflectionPad::new(&[(0, 1), (1, 0)]);
    assert!(text(&border, &[3]).contains("at least 2 dimensions"));
    assert!(text(&border, &[1, 1]).contains("elements that are there"));

    // A batch without rows does not make extents fit that do not.
    for (size, extent) in [(&[2, 3][..], 5), (&[INFER, 4], 6), (&[INFER, INFER], 4), (&[], 1)] {
        let layer = Unflatten::new(1, size);
        assert!(text(&layer, &[0, extent]).starts_with("Unflatten: expected"), "{size:?}");
    }
    let empty = Var::from(normal(&[0, 6], 1));
    let y = Unflatten::new(-1, &[INFER, 2]).forward(&empty, ctx).unwrap();
    assert_eq!(y.dims(), &[0, 3, 2]);
    assert!(text(&Unflatten::new(2, &[1]), &[1, 1]).contains("Unflatten"));
}

#[test]
fn groups_without_places_are_no_fault() {
    let x = Var::from(normal(&[2, 4, 0], 1));
    let y = GroupNorm::new(2, 4).unwrap().forward(&x, &mut Ctx::eval()).unwrap();
    assert_eq!(y.dims(), x.dims());
    let y = InstanceNorm::new(4).unwrap().forward(&x, &mut Ctx::eval()).unwrap();
    assert_eq!(y.dims(), x.dims());
}

#[test]
fn volumes_are_counted_as_what_they_cost() {
    let mut keys = Keys::new(1);
    let conv = Conv3d::new(3, 4, [2, 2, 1], &mut keys).unwrap();
    let cost = gradus_nn::cost(&conv, &Var::from(normal(&[2, 3, 3, 5, 5], 1))).unwrap();
    assert_eq!(cost.operations(), 2 * 2 * 4 * (2 * 4 * 5) * (3 * 4));
    let up = ConvTranspose3d::new(3, 4, [2, 2, 1], &mut keys).unwrap();
    let cost = gradus_nn::cost(&up, &Var::from(normal(&[2, 3, 3, 5, 5], 1))).unwrap();
    assert_eq!(cost.operations(), 2 * (2 * 3 * 75) * (4 * 4));
}
