//! Draft and verify: the tables of an independent program, and what a broken draw does to pairs.

use std::collections::BTreeMap;

use gradus_generate::exact::{Law, enumerate};
use gradus_generate::{
    Ar, Causal, Dist, Draft, Drafted, Draws, Event, Key, Keyed, Kind, Logits, Ragged, Request,
    Result, Rule, Start, Strategy, TokenState, Want,
};

use crate::setup::output;

/// Two inverse CDFs read with the same uniform agree.
fn inverse_cdf(p: &Dist, q: &Dist) -> f64 {
    let (mut total, mut a, mut b) = (0.0, 0.0, 0.0);
    for id in 0..256 {
        let (x, y) = (p.p(id), q.p(id));
        total += f64::max(0.0, f64::min(a + x, b + y) - f64::max(a, b));
        (a, b) = (a + x, b + y);
    }
    total
}

/// Rejection, coupling, then what others do: keep a sampled or a greedy guess if the target draws the
/// same, or read both laws with one uniform.
fn rules(p: &Dist, q: &Dist) -> [f64; 5] {
    let sampled = p.iter().map(|(id, x)| x * q.p(id)).sum();
    let greedy = p.p(q.argmax());
    [
        Rule::Reject.acceptance(p, q),
        Rule::Coupled.acceptance(p, q),
        sampled,
        greedy,
        inverse_cdf(p, q),
    ]
}

/// Mean acceptance over 200 pairs of laws, and of 256 ordered levels shifted by one.
#[test]
fn acceptance_of_the_rules() {
    let close = |got: [f64; 5], expected: [f64; 5]| {
        for (got, expected) in got.into_iter().zip(expected) {
            assert!((got - expected).abs() < 1e-9, "{got}, not {expected}");
        }
    };
    for (noise, expected) in [
        (0.3, [0.911403030264, 0.890488679725, 0.314081970788, 0.460833525682, 0.764630911734]),
        (0.7, [0.79722670866, 0.759102170369, 0.302251878711, 0.425575982267, 0.616516749319]),
        (1.2, [0.668616394804, 0.620796915182, 0.278527280287, 0.370547488431, 0.489779144714]),
    ] {
        let mut mean = [0.0; 5];
        for pair in 0..200 {
            let key = |pos| Key::new(2024).at(pair, pos).kind(Kind::Noise);
            let target: Vec<f64> = (0..65).map(|v| 3.0 * key(0).normal(v)).collect();
            let draft = target.iter().zip(0..).map(|(l, v)| l + noise * key(1).normal(v));
            let draft: Vec<f64> = draft.collect();
            let (p, q) = (Dist::from_logits(&target).unwrap(), Dist::from_logits(&draft).unwrap());
            mean.iter_mut().zip(rules(&p, &q)).for_each(|(mean, rate)| *mean += rate / 200.0);
        }
        close(mean, expected);
    }
    let levels = |middle: f64| {
        let below = |k: u32| {
            if k == 256 { 1.0 } else { 1.0 / (1.0 + (-(f64::from(k) - 0.5 - middle) / 5.0).exp()) }
        };
        let below = |k: u32| if k == 0 { 0.0 } else { below(k) };
        let p: Vec<f64> = (0..256).map(|k| below(k + 1) - below(k)).collect();
        Dist::from_probs(&p).unwrap()
    };
    let shifted = rules(&levels(127.5), &levels(128.5));
    close(shifted, [0.950166002688, 0.934761238504, 0.033178431185, 0.0488536628, 1.7e-11]);
}

/// A law of its own over three ids after every prefix; only ids of the support have mass.
struct Prefixes {
    tag: u32,
    support: &'static [u32],
}

impl Prefixes {
    fn law(&self, prefix: &[u32]) -> [f64; 3] {
        let code = prefix.iter().fold(1, |code, id| 4 * code + id);
        let key = Key::new(2024).at(self.tag, code).kind(Kind::Noise);
        [0, 1, 2]
            .map(|v| if self.support.contains(&v) { -key.uniform(u64::from(v)).ln() } else { 0.0 })
    }

    fn prob(&self, ids: &[u32]) -> f64 {
        let of = |at: usize| {
            let law = self.law(&ids[..at]);
            law[ids[at] as usize] / law.iter().sum::<f64>()
        };
        (0..ids.len()).map(of).product()
    }
}

impl Causal for Prefixes {
    type State = TokenState;

    fn vocab(&self) -> usize {
        3
    }

    fn start(&self) -> Start {
        Start::Always(3)
    }

    fn begin(&self, rows: usize) -> Result<TokenState> {
        Ok(TokenState::new(rows))
    }

    fn feed(&self, s: &mut TokenState, new: &Ragged, want: Want, out: &mut Logits) -> Result<()> {
        s.push(new)?;
        for (r, new) in new.iter().enumerate() {
            let fed = s.row(r);
            let wanted = match want {
                Want::None => 0,
                Want::Last => new.len().min(1),
                Want::All => new.len(),
            };
            for end in fed.len() - wanted..fed.len() {
                out.extend(&self.law(&fed[1..=end]).map(f64::ln))?;
            }
        }
        Ok(())
    }
}

/// The mean number of tokens that the first call with proposals commits.
fn tokens_of_a_call(target: &impl Causal, draft: &impl Causal, ahead: usize) -> f64 {
    let pair = Drafted { target, draft };
    let draft = Draft { ahead, rule: Rule::Reject, ..Draft::default() };
    let counts = enumerate(|tape| {
        let mut commits = 0;
        for event in draft.run_with(&pair, Request::blank(ahead + 1), tape)? {
            match event? {
                Event::Commit { .. } => commits += 1,
                Event::Round { .. } => break,
                _ => {}
            }
        }
        Ok(f64::from(commits))
    });
    counts.unwrap().into_iter().map(|(n, weight)| n * weight).sum()
}

