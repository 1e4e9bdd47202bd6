//! Names, counts and the round trip of parameters.

use gradus_core::{DType, Keys};
use gradus_models::{Gpt, MaskedTransformer};
use gradus_nn::{Ctx, Module, summary};

use crate::tiny::{CONTEXT, VOCAB, config, gpt, masked, tokens};

#[test]
fn names_come_without_a_wrapper() {
    let names: Vec<String> = gpt(0, DType::F32).state_dict().into_keys().collect();
    for name in ["token.weight", "position.weight", "blocks.1.norm1.weight", "head.weight"] {
        assert!(names.iter().any(|n| n == name), "{name} is not in {names:?}");
    }
    let same: Vec<String> = masked(0, DType::F32).state_dict().into_keys().collect();
    assert_eq!(names, same);
}

#[test]
fn the_masked_model_has_one_row_more() {
    let c = config(0).width;
    let block = 4 * (c * c + c) + 2 * 4 * c * c + 5 * c + 2 * 2 * c;
    let expected = (VOCAB + CONTEXT) * c + 2 * block + 2 * c + c * VOCAB;
    assert_eq!(gpt(0, DType::F32).num_parameters(), expected);
    assert_eq!(masked(0, DType::F32).num_parameters(), expected + c);
    // Three classes bring three rows and a place.
    assert_eq!(gpt(3, DType::F32).num_parameters(), expected + 4 * c);
    let table = summary(&gpt(0, DType::F32));
    assert!(table.ends_with(&format!("{expected} parameters, {expected} trainable\n")), "{table}");
}

#[test]
fn state_makes_the_round_trip() {
    let (row, ctx) = (tokens(&[&[1, 2, 3]]), &mut Ctx::eval());
    let source = gpt(0, DType::F32);
    let mut target = Gpt::new(&config(0), &mut Keys::new(8)).unwrap();
    let expected = source.forward(&row, None, ctx).unwrap();
    assert!(!target.forward(&row, None, ctx).unwrap().value().equal(expected.value()));
    target.load_state_dict(&source.state_dict()).unwrap();
    assert!(target.forward(&row, None, ctx).unwrap().value().equal(expected.value()));

    let source = masked(0, DType::F32);
    let mut target = MaskedTransformer::new(&config(0), &mut Keys::new(8)).unwrap();
    target.load_state_dict(&source.state_dict()).unwrap();
    let [a, b] = [&source, &target].map(|m| m.forward(&row, None, &mut Ctx::eval()).unwrap());
    assert!(a.value().equal(b.value()));
    let fault = target.load_state_dict(&gpt(0, DType::F32).state_dict()).unwrap_err().to_string();
    assert_eq!(fault, "token.weight: expected shape [8, 12], got [7, 12]");
}

#[test]
fn the_same_seed_gives_the_same_model() {
    let [a, b] = [gpt(0, DType::F32), gpt(0, DType::F32)].map(|m| m.state_dict());
    assert!(a.iter().all(|(name, value)| value.equal(&b[name])));
}
