//! Turning, shifting, scaling and shearing.

use gradus_tensor::Tensor;

use super::planes::Planes;
use super::resize::Interpolation;
use crate::{Error, Result};

/// What the places that no pixel comes to are filled with.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Fill {
    /// Zero.
    #[default]
    Zero,
    /// This value.
    Value(f64),
}

impl Fill {
    const fn value(self) -> f64 {
        match self {
            Self::Zero => 0.0,
            Self::Value(value) => value,
        }
    }
}

/// A movement of a picture about its middle.
///
/// # Examples
/// ```
/// use gradus_data::{Affine, affine};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[1.0, 2.0], [3.0, 4.0]]);
/// let turned = affine(&x, Affine { degrees: 90.0, ..Affine::default() })?;
/// let expected = Tensor::new([[3.0, 1.0], [4.0, 2.0]]);
/// assert!(turned.allclose(&expected, 0.0, 1e-6)?);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine {
    /// Clockwise turn in degrees.
    pub degrees: f64,
    /// Shift to the right and down, in pixels.
    pub translate: [f64; 2],
    /// Growth; 1 by default.
    pub scale: f64,
    /// Shear along the width and the height, in degrees.
    pub shear: [f64; 2],
    /// How pixels between pixels are found; `Antialiased` is as `Bilinear` here.
    pub interpolation: Interpolation,
    /// What comes in from outside.
    pub fill: Fill,
}

impl Default for Affine {
    /// No movement, bilinear, zero outside.
    fn default() -> Self {
        let (interpolation, fill) = (Interpolation::Bilinear, Fill::Zero);
        Self { degrees: 0.0, translate: [0.0; 2], scale: 1.0, shear: [0.0; 2], interpolation, fill }
    }
}

impl Affine {
    /// Where a place of the result, from the middle, comes from: rows of x and y.
    fn inverse(&self) -> [[f64; 3]; 2] {
        let [turn, sx, sy] = [self.degrees, self.shear[0], self.shear[1]].map(f64::to_radians);
        // The matrix of rotation, scale and shear (y, then x), as torchvision composes it.
        let a = (turn - sy).cos() / sy.cos();
        let b = -(turn - sy).cos() * sx.tan() / sy.cos() - turn.sin();
        let c = (turn - sy).sin() / sy.cos();
        let d = -(turn - sy).sin() * sx.tan() / sy.cos() + turn.cos();
        let [tx, ty] = self.translate;
        let rows = [[d, -b], [-c, a]].map(|row| row.map(|v| v / self.scale));
        rows.map(|[x, y]| [x, y, -x * tx - y * ty])
    }
}

/// Moves pictures about their middles.
///
/// # Shapes
/// - `x`: `[..., H, W]`, u8 or float → the same
///
/// # Errors
/// [`Error::InvalidArgument`] if a number is not finite, the scale is not positive, a shear is 90° or
/// more, or `x` is no picture.
///
/// # Reference
/// torchvision's `affine`; `rotate` is the same with the other sign of the angle.
pub fn affine(x: &Tensor, movement: Affine) -> Result<Tensor> {
    let op = "affine";
    let Affine { degrees, translate: [tx, ty], scale, shear, .. } = movement;
    let steep = shear.iter().any(|s| s.abs() >= 90.0);
    if ![degrees, tx, ty, scale, shear[0], shear[1]].iter().all(|v| v.is_finite())
        || scale <= 0.0
        || steep
    {
        let (name, expected) = ("movement", "finite, of positive scale and less than 90° of shear");
        return Err(Error::InvalidArgument { op, name, expected, got: format!("{movement:?}") });
    }
    let planes = Planes::new(op, x)?;
    let size = [planes.height, planes.width];
    let [rx, ry] = movement.inverse();
    let middle = [size[0] as f64 / 2.0 - 0.5, size[1] as f64 / 2.0 - 0.5];
    let mut sources = Vec::with_capacity(size[0] * size[1]);
    for row in 0..size[0] {
        let dy = row as f64 - middle[0];
        sources.extend((0..size[1]).map(|column| {
            let dx = column as f64 - middle[1];
            let apply = |row: [f64; 3]| row[0] * dx + row[1] * dy + row[2];
            (apply(ry) + middle[0], apply(rx) + middle[1])
        }));
    }
    let mut out = Vec::with_capacity(planes.values.len());
    for pixels in planes.each() {
        let plane = Plane::new(pixels, size, movement.fill.value());
        out.extend(sources.iter().map(|&(row, column)| match movement.interpolation {
            Interpolation::Nearest => plane.pixel(row.round_ties_even(), column.round_ties_even()),
            Interpolation::Bilinear | Interpolation::Antialiased => plane.bilinear(row, column),
        }));
    }
    planes.like(out, size)
}

