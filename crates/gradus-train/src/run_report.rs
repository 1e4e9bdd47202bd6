//! The page that tells a run.

use std::collections::{BTreeMap, BTreeSet};
use std::env::consts::{ARCH, OS};
use std::thread;

use gradus_autograd::Module;
use gradus_nn::Averaging;

use crate::config::{Keep, NonFinite};
use crate::error::Result;
use crate::fit::Fit;
use crate::history::{EpochRecord, History};
use crate::measure::{Calibration, ConfusionMatrix, Metric, Ranking};
use crate::progress::short;
use crate::report::{Chart, Mark, Page, Picture, Scale, Table};
use crate::stopping::Goal;

impl<M: Module, B> Fit<'_, M, B> {
    /// A page that tells the run: result, curves, epochs, settings, environment, model.
    ///
    /// Headings, tables and pictures of your own go behind it: a confusion matrix, samples.
    ///
    /// # Errors
    /// [`crate::Error::Plot`] if a curve cannot be drawn.
    ///
    /// # Examples
    /// ```no_run
    /// # fn example(fit: gradus_train::Fit<'_, gradus_nn::Linear, u8>, matrix: gradus_train::ConfusionMatrix)
    /// # -> gradus_train::Result<()> {
    /// let mut page = fit.report()?;
    /// page.heading("Confusion").table(&matrix.table());
    /// page.save("run.html")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn report(&self) -> Result<Page> {
        let history = self.history();
        let mut page = Page::new("Training report");
        page.paragraph(&self.result());
        page.heading("Curves").chart(&loss_chart(history))?;
        for name in history.metrics().iter().filter(|name| *name != "loss") {
            page.chart(&metric_chart(name, &history.epochs))?;
        }
        let steps = |value: fn(&crate::StepPoint) -> f64| {
            history.steps.iter().map(move |point| (point.step as f64, value(point)))
        };
        let mut rate = Chart::new("Learning rate", "step", "learning rate");
        rate.series("", steps(|point| point.learning_rate), Mark::Line);
        let mut norm = Chart::new("Gradient norm", "step", "norm before clipping");
        norm.y_scale = Scale::Log;
        norm.series("", steps(|point| point.grad_norm), Mark::Line);
        page.chart(&rate)?.chart(&norm)?;
        if !history.gradients.is_empty() {
            page.chart(&gradients_chart(history))?;
        }
        self.measured(&mut page)?;
        if !self.pictures.is_empty() {
            page.heading("Samples");
            for picture in &self.pictures {
                page.picture(picture, shown_width(picture));
            }
        }
        page.heading("Epochs").table(&epochs_table(history));
        page.heading("Settings").table(&self.settings());
        page.heading("Environment").table(&environment());
        page.heading("Model");
        let line = format!("{} parameters", self.model().num_parameters());
        page.folded(&line, &gradus_nn::summary(self.model()));
        Ok(page)
    }

    /// What the last epoch was measured by: confusions, a ROC curve, a diagram of reliability.
    fn measured(&self, page: &mut Page) -> Result<()> {
        let mut shown: Vec<&ConfusionMatrix> = Vec::new();
        for (name, metric) in &self.state.evaluated {
            match metric {
                Metric::Auc(ranking) | Metric::AveragePrecision(ranking) => {
                    page.heading(name).chart(&roc_chart(ranking))?;
                }
                Metric::CalibrationError(calibration) => {
                    page.heading(name).chart(&reliability_chart(calibration))?;
                }
                _ => {}
            }
            // Accuracy, recall and F1 are usually read from the same matrix.
            if let Some(matrix) = metric.confusion().filter(|matrix| !shown.contains(matrix)) {
                page.heading("Confusion").confusion(matrix);
                shown.push(matrix);
            }
        }
        Ok(())
    }

    fn result(&self) -> String {
        let history = self.history();
        let Some(last) = history.last() else { return "No epoch is done.".to_owned() };
        let what = |epoch: &EpochRecord| {
            let data = if epoch.valid.is_empty() { "training" } else { "validation" };
            let means: Vec<String> =
                epoch.deciding().iter().map(|(name, &v)| format!("{name} {}", short(v))).collect();
            format!("epoch {} with {data} {}", epoch.epoch, means.join(", "))
        };
        let seconds: f64 = history.epochs.iter().map(|epoch| epoch.seconds).sum();
        let best = history.best().map_or(String::new(), |best| format!(" Best: {}.", what(best)));
        format!("{} updates in {seconds:.1} s. Last: {}.{best}", self.steps(), what(last))
    }

    fn settings(&self) -> Table {
        let config = self.config();
        let mut table = Table::new(["setting", "value"]);
        let mut row = |name: &str, value: String| {
            table.row([name.to_owned(), value]);
        };
        for [name, value] in &self.notes {
            row(name, value.clone());
        }
        row("epochs", config.epochs.to_string());
        row("seed", config.key.seed.to_string());
        row("kept parameters", if config.keep == Keep::Best { "best" } else { "last" }.to_owned());
        if let Some(stopping) = &config.early_stopping {
            let goal = if stopping.goal == Goal::Min { "falls" } else { "rises" };
            let (monitor, patience) = (&stopping.monitor, stopping.patience);
            let text = format!("unless {monitor} {goal} within {patience} epochs");
            row("early stopping", text);
        }
        match config.averaging {
            Some(Averaging::Exponential { decay }) => {
                row("averaged parameters", format!("moving, decay {decay}"));
            }
            Some(Averaging::Mean) => row("averaged parameters", "mean of all updates".to_owned()),
            None => {}
        }
        if let NonFinite::Skip { at_most } = config.non_finite {
            let text = format!("skipped, at most {at_most} in a row; {} were", self.skipped());
            row("steps that are not finite", text);
        }
        if let Some(limit) = config.time_limit {
            row("time limit", format!("{limit:?}"));
        }
        table
    }
}

