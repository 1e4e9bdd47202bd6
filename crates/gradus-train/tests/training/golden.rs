//! Metrics are those of scikit-learn, however the examples are dealt into batches.

use std::path::Path;

use gradus_nn::{Tensor, Var};
use gradus_train::{
    Average, Calibration, ConfusionMatrix, Errors, Means, Metric, Ranking, Score, top_k_accuracy,
};
use serde_json::Value;

fn golden() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/metrics.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn floats(golden: &Value, name: &str) -> Vec<f64> {
    golden[name].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn column(golden: &Value, name: &str) -> Tensor {
    let values = floats(golden, name);
    let len = values.len();
    Tensor::from_vec(values, len).unwrap()
}

fn integers(golden: &Value, name: &str) -> Tensor {
    let values: Vec<i64> = floats(golden, name).into_iter().map(|v| v as i64).collect();
    let len = values.len();
    Tensor::from_vec(values, len).unwrap()
}

#[track_caller]
fn close(got: f64, expected: f64) {
    // Sums of some tens of terms, in another order.
    assert!((got - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{got} {expected}");
}

/// The values of metrics over uneven batches of an `n`-example problem.
fn gathered(n: usize, names: &[&str], metric: impl Fn(&str, usize, usize) -> Metric) -> Means {
    let mut means = Means::default();
    let (mut start, mut len) = (0, 1);
    while start < n {
        let rows = len.min(n - start);
        let loss = Var::constant(Tensor::scalar(0f32));
        let score = names.iter().fold(Score::new(loss, rows), |score, name| {
            score.gather(*name, metric(name, start, rows))
        });
        means.add(0.0, &score).unwrap();
        (start, len) = (start + rows, len + 3);
    }
    means
}

#[test]
fn classifications_agree() {
    let golden = golden();
    let logits = Tensor::from_vec(floats(&golden, "logits"), [61, 5]).unwrap();
    let truth = integers(&golden, "truth");
    let names: Vec<String> = ["precision", "recall", "f1"]
        .iter()
        .flat_map(|name| ["macro", "weighted", "micro", "1"].map(|by| format!("{name}_{by}")))
        .chain(["accuracy".to_owned()])
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let means = gathered(61, &names, |name, start, rows| {
        let (logits, truth) = (logits.narrow(0, start, rows), truth.narrow(0, start, rows));
        let matrix = ConfusionMatrix::of(&logits.unwrap(), &truth.unwrap()).unwrap();
        let (kind, by) = name.split_once('_').unwrap_or((name, ""));
        let average = match by {
            "macro" => Average::Macro,
            "weighted" => Average::Weighted,
            "micro" => Average::Micro,
            _ => Average::Class(1),
        };
        match kind {
            "precision" => Metric::Precision(matrix, average),
            "recall" => Metric::Recall(matrix, average),
            "f1" => Metric::F1(matrix, average),
            _ => Metric::Accuracy(matrix),
        }
    });
    for name in names {
        close(means.values()[name], golden[name].as_f64().unwrap());
    }
    let matrix = means.gathered()["accuracy"].confusion().unwrap();
    let counts = (0..25).map(|i| matrix.count(i / 5, i % 5) as f64);
    assert_eq!(counts.collect::<Vec<_>>(), floats(&golden, "confusion"));
    close(matrix.balanced_accuracy(), golden["balanced_accuracy"].as_f64().unwrap());
    close(matrix.matthews(), golden["matthews"].as_f64().unwrap());
    close(top_k_accuracy(&logits, &truth, 2).unwrap(), golden["top_2"].as_f64().unwrap());
}

#[test]
fn rankings_and_calibrations_agree() {
    let golden = golden();
    let (scores, sure) = (column(&golden, "scores"), column(&golden, "sure"));
    let labels = integers(&golden, "labels");
    let names = ["auc", "average_precision", "calibration_error"];
    let means = gathered(57, &names, |name, start, rows| {
        let part = |t: &Tensor| t.narrow(0, start, rows).unwrap();
        let ranking = || Ranking::of(&part(&scores), &part(&labels)).unwrap();
        match name {
            "auc" => Metric::Auc(ranking()),
            "average_precision" => Metric::AveragePrecision(ranking()),
            _ => {
                Metric::CalibrationError(Calibration::of(&part(&sure), &part(&labels), 8).unwrap())
            }
        }
    });
    for name in names {
        close(means.values()[name], golden[name].as_f64().unwrap());
    }
    let Metric::Auc(ranking) = &means.gathered()["auc"] else { panic!("it is a ranking") };
    let points = |points: Vec<(f64, f64)>, expected: Vec<f64>| {
        assert_eq!(2 * points.len(), expected.len());
        let flat = points.iter().flat_map(|&(x, y)| [x, y]);
        flat.zip(expected).for_each(|(got, expected)| close(got, expected));
    };
    points(ranking.roc(), floats(&golden, "roc"));
    let Metric::CalibrationError(calibration) = &means.gathered()["calibration_error"] else {
        panic!("it is a calibration")
    };
    let bins = calibration.bins().map(|bin| (bin.confidence, bin.accuracy)).collect();
    points(bins, floats(&golden, "reliability"));
}

#[test]
fn regressions_agree() {
    let golden = golden();
    let (target, guess) = (column(&golden, "target"), column(&golden, "guess"));
    let names = ["mae", "mse", "rmse", "r2"];
    let means = gathered(43, &names, |name, start, rows| {
        let part = |t: &Tensor| t.narrow(0, start, rows).unwrap();
        let errors = Errors::of(&part(&guess), &part(&target)).unwrap();
        match name {
            "mae" => Metric::Mae(errors),
            "mse" => Metric::Mse(errors),
            "rmse" => Metric::Rmse(errors),
            _ => Metric::R2(errors),
        }
    });
    for name in names {
        close(means.values()[name], golden[name].as_f64().unwrap());
    }
}
