//! Counts give the law that the formula says.

use gradus_generate::{Causal, Request, State, Want, score};
use gradus_models::Ngram;
use proptest::prelude::{ProptestConfig, prop, proptest};

use crate::causal_laws as laws;

const VOCAB: usize = 4;

/// The formula, word for word, from the rows themselves.
fn naive(rows: &[Vec<u32>], context: &[u32], token: u32) -> f64 {
    let mut followers = Vec::new();
    for row in rows {
        let started = [&[VOCAB as u32], &row[..]].concat();
        for at in 1..started.len() {
            if started[..at].ends_with(context) {
                followers.push(started[at]);
            }
        }
    }
    let below = match context {
        [] => 1.0 / VOCAB as f64,
        [_, shorter @ ..] => naive(rows, shorter, token),
    };
    if followers.is_empty() {
        return below;
    }
    let count = followers.iter().filter(|&&t| t == token).count() as f64;
    let total = followers.len() as f64;
    followers.sort_unstable();
    followers.dedup();
    let kinds = followers.len() as f64;
    (count + kinds * below) / (total + kinds)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_law_is_the_formula_and_sums_to_one(
        rows in prop::collection::vec(prop::collection::vec(0..VOCAB as u32, 0..12), 0..4),
        row in prop::collection::vec(0..VOCAB as u32, 0..6),
        order in 1..5usize,
    ) {
        let model = Ngram::fit(&rows, order, VOCAB).unwrap();
        let law = model.probs(&row);
        assert!((law.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let started = [&[VOCAB as u32], &row[..]].concat();
        let context = &started[started.len().saturating_sub(order - 1)..];
        for (token, p) in law.iter().enumerate() {
            let expected = naive(&rows, context, token as u32);
            assert!((p - expected).abs() < 1e-12 && *p > 0.0, "{p} {expected}");
        }
    }
}

#[test]
fn a_law_worked_out_by_hand() {
    // After 0: twice 1, once 2. p(1) = (2 + 2 · p₁(1)) / (3 + 2), with p₁(1) = (2 + 3 · ¼) / (7 + 3).
    let model = Ngram::fit([[0, 1, 0, 1, 0].as_slice(), &[0, 2]], 2, 4).unwrap();
    let unigram = (2.0 + 3.0 / 4.0) / (7.0 + 3.0);
    assert!((model.probs(&[0])[1] - (2.0 + 2.0 * unigram) / 5.0).abs() < 1e-12);
    // Every row begins with 0.
    assert!(model.probs(&[])[0] > 0.7);
}

fn text() -> Vec<u32> {
    (0..200u32).map(|i| (i * i / 3 + i / 7) % VOCAB as u32).collect()
}

#[test]
fn it_is_a_causal_model_of_its_law() {
    let model = Ngram::fit([text()], 3, VOCAB).unwrap();
    laws::every_split_has_the_same_bits(&model, &[1, 0, 3, 3, 2, 1]);
    laws::a_state_equals_a_fresh_one(&model, 20, 32);
    laws::want_chooses_among_the_same_logits(&model);
    let row = vec![2, 1, 0, 3];
    for (t, found) in score(&model, std::slice::from_ref(&row)).unwrap()[0].iter().enumerate() {
        let expected = model.probs(&row[..t])[row[t] as usize].ln();
        assert!((found.unwrap() - expected).abs() < 1e-12);
    }
}

#[test]
fn strategies_draw_the_same_tokens() {
    let model = Ngram::fit([text()], 4, VOCAB).unwrap();
    let draft = Ngram::fit([text()], 1, VOCAB).unwrap();
    laws::a_prefix_changes_nothing(&model, &[1, 2, 0, 3]);
    laws::strategies_agree(&model, &draft, &Request::blank(25).rows(3).seed(4));
    laws::strategies_agree(&model, &model, &Request::prompts([vec![1], vec![2, 2, 0]]).max(9));
}

#[test]
fn faults_are_named() {
    let fault = |order, vocab| Ngram::fit([[3]], order, vocab).unwrap_err().to_string();
    assert_eq!(fault(0, 4), "Ngram: order must be above zero, got 0");
    assert!(fault(1, 0).starts_with("Ngram: vocab must be"));
    assert_eq!(fault(1, 3), "Ngram: token 3 is not below 3");
    let nothing = Ngram::fit(Vec::<Vec<u32>>::new(), 3, 4).unwrap();
    assert_eq!(nothing.probs(&[1, 2]), [0.25; 4]);
    let (mut state, mut out) = (nothing.begin(1).unwrap(), gradus_generate::Logits::new(4));
    for row in [[3].as_slice(), &[4, 4]] {
        let fed = gradus_generate::Ragged::from_rows([row]);
        assert!(nothing.feed(&mut state, &fed, Want::All, &mut out).is_err());
    }
    assert_eq!(state.len(0), 0);
}
