//! Solvers against values computed in Python, where the ideal model is known in closed form.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use gradus_generate::flow::{Denoise, Flow, FlowRun, Grid, Guided, Path, Samples, Solver, Target};
use gradus_generate::{Error, Result};
use gradus_tensor::{DType, Tensor};
use proptest::prelude::*;

/// Data is normal with this mean and deviation.
const MEAN: f64 = 1.5;
const SPREAD: f64 = 0.5;

/// The ideal model of such data on any path, which answers in any form.
#[derive(Clone, Copy)]
struct Ideal {
    path: Path,
    target: Target,
}

impl Denoise for Ideal {
    fn path(&self) -> Path {
        self.path
    }

    fn target(&self) -> Target {
        self.target
    }

    fn predict(&self, x: &Tensor, t: f64) -> Result<Tensor> {
        let (a, s) = self.path.scales(t);
        let variance = (a * SPREAD).powi(2) + s * s;
        let off = x.sub_scalar(a * MEAN)?.div_scalar(variance)?;
        let data = off.mul_scalar(a * SPREAD * SPREAD)?.add_scalar(MEAN)?;
        let noise = off.mul_scalar(s)?;
        Ok(match self.target {
            Target::Data => data,
            Target::Noise => noise,
            Target::Velocity if self.path == Path::Flow => data.sub(&noise)?,
            Target::Velocity => noise.mul_scalar(a)?.sub(&data.mul_scalar(s)?)?,
        })
    }
}

/// Variance-preserving, with time = ln(a/s).
fn by_level(t: f64) -> (f64, f64) {
    let squared = 1.0 / (1.0 + (-2.0 * t).exp());
    (squared.sqrt(), (1.0 - squared).sqrt())
}

fn levels(n: usize) -> Grid {
    Grid::Times((0..=n).map(|k| -3.0 + 6.0 * k as f64 / n as f64).collect())
}

/// Where a single value 1 ends.
fn end(path: Path, target: Target, solver: Solver, grid: Grid) -> f64 {
    let start = Samples::starting_at(&Tensor::from([[1.0f64]]));
    let ideal = Ideal { path, target };
    let run = Flow { solver, grid }.run(&ideal, start).unwrap();
    run.collect_all().unwrap().value.item().unwrap()
}

/// Errors for 8, 16, 32, 64, 128 steps, as `solvers.py` prints them, and whatever form the model's
/// answers have.
#[test]
fn errors_of_the_solvers() {
    let flow = MEAN + SPREAD;
    let other = Path::Other(by_level);
    let exact = exact(other, -3.0, 3.0);
    let tables = [
        (
            Path::Flow,
            Solver::Euler,
            flow,
            [-0.085215445519, -0.044316906608, -0.022636429925, -0.011444705313, -0.005754897536],
        ),
        (
            Path::Flow,
            Solver::Heun,
            flow,
            [0.002441425924, 0.000763809842, 0.000209996408, 5.4865455e-05, 1.4011115e-05],
        ),
        (
            other,
            Solver::Euler,
            exact,
            [-0.078751068376, -0.041189592458, -0.021070593292, -0.010657230332, -0.005359481551],
        ),
        (
            other,
            Solver::Dpm2m,
            exact,
            [0.007361726595, 0.003393914709, 0.00092799483, 0.000237015863, 5.9661891e-05],
        ),
    ];
    for (path, solver, limit, errors) in tables {
        for (n, expected) in [8, 16, 32, 64, 128].into_iter().zip(errors) {
            let grid = if path == Path::Flow { Grid::Uniform(n) } else { levels(n) };
            for target in [Target::Velocity, Target::Data, Target::Noise] {
                // Noise says nothing of the data at pure noise; Heun needs a direction at the end.
                let flow = path == Path::Flow;
                if flow
                    && (target == Target::Noise || target == Target::Data && solver == Solver::Heun)
                {
                    continue;
                }
                let error = end(path, target, solver, grid.clone()) - limit;
                assert!((error - expected).abs() < 1e-10, "{solver:?} {target:?} {n}: {error}");
            }
        }
    }
}

/// Where 1 at the first time really ends.
fn exact(path: Path, from: f64, to: f64) -> f64 {
    let ((a, s), (b, r)) = (path.scales(from), path.scales(to));
    b * MEAN + (1.0 - a * MEAN) * (b * SPREAD).hypot(r) / (a * SPREAD).hypot(s)
}

