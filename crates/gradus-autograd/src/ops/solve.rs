//! `solve`, `inverse`, `solve_triangular`: linear systems.

use gradus_core::Shape;
use gradus_tensor::Triangle;

use crate::{Result, Var};

impl Var {
    /// The solution X of A X = b, as `Tensor::solve`.
    ///
    /// With Y = A⁻ᵀ g, the gradient of b is Y and that of A is −Y Xᵀ.
    ///
    /// # Shapes
    /// `[..., N, N]`, b `[..., N, M]` → `[..., N, M]`, leading dimensions broadcast;
    /// `[..., N, N]`, b `[N]` → `[..., N]`
    ///
    /// # Errors
    /// If a matrix is singular or not square, an element is not finite, or shapes or dtypes do not
    /// fit.
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_tensor::Tensor;
    /// let a = Var::leaf(Tensor::from([[2.0f64, 0.0], [0.0, 4.0]]));
    /// let x = a.solve(&Tensor::from([2.0f64, 2.0]).into())?;
    /// assert_eq!(x.value().to_vec::<f64>()?, [1.0, 0.5]);
    /// let grads = x.sum(..)?.backward()?;
    /// let da = grads.get(&a).map(|g| g.to_vec::<f64>());
    /// assert_eq!(da, Some(Ok(vec![-0.5, -0.25, -0.25, -0.125])));
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.linalg.solve`, where a batch of vectors as `b` is a matrix here
    pub fn solve(&self, b: &Self) -> Result<Self> {
        let value = self.value().solve(b.value())?;
        let system = System::new(self, b);
        Ok(Self::from_op("solve", &[self, b], value, move |grad, x| {
            system.grads(grad, x, |a, grad| a.t()?.solve(grad), |da| Ok(da.clone()))
        }))
    }

    /// The inverse matrix Y; its gradient is −Yᵀ g Yᵀ.
    ///
    /// # Shapes
    /// `[..., N, N]` → `[..., N, N]`
    ///
    /// # Errors
    /// As [`Var::solve`].
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.linalg.inv`
    pub fn inverse(&self) -> Result<Self> {
        let value = self.value().inverse()?;
        Ok(self.map_output("inverse", value, |grad, y| {
            let yt = y.t()?;
            yt.matmul(grad)?.matmul(&yt)?.neg()
        }))
    }

    /// The solution X of A X = b, where A is a triangle of `self`, as `Tensor::solve_triangular`.
    ///
    /// The gradients are those of [`Var::solve`], and zero outside the triangle.
    ///
    /// # Shapes
    /// As [`Var::solve`].
    ///
    /// # Errors
    /// As [`Var::solve`].
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.linalg.solve_triangular`, with `upper` and `unitriangular` as one argument
    pub fn solve_triangular(&self, b: &Self, triangle: Triangle) -> Result<Self> {
        let value = self.value().solve_triangular(b.value(), triangle)?;
        let system = System::new(self, b);
        Ok(Self::from_op("solve_triangular", &[self, b], value, move |grad, x| {
            let transposed = triangle.transposed();
            let solve = |a: &Self, grad: &Self| a.t()?.solve_triangular(grad, transposed);
            system.grads(grad, x, solve, |da| part(da, triangle))
        }))
    }
}

/// A matrix without what is outside a triangle.
fn part(x: &Var, triangle: Triangle) -> Result<Var> {
    match triangle {
        Triangle::Lower => x.tril(0),
        Triangle::Upper => x.triu(0),
        Triangle::UnitLower => x.tril(-1),
        Triangle::UnitUpper => x.triu(1),
    }
}

/// What a linear system keeps for its gradients.
struct System {
    a: Var,
    for_a: Option<Shape>,
    for_b: Option<Shape>,
    b_rank: usize,
}

impl System {
    fn new(a: &Var, b: &Var) -> Self {
        let (for_a, for_b) = (a.wanted_shape(), b.wanted_shape());
        Self { a: a.clone(), for_a, for_b, b_rank: b.rank() }
    }

    /// `solve` solves the transposed system, `read` keeps the part of A that is read.
    fn grads(
        &self,
        grad: &Var,
        x: &Var,
        solve: impl Fn(&Var, &Var) -> Result<Var>,
        read: impl Fn(&Var) -> Result<Var>,
    ) -> Result<Vec<Option<Var>>> {
        let column = |x: &Var| if self.b_rank == 1 { x.unsqueeze(-1) } else { Ok(x.clone()) };
        let db = solve(&self.a, &column(grad)?)?;
        let da = |shape| read(&db.matmul(&column(x)?.t()?)?.neg()?)?.sum_to(shape);
        let da = self.for_a.as_ref().map(da).transpose()?;
        let row =
            |shape| if self.b_rank == 1 { db.squeeze(-1)?.sum_to(shape) } else { db.sum_to(shape) };
        Ok(vec![da, self.for_b.as_ref().map(row).transpose()?])
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::{DType, Tensor};

    use super::*;
    use crate::testing::{check_op, normal};

    fn regular(n: usize, seed: u64) -> Tensor {
        normal([2, n, n], seed) + Tensor::eye(n, DType::F64).unwrap() * 3.0
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_op(|x| x[0].solve(&x[1]), &[regular(3, 1), normal([2, 3, 2], 2)]);
        check_op(
            |x| x[0].solve(&x[1]),
            &[regular(3, 1), normal([3, 2, 1, 3, 1], 2).squeeze(2).unwrap()],
        );
        check_op(|x| x[0].solve(&x[1]), &[regular(2, 1), normal(2, 2)]);
        check_op(|x| x[0].inverse(), &[regular(3, 1)]);
        let all = [Triangle::Lower, Triangle::Upper, Triangle::UnitLower, Triangle::UnitUpper];
        for triangle in all {
            let f = |x: &[Var]| x[0].solve_triangular(&x[1], triangle);
            check_op(f, &[regular(3, 1), normal([3, 2], 2)]);
        }
    }

    #[test]
    fn the_matrix_that_is_singular_is_named() {
        let a = Tensor::stack(&[Tensor::eye(2, DType::F64).unwrap(), normal([2, 2], 1) * 0.0], 0);
        let error = Var::leaf(a.unwrap()).inverse().unwrap_err();
        assert_eq!(error.to_string(), "inverse: the matrix at [1] is singular");
    }
}
