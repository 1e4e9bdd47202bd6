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
