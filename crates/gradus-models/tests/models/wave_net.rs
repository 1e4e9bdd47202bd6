//! WaveNet sees the past alone, as far as it says, and is played as it was trained.

use gradus_autograd::{Graph, Var, grad};
use gradus_core::{DType, Key, Keys};
use gradus_generate::{Ar, Causal, Request, State, Strategy, Want};
use gradus_models::{WaveNet, WaveNetCondition, WaveNetConfig};
use gradus_nn::{Ctx, Module, cast};
use gradus_tensor::Tensor;

use crate::causal_laws as laws;
use crate::descent::adam;
use crate::tiny::{numbers, tokens};

const LEVELS: usize = 9;
const WAVE: [u32; 12] = [4, 5, 8, 0, 2, 7, 7, 3, 1, 6, 4, 4];

fn size() -> WaveNetConfig {
    WaveNetConfig {
        residual_channels: 5,
        gate_channels: 3,
        skip_channels: 4,
        kernel: 3,
        n_layers: 2,
        ..WaveNetConfig::new(LEVELS)
    }
}

fn conditioned() -> WaveNetConfig {
    WaveNetConfig { classes: 4, frame_channels: 2, hop: 4, ..size() }
}

fn net(config: &WaveNetConfig, dtype: DType) -> WaveNet {
    let mut net = config.init(&mut Keys::new(7)).unwrap();
    cast(&mut net, dtype).unwrap();
    net
}

/// A class and four frames for each of three rows.
fn condition() -> WaveNetCondition {
    WaveNetCondition {
        classes: Some(Tensor::from(vec![2i64, 0, 3])),
        frames: Some(Tensor::randn([3, 4, 2], DType::F32, Key::new(3)).unwrap()),
    }
}

fn plain() -> WaveNetCondition {
    WaveNetCondition::default()
}

#[test]
fn queues_give_the_bits_of_one_feed() {
    for dtype in [DType::F32, DType::F64] {
        let net = net(&size(), dtype);
        let player = net.player(&plain()).unwrap();
        laws::every_split_has_the_same_bits(&player, &WAVE[..7]);
        laws::a_state_equals_a_fresh_one(&player, 40, 10);
        laws::a_prefix_changes_nothing(&player, &WAVE[..6]);
        laws::want_chooses_among_the_same_logits(&net);
    }
    let net = net(&conditioned(), DType::F32);
    let player = net.player(&condition()).unwrap();
    laws::a_state_equals_a_fresh_one(&player, 16, 16);
}

#[test]
fn a_long_wave_is_played_from_short_queues() {
    let net = net(&size(), DType::F32);
    let wave: Vec<u32> = (0..700u32).map(|i| i * i % LEVELS as u32).collect();
    let fed = laws::started(&net, &wave);
    let expected = laws::feed(&net, &mut net.begin(1).unwrap(), &[&fed], Want::All);
    let mut state = net.begin(1).unwrap();
    let mut found = Vec::new();
    for piece in fed.chunks(7) {
        let mark = state.mark();
        let guess = guess(&state);
        laws::feed(&net, &mut state, &[guess], Want::None);
        state.rewind(0, &mark, 0).unwrap();
        found.extend(laws::feed(&net, &mut state, &[piece], Want::All));
    }
    assert!(found == expected);
}

/// Three tokens that may stand next.
fn guess(state: &impl State) -> [u32; 3] {
    if state.len(0) == 0 { [LEVELS as u32, 2, 3] } else { [1, 2, 3] }
}

#[test]
fn a_wave_is_played_as_it_was_trained() {
    for (dtype, tolerance) in [(DType::F32, 1e-5), (DType::F64, 1e-12)] {
        let deep = WaveNetConfig { residual_channels: 40, gate_channels: 33, ..conditioned() };
        let net = net(&deep, dtype);
        let player = net.player(&condition()).unwrap();
        let rows = [&WAVE[..], &WAVE[..], &[1; 12]];
        let logits = net.forward(&tokens(&rows), &condition(), &mut Ctx::eval()).unwrap();
        let fed = rows.map(|row| laws::started(&player, &row[..11]));
        let found = laws::feed(&player, &mut player.begin(3).unwrap(), &fed, Want::All);
        for (a, b) in numbers(logits.value()).into_iter().zip(found) {
            assert!((a - b).abs() < tolerance * (1.0 + a.abs()), "{a} {b}");
        }
        let [a, b] = [0, 1].map(|row| numbers(&logits.value().select(0, row).unwrap()));
        assert_ne!(a, b, "the conditions differ");
    }
}

