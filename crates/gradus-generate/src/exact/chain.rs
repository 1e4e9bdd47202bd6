//! A binary Markov chain.

use crate::{
    Canvas, Causal, Cell, Error, Logits, Masked, Pos, Ragged, Result, Start, TokenState, Want,
};

/// Bits that start uniformly and flip with a fixed probability from each position to the next.
///
/// Given any known positions, only the nearest ones on both sides matter, so the chain is an exact
/// [`Causal`] and an exact [`Masked`] model of one law.
///
/// # Examples
/// ```
/// use gradus_generate::exact::Chain;
/// let chain = Chain::new(0.1)?;
/// assert!((chain.prob(&[1, 1, 0]) - 0.5 * 0.9 * 0.1).abs() < 1e-15);
/// assert!((chain.entropy(8) - 2.968727994300).abs() < 1e-9);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chain {
    flip: f64,
}

/// Fed before everything else; not a bit.
const START: u32 = 2;

impl Chain {
    /// A chain with this probability of a flip.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless it is inside (0, 1).
    pub fn new(flip: f64) -> Result<Self> {
        if flip > 0.0 && flip < 1.0 {
            return Ok(Self { flip });
        }
        let (name, expected) = ("probability of a flip", "inside (0, 1)");
        Err(Error::Parameter { name, expected, got: flip })
    }

    /// The chain of every `k`-th bit of this one.
    ///
    /// # Errors
    /// [`Error::Parameter`] if `k` is 0.
    pub fn every(&self, k: usize) -> Result<Self> {
        Self::new(1.0 - self.same(k))
    }

    /// The probability of a sequence.
    pub fn prob(&self, bits: &[u32]) -> f64 {
        let steps = bits.windows(2).map(|pair| self.step(1, pair[0], pair[1]));
        if bits.is_empty() { 1.0 } else { 0.5 * steps.product::<f64>() }
    }

    /// The entropy of `len` bits, in nats.
    pub fn entropy(&self, len: usize) -> f64 {
        let mut total = 0.0;
        for at in 0..len {
            total += self.entropy_given((at > 0).then_some(1), None);
        }
        total
    }

    /// The entropy of a bit, in nats, given the nearest known bits at these distances to its left and
    /// right, on average over their values.
    pub fn entropy_given(&self, left: Option<usize>, right: Option<usize>) -> f64 {
        match (left, right) {
            (None, None) => std::f64::consts::LN_2,
            (Some(d), None) | (None, Some(d)) => entropy_of(self.same(d)),
            (Some(l), Some(r)) => {
                let (sl, sr, both) = (self.same(l), self.same(r), self.same(l + r));
                let agree = sl * sr / (sl * sr + (1.0 - sl) * (1.0 - sr));
                let differ = sl * (1.0 - sr) / (sl * (1.0 - sr) + (1.0 - sl) * sr);
                both * entropy_of(agree) + (1.0 - both) * entropy_of(differ)
            }
        }
    }

    /// Probability that bits at this distance are the same.
    fn same(&self, distance: usize) -> f64 {
        // Beyond 2³¹ steps the power has long vanished.
        let steps = i32::try_from(distance).unwrap_or(i32::MAX);
        (1.0 + (1.0 - 2.0 * self.flip).powi(steps)) / 2.0
    }

    fn step(&self, distance: usize, from: u32, to: u32) -> f64 {
        if from == to { self.same(distance) } else { 1.0 - self.same(distance) }
    }

    /// The logits of a bit, given the nearest known bits as (distance, value).
    fn logits(&self, left: Option<(usize, u32)>, right: Option<(usize, u32)>) -> [f64; 2] {
        [0, 1].map(|bit| {
            let from_left = left.map_or(0.5, |(d, value)| self.step(d, value, bit));
            let to_right = right.map_or(1.0, |(d, value)| self.step(d, bit, value));
            (from_left * to_right).ln()
        })
    }
}

/// Entropy of a coin, in nats.
fn entropy_of(p: f64) -> f64 {
    if p <= 0.0 || p >= 1.0 { 0.0 } else { -p * p.ln() - (1.0 - p) * (1.0 - p).ln() }
}

impl Causal for Chain {
    type State = TokenState;

    fn vocab(&self) -> usize {
        2
    }

    fn start(&self) -> Start {
        Start::Always(START)
    }

    fn begin(&self, rows: usize) -> Result<TokenState> {
        Ok(TokenState::new(rows))
    }

    fn feed(
        &self,
        state: &mut TokenState,
        tokens: &Ragged,
        want: Want,
        out: &mut Logits,
    ) -> Result<()> {
        state.push(tokens)?;
        for row in tokens.iter() {
            let wanted = match want {
                Want::None => &[],
                Want::Last => &row[row.len().saturating_sub(1)..],
                Want::All => row,
            };
            for &id in wanted {
                out.extend(&self.logits((id < START).then_some((1, id)), None))?;
            }
        }
        Ok(())
    }
}

impl Masked for Chain {
    fn vocab(&self) -> usize {
        2
    }

    fn fill(&self, canvas: &Canvas, at: &[Pos], out: &mut Logits) -> Result<()> {
        for pos in at {
            let cells = canvas.row(pos.row);
            let known = |(distance, cell): (usize, &Cell)| Some((distance + 1, cell.id()?));
            let left = cells[..pos.at].iter().rev().enumerate().find_map(known);
            let right = cells[pos.at + 1..].iter().enumerate().find_map(known);
            out.extend(&self.logits(left, right))?;
        }
        Ok(())
    }
}
