//! `prod`.

use gradus_core::{Dims, Shape};
use gradus_tensor::Tensor;

use super::reduced::Reduced;
use crate::{Result, Var};

impl Var {
    /// The product over `dims`, which are dropped.
    ///
    /// The derivative by an element is the product of the others: y/x, or, if any element is zero,
    /// a product of n − 1 elements for each of the n, which is exact but needs n times the memory.
    ///
    /// # Errors
    /// If a dimension is out of range or given twice.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.prod`
    pub fn prod(&self, dims: impl Into<Dims>) -> Result<Self> {
        let reduced = Reduced::new("prod", self, dims)?;
        let value = self.value().prod(reduced.dims())?;
        let x = self.clone();
        Ok(self.map_output("prod", value, move |grad, y| {
            let others = if x.value().eq_scalar(0.0)?.any(..)?.item()? == 0.0 {
                reduced.expand(y)?.div(&x)?
            } else {
                product_of_others(&x, &reduced)?
            };
            reduced.expand(grad)?.mul(&others)
        }))
    }

    /// As [`Var::prod`], with extents of 1 in place of `dims`.
    ///
    /// # Errors
    /// As [`Var::prod`].
    pub fn prod_keepdim(&self, dims: impl Into<Dims>) -> Result<Self> {
        let reduced = Reduced::new("prod", self, dims)?;
        reduced.keep(self.prod(reduced.dims())?)
    }
}

/// For each element the product of the others that are reduced with it: rows of a square
/// whose diagonal is 1, multiplied up.
fn product_of_others(x: &Var, reduced: &Reduced) -> Result<Var> {
    let n = reduced.count();
    // Reduced dimensions last, then one.
    let kept = (0..x.rank()).filter(|dim| !reduced.dims().contains(dim));
    let order: Vec<usize> = kept.chain(reduced.dims().iter().copied()).collect();
    let sorted = x.permute(&order)?;
    let rows = sorted.len() / n;
    let square = sorted.reshape([rows, 1, n])?.expand([rows, n, n])?;
    let diagonal = Tensor::eye(n, gradus_core::DType::Bool)?;
    let others = square.masked_fill(&diagonal, 1.0)?.prod(-1)?;
    let mut inverse = vec![0; order.len()];
    order.iter().enumerate().for_each(|(to, &from)| inverse[from] = to);
    let extents: Shape = order.iter().map(|&dim| reduced.shape()[dim]).collect();
    others.reshape(extents)?.permute(&inverse)
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([2, 3, 2], 1)];
        check_op(|x| x[0].prod([0, -1]), &x);
        check_op(|x| x[0].prod_keepdim(1), &x);
        check_op(|x| x[0].prod(..), &x);
    }

    #[test]
    fn zeros_are_no_obstacle() {
        let x = Tensor::from([[2.0f64, 0.0, 3.0], [0.0, 0.0, 4.0], [0.5, 1.5, 2.5]]);
        check_op(|x| x[0].prod(-1), std::slice::from_ref(&x));
        check_op(|x| x[0].prod(0), &[x]);
    }
}
