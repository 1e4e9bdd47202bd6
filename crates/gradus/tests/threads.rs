//! The bits of results do not depend on the number of threads.
//!
//! Sizes are such that the kernels do split their work: one product, one loop over elements and one
//! step of a model each last far longer than a thread needs to wake.
#![expect(clippy::unwrap_used, reason = "in a test an error is a failure")]

use gradus::models::{Gpt, TransformerConfig};
use gradus::nn::loss::{CrossEntropy, cross_entropy};
use gradus::nn::{Activation, Conv2d, Flatten, Linear, MaxPool2d, Sequential};
use gradus::optim::{AdamW, clip_by_global_norm};
use gradus::prelude::*;
use gradus::tensor::{BinaryOp, CompareOp, Order, UnaryOp, with_threads};

/// Compares what `f` gives on one thread with what it gives on more.
fn same(name: &str, f: impl Fn() -> Vec<Tensor>) {
    let bits = |x: &Tensor| -> Vec<u64> {
        let x = x.to_dtype(DType::F64).unwrap().to_vec::<f64>().unwrap();
        x.into_iter().map(f64::to_bits).collect()
    };
    let all = |threads| with_threads(threads, || f().iter().map(bits).collect::<Vec<_>>());
    let one = all(1);
    for threads in [2, 3, 8] {
        assert!(all(threads) == one, "{name}: other bits on {threads} threads");
    }
}

fn randn<const N: usize>(shape: [usize; N], seed: u64) -> Tensor {
    Tensor::randn(shape, DType::F32, Key::new(seed)).unwrap()
}

#[test]
fn elementwise_ops() {
    let (x, y) = (randn([300, 257], 1), randn([300, 257], 2));
    let (row, column) = (randn([257], 3), randn([300, 1], 4));
    let strided = randn([257, 300], 5).t().unwrap();
    for dtype in [DType::F32, DType::F64, DType::BF16] {
        let [x, y, row, column, strided] =
            [&x, &y, &row, &column, &strided].map(|x| x.to_dtype(dtype).unwrap());
        for &op in UnaryOp::ALL {
            same(op.name(), || vec![x.unary(op).unwrap(), strided.unary(op).unwrap()]);
        }
        for &op in BinaryOp::ALL {
            let with = |other: &Tensor| x.binary(op, other).unwrap();
            same(op.name(), || [&y, &row, &column, &strided].map(with).into());
        }
        same("compare", || vec![x.compare(CompareOp::Lt, &strided).unwrap()]);
        same("operators", || vec![(&x + &y) * (&x - &strided) / (y.clone() + &row)]);
        same("clamp and powf", || vec![x.clamp(-0.5, 0.5).unwrap(), x.powf(1.5).unwrap()]);
    }
}

#[test]
fn reductions() {
    let x = randn([130, 31, 33], 1);
    for dims in [vec![0isize], vec![1], vec![-1], vec![0, 2], vec![0, 1, 2]] {
        let dims = dims.as_slice();
        same("sum, mean, var", || {
            vec![x.sum(dims).unwrap(), x.mean(dims).unwrap(), x.var(dims, 1.0).unwrap()]
        });
        same("max, min, norm", || {
            vec![x.max(dims).unwrap(), x.min(dims).unwrap(), x.norm(2.0, dims).unwrap()]
        });
    }
    for dim in [0isize, 1, -1] {
        same("softmax", || vec![x.softmax(dim).unwrap(), x.log_softmax(dim).unwrap()]);
        same("cumsum, argmax", || vec![x.cumsum(dim).unwrap(), x.argmax(dim).unwrap()]);
        same("sort", || {
            let (values, places) = x.sort(dim, Order::Ascending).unwrap();
            vec![values, places]
        });
    }
    let long = randn([1 << 20], 2);
    same("a long sum", || vec![long.sum(..).unwrap(), long.norm(2.0, ..).unwrap()]);
}

