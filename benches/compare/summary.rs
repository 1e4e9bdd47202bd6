//! From figures to rows.

use crate::case::{self, Case, Work};
use crate::line::Metric;
use crate::options::Mode;
use crate::peer::Peer;
use crate::rounds::Outcome;
use crate::row::{Figure, Row, Target};
use crate::stopwatch::median;
use crate::target;

/// The rows of every case that was run, then what follows from several cases.
pub(crate) fn rows(outcome: &Outcome, mode: Mode) -> Vec<Row> {
    let mut threads: Vec<usize> = outcome.figures.iter().map(|(_, line)| line.threads).collect();
    threads.sort_unstable();
    threads.dedup();
    let mut rows = Vec::new();
    for case in case::all() {
        rows.extend(threads.iter().flat_map(|&n| case_rows(outcome, &case, n, mode)));
    }
    let of_rows = |row: &&Row| case::all().iter().any(|c| c.group == "B" && c.name == row.case);
    for &n in &threads {
        let ratios = rows.iter().filter(of_rows).filter(|row| row.threads == n);
        let mut ratios: Vec<f64> = ratios.filter_map(|row| row.ratio).collect();
        ratios.sort_by(f64::total_cmp);
        if ratios.len() > 1 {
            rows.push(Row {
                case: "median of elementwise and reductions".into(),
                threads: n,
                torch: None,
                gradus: None,
                ratio: Some(median(&ratios)),
                target: Some(Target::Ratio(target::ROWS_MEDIAN)),
            });
        }
    }
    rows
}

fn case_rows(outcome: &Outcome, case: &Case, threads: usize, mode: Mode) -> Vec<Row> {
    let figure = |peer, metric| outcome.figure(peer, &case.name, threads, metric);
    let row = |name: &str, torch: Option<Figure>, gradus: Option<Figure>, ratio, target| Row {
        case: name.into(),
        threads,
        torch,
        gradus,
        ratio,
        target,
    };
    let [torch, gradus] = [Peer::Torch, Peer::Gradus].map(|peer| figure(peer, Metric::Time));
    if torch.is_none() && gradus.is_none() {
        return Vec::new();
    }
    let ratio = over(&gradus, &torch);
    let least = target::ratio(&case.name, threads, mode).map(Target::Ratio);
    let mut rows = vec![row(&case.name, torch, gradus.clone(), ratio, least)];
    if let Some(most) = target::peak_rss(&case.name).filter(|_| mode == Mode::Highest) {
        let [torch, gradus] = [Peer::Torch, Peer::Gradus].map(|peer| figure(peer, Metric::PeakRss));
        let ratio = over(&torch, &gradus);
        let name = format!("{}, memory", case.name);
        rows.push(row(&name, torch, gradus, ratio, Some(Target::AtMost(most))));
    }
    if let Work::Decode(dtype) = case.work {
        let read = figure(Peer::Gradus, Metric::ReadRate);
        let limit = outcome.figure(Peer::Gradus, "read_bandwidth", threads, Metric::Time);
        let share = over(&read, &limit);
        let least =
            (dtype == gradus::core::DType::F32).then_some(Target::Ratio(target::READ_SHARE));
        rows.push(row(&format!("{}, of read bandwidth", case.name), limit, read, share, least));
    }
    let highest = figure(Peer::GradusHighest, Metric::Time);
    if highest.is_some() {
        let ratio = over(&gradus, &highest);
        let least = Some(Target::Ratio(target::MEDIUM_OVER_HIGHEST));
        rows.push(row(&format!("{}, over f32", case.name), highest, gradus, ratio, least));
    }
    rows
}

fn over(a: &Option<Figure>, b: &Option<Figure>) -> Option<f64> {
    Some(a.as_ref()?.value / b.as_ref()?.value)
}

impl Outcome {
    /// The median over rounds: of the rate if there is one.
    fn figure(&self, peer: Peer, case: &str, threads: usize, metric: Metric) -> Option<Figure> {
        let lines: Vec<_> = self
            .figures
            .iter()
            .filter(|(p, line)| *p == peer && line.case == case && line.threads == threads)
            .map(|(_, line)| line)
            .filter(|line| line.metric == metric)
            .collect();
        let unit = lines.first().map(|line| line.rate_unit.clone().unwrap_or(line.unit.clone()))?;
        let mut values: Vec<f64> =
            lines.iter().map(|line| line.rate.unwrap_or(line.median)).collect();
        values.sort_by(f64::total_cmp);
        Some(Figure { value: median(&values), unit })
    }
}
