//! Matrix products and decompositions.

use crate::case::{Arm, one};

pub(crate) const ARMS: &[Arm] = &[
    ("matmul", |_, x| one(x[0].matmul(&x[1]))),
    ("linear", |_, x| one(x[0].linear(&x[1], Some(&x[2])))),
];
