//! One training step of a small classifier: forward, loss, gradients, AdamW.

use crate::inputs::{ids, normal};
use criterion::{BenchmarkId, Criterion, Throughput};
use gradus::models::MlpConfig;
use gradus::nn::loss::{CrossEntropy, cross_entropy};
use gradus::optim::AdamW;
use gradus::prelude::{Ctx, Keys, Layer, Var};

pub(crate) fn step(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("models/mlp_step");
    let widths = [784, 256, 10];
    for batch in [32usize, 256] {
        let mut mlp = MlpConfig::new(widths).init(&mut Keys::new(7)).expect("widths above zero");
        let mut optimizer = AdamW::default().init().expect("the defaults are in range");
        let (x, labels) = (Var::constant(normal([batch, 784], 1)), ids(10, [batch], 2));
        group.throughput(Throughput::Elements(batch as u64));
        group.bench_function(
            BenchmarkId::from_parameter(format_args!("{batch}x784-256-10")),
            |bench| {
                bench.iter(|| {
                    let logits = mlp.forward(&x, &mut Ctx::eval()).expect("x has 784 features");
                    let loss = cross_entropy(&logits, &labels, CrossEntropy::default());
                    let grads =
                        loss.and_then(|loss| Ok(loss.backward()?)).expect("labels are below 10");
                    optimizer.step(&mut mlp, &grads).expect("the gradients are the model's")
                });
            },
        );
    }
}
