//! Models whose answers are easy to foresee.

use std::sync::atomic::{AtomicUsize, Ordering};

use gradus_generate::{
    Canvas, Causal, Cell, Key, Logits, Masked, Pos, Ragged, Result, Start, TokenState, Want,
};

/// A model of 7 ids whose logits depend on everything a row was fed; it counts its calls.
#[derive(Default)]
pub(crate) struct Hash {
    pub(crate) calls: AtomicUsize,
}

pub(crate) const VOCAB: usize = 7;

pub(crate) fn mixed(ids: impl Iterator<Item = u32>) -> [f32; VOCAB] {
    let state = ids.fold(1, |h: u64, id| (h ^ u64::from(id)).wrapping_mul(0x9E37_79B9_7F4A_7C15));
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
        assert_eq!(want, Want::Last);
        s.push(new)?;
        (0..new.rows()).try_for_each(|r| out.extend(&mixed(s.row(r).iter().copied())))
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
