//! What the engine promises: order, determinism, memory, refusals.
#![expect(clippy::unwrap_used, reason = "in a test an error is a failure")]

use std::sync::Arc;

use gradus_autograd::{Error, Grads, Graph, Leaf, Param, Result, Var, grad, no_grad};
use gradus_tensor::{DType, Key, Tensor};

fn leaf(x: f64) -> Var {
    Var::leaf(Tensor::scalar(x))
}

fn gradient(grads: &Grads, x: &Var) -> f64 {
    grads.get(x).unwrap().item().unwrap()
}

/// A number plus the same number, `n` times, in a chain.
fn chain(x: &Var, n: usize) -> Var {
    (0..n).try_fold(x.clone(), |y, _| y.add_scalar(1.0)).unwrap()
}

#[test]
fn a_long_chain_goes_backward_and_is_dropped_on_a_small_stack() {
    // Test threads have 2 MiB: recursion over 200,000 nodes would overflow.
    let x = leaf(1.0);
    let y = chain(&x, 200_000);
    assert_eq!(gradient(&y.backward().unwrap(), &x), 1.0);
    drop(y);
}

#[test]
fn a_long_chain_of_second_order_is_dropped_on_a_small_stack() {
    let x = leaf(1.0);
    let y = (0..20_000).try_fold(x.clone(), |y, _| y.mul_scalar(1.0)?.sin()).unwrap();
    let dx = grad(&y, &[&x], Graph::Keep).unwrap().remove(0);
    drop(y);
    drop(dx);
}

#[test]
fn a_chain_that_only_derivatives_hold_is_dropped_on_a_small_stack() {
    // Each closure owns a variable that is none of its op's inputs.
    let x = leaf(1.0);
    let step = |hidden: Var| {
        Var::from_op("hide", &[&x], Tensor::scalar(0.0f64), move |_, _| {
            Ok(vec![Some(hidden.detach())])
        })
    };
    let y = (0..200_000).fold(x.clone(), |y, _| step(y));
    drop(y);
}

#[test]
fn paths_that_meet_add_up() {
    let x = leaf(3.0);
    let y = x.square().unwrap();
    let z = y.mul(&y).unwrap().add(&y).unwrap().add(&x).unwrap(); // x⁴ + x² + x
    assert_eq!(gradient(&z.backward().unwrap(), &x), 4.0 * 27.0 + 6.0 + 1.0);
}

#[test]
fn backward_can_be_repeated() {
    let x = leaf(3.0);
    let y = x.square().unwrap();
    let first = gradient(&y.backward().unwrap(), &x);
    assert_eq!(first, gradient(&y.backward().unwrap(), &x));
}

#[test]
fn gradients_have_the_same_bits_every_time() {
    let run = || {
        let x = Var::leaf(Tensor::randn([20, 20], DType::F32, Key::new(1)).unwrap());
        let terms: Vec<Var> = (0..10).map(|i| (&x * f64::from(i)).sin().unwrap()).collect();
        let y = terms.iter().try_fold(x.clone(), |y, t| y.matmul(t)?.tanh()).unwrap();
        let grads = y.sum(..).unwrap().backward().unwrap();
        grads.get(&x).unwrap().to_vec::<f32>().unwrap()
    };
    let first: Vec<u32> = run().iter().map(|x| x.to_bits()).collect();
    for _ in 0..3 {
        assert_eq!(first, run().iter().map(|x| x.to_bits()).collect::<Vec<_>>());
    }
}

#[test]
fn a_number_that_is_a_leaf_is_its_own_gradient() {
    let x = leaf(3.0);
    assert_eq!(gradient(&x.backward().unwrap(), &x), 1.0);
    assert_eq!(grad(&x, &[&x], Graph::Drop).unwrap()[0].item().unwrap(), 1.0);
}

#[test]
fn the_gradient_by_a_result_stops_there() {
    let x = leaf(3.0);
    let y = x.square().unwrap();
    let z = y.mul_scalar(5.0).unwrap().add(&x).unwrap();
    let found = grad(&z, &[&y, &x, &z], Graph::Drop).unwrap();
    let values: Vec<f64> = found.iter().map(|g| g.item().unwrap()).collect();
    assert_eq!(values, [5.0, 31.0, 1.0]);
}

