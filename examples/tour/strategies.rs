//! The three ways side by side: what they cost, and how far from the data they end.

use std::io::Write as _;

use anyhow::Result;
use gradus::generate::eval::frechet_distance;
use gradus::generate::{Ar, Both, Join, Order, Output, Parallel, Request, Reveal, Strategy, Then};
use gradus::prelude::*;
use gradus::train::report::{Chart, Mark, Scale, Table};
use gradus_examples::{Digits, Sheet};
use indicatif::ProgressBar;

use crate::Tour;
use crate::classify::Judge;
use crate::draw::Artists;

const PER_CLASS: usize = 20;
const CLASSES: usize = 10;
/// How many samples of each strategy are shown.
const SHOWN: usize = 3 * CLASSES;

/// One strategy's samples and what they are worth.
struct Sampled {
    name: &'static str,
    family: &'static str,
    calls: u64,
    milliseconds: f64,
    asked: f64,
    frechet: f64,
}

pub(crate) fn compare(
    tour: &mut Tour,
    artists: &Artists,
    data: &Digits,
    judge: &Judge,
) -> Result<()> {
    let gauge = Gauge::new(judge, data)?;
    let classes: Vec<u32> = (0..PER_CLASS * CLASSES).map(|i| (i % CLASSES) as u32).collect();
    let runs = sample(artists, data, &classes, tour.key.seed)?;

    let mut sheet = Sheet::new(CLASSES, data.side());
    let mut results = Vec::new();
    for (family, name, output) in runs {
        let pixels = pixels_of(&output, data)?;
        let (asked, frechet) = gauge.measure(&pixels, &classes)?;
        let milliseconds = output.stats.wall.as_secs_f64() * 1e3 / classes.len() as f64;
        results.push(Sampled {
            name,
            family,
            calls: output.stats.calls,
            milliseconds,
            asked,
            frechet,
        });
        sheet.add(&pixels.narrow(0, 0, SHOWN)?, data.levels)?;
    }
    let (real_asked, floor) = gauge.floor()?;
    report(tour, &results, real_asked, floor, &sheet)
}

type Named = (&'static str, &'static str, Output);

/// Runs every strategy on the same request.
fn sample(artists: &Artists, data: &Digits, classes: &[u32], seed: u64) -> Result<Vec<Named>> {
    let [height, width] = data.side();
    let ar = artists.ar.conditioned(classes)?;
    let nar = artists.nar.conditioned(classes)?;
    let both = Both { plan: artists.plan.conditioned(classes)?, detail: nar.clone() };
    let request = || Request::blank(height * width).rows(classes.len()).seed(seed);

    let bar = ProgressBar::new(6);
    let mut runs = Vec::new();
    runs.push(("AR", "pixel by pixel", Ar::default().run(&ar, request())?.collect_all()?));
    bar.inc(1);
    for (calls, name) in
        [(1, "in one go"), (4, "in 4 calls"), (8, "in 8 calls"), (16, "in 16 calls")]
    {
        let parallel =
            Parallel { calls, reveal: Reveal::Cosine, order: Order::Random, ..Parallel::default() };
        runs.push(("NAR", name, parallel.run(&nar, request())?.collect_all()?));
        bar.inc(1);
    }
    let then = Then {
        plan: Ar { plan: artists.layout.clone(), ..Ar::default() },
        detail: Parallel { calls: 4, order: Order::Random, ..Parallel::default() },
        join: Join::Fix,
    };
    runs.push(("AR+NAR", "plan, then 4 calls", then.run(&both, request())?.collect_all()?));
    bar.finish_and_clear();
    Ok(runs)
}

/// The samples as grey levels `[N, H, W]`.
fn pixels_of(output: &Output, data: &Digits) -> Result<Tensor> {
    let [height, width] = data.side();
    let ids: Vec<i64> = (0..output.rows()).flat_map(|r| output.row(r)).map(i64::from).collect();
    Ok(Tensor::from_vec(ids, [output.rows(), height, width])?)
}

/// Measures pictures with the classifier of step 2.
struct Gauge<'a> {
    judge: &'a Judge,
    /// Features of the digits that the networks learned from.
    features: Tensor,
    /// How much smaller the drawn digits are than those the classifier knows.
    by: usize,
    levels: usize,
}

