//! `tril` and `triu`: triangles of matrices.

use crate::{Result, Var};

impl Var {
    /// The part of each matrix on and below diagonal `k`, zeros elsewhere; `k` 0 is the main
    /// diagonal, a positive one lies above it.
    ///
    /// The gradient is cut in the same way.
    ///
    /// # Errors
    /// If there are fewer than two dimensions.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.tril`
    pub fn tril(&self, k: i64) -> Result<Self> {
        Ok(self.map("tril", self.value().tril(k)?, move |grad| grad.tril(k)))
    }

    /// The part of each matrix on and above diagonal `k`, zeros elsewhere.
    ///
    /// The gradient is cut in the same way.
    ///
    /// # Errors
    /// If there are fewer than two dimensions.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.triu`
    pub fn triu(&self, k: i64) -> Result<Self> {
        Ok(self.map("triu", self.value().triu(k)?, move |grad| grad.triu(k)))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([2, 3, 4], 1)];
        for k in [-1, 0, 2] {
            check_op(|x| x[0].tril(k), &x);
            check_op(|x| x[0].triu(k), &x);
        }
    }
}
