//! PixelCNN sees all that was painted and nothing else, and paints as it was trained.

use gradus_autograd::{Graph, grad};
use gradus_core::{DType, Keys};
use gradus_generate::{Ar, Causal, Request, State, Strategy, Want};
use gradus_models::{PixelCnn, PixelCnnConfig};
use gradus_nn::{Ctx, Module, cast};
use gradus_tensor::Tensor;

use crate::causal_laws as laws;
use crate::descent::adam;
use crate::tiny::numbers;

const LEVELS: usize = 4;
const HEIGHT: usize = 4;
const WIDTH: usize = 3;
const IMAGE: [u32; HEIGHT * WIDTH] = [1, 3, 0, 2, 2, 1, 0, 3, 3, 1, 0, 2];

fn size() -> PixelCnnConfig {
    let size = PixelCnnConfig::new(LEVELS, [HEIGHT, WIDTH]);
    PixelCnnConfig { channels: 5, kernel: 3, n_layers: 3, ..size }
}

fn net(config: &PixelCnnConfig, dtype: DType) -> PixelCnn {
    let mut net = config.init(&mut Keys::new(7)).unwrap();
    cast(&mut net, dtype).unwrap();
    net
}

fn images(rows: &[&[u32]]) -> Tensor {
    let ids = rows.iter().flat_map(|row| row.iter().map(|&id| i64::from(id))).collect();
    Tensor::from_vec::<i64>(ids, [rows.len(), HEIGHT, WIDTH]).unwrap()
}

#[test]
fn kept_rows_give_the_bits_of_one_feed() {
    for dtype in [DType::F32, DType::F64] {
        let net = net(&size(), dtype);
        let painter = net.painter([]).unwrap();
        laws::every_split_has_the_same_bits(&painter, &IMAGE[..6]);
        laws::a_state_equals_a_fresh_one(&painter, HEIGHT * WIDTH, 10);
        laws::a_prefix_changes_nothing(&painter, &IMAGE[..5]);
        laws::want_chooses_among_the_same_logits(&net);
    }
    let config = PixelCnnConfig { classes: 3, kernel: 5, ..size() };
    let net = net(&config, DType::F32);
    laws::a_state_equals_a_fresh_one(&net.painter([2, 0, 1]).unwrap(), HEIGHT * WIDTH, 16);
}

#[test]
fn it_paints_as_it_was_trained() {
    for (dtype, tolerance) in [(DType::F32, 1e-5), (DType::F64, 1e-12)] {
        for (kernel, n_layers, channels) in [(3, 1, 4), (3, 3, 17), (5, 2, 5), (9, 2, 3)] {
            let config = PixelCnnConfig { classes: 3, kernel, n_layers, channels, ..size() };
            let net = net(&config, dtype);
            let classes = Tensor::from(vec![2i64, 0]);
            let rows = images(&[&IMAGE, &IMAGE]);
            let logits = net.forward(&rows, Some(&classes), &mut Ctx::eval()).unwrap();
            let painter = net.painter([2, 0]).unwrap();
            let fed = vec![laws::started(&painter, &IMAGE[..HEIGHT * WIDTH - 1]); 2];
            let found = laws::feed(&painter, &mut painter.begin(2).unwrap(), &fed, Want::All);
            for (a, b) in numbers(logits.value()).into_iter().zip(found) {
                assert!((a - b).abs() < tolerance * (1.0 + a.abs()), "{a} {b}");
            }
            let [a, b] = [0, 1].map(|row| logits.value().select(0, row).unwrap());
            assert!(!a.equal(&b), "the classes differ");
        }
    }
}

#[test]
fn a_pixel_sees_all_earlier_ones_and_no_other() {
    // Wide enough that not every unit of the head is off.
    let net = net(&PixelCnnConfig { channels: 12, ..size() }, DType::F64);
    let table = net.named_parameters().into_iter().find(|(n, _)| n == "embedding.weight");
    let table = table.unwrap().1.var();
    for at in 0..HEIGHT * WIDTH {
        // The vector of level 0 stands nowhere but at `at`.
        let mut image: Vec<u32> = (0..12).map(|i| 1 + i % 3).collect();
        image[at] = 0;
        let logits = net.forward(&images(&[&image]), None, &mut Ctx::eval()).unwrap();
        let logits = logits.flatten(0, 2).unwrap(); // (H·W, V)
        let sees = |pixel: usize| {
            let one = logits.select(0, pixel).unwrap().square().unwrap().sum(..).unwrap();
            let grad = grad(&one, &[&table], Graph::Drop).unwrap().remove(0);
            numbers(&grad.value().select(0, 0).unwrap()).iter().any(|g| *g != 0.0)
        };
        for pixel in 0..HEIGHT * WIDTH {
            assert_eq!(sees(pixel), at < pixel, "{pixel} sees {at}");
        }
    }
}

#[test]
fn a_row_of_a_batch_equals_the_row_alone() {
    let net = net(&PixelCnnConfig { classes: 2, ..size() }, DType::F64);
    let other: Vec<u32> = IMAGE.iter().rev().copied().collect();
    let classes = Tensor::from(vec![1i64, 0]);
    let both = net.forward(&images(&[&IMAGE, &other]), Some(&classes), &mut Ctx::eval()).unwrap();
    for (row, image) in [&IMAGE[..], &other].into_iter().enumerate() {
        let class = classes.narrow(0, row, 1).unwrap();
        let alone = net.forward(&images(&[image]), Some(&class), &mut Ctx::eval()).unwrap();
        assert!(alone.value().equal(&both.value().narrow(0, row, 1).unwrap()));
    }
}

