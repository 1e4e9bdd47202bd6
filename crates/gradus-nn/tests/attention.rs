//! What decoding relies on: a position's output depends on what it sees, and on nothing else.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use gradus_core::{DType, Key, Keys};
use gradus_nn::{
    Causal, Ctx, KvCache, KvCacheLayer, Layer, MultiHeadAttention, MultiHeadAttentionConfig,
    Tensor, TransformerBlock, TransformerBlockConfig, Var,
};
use proptest::prelude::*;

const CHANNELS: usize = 12;

fn attention(n_kv_heads: usize, causal: Causal) -> MultiHeadAttention {
    let base = MultiHeadAttentionConfig::new(CHANNELS, 4);
    let config = MultiHeadAttentionConfig { n_kv_heads, causal, ..base };
    config.init(&mut Keys::new(3)).unwrap()
}

fn block() -> TransformerBlock {
    let base = TransformerBlockConfig::new(CHANNELS, 4);
    TransformerBlockConfig { causal: Causal::Yes, ..base }.init(&mut Keys::new(3)).unwrap()
}

fn input(batch: usize, len: usize) -> Var {
    Tensor::randn([batch, len, CHANNELS], DType::F32, Key::new(5)).unwrap().into()
}

fn eval(layer: &impl Layer, x: &Var) -> Tensor {
    layer.forward(x, &mut Ctx::eval()).unwrap().into_value()
}

/// Feeds `x` in pieces that end at `cuts` and at its end.
fn in_pieces(
    x: &Var,
    cuts: &[usize],
    mut feed: impl FnMut(&Var, &mut Ctx) -> gradus_nn::Result<Var>,
) -> Tensor {
    let mut pieces = Vec::new();
    let (mut start, len) = (0, x.dims()[1]);
    for end in cuts.iter().copied().filter(|&cut| cut < len).chain([len]) {
        if end > start {
            let piece = x.narrow(1, start, end - start).unwrap();
            pieces.push(feed(&piece, &mut Ctx::eval()).unwrap().into_value());
            start = end;
        }
    }
    Tensor::cat(&pieces, 1).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn cached_has_the_bits_of_uncached_for_every_split(
        len in 1..150usize,
        mut cuts in prop::collection::vec(0..150usize, 0..6),
        n_kv_heads in prop::sample::select(vec![1, 2, 4]),
        window in prop::option::of(1..100usize),
        rope in prop::option::of(Just(1e4)),
    ) {
        // A head that turns has an even size.
        const CHANNELS: usize = 16;
        cuts.sort_unstable();
        let base = MultiHeadAttentionConfig::new(CHANNELS, 4);
        let config =
            MultiHeadAttentionConfig { n_kv_heads, causal: Causal::Yes, window, rope, ..base };
        let attention = config.init(&mut Keys::new(3)).unwrap();
        let x = Tensor::randn([2, len, CHANNELS], DType::F32, Key::new(5)).unwrap().into();
        let mut cache = KvCacheLayer::new();
        let pieces =
            in_pieces(&x, &cuts, |x, ctx| attention.forward_cached(x, &mut cache, ctx));
        prop_assert_eq!(cache.len(), len);
        prop_assert!(pieces.equal(&eval(&attention, &x)));
    }

    #[test]
    fn a_row_of_a_batch_has_the_bits_it_has_alone(batch in 1..5usize, len in 1..20usize) {
        let (block, x) = (block(), input(batch, len));
        let whole = eval(&block, &x);
        for row in 0..batch {
            let alone = eval(&block, &x.narrow(0, row, 1).unwrap());
            prop_assert!(alone.equal(&whole.narrow(0, row, 1).unwrap()));
        }
    }

    #[test]
    fn the_past_does_not_see_the_future(len in 2..100usize, keep in 1..100usize) {
        let (block, x) = (block(), input(2, len));
        let keep = keep.min(len);
        let part = eval(&block, &x.narrow(1, 0, keep).unwrap());
        prop_assert!(part.equal(&eval(&block, &x).narrow(1, 0, keep).unwrap()));
    }
}

