//! Rows or columns at right angles.

use gradus_core::{DType, Key, Kind, Shape};
use gradus_tensor::Tensor;

use super::fans;
use crate::Result;

/// A matrix with orthonormal rows or columns (whichever are fewer), times `gain`; uniform among
/// them.
///
/// The first dimension counts the rows; the others together the columns. Drawn as the Q of a
/// normal matrix, with the sign of R's diagonal moved into Q: without it the law would depend on
/// the QR algorithm.
///
/// # Errors
/// If the shape is not `[out, in, ...]` with elements.
///
/// # Reference
/// Saxe et al. 2013, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
/// networks"; Mezzadri 2007, "How to generate random matrices from the classical compact groups".
pub fn orthogonal(shape: impl Into<Shape>, gain: f64, key: Key) -> Result<Tensor> {
    let shape = shape.into();
    fans(&shape)?; // at least two dimensions, and elements
    let rows = shape.dims()[0];
    let columns = shape.len() / rows;
    let (long, short) = (rows.max(columns), rows.min(columns));
    let (q, r) = Tensor::randn([long, short], DType::F64, key.kind(Kind::Init))?.qr()?;
    // (short, short) → (short): the diagonal, by masking the rest away.
    let diagonal = r.mul(&Tensor::eye(short, DType::F64)?)?.sum(0)?;
    let signs = diagonal.ge_scalar(0.0)?.to_dtype(DType::F64)?.mul_scalar(2.0)?.sub_scalar(1.0)?;
    let q = q.mul(&signs)?; // (long, short)
    let q = if rows < columns { q.t()? } else { q };
    Ok(q.mul_scalar(gain)?.reshape(shape)?.to_dtype(DType::F32)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::statistics::check_moments;

    #[test]
    fn rows_or_columns_are_orthonormal() {
        for shape in [[5, 5], [3, 7], [7, 3]] {
            let w = orthogonal(shape, 2.0, Key::new(1)).unwrap();
            let w = if shape[0] > shape[1] { w.t().unwrap() } else { w };
            let gram = w.matmul(&w.t().unwrap()).unwrap();
            let n = shape[0].min(shape[1]);
            let expected = Tensor::eye(n, DType::F32).unwrap().mul_scalar(4.0).unwrap();
            assert!(gram.allclose(&expected, 0.0, 1e-5).unwrap(), "{gram}");
        }
    }

    #[test]
    fn a_kernel_is_orthonormal_as_a_matrix() {
        let w = orthogonal([4, 2, 3], 1.0, Key::new(1)).unwrap();
        assert_eq!(w.dims(), &[4, 2, 3]);
        let w = w.reshape([4, 6]).unwrap();
        let gram = w.matmul(&w.t().unwrap()).unwrap();
        assert!(gram.allclose(&Tensor::eye(4, DType::F32).unwrap(), 0.0, 1e-5).unwrap());
    }

    /// The entry of a uniform orthogonal n × n matrix has mean 0 and variance 1/n; without the
    /// sign correction the diagonal is biased.
    #[test]
    fn the_diagonal_has_the_moments_of_the_haar_law() {
        let draws: Vec<f32> = (0..4000)
            .map(|seed| {
                let w = orthogonal([2, 2], 1.0, Key::new(seed)).unwrap();
                w.to_vec::<f32>().unwrap()[0]
            })
            .collect();
        check_moments(&Tensor::from(draws), 0.0, 0.5);
    }
}
