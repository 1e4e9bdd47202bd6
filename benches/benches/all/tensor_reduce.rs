//! Reductions of everything, of rows and of columns.

use crate::inputs::normal;
use criterion::{BenchmarkId, Criterion, Throughput};

pub(crate) fn reduce(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tensor/reduce");
    for [rows, cols] in [[64usize, 64], [1024, 1024]] {
        let x = normal([rows, cols], 1);
        let id = |op| BenchmarkId::new(op, format_args!("{rows}x{cols}"));
        group.throughput(Throughput::Elements((rows * cols) as u64));
        group.bench_function(id("sum"), |bench| bench.iter(|| x.sum(..).expect("floats")));
        group.bench_function(id("sum_columns"), |bench| bench.iter(|| x.sum(0).expect("one dim")));
        group.bench_function(id("max_rows"), |bench| bench.iter(|| x.max(-1).expect("one dim")));
        group.bench_function(id("argmax"), |bench| bench.iter(|| x.argmax(-1).expect("one dim")));
        group.bench_function(id("cumsum"), |bench| bench.iter(|| x.cumsum(-1).expect("one dim")));
    }
}