#[test]
fn a_block_decodes_step_by_step() {
    let (block, x) = (block(), input(3, 9));
    let mut cache = KvCacheLayer::new();
    let cuts: Vec<usize> = (1..9).collect();
    let steps = in_pieces(&x, &cuts, |x, ctx| block.forward_cached(x, &mut cache, ctx));
    assert!(steps.equal(&eval(&block, &x)));
}

#[test]
fn a_truncated_cache_goes_on_as_if_nothing_had_followed() {
    let (attention, x) = (attention(2, Causal::Yes), input(1, 8));
    let feed = |cache: &mut KvCache, start: usize, len: usize| {
        let piece = x.narrow(1, start, len).unwrap();
        attention.forward_cached(&piece, cache.layer_mut(0), &mut Ctx::eval()).unwrap()
    };
    let mut once = KvCache::new(1);
    feed(&mut once, 0, 3);
    let mut again = once.clone();
    feed(&mut again, 5, 3);
    assert_eq!((once.len(), again.len()), (3, 6));
    again.truncate(3).unwrap();
    let (a, b) = (feed(&mut once, 3, 2), feed(&mut again, 3, 2));
    assert!(a.value().equal(b.value()));
    assert!(again.truncate(6).is_err());
}

#[test]
fn kept_rows_go_on_as_in_the_whole_batch() {
    let (attention, x) = (attention(4, Causal::Yes), input(3, 6));
    let mut cache = KvCache::new(1);
    let ctx = &mut Ctx::eval();
    let past = x.narrow(1, 0, 5).unwrap();
    attention.forward_cached(&past, cache.layer_mut(0), ctx).unwrap();
    let next = x.narrow(1, 5, 1).unwrap();
    let whole = attention.forward_cached(&next, cache.clone().layer_mut(0), ctx).unwrap();
    cache.retain(&[2, 0]).unwrap();
    assert_eq!(cache.rows(), Some(2));
    let rows = Tensor::new([2, 0]);
    let kept = next.index_select(0, &rows).unwrap();
    let kept = attention.forward_cached(&kept, cache.layer_mut(0), ctx).unwrap();
    assert!(kept.value().equal(&whole.value().index_select(0, &rows).unwrap()));
    assert!(cache.retain(&[2]).is_err());
}

#[test]
fn grouped_heads_are_full_heads_with_repeated_weights() {
    let grouped = attention(2, Causal::No);
    let full = attention(4, Causal::No);
    let mut state = gradus_nn::Module::state_dict(&grouped);
    for name in ["k.weight", "k.bias", "v.weight", "v.bias"] {
        let value = state[name].clone();
        let heads = value.chunk(2, 0).unwrap();
        let repeated = Tensor::cat(&[&heads[0], &heads[0], &heads[1], &heads[1]], 0).unwrap();
        state.insert(name.to_owned(), repeated);
    }
    let mut full = full;
    gradus_nn::Module::load_state_dict(&mut full, &state).unwrap();
    let x = input(2, 7);
    assert!(eval(&grouped, &x).equal(&eval(&full, &x)));
}

#[test]
fn a_query_that_sees_nothing_gives_the_bias_alone() {
    let attention = attention(4, Causal::No);
    let x = input(1, 3);
    let hidden = Tensor::new([[true, true, true], [false, false, false], [true, false, true]]);
    let bias = hidden.to_dtype(DType::F32).unwrap().log().unwrap(); // 0 or −∞
    for mask in [hidden, bias] {
        let y = attention.forward_masked(&x, &mask, &mut Ctx::eval()).unwrap();
        let row = y.value().select(1, 1).unwrap().squeeze(0).unwrap();
        let expected = attention.out.bias.as_ref().unwrap().value();
        assert!(row.equal(expected), "{row}");
        assert!(y.value().is_finite().unwrap().all(..).unwrap().item().unwrap() == 1.0);
    }
}

