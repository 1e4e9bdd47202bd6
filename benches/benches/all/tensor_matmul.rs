//! Matrix products, one shape or two of each regime.

use crate::inputs::normal;
use criterion::{BenchmarkId, Criterion, Throughput};
use gradus::core::DType;
use gradus::tensor::{MatmulPrecision, Tensor, with_float32_matmul_precision};

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

/// Products of `bf16`, and of `f32` at `Medium`, which may use the same instructions.
pub(crate) fn rounded(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tensor/matmul_bf16");
    for [m, k, n] in [[64, 64, 64], [256, 256, 256], [768, 128, 512], [2048, 384, 1536]] {
        let (a, b) = (normal([m, k], 1), normal([k, n], 2));
        group.throughput(Throughput::Elements((m * n * k) as u64));
        let id = |name| BenchmarkId::from_parameter(format_args!("{m}x{k}x{n}/{name}"));
        group.bench_function(id("medium"), |bench| {
            with_float32_matmul_precision(MatmulPrecision::Medium, || {
                bench.iter(|| a.matmul(&b).expect("the shapes fit"));
            });
        });
        let narrow = |x: &Tensor| x.to_dtype(DType::BF16).expect("a float becomes a float");
        let (a, b) = (narrow(&a), narrow(&b));
        group.bench_function(id("bf16"), |bench| {
            bench.iter(|| a.matmul(&b).expect("the shapes fit"));
        });
    }
}

/// x Wᵀ as in training, with few rows as in decoding, and with a weight of `bf16`.
pub(crate) fn linear(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tensor/linear");
    for [m, k, n] in [[128, 784, 512], [768, 128, 512], [1, 768, 3072], [8, 768, 3072]] {
        let (x, w) = (normal([m, k], 1), normal([n, k], 2));
        group.throughput(Throughput::Elements((m * n * k) as u64));
        for dtype in [DType::F32, DType::BF16] {
            let w = w.to_dtype(dtype).expect("a float becomes a float");
            let id = BenchmarkId::from_parameter(format_args!("{m}x{k}x{n}/{}", dtype.name()));
            group.bench_function(id, |bench| {
                bench.iter(|| x.linear(&w, None).expect("the shapes fit"));
            });
        }
    }
}

/// Many small products, the second operand as it lies and transposed.
pub(crate) fn batched(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tensor/matmul_batched");
    for [batch, m, k, n] in [[48, 64, 32, 64], [1000, 4, 4, 4]] {
        let (a, b) = (normal([batch, m, k], 1), normal([batch, n, k], 2));
        let b = b.t().expect("a batch of matrices");
        group.throughput(Throughput::Elements((batch * m * n * k) as u64));
        for (name, b) in [("rows", b.contiguous()), ("columns", b)] {
            let id = BenchmarkId::from_parameter(format_args!("{batch}x{m}x{k}x{n}/{name}"));
            group.bench_function(id, |bench| bench.iter(|| a.matmul(&b).expect("the shapes fit")));
        }
    }
}
