//! Every network can learn.

use gradus_autograd::Var;
use gradus_core::{DType, Key, Keys};
use gradus_generate::{Ar, MinP, Parallel, Request, Strategy, Warps};
use gradus_models::{Gpt, LeNetConfig, MaskedTransformer, MlpConfig, TransformerConfig};
use gradus_nn::loss::{self, CrossEntropy};
use gradus_nn::{Activation, Ctx, Layer};
use gradus_tensor::Tensor;

use crate::descent::adam;
use crate::tiny::tokens;

#[test]
fn an_mlp_learns_xor() {
    let x = Tensor::new([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
    let labels = Tensor::from(vec![0i64, 1, 1, 0]);
    let config = MlpConfig { activation: Activation::Tanh, ..MlpConfig::new([2, 8, 2]) };
    let mut mlp = config.init(&mut Keys::new(7)).unwrap();
    let x = Var::constant(x);
    let last = adam(&mut mlp, 200, 0.05, |mlp, _| {
        let logits = mlp.forward(&x, &mut Ctx::eval()).unwrap();
        loss::cross_entropy(&logits, &labels, CrossEntropy::default()).unwrap()
    });
    assert!(last < 0.05, "{last}");
    let logits = mlp.forward(&x, &mut Ctx::eval()).unwrap();
    assert!(logits.value().argmax(1).unwrap().equal(&labels));
}

#[test]
fn a_lenet_remembers_ten_images_of_noise() {
    let images = Tensor::rand([10, 1, 8, 8], DType::F32, Key::new(1)).unwrap();
    let images = Var::constant(images);
    let labels = Tensor::arange(0.0, 10.0, 1.0, DType::I64).unwrap();
    let config = LeNetConfig { channels: [8, 16], hidden: 32, ..LeNetConfig::new([8, 8], 10) };
    let mut net = config.init(&mut Keys::new(7)).unwrap();
    adam(&mut net, 80, 0.01, |net, step| {
        let logits = net.forward(&images, &mut Ctx::train(Key::new(step))).unwrap();
        loss::cross_entropy(&logits, &labels, CrossEntropy::default()).unwrap()
    });
    let logits = net.forward(&images, &mut Ctx::eval()).unwrap();
    assert!(logits.value().argmax(1).unwrap().equal(&labels));
}

fn size(vocab: usize, context: usize) -> TransformerConfig {
    let size = TransformerConfig::new(vocab, context);
    TransformerConfig { width: 16, n_heads: 2, n_layers: 1, ..size }
}

#[test]
fn a_gpt_continues_a_text_that_it_has_read() {
    // After a 1 stands a 4, a 5 or a 1: only the context tells.
    const TEXT: [u32; 12] = [3, 1, 4, 1, 5, 2, 1, 1, 0, 3, 5, 1];
    let mut gpt = Gpt::new(&size(6, TEXT.len()), &mut Keys::new(7)).unwrap();
    let row = tokens(&[&TEXT]);
    let last = adam(&mut gpt, 120, 0.01, |gpt, _| gpt.loss(&row, None, &mut Ctx::eval()).unwrap());
    assert!(last < 0.1, "{last}");
    let request = Request::new(&TEXT[..2]).length(TEXT.len());
    let out = Ar::greedy().run(&gpt, request).unwrap().collect_all().unwrap();
    assert_eq!(out.row(0), TEXT);
}

#[test]
fn a_masked_transformer_draws_the_sequences_that_it_has_seen() {
    const ROWS: [[u32; 4]; 2] = [[0, 1, 2, 3], [3, 0, 0, 1]];
    let mut model = MaskedTransformer::new(&size(4, 4), &mut Keys::new(7)).unwrap();
    let batch = tokens(&[&ROWS[0][..], &ROWS[1]].repeat(4));
    let last = adam(&mut model, 150, 0.01, |model, step| {
        model.loss(&batch, None, Key::new(step), &mut Ctx::eval()).unwrap()
    });
    // Not to know which of the two it is costs ln 2 once, 0.17 for each of four tokens.
    assert!(last < 0.35, "{last}");
    // Each of the two is likely at first; once a token is known, only one is.
    let warps = Warps::none().with(MinP(0.25));
    let each = Parallel { calls: 4, warps, ..Parallel::default() };
    let out = each.run(&model, Request::blank(4).rows(8).seed(1)).unwrap().collect_all().unwrap();
    let drawn: Vec<Vec<u32>> = (0..8).map(|row| out.row(row)).collect();
    assert!(drawn.iter().all(|row| ROWS.iter().any(|known| row == known)), "{drawn:?}");
    assert!(ROWS.iter().all(|known| drawn.iter().any(|row| row == known)), "{drawn:?}");
}
