//! Text of a fixed length, a character a token: what verse and English have in common.

use std::collections::HashSet;

use anyhow::{Result, ensure};
use gradus::data::CharTokenizer;
use gradus::generate::eval::{
    distinct_n, feed_costs, form_rate, ngram_divergence, ngram_entropy, repeat_rate,
};
use gradus::generate::{Layout, Order, score};
use gradus::models::{Gpt, TransformerConfig};
use gradus::prelude::*;
use gradus::train::Score;
use gradus::train::report::Table;

use crate::artists::{Artists, Studio, tokens};
use crate::cache::data_hash;
use crate::chart::FLOOR;
use crate::compare::compare;
use crate::context::Context;
use crate::gauge::{Gauge, Measured, frechet};
use crate::learn::{Lesson, learn};
use crate::rows::Row;
use crate::strategies::Shape;
use crate::table::table;

/// Rows of one length, split by what they are for: no two parts share a text.
#[derive(Debug)]
pub(crate) struct Corpus {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// Where the rows come from, as a sentence.
    pub(crate) source: String,
    /// What the networks learn from.
    pub(crate) train: Vec<Vec<u32>>,
    /// What they learn from at the end; may be empty.
    pub(crate) last: Vec<Vec<u32>>,
    /// What the oracle learns from.
    pub(crate) oracle: Vec<Vec<u32>>,
    /// The data that samples are compared with.
    pub(crate) reference: Vec<Vec<u32>>,
    /// As many other data as there are samples, or more: their distance is the floor.
    pub(crate) floor: Vec<Vec<u32>>,
    pub(crate) tokenizer: CharTokenizer,
    /// n of the n-gram model.
    pub(crate) order: usize,
    /// Characters of a line, which is a block.
    pub(crate) line: usize,
    /// So many characters in a row that stand in the training text count as copied.
    pub(crate) copied: usize,
}

/// The sizes of the networks and how long they learn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) width: usize,
    pub(crate) n_layers: usize,
    pub(crate) lesson: Lesson,
    pub(crate) oracle_width: usize,
    pub(crate) samples: usize,
}

/// Trains, draws, measures, reports.
pub(crate) fn run(cx: &mut Context, corpus: &Corpus, plan: Plan) -> Result<Vec<Row>> {
    cx.begin(corpus.title);
    println!("{}", corpus.source);
    let len = corpus.reference.first().map_or(0, Vec::len);
    let samples = plan.samples.min(corpus.floor.len());
    let config = TransformerConfig {
        classes: 1,
        width: plan.width,
        n_layers: plan.n_layers,
        dropout: 0.1,
        ..TransformerConfig::new(corpus.tokenizer.vocab_size(), len)
    };
    let layout = Layout::Every(2);
    let studio = Studio {
        name: corpus.name,
        rows: &corpus.train,
        last: &corpus.last,
        classes: &vec![0; corpus.train.len() + corpus.last.len()],
        draft: TransformerConfig { width: plan.width / 2, n_layers: 1, ..config.clone() },
        config: config.clone(),
        order: corpus.order,
        layout: layout.clone(),
        lesson: plan.lesson,
    };
    let artists = studio.train(cx)?;
    let oracle = oracle(cx, corpus, plan, config)?;
    let reader = Reader::new(&oracle, corpus, cx.key)?;
    let shape = Shape {
        block: corpus.line,
        window: 4,
        ahead: 3,
        spread: Order::Halton,
        layout,
        more: vec![],
    };
    let compared = compare(cx, corpus.name, &artists, &shape, &vec![0; samples], &reader)?;
    let mut rows = compared.rows;
    rows.push(floor(cx, corpus, &reader, samples)?);
    report(cx, corpus, &artists, &rows, &compared.samples)?;
    Ok(rows)
}

/// Another seed, another text, and wider than what it judges.
fn oracle(cx: &Context, corpus: &Corpus, plan: Plan, config: TransformerConfig) -> Result<Gpt> {
    let config = TransformerConfig { width: plan.oracle_width, ..config };
    let net = Gpt::new(&config, &mut Keys::from(cx.key.fold_in(9)))?;
    let settings =
        format!("{config:?} {:?} {} {:?}", plan.lesson, data_hash(&corpus.oracle), cx.key);
    cx.cache.model(&format!("{} oracle", corpus.name), &settings, net, |net| {
        let x = tokens(&corpus.oracle, None)?;
        let classes = Tensor::zeros([corpus.oracle.len()], DType::I64)?;
        learn(net, [&x, &classes], plan.lesson, cx.key.fold_in(9), |net, [x, c], ctx| {
            Ok(Score::new(net.loss(x, Some(c), ctx)?, x.dims()[0]))
        })
    })
}

/// The oracle's view of samples, beside counts.
struct Reader<'a> {
    oracle: &'a Gpt,
    corpus: &'a Corpus,
    surprisals: Tensor,
    /// What the networks have read, in pieces of the length that counts as copied.
    read: HashSet<&'a [u32]>,
    key: Key,
}

impl<'a> Reader<'a> {
    fn new(oracle: &'a Gpt, corpus: &'a Corpus, key: Key) -> Result<Self> {
        let texts = corpus.train.iter().chain(&corpus.last);
        let read = texts.flat_map(|row| row.windows(corpus.copied)).collect();
        let surprisals = surprisals(oracle, &corpus.reference)?;
        Ok(Self { oracle, corpus, surprisals, read, key })
    }
}

