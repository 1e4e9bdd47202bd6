//! The factors of the schedules, and the rates of plateaus.

use gradus_optim::{Anneal, Optimizer, Plateau, PlateauMode, Schedule, Sgd, Threshold};

use super::golden;

fn check(name: &str, schedule: &Schedule) {
    let expected = golden(&format!("FACTORS_{name}"));
    assert_eq!(expected.len(), 30);
    for (t, expected) in expected.into_iter().enumerate() {
        let got = schedule.factor(t as u64);
        assert!((got - expected).abs() < 1e-12, "{name}, step {t}: got {got}, expected {expected}");
    }
}

#[test]
fn schedules() {
    check("INVERSE_SQRT", &Schedule::InverseSqrt);
    check("STEP", &Schedule::Step { every: 7, gamma: 0.3 });
    check("MULTI_STEP", &Schedule::MultiStep { milestones: vec![3, 11, 12], gamma: 0.5 });
    check("EXPONENTIAL", &Schedule::Exponential { gamma: 0.9 });
    check("LINEAR", &Schedule::Linear { from: 0.25, to: 0.9, steps: 8 });
    check("POLYNOMIAL", &Schedule::Polynomial { steps: 20, power: 1.7, floor: 0.0 });
    check("COSINE", &Schedule::Cosine { steps: 29, floor: 0.05 });
    check("RESTARTS", &Schedule::CosineRestarts { period: 4, growth: 2, floor: 0.1 });
    check("RESTARTS_EQUAL", &Schedule::CosineRestarts { period: 5, growth: 1, floor: 0.0 });
}

#[test]
fn one_cycle() {
    check("ONE_CYCLE", &Schedule::one_cycle(31));
    let (pct_start, div_factor, final_div_factor) = (0.4, 10.0, 50.0);
    let anneal = Anneal::Linear;
    let linear = Schedule::OneCycle { steps: 31, pct_start, div_factor, final_div_factor, anneal };
    check("ONE_CYCLE_LINEAR", &linear);
}

#[test]
fn schedules_of_schedules() {
    let climb = Schedule::Linear { from: 0.2, to: 1.0, steps: 6 };
    let fall = Schedule::Exponential { gamma: 0.8 };
    check("SEQUENTIAL", &climb.clone().then(6, fall.clone()));
    check("CHAINED", &Schedule::Product(vec![climb, fall]));
}

const LOSSES: [f64; 20] = [
    1.0, 0.8, 0.81, 0.79995, 0.9, 0.85, 0.7, 0.71, 0.72, 0.73, 0.74, 0.75, 0.76, 0.6, 0.61, 0.62,
    0.63, 0.64, 0.65, 0.66,
];

fn watched(plateau: &Plateau) -> Optimizer {
    let sgd = Sgd { lr: 0.5, ..Sgd::default() }.init().unwrap();
    sgd.plateau(plateau.clone()).unwrap()
}

fn check_plateau(name: &str, sign: f64, plateau: Plateau) {
    let (mut whole, mut resumed) = (watched(&plateau), watched(&plateau));
    let expected = golden(&format!("PLATEAU_{name}"));
    assert_eq!(expected.len(), LOSSES.len());
    for (loss, expected) in LOSSES.iter().zip(expected) {
        whole.observe(sign * loss);
        resumed.observe(sign * loss);
        let got = whole.learning_rate();
        assert!((got - expected).abs() < 1e-12, "{name}: got {got}, expected {expected}");
        assert_eq!(got, resumed.learning_rate(), "{name}: saved and loaded at every value");
        let saved = resumed.state_dict();
        resumed = watched(&plateau);
        resumed.load_state_dict(&saved).unwrap();
    }
}

#[test]
fn plateaus() {
    check_plateau("LOSSES", 1.0, Plateau { patience: 2, ..Plateau::default() });
    let threshold = Threshold::Absolute(0.02);
    let (factor, patience, cooldown, min_lr) = (0.3, 1, 2, 0.05);
    let plateau = Plateau { factor, patience, cooldown, min_lr, threshold, ..Plateau::default() };
    check_plateau("COOLDOWN", 1.0, plateau);
    let (mode, factor) = (PlateauMode::Max, 0.5);
    let threshold = Threshold::Absolute(0.0);
    let plateau = Plateau { mode, factor, patience: 0, threshold, ..Plateau::default() };
    check_plateau("MAX", -1.0, plateau.clone());
    let threshold = Threshold::Relative(0.1);
    check_plateau("MAX_RELATIVE", 1.0, Plateau { patience: 1, threshold, ..plateau });
}
