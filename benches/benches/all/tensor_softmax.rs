//! Softmax and sums along the last dimension.

use crate::inputs::normal;
use criterion::{BenchmarkId, Criterion, Throughput};

pub(crate) fn softmax(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tensor/rows");
    for [rows, cols] in [[1024usize, 64], [64, 4096]] {
        let x = normal([rows, cols], 1);
        let id = |op| BenchmarkId::new(op, format_args!("{rows}x{cols}"));
        group.throughput(Throughput::Elements((rows * cols) as u64));
        group.bench_function(id("sum"), |bench| bench.iter(|| x.sum(-1).expect("one dim")));
        group.bench_function(id("softmax"), |bench| bench.iter(|| x.softmax(-1).expect("one dim")));
    }
}
