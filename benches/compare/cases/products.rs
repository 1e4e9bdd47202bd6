//! Matrix products.

use std::hint::black_box;

use anyhow::Result;
use gradus::core::DType;

use super::inputs::normal;
use crate::stopwatch::{Amount, Stopwatch};

pub(crate) fn run(
    watch: &Stopwatch,
    name: &str,
    [m, k, n]: [usize; 3],
    dtype: DType,
) -> Result<()> {
    let (a, b) = (normal([m, k], dtype, 1)?, normal([k, n], dtype, 2)?);
    watch.time(name, Amount::flops(2 * m * k * n), || {
        black_box(a.matmul(&b)?);
        Ok(())
    })?;
    Ok(())
}
