//! Gradients of unary ops in one pass.

use std::marker::PhantomData;

use gradus_core::UnaryOp;

use super::unary_ops::gelu_tanh_exponent;
use crate::isa::{Kernel, dispatch};
use crate::math::{Float, Real};
use crate::pool;
use crate::{Error, Result};

/// `dx[i] = g[i] · op'`, where `at` is what the derivative is worked out from: the op's input for
/// `Square`, `Reciprocal`, `Log`, `Sin`, `Cos`, `Gelu`, `GeluTanh`, `Silu` and `Softplus`; its output
/// for `Sqrt`, `Exp`, `Tanh`, `Sigmoid` and `Relu`.
///
/// The gradient of `Relu` is 0 at 0, and where it is 0 it is so whatever `g` is.
///
/// # Errors
/// [`Error::Unsupported`] for any other op.
///
/// # Panics
/// If the lengths differ.
///
/// # Examples
/// ```
/// use gradus_core::UnaryOp;
/// use gradus_cpu::elementwise::unary_grad;
/// let mut dx = [0.0f32; 2];
/// unary_grad(UnaryOp::Tanh, &[0.5, 0.0], &[1.0, 2.0], &mut dx)?; // 1 − y²
/// assert_eq!(dx, [0.75, 2.0]);
/// # Ok::<(), gradus_cpu::Error>(())
/// ```
pub fn unary_grad<T: Float>(op: UnaryOp, at: &[T], g: &[T], dx: &mut [T]) -> Result<()> {
    assert!(at.len() == dx.len() && g.len() == dx.len(), "unary_grad: lengths differ");
    macro_rules! pick {
        ($($name:ident)*) => {
            match op {
                $(UnaryOp::$name => run::<T, slopes::$name>(at, g, dx),)*
                _ => return Err(Error::Unsupported),
            }
        };
    }
    pick!(Square Reciprocal Log Sin Cos Gelu GeluTanh Silu Softplus Sqrt Exp Tanh Sigmoid Relu);
    Ok(())
}

fn run<T: Float, F: Slope>(at: &[T], g: &[T], dx: &mut [T]) {
    let cost = if size_of::<T>() == 8 { 4.0 * F::COST } else { F::COST };
    let chunk = pool::grain(dx.len(), cost);
    pool::for_slices(dx, chunk, |i, dx| {
        let part = i * chunk..i * chunk + dx.len();
        dispatch(Loop::<T, F> { at: &at[part.clone()], g: &g[part], dx, op: PhantomData });
    });
}

struct Loop<'a, T, F> {
    at: &'a [T],
    g: &'a [T],
    dx: &'a mut [T],
    op: PhantomData<F>,
}

impl<T: Float, F: Slope> Kernel for Loop<'_, T, F> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for ((dx, at), g) in self.dx.iter_mut().zip(self.at).zip(self.g) {
            *dx = T::narrow(F::call::<T::Wide, FMA>(at.widen(), g.widen()));
        }
        if let Some(far) = F::FAR {
            for ((dx, at), g) in self.dx.iter_mut().zip(self.at).zip(self.g) {
                let at = at.widen();
                if at.abs() > T::Wide::TRIG_LIMIT {
                    *dx = T::narrow(g.widen() * T::Wide::from_f64(far(at.to_f64())));
                }
            }
        }
    }
}

/// The gradient of one op as a type, so that its loop is compiled with the formula inlined.
trait Slope {
    /// Nanoseconds per f32 element, roughly, for the choice of threads.
    const COST: f64;
    /// `g` times the derivative.
    fn call<R: Real, const FMA: bool>(at: R, g: R) -> R;
    /// The derivative for arguments beyond [`Real::TRIG_LIMIT`], if it differs there.
    const FAR: Option<fn(f64) -> f64> = None;
}

/// Stamps one type per op: `Name cost |at, g| formula [, far]`.
macro_rules! slopes {
    ($($name:ident $cost:literal |$at:ident, $g:ident| $formula:expr $(, $far:expr)?;)*) => {
        mod slopes {
            $(pub(super) struct $name;)*
        }
        $(impl Slope for slopes::$name {
            const COST: f64 = $cost;
            #[inline(always)]
            fn call<R: Real, const FMA: bool>($at: R, $g: R) -> R {
                $formula
            }
            $(const FAR: Option<fn(f64) -> f64> = Some($far);)?
        })*
    };
}

