//! The perceptron, Boltzmann machines and the U-shaped network.

use gradus_autograd::{Var, gradcheck};
use gradus_core::{DType, Key, Keys};
use gradus_models::{DeepBelief, Perceptron, Rbm, UNetConfig, VisibleUnits};
use gradus_nn::{Ctx, Layer, Module, cast, loss};
use gradus_tensor::Tensor;
use proptest::prelude::*;

use crate::descent::adam;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn mistakes_stay_below_the_bound(seed: u64) {
        // Rows that a hidden pair of weights tells apart, with a margin.
        let x = Tensor::randn([60, 3], DType::F32, Key::new(seed)).unwrap();
        let rows = x.to_vec::<f32>().unwrap();
        let score = |row: &[f32]| 2.0 * row[0] - row[1] + 0.5 * row[2];
        let rows: Vec<&[f32]> = rows.chunks(3).filter(|row| score(row).abs() > 0.3).collect();
        let classes: Vec<i64> = rows.iter().map(|row| i64::from(score(row) > 0.0)).collect();
        let n = rows.len();
        let x = Tensor::from_vec(rows.concat(), [n, 3]).unwrap();
        let classes = Tensor::from_vec(classes, [n]).unwrap();
        let mut perceptron = Perceptron::new(3, 2).unwrap();
        let mistakes = perceptron.fit(&x, &classes, 10_000).unwrap();
        prop_assert_eq!(mistakes.last(), Some(&0));
        prop_assert!(perceptron.predict(&x).unwrap().equal(&classes));
        // R² ≤ max ‖row‖² + 1; both classes move at once, by rows that count twice.
        let r2 = rows.iter().map(|row| row.iter().map(|x| x * x).sum::<f32>() + 1.0);
        let r2 = r2.fold(0.0, f32::max);
        let gamma2 = rows.iter().map(|row| score(row).abs()).fold(f32::INFINITY, f32::min).powi(2) / 5.25;
        prop_assert!(mistakes.iter().sum::<usize>() as f32 <= r2 / gamma2);
    }
}

#[test]
fn the_perceptron_learns_more_than_two_classes_and_refuses_others() {
    let x =
        Tensor::new([[2.0, 0.0], [3.0, 1.0], [-2.0, 1.0], [-3.0, 0.0], [0.0, -4.0], [1.0, -5.0]]);
    let classes = Tensor::new([0, 0, 1, 1, 2, 2]);
    let mut perceptron = Perceptron::new(2, 3).unwrap();
    assert_eq!(perceptron.fit(&x, &classes, 100).unwrap().last(), Some(&0));
    assert!(perceptron.predict(&x).unwrap().equal(&classes));
    let before = perceptron.state_dict();
    assert!(perceptron.learn(&x, &Tensor::new([0, 0, 1, 1, 2, 3])).is_err());
    assert!(perceptron.learn(&x, &Tensor::new([0, 0])).is_err());
    assert!(perceptron.learn(&Tensor::new([[1.0]]), &Tensor::new([0])).is_err());
    assert!(before.iter().all(|(path, value)| perceptron.state_dict()[path].equal(value)));
    assert!(Perceptron::new(0, 2).is_err() && Perceptron::new(2, 1).is_err());
}

fn bits(number: usize, len: usize) -> Vec<f64> {
    (0..len).map(|i| (number >> i & 1) as f64).collect()
}

/// A machine of four visible and three hidden units, in f64, with weights that matter.
fn small(units: VisibleUnits) -> Rbm {
    let mut rbm = Rbm::new(4, 3, units, &mut Keys::new(1)).unwrap();
    cast(&mut rbm, DType::F64).unwrap();
    for (i, (_, param)) in rbm.named_parameters_mut().into_iter().enumerate() {
        let value = Tensor::randn(param.shape(), DType::F64, Key::new(i as u64)).unwrap();
        param.set_value(value).unwrap();
    }
    rbm
}

/// E(v, h) by the formula.
fn energy(rbm: &Rbm, v: &[f64], h: &[f64]) -> f64 {
    let [w, b, c] = [&rbm.weight, &rbm.visible_bias, &rbm.hidden_bias]
        .map(|param| param.value().to_vec::<f64>().unwrap());
    let mut energy = -h.iter().zip(&c).map(|(h, c)| h * c).sum::<f64>();
    for (j, h) in h.iter().enumerate() {
        energy -= h * v.iter().enumerate().map(|(i, v)| w[j * 4 + i] * v).sum::<f64>();
    }
    energy
        + match rbm.units {
            VisibleUnits::Bernoulli => -v.iter().zip(&b).map(|(v, b)| v * b).sum::<f64>(),
            VisibleUnits::Gaussian => {
                v.iter().zip(&b).map(|(v, b)| (v - b).powi(2)).sum::<f64>() / 2.0
            }
        }
}

