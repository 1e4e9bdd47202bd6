//! 1-D convolution: 2-D with height 1.

use crate::conv::window::extents;
use crate::conv::{Conv1dOptions, ConvOptions};
use crate::{Result, Tensor};

impl Tensor {
    /// 1-D cross-correlation, plus one number per output channel if there is a bias.
    ///
    /// # Shapes
    /// `[B, I, T]`, weight `[O, I/groups, K]`, bias `[O]` → `[B, O, OT]` with
    /// `OT = (T + 2·padding − dilation·(K − 1) − 1) / stride + 1`
    ///
    /// # Errors
    /// As [`Tensor::conv2d`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{Conv1dOptions, Tensor};
    /// let x = Tensor::new([[[1.0, 2.0, 4.0]]]);
    /// let difference = Tensor::new([[[-1.0, 1.0]]]);
    /// let y = x.conv1d(&difference, None, Conv1dOptions::default())?;
    /// assert_eq!(y.to_vec::<f32>()?, [1.0, 2.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn conv1d(
        &self,
        weight: &Self,
        bias: Option<&Self>,
        options: Conv1dOptions,
    ) -> Result<Self> {
        let op = "conv1d";
        let [_, _, _] = extents(op, self.shape(), "[batch, channels, time]")?;
        let [_, _, _] = extents(op, weight.shape(), "[out channels, in channels / groups, time]")?;
        let (x, w) = (self.unsqueeze(2)?, weight.unsqueeze(2)?);
        x.conv2d_as(op, &w, bias, ConvOptions::from(options))?.squeeze(2)
    }
}
