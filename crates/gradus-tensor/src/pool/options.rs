//! How a pooling window moves.

use gradus_cpu::pooling::Divisor;

use crate::conv::window::invalid;
use crate::{Result, Rounding, WindowAxis};

/// How a pooling window moves: numbers are `[height, width]`.
///
/// # Examples
/// ```
/// use gradus_tensor::PoolOptions;
/// assert_eq!(PoolOptions::new(2).stride, [2, 2]);
/// let overlapping = PoolOptions { stride: [1, 1], ..PoolOptions::new(2) };
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolOptions {
    /// Extents of the window, at least 1.
    pub kernel: [usize; 2],
    /// Distance between neighbouring windows, at least 1.
    pub stride: [usize; 2],
    /// Border at both ends, at most half the kernel: zeros for the mean, nothing for the maximum.
    pub padding: [usize; 2],
    /// Distance between neighbouring elements of a window, at least 1.
    pub dilation: [usize; 2],
    /// What happens to a last window that does not fit.
    pub rounding: Rounding,
    /// What a mean divides by; a maximum takes only the default, [`Divisor::Taps`].
    pub divisor: Divisor,
}

/// How a pooling window moves along a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool1dOptions {
    /// Length of the window, at least 1.
    pub kernel: usize,
    /// Distance between neighbouring windows, at least 1.
    pub stride: usize,
    /// Border at both ends, at most half the kernel: zeros for the mean, nothing for the maximum.
    pub padding: usize,
    /// Distance between neighbouring elements of a window, at least 1.
    pub dilation: usize,
    /// What happens to a last window that does not fit.
    pub rounding: Rounding,
    /// What a mean divides by; a maximum takes only the default, [`Divisor::Taps`].
    pub divisor: Divisor,
}

/// How a pooling window moves through a volume: numbers are `[depth, height, width]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool3dOptions {
    /// Extents of the window, at least 1.
    pub kernel: [usize; 3],
    /// Distance between neighbouring windows, at least 1.
    pub stride: [usize; 3],
    /// Border at both ends, at most half the kernel: zeros for the mean, nothing for the maximum.
    pub padding: [usize; 3],
    /// Distance between neighbouring elements of a window, at least 1.
    pub dilation: [usize; 3],
    /// What happens to a last window that does not fit.
    pub rounding: Rounding,
    /// What a mean divides by; a maximum takes only the default, [`Divisor::Taps`].
    pub divisor: Divisor,
}

/// Stamps what the options have in common.
macro_rules! options {
    ($name:ident, $doc:literal, $kernel:ident => $all:expr, $zero:expr, $one:expr) => {
        impl $name {
            #[doc = $doc]
            pub const fn new($kernel: usize) -> Self {
                Self {
                    kernel: $all,
                    stride: $all,
                    padding: $zero,
                    dilation: $one,
                    rounding: Rounding::Floor,
                    divisor: Divisor::Taps,
                }
            }
        }
    };
}

options!(Pool1dOptions, "Windows side by side.", kernel => kernel, 0, 1);
options!(PoolOptions, "Square windows side by side.", kernel => [kernel; 2], [0; 2], [1; 2]);
options!(Pool3dOptions, "Cubic windows side by side.", kernel => [kernel; 3], [0; 3], [1; 3]);

impl From<Pool1dOptions> for PoolOptions {
    /// The same along the width of an image of height 1.
    fn from(options: Pool1dOptions) -> Self {
        let Pool1dOptions { kernel, stride, padding, dilation, rounding, divisor } = options;
        Self {
            kernel: [1, kernel],
            stride: [1, stride],
            padding: [0, padding],
            dilation: [1, dilation],
            rounding,
            divisor,
        }
    }
}

impl PoolOptions {
    /// The windows along the height and along the width.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] if the padding is more than half of the kernel.
    pub fn axes(&self, op: &'static str) -> Result<[WindowAxis; 2]> {
        let Self { kernel, stride, padding, dilation, rounding, .. } = *self;
        let axes = [0, 1].map(|i| WindowAxis {
            kernel: kernel[i],
            stride: stride[i],
            padding: padding[i],
            dilation: dilation[i],
            rounding,
        });
        axes.iter().try_for_each(|axis| axis.require_narrow_padding(op))?;
        Ok(axes)
    }
}

impl Pool3dOptions {
    /// The windows along the depth, the height and the width.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] if the padding is more than half of the kernel.
    pub fn axes(&self, op: &'static str) -> Result<[WindowAxis; 3]> {
        let Self { kernel, stride, padding, dilation, rounding, .. } = *self;
        let axes = [0, 1, 2].map(|i| WindowAxis {
            kernel: kernel[i],
            stride: stride[i],
            padding: padding[i],
            dilation: dilation[i],
            rounding,
        });
        axes.iter().try_for_each(|axis| axis.require_narrow_padding(op))?;
        Ok(axes)
    }
}

/// Fails for a divisor that a maximum would ignore.
///
/// # Errors
/// [`gradus_core::Error::InvalidArgument`].
pub(super) fn require_no_divisor(op: &'static str, divisor: Divisor) -> Result<()> {
    match divisor {
        Divisor::Taps => Ok(()),
        Divisor::Inside => {
            Err(invalid(op, "divisor", "the default for a maximum", format!("{divisor:?}")))
        }
    }
}
