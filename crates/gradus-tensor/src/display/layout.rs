//! Brackets, line breaks and summaries.

use std::fmt;

use super::cells::cells;
use crate::Tensor;

/// Longer tensors show only the ends of each dimension.
const SUMMARISE_ABOVE: usize = 1000;
/// How many entries a summarised dimension shows at each end.
const EDGE: usize = 3;
/// Lines are broken before this column.
const LINE_WIDTH: usize = 75;
/// Digits after the point, unless the format string says otherwise.
const PRECISION: usize = 8;

/// As NumPy prints arrays: aligned columns, `...` for the middle of long tensors (more than 1000
/// elements), exponents when numbers are very large, very small or far apart. `{:.3}` limits the
/// digits after the point.
///
/// # Examples
/// ```
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[1.0, -0.25], [100.0, 0.5]]);
/// assert_eq!(x.to_string(), "[[  1.    -0.25]\n [100.     0.5 ]]");
/// assert_eq!(Tensor::new([true, false]).to_string(), "[ true false]");
/// ```
impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let precision = f.precision().unwrap_or(PRECISION);
        if self.is_empty() {
            return f.write_str("[]");
        }
        let edge = if self.len() > SUMMARISE_ABOVE { EDGE } else { usize::MAX };
        let mut places = Vec::new();
        shown_places(self, 0, self.layout().offset(), edge, &mut places);
        let cells = cells(self, &places, precision);
        if self.rank() == 0 {
            let point = if cells[0].ends_with('.') { "0" } else { "" };
            return write!(f, "{}{point}", cells[0].trim_end());
        }
        let mut page = Page { cells: cells.iter(), edge };
        f.write_str(&page.block(self.dims(), " ", LINE_WIDTH))
    }
}

/// Dtype and shape, then as [`Display`](fmt::Display).
impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Tensor {} {}", self.dtype(), self.shape())?;
        fmt::Display::fmt(self, f)
    }
}

/// The indices of a dimension that are shown.
fn shown(extent: usize, edge: usize) -> impl Iterator<Item = usize> {
    let (first, rest) = if is_cut(extent, edge) { (edge, extent - edge) } else { (extent, extent) };
    (0..first).chain(rest..extent)
}

fn is_cut(extent: usize, edge: usize) -> bool {
    extent / 2 >= edge && extent > 2 * edge
}

fn shown_places(x: &Tensor, dim: usize, start: usize, edge: usize, out: &mut Vec<usize>) {
    if dim == x.rank() {
        out.push(start);
        return;
    }
    for i in shown(x.dims()[dim], edge) {
        shown_places(x, dim + 1, start + i * x.layout().strides()[dim], edge, out);
    }
}

/// The cells that are still to be written, in row-major order.
struct Page<'a> {
    cells: std::slice::Iter<'a, String>,
    edge: usize,
}

impl Page<'_> {
    /// One bracket and what is in it. `indent` is what later lines start with.
    fn block(&mut self, dims: &[usize], indent: &str, width: usize) -> String {
        let [extent, inner @ ..] = dims else { return String::new() };
        if inner.is_empty() {
            return self.row(*extent, indent, width);
        }
        let gap = "\n".repeat(inner.len());
        let mut blocks: Vec<String> = shown(*extent, self.edge)
            .map(|_| self.block(inner, &format!("{indent} "), width - 1))
            .collect();
        if is_cut(*extent, self.edge) {
            blocks.insert(self.edge, "...".into());
        }
        format!("[{}]", blocks.join(&format!("{gap}{indent}")))
    }

    /// The innermost bracket, in as many lines as it takes.
    fn row(&mut self, extent: usize, indent: &str, width: usize) -> String {
        let count = shown(extent, self.edge).count();
        let mut words: Vec<&str> = self.cells.by_ref().take(count).map(String::as_str).collect();
        if is_cut(extent, self.edge) {
            words.insert(self.edge, "...");
        }
        let (mut done, mut line) = (String::new(), indent.to_owned());
        for (i, word) in words.iter().enumerate() {
            // The closing bracket needs a column after every word but the last.
            let limit = if i + 1 == words.len() { width } else { width - 1 };
            if line.len() + word.len() > limit && line.len() > indent.len() {
                done += line.trim_end();
                done.push('\n');
                indent.clone_into(&mut line);
            }
            line += word;
            line.push(' ');
        }
        line.pop();
        done += &line;
        format!("[{}]", &done[indent.len()..])
    }
}

#[cfg(test)]
mod tests {
    use crate::{DType, Tensor};

    /// What `print(numpy.array(...))` writes, NumPy 2.
    #[test]
    fn prints_as_numpy() {
        let check = |x: Tensor, text: &str| assert_eq!(x.to_string(), text);
        check(Tensor::new([1.0, 0.5]), "[1.  0.5]");
        check(Tensor::new([1, -20, 300]), "[  1 -20 300]");
        check(Tensor::new([1e-5, 1.0]), "[1.e-05 1.e+00]");
        check(Tensor::new([1.5e10, 1.0]), "[1.5e+10 1.0e+00]");
        check(Tensor::new([f32::NAN, f32::INFINITY, -1.0]), "[nan inf -1.]");
        check(Tensor::new([f32::NAN, 1.25]), "[ nan 1.25]");
        check(Tensor::from([1.0 / 3.0, 2.0f64]), "[0.33333333 2.        ]");
        check(Tensor::new([1.0 / 3.0]), "[0.33333334]");
        check(Tensor::new([[[1], [2]], [[3], [4]]]), "[[[1]\n  [2]]\n\n [[3]\n  [4]]]");
        check(Tensor::zeros([0, 3], DType::F32).unwrap(), "[]");
        check(Tensor::new(2.5), "2.5");
        check(Tensor::new(7), "7");
        check(Tensor::new(3.0), "3.0");
        check(Tensor::new([0.0, -0.0]), "[ 0. -0.]");
    }

    #[test]
    fn long_tensors_are_summarised() {
        let x = Tensor::arange(0.0, 1001.0, 1.0, DType::I64).unwrap();
        assert_eq!(x.to_string(), "[   0    1    2 ...  998  999 1000]");
        let x = Tensor::arange(0.0, 2000.0, 1.0, DType::I64).unwrap().reshape([1000, 2]).unwrap();
        let text = "[[   0    1]\n [   2    3]\n [   4    5]\n ...\n [1994 1995]\n [1996 1997]\n [1998 1999]]";
        assert_eq!(x.to_string(), text);
    }

    #[test]
    fn long_rows_are_broken_at_column_75() {
        let x = Tensor::arange(0.0, 40.0, 1.0, DType::I64).unwrap();
        let text = x.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0].len(), 1 + 24 * 3 - 1);
        assert_eq!(lines[1], " 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39]");
    }

    #[test]
    fn the_precision_of_the_format_string_limits_digits() {
        assert_eq!(format!("{:.2}", Tensor::new([1.0 / 3.0, 2.5])), "[0.33 2.5 ]");
    }

    #[test]
    fn a_view_prints_its_own_elements() {
        let x = Tensor::new([[1, 2], [3, 4]]).t().unwrap();
        assert_eq!(x.to_string(), "[[1 3]\n [2 4]]");
        assert_eq!(format!("{x:?}"), "Tensor i64 [2, 2]\n[[1 3]\n [2 4]]");
        let huge = Tensor::new([1.0]).expand([1 << 40]).unwrap();
        assert_eq!(huge.to_string(), "[1. 1. 1. ... 1. 1. 1.]");
    }
}
