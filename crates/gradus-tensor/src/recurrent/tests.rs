use gradus_cpu::recurrent::{Cell, Order};

use super::*;
use crate::{DType, Key, Tensor};

fn randn(shape: &[usize], seed: u64) -> Tensor {
    Tensor::randn(shape, DType::F64, Key::new(seed)).unwrap()
}

/// Weights of an LSTM of 3 inputs and 2 units, and five steps of 4 rows.
fn weights() -> [Tensor; 3] {
    [randn(&[5, 4, 3], 1), randn(&[8, 3], 2), randn(&[8, 2], 3)]
}

fn lstm<'a>([x, w_ih, w_hh]: &'a [Tensor; 3], lengths: Option<&'a [usize]>) -> Recurrent<'a> {
    let (cell, order) = (Cell::Lstm, Order::Forward);
    Recurrent { cell, x, state: None, memory: None, w_ih, w_hh, bias: None, order, lengths }
}

const ALL: RecurrentWanted = RecurrentWanted { x: true, state: true, w_ih: true, w_hh: true };

#[test]
fn strides_do_not_matter() {
    let [x, w_ih, w_hh] = weights();
    let turned = |x: &Tensor, a: usize, b: usize| {
        x.transpose(a, b).unwrap().contiguous().transpose(a, b).unwrap()
    };
    let odd = [turned(&x, 0, 1), turned(&w_ih, 0, 1), turned(&w_hh, 0, 1)];
    assert!(odd.iter().all(|x| !x.is_contiguous()));
    let even = [x, w_ih, w_hh];
    let (a, b) = (lstm(&even, None), lstm(&odd, None));
    let (tape_a, tape_b) = (a.run().unwrap(), b.run().unwrap());
    let (y, z) = (a.outputs(&tape_a).unwrap(), b.outputs(&tape_b).unwrap());
    assert!(y.equal(&z));
    let dy = randn(y.dims(), 4);
    let strided = turned(&dy, 0, 2);
    let from = |outputs| RecurrentUpstream { outputs: Some(outputs), ..Default::default() };
    let of_a = a.grad(&tape_a, from(&dy), ALL).unwrap();
    let of_b = b.grad(&tape_b, from(&strided), ALL).unwrap();
    assert!(of_a.x.unwrap().equal(&of_b.x.unwrap()));
    assert!(of_a.w_hh.unwrap().equal(&of_b.w_hh.unwrap()));
    assert!(of_a.bias.0.equal(&of_b.bias.0));
}

#[test]
fn outputs_stop_at_a_rows_length_and_its_state_stays() {
    let (weights, lengths) = (weights(), [5, 0, 3, 1]);
    let run = lstm(&weights, Some(&lengths));
    let tape = run.run().unwrap();
    let (y, h) = (run.outputs(&tape).unwrap(), run.state(&tape).unwrap());
    for (row, len) in lengths.into_iter().enumerate() {
        let own = y.select(1, row).unwrap();
        let tail = own.narrow(0, len, 5 - len).unwrap();
        assert!(tail.equal(&tail.zeros_like()));
        let last = match len {
            0 => Tensor::zeros(2, DType::F64).unwrap(),
            len => own.select(0, len - 1).unwrap(),
        };
        assert!(h.select(0, row).unwrap().equal(&last));
    }
}

#[test]
fn what_does_not_fit_is_told() {
    let weights = weights();
    let message = |run: Recurrent<'_>| run.run().unwrap_err().to_string();
    let good = lstm(&weights, None);
    let flat = randn(&[5, 3], 1);
    assert_eq!(
        message(Recurrent { x: &flat, ..good }),
        "lstm: expected x of [T, B, F], got shape [5, 3]"
    );
    let gru = Recurrent { cell: Cell::Gru, ..good };
    assert_eq!(message(gru), "gru: expected w_hh of [3·H, H], got shape [8, 2]");
    let wide = randn(&[8, 4], 2);
    assert_eq!(
        message(Recurrent { w_ih: &wide, ..good }),
        "lstm: expected w_ih of [8, 3], got shape [8, 4]"
    );
    let state = randn(&[3, 2], 2);
    assert_eq!(
        message(Recurrent { state: Some(&state), ..good }),
        "lstm: expected state of [4, 2], got shape [3, 2]"
    );
    let long = Recurrent { lengths: Some(&[1, 2, 6, 0]), ..good };
    assert_eq!(
        message(long),
        "lstm: lengths must be one per row, at most T, got [1, 2, 6, 0] for 4 rows of 5 steps"
    );
    let single = weights[1].to_dtype(DType::F32).unwrap();
    assert_eq!(
        message(Recurrent { w_ih: &single, ..good }),
        "lstm: dtypes f64 and f32 differ; cast one with to_dtype"
    );
    let whole = weights.clone().map(|w| w.to_dtype(DType::I64).unwrap());
    assert_eq!(
        message(lstm(&whole, None)),
        "lstm: dtype i64 is not supported, expected f32 or f64"
    );
}

#[test]
fn empty_extents_give_empty_results() {
    for [steps, batch, inputs, hidden] in [[0, 2, 3, 4], [2, 0, 3, 4], [2, 2, 0, 4], [2, 2, 3, 0]] {
        for cell in [Cell::RnnTanh, Cell::Lstm, Cell::Gru] {
            let rows = cell.gates() * hidden;
            let (x, state) = (randn(&[steps, batch, inputs], 1), randn(&[batch, hidden], 2));
            let (w_ih, w_hh) = (randn(&[rows, inputs], 3), randn(&[rows, hidden], 4));
            let run = Recurrent {
                cell,
                x: &x,
                state: Some(&state),
                memory: None,
                w_ih: &w_ih,
                w_hh: &w_hh,
                bias: None,
                order: Order::Reverse,
                lengths: None,
            };
            let tape = run.run().unwrap();
            assert_eq!(run.outputs(&tape).unwrap().dims(), [steps, batch, hidden]);
            let end = run.state(&tape).unwrap();
            assert!(steps > 0 || end.equal(&state));
            let from = RecurrentUpstream { state: Some(&end), ..Default::default() };
            let grads = run.grad(&tape, from, ALL).unwrap();
            assert_eq!(grads.w_ih.unwrap().dims(), [rows, inputs]);
            assert_eq!(grads.x.unwrap().dims(), [steps, batch, inputs]);
            assert!(steps > 0 || grads.state.unwrap().equal(&end));
        }
    }
}
