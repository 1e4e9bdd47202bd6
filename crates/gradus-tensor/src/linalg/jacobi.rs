//! Singular values by rotations of columns: accurate also for small values and missing rank.

use nalgebra::{DMatrix, DVector};

/// `U`, `S` (falling) and `Vᵀ` of a matrix.
pub(super) type Factors = (DMatrix<f64>, DVector<f64>, DMatrix<f64>);

/// Sweeps over all pairs of columns; ten are many.
const SWEEPS: usize = 100;

/// The reduced singular value decomposition by one-sided Jacobi rotations; `None` without
/// convergence.
///
/// ```text
/// W = A, V = 1
/// until all columns of W are orthogonal: for each pair of columns
///     turn the pair, in W and in V, by the angle that makes it orthogonal
/// S = norms of the columns of W, U = W / S
/// ```
///
/// # Reference
/// Hestenes 1958, "Inversion of Matrices by Biorthogonalization and Related Results".
pub(super) fn svd(a: &DMatrix<f64>) -> Option<Factors> {
    if a.nrows() < a.ncols() {
        let (u, s, vt) = svd(&a.transpose())?;
        return Some((vt.transpose(), s, u.transpose()));
    }
    let scale = a.amax();
    if scale == 0.0 {
        let (m, n) = a.shape();
        return Some((DMatrix::identity(m, n), DVector::zeros(n), DMatrix::identity(n, n)));
    }
    if a.nrows() > a.ncols() {
        // Fewer rows to turn.
        let (q, r) = a.clone().qr().unpack();
        let (u, s, vt) = svd(&r)?;
        return Some((q * u, s, vt));
    }
    // Around one, so that squares neither overflow nor underflow.
    let mut w = a / scale;
    let mut v = DMatrix::identity(a.ncols(), a.ncols());
    let tiny = f64::EPSILON * f64::EPSILON * w.norm();
    (0..SWEEPS).find(|_| !turn_all(&mut w, &mut v, tiny))?;
    Some(sorted(&w, &v, tiny, scale))
}

/// Whether a pair of columns was still not orthogonal.
fn turn_all(w: &mut DMatrix<f64>, v: &mut DMatrix<f64>, tiny: f64) -> bool {
    let tolerance = f64::EPSILON * w.nrows() as f64;
    let mut turned = false;
    for p in 0..w.ncols() {
        for q in p + 1..w.ncols() {
            let (a, b) = (w.column(p).norm(), w.column(q).norm());
            let dot = w.column(p).dot(&w.column(q));
            // Columns of rounding errors have no direction.
            if a <= tiny || b <= tiny || dot.abs() <= tolerance * a * b {
                continue;
            }
            turned = true;
            let zeta = (b - a) * (b + a) / (2.0 * dot);
            let t = zeta.signum() / (zeta.abs() + zeta.hypot(1.0));
            let cos = t.hypot(1.0).recip();
            turn(w, p, q, cos, cos * t);
            turn(v, p, q, cos, cos * t);
        }
    }
    turned
}

/// (p, q) ← (c p − s q, s p + c q)
fn turn(matrix: &mut DMatrix<f64>, p: usize, q: usize, cos: f64, sin: f64) {
    for i in 0..matrix.nrows() {
        let (x, y) = (matrix[(i, p)], matrix[(i, q)]);
        matrix[(i, p)] = cos * x - sin * y;
        matrix[(i, q)] = sin * x + cos * y;
    }
}

/// Columns in the order of falling norms.
fn sorted(w: &DMatrix<f64>, v: &DMatrix<f64>, tiny: f64, scale: f64) -> Factors {
    let n = w.ncols();
    let norms: Vec<f64> = w.column_iter().map(|column| column.norm()).collect();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| norms[j].total_cmp(&norms[i]));
    let s = order.iter().map(|&i| if norms[i] <= tiny { 0.0 } else { norms[i] * scale });
    let s = DVector::from_iterator(n, s);
    let mut u = DMatrix::zeros(w.nrows(), n);
    for (place, &i) in order.iter().enumerate() {
        let direction = match norms[i] {
            norm if norm <= tiny => completion(&u, place),
            norm => w.column(i) / norm,
        };
        u.set_column(place, &direction);
    }
    (u, s, v.select_columns(&order).transpose())
}

/// A unit vector orthogonal to the first `known` columns.
fn completion(u: &DMatrix<f64>, known: usize) -> DVector<f64> {
    let covered = |i: usize| u.row(i).columns(0, known).norm_squared();
    let least = (0..u.nrows()).min_by(|&i, &j| covered(i).total_cmp(&covered(j)));
    let mut x = DVector::zeros(u.nrows());
    x[least.expect("a matrix with a column has a row")] = 1.0;
    // Once leaves rounding errors, which the second time removes.
    for _ in 0..2 {
        for column in u.column_iter().take(known) {
            let along = column.dot(&x);
            x.axpy(-along, &column, 1.0);
        }
        x.normalize_mut();
    }
    x
}
