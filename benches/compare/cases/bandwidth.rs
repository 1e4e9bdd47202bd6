//! How fast the machine's memory can be read by a plain loop.

use std::hint::black_box;

use anyhow::Result;
use gradus::core::DType;
use gradus::tensor::Tensor;

use crate::stopwatch::{Amount, Stopwatch};

/// Numbers in the block that is read, 512 MiB: far more than caches hold, about what GPT-2 has.
const LEN: usize = 1 << 27;
/// Sums that run side by side, so that the loop waits for memory only.
const LANES: usize = 64;

pub(crate) fn run(watch: &Stopwatch, name: &str) -> Result<()> {
    let block = Tensor::full([LEN], 1.0, DType::F32)?;
    let numbers = block.as_slice::<f32>()?;
    let part = LEN.div_ceil(watch.threads.max(1));
    watch.time(name, Amount::bytes(LEN * size_of::<f32>()), || {
        std::thread::scope(|scope| {
            for part in numbers.chunks(part) {
                scope.spawn(move || black_box(sum(part)));
            }
        });
        Ok(())
    })?;
    Ok(())
}

fn sum(numbers: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    for chunk in numbers.chunks_exact(LANES) {
        sums.iter_mut().zip(chunk).for_each(|(sum, x)| *sum += x);
    }
    sums.iter().sum()
}