#[test]
fn what_is_not_connected_has_a_gradient_of_zeros() {
    let (x, other) = (leaf(3.0), Var::leaf(Tensor::from([1.0f32, 2.0])));
    let y = x.square().unwrap();
    let found = grad(&y, &[&other, &Var::from(Tensor::scalar(1.0f64))], Graph::Drop).unwrap();
    assert!(found[0].value().equal(&Tensor::from([0.0f32, 0.0])));
    assert_eq!(found[1].item().unwrap(), 0.0);
    assert!(y.backward().unwrap().get(&other).is_none());
}

#[test]
fn derivatives_go_to_any_order() {
    let x = leaf(0.7);
    let mut y = x.sin().unwrap();
    let mut values = vec![y.item().unwrap()];
    for _ in 0..6 {
        y = grad(&y, &[&x], Graph::Keep).unwrap().remove(0);
        values.push(y.item().unwrap());
    }
    let (s, c) = (0.7f64.sin(), 0.7f64.cos());
    for (value, expected) in values.iter().zip([s, c, -s, -c, s, c, -s]) {
        assert!((value - expected).abs() < 1e-14, "{values:?}");
    }
}

#[test]
fn a_hessian_vector_product_is_a_gradient_of_a_gradient() {
    // f = x₀² x₁, H = [[2 x₁, 2 x₀], [2 x₀, 0]]
    let x = Var::leaf(Tensor::from([3.0f64, 5.0]));
    let f = x.select(0, 0).unwrap().square().unwrap().mul(&x.select(0, 1).unwrap()).unwrap();
    let dx = grad(&f, &[&x], Graph::Keep).unwrap().remove(0);
    let dot = dx.mul(&Tensor::from([1.0f64, 10.0]).into()).unwrap().sum(..).unwrap();
    let hv = grad(&dot, &[&x], Graph::Drop).unwrap().remove(0);
    assert_eq!(hv.value().to_vec::<f64>().unwrap(), [10.0 + 60.0, 6.0]);
}

#[test]
fn nothing_is_recorded_without_gradients() {
    let x = leaf(3.0);
    let y = no_grad(|| x.square().unwrap());
    assert!(!y.requires_grad());
    assert_eq!(y.backward().unwrap_err(), Error::NoGradient { op: "backward" });
    assert!(!x.detach().square().unwrap().requires_grad());
    let dx = grad(&x.square().unwrap(), &[&x], Graph::Drop).unwrap().remove(0);
    assert!(!dx.requires_grad(), "a gradient whose graph is dropped is a constant");
}

#[test]
fn the_graph_of_a_gradient_is_kept_even_without_gradients() {
    let x = leaf(3.0);
    let y = x.powf(3.0).unwrap();
    let dx = no_grad(|| grad(&y, &[&x], Graph::Keep)).unwrap().remove(0);
    assert_eq!(gradient(&dx.backward().unwrap(), &x), 18.0);
}

#[test]
fn only_numbers_have_gradients() {
    let x = Var::leaf(Tensor::from([1.0f64, 2.0]));
    let y = x.square().unwrap();
    let message = "backward: expected one element, got shape [2]";
    assert_eq!(y.backward().unwrap_err().to_string(), message);
    assert!(matches!(grad(&y, &[&x], Graph::Drop), Err(Error::NotScalar { op: "grad", .. })));
    let grads = y.backward_with(&Tensor::from([1.0f64, 10.0])).unwrap();
    assert_eq!(grads.get(&x).unwrap().to_vec::<f64>().unwrap(), [2.0, 40.0]);
}

#[test]
fn a_cotangent_must_look_like_the_output() {
    let y = Var::leaf(Tensor::from([1.0f64, 2.0]));
    let fault = |cotangent: Tensor| y.backward_with(&cotangent).unwrap_err();
    assert!(matches!(fault(Tensor::from([1.0f64])), Error::GradientShape { .. }));
    assert!(matches!(fault(Tensor::from([1.0f32, 1.0])), Error::GradientDType { .. }));
}