#[test]
fn rejection_keeps_the_law_and_as_many_tokens_as_it_should() {
    let of = |tag, support| Prefixes { tag, support };
    let all: &[u32] = &[0, 1, 2];
    for (target, draft, tokens) in [
        (of(0, all), of(1, all), 2.240842107635),
        (of(0, all), of(0, all), 4.0),
        (of(0, all), of(1, &[1]), 1.904363629436),
        (of(0, &[0, 1]), of(1, &[2]), 1.0),
    ] {
        let got = tokens_of_a_call(&target, &draft, 3);
        assert!((got - tokens).abs() < 1e-9, "{got} tokens a call, not {tokens}");
        let reject = Draft { ahead: 3, rule: Rule::Reject, ..Draft::default() };
        let pair = Drafted { target: &target, draft: &draft };
        let law = Law::of_runs(&reject, &pair, &Request::blank(4)).unwrap();
        assert!(law.against(3, |ids| target.prob(ids)).tv < 1e-12);
    }
}

/// The same law after any prefix.
struct Always([f64; 2]);

impl Causal for Always {
    type State = TokenState;

    fn vocab(&self) -> usize {
        2
    }

    fn start(&self) -> Start {
        Start::Always(2)
    }

    fn begin(&self, rows: usize) -> Result<TokenState> {
        Ok(TokenState::new(rows))
    }

    fn feed(&self, s: &mut TokenState, new: &Ragged, want: Want, out: &mut Logits) -> Result<()> {
        s.push(new)?;
        let rows = if want == Want::All {
            new.total()
        } else {
            new.iter().filter(|r| !r.is_empty()).count()
        };
        (0..rows).try_for_each(|_| out.extend(&self.0.map(f64::ln)))
    }
}

#[test]
fn tokens_of_a_call_follow_from_the_acceptance() {
    for (draft, tokens) in [([0.9, 0.1], 2.3056), ([0.7, 0.3], 3.3616), ([0.6, 0.4], 4.0951)] {
        let got = tokens_of_a_call(&Always([0.5, 0.5]), &Always(draft), 4);
        assert!((got - tokens).abs() < 1e-12, "{got}, not {tokens}");
    }
}

/// Keyed draws with a fault.
#[derive(Clone, Copy, PartialEq)]
enum Broken {
    No,
    /// The replacement of a rejected proposal reads the noise of the proposal.
    Residual,
    /// Every proposal of a row is accepted or not by the same number.
    Coin,
    /// Every position of a row reads the same noise.
    Position,
}

impl Draws for Broken {
    fn token(&mut self, from: &Dist, key: Key) -> Result<u32> {
        let key = match self {
            Self::Residual if key.role.kind == Kind::Residual => key.kind(Kind::Draft),
            Self::Position => key.at(key.row, 0),
            _ => key,
        };
        Keyed.token(from, key)
    }

    fn subset(&mut self, of: &[usize], n: usize, key: Key) -> Result<Vec<usize>> {
        Keyed.subset(of, n, key)
    }

    fn coin(&mut self, p: f64, key: Key) -> Result<bool> {
        Keyed.coin(p, if *self == Self::Coin { key.at(key.row, 0) } else { key })
    }

    fn gumbel(&mut self, key: Key) -> Result<f64> {
        Keyed.gumbel(key)
    }
}

/// The largest chi-square of pairs of neighbours in 8,000 rows of three.
fn chi_of_pairs(rule: Option<Rule>, broken: Broken) -> f64 {
    let (target, draft) =
        (Prefixes { tag: 0, support: &[0, 1, 2] }, Prefixes { tag: 1, support: &[0, 1, 2] });
    let (n, request) = (8000, Request::blank(3).rows(8000).seed(11));
    let pair = Drafted { target: &target, draft: &draft };
    let run = match rule {
        Some(rule) => Draft { ahead: 2, rule, ..Draft::default() }.run_with(&pair, request, broken),
        None => Ar::default().run_with(&target, request, broken),
    };
    let got = output(run);
    let mut worst = 0.0f64;
    for at in 0..2 {
        let (mut counts, mut expected) = (BTreeMap::new(), BTreeMap::new());
        (0..n).for_each(|r| *counts.entry(got.row(r)[at..at + 2].to_vec()).or_insert(0.0) += 1.0);
        for k in 0..27 {
            let ids = [k / 9, k / 3 % 3, k % 3];
            *expected.entry(ids[at..at + 2].to_vec()).or_insert(0.0) +=
                target.prob(&ids) * n as f64;
        }
        let of = |(pair, e): (&Vec<u32>, &f64)| (counts.get(pair).unwrap_or(&0.0) - e).powi(2) / e;
        worst = worst.max(expected.iter().map(of).sum());
    }
    worst
}

#[test]
fn pairs_follow_the_law_and_find_broken_draws() {
    // Eight degrees of freedom exceed 31.8 once in 10⁴ times.
    let limit = 31.8;
    for rule in [None, Some(Rule::Reject), Some(Rule::Coupled)] {
        let chi = chi_of_pairs(rule, Broken::No);
        assert!(chi < limit, "{rule:?}: chi-square {chi}");
    }
    for (rule, broken) in [
        (None, Broken::Position),
        (Some(Rule::Reject), Broken::Residual),
        (Some(Rule::Reject), Broken::Coin),
    ] {
        let chi = chi_of_pairs(rule, broken);
        assert!(chi > 3.0 * limit, "{rule:?}: chi-square {chi} does not find it");
    }
}
