//! Ops of two operands, element by element, and comparisons.

use crate::case::{Arm, one, plain};

pub(crate) const ARMS: &[Arm] = &[
    ("add", |_, x| one(x[0].add(&x[1]))),
    ("sub", |_, x| one(x[0].sub(&x[1]))),
    ("mul", |_, x| one(x[0].mul(&x[1]))),
    ("div", |_, x| one(x[0].div(&x[1]))),
    ("maximum", |_, x| one(x[0].maximum(&x[1]))),
    ("minimum", |_, x| one(x[0].minimum(&x[1]))),
    ("atan2", |_, x| one(x[0].atan2(&x[1]))),
    ("pow", |_, x| one(x[0].pow(&x[1]))),
    ("remainder", |_, x| one(x[0].remainder(&x[1]))),
    ("eq", |_, x| plain(x[0].eq(&x[1]))),
    ("ne", |_, x| plain(x[0].ne(&x[1]))),
    ("lt", |_, x| plain(x[0].lt(&x[1]))),
    ("le", |_, x| plain(x[0].le(&x[1]))),
    ("gt", |_, x| plain(x[0].gt(&x[1]))),
    ("ge", |_, x| plain(x[0].ge(&x[1]))),
    ("logical_not", |_, x| plain(Ok(x[0].value().logical_not()?))),
    ("logical_and", |_, x| plain(Ok(x[0].value().logical_and(x[1].value())?))),
    ("logical_or", |_, x| plain(Ok(x[0].value().logical_or(x[1].value())?))),
    ("logical_xor", |_, x| plain(Ok(x[0].value().logical_xor(x[1].value())?))),
    ("clamp", |_, x| one(x[0].clamp_with(Some(&x[1]), Some(&x[2])))),
    ("prelu", |_, x| one(x[0].prelu(&x[1]))),
    ("fmod", |_, x| one(x[0].fmod(&x[1]))),
    ("hypot", |_, x| one(x[0].hypot(&x[1]))),
    ("logaddexp", |_, x| one(x[0].logaddexp(&x[1]))),
    ("xlogy", |_, x| one(x[0].xlogy(&x[1]))),
    ("lerp", |_, x| one(x[0].lerp(&x[1], &x[2]))),
];