/// Pixels, and what lies around them.
struct Plane<'a> {
    pixels: &'a [f64],
    size: [usize; 2],
    /// Below these, a place has all four neighbours, and its rounding fits `i32`: the processor
    /// converts that at once, and `usize` in a dozen steps.
    inner: [f64; 2],
    fill: f64,
}

impl<'a> Plane<'a> {
    fn new(pixels: &'a [f64], size: [usize; 2], fill: f64) -> Self {
        let inner = size.map(|extent| (extent - 1).min(i32::MAX as usize) as f64);
        Self { pixels, size, inner, fill }
    }

    /// The pixel at a whole place.
    fn pixel(&self, row: f64, column: f64) -> f64 {
        let [height, width] = self.size.map(|extent| extent as f64);
        let inside = row >= 0.0 && column >= 0.0 && row < height && column < width;
        if inside { self.pixels[row as usize * self.size[1] + column as usize] } else { self.fill }
    }

    /// The mean of the four pixels around a place.
    #[inline]
    fn bilinear(&self, row: f64, column: f64) -> f64 {
        let [height, width] = self.inner;
        if row >= 0.0 && column >= 0.0 && row < height && column < width {
            let (top, left, width) = (row as i32, column as i32, self.size[1]);
            let upper = &self.pixels[top as usize * width + left as usize..][..width + 2];
            let corners = [upper[0], upper[1], upper[width], upper[width + 1]];
            return mean(corners, row - f64::from(top), column - f64::from(left));
        }
        self.bilinear_at_edge(row, column)
    }

    #[cold]
    fn bilinear_at_edge(&self, row: f64, column: f64) -> f64 {
        let (top, left) = (row.floor(), column.floor());
        let corners = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)];
        let corners = corners.map(|(down, right)| self.pixel(top + down, left + right));
        mean(corners, row - top, column - left)
    }
}

/// The mean of upper left, upper right, lower left and lower right, at a place between them.
fn mean([a, b, c, d]: [f64; 4], down: f64, right: f64) -> f64 {
    let line = |left, at_right| (1.0 - right) * left + right * at_right;
    (1.0 - down) * line(a, b) + down * line(c, d)
}

#[cfg(test)]
mod tests {
    use gradus_core::{DType, Key};

    use super::*;

    #[test]
    fn whole_steps_move_whole_pixels() {
        let x = Tensor::randn([2, 5, 5], DType::F64, Key::new(3)).unwrap();
        let still = affine(&x, Affine::default()).unwrap();
        assert!(still.allclose(&x, 0.0, 1e-12).unwrap());
        for interpolation in [Interpolation::Bilinear, Interpolation::Nearest] {
            let fill = Fill::Value(7.0);
            let moved = Affine { translate: [1.0, -2.0], interpolation, fill, ..Affine::default() };
            let y = affine(&x, moved).unwrap();
            let (got, from) = (
                y.narrow(1, 0, 3).unwrap().narrow(2, 1, 4),
                x.narrow(1, 2, 3).unwrap().narrow(2, 0, 4),
            );
            assert!(got.unwrap().allclose(&from.unwrap(), 0.0, 1e-12).unwrap());
            assert_eq!(y.select(2, 0).unwrap().to_vec::<f64>().unwrap(), [7.0; 10]);
            let turned = Affine { degrees: 180.0, interpolation, ..Affine::default() };
            let flipped = x.flip([1, 2]).unwrap();
            assert!(affine(&x, turned).unwrap().allclose(&flipped, 0.0, 1e-9).unwrap());
        }
    }

    #[test]
    fn impossible_movements_are_refused() {
        let x = Tensor::ones([3, 3], DType::F32).unwrap();
        let still = Affine::default();
        for bad in [
            Affine { scale: 0.0, ..still },
            Affine { degrees: f64::NAN, ..still },
            Affine { shear: [90.0, 0.0], ..still },
        ] {
            assert!(affine(&x, bad).is_err());
        }
        assert!(affine(&Tensor::from([1.0f32]), still).is_err());
    }
}
