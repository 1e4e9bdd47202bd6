//! Random changes by key.

use gradus_core::{Key, Kind};
use gradus_tensor::Tensor;

use super::affine::{Affine, Fill, affine};
use super::crop::crop;
use super::planes::extents;
use super::resize::Interpolation;
use crate::{Error, Result};

/// A random change of one picture: a pure function of picture and key.
pub trait Augment {
    /// The changed picture.
    ///
    /// # Shapes
    /// - `x`: `[C, H, W]` or `[H, W]`
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if the configuration is out of range or `x` is no picture.
    fn apply(&self, x: &Tensor, key: Key) -> Result<Tensor>;
}

/// Changes each picture of a batch by its own key, with one change after the other. Made for
/// [`crate::Augmented`], which gives the keys.
///
/// # Shapes
/// - `x`: `[B, ...]`, one key for each of the B pictures → `[B, ...]`
///
/// # Errors
/// [`Error::LengthMismatch`] if there is not one key for each picture, and those of the changes.
///
/// # Examples
/// ```
/// use gradus_core::{DType, Key};
/// use gradus_data::{
///     Augmented, Loader, LoaderConfig, RandomAffine, RandomCrop, Stacked, TensorDataset,
///     augment_rows,
/// };
/// use gradus_tensor::Tensor;
/// let x = Tensor::ones([6, 1, 8, 8], DType::F32)?;
/// let y = Tensor::new([0, 1, 2, 3, 4, 5]);
/// let turn = RandomAffine { degrees: 10.0, ..RandomAffine::default() };
/// let shift = RandomCrop { size: [8, 8], padding: 2 };
/// let change = move |[x, y]: [Tensor; 2], keys: &[Key]| {
///     Ok([augment_rows(&x, keys, &[&turn, &shift])?, y])
/// };
/// let collate = Augmented::new(Stacked, Key::new(7), change);
/// let data = TensorDataset::new([x, y])?;
/// let loader = Loader::with_collate(data, LoaderConfig { workers: 2, ..LoaderConfig::new(3) }, collate)?;
/// for batch in loader.epoch(0) {
///     assert_eq!(batch?[0].dims(), &[3, 1, 8, 8]);
/// }
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn augment_rows(x: &Tensor, keys: &[Key], changes: &[&dyn Augment]) -> Result<Tensor> {
    let rows = x.dims().first().copied().unwrap_or(0);
    if rows != keys.len() {
        let (op, what) = ("augment_rows", "keys");
        return Err(Error::LengthMismatch { op, what, expected: rows, got: keys.len() });
    }
    if rows == 0 {
        return Ok(x.clone());
    }
    let change = |(row, &key): (usize, &Key)| {
        let first = x.select(0, row)?;
        changes
            .iter()
            .enumerate()
            .try_fold(first, |x, (i, change)| change.apply(&x, key.fold_in(i as u64)))
    };
    let changed = keys.iter().enumerate().map(change).collect::<Result<Vec<_>>>()?;
    Ok(Tensor::stack(&changed, 0)?)
}

/// Flips a picture from left to right with probability `p`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RandomFlip {
    /// How likely it is, in 0..=1.
    pub p: f64,
}

impl Augment for RandomFlip {
    fn apply(&self, x: &Tensor, key: Key) -> Result<Tensor> {
        let op = "RandomFlip";
        extents(op, x)?;
        check(op, "p", "in 0..=1", self.p, (0.0..=1.0).contains(&self.p))?;
        let flips = key.kind(Kind::Augment).uniform(0) < self.p;
        if flips { Ok(x.flip(-1)?) } else { Ok(x.clone()) }
    }
}

/// Cuts out a part of a picture at a random place, after a border of zeros was put around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RandomCrop {
    /// Height and width of the part.
    pub size: [usize; 2],
    /// Width of the border, in pixels.
    pub padding: usize,
}

impl Augment for RandomCrop {
    fn apply(&self, x: &Tensor, key: Key) -> Result<Tensor> {
        let [height, width] = extents("RandomCrop", x)?;
        let mut pad = vec![(0, 0); x.rank()];
        pad[x.rank() - 2..].fill((self.padding, self.padding));
        let padded = if self.padding == 0 { x.clone() } else { x.pad(&pad, 0.0)? };
        let key = key.kind(Kind::Augment);
        let place = |extent: usize, size: usize, draw| {
            let room = (extent + 2 * self.padding).saturating_sub(size);
            // A uniform is below 1, but its product may round up.
            ((key.uniform(draw) * (room + 1) as f64) as usize).min(room)
        };
        crop(&padded, [place(height, self.size[0], 0), place(width, self.size[1], 1)], self.size)
    }
}

