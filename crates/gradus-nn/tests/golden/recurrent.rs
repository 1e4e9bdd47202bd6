//! Recurrent layers: two layers in both directions over rows of different lengths, and plain ones.

use gradus_core::Keys;
use gradus_nn::{
    Ctx, Directions, Gru, GruCell, Layer, Lstm, LstmCell, LstmState, Module, RecurrentConfig, Rnn,
    RnnActivation, RnnCell, SequenceLayout, Tensor, Var,
};

use super::{check, check_layer, filled, numbers};

/// Rows of 2, 4 and 1 of four steps.
const LENGTHS: Option<&[usize]> = Some(&[2, 4, 1]);

fn keys() -> Keys {
    Keys::new(0)
}

fn deep() -> RecurrentConfig {
    RecurrentConfig { num_layers: 2, directions: Directions::Both, ..RecurrentConfig::new(2, 3) }
}

fn plain() -> RecurrentConfig {
    RecurrentConfig { layout: SequenceLayout::TimeFirst, ..RecurrentConfig::new(2, 3) }
}

fn input() -> Var {
    Var::leaf(numbers([3, 4, 2], 1))
}

fn start(i: usize) -> Var {
    Var::leaf(numbers([4, 3, 3], 2 + i))
}

fn joined(parts: &[Tensor]) -> Tensor {
    let flat: Vec<Tensor> = parts.iter().map(|part| part.flatten(0, -1).unwrap()).collect();
    Tensor::cat(&flat, 0).unwrap()
}

/// Checks outputs, and gradients by `leaves` and the parameters in the order of their names.
fn check_run(name: &str, model: &impl Module, leaves: &[&Var], outputs: &[&Var]) {
    check(name, &joined(&outputs.iter().map(|y| y.value().clone()).collect::<Vec<_>>()));
    let part = |(i, y): (usize, &&Var)| {
        y.mul(&numbers(y.shape(), 99 - i).into()).unwrap().sum(..).unwrap()
    };
    let total = outputs.iter().enumerate().map(part).reduce(|a, b| a.add(&b).unwrap()).unwrap();
    let grads = total.backward().unwrap();
    let mut parameters = model.named_parameters();
    parameters.sort_by(|(a, _), (b, _)| a.cmp(b));
    let of_leaves = leaves.iter().map(|x| grads.get(*x).unwrap().clone());
    let of_parameters = parameters.iter().map(|(_, p)| grads.get(*p).unwrap().clone());
    check(&format!("{name}_GRAD"), &joined(&of_leaves.chain(of_parameters).collect::<Vec<_>>()));
}

#[test]
fn two_layers_in_both_directions_over_rows_of_different_lengths() {
    let (x, h, c, ctx) = (input(), start(0), start(1), &mut Ctx::eval());
    let rnn: Rnn = filled(deep().rnn(RnnActivation::Tanh, &mut keys()).unwrap());
    let (y, end) = rnn.run(&x, Some(&h), LENGTHS, ctx).unwrap();
    check_run("RNN", &rnn, &[&x, &h], &[&y, &end]);
    let gru: Gru = filled(deep().gru(&mut keys()).unwrap());
    let (y, end) = gru.run(&x, Some(&h), LENGTHS, ctx).unwrap();
    check_run("GRU", &gru, &[&x, &h], &[&y, &end]);
    let lstm: Lstm = filled(deep().lstm(&mut keys()).unwrap());
    let state = LstmState { h: h.clone(), c: c.clone() };
    let (y, end) = lstm.run(&x, Some(&state), LENGTHS, ctx).unwrap();
    check_run("LSTM", &lstm, &[&x, &h, &c], &[&y, &end.h, &end.c]);
}

#[test]
fn one_layer_with_time_first() {
    let run = |name: &str, layer: &dyn Layer| {
        let x = Var::leaf(numbers([4, 3, 2], 1));
        check_layer(name, &x, &layer.forward(&x, &mut Ctx::eval()).unwrap());
    };
    run("RNN_PLAIN", &filled(plain().rnn(RnnActivation::Tanh, &mut keys()).unwrap()));
    run("LSTM_PLAIN", &filled(plain().lstm(&mut keys()).unwrap()));
    run("GRU_PLAIN", &filled(plain().gru(&mut keys()).unwrap()));
    let bare = RecurrentConfig { bias: false, ..plain() };
    run("RNN_RELU", &filled(bare.rnn(RnnActivation::Relu, &mut keys()).unwrap()));
}

#[test]
fn cells() {
    let x = Var::leaf(numbers([3, 2], 1));
    let cell: LstmCell = filled(LstmCell::new(2, 3, &mut keys()).unwrap());
    let (h, c) = cell.step(&x, None).unwrap();
    let (h, c) = cell.step(&x, Some((&h, &c))).unwrap();
    check_layer("LSTM_CELL", &x, &Var::cat(&[h, c], 1).unwrap());
    let cell: GruCell = filled(GruCell::new(2, 3, &mut keys()).unwrap());
    let h = cell.step(&x, None).unwrap();
    check_layer("GRU_CELL", &x, &cell.step(&x, Some(&h)).unwrap());
    let cell = RnnCell::new(2, 3, RnnActivation::Tanh, &mut keys()).unwrap();
    let cell: RnnCell = filled(cell);
    let h = cell.step(&x, None).unwrap();
    check_layer("RNN_CELL", &x, &cell.step(&x, Some(&h)).unwrap());
}
