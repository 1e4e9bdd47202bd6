//! Planes side by side in one picture.

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{
    Cartesian2d, ChartBuilder, ChartContext, Circle, Color as _, DrawingArea, DrawingAreaErrorKind,
    FontStyle, IntoDrawingArea as _, IntoFont as _, PathElement, Rectangle, SVGBackend, Text,
    WHITE,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::Ink;
use crate::plane::{Anchor, Figure, Plane};

/// The width of a picture, that of a chart.
const WIDTH: u32 = 1680;
const TITLE_HEIGHT: i32 = 84;
/// The radius from which on a dot has a rim.
const LARGE: i32 = 8;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawing<'a, 'b> =
    ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
/// The backend writes to a string, so that its error is only ever shown.
type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// One SVG with a title and rows of planes, each row of a height in pixels.
///
/// # Errors
/// If the drawing backend fails.
pub fn planes(title: &str, rows: &[(u32, Vec<Plane>)]) -> Result<String> {
    let mut svg = String::new();
    let height = TITLE_HEIGHT as u32 + rows.iter().map(|(height, _)| height).sum::<u32>();
    draw(title, rows, SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area())
        .map_err(|error| anyhow!("{title}: {error}"))?;
    Ok(svg)
}

fn draw(title: &str, rows: &[(u32, Vec<Plane>)], root: Area<'_>) -> Drawn {
    root.fill(&WHITE)?;
    let (top, mut rest) = root.split_vertically(TITLE_HEIGHT);
    let style = ("sans-serif", 34).into_font().style(FontStyle::Bold).color(&Ink::Black.color());
    top.draw(&Text::new(title.to_owned(), (32, 24), style))?;
    for (height, row) in rows {
        let (this, below) = rest.split_vertically(*height);
        for (area, plane) in this.split_evenly((1, row.len())).iter().zip(row) {
            one(plane, area)?;
        }
        rest = below;
    }
    root.present()
}

fn one(plane: &Plane, area: &Area<'_>) -> Drawn {
    let has_axes = plane.labels.iter().any(|label| !label.is_empty());
    let mut builder = ChartBuilder::on(area);
    builder.margin(16);
    if !plane.title.is_empty() {
        builder.caption(&plane.title, ("sans-serif", 28).into_font().color(&Ink::Black.color()));
    }
    if has_axes {
        builder.margin_right(36).x_label_area_size(76).y_label_area_size(100);
    }
    let [x, y] = [plane.x, plane.y];
    let mut drawing = builder.build_cartesian_2d(x[0]..x[1], y[0]..y[1])?;
    for figure in &plane.figures {
        draw_figure(figure, &mut drawing)?;
    }
    if has_axes {
        axes(plane, &mut drawing)?;
    }
    Ok(())
}

/// The axes come last, over regions that reach the edge.
fn axes(plane: &Plane, drawing: &mut Drawing<'_, '_>) -> Drawn {
    let soft = Ink::Grey.color();
    // Steps of a tenth add up to −0.0 and to 0.30000000000000004.
    let number = |v: &f64| ((v * 1e6).round() / 1e6 + 0.0).to_string();
    drawing
        .configure_mesh()
        .disable_mesh()
        .x_labels(6)
        .y_labels(6)
        .axis_style(soft.stroke_width(2))
        .x_label_formatter(&number)
        .y_label_formatter(&number)
        .x_desc(&plane.labels[0])
        .y_desc(&plane.labels[1])
        .axis_desc_style(("sans-serif", 26).into_font().color(&soft))
        .label_style(("sans-serif", 22).into_font().color(&soft))
        .draw()
}

fn draw_figure(figure: &Figure, drawing: &mut Drawing<'_, '_>) -> Drawn {
    match figure {
        Figure::Rect(corners, ink) => {
            drawing.draw_series([Rectangle::new(*corners, ink.color().filled())])?;
        }
        Figure::Line(points, ink, width) => {
            let style = ink.color().stroke_width(*width);
            drawing.draw_series([PathElement::new(points.clone(), style)])?;
        }
        Figure::Dot(at, ink, radius) => {
            // A white rim sets a dot off from a region; small ones stand too close for it.
            if *radius >= LARGE {
                drawing.draw_series([Circle::new(
                    *at,
                    *radius + 3,
                    Ink::White.color().filled(),
                )])?;
            }
            drawing.draw_series([Circle::new(*at, *radius, ink.color().filled())])?;
        }
        Figure::Text(at, anchor, text, ink, size) => {
            let horizontal = match anchor {
                Anchor::Start => HPos::Left,
                Anchor::Middle => HPos::Center,
                Anchor::End => HPos::Right,
            };
            let style = ("sans-serif", *size).into_font().color(&ink.color());
            let style = style.pos(Pos::new(horizontal, VPos::Center));
            drawing.draw_series([Text::new(text.clone(), *at, style)])?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use gradus::tensor::{DType, Tensor};

    use super::*;

    #[test]
    fn all_that_lies_on_a_plane_is_drawn() {
        let mut plane = Plane::new("<regions>", ["w & x", "y"], [0.0, 1.0], [0.0, 1.0]);
        let grid = plane.grid(3).unwrap();
        assert_eq!(grid.dims(), &[9, 2]);
        let heights = grid.sum(1).unwrap();
        plane.shade(3, &Tensor::zeros([9], DType::F32).unwrap()).unwrap();
        plane.contours(3, &heights, &[0.7], Ink::Black).unwrap();
        plane.dot((0.5, 0.5), Ink::Blue, 8).dot((0.6, 0.6), Ink::Blue, 4).text(
            (0.2, 0.2),
            "here",
            Ink::Black,
            20,
        );
        let svg = planes("both", &[(400, vec![plane.clone(), plane])]).unwrap();
        assert!(!svg.contains("<regions>") && svg.contains("here"), "{svg}");
        // A large dot has a rim.
        assert_eq!(svg.matches("<circle").count(), 2 * 3);
        assert!(svg.matches("<polyline").count() >= 4, "{svg}");
    }
}
