//! The types a convolution can be computed in, and their microkernels per level.

use super::grad_panel::{CopyPanel, Panel, copy_panel};
use super::lines::{CopyLines, Lines, copy_lines};
use super::tile::{Micro, Tile, tile};
use super::weight_tile::{WeightMicro, WeightTile, channels, places};
use super::winograd::kernels::{
    Emit, EmitLine, Land, LandTiles, Lift, LiftLines, Spread, SpreadTiles, emit, land, lift, spread,
};
use crate::gemm::GemmElement;
use crate::gemm::vector::{Lanes, Vector};
use crate::isa;
use crate::math::Real;

/// A type with convolution kernels: `f32` and `f64`.
#[expect(private_bounds, reason = "sealed: the kernel tables are private")]
pub trait ConvElement: GemmElement + Real + Table {}

impl ConvElement for f32 {}
impl ConvElement for f64 {}

/// All kernels of a level and type.
#[derive(Debug)]
pub(super) struct Kernels<T: 'static> {
    /// Elements of a register.
    pub(super) lanes: usize,
    /// `tiles[channels - 1]`: numbers of registers, rising and beginning with 1.
    pub(super) tiles: &'static [&'static [(usize, Micro<T>)]],
    /// `channels[registers - 1][weights - 1]`.
    pub(super) channels: [&'static [WeightMicro<T>]; 2],
    /// `places[weights - 1]`.
    pub(super) places: &'static [WeightMicro<T>],
    /// Writes lines of a strip.
    pub(super) lines: CopyLines<T>,
    /// Writes the gradient of the output place by place.
    pub(super) panel: CopyPanel<T>,
    /// The transforms of `winograd`: of places, of sums, the outputs' way out, of gradients.
    pub(super) lift: LiftLines<T>,
    pub(super) land: LandTiles<T>,
    pub(super) emit: EmitLine<T>,
    pub(super) spread: SpreadTiles<T>,
}

pub(super) trait Table: Sized {
    /// The kernels of this thread's level.
    fn kernels() -> &'static Kernels<Self>;
}

/// Stamps the choice by level.
macro_rules! choice {
    ($t:ty: $generic:ident, $avx2:ident, $avx512:ident) => {
        impl Table for $t {
            fn kernels() -> &'static Kernels<Self> {
                #[cfg(target_arch = "x86_64")]
                if isa::level() >= isa::Level::Avx512 {
                    return &x86::$avx512;
                } else if isa::level() >= isa::Level::Avx2 {
                    return &x86::$avx2;
                }
                &$generic
            }
        }
    };
}
choice!(f32: GENERIC_F32, AVX2_F32, AVX512_F32);
choice!(f64: GENERIC_F64, AVX2_F64, AVX512_F64);

/// Stamps the table of a level: `channels: [registers…]` for tiles, then the numbers of weights
/// for the gradient of the weight.
macro_rules! table {
    ($name:ident, $vector:ty, $elem:ty, $(#[$feature:meta])?
     $($r:literal: [$($v:literal)*])*; [$($w:literal)*]) => {
        pub(super) static $name: Kernels<$elem> = {
            $(#[$feature])?
            unsafe fn run<const R: usize, const V: usize>(t: &Tile<'_, $elem>) {
                // SAFETY: passed on from the caller.
                unsafe { tile::<$vector, R, V>(t) }
            }
            $(#[$feature])?
            unsafe fn by_channel<const R: usize, const V: usize>(t: &WeightTile<'_, $elem>) {
                // SAFETY: passed on from the caller.
                unsafe { channels::<$vector, R, V>(t) }
            }
            $(#[$feature])?
            unsafe fn by_place<const R: usize>(t: &WeightTile<'_, $elem>) {
                // SAFETY: passed on from the caller.
                unsafe { places::<$vector, R>(t) }
            }
            $(#[$feature])?
            unsafe fn panel(panel: &Panel<'_, $elem>, out: &mut [$elem]) {
                // SAFETY: passed on from the caller.
                unsafe { copy_panel::<$vector>(panel, out) }
            }
            $(#[$feature])?
            unsafe fn copy(lines: &Lines<'_, $elem>, out: &mut [$elem]) {
                // SAFETY: passed on from the caller.
                unsafe { copy_lines::<$vector>(lines, out) }
            }
            $(#[$feature])?
            unsafe fn lifting(lines: Lift<'_, $elem>) {
                // SAFETY: passed on from the caller.
                unsafe { lift::<$vector>(lines) }
            }
            $(#[$feature])?
            unsafe fn landing(tiles: Land<'_, $elem>) {
                // SAFETY: passed on from the caller.
                unsafe { land::<$vector>(tiles) }
            }
            $(#[$feature])?
            unsafe fn emitting(line: Emit<'_, $elem>) {
                // SAFETY: passed on from the caller.
                unsafe { emit::<$vector>(line) }
            }
            $(#[$feature])?
            unsafe fn spreading(tiles: Spread<'_, $elem>) {
                // SAFETY: passed on from the caller.
                unsafe { spread::<$vector>(tiles) }
            }
            Kernels {
                lanes: <$vector as Vector>::LANES,
                tiles: &[$(&[$(($v, run::<$r, $v>)),*]),*],
                channels: [&[$(by_channel::<$w, 1>),*], &[$(by_channel::<$w, 2>),*]],
                places: &[$(by_place::<$w>),*],
                lines: copy,
                panel,
                lift: lifting,
                land: landing,
                emit: emitting,
                spread: spreading,
            }
        };
    };
}

table!(GENERIC_F32, Lanes<f32, 4>, f32, 1: [1 2 4] 2: [1 2 4] 3: [1 2] 4: [1 2]; [1 2 3 4]);
table!(GENERIC_F64, Lanes<f64, 2>, f64, 1: [1 2 4] 2: [1 2 4] 3: [1 2] 4: [1 2]; [1 2 3 4]);

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{
        Emit, Kernels, Land, Lift, Lines, Panel, Spread, Tile, Vector, WeightTile, channels,
        copy_lines, copy_panel, emit, land, lift, places, spread, tile,
    };
    use crate::gemm::vector::{F32x8, F32x16, F64x4, F64x8};

    table!(AVX2_F32, F32x8, f32, #[target_feature(enable = "avx2,fma")]
        1: [1 2 4] 2: [1 2 4] 3: [1 2 3] 4: [1 2 3]; [1 2 3 4 5 6]);
    table!(AVX2_F64, F64x4, f64, #[target_feature(enable = "avx2,fma")]
        1: [1 2 4] 2: [1 2 4] 3: [1 2 3] 4: [1 2 3]; [1 2 3 4 5 6]);
    table!(AVX512_F32, F32x16, f32, #[target_feature(enable = "avx512f,avx512vl,avx512dq,fma")]
        1: [1 2 4 8] 2: [1 2 4 8] 3: [1 2 4] 4: [1 2 4] 5: [1 2 4] 6: [1 2 4] 7: [1 2 3] 8: [1 2 3];
        [1 2 3 4 5 6 7 8 9 10 11 12]);
    table!(AVX512_F64, F64x8, f64, #[target_feature(enable = "avx512f,avx512vl,avx512dq,fma")]
        1: [1 2 4 8] 2: [1 2 4 8] 3: [1 2 4] 4: [1 2 4] 5: [1 2 4] 6: [1 2 4] 7: [1 2 3] 8: [1 2 3];
        [1 2 3 4 5 6 7 8 9 10 11 12]);
}
