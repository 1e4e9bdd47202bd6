//! Handwritten digits, a pixel a token.

use std::io::Write as _;

use anyhow::{Result, ensure};
use gradus::data::stratified_split;
use gradus::generate::eval::{class_accuracy, memorisation, nearest_neighbour_test};
use gradus::generate::{Layout, Order};
use gradus::models::{LeNet, LeNetConfig, TransformerConfig};
use gradus::nn::loss::{CrossEntropy, cross_entropy};
use gradus::prelude::*;
use gradus::train::Score;
use gradus_examples::{Digits, Sheet};

use crate::artists::{Artists, Studio, tokens};
use crate::cache::data_hash;
use crate::chart::FLOOR;
use crate::compare::{Compared, compare};
use crate::context::Context;
use crate::gauge::{Gauge, Measured, frechet};
use crate::learn::{Lesson, learn};
use crate::pictures::{self, Painters};
use crate::rows::Row;
use crate::sequence::costs;
use crate::strategies::Shape;
use crate::table::table;

const CLASSES: usize = 10;
/// Grey levels, which are the tokens.
const LEVELS: usize = 8;
/// Digits of a strategy that are shown.
const SHOWN: usize = 2 * CLASSES;

/// The user's digits, or those of 8×8 pixels; smaller ones for a quick run.
pub(crate) fn load(cx: &Context) -> Result<Digits> {
    let digits = match cx.folder("mnist10k") {
        Some(folder) => Digits::idx(&folder)?,
        None => Digits::small()?,
    };
    let by = if digits.side()[0] > 16 { cx.effort.pick(4, 2) } else { 1 };
    let small = digits.shrink(by, LEVELS)?;
    let most = (0..CLASSES as i64).map(|class| {
        let labels = small.labels.to_vec::<i64>()?;
        Ok(labels.iter().filter(|&&label| label == class).count())
    });
    let rarest = most.collect::<Result<Vec<_>>>()?.into_iter().min().unwrap_or(0);
    ensure!(rarest >= 80, "{}: {rarest} digits of a class, expected 80", small.source);
    Ok(small)
}

pub(crate) fn run(cx: &mut Context) -> Result<Vec<Row>> {
    let digits = load(cx)?;
    let [height, width] = digits.side();
    cx.begin("Handwritten digits: a pixel a token");
    println!("{}: {} digits of {height}×{width} pixels", digits.source, digits.len());
    let labels = digits.labels.to_vec::<i64>()?;
    let parts = stratified_split(&labels, [0.75, 0.15, 0.1], cx.key)?;
    let [train, reference, floor] = parts.map(|part| digits.select(&part));
    let (train, reference, floor) = (train?, reference?, floor?);

    let config = TransformerConfig {
        classes: CLASSES,
        width: 48,
        n_layers: cx.effort.pick(2, 3),
        ..TransformerConfig::new(LEVELS, height * width)
    };
    let layout = Layout::Grid { height, width, every: 2 };
    let (rows, classes) = (rows_of(&train)?, classes_of(&train)?);
    let studio = Studio {
        name: "digits",
        rows: &rows,
        last: &[],
        classes: &classes,
        draft: TransformerConfig { width: 32, n_layers: 1, ..config.clone() },
        config,
        order: 4,
        layout: layout.clone(),
        lesson: Lesson { steps: cx.effort.pick(300, 900), batch: cx.effort.pick(32, 16), lr: 3e-3 },
    };
    let mut artists = studio.train(cx)?;
    let learned = data_hash(&[rows.concat(), classes]);
    let painters = Painters::train(cx, &train, learned)?;
    artists.settings += &painters.settings;
    artists.painters = Some(painters);
    let critic = Critic::train(cx, &train, reference)?;
    let samples = cx.effort.pick(160, 320).min(floor.len() / CLASSES * CLASSES);
    let asked: Vec<u32> = (0..samples).map(|i| (i % CLASSES) as u32).collect();
    let spread = Order::HaltonGrid { height, width };
    let shape = Shape { block: width, window: 8, ahead: 4, spread, layout, more: pictures::ways() };
    let mut compared = compare(cx, "digits", &artists, &shape, &asked, &critic)?;
    compared.rows.push(critic.floor(cx, &floor, samples)?);
    report(cx, &digits, &critic, &artists, &compared)?;
    Ok(compared.rows)
}

