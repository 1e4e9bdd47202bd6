//! The queues of one row, and what happens to them with each sample.

use gradus_generate::{Logits, Want};

use super::prepared::Prepared;
use crate::real::{Real, gate};

/// So many samples go through a layer together, while its weights are at hand.
const TOGETHER: usize = 32;

/// What a WaveNet remembers of one wave.
#[derive(Debug, Clone)]
pub(super) struct Row<T> {
    /// Tokens it was fed.
    pub(super) len: usize,
    /// Its row of the condition.
    pub(super) condition: usize,
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

impl<T: Real> Row<T> {
    pub(super) fn new(net: &Prepared<T>, condition: usize) -> Self {
        let queues = net.layers.iter().map(|layer| {
            let reach = layer.reach();
            Queue { reach, numbers: vec![T::ZERO; reach * net.width] }
        });
        Self { len: 0, condition, floor: None, queues: queues.collect() }
    }

    /// From now on every token may be taken back.
    pub(super) fn mark(&mut self) {
        self.floor = Some(self.len);
    }

    /// What was fed is certain.
    pub(super) fn close(&mut self) {
        self.floor = None;
    }

    /// Forgets all but the first `len` tokens, if nothing before them was certain.
    pub(super) fn rewind(&mut self, len: usize, width: usize) -> gradus_generate::Result<()> {
        let floor = self.floor.unwrap_or(self.len);
        if len < floor {
            let what = "tokens kept, at least those before the open mark";
            return Err(gradus_generate::Error::Length { what, expected: floor, got: len });
        }
        for queue in &mut self.queues {
            queue.numbers.truncate(queue.numbers.len() - (self.len - len) * width);
        }
        self.len = len;
        Ok(())
    }

    /// Feeds tokens that were checked, and appends the wanted logits.
    pub(super) fn feed(
        &mut self,
        net: &Prepared<T>,
        tokens: &[u32],
        want: Want,
        scratch: &mut Scratch<T>,
        out: &mut Logits,
    ) -> gradus_generate::Result<()> {
        let first = match want {
            Want::None => tokens.len(),
            Want::Last => tokens.len().saturating_sub(1),
            Want::All => 0,
        };
        let unsure = self.len - self.floor.unwrap_or(self.len);
        self.queues.iter_mut().for_each(|queue| queue.trim(unsure, net.width));
        for (i, tokens) in tokens.chunks(TOGETHER).enumerate() {
            self.push(net, tokens, scratch);
            let unwanted = first.saturating_sub(i * TOGETHER).min(tokens.len());
            let sum = &mut scratch.sum[unwanted * net.skip_bias.len()..];
            if !sum.is_empty() {
                sum.iter_mut().for_each(|x| *x = x.relu());
                net.hidden.set(sum, &mut scratch.hidden);
                scratch.hidden.iter_mut().for_each(|x| *x = x.relu());
                net.output.set(&scratch.hidden, &mut scratch.logits);
                out.extend(&scratch.logits)?;
            }
        }
        Ok(())
    }

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
            layer.skip.add_weighted(gated, sum);
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
