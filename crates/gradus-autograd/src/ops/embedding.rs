//! `embedding`.

use gradus_tensor::Tensor;

use super::indexing::Zeros;
use crate::{Result, Var, is_grad_enabled};

impl Var {
    /// Rows of a table by id.
    ///
    /// The gradient of a row is the sum over the places where its id stands. It is dense: rows
    /// that were not looked up have zeros.
    ///
    /// # Shapes
    /// table `[V, C]`, ids (i64) of any shape `S` → `S + [C]`
    ///
    /// # Errors
    /// If the table is not 2-D or an id is out of range.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.nn.functional.embedding`
    pub fn embedding(&self, ids: &Tensor) -> Result<Self> {
        let value = self.value().embedding(ids)?;
        let width = self.dims()[1];
        let (rows, ids) = ([ids.len(), width], ids.reshape([ids.len()])?);
        let zeros = Zeros::like(self);
        Ok(self.map("embedding", value, move |grad| {
            let grad = grad.reshape(rows)?;
            if !is_grad_enabled() {
                return Ok(Self::constant(grad.value().index_sum(0, &ids, zeros.extent(0))?));
            }
            zeros.make()?.scatter_add(0, &ids.unsqueeze(1)?.expand(rows)?, &grad)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let ids = Tensor::from([[2i64, 0, 2], [1, 2, 2]]);
        check_op(|x| x[0].embedding(&ids), &[normal([4, 3], 1)]);
    }

    #[test]
    fn a_row_gets_the_sum_of_its_places() {
        let table = Var::leaf(normal([3, 1], 1));
        let y = table.embedding(&Tensor::from([2i64, 0, 2])).unwrap();
        let grads = y.backward_with(&Tensor::from([[1.0f64], [10.0], [100.0]])).unwrap();
        assert_eq!(grads.get(&table).unwrap().to_vec::<f64>().unwrap(), [10.0, 0.0, 101.0]);
    }
}
