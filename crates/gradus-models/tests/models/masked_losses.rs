//! The losses of masked models against their formulas, and lengths.

use gradus_autograd::{Var, no_grad};
use gradus_core::{DType, Key, Keys};
use gradus_generate::{Guided, Parallel, Request, Strategy};
use gradus_models::{
    LengthPredictor, MaskedLoss, MaskedTransformer, Masking, TransformerConfig, drop_classes,
};
use gradus_nn::{Ctx, Module};
use gradus_tensor::Tensor;

use crate::descent::adam;
use crate::tiny::{VOCAB, masked, numbers, tokens};

const LEN: usize = 4;

/// −ln p of each hidden position for each of the 2ᴸ masks, with smoothing ε.
fn nats(model: &MaskedTransformer, row: [u32; LEN], smoothing: f64) -> Vec<Vec<f64>> {
    let law = |mask: usize| {
        let hidden = |i: usize| mask >> i & 1 == 1;
        let seen: Vec<u32> =
            (0..LEN).map(|i| if hidden(i) { model.mask_id() } else { row[i] }).collect();
        let logits = model.forward(&tokens(&[&seen]), None, &mut Ctx::eval()).unwrap();
        let log_p = numbers(&logits.value().log_softmax(-1).unwrap());
        let cost = |i: usize| {
            let law = &log_p[i * VOCAB..][..VOCAB];
            let even = law.iter().sum::<f64>() / VOCAB as f64;
            -(1.0 - smoothing) * law[row[i] as usize] - smoothing * even
        };
        (0..LEN).filter(|&i| hidden(i)).map(cost).collect()
    };
    (0..1usize << LEN).map(law).collect()
}

/// The mean loss over keys and how far off it may be.
fn estimate(model: &MaskedTransformer, loss: MaskedLoss, row: [u32; LEN]) -> (f64, f64) {
    let batch = tokens(&[&row]);
    let draw = |seed: u64| {
        let ctx = &mut Ctx::eval();
        let loss = no_grad(|| model.loss_with(loss, &batch, None, Key::new(seed), ctx));
        loss.unwrap().item().unwrap()
    };
    let losses: Vec<f64> = (0..500).map(draw).collect();
    let n = losses.len() as f64;
    let mean = losses.iter().sum::<f64>() / n;
    let variance = losses.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, 5.0 * (variance / n).sqrt())
}

#[test]
fn means_over_keys_are_the_formulas() {
    let model = masked(0, DType::F64);
    let row = [1, 5, 2, 0];
    let size = |mask: usize| mask.count_ones() as usize;
    let choose = |n: usize| [1.0, 4.0, 6.0, 4.0, 1.0][n];
    // The mean over the masks of n positions of the mean over these.
    let of_count = |nats: &[Vec<f64>], n: usize| {
        let mean = |mask: usize| nats[mask].iter().sum::<f64>() / n as f64;
        (0..16).filter(|&mask| size(mask) == n).map(mean).sum::<f64>() / choose(n)
    };
    let plain = nats(&model, row, 0.0);
    let smooth = nats(&model, row, 0.1);
    let uniform = |nats: &[Vec<f64>]| (1..=4).map(|n| of_count(nats, n)).sum::<f64>() / 4.0;
    // P(⌈4 cos(πr/2)⌉ = n), r uniform.
    let at_most = |x: f64| 1.0 - x.min(1.0).acos() / std::f64::consts::FRAC_PI_2;
    let cosine = |n: usize| at_most(n as f64 / 4.0) - at_most((n as f64 - 1.0) / 4.0);
    // MUSE: the lower half counts as 2.
    let muse = [0.0, 0.0, cosine(1) + cosine(2), cosine(3), cosine(4)];
    // ∫ Σ over masks of p^n (1 − p)^(L − n) / (p L), on a grid.
    let independent = |least: f64| {
        let steps = 4000;
        let at = |k: usize| least + (1.0 - least) * (k as f64 + 0.5) / f64::from(steps);
        let of = |p: f64| {
            (1..16)
                .map(|mask| {
                    let n = size(mask) as i32;
                    let sum: f64 = plain[mask].iter().sum();
                    p.powi(n) * (1.0 - p).powi(4 - n) * sum / (p * 4.0)
                })
                .sum::<f64>()
        };
        (0..steps as usize).map(|k| of(at(k))).sum::<f64>() / f64::from(steps)
    };
    let uncut =
        MaskedLoss { masking: Masking::Independent { least: 0.1, cut: 0.0 }, ..MaskedLoss::LLADA };
    let cases = [
        (MaskedLoss::MDLM, uniform(&plain)),
        (MaskedLoss::CMLM, uniform(&smooth)),
        (MaskedLoss::MASKGIT, (1..=4).map(|n| cosine(n) * of_count(&smooth, n)).sum()),
        (MaskedLoss::MUSE, (2..=4).map(|n| muse[n] * of_count(&smooth, n)).sum()),
        (uncut, independent(0.1)),
    ];
    for (loss, exact) in cases {
        let (mean, bound) = estimate(&model, loss, row);
        assert!((mean - exact).abs() < bound, "{loss:?}: {mean} ± {bound}, {exact}");
        // Independent masks may hide nothing, and vary more.
        assert!(bound < 0.2 * exact, "the test is too weak to fail: {bound}");
    }
}

