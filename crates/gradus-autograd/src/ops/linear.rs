//! `linear`.

use crate::{Result, Var};

impl Var {
    /// The affine map of the last dimension: x Wᵀ + b, as PyTorch's `F.linear`.
    ///
    /// With g the gradient of the result as rows, those of x, W and b are g W, gᵀ x and the sum of the
    /// rows of g; only those that are wanted are worked out, and only the operands they need are
    /// saved. Equals the composite of [`Var::matmul`] and [`Var::add`]. See
    /// [`Tensor::linear`](gradus_tensor::Tensor::linear) for the dtypes.
    ///
    /// # Shapes
    /// - `self`: `[..., in]`, `weight`: `[out, in]`, `bias`: `[out]` → `[..., out]`
    ///
    /// # Errors
    /// If the dtypes or the shapes do not fit.
    ///
    /// # PyTorch
    /// `torch.nn.functional.linear`
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_tensor::Tensor;
    /// let x = Var::constant(Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]));
    /// let (w, b) = (Var::leaf(Tensor::from([[1.0f32, 10.0]])), Var::leaf(Tensor::from([0.5f32])));
    /// let y = x.linear(&w, Some(&b))?;
    /// assert_eq!(y.value().to_vec::<f32>()?, [21.5, 43.5]);
    /// let grads = y.sum(..)?.backward()?;
    /// assert_eq!(grads.get(&w).map(|g| g.to_vec::<f32>()), Some(Ok(vec![4.0, 6.0])));
    /// assert_eq!(grads.get(&b).map(|g| g.to_vec::<f32>()), Some(Ok(vec![2.0])));
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn linear(&self, weight: &Self, bias: Option<&Self>) -> Result<Self> {
        let value = self.value().linear(weight.value(), bias.map(Self::value))?;
        let outputs = weight.dims()[0];
        let for_x = self.wanted_shape().map(|shape| (shape, weight.clone()));
        let for_weight = weight.requires_grad().then(|| (self.clone(), weight.dtype()));
        let for_bias = bias.filter(|b| b.requires_grad()).map(Self::dtype);
        let inputs: Vec<&Self> = [Some(self), Some(weight), bias].into_iter().flatten().collect();
        let n_inputs = inputs.len();
        Ok(Self::from_op_of_inputs("linear", &inputs, value, move |grad| {
            let grad = &grad.rows(outputs)?;
            let dx = for_x.as_ref().map(|(shape, w)| {
                grad.matmul(&w.to_dtype(grad.dtype())?)?.to_dtype(grad.dtype())?.reshape(shape)
            });
            let dweight = for_weight.as_ref().map(|(x, dtype)| {
                let x = x.rows(x.dims()[x.rank() - 1])?;
                grad.t()?.matmul(&x)?.to_dtype(*dtype)
            });
            let dbias = for_bias.map(|dtype| grad.sum(0)?.to_dtype(dtype));
            let mut all = vec![dx.transpose()?, dweight.transpose()?, dbias.transpose()?];
            all.truncate(n_inputs);
            Ok(all)
        }))
    }

    /// All but the last dimension as one; counted, because nothing can be inferred from no elements.
    fn rows(&self, columns: usize) -> Result<Self> {
        if self.rank() == 2 {
            return Ok(self.clone());
        }
        self.reshape([self.dims()[..self.rank() - 1].iter().product(), columns])
    }
}

#[cfg(test)]
mod tests {
    use gradus_core::DType;
    use gradus_tensor::Tensor;

    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        for lead in [&[][..], &[3], &[2, 3], &[0], &[2, 1, 2]] {
            let x = normal([lead, &[4]].concat(), 1);
            let inputs = [x, normal([2, 4], 2), normal(2, 3)];
            check_op(|x| x[0].linear(&x[1], Some(&x[2])), &inputs);
            check_op(|x| x[0].linear(&x[1], None), &inputs[..2]);
        }
        check_op(|x| x[0].linear(&x[0], None), &[normal([3, 3], 1)]);
        check_op(|x| x[0].linear(&x[1], None), &[normal([2, 0], 1), normal([3, 0], 2)]);
    }

    #[test]
    fn it_is_the_composite() {
        let vars = || [normal([2, 3, 5], 1), normal([4, 5], 2), normal(4, 3)].map(Var::leaf);
        let ([x, w, b], [p, q, r]) = (vars(), vars());
        let fused = x.linear(&w, Some(&b)).unwrap();
        let composite = p.matmul(&q.t().unwrap()).unwrap().add(&r).unwrap();
        assert!(fused.value().equal(composite.value()));
        let grads = |y: &Var| y.square().unwrap().sum(..).unwrap().backward().unwrap();
        let (fused, composite) = (grads(&fused), grads(&composite));
        for (a, b) in [(&x, &p), (&w, &q), (&b, &r)] {
            let (a, b) = (fused.get(a).unwrap(), composite.get(b).unwrap());
            assert!(a.allclose(b, 1e-12, 1e-12).unwrap());
        }
    }

    #[test]
    fn a_bf16_weight_gets_a_bf16_gradient() {
        let x = Var::leaf(Tensor::new([[1.0f32, 2.0], [3.0, 4.0]]));
        let w = Var::leaf(Tensor::new([[0.5f32, -1.0]]).to_dtype(DType::BF16).unwrap());
        let b = Var::leaf(Tensor::new([1.0f32]).to_dtype(DType::BF16).unwrap());
        let y = x.linear(&w, Some(&b)).unwrap();
        assert_eq!(y.value().to_vec::<f32>().unwrap(), [-0.5, -1.5]);
        let grads = y.sum(..).unwrap().backward().unwrap();
        let of = |v: &Var| {
            let grad = grads.get(v).unwrap();
            (grad.dtype(), grad.to_dtype(DType::F32).unwrap().to_vec::<f32>().unwrap())
        };
        assert_eq!(of(&x), (DType::F32, vec![0.5, -1.0, 0.5, -1.0]));
        assert_eq!(of(&w), (DType::BF16, vec![4.0, 6.0]));
        assert_eq!(of(&b), (DType::BF16, vec![2.0]));
    }
}
