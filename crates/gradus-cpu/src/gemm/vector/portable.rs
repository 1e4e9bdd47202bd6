//! Registers for any target.

use super::Vector;

/// The portable register: a small array that LLVM maps to what the target has.
#[derive(Clone, Copy)]
pub(crate) struct Lanes<T, const N: usize>([T; N]);

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
            unsafe fn mul_add(self, b: Self, c: Self) -> Self {
                Self(std::array::from_fn(|i| self.0[i] * b.0[i] + c.0[i]))
            }
            #[inline(always)]
            unsafe fn transpose(
                src: *const $t,
                src_stride: usize,
                dst: *mut $t,
                dst_stride: usize,
            ) {
                for i in 0..$n {
                    for j in 0..$n {
                        // SAFETY: the block is valid by the trait's contract.
                        let x = unsafe { src.wrapping_add(i * src_stride + j).read() };
                        // SAFETY: as above.
                        unsafe { dst.wrapping_add(j * dst_stride + i).write(x) }
                    }
                }
            }
        }
    };
}
portable!(f32, 4);
portable!(f64, 2);