#[test]
fn a_derivative_that_does_not_fit_is_named() {
    let x = leaf(1.0);
    let bad = |grads: fn() -> Vec<Option<Var>>| {
        Var::from_op("bad", &[&x], Tensor::scalar(1.0f64), move |_, _| Ok(grads()))
            .backward()
            .unwrap_err()
            .to_string()
    };
    assert_eq!(bad(Vec::new), "bad: its derivative gave 0 gradients for 1 inputs");
    assert_eq!(
        bad(|| vec![Some(Var::from(Tensor::from([1.0f64])))]),
        "bad: the gradient of input 0 has shape [1], expected []"
    );
    assert_eq!(
        bad(|| vec![Some(Var::from(Tensor::scalar(1.0f32)))]),
        "bad: the gradient of input 0 has dtype f32, expected f64"
    );
}

/// An op whose derivative holds `witness` and uses its output.
fn watched(x: &Var, witness: &Arc<()>) -> Result<Var> {
    let witness = Arc::clone(witness);
    Ok(Var::from_op("exp", &[x], x.value().exp()?, move |grad, y| {
        let _ = &witness;
        Ok(vec![Some(grad.mul(y)?)])
    }))
}

#[test]
fn a_graph_dies_with_its_variables() {
    // A saved output that were a variable would be a cycle, and the witness would live on.
    let witness = Arc::new(());
    let x = leaf(1.0);
    let y = watched(&watched(&x, &witness).unwrap(), &witness).unwrap();
    y.backward().unwrap();
    let dx = grad(&y, &[&x], Graph::Keep).unwrap().remove(0);
    let ddx = grad(&dx, &[&x], Graph::Keep).unwrap();
    assert_eq!(Arc::strong_count(&witness), 3);
    drop((y, dx, ddx));
    assert_eq!(Arc::strong_count(&witness), 1);
}

#[test]
fn gradients_outlive_the_graph() {
    let witness = Arc::new(());
    let weight = Param::new(Tensor::scalar(0.0f64));
    let grads = watched(&weight.var(), &witness).unwrap().backward().unwrap();
    assert_eq!(Arc::strong_count(&witness), 1);
    assert_eq!(grads.get(&weight).unwrap().item().unwrap(), 1.0);
}

#[test]
fn variables_and_gradients_cross_threads() {
    let x = leaf(3.0);
    let y = x.square().unwrap();
    let grads = std::thread::spawn(move || y.backward().unwrap()).join().unwrap();
    assert_eq!(gradient(&grads, &x), 6.0);
}

#[test]
fn gradients_add_and_scale() {
    let (x, y) = (leaf(3.0), leaf(4.0));
    let mut grads = x.square().unwrap().backward().unwrap();
    grads.add(x.mul(&y).unwrap().backward().unwrap()).unwrap();
    grads.scale(0.5).unwrap();
    assert_eq!((gradient(&grads, &x), gradient(&grads, &y)), (5.0, 1.5));
    let mut misfit = Grads::new();
    misfit.insert(grads.iter().next().unwrap().0, Tensor::from([1.0f64]));
    assert!(matches!(grads.add(misfit), Err(Error::GradientShape { .. })));
    assert_eq!(gradient(&grads, &x), 5.0);
}

#[test]
fn half_precision_has_half_precision_gradients() {
    let x = Var::leaf(Tensor::scalar(1.5f64).to_dtype(DType::BF16).unwrap());
    let y = x.to_dtype(DType::F32).unwrap().square().unwrap();
    let grads = y.backward().unwrap();
    assert_eq!(grads.get(&x).unwrap().dtype(), DType::BF16);
    assert_eq!(gradient(&grads, &x), 3.0);
}

/// a b and a + b, and how often the derivative ran and which gradients it saw.
type Seen = Arc<std::sync::Mutex<Vec<(bool, bool)>>>;

fn product_and_sum(a: &Var, b: &Var, seen: &Seen) -> (Var, Var) {
    let values = vec![a.value().mul(b.value()).unwrap(), a.value().add(b.value()).unwrap()];
    let (x, y, seen) = (a.clone(), b.clone(), Arc::clone(seen));
    let mut outputs = Var::from_op_outputs("product_and_sum", &[a, b], values, move |grads| {
        seen.lock().unwrap().push((grads[0].is_some(), grads[1].is_some()));
        let of = |other: &Var| -> Result<Var> {
            let from_product = grads[0].as_ref().map(|grad| grad.mul(other)).transpose()?;
            match (from_product, &grads[1]) {
                (Some(d), Some(grad)) => d.add(grad),
                (Some(d), None) => Ok(d),
                (None, grad) => Ok(grad.clone().unwrap()),
            }
        };
        Ok(vec![Some(of(&y)?), Some(of(&x)?)])
    });
    let sum = outputs.pop().unwrap();
    (outputs.pop().unwrap(), sum)
}

