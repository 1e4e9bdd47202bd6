//! Conversions between element types.

use half::bf16;

use crate::isa::{Kernel, dispatch};
use crate::math::Float;
use crate::pool;

/// A conversion of one element.
///
/// To a float: the nearest value. Float to integer: toward zero, saturating, NaN to 0. `i64` to
/// `u8`: the low byte. To `bool`: whether it is not zero (NaN is not). From `bool`: 0 or 1.
pub trait CastTo<B>: Copy + Send + Sync {
    /// The converted value.
    fn cast_to(self) -> B;
}

macro_rules! casts {
    ($($a:ty => $b:ty: |$x:ident| $e:expr;)*) => {$(
        impl CastTo<$b> for $a {
            #[inline(always)]
            fn cast_to(self) -> $b {
                let $x = self;
                $e
            }
        }
    )*};
}

casts! {
    f32 => f32: |x| x;
    f32 => f64: |x| x.into();
    f32 => bf16: |x| <bf16 as Float>::narrow(x);
    f32 => i64: |x| x as i64;
    f32 => u8: |x| x as u8;
    f32 => bool: |x| x != 0.0;
    f64 => f32: |x| x as f32;
    f64 => f64: |x| x;
    f64 => bf16: |x| narrow(x);
    f64 => i64: |x| x as i64;
    f64 => u8: |x| x as u8;
    f64 => bool: |x| x != 0.0;
    bf16 => f32: |x| x.widen();
    bf16 => f64: |x| x.widen().into();
    bf16 => bf16: |x| x;
    bf16 => i64: |x| x.widen() as i64;
    bf16 => u8: |x| x.widen() as u8;
    bf16 => bool: |x| x.widen() != 0.0;
    i64 => f32: |x| x as f32;
    i64 => f64: |x| x as f64;
    i64 => bf16: |x| from_integer(x);
    i64 => i64: |x| x;
    i64 => u8: |x| x as u8;
    i64 => bool: |x| x != 0;
    u8 => f32: |x| x.into();
    u8 => f64: |x| x.into();
    u8 => bf16: |x| <bf16 as Float>::narrow(x.into());
    u8 => i64: |x| x.into();
    u8 => u8: |x| x;
    u8 => bool: |x| x != 0;
    bool => f32: |x| u8::from(x).into();
    bool => f64: |x| u8::from(x).into();
    bool => bf16: |x| if x { bf16::ONE } else { bf16::ZERO };
    bool => i64: |x| x.into();
    bool => u8: |x| x.into();
    bool => bool: |x| x;
}

/// The nearest bf16. Going through the nearest f32 would round twice, so the f32 is taken toward
/// zero with its last bit set if anything was lost: the second rounding then sees no false tie.
#[inline(always)]
fn narrow(x: f64) -> bf16 {
    let near = x as f32;
    let back = f64::from(near);
    let bits = near.to_bits();
    let odd = if back.abs() > x.abs() { bits.wrapping_sub(1) } else { bits } | 1;
    let exact = back.to_bits() == x.to_bits() || x.is_nan();
    <bf16 as Float>::narrow(if exact { near } else { f32::from_bits(odd) })
}

/// The nearest bf16, with the same trick for the step to f64.
fn from_integer(x: i64) -> bf16 {
    let magnitude = x.unsigned_abs();
    let big = magnitude > 1 << 53;
    let head = if big { magnitude & !0x7ff } else { magnitude } as f64;
    let lost = big && magnitude & 0x7ff != 0;
    let odd = f64::from_bits(head.to_bits() | u64::from(lost));
    narrow(if x < 0 { -odd } else { odd })
}

/// `out[i] = x[i]` in another type; see [`CastTo`].
///
/// # Panics
/// If the lengths differ.
///
/// # Examples
/// ```
/// let mut out = [0u8; 3];
/// gradus_cpu::elementwise::cast(&[1.9f32, -3.0, f32::NAN], &mut out);
/// assert_eq!(out, [1, 0, 0]);
/// ```
pub fn cast<A: CastTo<B>, B: Send>(x: &[A], out: &mut [B]) {
    assert_eq!(x.len(), out.len(), "cast: lengths differ");
    let chunk = pool::grain(x.len(), 0.3);
    pool::for_slices(out, chunk, |i, out| {
        let start = i * chunk;
        dispatch(Cast { x: &x[start..start + out.len()], out });
    });
}

struct Cast<'a, A, B> {
    x: &'a [A],
    out: &'a mut [B],
}

impl<A: CastTo<B>, B> Kernel for Cast<'_, A, B> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (o, x) in self.out.iter_mut().zip(self.x) {
            *o = x.cast_to();
        }
    }
}
