//! The microkernel on AMX tiles.
//!
//! **K order**: steps of 32 values of k, in order, zeros beyond the end. A step sums its even and its
//! odd products in two fused chains from zero, adds the two sums, and adds that to C; subnormal
//! operands and sums count as zero. Between blocks of k the sums rest in memory, which is exact.
//!
//! The intrinsics are unstable, but `asm!` knows the instructions. A tile never lives from one
//! `asm!` to the next: a block holds the whole loop over k. `tmm0` to `tmm3` are sums, `tmm4` and
//! `tmm5` rows of A, `tmm6` and `tmm7` columns of B.

use std::arch::asm;

use super::super::Beta;
use super::layout::{STEP, WIDTH};
use super::tile::Tile;

/// Rows of a tile.
pub(super) const TILE_ROWS: usize = 16;

/// What `ldtilecfg` reads.
#[repr(C, align(64))]
struct Config {
    palette: u8,
    start_row: u8,
    reserved: [u8; 14],
    row_bytes: [u16; 16],
    rows: [u8; 16],
}

/// Eight tiles of 16 rows of 64 bytes.
static CONFIG: Config = {
    let mut config =
        Config { palette: 1, start_row: 0, reserved: [0; 14], row_bytes: [0; 16], rows: [0; 16] };
    let mut i = 0;
    while i < 8 {
        config.row_bytes[i] = 64;
        config.rows[i] = 16;
        i += 1;
    }
    config
};

/// A thread's tiles are configured while this lives. Configuring is slow: once per task.
pub(super) struct Tiles(());

impl Tiles {
    /// Configures the tiles of this thread.
    ///
    /// # Safety
    /// - The machine has AMX and the process may use it.
    pub(super) unsafe fn configure() -> Self {
        // SAFETY: the instruction exists, and reads 64 bytes.
        unsafe { asm!("ldtilecfg [{}]", in(reg) &raw const CONFIG, options(nostack, readonly)) };
        Self(())
    }
}

impl Drop for Tiles {
    /// Gives the tile state back, so that context switches stop saving it.
    fn drop(&mut self) {
        // SAFETY: the tiles were configured by `configure`, so the instruction exists.
        unsafe { asm!("tilerelease", options(nostack, nomem)) };
    }
}

/// Bytes of a row of a tile of A, and of 32 columns of a pair of B.
const A_ROW: usize = 2 * STEP;
const B_ROW: usize = 4 * WIDTH;

/// 16 or 32 rows, as many as the block has room for.
///
/// # Safety
/// - That of [`Micro`](super::tile::Micro), with `rows` equal to `height`, 16 or 32.
/// - The tiles of this thread are configured, see [`Tiles`].
pub(super) unsafe fn run(t: &Tile) {
    debug_assert!(t.rows == t.height && (t.rows == TILE_ROWS || t.rows == 2 * TILE_ROWS));
    let steps = t.k.div_ceil(STEP);
    debug_assert!(steps > 0);
    if t.height == TILE_ROWS {
        // SAFETY: passed on from the caller.
        unsafe { sixteen(t, steps) }
    } else {
        // SAFETY: passed on from the caller.
        unsafe { thirty_two(t, steps) }
    }
}

/// 32 × 32 outputs: two tiles of A by two of B.
///
/// # Safety
/// - That of [`run`], and 32 rows.
unsafe fn thirty_two(t: &Tile, steps: usize) {
    // SAFETY: the loads stay inside `steps` steps of the block and the panel, and inside 32 rows of
    // 32 columns of C; only tiles and the listed registers change.
    unsafe {
        asm!(
            "test {load}, {load}",
            "jz 3f",
            "tileloadd tmm0, [{c0} + {ldc}*1]",
            "tileloadd tmm1, [{c0} + {ldc}*1 + 64]",
            "tileloadd tmm2, [{c1} + {ldc}*1]",
            "tileloadd tmm3, [{c1} + {ldc}*1 + 64]",
            "jmp 2f",
            "3:",
            "tilezero tmm0",
            "tilezero tmm1",
            "tilezero tmm2",
            "tilezero tmm3",
            "2:",
            "tileloadd tmm6, [{b} + {ldb}*1]",
            "tileloadd tmm4, [{a} + {lda}*1]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tileloadd tmm7, [{b} + {ldb}*1 + 64]",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tileloadd tmm5, [{a} + {lda}*1 + 1024]",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            "add {a}, 2048",
            "add {b}, 2048",
            "dec {steps}",
            "jnz 2b",
            "tilestored [{c0} + {ldc}*1], tmm0",
            "tilestored [{c0} + {ldc}*1 + 64], tmm1",
            "tilestored [{c1} + {ldc}*1], tmm2",
            "tilestored [{c1} + {ldc}*1 + 64], tmm3",
            load = in(reg) usize::from(t.beta == Beta::One),
            a = inout(reg) t.a => _,
            b = inout(reg) t.b => _,
            steps = inout(reg) steps => _,
            lda = in(reg) A_ROW,
            ldb = in(reg) B_ROW,
            c0 = in(reg) t.c.ptr,
            c1 = in(reg) t.c.at(TILE_ROWS, 0),
            ldc = in(reg) 4 * t.c.stride,
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
            options(nostack),
        );
    }
}

/// 16 × 32 outputs: one tile of A by two of B.
///
/// # Safety
/// - That of [`run`], and 16 rows.
unsafe fn sixteen(t: &Tile, steps: usize) {
    // SAFETY: as in `thirty_two`, for 16 rows.
    unsafe {
        asm!(
            "test {load}, {load}",
            "jz 3f",
            "tileloadd tmm0, [{c} + {ldc}*1]",
            "tileloadd tmm1, [{c} + {ldc}*1 + 64]",
            "jmp 2f",
            "3:",
            "tilezero tmm0",
            "tilezero tmm1",
            "2:",
            "tileloadd tmm4, [{a} + {lda}*1]",
            "tileloadd tmm6, [{b} + {ldb}*1]",
            "tileloadd tmm7, [{b} + {ldb}*1 + 64]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "add {a}, 1024",
            "add {b}, 2048",
            "dec {steps}",
            "jnz 2b",
            "tilestored [{c} + {ldc}*1], tmm0",
            "tilestored [{c} + {ldc}*1 + 64], tmm1",
            load = in(reg) usize::from(t.beta == Beta::One),
            a = inout(reg) t.a => _,
            b = inout(reg) t.b => _,
            steps = inout(reg) steps => _,
            lda = in(reg) A_ROW,
            ldb = in(reg) B_ROW,
            c = in(reg) t.c.ptr,
            ldc = in(reg) 4 * t.c.stride,
            out("tmm0") _, out("tmm1") _, out("tmm4") _, out("tmm6") _, out("tmm7") _,
            options(nostack),
        );
    }
}