/// The order of the error that falls as equal steps in time are halved.
fn order(path: Path, target: Target, solver: Solver, (from, to): (f64, f64)) -> f64 {
    // With fewer steps the errors of DPM-Solver++ change their sign.
    let n = if solver == Solver::Dpm2m { 256 } else { 64 };
    let error = |n| {
        let times = (0..=n).map(|k| from + (to - from) * k as f64 / n as f64).collect();
        end(path, target, solver, Grid::Times(times)) - exact(path, from, to)
    };
    (error(n) / error(2 * n)).abs().log2()
}

#[test]
fn orders_of_the_solvers_on_every_path() {
    let (sigma, until) = ((5.0, 0.1), (0.7, 0.1));
    let linear = Path::Linear { min: 0.1, max: 20.0 };
    let got = [
        order(Path::Edm, Target::Data, Solver::Euler, sigma),
        order(Path::Cosine, Target::Velocity, Solver::Euler, until),
        order(linear, Target::Noise, Solver::Euler, until),
        order(Path::Edm, Target::Data, Solver::Heun, sigma),
        order(Path::Edm, Target::Data, Solver::Midpoint, sigma),
        order(Path::Flow, Target::Velocity, Solver::Midpoint, (0.0, 1.0)),
        order(Path::Cosine, Target::Velocity, Solver::Heun, until),
        order(linear, Target::Noise, Solver::Dpm2m, until),
        order(Path::Edm, Target::Data, Solver::Dpm2m, sigma),
    ];
    for (k, order) in got.into_iter().enumerate() {
        // The leading error of the midpoint rule happens to cancel here.
        let expected = if k < 3 { 0.88..1.12 } else { 1.8..3.2 };
        assert!(expected.contains(&order), "{k}: {order}");
    }
}

#[test]
fn moments_of_ddim() {
    let ideal = Ideal { path: Path::Other(by_level), target: Target::Noise };
    let (a, s) = by_level(-3.0);
    let n = 20_000;
    let key = gradus_generate::Key::new(9);
    let noise = Tensor::randn([n, 1], DType::F64, key).unwrap();
    let deviation = (a * SPREAD).hypot(s);
    let start = noise.mul_scalar(deviation).unwrap().add_scalar(a * MEAN).unwrap();
    for (eta, steps, variance) in
        [(0.0, 4, 0.118475), (0.0, 16, 0.209199), (1.0, 4, 0.077584), (1.0, 16, 0.177756)]
    {
        let flow = Flow { solver: Solver::Ddim { eta }, grid: levels(steps) };
        let run = flow.run(&ideal, Samples::starting_at(&start).seed(3)).unwrap();
        let x = run.collect_all().unwrap().value;
        let mean = x.mean(..).unwrap().item().unwrap();
        let spread = x.sub_scalar(mean).unwrap().square().unwrap().mean(..).unwrap();
        let spread = spread.item().unwrap();
        // Standard errors: √(v/n) and v·√(2/n).
        assert!((mean - 1.498144).abs() < 4.0 * (variance / n as f64).sqrt(), "{mean}");
        assert!(
            (spread / variance - 1.0).abs() < 4.0 * (2.0 / n as f64).sqrt(),
            "{eta} {steps}: {spread}"
        );
    }
}

/// Mean and variance after n steps of DDIM, step by step: each is affine in x, with noise of known size.
#[test]
fn moments_of_ddim_are_those_of_the_table() {
    let (path, target) = (Path::Other(by_level), Target::Noise);
    let key = gradus_generate::Key::new(0).kind(gradus_generate::Kind::Noise).round(1);
    let z: f64 = Tensor::randn([1], DType::F64, key).unwrap().item().unwrap();
    for (eta, steps, expected) in [
        (0.0, 4, 0.118475459457),
        (0.0, 16, 0.20919907699),
        (0.0, 64, 0.24043872974),
        (1.0, 4, 0.077584224708),
        (1.0, 16, 0.177755527262),
        (1.0, 64, 0.22985707204),
    ] {
        let times = levels(steps).times(&path).unwrap();
        let (a, s) = by_level(-3.0);
        let (mut mean, mut variance) = (a * MEAN, (a * SPREAD).powi(2) + s * s);
        for pair in times.windows(2) {
            let after = |x: f64| -> f64 {
                let grid = Grid::Times(pair.to_vec());
                let flow = Flow { solver: Solver::Ddim { eta }, grid };
                let ideal = Ideal { path, target };
                let run = flow.run(&ideal, Samples::starting_at(&Tensor::from([[x]])));
                run.unwrap().collect_all().unwrap().value.item().unwrap()
            };
            let ((a, s), (b, r)) = (by_level(pair[0]), by_level(pair[1]));
            let sigma = eta * r / s * (1.0 - (a / b).powi(2)).sqrt();
            let at_zero = after(0.0) - sigma * z;
            // The same noise is in both, so it drops out.
            let slope = after(1.0) - after(0.0);
            mean = at_zero + slope * mean;
            variance = slope.powi(2) * variance + sigma.powi(2);
        }
        assert!((mean - 1.498144384863).abs() < 1e-9, "{eta} {steps}: {mean}");
        assert!((variance - expected).abs() < 1e-9, "{eta} {steps}: {variance}");
    }
    let ((a, s), limit) = (by_level(3.0), 0.251854467367);
    assert!(((a * SPREAD).powi(2) + s * s - limit).abs() < 1e-9);
}

