//! A hidden Markov model: a law with long memory, and every conditional known.

use gradus_core::{Key, Kind};

use crate::{
    Canvas, Causal, Cell, Error, Logits, Masked, Pos, Ragged, Result, Start, TokenState, Want,
};

/// A hidden Markov model over token ids: a state walks, and each state says a token.
///
/// The probability of a sequence, of the next token and of a masked one given any known ones are exact,
/// in time linear in the length: so what a learned model and a strategy cost can be told apart.
///
/// # Reference
/// Rabiner 1989, "A Tutorial on Hidden Markov Models and Selected Applications in Speech Recognition".
///
/// # Examples
/// ```
/// use gradus_generate::exact::Hmm;
/// use gradus_generate::{Ar, Key, Request, Strategy};
/// let hmm = Hmm::random(8, 32, Key::new(7))?;
/// let text = Ar::default().run(&hmm, Request::blank(64).seed(1))?.collect_all()?.row(0);
/// let nats = -hmm.log_prob(&text) / 64.0;
/// assert!((1.0..32f64.ln()).contains(&nats));
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Hmm {
    states: usize,
    vocab: usize,
    /// Of the first state.
    first: Vec<f64>,
    /// Row after row, from each state.
    moves: Vec<f64>,
    /// Row after row, from each state.
    says: Vec<f64>,
}

impl Hmm {
    /// A model from weights: of the first state `[S]`, of moves `[S, S]` and of tokens `[S, V]`, each row
    /// scaled to sum to 1.
    ///
    /// # Errors
    /// [`Error::Length`] for other numbers of weights, [`Error::Parameter`] for rows that are not finite
    /// numbers ≥ 0 with a positive sum.
    pub fn new(first: &[f64], moves: &[f64], says: &[f64]) -> Result<Self> {
        let states = first.len();
        if states == 0 || moves.len() != states * states {
            let what = "weights of moves, one for each pair of states";
            return Err(Error::Length { what, expected: states * states, got: moves.len() });
        }
        if says.is_empty() || !says.len().is_multiple_of(states) {
            let what = "weights of tokens, in whole rows of";
            return Err(Error::Length { what, expected: states, got: says.len() });
        }
        let vocab = says.len() / states;
        Ok(Self {
            states,
            vocab,
            first: laws(first, states)?,
            moves: laws(moves, states)?,
            says: laws(says, vocab)?,
        })
    }

    /// A model whose every row is drawn evenly from all laws, then sharpened to the power of 4.
    ///
    /// # Errors
    /// [`Error::Length`] for no states or no tokens.
    pub fn random(states: usize, vocab: usize, key: Key) -> Result<Self> {
        let weights = |round: u32, n: usize| -> Vec<f64> {
            let key = key.kind(Kind::Init).round(round);
            (0..n as u64).map(|i| (-key.uniform(i).ln()).powi(4)).collect()
        };
        Self::new(&weights(0, states), &weights(1, states * states), &weights(2, states * vocab))
    }

    /// ln p of a sequence; −∞ for one with another id.
    pub fn log_prob(&self, ids: &[u32]) -> f64 {
        if ids.iter().any(|&id| id as usize >= self.vocab) {
            return f64::NEG_INFINITY;
        }
        let known: Vec<_> = ids.iter().map(|&id| Some(id)).collect();
        self.forward(&known).1
    }

    /// For each position the law of its state given what is known before it, and ln p of all that is
    /// known.
    fn forward(&self, known: &[Option<u32>]) -> (Vec<Vec<f64>>, f64) {
        let (mut law, mut logp) = (self.first.clone(), 0.0);
        let mut before = Vec::with_capacity(known.len() + 1);
        for id in known {
            before.push(law.clone());
            self.hear(&mut law, *id);
            let sum: f64 = law.iter().sum();
            logp += sum.ln();
            law.iter_mut().for_each(|p| *p /= sum);
            law = self.step(&law);
        }
        before.push(law);
        (before, logp)
    }

