//! Autoregressive decoding through the cache of a small causal transformer.

use criterion::{BenchmarkId, Criterion, Throughput};
use gradus::generate::{Ar, Request, Strategy};
use gradus::models::{Gpt, TransformerConfig};
use gradus::prelude::Keys;

pub(crate) fn decode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("generate/ar");
    group.sample_size(20);
    for [rows, len] in [[1usize, 64], [8, 64], [1, 256]] {
        let config = TransformerConfig::new(96, len);
        let gpt = Gpt::new(&config, &mut Keys::new(7)).expect("a valid size");
        let request = Request::new([1]).rows(rows).seed(7).length(len);
        group.throughput(Throughput::Elements((rows * (len - 1)) as u64));
        group.bench_function(
            BenchmarkId::from_parameter(format_args!("{rows}x{len}x64")),
            |bench| {
                bench.iter(|| {
                    let run = Ar::default().run(&gpt, request.clone()).expect("a valid request");
                    run.collect_all().expect("finite logits")
                });
            },
        );
    }
}