/// Turns, shifts, scales and shears a picture at random, bilinearly and with zeros from outside.
///
/// # Reference
/// torchvision's `RandomAffine`, which draws from another generator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RandomAffine {
    /// The turn is uniform in ± this many degrees.
    pub degrees: f64,
    /// Shifts are uniform in ± this share of height and width.
    pub translate: f64,
    /// The scale is uniform between these.
    pub scale: (f64, f64),
    /// The shear along the width is uniform in ± this many degrees.
    pub shear: f64,
}

impl Default for RandomAffine {
    /// No movement.
    fn default() -> Self {
        Self { degrees: 0.0, translate: 0.0, scale: (1.0, 1.0), shear: 0.0 }
    }
}

impl Augment for RandomAffine {
    fn apply(&self, x: &Tensor, key: Key) -> Result<Tensor> {
        let op = "RandomAffine";
        let [height, width] = extents(op, x)?;
        for (name, value) in
            [("degrees", self.degrees), ("translate", self.translate), ("shear", self.shear)]
        {
            check(op, name, "0 or more", value, value >= 0.0)?;
        }
        let (low, high) = self.scale;
        check(op, "scale", "two positive numbers in rising order", low, low > 0.0 && low <= high)?;
        let key = key.kind(Kind::Augment);
        let draw = |i, reach: f64| (2.0 * key.uniform(i) - 1.0) * reach;
        let movement = Affine {
            degrees: draw(0, self.degrees),
            translate: [
                draw(1, self.translate * width as f64),
                draw(2, self.translate * height as f64),
            ],
            scale: low + (high - low) * key.uniform(3),
            shear: [draw(4, self.shear), 0.0],
            interpolation: Interpolation::Bilinear,
            fill: Fill::Zero,
        };
        affine(x, movement)
    }
}

fn check(
    op: &'static str,
    name: &'static str,
    expected: &'static str,
    got: f64,
    good: bool,
) -> Result<()> {
    if good {
        Ok(())
    } else {
        Err(Error::InvalidArgument { op, name, expected, got: got.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use gradus_core::DType;

    use super::*;

    fn picture() -> Tensor {
        Tensor::randn([1, 6, 6], DType::F32, Key::new(1)).unwrap()
    }

    #[test]
    fn a_row_depends_on_its_key_alone() {
        let x = Tensor::randn([3, 1, 6, 6], DType::F32, Key::new(1)).unwrap();
        let keys = [Key::new(5), Key::new(6), Key::new(7)];
        let affine = RandomAffine { degrees: 20.0, translate: 0.1, scale: (0.9, 1.1), shear: 5.0 };
        let changes: [&dyn Augment; 3] =
            [&affine, &RandomCrop { size: [6, 6], padding: 1 }, &RandomFlip { p: 0.5 }];
        let all = augment_rows(&x, &keys, &changes).unwrap();
        let one = augment_rows(&x.narrow(0, 2, 1).unwrap(), &keys[2..], &changes).unwrap();
        assert!(all.select(0, 2).unwrap().equal(&one.select(0, 0).unwrap()));
        assert!(augment_rows(&x, &keys[1..], &changes).is_err());
        assert!(augment_rows(&x.narrow(0, 0, 0).unwrap(), &[], &changes).unwrap().is_empty());
    }

    #[test]
    fn flips_have_their_share_and_crops_reach_every_place() {
        let x = picture();
        let flipped = x.flip(-1).unwrap();
        let flips = |p| {
            (0..400)
                .filter(|&s| RandomFlip { p }.apply(&x, Key::new(s)).unwrap().equal(&flipped))
                .count()
        };
        assert_eq!((flips(0.0), flips(1.0)), (0, 400));
        assert!(flips(0.25).abs_diff(100) < 45); // 5 sigma
        let corner = |s| {
            let part = RandomCrop { size: [5, 5], padding: 0 }.apply(&x, Key::new(s)).unwrap();
            part.to_vec::<f32>().unwrap()[0].to_bits()
        };
        let corners: std::collections::BTreeSet<u32> = (0..60).map(corner).collect();
        assert_eq!(corners.len(), 4);
    }

    #[test]
    fn impossible_changes_are_refused() {
        let x = picture();
        let key = Key::new(0);
        assert!(RandomFlip { p: 1.5 }.apply(&x, key).is_err());
        assert!(RandomCrop { size: [9, 9], padding: 1 }.apply(&x, key).is_err());
        let still = RandomAffine::default();
        assert!(still.apply(&x, key).unwrap().allclose(&x, 0.0, 1e-6).unwrap());
        assert!(RandomAffine { degrees: -1.0, ..still }.apply(&x, key).is_err());
        assert!(RandomAffine { scale: (0.0, 1.0), ..still }.apply(&x, key).is_err());
        assert!(RandomAffine { translate: f64::NAN, ..still }.apply(&x, key).is_err());
    }
}
