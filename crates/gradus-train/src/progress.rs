//! What a person sees of a run.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;

use crate::callback::{Callback, StepRecord};
use crate::error::Result;
use crate::history::EpochRecord;

const TEMPLATE: &str = "{prefix} {bar:24} {pos}/{len}  {msg}  {per_sec}  {eta} left";

/// A line per epoch, and a bar over all steps if standard error is a terminal.
#[derive(Debug, Default)]
pub(crate) struct ProgressBar {
    bar: Option<indicatif::ProgressBar>,
    n_epochs: u64,
}

impl Callback for ProgressBar {
    fn on_step(&mut self, record: &StepRecord) -> Result<()> {
        self.n_epochs = record.n_epochs;
        if !io::stderr().is_terminal() {
            return Ok(());
        }
        let n_batches = record.n_batches as u64;
        let done = (record.epoch - 1) * n_batches + record.batch as u64;
        let bar = self.bar.get_or_insert_with(|| {
            let style = indicatif::ProgressStyle::with_template(TEMPLATE);
            let style = style.expect("the template is a constant and has been tried");
            // Steps before a resume took no time now and must not count in the time that is left.
            indicatif::ProgressBar::new(record.n_epochs * n_batches)
                .with_style(style)
                .with_position(done - 1)
        });
        bar.set_prefix(format!("epoch {}/{}", record.epoch, record.n_epochs));
        let (loss, rate) = (short(record.mean_loss), short(record.learning_rate));
        bar.set_message(format!("loss {loss}  rate {rate}"));
        bar.set_position(done);
        Ok(())
    }

    fn on_epoch(&mut self, record: &EpochRecord) -> Result<ControlFlow<()>> {
        let line = epoch_line(record, self.n_epochs);
        match &self.bar {
            Some(bar) => bar.println(line),
            // A run does not fail because nobody reads what it says.
            None => drop(writeln!(io::stderr(), "{line}")),
        }
        Ok(ControlFlow::Continue(()))
    }

    fn on_end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// An epoch in one line.
fn epoch_line(record: &EpochRecord, n_epochs: u64) -> String {
    let metrics = |part: &str, means: &BTreeMap<String, f64>| {
        let all = means.iter().map(|(name, &v)| format!("  {part}{name} {}", short(v)));
        all.collect::<String>()
    };
    format!(
        "epoch {}/{n_epochs}{}{}  rate {}  {:.1} s",
        record.epoch,
        metrics("", &record.train),
        metrics("valid ", &record.valid),
        short(record.learning_rate),
        record.seconds,
    )
}

/// A number in three or four digits.
pub(crate) fn short(v: f64) -> String {
    match v.abs() {
        0.0 => "0".to_owned(),
        a if !(1e-3..1e5).contains(&a) => format!("{v:.2e}"),
        a if a < 0.01 => format!("{v:.5}"),
        a if a < 1.0 => format!("{v:.4}"),
        a => format!("{v:.0$}", 3usize.saturating_sub(a.log10() as usize)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_one() {
        assert!(indicatif::ProgressStyle::with_template(TEMPLATE).is_ok());
    }

    #[test]
    fn an_epoch_fits_into_a_line() {
        let means = |loss| BTreeMap::from([("loss".to_owned(), loss)]);
        let record = EpochRecord {
            epoch: 3,
            step: 30,
            learning_rate: 1e-3,
            grad_norm: 0.5,
            train: means(0.25),
            valid: means(f64::NAN),
            seconds: 1.04,
        };
        let line = "epoch 3/30  loss 0.2500  valid loss NaN  rate 0.00100  1.0 s";
        assert_eq!(epoch_line(&record, 30), line);
    }

    #[test]
    fn numbers_are_short() {
        let shown = [0.0, 0.0016, 1.23456, 12.3456, 12345.6, 1e7, -2e-5, f64::INFINITY].map(short);
        assert_eq!(shown, ["0", "0.00160", "1.235", "12.35", "12346", "1.00e7", "-2.00e-5", "inf"]);
    }
}
