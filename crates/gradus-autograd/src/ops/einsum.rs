//! `einsum`.

use gradus_core::Shape;
use gradus_tensor::einsum::{Equation, Operand, contract};

use crate::{Error, Result, Var};

impl Var {
    /// The sum of products that an equation in Einstein's notation names, as `Tensor::einsum`.
    ///
    /// It is made of differentiable products, and so is its gradient.
    ///
    /// # Errors
    /// If the equation is malformed, the shapes do not fit it, or the dtypes differ.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.einsum`
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::from([[1.0f64, 2.0], [3.0, 4.0]]));
    /// let grads = Var::einsum("ij,ij->", &[&x, &x])?.backward()?; // Σ x²
    /// assert_eq!(grads.get(&x).map(|g| g.to_vec::<f64>()), Some(Ok(vec![2.0, 4.0, 6.0, 8.0])));
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn einsum(equation: &str, operands: &[&Self]) -> Result<Self> {
        let shapes: Vec<&Shape> = operands.iter().map(|x| x.shape()).collect();
        contract(&Equation::new(equation, &shapes)?, operands)
    }
}

impl Operand for Var {
    type Error = Error;

    fn extents(&self) -> &[usize] {
        self.dims()
    }

    fn diagonal_of(&self, dim1: usize, dim2: usize) -> Result<Self> {
        self.diagonal(0, dim1, dim2)
    }

    fn sum_of(&self, dims: &[usize]) -> Result<Self> {
        self.sum(dims)
    }

    fn permuted(&self, order: &[usize]) -> Result<Self> {
        self.permute(order)
    }

    fn shaped(&self, extents: &[usize]) -> Result<Self> {
        self.reshape(extents)
    }

    fn product(&self, other: &Self) -> Result<Self> {
        if self.dtype().is_float() {
            return self.matmul(other);
        }
        Ok(self.value().product(other.value())?.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let inputs =
            [normal([2, 3], 1), normal([3, 4], 2), normal([2, 3, 3], 3), normal([1, 3], 4)];
        let check = |equation: &str, which: &[usize]| {
            let inputs: Vec<_> = which.iter().map(|&i| inputs[i].clone()).collect();
            check_op(|x| Var::einsum(equation, &x.iter().collect::<Vec<_>>()), &inputs);
        };
        check("ij,jk->ik", &[0, 1]);
        check("ij,jk,ij->k", &[0, 1, 0]);
        check("ijj->i", &[2]);
        check("ijj,ij->j", &[2, 0]);
        check("...j,...j->...", &[2, 3]);
        check("ij,ij", &[0, 3]);
    }
}