#[test]
fn pooled_losses_weigh_all_hidden_tokens_alike() {
    // With two rows the mean is over tokens, not over rows: −ln p is found from single rows.
    let model = masked(0, DType::F64);
    let batch = tokens(&[&[1, 5, 2, 0], &[3, 3, 6, 4]]);
    let plain = MaskedLoss { label_smoothing: 0.0, ..MaskedLoss::CMLM };
    let both = model.loss_with(plain, &batch, None, Key::new(4), &mut Ctx::eval()).unwrap();
    let grads = both.backward().unwrap();
    assert!(model.parameters().iter().all(|param| grads.get(*param).is_some()));
    let cut =
        MaskedLoss { masking: Masking::Independent { least: 0.9, cut: 1.0 }, label_smoothing: 0.0 };
    // Cut to any length, it is still finite and differentiable.
    for seed in 0..20 {
        let loss = model.loss_with(cut, &batch, None, Key::new(seed), &mut Ctx::eval()).unwrap();
        assert!(loss.item().unwrap() > 0.0);
    }
    // Nothing hidden at all costs nothing.
    let none = Masking::Independent { least: 0.0, cut: 0.0 };
    let none = MaskedLoss { masking: none, label_smoothing: 0.0 };
    let one = tokens(&[&[1]]);
    let losses = (0..20).map(|seed| {
        let loss = model.loss_with(none, &one, None, Key::new(seed), &mut Ctx::eval());
        loss.unwrap().item().unwrap()
    });
    let zeros = losses.filter(|loss| *loss == 0.0).count();
    assert!((1..20).contains(&zeros), "{zeros}");
    for bad in [
        MaskedLoss { label_smoothing: 1.5, ..MaskedLoss::MDLM },
        MaskedLoss { masking: Masking::Cosine { least: f64::NAN }, ..MaskedLoss::MASKGIT },
        MaskedLoss { masking: Masking::Independent { least: 1.0, cut: 0.0 }, ..MaskedLoss::LLADA },
        MaskedLoss { masking: Masking::Independent { least: 0.0, cut: 2.0 }, ..MaskedLoss::LLADA },
    ] {
        assert!(model.loss_with(bad, &batch, None, Key::new(1), &mut Ctx::eval()).is_err());
    }
}

