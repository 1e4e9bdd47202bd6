//! Products of square matrices.

use crate::inputs::normal;
use criterion::{BenchmarkId, Criterion, Throughput};

pub(crate) fn matmul(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tensor/matmul");
    for n in [64usize, 128, 256, 512, 1024] {
        let (a, b) = (normal([n, n], 1), normal([n, n], 2));
        // An element is one multiply-add.
        group.throughput(Throughput::Elements((n * n * n) as u64));
        group.bench_function(BenchmarkId::from_parameter(format_args!("{n}x{n}x{n}")), |bench| {
            bench.iter(|| a.matmul(&b).expect("the shapes fit"));
        });
    }
}
