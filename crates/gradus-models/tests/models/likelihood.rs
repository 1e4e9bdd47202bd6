//! The causal loss is the mean of −ln p.

use gradus_core::DType;
use gradus_nn::Ctx;
use gradus_tensor::Tensor;

use crate::tiny::{CONTEXT, VOCAB, gpt, numbers, tokens};

/// Mean of −ln p(target) with `shift` entries of logits for tokens that are not targets.
fn by_hand(logits: &Tensor, rows: &[&[u32]], first: usize) -> f64 {
    let log_p = numbers(&logits.log_softmax(-1).unwrap());
    let entries = logits.dims()[1];
    let mut nats = Vec::new();
    for (b, row) in rows.iter().enumerate() {
        for (t, &target) in row[first..].iter().enumerate() {
            nats.push(-log_p[(b * entries + t) * VOCAB + target as usize]);
        }
    }
    nats.iter().sum::<f64>() / nats.len() as f64
}

#[test]
fn loss_is_the_mean_over_targets() {
    let rows: [&[u32]; 2] = [&[1, 5, 2, 6], &[0, 3, 3, 4]];
    let (batch, ctx) = (tokens(&rows), &mut Ctx::eval());
    let plain = gpt(0, DType::F64);
    let logits = plain.forward(&batch, None, ctx).unwrap();
    let loss = plain.loss(&batch, None, ctx).unwrap().item().unwrap();
    assert!((loss - by_hand(logits.value(), &rows, 1)).abs() < 1e-12);

    let conditioned = gpt(2, DType::F64);
    let classes = Tensor::from(vec![1i64, 0]);
    let logits = conditioned.forward(&batch, Some(&classes), ctx).unwrap();
    let loss = conditioned.loss(&batch, Some(&classes), ctx).unwrap().item().unwrap();
    assert!((loss - by_hand(logits.value(), &rows, 0)).abs() < 1e-12);
}

#[test]
fn the_law_of_whole_sequences_sums_to_one() {
    let gpt = gpt(2, DType::F64);
    let class = Tensor::from(vec![1i64]);
    let mut total = 0.0;
    for a in 0..VOCAB as u32 {
        for b in 0..VOCAB as u32 {
            let pair = tokens(&[&[a, b]]);
            let nats = gpt.loss(&pair, Some(&class), &mut Ctx::eval()).unwrap().item().unwrap();
            total += (-2.0 * nats).exp();
        }
    }
    assert!((total - 1.0).abs() < 1e-12, "{total}");
}

#[test]
fn the_whole_context_can_be_trained() {
    let row = [1u32; CONTEXT];
    assert!(gpt(0, DType::F32).loss(&tokens(&[&row]), None, &mut Ctx::eval()).is_ok());
    let class = Tensor::from(vec![0i64]);
    let conditioned = gpt(1, DType::F32);
    assert!(conditioned.loss(&tokens(&[&row]), Some(&class), &mut Ctx::eval()).is_ok());
    assert!(conditioned.loss(&tokens(&[&row[..1]]), Some(&class), &mut Ctx::eval()).is_ok());
}