fn rows_of(digits: &Digits) -> Result<Vec<Vec<u32>>> {
    let [height, width] = digits.side();
    let ids = digits.pixels.to_vec::<i64>()?;
    Ok(ids.chunks(height * width).map(|row| row.iter().map(|&id| id as u32).collect()).collect())
}

fn classes_of(digits: &Digits) -> Result<Vec<u32>> {
    Ok(digits.labels.to_vec::<i64>()?.into_iter().map(|label| label as u32).collect())
}

/// A classifier that reads digits; the features it reads them by are the space of the distance.
struct Critic {
    net: LeNet,
    /// Enlarged by this, so that the sides divide by 4.
    by: usize,
    /// As many pixels as all digits here.
    reference: Digits,
    features: Tensor,
    /// `[N, H·W]`, grey levels.
    train: Tensor,
    held_out: Tensor,
    key: Key,
}

impl Critic {
    fn train(cx: &Context, train: &Digits, reference: Digits) -> Result<Self> {
        let [height, width] = train.side();
        let fits = |by: &usize| (height * by).is_multiple_of(4) && (width * by).is_multiple_of(4);
        let by = (1..=4).find(fits).unwrap_or(4);
        let config = LeNetConfig::new([height * by, width * by], CLASSES);
        let net = config.init(&mut Keys::from(cx.key.fold_in(8)))?;
        let lesson = Lesson { steps: cx.effort.pick(300, 900), batch: 32, lr: 2e-3 };
        let data = [data_hash(&rows_of(train)?), data_hash(&[classes_of(train)?])];
        let settings = format!("{config:?} {lesson:?} {data:?} {:?}", cx.key);
        let net = cx.cache.model("digits critic", &settings, net, |net| {
            let x = images(&train.pixels, by)?;
            learn(net, [&x, &train.labels], lesson, cx.key.fold_in(8), |net, [x, c], ctx| {
                let logits = net.forward(&Var::from(x), ctx)?;
                let smooth = CrossEntropy { label_smoothing: 0.1, ..CrossEntropy::default() };
                Ok(Score::new(cross_entropy(&logits, c, smooth)?, x.dims()[0]))
            })
        })?;
        let levels =
            |digits: &Digits| -> Result<Tensor> { Ok(digits.tokens()?.to_dtype(DType::F32)?) };
        let none = Tensor::zeros([0], DType::F32)?;
        let (known, held_out) = (levels(train)?, levels(&reference)?);
        let mut critic =
            Self { net, by, reference, features: none, train: known, held_out, key: cx.key };
        critic.features = critic.read(&critic.reference.pixels)?.1;
        Ok(critic)
    }

    /// What each is read as, and its features `[N, F]`.
    fn read(&self, pixels: &Tensor) -> Result<(Vec<u32>, Tensor)> {
        no_grad(|| {
            let x = Var::from(&images(pixels, self.by)?);
            let features = self.net.features(&x, &mut Ctx::eval())?.value().clone();
            let logits = self.net.forward(&x, &mut Ctx::eval())?;
            let answers = logits.value().argmax(-1)?.to_vec::<i64>()?;
            Ok((answers.into_iter().map(|a| a as u32).collect(), features))
        })
    }

