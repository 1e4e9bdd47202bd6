//! What holds for the layers whose input is ids: they have no derivative by it.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use gradus_autograd::{Module, gradcheck, gradgradcheck};
use gradus_core::{DType, Key, Keys};
use gradus_nn::{Ctx, Embedding, Layer, Tensor, Var, cast};

fn embedding(seed: u64) -> Embedding {
    let mut layer = Embedding::new(5, 3, &mut Keys::new(seed)).unwrap();
    cast(&mut layer, DType::F64).unwrap();
    layer
}

fn ids() -> Tensor {
    Tensor::new([[4, 0], [1, 4]])
}

fn run(layer: &impl Layer, ids: &Tensor) -> Tensor {
    layer.forward(&Var::from(ids), &mut Ctx::eval()).unwrap().into_value()
}

#[test]
fn the_gradient_of_the_table_agrees_with_differences() {
    let table = embedding(1).weight.value().clone();
    let f = |x: &[Var]| x[0].embedding(&ids())?.sin();
    gradcheck(f, std::slice::from_ref(&table)).unwrap();
    gradgradcheck(f, std::slice::from_ref(&table)).unwrap();
    let layer = embedding(1);
    let y = layer.forward(&Var::from(ids()), &mut Ctx::eval()).unwrap().sum(..).unwrap();
    let grad = y.backward().unwrap().remove(&layer.weight).unwrap();
    assert_eq!(grad.sum(-1).unwrap().to_vec::<f64>().unwrap(), [3.0, 3.0, 0.0, 0.0, 6.0]);
}

#[test]
fn state_makes_the_round_trip() {
    let (a, mut b) = (embedding(1), embedding(2));
    assert!(!run(&a, &ids()).equal(&run(&b, &ids())));
    b.load_state_dict(&a.state_dict()).unwrap();
    assert!(run(&a, &ids()).equal(&run(&b, &ids())));
}

#[test]
fn rows_and_views_have_the_bits_they_have_alone() {
    let (layer, ids) = (embedding(1), Tensor::randint(0, 5, [40, 3], Key::new(3)).unwrap());
    let whole = run(&layer, &ids);
    for row in [0, 39] {
        let alone = run(&layer, &ids.narrow(0, row, 1).unwrap());
        assert!(alone.equal(&whole.narrow(0, row, 1).unwrap()));
    }
    let view = ids.t().unwrap().contiguous().t().unwrap();
    assert!(run(&layer, &view).equal(&whole));
}

#[test]
fn an_id_outside_the_table_is_an_error_with_the_path() {
    for id in [5, -1] {
        let forward = |ctx: &mut Ctx| embedding(1).forward(&Var::from(Tensor::new([id])), ctx);
        let error = Ctx::eval().at("wte", forward).unwrap_err().to_string();
        assert!(error.starts_with("wte: "), "{error}");
    }
}