impl<'a> Gauge<'a> {
    fn new(judge: &'a Judge, data: &Digits) -> Result<Self> {
        let by = judge.train.side()[0] / data.side()[0];
        let none = Tensor::zeros([0], DType::F32)?;
        let mut gauge = Self { judge, features: none, by, levels: data.levels };
        gauge.features = gauge.read(&data.pixels)?.1;
        Ok(gauge)
    }

    /// Logits and features of small pictures, enlarged to what the classifier knows.
    fn read(&self, pixels: &Tensor) -> Result<(Tensor, Tensor)> {
        let [n, h, w] = [pixels.dims()[0], pixels.dims()[1], pixels.dims()[2]];
        let by = self.by;
        let large = pixels.reshape([n, h, 1, w, 1])?.expand([n, h, by, w, by])?.reshape([
            n,
            h * by,
            w * by,
        ])?;
        let digits = Digits { pixels: large, levels: self.levels, ..self.judge.test.clone() };
        self.judge.read(&digits.images()?)
    }

    /// The share read as the asked class, and the Fréchet distance to the training digits.
    fn measure(&self, pixels: &Tensor, classes: &[u32]) -> Result<(f64, f64)> {
        let (logits, features) = self.read(pixels)?;
        let asked = Tensor::from(classes.iter().map(|&c| i64::from(c)).collect::<Vec<_>>());
        Ok((
            gradus::train::accuracy(&logits, &asked)?,
            frechet_distance(&features, &self.features)?,
        ))
    }

    /// The same for real digits that were held out, as many of each class as are drawn.
    fn floor(&self) -> Result<(f64, f64)> {
        let test = self.judge.test.shrink(self.by, self.levels)?;
        let labels = test.labels.to_vec::<i64>()?;
        let of_class = |class: usize| {
            labels.iter().enumerate().filter(move |(_, l)| **l == class as i64).map(|(i, _)| i)
        };
        let chosen: Vec<usize> =
            (0..CLASSES).flat_map(|class| of_class(class).take(PER_CLASS)).collect();
        let classes: Vec<u32> = chosen.iter().map(|&i| labels[i] as u32).collect();
        self.measure(&test.select(&chosen)?.pixels, &classes)
    }
}

fn report(
    tour: &mut Tour,
    results: &[Sampled],
    real_asked: f64,
    floor: f64,
    sheet: &Sheet,
) -> Result<()> {
    let mut table = Table::new([
        "strategy",
        "family",
        "calls per image",
        "ms per image",
        "read as asked",
        "Fréchet distance",
    ]);
    let mut chart =
        Chart::new("Distance to the data against time", "ms per image", "Fréchet distance");
    (chart.x_scale, chart.y_scale) = (Scale::Log, Scale::Log);
    for r in results {
        table.row([
            r.name.to_owned(),
            r.family.to_owned(),
            r.calls.to_string(),
            format!("{:.3}", r.milliseconds),
            format!("{:.1} %", 100.0 * r.asked),
            format!("{:.2}", r.frechet),
        ]);
        let name = format!("{}: {}", r.family, r.name);
        chart.series(name, [(r.milliseconds, r.frechet)], Mark::Points);
        let value = format!(
            "{} calls, {:.3} ms, {:.1} % as asked, Fréchet {:.2}",
            r.calls,
            r.milliseconds,
            100.0 * r.asked,
            r.frechet
        );
        tour.found(format!("digits drawn, {}: {}", r.family, r.name), value);
    }
    let real = format!("{:.1} %", 100.0 * real_asked);
    table.row(["real digits, held out", "", "", "", &real, &format!("{floor:.2}")]);
    tour.found(
        "digits drawn, floor: real against real",
        format!("{real} as asked, Fréchet {floor:.2}"),
    );
    let png = sheet.to_png()?;
    let path = tour.out.join("digits.png");
    gradus::io::write_atomic(&path, |file| file.write_all(&png))?;
    println!("{table}samples: {}", path.display());
    tour.page
        .paragraph(&format!(
            "{} samples of each strategy, {PER_CLASS} of each class, drawn as one batch; times are \
             per image of that batch. `Read as asked` is the classifier of step 2, which never saw \
             the networks. The Fréchet distance compares its features of the samples with those of \
             the training digits; the last row is the same for as many real digits that nobody \
             trained on, the floor. Samples: three rows each, in the table's order.",
            PER_CLASS * CLASSES
        ))
        .table(&table)
        .chart(&chart)?
        .png(&png, 640, "Columns 0 to 9. Three rows of each strategy, in the table's order.");
    Ok(())
}
