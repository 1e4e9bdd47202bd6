//! What a position may see.

use gradus_autograd::Var;
use gradus_core::{DType, Key, Keys};
use gradus_models::{Gpt, LeNetConfig, MaskedTransformer, MlpConfig, TransformerConfig};
use gradus_nn::{Ctx, Layer};
use gradus_tensor::Tensor;

use crate::tiny::{VOCAB, config, gpt, masked, numbers, tokens};

#[test]
fn a_causal_position_sees_itself_and_what_is_before() {
    let gpt = gpt(0, DType::F32);
    let logits = |row: &[u32]| {
        numbers(gpt.forward(&tokens(&[row]), None, &mut Ctx::eval()).unwrap().value())
    };
    let (a, b) = (logits(&[1, 2, 3, 4]), logits(&[1, 2, 5, 4]));
    assert_eq!(a[..2 * VOCAB], b[..2 * VOCAB]);
    assert_ne!(a[2 * VOCAB..3 * VOCAB], b[2 * VOCAB..3 * VOCAB]);
    assert_ne!(a[3 * VOCAB..], b[3 * VOCAB..]);
}

#[test]
fn a_masked_position_sees_both_sides() {
    let model = masked(0, DType::F32);
    let m = model.mask_id();
    let logits = |row: &[u32]| {
        numbers(model.forward(&tokens(&[row]), None, &mut Ctx::eval()).unwrap().value())
    };
    let [base, left, right] = [[1, m, 3], [2, m, 3], [1, m, 4]].map(|row| logits(&row));
    assert_ne!(base[VOCAB..2 * VOCAB], left[VOCAB..2 * VOCAB]);
    assert_ne!(base[VOCAB..2 * VOCAB], right[VOCAB..2 * VOCAB]);
}

#[test]
fn without_blocks_a_position_sees_itself_alone() {
    let config = TransformerConfig { n_layers: 0, ..config(2) };
    let class = Some(&Tensor::from(vec![1i64]));
    let gpt = Gpt::new(&config, &mut Keys::new(7)).unwrap();
    let masked = MaskedTransformer::new(&config, &mut Keys::new(7)).unwrap();
    let changed = |entry: &dyn Fn(&[u32]) -> Vec<f64>| -> Vec<bool> {
        let (a, b) = (entry(&[1, 2, 3]), entry(&[1, 5, 3]));
        a.chunks(VOCAB).zip(b.chunks(VOCAB)).map(|(a, b)| a != b).collect()
    };
    let causal = |row: &[u32]| {
        numbers(gpt.forward(&tokens(&[row]), class, &mut Ctx::eval()).unwrap().value())
    };
    assert_eq!(changed(&causal), [false, false, true, false], "the class comes first");
    let both_sides = |row: &[u32]| {
        numbers(masked.forward(&tokens(&[row]), class, &mut Ctx::eval()).unwrap().value())
    };
    assert_eq!(changed(&both_sides), [false, true, false]);
}

#[test]
fn dropout_acts_in_training_alone() {
    let net = LeNetConfig { dropout: 0.5, ..LeNetConfig::new([8, 8], 3) };
    let net = net.init(&mut Keys::new(7)).unwrap();
    let x = Var::constant(Tensor::randn([2, 1, 8, 8], DType::F32, Key::new(1)).unwrap());
    // Without blocks it is that of the embeddings.
    let size = TransformerConfig { dropout: 0.5, n_layers: 0, ..config(0) };
    let embeddings = Gpt::new(&size, &mut Keys::new(7)).unwrap();
    let row = tokens(&[&[1, 2, 3]]);
    type Pass<'a> = &'a dyn Fn(&mut Ctx) -> Tensor;
    let passes: [Pass<'_>; 2] = [&|ctx| net.forward(&x, ctx).unwrap().value().clone(), &|ctx| {
        embeddings.forward(&row, None, ctx).unwrap().value().clone()
    }];
    for pass in passes {
        let train = |seed| pass(&mut Ctx::train(Key::new(seed)));
        assert!(pass(&mut Ctx::eval()).equal(&pass(&mut Ctx::eval())));
        assert!(train(1).equal(&train(1)));
        assert!(!train(1).equal(&train(2)) && !train(1).equal(&pass(&mut Ctx::eval())));
    }
}

#[test]
fn blocks_drop_too() {
    let size = TransformerConfig { dropout: 0.5, n_layers: 1, ..config(0) };
    let gpt = Gpt::new(&size, &mut Keys::new(7)).unwrap();
    let mut ctx = Ctx::train(Key::new(1));
    gpt.forward(&tokens(&[&[1, 2, 3]]), None, &mut ctx).unwrap();
    // Embeddings, attention weights, hidden features and two branches took a key each.
    assert_eq!(ctx.next_key().unwrap(), Key::new(1).fold_in(5));
}

#[test]
fn features_are_what_the_last_layer_sees() {
    let ctx = &mut Ctx::eval();
    let mlp = MlpConfig::new([4, 6, 5, 3]).init(&mut Keys::new(7)).unwrap();
    let x = Var::constant(Tensor::randn([2, 4], DType::F32, Key::new(1)).unwrap());
    let features = mlp.features(&x, ctx).unwrap();
    assert_eq!(features.dims(), [2, 5]);
    let logits = mlp.layers[2].forward(&features, ctx).unwrap();
    assert!(logits.value().equal(mlp.forward(&x, ctx).unwrap().value()));

    let net = LeNetConfig { hidden: 12, ..LeNetConfig::new([8, 12], 3) };
    let net = net.init(&mut Keys::new(7)).unwrap();
    let x = Var::constant(Tensor::randn([2, 1, 8, 12], DType::F32, Key::new(1)).unwrap());
    let features = net.features(&x, ctx).unwrap();
    assert_eq!(features.dims(), [2, 12]);
    let logits = net.fc2.forward(&features, ctx).unwrap();
    assert!(logits.value().equal(net.forward(&x, ctx).unwrap().value()));
}

#[test]
fn a_network_of_two_widths_is_a_linear_map() {
    let ctx = &mut Ctx::eval();
    let mlp = MlpConfig::new([4, 3]).init(&mut Keys::new(7)).unwrap();
    let x = Var::constant(Tensor::randn([2, 4], DType::F32, Key::new(1)).unwrap());
    assert!(mlp.features(&x, ctx).unwrap().value().equal(x.value()));
    assert_eq!(mlp.forward(&x, ctx).unwrap().dims(), [2, 3]);
}
