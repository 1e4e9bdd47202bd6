//! An op written outside the crates, by the chapter "An op of your own" of `gradus-autograd`: it has
//! everything that the ops of the crate have.
#![expect(clippy::unwrap_used, reason = "in a test an error is a failure")]

use gradus::autograd::{
    Error, Graph, Result, Watch, checkpoint, detect_anomaly, gradcheck, gradgradcheck, hvp,
    jacobian, jvp,
};
use gradus::prelude::*;

/// The log of the sum of e^x over the last dimension of `x`, times a temperature that is a variable
/// too: τ · ln Σ e^(x/τ).
fn soft_maximum(x: &Var, tau: &Var) -> Result<Var> {
    let scaled = x.value().div(tau.value())?;
    let value = scaled.logsumexp(-1)?.mul(tau.value())?;
    let (saved_x, saved_tau) = (x.clone(), tau.clone());
    Ok(Var::from_op("soft_maximum", &[x, tau], value, move |grad, y| {
        let weights = saved_x.div(&saved_tau)?.softmax(-1)?;
        let dx = grad.unsqueeze(-1)?.mul(&weights)?;
        // ∂y/∂τ = (y − Σ weights · x) / τ
        let mean = weights.mul(&saved_x)?.sum(-1)?;
        let dtau = grad.mul(&y.sub(&mean)?.div(&saved_tau)?)?.sum_to(saved_tau.shape())?;
        Ok(vec![Some(dx), Some(dtau)])
    }))
}

/// The same by ops of the crate.
fn composite(x: &Var, tau: &Var) -> Result<Var> {
    x.div(tau)?.logsumexp(-1)?.mul(tau)
}

fn inputs() -> [Tensor; 2] {
    [Tensor::randn([3, 4], DType::F64, Key::new(1)).unwrap(), Tensor::from([0.7f64])]
}

fn own(x: &[Var]) -> Result<Var> {
    soft_maximum(&x[0], &x[1])
}

#[test]
fn its_derivatives_agree_with_differences() {
    gradcheck(own, &inputs()).unwrap();
    gradgradcheck(own, &inputs()).unwrap();
    let empty = [Tensor::zeros([0, 4], DType::F64).unwrap(), Tensor::from([0.7f64])];
    gradcheck(own, &empty).unwrap();
}

#[test]
fn it_has_every_kind_of_derivative() {
    let x = inputs().map(Var::constant);
    let v = inputs().map(|x| Var::constant(x.cos().unwrap()));
    let (x, v) = (x.each_ref(), v.each_ref());
    let close = |a: &Var, b: &Var| a.value().allclose(b.value(), 1e-11, 1e-12).unwrap();
    let by_ops = |x: &[Var]| composite(&x[0], &x[1]);

    let along = jvp(own, &x, &v, Graph::Drop).unwrap().1;
    assert!(close(&along, &jvp(by_ops, &x, &v, Graph::Drop).unwrap().1));

    let blocks = jacobian(own, &x, Graph::Drop).unwrap();
    let expected = jacobian(by_ops, &x, Graph::Drop).unwrap();
    assert!(blocks.iter().zip(&expected).all(|(a, b)| close(a, b)));

    let total = |x: &[Var]| own(x)?.square()?.sum(..);
    let expected = |x: &[Var]| by_ops(x)?.square()?.sum(..);
    let products = hvp(total, &x, &v, Graph::Drop).unwrap().1;
    let expected = hvp(expected, &x, &v, Graph::Drop).unwrap().1;
    assert!(products.iter().zip(&expected).all(|(a, b)| close(a, b)));
}

#[test]
fn it_can_be_checkpointed_and_watched() {
    let [x, tau] = inputs().map(Var::leaf);
    let cheap = checkpoint::<Error>(own, &[&x, &tau]).unwrap().sum(..).unwrap();
    let plain = soft_maximum(&x, &tau).unwrap().sum(..).unwrap();
    let [cheap, plain] = [cheap, plain].map(|y| y.backward().unwrap());
    assert!(cheap.get(&tau).unwrap().equal(plain.get(&tau).unwrap()));

    let zero = Var::leaf(Tensor::from([0.0f64]));
    let fault = detect_anomaly::<_, Error>(Watch::Nan, || soft_maximum(&x, &zero)).unwrap_err();
    assert!(fault.to_string().starts_with("soft_maximum: made NaN"), "{fault}");
}
