//! Rows by id: gathered, and added back.

use crate::inputs::{ids, normal};
use criterion::{BenchmarkId, Criterion, Throughput};

pub(crate) fn index(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tensor/index");
    let [vocab, width, n] = [4096usize, 256, 1024];
    let (table, rows) = (normal([vocab, width], 1), normal([n, width], 2));
    let chosen = ids(vocab as i64, [n], 3);
    let per_element = chosen.unsqueeze(1).and_then(|ids| ids.expand([n, width]));
    let per_element = per_element.expect("one column becomes many");
    let id = |op| BenchmarkId::new(op, format_args!("{n}of{vocab}x{width}"));
    group.throughput(Throughput::Elements((n * width) as u64));
    group.bench_function(id("embedding"), |bench| {
        bench.iter(|| table.embedding(&chosen).expect("ids are below the vocabulary"));
    });
    group.bench_function(id("scatter_add"), |bench| {
        bench.iter(|| table.scatter_add(0, &per_element, &rows).expect("the shapes fit"));
    });
}
