//! Order: whole rows sorted, and the largest of each.

use crate::inputs::normal;
use criterion::{BenchmarkId, Criterion, Throughput};
use gradus::tensor::Order;

pub(crate) fn sort(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tensor/sort");
    group.sample_size(20);
    let [rows, cols] = [16usize, 4096];
    let x = normal([rows, cols], 1);
    let id = |op| BenchmarkId::new(op, format_args!("{rows}x{cols}"));
    group.throughput(Throughput::Elements((rows * cols) as u64));
    group.bench_function(id("sort"), |bench| {
        bench.iter(|| x.sort(-1, Order::Ascending).expect("one dim"));
    });
    group.bench_function(id("topk40"), |bench| bench.iter(|| x.topk(40, -1).expect("one dim")));
}
