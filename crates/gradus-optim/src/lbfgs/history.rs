//! The last gradients and steps, and the direction that follows from them.

use super::vector::Vector;
use crate::Result;

/// A change of the gradient, y, that came with a step s.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) y: Vector,
    pub(super) s: Vector,
    /// 1 / (y·s).
    pub(super) rho: f64,
}

/// Pairs, oldest first, and the size of the inverse Hessian before any.
#[derive(Debug, Clone)]
pub(super) struct History {
    pub(super) pairs: Vec<Pair>,
    pub(super) diagonal: f64,
}

impl History {
    pub(super) const fn new() -> Self {
        Self { pairs: Vec::new(), diagonal: 1.0 }
    }

    /// Takes a pair in if the curvature along it is above zero, and drops the oldest of too many.
    pub(super) fn learn(&mut self, y: Vector, s: Vector, size: usize) -> Result<()> {
        let curvature = y.dot(&s)?;
        if curvature > 1e-10 {
            if self.pairs.len() >= size {
                self.pairs.drain(..self.pairs.len() + 1 - size);
            }
            self.diagonal = curvature / y.dot(&y)?;
            self.pairs.push(Pair { y, s, rho: 1.0 / curvature });
        }
        Ok(())
    }

    /// −H·g, by the two loops over the pairs.
    pub(super) fn direction(&self, grad: &Vector) -> Result<Vector> {
        let mut d = grad.scaled(-1.0)?;
        let mut alphas = Vec::with_capacity(self.pairs.len());
        for Pair { y, s, rho } in self.pairs.iter().rev() {
            let alpha = s.dot(&d)? * rho;
            d = d.plus(-alpha, y)?;
            alphas.push(alpha);
        }
        d = d.scaled(self.diagonal)?;
        for (Pair { y, s, rho }, alpha) in self.pairs.iter().zip(alphas.into_iter().rev()) {
            let beta = y.dot(&d)? * rho;
            d = d.plus(alpha - beta, s)?;
        }
        Ok(d)
    }
}
