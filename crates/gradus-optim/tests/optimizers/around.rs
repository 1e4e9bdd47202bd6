//! What surrounds an optimizer: states, groups, accumulation, clipping, noise, two passes, rates.

use gradus_autograd::{Grads, Param};
use gradus_optim::{
    Adadelta, Adafactor, Adam, AdamW, Chain, Error, Group, Lion, LrFinder, Muon, NAdam, Optimizer,
    Plateau, RAdam, Rprop, Sam, Schedule, Sgd, add_noise, clip_by_global_norm, clip_by_norm,
    scale_by_trust_ratio,
};
use gradus_tensor::{DType, Key, Tensor};

use super::{assert_same_bits, bowl, bowl_loss, mlp, table, train, xor_loss};

#[test]
fn no_optimizer_takes_the_state_of_another_kind() {
    // What differs in settings only may take each other's state.
    let kinds = ["sgd", "momentum", "adagrad", "rprop", "rmsprop", "centered", "adadelta", "adam"];
    let more = ["amsgrad", "adamw", "adamax", "nadam", "radam", "adabelief", "lion", "muon"];
    let kinds: Vec<_> = [&kinds[..], &more, &["adafactor"]].concat();
    let of = |kind: &str| table().into_iter().find(|(name, _)| *name == kind).unwrap().1;
    for saved in &kinds {
        for steps in [0, 2] {
            let mut from = of(saved);
            train(&mut from, &mut mlp(1), xor_loss, steps);
            let state = from.state_dict();
            for loaded in &kinds {
                let result = of(loaded).load_state_dict(&state);
                assert_eq!(result.is_ok(), loaded == saved, "{saved} into {loaded}: {result:?}");
            }
        }
    }
}

#[test]
fn a_state_survives_its_optimizer_and_not_its_settings() {
    let mut adam = Adam { lr: 0.1, weight_decay: 0.1, ..Adam::default() }.init().unwrap();
    train(&mut adam, &mut bowl(), bowl_loss, 2);
    let clip = clip_by_global_norm(1.0).unwrap();
    let mut other = Adam::default().init().unwrap().first(clip);
    other.load_state_dict(&adam.state_dict()).unwrap();
    assert_eq!((other.steps(), other.learning_rate()), (2, 1e-3));
}

#[test]
fn groups_have_rates_and_decays_of_their_own() {
    let ready = |decay: f64, clip: f64| {
        let (lr, weight_decay) = (0.1, 0.5 * decay);
        AdamW { lr, weight_decay, ..AdamW::default() }
            .init()
            .unwrap()
            .first(clip_by_norm(clip).unwrap())
    };
    let group = Group { lr_factor: 0.5, decay_factor: 0.0 };
    // Once in one pass and once, with a link of its own in front, link by link.
    for clip in [None, Some(1e9)] {
        let one = |decay: f64| match clip {
            None => {
                let (lr, weight_decay) = (0.1, 0.5 * decay);
                AdamW { lr, weight_decay, ..AdamW::default() }.init().unwrap()
            }
            Some(clip) => ready(decay, clip),
        };
        let mut grouped = one(1.0)
            .group(|path, _| path == "1", group)
            .and_then(|o| o.group(|_, _| true, Group::default()))
            .unwrap();
        let mut model = vec![bowl().remove(0), bowl().remove(0)];
        let grad = Tensor::new([1.0, -2.0, 3.0]);
        let grads: Grads = model.iter().map(|p| (p.id(), grad.clone())).collect();
        grouped.step(&mut model, &grads).unwrap();
        let mut plain = bowl();
        let grads: Grads = [(plain[0].id(), grad.clone())].into_iter().collect();
        one(1.0).step(&mut plain, &grads).unwrap();
        assert!(model[0].value().equal(plain[0].value()));
        let mut slow = bowl();
        let grads: Grads = [(slow[0].id(), grad)].into_iter().collect();
        let adam = Adam { lr: 0.05, ..Adam::default() };
        adam.init().unwrap().step(&mut slow, &grads).unwrap();
        assert!(model[1].value().equal(slow[0].value()));
    }
    let bad = Group { lr_factor: -1.0, ..group };
    assert!(Adam::default().init().unwrap().group(|_, _| true, bad).is_err());
}

