//! Functions of the standard library, element by element: computed in `f64`, rounded once.

use gradus_cpu::elementwise as kernel;
use gradus_cpu::math::{Float, Real};
use gradus_cpu::memory::take;

use crate::dtypes::float;
use crate::{Result, Tensor};

/// What a call costs, in nanoseconds, for the choice of threads.
const COST: f64 = 10.0;

/// `f` of every element.
///
/// # Errors
/// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
pub(crate) fn each(op: &'static str, x: &Tensor, f: impl Fn(f64) -> f64 + Sync) -> Result<Tensor> {
    Ok(float!(op, x.dtype(), T => {
        let mut out = take(x.len());
        kernel::map::<T>(&x.elements(), &mut out, COST, |x| {
            <<T as Float>::Wide as Real>::from_f64(f(x.to_f64()))
        });
        Tensor::from_data(out, x.shape())
    }))
}

/// Stamps one method per function.
macro_rules! functions {
    ($($method:ident $function:expr, $what:literal,)*) => {
        impl Tensor {
            $(
                #[doc = concat!($what, ", element by element.")]
                ///
                /// # Errors
                /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
                pub fn $method(&self) -> Result<Self> {
                    each(stringify!($method), self, $function)
                }
            )*
        }

        /// Every function here, and what it is.
        #[cfg(test)]
        type Row = (fn(&Tensor) -> Result<Tensor>, fn(f64) -> f64);
        #[cfg(test)]
        const ALL: &[Row] = &[$((Tensor::$method, $function)),*];
    };
}

functions! {
    exp2 f64::exp2, "2ˣ",
    log2 f64::log2, "The logarithm to base 2",
    log10 f64::log10, "The logarithm to base 10",
    asin f64::asin, "The angle in −π/2..=π/2 whose sine is x; NaN outside −1..=1",
    acos f64::acos, "The angle in 0..=π whose cosine is x; NaN outside −1..=1",
    atan f64::atan, "The angle in −π/2..=π/2 whose tangent is x",
    sinh f64::sinh, "The hyperbolic sine (eˣ − e⁻ˣ)/2",
    cosh f64::cosh, "The hyperbolic cosine (eˣ + e⁻ˣ)/2",
    asinh f64::asinh, "The inverse of sinh",
    acosh f64::acosh, "The inverse of cosh that is not negative; NaN below 1",
    atanh f64::atanh, "The inverse of tanh; NaN outside −1..=1",
    trunc f64::trunc, "x without its fraction",
    frac f64::fract, "The fraction of x, which has its sign",
    erfc erfc, "1 − erf(x), exact also where it is small",
}

/// 1 − erf(x).
fn erfc(x: f64) -> f64 {
    /// Beyond this, the continued fraction converges in few steps.
    const FAR: f64 = 4.0;
    if x < 0.5 {
        return 1.0 - gradus_cpu::math::erf64(x);
    }
    if x < FAR {
        return 2.0 * (x * std::f64::consts::SQRT_2).upper_tail::<false>();
    }
    if x.is_nan() {
        return x;
    }
    // e^(−x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …
    let tail = (1..40).rev().fold(x, |tail, k| x + 0.5 * f64::from(k) / tail);
    (-x * x).exp() * 0.5 * std::f64::consts::FRAC_2_SQRT_PI / tail
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::DType;
    use crate::testing::{assert_close, cases, read, recipes};

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn values_follow_the_definitions_in_any_layout(recipe in recipes(3)) {
            for dtype in [DType::F32, DType::F64, DType::BF16] {
                let x = recipe.make(dtype);
                for (f, definition) in ALL {
                    let expected: Vec<f64> = read(&x).into_iter().map(definition).collect();
                    assert_close(&f(&x).unwrap(), x.dims(), &expected);
                }
            }
        }
    }

    #[test]
    fn erfc_keeps_its_digits_where_it_is_small() {
        // By SciPy 1.16.
        let known = [
            (-2.0, 1.9953222650189528),
            (0.0, 1.0),
            (0.3, 0.6713732405408726),
            (0.75, 0.28884436634648486),
            (2.0, 0.004677734981047266),
            (3.9, 3.479224859723177e-08),
            (4.1, 6.7000276540848984e-09),
            (10.0, 2.088487583762545e-45),
            (26.0, 5.663192408856143e-296),
            (f64::INFINITY, 0.0),
            (f64::NEG_INFINITY, 2.0),
        ];
        for (x, expected) in known {
            let got = erfc(x);
            assert!((got - expected).abs() <= 1e-13 * expected, "{x}: {got}, expected {expected}");
        }
        assert!(erfc(f64::NAN).is_nan());
    }

    #[test]
    fn nan_stays_nan_and_integers_are_refused() {
        for (f, _) in ALL {
            assert!(f(&Tensor::from([f64::NAN])).unwrap().item().unwrap().is_nan());
            assert!(f(&Tensor::new([1])).is_err());
        }
    }
}
