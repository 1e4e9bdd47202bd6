//! Counts of terms.

use std::collections::BTreeMap;

use gradus_core::DType;
use gradus_tensor::Tensor;

use super::terms::{Analyzer, Case, for_each_term};
use crate::{Error, Fitted, Result};

/// How a [`CountVectorizer`] is fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CountVectorizerConfig {
    /// Whether letters are made small first; they are by default.
    pub case: Case,
    /// What a term is made of; words by default.
    pub analyzer: Analyzer,
    /// Least and greatest number of words or characters in a term; `(1, 1)` by default.
    pub ngrams: (usize, usize),
    /// Terms in fewer texts are left out; 1 by default.
    pub min_df: usize,
    /// Terms in more than this share of the texts are left out; 1.0 by default.
    pub max_df: f64,
    /// If given, only so many terms are kept: those that occur most often in all, and of equal ones
    /// those that come first in the order of code points.
    pub max_features: Option<usize>,
}

impl Default for CountVectorizerConfig {
    fn default() -> Self {
        let (case, analyzer) = (Case::default(), Analyzer::default());
        Self { case, analyzer, ngrams: (1, 1), min_df: 1, max_df: 1.0, max_features: None }
    }
}

impl CountVectorizerConfig {
    /// Learns the vocabulary of some texts.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if `ngrams` or `max_df` is outside its range, or if no term is
    /// left.
    pub fn fit<S: AsRef<str>>(&self, texts: &[S]) -> Result<CountVectorizer> {
        Ok(self.fit_with_df(texts)?.0)
    }

    /// The vectorizer, and in how many texts each of its terms occurs.
    pub(super) fn fit_with_df<S: AsRef<str>>(
        &self,
        texts: &[S],
    ) -> Result<(CountVectorizer, Vec<usize>)> {
        self.validate()?;
        // For each term: in how many texts, how often in all, and the last text it was seen in.
        let mut seen: BTreeMap<String, (usize, usize, usize)> = BTreeMap::new();
        for (index, text) in texts.iter().enumerate() {
            let text = self.case.apply(text.as_ref());
            for_each_term(&text, self.analyzer, self.ngrams, |term| match seen.get_mut(term) {
                Some((df, count, last)) => {
                    *df += usize::from(*last != index);
                    *count += 1;
                    *last = index;
                }
                None => drop(seen.insert(term.to_owned(), (1, 1, index))),
            });
        }
        let most = self.max_df * texts.len() as f64;
        seen.retain(|_, (df, ..)| *df >= self.min_df && *df as f64 <= most);
        if let Some(max) = self.max_features {
            let mut counts: Vec<(usize, String)> =
                seen.iter().map(|(term, &(_, count, _))| (count, term.clone())).collect();
            // Stable: equal counts stay in the order of terms.
            counts.sort_by_key(|&(count, _)| std::cmp::Reverse(count));
            for (_, term) in counts.iter().skip(max) {
                seen.remove(term);
            }
        }
        if seen.is_empty() {
            return Err(invalid("texts", "with one term or more", "no term".to_owned()));
        }
        let df = seen.values().map(|&(df, ..)| df).collect();
        let terms: Vec<String> = seen.into_keys().collect();
        Ok((CountVectorizer::new(terms, self.case, self.analyzer, self.ngrams), df))
    }

    fn validate(&self) -> Result<()> {
        let (least, most) = self.ngrams;
        if least == 0 || most < least {
            let got = format!("({least}, {most})");
            return Err(invalid("ngrams", "two positive numbers in rising order", got));
        }
        if !(0.0..=1.0).contains(&self.max_df) {
            return Err(invalid("max_df", "in 0..=1", self.max_df.to_string()));
        }
        Ok(())
    }
}

/// The longest n-grams that a saved state may ask for.
const MAX_NGRAM: i64 = 1 << 20;

fn invalid(name: &'static str, expected: &'static str, got: String) -> Error {
    Error::InvalidArgument { op: "CountVectorizer::fit", name, expected, got }
}

