//! The models that draw: a network of each family, of one size, from the same data; and counts.

use anyhow::Result;
use gradus::generate::Layout;
use gradus::models::{Gpt, MaskedTransformer, Ngram, TransformerConfig};
use gradus::prelude::*;
use gradus::train::Score;

use crate::cache::data_hash;
use crate::context::Context;
use crate::learn::{Lesson, learn};
use crate::pictures::Painters;

/// What is learned from, and how.
#[derive(Debug)]
pub(crate) struct Studio<'a> {
    /// Goes into the names of files.
    pub(crate) name: &'static str,
    /// Rows of equal length.
    pub(crate) rows: &'a [Vec<u32>],
    /// Learned from at the end, and most like what is wanted; may be empty.
    pub(crate) last: &'a [Vec<u32>],
    /// A class for each of `rows`, then for each of `last`.
    pub(crate) classes: &'a [u32],
    pub(crate) config: TransformerConfig,
    /// The size of the network that drafts.
    pub(crate) draft: TransformerConfig,
    /// n of the n-gram model.
    pub(crate) order: usize,
    /// Which positions the plan holds.
    pub(crate) layout: Layout,
    /// For the AR network; a masked one takes more steps.
    pub(crate) lesson: Lesson,
}

/// The trained models.
#[derive(Debug)]
pub(crate) struct Artists {
    /// One token after the other.
    pub(crate) ar: Gpt,
    /// The same task, small and fast.
    pub(crate) draft: Gpt,
    /// Any tokens, given any others.
    pub(crate) nar: MaskedTransformer,
    /// The tokens of the plan, one after the other.
    pub(crate) plan: Gpt,
    /// Counts: what can be had without a network.
    pub(crate) ngram: Ngram,
    /// Networks for pictures alone.
    pub(crate) painters: Option<Painters>,
    /// Tokens of a row.
    pub(crate) len: usize,
    /// A hash of all that the networks depend on.
    pub(crate) settings: String,
}

impl Studio<'_> {
    /// Trains the networks, or loads them, and counts.
    pub(crate) fn train(&self, cx: &Context) -> Result<Artists> {
        let len = self.config.context;
        let keys = |i: u64| Keys::from(cx.key.fold_in(i));
        let ar = self.causal(cx, "AR", Gpt::new(&self.config, &mut keys(1))?, self.lesson, None)?;
        let short = Lesson { steps: self.lesson.steps / 2, ..self.lesson };
        let draft = self.causal(cx, "draft", Gpt::new(&self.draft, &mut keys(2))?, short, None)?;
        let planned = self.layout.positions(len)?;
        let config = TransformerConfig { context: planned.len(), ..self.config.clone() };
        let plan = Gpt::new(&config, &mut keys(3))?;
        let plan = self.causal(cx, "plan", plan, self.lesson, Some(&planned))?;
        let nar = self.masked(cx, MaskedTransformer::new(&self.config, &mut keys(4))?)?;
        let ngram = Ngram::fit(self.rows.iter().chain(self.last), self.order, self.config.vocab)?;
        let models = format!("all {:?} {:?} {}", self.config, self.draft, self.order);
        let settings = self.settings(cx, &models, self.lesson, Some(&planned));
        Ok(Artists { ar, draft, nar, plan, ngram, painters: None, len, settings })
    }

    /// A causal network of the rows, or of some positions of them.
    fn causal(
        &self,
        cx: &Context,
        what: &'static str,
        net: Gpt,
        lesson: Lesson,
        at: Option<&[usize]>,
    ) -> Result<Gpt> {
        let settings = self.settings(cx, &format!("{what} {:?}", net.config()), lesson, at);
        cx.cache.model(&format!("{} {what}", self.name), &settings, net, |net| {
            self.taught(net, lesson, at, cx.key, |net, [x, c], ctx| {
                Ok(Score::new(net.loss(x, Some(c), ctx)?, x.dims()[0]))
            })
        })
    }

    fn masked(&self, cx: &Context, net: MaskedTransformer) -> Result<MaskedTransformer> {
        // It has to learn every order, and from half the positions of a row: Nie et al. 2024, "Scaling
        // up Masked Diffusion Models on Text", need 16 times the computation of an AR network.
        let lesson = Lesson { steps: cx.effort.pick(2, 8) * self.lesson.steps, ..self.lesson };
        let settings = self.settings(cx, &format!("NAR {:?}", net.config()), lesson, None);
        cx.cache.model(&format!("{} NAR", self.name), &settings, net, |net| {
            self.taught(net, lesson, None, cx.key, |net, [x, c], ctx| {
                // Evaluation has no randomness of its own: the same masks each time.
                let key = if ctx.is_train() { ctx.next_key()? } else { Key::new(0) };
                Ok(Score::new(net.loss(x, Some(c), key, ctx)?, x.dims()[0]))
            })
        })
    }

    /// Everything first; then, for a tenth of the steps and more gently, the rows that come last.
    fn taught<M: Module>(
        &self,
        net: M,
        lesson: Lesson,
        at: Option<&[usize]>,
        key: Key,
        loss: impl Fn(&M, &[Tensor; 2], &mut Ctx) -> Result<Score, gradus::train::BoxError>,
    ) -> Result<M> {
        let (first, last) = self.classes.split_at(self.rows.len());
        let (x, c) = (tokens(self.rows, at)?, classes(first));
        let net = learn(net, [&x, &c], lesson, key, &loss)?;
        if self.last.is_empty() {
            return Ok(net);
        }
        let (x, c) = (tokens(self.last, at)?, classes(last));
        let batch = lesson.batch.min(self.last.len());
        let gently = Lesson { steps: (lesson.steps / 10).max(1), batch, lr: lesson.lr / 5.0 };
        learn(net, [&x, &c], gently, key.fold_in(1), &loss)
    }

    fn settings(&self, cx: &Context, what: &str, lesson: Lesson, at: Option<&[usize]>) -> String {
        let data =
            [data_hash(self.rows), data_hash(self.last), data_hash(&[self.classes.to_vec()])];
        format!("{what} {lesson:?} {at:?} {data:?} {:?}", cx.key)
    }
}

