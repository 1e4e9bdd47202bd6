//! The queues of one row, and what happens to them with each sample.

use gradus_generate::{Logits, Want};

use super::net::NAME;
use super::prepared::Prepared;
use crate::error::{Error, Result};
use crate::inputs::check_fed;
use crate::prepared_rows::PreparedNet;
use crate::real::{Real, gate};

/// So many samples go through a layer together, while its weights are at hand.
const TOGETHER: usize = 32;

/// What a WaveNet remembers of one wave.
#[derive(Debug, Clone)]
pub(super) struct Row<T> {
    /// Tokens it was fed.
    len: usize,
    /// Its row of the condition.
    condition: usize,
    /// How many tokens are certain: what came later may be taken back.
    floor: Option<usize>,
    /// For each layer, the last inputs that its taps can reach, and those that may be taken back.
    queues: Vec<Queue<T>>,
}

/// Rows of numbers, the newest last. Old ones are dropped now and then, all at once.
#[derive(Debug, Clone)]
struct Queue<T> {
    reach: usize,
    numbers: Vec<T>,
}

/// Numbers on their way through the layers.
#[derive(Debug, Default)]
pub(super) struct Scratch<T> {
    x: Vec<T>,
    wide: Vec<T>,
    gated: Vec<T>,
    sum: Vec<T>,
    hidden: Vec<T>,
    logits: Vec<T>,
}

impl<T: Real> PreparedNet for Prepared<T> {
    type Row = Row<T>;
    type Scratch = Scratch<T>;

    fn row(&self, condition: usize) -> Row<T> {
        let queues = self.layers.iter().map(|layer| {
            let reach = layer.reach();
            Queue { reach, numbers: vec![T::ZERO; reach * self.width] }
        });
        Row { len: 0, condition, floor: None, queues: queues.collect() }
    }

    fn len(row: &Row<T>) -> usize {
        row.len
    }

    fn check(&self, row: &Row<T>, fed: &[u32]) -> Result<()> {
        check_fed(NAME, row.len, fed, self.levels)?;
        let got = row.len + fed.len();
        match self.context.filter(|&context| got > context) {
            Some(context) => Err(Error::Context { model: NAME, got, context }),
            None => Ok(()),
        }
    }

    fn feed(
        &self,
        row: &mut Row<T>,
        (fed, want): (&[u32], Want),
        scratch: &mut Scratch<T>,
        out: &mut Logits,
    ) -> gradus_generate::Result<()> {
        let first = match want {
            Want::None => fed.len(),
            Want::Last => fed.len().saturating_sub(1),
            Want::All => 0,
        };
        let unsure = row.len - row.floor.unwrap_or(row.len);
        row.queues.iter_mut().for_each(|queue| queue.trim(unsure, self.width));
        for (i, tokens) in fed.chunks(TOGETHER).enumerate() {
            row.push(self, tokens, scratch);
            let unwanted = first.saturating_sub(i * TOGETHER).min(tokens.len());
            let sum = &mut scratch.sum[unwanted * self.skip_bias.len()..];
            if !sum.is_empty() {
                sum.iter_mut().for_each(|x| *x = x.relu());
                self.hidden.set(sum, &mut scratch.hidden);
                scratch.hidden.iter_mut().for_each(|x| *x = x.relu());
                self.output.set(&scratch.hidden, &mut scratch.logits);
                out.extend(&scratch.logits)?;
            }
        }
        Ok(())
    }

    fn mark(row: &mut Row<T>) {
        row.floor = Some(row.len);
    }

    fn close(row: &mut Row<T>) {
        row.floor = None;
    }

    /// # Errors
    /// [`gradus_generate::Error::Length`] if tokens before the open mark are to be taken back.
    fn rewind(&self, row: &mut Row<T>, len: usize) -> gradus_generate::Result<()> {
        let floor = row.floor.unwrap_or(row.len);
        if len < floor {
            let what = "tokens kept, at least those before the open mark";
            return Err(gradus_generate::Error::Length { what, expected: floor, got: len });
        }
        for queue in &mut row.queues {
            queue.numbers.truncate(queue.numbers.len() - (row.len - len) * self.width);
        }
        row.len = len;
        Ok(())
    }
}

impl<T: Real> Row<T> {
    /// Takes a few tokens through all layers, and leaves the sums of their ways out.
    fn push(&mut self, net: &Prepared<T>, tokens: &[u32], scratch: &mut Scratch<T>) {
        let Scratch { x, wide, gated, sum, .. } = scratch;
        let (n, width) = (tokens.len(), net.width);
        x.clear();
        sum.clear();
        for &token in tokens {
            x.extend_from_slice(&net.embedding[token as usize * width..][..width]); // (n, R)
            sum.extend_from_slice(&net.skip_bias); // (n, S)
        }
        for (layer, queue) in net.layers.iter().zip(&mut self.queues) {
            wide.clear();
            for i in 0..n {
                wide.extend_from_slice(net.added(layer, self.condition, self.len + i)); // (n, 2D)
            }
            let start = queue.numbers.len() - layer.reach() * width;
            queue.numbers.extend_from_slice(x);
            for (tap, weight) in layer.taps.iter().enumerate() {
                let seen = &queue.numbers[start + tap * layer.dilation * width..][..n * width];
                weight.add_products(seen, wide);
            }
            gate(wide, layer.wide / 2, gated); // (n, D)
            layer.skip.add_products(gated, sum);
            if let Some(residual) = &layer.residual {
                residual.add(gated, x);
            }
        }
        self.len += n;
    }
}

impl<T: Real> Queue<T> {
    /// Drops what no tap can reach, even after `unsure` inputs were taken back, once that is the larger part.
    fn trim(&mut self, unsure: usize, width: usize) {
        let needed = (self.reach + unsure) * width;
        if self.numbers.len() > 2 * needed + TOGETHER * width {
            self.numbers.drain(..self.numbers.len() - needed);
        }
    }
}