#[test]
fn accumulated_gradients_are_those_of_the_whole_batch() {
    let parts = [[1.0, 0.0, 2.0], [3.0, -2.0, 1.0], [-1.0, 5.0, 0.0]];
    let clip = || clip_by_global_norm(0.5).unwrap();
    let sgd = || Sgd { lr: 0.3, momentum: 0.9, ..Sgd::default() }.init().unwrap().first(clip());
    let (mut whole, mut parted) = (sgd(), sgd().accumulate(3).unwrap());
    let (mut a, mut b) = (bowl(), bowl());
    for round in 1..3u64 {
        for (i, part) in parts.iter().enumerate() {
            let before = b[0].value().clone();
            let grads: Grads = [(b[0].id(), Tensor::new(*part))].into_iter().collect();
            let info = parted.step(&mut b, &grads).unwrap();
            assert_eq!(info.step, round - u64::from(i < 2));
            assert_eq!(b[0].value().equal(&before), i < 2);
        }
        let mean = Tensor::new([1.0, 1.0, 1.0]);
        let grads: Grads = [(a[0].id(), mean)].into_iter().collect();
        whole.step(&mut a, &grads).unwrap();
        assert!(a[0].value().allclose(b[0].value(), 1e-6, 0.0).unwrap());
    }
}

#[test]
fn a_parameter_that_only_one_batch_knows_is_moved_too() {
    let mut model = vec![bowl().remove(0), bowl().remove(0)];
    let mut sgd = Sgd { lr: 1.0, ..Sgd::default() }.init().unwrap().accumulate(2).unwrap();
    for i in [0, 1] {
        let grads: Grads = [(model[i].id(), Tensor::new([2.0, 2.0, 2.0]))].into_iter().collect();
        sgd.step(&mut model, &grads).unwrap();
    }
    for param in &model {
        assert_eq!(param.value().to_vec::<f32>().unwrap(), [2.0, -2.0, 1.0]);
    }
}

#[test]
fn each_parameter_is_clipped_on_its_own() {
    let mut model = vec![bowl().remove(0), bowl().remove(0)];
    let clip = clip_by_norm(1.0).unwrap();
    let mut sgd = Sgd { lr: 1.0, ..Sgd::default() }.init().unwrap().first(clip);
    let grads = [[30.0, 0.0, 40.0], [0.3, 0.0, 0.4]];
    let grads: Grads =
        model.iter().zip(grads).map(|(p, grad)| (p.id(), Tensor::new(grad))).collect();
    sgd.step(&mut model, &grads).unwrap();
    let expected = [[2.4, -1.0, 1.2], [2.7, -1.0, 1.6]];
    for (param, expected) in model.iter().zip(expected) {
        assert!(param.value().allclose(&Tensor::new(expected), 1e-6, 0.0).unwrap());
    }
}

#[test]
fn noise_is_a_function_of_key_step_and_path_and_fades() {
    let noise = |seed| add_noise(0.04, 1.0, Key::new(seed)).unwrap();
    let zeros = || vec![Param::new(Tensor::zeros([2000], DType::F64).unwrap())];
    let draw = |seed, steps: usize| {
        let mut sgd = Sgd { lr: 1.0, ..Sgd::default() }.init().unwrap().first(noise(seed));
        let mut model = zeros();
        let mut moves = Vec::new();
        for _ in 0..steps {
            model[0].set_value(zeros()[0].value().clone()).unwrap();
            let grads: Grads = [(model[0].id(), zeros()[0].value().clone())].into_iter().collect();
            sgd.step(&mut model, &grads).unwrap();
            moves.push(model[0].value().clone());
        }
        moves
    };
    let (a, b, other) = (draw(1, 4), draw(1, 4), draw(2, 1));
    assert!(a.iter().zip(&b).all(|(a, b)| a.equal(b)) && !a[0].equal(&other[0]));
    for (t, moved) in a.iter().enumerate() {
        let std = moved.std(.., 1.0).unwrap().item().unwrap();
        let expected = (0.04 / (1.0 + t as f64)).sqrt();
        assert!((std / expected - 1.0).abs() < 0.06, "step {t}: {std}, expected {expected}");
    }
}

#[test]
fn more_settings_out_of_range_are_refused() {
    assert!(Rprop { etas: [0.5, 0.9], ..Rprop::default() }.init().is_err());
    assert!(Rprop { step_sizes: [1.0, 0.5], ..Rprop::default() }.init().is_err());
    assert!(Adadelta { eps: 0.0, ..Adadelta::default() }.init().is_err());
    assert!(NAdam { momentum_decay: -1.0, ..NAdam::default() }.init().is_err());
    assert!(RAdam { betas: [0.9, 1.0], ..RAdam::default() }.init().is_err());
    assert!(Lion { betas: [-0.1, 0.9], ..Lion::default() }.init().is_err());
    assert!(Muon { lr: 0.0, ..Muon::default() }.init().is_err());
    assert!(Muon { ns_steps: 100, ..Muon::default() }.init().is_err());
    assert!(Adafactor { beta2_decay: 0.1, ..Adafactor::default() }.init().is_err());
    assert!(Adafactor { d: 0.0, ..Adafactor::default() }.init().is_err());
    assert!(clip_by_norm(f64::NAN).is_err());
    assert!(add_noise(-1.0, 0.5, Key::new(0)).is_err());
    let adam = || Adam::default().init().unwrap();
    assert!(adam().lookahead(0, 0.5).is_err() && adam().lookahead(5, 0.0).is_err());
    assert!(adam().accumulate(0).is_err());
    assert!(adam().plateau(Plateau { factor: 1.0, ..Plateau::default() }).is_err());
}

