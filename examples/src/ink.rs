//! Colours of the pictures.

use plotters::style::RGBColor;

/// A colour. Those with names can be told apart by people with colour blindness (Okabe & Ito 2008).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ink {
    /// Of text.
    Black,
    /// Of what stands back.
    Grey,
    /// Of paper.
    White,
    /// First of the palette.
    Blue,
    /// Second of the palette.
    Orange,
    /// Third of the palette.
    Green,
    /// Fourth of the palette.
    Pink,
    /// From 0, blue, over white to 1, orange: a probability.
    Shade(f64),
    /// From 0, paper, to 1, black: a pixel.
    Level(f64),
}

const BLUE: [u8; 3] = [0, 114, 178];
const ORANGE: [u8; 3] = [213, 94, 0];
const WHITE: [u8; 3] = [255, 255, 255];

impl Ink {
    pub(crate) fn color(self) -> RGBColor {
        let [r, g, b] = match self {
            Self::Black => [31, 29, 26],
            Self::Grey => [130, 125, 118],
            Self::White => WHITE,
            Self::Blue => BLUE,
            Self::Orange => ORANGE,
            Self::Green => [0, 158, 115],
            Self::Pink => [204, 121, 167],
            Self::Shade(p) if p < 0.5 => between(WHITE, BLUE, 0.75 * (1.0 - 2.0 * p)),
            Self::Shade(p) => between(WHITE, ORANGE, 0.75 * (2.0 * p - 1.0)),
            Self::Level(level) => between(WHITE, [20, 20, 20], level),
        };
        RGBColor(r, g, b)
    }
}

/// The colour that lies so far on the way from one to another.
fn between(from: [u8; 3], to: [u8; 3], share: f64) -> [u8; 3] {
    let share = share.clamp(0.0, 1.0);
    std::array::from_fn(|i| {
        (f64::from(from[i]) * (1.0 - share) + f64::from(to[i]) * share).round() as u8
    })
}
