//! Flows learn what they are shown.

use gradus_core::{DType, Key, Keys};
use gradus_generate::flow::{Denoise, Flow, Grid, Guided, Samples, Solver, Target};
use gradus_models::{
    Consistency, Denoiser, Diffusion, Edm, FlowMlp, FlowMlpConfig, FlowUNetConfig, Process,
    TimeConditioned, drop_classes,
};
use gradus_nn::Ctx;
use gradus_tensor::Tensor;

use crate::descent::adam;
use crate::tiny::numbers;

fn mlp(features: usize, classes: usize) -> FlowMlp {
    let n_blocks = if features == 1 { 1 } else { 2 };
    let config = FlowMlpConfig { width: 32, n_blocks, classes, ..FlowMlpConfig::new(features) };
    config.init(&mut Keys::new(7)).unwrap()
}

/// Two half circles that hold each other, with a little noise: `[rows, 2]`.
fn moons(rows: usize, key: Key) -> Tensor {
    let point = |i: usize| {
        let (i, angle) = (i as u64, std::f64::consts::PI * key.uniform(i as u64));
        let near = |x: f64, j| (x + 0.05 * key.fold_in(1).normal(2 * i + j)) as f32;
        let (x, y) = (angle.cos(), angle.sin());
        if i.is_multiple_of(2) {
            [near(x, 0), near(y, 1)]
        } else {
            [near(1.0 - x, 0), near(0.5 - y, 1)]
        }
    };
    Tensor::from_vec((0..rows).flat_map(point).collect::<Vec<_>>(), [rows, 2]).unwrap()
}

/// The sliced Wasserstein distance of order 2 between two clouds of equally many points of the plane.
fn sliced_w2(a: &Tensor, b: &Tensor) -> f64 {
    const SLICES: usize = 32;
    let (a, b) = (numbers(a), numbers(b));
    let squared = |k: usize| {
        let (sin, cos) = (std::f64::consts::PI * k as f64 / SLICES as f64).sin_cos();
        let shadow = |points: &[f64]| {
            let mut shadow: Vec<f64> = points.chunks(2).map(|p| cos * p[0] + sin * p[1]).collect();
            shadow.sort_by(f64::total_cmp);
            shadow
        };
        let (a, b) = (shadow(&a), shadow(&b));
        a.iter().zip(&b).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / a.len() as f64
    };
    ((0..SLICES).map(squared).sum::<f64>() / SLICES as f64).sqrt()
}

fn sample(model: &impl Denoise, flow: &Flow, samples: Samples) -> Tensor {
    flow.run(model, samples).unwrap().collect_all().unwrap().value
}

#[test]
fn flow_matching_learns_two_moons() {
    let mut net = mlp(2, 0);
    let process = Diffusion::FLOW_MATCHING;
    let held_out = moons(400, Key::new(99));
    let distance = |net: &FlowMlp| {
        let flow = Flow { grid: Grid::Uniform(8), ..Flow::default() };
        let drawn = sample(&Denoiser::new(net, process), &flow, Samples::new(400, [2]));
        sliced_w2(&drawn, &held_out)
    };
    let untrained = distance(&net);
    for (steps, rate) in [(150, 6e-3), (50, 1e-3)] {
        adam(&mut net, steps, rate, |net, step| {
            let (data, key) = (moons(96, Key::new(step)), Key::new(step));
            process.loss(net, &data, None, key, &mut Ctx::train(key)).unwrap()
        });
    }
    let (trained, floor) = (distance(&net), sliced_w2(&moons(400, Key::new(98)), &held_out));
    assert!(trained < 0.14 && trained < untrained / 4.0, "{trained} {untrained} {floor}");
}

/// One number: −2 in a quarter of all cases, class 0, and 2 in the others, class 1; with some noise.
fn mixture(rows: usize, key: Key) -> (Tensor, Tensor) {
    let classes: Vec<i64> = (0..rows as u64).map(|i| i64::from(key.uniform(i) > 0.25)).collect();
    let near = |(i, &class): (usize, &i64)| {
        (4 * class - 2) as f32 + 0.3 * key.fold_in(1).normal(i as u64) as f32
    };
    let data: Vec<f32> = classes.iter().enumerate().map(near).collect();
    (Tensor::from_vec(data, [rows, 1]).unwrap(), Tensor::from(classes))
}

