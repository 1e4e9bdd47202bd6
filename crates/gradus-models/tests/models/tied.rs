//! A head that is the table of the tokens, as in GPT-2.

use gradus_autograd::Var;
use gradus_core::{DType, Keys};
use gradus_generate::{Causal, Logits, Ragged, Want};
use gradus_models::{Gpt, MaskedTransformer, TransformerConfig};
use gradus_nn::{Activation, Ctx, Module, cast, cast_matrices};

use crate::tiny::{CONTEXT, VOCAB, config, numbers, tokens};

const TEXT: [u32; CONTEXT] = [3, 1, 4, 1, 5, 2, 6, 0];

fn size(classes: usize) -> TransformerConfig {
    let activation = Activation::GeluTanh;
    TransformerConfig { activation, tie_word_embeddings: true, ..config(classes) }
}

fn tied(classes: usize, dtype: DType) -> Gpt {
    let mut gpt = Gpt::new(&size(classes), &mut Keys::new(7)).unwrap();
    cast(&mut gpt, dtype).unwrap();
    gpt
}

/// The same function with a head of its own.
fn untied(tied: &Gpt) -> Gpt {
    let config = TransformerConfig { tie_word_embeddings: false, ..tied.config().clone() };
    let mut gpt = Gpt::new(&config, &mut Keys::new(8)).unwrap();
    cast(&mut gpt, DType::F64).unwrap();
    let mut state = tied.state_dict();
    state.insert("head.weight".into(), state["token.weight"].narrow(0, 0, VOCAB).unwrap());
    gpt.load_state_dict(&state).unwrap();
    gpt
}

fn loss(gpt: &Gpt, classes: Option<&gradus_tensor::Tensor>) -> Var {
    gpt.loss(&tokens(&[&TEXT, &[0; CONTEXT]]), classes, &mut Ctx::eval()).unwrap()
}

#[test]
fn the_head_has_no_parameter() {
    let names: Vec<String> = tied(0, DType::F32).state_dict().into_keys().collect();
    assert!(names.iter().all(|name| !name.starts_with("head")), "{names:?}");
    let masked = MaskedTransformer::new(&size(2), &mut Keys::new(7)).unwrap();
    let logits = masked.forward(&tokens(&[&TEXT]), Some(&[1i64].into()), &mut Ctx::eval()).unwrap();
    assert_eq!(logits.dims().last(), Some(&VOCAB), "classes and mask are not predicted");
}

#[test]
fn value_and_gradient_are_those_of_a_head_with_the_same_weights() {
    for classes in [0, 3] {
        let rows = (classes > 0).then(|| gradus_tensor::Tensor::from([2i64, 0]));
        let tied = tied(classes, DType::F64);
        let untied = untied(&tied);
        let [a, b] = [&tied, &untied].map(|gpt| loss(gpt, rows.as_ref()));
        assert!((a.item().unwrap() - b.item().unwrap()).abs() < 1e-14);

        let [a, b] = [a, b].map(|loss| loss.backward().unwrap());
        let grad = |grads: &gradus_autograd::Grads, gpt: &Gpt, name: &str| {
            let all = gpt.named_parameters();
            let (_, param) = all.into_iter().find(|(path, _)| path == name).unwrap();
            grads.get(param).unwrap().clone()
        };
        let found = numbers(&grad(&a, &tied, "token.weight"));
        let mut expected = numbers(&grad(&b, &untied, "token.weight"));
        let head = numbers(&grad(&b, &untied, "head.weight"));
        expected.iter_mut().zip(head).for_each(|(sum, g)| *sum += g);
        let worst = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(worst < 1e-13, "{worst}");
    }
}

#[test]
fn every_split_gives_the_bits_of_one_pass() {
    for dtype in [DType::F32, DType::F64] {
        let gpt = tied(0, dtype);
        let whole = gpt.forward(&tokens(&[&TEXT]), None, &mut Ctx::eval()).unwrap();
        for cut in 1..CONTEXT {
            assert_eq!(every_piece(&gpt, cut), numbers(whole.value()), "{dtype}, cut {cut}");
        }
    }
}

/// The logits after each token of the text, fed in two pieces.
fn every_piece(gpt: &Gpt, cut: usize) -> Vec<f64> {
    let (mut state, mut out) = (gpt.begin(1).unwrap(), Logits::new(VOCAB));
    for part in [&TEXT[..cut], &TEXT[cut..]] {
        gpt.feed(&mut state, &Ragged::from_rows([part]), Want::All, &mut out).unwrap();
    }
    (0..out.rows()).flat_map(|row| out.row(row).to_vec()).collect()
}

#[test]
fn narrow_matrices_act_as_widened_ones() {
    for tie_word_embeddings in [false, true] {
        let config = TransformerConfig { tie_word_embeddings, ..size(0) };
        let mut narrow = Gpt::new(&config, &mut Keys::new(7)).unwrap();
        cast_matrices(&mut narrow, DType::BF16).unwrap();
        let mut wide = narrow.clone();
        cast_matrices(&mut wide, DType::F32).unwrap();
        let of = |gpt: &Gpt, name: &str| gpt.state_dict()[name].dtype();
        assert_eq!(of(&narrow, "token.weight"), DType::BF16);
        assert_eq!(of(&narrow, "blocks.0.norm1.weight"), DType::F32);

        let expected = wide.forward(&tokens(&[&TEXT]), None, &mut Ctx::eval()).unwrap();
        let found = narrow.forward(&tokens(&[&TEXT]), None, &mut Ctx::eval()).unwrap();
        assert_eq!(found.dtype(), DType::F32);
        assert!(found.value().equal(expected.value()));
        assert_eq!(every_piece(&narrow, 3), numbers(expected.value()));
    }
}

#[test]
fn first_logits_are_small() {
    let loss = loss(&tied(0, DType::F32), None).item().unwrap();
    assert!((loss - (VOCAB as f64).ln()).abs() < 0.2, "{loss}");
}
