//! The error function.

use super::exp::exp;
use super::horner::{madd, poly};

/// erf x = 2/√π ∫₀ˣ e^(−t²) dt, relative error below 2e-7; ±∞ gives ±1, −0 stays −0.
///
/// # Reference
/// The two minimax polynomials are Norbert Juffa's, published for a single-precision `erff`.
#[inline(always)]
pub(super) fn erf<const FMA: bool>(x: f32) -> f32 {
    let t = x.abs();
    let s = x * x;
    // |x| beyond about 0.93: 1 − e^(polynomial).
    let u = if t > 4.0 { 4.0 } else { t };
    let p = poly::<FMA, f32, 6>(
        u,
        [
            -1.728_534_7e-5,
            3.831_972e-4,
            -3.883_963_8e-3,
            2.425_462_2e-2,
            -1.067_778_8e-1,
            -6.348_467e-1,
        ],
    );
    let p = madd::<FMA, _>(p, u, -1.287_175_1e-1);
    let far = 1.0 - exp::<FMA>(madd::<FMA, _>(p, u, -u));
    // Below: x + x · polynomial in x².
    let q = poly::<FMA, f32, 6>(
        s,
        [
            -5.967_617e-4,
            4.991_194_2e-3,
            -2.676_813_5e-2,
            1.128_199_25e-1,
            -3.761_253_4e-1,
            1.283_791_7e-1,
        ],
    );
    let near = madd::<FMA, _>(q, x, x);
    let y = if t > 0.927_734_4 { far.copysign(x) } else { near };
    if x.is_nan() { x } else { y }
}

/// erf x in double precision, relative error below 1e-15 (one unit in the last place): a second
/// algorithm, with branches, to compare the vectorised one with.
///
/// ±∞ gives ±1, NaN stays NaN, −0 stays −0.
///
/// # Reference
/// `s_erf.c` of fdlibm (Sun Microsystems 1993): rational approximations on four intervals.
///
/// # Examples
/// ```
/// let half = gradus_cpu::math::erf64(0.476_936_276_204_469_9);
/// assert!((half - 0.5).abs() < 1e-15);
/// ```
pub fn erf64(x: f64) -> f64 {
    let a = x.abs();
    if a < 0.84375 {
        let z = x * x;
        return x + x * (horner(z, &NEAR_P) / horner(z, &NEAR_Q));
    }
    if a >= 6.0 {
        return 1.0f64.copysign(x);
    }
    if x.is_nan() {
        return x;
    }
    if a < 1.25 {
        let s = a - 1.0;
        return (ONE + horner(s, &ONE_P) / horner(s, &ONE_Q)).copysign(x);
    }
    let s = 1.0 / (x * x);
    let ratio = if a < 1.0 / 0.35 {
        horner(s, &MID_R) / horner(s, &MID_S)
    } else {
        horner(s, &FAR_R) / horner(s, &FAR_S)
    };
    // −x² = −z² + (z − a)(z + a), with z the upper half of a, so that z² is exact.
    let z = f64::from_bits(a.to_bits() & 0xffff_ffff_0000_0000);
    let erfc = (-z * z - 0.5625).exp() * ((z - a) * (z + a) + ratio).exp() / a;
    (1.0 - erfc).copysign(x)
}

fn horner(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().fold(0.0, |p, c| p * x + c)
}

/// erf 1 rounded to 24 bits.
const ONE: f64 = 0.845_062_911_510_467_5;
const NEAR_P: [f64; 5] = [
    -2.376_301_665_665_016_3e-5,
    -0.005_770_270_296_489_442,
    -0.028_481_749_575_598_51,
    -0.325_042_107_247_001_5,
    0.128_379_167_095_512_56,
];
const NEAR_Q: [f64; 6] = [
    -3.960_228_278_775_368e-6,
    0.000_132_494_738_004_321_64,
    0.005_081_306_281_875_766,
    0.065_022_249_988_767_3,
    0.397_917_223_959_155_35,
    1.0,
];
const ONE_P: [f64; 7] = [
    -0.002_166_375_594_868_791,
    0.035_478_304_325_618_236,
    -0.110_894_694_282_396_68,
    0.318_346_619_901_161_75,
    -0.372_207_876_035_701_3,
    0.414_856_118_683_748_33,
    -0.002_362_118_560_752_659_4,
];
const ONE_Q: [f64; 7] = [
    0.011_984_499_846_799_107,
    0.013_637_083_912_029_05,
    0.126_171_219_808_761_64,
    0.071_828_654_414_196_27,
    0.540_397_917_702_171,
    0.106_420_880_400_844_23,
    1.0,
];
const MID_R: [f64; 8] = [
    -9.814_329_344_169_145,
    -81.287_435_506_306_6,
    -184.605_092_906_711_04,
    -162.396_669_462_573_47,
    -62.375_332_450_326_006,
    -10.558_626_225_323_291,
    -0.693_858_572_707_181_8,
    -0.009_864_944_034_847_148,
];
const MID_S: [f64; 9] = [
    -0.060_424_415_214_858_1,
    6.570_249_770_319_282,
    108.635_005_541_779_44,
    429.008_140_027_567_83,
    645.387_271_733_267_9,
    434.565_877_475_229_23,
    137.657_754_143_519_04,
    19.651_271_667_439_257,
    1.0,
];
const FAR_R: [f64; 7] = [
    -483.519_191_608_651_4,
    -1_025.095_131_611_077_2,
    -637.566_443_368_389_6,
    -160.636_384_855_821_92,
    -17.757_954_917_754_752,
    -0.799_283_237_680_523,
    -0.009_864_942_924_700_1,
];
const FAR_S: [f64; 8] = [
    -22.440_952_446_585_82,
    474.528_541_206_955_37,
    2_553.050_406_433_164_4,
    3_199.858_219_508_595_5,
    1_536.729_586_084_437,
    325.792_512_996_573_9,
    30.338_060_743_482_46,
    1.0,
];
