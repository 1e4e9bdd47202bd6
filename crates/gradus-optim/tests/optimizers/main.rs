//! What holds for every optimizer: one table, one suite.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod around;

use gradus_autograd::{Grads, Module, Param, Var};
use gradus_optim::{
    AdaBelief, Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Chain, Error, Lamb, Lion, Muon,
    NAdam, Optimizer, Plateau, RAdam, RmsProp, Rprop, Schedule, Sgd, Transformation,
    add_decayed_weights, add_noise, clip_by_global_norm, masked, scale, scale_by_adam,
    scale_by_schedule, trace,
};
use gradus_tensor::{DType, Key, Tensor};

/// Every optimizer, with a rate that suits the problems below.
fn table() -> Vec<(&'static str, Optimizer)> {
    // The steps of these do not shrink by themselves.
    let decay = Schedule::Linear { from: 1.0, to: 0.0, steps: 500 };
    let muon = Muon { weight_decay: 0.0, ..Muon::default() };
    let adam = Adam { lr: 0.05, ..Adam::default() };
    let noise = add_noise(0.01, 0.55, Key::new(5)).unwrap();
    let momentum = Sgd { lr: 0.02, momentum: 0.9, ..Sgd::default() };
    let rows = [
        ("sgd", Sgd { lr: 0.1, ..Sgd::default() }.init()),
        ("momentum", momentum.init()),
        ("nesterov", Sgd { nesterov: true, ..momentum }.init()),
        ("adagrad", Adagrad { lr: 0.3, ..Adagrad::default() }.init()),
        ("rmsprop", RmsProp { lr: 0.01, momentum: 0.5, ..RmsProp::default() }.init()),
        ("centered", RmsProp { lr: 0.01, centered: true, ..RmsProp::default() }.init()),
        ("adadelta", Adadelta { lr: 0.3, eps: 0.1, ..Adadelta::default() }.init()),
        ("rprop", Rprop::default().init()),
        ("adam", Adam { lr: 0.05, ..Adam::default() }.init()),
        ("amsgrad", Adam { lr: 0.05, amsgrad: true, ..Adam::default() }.init()),
        ("adamax", Adamax { lr: 0.05, ..Adamax::default() }.init()),
        ("nadam", NAdam { lr: 0.05, ..NAdam::default() }.init()),
        ("radam", RAdam { lr: 0.05, ..RAdam::default() }.init()),
        ("adabelief", AdaBelief { lr: 0.05, ..AdaBelief::default() }.init()),
        ("lion", Lion { lr: 0.03, schedule: decay.clone(), ..Lion::default() }.init()),
        ("muon", Muon { lr: 0.05, adam_lr: 0.05, schedule: decay.clone(), ..muon }.init()),
        ("adafactor", Adafactor { lr: 0.1, ..Adafactor::default() }.init()),
        ("lamb", Lamb { lr: 0.05, schedule: decay, ..Lamb::default() }.init()),
        ("lookahead", adam.init().and_then(|adam| adam.lookahead(5, 0.5))),
        ("accumulated", adam.init().and_then(|adam| adam.accumulate(3))),
        ("plateau", adam.init().and_then(|adam| adam.plateau(Plateau::default()))),
        ("noise", adam.init().map(|adam| adam.first(noise))),
        ("adamw", AdamW { lr: 0.05, weight_decay: 1e-4, ..AdamW::default() }.init()),
    ];
    rows.into_iter().map(|(name, optimizer)| (name, optimizer.unwrap())).collect()
}

/// x → tanh(x W₁ + b₁) W₂ + b₂ with eight hidden units.
fn mlp(seed: u64) -> Vec<Param> {
    let draw = |shape: [usize; 2], i| {
        Param::new(Tensor::randn(shape, DType::F32, Key::new(seed).fold_in(i)).unwrap())
    };
    vec![draw([2, 8], 0), draw([1, 8], 1), draw([8, 1], 2), draw([1, 1], 3)]
}

