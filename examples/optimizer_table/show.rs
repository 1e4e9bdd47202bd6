//! The three wishes as a picture: how low, how fast, and over how many rates.

use std::io::Write as _;
use std::path::Path;

use anyhow::Result;
use gradus::train::report::{Chart, Mark, Scale};
use gradus_examples::{print_json, stacked};

use crate::measure::{Cell, rate};
use crate::problems::Problem;

/// A chart of all methods would be a tangle.
const SHOWN: [&str; 7] = ["SGD", "momentum", "Adagrad", "RMSProp", "Adam", "Lion", "Muon"];
/// Losses above are as useless as this one.
const CEILING: f64 = 10.0;

/// A method's name and what it does on every problem.
pub(crate) type Row = (&'static str, Vec<Option<Cell>>);

/// The loss after the last step against the learning rate, on both problems with digits.
pub(crate) fn picture(rows: &[Row], problems: &[Problem], out: &Path) -> Result<()> {
    let mut charts = Vec::new();
    for (i, problem) in problems.iter().enumerate().filter(|(_, p)| p.name.starts_with("digits")) {
        let title = format!("{}: the loss after {} steps", problem.name, problem.steps);
        let mut chart = Chart::new(title, "learning rate", "cross-entropy (nats)");
        (chart.x_scale, chart.y_scale) = (Scale::Log, Scale::Log);
        for (name, cells) in rows.iter().filter(|(name, _)| SHOWN.contains(name)) {
            let Some(cell) = &cells[i] else { continue };
            let points = cell.losses.iter().enumerate().map(|(i, l)| (rate(i), l.min(CEILING)));
            chart.series(*name, points, Mark::Both);
        }
        charts.push(chart);
    }
    let svg = stacked(&charts)?;
    std::fs::create_dir_all(out)?;
    let path = out.join("optimizer_table.svg");
    gradus::io::write_atomic(&path, |file| file.write_all(svg.as_bytes()))?;
    println!("\npicture: {}", path.display());
    Ok(())
}

/// The three wishes on the last problem, the network: lowest loss, fewest steps, rates that solve it.
pub(crate) fn figures(rows: &[Row]) -> Result<()> {
    let mut figures = Vec::new();
    for (name, cells) in rows {
        let Some(Some(cell)) = cells.last() else { continue };
        let name = name.to_lowercase().replace(['-', ' '], "_");
        figures.push((format!("{name}_loss"), cell.loss()));
        figures.push((format!("{name}_steps"), cell.steps.map_or(f64::NAN, |steps| steps as f64)));
        figures.push((format!("{name}_rates"), cell.solved as f64));
    }
    print_json(&figures.iter().map(|(name, value)| (name.as_str(), *value)).collect::<Vec<_>>())
}
