//! Causal attention, forward alone and with its gradients, and one query against many keys.

use crate::inputs::normal;
use criterion::{BenchmarkId, Criterion, Throughput};
use gradus::autograd::{AttentionOptions, Causal, Var, no_grad};

pub(crate) fn attention(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("autograd/attention");
    group.sample_size(20);
    let options = AttentionOptions { causal: Causal::Yes, ..AttentionOptions::default() };
    for [batch, heads, len, width] in [[12usize, 4, 64, 32], [8, 6, 256, 64]] {
        let [q, k, v] = [1, 2, 3].map(|seed| Var::leaf(normal([batch, heads, len, width], seed)));
        let grad = normal([batch, heads, len, width], 4);
        let id = |pass| BenchmarkId::new(pass, format_args!("{batch}x{heads}x{len}x{width}"));
        let forward = || Var::attention(&q, &k, &v, options).expect("the shapes fit");
        // An element is one multiply-add of the two products, half of which causality leaves.
        group.throughput(Throughput::Elements((batch * heads * len * len * width) as u64));
        group.bench_function(id("forward"), |bench| bench.iter(|| no_grad(forward)));
        group.bench_function(id("forward_backward"), |bench| {
            bench.iter(|| forward().backward_with(&grad).expect("the gradient has y's shape"));
        });
    }
    for len in [64usize, 1024] {
        let q = Var::constant(normal([1, 12, 1, 64], 1));
        let [k, v] = [2, 3].map(|seed| Var::constant(normal([1, 12, len, 64], seed)));
        group.throughput(Throughput::Elements((12 * len * 64 * 2) as u64));
        group.bench_function(BenchmarkId::new("decode", format_args!("12x1of{len}x64")), |bench| {
            bench.iter(|| Var::attention(&q, &k, &v, options).expect("the shapes fit"));
        });
    }
}
