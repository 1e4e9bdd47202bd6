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
    check_float("cast", dtype)?;
    cast_slots(model, dtype, |_| true)
}

/// Moves the floating-point matrices of a model, that is, its parameters with two dimensions, to
/// another dtype, and leaves vectors, such as biases and norms, as they are.
///
/// In `bf16` it is for generation, where reading the weights takes all the time: [`Linear`](crate::Linear) applies a
/// `bf16` weight to an input of `f32` as if it were widened, and half as much is read. The models of
/// `gradus-models` compute in the dtype of their norms.
///
/// The parameters become new leaves. Frozen ones stay frozen.
///
/// # Errors
/// If `dtype` is not a floating-point type; the model is then unchanged.
///
/// # Examples
/// ```
/// use gradus_core::{DType, Keys};
/// use gradus_nn::{Ctx, Layer, Linear, Tensor, Var, cast_matrices};
///
/// let mut linear = Linear::new(2, 3, &mut Keys::new(7))?;
/// cast_matrices(&mut linear, DType::BF16)?;
/// let y = linear.forward(&Var::constant(Tensor::new([1.0, 2.0])), &mut Ctx::eval())?;
/// assert_eq!((linear.weight.dtype(), y.dtype()), (DType::BF16, DType::F32));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub fn cast_matrices(model: &mut (impl Module + ?Sized), dtype: DType) -> Result<()> {
    check_float("cast_matrices", dtype)?;
    cast_slots(
        model,
        dtype,
        |slot| matches!(slot, SlotMut::Param(param) if param.shape().rank() == 2 && param.dtype().is_float()),
    )
}

fn check_float(op: &'static str, dtype: DType) -> Result<()> {
    if dtype.is_float() {
        return Ok(());
    }
    let expected = "a floating-point type";
    Err(gradus_core::Error::UnsupportedDType { op, expected, got: dtype }.into())
}

fn cast_slots(
    model: &mut (impl Module + ?Sized),
    dtype: DType,
    chosen: impl Fn(&SlotMut<'_>) -> bool,
) -> Result<()> {
    let mut result = Ok(());
    model.visit_mut(&mut Path::new(), &mut |_, slot| {
        if result.is_ok() && chosen(&slot) {
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