/// Counts how often each term of a vocabulary occurs in a text.
///
/// The vocabulary is in the order of code points. Terms that are not in it are not counted.
///
/// # Reference
/// scikit-learn's `CountVectorizer`. Unlike it, rows are dense: give texts in batches if there are
/// many.
///
/// # Examples
/// ```
/// use gradus_data::{CountVectorizerConfig, Fitted};
/// let texts = ["Free prize! Claim the prize", "See you at the gym"];
/// let counts = CountVectorizerConfig::default().fit(&texts)?;
/// assert_eq!(counts.terms(), ["at", "claim", "free", "gym", "prize", "see", "the", "you"]);
/// let x = counts.transform(&texts)?; // (N, V)
/// assert_eq!(x.select(0, 0)?.to_vec::<f32>()?, [0.0, 1.0, 1.0, 0.0, 2.0, 0.0, 1.0, 0.0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CountVectorizer {
    terms: Vec<String>,
    case: Case,
    analyzer: Analyzer,
    ngrams: (usize, usize),
}

impl CountVectorizer {
    fn new(terms: Vec<String>, case: Case, analyzer: Analyzer, ngrams: (usize, usize)) -> Self {
        Self { terms, case, analyzer, ngrams }
    }

    /// The vocabulary: a term's place is its column.
    pub fn terms(&self) -> &[String] {
        &self.terms
    }

    /// The column of a term, if it is in the vocabulary.
    pub fn column(&self, term: &str) -> Option<usize> {
        self.terms.binary_search_by(|known| known.as_str().cmp(term)).ok()
    }

    /// Counts the terms of texts.
    ///
    /// # Shapes
    /// - → `[N, V]`, f32
    ///
    /// # Errors
    /// [`Error::Tensor`] if the table is too large.
    pub fn transform<S: AsRef<str>>(&self, texts: &[S]) -> Result<Tensor> {
        let shape = [texts.len(), self.terms.len()];
        let mut counts = Tensor::zeros(shape, DType::F32)?;
        let rows = counts.make_mut::<f32>()?.chunks_exact_mut(self.terms.len());
        for (text, row) in texts.iter().zip(rows) {
            let text = self.case.apply(text.as_ref());
            for_each_term(&text, self.analyzer, self.ngrams, |term| {
                if let Some(column) = self.column(term) {
                    row[column] += 1.0;
                }
            });
        }
        Ok(counts)
    }
}

impl Fitted for CountVectorizer {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        let lengths: Vec<i64> = self.terms.iter().map(|term| term.len() as i64).collect();
        let options = [
            i64::from(self.case == Case::Keep),
            i64::from(self.analyzer == Analyzer::Char),
            self.ngrams.0 as i64,
            self.ngrams.1 as i64,
        ];
        let entry = |name: &str, tensor| (name.to_owned(), tensor);
        [
            entry("terms.bytes", Tensor::from(self.terms.concat().into_bytes())),
            entry("terms.lengths", Tensor::from(lengths)),
            entry("options", Tensor::from(options)),
        ]
        .into()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let error = |name: &str, expected, got: String| {
            let name = name.to_owned();
            Error::State { op: "CountVectorizer", name, expected, got }
        };
        let find = |name: &str, dtype: DType, expected| match state.get(name) {
            Some(entry) if entry.dtype() == dtype && entry.rank() == 1 => Ok(entry),
            Some(entry) => {
                Err(error(name, expected, format!("{} {}", entry.dtype(), entry.shape())))
            }
            None => Err(error(name, expected, "nothing".to_owned())),
        };
        let bytes: Vec<u8> = find("terms.bytes", DType::U8, "a vector of u8")?.to_vec()?;
        let lengths: Vec<i64> = find("terms.lengths", DType::I64, "a vector of i64")?.to_vec()?;
        let options: Vec<i64> = find("options", DType::I64, "a vector of i64")?.to_vec()?;
        let terms = cut(&bytes, &lengths)
            .filter(|terms| !terms.is_empty() && terms.windows(2).all(|pair| pair[0] < pair[1]));
        let order = "the lengths of terms in rising order";
        let terms = terms.ok_or_else(|| error("terms.lengths", order, "others".to_owned()))?;
        let &[keep @ 0..=1, char @ 0..=1, least @ 1..=MAX_NGRAM, most] = &options[..] else {
            return Err(error("options", "four options", format!("{options:?}")));
        };
        if most < least || most > MAX_NGRAM {
            return Err(error("options", "a range of n-grams", format!("{options:?}")));
        }
        let case = if keep == 1 { Case::Keep } else { Case::Lower };
        let analyzer = if char == 1 { Analyzer::Char } else { Analyzer::Word };
        Ok(Self::new(terms, case, analyzer, (least as usize, most as usize)))
    }
}