/// What Linux calls the processor.
fn processor() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The two kinds of means of an epoch.
#[derive(Debug, Clone, Copy)]
enum Part {
    Training,
    Validation,
}

const PARTS: [Part; 2] = [Part::Training, Part::Validation];

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::Validation => "validation",
        }
    }

    fn means(self, epoch: &EpochRecord) -> &BTreeMap<String, f64> {
        match self {
            Self::Training => &epoch.train,
            Self::Validation => &epoch.valid,
        }
    }
}

fn environment() -> Table {
    let mut table = Table::new(["part", "value"]);
    let processors = thread::available_parallelism().map_or(1, usize::from).to_string();
    let threads = std::env::var("GRADUS_THREADS").unwrap_or(processors);
    table.row(["Gradus", env!("CARGO_PKG_VERSION")]);
    if let Some(cpu) = processor() {
        table.row(["processor", &cpu]);
    }
    table.row(["threads", &threads]).row(["system", &format!("{OS}, {ARCH}")]);
    table
}

/// The most curves that can be told apart.
const MAX_CURVES: usize = 8;

/// The gradients of some parameters. Of many, every so many-th is shown, the last among them: what
/// fades on the way through the layers is seen all the same.
fn gradients_chart(history: &History) -> Chart {
    let paths = history.gradients.iter().flat_map(|point| point.norms.keys());
    let paths: Vec<_> = paths.collect::<BTreeSet<_>>().into_iter().collect();
    let shown = paths.len().min(MAX_CURVES);
    let title = match paths.len() {
        n if n > shown => format!("Gradient norms of {shown} of {n} parameters"),
        _ => "Gradient norms by parameter".to_owned(),
    };
    let mut chart = Chart::new(title, "step", "norm before clipping");
    chart.y_scale = Scale::Log;
    for i in 1..=shown {
        let path = paths[i * paths.len() / shown - 1];
        let points = history.gradients.iter();
        let points = points.filter_map(|p| Some((p.step as f64, *p.norms.get(path)?)));
        chart.series(path, points, Mark::Line);
    }
    chart
}

fn roc_chart(ranking: &Ranking) -> Chart {
    let mut chart = Chart::new("ROC curve", "false positive rate", "true positive rate");
    chart.series("", [(0.0, 0.0), (1.0, 1.0)], Mark::Faint);
    chart.series("", ranking.roc(), Mark::Line);
    chart
}