fn xor_loss(model: &[Param]) -> Var {
    let x = Tensor::new([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
    let y = Tensor::new([[0.0], [1.0], [1.0], [0.0]]);
    let [w1, b1, w2, b2] = [0, 1, 2, 3].map(|i| model[i].var());
    let hidden = Var::from(&x).matmul(&w1).unwrap().add(&b1).unwrap().tanh().unwrap();
    let out = hidden.matmul(&w2).unwrap().add(&b2).unwrap();
    out.sub(&y.into()).unwrap().square().unwrap().mean(..).unwrap()
}

/// Σ c (w − 1)² with curvatures from 0.1 to 1.
fn bowl_loss(model: &[Param]) -> Var {
    let curvature = Var::constant(Tensor::new([1.0, 0.5, 0.1]));
    let error = model[0].var().sub_scalar(1.0).unwrap().square().unwrap();
    error.mul(&curvature).unwrap().sum(..).unwrap()
}

fn bowl() -> Vec<Param> {
    vec![Param::new(Tensor::new([3.0, -1.0, 2.0]))]
}

fn train(
    optimizer: &mut Optimizer,
    model: &mut Vec<Param>,
    loss: fn(&[Param]) -> Var,
    steps: usize,
) -> f64 {
    for _ in 0..steps {
        let grads = loss(model).backward().unwrap();
        if let Err(error) = optimizer.step(model, &grads) {
            panic!("{error}: {optimizer:?}");
        }
    }
    loss(model).item().unwrap()
}

fn assert_same_bits(a: &impl Module, b: &impl Module, name: &str) {
    for (a, b) in a.state_dict().values().zip(b.state_dict().values()) {
        assert!(a.equal(b), "{name}: {a} and {b}");
    }
}

#[test]
fn every_optimizer_reaches_the_bottom_of_a_bowl() {
    for (name, mut optimizer) in table() {
        let loss = train(&mut optimizer, &mut bowl(), bowl_loss, 500);
        assert!(loss < 1e-3, "{name}: {loss}");
    }
}

#[test]
fn every_optimizer_learns_xor() {
    let mut losses = Vec::new();
    for (name, mut optimizer) in table() {
        let loss = train(&mut optimizer, &mut mlp(1), xor_loss, 400);
        losses.push((name, loss));
    }
    assert!(losses.iter().all(|(_, loss)| *loss < 0.15), "{losses:?}");
}

#[test]
fn going_on_from_saved_state_is_the_same_bits() {
    for ((name, mut whole), (_, mut first)) in table().into_iter().zip(table()) {
        let mut model = mlp(2);
        train(&mut whole, &mut model, xor_loss, 20);

        let mut part = mlp(2);
        train(&mut first, &mut part, xor_loss, 7);
        let mut resumed = mlp(3);
        resumed.load_state_dict(&part.state_dict()).unwrap();
        let mut second = table().into_iter().find(|(n, _)| *n == name).unwrap().1;
        second.load_state_dict(&first.state_dict()).unwrap();
        train(&mut second, &mut resumed, xor_loss, 13);

        assert_same_bits(&model, &resumed, name);
        let (a, b) = (whole.state_dict(), second.state_dict());
        assert!(a.keys().eq(b.keys()) && a.values().zip(b.values()).all(|(a, b)| a.equal(b)));
    }
}

#[test]
fn state_is_named_after_parameters() {
    let mut adam = Adam::default().init().unwrap();
    train(&mut adam, &mut bowl(), bowl_loss, 3);
    let state = adam.state_dict();
    let names: Vec<_> = state.keys().map(String::as_str).collect();
    assert_eq!(names, ["chain", "exp_avg.0", "exp_avg_sq.0", "step", "step.0"]);
    assert_eq!(state["step"].item().unwrap(), 3.0);
}

#[test]
fn two_memories_of_one_name_are_kept_apart() {
    let two = || {
        let momentum = || trace(0.5, 0.0, gradus_optim::Momentum::Heavy).unwrap();
        Optimizer::new(Chain::new().then(momentum()).then(momentum()), 0.1, Schedule::Constant)
            .unwrap()
    };
    let (mut whole, mut model, mut resumed) = (two(), bowl(), bowl());
    train(&mut whole, &mut model, bowl_loss, 4);
    let mut first = two();
    train(&mut first, &mut resumed, bowl_loss, 2);
    assert!(first.state_dict().contains_key("momentum_buffer_2.0"));
    let mut second = two();
    second.load_state_dict(&first.state_dict()).unwrap();
    train(&mut second, &mut resumed, bowl_loss, 2);
    assert_same_bits(&model, &resumed, "two traces");
}

#[test]
fn state_of_another_optimizer_is_refused_and_changes_nothing() {
    let mut adam = Adam::default().init().unwrap();
    train(&mut adam, &mut bowl(), bowl_loss, 3);
    let mut sgd = Sgd { momentum: 0.9, ..Sgd::default() }.init().unwrap();
    let error = sgd.load_state_dict(&adam.state_dict()).unwrap_err();
    assert!(matches!(error, Error::OtherOptimizer { .. }));
    assert_eq!(
        error.to_string(),
        "optimizer state: saved by [add_decayed_weights, scale_by_adam], cannot be loaded by \
         [add_decayed_weights, trace]"
    );
    let mut unknown = adam.state_dict();
    unknown.insert("exp_avg_3.0".to_owned(), Tensor::new([1.0]));
    assert!(matches!(adam.load_state_dict(&unknown), Err(Error::UnexpectedState { .. })));
    let mut negative = adam.state_dict();
    negative.insert("step".to_owned(), Tensor::scalar(-1i64));
    assert!(matches!(adam.load_state_dict(&negative), Err(Error::InvalidState { .. })));
    let mut partial = adam.state_dict();
    partial.remove("exp_avg.0");
    let error = adam.load_state_dict(&partial).unwrap_err();
    assert_eq!(error.to_string(), "optimizer state: missing exp_avg.0");
    assert_eq!(adam.steps(), 3);

    let mut other = vec![Param::new(Tensor::new([1.0, 2.0]))];
    let grads = other[0].var().sum(..).unwrap().backward().unwrap();
    let error = adam.step(&mut other, &grads).unwrap_err();
    assert_eq!(error.to_string(), "exp_avg.0: expected shape [2], got [3]");
}

#[test]
fn only_kin_read_the_state_of_each_other() {
    // The velocity of momentum means the same to Nesterov, and what stands around Adam may come and go.
    let kin =
        [&["momentum", "nesterov"][..], &["adam", "noise", "lookahead", "accumulated", "plateau"]];
    let n = table().len();
    for from in 0..n {
        let (name, mut saved) = table().swap_remove(from);
        train(&mut saved, &mut mlp(1), xor_loss, 2);
        for to in (0..n).filter(|&to| to != from) {
            let (other, mut reader) = table().swap_remove(to);
            let is_kin = kin.iter().any(|pair| pair.contains(&name) && pair.contains(&other));
            let read = reader.load_state_dict(&saved.state_dict());
            assert!(is_kin || read.is_err(), "{other} reads the state of {name}");
        }
    }
}

#[test]
fn parameters_without_gradient_or_frozen_stay() {
    let mut model = vec![bowl().remove(0), bowl().remove(0), bowl().remove(0)];
    let loss = model[0].var().add(&model[2].var()).unwrap().sum(..).unwrap();
    let grads = loss.backward().unwrap();
    model[2].freeze();
    let mut adamw = AdamW { lr: 0.1, weight_decay: 0.1, ..AdamW::default() }.init().unwrap();
    adamw.step(&mut model, &grads).unwrap();
    let start = bowl().remove(0);
    assert!(!model[0].value().equal(start.value()));
    assert!(model[1].value().equal(start.value()) && model[2].value().equal(start.value()));
    assert!(adamw.state_dict().keys().all(|name| !name.contains('.') || name.ends_with(".0")));
}

#[test]
fn a_gradient_that_is_not_finite_changes_nothing() {
    for bad in [f32::NAN, f32::INFINITY] {
        let mut model = bowl();
        let grads: Grads = [(model[0].id(), Tensor::from([0.0, bad, 1.0]))].into_iter().collect();
        let mut adam = Adam::default().init().unwrap();
        let error = adam.step(&mut model, &grads).unwrap_err();
        assert_eq!(error.to_string(), "0: the gradient is not finite");
        assert_same_bits(&model, &bowl(), "unchanged");
        assert_eq!(adam.state_dict().len(), 2);
    }
}

#[test]
fn large_finite_gradients_have_a_norm() {
    let mut model = bowl();
    let grad = Tensor::from([3e30f32, 0.0, 4e30]);
    let grads: Grads = [(model[0].id(), grad)].into_iter().collect();
    let clip = clip_by_global_norm(1.0).unwrap();
    let mut sgd = Sgd { lr: 1.0, ..Sgd::default() }.init().unwrap().first(clip);
    let info = sgd.step(&mut model, &grads).unwrap();
    assert!((info.grad_norm / 5e30 - 1.0).abs() < 1e-6);
    let expected = Tensor::new([2.4, -1.0, 1.2]);
    assert!(model[0].value().allclose(&expected, 1e-6, 0.0).unwrap());
}

#[test]
fn every_optimizer_takes_every_floating_point_dtype() {
    for dtype in [DType::F32, DType::F64, DType::BF16] {
        for (name, mut optimizer) in table() {
            let start = Tensor::new([3.0, -1.0, 0.0]).to_dtype(dtype).unwrap();
            let mut model =
                vec![Param::new(start.clone()), Param::new(start.narrow(0, 0, 0).unwrap())];
            for _ in 0..3 {
                let loss = |p: &Param| p.var().square().unwrap().sum(..).unwrap();
                let total = loss(&model[0]).add(&loss(&model[1])).unwrap();
                optimizer.step(&mut model, &total.backward().unwrap()).unwrap();
            }
            let moved = model[0].value();
            assert_eq!(moved.dtype(), dtype, "{name}");
            let [a, b, c] = [0, 1, 2].map(|i| moved.select(0, i).unwrap().item().unwrap());
            assert!(a < 3.0 && b > -1.0, "{name}: {moved}");
            // Noise moves what has no gradient, and Muon's update looks at the whole matrix.
            assert!(c == 0.0 || name == "noise", "{name}: {moved}");
        }
    }
}

#[test]
fn a_mask_keeps_a_transformation_to_its_parameters() {
    let mut model = vec![bowl().remove(0), bowl().remove(0), bowl().remove(0)];
    let loss = model.iter().map(|p| p.var().sum(..).unwrap());
    let grads = loss.reduce(|a, b| a.add(&b).unwrap()).unwrap().backward().unwrap();
    let chain = Chain::new().then(masked(|path, _| path == "1", scale(0.0).unwrap()));
    Optimizer::new(chain, 1.0, Schedule::Constant).unwrap().step(&mut model, &grads).unwrap();
    let start = bowl().remove(0);
    assert!(model[1].value().equal(start.value()));
    for i in [0, 2] {
        assert!(model[i].value().equal(&start.value().sub_scalar(1.0).unwrap()));
    }
}

#[test]
fn the_rate_follows_the_schedule() {
    let schedule = Schedule::Step { every: 2, gamma: 0.5 };
    let mut sgd = Sgd { lr: 0.4, schedule: schedule.clone(), ..Sgd::default() }.init().unwrap();
    let by_link = Chain::new().then(scale_by_schedule(schedule).unwrap());
    let mut link = Optimizer::new(by_link, 0.4, Schedule::Constant).unwrap();
    let (mut a, mut b) = (bowl(), bowl());
    let mut rates = Vec::new();
    for _ in 0..4 {
        let grads = bowl_loss(&a).backward().unwrap();
        rates.push(sgd.step(&mut a, &grads).unwrap().learning_rate);
        train(&mut link, &mut b, bowl_loss, 1);
    }
    assert_eq!(rates, [0.4, 0.4, 0.2, 0.2]);
    assert!(a[0].value().allclose(b[0].value(), 1e-6, 0.0).unwrap());
}

#[test]
fn adamw_is_adam_then_decay_then_rate() {
    let chain = Chain::new()
        .then(scale_by_adam([0.9, 0.999], 1e-8).unwrap())
        .then(add_decayed_weights(0.01).unwrap());
    let mut chain = Optimizer::new(chain, 1e-3, Schedule::Constant).unwrap();
    let mut adamw = AdamW::default().init().unwrap();
    let (mut a, mut b) = (mlp(5), mlp(5));
    train(&mut chain, &mut a, xor_loss, 10);
    train(&mut adamw, &mut b, xor_loss, 10);
    assert_same_bits(&a, &b, "adamw");
}

#[test]
fn settings_out_of_range_are_refused() {
    assert!(Sgd { lr: -1.0, ..Sgd::default() }.init().is_err());
    let momentum = Sgd { momentum: 0.9, ..Sgd::default() };
    assert!(Sgd { nesterov: true, dampening: 0.1, ..momentum }.init().is_err());
    assert!(Sgd { nesterov: true, ..Sgd::default() }.init().is_err());
    assert!(Sgd { dampening: 0.1, ..Sgd::default() }.init().is_err());
    assert!(Adam { betas: [1.0, 0.9], ..Adam::default() }.init().is_err());
    assert!(Adagrad { eps: 0.0, ..Adagrad::default() }.init().is_err());
    assert!(RmsProp { alpha: f64::NAN, ..RmsProp::default() }.init().is_err());
    assert!(clip_by_global_norm(0.0).is_err());
    let schedule = Schedule::Exponential { gamma: -1.0 };
    assert!(AdamW { schedule, ..AdamW::default() }.init().is_err());
}

#[test]
fn a_transformation_of_ones_own_joins_the_chain() {
    #[derive(Debug)]
    struct Sign;
    impl Transformation for Sign {
        fn apply(&mut self, updates: &mut gradus_optim::Updates) -> gradus_optim::Result<()> {
            updates.map(|item| Ok(item.update.sign()?))
        }
    }
    let mut optimizer = Optimizer::new(Chain::new().then(Sign), 0.5, Schedule::Constant).unwrap();
    let mut model = bowl();
    train(&mut optimizer, &mut model, bowl_loss, 1);
    assert_eq!(model[0].value().to_vec::<f32>().unwrap(), [2.5, -0.5, 1.5]);
}
