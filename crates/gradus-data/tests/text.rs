//! Vectors and tokens of texts against scikit-learn and Hugging Face's tokenizers.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

#[rustfmt::skip]
#[path = "golden/text.rs"]
mod golden;

use std::collections::BTreeMap;

use golden::{CORPUS, TEXTS};
use gradus_data::{
    Analyzer, BytePair, BytePairConfig, Case, CountVectorizerConfig, TermNorm, TfIdfConfig,
    Unigram, UnigramConfig, WordPiece, WordPieceConfig,
};
use gradus_tensor::Tensor;
use serde_json::Value;

const BPE: &str = include_str!("golden/tokenizers/bpe.json");
const WORDPIECE: &str = include_str!("golden/tokenizers/wordpiece.json");
const WORDPIECE_CASED: &str = include_str!("golden/tokenizers/wordpiece_cased.json");
const UNIGRAM: &str = include_str!("golden/tokenizers/unigram.json");
const ENCODED: &str = include_str!("golden/tokenizers/encoded.json");

/// The product of each row with cos(0), cos(1), …, as the script sums it.
fn projected(x: &Tensor) -> Vec<f64> {
    let values: Vec<f32> = x.to_vec().unwrap();
    let weigh = |(i, &v): (usize, &f32)| f64::from(v) * (i as f64).cos();
    values.chunks(x.dims()[1]).map(|row| row.iter().enumerate().map(weigh).sum()).collect()
}

#[track_caller]
fn assert_close(got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len());
    for (g, e) in got.iter().zip(expected) {
        assert!((g - e).abs() <= tolerance * e.abs().max(1.0), "{g} {e}");
    }
}

#[track_caller]
fn check(config: TfIdfConfig, terms: &[&str], idf: &[f64], rows: &[f64], counts: &[f64]) {
    let tfidf = config.fit(&CORPUS).unwrap();
    assert_eq!(tfidf.counts().terms(), terms);
    assert_close(tfidf.idf(), idf, 1e-14);
    // Rows are f32: half a unit in the last place for each of some hundred entries below 1.
    assert_close(&projected(&tfidf.transform(&TEXTS).unwrap()), rows, 2e-6);
    assert_close(&projected(&tfidf.counts().transform(&TEXTS).unwrap()), counts, 1e-12);
}

#[test]
fn vectors_are_scikit_learns() {
    use golden::*;
    let (config, count) = (TfIdfConfig::default(), CountVectorizerConfig::default());
    check(config, &DEFAULT_TERMS, &DEFAULT_IDF, &DEFAULT_PROJECTED, &DEFAULT_COUNTS);
    let bigrams = CountVectorizerConfig { ngrams: (1, 2), min_df: 2, max_df: 0.6, ..count };
    let config_of = |count| TfIdfConfig { count, ..config };
    check(config_of(bigrams), &BIGRAMS_TERMS, &BIGRAMS_IDF, &BIGRAMS_PROJECTED, &BIGRAMS_COUNTS);
    let cased = CountVectorizerConfig { case: Case::Keep, ..count };
    let sublinear =
        TfIdfConfig { count: cased, sublinear_tf: true, smooth_idf: false, norm: TermNorm::L1 };
    check(sublinear, &SUBLINEAR_TERMS, &SUBLINEAR_IDF, &SUBLINEAR_PROJECTED, &SUBLINEAR_COUNTS);
    let analyzer = Analyzer::Char;
    let characters = CountVectorizerConfig { analyzer, ngrams: (2, 3), min_df: 3, ..count };
    check(
        config_of(characters),
        &CHARACTERS_TERMS,
        &CHARACTERS_IDF,
        &CHARACTERS_PROJECTED,
        &CHARACTERS_COUNTS,
    );
}

