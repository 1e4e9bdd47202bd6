//! The float types of the kernels.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

use bytemuck::Pod;
use half::bf16;

use super::{erf, exp, exp64, log, log64, normal, pow, trig, trig64};

/// A type in which kernels compute: `f32` or `f64`.
///
/// `FMA` says that the surrounding code may fuse multiply-adds in hardware. It is a constant of
/// the level at which a loop was compiled, so the bits depend on the level and on nothing else.
pub trait Real:
    Pod
    + Send
    + Sync
    + Debug
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Rem<Output = Self>
    + Neg<Output = Self>
    + private::Sealed
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// Not a number.
    const NAN: Self;
    /// ∞.
    const INFINITY: Self;
    /// Beyond this magnitude `sin`, `cos` and `tan` need their slow form.
    const TRIG_LIMIT: Self;
    /// The nearest value.
    fn from_f64(x: f64) -> Self;
    /// The value, exactly.
    fn to_f64(self) -> f64;
    /// Whether this is not a number.
    fn is_nan(self) -> bool;
    /// |x|.
    fn abs(self) -> Self;
    /// The magnitude of `self` with the sign of `sign`.
    fn copysign(self, sign: Self) -> Self;
    /// `self * b + c`, rounded once: slow where the level does not fuse.
    fn mul_add(self, b: Self, c: Self) -> Self;
    /// √x, correctly rounded.
    fn sqrt(self) -> Self;
    /// Largest integer not above x.
    fn floor(self) -> Self;
    /// Smallest integer not below x.
    fn ceil(self) -> Self;
    /// Nearest integer, halves to even.
    fn round_even(self) -> Self;
    /// x^y as in C's `pow`.
    fn pow<const FMA: bool>(self, y: Self) -> Self;
    /// The angle of the point (`x`, `self`).
    fn atan2(self, x: Self) -> Self;
    /// e^x.
    fn exp<const FMA: bool>(self) -> Self;
    /// e^x for arguments that are never positive, and for quotients 1 / (1 + e^x): where e^x nears
    /// the end of the range, it may already be ∞ or 0.
    fn exp_open<const FMA: bool>(self) -> Self;
    /// e^x − 1.
    fn expm1<const FMA: bool>(self) -> Self;
    /// ln x.
    fn log<const FMA: bool>(self) -> Self;
    /// ln(1 + x).
    fn log1p<const FMA: bool>(self) -> Self;
    /// sin x for |x| up to [`TRIG_LIMIT`](Self::TRIG_LIMIT).
    fn sin(self) -> Self;
    /// cos x for |x| up to [`TRIG_LIMIT`](Self::TRIG_LIMIT).
    fn cos(self) -> Self;
    /// tan x for |x| up to [`TRIG_LIMIT`](Self::TRIG_LIMIT).
    fn tan(self) -> Self;
    /// tanh x.
    fn tanh<const FMA: bool>(self) -> Self;
    /// 1 / (1 + e^−x).
    fn sigmoid<const FMA: bool>(self) -> Self;
    /// The error function.
    fn erf<const FMA: bool>(self) -> Self;
    /// Φ(−x) for x ≥ 0, with Φ the normal distribution function; 0 where 1 − Φ(−x) rounds to 1.
    fn upper_tail<const FMA: bool>(self) -> Self;
    /// x Φ(−x) for x ≥ 0; 0 for ∞.
    fn tail_moment<const FMA: bool>(self) -> Self;
}

/// A float element type: what is stored, and the [`Real`] it is computed in.
///
/// `bf16` is computed in `f32` and rounded once per kernel, to nearest even.
pub trait Float: Pod + Send + Sync + Debug + PartialOrd + private::Sealed {
    /// The type of the arithmetic.
    type Wide: Real;
    /// The value, exactly.
    fn widen(self) -> Self::Wide;
    /// The nearest value.
    fn narrow(x: Self::Wide) -> Self;
}

mod private {
    /// The set of float types is closed: each has kernels.
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
    impl Sealed for half::bf16 {}
}

