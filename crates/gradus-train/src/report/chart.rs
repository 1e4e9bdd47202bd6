//! Line charts as data.

use super::draw;
use crate::error::{Error, Result};

/// How a series is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mark {
    /// A line through the points.
    #[default]
    Line,
    /// The points alone.
    Points,
    /// The points and a line.
    Both,
    /// A thin grey line: values that are too many and too noisy to follow, behind their means.
    Faint,
}

/// How an axis runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// Evenly.
    #[default]
    Linear,
    /// By powers; values of zero and less are left out.
    Log,
}

/// Points with a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The name in the legend.
    pub name: String,
    /// The points, in drawing order. Points that are not finite are left out.
    pub points: Vec<(f64, f64)>,
    /// How they are drawn.
    pub mark: Mark,
}

/// A chart of several series over common axes.
///
/// # Examples
/// ```
/// use gradus_train::report::{Chart, Mark, Scale};
/// let mut chart = Chart::new("loss", "step", "nats");
/// chart.y_scale = Scale::Log;
/// chart.series("train", (0..10).map(|i| (i as f64, 1.0 / (1.0 + i as f64))), Mark::Line);
/// assert!(chart.to_svg()?.starts_with("<svg"));
/// # Ok::<(), gradus_train::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Title above the chart.
    pub title: String,
    /// Title of the horizontal axis.
    pub x_label: String,
    /// Title of the vertical axis.
    pub y_label: String,
    /// How the horizontal axis runs.
    pub x_scale: Scale,
    /// How the vertical axis runs.
    pub y_scale: Scale,
    /// What is drawn.
    pub series: Vec<Series>,
}

impl Chart {
    /// A chart without series, with linear axes.
    pub fn new(
        title: impl Into<String>,
        x_label: impl Into<String>,
        y_label: impl Into<String>,
    ) -> Self {
        Self {
            title: title.into(),
            x_label: x_label.into(),
            y_label: y_label.into(),
            x_scale: Scale::Linear,
            y_scale: Scale::Linear,
            series: Vec::new(),
        }
    }

    /// Adds a series.
    pub fn series(
        &mut self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64)>,
        mark: Mark,
    ) -> &mut Self {
        self.series.push(Series { name: name.into(), points: points.into_iter().collect(), mark });
        self
    }

    /// The chart as one `<svg>` element. The legend stands above the curves, never over them.
    ///
    /// # Errors
    /// [`Error::Plot`] if the drawing backend fails.
    pub fn to_svg(&self) -> Result<String> {
        let mut svg = String::new();
        draw::chart(self, &mut svg).map_err(|reason| Error::Plot { reason })?;
        Ok(svg)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_series_are_drawn_without_failing() {
        for (x_scale, y_scale) in [
            (Scale::Linear, Scale::Linear),
            (Scale::Log, Scale::Linear),
            (Scale::Linear, Scale::Log),
            (Scale::Log, Scale::Log),
        ] {
            let mut chart = Chart { x_scale, y_scale, ..Chart::new("t", "x", "y") };
            assert!(chart.to_svg().unwrap().contains("</svg>"));
            chart.series("one point", [(3.0, 3.0)], Mark::Both);
            chart.series("not finite", [(1.0, f64::NAN), (f64::INFINITY, 1.0)], Mark::Line);
            chart.series("zero", [(0.0, 0.0), (-1.0, -2.0)], Mark::Points);
            chart.series("noise", [(1.0, 1.0), (2.0, 3.0)], Mark::Faint);
            chart.series("huge", [(f64::MAX, f64::MIN), (1.0, 5e-324)], Mark::Line);
            let svg = chart.to_svg().unwrap();
            assert!(svg.contains("one point") && !svg.contains("NaN"), "{svg}");
        }
    }

    #[test]
    fn names_are_not_read_as_markup() {
        let mut chart = Chart::new("<script>", "a & b", "\"y\"");
        chart.series("</svg>", [(0.0, 0.0)], Mark::Line).series("", [], Mark::Line);
        let svg = chart.to_svg().unwrap();
        assert!(!svg.contains("<script>") && svg.matches("</svg>").count() == 1, "{svg}");
    }
}
