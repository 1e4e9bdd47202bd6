//! The few vector operations that the microkernel needs, per instruction set.

mod portable;
mod register;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(super) use portable::Lanes;
pub(super) use register::Vector;
#[cfg(target_arch = "x86_64")]
pub(super) use x86::{F32x8, F32x16, F64x4, F64x8};
