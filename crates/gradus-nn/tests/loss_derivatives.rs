//! Every loss has right first and second derivatives by all of its inputs, and keeps its contracts:
//! one table, one suite. Values are in `golden`.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use gradus_autograd::{gradcheck, gradgradcheck};
use gradus_core::{DType, Key};
use gradus_nn::loss::{
    self, BceWithLogits, CrossEntropy, Ctc, Focal, GaussianNll, MultiMargin, MultilabelSoftMargin,
    Nll, PoissonNll, Reduction, SigmoidFocal, SoftCrossEntropy, TripletMargin,
};
use gradus_nn::{Result, Tensor, Var};

type Loss = Box<dyn Fn(&[Var], Reduction) -> Result<Var>>;

struct Row {
    name: &'static str,
    inputs: Vec<Tensor>,
    loss: Loss,
}

fn row(
    name: &'static str,
    inputs: Vec<Tensor>,
    loss: impl Fn(&[Var], Reduction) -> Result<Var> + 'static,
) -> Row {
    Row { name, inputs, loss: Box::new(loss) }
}

fn normal(shape: &[usize], seed: u64) -> Tensor {
    Tensor::randn(shape, DType::F64, Key::new(seed)).unwrap()
}

/// Numbers between 0.1 and 0.9.
fn soft(shape: &[usize], seed: u64) -> Tensor {
    let unit = Tensor::rand(shape, DType::F64, Key::new(seed)).unwrap();
    unit.mul_scalar(0.8).unwrap().add_scalar(0.1).unwrap()
}

fn two(seed: u64) -> Vec<Tensor> {
    vec![normal(&[3, 4], seed), normal(&[3, 4], seed + 100)]
}

/// Logits or scores, and targets between 0 and 1.
fn answers(seed: u64) -> Vec<Tensor> {
    vec![normal(&[3, 4], seed), soft(&[3, 4], seed + 100)]
}

fn classes() -> Tensor {
    Tensor::new([2, 0, 3])
}

fn signs() -> Tensor {
    Tensor::new([1, -1, -1])
}

fn wide_signs() -> Tensor {
    signs().unsqueeze(1).unwrap().expand([3, 4]).unwrap()
}

fn regression() -> Vec<Row> {
    vec![
        row("mse", two(1), |x, r| loss::mse(&x[0], &x[1], r)),
        row("l1", two(2), |x, r| loss::l1(&x[0], &x[1], r)),
        row("huber", two(3), |x, r| loss::huber(&x[0], &x[1], 0.7, r)),
        row("smooth_l1", two(4), |x, r| loss::smooth_l1(&x[0], &x[1], 0.7, r)),
        row("log_cosh", two(5), |x, r| loss::log_cosh(&x[0], &x[1], r)),
        row("poisson_nll", answers(6), |x, reduction| {
            loss::poisson_nll(&x[0], &x[1], PoissonNll { reduction, ..PoissonNll::default() })
        }),
        row(
            "gaussian_nll",
            vec![normal(&[3, 4], 7), normal(&[3, 4], 8), soft(&[3, 1], 9)],
            |x, reduction| {
                let options = GaussianNll { reduction, ..GaussianNll::default() };
                loss::gaussian_nll(&x[0], &x[1], &x[2], options)
            },
        ),
    ]
}

fn classification() -> Vec<Row> {
    let weight = || soft(&[4], 20);
    vec![
        row("cross_entropy", vec![normal(&[3, 4], 1)], move |x, reduction| {
            let weight = weight();
            let (weight, ignore_index) = (Some(&weight), Some(0));
            let options = CrossEntropy { weight, label_smoothing: 0.2, ignore_index, reduction };
            loss::cross_entropy(&x[0], &classes(), options)
        }),
        row("soft_cross_entropy", answers(2), move |x, reduction| {
            let weight = weight();
            let options =
                SoftCrossEntropy { weight: Some(&weight), label_smoothing: 0.2, reduction };
            loss::soft_cross_entropy(&x[0], &x[1], options)
        }),
        row("nll", vec![normal(&[3, 4], 3)], move |x, reduction| {
            let weight = weight();
            let options = Nll { weight: Some(&weight), ignore_index: Some(2), reduction };
            loss::nll(&x[0], &classes(), options)
        }),
        row("focal", vec![normal(&[3, 4], 4)], |x, reduction| {
            loss::focal(&x[0], &classes(), Focal { reduction, ..Focal::default() })
        }),
        row("multi_margin", vec![normal(&[3, 4], 5)], |x, reduction| {
            let options = MultiMargin { p: 2, reduction, ..MultiMargin::default() };
            loss::multi_margin(&x[0], &classes(), options)
        }),
    ]
}

