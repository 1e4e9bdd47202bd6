//! The products over all steps.

use super::{Order, Sequence};
use crate::gemm::{Beta, Dims, GemmElement, Matrix, gemm_rows};

/// `kept = x · W_ihᵀ`, where `kept` has room for what a cell keeps besides.
pub(super) fn inputs<T: GemmElement>(seq: &Sequence<'_>, x: &[T], w: &[T], kept: &mut [T]) {
    let (m, h, f) = (seq.steps * seq.batch, seq.hidden, seq.inputs);
    for &(row, rows, place) in seq.cell.input_blocks() {
        let dims = Dims { m, n: rows * h, k: f };
        let (a, b) = (Matrix::new(x, f, 1), Matrix::new(&w[row * h * f..], 1, f));
        let c = &mut kept[place * h..];
        gemm_rows(dims, a, b, (c, seq.kept_row()), Beta::Zero);
    }
}

/// The gradient of the inputs, `[T, B, F]`, from that of the kept sums.
///
/// # Panics
/// If a length does not fit `seq`.
pub fn grad_input<T: GemmElement>(seq: &Sequence<'_>, d_kept: &[T], w_ih: &[T], dx: &mut [T]) {
    let (m, h, f) = (seq.steps * seq.batch, seq.hidden, seq.inputs);
    assert_eq!(d_kept.len(), seq.kept_len(), "recurrent: length of d_kept");
    assert_eq!(w_ih.len(), seq.cell.gates() * h * f, "recurrent: length of w_ih");
    assert_eq!(dx.len(), m * f, "recurrent: length of dx");
    if dx.is_empty() {
        return;
    }
    let mut beta = Beta::Zero;
    for &(row, rows, place) in seq.cell.input_blocks() {
        let dims = Dims { m, n: f, k: rows * h };
        let a = Matrix::new(&d_kept[place * h..], seq.kept_row(), 1);
        let b = Matrix::new(&w_ih[row * h * f..], f, 1);
        gemm_rows(dims, a, b, (&mut *dx, f), beta);
        beta = Beta::One;
    }
}

/// The gradient of `W_ih`, `[gates · H, F]`: one product with K = (t, b).
///
/// # Panics
/// If a length does not fit `seq`.
pub fn grad_input_weight<T: GemmElement>(seq: &Sequence<'_>, d_kept: &[T], x: &[T], dw: &mut [T]) {
    let (k, h, f) = (seq.steps * seq.batch, seq.hidden, seq.inputs);
    assert_eq!(d_kept.len(), seq.kept_len(), "recurrent: length of d_kept");
    assert_eq!(x.len(), k * f, "recurrent: length of x");
    assert_eq!(dw.len(), seq.cell.gates() * h * f, "recurrent: length of dw");
    for &(row, rows, place) in seq.cell.input_blocks() {
        let dims = Dims { m: rows * h, n: f, k };
        let a = Matrix::new(d_kept.get(place * h..).unwrap_or(&[]), 1, seq.kept_row());
        let c = &mut dw[row * h * f..][..rows * h * f];
        gemm_rows(dims, a, Matrix::new(x, f, 1), (c, f), Beta::Zero);
    }
}

/// The gradient of `W_hh`, `[gates · H, H]`: one product with K = (t, b).
///
/// # Panics
/// If a length does not fit `seq`.
pub fn grad_state_weight<T: GemmElement>(
    seq: &Sequence<'_>,
    d_kept: &[T],
    states: &[T],
    dw: &mut [T],
) {
    let h = seq.hidden;
    assert_eq!(d_kept.len(), seq.kept_len(), "recurrent: length of d_kept");
    assert_eq!(states.len(), seq.states_len(), "recurrent: length of states");
    assert_eq!(dw.len(), seq.cell.gates() * h * h, "recurrent: length of dw");
    // The states before the steps are the slots without the one of the end.
    let before = match seq.order {
        Order::Forward => states,
        Order::Reverse => &states[seq.slot()..],
    };
    let dims = Dims { m: seq.cell.gates() * h, n: h, k: seq.steps * seq.batch };
    let a = d_kept.get(seq.cell.state_block() * h..).unwrap_or(&[]);
    let a = Matrix::new(a, 1, seq.kept_row());
    gemm_rows(dims, a, Matrix::new(before, h, 1), (dw, h), Beta::Zero);
}
