//! Warps against golden vectors, and their laws.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use gradus_generate::{
    Allow, Bias, Dry, Error, History, Key, MinP, Mirostat, Pattern, Penalty, Repetition,
    Temperature, TopK, TopNSigma, TopP, Typical, Warp, Warps, Xtc,
};
use proptest::prelude::*;

/// Made by `golden/warps.py` from the definitions of Hugging Face.
const GOLDEN: &str = include_str!("golden/warps.tsv");

fn numbers<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> Vec<T> {
    text.split(',').filter(|s| !s.is_empty()).map(|s| s.parse().unwrap()).collect()
}

fn chain(text: &str) -> Warps {
    text.split(' ').fold(Warps::none(), |warps, item| {
        let (name, value) = item.split_once('=').unwrap();
        let value: f64 = value.parse().unwrap();
        match name {
            "temperature" => warps.with(Temperature(value)),
            "top_k" => warps.with(TopK(value as usize)),
            "top_p" => warps.with(TopP(value)),
            "min_p" => warps.with(MinP(value)),
            "repetition" => warps.with(Repetition(value)),
            "frequency" => warps.with(Penalty { frequency: value, ..Penalty::default() }),
            "presence" => warps.with(Penalty { presence: value, ..Penalty::default() }),
            "typical" => warps.with(Typical(value)),
            "top_n_sigma" => warps.with(TopNSigma(value)),
            "xtc" => warps.with(Xtc { probability: 1.0, threshold: value }),
            "dry" => warps.with(Dry { multiplier: value, ..Dry::default() }),
            other => panic!("unknown warp {other}"),
        }
    })
}

#[test]
fn warps_equal_their_golden_vectors() {
    for line in GOLDEN.lines() {
        let [name, prompt, generated, logits, probs] =
            line.split('\t').collect::<Vec<_>>()[..].try_into().unwrap();
        let (prompt, generated) = (numbers(prompt), numbers(generated));
        let history = History { prompt: &prompt, generated: &generated, ..History::default() };
        let dist = chain(name).dist(&mut numbers::<f64>(logits), &history).unwrap();
        for (id, p) in numbers::<f64>(probs).into_iter().enumerate() {
            assert!(
                (dist.p(id as u32) - p).abs() < 1e-12,
                "{name}, id {id}: {}",
                dist.p(id as u32)
            );
        }
    }
    assert_eq!(GOLDEN.lines().count(), 87);
}

fn kept(warp: impl Warp + 'static, logits: &[f64]) -> Vec<u32> {
    let dist = Warps::none().with(warp).dist(&mut logits.to_vec(), &History::default()).unwrap();
    dist.iter().map(|x| x.0).collect()
}

#[test]
fn ties_keep_the_lowest_ids() {
    assert_eq!(kept(TopK(2), &[1.0, 3.0, 1.0, 1.0]), [0, 1]);
    assert_eq!(kept(TopK(2), &[0.0, -0.0, 0.0]), [0, 1]);
    assert_eq!(kept(TopP(0.5), &[1.0; 4]), [0, 1]);
    assert_eq!(kept(TopP(0.0), &[1.0, 2.0, 2.0]), [1]);
    assert_eq!(kept(Temperature(0.0), &[1.0, 2.0, 2.0]), [1]);
    assert_eq!(kept(MinP(1.0), &[1.0, 2.0, 2.0]), [1, 2]);
}

#[test]
fn the_crossing_id_is_included() {
    let logits = [0.6f64.ln(), 0.3f64.ln(), 0.1f64.ln()];
    assert_eq!(kept(TopP(0.59), &logits), [0]);
    assert_eq!(kept(TopP(0.61), &logits), [0, 1]);
    assert_eq!(kept(TopP(0.91), &logits), [0, 1, 2]);
}

#[test]
fn filters_see_renormalised_mass() {
    let logits = [0.4f64.ln(), 0.3f64.ln(), 0.2f64.ln(), 0.1f64.ln()];
    // After the top two, id 0 alone has 4/7 of the mass.
    let chain = Warps::none().with(TopK(2)).with(TopP(0.5));
    let dist = chain.dist(&mut logits.to_vec(), &History::default()).unwrap();
    assert_eq!(dist.iter().collect::<Vec<_>>(), [(0, 1.0)]);
}

#[test]
fn removed_ids_stay_removed() {
    let inf = f64::INFINITY;
    let logits = [-inf, 1.0, -inf, 0.5];
    let warps: [fn(Warps) -> Warps; 11] = [
        |w| w.with(Typical(0.99)),
        |w| w.with(TopNSigma(9.0)),
        |w| w.with(Xtc { probability: 1.0, threshold: 0.9 }),
        |w| w.with(Dry { allowed: 1, ..Dry::default() }),
        |w| w.with(Mirostat::default()),
        |w| w.with(Temperature(0.3)),
        |w| w.with(TopK(3)),
        |w| w.with(TopP(0.999)),
        |w| w.with(MinP(0.0)),
        |w| w.with(Repetition(2.0)),
        |w| w.with(Bias(vec![(0, 100.0)])),
    ];
    for add in warps {
        let history = History { prompt: &[0, 1], generated: &[2, 2], ..History::default() };
        let dist = add(Warps::none()).dist(&mut logits.to_vec(), &history).unwrap();
        assert_eq!(dist.iter().map(|x| x.0).collect::<Vec<_>>(), [1, 3]);
    }
}