/// Two narrow modes with weights .3 and .7 at ±1, by the posterior mean.
struct Modes;

impl Denoise for Modes {
    fn path(&self) -> Path {
        Path::Flow
    }

    fn target(&self) -> Target {
        Target::Data
    }

    fn predict(&self, x: &Tensor, t: f64) -> Result<Tensor> {
        let narrow = 0.05f64;
        let (a, s) = Path::Flow.scales(t);
        let variance = (a * narrow).powi(2) + s * s;
        let of = |x: &f64| {
            let (odds, _) =
                [(0.3f64, -1.0), (0.7, 1.0)].into_iter().fold((0.0, 0.0), |sums, (w, m)| {
                    (sums.0 + m * w * (-(x - a * m).powi(2) / (2.0 * variance)).exp(), 0.0)
                });
            let total: f64 = [(0.3f64, -1.0), (0.7, 1.0)]
                .into_iter()
                .map(|(w, m)| w * (-(x - a * m).powi(2) / (2.0 * variance)).exp())
                .sum();
            let sign = odds / total;
            sign + a * narrow * narrow / variance * (x - a * sign)
        };
        Ok(Tensor::from_vec(x.to_vec::<f64>()?.iter().map(of).collect(), x.dims().to_vec())?)
    }
}

#[test]
fn modes_keep_their_weights() {
    let n = 4000;
    for solver in [Solver::Euler, Solver::Midpoint, Solver::Dpm2m, Solver::Ddim { eta: 1.0 }] {
        let flow = Flow { solver, grid: Grid::Uniform(40) };
        let samples = Samples::new(n, [1]).dtype(DType::F64).seed(5);
        let x = flow.run(&Modes, samples).unwrap().collect_all().unwrap().value;
        let x = x.to_vec::<f64>().unwrap();
        let right = x.iter().filter(|&&x| x > 0.0).count() as f64 / n as f64;
        assert!((right - 0.7).abs() < 4.0 * (0.21 / n as f64).sqrt(), "{solver:?}: {right}");
        assert!(x.iter().filter(|x| (x.abs() - 1.0).abs() < 0.3).count() > n * 99 / 100);
    }
}

