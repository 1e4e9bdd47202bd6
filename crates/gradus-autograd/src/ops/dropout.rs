//! `dropout`.

use gradus_core::Key;

use crate::{Result, Var};

impl Var {
    /// Each element set to zero with probability `p`, else multiplied by 1/(1 − p), so that the
    /// mean stays.
    ///
    /// The draws are those of `key` in kind [`Dropout`](gradus_core::Kind::Dropout): the same key drops the same
    /// elements. The gradient goes through the same mask, which is drawn again rather than kept. With p = 1 everything is zero.
    ///
    /// # Errors
    /// If `p` is outside `0..=1` or the dtype is no float.
    ///
    /// # Reference
    /// Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting";
    /// scaled while training, not afterwards, as everywhere today.
    ///
    /// # PyTorch
    /// `torch.nn.functional.dropout`
    pub fn dropout(&self, p: f64, key: Key) -> Result<Self> {
        let value = self.value().dropout(p, key)?;
        Ok(self.map("dropout", value, move |grad| grad.dropout(p, key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradus_tensor::Tensor;

    use crate::testing::{check_op, elements, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        for p in [0.0, 0.4, 1.0] {
            check_op(|x| x[0].dropout(p, Key::new(3)), &[normal([3, 4], 1)]);
        }
    }

    #[test]
    fn the_mean_stays_and_the_share_is_p() {
        let x = Var::from(Tensor::ones(20_000, gradus_core::DType::F64).unwrap());
        let y = elements(&x.dropout(0.3, Key::new(1)).unwrap());
        let zeros = y.iter().filter(|&&y| y == 0.0).count() as f64 / 20_000.0;
        // Standard deviation of the share: √(0.3 · 0.7 / 20000) = 0.0032.
        assert!((zeros - 0.3).abs() < 0.013, "{zeros}");
        assert!(y.iter().all(|&y| y == 0.0 || (y - 1.0 / 0.7).abs() < 1e-12));
    }

    #[test]
    fn the_same_key_drops_the_same_elements() {
        let x = Var::from(normal(50, 1));
        let drop = |seed| x.dropout(0.5, Key::new(seed)).unwrap().into_value();
        assert!(drop(1).equal(&drop(1)) && !drop(1).equal(&drop(2)));
    }

    #[test]
    fn p_must_be_a_probability() {
        let x = Var::from(normal(2, 1));
        for p in [-0.1, 1.1, f64::NAN] {
            assert!(x.dropout(p, Key::new(1)).is_err());
        }
    }
}
