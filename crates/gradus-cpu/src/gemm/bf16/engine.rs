//! Which instructions compute a product of `bf16` planes.

use half::bf16;

use super::super::KC;
use super::super::view::Target;
#[cfg(target_arch = "x86_64")]
use super::amx;
#[cfg(test)]
use super::emulate;
use super::layout::STEP;
use super::pack::{self, Load, Strip};
use super::tile::Tile;
#[cfg(target_arch = "x86_64")]
use super::{dot, pack_x86};
use super::{round, wide};
use crate::isa::{self, Level};

/// A way to multiply planes. Each has its own K order, which holds for every shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::gemm) enum Engine {
    /// Widened to `f32`, at a level of the machine.
    Wide(Level),
    /// `vdpbf16ps`.
    #[cfg(target_arch = "x86_64")]
    Dot,
    /// AMX tiles.
    #[cfg(target_arch = "x86_64")]
    Amx,
    /// AMX tiles in scalar code, for machines without them.
    #[cfg(test)]
    EmulatedAmx,
}

/// What a thread holds while it runs microkernels.
pub(super) struct Ready {
    #[cfg(target_arch = "x86_64")]
    _tiles: Option<amx::Tiles>,
}

impl Engine {
    /// The engine of this thread's level.
    pub(in crate::gemm) fn current() -> Self {
        match isa::level() {
            #[cfg(target_arch = "x86_64")]
            Level::Amx => Self::Amx,
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 if isa::dot_bf16() => Self::Dot,
            level => Self::Wide(level),
        }
    }

    /// Rows of the blocks of A for a product of `m` rows: blocks of about equal height, so that 16
    /// rows are 8 + 8, not 12 + 4.
    pub(super) fn height(self, m: usize) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Amx => amx_height(m),
            #[cfg(test)]
            Self::EmulatedAmx => amx_height(m),
            _ => m.div_ceil(m.div_ceil(self.tallest())),
        }
    }

    fn tallest(self) -> usize {
        match self {
            Self::Wide(Level::Generic) => wide::GENERIC.len(),
            #[cfg(target_arch = "x86_64")]
            Self::Wide(Level::Avx2) => wide::AVX2.len(),
            _ => 12,
        }
    }

    /// Whether blocks are always computed whole, the rows beyond the last one too.
    pub(super) fn whole_blocks(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Amx => true,
            #[cfg(test)]
            Self::EmulatedAmx => true,
            _ => false,
        }
    }

    /// Whether its microkernels can round what they have summed.
    pub(super) fn rounds(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        return self == Self::Dot;
        #[cfg(not(target_arch = "x86_64"))]
        false
    }

    /// Packed steps that a microkernel is given at once. Where C rests in memory between them
    /// without a trace the number is tuned; for [`Engine::Wide`] it is part of the K order.
    pub(super) fn steps(self) -> usize {
        match self {
            Self::Wide(_) => KC / STEP,
            // The sums are loaded and stored less often, and what no longer fits into L1 is read in
            // order.
            #[cfg(target_arch = "x86_64")]
            Self::Dot => 1024 / STEP,
            // A panel of B stays in L1.
            _ => 512 / STEP,
        }
    }

    /// Prepares the thread for microkernels.
    ///
    /// # Safety
    /// - The machine has the instructions of the engine.
    #[cfg_attr(not(target_arch = "x86_64"), expect(clippy::unused_self, reason = "for tiles"))]
    pub(super) unsafe fn ready(self) -> Ready {
        Ready {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: passed on from the caller.
            _tiles: (self == Self::Amx).then(|| unsafe { amx::Tiles::configure() }),
        }
    }

    /// Computes a tile.
    ///
    /// # Safety
    /// - That of [`Micro`](super::tile::Micro), and the thread is [ready](Engine::ready).
    /// - With [`whole_blocks`](Engine::whole_blocks), `rows` is `height`.
    #[inline]
    pub(super) unsafe fn run(self, tile: &Tile) {
        let micro = match self {
            #[cfg(target_arch = "x86_64")]
            Self::Dot => dot::ROWS[tile.rows - 1],
            #[cfg(target_arch = "x86_64")]
            Self::Amx => amx::run,
            #[cfg(target_arch = "x86_64")]
            Self::Wide(Level::Avx512 | Level::Amx) => wide::AVX512[tile.rows - 1],
            #[cfg(target_arch = "x86_64")]
            Self::Wide(Level::Avx2) => wide::AVX2[tile.rows - 1],
            #[cfg(test)]
            Self::EmulatedAmx => emulate::amx_tile,
            Self::Wide(_) => wide::GENERIC[tile.rows - 1],
        };
        // SAFETY: passed on from the caller.
        unsafe { micro(tile) }
    }

    /// Rounds `extent` sums to `bf16`, subnormal ones to zero where the products do so too.
    ///
    /// # Safety
    /// - The sums and the outputs are valid, and the outputs are reached by nobody else.
    /// - The machine has the instructions of the engine.
    #[inline]
    pub(super) unsafe fn round(self, sums: Target<f32>, out: Target<bf16>, extent: (usize, usize)) {
        match self {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: passed on; both engines come with AVX-512 BF16.
            Self::Dot | Self::Amx => unsafe { pack_x86::round(sums, out, extent) },
            // SAFETY: passed on from the caller.
            _ => unsafe { round::plain(sums, out, extent) },
        }
    }

    /// Packs a strip.
    ///
    /// # Safety
    /// - Every element of the strip is valid.
    /// - The machine has the instructions of the engine.
    pub(super) unsafe fn pack<S: Load>(self, strip: &Strip<S>, out: &mut [u16]) {
        match self {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: passed on; both engines come with AVX-512 BF16.
            Self::Dot | Self::Amx => unsafe { pack_x86::vector(strip, out) },
            // SAFETY: passed on from the caller.
            _ => unsafe { pack::plain(strip, out) },
        }
    }
}

/// One tile of rows for few of them, else two.
#[cfg(any(test, target_arch = "x86_64"))]
const fn amx_height(m: usize) -> usize {
    if m <= 16 { 16 } else { 32 }
}
