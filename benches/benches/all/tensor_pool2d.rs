//! Pooling of images by 2×2 windows.

use crate::inputs::normal;
use criterion::{BenchmarkId, Criterion, Throughput};
use gradus::tensor::PoolOptions;

pub(crate) fn pool2d(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tensor/pool2d");
    let [batch, channels, side] = [16usize, 32, 28];
    let x = normal([batch, channels, side, side], 1);
    let options = PoolOptions::new(2);
    let id = |op| BenchmarkId::new(op, format_args!("{batch}x{channels}x{side}x{side}"));
    group.throughput(Throughput::Elements((batch * channels * side * side) as u64));
    group.bench_function(id("max"), |bench| {
        bench.iter(|| x.max_pool2d(options).expect("the windows fit"));
    });
    group.bench_function(id("avg"), |bench| {
        bench.iter(|| x.avg_pool2d(options).expect("the windows fit"));
    });
}
