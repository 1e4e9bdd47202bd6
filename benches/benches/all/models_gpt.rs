//! One training step of a small causal transformer: forward, loss, gradients, AdamW.

use crate::inputs::ids;
use criterion::{BenchmarkId, Criterion, Throughput};
use gradus::models::{Gpt, TransformerConfig};
use gradus::optim::AdamW;
use gradus::prelude::{Ctx, Keys};

pub(crate) fn step(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("models/gpt_step");
    group.sample_size(20);
    for [batch, len] in [[8usize, 64], [16, 128]] {
        let config = TransformerConfig::new(96, len);
        let mut gpt = Gpt::new(&config, &mut Keys::new(7)).expect("a valid size");
        let mut optimizer = AdamW::default().init().expect("the defaults are in range");
        let tokens = ids(96, [batch, len], 1);
        group.throughput(Throughput::Elements((batch * len) as u64));
        group.bench_function(
            BenchmarkId::from_parameter(format_args!("{batch}x{len}x64")),
            |bench| {
                bench.iter(|| {
                    let loss =
                        gpt.loss(&tokens, None, &mut Ctx::eval()).expect("tokens are below 96");
                    let grads = loss.backward().expect("the loss is one number");
                    optimizer.step(&mut gpt, &grads).expect("the gradients are the model's")
                });
            },
        );
    }
}
