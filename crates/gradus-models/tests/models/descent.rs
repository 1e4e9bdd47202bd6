//! Two optimizers in a few lines: the crate under test knows none.

use gradus_autograd::Var;
use gradus_nn::Module;
use gradus_tensor::Tensor;

/// One gradient step; `update` gives the change of parameter `i` from its gradient.
fn step(model: &mut impl Module, loss: &Var, mut update: impl FnMut(usize, &Tensor) -> Tensor) {
    let grads = loss.backward().unwrap();
    for (i, (path, param)) in model.named_parameters_mut().into_iter().enumerate() {
        let grad = grads.get(param).unwrap_or_else(|| panic!("{path} gets no gradient"));
        let new = param.value().sub(&update(i, grad)).unwrap();
        param.set_value(new).unwrap();
    }
}

/// Plain gradient descent; the last loss.
pub(crate) fn gradient_descent<M: Module>(
    model: &mut M,
    steps: u64,
    rate: f64,
    loss: impl Fn(&M) -> Var,
) -> f64 {
    for _ in 0..steps {
        let loss = loss(model);
        step(model, &loss, |_, grad| grad.mul_scalar(rate).unwrap());
    }
    loss(model).item().unwrap()
}

/// Adam; the loss is told the step, and the last one is given back.
pub(crate) fn adam<M: Module>(
    model: &mut M,
    steps: u64,
    rate: f64,
    loss: impl Fn(&M, u64) -> Var,
) -> f64 {
    let zeros = |p: &&gradus_autograd::Param| p.value().zeros_like();
    let mut m: Vec<Tensor> = model.parameters().iter().map(zeros).collect();
    let mut v = m.clone();
    for t in 0..steps {
        let loss = loss(model, t);
        let [correct1, correct2] = [0.9f64, 0.99].map(|beta| 1.0 - beta.powi(t as i32 + 1));
        step(model, &loss, |i, g| {
            m[i] = 0.9 * &m[i] + 0.1 * g;
            v[i] = 0.99 * &v[i] + 0.01 * g * g;
            let scale = (&v[i] / correct2).sqrt().unwrap() + 1e-8;
            rate / correct1 * &m[i] / scale
        });
    }
    loss(model, steps).item().unwrap()
}
