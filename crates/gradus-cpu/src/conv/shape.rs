//! Extents of a convolution.

use crate::Window;

/// Extents of a 2-D convolution; a 1-D one has height 1 everywhere.
///
/// # Shapes
/// - input: `[batch, c_in, size[0], size[1]]`
/// - weight: `[c_out, c_in / groups, kernel[0], kernel[1]]`
/// - output: `[batch, c_out, oh, ow]` with `[oh, ow] = window.out_size(size)`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conv2d {
    /// Number of images.
    pub batch: usize,
    /// Input channels, a multiple of `groups`.
    pub c_in: usize,
    /// Height and width of the input.
    pub size: [usize; 2],
    /// Output channels, a multiple of `groups`.
    pub c_out: usize,
    /// Groups of channels that do not see each other.
    pub groups: usize,
    /// The window of the weights.
    pub window: Window,
}

/// Extents derived from a [`Conv2d`], for one image and group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extents {
    /// Height and width of the output.
    pub(super) out: [usize; 2],
    /// Input and output channels of a group.
    pub(super) c_in: usize,
    pub(super) c_out: usize,
    /// Weights of an output channel.
    pub(super) taps: usize,
    /// Elements of an output plane.
    pub(super) plane: usize,
}

impl Conv2d {
    /// Derives the extents and checks the lengths of input, weight and output.
    pub(super) fn extents(&self, op: &str, lengths: [usize; 3]) -> Extents {
        let Self { batch, c_in, size, c_out, groups, window } = *self;
        assert!(
            groups > 0 && c_in.is_multiple_of(groups) && c_out.is_multiple_of(groups),
            "{op}: {c_in} and {c_out} channels in {groups} groups"
        );
        let out = window.out_size(size).expect("callers pass a window that fits the plane");
        let taps = c_in / groups * window.kernel[0] * window.kernel[1];
        let plane = out[0] * out[1];
        let want = [batch * c_in * size[0] * size[1], c_out * taps, batch * c_out * plane];
        assert_eq!(lengths, want, "{op}: lengths of input, weight and output");
        Extents { out, c_in: c_in / groups, c_out: c_out / groups, taps, plane }
    }

    /// Panics unless there is one number for each of `channels`.
    pub(super) fn check_bias<T>(&self, op: &str, bias: Option<&[T]>, channels: usize) {
        assert!(bias.is_none_or(|b| b.len() == channels), "{op}: length of bias");
    }
}