    /// Held-out digits in place of samples.
    fn floor(&self, cx: &Context, digits: &Digits, samples: usize) -> Result<Row> {
        let first: Vec<usize> = (0..samples.min(digits.len())).collect();
        let digits = digits.select(&first)?;
        let Measured { distance, interval, beside } =
            self.measure(&rows_of(&digits)?, &classes_of(&digits)?)?;
        Ok(Row {
            modality: "digits".to_owned(),
            family: FLOOR.to_owned(),
            strategy: FLOOR.to_owned(),
            batch: 1,
            calls: f64::NAN,
            milliseconds: f64::NAN,
            distance,
            interval,
            samples: digits.len(),
            beside,
            seed: cx.key.seed,
            dtype: "f32",
        })
    }
}

impl Gauge for Critic {
    fn measure(&self, rows: &[Vec<u32>], classes: &[u32]) -> Result<Measured> {
        let [height, width] = self.reference.side();
        let flat = tokens(rows, None)?;
        let (answers, features) = self.read(&flat.reshape([rows.len(), height, width])?)?;
        let (distance, interval) = frechet(&features, &self.features, self.key)?;
        let flat = flat.to_dtype(DType::F32)?;
        // As many of the data as there are samples: the test is fair for equal numbers.
        let equal = self.held_out.narrow(0, 0, rows.len().min(self.held_out.size(0)?))?;
        let told = nearest_neighbour_test(&flat, &equal)?;
        let copies = memorisation(&flat, &self.train, &self.held_out)?;
        let beside = vec![
            ("read as asked", class_accuracy(classes, &answers)?),
            ("1-NN told apart", told.accuracy),
            ("to training", copies.samples),
            ("closer than data", copies.closer),
        ];
        Ok(Measured { distance, interval, beside })
    }
}

/// Grey levels `[N, H, W]` as `[N, 1, by·H, by·W]` in 0..1.
fn images(pixels: &Tensor, by: usize) -> Result<Tensor> {
    let [n, h, w] = [pixels.dims()[0], pixels.dims()[1], pixels.dims()[2]];
    let grey = pixels.to_dtype(DType::F32)?.div_scalar((LEVELS - 1) as f64)?;
    let large = grey.reshape([n, h, 1, w, 1])?.expand([n, h, by, w, by])?;
    Ok(large.reshape([n, 1, h * by, w * by])?)
}

fn report(
    cx: &mut Context,
    digits: &Digits,
    critic: &Critic,
    artists: &Artists,
    compared: &Compared,
) -> Result<()> {
    let [height, width] = digits.side();
    let classes = classes_of(&critic.reference)?;
    let [exact, bound] = artists.held_out(&rows_of(&critic.reference)?, &classes)?;
    let mut sheet = Sheet::new(SHOWN, [height, width]);
    let mut names = Vec::new();
    for (name, rows) in &compared.samples {
        let shown = &rows[..SHOWN.min(rows.len())];
        sheet.add(&tokens(shown, None)?.reshape([shown.len(), height, width])?, LEVELS)?;
        names.push(name.as_str());
    }
    let png = sheet.to_png()?;
    let path = cx.out.join("digits.png");
    gradus::io::write_atomic(&path, |file| file.write_all(&png))?;
    let table = table(&compared.rows);
    println!("{table}samples: {}", path.display());
    cx.page
        .paragraph(&format!(
            "{}: {} digits of {height}×{width} pixels and {LEVELS} grey levels, drawn by class. AR and \
             NAR are networks of {} parameters; of {} digits held out, they know a pixel for {exact:.3} \
             nats, and for at most {bound:.3}. The distance is Fréchet's between the features of a \
             classifier, of the samples and of the digits held out. Beside it: the share read as the \
             asked class; how often the nearest neighbour of a picture tells whether it was drawn \
             (0.5: it does not); the distance to the nearest training digit, and how often it is \
             smaller than that of a digit held out (0.5 as for data, 1 for copies). `{FLOOR}` is the \
             same for as many real digits.",
            digits.source,
            digits.len(),
            artists.ar.num_parameters(),
            critic.reference.len(),
        ))
        .table(&table)
        .png(&png, 800, &format!("Classes 0 to 9, twice. Lines: {}.", names.join("; ")))
        .table(&costs(artists)?);
    Ok(())
}
