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