impl Artists {
    /// Nats per token of held-out rows: exactly for AR, a bound for the masked network, whose masks
    /// are drawn four times.
    pub(crate) fn held_out(&self, rows: &[Vec<u32>], of: &[u32]) -> Result<[f64; 2]> {
        let mut sums = [0.0; 2];
        for (i, (rows, of)) in rows.chunks(64).zip(of.chunks(64)).enumerate() {
            let (x, c) = (tokens(rows, None)?, classes(of));
            let (exact, bound) = no_grad(|| -> Result<_> {
                let mut ctx = Ctx::eval();
                let exact = self.ar.loss(&x, Some(&c), &mut ctx)?.value().item()?;
                let mut bound = 0.0;
                for k in 0..4 {
                    let key = Key::new(0).fold_in((4 * i + k) as u64);
                    bound += self.nar.loss(&x, Some(&c), key, &mut ctx)?.value().item()? / 4.0;
                }
                Ok((exact, bound))
            })?;
            sums[0] += exact * rows.len() as f64;
            sums[1] += bound * rows.len() as f64;
        }
        Ok(sums.map(|sum| sum / rows.len() as f64))
    }
}

/// Rows of equal length as `[N, L]`, or the positions of them that are named.
pub(crate) fn tokens(rows: &[Vec<u32>], at: Option<&[usize]>) -> Result<Tensor> {
    let len = rows.first().map_or(0, Vec::len);
    let flat: Vec<i64> = rows.iter().flatten().map(|&id| i64::from(id)).collect();
    let all = Tensor::from_vec(flat, [rows.len(), len])?;
    let Some(at) = at else { return Ok(all) };
    let places: Vec<i64> = at.iter().map(|&i| i as i64).collect();
    Ok(all.index_select(1, &Tensor::from(places))?)
}

fn classes(ids: &[u32]) -> Tensor {
    Tensor::from(ids.iter().map(|&c| i64::from(c)).collect::<Vec<_>>())
}