    /// For each position how well its state explains what is known after it, up to a factor.
    fn backward(&self, known: &[Option<u32>]) -> Vec<Vec<f64>> {
        let mut after = vec![vec![1.0; self.states]; known.len()];
        for at in (1..known.len()).rev() {
            let mut likely = after[at].clone();
            self.hear(&mut likely, known[at]);
            let row = |s: usize| self.moves[s * self.states..][..self.states].iter();
            let before: Vec<f64> =
                (0..self.states).map(|s| row(s).zip(&likely).map(|(m, l)| m * l).sum()).collect();
            let top = before.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
            after[at - 1] = before.iter().map(|b| b / top).collect();
        }
        after
    }

    /// Weighs states by how likely they say what is known of a position.
    fn hear(&self, law: &mut [f64], id: Option<u32>) {
        let Some(id) = id else { return };
        for (s, p) in law.iter_mut().enumerate() {
            *p *= self.says[s * self.vocab + id as usize];
        }
    }

    fn step(&self, law: &[f64]) -> Vec<f64> {
        let mut next = vec![0.0; self.states];
        for (p, row) in law.iter().zip(self.moves.chunks(self.states)) {
            next.iter_mut().zip(row).for_each(|(n, m)| *n += p * m);
        }
        next
    }

    /// The logits of a token whose state has this law.
    fn logits(&self, law: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut mass = vec![0.0; self.vocab];
        for (p, row) in law.zip(self.says.chunks(self.vocab)) {
            mass.iter_mut().zip(row).for_each(|(m, e)| *m += p * e);
        }
        mass.into_iter().map(f64::ln).collect()
    }
}

/// Scales every row to sum to 1.
fn laws(weights: &[f64], width: usize) -> Result<Vec<f64>> {
    let mut scaled = Vec::with_capacity(weights.len());
    for row in weights.chunks(width) {
        let sum: f64 = row.iter().sum();
        if row.iter().any(|w| !(w.is_finite() && *w >= 0.0)) || !(sum > 0.0 && sum.is_finite()) {
            let (name, expected) = ("sum of weights", "positive, and every weight finite and ≥ 0");
            return Err(Error::Parameter { name, expected, got: sum });
        }
        scaled.extend(row.iter().map(|w| w / sum));
    }
    Ok(scaled)
}

impl Causal for Hmm {
    type State = TokenState;

    fn vocab(&self) -> usize {
        self.vocab
    }

    fn start(&self) -> Start {
        Start::Always(self.vocab as u32)
    }

    fn begin(&self, rows: usize) -> Result<TokenState> {
        Ok(TokenState::new(rows))
    }

    fn feed(&self, s: &mut TokenState, new: &Ragged, want: Want, out: &mut Logits) -> Result<()> {
        s.push(new)?;
        for (r, new) in new.iter().enumerate() {
            let wanted = match want {
                Want::None => 0,
                Want::Last => new.len().min(1),
                Want::All => new.len(),
            };
            // The start token says nothing.
            let known: Vec<_> =
                s.row(r)[1.min(s.row(r).len())..].iter().map(|&id| Some(id)).collect();
            if let Some(&Some(id)) =
                known.iter().find(|id| id.is_some_and(|id| id as usize >= self.vocab))
            {
                return Err(Error::OutOfVocab { what: "tokens fed", id, vocab: self.vocab });
            }
            let before = self.forward(&known).0;
            for law in &before[before.len() - wanted..] {
                out.extend(&self.logits(law.iter().copied()))?;
            }
        }
        Ok(())
    }
}

impl Masked for Hmm {
    fn vocab(&self) -> usize {
        self.vocab
    }

