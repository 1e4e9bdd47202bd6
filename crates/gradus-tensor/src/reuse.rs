//! Results written into the memory of an operand that nobody else can see.

use std::ops::{Add, Div, Mul, Sub};

use gradus_core::BinaryOp;
use gradus_cpu::pool;

use crate::{DType, Element, Result, Tensor};

/// `a op b` for owned operands: the memory of one is used again where that is possible. The values
/// are those of [`Tensor::binary`].
pub(crate) fn binary_owned(op: BinaryOp, mut a: Tensor, b: Tensor) -> Result<Tensor> {
    if into_left(op, &mut a, &b) { Ok(a) } else { binary_right(op, &a, b) }
}

/// As [`binary_owned`], with the left operand owned.
pub(crate) fn binary_left(op: BinaryOp, mut a: Tensor, b: &Tensor) -> Result<Tensor> {
    if into_left(op, &mut a, b) { Ok(a) } else { a.binary(op, b) }
}

/// As [`binary_owned`], with the right operand owned.
pub(crate) fn binary_right(op: BinaryOp, a: &Tensor, mut b: Tensor) -> Result<Tensor> {
    let done = match alike(a, &b) {
        Some(DType::F32) => update::<f32>(Side::Right, op, &mut b, a),
        Some(DType::F64) => update::<f64>(Side::Right, op, &mut b, a),
        _ => false,
    };
    if done { Ok(b) } else { a.binary(op, &b) }
}

fn into_left(op: BinaryOp, a: &mut Tensor, b: &Tensor) -> bool {
    match alike(a, b) {
        Some(DType::F32) => update::<f32>(Side::Left, op, a, b),
        Some(DType::F64) => update::<f64>(Side::Left, op, a, b),
        _ => false,
    }
}

/// The dtype, if both operands have it and the same shape.
fn alike(a: &Tensor, b: &Tensor) -> Option<DType> {
    (a.dtype() == b.dtype() && a.shape() == b.shape()).then(|| a.dtype())
}

/// Which operand is overwritten.
#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

/// The floats with hardware arithmetic, which rounds exactly and so gives the bits of the kernels.
trait Real:
    Element + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
}
impl Real for f32 {}
impl Real for f64 {}

/// Writes the result into `target`, if that is allowed and the op is one of the four operators.
fn update<T: Real>(side: Side, op: BinaryOp, target: &mut Tensor, other: &Tensor) -> bool {
    let (Some(other), Some(target)) = (other.slice::<T>(), target.unique::<T>()) else {
        return false;
    };
    match (op, side) {
        (BinaryOp::Add, _) => each(target, other, |x, y| x + y),
        (BinaryOp::Mul, _) => each(target, other, |x, y| x * y),
        (BinaryOp::Sub, Side::Left) => each(target, other, |x, y| x - y),
        (BinaryOp::Sub, Side::Right) => each(target, other, |x, y| y - x),
        (BinaryOp::Div, Side::Left) => each(target, other, |x, y| x / y),
        (BinaryOp::Div, Side::Right) => each(target, other, |x, y| y / x),
        _ => return false,
    }
    true
}

/// `x[i] = f(x[i], y[i])`.
fn each<T: Real>(x: &mut [T], y: &[T], f: impl Fn(T, T) -> T + Sync) {
    let chunk = pool::grain(x.len(), 0.3);
    pool::for_slices(x, chunk, |c, x| {
        for (x, y) in x.iter_mut().zip(&y[c * chunk..]) {
            *x = f(*x, *y);
        }
    });
}

#[cfg(test)]
mod tests {
    use crate::{BinaryOp, Tensor};

    #[test]
    fn memory_is_reused_only_when_nobody_sees_it() {
        let ptr = |x: &Tensor| x.as_slice::<f32>().unwrap().as_ptr();
        let (a, b) = (Tensor::new([6.0, 8.0]), Tensor::new([2.0, 4.0]));
        let kept = a.clone();
        let place = ptr(&a);
        let c = a + &b;
        assert_ne!(ptr(&c), place);
        assert_eq!(kept.to_vec::<f32>().unwrap(), [6.0, 8.0]);
        let place = ptr(&c);
        let d = c - &b;
        assert_eq!(ptr(&d), place);
        assert!(d.equal(&kept));
        assert_eq!((&b / d).to_vec::<f32>().unwrap(), [2.0 / 6.0, 0.5]);
    }

    #[test]
    fn a_view_of_part_of_a_block_is_not_reused() {
        let part = Tensor::new([1.0, 2.0, 3.0]).narrow(0, 1, 2).unwrap();
        assert_eq!((part + Tensor::new([1.0, 1.0])).to_vec::<f32>().unwrap(), [3.0, 4.0]);
    }

    #[test]
    fn owned_operands_give_the_values_of_borrowed_ones() {
        let (a, b) = (Tensor::new([0.1, -3.0, 7.0]), Tensor::new([0.7, 0.0, f32::NAN]));
        let copy = |x: &Tensor| Tensor::from_vec(x.to_vec::<f32>().unwrap(), x.shape()).unwrap();
        let bits = |x: Tensor| -> Vec<u32> {
            x.to_vec::<f32>().unwrap().into_iter().map(f32::to_bits).collect()
        };
        for op in [BinaryOp::Add, BinaryOp::Sub, BinaryOp::Mul, BinaryOp::Div, BinaryOp::Pow] {
            let expected = bits(a.binary(op, &b).unwrap());
            assert_eq!(bits(super::binary_owned(op, copy(&a), copy(&b)).unwrap()), expected);
            assert_eq!(bits(super::binary_left(op, copy(&a), &b).unwrap()), expected);
            assert_eq!(bits(super::binary_right(op, &a, copy(&b)).unwrap()), expected);
        }
    }
}
