//! The normal distribution function and the error function, in pieces that lose no digits.

use super::exp::exp_inside;
use super::exp64::exp;
use super::horner::{madd, poly};

/// Beyond this, Φ(−a) is below half a unit in the last place of 1.
const END: f32 = 5.625;

/// Φ(−a) for a ≥ 0 and not beyond 5.6, after which it is 0: relative error below
/// 2.5e-7 · (1 + a²), a few times what a rounding of `a` makes of it.
#[inline(always)]
pub(super) fn upper_tail<const FMA: bool>(a: f32) -> f32 {
    let h = clamped_tail::<FMA>(if a > END { END } else { a });
    if a > END { 0.0 } else { h }
}

/// a Φ(−a) as [`upper_tail`] has it; 0 for ∞.
#[inline(always)]
pub(super) fn tail_moment<const FMA: bool>(a: f32) -> f32 {
    let u = if a > END { END } else { a };
    let h = u * clamped_tail::<FMA>(u);
    if a > END { 0.0 } else { h }
}

/// Φ(−u) for u up to [`END`]: e to a polynomial, fitted to ln Φ(−u) for this use.
#[inline(always)]
fn clamped_tail<const FMA: bool>(u: f32) -> f32 {
    let q = poly::<FMA, f32, 11>(
        u,
        [
            -1.643_650_4e-8,
            5.004_831_7e-7,
            -6.546_671e-6,
            4.664_387_6e-5,
            -1.713_846e-4,
            -4.751_155_6e-5,
            4.873_942e-3,
            -3.638_932_5e-2,
            -3.182_945_8e-1,
            -7.978_862e-1,
            -std::f32::consts::LN_2,
        ],
    );
    exp_inside::<FMA>(q)
}

/// Beyond this, erfc is below half a unit in the last place of 1.
const ERF_END: f64 = 6.0;
const NEAR: f64 = 1.1;

/// erf x for |x| below [`NEAR`].
#[inline(always)]
fn erf_near<const FMA: bool>(x: f64) -> f64 {
    let p = poly::<FMA, f64, 14>(
        x * x,
        [
            -3.826_809_554_002_02e-12,
            8.428_965_044_150_988e-11,
            -1.207_855_648_507_483_1e-9,
            1.477_700_071_987_521_7e-8,
            -1.636_286_113_273_911e-7,
            1.646_190_626_890_317_5e-6,
            -1.492_564_009_711_550_1e-5,
            0.000_120_553_326_283_464_38,
            -0.000_854_832_701_517_386_6,
            0.005_223_977_625_316_46,
            -0.026_866_170_645_119_8,
            0.112_837_916_709_550_7,
            -0.376_126_389_031_837_54,
            0.128_379_167_095_512_6,
        ],
    );
    madd::<FMA, _>(x, p, x)
}

/// erfc a for a from [`NEAR`] on, 0 beyond [`ERF_END`]: e to a polynomial.
#[inline(always)]
fn erfc_far<const FMA: bool>(a: f64) -> f64 {
    let u = if a > ERF_END { ERF_END } else { a };
    let q = poly::<FMA, f64, 24>(
        u - 3.4375,
        [
            -4.331_263_774_695_021e-18,
            3.663_715_634_286_630_5e-17,
            -5.070_892_044_321_563e-17,
            -3.375_530_385_544_497e-16,
            1.333_272_001_568_967_7e-15,
            -7.130_734_724_544_188e-15,
            7.156_448_341_497_418e-14,
            -4.834_513_654_719_129e-13,
            2.515_904_586_101_964_2e-12,
            -1.125_866_572_751_802_3e-11,
            3.948_947_777_395_207_6e-11,
            -5.331_445_821_861_149_5e-11,
            -7.458_930_252_657_931e-10,
            1.005_589_245_617_930_8e-8,
            -8.681_539_649_322_351e-8,
            6.327_104_789_823_963e-7,
            -4.193_994_680_077_702e-6,
            2.615_379_218_418_401_3e-5,
            -0.000_156_769_894_217_867_66,
            0.000_921_180_638_621_905_9,
            -0.005_449_955_055_180_15,
            -0.965_752_401_504_773_4,
            -7.145_317_559_294_088,
            -13.662_081_267_726_618,
        ],
    );
    let h = exp::<FMA>(q);
    if a > ERF_END { 0.0 } else { h }
}

/// erf x in double precision, within 3 units in the last place; ±∞ gives ±1, −0 stays −0.
#[inline(always)]
pub(super) fn erf<const FMA: bool>(x: f64) -> f64 {
    let a = x.abs();
    let far = (1.0 - erfc_far::<FMA>(a)).copysign(x);
    if a > NEAR { far } else { erf_near::<FMA>(x) }
}

/// a Φ(−a) in double precision, as [`upper_tail64`] has it; 0 for ∞.
#[inline(always)]
pub(super) fn tail_moment64<const FMA: bool>(a: f64) -> f64 {
    let tail = upper_tail64::<FMA>(a);
    if tail == 0.0 { 0.0 } else { a * tail }
}

/// Φ(−a) in double precision for a ≥ 0, 0 beyond 8.48; relative error below 1e-15 · (1 + a²).
#[inline(always)]
pub(super) fn upper_tail64<const FMA: bool>(a: f64) -> f64 {
    let z = a * std::f64::consts::FRAC_1_SQRT_2;
    let far = 0.5 * erfc_far::<FMA>(z);
    let near = 0.5 - 0.5 * erf_near::<FMA>(z);
    if z > NEAR { far } else { near }
}
