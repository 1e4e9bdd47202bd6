//! Windows over a long sequence of tokens.

use gradus_tensor::Tensor;

use crate::{Dataset, Error, Result};

/// Blocks of a token sequence with the next token of every position as target: item `i` starts at
/// token `i · stride`.
///
/// A stride of 1 gives every window; a stride of `length` cuts the text into blocks that do not
/// overlap. Tokens left over at the end are not used.
///
/// # Shapes
/// - items `[T]`, batches `[B, T]`, both i64: `[input, target]`
///
/// # Examples
/// ```
/// use gradus_data::{Dataset, Windows};
/// use gradus_tensor::Tensor;
/// let windows = Windows::new(&Tensor::new([5, 6, 7, 8, 9]), 3, 1)?;
/// assert_eq!(windows.len(), 2);
/// let [input, target] = windows.get(1)?;
/// assert_eq!(input.to_vec::<i64>()?, [6, 7, 8]);
/// assert_eq!(target.to_vec::<i64>()?, [7, 8, 9]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Windows {
    tokens: Tensor,
    length: usize,
    stride: usize,
}

impl Windows {
    /// Lays windows of `length` tokens over `tokens` (i64, `[N]`).
    ///
    /// # Errors
    /// If `length` or `stride` is 0, if `tokens` is not an i64 vector, or if it is too short for
    /// one window and its last target.
    pub fn new(tokens: &Tensor, length: usize, stride: usize) -> Result<Self> {
        let op = "Windows::new";
        let invalid =
            |name, expected, got: String| Error::InvalidArgument { op, name, expected, got };
        if length == 0 {
            return Err(invalid("length", "positive", "0".to_owned()));
        }
        if stride == 0 {
            return Err(invalid("stride", "positive", "0".to_owned()));
        }
        if tokens.rank() != 1 {
            return Err(invalid("tokens", "a vector", format!("shape {}", tokens.shape())));
        }
        if tokens.len() <= length {
            let got = format!("{} for a length of {length}", tokens.len());
            return Err(invalid("tokens", "more than the window's length", got));
        }
        let tokens = tokens.contiguous();
        tokens.as_slice::<i64>()?;
        Ok(Self { tokens, length, stride })
    }

    fn tokens(&self) -> Result<&[i64]> {
        Ok(self.tokens.as_slice()?)
    }
}

impl Dataset for Windows {
    type Item = [Tensor; 2];

    fn len(&self) -> usize {
        (self.tokens.len() - self.length - 1) / self.stride + 1
    }

    fn get(&self, index: usize) -> Result<[Tensor; 2]> {
        self.check_index(index)?;
        let start = index * self.stride;
        let input = self.tokens.narrow(0, start, self.length)?; // (T)
        let target = self.tokens.narrow(0, start + 1, self.length)?; // (T)
        Ok([input, target])
    }

    fn get_batch(&self, indices: &[usize]) -> Result<[Tensor; 2]> {
        indices.iter().try_for_each(|&i| self.check_index(i))?;
        let tokens = self.tokens()?;
        let shape = [indices.len(), self.length];
        let rows = |shift: usize| {
            let row = |&i: &usize| &tokens[i * self.stride + shift..][..self.length];
            let ids: Vec<i64> = indices.iter().flat_map(row).copied().collect();
            Tensor::from_vec(ids, shape) // (B, T)
        };
        Ok([rows(0)?, rows(1)?])
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::DType;
    use proptest::prelude::*;

    use super::*;
    use crate::Stack;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn targets_are_the_next_tokens(n in 2usize..40, length in 1usize..10, stride in 1usize..12) {
            let tokens = Tensor::arange(0.0, n as f64, 1.0, DType::I64).unwrap();
            let windows = Windows::new(&tokens, length, stride);
            prop_assert_eq!(windows.is_ok(), n > length);
            let Ok(windows) = windows else { return Ok(()) };
            let expected = (0..n).step_by(stride).filter(|start| start + length < n).count();
            prop_assert_eq!(windows.len(), expected);
            let all: Vec<usize> = (0..windows.len()).collect();
            let items = all.iter().map(|&i| windows.get(i).unwrap()).collect();
            let [x, y] = windows.get_batch(&all).unwrap();
            let stacked: [Tensor; 2] = Stack::stack(items).unwrap();
            prop_assert!(x.equal(&stacked[0]) && y.equal(&stacked[1]));
            prop_assert!(y.equal(&x.add_scalar(1.0).unwrap()));
        }
    }

    #[test]
    fn what_is_no_token_vector_is_refused() {
        let floats = Tensor::from([1.0f32, 2.0, 3.0]);
        assert!(Windows::new(&floats, 1, 1).unwrap_err().to_string().contains("f32"));
        assert!(Windows::new(&Tensor::from([[1i64, 2]]), 1, 1).is_err());
        assert!(Windows::new(&Tensor::from([1i64, 2]), 1, 0).is_err());
    }
}
