//! Sliding windows of convolution and pooling.

/// How a window slides over a plane; each pair is (height, width).
///
/// A line of `w` elements is a plane of height 1 under a window of height 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Extents of the window, counted in taps.
    pub kernel: [usize; 2],
    /// Distance of neighbouring windows.
    pub stride: [usize; 2],
    /// Elements added at each border.
    pub padding: [usize; 2],
    /// Distance of neighbouring taps.
    pub dilation: [usize; 2],
}

impl Window {
    /// Extents of the output for a plane of `size`, or `None` if no window fits or a kernel extent,
    /// stride or dilation is zero.
    ///
    /// # Examples
    /// ```
    /// let window = gradus_cpu::Window {
    ///     kernel: [3, 3],
    ///     stride: [2, 2],
    ///     padding: [1, 1],
    ///     dilation: [1, 1],
    /// };
    /// assert_eq!(window.out_size([28, 28]), Some([14, 14]));
    /// ```
    pub fn out_size(&self, size: [usize; 2]) -> Option<[usize; 2]> {
        let out = |d: usize| {
            let positive = self.kernel[d] > 0 && self.stride[d] > 0 && self.dilation[d] > 0;
            let reach = self.dilation[d].checked_mul(self.kernel[d].checked_sub(1)?)?;
            let padded = self.padding[d].checked_mul(2)?.checked_add(size[d])?;
            let room = padded.checked_sub(reach.checked_add(1)?)?;
            positive.then(|| room / self.stride[d] + 1)
        };
        Some([out(0)?, out(1)?])
    }

    /// The place in the plane that tap `k` of window `o` reads in dimension `d`, if it is inside.
    #[inline(always)]
    pub(crate) fn place(&self, d: usize, o: usize, k: usize, size: usize) -> Option<usize> {
        let padded = o * self.stride[d] + k * self.dilation[d];
        padded.checked_sub(self.padding[d]).filter(|p| *p < size)
    }

    /// The windows `first .. last` of dimension `d` for which tap `k` is inside the plane.
    pub(crate) fn inside(&self, d: usize, k: usize, size: usize, out: usize) -> (usize, usize) {
        let at = k * self.dilation[d];
        let first = self.padding[d].saturating_sub(at).div_ceil(self.stride[d]);
        let last = (size + self.padding[d]).saturating_sub(at).div_ceil(self.stride[d]).min(out);
        (first.min(last), last)
    }
}
