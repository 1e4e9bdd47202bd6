//! Autoencoders and adversaries.

use std::f64::consts::TAU;

use gradus_autograd::Var;
use gradus_core::{DType, Key, Keys};
use gradus_generate::flow::{Flow, Grid, Samples, Solver};
use gradus_models::{
    Decode, Decoder, Elbo, Encoder, Gan, GanConfig, Likelihood, OneShot, Posterior, Vae, VaeConfig,
};
use gradus_nn::{Ctx, Module, cast};
use gradus_tensor::Tensor;

use crate::descent::adam;
use crate::tiny::numbers;

const DIRECT: Flow = Flow { solver: Solver::Direct, grid: Grid::Uniform(1) };

fn draw(model: &dyn Decode, rows: usize, seed: u64) -> Tensor {
    let noise = Samples::new(rows, [model.latent()]).seed(seed);
    DIRECT.run(&OneShot::new(model), noise).unwrap().collect_all().unwrap().value
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn the_divergence_is_the_mean_of_its_definition() {
    let rows = 20_000;
    let all = |value: [f64; 2]| Var::constant(Tensor::from([value]).expand([rows, 2]).unwrap());
    let (means, logs) = ([0.8, -0.3], [-1.0, 0.5]);
    let law = Posterior { mean: all(means), log_var: all(logs) };
    let exact = numbers(law.kl().unwrap().value())[0];
    let z = numbers(law.sample(Key::new(5)).unwrap().value());
    // ln q(z) − ln p(z); the constants cancel.
    let each: Vec<f64> = z
        .chunks(2)
        .map(|z| {
            (0..2)
                .map(|j| {
                    let off = (z[j] - means[j]).powi(2) / logs[j].exp();
                    0.5 * (z[j] * z[j] - off - logs[j])
                })
                .sum()
        })
        .collect();
    let center = mean(&each);
    let sigma = (each.iter().map(|x| (x - center).powi(2)).sum::<f64>() / each.len() as f64).sqrt();
    let error = sigma / (rows as f64).sqrt();
    assert!((center - exact).abs() < 5.0 * error && error < 0.02, "{center} ± {error}, {exact}");
}

const STD: f64 = 0.5;
const MAP: [f64; 2] = [1.2, -0.7];
const SHIFT: [f64; 2] = [0.3, 0.1];

/// x = MAP·z + SHIFT + noise: a linear decoder, and a linear encoder that is ideal but for `off`.
fn linear(off: f64) -> Vae {
    let config =
        VaeConfig { widths: vec![], ..VaeConfig::new([2], 1, Likelihood::Gaussian { std: STD }) };
    let mut vae = config.init(&mut Keys::new(7)).unwrap();
    cast(&mut vae, DType::F64).unwrap();
    let (Encoder::Vector(encoder), Decoder::Vector(decoder)) = (&mut vae.encoder, &mut vae.decoder)
    else {
        panic!("vectors have fully connected networks");
    };
    let set = |layer: &mut gradus_nn::Linear, weight: Vec<f64>, bias: Vec<f64>| {
        let shape = layer.weight.shape().clone();
        layer.weight.set_value(Tensor::from_vec(weight, shape).unwrap()).unwrap();
        layer.bias.as_mut().unwrap().set_value(Tensor::from(bias)).unwrap();
    };
    set(&mut decoder.layers[0], MAP.to_vec(), SHIFT.to_vec());
    let variance = 1.0 / (1.0 + (MAP[0] * MAP[0] + MAP[1] * MAP[1]) / (STD * STD));
    let gain = MAP.map(|w| variance * w / (STD * STD));
    let bias = -(gain[0] * SHIFT[0] + gain[1] * SHIFT[1]) + off;
    set(&mut encoder.layers[0], vec![gain[0], gain[1], 0.0, 0.0], vec![bias, variance.ln() + off]);
    vae
}

#[test]
fn the_bound_is_below_the_likelihood_and_reaches_it() {
    let x = [0.9, -1.4];
    // ln N(x; SHIFT, MAP MAPᵀ + STD² I)
    let v = STD * STD;
    let (a, b, c) = (MAP[0] * MAP[0] + v, MAP[0] * MAP[1], MAP[1] * MAP[1] + v);
    let (det, d) = (a * c - b * b, [x[0] - SHIFT[0], x[1] - SHIFT[1]]);
    let form = (c * d[0] * d[0] - 2.0 * b * d[0] * d[1] + a * d[1] * d[1]) / det;
    let exact = -0.5 * form - 0.5 * det.ln() - TAU.ln();
    let rows = 20_000;
    let data = Tensor::from([x]).repeat(&[rows, 1]).unwrap();
    let bound = |off: f64| {
        let vae = linear(off);
        let Elbo { log_likelihood, kl } =
            vae.elbo(&data, None, Key::new(3), &mut Ctx::eval()).unwrap();
        let each = numbers(log_likelihood.sub(&kl).unwrap().value());
        let loss = vae.loss(&data, None, Key::new(3), &mut Ctx::eval()).unwrap().item().unwrap();
        assert!((loss + mean(&each)).abs() < 1e-9 * loss.abs());
        mean(&each)
    };
    let best = bound(0.0);
    assert!((best - exact).abs() < 0.03, "{best} {exact}");
    for off in [-0.5, 0.5] {
        assert!(bound(off) < exact - 0.1, "{} {exact}", bound(off));
    }
}

#[test]
fn likelihoods_are_those_of_their_laws() {
    // One row of two numbers.
    let run = |likelihood, data: &Tensor| {
        let vae = VaeConfig::new([2], 2, likelihood).init(&mut Keys::new(7)).unwrap();
        let ctx = &mut Ctx::eval();
        // The draw of the bound, once more.
        let z = vae.encode(data, None, ctx).unwrap().sample(Key::new(1)).unwrap();
        let decoded = numbers(vae.decoded(&z, None, ctx).unwrap().value());
        let elbo = vae.elbo(data, None, Key::new(1), ctx).unwrap();
        (decoded, elbo.log_likelihood.item().unwrap())
    };
    let (l, got) = run(Likelihood::Bernoulli, &Tensor::new([[1.0, 0.25]]));
    let p = |l: f64| 1.0 / (1.0 + (-l).exp());
    let naive = p(l[0]).ln() + 0.25 * p(l[1]).ln() + 0.75 * (1.0 - p(l[1])).ln();
    assert!((got - naive).abs() < 1e-5, "{got} {naive}");
    let (m, got) = run(Likelihood::Gaussian { std: 0.3 }, &Tensor::new([[1.0, 0.25]]));
    let normal = |x: f64, m: f64| -((x - m) / 0.3).powi(2) / 2.0 - (0.3 * TAU.sqrt()).ln();
    let naive = normal(1.0, m[0]) + normal(0.25, m[1]);
    assert!((got - naive).abs() < 1e-4, "{got} {naive}");
    let (l, got) = run(Likelihood::Categorical { levels: 3 }, &Tensor::new([[2, 0]]));
    let log = |l: &[f64], id: usize| l[id] - l.iter().map(|l| l.exp()).sum::<f64>().ln();
    let naive = log(&l[..3], 2) + log(&l[3..], 0);
    assert!((got - naive).abs() < 1e-5, "{got} {naive}");
}

#[test]
fn images_of_levels_go_in_and_come_out() {
    let (levels, classes) = (4, 2);
    let config = VaeConfig {
        widths: vec![4, 8],
        classes,
        ..VaeConfig::new([1, 5, 3], 3, Likelihood::Categorical { levels })
    };
    let mut vae = config.init(&mut Keys::new(7)).unwrap();
    let data = Tensor::randint(0, 4, [2, 1, 5, 3], Key::new(1)).unwrap();
    let told = Tensor::from(vec![0i64, 1]);
    let last = adam(&mut vae, 120, 1e-2, |vae, step| {
        vae.loss(&data, Some(&told), Key::new(step), &mut Ctx::train(Key::new(step))).unwrap()
    });
    // By chance a row costs 15 ln 4 = 20.8.
    assert!(last < 3.0, "{last}");
    let model = OneShot::new(&vae).with_classes([1, 0, 1]).unwrap();
    let run = DIRECT.run(&model, Samples::new(3, [3]).seed(2)).unwrap();
    let drawn = numbers(&run.collect_all().unwrap().value);
    let images: Vec<&[f64]> = drawn.chunks(15).collect();
    let all = numbers(&data);
    let right = |image: &[f64], class: usize| {
        image.iter().zip(&all[15 * class..]).filter(|(a, b)| a == b).count()
    };
    for (image, class) in images.into_iter().zip([1, 0, 1]) {
        assert!(right(image, class) >= 14, "{image:?}");
    }
}

#[test]
fn a_gan_learns_mean_and_spread() {
    let config = GanConfig { widths: vec![24, 24], r1: 0.5, ..GanConfig::new([2], 2) };
    let mut gan = config.init(&mut Keys::new(7)).unwrap();
    let (at, spread) = ([1.5, -0.5], [0.5, 0.25]);
    let real = |key: Key| {
        let noise = Tensor::randn([64, 2], DType::F32, key).unwrap();
        noise.mul(&Tensor::new(spread)).unwrap().add(&Tensor::new(at)).unwrap()
    };
    let mut memory = [Vec::new(), Vec::new()];
    for step in 0..240 {
        let (key, ctx) = (Key::new(step), &mut Ctx::eval());
        let rate = if step < 180 { 5e-3 } else { 1e-3 };
        let loss = gan.discriminator_loss(&real(key), None, key, ctx).unwrap();
        rms_prop(&mut gan.discriminator, &mut memory[0], &loss, rate);
        let loss = gan.generator_loss(64, None, key.fold_in(1), ctx).unwrap();
        rms_prop(&mut gan.generator, &mut memory[1], &loss, rate);
    }
    let drawn = draw(&gan.generator, 1000, 3);
    for j in 0..2 {
        let column = drawn.select(1, j).unwrap();
        let (mean, std) = (column.mean(..).unwrap(), column.std(.., 1.0).unwrap());
        let (mean, std) = (mean.item().unwrap(), std.item().unwrap());
        assert!((mean - f64::from(at[j])).abs() < 0.2, "{j}: {mean}");
        let ratio = std / f64::from(spread[j]);
        assert!((0.6..1.5).contains(&ratio), "{j}: {std}");
    }
}

fn rms_prop(model: &mut impl Module, memory: &mut Vec<Tensor>, loss: &Var, rate: f64) {
    let grads = loss.backward().unwrap();
    for (i, (_, param)) in model.named_parameters_mut().into_iter().enumerate() {
        let grad = grads.get(param).unwrap();
        if memory.len() <= i {
            memory.push(grad.square().unwrap());
        }
        memory[i] = 0.95 * &memory[i] + 0.05 * grad * grad;
        let step = rate * grad / (memory[i].sqrt().unwrap() + 1e-6);
        param.set_value(param.value() - &step).unwrap();
    }
}

#[test]
fn the_losses_of_a_gan_are_their_formulas() {
    let config = GanConfig { r1: 0.0, classes: 3, ..GanConfig::new([2], 4) };
    let plain = config.init(&mut Keys::new(7)).unwrap();
    let penalised = GanConfig { r1: 0.6, ..config }.init(&mut Keys::new(7)).unwrap();
    let real = Tensor::randn([5, 2], DType::F32, Key::new(1)).unwrap();
    let (told, ctx) = (Tensor::from(vec![0i64, 2, 1, 1, 0]), &mut Ctx::eval());
    let told = Some(&told);
    let (key, p) = (Key::new(2), |l: f64| 1.0 / (1.0 + (-l).exp()));
    let made = plain.generator.sample(5, told, key, ctx).unwrap();
    let mut logits = |x: &Var| numbers(plain.discriminator.logits(x, told, ctx).unwrap().value());
    let (of_real, of_made) = (logits(&Var::from(&real)), logits(&made));
    let yes: Vec<f64> = of_real.iter().map(|&l| -p(l).ln()).collect();
    let no: Vec<f64> = of_made.iter().map(|&l| -(1.0 - p(l)).ln()).collect();
    let fool: Vec<f64> = of_made.iter().map(|&l| -p(l).ln()).collect();
    let loss = |gan: &Gan| {
        let loss = gan.discriminator_loss(&real, told, key, &mut Ctx::eval()).unwrap();
        assert!(loss.backward().unwrap().get(gan.generator.parameters()[0]).is_none());
        loss.item().unwrap()
    };
    assert!((loss(&plain) - mean(&yes) - mean(&no)).abs() < 1e-5);
    let of_generator = plain.generator_loss(5, told, key, &mut Ctx::eval()).unwrap();
    assert!((of_generator.item().unwrap() - mean(&fool)).abs() < 1e-5);
    // The penalty, by differences.
    let squares: Vec<f64> = (0..5)
        .map(|row| {
            let shifted = |j: usize, by: f64| {
                let mut moved = numbers(&real);
                moved[2 * row + j] += by;
                let moved = Tensor::from_vec(moved, [5, 2]).unwrap().to_dtype(DType::F32).unwrap();
                let moved = Var::from(moved);
                let ctx = &mut Ctx::eval();
                numbers(plain.discriminator.logits(&moved, told, ctx).unwrap().value())[row]
            };
            let slope = |j| (shifted(j, 1e-3) - shifted(j, -1e-3)) / 2e-3;
            slope(0).powi(2) + slope(1).powi(2)
        })
        .collect();
    let penalty = loss(&penalised) - loss(&plain);
    let naive = 0.3 * mean(&squares);
    assert!((penalty - naive).abs() < 0.03 * naive + 1e-5, "{penalty} {naive}");
}

#[test]
fn samples_do_not_depend_on_their_batch() {
    let vae = VaeConfig { widths: vec![4], ..VaeConfig::new([2, 3, 4], 3, Likelihood::Bernoulli) };
    let vae = vae.init(&mut Keys::new(7)).unwrap();
    let gan = GanConfig { widths: vec![4, 8], ..GanConfig::new([1, 6, 5], 3) };
    let gan = gan.init(&mut Keys::new(7)).unwrap();
    let flat = GanConfig::new([3], 3).init(&mut Keys::new(7)).unwrap();
    for model in [&vae as &dyn Decode, &gan.generator, &flat.generator] {
        let three = draw(model, 3, 9);
        let decoder = OneShot::new(model);
        let one = DIRECT.run(&decoder, Samples::new(1, [3]).seed(9).first_row(2)).unwrap();
        let one = one.collect_all().unwrap().value;
        assert!(one.equal(&three.narrow(0, 2, 1).unwrap()));
        let wrong = DIRECT.run(&decoder, Samples::new(1, [2])).unwrap();
        assert!(wrong.collect_all().is_err());
        // Under another solver noise and data must have one shape.
        let other = Flow::default().run(&decoder, Samples::new(1, [3])).unwrap();
        assert_eq!(other.collect_all().is_ok(), three.dims() == [3, 3]);
    }
}

#[test]
fn what_one_shot_models_cannot_be_is_said() {
    let base = VaeConfig::new([2], 2, Likelihood::Bernoulli);
    for config in [
        VaeConfig { shape: vec![], ..base.clone() },
        VaeConfig { shape: vec![2, 3], ..base.clone() },
        VaeConfig { shape: vec![1, 0, 3], ..base.clone() },
        VaeConfig { latent: 0, ..base.clone() },
        VaeConfig { widths: vec![0], ..base.clone() },
        VaeConfig { beta: -1.0, ..base.clone() },
        VaeConfig { likelihood: Likelihood::Gaussian { std: 0.0 }, ..base.clone() },
        VaeConfig { likelihood: Likelihood::Categorical { levels: 0 }, ..base.clone() },
    ] {
        assert!(config.init(&mut Keys::new(7)).is_err(), "{config:?}");
    }
    for config in [
        GanConfig { r1: f64::NAN, ..GanConfig::new([2], 2) },
        GanConfig { latent: 0, ..GanConfig::new([2], 2) },
        GanConfig::new([0], 2),
    ] {
        assert!(config.init(&mut Keys::new(7)).is_err(), "{config:?}");
    }
    let ctx = &mut Ctx::eval();
    let levels = Likelihood::Categorical { levels: 3 };
    let vae = VaeConfig { classes: 2, ..VaeConfig::new([2], 2, levels) };
    let vae = vae.init(&mut Keys::new(7)).unwrap();
    let mut loss = |data: &Tensor, told: Option<Vec<i64>>| {
        let told = told.map(Tensor::from);
        vae.loss(data, told.as_ref(), Key::new(1), ctx).err().map(|error| error.to_string())
    };
    let one = Tensor::new([[0, 2]]);
    assert_eq!(loss(&one, Some(vec![1])), None);
    assert!(loss(&one, None).unwrap().contains("expected 1 classes"));
    assert!(loss(&one, Some(vec![2])).unwrap().contains("class 2 is not below 2"));
    assert!(loss(&Tensor::new([[0, 3]]), Some(vec![1])).unwrap().contains("token 3"));
    assert!(loss(&Tensor::new([[0, 1, 2]]), Some(vec![1])).unwrap().contains("shape"));
    assert!(loss(&Tensor::zeros([0, 2], DType::I64).unwrap(), Some(vec![])).is_some());
    assert!(OneShot::new(&vae).with_classes([2]).is_err());
    let gan = GanConfig::new([2], 2).init(&mut Keys::new(7)).unwrap();
    assert!(gan.generator_loss(0, None, Key::new(1), &mut Ctx::eval()).is_err());
    let empty = Tensor::zeros([0, 2], DType::F32).unwrap();
    assert!(gan.discriminator_loss(&empty, None, Key::new(1), &mut Ctx::eval()).is_err());
}