#[test]
fn a_row_of_a_batch_equals_the_row_alone() {
    let net = net(&conditioned(), DType::F64);
    let all = net.forward(&tokens(&[&WAVE, &WAVE, &WAVE]), &condition(), &mut Ctx::eval()).unwrap();
    for row in 0..3 {
        let part = |x: &Tensor| Some(x.narrow(0, row, 1).unwrap());
        let given = condition();
        let one = WaveNetCondition {
            classes: part(&given.classes.unwrap()),
            frames: part(&given.frames.unwrap()),
        };
        let alone = net.forward(&tokens(&[&WAVE]), &one, &mut Ctx::eval()).unwrap();
        assert!(alone.value().equal(&part(all.value()).unwrap()));
    }
}

/// For each of the `len` predictions, the last ones that see the vector of sample `at` of the wave.
fn seen(config: &WaveNetConfig, len: usize, at: usize) -> Vec<bool> {
    // The vector of level 0 stands nowhere but at `at`.
    let wave: Vec<u32> = (0..len).map(|i| if i == at { 0 } else { 1 + i as u32 % 8 }).collect();
    let net = net(config, DType::F64);
    let logits = net.forward(&tokens(&[&wave]), &plain(), &mut Ctx::eval()).unwrap();
    let table = net.named_parameters().into_iter().find(|(n, _)| n == "embedding.weight");
    let table: Var = table.unwrap().1.var();
    (0..len)
        .map(|t| {
            let one = logits.select(1, t).unwrap().square().unwrap().sum(..).unwrap();
            let grad = grad(&one, &[&table], Graph::Drop).unwrap().remove(0);
            numbers(&grad.value().select(0, 0).unwrap()).iter().any(|g| *g != 0.0)
        })
        .collect()
}

#[test]
fn a_prediction_sees_its_receptive_field_and_nothing_else() {
    for (kernel, n_layers, n_stacks) in [(2, 3, 1), (3, 2, 2), (1, 1, 1)] {
        // Wide enough that not every unit of the head is off.
        let config = WaveNetConfig { kernel, n_layers, n_stacks, skip_channels: 24, ..size() };
        let (field, at) = (config.receptive_field(), 2);
        let len = field + 6;
        let expected: Vec<bool> = (0..len).map(|t| t > at && t <= at + field).collect();
        assert_eq!(seen(&config, len, at), expected, "{kernel} {n_layers} {n_stacks}");
    }
}

#[test]
fn strategies_draw_the_same_wave() {
    let net = net(&conditioned(), DType::F32);
    let player = net.player(&condition()).unwrap();
    let other = WaveNetConfig { n_layers: 1, ..conditioned() };
    let draft = other.init(&mut Keys::new(8)).unwrap();
    let draft = draft.player(&condition()).unwrap();
    let request = Request::blank(16).rows(3).seed(5);
    laws::strategies_agree(&player, &draft, &request);
    let together = Ar::default().run(&player, request).unwrap().collect_all().unwrap();
    for row in 0..3 {
        let part = |x: &Tensor| Some(x.narrow(0, row, 1).unwrap());
        let given = condition();
        let one = WaveNetCondition {
            classes: part(&given.classes.unwrap()),
            frames: part(&given.frames.unwrap()),
        };
        let player = net.player(&one).unwrap();
        let request = Request::blank(16).seed(5).first_row(row as u32);
        let alone = Ar::default().run(&player, request).unwrap().collect_all().unwrap();
        assert_eq!(alone.row(0), together.row(row));
    }
}

#[test]
fn it_learns_a_wave_of_each_class_from_far_back() {
    // What comes next stands six samples back.
    let wave = |step: u32| -> Vec<u32> { (0..24).map(|t| t % 6 * step % 6).collect() };
    let rows = [wave(1), wave(5)];
    let config = WaveNetConfig {
        classes: 2,
        residual_channels: 12,
        gate_channels: 12,
        skip_channels: 12,
        n_stacks: 1,
        n_layers: 3,
        ..WaveNetConfig::new(6)
    };
    let mut net = config.init(&mut Keys::new(7)).unwrap();
    let batch = tokens(&[&rows[0], &rows[1]]);
    let both = WaveNetCondition { classes: Some(Tensor::from(vec![0i64, 1])), frames: None };
    let last =
        adam(&mut net, 60, 0.02, |net, _| net.loss(&batch, &both, &mut Ctx::eval()).unwrap());
    assert!(last < 0.05, "{last}");
    let player = net.player(&both).unwrap();
    let out = Ar::greedy().run(&player, Request::blank(24).rows(2)).unwrap().collect_all().unwrap();
    assert_eq!([out.row(0), out.row(1)], rows);
}