#[test]
fn a_mixture_keeps_its_weights_and_its_classes() {
    let mut net = mlp(1, 2);
    let edm = Edm { sigma_data: 1.75, mean: 0.0, std: 1.2 };
    adam(&mut net, 200, 5e-3, |net, step| {
        let (data, classes) = mixture(96, Key::new(step));
        let told = drop_classes(&classes, net.classes(), 0.3, Key::new(step)).unwrap();
        edm.loss(net, &data, Some(&told), Key::new(step), &mut Ctx::eval()).unwrap()
    });
    let flow = Flow { solver: Solver::Heun, grid: Grid::karras(12) };
    let plain = Denoiser::new(&net, edm);
    let drawn = numbers(&sample(&plain, &flow, Samples::new(600, [1]).seed(5)));
    let right = drawn.iter().filter(|x| **x > 0.0).count() as f64 / 600.0;
    assert!((right - 0.75).abs() < 0.07, "{right}");
    let between = drawn.iter().filter(|x| x.abs() < 1.0).count();
    assert!(between < 30, "{between} of 600 lie between the modes");

    let classes: Vec<u32> = (0..40).map(|i| i % 2).collect();
    let told = plain.clone().with_classes(classes).unwrap();
    let guided = Guided { conditional: told.clone(), plain, scale: 1.5 };
    for model in [&told as &dyn Denoise, &guided] {
        let drawn = numbers(&sample(&model, &flow, Samples::new(40, [1]).seed(6)));
        let right = drawn.iter().enumerate().filter(|(i, x)| (i % 2 == 1) == (**x > 0.0));
        assert!(right.count() >= 39, "{drawn:?}");
    }
}

#[test]
fn a_consistency_model_draws_in_one_call() {
    const SPREAD: f64 = 0.5;
    let mut net = mlp(1, 0);
    let model = Consistency { sigma_max: 10.0, levels: 12, ..Consistency::default() };
    let data = |key| Tensor::normal(1.0, SPREAD, [128, 1], DType::F32, key).unwrap();
    for (steps, rate) in [(200, 4e-3), (100, 5e-4)] {
        adam(&mut net, steps, rate, |net, step| {
            let (data, key) = (data(Key::new(step)), Key::new(step));
            model.loss([net; 2], &data, None, key, &mut Ctx::eval()).unwrap()
        });
    }
    for (solver, times) in
        [(Solver::Direct, vec![10.0, 0.0]), (Solver::Renoise, vec![10.0, 1.0, 0.0])]
    {
        let flow = Flow { solver, grid: Grid::Times(times) };
        let drawn = sample(&Denoiser::new(&net, model), &flow, Samples::new(1000, [1]).seed(5));
        let (mean, std) = (drawn.mean(..).unwrap(), drawn.std(.., 1.0).unwrap());
        let (mean, std) = (mean.item().unwrap(), std.item().unwrap());
        assert!((mean - 1.0).abs() < 0.2, "{solver:?}: {mean}");
        assert!((std - SPREAD).abs() < 0.15, "{solver:?}: {std}");
    }
}

#[test]
fn a_u_net_draws_the_image_of_a_class() {
    let images = Tensor::rand([2, 1, 5, 6], DType::F32, Key::new(1)).unwrap();
    let config =
        FlowUNetConfig { widths: vec![8, 16], told: 16, classes: 2, ..FlowUNetConfig::new(1) };
    let mut net = config.init(&mut Keys::new(7)).unwrap();
    let process = Diffusion { target: Target::Data, ..Diffusion::FLOW_MATCHING };
    let classes = Tensor::from([0i64, 1].repeat(4));
    let data = images.repeat(&[4, 1, 1, 1]).unwrap();
    for (steps, rate) in [(40, 1e-2), (20, 2e-3)] {
        adam(&mut net, steps, rate, |net, step| {
            process.loss(net, &data, Some(&classes), Key::new(step), &mut Ctx::eval()).unwrap()
        });
    }
    let model = Denoiser::new(&net, process).with_classes([1, 0, 1]).unwrap();
    let drawn = sample(&model, &Flow::default(), Samples::new(3, [1, 5, 6]).seed(2));
    for (row, class) in [1, 0, 1].into_iter().enumerate() {
        let off = |image: usize| {
            let off = drawn.select(0, row).unwrap().sub(&images.select(0, image).unwrap()).unwrap();
            off.square().unwrap().mean(..).unwrap().item().unwrap().sqrt()
        };
        assert!(off(class) < 0.1 && off(1 - class) > 0.25, "{} {}", off(class), off(1 - class));
    }
}