#[test]
fn joined_maps_have_the_values_and_gradients_of_single_ones() {
    for n_kv_heads in [1, 2, 4] {
        let attention = attention(n_kv_heads, Causal::Yes);
        let x = Var::leaf(input(2, 40).into_value());
        let joined = attention.forward(&x, &mut Ctx::eval()).unwrap();
        let alone = [0, 1].map(|row| {
            // Few enough positions that the maps run one by one.
            attention.forward(&x.narrow(0, row, 1).unwrap(), &mut Ctx::eval()).unwrap()
        });
        let alone = Var::cat(&alone, 0).unwrap();
        assert!(joined.value().equal(alone.value()));
        let of = |y: &Var| y.square().unwrap().sum(..).unwrap().backward().unwrap();
        let (a, b) = (of(&joined), of(&alone));
        assert!(a.get(&x).unwrap().allclose(b.get(&x).unwrap(), 1e-4, 1e-5).unwrap());
        for map in [&attention.q, &attention.k, &attention.v, &attention.out] {
            for param in [Some(&map.weight), map.bias.as_ref()].into_iter().flatten() {
                let (a, b) = (a.get(param).unwrap(), b.get(param).unwrap());
                assert!(a.allclose(b, 1e-4, 1e-4).unwrap());
            }
        }
    }
}

#[test]
fn dropout_of_weights_is_keyed_and_only_in_training() {
    let base = MultiHeadAttentionConfig::new(CHANNELS, 4);
    let config = MultiHeadAttentionConfig { dropout: 0.5, ..base };
    let attention = config.init(&mut Keys::new(3)).unwrap();
    let x = input(2, 6);
    let train = |seed| attention.forward(&x, &mut Ctx::train(Key::new(seed))).unwrap();
    assert!(train(1).value().equal(train(1).value()));
    assert!(!train(1).value().equal(train(2).value()));
    assert!(!train(1).value().equal(&eval(&attention, &x)));
    let none = MultiHeadAttentionConfig { dropout: 0.0, ..config }.init(&mut Keys::new(3)).unwrap();
    assert!(eval(&none, &x).equal(&eval(&attention, &x)));
}

#[test]
fn misuse_is_an_error_with_a_path() {
    let ctx = &mut Ctx::eval();
    let (open, causal) = (attention(4, Causal::No), attention(4, Causal::Yes));
    let x = input(1, 3);
    assert!(open.forward_cached(&x, &mut KvCacheLayer::new(), ctx).is_err());
    assert!(causal.forward_cross(&x, &x, None, ctx).is_err());
    let narrow = x.narrow(2, 0, 5).unwrap();
    let error = block().forward(&narrow, ctx).unwrap_err().to_string();
    assert_eq!(error, "norm1: LayerNorm: expected input of shape [..., 12], got [1, 3, 5]");
    let error = open.forward(&narrow, ctx).unwrap_err().to_string();
    assert_eq!(error, "q: Linear: expected input of shape [..., 12], got [1, 3, 5]");
    let base = MultiHeadAttentionConfig::new(CHANNELS, 4);
    let fault =
        |config: MultiHeadAttentionConfig| config.init(&mut Keys::new(1)).unwrap_err().to_string();
    let text = "MultiHeadAttention: window must be above zero, and None unless causal, got Some(3)";
    assert_eq!(fault(MultiHeadAttentionConfig { window: Some(3), ..base.clone() }), text);
    let text = "MultiHeadAttention: rope must be None for heads of odd size, got Some(10.0)";
    assert_eq!(fault(MultiHeadAttentionConfig { rope: Some(10.0), ..base.clone() }), text);
    let config =
        MultiHeadAttentionConfig { rope: Some(10.0), ..MultiHeadAttentionConfig::new(8, 4) };
    let turning = config.init(&mut Keys::new(1)).unwrap();
    let x = x.narrow(2, 0, 8).unwrap();
    assert!(turning.forward_cross(&x, &x, None, ctx).is_err());
    assert!(MultiHeadAttention::new(CHANNELS, 5, &mut Keys::new(1)).is_err());
    assert!(MultiHeadAttention::new(CHANNELS, 0, &mut Keys::new(1)).is_err());
}
