//! The weighted values of a single query, as in decoding: a row too thin for the tiles of the matrix product.
//!
//! The order of every sum is that of [`gemm`](crate::gemm), so a query alone has the bits it has
//! among others.

use super::Value;
use crate::isa::Kernel;

/// Adds the weighted values to `out`, which is as long as a value.
pub(super) struct Weigh<'a, T> {
    pub(super) weights: &'a [T],
    pub(super) values: &'a [T],
    /// Distance of neighbouring values.
    pub(super) stride: usize,
    pub(super) out: &'a mut [T],
}

impl<T: Value> Kernel for Weigh<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(mut self) {
        let mut done = 0;
        while let Some(lanes) = [64, 32, 16, 8, 1].into_iter().find(|n| done + n <= self.out.len())
        {
            match lanes {
                64 => self.lanes::<FMA, 64>(done),
                32 => self.lanes::<FMA, 32>(done),
                16 => self.lanes::<FMA, 16>(done),
                8 => self.lanes::<FMA, 8>(done),
                _ => self.lanes::<FMA, 1>(done),
            }
            done += lanes;
        }
    }
}

impl<T: Value> Weigh<'_, T> {
    /// `N` elements from `first` on.
    #[inline(always)]
    fn lanes<const FMA: bool, const N: usize>(&mut self, first: usize) {
        let mut sums = [T::ZERO; N];
        for (j, w) in self.weights.iter().enumerate() {
            // Not cut into pieces: values may overlap, or be one.
            let value = self.values[j * self.stride + first..].first_chunk::<N>();
            chain::<T, FMA, N>(&mut sums, *w, value.expect("a value is inside its operand"));
        }
        self.out[first..first + N].iter_mut().zip(sums).for_each(|(out, sum)| *out = *out + sum);
    }
}

/// One step of `N` chains: `sums += x · y`.
#[inline(always)]
fn chain<T: Value, const FMA: bool, const N: usize>(sums: &mut [T; N], x: T, y: &[T; N]) {
    for (sum, y) in sums.iter_mut().zip(y) {
        *sum = if FMA { x.fused(*y, *sum) } else { x * *y + *sum };
    }
}
