//! Elementwise ops: one that only moves memory, two that compute, one that broadcasts.

use crate::inputs::normal;
use criterion::{BenchmarkId, Criterion, Throughput};

pub(crate) fn elementwise(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tensor/elementwise");
    for [rows, cols] in [[64usize, 64], [1024, 1024]] {
        let (a, b, row) = (normal([rows, cols], 1), normal([rows, cols], 2), normal([cols], 3));
        let id = |op| BenchmarkId::new(op, format_args!("{rows}x{cols}"));
        group.throughput(Throughput::Elements((rows * cols) as u64));
        group.bench_function(id("add"), |bench| bench.iter(|| &a + &b));
        group.bench_function(id("add_row"), |bench| bench.iter(|| &a + &row));
        group.bench_function(id("exp"), |bench| bench.iter(|| a.exp().expect("floats")));
        group.bench_function(id("gelu"), |bench| bench.iter(|| a.gelu().expect("floats")));
    }
}
