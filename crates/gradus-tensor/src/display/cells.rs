//! Elements as text of one width.

use crate::{Element, Tensor, bf16};

/// Texts of the elements at `places` of the storage, right-aligned to one width.
///
/// Floats show at most `precision` digits after the point, and no more than tell them apart from
/// their neighbours.
pub(super) fn cells(x: &Tensor, places: &[usize], precision: usize) -> Vec<String> {
    use gradus_core::DType;
    let texts = match x.dtype() {
        DType::F32 => floats(read::<f32>(x, places), precision),
        DType::F64 => floats(read::<f64>(x, places), precision),
        DType::BF16 => floats(read::<bf16>(x, places).map(bf16::to_f32), precision),
        DType::I64 => read::<i64>(x, places).map(|x| x.to_string()).collect(),
        DType::U8 => read::<u8>(x, places).map(|x| x.to_string()).collect(),
        DType::Bool => read::<bool>(x, places).map(|x| x.to_string()).collect(),
    };
    let width = texts.iter().map(String::len).max().unwrap_or(0);
    texts.into_iter().map(|text| format!("{text:>width$}")).collect()
}

fn read<T: Element>(x: &Tensor, places: &[usize]) -> impl Iterator<Item = T> {
    let block = x.block::<T>();
    places.iter().map(move |&place| block[place])
}

/// What the formats of `f32` and `f64` share: both print the shortest digits that round-trip.
trait Digits: Element + std::fmt::Display + std::fmt::LowerExp {}
impl Digits for f32 {}
impl Digits for f64 {}

/// NumPy's choice: positional unless the numbers are very large, very small or far apart.
fn floats<T: Digits>(values: impl Iterator<Item = T>, precision: usize) -> Vec<String> {
    let values: Vec<T> = values.collect();
    let sizes = values.iter().map(|x| x.to_f64().abs()).filter(|x| x.is_finite() && *x > 0.0);
    let (least, most) = sizes.fold((f64::INFINITY, 0.0f64), |(a, b), x| (a.min(x), b.max(x)));
    let scientific = most >= 1e8 || (most > 0.0 && (least < 1e-4 || most / least > 1e3));
    let parts: Vec<_> = values.iter().map(|&x| split(x, scientific, precision)).collect();
    let digits = parts.iter().flatten().map(|part| part.fraction.len()).max().unwrap_or(0);
    let show = |(value, part): (&T, &Option<Parts>)| match part {
        None if value.to_f64().is_nan() => "nan".to_owned(),
        None if value.to_f64() > 0.0 => "inf".to_owned(),
        None => "-inf".to_owned(),
        Some(Parts { whole, fraction, exponent }) if scientific => {
            let sign = if *exponent < 0 { '-' } else { '+' };
            format!("{whole}.{fraction:0<digits$}e{sign}{:02}", exponent.abs())
        }
        Some(Parts { whole, fraction, .. }) => format!("{whole}.{fraction:<digits$}"),
    };
    values.iter().zip(&parts).map(show).collect()
}

/// A finite number as text, cut at the point.
struct Parts {
    whole: String,
    fraction: String,
    exponent: i32,
}

fn split<T: Digits>(x: T, scientific: bool, precision: usize) -> Option<Parts> {
    if !x.to_f64().is_finite() {
        return None;
    }
    let round = |shortest: String, rounded: String| {
        let digits = shortest.split('e').next().and_then(|m| m.split_once('.'));
        if digits.is_some_and(|(_, fraction)| fraction.len() > precision) {
            rounded
        } else {
            shortest
        }
    };
    let text = if scientific {
        round(format!("{x:e}"), format!("{x:.precision$e}"))
    } else {
        round(format!("{x}"), format!("{x:.precision$}"))
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    Some(Parts {
        whole: whole.to_owned(),
        fraction: fraction.trim_end_matches('0').to_owned(),
        exponent: exponent.parse().expect("the format writes an integer after e"),
    })
}