#[test]
fn now_and_then_the_obvious_is_left_out() {
    let logits = [0.5f64.ln(), 0.3f64.ln(), 0.2f64.ln()];
    let xtc = |probability, threshold| Xtc { probability, threshold };
    assert_eq!(kept(xtc(1.0, 0.25), &logits), [1, 2]);
    assert_eq!(kept(xtc(1.0, 0.1), &logits), [2]);
    assert_eq!(kept(xtc(1.0, 0.4), &logits), [0, 1, 2], "a single top choice stays");
    assert_eq!(kept(xtc(0.0, 0.1), &logits), [0, 1, 2]);
    let removes = |pos| {
        let mut row = logits;
        let key = Key::new(1).at(0, pos);
        xtc(0.3, 0.1).apply(&mut row, &History::default(), key).unwrap();
        row[0] == f64::NEG_INFINITY
    };
    let share = (0..10_000).filter(|&pos| removes(pos)).count();
    assert!((2800..3200).contains(&share), "{share}");
}

/// Everything a pattern allows a model to say, up to a length, each once.
fn spelled(pattern: &str, words: &[&str], longest: usize) -> Vec<String> {
    let end = words.len() as u32;
    let all = words.iter().copied().chain([""]);
    let warps = Warps::none().with(Pattern::new(pattern, all, end).unwrap());
    let (mut open, mut done) = (vec![Vec::<u32>::new()], Vec::new());
    while let Some(generated) = open.pop() {
        let history = History { generated: &generated, ..History::default() };
        let Ok(dist) = warps.dist(&mut vec![0.0; words.len() + 1], &history) else { continue };
        for (id, _) in dist.iter() {
            if id == end {
                done.push(generated.iter().map(|&id| words[id as usize]).collect());
            } else if generated.len() < longest {
                open.push([&generated[..], &[id]].concat());
            }
        }
    }
    done.sort();
    done
}

#[test]
fn a_pattern_is_spelled_and_nothing_else() {
    let digits = ["0", "1", "2", "-"];
    assert_eq!(spelled("[01]-2", &digits, 9), ["0-2", "1-2"]);
    // Lazy and greedy quantifiers allow the same texts, and alternatives do not hide each other.
    for pattern in ["(0|01)*?2", "(0|01)*2"] {
        assert_eq!(spelled(pattern, &digits, 3), ["002", "012", "02", "2"]);
    }
    // Words may cross the parts of a pattern, and bytes of one character may come apart.
    assert_eq!(spelled("né?e", &["n", "\u{E9}", "e", "né", "ée"], 3).len(), 4);
    assert_eq!(spelled("9", &digits, 3), [""; 0], "nothing can spell it");
    assert_eq!(spelled("", &digits, 3), [""]);
    assert!(matches!(Pattern::new("(", digits, 0), Err(Error::Pattern { .. })));
    assert!(matches!(Pattern::new("0", digits, 4), Err(Error::OutOfVocab { .. })));
    let short = Warps::none().with(Pattern::new("0", digits, 0).unwrap());
    assert!(matches!(short.check(9), Err(Error::Length { .. })));
}

#[test]
fn mirostat_follows_the_surprise() {
    // Surprises of 1, 2, 3 and 4 bits, and one more of 4.
    let logits = [0.5, 0.25, 0.125, 0.0625, 0.0625].map(f64::ln);
    let left = |logps: &[f64]| {
        let generated = vec![0; logps.len()];
        let history = History { prompt: &[], generated: &generated, logps };
        let warps = Warps::none().with(Mirostat { tau: 1.25, eta: 1.0 });
        warps.dist(&mut logits.to_vec(), &history).unwrap().iter().len()
    };
    assert_eq!(left(&[]), 2, "μ = 2.5 bits");
    assert_eq!(left(&[0.25f64.ln()]), 1, "μ = 2.5 − (2 − 1.25) = 1.75");
    assert_eq!(left(&[0.0]), 3, "μ = 2.5 + 1.25");
    assert_eq!(left(&[0.0, 0.0]), 5);
    assert_eq!(left(&[1e-9f64.ln()]), 1, "the best stays");
}

