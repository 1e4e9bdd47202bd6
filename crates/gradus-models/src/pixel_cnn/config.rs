//! The size of a PixelCNN.

use gradus_core::Keys;
use gradus_nn::{Conv2d, Embedding};

use super::layer::PixelCnnLayer;
use super::net::{NAME, PixelCnn};
use crate::error::{Result, require};

/// Size of a [`PixelCnn`].
///
/// # Examples
/// ```
/// use gradus_models::PixelCnnConfig;
/// let digits = PixelCnnConfig { classes: 10, ..PixelCnnConfig::new(4, [28, 28]) };
/// assert_eq!((digits.kernel, digits.n_layers, digits.channels), (5, 6, 32));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PixelCnnConfig {
    /// How many grey levels a pixel has (V).
    pub levels: usize,
    /// Height and width of the image.
    pub image: [usize; 2],
    /// How many classes an image can be conditioned on; 0 for none.
    pub classes: usize,
    /// Channels of each of the two stacks (C).
    pub channels: usize,
    /// Side of the convolutions before half of it is cut away; odd, at least 3.
    pub kernel: usize,
    /// How many layers there are; a pixel sees ⌊`kernel` / 2⌋ pixels further with each.
    pub n_layers: usize,
}

impl PixelCnnConfig {
    /// Six layers of 32 channels with a kernel of 5, without classes.
    pub const fn new(levels: usize, image: [usize; 2]) -> Self {
        Self { levels, image, classes: 0, channels: 32, kernel: 5, n_layers: 6 }
    }

    /// Draws the initial parameters, as PyTorch's layers do.
    ///
    /// # Errors
    /// [`crate::Error::Config`] naming the field that cannot be.
    pub fn init(&self, keys: &mut Keys) -> Result<PixelCnn> {
        self.check()?;
        let Self { levels, channels, .. } = *self;
        Ok(PixelCnn {
            embedding: Embedding::new(levels, channels, keys)?,
            layers: (0..self.n_layers)
                .map(|i| PixelCnnLayer::new(self, i, keys))
                .collect::<gradus_nn::Result<_>>()?,
            hidden: Conv2d::new(channels, channels, [1, 1], keys)?,
            output: Conv2d::new(channels, levels, [1, 1], keys)?,
            config: self.clone(),
        })
    }

    fn check(&self) -> Result<()> {
        let ids = u32::try_from(self.levels).is_ok_and(|levels| (1..u32::MAX).contains(&levels));
        require(ids, NAME, "levels", "above zero and below 2³² − 1", self.levels)?;
        let [height, width] = self.image;
        let pixels = height > 0 && width > 0 && height.checked_mul(width).is_some();
        require(pixels, NAME, "image", "sides above zero", self.image)?;
        require(self.channels > 0, NAME, "channels", "above zero", self.channels)?;
        let odd = self.kernel >= 3 && self.kernel % 2 == 1;
        require(odd, NAME, "kernel", "odd and at least 3", self.kernel)?;
        require(self.n_layers > 0, NAME, "n_layers", "above zero", self.n_layers)
    }
}