/// Texts of these lengths, one after the other; none if they do not fill the bytes.
fn cut(bytes: &[u8], lengths: &[i64]) -> Option<Vec<String>> {
    let mut rest = bytes;
    let mut terms = Vec::with_capacity(lengths.len());
    for &length in lengths {
        let (term, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        terms.push(str::from_utf8(term).ok()?.to_owned());
        rest = after;
    }
    rest.is_empty().then_some(terms)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn counts_are_those_of_the_naive_way_and_state_comes_back(
            texts in prop::collection::vec("[a-cé ]{0,12}", 1..6), least in 1usize..3, char: bool,
        ) {
            let analyzer = if char { Analyzer::Char } else { Analyzer::Word };
            let config = CountVectorizerConfig {
                analyzer, ngrams: (least, least + 1), ..CountVectorizerConfig::default()
            };
            let Ok(fitted) = config.fit(&texts) else { return Ok(()) };
            let x = fitted.transform(&texts).unwrap();
            let counts: Vec<f32> = x.to_vec().unwrap();
            let n_terms = fitted.terms().len();
            for (i, text) in texts.iter().enumerate() {
                let mut terms = Vec::new();
                for_each_term(text, analyzer, config.ngrams, |term| terms.push(term.to_owned()));
                for (j, term) in fitted.terms().iter().enumerate() {
                    let expected = terms.iter().filter(|&t| t == term).count();
                    prop_assert_eq!(counts[i * n_terms + j], expected as f32);
                }
            }
            let restored = CountVectorizer::from_state_dict(&fitted.state_dict()).unwrap();
            prop_assert_eq!(restored, fitted);
        }
    }

    #[test]
    fn rare_and_common_terms_can_be_left_out() {
        let texts = ["aa bb cc", "aa bb bb", "aa dd"];
        let fit = |config: CountVectorizerConfig| config.fit(&texts).map(|c| c.terms().join(" "));
        let config = CountVectorizerConfig::default();
        assert_eq!(fit(CountVectorizerConfig { min_df: 2, ..config }).unwrap(), "aa bb");
        assert_eq!(fit(CountVectorizerConfig { max_df: 0.7, ..config }).unwrap(), "bb cc dd");
        assert_eq!(
            fit(CountVectorizerConfig { max_features: Some(3), ..config }).unwrap(),
            "aa bb cc"
        );
        assert!(fit(CountVectorizerConfig { min_df: 4, ..config }).is_err());
        assert!(fit(CountVectorizerConfig { ngrams: (2, 1), ..config }).is_err());
        assert!(fit(CountVectorizerConfig { ngrams: (0, 1), ..config }).is_err());
        assert!(fit(CountVectorizerConfig { max_df: f64::NAN, ..config }).is_err());
        assert!(config.fit::<&str>(&[]).is_err() && config.fit(&["a !"]).is_err());
    }

    #[test]
    fn damaged_state_is_named() {
        let state = CountVectorizerConfig::default().fit(&["aa bb"]).unwrap().state_dict();
        let with = |name: &str, tensor: Tensor| {
            let mut state = state.clone();
            state.insert(name.to_owned(), tensor);
            CountVectorizer::from_state_dict(&state).unwrap_err().to_string()
        };
        assert!(with("terms.lengths", Tensor::from([2i64, 3])).contains("terms.lengths"));
        assert!(with("terms.lengths", Tensor::from([4i64, -1])).contains("terms.lengths"));
        assert!(with("terms.bytes", Tensor::from([255u8; 4])).contains("terms.lengths"));
        assert!(with("options", Tensor::from([0i64, 0, 2, 1])).contains("options"));
        assert!(with("options", Tensor::from([0i64])).contains("options"));
        assert!(with("options", Tensor::from([0.0f32])).contains("options"));
    }
}
