//! Laws of the schedules, and the edges of their ranges. Values against PyTorch are in `tests/golden`.

use proptest::prelude::*;

use super::*;

fn falling() -> impl Strategy<Value = Schedule> {
    let share = || 0.0..=1.0;
    prop_oneof![
        Just(Schedule::Constant),
        Just(Schedule::InverseSqrt),
        (0.0..2.0).prop_map(|decay| Schedule::InverseTime { decay }),
        (1..50u64, share()).prop_map(|(every, gamma)| Schedule::Step { every, gamma }),
        (prop::collection::vec(0..400u64, 0..4), share())
            .prop_map(|(milestones, gamma)| Schedule::MultiStep { milestones, gamma }),
        share().prop_map(|gamma| Schedule::Exponential { gamma }),
        (share(), 0..300u64).prop_map(|(to, steps)| Schedule::Linear { from: 1.0, to, steps }),
        (0..300u64, 0.0..3.0, share()).prop_map(|(steps, power, floor)| Schedule::Polynomial {
            steps,
            power,
            floor
        }),
        (0..300u64, share()).prop_map(|(steps, floor)| Schedule::Cosine { steps, floor }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_factor_climbs_to_one_and_then_never_rises(then in falling(), steps in 0..100u64) {
        let schedule = then.clone().warmup(steps);
        for t in 0..500 {
            let (now, next) = (schedule.factor(t), schedule.factor(t + 1));
            prop_assert!((0.0..=1.0).contains(&now));
            if t + 1 < steps {
                prop_assert!(now < next);
            } else if t >= steps {
                prop_assert!(next <= now + 1e-15);
                prop_assert_eq!(now.to_bits(), then.factor(t - steps).to_bits());
            }
        }
    }

    #[test]
    fn a_product_multiplies_and_a_sequence_hands_over(a in falling(), b in falling(), at in 0..50u64, t in 0..200u64) {
        let both = Schedule::Product(vec![a.clone(), b.clone()]);
        prop_assert_eq!(both.factor(t), a.factor(t) * b.factor(t));
        let expected = if t < at { a.factor(t) } else { b.factor(t - at) };
        prop_assert_eq!(a.then(at, b).factor(t), expected);
    }

    #[test]
    fn every_restart_begins_at_one(period in 1..20u64, growth in 1..4u64, floor in 0.0..0.9) {
        let schedule = Schedule::CosineRestarts { period, growth, floor };
        let (mut start, mut length) = (0, period);
        for _ in 0..6 {
            prop_assert_eq!(schedule.factor(start), 1.0);
            for t in 1..length {
                prop_assert!(schedule.factor(start + t) < schedule.factor(start + t - 1));
            }
            start += length;
            length *= growth;
        }
    }

    #[test]
    fn one_cycle_stays_within_its_ends(steps in 1..200u64, pct_start in 0.0..=1.0) {
        let (div_factor, final_div_factor) = (25.0, 1e4);
        for anneal in [Anneal::Cosine, Anneal::Linear] {
            let schedule = Schedule::OneCycle { steps, pct_start, div_factor, final_div_factor, anneal };
            for t in 0..steps + 5 {
                prop_assert!((4e-6 - 1e-15..=1.0 + 1e-12).contains(&schedule.factor(t)), "{t}: {}", schedule.factor(t));
            }
            prop_assert_eq!(schedule.factor(steps), 0.04 / 1e4);
        }
    }
}

#[test]
fn values_are_those_of_the_formulas() {
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-15, "{a} {b}");
    close(Schedule::InverseSqrt.factor(3), 0.5);
    close(Schedule::InverseTime { decay: 0.5 }.factor(2), 0.5);
    let step = Schedule::Step { every: 10, gamma: 0.1 };
    close(step.factor(9), 1.0);
    close(step.factor(10), 0.1);
    close(step.factor(25), 0.01);
    close(Schedule::Exponential { gamma: 0.5 }.factor(3), 0.125);
    let cosine = Schedule::Cosine { steps: 4, floor: 0.2 };
    close(cosine.factor(0), 1.0);
    close(cosine.factor(2), 0.6);
    close(cosine.factor(4), 0.2);
    assert_eq!(Schedule::CosineRestarts { period: 1, growth: 2, floor: 0.0 }.factor(0), 1.0);
    assert!(
        Schedule::CosineRestarts { period: 3, growth: 2, floor: 0.0 }.factor(u64::MAX).is_finite()
    );
}

#[test]
fn bad_settings_are_refused() {
    let bad = [
        Schedule::Step { every: 0, gamma: 0.1 },
        Schedule::Exponential { gamma: f64::NAN }.warmup(3),
        Schedule::InverseTime { decay: -1.0 },
        Schedule::MultiStep { milestones: vec![1], gamma: -0.1 },
        Schedule::Linear { from: 1.0, to: f64::INFINITY, steps: 3 },
        Schedule::Polynomial { steps: 3, power: -1.0, floor: 0.0 },
        Schedule::CosineRestarts { period: 0, growth: 1, floor: 0.0 },
        Schedule::CosineRestarts { period: 1, growth: 0, floor: 0.0 },
        Schedule::one_cycle(0),
        Schedule::Constant.then(3, Schedule::Cosine { steps: 3, floor: -1.0 }),
        Schedule::Product(vec![Schedule::Constant, Schedule::Exponential { gamma: -1.0 }]),
    ];
    for schedule in bad {
        assert!(schedule.check().is_err(), "{schedule:?}");
    }
}