#[test]
fn several_outputs_share_one_derivative() {
    let (a, b, seen) = (leaf(2.0), leaf(5.0), Seen::default());
    let (product, sum) = product_and_sum(&a, &b, &seen);
    // a b (a + b): 2ab + b² by a. The sum is used twice, and the op still goes backward once.
    let y = product.mul(&sum).unwrap();
    assert_eq!(gradient(&y.backward().unwrap(), &a), 45.0);
    assert_eq!(gradient(&sum.square().unwrap().backward().unwrap(), &b), 14.0);
    assert_eq!(*seen.lock().unwrap(), [(true, true), (false, true)]);
}

#[test]
fn an_output_of_several_can_be_differentiated_by_and_again() {
    let (a, b, seen) = (leaf(2.0), leaf(5.0), Seen::default());
    let (product, sum) = product_and_sum(&a, &b, &seen);
    let y = product.mul(&sum.square().unwrap()).unwrap();
    let by = grad(&y, &[&sum, &product, &a], Graph::Keep).unwrap();
    assert_eq!(by[0].item().unwrap(), 2.0 * 10.0 * 7.0);
    assert_eq!(by[1].item().unwrap(), 49.0);
    // By the outputs alone: the op itself is not gone through.
    let calls = seen.lock().unwrap().len();
    assert_eq!(grad(&y, &[&product], Graph::Drop).unwrap()[0].item().unwrap(), 49.0);
    assert_eq!(seen.lock().unwrap().len(), calls);
    // ∂²/∂a∂b of a b (a + b)² is 3a² + 8ab + 3b².
    let second = grad(&by[2], &[&b], Graph::Drop).unwrap().remove(0);
    assert_eq!(second.item().unwrap(), 12.0 + 80.0 + 75.0);
}

#[test]
fn outputs_that_are_not_floats_are_constants() {
    let x = leaf(2.5);
    let values = vec![x.value().clone(), Tensor::from([1i64])];
    let outputs = Var::from_op_outputs("parts", &[&x], values, |grads| Ok(vec![grads[0].clone()]));
    assert!(outputs[0].requires_grad() && !outputs[1].requires_grad());
    assert_eq!(gradient(&outputs[0].backward().unwrap(), &x), 1.0);
}

#[test]
fn leaves_come_one_by_one_when_complete() {
    let (a, b, unused) = (leaf(2.0), leaf(3.0), leaf(1.0));
    let early = b.square().unwrap();
    let y = early.mul(&a).unwrap().add(&early).unwrap().add(&a).unwrap(); // a b² + b² + a
    let mut came = Vec::new();
    y.backward_each(|id, grad| {
        came.push((id, grad.item()?));
        Ok(())
    })
    .unwrap();
    // b is used by the oldest op, so its gradient is the last to be complete.
    assert_eq!(came, [(a.leaf_id().unwrap(), 10.0), (b.leaf_id().unwrap(), 18.0)]);
    assert!(came.iter().all(|(id, _)| Some(*id) != unused.leaf_id()));
    let mut itself = 0;
    a.backward_each(|_, _| {
        itself += 1;
        Ok(())
    })
    .unwrap();
    assert_eq!(itself, 1);
}

#[test]
fn a_leaf_behind_an_op_without_gradient_comes_at_the_end() {
    let x = leaf(2.0);
    let blocked = Var::from_op("block", &[&x.square().unwrap()], Tensor::scalar(1.0f64), |_, _| {
        Ok(vec![None])
    });
    let y = blocked.mul(&x).unwrap();
    let mut came = Vec::new();
    y.backward_each(|id, grad| {
        came.push((id, grad.item()?));
        Ok(())
    })
    .unwrap();
    assert_eq!(came, [(x.leaf_id().unwrap(), 1.0)]);
}

#[test]
fn a_fault_of_the_receiver_ends_the_pass() {
    let y = leaf(2.0).mul(&leaf(3.0)).unwrap();
    let mut calls = 0;
    let stop = |_, _: Tensor| {
        calls += 1;
        Err(Error::NoGradient { op: "stop" })
    };
    assert_eq!(y.backward_each(stop), Err(Error::NoGradient { op: "stop" }));
    assert_eq!(calls, 1);
}
