//! Cross-entropy of rows of logits, forward and with its gradient.

use crate::inputs::{ids, normal};
use criterion::{BenchmarkId, Criterion, Throughput};
use gradus::autograd::Var;

pub(crate) fn cross_entropy(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("autograd/cross_entropy");
    for [rows, classes] in [[128usize, 10], [256, 4096]] {
        let logits = Var::leaf(normal([rows, classes], 1));
        let targets = ids(classes as i64, [rows], 2);
        group.throughput(Throughput::Elements((rows * classes) as u64));
        group.bench_function(
            BenchmarkId::from_parameter(format_args!("{rows}x{classes}")),
            |bench| {
                bench.iter(|| {
                    let losses = logits.cross_entropy(&targets).expect("targets are classes");
                    let loss = losses.mean(..).expect("floats");
                    loss.backward().expect("the loss is one number")
                });
            },
        );
    }
}
