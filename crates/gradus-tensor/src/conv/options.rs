//! How a filter moves over its input.

/// How a 2-D filter moves: numbers are `[height, width]`.
///
/// # Examples
/// ```
/// use gradus_tensor::ConvOptions;
/// let same = ConvOptions { padding: [1, 1], ..ConvOptions::default() };
/// assert_eq!((same.stride, same.groups), ([1, 1], 1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConvOptions {
    /// Distance between neighbouring windows, at least 1.
    pub stride: [usize; 2],
    /// Zeros added at both ends.
    pub padding: [usize; 2],
    /// Distance between neighbouring elements of a window, at least 1.
    pub dilation: [usize; 2],
    /// Blocks of channels that do not see each other, at least 1.
    pub groups: usize,
}

impl Default for ConvOptions {
    fn default() -> Self {
        Self { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 }
    }
}

/// How a 1-D filter moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conv1dOptions {
    /// Distance between neighbouring windows, at least 1.
    pub stride: usize,
    /// Zeros added at both ends.
    pub padding: usize,
    /// Distance between neighbouring elements of a window, at least 1.
    pub dilation: usize,
    /// Blocks of channels that do not see each other, at least 1.
    pub groups: usize,
}

impl Default for Conv1dOptions {
    fn default() -> Self {
        Self { stride: 1, padding: 0, dilation: 1, groups: 1 }
    }
}

impl From<Conv1dOptions> for ConvOptions {
    /// The same along the width of an image of height 1.
    fn from(options: Conv1dOptions) -> Self {
        Self {
            stride: [1, options.stride],
            padding: [0, options.padding],
            dilation: [1, options.dilation],
            groups: options.groups,
        }
    }
}

/// How a transposed 2-D filter moves: numbers are `[height, width]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConvTransposeOptions {
    /// Distance between the kernels of neighbouring inputs, at least 1.
    pub stride: [usize; 2],
    /// Outputs dropped at both ends.
    pub padding: [usize; 2],
    /// Outputs added at the far ends, below the stride.
    pub output_padding: [usize; 2],
    /// Distance between neighbouring elements of a kernel, at least 1.
    pub dilation: [usize; 2],
    /// Blocks of channels that do not see each other, at least 1.
    pub groups: usize,
}

impl Default for ConvTransposeOptions {
    fn default() -> Self {
        let ConvOptions { stride, padding, dilation, groups } = ConvOptions::default();
        Self { stride, padding, output_padding: [0, 0], dilation, groups }
    }
}

impl ConvTransposeOptions {
    /// The convolution from the output back to the input, whose gradient this is.
    pub const fn conv(&self) -> ConvOptions {
        let Self { stride, padding, dilation, groups, .. } = *self;
        ConvOptions { stride, padding, dilation, groups }
    }
}

/// How a transposed 1-D filter moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConvTranspose1dOptions {
    /// Distance between the kernels of neighbouring inputs, at least 1.
    pub stride: usize,
    /// Outputs dropped at both ends.
    pub padding: usize,
    /// Outputs added at the far end, below the stride.
    pub output_padding: usize,
    /// Distance between neighbouring elements of a kernel, at least 1.
    pub dilation: usize,
    /// Blocks of channels that do not see each other, at least 1.
    pub groups: usize,
}

impl Default for ConvTranspose1dOptions {
    fn default() -> Self {
        Self { stride: 1, padding: 0, output_padding: 0, dilation: 1, groups: 1 }
    }
}

impl From<ConvTranspose1dOptions> for ConvTransposeOptions {
    /// The same along the width of an image of height 1.
    fn from(options: ConvTranspose1dOptions) -> Self {
        Self {
            stride: [1, options.stride],
            padding: [0, options.padding],
            output_padding: [0, options.output_padding],
            dilation: [1, options.dilation],
            groups: options.groups,
        }
    }
}

/// How a 3-D filter moves: numbers are `[depth, height, width]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conv3dOptions {
    /// Distance between neighbouring windows, at least 1.
    pub stride: [usize; 3],
    /// Zeros added at both ends.
    pub padding: [usize; 3],
    /// Distance between neighbouring elements of a window, at least 1.
    pub dilation: [usize; 3],
    /// Blocks of channels that do not see each other, at least 1.
    pub groups: usize,
}

impl Default for Conv3dOptions {
    fn default() -> Self {
        Self { stride: [1; 3], padding: [0; 3], dilation: [1; 3], groups: 1 }
    }
}

/// How a transposed 3-D filter moves: numbers are `[depth, height, width]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConvTranspose3dOptions {
    /// Distance between the kernels of neighbouring inputs, at least 1.
    pub stride: [usize; 3],
    /// Outputs dropped at both ends.
    pub padding: [usize; 3],
    /// Outputs added at the far ends, below the stride.
    pub output_padding: [usize; 3],
    /// Distance between neighbouring elements of a kernel, at least 1.
    pub dilation: [usize; 3],
    /// Blocks of channels that do not see each other, at least 1.
    pub groups: usize,
}

impl Default for ConvTranspose3dOptions {
    fn default() -> Self {
        let Conv3dOptions { stride, padding, dilation, groups } = Conv3dOptions::default();
        Self { stride, padding, output_padding: [0; 3], dilation, groups }
    }
}

impl ConvTranspose3dOptions {
    /// The convolution from the output back to the input, whose gradient this is.
    pub const fn conv(&self) -> Conv3dOptions {
        let Self { stride, padding, dilation, groups, .. } = *self;
        Conv3dOptions { stride, padding, dilation, groups }
    }

    /// The depth of the output for a depth of the input and of the kernel.
    ///
    /// # Errors
    /// As [`crate::Tensor::conv_transpose2d`].
    pub fn out_depth(&self, op: &'static str, depth: usize, kernel: usize) -> crate::Result<usize> {
        let first = |of: [usize; 3]| [of[0]; 2];
        let flat = ConvTransposeOptions {
            stride: first(self.stride),
            padding: first(self.padding),
            output_padding: first(self.output_padding),
            dilation: first(self.dilation),
            groups: 1,
        };
        let (input, weight) = ([1, 1, depth, depth].into(), [1, 1, kernel, kernel].into());
        Ok(flat.output_shape(op, &input, &weight)?[2])
    }
}
