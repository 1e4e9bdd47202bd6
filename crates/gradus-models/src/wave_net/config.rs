//! The size of a WaveNet.

use gradus_core::Keys;
use gradus_nn::{Conv1d, Embedding};

use super::block::WaveNetBlock;
use super::net::{NAME, WaveNet};
use crate::error::{Result, require};

/// Size of a [`WaveNet`].
///
/// # Examples
/// ```
/// use gradus_models::WaveNetConfig;
/// let wave = WaveNetConfig::new(256);
/// assert_eq!((wave.n_stacks, wave.n_layers, wave.residual_channels), (2, 8, 32));
/// assert_eq!(wave.receptive_field(), 2 * 255 + 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaveNetConfig {
    /// How many levels a sample has (V).
    pub levels: usize,
    /// How many classes a wave can be conditioned on; 0 for none.
    pub classes: usize,
    /// Channels of the frames that a wave is conditioned on; 0 for none.
    pub frame_channels: usize,
    /// Samples per frame: a frame is repeated so often. Without frames it says nothing.
    pub hop: usize,
    /// Channels from layer to layer (R).
    pub residual_channels: usize,
    /// Channels inside a layer, after the gate (D).
    pub gate_channels: usize,
    /// Channels of the sum that leads to the output (S).
    pub skip_channels: usize,
    /// Taps of each convolution (K).
    pub kernel: usize,
    /// Layers of a stack; the dilations are 1, 2, 4, … 2^(`n_layers` − 1).
    pub n_layers: usize,
    /// How often the stack is repeated.
    pub n_stacks: usize,
}

impl WaveNetConfig {
    /// Two stacks of eight layers with 32 channels, 64 to the output, and two taps; without conditions.
    pub const fn new(levels: usize) -> Self {
        Self {
            levels,
            classes: 0,
            frame_channels: 0,
            hop: 1,
            residual_channels: 32,
            gate_channels: 32,
            skip_channels: 64,
            kernel: 2,
            n_layers: 8,
            n_stacks: 2,
        }
    }

    /// How many samples back a prediction sees, the start included.
    pub const fn receptive_field(&self) -> usize {
        let below =
            if self.n_layers < usize::BITS as usize { 1 << self.n_layers } else { usize::MAX };
        let of_stack = self.kernel.saturating_sub(1).saturating_mul(below - 1);
        self.n_stacks.saturating_mul(of_stack).saturating_add(1)
    }

    /// Draws the initial parameters, as PyTorch's layers do.
    ///
    /// # Errors
    /// [`crate::Error::Config`] naming the field that cannot be.
    pub fn init(&self, keys: &mut Keys) -> Result<WaveNet> {
        self.check()?;
        let Self { levels, residual_channels, skip_channels, .. } = *self;
        let dilations = self.dilations();
        let last = dilations.len() - 1;
        let blocks = dilations.into_iter().enumerate();
        Ok(WaveNet {
            embedding: Embedding::new(levels + 1, residual_channels, keys)?,
            blocks: blocks
                .map(|(i, dilation)| WaveNetBlock::new(self, dilation, i == last, keys))
                .collect::<gradus_nn::Result<_>>()?,
            hidden: Conv1d::new(skip_channels, skip_channels, 1, keys)?,
            output: Conv1d::new(skip_channels, levels, 1, keys)?,
            config: self.clone(),
        })
    }

    fn dilations(&self) -> Vec<usize> {
        (0..self.n_stacks).flat_map(|_| (0..self.n_layers).map(|layer| 1 << layer)).collect()
    }

    fn check(&self) -> Result<()> {
        /// The dilations of more layers reach further than any wave is long.
        const MOST_LAYERS: usize = 24;
        let ids = u32::try_from(self.levels).is_ok_and(|levels| (1..u32::MAX).contains(&levels));
        require(ids, NAME, "levels", "above zero and below 2³² − 1", self.levels)?;
        for (field, extent) in [
            ("hop", self.hop),
            ("residual_channels", self.residual_channels),
            ("gate_channels", self.gate_channels),
            ("skip_channels", self.skip_channels),
            ("kernel", self.kernel),
            ("n_stacks", self.n_stacks),
        ] {
            require(extent > 0, NAME, field, "above zero", extent)?;
        }
        let layers = (1..=MOST_LAYERS).contains(&self.n_layers);
        require(layers, NAME, "n_layers", "from 1 to 24", self.n_layers)
    }
}
