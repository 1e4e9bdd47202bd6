//! The oracle: one row after the other, one unit after the other, in f64.

use super::{Cell, Order, Sequence};

/// Inputs of a run, and gradients from above.
#[derive(Debug, Clone, Default)]
pub(super) struct Problem {
    pub(super) x: Vec<f64>,
    pub(super) w_ih: Vec<f64>,
    pub(super) w_hh: Vec<f64>,
    pub(super) b_ih: Vec<f64>,
    pub(super) b_hh: Vec<f64>,
    pub(super) h0: Vec<f64>,
    pub(super) c0: Vec<f64>,
    pub(super) dy: Vec<f64>,
    pub(super) dh: Vec<f64>,
    pub(super) dc: Vec<f64>,
}

/// Outputs, and gradients of all inputs.
#[derive(Debug, Clone, Default)]
pub(super) struct Solution {
    pub(super) y: Vec<f64>,
    pub(super) h: Vec<f64>,
    pub(super) c: Vec<f64>,
    pub(super) dx: Vec<f64>,
    pub(super) dw_ih: Vec<f64>,
    pub(super) dw_hh: Vec<f64>,
    pub(super) db_ih: Vec<f64>,
    pub(super) db_hh: Vec<f64>,
    pub(super) dh0: Vec<f64>,
    pub(super) dc0: Vec<f64>,
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// W x + b.
fn affine(w: &[f64], x: &[f64], b: &[f64]) -> Vec<f64> {
    let dot = |i: usize| w[i * x.len()..][..x.len()].iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
    (0..b.len()).map(|i| dot(i) + b[i]).collect()
}

/// A step of one row, with what its derivative needs.
struct Step {
    t: usize,
    h_before: Vec<f64>,
    c_before: Vec<f64>,
    /// `W_ih` x + `b_ih` and `W_hh` h + `b_hh`.
    a: Vec<f64>,
    b: Vec<f64>,
}

/// The new state and memory of unit `u`, from the two sums.
fn unit(cell: Cell, hidden: usize, u: usize, step: &Step) -> (f64, f64) {
    let (a, b) = (|g: usize| step.a[g * hidden + u], |g: usize| step.b[g * hidden + u]);
    match cell {
        Cell::RnnTanh => ((a(0) + b(0)).tanh(), 0.0),
        Cell::RnnRelu => {
            let x = a(0) + b(0);
            (if x < 0.0 { 0.0 } else { x }, 0.0)
        }
        Cell::Lstm => {
            let (i, f) = (sigmoid(a(0) + b(0)), sigmoid(a(1) + b(1)));
            let c = f * step.c_before[u] + i * (a(2) + b(2)).tanh();
            (sigmoid(a(3) + b(3)) * c.tanh(), c)
        }
        Cell::Gru => {
            let (r, z) = (sigmoid(a(0) + b(0)), sigmoid(a(1) + b(1)));
            let n = (a(2) + r * b(2)).tanh();
            ((1.0 - z) * n + z * step.h_before[u], 0.0)
        }
    }
}

/// Gradients of the two sums of unit `u`, and of its state and memory before the step.
fn slopes(
    (cell, hidden): (Cell, usize),
    u: usize,
    step: &Step,
    dh: f64,
    dc: f64,
) -> ([f64; 4], [f64; 4], f64, f64) {
    let (a, b) = (|g: usize| step.a[g * hidden + u], |g: usize| step.b[g * hidden + u]);
    match cell {
        Cell::RnnTanh => {
            let d = dh * (1.0 - (a(0) + b(0)).tanh().powi(2));
            ([d, 0.0, 0.0, 0.0], [d, 0.0, 0.0, 0.0], 0.0, 0.0)
        }
        Cell::RnnRelu => {
            let d = if a(0) + b(0) > 0.0 { dh } else { 0.0 };
            ([d, 0.0, 0.0, 0.0], [d, 0.0, 0.0, 0.0], 0.0, 0.0)
        }
        Cell::Lstm => {
            let (i, f) = (sigmoid(a(0) + b(0)), sigmoid(a(1) + b(1)));
            let (g, o) = ((a(2) + b(2)).tanh(), sigmoid(a(3) + b(3)));
            let c = f * step.c_before[u] + i * g;
            let dc = dc + dh * o * (1.0 - c.tanh().powi(2));
            let di = dc * g * i * (1.0 - i);
            let df = dc * step.c_before[u] * f * (1.0 - f);
            let (dg, d_o) = (dc * i * (1.0 - g * g), dh * c.tanh() * o * (1.0 - o));
            ([di, df, dg, d_o], [di, df, dg, d_o], 0.0, dc * f)
        }
        Cell::Gru => {
            let (r, z) = (sigmoid(a(0) + b(0)), sigmoid(a(1) + b(1)));
            let n = (a(2) + r * b(2)).tanh();
            let dn = dh * (1.0 - z) * (1.0 - n * n);
            let dz = dh * (step.h_before[u] - n) * z * (1.0 - z);
            let dr = dn * b(2) * r * (1.0 - r);
            ([dr, dz, dn, 0.0], [dr, dz, dn * r, 0.0], dh * z, 0.0)
        }
    }
}

pub(super) fn solve(seq: &Sequence<'_>, p: &Problem) -> Solution {
    let Sequence { cell, steps, batch, inputs, hidden, .. } = *seq;
    let zeros = |n: usize| vec![0.0; n];
    let rows = cell.gates() * hidden;
    // A cell without a memory carries zeros along.
    let or_zeros = |x: &[f64]| if cell.has_memory() { x.to_vec() } else { zeros(batch * hidden) };
    let mut s = Solution {
        y: zeros(steps * batch * hidden),
        h: p.h0.clone(),
        c: or_zeros(&p.c0),
        dx: zeros(p.x.len()),
        dw_ih: zeros(p.w_ih.len()),
        dw_hh: zeros(p.w_hh.len()),
        db_ih: zeros(rows),
        db_hh: zeros(rows),
        dh0: p.dh.clone(),
        dc0: or_zeros(&p.dc),
    };
    for row in 0..batch {
        let len = seq.lengths.map_or(steps, |lengths| lengths[row]);
        let mut times: Vec<usize> = (0..len).collect();
        if seq.order == Order::Reverse {
            times.reverse();
        }
        let at = row * hidden..(row + 1) * hidden;
        let mut done = Vec::new();
        for t in times {
            let x = &p.x[(t * batch + row) * inputs..][..inputs];
            let (h_before, c_before) = (s.h[at.clone()].to_vec(), s.c[at.clone()].to_vec());
            let (a, b) = (affine(&p.w_ih, x, &p.b_ih), affine(&p.w_hh, &h_before, &p.b_hh));
            let step = Step { t, h_before, c_before, a, b };
            for u in 0..hidden {
                let (h, c) = unit(cell, hidden, u, &step);
                (s.h[row * hidden + u], s.c[row * hidden + u]) = (h, c);
                s.y[(t * batch + row) * hidden + u] = h;
            }
            done.push(step);
        }
        for step in done.iter().rev() {
            back(seq, p, row, step, &mut s);
        }
    }
    if !cell.has_memory() {
        (s.c, s.dc0) = (Vec::new(), Vec::new());
    }
    s
}

fn back(seq: &Sequence<'_>, p: &Problem, row: usize, step: &Step, s: &mut Solution) {
    let Sequence { cell, batch, inputs, hidden, .. } = *seq;
    let x = (step.t * batch + row) * inputs;
    let mut before = vec![0.0; hidden];
    for u in 0..hidden {
        let unit = row * hidden + u;
        let dh = s.dh0[unit] + p.dy[(step.t * batch + row) * hidden + u];
        let (da, db, h, c) = slopes((cell, hidden), u, step, dh, s.dc0[unit]);
        s.dc0[unit] = c;
        before[u] += h;
        for g in 0..cell.gates() {
            let w = g * hidden + u;
            s.db_ih[w] += da[g];
            s.db_hh[w] += db[g];
            for i in 0..inputs {
                s.dw_ih[w * inputs + i] += da[g] * p.x[x + i];
                s.dx[x + i] += da[g] * p.w_ih[w * inputs + i];
            }
            for (i, before) in before.iter_mut().enumerate() {
                s.dw_hh[w * hidden + i] += db[g] * step.h_before[i];
                *before += db[g] * p.w_hh[w * hidden + i];
            }
        }
    }
    s.dh0[row * hidden..][..hidden].copy_from_slice(&before);
}
