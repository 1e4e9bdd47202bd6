//! What is done to an output while it is hot.

use super::Matrix;
use crate::elementwise::unary_ops::{Gelu, GeluTanh, Relu, Sigmoid, Silu, Tanh, UnaryFn};
use crate::math::Real;

/// The tail of a product: runs once on every finished piece of a row of C, while it is in cache.
///
/// It may use the values and the place of an element and nothing else, so a row has the same bits
/// however many rows are computed with it. Two are chained as a pair: `(ColumnBias(b), Activation::Relu)`.
pub trait Epilogue<T>: Sync {
    /// Whether [`row`](Epilogue::row) does nothing, so that it need not be called.
    const NOTHING: bool = false;

    /// Finishes `c`, which holds `C(i, j0 ..)`.
    ///
    /// Implement it with `#[inline(always)]`, and so all that it calls: it is compiled for every
    /// instruction set. `FMA` says whether `mul_add` is one instruction.
    fn row<const FMA: bool>(&self, i: usize, j0: usize, c: &mut [T]);
}

impl<T> Epilogue<T> for () {
    const NOTHING: bool = true;
    #[inline(always)]
    fn row<const FMA: bool>(&self, _i: usize, _j0: usize, _c: &mut [T]) {}
}

impl<T, E: Epilogue<T> + ?Sized> Epilogue<T> for &E {
    const NOTHING: bool = E::NOTHING;
    #[inline(always)]
    fn row<const FMA: bool>(&self, i: usize, j0: usize, c: &mut [T]) {
        (**self).row::<FMA>(i, j0, c);
    }
}

/// The first, then the second.
impl<T, E: Epilogue<T>, F: Epilogue<T>> Epilogue<T> for (E, F) {
    const NOTHING: bool = E::NOTHING && F::NOTHING;
    #[inline(always)]
    fn row<const FMA: bool>(&self, i: usize, j0: usize, c: &mut [T]) {
        self.0.row::<FMA>(i, j0, c);
        self.1.row::<FMA>(i, j0, c);
    }
}

/// If there is one.
impl<T, E: Epilogue<T>> Epilogue<T> for Option<E> {
    const NOTHING: bool = E::NOTHING;
    #[inline(always)]
    fn row<const FMA: bool>(&self, i: usize, j0: usize, c: &mut [T]) {
        if let Some(epilogue) = self {
            epilogue.row::<FMA>(i, j0, c);
        }
    }
}

/// `C(i, j) + bias[j]`, as in a linear layer.
#[derive(Debug, Clone, Copy)]
pub struct ColumnBias<'a, T>(pub &'a [T]);

impl<T: Real> Epilogue<T> for ColumnBias<'_, T> {
    #[inline(always)]
    fn row<const FMA: bool>(&self, _i: usize, j0: usize, c: &mut [T]) {
        let bias = &self.0[j0..][..c.len()];
        c.iter_mut().zip(bias).for_each(|(c, b)| *c = *c + *b);
    }
}

/// `C(i, j) + bias[i]`, as in a convolution whose rows are channels.
#[derive(Debug, Clone, Copy)]
pub struct RowBias<'a, T>(pub &'a [T]);

impl<T: Real> Epilogue<T> for RowBias<'_, T> {
    #[inline(always)]
    fn row<const FMA: bool>(&self, i: usize, _j0: usize, c: &mut [T]) {
        let bias = self.0[i];
        c.iter_mut().for_each(|c| *c = *c + bias);
    }
}

/// `C(i, j) · s`.
#[derive(Debug, Clone, Copy)]
pub struct Scale<T>(pub T);

impl<T: Real> Epilogue<T> for Scale<T> {
    #[inline(always)]
    fn row<const FMA: bool>(&self, _i: usize, _j0: usize, c: &mut [T]) {
        c.iter_mut().for_each(|c| *c = *c * self.0);
    }
}

/// `C(i, j) + residual(i, j)`; the columns of a row of the residual are neighbours.
#[derive(Debug, Clone, Copy)]
pub struct Residual<'a, T>(pub Matrix<'a, T>);

impl<T: Real> Epilogue<T> for Residual<'_, T> {
    #[inline(always)]
    fn row<const FMA: bool>(&self, i: usize, j0: usize, c: &mut [T]) {
        let Matrix { data, row_stride, col_stride } = self.0;
        if col_stride == 1 {
            let row = &data[i * row_stride + j0..][..c.len()];
            c.iter_mut().zip(row).for_each(|(c, r)| *c = *c + *r);
        } else {
            for (j, c) in c.iter_mut().enumerate() {
                *c = *c + data[i * row_stride + (j0 + j) * col_stride];
            }
        }
    }
}

/// A function of each output; the bits are those of the elementwise op of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// max(x, 0); NaN stays.
    Relu,
    /// x Φ(x), by the error function.
    Gelu,
    /// The approximation of GELU by tanh.
    GeluTanh,
    /// x σ(x).
    Silu,
    /// tanh x.
    Tanh,
    /// 1 / (1 + e^−x).
    Sigmoid,
}

impl<T: Real> Epilogue<T> for Activation {
    #[inline(always)]
    fn row<const FMA: bool>(&self, _i: usize, _j0: usize, c: &mut [T]) {
        match self {
            Self::Relu => map::<T, Relu, FMA>(c),
            Self::Gelu => map::<T, Gelu, FMA>(c),
            Self::GeluTanh => map::<T, GeluTanh, FMA>(c),
            Self::Silu => map::<T, Silu, FMA>(c),
            Self::Tanh => map::<T, Tanh, FMA>(c),
            Self::Sigmoid => map::<T, Sigmoid, FMA>(c),
        }
    }
}

#[inline(always)]
fn map<T: Real, F: UnaryFn, const FMA: bool>(c: &mut [T]) {
    c.iter_mut().for_each(|c| *c = F::call::<T, FMA>(*c));
}
