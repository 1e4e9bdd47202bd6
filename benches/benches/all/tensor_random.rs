//! Random fills.

use criterion::{BenchmarkId, Criterion, Throughput};
use gradus::core::{DType, Key};
use gradus::tensor::Tensor;

pub(crate) fn random(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tensor/random");
    let n = 1usize << 20;
    let (key, id) = (Key::new(1), |op| BenchmarkId::new(op, n));
    group.throughput(Throughput::Elements(n as u64));
    group.bench_function(id("rand"), |bench| {
        bench.iter(|| Tensor::rand([n], DType::F32, key).expect("f32 is a float type"));
    });
    group.bench_function(id("randn"), |bench| {
        bench.iter(|| Tensor::randn([n], DType::F32, key).expect("f32 is a float type"));
    });
}
