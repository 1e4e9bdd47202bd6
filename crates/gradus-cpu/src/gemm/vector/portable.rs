//! Registers for any target.

use super::{Pairs, Vector};

/// The portable register: a small array that LLVM maps to what the target has.
#[derive(Clone, Copy)]
pub(crate) struct Lanes<T, const N: usize>(pub(crate) [T; N]);

macro_rules! portable {
    ($t:ty, $n:literal) => {
        impl Vector for Lanes<$t, $n> {
            type Elem = $t;
            type Mask = usize;
            const LANES: usize = $n;
            #[inline(always)]
            unsafe fn mask(n: usize) -> usize {
                n.min($n)
            }
            #[inline(always)]
            unsafe fn zero() -> Self {
                Self([0.0; $n])
            }
            #[inline(always)]
            unsafe fn splat(x: $t) -> Self {
                Self([x; $n])
            }
            #[inline(always)]
            unsafe fn load(p: *const $t) -> Self {
                // SAFETY: all lanes are valid by the trait's contract.
                Self(unsafe { p.cast::<[$t; $n]>().read_unaligned() })
            }
            #[inline(always)]
            unsafe fn load_masked(p: *const $t, mask: usize) -> Self {
                let mut lanes = [0.0; $n];
                for (i, lane) in lanes.iter_mut().enumerate().take(mask) {
                    // SAFETY: lane `i` is inside the mask.
                    *lane = unsafe { p.wrapping_add(i).read() };
                }
                Self(lanes)
            }
            #[inline(always)]
            unsafe fn load_halves(low: *const $t, high: *const $t) -> Self {
                // SAFETY: both halves are valid by the trait's contract.
                let low = unsafe { low.cast::<[$t; $n / 2]>().read_unaligned() };
                // SAFETY: as above.
                let high = unsafe { high.cast::<[$t; $n / 2]>().read_unaligned() };
                let half = $n / 2;
                Self(std::array::from_fn(|i| if i < half { low[i] } else { high[i - half] }))
            }
            #[inline(always)]
            unsafe fn store(self, p: *mut $t) {
                // SAFETY: all lanes are valid by the trait's contract.
                unsafe { p.cast::<[$t; $n]>().write_unaligned(self.0) }
            }
            #[inline(always)]
            unsafe fn store_masked(self, p: *mut $t, mask: usize) {
                for (i, lane) in self.0.into_iter().enumerate().take(mask) {
                    // SAFETY: lane `i` is inside the mask.
                    unsafe { p.wrapping_add(i).write(lane) }
                }
            }
            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                Self(std::array::from_fn(|i| self.0[i] + other.0[i]))
            }
            #[inline(always)]
            unsafe fn sub(self, other: Self) -> Self {
                Self(std::array::from_fn(|i| self.0[i] - other.0[i]))
            }
            #[inline(always)]
            unsafe fn interleave(self, other: Self) -> [Self; 2] {
                let at = |i: usize| if i % 2 == 0 { self.0[i / 2] } else { other.0[i / 2] };
                [0, $n].map(|half| Self(std::array::from_fn(|i| at(half + i))))
            }
            #[inline(always)]
            unsafe fn deinterleave(self, other: Self) -> [Self; 2] {
                let at = |i: usize| if i < $n { self.0[i] } else { other.0[i - $n] };
                [0, 1].map(|odd| Self(std::array::from_fn(|i| at(2 * i + odd))))
            }
            #[inline(always)]
            unsafe fn mul_add(self, b: Self, c: Self) -> Self {
                Self(std::array::from_fn(|i| self.0[i] * b.0[i] + c.0[i]))
            }
            type Square = [Self; $n];
            #[inline(always)]
            unsafe fn columns(
                src: *const $t,
                stride: usize,
                rows: usize,
                cols: usize,
            ) -> [Self; $n] {
                let mut out = [Self([0.0; $n]); $n];
                for i in 0..rows {
                    for (j, out) in out.iter_mut().enumerate().take(cols) {
                        // SAFETY: the block is valid by the trait's contract.
                        out.0[i] = unsafe {
                            src.wrapping_byte_add(i * stride).wrapping_add(j).read_unaligned()
                        };
                    }
                }
                out
            }
        }
    };
}
portable!(f32, 4);
portable!(f64, 2);

impl Pairs for Lanes<f32, 4> {
    #[inline(always)]
    unsafe fn widen(self) -> [Self; 2] {
        let bits = self.0.map(f32::to_bits);
        [bits.map(|b| f32::from_bits(b << 16)), bits.map(|b| f32::from_bits(b & 0xffff_0000))]
            .map(Self)
    }
}