slopes! {
    Square 0.15 |x, g| (x + x) * g;
    Reciprocal 0.3 |x, g| -(g / (x * x));
    Log 0.3 |x, g| g / x;
    Sin 1.0 |x, g| g * x.cos(), f64::cos;
    Cos 1.0 |x, g| -(g * x.sin()), |x| -x.sin();
    Gelu 0.9 |x, g| {
        let tail = x.abs().upper_tail::<FMA>();
        let cdf = if x > R::ZERO { R::ONE - tail } else { tail };
        let bell = (R::from_f64(-0.5) * x * x).exp_open::<FMA>();
        g * (cdf + x * (R::from_f64(0.398_942_280_401_432_7) * bell)) // 1/√(2π)
    };
    GeluTanh 0.5 |x, g| {
        let s = R::ONE / (R::ONE + gelu_tanh_exponent(x).exp_open::<FMA>());
        // The derivative of the exponent, 2 √(2/π) (1 + 3 · 0.044715 x²).
        let inner = R::from_f64(1.595_769_121_605_730_9)
            + R::from_f64(1.595_769_121_605_730_9 * 3.0 * 0.044_715) * (x * x);
        g * (s + x * s * (R::ONE - s) * inner)
    };
    Silu 0.4 |x, g| {
        let s = x.sigmoid::<FMA>();
        g * (s + x * s * (R::ONE - s))
    };
    Softplus 0.4 |x, g| g * x.sigmoid::<FMA>();
    Sqrt 0.3 |y, g| R::from_f64(0.5) * g / y;
    Exp 0.15 |y, g| g * y;
    Tanh 0.15 |y, g| g * (R::ONE - y * y);
    Sigmoid 0.15 |y, g| g * (y * (R::ONE - y));
    // A comparison with NaN is false: where y is NaN the gradient goes through.
    Relu 0.15 |y, g| if y <= R::ZERO { R::ZERO } else { g };
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::elementwise::unary;
    use crate::isa;

    const OPS: [UnaryOp; 14] = [
        UnaryOp::Square,
        UnaryOp::Reciprocal,
        UnaryOp::Log,
        UnaryOp::Sin,
        UnaryOp::Cos,
        UnaryOp::Gelu,
        UnaryOp::GeluTanh,
        UnaryOp::Silu,
        UnaryOp::Softplus,
        UnaryOp::Sqrt,
        UnaryOp::Exp,
        UnaryOp::Tanh,
        UnaryOp::Sigmoid,
        UnaryOp::Relu,
    ];

    fn apply(op: UnaryOp, x: f64) -> f64 {
        let mut y = [0.0];
        unary(op, &[x], &mut y);
        y[0]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn gradients_are_differences(x in 0.01f64..6.0, sign: bool, g in -3.0f64..3.0, n in 1usize..40) {
            for op in OPS {
                let positive = matches!(op, UnaryOp::Log | UnaryOp::Sqrt);
                let x = if sign && !positive { -x } else { x };
                let h = 1e-5 * x.abs();
                let slope = (apply(op, x + h) - apply(op, x - h)) / (2.0 * h);
                let uses_output = matches!(
                    op, UnaryOp::Sqrt | UnaryOp::Exp | UnaryOp::Tanh | UnaryOp::Sigmoid | UnaryOp::Relu
                );
                let at = if uses_output { apply(op, x) } else { x };
                for &level in isa::available() {
                    isa::with_level(level, || {
                        let mut dx = vec![0.0; n];
                        unary_grad(op, &vec![at; n], &vec![g; n], &mut dx).unwrap();
                        let mut narrow = vec![0.0f32; n];
                        unary_grad(op, &vec![at as f32; n], &vec![g as f32; n], &mut narrow).unwrap();
                        for (wide, narrow) in dx.iter().zip(&narrow) {
                            let size = 1.0 + (slope * g).abs();
                            assert!((wide - slope * g).abs() < 1e-6 * size, "{op:?} at {x}: {wide}, not {}", slope * g);
                            assert!((f64::from(*narrow) - wide).abs() < 1e-5 * size, "{op:?} at {x}");
                        }
                    });
                }
            }
        }
    }

    #[test]
    fn edges() {
        let of = |op, at: f32, g: f32| {
            let mut dx = [0.0];
            unary_grad(op, &[at], &[g], &mut dx).unwrap();
            dx[0]
        };
        assert_eq!(of(UnaryOp::Relu, 0.0, f32::NAN), 0.0);
        assert_eq!(of(UnaryOp::Relu, 1.0, f32::INFINITY), f32::INFINITY);
        assert!((of(UnaryOp::Sin, 1e8, 2.0) - 2.0 * 1e8f32.cos()).abs() < 1e-6);
        assert_eq!(of(UnaryOp::Silu, -200.0, 1.0), 0.0);
        assert_eq!((of(UnaryOp::Gelu, 50.0, 1.0), of(UnaryOp::GeluTanh, 50.0, 1.0)), (1.0, 1.0));
        assert!(OPS.into_iter().all(|op| of(op, 1.0, f32::NAN).is_nan()));
        assert_eq!(
            unary_grad(UnaryOp::Floor, &[1.0f32], &[1.0], &mut [0.0]),
            Err(Error::Unsupported)
        );
    }
}