fn reliability_chart(calibration: &Calibration) -> Chart {
    let mut chart = Chart::new("Reliability", "confidence", "share that is right");
    chart.series("", [(0.0, 0.0), (1.0, 1.0)], Mark::Faint);
    chart.series("", calibration.bins().map(|bin| (bin.confidence, bin.accuracy)), Mark::Both);
    chart
}

/// Small pictures are shown large enough to be seen.
fn shown_width(picture: &Picture) -> u32 {
    let (width, _) = picture.size();
    width.max(1) * (320 / width.max(1)).clamp(1, 16)
}

/// The loss of batches and the means of epochs, over the same steps.
fn loss_chart(history: &History) -> Chart {
    let mut chart = Chart::new("Loss", "step", "loss");
    // A loss that falls by decades is a line only on a logarithmic axis.
    let means = history.epochs.iter().flat_map(|e| [e.train.get("loss"), e.valid.get("loss")]);
    let losses = history.steps.iter().map(|point| point.loss).chain(means.flatten().copied());
    let (low, high) = losses.fold((f64::INFINITY, 0.0), |(l, h), v| (v.min(l), v.max(h)));
    if low > 0.0 && high > 30.0 * low {
        chart.y_scale = Scale::Log;
    }
    let steps = history.steps.iter().map(|point| (point.step as f64, point.loss));
    chart.series("batch", steps, Mark::Faint);
    add_means(&mut chart, "loss", &history.epochs, |epoch| epoch.step as f64);
    chart
}

fn metric_chart(name: &str, epochs: &[EpochRecord]) -> Chart {
    let mut chart = Chart::new(name, "epoch", name);
    add_means(&mut chart, name, epochs, |epoch| epoch.epoch as f64);
    chart
}

fn add_means(chart: &mut Chart, name: &str, epochs: &[EpochRecord], x: fn(&EpochRecord) -> f64) {
    // Few points are seen as points; many make a line.
    let mark = if epochs.len() <= 60 { Mark::Both } else { Mark::Line };
    for part in PARTS {
        let points: Vec<_> =
            epochs.iter().filter_map(|e| Some((x(e), *part.means(e).get(name)?))).collect();
        if !points.is_empty() {
            chart.series(part.name(), points, mark);
        }
    }
}

fn epochs_table(history: &History) -> Table {
    let any_valid = history.epochs.iter().any(|epoch| !epoch.valid.is_empty());
    let parts = if any_valid { &PARTS[..] } else { &PARTS[..1] };
    let metrics = history.metrics();
    let columns: Vec<(Part, &String)> =
        parts.iter().flat_map(|&part| metrics.iter().map(move |name| (part, name))).collect();
    let header = columns.iter().map(|(part, name)| format!("{} {name}", part.name()));
    let ends = ["epoch", "steps"].map(String::from).into_iter();
    let tail = ["rate", "norm", "seconds"].map(String::from);
    let mut table = Table::new(ends.chain(header).chain(tail));
    for (i, epoch) in history.epochs.iter().enumerate() {
        let star = if history.best == Some(i) { " (best)" } else { "" };
        let value = |&(part, name): &(Part, &String)| {
            part.means(epoch).get(name).map_or(String::new(), |&v| short(v))
        };
        let head = [format!("{}{star}", epoch.epoch), epoch.step.to_string()].into_iter();
        let tail = [epoch.learning_rate, epoch.grad_norm, epoch.seconds].map(short);
        table.row(head.chain(columns.iter().map(value)).chain(tail));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GradientNorms;

    #[test]
    fn few_of_many_parameters_are_drawn() {
        for (n, shown) in [(1, 1), (8, 8), (9, 8), (100, 8)] {
            let norms = (0..n).map(|i| (format!("{i:03}"), 1.0)).collect();
            let gradients = vec![GradientNorms { step: 1, norms }];
            let chart = gradients_chart(&History { gradients, ..History::default() });
            let names: BTreeSet<_> = chart.series.iter().map(|series| &series.name).collect();
            assert_eq!(names.len(), shown);
            assert!(names.contains(&format!("{:03}", n - 1)));
        }
    }
}