#[test]
fn free_energy_and_conditionals_are_those_of_the_sum_over_hidden_units() {
    for units in [VisibleUnits::Bernoulli, VisibleUnits::Gaussian] {
        let rbm = small(units);
        let v = vec![0.3, 1.0, 0.0, 0.8];
        let weights: Vec<f64> = (0..8).map(|h| (-energy(&rbm, &v, &bits(h, 3))).exp()).collect();
        let z: f64 = weights.iter().sum();
        let var = Var::from(Tensor::from_vec(v, [4]).unwrap());
        let free = rbm.free_energy(&var).unwrap().item().unwrap();
        assert!((free + z.ln()).abs() < 1e-12);
        let p = rbm.hidden_probabilities(&var).unwrap().value().to_vec::<f64>().unwrap();
        for (j, p) in p.into_iter().enumerate() {
            let on: f64 = (0..8).filter(|h| h >> j & 1 == 1).map(|h| weights[h]).sum();
            assert!((p - on / z).abs() < 1e-12);
        }
        let check = gradcheck(|x| Ok(rbm.free_energy(&x[0]).unwrap()), &[var.into_value()]);
        assert!(check.is_ok(), "{check:?}");
    }
}

/// The probability of every visible vector.
fn exact(rbm: &Rbm) -> Vec<f64> {
    let all = Tensor::from_vec((0..16).flat_map(|v| bits(v, 4)).collect::<Vec<f64>>(), [16, 4]);
    let free = rbm.free_energy(&Var::from(all.unwrap())).unwrap();
    free.neg().unwrap().softmax(-1).unwrap().value().to_vec::<f64>().unwrap()
}

#[test]
fn walks_visit_vectors_as_often_as_they_are_probable() {
    const CHAINS: usize = 20_000;
    let rbm = small(VisibleUnits::Bernoulli);
    let start = Tensor::zeros([CHAINS, 4], DType::F64).unwrap();
    let end = rbm.gibbs(&start, 60, Key::new(3)).unwrap().to_vec::<f64>().unwrap();
    let mut counts = [0.0; 16];
    for v in end.chunks(4) {
        let number = v.iter().enumerate().map(|(i, &v)| (v as usize) << i).sum::<usize>();
        counts[number] += 1.0 / CHAINS as f64;
    }
    for (count, p) in counts.into_iter().zip(exact(&rbm)) {
        // Four standard deviations of a share.
        assert!(
            (count - p).abs() < 4.0 * (p * (1.0 - p) / CHAINS as f64).sqrt() + 1e-4,
            "{count} {p}"
        );
    }
}

#[test]
fn both_divergences_make_the_data_probable() {
    let data = Tensor::from_vec([bits(0b0011, 4), bits(0b1100, 4)].concat(), [2, 4]).unwrap();
    let of_data = |rbm: &Rbm| exact(rbm)[0b0011] + exact(rbm)[0b1100];
    let fresh = || {
        let mut rbm = Rbm::new(4, 3, VisibleUnits::Bernoulli, &mut Keys::new(5)).unwrap();
        cast(&mut rbm, DType::F64).unwrap();
        rbm
    };
    let many = Tensor::cat(&vec![data.clone(); 20], 0).unwrap();
    let mut plain = fresh();
    assert!(of_data(&plain) < 0.2);
    adam(&mut plain, 400, 0.05, |rbm, t| rbm.loss(&many, 1, Key::new(t)).unwrap());
    assert!(of_data(&plain) > 0.8, "{}", of_data(&plain));
    assert!(plain.reconstruction_error(&data).unwrap() < 0.02);
    let mut persistent = fresh();
    let chains = std::cell::RefCell::new(Tensor::zeros([40, 4], DType::F64).unwrap());
    adam(&mut persistent, 400, 0.05, |rbm, t| {
        rbm.loss_from(&many, &mut chains.borrow_mut(), 2, Key::new(t)).unwrap()
    });
    assert!(of_data(&persistent) > 0.8, "{}", of_data(&persistent));
}

