//! Vectors as a few integers each, from coarse to fine.

use std::collections::BTreeMap;

use gradus_core::{DType, Key};
use gradus_tensor::Tensor;

use super::codebook::Codebook;
use super::columns::{Columns, unexpected};
use super::state::{Entries, Fitted, State};
use super::train_rows::TrainRows;
use crate::{Error, Result, check_labels};

/// How a [`ResidualQuantizer`] is learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResidualQuantizerConfig {
    /// Codebooks one after the other; codes of a vector.
    pub n_quantizers: usize,
    /// Vectors of a codebook.
    pub codebook_size: usize,
    /// The most rounds of k-means for a codebook; 50 by default.
    pub max_iter: usize,
    /// Of the first vectors.
    pub key: Key,
}

impl ResidualQuantizerConfig {
    /// So many codebooks of so many vectors.
    pub const fn new(n_quantizers: usize, codebook_size: usize, key: Key) -> Self {
        Self { n_quantizers, codebook_size, max_iter: 50, key }
    }

    /// Learns the codebooks: the first from the rows, each further one from what those before it
    /// leave over. The work is that of k-means in f64, rows · `codebook_size` · columns for a round.
    ///
    /// # Shapes
    /// - `rows`: `[..., N, C]` float
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if a number is 0 or there are fewer rows than `codebook_size`;
    /// [`Error::Value`] for NaN and for what is too large to be squared; [`Error::Tensor`] if the rows
    /// are not a float table.
    pub fn fit(&self, rows: &TrainRows) -> Result<ResidualQuantizer> {
        let op = "ResidualQuantizer::fit";
        let invalid = |name, expected, got: usize| {
            Err(Error::InvalidArgument { op, name, expected, got: got.to_string() })
        };
        let (n_quantizers, codebook_size) = (self.n_quantizers, self.codebook_size);
        for (name, count) in [
            ("n_quantizers", n_quantizers),
            ("codebook_size", codebook_size),
            ("max_iter", self.max_iter),
        ] {
            if count == 0 {
                return invalid(name, "positive", count);
            }
        }
        let columns = Columns::to_fit(op, rows)?;
        columns.require(op, BOUNDED, is_bounded)?;
        let n_features = columns.n_columns();
        let mut left = columns.rows().flatten().copied().collect::<Vec<f64>>();
        if left.len() / n_features < codebook_size {
            return invalid("codebook_size", "at most the number of rows", codebook_size);
        }
        let mut codebooks = Vec::new();
        for quantizer in 0..n_quantizers {
            let key = self.key.fold_in(quantizer as u64);
            let book = Codebook::learn(&left, n_features, codebook_size, self.max_iter, key);
            for x in left.chunks_exact_mut(n_features) {
                take_nearest(&book, x);
            }
            codebooks.push(book);
        }
        Ok(ResidualQuantizer { n_features, dtype: rows.tensor().dtype(), codebooks })
    }
}

const BOUNDED: &str = "a number of size below 1e150";

fn is_bounded(v: f64) -> bool {
    v.abs() < 1e150
}

/// Takes the nearest vector away from `x` and returns its number.
fn take_nearest(book: &Codebook, x: &mut [f64]) -> usize {
    let (code, _) = book.nearest(x);
    x.iter_mut().zip(book.row(code)).for_each(|(x, center)| *x -= center);
    code
}

/// Turns vectors into a few codes each and back: the first code names the nearest vector of the first
/// codebook, the second one the vector of the second codebook that is nearest to what is left, and so on.
///
/// The first codes alone give a coarse version, each further one refines it: what a codec of speech
/// hands to a language model. On the rows that were learned from, every codebook lowers the mean
/// squared error or leaves it; on others it usually does. Codes are found greedily, codebook by
/// codebook. With one codebook this is plain vector quantization (k-means).
///
/// # Reference
/// Juang & Gray 1982, "Multiple stage vector quantization for speech coding"; Zeghidour et al. 2021,
/// "`SoundStream`: An End-to-End Neural Audio Codec", section III-C, whose names are used; k-means as in
/// Lloyd 1982 from the start of Arthur & Vassilvitskii 2007.
///
/// # Examples
/// ```
/// use gradus_core::{DType, Key};
/// use gradus_data::{ResidualQuantizerConfig, TrainRows};
/// use gradus_tensor::Tensor;
/// let frames = Tensor::randn([200, 4], DType::F32, Key::new(1))?;
/// let quantizer = ResidualQuantizerConfig::new(3, 16, Key::new(7)).fit(&TrainRows::whole(&frames))?;
/// let codes = quantizer.encode(&frames)?; // (200, 3)
/// let error = |n: usize| -> Result<f64, gradus_data::Error> {
///     let rebuilt = quantizer.decode(&codes.narrow(1, 0, n)?)?; // (200, 4)
///     let gap = rebuilt.sub(&frames)?;
///     Ok(gap.mul(&gap)?.mean(..)?.item()?)
/// };
/// assert!(error(3)? < error(2)? && error(2)? < error(1)? && error(1)? < 0.5);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ResidualQuantizer {
    n_features: usize,
    dtype: DType,
    codebooks: Vec<Codebook>,
}

