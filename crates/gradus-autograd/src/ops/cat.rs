//! `cat` and `stack`: tensors joined.

use gradus_core::Dim;
use gradus_tensor::Tensor;

use crate::{Result, Var};

impl Var {
    /// Tensors joined along `dim`.
    ///
    /// The gradient of each is its range of the gradient.
    ///
    /// # Errors
    /// If there is no tensor, or they differ in dtype or in another extent.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.cat`
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_tensor::Tensor;
    /// let (a, b) = (Var::leaf(Tensor::from([1.0f32])), Var::leaf(Tensor::from([2.0f32, 3.0])));
    /// assert_eq!(Var::cat(&[&a, &b], 0)?.value().to_vec::<f32>()?, [1.0, 2.0, 3.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn cat<V: AsRef<Self>>(vars: &[V], dim: impl Into<Dim>) -> Result<Self> {
        let (vars, values) = vars_and_values(vars);
        let dim = dim.into();
        let value = Tensor::cat(&values, dim)?;
        let dim = dim.resolve("cat", value.rank())?;
        let mut start = 0;
        let range = |x: &&Self| {
            let len = x.dims()[dim];
            start += len;
            x.requires_grad().then_some((start - len, len))
        };
        let ranges: Vec<_> = vars.iter().map(range).collect();
        Ok(Self::from_op_of_inputs("cat", &vars, value, move |grad| {
            let part = |range: &Option<(usize, usize)>| {
                range.map(|(start, len)| grad.narrow(dim, start, len)).transpose()
            };
            ranges.iter().map(part).collect()
        }))
    }

    /// Tensors of one shape joined along a new dimension before `dim`; `-1` adds it at the end.
    ///
    /// # Errors
    /// If there is no tensor, or they differ in dtype or shape.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.stack`
    pub fn stack<V: AsRef<Self>>(vars: &[V], dim: impl Into<Dim>) -> Result<Self> {
        let (vars, values) = vars_and_values(vars);
        let dim = dim.into();
        let value = Tensor::stack(&values, dim)?;
        let dim = dim.resolve("stack", value.rank())?;
        let wanted: Vec<bool> = vars.iter().map(|x| x.requires_grad()).collect();
        Ok(Self::from_op_of_inputs("stack", &vars, value, move |grad| {
            let part =
                |(i, &wanted): (usize, &bool)| wanted.then(|| grad.select(dim, i)).transpose();
            wanted.iter().enumerate().map(part).collect()
        }))
    }
}

fn vars_and_values<V: AsRef<Var>>(vars: &[V]) -> (Vec<&Var>, Vec<&Tensor>) {
    vars.iter().map(|x| (x.as_ref(), x.as_ref().value())).unzip()
}

#[cfg(test)]
mod tests {
    use crate::Var;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([2, 1, 3], 1), normal([2, 2, 3], 2), normal([2, 0, 3], 3)];
        check_op(|x| Var::cat(x, 1), &x);
        check_op(|x| Var::cat(&[&x[0], &x[0]], -1), &x[..1]);
        let x = [normal([2, 3], 1), normal([2, 3], 2)];
        check_op(|x| Var::stack(x, 0), &x);
        check_op(|x| Var::stack(x, -1), &x);
    }

    #[test]
    fn nothing_cannot_be_joined() {
        assert!(Var::cat::<Var>(&[], 0).is_err() && Var::stack::<Var>(&[], 0).is_err());
    }
}
