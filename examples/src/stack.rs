//! Charts below each other in one picture.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use gradus::train::report::Chart;

/// One SVG of several charts, from top to bottom.
///
/// # Errors
/// If a chart cannot be drawn.
pub fn stacked(charts: &[Chart]) -> Result<String> {
    let mut body = String::new();
    let (mut width, mut height) = (0, 0);
    for chart in charts {
        let svg = chart.to_svg()?;
        let size = [attribute(&svg, "width")?, attribute(&svg, "height")?];
        let rest = svg.strip_prefix("<svg").context("a chart is one <svg> element")?;
        write!(body, "<svg y=\"{height}\"{rest}")?;
        width = width.max(size[0]);
        height += size[1];
    }
    Ok(format!(
        "<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         xmlns=\"http://www.w3.org/2000/svg\">\n{body}</svg>\n"
    ))
}

/// A number among the attributes of the outermost element.
fn attribute(svg: &str, name: &str) -> Result<u32> {
    let value = svg.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split_once('"'));
    Ok(value.with_context(|| format!("the chart has no {name}"))?.0.parse()?)
}

#[cfg(test)]
mod tests {
    use gradus::train::report::Mark;

    use super::*;

    #[test]
    fn the_second_chart_begins_where_the_first_ends() {
        let mut chart = Chart::new("t", "x", "y");
        chart.series("s", [(0.0, 1.0), (1.0, 2.0)], Mark::Line);
        let height = attribute(&chart.to_svg().unwrap(), "height").unwrap();
        let both = stacked(&[chart.clone(), chart]).unwrap();
        assert_eq!(attribute(&both, "height").unwrap(), 2 * height);
        assert_eq!(both.matches("</svg>").count(), 3);
        assert!(both.contains(&format!("<svg y=\"{height}\"")), "{both}");
    }
}
