//! A weight laid out for products with few rows.

use gradus_tensor::Tensor;

use crate::error::Result;
use crate::real::{Real, elements};

/// Outputs that are summed side by side: with `f32` they fill eight registers of any x86-64.
const LANES: usize = 32;

/// The matrix of a linear map, in panels of [`LANES`] outputs.
///
/// ```text
/// for each panel, for each row x: y ← y + Σᵢ xᵢ wᵢ, i rising, one product after the other
/// ```
/// So a row of the output has the same bits whatever rows are computed with it, and no copy of the
/// weight is made after the first.
#[derive(Debug, Clone)]
pub(crate) struct Panels<T> {
    inputs: usize,
    outputs: usize,
    /// `[⌈outputs / LANES⌉, inputs, LANES]`, with zeros for outputs that are not there.
    data: Vec<T>,
}

impl<T: Real> Panels<T> {
    /// From `[out, in]`.
    pub(crate) fn new(weight: &Tensor) -> Result<Self> {
        let (outputs, inputs) = (weight.size(0)?, weight.size(1)?);
        let weight = elements::<T>(weight)?;
        let mut data = vec![T::ZERO; outputs.div_ceil(LANES) * inputs * LANES];
        for (out, row) in weight.chunks_exact(inputs).enumerate() {
            let start = out / LANES * inputs * LANES + out % LANES;
            for (i, &w) in row.iter().enumerate() {
                data[start + i * LANES] = w;
            }
        }
        Ok(Self { inputs, outputs, data })
    }

    /// Adds the products of rows `x`, `[n, in]`, to rows `y`, `[n, out]`.
    pub(crate) fn add_products(&self, x: &[T], y: &mut [T]) {
        for (panel, weight) in self.data.chunks_exact(self.inputs * LANES).enumerate() {
            let first = panel * LANES;
            let width = LANES.min(self.outputs - first);
            let rows = x.chunks_exact(self.inputs).zip(y.chunks_exact_mut(self.outputs));
            for (x, y) in rows {
                let y = &mut y[first..first + width];
                let mut sums = [T::ZERO; LANES];
                sums[..width].copy_from_slice(y);
                for (&x, weight) in x.iter().zip(weight.chunks_exact(LANES)) {
                    for (sum, &w) in sums.iter_mut().zip(weight) {
                        *sum += x * w;
                    }
                }
                y.copy_from_slice(&sums[..width]);
            }
        }
    }
}

/// A linear map with what it adds.
#[derive(Debug, Clone)]
pub(crate) struct Affine<T> {
    weight: Panels<T>,
    bias: Vec<T>,
}

impl<T: Real> Affine<T> {
    /// From `[out, in]`, and `[out]` unless there is none.
    pub(crate) fn new(weight: &Tensor, bias: Option<&Tensor>) -> Result<Self> {
        let weight = Panels::new(weight)?;
        let bias = bias.map(elements).transpose()?.unwrap_or(vec![T::ZERO; weight.outputs]);
        Ok(Self { weight, bias })
    }

    pub(crate) fn bias(&self) -> &[T] {
        &self.bias
    }

    /// Adds x Wᵀ alone.
    pub(crate) fn add_products(&self, x: &[T], y: &mut [T]) {
        self.weight.add_products(x, y);
    }

    /// Adds x Wᵀ + b.
    pub(crate) fn add(&self, x: &[T], y: &mut [T]) {
        for y in y.chunks_exact_mut(self.bias.len()) {
            y.iter_mut().zip(&self.bias).for_each(|(y, &b)| *y += b);
        }
        self.weight.add_products(x, y);
    }

    /// x Wᵀ + b in place of what `y` held.
    pub(crate) fn set(&self, x: &[T], y: &mut Vec<T>) {
        y.clear();
        for _ in x.chunks_exact(self.weight.inputs) {
            y.extend_from_slice(&self.bias);
        }
        self.weight.add_products(x, y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_gives_the_products_of_the_tensor() {
        for (inputs, outputs) in [(1, 1), (3, 31), (5, 32), (4, 33), (7, 70)] {
            let number = |i: usize| ((i * 37 + 11) % 29) as f64 - 14.0;
            let of =
                |rows, cols| Tensor::from_vec((0..rows * cols).map(number).collect(), [rows, cols]);
            let (x, w) = (of(4, inputs).unwrap(), of(outputs, inputs).unwrap());
            let mut y = Vec::new();
            Affine::<f64>::new(&w, None).unwrap().set(&x.to_vec().unwrap(), &mut y);
            assert_eq!(y, x.matmul(&w.t().unwrap()).unwrap().to_vec::<f64>().unwrap());
        }
    }
}