/// Hugging Face's ids of the texts.
fn ids(name: &str) -> Vec<Vec<u32>> {
    let encoded: Value = serde_json::from_str(ENCODED).unwrap();
    let texts: Vec<String> = serde_json::from_value(encoded["texts"].clone()).unwrap();
    assert_eq!(texts, TEXTS);
    serde_json::from_value(encoded[name]["ids"].clone()).unwrap()
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn byte_pairs_are_learned_and_applied_as_hugging_face_does() {
    let loaded = BytePair::from_json(BPE).unwrap();
    let special = vec!["<|end|>".to_owned()];
    let learned = BytePairConfig { special, ..BytePairConfig::new(400) }.fit(CORPUS).unwrap();
    assert_eq!(learned, loaded);
    for (text, expected) in TEXTS.iter().zip(ids("bpe")) {
        assert_eq!(learned.encode(text), expected, "{text:?}");
        assert_eq!(learned.decode(&expected).unwrap(), **text);
    }
    assert_eq!(parsed(&learned.to_json())["model"], parsed(BPE)["model"]);
}

#[test]
fn word_pieces_are_applied_as_hugging_face_does() {
    for (name, file) in [("wordpiece", WORDPIECE), ("wordpiece_cased", WORDPIECE_CASED)] {
        let loaded = WordPiece::from_json(file).unwrap();
        for (text, expected) in TEXTS.iter().zip(ids(name)) {
            assert_eq!(loaded.encode(text), expected, "{name} {text:?}");
        }
        assert_eq!(parsed(&loaded.to_json())["model"], parsed(file)["model"]);
    }
}

#[test]
fn learned_word_pieces_are_as_good_as_hugging_faces() {
    // Ties are broken at random there, so that the pieces differ, but not how well they fit.
    let theirs = WordPiece::from_json(WORDPIECE).unwrap();
    let special = vec!["[PAD]".to_owned()];
    let config = WordPieceConfig { special, ..WordPieceConfig::new(theirs.vocab_size()) };
    let ours = config.fit(CORPUS).unwrap();
    let tokens =
        |t: &WordPiece| CORPUS.iter().map(|text| t.encode(text).len()).sum::<usize>() as f64;
    assert_eq!(ours.vocab_size(), theirs.vocab_size());
    assert!((tokens(&ours) / tokens(&theirs) - 1.0).abs() < 0.05);
}

#[test]
fn unigrams_are_applied_as_hugging_face_does() {
    let loaded = Unigram::from_json(UNIGRAM).unwrap();
    for (text, expected) in TEXTS.iter().zip(ids("unigram")) {
        assert_eq!(loaded.encode(text), expected, "{text:?}");
    }
    let (ours, theirs) = (parsed(&loaded.to_json()), parsed(UNIGRAM));
    assert_eq!(ours["model"]["vocab"], theirs["model"]["vocab"]);
}

#[test]
fn learned_unigrams_are_as_good_as_hugging_faces() {
    let theirs = Unigram::from_json(UNIGRAM).unwrap();
    let ours = UnigramConfig::new(theirs.vocab_size()).fit(CORPUS).unwrap();
    // Nats of the corpus under each model's own best cut.
    let nats = |t: &Unigram| -> f64 {
        let score = |&id: &u32| t.token(id).unwrap().1;
        CORPUS.iter().flat_map(|text| t.encode(text)).map(|id| -score(&id)).sum()
    };
    assert_eq!(ours.vocab_size(), theirs.vocab_size());
    assert!(nats(&ours) < 1.03 * nats(&theirs), "{} {}", nats(&ours), nats(&theirs));
}

#[test]
fn value_stability_of_learned_tokens() {
    let tokenizer = UnigramConfig::new(30).fit(CORPUS[5..].iter()).unwrap();
    let again = UnigramConfig::new(30).fit(CORPUS[5..].iter()).unwrap();
    assert_eq!(tokenizer, again);
    let pieces: BTreeMap<u32, &str> =
        (1..30).filter_map(|id| Some((id, tokenizer.token(id)?.0))).collect();
    assert!(pieces.values().any(|&piece| piece == "▁the"), "{pieces:?}");
}
