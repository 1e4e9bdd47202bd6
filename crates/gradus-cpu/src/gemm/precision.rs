//! How precise products of `f32` are.

use std::cell::Cell;
use std::sync::atomic::{AtomicU8, Ordering};

/// What the kernels may do with products of `f32`. The names are PyTorch's.
///
/// It is a permission: where less precision is not faster, products stay as precise as `Highest`.
///
/// | | AMX | AVX-512 with fast `bf16` products | all others | largest error, as a share of Σ\|a\|\|b\| |
/// |---|---|---|---|---|
/// | `Highest` | `f32` | `f32` | `f32` | 1e-7 |
/// | `High` | three products of two `bf16` planes | `f32` | `f32` | 2e-5 |
/// | `Medium` | one product of `bf16` | one product of `bf16` | `f32` | 5e-3 |
///
/// "Fast" is what [`dot_bf16`](crate::isa::dot_bf16) says. Sums are `f32` always, and at every setting
/// a row has the same bits whatever number of rows is computed with it. Operands are rounded to the
/// nearest, subnormal ones count as zero. At `Medium` a value above 3.39e38 rounds to infinity. At
/// `High` with AMX an infinity times a value that `bf16` holds exactly is NaN, since the second plane
/// of that value is zero.
///
/// `f64` and `bf16` products do not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum MatmulPrecision {
    /// Operands are rounded to `bf16`, which has 8 bits.
    Medium,
    /// At least 16 bits of every operand count.
    High,
    /// All bits count.
    #[default]
    Highest,
}

/// A [`MatmulPrecision`] as a number.
static PROCESS: AtomicU8 = AtomicU8::new(MatmulPrecision::Highest as u8);

thread_local! {
    static OVERRIDE: Cell<Option<MatmulPrecision>> = const { Cell::new(None) };
}

/// The precision of products that are called from this thread.
#[inline]
pub fn float32_matmul_precision() -> MatmulPrecision {
    OVERRIDE.get().unwrap_or_else(|| match PROCESS.load(Ordering::Relaxed) {
        0 => MatmulPrecision::Medium,
        1 => MatmulPrecision::High,
        _ => MatmulPrecision::Highest,
    })
}

/// Sets the precision for the whole process; a running [`with_float32_matmul_precision`] keeps its own.
pub fn set_float32_matmul_precision(precision: MatmulPrecision) {
    PROCESS.store(precision as u8, Ordering::Relaxed);
}

/// Runs `f` with `precision` for the products that this thread calls, on whatever threads they run.
///
/// # Examples
/// ```
/// use gradus_cpu::gemm::{self, MatmulPrecision};
/// let inside = gemm::with_float32_matmul_precision(
///     MatmulPrecision::Medium,
///     gemm::float32_matmul_precision,
/// );
/// assert_eq!(inside, MatmulPrecision::Medium);
/// assert_eq!(gemm::float32_matmul_precision(), MatmulPrecision::Highest);
/// ```
pub fn with_float32_matmul_precision<R>(precision: MatmulPrecision, f: impl FnOnce() -> R) -> R {
    let _restore = Restore(OVERRIDE.replace(Some(precision)));
    f()
}

/// Puts the old override back, also when the closure panics.
struct Restore(Option<MatmulPrecision>);

impl Drop for Restore {
    fn drop(&mut self) {
        OVERRIDE.set(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool;

    #[test]
    fn numbers_are_those_of_the_order() {
        use MatmulPrecision::{High, Highest, Medium};
        assert_eq!([Medium, High, Highest].map(|p| p as u8), [0, 1, 2]);
        assert!(Medium < High && High < Highest);
    }

    #[test]
    fn the_override_reaches_all_threads_of_the_pool() {
        with_float32_matmul_precision(MatmulPrecision::High, || {
            pool::with_threads(3, || {
                pool::for_chunks(50, |_| {
                    assert_eq!(float32_matmul_precision(), MatmulPrecision::High);
                });
            });
        });
        pool::with_threads(3, || {
            pool::for_chunks(50, |_| {
                assert_eq!(float32_matmul_precision(), MatmulPrecision::Highest);
            });
        });
    }
}
