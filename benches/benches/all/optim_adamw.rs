//! One update of AdamW over many parameters, whose gradients are given.

use crate::inputs::normal;
use criterion::{BenchmarkId, Criterion, Throughput};
use gradus::autograd::{Param, Var};
use gradus::optim::AdamW;

pub(crate) fn update(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("optim/adamw");
    for [n_params, len] in [[32usize, 64], [16, 262_144]] {
        let mut params: Vec<Param> =
            (0..n_params).map(|i| Param::new(normal([len], i as u64))).collect();
        let mut optimizer = AdamW::default().init().expect("the defaults are in range");
        let squares = params.iter().map(|param| param.var().square().and_then(|x| x.sum(..)));
        let loss = squares
            .reduce(|a, b| a.and_then(|a: Var| a.add(&b?)))
            .expect("there are parameters")
            .expect("floats have squares");
        let grads = loss.backward().expect("the loss is one number");
        group.throughput(Throughput::Elements((n_params * len) as u64));
        group.bench_function(
            BenchmarkId::from_parameter(format_args!("{n_params}x{len}")),
            |bench| {
                bench.iter(|| {
                    optimizer.step(&mut params, &grads).expect("the gradients are the parameters'")
                });
            },
        );
    }
}
