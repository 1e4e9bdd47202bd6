//! The masked loss estimates its bound without bias.

use gradus_autograd::no_grad;
use gradus_core::{DType, Key};
use gradus_models::MaskedTransformer;
use gradus_nn::Ctx;
use gradus_tensor::Tensor;

use crate::tiny::{VOCAB, masked, numbers, tokens};

const LEN: usize = 3;

/// (1/L) `∫₀¹ (1/t) E Σ over masked i of −ln p(x_i | known) dt`, over all 2ᴸ − 1 masks.
///
/// The integral of t^(n−1) (1 − t)^(L−n), the weight of a mask of n positions, is
/// (n−1)! (L−n)! / L!.
fn exact(model: &MaskedTransformer, row: [u32; LEN], class: i64) -> f64 {
    let factorial = |n: usize| (1..=n).product::<usize>() as f64;
    let class = Tensor::from(vec![class]);
    (1..1usize << LEN)
        .map(|mask| {
            let hidden = |i: &usize| mask >> i & 1 == 1;
            let seen: Vec<u32> =
                (0..LEN).map(|i| if hidden(&i) { model.mask_id() } else { row[i] }).collect();
            let logits = model.forward(&tokens(&[&seen]), Some(&class), &mut Ctx::eval()).unwrap();
            let log_p = numbers(&logits.value().log_softmax(-1).unwrap());
            let nats = |i: usize| -log_p[i * VOCAB + row[i] as usize];
            let n = mask.count_ones() as usize;
            let weight = factorial(n - 1) * factorial(LEN - n) / factorial(LEN);
            weight * (0..LEN).filter(hidden).map(nats).sum::<f64>() / LEN as f64
        })
        .sum()
}

#[test]
fn the_mean_over_keys_is_the_exact_bound() {
    let model = masked(2, DType::F64);
    let rows = [[1, 5, 2], [0, 0, 6]];
    let expected = (exact(&model, rows[0], 0) + exact(&model, rows[1], 1)) / 2.0;
    let batch = tokens(&rows.each_ref().map(<[u32; LEN]>::as_slice));
    let classes = Tensor::from(vec![0i64, 1]);
    let loss = |seed: u64| {
        let ctx = &mut Ctx::eval();
        let loss = no_grad(|| model.loss(&batch, Some(&classes), Key::new(seed), ctx)).unwrap();
        loss.item().unwrap()
    };
    let losses: Vec<f64> = (0..600).map(loss).collect();
    let n = losses.len() as f64;
    let mean = losses.iter().sum::<f64>() / n;
    let variance = losses.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let sigma = (variance / n).sqrt();
    assert!((mean - expected).abs() < 5.0 * sigma, "{mean} ± {sigma} is not {expected}");
    assert!(sigma < 0.02 * expected, "the test is too weak to fail: {sigma}");
    assert_eq!(loss(3), losses[3]);
}
