//! The losses of flow and diffusion against their formulas, and against models that cannot be better.

use std::sync::Mutex;

use gradus_autograd::Var;
use gradus_core::{DType, Key};
use gradus_generate::flow::{Path, Target};
use gradus_models::{Consistency, Denoiser, Diffusion, Edm, Result, TimeConditioned};
use gradus_nn::{Ctx, Module};
use gradus_tensor::Tensor;

use crate::tiny::numbers;

/// Data are normal with this mean and deviation.
const MEAN: f64 = 0.7;
const SPREAD: f64 = 0.4;

type Seen = (Vec<f64>, Vec<f64>);

/// A function of a number and a time in the place of a network; it remembers what it was asked.
#[derive(Module)]
struct Known<F: Send> {
    #[module(skip)]
    f: F,
    #[module(skip)]
    seen: Mutex<Vec<Seen>>,
}

fn known<F: Fn(f64, f64) -> f64 + Send + Sync>(f: F) -> Known<F> {
    Known { f, seen: Mutex::new(Vec::new()) }
}

impl<F: Fn(f64, f64) -> f64 + Send + Sync> TimeConditioned for Known<F> {
    fn forward_at(&self, x: &Var, times: &[f64], _: Option<&Tensor>, _: &mut Ctx) -> Result<Var> {
        let values = numbers(x.value());
        let each = values.len() / times.len();
        let answer = values.iter().enumerate().map(|(i, &x)| (self.f)(x, times[i / each]));
        let answer = Tensor::from_vec(answer.collect::<Vec<_>>(), x.shape())?;
        self.seen.lock().unwrap().push((values, times.to_vec()));
        Ok(answer.into())
    }

    fn classes(&self) -> usize {
        0
    }
}

fn data(rows: usize, each: usize) -> Tensor {
    Tensor::normal(MEAN, SPREAD, [rows, each], DType::F64, Key::new(11)).unwrap()
}

fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.into_iter().collect();
    values.iter().sum::<f64>() / values.len() as f64
}

fn wave(x: f64, t: f64) -> f64 {
    (3.0 * x + t).sin()
}

fn loss_of(process: &Diffusion, net: &impl TimeConditioned, data: &Tensor) -> f64 {
    process.loss(net, data, None, Key::new(3), &mut Ctx::eval()).unwrap().item().unwrap()
}

#[test]
fn the_loss_on_a_path_is_its_formula() {
    const EACH: usize = 3;
    let data = data(5, EACH);
    let straight = |t: f64| (t, 1.0 - t);
    let linear = |t: f64| {
        let all = (-t * t * 19.9 / 2.0 - 0.1 * t).exp();
        (all.sqrt(), (1.0 - all).sqrt())
    };
    type Scales<'a> = &'a dyn Fn(f64) -> (f64, f64);
    type Aim<'a> = &'a dyn Fn(f64, f64, (f64, f64)) -> f64;
    let cases: [(Diffusion, Scales<'_>, Aim<'_>); 4] = [
        (Diffusion::FLOW_MATCHING, &straight, &|y, e, _| y - e),
        (Diffusion::DDPM, &linear, &|_, e, _| e),
        (Diffusion { target: Target::Data, ..Diffusion::DDPM }, &linear, &|y, _, _| y),
        (Diffusion { target: Target::Velocity, ..Diffusion::DDPM }, &linear, &|y, e, (a, s)| {
            a * e - s * y
        }),
    ];
    for (process, scales, aim) in cases {
        let net = known(wave);
        let loss = loss_of(&process, &net, &data);
        let (x, times) = net.seen.lock().unwrap().remove(0);
        let naive = numbers(&data).into_iter().zip(x).enumerate().map(|(i, (y, x))| {
            let t = times[i / EACH];
            let (a, s) = scales(t);
            let noise = (x - a * y) / s;
            (wave(x, t) - aim(y, noise, (a, s))).powi(2)
        });
        assert!((loss - mean(naive)).abs() < 1e-9 * loss, "{process:?}");
        let mut sorted = times.clone();
        sorted.sort_by(f64::total_cmp);
        assert!(sorted.windows(2).all(|pair| (pair[1] - pair[0] - 0.2).abs() < 1e-9), "{times:?}");
    }
}