    fn fill(&self, canvas: &Canvas, at: &[Pos], out: &mut Logits) -> Result<()> {
        let mut row = None;
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for pos in at {
            if row != Some(pos.row) {
                let known: Vec<_> = canvas.row(pos.row).iter().map(|c: &Cell| c.id()).collect();
                (before, after) = (self.forward(&known).0, self.backward(&known));
                row = Some(pos.row);
            }
            let law = before[pos.at].iter().zip(&after[pos.at]).map(|(b, a)| b * a);
            out.extend(&self.logits(law))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::{Law, Table};
    use crate::{Ar, Order, Parallel, Request};

    /// The same law as a table of all sequences.
    fn table(hmm: &Hmm, len: u32) -> Table {
        let n = hmm.vocab.pow(len);
        let ids = |k: usize| -> Vec<u32> {
            (0..len).rev().map(|d| (k / hmm.vocab.pow(d) % hmm.vocab) as u32).collect()
        };
        let weights: Vec<f64> = (0..n).map(|k| hmm.log_prob(&ids(k)).exp()).collect();
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        Table::new(hmm.vocab, len as usize, &weights).unwrap()
    }

    #[test]
    fn every_conditional_is_that_of_the_table() {
        let hmm = Hmm::random(3, 3, Key::new(4)).unwrap();
        let table = table(&hmm, 4);
        let mut canvas = Canvas::blank(2, 4);
        canvas.fix(0, 0, 2).and(canvas.fix(0, 2, 1)).and(canvas.fix(1, 3, 0)).unwrap();
        let at: Vec<Pos> = [(0, 1), (0, 3), (1, 0), (1, 1), (1, 2)]
            .into_iter()
            .map(|(row, at)| Pos { row, at })
            .collect();
        let fill = |model: &dyn Masked| {
            let mut out = Logits::new(3);
            model.fill(&canvas, &at, &mut out).unwrap();
            (0..5).map(|r| crate::Dist::from_logits(out.row(r)).unwrap()).collect::<Vec<_>>()
        };
        for (a, b) in fill(&hmm).iter().zip(fill(&table)) {
            (0..3).for_each(|id| assert!((a.p(id) - b.p(id)).abs() < 1e-12));
        }
    }

    #[test]
    fn exact_strategies_make_its_law() {
        let hmm = Hmm::random(4, 2, Key::new(1)).unwrap();
        let p = |ids: &[u32]| hmm.log_prob(ids).exp();
        let ar = Law::of_runs(&Ar::default(), &hmm, &Request::blank(4)).unwrap();
        assert!(ar.against(2, p).tv < 1e-12);
        let random = Parallel { calls: 4, order: Order::Random, ..Parallel::default() };
        let random = Law::of_steps(&random, &hmm, &Canvas::blank(1, 4)).unwrap();
        assert!(random.against(2, p).tv < 1e-12);
        let once = Law::of_runs(&Parallel::default(), &hmm, &Request::blank(4)).unwrap();
        assert!(once.against(2, p).tv > 0.01);
    }

    #[test]
    fn long_sequences_do_not_underflow() {
        let hmm = Hmm::random(5, 10, Key::new(2)).unwrap();
        let ids: Vec<u32> = (0..5000).map(|i| i * 7 % 10).collect();
        assert!(hmm.log_prob(&ids).is_finite());
        let mut canvas = Canvas::blank(1, 3000);
        (1..3000).for_each(|at| canvas.fix(0, at, at as u32 * 7 % 10).unwrap());
        let mut out = Logits::new(10);
        hmm.fill(&canvas, &[Pos { row: 0, at: 0 }], &mut out).unwrap();
        assert!(out.row(0).iter().all(|l| l.is_finite()));
    }

    #[test]
    fn bad_weights_are_errors() {
        assert!(matches!(Hmm::new(&[], &[], &[]), Err(Error::Length { .. })));
        assert!(matches!(Hmm::new(&[1.0], &[1.0], &[]), Err(Error::Length { .. })));
        assert!(matches!(Hmm::new(&[1.0; 2], &[1.0; 3], &[1.0; 2]), Err(Error::Length { .. })));
        assert!(matches!(Hmm::new(&[1.0], &[0.0], &[1.0]), Err(Error::Parameter { .. })));
        assert!(matches!(Hmm::new(&[f64::NAN], &[1.0], &[1.0]), Err(Error::Parameter { .. })));
        assert_eq!(Hmm::random(1, 2, Key::new(0)).unwrap().log_prob(&[2]), f64::NEG_INFINITY);
    }
}
