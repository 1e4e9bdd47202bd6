//! Windows over a time series.

use gradus_tensor::Tensor;

use crate::{Dataset, Error, Result};

/// How [`SeriesWindows`] are laid over a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeriesWindowsConfig {
    /// Rows that a model sees.
    pub length: usize,
    /// How many rows after the last one it sees the target lies: 1 (the default) is the next row, 0
    /// the last row itself.
    pub horizon: usize,
    /// Rows between the starts of two windows; 1 by default.
    pub stride: usize,
}

impl SeriesWindowsConfig {
    /// Every window of `length` rows with the row after it as target.
    pub const fn new(length: usize) -> Self {
        Self { length, horizon: 1, stride: 1 }
    }
}

/// Windows over a series with a later row as target: item `i` is rows
/// `i·stride .. i·stride + length` of the features and row `i·stride + length − 1 + horizon` of the
/// targets.
///
/// Cut a series into parts before laying windows over each part: no window then reaches from the
/// training part into the test part.
///
/// # Shapes
/// - features `[N, ...]`, targets `[N, ...]` → items `[T, ...]` and `[...]`
///
/// # Examples
/// ```
/// use gradus_data::{Dataset, SeriesWindows, SeriesWindowsConfig};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[1.0], [2.0], [3.0], [4.0]]);
/// let y = Tensor::new([10.0, 20.0, 30.0, 40.0]);
/// let windows = SeriesWindows::new(&x, &y, SeriesWindowsConfig::new(2))?;
/// let [window, target] = windows.get(1)?;
/// assert_eq!((window.to_vec::<f32>()?, target.item()?), (vec![2.0, 3.0], 40.0));
/// assert_eq!(windows.len(), 2);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct SeriesWindows {
    features: Tensor,
    targets: Tensor,
    config: SeriesWindowsConfig,
}

impl SeriesWindows {
    /// Lays windows over a series.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if features and targets differ in length;
    /// [`Error::InvalidArgument`] if `length` or `stride` is 0, or if the series is too short for
    /// one window and its target.
    pub fn new(features: &Tensor, targets: &Tensor, config: SeriesWindowsConfig) -> Result<Self> {
        let op = "SeriesWindows::new";
        let invalid =
            |name, expected, got: String| Err(Error::InvalidArgument { op, name, expected, got });
        for (name, value) in [("length", config.length), ("stride", config.stride)] {
            if value == 0 {
                return invalid(name, "positive", "0".to_owned());
            }
        }
        let (Some(&n), Some(&got)) = (features.dims().first(), targets.dims().first()) else {
            return invalid("features and targets", "of rank 1 or more", "a 0-d tensor".to_owned());
        };
        if n != got {
            return Err(Error::LengthMismatch { op, what: "rows", expected: n, got });
        }
        if config.length.checked_add(config.horizon).is_none_or(|needed| needed > n) {
            let got = format!("{n} rows, length {}, horizon {}", config.length, config.horizon);
            return invalid("features", "as long as one window and its horizon", got);
        }
        Ok(Self { features: features.clone(), targets: targets.clone(), config })
    }
}

impl Dataset for SeriesWindows {
    type Item = [Tensor; 2];

    fn len(&self) -> usize {
        let SeriesWindowsConfig { length, horizon, stride } = self.config;
        (self.features.dims()[0] - length - horizon) / stride + 1
    }

    fn get(&self, index: usize) -> Result<[Tensor; 2]> {
        self.check_index(index)?;
        let SeriesWindowsConfig { length, horizon, stride } = self.config;
        let start = index * stride;
        let window = self.features.narrow(0, start, length)?; // (T, ...)
        Ok([window, self.targets.select(0, start + length - 1 + horizon)?])
    }

    fn get_batch(&self, indices: &[usize]) -> Result<[Tensor; 2]> {
        indices.iter().try_for_each(|&i| self.check_index(i))?;
        let SeriesWindowsConfig { length, horizon, stride } = self.config;
        let rows = |&i: &usize| (i * stride..i * stride + length).map(|row| row as i64);
        let ids = Tensor::from(indices.iter().flat_map(rows).collect::<Vec<_>>());
        let mut shape = vec![indices.len(), length];
        shape.extend(&self.features.dims()[1..]);
        let windows = self.features.index_select(0, &ids)?.reshape(shape)?; // (B, T, ...)
        let last = indices.iter().map(|&i| (i * stride + length - 1 + horizon) as i64);
        let ids = Tensor::from(last.collect::<Vec<_>>());
        Ok([windows, self.targets.index_select(0, &ids)?])
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::DType;
    use proptest::prelude::*;

    use super::*;
    use crate::Stack;

    fn series(n: usize) -> (Tensor, Tensor) {
        let x = Tensor::arange(0.0, 2.0 * n as f64, 1.0, DType::F32).unwrap();
        (x.reshape([n, 2]).unwrap(), Tensor::arange(0.0, n as f64, 1.0, DType::F64).unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_batch_is_its_stacked_items(
            n in 1usize..30, length in 1usize..8, horizon in 0usize..5, stride in 1usize..5,
        ) {
            let (x, y) = series(n);
            let config = SeriesWindowsConfig { length, horizon, stride };
            let windows = SeriesWindows::new(&x, &y, config);
            prop_assert_eq!(windows.is_ok(), length + horizon <= n);
            let Ok(windows) = windows else { return Ok(()) };
            let starts = (0..n).step_by(stride).filter(|s| s + length - 1 + horizon < n).count();
            prop_assert_eq!(windows.len(), starts);
            let all: Vec<usize> = (0..windows.len()).rev().collect();
            let items = all.iter().map(|&i| windows.get(i).unwrap()).collect();
            let expected: [Tensor; 2] = Stack::stack(items).unwrap();
            let got = windows.get_batch(&all).unwrap();
            prop_assert!(got.iter().zip(&expected).all(|(a, b)| a.equal(b)));
            let [window, target] = windows.get(0).unwrap();
            let last = window.select(0, length - 1).unwrap().to_vec::<f32>().unwrap()[0];
            prop_assert_eq!(f64::from(last) / 2.0 + horizon as f64, target.item().unwrap());
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (x, y) = series(4);
        let new = |config| SeriesWindows::new(&x, &y, config);
        let config = SeriesWindowsConfig::new(2);
        assert!(new(SeriesWindowsConfig { length: 0, ..config }).is_err());
        assert!(new(SeriesWindowsConfig { stride: 0, ..config }).is_err());
        assert!(new(SeriesWindowsConfig { horizon: usize::MAX, ..config }).is_err());
        assert!(SeriesWindows::new(&x, &series(3).1, config).is_err());
        assert!(SeriesWindows::new(&x, &Tensor::scalar(1.0f32), config).is_err());
        let error = new(SeriesWindowsConfig::new(4)).unwrap_err().to_string();
        assert!(error.ends_with("got 4 rows, length 4, horizon 1"), "{error}");
        assert!(new(config).unwrap().get_batch(&[2]).is_err());
    }
}