#[test]
fn the_loss_of_edm_is_its_formula() {
    let (data, net) = (data(6, 2), known(wave));
    let edm = Edm { sigma_data: 0.8, ..Edm::default() };
    let loss = edm.loss(&net, &data, None, Key::new(3), &mut Ctx::eval()).unwrap();
    let (inner, levels) = net.seen.lock().unwrap().remove(0);
    let naive = numbers(&data).into_iter().zip(inner).enumerate().map(|(i, (y, inner))| {
        let sigma = (4.0 * levels[i / 2]).exp();
        let all = sigma * sigma + 0.64;
        let x = inner * all.sqrt();
        let d = 0.64 / all * x + sigma * 0.8 / all.sqrt() * wave(inner, sigma.ln() / 4.0);
        (d - y).powi(2) * all / (sigma * 0.8).powi(2)
    });
    let naive = mean(naive);
    assert!((loss.item().unwrap() - naive).abs() < 1e-9 * naive);
    // ln σ has the law that was asked for.
    let net = known(|_, _| 0.0);
    edm.loss(&net, &self::data(4000, 1), None, Key::new(4), &mut Ctx::eval()).unwrap();
    let (_, levels) = net.seen.lock().unwrap().remove(0);
    let center = mean(levels.iter().map(|c| 4.0 * c));
    let spread = mean(levels.iter().map(|c| (4.0 * c + 1.2).powi(2))).sqrt();
    assert!((center + 1.2).abs() < 0.1 && (spread - 1.2).abs() < 0.07, "{center} {spread}");
}

#[test]
fn the_loss_of_consistency_is_its_formula() {
    const LEVELS: usize = 9;
    let (data, net) = (data(7, 2), known(wave));
    let model = Consistency { sigma_data: 0.8, levels: LEVELS, ..Consistency::default() };
    let loss = model.loss([&net; 2], &data, None, Key::new(3), &mut Ctx::eval());
    let loss = loss.unwrap().item().unwrap();
    let mut seen = net.seen.lock().unwrap();
    let ((inner, high), (below, low)) = (seen.remove(1), seen.remove(0));
    let grid: Vec<f64> = (0..LEVELS)
        .map(|n| {
            let root = |x: f64| x.powf(1.0 / 7.0);
            (root(0.002) + n as f64 / 8.0 * (root(80.0) - root(0.002))).powi(7)
        })
        .collect();
    let f = |inner: f64, sigma: f64| {
        let all = (sigma * sigma + 0.64).sqrt();
        let skip = 0.64 / ((sigma - 0.002).powi(2) + 0.64);
        skip * inner * all + 0.8 * (sigma - 0.002) / all * wave(inner, sigma.ln() / 4.0)
    };
    let naive = (0..7).map(|b| {
        let [low, high] = [low[b], high[b]].map(|c| (4.0 * c).exp());
        let n = grid.iter().position(|s| (s / low - 1.0).abs() < 1e-9).unwrap();
        assert!((grid[n + 1] / high - 1.0).abs() < 1e-9);
        let d = (0..2).map(|j| f(inner[2 * b + j], high) - f(below[2 * b + j], low));
        let squared: f64 = d.map(|d| d * d).sum();
        let c = 0.00054 * 2f64.sqrt();
        ((squared + c * c).sqrt() - c) / (2.0 * (high - low))
    });
    let naive = mean(naive);
    assert!((loss - naive).abs() < 1e-9 * naive, "{loss} {naive}");
    drop(seen);
    // Nothing is left of the network where there is no noise.
    let x = self::data(3, 2);
    let at_least = gradus_generate::flow::Denoise::predict(&Denoiser::new(&net, model), &x, 0.002);
    assert!(at_least.unwrap().allclose(&x, 1e-12, 1e-12).unwrap());
}

/// E[data | x] and E[noise | x] at x = a·data + s·noise.
fn split(x: f64, (a, s): (f64, f64)) -> (f64, f64) {
    let off = (x - a * MEAN) / (a * a * SPREAD * SPREAD + s * s);
    (MEAN + a * SPREAD * SPREAD * off, s * off)
}

/// The mean of `f` over times.
fn over_times(f: impl Fn(f64) -> f64) -> f64 {
    mean((0..10_000).map(|k| f((f64::from(k) + 0.5) / 10_000.0)))
}

#[test]
fn no_model_is_better_than_the_ideal_one_on_a_path() {
    let data = data(20_000, 1);
    for process in [Diffusion::FLOW_MATCHING, Diffusion::DDPM, Diffusion::COSINE] {
        let aim = |(a, s): (f64, f64)| match (process.path, process.target) {
            (_, Target::Noise) => (0.0, 1.0),
            (Path::Flow, _) => (1.0, -1.0),
            _ => (-s, a),
        };
        let ideal = |x: f64, t: f64| {
            let scales = process.path.scales(t);
            let ((data, noise), (of_data, of_noise)) = (split(x, scales), aim(scales));
            of_data * data + of_noise * noise
        };
        // The variance of the aim that x leaves open.
        let open = over_times(|t| {
            let (a, s) = process.path.scales(t);
            let (of_data, of_noise) = aim((a, s));
            let v = SPREAD * SPREAD;
            let together = of_data * a * v + of_noise * s;
            of_data * of_data * v + of_noise * of_noise - together.powi(2) / (a * a * v + s * s)
        });
        let best = loss_of(&process, &known(ideal), &data);
        assert!((best / open - 1.0).abs() < 0.04, "{process:?}: {best} {open}");
        for off in [-0.1, 0.1] {
            let worse = loss_of(&process, &known(|x, t| ideal(x, t) + off), &data);
            assert!(worse > best + 0.005, "{process:?}: {worse} {best}");
            let worse = loss_of(&process, &known(|x, t| ideal(x, t) + off * (x - MEAN)), &data);
            assert!(worse > best, "{process:?}: {worse} {best}");
        }
    }
}

