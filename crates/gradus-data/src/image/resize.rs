//! Another size.

use gradus_tensor::Tensor;

use super::planes::Planes;
use crate::{Error, Result};

/// How pixels between pixels are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Interpolation {
    /// The pixel whose square holds the place.
    Nearest,
    /// A mean of the four pixels around the place.
    Bilinear,
    /// As `Bilinear`, but a smaller picture takes the mean over all pixels that fall on one of its
    /// own, so that nothing flickers; the default of torchvision.
    #[default]
    Antialiased,
}

/// Brings pictures to a size of `[height, width]`.
///
/// # Shapes
/// - `x`: `[..., H, W]`, u8 or float → `[..., height, width]`
///
/// # Errors
/// [`Error::InvalidArgument`] if an extent is 0 or `x` is no picture.
///
/// # Reference
/// PyTorch's `interpolate` with `align_corners=False`, with and without `antialias`.
///
/// # Examples
/// ```
/// use gradus_data::{Interpolation, resize};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[0.0, 1.0], [2.0, 3.0]]);
/// let small = resize(&x, [1, 1], Interpolation::Antialiased)?;
/// assert_eq!(small.to_vec::<f32>()?, [1.5]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn resize(x: &Tensor, size: [usize; 2], interpolation: Interpolation) -> Result<Tensor> {
    let op = "resize";
    let planes = Planes::new(op, x)?;
    if size.contains(&0) {
        let (name, expected) = ("size", "positive");
        return Err(Error::InvalidArgument { op, name, expected, got: format!("{size:?}") });
    }
    let [rows, columns] = [(planes.height, size[0]), (planes.width, size[1])].map(|(from, to)| {
        (0..to).map(|i| Taps::new(from, to, i, interpolation)).collect::<Vec<_>>()
    });
    let mut out = Vec::new();
    for plane in planes.each() {
        // First along the width, then along the height.
        let narrow: Vec<Vec<f64>> = plane
            .chunks_exact(planes.width)
            .map(|row| columns.iter().map(|taps| taps.apply(|at| row[at])).collect())
            .collect();
        for taps in &rows {
            out.extend((0..size[1]).map(|column| taps.apply(|at| narrow[at][column])));
        }
    }
    planes.like(out, size)
}

/// Which pixels of a line make one of another line, and their shares.
struct Taps {
    first: usize,
    shares: Vec<f64>,
}

impl Taps {
    fn new(from: usize, to: usize, i: usize, interpolation: Interpolation) -> Self {
        let scale = from as f64 / to as f64;
        let centre = (i as f64 + 0.5) * scale;
        let last = from - 1;
        match interpolation {
            Interpolation::Nearest => {
                Self { first: ((i as f64 * scale) as usize).min(last), shares: vec![1.0] }
            }
            Interpolation::Bilinear => {
                let at = (centre - 0.5).max(0.0);
                let first = (at as usize).min(last);
                let share = at - first as f64;
                let shares = if first == last { vec![1.0] } else { vec![1.0 - share, share] };
                Self { first, shares }
            }
            Interpolation::Antialiased => {
                let reach = scale.max(1.0);
                let first = (centre - reach + 0.5).max(0.0) as usize;
                let end = ((centre + reach + 0.5) as usize).min(from);
                let share = |at: usize| (1.0 - ((at as f64 - centre + 0.5) / reach).abs()).max(0.0);
                let shares: Vec<f64> = (first..end).map(share).collect();
                let sum: f64 = shares.iter().sum();
                Self { first, shares: shares.into_iter().map(|s| s / sum).collect() }
            }
        }
    }

    fn apply(&self, pixel: impl Fn(usize) -> f64) -> f64 {
        self.shares.iter().enumerate().map(|(k, share)| share * pixel(self.first + k)).sum()
    }
}

#[cfg(test)]
mod tests {
    use gradus_core::{DType, Key};
    use proptest::prelude::*;

    use super::*;

    const ALL: [Interpolation; 3] =
        [Interpolation::Nearest, Interpolation::Bilinear, Interpolation::Antialiased];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn shares_sum_to_one_and_the_same_size_changes_nothing(
            h in 1usize..9, w in 1usize..9, to_h in 1usize..20, to_w in 1usize..20, seed: u64,
        ) {
            let x = Tensor::randn([2, h, w], DType::F64, Key::new(seed)).unwrap();
            for how in ALL {
                let flat = resize(&x.ones_like(), [to_h, to_w], how).unwrap();
                prop_assert_eq!(flat.dims(), &[2, to_h, to_w]);
                prop_assert!(flat.allclose(&flat.ones_like(), 0.0, 1e-12).unwrap());
                prop_assert!(resize(&x, [h, w], how).unwrap().allclose(&x, 0.0, 1e-12).unwrap());
            }
        }
    }

    #[test]
    fn dtypes_are_kept_and_what_is_no_picture_is_refused() {
        let x = Tensor::from_vec(vec![0u8, 255, 255, 255], [2, 2]).unwrap();
        assert_eq!(
            resize(&x, [1, 1], Interpolation::Antialiased).unwrap().to_vec::<u8>().unwrap(),
            [191]
        );
        let view = x.t().unwrap().to_dtype(DType::BF16).unwrap();
        assert_eq!(resize(&view, [4, 3], Interpolation::Nearest).unwrap().dtype(), DType::BF16);
        assert!(resize(&x, [0, 1], Interpolation::Nearest).is_err());
        assert!(resize(&Tensor::from([[1i64]]), [1, 1], Interpolation::Nearest).is_err());
        assert!(resize(&Tensor::from([1.0f32]), [1, 1], Interpolation::Nearest).is_err());
        assert!(
            resize(&Tensor::zeros([2, 0, 3], DType::U8).unwrap(), [1, 1], Interpolation::Nearest)
                .is_err()
        );
        let none = Tensor::zeros([0, 3, 3], DType::F32).unwrap();
        assert_eq!(resize(&none, [2, 2], Interpolation::Bilinear).unwrap().dims(), &[0, 2, 2]);
    }
}