/// Networks whose last layer is no longer zero.
fn nets() -> Vec<(Box<dyn TimeConditioned>, Vec<usize>)> {
    fn lively<M: TimeConditioned + 'static>(
        mut net: M,
        classes: usize,
    ) -> Box<dyn TimeConditioned> {
        for (i, (_, param)) in net.named_parameters_mut().into_iter().enumerate() {
            let shape = param.value().shape().clone();
            let noise = Tensor::randn(shape, DType::F32, Key::new(i as u64)).unwrap();
            param.set_value(param.value().add(&noise.mul_scalar(0.1).unwrap()).unwrap()).unwrap();
        }
        assert_eq!(net.classes(), classes);
        Box::new(net)
    }
    let unet = |widths| FlowUNetConfig { widths, told: 8, classes: 3, ..FlowUNetConfig::new(2) };
    let keys = &mut Keys::new(7);
    vec![
        (lively(mlp(6, 3), 3), vec![6]),
        (lively(mlp(6, 3), 3), vec![3, 2]),
        (lively(unet(vec![4, 8]).init(keys).unwrap(), 3), vec![2, 5, 4]),
        (lively(unet(vec![4, 8, 4]).init(keys).unwrap(), 3), vec![2, 1, 7]),
        (lively(unet(vec![4]).init(keys).unwrap(), 3), vec![2, 3, 3]),
    ]
}

#[test]
fn a_row_does_not_depend_on_its_batch() {
    for (net, shape) in nets() {
        let whole = [&[4][..], &shape].concat();
        let x = Tensor::randn(whole, DType::F32, Key::new(3)).unwrap();
        let (times, classes) = ([0.1, 0.5, 0.7, 0.9], Tensor::from(vec![0i64, 1, 2, 3]));
        let run = |x: &Tensor, times: &[f64], classes: &Tensor| {
            let y = net.forward_at(&x.into(), times, Some(classes), &mut Ctx::eval()).unwrap();
            assert_eq!(y.dims(), x.dims());
            y.into_value()
        };
        let all = run(&x, &times, &classes);
        for row in 0..4 {
            let one = |x: &Tensor| x.narrow(0, row, 1).unwrap();
            let alone = run(&one(&x), &times[row..=row], &one(&classes));
            assert!(alone.equal(&one(&all)), "{shape:?}");
        }
        // The time and the class both count.
        let first = x.narrow(0, 0, 1).unwrap();
        let zero = Tensor::from(vec![0i64]);
        let base = run(&first, &[0.1], &zero);
        assert!(!base.equal(&run(&first, &[0.2], &zero)));
        assert!(!base.equal(&run(&first, &[0.1], &Tensor::from(vec![3i64]))));
    }
}

#[test]
fn what_a_network_cannot_take_is_said() {
    for (net, shape) in nets() {
        let x = Tensor::zeros([&[2][..], &shape].concat(), DType::F32).unwrap();
        let run = |x: &Tensor, times: &[f64], classes: Option<Vec<i64>>| {
            let classes = classes.map(Tensor::from);
            net.forward_at(&x.into(), times, classes.as_ref(), &mut Ctx::eval())
        };
        let some = || Some(vec![0i64, 3]);
        assert!(run(&x, &[0.5; 2], some()).is_ok());
        assert!(run(&x, &[0.5; 2], None).is_err(), "a class for each row");
        assert!(run(&x, &[0.5; 2], Some(vec![0])).is_err(), "a class for each row");
        assert!(run(&x, &[0.5; 2], Some(vec![0, 4])).is_err(), "3 is the last");
        assert!(run(&x, &[0.5; 2], Some(vec![-1, 0])).is_err());
        assert!(run(&x, &[0.5; 3], some()).is_err(), "a time for each row");
        let wide = Tensor::zeros([2, 7, 5, 4], DType::F32).unwrap();
        assert!(run(&wide, &[0.5; 2], some()).is_err());
        assert!(run(&Tensor::scalar(1.0f32), &[0.5; 2], some()).is_err());
    }
    let net = mlp(2, 2);
    assert!(Denoiser::new(&net, Diffusion::DDPM).with_classes([0, 3]).is_err());
    assert!(Denoiser::new(&mlp(2, 0), Diffusion::DDPM).with_classes([0]).is_err());
    let two = Denoiser::new(&net, Diffusion::FLOW_MATCHING).with_classes([0, 1]).unwrap();
    let run = Flow::default().run(&two, Samples::new(3, [2])).unwrap().collect_all();
    assert!(run.is_err(), "two classes for three rows");
    assert_eq!(Diffusion::DDPM.target(), Target::Noise);
    for config in [
        FlowMlpConfig { features: 0, ..FlowMlpConfig::new(1) },
        FlowMlpConfig { width: 0, ..FlowMlpConfig::new(1) },
    ] {
        assert!(config.init(&mut Keys::new(7)).is_err());
    }
    for config in [
        FlowUNetConfig { widths: vec![], ..FlowUNetConfig::new(1) },
        FlowUNetConfig { widths: vec![6], ..FlowUNetConfig::new(1) },
        FlowUNetConfig { widths: vec![4, 0], ..FlowUNetConfig::new(1) },
        FlowUNetConfig { told: 0, ..FlowUNetConfig::new(1) },
        FlowUNetConfig::new(0),
    ] {
        assert!(config.init(&mut Keys::new(7)).is_err(), "{config:?}");
    }
}
