//! Checkpoints: the bits of the plain computation, all gradients, every order.
#![expect(clippy::unwrap_used, reason = "in a test an error is a failure")]

use std::sync::atomic::{AtomicUsize, Ordering};

use gradus_autograd::{
    Error, Graph, Param, Result, Var, checkpoint, checkpoint_module, grad, gradcheck,
    gradgradcheck, no_grad,
};
use gradus_tensor::{DType, Key, Tensor};

fn normal(shape: &[usize], seed: u64) -> Tensor {
    Tensor::randn(shape, DType::F64, Key::new(seed)).unwrap()
}

/// Two weights that are closed over, one the result of an op; and dropout by a key.
fn block(w: &Var, x: &Var) -> Result<Var> {
    let y = x.matmul(w)?.tanh()?.dropout(0.3, Key::new(5))?;
    y.mul(&w.square()?.sum(..)?)?.add(x)
}

#[test]
fn values_and_gradients_have_the_bits_of_the_plain_computation() {
    let (w, x) = (Var::leaf(normal(&[3, 3], 1)), Var::leaf(normal(&[2, 3], 2)));
    // A weight that is made from a leaf, which the block also uses itself.
    let scaled = w.mul_scalar(0.5).unwrap();
    let run = |cheap: bool| {
        let mut y = x.clone();
        for _ in 0..3 {
            let (w, scaled) = (w.clone(), scaled.clone());
            let f = move |x: &[Var]| block(&scaled, &block(&w, &x[0])?);
            y = if cheap { checkpoint::<Error>(f, &[&y]) } else { f(&[y]) }.unwrap();
        }
        let grads = y.square().unwrap().sum(..).unwrap().backward().unwrap();
        [y.into_value(), grads.get(&x).unwrap().clone(), grads.get(&w).unwrap().clone()]
    };
    let [y, dx, dw] = run(true);
    let [expected_y, expected_dx, expected_dw] = run(false);
    assert!(y.equal(&expected_y));
    assert!(dx.equal(&expected_dx));
    // The uses of a weight are added up block by block, so their order differs.
    assert!(dw.allclose(&expected_dw, 1e-13, 1e-13).unwrap());
}

#[test]
fn derivatives_of_both_orders_agree_with_differences() {
    let f = |x: &[Var]| {
        let w = x[1].clone();
        let inner = move |x: &[Var]| {
            let w = w.clone();
            checkpoint::<Error>(move |x| block(&w, &x[0]), &[&x[0].sin()?])
        };
        checkpoint::<Error>(inner, &[&x[0]])
    };
    let inputs = [normal(&[2, 3], 1), normal(&[3, 3], 2)];
    gradcheck(f, &inputs).unwrap();
    gradgradcheck(f, &inputs).unwrap();
}

#[test]
fn an_input_given_twice_and_one_that_is_returned_have_their_gradients() {
    let x = Var::leaf(Tensor::from([3.0f64]));
    let y = checkpoint::<Error>(|x| x[0].mul(&x[1]), &[&x, &x]).unwrap();
    assert_eq!(y.backward().unwrap().get(&x).unwrap().item().unwrap(), 6.0);
    let y = checkpoint::<Error>(|x| Ok(x[0].clone()), &[&x]).unwrap();
    assert_eq!(y.backward().unwrap().get(&x).unwrap().item().unwrap(), 1.0);
    let (kept, unused) = (x.clone(), Var::leaf(Tensor::from([1.0f64])));
    let y = checkpoint::<Error>(move |_| Ok(kept.clone()), &[&unused]).unwrap();
    let grads = y.backward().unwrap();
    assert!(grads.get(&x).is_some() && grads.get(&unused).is_none());
}

#[test]
fn a_module_keeps_its_identities() {
    let mut weights = vec![Param::new(normal(&[3], 1)), Param::new(normal(&[3], 2))];
    weights[1].freeze();
    let f = |weights: &Vec<Param>, x: &[Var]| {
        x[0].mul(&weights[0].var())?.sin()?.mul(&weights[1].var())
    };
    let x = Var::constant(normal(&[3], 3));
    let cheap = checkpoint_module::<_, Error>(&weights, f, &[&x]).unwrap();
    let plain = f(&weights, std::slice::from_ref(&x)).unwrap();
    let [cheap, plain] = [cheap, plain].map(|y| y.sum(..).unwrap().backward().unwrap());
    assert_eq!(cheap.len(), 1);
    assert!(cheap.get(&weights[0]).unwrap().equal(plain.get(&weights[0]).unwrap()));
}

#[test]
fn without_gradients_nothing_is_kept() {
    let x = Var::leaf(normal(&[3], 1));
    let run = |x: &Var| checkpoint::<Error>(|x| x[0].exp(), &[x]).unwrap();
    assert!(!no_grad(|| run(&x)).requires_grad());
    assert!(!run(&x.detach()).requires_grad());
}

#[test]
fn a_function_that_changes_its_mind_is_an_error() {
    let x = Var::leaf(normal(&[3], 1));
    let calls = AtomicUsize::new(0);
    let f = move |x: &[Var]| x[0].narrow(0, 0, 3 - calls.fetch_add(1, Ordering::Relaxed));
    let y = checkpoint::<Error>(f, &[&x]).unwrap().sum(..).unwrap();
    for _ in 0..2 {
        let error = grad(&y, &[&x], Graph::Drop).unwrap_err();
        assert!(matches!(error, Error::NotRepeatable { op: "checkpoint", .. }), "{error}");
    }
}
