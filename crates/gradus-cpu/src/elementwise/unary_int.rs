//! Unary ops on integer slices.

use bytemuck::Pod;
use gradus_core::UnaryOp;

use crate::pool;
use crate::{Error, Result};

/// An integer element type: `i64` or `u8`. Arithmetic wraps around.
pub trait Integer: Pod + Send + Sync + Ord + private::Sealed {
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// a + b, wrapping.
    fn add(self, b: Self) -> Self;
    /// a − b, wrapping.
    fn sub(self, b: Self) -> Self;
    /// a · b, wrapping.
    fn mul(self, b: Self) -> Self;
    /// a / b rounded toward zero, wrapping; 0 if b is 0.
    fn div(self, b: Self) -> Self;
    /// a − b·⌊a/b⌋, which has the sign of b; 0 if b is 0.
    fn remainder(self, b: Self) -> Self;
    /// a^b, wrapping; 0 if b is negative.
    fn pow(self, b: Self) -> Self;
}

mod private {
    /// The set of integer types is closed.
    pub trait Sealed {}
    impl Sealed for i64 {}
    impl Sealed for u8 {}
}

macro_rules! integer {
    ($t:ty, $remainder:expr, $exponent:expr) => {
        impl Integer for $t {
            const ZERO: Self = 0;
            const ONE: Self = 1;
            #[inline(always)]
            fn add(self, b: Self) -> Self {
                self.wrapping_add(b)
            }
            #[inline(always)]
            fn sub(self, b: Self) -> Self {
                self.wrapping_sub(b)
            }
            #[inline(always)]
            fn mul(self, b: Self) -> Self {
                self.wrapping_mul(b)
            }
            #[inline(always)]
            fn div(self, b: Self) -> Self {
                if b == 0 { 0 } else { self.wrapping_div(b) }
            }
            #[inline(always)]
            fn remainder(self, b: Self) -> Self {
                if b == 0 { 0 } else { $remainder(self, b) }
            }
            #[inline(always)]
            fn pow(self, b: Self) -> Self {
                $exponent(b).map_or(0, |mut e: u64| {
                    let (mut base, mut power): (Self, Self) = (self, 1);
                    while e > 0 {
                        if e & 1 == 1 {
                            power = power.wrapping_mul(base);
                        }
                        base = base.wrapping_mul(base);
                        e >>= 1;
                    }
                    power
                })
            }
        }
    };
}
integer!(
    i64,
    |a: i64, b: i64| {
        let r = a.wrapping_rem(b);
        if r != 0 && (r < 0) != (b < 0) { r + b } else { r }
    },
    |b: i64| u64::try_from(b).ok()
);
integer!(u8, |a: u8, b: u8| a % b, |b: u8| Some(u64::from(b)));

/// `out[i] = op(x[i])` on integers, for `Neg`, `Abs`, `Sign`, `Square`, `Relu`, `Floor`, `Ceil` and
/// `Round`. Arithmetic wraps around, so −(−2⁶³) is −2⁶³ and −1 as `u8` is 255.
///
/// # Errors
/// [`Error::Unsupported`] for any other op: cast to a float first.
///
/// # Panics
/// If the lengths differ.
pub fn unary_int<T: Integer>(op: UnaryOp, x: &[T], out: &mut [T]) -> Result<()> {
    assert_eq!(x.len(), out.len(), "unary_int: lengths differ");
    let sign = |x: T| {
        if x > T::ZERO {
            T::ONE
        } else if x < T::ZERO {
            T::ZERO.sub(T::ONE)
        } else {
            T::ZERO
        }
    };
    match op {
        UnaryOp::Neg => run(x, out, |x| T::ZERO.sub(x)),
        UnaryOp::Abs => run(x, out, |x| if x < T::ZERO { T::ZERO.sub(x) } else { x }),
        UnaryOp::Sign => run(x, out, sign),
        UnaryOp::Square => run(x, out, |x| x.mul(x)),
        UnaryOp::Relu => run(x, out, |x| x.max(T::ZERO)),
        UnaryOp::Floor | UnaryOp::Ceil | UnaryOp::Round => run(x, out, |x| x),
        _ => return Err(Error::Unsupported),
    }
    Ok(())
}

fn run<T: Integer>(x: &[T], out: &mut [T], f: impl Fn(T) -> T + Sync) {
    let chunk = pool::grain(x.len(), 0.5);
    pool::for_slices(out, chunk, |i, out| {
        for (o, x) in out.iter_mut().zip(&x[i * chunk..]) {
            *o = f(*x);
        }
    });
}
