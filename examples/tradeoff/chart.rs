//! The chart of a modality: on the page, and as files.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use gradus::train::report::{Chart, Mark, Scale};

use crate::compare::BATCH;
use crate::context::Context;
use crate::rows::Row;

/// The points of real data against real data, which have no cost: a line.
pub(crate) const FLOOR: &str = "data against data";

/// The family of the model without a network.
pub(crate) const NGRAMS: &str = "n-grams";

/// Adds the charts of a modality's rows to the page, and writes them as SVG beside it.
pub(crate) fn add(cx: &mut Context, rows: &[Row]) -> Result<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    let modality = first.modality.clone();
    for (name, chart) in [
        (
            "milliseconds",
            against(rows, 1, "milliseconds per sample, one at a time", |r| r.milliseconds),
        ),
        (
            "milliseconds-64",
            against(rows, BATCH, "milliseconds per sample, 64 side by side", |r| r.milliseconds),
        ),
        ("calls", against(rows, 1, "calls of the model per sample", |r| r.calls)),
    ] {
        let path = cx.out.join(format!("{modality}-{name}.svg"));
        let svg = chart.to_svg()?;
        gradus::io::write_atomic(&path, |file| file.write_all(svg.as_bytes()))
            .with_context(|| path.display().to_string())?;
        cx.page.chart(&chart)?;
    }
    Ok(())
}

/// Distance against a cost, a colour for each family in the order of the rows.
fn against(rows: &[Row], batch: usize, label: &str, cost: impl Fn(&Row) -> f64) -> Chart {
    let title = format!("{}: distance to the data", rows[0].modality);
    let mut chart = Chart::new(title, label, "distance");
    (chart.x_scale, chart.y_scale) = (Scale::Log, Scale::Log);
    let is_drawn = |r: &&Row| r.batch == batch && r.family != FLOOR;
    let drawn: Vec<&Row> = rows.iter().filter(is_drawn).collect();
    let mut families: Vec<&str> = Vec::new();
    for row in &drawn {
        if !families.contains(&row.family.as_str()) {
            families.push(&row.family);
        }
    }
    for family in families {
        let of = drawn.iter().filter(|r| r.family == family);
        let mut points: Vec<(f64, f64)> = of.map(|r| (cost(r), r.distance)).collect();
        let mark = match family {
            // The calls of an order grow along its line; other families are no line.
            f if f.starts_with("NAR, ") => Mark::Both,
            // A yardstick, in grey: it leaves the colours to the others, of which there are eight.
            NGRAMS => Mark::Faint,
            _ => Mark::Points,
        };
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        chart.series(family, points, mark);
    }
    let floor = rows.iter().find(|r| r.family == FLOOR);
    if let Some(floor) = floor {
        let costs = || drawn.iter().map(|r| cost(r));
        let ends = [costs().fold(f64::INFINITY, f64::min), costs().fold(0.0, f64::max)];
        chart.series(FLOOR, ends.map(|x| (x, floor.distance)), Mark::Faint);
    }
    chart
}

#[cfg(test)]
mod tests {
    use gradus::generate::eval::Interval;

    use super::*;

    fn row(family: &str, batch: usize, milliseconds: f64, distance: f64) -> Row {
        Row {
            modality: "text".into(),
            family: family.into(),
            strategy: family.into(),
            batch,
            calls: 2.0,
            milliseconds,
            distance,
            interval: Interval { low: 0.0, high: 1.0 },
            samples: 9,
            beside: Vec::new(),
            seed: 7,
            dtype: "f32",
        }
    }

    #[test]
    fn a_family_is_a_colour_and_the_floor_a_line() {
        let rows = [
            row("AR", 1, 5.0, 0.1),
            row("AR", 64, 1.0, 0.1),
            row("NAR, random order", 1, 4.0, 0.2),
            row("NAR, random order", 1, 2.0, 0.4),
            row(FLOOR, 1, 0.0, 0.05),
        ];
        let chart = against(&rows, 1, "ms", |r| r.milliseconds);
        let names: Vec<&str> = chart.series.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["AR", "NAR, random order", FLOOR]);
        assert_eq!(chart.series[0].points, [(5.0, 0.1)]);
        assert_eq!(chart.series[1].points, [(2.0, 0.4), (4.0, 0.2)]);
        assert_eq!(chart.series[2].points, [(2.0, 0.05), (5.0, 0.05)]);
        assert!(chart.to_svg().unwrap().contains("random order"));
    }
}