#[test]
fn a_dropped_class_leaves_both_laws() {
    // Class 0 is always 0 0, class 1 always 1 1; class 2 stands for none.
    let size = TransformerConfig { classes: 3, ..TransformerConfig::new(2, 2) };
    let size = TransformerConfig { width: 16, n_heads: 2, n_layers: 1, ..size };
    let mut model = MaskedTransformer::new(&size, &mut Keys::new(7)).unwrap();
    let batch = tokens(&[&[0, 0][..], &[1, 1]].repeat(8));
    let classes = Tensor::from([0i64, 1].repeat(8));
    adam(&mut model, 100, 0.02, |model, step| {
        let told = drop_classes(&classes, 2, 0.3, Key::new(step)).unwrap();
        model.loss(&batch, Some(&told), Key::new(step), &mut Ctx::eval()).unwrap()
    });
    let draw = |class: u32| {
        let told = model.conditioned(vec![class; 40]).unwrap();
        let each = Parallel { calls: 2, ..Parallel::default() };
        let out = each.run(&told, Request::blank(2).rows(40).seed(3)).unwrap();
        let out = out.collect_all().unwrap();
        (0..40).filter(|&row| out.row(row) == [1, 1]).count()
    };
    assert!(draw(0) <= 2 && draw(1) >= 38, "{} {}", draw(0), draw(1));
    assert!((8..32).contains(&draw(2)), "{}", draw(2));
    // Guidance by a class from the law without one.
    let [conditional, plain] = [1, 2].map(|class| model.conditioned(vec![class; 20]).unwrap());
    let guided = Guided { conditional, plain, scale: 1.5 };
    let each = Parallel { calls: 2, ..Parallel::default() };
    let out = each.run(&guided, Request::blank(2).rows(20).seed(4)).unwrap();
    let out = out.collect_all().unwrap();
    assert!((0..20).filter(|&row| out.row(row) == [1, 1]).count() >= 19);
}

#[test]
fn a_length_predictor_learns_the_lengths_of_its_classes() {
    let size = TransformerConfig { classes: 2, width: 12, ..TransformerConfig::new(5, 8) };
    let size = TransformerConfig { n_heads: 3, n_layers: 1, ..size };
    let model = MaskedTransformer::new(&size, &mut Keys::new(7)).unwrap();
    let mut head = LengthPredictor::new(12, 6, &mut Keys::new(8)).unwrap();
    assert_eq!(head.longest(), 6);
    // Class 0 is 5 long, class 1 one or three.
    let classes = Tensor::from(vec![0i64, 0, 1, 1]);
    let lengths = Tensor::from(vec![5i64, 5, 1, 3]);
    let condition = model.class_vectors(&classes, &mut Ctx::eval()).unwrap();
    let fixed = condition.detach();
    let last = adam(&mut head, 200, 0.05, |head, _| {
        head.loss(&fixed, &lengths, &mut Ctx::eval()).unwrap()
    });
    // Half of the rows leave ln 2 open.
    assert!((last - 0.5 * 2f64.ln()).abs() < 0.02, "{last}");
    let law = head.forward(&fixed, &mut Ctx::eval()).unwrap().value().softmax(-1).unwrap();
    let law = numbers(&law);
    assert!(law[4] > 0.95 && (law[12] - 0.5).abs() < 0.05 && (law[14] - 0.5).abs() < 0.05);
    // Gradients reach the class's vector too.
    let loss = head.loss(&condition, &lengths, &mut Ctx::eval()).unwrap();
    assert!(loss.backward().unwrap().iter().count() > 2);

    let fault = |lengths: Vec<i64>| {
        let result = head.loss(&fixed, &Tensor::from(lengths), &mut Ctx::eval());
        result.err().map(|error| error.to_string())
    };
    assert_eq!(fault(vec![1, 2, 7, 1]).unwrap(), "LengthPredictor: length 7 is not in 1..=6");
    assert_eq!(fault(vec![1, 2, 0, 1]).unwrap(), "LengthPredictor: length 0 is not in 1..=6");
    assert!(fault(vec![1, 2]).is_some());
    assert!(LengthPredictor::new(0, 3, &mut Keys::new(7)).is_err());
    assert!(LengthPredictor::new(3, 0, &mut Keys::new(7)).is_err());
    let narrow = Var::constant(Tensor::zeros([4, 5], DType::F32).unwrap());
    assert!(head.forward(&narrow, &mut Ctx::eval()).is_err());
    assert!(model.class_vectors(&Tensor::from(vec![2i64]), &mut Ctx::eval()).is_err());
    assert!(masked(0, DType::F32).class_vectors(&classes, &mut Ctx::eval()).is_err());
}