#[test]
fn no_model_is_better_than_the_ideal_one_of_edm() {
    let data = data(20_000, 1);
    let edm = Edm { sigma_data: SPREAD, ..Edm::default() };
    let loss = |factor: f64| {
        let net = known(move |inner: f64, level: f64| {
            let sigma = (4.0 * level).exp();
            let all = sigma.hypot(SPREAD);
            let x = inner * all;
            let d = MEAN + factor * (split(x, (1.0, sigma)).0 - MEAN);
            (d - (SPREAD / all).powi(2) * x) * all / (sigma * SPREAD)
        });
        edm.loss(&net, &data, None, Key::new(3), &mut Ctx::eval()).unwrap().item().unwrap()
    };
    // σ²σ_d²/(σ² + σ_d²) is open, which is what the weight divides by.
    assert!((loss(1.0) - 1.0).abs() < 0.05, "{}", loss(1.0));
    assert!(loss(0.9) > loss(1.0) && loss(1.1) > loss(1.0));
}

#[test]
fn the_ideal_consistency_function_is_the_best_student() {
    let data = data(10_000, 1);
    let model = Consistency { sigma_data: SPREAD, levels: 40, ..Consistency::default() };
    let net = |factor: f64| {
        known(move |inner: f64, level: f64| {
            let sigma = (4.0 * level).exp();
            let all = sigma.hypot(SPREAD);
            let x = inner * all;
            let shrink = SPREAD.hypot(0.002) / SPREAD.hypot(sigma);
            let f = MEAN + factor * shrink * (x - MEAN);
            let skip = SPREAD * SPREAD / ((sigma - 0.002).powi(2) + SPREAD * SPREAD);
            (f - skip * x) * all / (SPREAD * (sigma - 0.002)).max(1e-9)
        })
    };
    // One type for both: the factor is the only difference.
    let loss = |factor: f64| {
        let (student, teacher) = (net(factor), net(1.0));
        let loss = model.loss([&student, &teacher], &data, None, Key::new(3), &mut Ctx::eval());
        loss.unwrap().item().unwrap()
    };
    assert!(loss(1.0) < loss(0.9) && loss(1.0) < loss(1.1), "{} {}", loss(1.0), loss(0.9));
}

#[test]
fn what_cannot_be_is_said() {
    let (net, ctx) = (known(wave), &mut Ctx::eval());
    let message = |result: Result<Var>| result.expect_err("this must fail").to_string();
    let empty = Tensor::zeros([0, 2], DType::F64).unwrap();
    let none = Diffusion::DDPM.loss(&net, &empty, None, Key::new(1), ctx);
    assert_eq!(message(none), "Diffusion: expected data of shape [B, ...], not empty, got [0, 2]");
    let edm = Diffusion { path: Path::Edm, target: Target::Data };
    let fault = message(edm.loss(&net, &data(2, 2), None, Key::new(1), ctx));
    assert!(fault.starts_with("Diffusion: path must be one with times in 0..=1"), "{fault}");
    let other = Diffusion { path: Path::Other(|t| (t, 1.0)), target: Target::Velocity };
    assert!(other.loss(&net, &data(2, 2), None, Key::new(1), ctx).is_err());
    for edm in [
        Edm { sigma_data: 0.0, ..Edm::default() },
        Edm { mean: f64::NAN, ..Edm::default() },
        Edm { std: -1.0, ..Edm::default() },
    ] {
        assert!(edm.loss(&net, &data(2, 2), None, Key::new(1), ctx).is_err(), "{edm:?}");
    }
    for model in [
        Consistency { levels: 1, ..Consistency::default() },
        Consistency { sigma_max: 0.001, ..Consistency::default() },
        Consistency { rho: 0.0, ..Consistency::default() },
    ] {
        let loss = model.loss([&net; 2], &data(2, 2), None, Key::new(1), ctx);
        assert!(loss.is_err(), "{model:?}");
    }
}
