//! `matmul`.

use gradus_core::Shape;

use crate::{Result, Var};

impl Var {
    /// The matrix product, batched over leading dimensions with broadcasting, as in NumPy.
    ///
    /// The gradients are g bᵀ and aᵀ g; only those that are wanted are worked out, and only the
    /// operands they need are saved. The gradient of a broadcast operand is summed to its shape.
    ///
    /// # Shapes
    /// - `[..., M, K]` and `[..., K, N]` → `[..., M, N]`
    /// - a 1-D operand is a row on the left and a column on the right, and its dimension is dropped
    ///
    /// # Errors
    /// If the dtypes differ, an operand is 0-d, or the shapes do not fit.
    ///
    /// # PyTorch
    /// `torch.matmul`
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_tensor::Tensor;
    /// let a = Var::leaf(Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]));
    /// let b = Var::constant(Tensor::from([1.0f32, 10.0]));
    /// let y = a.matmul(&b)?;
    /// assert_eq!(y.value().to_vec::<f32>()?, [21.0, 43.0]);
    /// let grads = y.sum(..)?.backward()?;
    /// assert_eq!(grads.get(&a).map(|g| g.to_vec::<f32>()), Some(Ok(vec![1.0, 10.0, 1.0, 10.0])));
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn matmul(&self, other: &Self) -> Result<Self> {
        let value = self.value().matmul(other.value())?;
        let for_a = self.wanted_shape().map(|shape| (shape, other.clone()));
        let for_b = other.wanted_shape().map(|shape| (shape, self.clone()));
        let ranks = [self.rank(), other.rank()];
        Ok(Self::from_op_of_inputs("matmul", &[self, other], value, move |grad| {
            let grad = as_matrices(grad, ranks)?;
            Ok(vec![
                for_a.as_ref().map(|(shape, b)| dleft(&grad, b, shape)).transpose()?,
                for_b.as_ref().map(|(shape, a)| dright(&grad, a, shape)).transpose()?,
            ])
        }))
    }
}

/// The gradient with the dimensions that 1-D operands had dropped.
fn as_matrices(grad: &Var, [a_rank, b_rank]: [usize; 2]) -> Result<Var> {
    let grad = if b_rank == 1 { grad.unsqueeze(-1)? } else { grad.clone() };
    if a_rank == 1 { grad.unsqueeze(-2) } else { Ok(grad) }
}

/// g bᵀ
fn dleft(grad: &Var, b: &Var, shape: &Shape) -> Result<Var> {
    let bt = if b.rank() == 1 { b.unsqueeze(0)? } else { b.t()? };
    grad.matmul(&bt)?.sum_to_operand(shape, -2)
}

/// aᵀ g
fn dright(grad: &Var, a: &Var, shape: &Shape) -> Result<Var> {
    if shape.rank() == 2 && a.rank() > 2 {
        // One matrix served the whole batch: one long product instead of a batch to be summed.
        return a.flatten(0, -2)?.t()?.matmul(&grad.flatten(0, -2)?);
    }
    let at = if a.rank() == 1 { a.unsqueeze(-1)? } else { a.t()? };
    at.matmul(grad)?.sum_to_operand(shape, -1)
}

impl Var {
    /// A gradient in matrix form, in the shape of its operand: `vector_dim` is the dimension
    /// that a 1-D operand did not have.
    fn sum_to_operand(&self, shape: &Shape, vector_dim: isize) -> Result<Self> {
        if shape.rank() > 1 {
            return self.sum_to(shape);
        }
        let matrix = if vector_dim == -1 { [shape[0], 1] } else { [1, shape[0]] };
        self.sum_to(matrix)?.reshape(shape)
    }
}

#[cfg(test)]
mod tests {
    use gradus_core::DType;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let shapes: [(&[usize], &[usize]); 9] = [
            (&[2, 3], &[3, 4]),
            (&[3], &[3]),
            (&[3], &[3, 2]),
            (&[2, 3], &[3]),
            (&[2, 2, 3], &[3]),
            (&[3], &[2, 3, 2]),
            (&[2, 2, 3], &[3, 2]),
            (&[2, 3], &[2, 3, 2]),
            (&[2, 1, 2, 3], &[4, 3, 1]),
        ];
        for (a, b) in shapes {
            check_op(|x| x[0].matmul(&x[1]), &[normal(a, 1), normal(b, 2)]);
        }
        check_op(|x| x[0].matmul(&x[0]), &[normal([2, 2], 1)]);
    }

    #[test]
    fn nothing_has_a_gradient_of_nothing_or_zero() {
        check_op(|x| x[0].matmul(&x[1]), &[normal([2, 0], 1), normal([0, 3], 2)]);
        check_op(|x| x[0].matmul(&x[1]), &[normal([0, 2, 3], 1), normal([3, 2], 2)]);
    }

    #[test]
    fn gradients_of_bf16_are_bf16_and_those_of_f32_rounded() {
        let of = |dtype| {
            let leaf = |shape: [usize; 2], seed| {
                let x = normal(shape, seed).to_dtype(DType::BF16).unwrap();
                Var::leaf(x.to_dtype(dtype).unwrap())
            };
            let (a, b) = (leaf([20, 70], 1), leaf([70, 40], 2));
            let grads = a.matmul(&b).unwrap().sum(..).unwrap().backward().unwrap();
            [&a, &b].map(|x| {
                let grad = grads.get(x).unwrap();
                assert_eq!(grad.dtype(), dtype);
                grad.to_dtype(DType::F32).unwrap()
            })
        };
        for (narrow, wide) in of(DType::BF16).into_iter().zip(of(DType::F32)) {
            // Rounded once; a sum that cancels keeps the error of its order.
            assert!(narrow.allclose(&wide, 1.0 / 128.0, 1e-4).unwrap());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn a_batch_is_a_stack_of_products(seed: u64, n in 1..4usize, m in 1..4usize, k in 1..4usize) {
            let a = normal([n, m, k], seed);
            let w = Var::leaf(normal([k, 2], seed ^ 1));
            let batched = Var::from(&a).matmul(&w).unwrap().square().unwrap().sum(..).unwrap();
            let one = |i| Var::from(a.select(0, i).unwrap()).matmul(&w).unwrap();
            let rows: Vec<Var> = (0..n).map(one).collect();
            let stacked = Var::stack(&rows, 0).unwrap().square().unwrap().sum(..).unwrap();
            let (x, y) = (batched.backward().unwrap(), stacked.backward().unwrap());
            prop_assert!(x.get(&w).unwrap().allclose(y.get(&w).unwrap(), 1e-10, 1e-12).unwrap());
        }
    }
}