#[test]
fn strategies_paint_the_same_image() {
    let net = net(&PixelCnnConfig { classes: 3, ..size() }, DType::F32);
    let painter = net.painter([2, 0, 1]).unwrap();
    let small = PixelCnnConfig { n_layers: 1, classes: 3, ..size() };
    let small = small.init(&mut Keys::new(8)).unwrap();
    let request = Request::blank(HEIGHT * WIDTH).rows(3).seed(5);
    laws::strategies_agree(&painter, &small.painter([2, 0, 1]).unwrap(), &request);
    let together = Ar::default().run(&painter, request).unwrap().collect_all().unwrap();
    for (row, class) in [2, 0, 1].into_iter().enumerate() {
        let painter = net.painter([class]).unwrap();
        let request = Request::blank(HEIGHT * WIDTH).seed(5).first_row(row as u32);
        let alone = Ar::default().run(&painter, request).unwrap().collect_all().unwrap();
        assert_eq!(alone.row(0), together.row(row));
    }
}

#[test]
fn it_learns_one_image_of_each_class() {
    let other: Vec<u32> = IMAGE.iter().map(|level| 3 - level).collect();
    let config = PixelCnnConfig { classes: 2, channels: 12, n_layers: 2, ..size() };
    let mut net = config.init(&mut Keys::new(7)).unwrap();
    let (batch, classes) = (images(&[&IMAGE, &other]), Tensor::from(vec![0i64, 1]));
    let last = adam(&mut net, 60, 0.03, |net, _| {
        net.loss(&batch, Some(&classes), &mut Ctx::eval()).unwrap()
    });
    assert!(last < 0.05, "{last}");
    let request = Request::blank(HEIGHT * WIDTH).rows(2);
    let painter = net.painter([0, 1]).unwrap();
    let out = Ar::greedy().run(&painter, request).unwrap().collect_all().unwrap();
    assert_eq!([out.row(0), out.row(1)], [IMAGE.to_vec(), other]);
}

#[test]
fn edges_are_answered_and_faults_are_named() {
    let ctx = &mut Ctx::eval();
    let free = net(&size(), DType::F32);
    let none = Tensor::zeros([0, HEIGHT, WIDTH], DType::I64).unwrap();
    assert_eq!(free.forward(&none, None, ctx).unwrap().dims(), [0, HEIGHT, WIDTH, LEVELS]);
    assert!(free.loss(&none, None, ctx).is_err());
    let turned = Tensor::zeros([1, WIDTH, HEIGHT], DType::I64).unwrap();
    let fault = free.forward(&turned, None, ctx).unwrap_err().to_string();
    assert_eq!(
        fault,
        "PixelCnn: expected images of shape [B, H, W] of the configured size, got [1, 3, 4]"
    );
    let bright = Tensor::full([1, HEIGHT, WIDTH], 4.0, DType::I64).unwrap();
    let fault = free.forward(&bright, None, ctx).unwrap_err().to_string();
    assert_eq!(fault, "PixelCnn: token 4 is not below 4");
    let held = net(&PixelCnnConfig { classes: 2, ..size() }, DType::F32);
    assert!(held.begin(1).is_err() && held.painter([2]).is_err() && free.painter([0]).is_err());
    assert!(held.painter([0, 1]).unwrap().begin(1).is_err());
    assert!(Ar::default().run(&free, Request::blank(HEIGHT * WIDTH + 1)).is_err());
    let mut state = free.begin(1).unwrap();
    let mut out = gradus_generate::Logits::new(LEVELS);
    for row in [[3].as_slice(), &[4, 4], &[4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]] {
        let fed = gradus_generate::Ragged::from_rows([row]);
        assert!(free.feed(&mut state, &fed, Want::All, &mut out).is_err());
        assert_eq!(state.len(0), 0);
    }
    let bad = [
        PixelCnnConfig { levels: 0, ..size() },
        PixelCnnConfig { image: [0, 3], ..size() },
        PixelCnnConfig { image: [usize::MAX, 3], ..size() },
        PixelCnnConfig { kernel: 4, ..size() },
        PixelCnnConfig { kernel: 1, ..size() },
        PixelCnnConfig { channels: 0, ..size() },
        PixelCnnConfig { n_layers: 0, ..size() },
    ];
    assert!(bad.iter().all(|config| config.init(&mut Keys::new(7)).is_err()));
}

#[test]
fn an_image_may_be_a_line() {
    for image in [[1, 5], [5, 1], [1, 1]] {
        let net = net(&PixelCnnConfig { image, ..size() }, DType::F64);
        let [height, width] = image;
        let ids: Vec<u32> = (0..height * width).map(|i| i as u32 % 4).collect();
        let all = ids.iter().map(|&id| i64::from(id)).collect();
        let all = Tensor::from_vec::<i64>(all, [1, height, width]).unwrap();
        let expected = numbers(net.forward(&all, None, &mut Ctx::eval()).unwrap().value());
        let fed = laws::started(&net, &ids[..ids.len() - 1]);
        let found = laws::feed(&net, &mut net.begin(1).unwrap(), &[fed], Want::All);
        assert!(expected.iter().zip(&found).all(|(a, b)| (a - b).abs() < 1e-12));
        assert_eq!(expected.len(), found.len());
    }
}