#[test]
fn bad_parameters_are_errors() {
    let bad = [
        Warps::none().with(Temperature(-1.0)),
        Warps::none().with(Temperature(f64::NAN)),
        Warps::none().with(TopK(0)),
        Warps::none().with(TopP(1.5)),
        Warps::none().with(MinP(-0.1)),
        Warps::none().with(Repetition(0.0)),
        Warps::none().with(Penalty { frequency: f64::NAN, presence: 0.0 }),
        Warps::none().with(Bias(vec![(9, 1.0)])),
        Warps::none().with(Bias(vec![(0, f64::INFINITY)])),
        Warps::none().with(Allow::new([9])),
        Warps::none().with(Allow::new([])),
        Warps::none().with(Typical(1.1)),
        Warps::none().with(TopNSigma(-1.0)),
        Warps::none().with(Xtc { probability: 2.0, threshold: 0.1 }),
        Warps::none().with(Xtc { probability: 0.5, threshold: f64::NAN }),
        Warps::none().with(Dry { base: 0.5, ..Dry::default() }),
        Warps::none().with(Dry { allowed: 0, ..Dry::default() }),
        Warps::none().with(Dry { breakers: vec![4], ..Dry::default() }),
        Warps::none().with(Mirostat { tau: 0.0, eta: 0.1 }),
        Warps::none().with(TopK(3)).with(Mirostat::default()),
        Warps::none().with(Mirostat::default()).with(Temperature(1.0)),
    ];
    for warps in bad {
        assert!(warps.check(4).is_err(), "{warps:?}");
        assert!(warps.dist(&mut [0.0; 4], &History::default()).is_err());
    }
}

#[test]
fn rows_that_cannot_be_drawn_are_errors() {
    let inf = f64::INFINITY;
    let warps = Warps::none().with(Temperature(0.5)).with(TopK(1)).with(TopP(0.5)).with(MinP(0.5));
    for row in [[0.0, f64::NAN], [0.0, inf]] {
        let error = warps.dist(&mut row.clone(), &History::default()).unwrap_err();
        assert!(matches!(error, Error::NotFinite { .. }), "{error}");
    }
    let remove = |logits: &mut [f64], _: &History<'_>| logits.fill(f64::NEG_INFINITY);
    for warps in [warps.clone(), Warps::none().with(remove).with(Temperature(0.5))] {
        let row = if warps.is_empty() { [0.0; 2] } else { [-inf; 2] };
        let error = warps.dist(&mut row.clone(), &History::default()).unwrap_err();
        assert!(matches!(error, Error::EmptySupport { .. }), "{error}");
    }
    let emptied = Warps::none().with(remove).with(Temperature(0.5));
    let error = emptied.dist(&mut [0.0; 2], &History::default()).unwrap_err();
    assert!(matches!(error, Error::EmptySupport { .. }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn neutral_warps_are_identities(logits in prop::collection::vec(-9.0..9.0f64, 1..30)) {
        let plain = Warps::none().dist(&mut logits.clone(), &History::default()).unwrap();
        let history = History { prompt: &[0], generated: &[0], ..History::default() };
        let neutral = Warps::none()
            .with(Temperature(1.0)).with(TopK(logits.len())).with(TopP(1.0)).with(MinP(0.0))
            .with(Repetition(1.0)).with(Penalty::default()).with(Bias::default())
            .with(Allow::new(0..logits.len() as u32))
            .with(Typical(1.0)).with(TopNSigma(1e9)).with(Dry { multiplier: 0.0, ..Dry::default() })
            .with(Xtc { probability: 0.0, threshold: 0.1 });
        prop_assert_eq!(neutral.dist(&mut logits.clone(), &history).unwrap(), plain);
    }

    #[test]
    fn filters_keep_the_best_and_what_they_promise(
        logits in prop::collection::vec(-9.0..9.0f64, 1..30), p in 0.0..1.0f64, k in 1..30usize,
    ) {
        let plain = Warps::none().dist(&mut logits.clone(), &History::default()).unwrap();
        let mass = |ids: &[u32]| ids.iter().map(|&id| plain.p(id)).sum::<f64>();
        let top = kept(TopK(k), &logits);
        prop_assert_eq!(top.len(), k.min(logits.len()));
        let nucleus = kept(TopP(p), &logits);
        prop_assert!(mass(&nucleus) >= p - 1e-12);
        let least = nucleus.iter().map(|&id| plain.p(id)).fold(1.0, f64::min);
        prop_assert!(mass(&nucleus) - least < p + 1e-12, "the smallest such set");
        let likely = kept(MinP(p), &logits);
        for ids in [&top, &nucleus, &likely] {
            prop_assert!(ids.contains(&plain.argmax()));
            let worst = ids.iter().map(|&id| plain.p(id)).fold(1.0, f64::min);
            let lost = |id: &u32| !ids.contains(id);
            prop_assert!((0..logits.len() as u32).filter(lost).all(|id| plain.p(id) <= worst));
        }
    }

    #[test]
    fn temperature_raises_to_a_power(
        logits in prop::collection::vec(-9.0..9.0f64, 2..20), t in 0.1..4.0f64,
    ) {
        let plain = Warps::none().dist(&mut logits.clone(), &History::default()).unwrap();
        let warm = Warps::none().with(Temperature(t));
        let warm = warm.dist(&mut logits.clone(), &History::default()).unwrap();
        let ratio = (plain.p(0) / plain.p(1)).powf(1.0 / t);
        prop_assert!((warm.p(0) / warm.p(1) / ratio - 1.0).abs() < 1e-9);
        prop_assert_eq!(warm.argmax(), plain.argmax());
    }
}