/// Methods that the standard library has under the same name for both types.
macro_rules! std_methods {
    ($t:ty) => {
        const ZERO: Self = 0.0;
        const ONE: Self = 1.0;
        const NAN: Self = <$t>::NAN;
        const INFINITY: Self = <$t>::INFINITY;
        #[inline(always)]
        fn from_f64(x: f64) -> Self {
            x as $t
        }
        #[inline(always)]
        fn to_f64(self) -> f64 {
            self.into()
        }
        #[inline(always)]
        fn is_nan(self) -> bool {
            self.is_nan()
        }
        #[inline(always)]
        fn abs(self) -> Self {
            self.abs()
        }
        #[inline(always)]
        fn copysign(self, sign: Self) -> Self {
            self.copysign(sign)
        }
        #[inline(always)]
        fn mul_add(self, b: Self, c: Self) -> Self {
            self.mul_add(b, c)
        }
        #[inline(always)]
        fn sqrt(self) -> Self {
            self.sqrt()
        }
        #[inline(always)]
        fn floor(self) -> Self {
            self.floor()
        }
        #[inline(always)]
        fn ceil(self) -> Self {
            self.ceil()
        }
        #[inline(always)]
        fn round_even(self) -> Self {
            self.round_ties_even()
        }
        #[inline(always)]
        fn atan2(self, x: Self) -> Self {
            self.atan2(x)
        }
    };
}

/// Methods that forward to a function of this module, with or without the level.
macro_rules! forward {
    ($($name:ident: $function:expr;)*) => {$(
        #[inline(always)]
        fn $name<const FMA: bool>(self) -> Self {
            $function(self)
        }
    )*};
}

impl Real for f32 {
    const TRIG_LIMIT: Self = trig::LIMIT;
    std_methods!(f32);
    #[inline(always)]
    fn sin(self) -> Self {
        trig::sin(self)
    }
    #[inline(always)]
    fn cos(self) -> Self {
        trig::cos(self)
    }
    #[inline(always)]
    fn tan(self) -> Self {
        trig::tan(self)
    }
    #[inline(always)]
    fn pow<const FMA: bool>(self, y: Self) -> Self {
        pow::pow::<FMA>(self, y)
    }
    forward! {
        exp: exp::exp::<FMA>;
        exp_open: exp::exp_open::<FMA>;
        expm1: exp::expm1::<FMA>;
        log: log::log::<FMA>;
        log1p: log::log1p::<FMA>;
        tanh: exp::tanh::<FMA>;
        sigmoid: exp::sigmoid::<FMA>;
        erf: erf::erf::<FMA>;
        upper_tail: normal::upper_tail::<FMA>;
        tail_moment: normal::tail_moment::<FMA>;
    }
}

impl Real for f64 {
    const TRIG_LIMIT: Self = trig64::LIMIT;
    std_methods!(f64);
    #[inline(always)]
    fn sin(self) -> Self {
        trig64::sin(self)
    }
    #[inline(always)]
    fn cos(self) -> Self {
        trig64::cos(self)
    }
    #[inline(always)]
    fn tan(self) -> Self {
        trig64::tan(self)
    }
    #[inline(always)]
    fn pow<const FMA: bool>(self, y: Self) -> Self {
        self.powf(y)
    }
    forward! {
        exp: exp64::exp::<FMA>;
        exp_open: exp64::exp::<FMA>;
        expm1: exp64::expm1::<FMA>;
        log: log64::log::<FMA>;
        log1p: log64::log1p::<FMA>;
        tanh: exp64::tanh::<FMA>;
        sigmoid: exp64::sigmoid::<FMA>;
        erf: normal::erf::<FMA>;
        upper_tail: normal::upper_tail64::<FMA>;
        tail_moment: normal::tail_moment64::<FMA>;
    }
}

impl Float for f32 {
    type Wide = Self;
    #[inline(always)]
    fn widen(self) -> Self {
        self
    }
    #[inline(always)]
    fn narrow(x: Self) -> Self {
        x
    }
}

impl Float for f64 {
    type Wide = Self;
    #[inline(always)]
    fn widen(self) -> Self {
        self
    }
    #[inline(always)]
    fn narrow(x: Self) -> Self {
        x
    }
}

impl Float for bf16 {
    type Wide = f32;
    #[inline(always)]
    fn widen(self) -> f32 {
        f32::from_bits(u32::from(self.to_bits()) << 16)
    }
    #[inline(always)]
    fn narrow(x: f32) -> Self {
        // As `bf16::from_f32`, without its branch.
        let bits = x.to_bits();
        let rounded = (bits.wrapping_add(0x7fff + ((bits >> 16) & 1)) >> 16) as u16;
        let quiet = (bits >> 16) as u16 | 0x40;
        Self::from_bits(if x.is_nan() { quiet } else { rounded })
    }
}
