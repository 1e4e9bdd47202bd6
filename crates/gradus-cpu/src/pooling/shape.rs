//! Extents of a pooling.

use crate::Window;

/// Extents of a pooling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool2d {
    /// Number of planes.
    pub planes: usize,
    /// Height and width of an input plane.
    pub size: [usize; 2],
    /// The window; a padding above half its kernel leaves windows without an element.
    pub window: Window,
}

impl Pool2d {
    /// Elements of an input and an output plane, and the output's extents; checks the lengths.
    pub(super) fn extents(
        &self,
        op: &str,
        input: usize,
        output: usize,
    ) -> (usize, usize, [usize; 2]) {
        let out = self.window.out_size(self.size).expect("callers pass a window that fits");
        let (of_input, of_output) = (self.size[0] * self.size[1], out[0] * out[1]);
        assert_eq!(input, self.planes * of_input, "{op}: length of the input");
        assert_eq!(output, self.planes * of_output, "{op}: length of the output");
        (of_input, of_output, out)
    }

    pub(super) fn taps(&self) -> usize {
        self.window.kernel[0] * self.window.kernel[1]
    }
}
