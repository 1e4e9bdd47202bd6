//! Convolution of images by 3×3 kernels, forward and both gradients.

use crate::inputs::normal;
use criterion::{BenchmarkId, Criterion, Throughput};
use gradus::tensor::ConvOptions;

pub(crate) fn conv2d(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tensor/conv2d");
    for [batch, input, output, side] in [[16usize, 1, 16, 28], [16, 16, 32, 14]] {
        let x = normal([batch, input, side, side], 1);
        let w = normal([output, input, 3, 3], 2);
        let grad = normal([batch, output, side, side], 3);
        let options = ConvOptions { padding: [1, 1], ..ConvOptions::default() };
        let id = |op| BenchmarkId::new(op, format_args!("{batch}x{input}x{side}x{side}-{output}"));
        let fits = "the shapes fit";
        // An element is one multiply-add.
        group.throughput(Throughput::Elements((batch * output * input * side * side * 9) as u64));
        group.bench_function(id("forward"), |bench| {
            bench.iter(|| x.conv2d(&w, None, options).expect(fits));
        });
        group.bench_function(id("grad_input"), |bench| {
            bench.iter(|| grad.conv2d_grad_input(&w, x.shape(), options).expect(fits));
        });
        group.bench_function(id("grad_weight"), |bench| {
            bench.iter(|| grad.conv2d_grad_weight(&x, w.shape(), options).expect(fits));
        });
    }
}