#[test]
fn a_trust_ratio_bears_tiny_updates() {
    let chain = Chain::new().then(scale_by_trust_ratio(1.0, 0.0).unwrap());
    let mut optimizer = Optimizer::new(chain, 1.0, Schedule::Constant).unwrap();
    let mut model = bowl();
    let grads: Grads = [(model[0].id(), Tensor::new([1e-40, 0.0, 0.0]))].into_iter().collect();
    optimizer.step(&mut model, &grads).unwrap();
    let length = 14f64.sqrt();
    let moved = 3.0 - model[0].value().select(0, 0).unwrap().item().unwrap();
    assert!((moved / length - 1.0).abs() < 1e-3, "{moved}");
}

#[test]
fn states_that_do_not_name_their_chain_are_checked_by_their_entries() {
    let unnamed = |optimizer: &Optimizer| {
        let mut state = optimizer.state_dict();
        state.remove("chain");
        state
    };
    let mut adam = Adam::default().init().unwrap();
    train(&mut adam, &mut bowl(), bowl_loss, 2);
    let mut sgd = Sgd::default().init().unwrap();
    train(&mut sgd, &mut bowl(), bowl_loss, 2);
    let mut other = Adam::default().init().unwrap();
    let error = other.load_state_dict(&unnamed(&sgd)).unwrap_err();
    assert_eq!(error.to_string(), "optimizer state: missing step.*");
    assert_eq!(other.steps(), 0);
    other.load_state_dict(&unnamed(&adam)).unwrap();
    assert_eq!(other.steps(), 2);
    let error = sgd.load_state_dict(&unnamed(&adam)).unwrap_err();
    assert!(matches!(error, Error::UnexpectedState { .. }));
}

#[test]
fn an_error_in_either_pass_of_sharpness_awareness_changes_nothing() {
    for bad in [1, 2] {
        let mut sam = Sam::default().init(Sgd::default().init().unwrap()).unwrap();
        let (mut model, mut calls) = (bowl(), 0);
        let result = sam.step(&mut model, |model: &Vec<Param>| {
            calls += 1;
            if calls == bad {
                Err(Error::NonFiniteLoss { loss: 1.0 })
            } else {
                Ok(bowl_loss(model))
            }
        });
        assert!(result.is_err());
        assert_same_bits(&model, &bowl(), "unchanged");
        assert_eq!(sam.optimizer().steps(), 0);
    }
    assert!(Sam { rho: 0.0, ..Sam::default() }.init(Sgd::default().init().unwrap()).is_err());
}

#[test]
fn the_finder_of_rates_stops_at_divergence_and_restores_the_model() {
    let mut model = mlp(4);
    let before = model.clone();
    let finder = LrFinder { start: 1e-4, end: 100.0, steps: 60, ..LrFinder::default() };
    let sgd = |lr, schedule| Sgd { lr, schedule, ..Sgd::default() }.init();
    let curve = finder
        .run(&mut model, sgd, |model: &Vec<Param>, _| Ok::<_, Error>(xor_loss(model)))
        .unwrap();
    assert_same_bits(&model, &before, "restored");
    assert!(curve.rates.len() < 60 && curve.rates.len() == curve.losses.len(), "{curve:?}");
    assert!((curve.rates[0] - 1e-4).abs() < 1e-12);
    assert!(curve.rates.windows(2).all(|pair| pair[1] > pair[0]));
    let (steepest, careful) = (curve.steepest().unwrap(), curve.careful().unwrap());
    for rate in [steepest, careful] {
        assert!(rate > 1e-3 && rate < 5.0, "{rate} of {curve:?}");
    }
    let never = LrFinder { end: 1e-8, ..finder };
    assert!(
        never
            .run(&mut model, sgd, |model: &Vec<Param>, _| Ok::<_, Error>(xor_loss(model)))
            .is_err()
    );
}
