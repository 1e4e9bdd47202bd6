//! Term frequency times inverse document frequency.

use std::collections::BTreeMap;

use gradus_core::DType;
use gradus_tensor::Tensor;

use super::count::{CountVectorizer, CountVectorizerConfig};
use crate::{Error, Fitted, Result};

/// How the row of a text is scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TermNorm {
    /// To Euclidean length 1.
    #[default]
    L2,
    /// To a sum of 1.
    L1,
    /// Not at all.
    None,
}

/// How a [`TfIdf`] is fitted.
///
/// # Examples
/// ```
/// use gradus_data::{CountVectorizerConfig, TfIdfConfig};
/// let count = CountVectorizerConfig { min_df: 2, ..CountVectorizerConfig::default() };
/// let tfidf = TfIdfConfig { count, ..TfIdfConfig::default() }.fit(&["aa bb", "aa cc", "aa bb"])?;
/// assert_eq!(tfidf.counts().terms(), ["aa", "bb"]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TfIdfConfig {
    /// What is counted.
    pub count: CountVectorizerConfig,
    /// Whether a count `n` is read as `1 + ln n`; false by default.
    pub sublinear_tf: bool,
    /// Whether one more text with every term is imagined, so that no weight is infinite; true by
    /// default.
    pub smooth_idf: bool,
    /// How rows are scaled at last.
    pub norm: TermNorm,
}

impl Default for TfIdfConfig {
    fn default() -> Self {
        let (count, norm) = (CountVectorizerConfig::default(), TermNorm::default());
        Self { count, sublinear_tf: false, smooth_idf: true, norm }
    }
}

impl TfIdfConfig {
    /// Learns vocabulary and weights of some texts.
    ///
    /// # Errors
    /// Those of [`CountVectorizerConfig::fit`].
    pub fn fit<S: AsRef<str>>(&self, texts: &[S]) -> Result<TfIdf> {
        let (counts, df) = self.count.fit_with_df(texts)?;
        let smooth = f64::from(u8::from(self.smooth_idf));
        let n = texts.len() as f64 + smooth;
        let idf = df.into_iter().map(|df| (n / (df as f64 + smooth)).ln() + 1.0).collect();
        Ok(TfIdf { counts, idf, sublinear_tf: self.sublinear_tf, norm: self.norm })
    }
}

/// Weighs the counts of terms by how rare the terms are.
///
/// x = tf · idf, scaled to length 1, with idf = ln((1 + N) / (1 + df)) + 1 for a term that is in `df`
/// of the `N` texts of the fit. A text without a known term is a row of zeros. Weights are computed
/// in f64.
///
/// # Reference
/// scikit-learn's `TfidfVectorizer`.
///
/// # Examples
/// ```
/// use gradus_data::TfIdfConfig;
/// let tfidf = TfIdfConfig::default().fit(&["free prize", "free lunch"])?;
/// let x = tfidf.transform(&["free prize", "unknown"])?; // (N, V): free, lunch, prize
/// let x: Vec<f32> = x.to_vec()?;
/// assert!(x[2] > x[0] && x[1] == 0.0); // the rarer word weighs more
/// assert_eq!(x[3..], [0.0; 3]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TfIdf {
    counts: CountVectorizer,
    idf: Vec<f64>,
    sublinear_tf: bool,
    norm: TermNorm,
}

impl TfIdf {
    /// The counts below, with the vocabulary.
    pub const fn counts(&self) -> &CountVectorizer {
        &self.counts
    }

    /// The weight of each term.
    pub fn idf(&self) -> &[f64] {
        &self.idf
    }

