//! Where the sums of a product rest, and how finished ones become outputs.

use half::bf16;

use super::super::epilogue::Epilogue;
use super::super::view::Target;
use super::engine::Engine;
use crate::isa::{self, Kernel};

/// The outputs of one product.
pub(in crate::gemm) trait Store: Sync {
    /// C, if sums may rest in it.
    fn sums(&self) -> Option<Target<f32>>;

    /// The outputs from `(i, j)` on, if they are sums that are rounded and nothing else.
    fn halves(&self, _at: (usize, usize)) -> Option<Target<bf16>> {
        None
    }

    /// Turns finished sums into the outputs from `(i, j)` on, `rows × cols` of them. If sums rest
    /// in C, `sums` is in C.
    ///
    /// # Safety
    /// - The outputs and the sums are valid and reached by nobody else.
    unsafe fn finish(&self, at: (usize, usize), extent: (usize, usize), sums: Target<f32>);
}

#[cfg(test)]
impl<S: Store> Store for &S {
    fn sums(&self) -> Option<Target<f32>> {
        (**self).sums()
    }

    fn halves(&self, at: (usize, usize)) -> Option<Target<bf16>> {
        (**self).halves(at)
    }

    unsafe fn finish(&self, at: (usize, usize), extent: (usize, usize), sums: Target<f32>) {
        // SAFETY: passed on from the caller.
        unsafe { (**self).finish(at, extent, sums) }
    }
}

/// `f32` outputs.
pub(in crate::gemm) struct StoreF32<E> {
    pub(in crate::gemm) c: Target<f32>,
    pub(in crate::gemm) epilogue: E,
}

// SAFETY: the address is used by the unsafe methods alone, whose callers keep the outputs apart.
unsafe impl<E: Sync> Sync for StoreF32<E> {}

impl<E: Epilogue<f32>> Store for StoreF32<E> {
    fn sums(&self) -> Option<Target<f32>> {
        Some(self.c)
    }

    unsafe fn finish(&self, at: (usize, usize), extent: (usize, usize), sums: Target<f32>) {
        // SAFETY: passed on from the caller.
        unsafe { run_epilogue(&self.epilogue, at, extent, sums) }
    }
}

/// `bf16` outputs, rounded once.
pub(in crate::gemm) struct StoreBf16<E> {
    pub(in crate::gemm) engine: Engine,
    pub(in crate::gemm) c: Target<bf16>,
    pub(in crate::gemm) epilogue: E,
}

// SAFETY: as for `StoreF32`.
unsafe impl<E: Sync> Sync for StoreBf16<E> {}

impl<E: Epilogue<f32>> Store for StoreBf16<E> {
    fn sums(&self) -> Option<Target<f32>> {
        None
    }

    fn halves(&self, (i, j): (usize, usize)) -> Option<Target<bf16>> {
        E::NOTHING.then(|| Target { ptr: self.c.at(i, j), stride: self.c.stride })
    }

    unsafe fn finish(&self, at: (usize, usize), extent: (usize, usize), sums: Target<f32>) {
        // SAFETY: passed on from the caller.
        unsafe { run_epilogue(&self.epilogue, at, extent, sums) }
        let out = Target { ptr: self.c.at(at.0, at.1), stride: self.c.stride };
        // SAFETY: as above.
        unsafe { self.engine.round(sums, out, extent) }
    }
}

/// The epilogue on finished sums.
///
/// # Safety
/// - That of [`Store::finish`].
#[inline]
unsafe fn run_epilogue<E: Epilogue<f32>>(
    epilogue: &E,
    at: (usize, usize),
    extent: (usize, usize),
    sums: Target<f32>,
) {
    if !E::NOTHING {
        isa::dispatch(Finish { epilogue, at, extent, sums });
    }
}

/// The epilogue on `extent` sums, which are valid and ours.
struct Finish<'a, E> {
    epilogue: &'a E,
    at: (usize, usize),
    extent: (usize, usize),
    sums: Target<f32>,
}

impl<E: Epilogue<f32>> Kernel for Finish<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let (i0, j0) = self.at;
        let (rows, cols) = self.extent;
        for i in 0..rows {
            // SAFETY: row `i` of the sums is valid and ours, by the contract of `run_epilogue`.
            let row = unsafe { std::slice::from_raw_parts_mut(self.sums.at(i, 0), cols) };
            self.epilogue.row::<FMA>(i0 + i, j0, row);
        }
    }
}
