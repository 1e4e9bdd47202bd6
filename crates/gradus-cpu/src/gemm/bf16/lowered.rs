//! Products of `f32` in planes of `bf16`, where [`MatmulPrecision`] allows it.

use super::super::epilogue::Epilogue;
use super::super::operand::Operand;
use super::super::precision::{MatmulPrecision, float32_matmul_precision};
use super::super::view::Target;
use super::super::{Beta, Dims};
use super::engine::Engine;
use super::layout::Planes;
use super::packed::PackedBf16;
use super::product::Product;
use super::source::Rounded;
use super::store::StoreF32;

/// How products of `f32` are lowered on this thread. It depends on nothing else, so that a row has
/// the same bits in every product.
fn choice() -> Option<(Engine, Planes)> {
    let precision = float32_matmul_precision();
    if precision == MatmulPrecision::Highest {
        return None;
    }
    let engine = Engine::current();
    match (precision, engine) {
        #[cfg(target_arch = "x86_64")]
        (MatmulPrecision::Medium, Engine::Dot | Engine::Amx) => Some((engine, Planes::ONE)),
        // Three products cost more than one of f32, but for tiles.
        #[cfg(target_arch = "x86_64")]
        (MatmulPrecision::High, Engine::Amx) => Some((engine, Planes::THREE)),
        _ => None,
    }
}

/// Packs `b` for the products of this thread, if they are lowered to single planes.
pub(in crate::gemm) fn rounded(b: &impl Operand<f32>, k: usize, n: usize) -> Option<PackedBf16> {
    let (_, planes) = choice()?;
    planes.single().then(|| PackedBf16::round(b, k, n))
}

/// Computes a batch in less precision if it may and it is faster here; says whether it did.
///
/// # Safety
/// - `c` gives the results of the batch: valid, and no two overlap.
pub(in crate::gemm) unsafe fn lowered<A: Operand<f32>, B: Operand<f32>, E: Epilogue<f32>>(
    dims: Dims,
    batch: usize,
    operands: impl Fn(usize) -> (A, B) + Sync,
    c: impl Fn(usize) -> Target<f32> + Sync,
    beta: Beta,
    epilogue: impl Fn(usize) -> E + Sync,
) -> bool {
    let Some((engine, planes)) = choice() else { return false };
    let product = Product { engine, planes, dims, beta };
    let operands = |i| {
        let (a, b) = operands(i);
        (Rounded(a), Rounded(b))
    };
    let store = |i| StoreF32 { c: c(i), epilogue: epilogue(i) };
    // SAFETY: passed on from the caller; the engine is one of this machine.
    unsafe { product.run(batch, operands, store) }
    true
}
