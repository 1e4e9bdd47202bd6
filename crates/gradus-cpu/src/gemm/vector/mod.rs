//! The few vector operations that the microkernel needs, per instruction set.

mod portable;
mod register;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use portable::Lanes;
pub(crate) use register::{Pairs, Vector};
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{F32x8, F32x16, F64x4, F64x8};
