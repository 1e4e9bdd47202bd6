//! The normal distribution: its quantiles and its distribution function.

use gradus_tensor::Tensor;

use crate::Result;

/// Coefficients of a rational approximation, highest power first: numerator, denominator.
type Rational = [[f64; 8]; 2];

/// For |p − ½| ≤ 0.425, in 0.180625 − (p − ½)².
const CENTRAL: Rational = [
    [
        2509.0809287301227,
        33430.57558358813,
        67265.7709270087,
        45921.95393154987,
        13731.69376550946,
        1971.5909503065513,
        133.14166789178438,
        3.3871328727963665,
    ],
    [
        5226.495278852854,
        28729.085735721943,
        39307.89580009271,
        21213.794301586597,
        5394.196021424751,
        687.1870074920579,
        42.31333070160091,
        1.0,
    ],
];
/// For √(−ln p) ≤ 5, in √(−ln p) − 1.6.
const NEAR: Rational = [
    [
        0.0007745450142783414,
        0.022723844989269184,
        0.2417807251774506,
        1.2704582524523684,
        3.6478483247632045,
        5.769497221460691,
        4.630337846156546,
        1.4234371107496835,
    ],
    [
        1.0507500716444169e-09,
        0.0005475938084995345,
        0.015198666563616457,
        0.14810397642748008,
        0.6897673349851,
        1.6763848301838038,
        2.053191626637759,
        1.0,
    ],
];
/// Further out, in √(−ln p) − 5.
const FAR: Rational = [
    [
        2.0103343992922881e-07,
        2.7115555687434876e-05,
        0.0012426609473880784,
        0.026532189526576124,
        0.29656057182850487,
        1.7848265399172913,
        5.463784911164114,
        6.657904643501103,
    ],
    [
        2.0442631033899397e-15,
        1.421511758316446e-07,
        1.8463183175100548e-05,
        0.0007868691311456133,
        0.014875361290850615,
        0.1369298809227358,
        0.599832206555888,
        1.0,
    ],
];

fn rational([num, den]: &Rational, r: f64) -> f64 {
    let polynomial = |c: &[f64; 8]| c.iter().fold(0.0, |sum, c| sum * r + c);
    polynomial(num) / polynomial(den)
}

/// Where the standard normal distribution function is `p`; −∞ at 0, ∞ at 1, NaN outside 0..=1.
///
/// The relative error is about 1e-16.
///
/// # Reference
/// Wichura 1988, "Algorithm AS 241: The percentage points of the normal distribution".
pub(super) fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        return q * rational(&CENTRAL, 0.180625 - q * q);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail == 0.0 {
        return f64::INFINITY.copysign(q);
    }
    let r = (-tail.ln()).sqrt();
    let x = if r <= 5.0 { rational(&NEAR, r - 1.6) } else { rational(&FAR, r - 5.0) };
    x.copysign(q)
}

/// The standard normal distribution function of each value.
pub(super) fn normal_cdf(values: &[f64]) -> Result<Vec<f64>> {
    let scaled: Vec<f64> = values.iter().map(|v| v * std::f64::consts::FRAC_1_SQRT_2).collect();
    let erf: Vec<f64> = Tensor::from(scaled).erf()?.to_vec()?;
    Ok(erf.into_iter().map(|e| 0.5 * (1.0 + e)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        // SciPy's norm.ppf.
        for (p, x) in [
            (0.5, 0.0),
            (0.75, 0.674_489_750_196_081_7),
            (0.975, 1.959_963_984_540_054),
            (1e-7, -5.199_337_582_192_816_5),
            (1e-300, -37.047_096_299_361_2),
        ] {
            let got = normal_quantile(p);
            assert!((got - x).abs() <= 1e-14 * x.abs(), "{p}: got {got}, expected {x}");
        }
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert!(normal_quantile(1.5).is_nan() && normal_quantile(f64::NAN).is_nan());
    }

    #[test]
    fn the_distribution_function_undoes_the_quantile() {
        let p: Vec<f64> = (1..200).map(|i| f64::from(i) / 200.0).collect();
        let x: Vec<f64> = p.iter().map(|&p| normal_quantile(p)).collect();
        for (p, back) in p.iter().zip(normal_cdf(&x).unwrap()) {
            assert!((p - back).abs() < 1e-14, "{p}, {back}");
        }
    }
}
