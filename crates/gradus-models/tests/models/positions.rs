//! Rotary positions and grouped heads do what learned ones and heads of their own do.

use gradus_core::{DType, Keys};
use gradus_generate::{Causal, Request, Want};
use gradus_models::{Gpt, MaskedTransformer, Positions, TransformerConfig};
use gradus_nn::{Ctx, Module, cast};

use crate::causal_laws as laws;
use crate::descent::adam;
use crate::tiny::{CONTEXT, VOCAB, config, numbers, tokens};

const ROTARY: Positions = Positions::Rotary { base: 10_000.0 };

/// Four heads of two, which share two heads of keys and values.
fn grouped() -> TransformerConfig {
    TransformerConfig { width: 8, n_heads: 4, n_kv_heads: Some(2), positions: ROTARY, ..config(0) }
}

fn gpt(config: &TransformerConfig, dtype: DType) -> Gpt {
    let mut gpt = Gpt::new(config, &mut Keys::new(7)).unwrap();
    cast(&mut gpt, dtype).unwrap();
    gpt
}

#[test]
fn the_cache_gives_the_bits_of_one_pass() {
    let row = [3, 1, 4, 1, 5, 2, 6, 0];
    for dtype in [DType::F32, DType::F64] {
        let gpt = gpt(&grouped(), dtype);
        let whole = gpt.forward(&tokens(&[&row]), None, &mut Ctx::eval()).unwrap();
        let fed = laws::feed(&gpt, &mut gpt.begin(1).unwrap(), &[row], Want::All);
        assert_eq!(fed, numbers(whole.value()));
        laws::every_split_has_the_same_bits(&gpt, &row[..6]);
    }
    let (big, small) = (gpt(&grouped(), DType::F32), gpt(&config(0), DType::F32));
    laws::a_state_equals_a_fresh_one(&big, CONTEXT, 12);
    laws::strategies_agree(&big, &small, &Request::prompts([vec![1], vec![2, 3]]).length(CONTEXT));
}

#[test]
fn order_matters_without_a_table_of_positions() {
    let gpt = gpt(&TransformerConfig { n_layers: 1, ..grouped() }, DType::F64);
    let names: Vec<String> = gpt.state_dict().into_keys().collect();
    assert!(!names.iter().any(|name| name.starts_with("position")), "{names:?}");
    let last = |row: [u32; 3]| {
        let logits = gpt.forward(&tokens(&[&row]), None, &mut Ctx::eval()).unwrap();
        numbers(&logits.value().select(1, 2).unwrap())
    };
    assert_ne!(last([1, 2, 3]), last([2, 1, 3]));
}

#[test]
fn groups_have_fewer_parameters_and_learn() {
    let shared = gpt(&grouped(), DType::F32);
    let own = gpt(&TransformerConfig { n_kv_heads: None, ..grouped() }, DType::F32);
    // Keys and values of two of four heads of two, in each of two blocks.
    assert_eq!(own.num_parameters() - shared.num_parameters(), 2 * 2 * (8 * 4 + 4));
    let text = [3, 1, 4, 1, 5, 2, 1, 1];
    let row = tokens(&[&text]);
    let mut shared = shared;
    let last = adam(&mut shared, 100, 0.02, |m, _| m.loss(&row, None, &mut Ctx::eval()).unwrap());
    assert!(last < 0.1, "{last}");
}

#[test]
fn a_masked_transformer_takes_them_too() {
    let model = MaskedTransformer::new(&grouped(), &mut Keys::new(7)).unwrap();
    let logits = model.forward(&tokens(&[&[1, 2, 7]]), None, &mut Ctx::eval()).unwrap();
    assert_eq!(logits.dims(), [1, 3, VOCAB]);
}

#[test]
fn what_cannot_be_is_named() {
    let fault = |config| Gpt::new(&config, &mut Keys::new(7)).unwrap_err().to_string();
    let three = TransformerConfig { n_kv_heads: Some(3), ..grouped() };
    assert_eq!(fault(three), "Gpt: n_kv_heads must be a divisor of n_heads, got Some(3)");
    let none = TransformerConfig { n_kv_heads: Some(0), ..grouped() };
    assert!(fault(none).contains("n_kv_heads"));
    let odd = TransformerConfig { width: 12, ..grouped() };
    assert!(fault(odd).starts_with("Gpt: positions must be learned for heads of odd size"));
    for base in [0.0, f64::NAN, f64::INFINITY] {
        let config = TransformerConfig { positions: Positions::Rotary { base }, ..grouped() };
        assert!(fault(config).contains("a base above zero"));
    }
}