#[test]
fn products_and_indices() {
    let (a, b) = (randn([3, 150, 270], 1), randn([270, 190], 2));
    let bias = randn([190], 3);
    for dtype in [DType::F32, DType::F64, DType::BF16] {
        let [a, b, bias] = [&a, &b, &bias].map(|x| x.to_dtype(dtype).unwrap());
        let (bt, row) = (b.t().unwrap(), a.select(0, 0).unwrap().narrow(0, 0, 1).unwrap());
        same("matmul", || vec![a.matmul(&b).unwrap(), row.matmul(&b).unwrap()]);
        same("linear", || vec![a.linear(&bt, Some(&bias)).unwrap()]);
        same("batched", || vec![a.matmul(&a.t().unwrap()).unwrap()]);
    }
    let ids = Tensor::randint(0, 270, [2000], Key::new(4)).unwrap();
    let rows = randn([2000, 190], 5);
    same("index_select", || vec![b.index_select(0, &ids).unwrap()]);
    same("index_add", || vec![b.index_add(0, &ids, &rows).unwrap()]);
    same("random", || {
        let key = Key::new(6);
        vec![randn([100_000], 7), Tensor::bernoulli(0.3, [100_000], key).unwrap()]
    });
}

/// Three steps: the loss and all parameters after them.
fn steps<M: Module>(mut model: M, loss: impl Fn(&M, &mut Ctx) -> Var) -> Vec<Tensor> {
    let mut optimizer = AdamW::default().init().unwrap().first(clip_by_global_norm(1.0).unwrap());
    let mut out = Vec::new();
    for step in 0..3 {
        let loss = loss(&model, &mut Ctx::train(Key::new(step)));
        out.push(loss.value().clone());
        let grads = loss.backward().unwrap();
        drop(loss);
        optimizer.step(&mut model, &grads).unwrap();
    }
    out.extend(model.state_dict().into_values());
    out
}

fn classify(logits: &Var, classes: &Tensor) -> Var {
    cross_entropy(logits, classes, CrossEntropy::default()).unwrap()
}

fn classes(n: usize) -> Tensor {
    Tensor::randint(0, 10, [n], Key::new(77)).unwrap()
}

#[test]
fn a_multilayer_perceptron() {
    let x = Var::from(randn([64, 200], 1));
    same("mlp", || {
        let mut keys = Keys::new(1);
        let model = Sequential::new()
            .with(Linear::new(200, 150, &mut keys).unwrap())
            .with(Activation::Relu)
            .with(Linear::new(150, 10, &mut keys).unwrap());
        steps(model, |model, ctx| classify(&model.forward(&x, ctx).unwrap(), &classes(64)))
    });
}

#[test]
fn a_convolutional_network() {
    let x = Var::from(randn([6, 1, 20, 20], 1));
    same("cnn", || {
        let mut keys = Keys::new(1);
        let model = Sequential::new()
            .with(Conv2d::new(1, 8, [3, 3], &mut keys).unwrap())
            .with(Activation::Relu)
            .with(Conv2d::new(8, 12, [3, 3], &mut keys).unwrap())
            .with(MaxPool2d::new(2))
            .with(Flatten)
            .with(Linear::new(12 * 64, 10, &mut keys).unwrap());
        steps(model, |model, ctx| classify(&model.forward(&x, ctx).unwrap(), &classes(6)))
    });
}

#[test]
fn a_transformer() {
    let tokens = Tensor::randint(0, 65, [4, 48], Key::new(3)).unwrap();
    same("gpt", || {
        let config =
            TransformerConfig { n_layers: 2, dropout: 0.1, ..TransformerConfig::new(65, 48) };
        let model = Gpt::new(&config, &mut Keys::new(1)).unwrap();
        steps(model, |model, ctx| model.loss(&tokens, None, ctx).unwrap())
    });
}

/// Gates that are written out: h ← z·h + (1 − z)·tanh(x W + h U).
#[test]
fn a_gated_recurrence() {
    let x = randn([16, 12, 40], 1);
    same("recurrence", || {
        let mut keys = Keys::new(1);
        let mut linear = |i, o| Linear::new(i, o, &mut keys).unwrap();
        let model = (
            vec![linear(40, 96), linear(40, 96)],
            vec![linear(96, 96), linear(96, 96)],
            linear(96, 10),
        );
        steps(model, |(inputs, states, head), ctx| {
            let mut h = Var::from(Tensor::zeros([16, 96], DType::F32).unwrap());
            for t in 0..12 {
                let x = Var::from(x.select(1, t).unwrap());
                let mut gate = |i: usize| {
                    inputs[i].forward(&x, ctx).unwrap() + states[i].forward(&h, ctx).unwrap()
                };
                let (z, new) = (gate(0).sigmoid().unwrap(), gate(1).tanh().unwrap());
                h = &z * &h + (1.0 - &z) * new;
            }
            classify(&head.forward(&h, ctx).unwrap(), &classes(16))
        })
    });
}
