//! `outer`, `kron`, `cross`, `tensordot` and `cdist`: products of whole tensors.

use gradus_core::{Dim, Shape};

use crate::{Result, Var};

impl Var {
    /// Every element of a vector times every element of another.
    ///
    /// # Errors
    /// Unless both are vectors of one dtype.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.outer`
    pub fn outer(&self, other: &Self) -> Result<Self> {
        if self.rank() != 1 || other.rank() != 1 {
            return Ok(self.value().outer(other.value())?.into()); // which is an error
        }
        self.unsqueeze(1)?.mul(other)
    }

    /// The Kronecker product: every element of `self` times the whole of `other`.
    ///
    /// # Errors
    /// If the dtypes differ or the result is too large.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.kron`
    pub fn kron(&self, other: &Self) -> Result<Self> {
        let rank = self.rank().max(other.rank());
        let full = |x: &Self| [&vec![1; rank - x.rank()][..], x.dims()].concat();
        let (a, b) = (full(self), full(other));
        let whole: Shape = a.iter().zip(&b).map(|(n, m)| n.saturating_mul(*m)).collect();
        let left: Shape = a.iter().flat_map(|&n| [n, 1]).collect();
        let right: Shape = b.iter().flat_map(|&n| [1, n]).collect();
        self.reshape(left)?.mul(&other.reshape(right)?)?.reshape(whole)
    }

    /// The vector product along a dimension of extent 3, with broadcasting.
    ///
    /// # Errors
    /// Unless both have 3 elements along the dimension and equal ranks and dtypes.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.linalg.cross`
    pub fn cross(&self, other: &Self, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into().resolve("cross", self.rank())?;
        let (a, b) = (self, other);
        if a.rank() != b.rank() || a.dims()[dim] != 3 || b.dims()[dim] != 3 {
            return Ok(a.value().cross(b.value(), dim)?.into()); // which is an error
        }
        let first = a.roll(-1, dim)?.mul(&b.roll(1, dim)?)?;
        first.sub(&a.roll(1, dim)?.mul(&b.roll(-1, dim)?)?)
    }

    /// The sum of products over the dimensions `left` of `self` and `right` of `other`, in pairs.
    ///
    /// # Errors
    /// If the extents of a pair differ, a dimension is out of range or given twice, or the dtypes are
    /// no floats or differ.
    ///
    /// # PyTorch
    /// `torch.tensordot`
    pub fn tensordot(&self, other: &Self, left: &[isize], right: &[isize]) -> Result<Self> {
        let value = self.value().tensordot(other.value(), left, right)?;
        let resolve = |x: &Self, dims: &[isize]| -> Vec<usize> {
            let rank = x.rank() as isize;
            dims.iter().map(|&dim| dim.rem_euclid(rank) as usize).collect()
        };
        let (left, right) = (resolve(self, left), resolve(other, right));
        let (a, b) = (self.clone(), other.clone());
        Ok(Self::from_op_of_inputs("tensordot", &[self, other], value, move |grad| {
            let stay = |x: &Self, gone: &[usize]| -> Vec<usize> {
                (0..x.rank()).filter(|dim| !gone.contains(dim)).collect()
            };
            let (rows, columns) = (stay(&a, &left), stay(&b, &right));
            let signed = |dims: &[usize]| dims.iter().map(|&dim| dim as isize).collect::<Vec<_>>();
            let ends = |start: usize, len: usize| signed(&(start..start + len).collect::<Vec<_>>());
            // (rows, columns) × (columns, right) → (rows, left), and back to the order of a.
            let da = grad.tensordot(&b, &ends(rows.len(), columns.len()), &signed(&columns))?;
            let db = grad.tensordot(&a, &ends(0, rows.len()), &signed(&rows))?;
            Ok(vec![
                Some(restored(&da, &rows, &left, &right)?),
                Some(restored(&db, &columns, &right, &left)?),
            ])
        }))
    }

    /// The p-norms of the differences of every row of `self` and every row of `other`.
    ///
    /// The gradient is that of [`Var::norm`]: 0 where two rows are equal.
    ///
    /// # Errors
    /// If there are fewer than two dimensions, the dtypes are no floats or differ, or the shapes do not
    /// fit.
    ///
    /// # PyTorch
    /// `torch.cdist`
    pub fn cdist(&self, other: &Self, p: f64) -> Result<Self> {
        if self.rank() < 2 || other.rank() < 2 {
            return Ok(self.value().cdist(other.value(), p)?.into()); // which is an error
        }
        let (a, b) = (self.unsqueeze(self.rank() - 1)?, other.unsqueeze(other.rank() - 2)?);
        a.sub(&b)?.norm(p, -1)
    }
}

/// A gradient with the dimensions `kept` first, then those that were summed, in the order in which
/// they stand in the other operand; put in the order of its own.
fn restored(grad: &Var, kept: &[usize], summed: &[usize], partners: &[usize]) -> Result<Var> {
    let mut by_partner: Vec<(usize, usize)> =
        partners.iter().copied().zip(summed.iter().copied()).collect();
    by_partner.sort_unstable();
    let own = kept.iter().copied().chain(by_partner.into_iter().map(|(_, own)| own));
    let mut order = vec![0; grad.rank()];
    own.enumerate().for_each(|(at, dim)| order[dim] = at);
    grad.permute(&order)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        check_op(|x| x[0].outer(&x[1]), &[normal(2, 1), normal(3, 2)]);
        check_op(|x| x[0].kron(&x[1]), &[normal([2, 3], 1), normal(2, 2)]);
        check_op(|x| x[0].cross(&x[1], 1), &[normal([2, 3], 1), normal([1, 3], 2)]);
        check_op(|x| x[0].cdist(&x[1], 2.0), &[normal([2, 3], 1), normal([2, 4, 3], 2)]);
        let inputs = [normal([2, 3, 4], 1), normal([4, 5, 2], 2)];
        check_op(|x| x[0].tensordot(&x[1], &[0, -1], &[2, 0]), &inputs);
        check_op(|x| x[0].tensordot(&x[1], &[0], &[-1]), &inputs);
        check_op(|x| x[0].tensordot(&x[1], &[], &[]), &inputs);
    }

    #[test]
    fn faults_are_those_of_tensors() {
        let of = |shape: &[usize]| Var::from(normal(shape, 1));
        assert!(of(&[2, 2]).outer(&of(&[2])).is_err());
        assert!(of(&[2]).cross(&of(&[2]), 0).is_err() && of(&[3]).cross(&of(&[1, 3]), 0).is_err());
        assert!(of(&[2]).cdist(&of(&[2, 2]), 2.0).is_err());
        assert!(of(&[2]).tensordot(&of(&[3]), &[0], &[0]).is_err());
    }
}