fn yes_or_no() -> Vec<Row> {
    let weight = || soft(&[4], 20);
    vec![
        row("bce", vec![soft(&[3, 4], 6), soft(&[3, 4], 7)], |x, r| loss::bce(&x[0], &x[1], r)),
        row("bce_with_logits", answers(8), move |x, reduction| {
            let weight = weight();
            let pos_weight = Some(&weight);
            let options = BceWithLogits { pos_weight, reduction, ..BceWithLogits::default() };
            loss::bce_with_logits(&x[0], &x[1], options)
        }),
        row("sigmoid_focal", answers(9), |x, reduction| {
            let options = SigmoidFocal { reduction, ..SigmoidFocal::default() };
            loss::sigmoid_focal(&x[0], &x[1], options)
        }),
        row("hinge", vec![normal(&[3, 4], 10)], |x, r| loss::hinge(&x[0], &wide_signs(), r)),
        row("squared_hinge", vec![normal(&[3, 4], 11)], |x, r| {
            loss::squared_hinge(&x[0], &wide_signs(), r)
        }),
        row("soft_margin", vec![normal(&[3, 4], 12)], |x, r| {
            loss::soft_margin(&x[0], &wide_signs(), r)
        }),
        row("multilabel_margin", vec![normal(&[3, 4], 13)], |x, r| {
            let lists = Tensor::new([[3, 0, -1, 1], [1, 2, 3, 0], [-1, 0, 0, 0]]);
            loss::multilabel_margin(&x[0], &lists, r)
        }),
        row("multilabel_soft_margin", answers(14), |x, reduction| {
            let options = MultilabelSoftMargin { reduction, ..MultilabelSoftMargin::default() };
            loss::multilabel_soft_margin(&x[0], &x[1], options)
        }),
        row("kl_div", answers(15), |x, r| loss::kl_div(&x[0], &x[1], r)),
        row("kl_div_log", two(16), |x, r| loss::kl_div_log(&x[0], &x[1], r)),
        row("dice", vec![soft(&[3, 4], 17), soft(&[3, 4], 18)], |x, r| {
            loss::dice(&x[0], &x[1], 1.0, r)
        }),
        row("ctc", vec![normal(&[3, 5, 4], 19)], |x, reduction| {
            let words = Tensor::new([[1, 2, 2], [3, 1, 0], [2, 2, 2]]);
            let options = Ctc { zero_infinity: true, reduction, ..Ctc::default() };
            loss::ctc(&x[0].log_softmax(-1)?, &words, &[5, 4, 3], &[3, 2, 3], options)
        }),
    ]
}

fn distances() -> Vec<Row> {
    vec![
        row("hinge_embedding", vec![normal(&[3, 4], 1)], |x, r| {
            loss::hinge_embedding(&x[0], &wide_signs(), 0.4, r)
        }),
        row("margin_ranking", vec![normal(&[3], 2), normal(&[3], 3)], |x, r| {
            loss::margin_ranking(&x[0], &x[1], &signs(), 0.3, r)
        }),
        row("cosine_embedding", two(4), |x, r| {
            loss::cosine_embedding(&x[0], &x[1], &signs(), -0.5, r)
        }),
        row("triplet_margin", [two(5), vec![normal(&[3, 4], 6)]].concat(), |x, reduction| {
            let options =
                TripletMargin { margin: 3.0, swap: true, reduction, ..TripletMargin::default() };
            loss::triplet_margin(&x[0], &x[1], &x[2], options)
        }),
        row("info_nce", two(7), |x, r| loss::info_nce(&x[0], &x[1], 0.5, r)),
    ]
}