impl ResidualQuantizer {
    /// Codebooks, and codes of a vector.
    pub fn n_quantizers(&self) -> usize {
        self.codebooks.len()
    }

    /// Vectors of a codebook; codes are below this.
    pub fn codebook_size(&self) -> usize {
        self.codebooks[0].len()
    }

    /// Numbers of a vector.
    pub const fn n_features(&self) -> usize {
        self.n_features
    }

    /// The vectors of one codebook, in f64.
    ///
    /// # Shapes
    /// - → `[codebook_size, n_features]`
    ///
    /// # Errors
    /// [`Error::IndexOutOfRange`] if there is no such codebook.
    pub fn codebook(&self, quantizer: usize) -> Result<Tensor> {
        let len = self.n_quantizers();
        let book = self.codebooks.get(quantizer);
        let book = book.ok_or(Error::IndexOutOfRange { index: quantizer, len })?;
        Ok(Tensor::from_slice(book.rows(), [book.len(), self.n_features])?)
    }

    /// The codes of each vector, coarse ones first. Of equally near vectors the lowest number is taken;
    /// a vector's codes do not depend on those beside it.
    ///
    /// # Shapes
    /// - `x`: `[..., n_features]` float → `[..., n_quantizers]` i64
    ///
    /// # Errors
    /// [`Error::Tensor`] if `x` has another last dimension or is not a float tensor;
    /// [`Error::Value`] for NaN and for what is too large to be squared.
    pub fn encode(&self, x: &Tensor) -> Result<Tensor> {
        let op = "ResidualQuantizer::encode";
        if x.dims().last() != Some(&self.n_features) {
            return Err(unexpected(op, format!("a last dimension of {}", self.n_features), x));
        }
        let columns = Columns::read(op, x)?;
        columns.require(op, BOUNDED, is_bounded)?;
        let mut codes = Vec::with_capacity(x.len() / self.n_features * self.n_quantizers());
        for row in columns.rows() {
            let mut left = row.to_vec();
            codes.extend(self.codebooks.iter().map(|book| take_nearest(book, &mut left) as i64));
        }
        let mut shape = x.dims().to_vec();
        shape[x.rank() - 1] = self.n_quantizers();
        Ok(Tensor::from_vec(codes, shape)?)
    }

    /// The sum of the vectors that codes name, in the dtype of the rows that were learned from. The
    /// first few codes of each vector are enough, for a coarse version.
    ///
    /// # Shapes
    /// - `codes`: `[..., n]` i64 with n in `1..=n_quantizers` → `[..., n_features]`
    ///
    /// # Errors
    /// [`Error::LabelOutOfRange`] for a code that is not there; [`Error::Tensor`] for another last
    /// dimension or dtype.
    pub fn decode(&self, codes: &Tensor) -> Result<Tensor> {
        let n = codes.dims().last().copied().unwrap_or(0);
        if !(1..=self.n_quantizers()).contains(&n) {
            let expected = format!("a last dimension of 1 to {}", self.n_quantizers());
            return Err(unexpected("ResidualQuantizer::decode", expected, codes));
        }
        check_labels(codes, self.codebook_size())?;
        let ids: Vec<i64> = codes.to_vec()?;
        let mut sums = vec![0.0; ids.len() / n * self.n_features];
        for (ids, sum) in ids.chunks_exact(n).zip(sums.chunks_exact_mut(self.n_features)) {
            for (book, &id) in self.codebooks.iter().zip(ids) {
                sum.iter_mut().zip(book.row(id as usize)).for_each(|(sum, v)| *sum += v);
            }
        }
        let mut shape = codes.dims().to_vec();
        shape[codes.rank() - 1] = self.n_features;
        Ok(Tensor::from_vec(sums, shape)?.to_dtype(self.dtype)?)
    }
}