/// −ln p of every character under the oracle, `[N, L]`.
fn surprisals(oracle: &Gpt, rows: &[Vec<u32>]) -> Result<Tensor> {
    let mut all = Vec::new();
    for rows in rows.chunks(32) {
        for row in score(&oracle.conditioned(vec![0; rows.len()])?, rows)? {
            all.extend(row.into_iter().flatten().map(|logp| -logp));
        }
    }
    let len = rows.first().map_or(0, Vec::len);
    ensure!(all.len() == rows.len() * len, "the oracle predicts every character");
    Ok(Tensor::from_vec(all, [rows.len(), len])?)
}

impl Gauge for Reader<'_> {
    fn measure(&self, rows: &[Vec<u32>], _: &[u32]) -> Result<Measured> {
        let features = surprisals(self.oracle, rows)?;
        let (distance, interval) = frechet(&features, &self.surprisals, self.key)?;
        let nll = features.mean(..)?.item()?;
        let apart = |n| ngram_divergence(rows, &self.corpus.reference, n);
        let copies =
            |row: &[u32]| row.windows(self.corpus.copied).any(|piece| self.read.contains(piece));
        let beside = vec![
            ("oracle NLL", nll),
            ("entropy", ngram_entropy(rows, 1)?),
            ("JS 1-grams", apart(1)?),
            ("JS 2-grams", apart(2)?),
            ("JS 3-grams", apart(3)?),
            ("doubled", repeat_rate(rows, 1)?),
            ("distinct-2", distinct_n(rows, 2)?),
            ("copied", form_rate(rows, copies)?),
        ];
        Ok(Measured { distance, interval, beside })
    }
}

/// Other real text in place of samples.
fn floor(cx: &Context, corpus: &Corpus, reader: &Reader<'_>, samples: usize) -> Result<Row> {
    let Measured { distance, interval, beside } = reader.measure(&corpus.floor[..samples], &[])?;
    Ok(Row {
        modality: corpus.name.to_owned(),
        family: FLOOR.to_owned(),
        strategy: FLOOR.to_owned(),
        batch: 1,
        calls: f64::NAN,
        milliseconds: f64::NAN,
        distance,
        interval,
        samples,
        beside,
        seed: cx.key.seed,
        dtype: "f32",
    })
}

fn report(
    cx: &mut Context,
    corpus: &Corpus,
    artists: &Artists,
    rows: &[Row],
    samples: &[(String, Vec<Vec<u32>>)],
) -> Result<()> {
    let [exact, bound] = artists.held_out(&corpus.reference, &vec![0; corpus.reference.len()])?;
    let table = table(rows);
    let n = corpus.reference.len();
    let text = format!(
        "{} AR and NAR are networks of {} parameters; of the {n} texts held out, they know a character \
         for {exact:.3} nats, and for at most {bound:.3}. An oracle that read other texts gives each \
         character of a sample its surprisal, −ln p: a sample becomes a point with a coordinate for \
         each place. The distance is Fréchet's, between the points of the samples and those of \
         the texts held out. Unlike the mean surprisal (`oracle NLL`) it cannot be lowered by \
         writing what is likely: the spread counts too. Beside it: entropy and Jensen–Shannon \
         divergences of n-grams in nats, the rate of doubled characters, distinct pairs, and the \
         share of samples with {} characters in a row that were read in training. `{FLOOR}` is the \
         same for as many real texts.",
        corpus.source,
        artists.ar.num_parameters(),
        corpus.copied
    );
    println!("{table}");
    cx.page.paragraph(&text).table(&table);
    cx.page.paragraph(COST).table(&costs(artists)?);
    for (name, rows) in samples {
        let shown =
            rows.iter().take(4).map(|row| verse(corpus, row)).collect::<Result<Vec<_>>>()?;
        cx.page.folded(name, &shown.join("\n\n"));
    }
    for (name, rows) in samples.iter().take(2) {
        println!("{name}:\n{}\n", verse(corpus, &rows[0])?);
    }
    Ok(())
}

const COST: &str = "What one call of the AR network costs when it is fed n tokens at once, \
    beside a call with one.";

/// c(n) for one row.
pub(crate) fn costs(artists: &Artists) -> Result<Table> {
    let sizes: Vec<usize> = (0..).map(|k| 1 << k).take_while(|&n| n <= artists.len).collect();
    let costs = feed_costs(&artists.ar.conditioned([0])?, 0, &sizes, 9)?;
    let mut table = Table::new(["n", "ms", "c(n) / c(1)"]);
    let one = costs.first().map_or(f64::NAN, |c| c.time.as_secs_f64());
    for cost in costs {
        let seconds = cost.time.as_secs_f64();
        let cells = [cost.tokens.to_string(), format!("{:.3}", 1e3 * seconds)];
        table.row(cells.into_iter().chain([format!("{:.2}", seconds / one)]));
    }
    Ok(table)
}

/// A line of the form a line of text; English as it is.
fn verse(corpus: &Corpus, row: &[u32]) -> Result<String> {
    let text = corpus.tokenizer.decode(row)?;
    if corpus.name != "text" {
        return Ok(text);
    }
    let chars: Vec<char> = text.chars().collect();
    let lines = chars.chunks(corpus.line).map(|line| line.iter().collect::<String>());
    Ok(lines.collect::<Vec<_>>().join("\n"))
}