#[test]
fn gaussian_units_find_two_clouds() {
    let mut rbm = Rbm::new(2, 2, VisibleUnits::Gaussian, &mut Keys::new(1)).unwrap();
    let noise = Tensor::randn([100, 2], DType::F32, Key::new(2)).unwrap();
    let side = Tensor::from_vec(
        (0..100).map(|i| if i % 2 == 0 { 3.0f32 } else { -3.0 }).collect(),
        [100, 1],
    );
    let data = noise.add(&side.unwrap()).unwrap();
    let before = rbm.reconstruction_error(&data).unwrap();
    adam(&mut rbm, 300, 0.05, |rbm, t| rbm.loss(&data, 1, Key::new(t)).unwrap());
    let after = rbm.reconstruction_error(&data).unwrap();
    assert!(before > 8.0 && after < 2.0, "{before} {after}");
}

#[test]
fn machines_refuse_what_does_not_fit() {
    let rbm = Rbm::new(4, 3, VisibleUnits::Bernoulli, &mut Keys::new(1)).unwrap();
    let data = Tensor::ones([2, 4], DType::F32).unwrap();
    assert!(rbm.loss(&data, 0, Key::new(1)).unwrap_err().to_string().contains("steps"));
    assert!(rbm.loss(&data.narrow(1, 0, 3).unwrap(), 1, Key::new(1)).is_err());
    assert!(rbm.loss(&data.narrow(0, 0, 0).unwrap(), 1, Key::new(1)).is_err());
    assert!(Rbm::new(0, 3, VisibleUnits::Bernoulli, &mut Keys::new(1)).is_err());
    assert!(DeepBelief::new(&[4], VisibleUnits::Bernoulli, &mut Keys::new(1)).is_err());
    let stack = DeepBelief::new(&[4, 2], VisibleUnits::Bernoulli, &mut Keys::new(1)).unwrap();
    assert!(stack.loss(1, &data, 1, Key::new(1)).is_err());
}

#[test]
fn a_stack_becomes_the_network_that_computes_it() {
    let mut keys = Keys::new(1);
    let mut stack = DeepBelief::new(&[4, 3, 2], VisibleUnits::Bernoulli, &mut keys).unwrap();
    for (i, (_, param)) in stack.named_parameters_mut().into_iter().enumerate() {
        let value = Tensor::randn(param.shape(), DType::F32, Key::new(i as u64)).unwrap();
        param.set_value(value).unwrap();
    }
    let data = Tensor::rand([5, 4], DType::F32, Key::new(9)).unwrap();
    let hidden = stack.input_of(1, &data).unwrap();
    let top = stack.layers[1].hidden_probabilities(&Var::from(hidden)).unwrap();
    let mut mlp = stack.into_mlp(2, &mut keys).unwrap();
    let features = mlp.features(&Var::from(&data), &mut Ctx::eval()).unwrap();
    assert!(features.value().allclose(top.value(), 1e-6, 1e-6).unwrap());
    let classes = Tensor::new([0, 1, 0, 1, 1]);
    let last = adam(&mut mlp, 300, 0.1, |mlp, _| {
        let logits = mlp.forward(&Var::from(&data), &mut Ctx::eval()).unwrap();
        loss::cross_entropy(&logits, &classes, loss::CrossEntropy::default()).unwrap()
    });
    assert!(last < 0.1, "{last}");
}

#[test]
fn the_u_shaped_network_finds_the_bright_square() {
    let config = UNetConfig { widths: vec![4, 8], ..UNetConfig::new(1, 1) };
    let mut net = config.init(&mut Keys::new(1)).unwrap();
    // A square of 4×4 pixels, brighter by as much as the noise is strong.
    let mut mask = vec![0.0f32; 3 * 81];
    for (image, (top, left)) in [(1, 2), (4, 4), (3, 0)].into_iter().enumerate() {
        for pixel in 0..16 {
            mask[image * 81 + (top + pixel / 4) * 9 + left + pixel % 4] = 1.0;
        }
    }
    let mask = Var::from(Tensor::from_vec(mask, [3, 1, 9, 9]).unwrap());
    let noise = Tensor::randn([3, 1, 9, 9], DType::F32, Key::new(2)).unwrap();
    let image = mask.add(&noise.mul_scalar(0.5).unwrap().into()).unwrap();
    let last = adam(&mut net, 60, 0.03, |net, t| {
        let logits = net.forward(&image, &mut Ctx::train(Key::new(t))).unwrap();
        assert_eq!(logits.dims(), mask.dims());
        loss::dice(&logits.sigmoid().unwrap(), &mask, 1.0, loss::Reduction::Mean).unwrap()
    });
    assert!(last < 0.1, "{last}");
    let error = net.forward(&image.narrow(2, 0, 1).unwrap(), &mut Ctx::eval()).unwrap_err();
    assert!(error.to_string().starts_with("downs.0"), "{error}");
}
