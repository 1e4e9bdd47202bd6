//! What is wrong is said plainly.

use std::error::Error as _;

use gradus_autograd::Var;
use gradus_core::{DType, Key, Keys};
use gradus_generate::{
    Ar, Canvas, Causal, Logits, Masked, Pos, Ragged, Request, State, Strategy, Want,
};
use gradus_models::{Gpt, LeNetConfig, MlpConfig, Result, TransformerConfig};
use gradus_nn::{Ctx, Layer};
use gradus_tensor::Tensor;

use crate::tiny::{CONTEXT, VOCAB, gpt, masked, tokens};

fn message<T>(result: Result<T>) -> String {
    result.err().expect("this must fail").to_string()
}

/// The message of the model behind that of the strategy.
fn cause<T>(result: gradus_generate::Result<T>) -> String {
    let error = result.err().expect("this must fail");
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

#[test]
fn a_configuration_that_cannot_be_names_its_field() {
    let size = TransformerConfig::new(5, 8);
    let fault = |config| message(Gpt::new(&config, &mut Keys::new(7)));
    assert_eq!(
        fault(TransformerConfig { vocab: 0, ..size.clone() }),
        "Gpt: vocab must be above zero, got 0"
    );
    assert_eq!(
        fault(TransformerConfig { n_heads: 5, ..size.clone() }),
        "Gpt: n_heads must be a divisor of the width, got 5"
    );
    for config in [
        TransformerConfig { context: 0, ..size.clone() },
        TransformerConfig { width: 0, ..size.clone() },
        TransformerConfig { n_heads: 0, ..size.clone() },
        TransformerConfig { dropout: 1.0, ..size.clone() },
        TransformerConfig { vocab: usize::MAX, ..size },
    ] {
        assert!(Gpt::new(&config, &mut Keys::new(7)).is_err(), "{config:?}");
    }
    assert_eq!(
        message(MlpConfig::new([3]).init(&mut Keys::new(7))),
        "Mlp: widths must be at least two, got [3]"
    );
    assert_eq!(
        message(LeNetConfig::new([8, 6], 2).init(&mut Keys::new(7))),
        "LeNet: image must be sides divisible by 4, got [8, 6]"
    );
}

#[test]
fn a_wrong_input_names_the_layer() {
    let x = Var::constant(Tensor::zeros([2, 5], DType::F32).unwrap());
    let mlp = MlpConfig::new([4, 3]).init(&mut Keys::new(7)).unwrap();
    let fault = mlp.forward(&x, &mut Ctx::eval()).unwrap_err().to_string();
    assert_eq!(fault, "layers.0: Linear: expected input of shape [..., 4], got [2, 5]");
    let net = LeNetConfig::new([8, 8], 3).init(&mut Keys::new(7)).unwrap();
    let x = Var::constant(Tensor::zeros([2, 1, 8, 12], DType::F32).unwrap());
    let fault = net.forward(&x, &mut Ctx::eval()).unwrap_err().to_string();
    assert!(fault.starts_with("fc1: "), "{fault}");
}

#[test]
fn tokens_must_be_known_and_fit() {
    let (gpt, ctx) = (gpt(0, DType::F32), &mut Ctx::eval());
    let forward = |rows: &[&[u32]]| message(gpt.forward(&tokens(rows), None, &mut Ctx::eval()));
    assert_eq!(forward(&[&[1, 7]]), "Gpt: token 7 is not below 7");
    assert_eq!(forward(&[&[1; 9]]), "Gpt: 9 positions do not fit into a context of 8");
    let minus = Tensor::from_vec(vec![-1i64], [1, 1]).unwrap();
    assert_eq!(message(gpt.forward(&minus, None, ctx)), "Gpt: token -1 is not below 7");
    let flat = Tensor::from(vec![1i64]);
    assert_eq!(
        message(gpt.forward(&flat, None, ctx)),
        "Gpt: expected tokens of shape [B, T], got [1]"
    );
    assert!(gpt.forward(&Tensor::new([[1.0]]), None, ctx).is_err());
    assert!(message(gpt.loss(&tokens(&[&[1]]), None, ctx)).contains("at least one target"));

    let model = masked(2, DType::F32);
    let class = Tensor::from(vec![0i64]);
    let mask = tokens(&[&[1, model.mask_id()]]);
    assert!(model.forward(&mask, Some(&class), ctx).is_ok());
    assert_eq!(
        message(model.loss(&mask, Some(&class), Key::new(1), ctx)),
        "MaskedTransformer: token 9 is not below 7"
    );
    let class_as_token = tokens(&[&[1, 7]]);
    assert_eq!(
        message(model.forward(&class_as_token, Some(&class), ctx)),
        "MaskedTransformer: token 7 is not below 7"
    );
    let empty = Tensor::zeros([1, 0], DType::I64).unwrap();
    assert!(message(model.loss(&empty, Some(&class), Key::new(1), ctx)).contains("not empty"));
}

#[test]
fn classes_must_be_given_exactly_if_they_are_known() {
    let (row, ctx) = (tokens(&[&[1, 2]]), &mut Ctx::eval());
    let (plain, two) = (gpt(0, DType::F32), gpt(2, DType::F32));
    let class = |c: i64| Tensor::from(vec![c]);
    let wanted = "(one per row, none if it knows none)";
    assert_eq!(
        message(two.loss(&row, None, ctx)),
        format!("Gpt: expected 1 classes {wanted}, got 0")
    );
    assert_eq!(
        message(plain.loss(&row, Some(&class(0)), ctx)),
        format!("Gpt: expected 0 classes {wanted}, got 1")
    );
    assert_eq!(message(two.loss(&row, Some(&class(2)), ctx)), "Gpt: class 2 is not below 2");
    assert_eq!(message(two.loss(&row, Some(&class(-1)), ctx)), "Gpt: class -1 is not below 2");
    assert_eq!(message(two.conditioned([0, 2])), "Gpt: class 2 is not below 2");
    assert!(message(plain.conditioned([0])).starts_with("Gpt: expected 0 classes"));
    assert!(cause(two.begin(3)).starts_with("Gpt: expected 3 classes"));
    let one = two.conditioned([1]).unwrap();
    assert!(cause(one.begin(3)).ends_with("got 1"));
    assert!(
        cause(Ar::default().run(&two, Request::new([1]).max(2)).map(drop)).contains("expected 1")
    );
    let (model, mut out) = (masked(2, DType::F32), Logits::new(VOCAB));
    let at = [Pos { row: 0, at: 0 }];
    assert!(cause(model.fill(&Canvas::blank(1, 2), &at, &mut out)).contains("expected 1 classes"));
}

#[test]
fn a_refused_feed_leaves_the_state_unchanged() {
    let gpt = gpt(0, DType::F32);
    let (mut state, mut out) = (gpt.begin(2).unwrap(), Logits::new(VOCAB));
    let mut feed = |state: &mut _, rows: [&[u32]; 2]| {
        gpt.feed(state, &Ragged::from_rows(rows), Want::All, &mut out)
    };
    feed(&mut state, [&[1], &[2]]).unwrap();
    assert_eq!(cause(feed(&mut state, [&[1], &[7]])), "Gpt: token 7 is not below 7");
    let long = [1; CONTEXT];
    let fault = "Gpt: 9 positions do not fit into a context of 8";
    assert_eq!(cause(feed(&mut state, [&[1], &long])), fault);
    assert_eq!([state.len(0), state.len(1)], [1, 1]);
    let one = Ragged::from_rows([[1]]);
    assert!(gpt.feed(&mut state, &one, Want::All, &mut Logits::new(VOCAB)).is_err());
}

#[test]
fn a_row_with_a_class_begins_with_the_start_token() {
    let gpt = gpt(2, DType::F32);
    let model = gpt.conditioned([1]).unwrap();
    let mut state = model.begin(1).unwrap();
    let mut feed = |row: &[u32]| {
        model.feed(&mut state, &Ragged::from_rows([row]), Want::None, &mut Logits::new(VOCAB))
    };
    let fault = "Gpt: a row begins with the start token 7, got 3";
    assert_eq!(cause(feed(&[3])), fault);
    feed(&[7, 3]).unwrap();
    assert_eq!(cause(feed(&[7])), "Gpt: token 7 is not below 7");
}

#[test]
fn a_canvas_must_fit() {
    let (model, mut out) = (masked(0, DType::F32), Logits::new(VOCAB));
    let mut fill =
        |canvas: &Canvas, row, at| cause(model.fill(canvas, &[Pos { row, at }], &mut out));
    let fault = "MaskedTransformer: row 1, position 0 is outside a canvas of 1 rows of 4";
    assert_eq!(fill(&Canvas::blank(1, 4), 1, 0), fault);
    assert!(fill(&Canvas::blank(1, 4), 0, 4).contains("outside"));
    assert!(fill(&Canvas::blank(1, 9), 0, 0).contains("do not fit"));
    let mut canvas = Canvas::blank(1, 4);
    canvas.set(0, 1, model.mask_id()).unwrap();
    assert_eq!(fill(&canvas, 0, 0), "MaskedTransformer: token 7 is not below 7");
}
