//! Layer norm, forward alone and with its gradients.

use crate::inputs::normal;
use criterion::{BenchmarkId, Criterion, Throughput};
use gradus::autograd::{Var, no_grad};

pub(crate) fn layer_norm(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("autograd/layer_norm");
    for [rows, cols] in [[1024usize, 64], [256, 1024]] {
        let x = Var::leaf(normal([rows, cols], 1));
        let (weight, bias) = (Var::leaf(normal([cols], 2)), Var::leaf(normal([cols], 3)));
        let grad = normal([rows, cols], 4);
        let id = |pass| BenchmarkId::new(pass, format_args!("{rows}x{cols}"));
        let forward = || x.layer_norm(Some(&weight), Some(&bias), 1e-5).expect("the shapes fit");
        group.throughput(Throughput::Elements((rows * cols) as u64));
        group.bench_function(id("forward"), |bench| bench.iter(|| no_grad(forward)));
        group.bench_function(id("forward_backward"), |bench| {
            bench.iter(|| forward().backward_with(&grad).expect("the gradient has y's shape"));
        });
    }
}
