//! A part of a picture.

use gradus_tensor::Tensor;

use super::planes::extents;
use crate::{Error, Result};

/// The part of pictures with its top left corner at `[row, column]`.
///
/// # Shapes
/// - `x`: `[..., H, W]`, u8 or float → `[..., height, width]`
///
/// # Errors
/// [`Error::InvalidArgument`] if the part reaches beyond the picture.
///
/// # Examples
/// ```
/// use gradus_data::{center_crop, crop};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]);
/// assert_eq!(crop(&x, [1, 0], [2, 2])?.to_vec::<f32>()?, [4.0, 5.0, 7.0, 8.0]);
/// assert_eq!(center_crop(&x, [1, 1])?.to_vec::<f32>()?, [5.0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn crop(x: &Tensor, corner: [usize; 2], size: [usize; 2]) -> Result<Tensor> {
    let op = "crop";
    let [height, width] = extents(op, x)?;
    let fits = |at: usize, n: usize, extent| at.checked_add(n).is_some_and(|end| end <= extent);
    if !fits(corner[0], size[0], height) || !fits(corner[1], size[1], width) {
        let got = format!("{size:?} at {corner:?} of [{height}, {width}]");
        return Err(Error::InvalidArgument {
            op,
            name: "size",
            expected: "within the picture",
            got,
        });
    }
    Ok(x.narrow(-2, corner[0], size[0])?.narrow(-1, corner[1], size[1])?)
}

/// The part in the middle of pictures; of an odd border the larger half is at the bottom and right.
///
/// # Errors
/// [`Error::InvalidArgument`] if the part is larger than the picture.
pub fn center_crop(x: &Tensor, size: [usize; 2]) -> Result<Tensor> {
    let [height, width] = extents("center_crop", x)?;
    let corner = [height.saturating_sub(size[0]) / 2, width.saturating_sub(size[1]) / 2];
    crop(x, corner, size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_beyond_the_picture_are_refused() {
        let x = Tensor::from([[1.0f32, 2.0]]);
        assert!(crop(&x, [0, 1], [1, 2]).is_err() && crop(&x, [usize::MAX, 0], [1, 1]).is_err());
        assert!(center_crop(&x, [2, 2]).is_err());
        assert!(crop(&Tensor::from([1.0f32]), [0, 0], [1, 1]).is_err());
        assert!(crop(&x, [0, 2], [1, 0]).unwrap().is_empty());
    }
}
