//! What a visit of a module finds.

use gradus_tensor::Tensor;

use crate::{Buffer, Param};

/// A parameter or a buffer of a module.
#[derive(Debug, Clone, Copy)]
pub enum Slot<'a> {
    /// It is learned.
    Param(&'a Param),
    /// It is kept.
    Buffer(&'a Buffer),
}

/// A parameter or a buffer of a module, to be changed.
#[derive(Debug)]
pub enum SlotMut<'a> {
    /// It is learned.
    Param(&'a mut Param),
    /// It is kept.
    Buffer(&'a mut Buffer),
}

impl Slot<'_> {
    /// The value now.
    pub fn value(&self) -> Tensor {
        match self {
            Self::Param(param) => param.value().clone(),
            Self::Buffer(buffer) => buffer.value(),
        }
    }
}