    /// Weighs the terms of texts.
    ///
    /// # Shapes
    /// - → `[N, V]`, f32
    ///
    /// # Errors
    /// [`Error::Tensor`] if the table is too large.
    pub fn transform<S: AsRef<str>>(&self, texts: &[S]) -> Result<Tensor> {
        let mut x = self.counts.transform(texts)?;
        for row in x.make_mut::<f32>()?.chunks_exact_mut(self.idf.len()) {
            let weigh = |(&count, idf): (&f32, &f64)| match (count > 0.0, self.sublinear_tf) {
                (false, _) => 0.0,
                (true, false) => f64::from(count) * idf,
                (true, true) => (f64::from(count).ln() + 1.0) * idf,
            };
            let weights: Vec<f64> = row.iter().zip(&self.idf).map(weigh).collect();
            let length = match self.norm {
                TermNorm::L2 => weights.iter().map(|w| w * w).sum::<f64>().sqrt(),
                TermNorm::L1 => weights.iter().map(|w| w.abs()).sum(),
                TermNorm::None => 1.0,
            };
            let length = if length > 0.0 { length } else { 1.0 };
            row.iter_mut().zip(weights).for_each(|(x, w)| *x = (w / length) as f32);
        }
        Ok(x)
    }
}

impl Fitted for TfIdf {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        let mut state = self.counts.state_dict();
        let norm = match self.norm {
            TermNorm::None => 0,
            TermNorm::L1 => 1,
            TermNorm::L2 => 2,
        };
        let options = [i64::from(self.sublinear_tf), norm];
        state.insert("idf".to_owned(), Tensor::from(self.idf.clone()));
        state.insert("weights".to_owned(), Tensor::from(options));
        state
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let counts = CountVectorizer::from_state_dict(state)?;
        let error = |name: &str, expected| {
            let found = |t: &Tensor| format!("{} {}", t.dtype(), t.shape());
            let got = state.get(name).map_or_else(|| "nothing".to_owned(), found);
            Error::State { op: "TfIdf", name: name.to_owned(), expected, got }
        };
        let one_per_term =
            |t: &&Tensor| t.dtype() == DType::F64 && t.dims() == [counts.terms().len()];
        let idf = state.get("idf").filter(one_per_term);
        let idf = idf.ok_or_else(|| error("idf", "an f64 for each term"))?.to_vec()?;
        let weights = state.get("weights").filter(|t| t.dtype() == DType::I64);
        let weights: Vec<i64> = weights.map(Tensor::to_vec).transpose()?.unwrap_or_default();
        let (sublinear_tf, norm) = match weights[..] {
            [sublinear @ 0..=1, 0] => (sublinear == 1, TermNorm::None),
            [sublinear @ 0..=1, 1] => (sublinear == 1, TermNorm::L1),
            [sublinear @ 0..=1, 2] => (sublinear == 1, TermNorm::L2),
            _ => return Err(error("weights", "two options, as i64")),
        };
        Ok(Self { counts, idf, sublinear_tf, norm })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_length_one_and_state_comes_back() {
        let texts = ["aa bb bb", "bb cc", "dd"];
        for norm in [TermNorm::L2, TermNorm::L1, TermNorm::None] {
            for sublinear_tf in [false, true] {
                let config = TfIdfConfig { norm, sublinear_tf, ..TfIdfConfig::default() };
                let tfidf = config.fit(&texts).unwrap();
                let x = tfidf.transform(&texts).unwrap();
                for row in x.to_vec::<f32>().unwrap().chunks(4) {
                    let length = match norm {
                        TermNorm::L2 => row.iter().map(|v| v * v).sum::<f32>().sqrt(),
                        TermNorm::L1 => row.iter().sum(),
                        TermNorm::None => 1.0,
                    };
                    assert!((length - 1.0).abs() < 1e-6);
                }
                assert_eq!(TfIdf::from_state_dict(&tfidf.state_dict()).unwrap(), tfidf);
            }
        }
    }

    #[test]
    fn damaged_state_is_named() {
        let state = TfIdfConfig::default().fit(&["aa bb"]).unwrap().state_dict();
        for (name, tensor) in [
            ("idf", Tensor::from([1.0f64])),
            ("weights", Tensor::from([1i64, 3])),
            ("weights", Tensor::from([1.0f32])),
        ] {
            let mut state = state.clone();
            state.insert(name.to_owned(), tensor);
            assert!(TfIdf::from_state_dict(&state).unwrap_err().to_string().contains(name));
        }
    }
}