const DTYPES: [DType; 3] = [DType::F32, DType::F64, DType::BF16];

impl Fitted for ResidualQuantizer {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        let dtype = DTYPES.iter().position(|d| *d == self.dtype).unwrap_or_default();
        let values: Vec<f64> = self.codebooks.iter().flat_map(|b| b.rows().to_vec()).collect();
        Entries::default()
            .floats("codebooks", &values)
            .integers("n_quantizers", &[self.n_quantizers() as i64])
            .integers("n_features", &[self.n_features as i64])
            .integers("dtype", &[dtype as i64])
            .finish()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "ResidualQuantizer", state };
        let (n_quantizers, n_features) = (state.count("n_quantizers")?, state.count("n_features")?);
        let dtype = DTYPES[state.code("dtype", DTYPES.len(), "[0], [1] or [2]")?];
        let values = state.floats("codebooks")?;
        let whole =
            n_quantizers.checked_mul(n_features).filter(|n| values.len().is_multiple_of(*n));
        if whole.is_none() || !values.iter().all(|v| v.is_finite()) {
            let got = format!("{} numbers", values.len());
            return Err(state.error("codebooks", "finite vectors for each codebook", got));
        }
        let books = values.chunks_exact(values.len() / n_quantizers);
        let codebooks = books.map(|rows| Codebook::new(rows.to_vec(), n_features)).collect();
        Ok(Self { n_features, dtype, codebooks })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn error_of(quantizer: &ResidualQuantizer, x: &Tensor, n: usize) -> f64 {
        let codes = quantizer.encode(x).unwrap().narrow(1, 0, n).unwrap();
        let gap = quantizer.decode(&codes).unwrap().sub(x).unwrap();
        gap.mul(&gap).unwrap().sum(..).unwrap().item().unwrap()
    }

    /// Codes by the definition, without tables or early ends.
    fn naive(quantizer: &ResidualQuantizer, x: &[f64]) -> Vec<i64> {
        let mut left = x.to_vec();
        let mut codes = Vec::new();
        for q in 0..quantizer.n_quantizers() {
            let book: Vec<f64> = quantizer.codebook(q).unwrap().to_vec().unwrap();
            let squared = |center: &[f64]| -> f64 {
                left.iter().zip(center).map(|(a, b)| (a - b) * (a - b)).sum()
            };
            let mut best = (0, f64::INFINITY);
            for (code, center) in book.chunks_exact(x.len()).enumerate() {
                if squared(center) < best.1 {
                    best = (code, squared(center));
                }
            }
            let center = &book[best.0 * x.len()..][..x.len()];
            left.iter_mut().zip(center).for_each(|(v, c)| *v -= c);
            codes.push(best.0 as i64);
        }
        codes
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn errors_fall_codes_are_naive_and_state_round_trips(
            n in 6usize..30, c in 1usize..5, seed: u64,
        ) {
            let x = Tensor::randn([n, c], DType::F64, Key::new(seed)).unwrap();
            let config = ResidualQuantizerConfig::new(3, 4, Key::new(seed ^ 1));
            let quantizer = config.fit(&TrainRows::whole(&x)).unwrap();
            let errors: Vec<f64> = (1..=3).map(|n| error_of(&quantizer, &x, n)).collect();
            prop_assert!(errors[1] <= errors[0] + 1e-9 && errors[2] <= errors[1] + 1e-9);
            let codes: Vec<i64> = quantizer.encode(&x).unwrap().to_vec().unwrap();
            let rows: Vec<f64> = x.to_vec().unwrap();
            let expected: Vec<i64> =
                rows.chunks_exact(c).flat_map(|row| naive(&quantizer, row)).collect();
            prop_assert_eq!(codes, expected);
            let restored = ResidualQuantizer::from_state_dict(&quantizer.state_dict()).unwrap();
            prop_assert_eq!(&restored, &quantizer);
            prop_assert_eq!(&config.fit(&TrainRows::whole(&x)).unwrap(), &quantizer);
            // A vector of the first codebook has its own number, and comes back as it is.
            let book = quantizer.codebook(0).unwrap();
            let first = quantizer.encode(&book).unwrap().narrow(1, 0, 1).unwrap();
            prop_assert!(quantizer.decode(&first).unwrap().equal(&book));
        }
    }

    #[test]
    fn shapes_and_dtypes_are_kept() {
        for dtype in DTYPES {
            let x = Tensor::randn([3, 5, 2], dtype, Key::new(3)).unwrap();
            let quantizer =
                ResidualQuantizerConfig::new(2, 3, Key::new(0)).fit(&TrainRows::whole(&x)).unwrap();
            assert_eq!(
                ResidualQuantizer::from_state_dict(&quantizer.state_dict()).unwrap(),
                quantizer
            );
            let codes = quantizer.encode(&x).unwrap();
            assert_eq!((codes.dims(), codes.dtype()), (&[3, 5, 2][..], DType::I64));
            let back = quantizer.decode(&codes).unwrap();
            assert_eq!((back.dims(), back.dtype()), (&[3, 5, 2][..], dtype));
            // Not contiguous.
            let turned = x.transpose(0, 1).unwrap();
            let same = codes.transpose(0, 1).unwrap();
            assert!(quantizer.encode(&turned).unwrap().equal(&same));
            assert!(quantizer.decode(&same).unwrap().equal(&back.transpose(0, 1).unwrap()));
            let one = x.select(0, 1).unwrap().select(0, 4).unwrap();
            assert_eq!(quantizer.encode(&one).unwrap().dims(), &[2]);
        }
        let x = Tensor::randn([9, 2], DType::F32, Key::new(3)).unwrap();
        let quantizer =
            ResidualQuantizerConfig::new(2, 3, Key::new(0)).fit(&TrainRows::whole(&x)).unwrap();
        let none = quantizer.encode(&Tensor::zeros([0, 2], DType::F32).unwrap()).unwrap();
        assert_eq!(none.dims(), &[0, 2]);
        assert_eq!(quantizer.decode(&none).unwrap().dims(), &[0, 2]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let x = Tensor::randn([5, 2], DType::F64, Key::new(3)).unwrap();
        let config = ResidualQuantizerConfig::new(1, 3, Key::new(0));
        let rows = TrainRows::whole(&x);
        for bad in [
            ResidualQuantizerConfig { n_quantizers: 0, ..config.clone() },
            ResidualQuantizerConfig { codebook_size: 0, ..config.clone() },
            ResidualQuantizerConfig { codebook_size: 6, ..config.clone() },
            ResidualQuantizerConfig { max_iter: 0, ..config.clone() },
        ] {
            assert!(bad.fit(&rows).is_err(), "{bad:?}");
        }
        for bad in [f64::NAN, f64::INFINITY, 1e200] {
            let x = Tensor::from_slice(&[0.0, bad, 1.0, 2.0, 3.0, 4.0], [3, 2]).unwrap();
            assert!(config.fit(&TrainRows::whole(&x)).is_err());
            assert!(config.fit(&rows).unwrap().encode(&x).is_err());
        }
        assert!(config.fit(&TrainRows::whole(&Tensor::new([[1i64], [2], [3]]))).is_err());
        let quantizer = config.fit(&rows).unwrap();
        assert!(quantizer.encode(&Tensor::new([1.0, 2.0, 3.0])).is_err());
        assert!(quantizer.encode(&Tensor::scalar(1.0f64)).is_err());
        assert!(quantizer.encode(&Tensor::new([1i64, 2])).is_err());
        for codes in [Tensor::new([3i64]), Tensor::new([-1i64]), Tensor::new([0i64, 0])] {
            assert!(quantizer.decode(&codes).is_err());
        }
        assert!(quantizer.decode(&Tensor::scalar(0i64)).is_err());
        assert!(
            quantizer.decode(&Tensor::new([0.0f32])).is_err() && quantizer.codebook(1).is_err()
        );
        for name in ["codebooks", "n_quantizers", "n_features", "dtype"] {
            let mut state = quantizer.state_dict();
            state.insert(name.to_owned(), Tensor::new([7i64, 7]));
            assert!(ResidualQuantizer::from_state_dict(&state).is_err(), "{name}");
        }
    }
}
