//! Models whose answers are easy to foresee.

use std::sync::atomic::{AtomicUsize, Ordering};

use gradus_generate::{
    Canvas, Causal, Cell, Key, Logits, Mark, Masked, Pos, Ragged, Result, Start, State, TokenState,
    Want,
};

/// A model of 7 ids whose logits depend on everything a row was fed; it counts its calls.
#[derive(Default)]
pub(crate) struct Hash {
    pub(crate) calls: AtomicUsize,
    /// Models with different salts have different laws.
    pub(crate) salt: u32,
}

pub(crate) const VOCAB: usize = 7;

pub(crate) fn mixed(ids: impl Iterator<Item = u32>) -> [f32; VOCAB] {
    logits_of(ids.fold(1, step))
}

fn step(state: u64, id: u32) -> u64 {
    (state ^ u64::from(id)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn logits_of(state: u64) -> [f32; VOCAB] {
    std::array::from_fn(|v| 4.0 * Key::new(state).uniform(v as u64) as f32)
}

impl Causal for Hash {
    type State = TokenState;

    fn vocab(&self) -> usize {
        VOCAB
    }

    fn start(&self) -> Start {
        Start::IfEmpty(99)
    }

    fn context(&self) -> Option<usize> {
        Some(100)
    }

    fn begin(&self, rows: usize) -> Result<TokenState> {
        Ok(TokenState::new(rows))
    }

    fn feed(&self, s: &mut TokenState, new: &Ragged, want: Want, out: &mut Logits) -> Result<()> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        s.push(new)?;
        for (r, new) in new.iter().enumerate() {
            let before = s.row(r).len() - new.len();
            let wanted = match want {
                Want::None => 0,
                Want::Last => new.len().min(1),
                Want::All => new.len(),
            };
            for k in new.len() - wanted..new.len() {
                let seen = s.row(r)[..=before + k].iter().copied();
                out.extend(&mixed((self.salt > 0).then_some(self.salt).into_iter().chain(seen)))?;
            }
        }
        Ok(())
    }
}

impl Masked for Hash {
    fn vocab(&self) -> usize {
        VOCAB
    }

    fn fill(&self, canvas: &Canvas, at: &[Pos], out: &mut Logits) -> Result<()> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        at.iter().try_for_each(|pos| {
            assert_eq!(canvas.row(pos.row)[pos.at], Cell::Masked);
            let cells = canvas.row(pos.row).iter().map(|c| c.id().unwrap_or(VOCAB as u32));
            out.extend(&mixed(cells.chain([pos.at as u32])))
        })
    }
}

/// Answers what it was told to.
pub(crate) struct Fixed(pub(crate) Vec<f64>);

impl Causal for Fixed {
    type State = TokenState;

    fn vocab(&self) -> usize {
        3
    }

    fn start(&self) -> Start {
        Start::Prompt
    }

    fn begin(&self, rows: usize) -> Result<TokenState> {
        Ok(TokenState::new(rows))
    }

    fn feed(&self, s: &mut TokenState, new: &Ragged, _: Want, out: &mut Logits) -> Result<()> {
        s.push(new)?;
        out.extend(&self.0)
    }
}

impl Masked for Fixed {
    fn vocab(&self) -> usize {
        3
    }

    fn fill(&self, _: &Canvas, at: &[Pos], out: &mut Logits) -> Result<()> {
        at.iter().try_for_each(|_| out.extend(&self.0))
    }
}

/// The law of [`Hash`] from a memory of one number a row, which cannot be cut: a recurrent net.
#[derive(Default)]
pub(crate) struct Recurrent;

/// The number of each row, how many tokens made it, and what they were since the mark.
#[derive(Debug, Clone)]
pub(crate) struct Numbers {
    rows: Vec<(u64, usize)>,
    since: Vec<Vec<(u64, usize)>>,
}

impl Numbers {
    pub(crate) fn is_marked(&self) -> bool {
        !self.since.is_empty()
    }
}

impl State for Numbers {
    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn len(&self, row: usize) -> usize {
        self.rows[row].1
    }

    fn mark(&mut self) -> Mark {
        self.since = self.rows.iter().map(|&now| vec![now]).collect();
        Mark::new(self.rows.iter().map(|row| row.1).collect())
    }

    fn rewind(&mut self, row: usize, mark: &Mark, keep: usize) -> Result<()> {
        let len = mark.target(row, keep, self.rows[row].1)?;
        self.since[row].truncate(keep + 1);
        self.rows[row] = self.since[row][keep];
        assert_eq!(self.rows[row].1, len);
        Ok(())
    }

    fn retain(&mut self, rows: &[usize]) {
        self.rows = rows.iter().map(|&r| self.rows[r]).collect();
        self.since.clear();
    }
}

impl Causal for Recurrent {
    type State = Numbers;

    fn vocab(&self) -> usize {
        VOCAB
    }

    fn start(&self) -> Start {
        Start::IfEmpty(99)
    }

    fn begin(&self, rows: usize) -> Result<Numbers> {
        Ok(Numbers { rows: vec![(1, 0); rows], since: Vec::new() })
    }

    fn feed(&self, s: &mut Numbers, new: &Ragged, want: Want, out: &mut Logits) -> Result<()> {
        for (r, new) in new.iter().enumerate() {
            for (k, id) in new.iter().enumerate() {
                let (h, n) = s.rows[r];
                s.rows[r] = (step(h, *id), n + 1);
                s.since.iter_mut().skip(r).take(1).for_each(|since| since.push(s.rows[r]));
                if want == Want::All || want == Want::Last && k + 1 == new.len() {
                    out.extend(&logits_of(s.rows[r].0))?;
                }
            }
        }
        Ok(())
    }
}
