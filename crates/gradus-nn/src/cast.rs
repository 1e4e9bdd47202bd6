//! Another dtype for a whole model.

use gradus_autograd::{Buffer, Module, Param, Path, SlotMut};
use gradus_core::DType;

use crate::{Error, Result};

/// Moves every floating-point parameter and buffer of a model to another dtype.
///
/// The parameters become new leaves: cast before making an optimizer. Frozen ones stay frozen.
///
/// # Errors
/// If `dtype` is not a floating-point type; the model is then unchanged.
///
/// # Examples
/// ```
/// use gradus_core::{DType, Keys};
/// use gradus_nn::{Linear, cast};
///
/// let mut linear = Linear::new(2, 2, &mut Keys::new(7))?;
/// cast(&mut linear, DType::F64)?;
/// assert_eq!(linear.weight.dtype(), DType::F64);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub fn cast(model: &mut (impl Module + ?Sized), dtype: DType) -> Result<()> {
    if !dtype.is_float() {
        let expected = "a floating-point type";
        return Err(
            gradus_core::Error::UnsupportedDType { op: "cast", expected, got: dtype }.into()
        );
    }
    let mut result = Ok(());
    model.visit_mut(&mut Path::new(), &mut |_, slot| {
        if result.is_ok() {
            result = cast_slot(slot, dtype);
        }
    });
    result
}

fn cast_slot(slot: SlotMut<'_>, dtype: DType) -> Result<(), Error> {
    match slot {
        SlotMut::Param(param) => {
            let mut new = Param::new(param.value().to_dtype(dtype)?);
            if !param.trainable() {
                new.freeze();
            }
            *param = new;
        }
        SlotMut::Buffer(buffer) if buffer.value().dtype().is_float() => {
            *buffer = Buffer::new(buffer.value().to_dtype(dtype)?);
        }
        SlotMut::Buffer(_) => {}
    }
    Ok(())
}
