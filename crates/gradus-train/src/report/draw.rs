//! The drawing of a chart.

use std::iter::zip;

use plotters::coord::Shift;
use plotters::prelude::*;

use super::axis::Axis;
use super::{Chart, Mark, Series};

/// Twice the size on a page: positions are whole pixels, and coarse ones would show in a curve.
const SIZE: (u32, u32) = (1680, 840);
const MARGIN: i32 = 24;
const TITLE_HEIGHT: i32 = 56;
const LEGEND_HEIGHT: i32 = 40;
/// A line through more points than this is drawn thinner, lest it becomes a band.
const DENSE: usize = 400;
/// Width of a letter in the legend, generously.
const LETTER: i32 = 15;
const SWATCH: i32 = 40;

const INK: RGBColor = RGBColor(31, 29, 26);
const SOFT: RGBColor = RGBColor(110, 105, 98);
const FAINT: RGBColor = RGBColor(190, 186, 179);
const GRID: RGBColor = RGBColor(232, 229, 223);
/// Colours that people with colour blindness can tell apart (Okabe & Ito 2008).
const COLORS: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(80, 80, 80),
    RGBColor(150, 120, 0),
];

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Plot<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Axis, Axis>>;
/// The backend writes to a string, so that its error is only ever shown.
type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// Writes the chart as SVG.
pub(super) fn chart(chart: &Chart, svg: &mut String) -> Result<(), String> {
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    let rows = legend_rows(&chart.series);
    let head = MARGIN + TITLE_HEIGHT + LEGEND_HEIGHT * rows.last().map_or(0, |(row, _)| row + 1);
    let (top, bottom) = root.split_vertically(head);
    let drawn = root
        .fill(&WHITE)
        .and_then(|()| title_and_legend(chart, &rows, &top))
        .and_then(|()| plot(chart, &bottom))
        .and_then(|()| root.present());
    drawn.map_err(|e| e.to_string())
}

/// The points that the scales can show.
fn visible(chart: &Chart, series: &Series) -> Vec<(f64, f64)> {
    let fits = |p: &(f64, f64)| Axis::shows(p.0, chart.x_scale) && Axis::shows(p.1, chart.y_scale);
    series.points.iter().copied().filter(fits).collect()
}

/// Row and left edge of each name in the legend; a single series without a name needs none.
fn legend_rows(series: &[Series]) -> Vec<(i32, i32)> {
    let left = MARGIN + 8;
    let mut at = (0, left);
    let mut places = Vec::new();
    if series.iter().all(|s| s.name.is_empty()) {
        return places;
    }
    for s in series {
        let width = SWATCH + LETTER * s.name.chars().count() as i32 + SWATCH;
        if at.1 > left && at.1 + width > SIZE.0 as i32 {
            at = (at.0 + 1, left);
        }
        places.push(at);
        at.1 += width;
    }
    places
}

fn title_and_legend(chart: &Chart, rows: &[(i32, i32)], area: &Area<'_>) -> Drawn {
    let title = ("sans-serif", 34).into_font().style(FontStyle::Bold).color(&INK);
    area.draw(&Text::new(chart.title.clone(), (MARGIN + 8, MARGIN), title))?;
    let name = ("sans-serif", 28).into_font().color(&INK);
    for ((series, &(row, x)), color) in zip(zip(&chart.series, rows), colors(chart)) {
        let y = MARGIN + TITLE_HEIGHT + LEGEND_HEIGHT * row;
        if series.mark != Mark::Points {
            let line = vec![(x, y + 14), (x + 28, y + 14)];
            area.draw(&PathElement::new(line, color.stroke_width(5)))?;
        }
        if matches!(series.mark, Mark::Points | Mark::Both) {
            area.draw(&Circle::new((x + 14, y + 14), 8, color.filled()))?;
        }
        area.draw(&Text::new(series.name.clone(), (x + SWATCH, y), name.clone()))?;
    }
    Ok(())
}

fn plot(chart: &Chart, area: &Area<'_>) -> Drawn {
    let points: Vec<_> = chart.series.iter().map(|s| visible(chart, s)).collect();
    let x = Axis::around(points.iter().flatten().map(|p| p.0), chart.x_scale);
    let y = Axis::around(points.iter().flatten().map(|p| p.1), chart.y_scale);
    let mut plot = ChartBuilder::on(area)
        .margin(MARGIN)
        .margin_right(MARGIN * 2)
        .x_label_area_size(84)
        .y_label_area_size(128)
        .build_cartesian_2d(x, y)?;
    plot.configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID.stroke_width(2))
        .axis_style(SOFT.stroke_width(2))
        .x_desc(&chart.x_label)
        .y_desc(&chart.y_label)
        .axis_desc_style(("sans-serif", 28).into_font().color(&SOFT))
        .label_style(("sans-serif", 26).into_font().color(&SOFT))
        .draw()?;
    for ((series, points), color) in zip(zip(&chart.series, points), colors(chart)) {
        one(series.mark, points, color, &mut plot)?;
    }
    Ok(())
}

/// The colour of each series. Faint ones take none of the palette, so that a name has the same
/// colour with and without them.
fn colors(chart: &Chart) -> impl Iterator<Item = RGBColor> {
    let mut palette = COLORS.into_iter().cycle();
    let color = move |series: &Series| match series.mark {
        Mark::Faint => FAINT,
        _ => palette.next().unwrap_or(INK),
    };
    chart.series.iter().map(color)
}

fn one(mark: Mark, points: Vec<(f64, f64)>, color: RGBColor, plot: &mut Plot<'_, '_>) -> Drawn {
    // A line through one point cannot be seen.
    if matches!(mark, Mark::Points | Mark::Both) || points.len() == 1 {
        plot.draw_series(points.iter().map(|&p| Circle::new(p, 7, color.filled())))?;
    }
    if mark != Mark::Points {
        let width = if mark == Mark::Faint || points.len() > DENSE { 2 } else { 4 };
        plot.draw_series(LineSeries::new(points, color.stroke_width(width)))?;
    }
    Ok(())
}