fn table() -> Vec<Row> {
    [regression(), classification(), yes_or_no(), distances()].into_iter().flatten().collect()
}

#[test]
fn every_public_loss_is_in_the_table() {
    let names: Vec<&str> = table().iter().map(|row| row.name).collect();
    let page = include_str!("../src/loss/mod.rs");
    let public = page.lines().filter(|line| line.starts_with("pub use"));
    let words = public.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
    // Functions are in lower case, and so are their modules, each named after one.
    for word in words.filter(|word| word.starts_with(|c: char| c.is_lowercase())) {
        let other = matches!(word, "pub" | "use" | "reduction");
        assert!(other || names.contains(&word), "{word}: no row");
    }
}

#[test]
fn first_and_second_derivatives_agree_with_differences() {
    for Row { name, inputs, loss } in table() {
        for reduction in [Reduction::None, Reduction::Mean, Reduction::Sum] {
            let f = |x: &[Var]| Ok(loss(x, reduction).unwrap());
            let first = gradcheck(f, &inputs);
            assert!(first.is_ok(), "{name} {reduction:?}: {first:?}");
            let second = gradgradcheck(f, &inputs);
            assert!(second.is_ok(), "{name} {reduction:?}: {second:?}");
        }
    }
}

#[test]
fn reductions_are_those_of_the_elements() {
    for Row { name, inputs, loss } in table() {
        let x: Vec<Var> = inputs.into_iter().map(Var::from).collect();
        let each = loss(&x, Reduction::None).unwrap();
        let sum = loss(&x, Reduction::Sum).unwrap().item().unwrap();
        let expected = each.sum(..).unwrap().item().unwrap();
        assert!((sum - expected).abs() < 1e-12 * (1.0 + sum.abs()), "{name}");
        // The means of these are weighted.
        if !["cross_entropy", "nll", "ctc"].contains(&name) {
            let mean = loss(&x, Reduction::Mean).unwrap().item().unwrap();
            assert!((mean - sum / each.len() as f64).abs() < 1e-12, "{name}");
        }
    }
}

#[test]
fn single_precision_and_halves_are_near() {
    for Row { name, inputs, loss } in table() {
        let of = |dtype: DType| {
            let x: Vec<Var> =
                inputs.iter().map(|x| x.to_dtype(dtype).unwrap()).map(Var::leaf).collect();
            // The weights of this table are f64.
            if ["cross_entropy", "nll", "soft_cross_entropy", "bce_with_logits"].contains(&name) {
                return None;
            }
            let y = loss(&x, Reduction::Sum).unwrap();
            assert_eq!(y.dtype(), dtype, "{name}");
            let grads = y.backward().unwrap();
            let finite = |x: &Var| grads.get(x).unwrap().is_finite().unwrap().all(..).unwrap();
            assert!(x.iter().all(|x| finite(x).item().unwrap() == 1.0), "{name}");
            Some(y.item().unwrap())
        };
        let Some(exact) = of(DType::F64) else { continue };
        for (dtype, tolerance) in [(DType::F32, 1e-5), (DType::BF16, 0.2)] {
            let near = of(dtype).unwrap();
            let error = (near - exact).abs();
            assert!(error < tolerance * (1.0 + exact.abs()), "{name} {dtype}: {near} {exact}");
        }
    }
}

#[test]
fn inputs_need_not_be_contiguous() {
    for Row { name, inputs, loss } in table() {
        let run = |x: Vec<Tensor>| {
            let x: Vec<Var> = x.into_iter().map(Var::from).collect();
            loss(&x, Reduction::None).unwrap().into_value()
        };
        let turned = |x: &Tensor| {
            let last = x.rank() - 1;
            x.transpose(0, last).unwrap().contiguous().transpose(0, last).unwrap()
        };
        let views = inputs.iter().map(turned).collect();
        assert!(run(inputs).equal(&run(views)), "{name}");
    }
}