#[test]
fn edges_are_answered_and_faults_are_named() {
    let ctx = &mut Ctx::eval();
    let free = net(&size(), DType::F32);
    for dims in [[0, 5], [3, 0]] {
        let none = Tensor::zeros(dims, DType::I64).unwrap();
        let logits = free.forward(&none, &plain(), ctx).unwrap();
        assert_eq!(logits.dims(), [dims[0], dims[1], LEVELS]);
        assert!(free.loss(&none, &plain(), ctx).is_err());
    }
    let fault = |net: &WaveNet, wave: &[u32], given: &WaveNetCondition| {
        net.forward(&tokens(&[wave]), given, &mut Ctx::eval()).unwrap_err().to_string()
    };
    assert_eq!(fault(&free, &[9], &plain()), "WaveNet: token 9 is not below 9");
    let held = net(&conditioned(), DType::F32);
    assert!(fault(&held, &[1], &plain()).contains("expected 1 classes"));
    assert!(fault(&free, &[1], &condition()).contains("expected 0 classes"));
    let class = WaveNetCondition { classes: Some(Tensor::from(vec![1i64])), frames: None };
    assert!(fault(&held, &[1], &class).contains("frames of 2 channels"));
    let frames = |dims: [usize; 3]| WaveNetCondition {
        frames: Some(Tensor::zeros(dims, DType::F32).unwrap()),
        ..class.clone()
    };
    assert!(fault(&held, &[1], &frames([1, 2, 3])).contains("got 3"));
    assert!(fault(&held, &[1], &frames([2, 2, 2])).contains("[B, F, frame_channels]"));
    assert!(fault(&held, &[1; 9], &frames([1, 2, 2])).contains("context of 8"));
    assert!(free.begin(2).is_ok() && held.begin(1).is_err());
    let player = held.player(&condition()).unwrap();
    assert!(player.begin(2).is_err());
    assert_eq!(player.context(), Some(16));
    assert!(Ar::default().run(&player, Request::blank(17).rows(3)).is_err());
    assert!(held.player(&frames([1, 0, 2])).unwrap().context() == Some(0));

    let mut state = free.begin(1).unwrap();
    let mut out = gradus_generate::Logits::new(LEVELS);
    let mut refused = |row: &[u32]| {
        let fed = gradus_generate::Ragged::from_rows([row]);
        assert!(free.feed(&mut state, &fed, Want::All, &mut out).is_err());
        assert_eq!(state.len(0), 0);
    };
    refused(&[3]);
    refused(&[9, 9]);
    let bad = [
        WaveNetConfig { levels: 0, ..size() },
        WaveNetConfig { kernel: 0, ..size() },
        WaveNetConfig { n_layers: 0, ..size() },
        WaveNetConfig { n_layers: 25, ..size() },
        WaveNetConfig { hop: 0, ..size() },
    ];
    assert!(bad.iter().all(|config| config.init(&mut Keys::new(7)).is_err()));
}

#[test]
fn a_narrow_net_is_played_in_f32() {
    let (narrow, wide) = (net(&conditioned(), DType::BF16), net(&conditioned(), DType::F32));
    let [narrow, wide] = [narrow, wide].map(|net| {
        let player = net.player(&condition()).unwrap();
        let fed = vec![laws::started(&player, &WAVE); 3];
        laws::feed(&player, &mut player.begin(3).unwrap(), &fed, Want::All)
    });
    assert!(narrow != wide && narrow.iter().zip(&wide).all(|(a, b)| (a - b).abs() < 0.1));
}

#[test]
fn what_is_saved_is_loaded() {
    let [source, mut target] = [7, 8].map(|seed| conditioned().init(&mut Keys::new(seed)).unwrap());
    target.load_state_dict(&source.state_dict()).unwrap();
    let rows = tokens(&[&WAVE, &WAVE, &WAVE]);
    let [a, b] = [&source, &target]
        .map(|net| net.forward(&rows, &condition(), &mut Ctx::eval()).unwrap().into_value());
    assert!(a.equal(&b));
}