#[test]
fn one_shot_and_renoise() {
    let ideal = Ideal { path: Path::Edm, target: Target::Data };
    let samples = || Samples::new(3, [2, 2]).dtype(DType::F64).seed(1);
    let direct = Flow { solver: Solver::Direct, grid: Grid::karras(5) };
    let once = direct.run(&ideal, samples()).unwrap().collect_all().unwrap();
    assert_eq!((once.stats.calls, once.stats.tokens, once.value.dims()), (1, 3, &[3, 2, 2][..]));
    let again = Flow { solver: Solver::Renoise, grid: Grid::karras(5) };
    let run = again.run(&ideal, samples()).unwrap();
    let previews: Vec<_> = run.map(|p| p.unwrap()).collect();
    assert_eq!(
        previews.iter().map(|p| (p.step, p.of)).collect::<Vec<_>>(),
        [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
    );
    // From pure noise an ideal model sees the mean.
    assert!((previews[0].estimate.mean(..).unwrap().item().unwrap() - MEAN).abs() < 0.1);
}

#[test]
fn guidance_goes_beyond_the_condition() {
    let plain = Ideal { path: Path::Flow, target: Target::Velocity };
    let guided = |scale| Guided { conditional: plain, plain, scale };
    let run = |model: &dyn Denoise| {
        let flow = Flow { solver: Solver::Midpoint, grid: Grid::Uniform(8) };
        let run = flow.run(model, Samples::new(4, [3]).dtype(DType::F64)).unwrap();
        run.collect_all().unwrap().value.to_vec::<f64>().unwrap()
    };
    for scale in [0.0, 1.0, 3.0] {
        assert_eq!(run(&guided(scale)), run(&plain));
    }
    let other = Guided { conditional: plain, plain: Modes, scale: 2.0 };
    let flow = Flow::default();
    let refused = flow.run(&other, Samples::new(1, [1])).unwrap().collect_all();
    assert!(matches!(refused, Err(Error::Contradiction { .. })));
}

#[test]
fn refusals_and_interruptions() {
    let ideal = Ideal { path: Path::Flow, target: Target::Velocity };
    let one = || Samples::new(1, [1]);
    let ddim = Flow { solver: Solver::Ddim { eta: 1.5 }, grid: Grid::Uniform(4) };
    assert!(matches!(ddim.run(&ideal, one()), Err(Error::Parameter { .. })));
    assert!(matches!(Flow::default().run(&ideal, Samples::new(0, [1])), Err(Error::Length { .. })));
    let cosine = Ideal { path: Path::Cosine, target: Target::Noise };
    let midpoint = Flow { solver: Solver::Midpoint, grid: Grid::Uniform(4) };
    assert!(matches!(midpoint.run(&cosine, one()), Err(Error::Contradiction { .. })));
    let blind = Ideal { path: Path::Flow, target: Target::Noise };
    let run = Flow::default().run(&blind, one()).unwrap();
    assert!(matches!(run.collect_all(), Err(Error::Contradiction { .. })));
    let bent = Ideal { path: Path::Edm, target: Target::Velocity };
    let run = Flow { grid: Grid::karras(3), ..Flow::default() }.run(&bent, one()).unwrap();
    assert!(matches!(run.collect_all(), Err(Error::Contradiction { .. })));
    let nan = Samples::starting_at(&Tensor::from([[f64::NAN]]));
    let run = Flow::default().run(&ideal, nan).unwrap();
    assert!(matches!(run.collect_all(), Err(Error::Diverged { call: 1 })));
    let mut run = Flow::default().run(&ideal, one()).unwrap();
    run.next().unwrap().unwrap();
    run.stopper().stop();
    assert!(run.next().is_none());
    assert!(matches!(run.collect_all(), Err(Error::Interrupted { made: 1, of: 16 })));
    let late = one().deadline(std::time::Duration::ZERO);
    let run = Flow::default().run(&ideal, late).unwrap();
    assert!(matches!(run.collect_all(), Err(Error::Interrupted { made: 0, .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_row_does_not_depend_on_the_batch(seed: u64, row in 0..5u32, which in 0..4usize) {
        let solver = [Solver::Heun, Solver::Ddim { eta: 0.7 }, Solver::Renoise, Solver::Dpm2m][which];
        let flow = Flow { solver, grid: Grid::Uniform(3) };
        let ideal = Ideal { path: Path::Flow, target: Target::Velocity };
        let run = |samples: Samples| {
            flow.run(&ideal, samples.seed(seed)).unwrap().collect_all().unwrap().value.to_vec::<f32>().unwrap()
        };
        let all = run(Samples::new(5, [2, 3]));
        let alone = run(Samples::new(1, [2, 3]).first_row(row));
        prop_assert_eq!(&all[6 * row as usize..][..6], &alone[..]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_is_asked_for_ends_in_samples_or_a_clear_error(
        steps in prop::sample::select(vec![0usize, 1, 2, 5, usize::MAX]),
        rows in prop::sample::select(vec![0usize, 1, 3, usize::MAX]),
        dim in prop::sample::select(vec![0usize, 2, usize::MAX]),
        x in prop::sample::select(vec![0.0, 0.3, 1.0, -1.0, 1e300, f64::NAN, f64::INFINITY]),
        y in prop::sample::select(vec![0.0, 0.3, 1.0, -1.0, 1e300, f64::NAN, f64::INFINITY]),
        which in 0..7usize, of in 0..5usize, on in 0..4usize, dtype in 0..3usize,
    ) {
        let solver = [
            Solver::Euler, Solver::Heun, Solver::Midpoint, Solver::Ddim { eta: x }, Solver::Dpm2m,
            Solver::Direct, Solver::Renoise,
        ][which];
        let grid = [
            Grid::Uniform(steps),
            Grid::karras(steps),
            Grid::Karras { steps, min: x, max: y, rho: 7.0 },
            Grid::Karras { steps, min: 0.1, max: 10.0, rho: x },
            Grid::Times(vec![x, y, 0.5]),
        ][of].clone();
        let path = [Path::Flow, Path::Edm, Path::Cosine, Path::Linear { min: x, max: y }][on];
        let model = Ideal { path, target: [Target::Data, Target::Noise, Target::Velocity][steps % 3] };
        let samples = Samples::new(rows, [dim]).dtype([DType::F64, DType::F32, DType::I64][dtype]);
        let run = Flow { solver, grid }.run(&model, samples).and_then(FlowRun::collect_all);
        match run {
            Ok(output) => prop_assert_eq!(output.value.dims(), &[rows, dim][..]),
            Err(error) => prop_assert!(error.to_string().len() > 10, "{error:?}"),
        }
    }
}
