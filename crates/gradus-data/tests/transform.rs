//! The transformations against scikit-learn, and their laws.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use gradus_data::{
    Error, Fit, Fitted, Imputer, ImputerConfig, MinMaxScaler, MinMaxScalerConfig, OneHotEncoder,
    OneHotEncoderConfig, Outside, StandardScaler, StandardScalerConfig, Statistic, TrainRows,
    Transform, UnknownCategory,
};
use gradus_tensor::{DType, Tensor};
use proptest::prelude::*;

#[path = "golden/transform.rs"]
mod golden;

/// The sums are taken in another order than NumPy's; column 0 loses six digits to its offset.
const TOLERANCE: f64 = 1e-9;

fn table(values: &[f64], columns: usize) -> Tensor {
    Tensor::from_slice(values, [values.len() / columns, columns]).unwrap()
}

fn whole(x: &Tensor) -> TrainRows {
    TrainRows::whole(x)
}

#[track_caller]
fn check(got: &Tensor, expected: &[f64]) {
    let got: Vec<f64> = got.to_dtype(DType::F64).unwrap().to_vec().unwrap();
    assert_eq!(got.len(), expected.len());
    for (i, (a, b)) in got.iter().zip(expected).enumerate() {
        let close = (a - b).abs() <= TOLERANCE * b.abs().max(1.0);
        assert!(close || (a.is_nan() && b.is_nan()), "element {i}: got {a}, expected {b}");
    }
}

#[test]
fn standard_scaling_agrees_with_scikit_learn() {
    let x = table(&golden::X, 5);
    let config = StandardScalerConfig::default();
    let scaler = config.fit(&whole(&x)).unwrap();
    check(&scaler.transform(&x).unwrap(), &golden::STANDARD);
    check(&Tensor::from(scaler.mean()), &golden::STANDARD_MEAN);
    check(&Tensor::from(scaler.scale()), &golden::STANDARD_SCALE);
    let no_mean = StandardScalerConfig { with_mean: false, ..config }.fit(&whole(&x)).unwrap();
    check(&no_mean.transform(&x).unwrap(), &golden::STANDARD_NO_MEAN);
    let no_std = StandardScalerConfig { with_std: false, ..config }.fit(&whole(&x)).unwrap();
    check(&no_std.transform(&x).unwrap(), &golden::STANDARD_NO_STD);
}

#[test]
fn min_max_scaling_agrees_with_scikit_learn() {
    let (x, outside) = (table(&golden::X, 5), table(&golden::OUTSIDE, 5));
    let base = MinMaxScalerConfig::default();
    let range = MinMaxScalerConfig { feature_range: (-2.0, 3.0), ..base };
    let clip = MinMaxScalerConfig { outside: Outside::Clip, ..range };
    for (config, inside, beyond) in [
        (base, golden::MIN_MAX, golden::MIN_MAX_OUTSIDE),
        (range, golden::MIN_MAX_RANGE, golden::MIN_MAX_RANGE_OUTSIDE),
        (clip, golden::MIN_MAX_CLIP, golden::MIN_MAX_CLIP_OUTSIDE),
    ] {
        let scaler = config.fit(&whole(&x)).unwrap();
        check(&scaler.transform(&x).unwrap(), &inside);
        check(&scaler.transform(&outside).unwrap(), &beyond);
    }
}

#[test]
fn imputing_agrees_with_scikit_learn() {
    let x = table(&golden::X, 5);
    for (statistic, expected) in [
        (Statistic::Mean, golden::IMPUTE_MEAN),
        (Statistic::Median, golden::IMPUTE_MEDIAN),
        (Statistic::MostFrequent, golden::IMPUTE_MOST_FREQUENT),
        (Statistic::Constant(-9.0), golden::IMPUTE_CONSTANT),
    ] {
        let imputer = ImputerConfig { statistic, ..Default::default() }.fit(&whole(&x)).unwrap();
        check(&imputer.transform(&x).unwrap(), &expected);
        assert_eq!(Imputer::from_state_dict(&imputer.state_dict()).unwrap(), imputer);
    }
}

#[test]
fn one_hot_agrees_with_scikit_learn() {
    let x = Tensor::new([[3, -1], [7, 0], [3, 5], [9, 0]]);
    let encoder = OneHotEncoderConfig { unknown: UnknownCategory::Zeros, ..Default::default() }
        .fit(&whole(&x))
        .unwrap();
    check(&encoder.transform(&x).unwrap(), &golden::ONE_HOT);
    let unknown = encoder.transform(&Tensor::new([[4, 5], [9, 4]])).unwrap();
    check(&unknown, &golden::ONE_HOT_UNKNOWN);
    let error = encoder.inverse_transform(&unknown).unwrap_err();
    assert!(matches!(error, Error::NotOneHot { row: 0, column: 0, .. }));
    let strict = OneHotEncoderConfig::default().fit(&whole(&x)).unwrap();
    let error = strict.transform(&Tensor::new([[3, 4]])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "OneHotEncoder::transform: category 4 of column 1 was not seen in fit"
    );
}

/// Tables with ordinary values, repeated values and NaN, but with a number in every column.
fn tables() -> impl Strategy<Value = Tensor> {
    (1usize..12, 1usize..4).prop_flat_map(|(rows, columns)| {
        let value = prop_oneof![4 => -50.0..50.0f64, 2 => Just(1.5), 1 => Just(f64::NAN)];
        let rest = prop::collection::vec(value, rows * columns);
        let first = prop::collection::vec(-50.0..50.0f64, columns);
        (first, rest).prop_map(move |(first, rest)| table(&[first, rest].concat(), columns))
    })
}

fn close(a: &Tensor, b: &Tensor) -> bool {
    let (a, b): (Vec<f64>, Vec<f64>) = (a.to_vec().unwrap(), b.to_vec().unwrap());
    a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-9 || (a.is_nan() && b.is_nan()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_inverse_undoes_the_transformation(x in tables(), mean: bool, std: bool, clip: bool) {
        let scaler = StandardScalerConfig { with_mean: mean, with_std: std }.fit(&whole(&x)).unwrap();
        let y = scaler.transform(&x).unwrap();
        prop_assert!(close(&scaler.inverse_transform(&y).unwrap(), &x));
        let restored = StandardScaler::from_state_dict(&scaler.state_dict()).unwrap();
        prop_assert_eq!(restored, scaler);
        let outside = if clip { Outside::Clip } else { Outside::Extrapolate };
        let scaler = MinMaxScalerConfig { outside, feature_range: (-1.0, 2.0) }.fit(&whole(&x)).unwrap();
        let y = scaler.transform(&x).unwrap();
        prop_assert!(close(&scaler.inverse_transform(&y).unwrap(), &x));
        let in_range = |v: &f64| v.is_nan() || (-1.0 - 1e-12..=2.0 + 1e-12).contains(v);
        prop_assert!(y.to_vec::<f64>().unwrap().iter().all(in_range));
        prop_assert_eq!(MinMaxScaler::from_state_dict(&scaler.state_dict()).unwrap(), scaler);
    }

    #[test]
    fn columns_get_mean_0_and_deviation_1(x in tables()) {
        let y = StandardScalerConfig::default().fit(&whole(&x)).unwrap().transform(&x).unwrap();
        for column in 0..x.dims()[1] {
            let values: Vec<f64> = y.select(1, column).unwrap().to_vec().unwrap();
            let known: Vec<f64> = values.into_iter().filter(|v| !v.is_nan()).collect();
            let n = known.len() as f64;
            let mean = known.iter().sum::<f64>() / n;
            let std = (known.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
            prop_assert!(mean.abs() < 1e-9, "mean {}", mean);
            prop_assert!((std - 1.0).abs() < 1e-9 || std < 1e-12, "deviation {}", std);
        }
    }

    #[test]
    fn imputed_tables_have_no_nan_and_keep_the_rest(x in tables()) {
        for statistic in [Statistic::Mean, Statistic::Median, Statistic::MostFrequent] {
            let y = ImputerConfig { statistic, ..Default::default() }.fit(&whole(&x)).unwrap().transform(&x).unwrap();
            let (x, y) = (x.to_vec::<f64>().unwrap(), y.to_vec::<f64>().unwrap());
            prop_assert!(x.iter().zip(&y).all(|(x, y)| x == y || (x.is_nan() && !y.is_nan())));
        }
    }

    #[test]
    fn one_hot_rows_have_one_1_per_column(
        values in prop::collection::vec(-3i64..4, 1..40), columns in 1usize..4,
    ) {
        let rows = values.len() / columns;
        prop_assume!(rows > 0);
        let x = Tensor::from_slice(&values[..rows * columns], [rows, columns]).unwrap();
        let encoder = OneHotEncoderConfig::default().fit(&whole(&x)).unwrap();
        let y = encoder.transform(&x).unwrap();
        prop_assert_eq!(y.dims(), &[rows, encoder.n_features_out()]);
        let sums: Vec<f32> = y.sum(1).unwrap().to_vec().unwrap();
        prop_assert!(sums.iter().all(|&s| s == columns as f32));
        prop_assert!(encoder.inverse_transform(&y).unwrap().equal(&x));
        prop_assert_eq!(OneHotEncoder::from_state_dict(&encoder.state_dict()).unwrap(), encoder);
    }
}

#[test]
fn all_dimensions_but_the_last_are_rows() {
    let flat = Tensor::arange(0.0, 24.0, 1.0, DType::F32).unwrap();
    let x = flat.reshape([2, 4, 3]).unwrap().transpose(0, 1).unwrap();
    let scaler = StandardScalerConfig::default().fit(&whole(&x)).unwrap();
    let of_rows =
        StandardScalerConfig::default().fit(&whole(&flat.reshape([8, 3]).unwrap())).unwrap();
    assert!((scaler.mean()[1] - of_rows.mean()[1]).abs() < 1e-12);
    let y = scaler.transform(&x).unwrap();
    assert_eq!((y.dims(), y.dtype()), (&[4, 2, 3][..], DType::F32));
    let row = scaler.transform(&x.select(0, 1).unwrap().select(0, 0).unwrap()).unwrap();
    assert!(row.equal(&y.select(0, 1).unwrap().select(0, 0).unwrap()));
    let none = scaler.transform(&Tensor::zeros([0, 3], DType::BF16).unwrap()).unwrap();
    assert_eq!((none.dims(), none.dtype()), (&[0, 3][..], DType::BF16));
}

#[test]
fn what_cannot_be_learned_from_is_refused() {
    let config = StandardScalerConfig::default();
    let message = |x: &Tensor| config.fit(&whole(x)).unwrap_err().to_string();
    let x = table(&[1.0, f64::NAN, 2.0, f64::NAN], 2);
    assert_eq!(message(&x), "StandardScaler::fit: column 1 has no value that is not NaN");
    let x = table(&[1.0, 2.0, 3.0, f64::INFINITY], 2);
    assert_eq!(message(&x), "StandardScaler::fit: row 1, column 1 is infinite");
    assert!(message(&Tensor::zeros([0, 2], DType::F64).unwrap()).contains("at least one row"));
    assert!(message(&Tensor::zeros([2, 0], DType::F64).unwrap()).contains("at least one row"));
    assert!(message(&Tensor::new([1.0, 2.0])).contains("[2]"));
    assert!(message(&Tensor::new([[1, 2]])).contains("i64"));
    let scaler = config.fit(&whole(&table(&[1.0, 2.0], 2))).unwrap();
    assert!(scaler.transform(&table(&[1.0, 2.0, 3.0], 3)).is_err());
    assert!(scaler.transform(&Tensor::scalar(1.0f32)).is_err());
    let range = MinMaxScalerConfig { feature_range: (1.0, 1.0), ..Default::default() };
    assert!(range.fit(&whole(&table(&[1.0], 1))).is_err());
    let constant = ImputerConfig { statistic: Statistic::Constant(f64::NAN), add_indicator: false };
    assert!(constant.fit(&whole(&table(&[1.0], 1))).is_err());
    let encoder = OneHotEncoderConfig::default();
    assert!(encoder.fit(&whole(&Tensor::new([1]))).is_err());
    assert_eq!(
        encoder.fit(&whole(&Tensor::new([[1.0, 2.5]]))).unwrap_err().to_string(),
        "OneHotEncoder::fit: row 0, column 1 must be a category: a whole number, got 2.5"
    );
}

#[test]
fn a_damaged_state_is_refused() {
    let x = table(&[1.0, 2.0, 3.0, 4.0], 2);
    let mut state = StandardScalerConfig::default().fit(&whole(&x)).unwrap().state_dict();
    state.insert("scale".to_owned(), Tensor::from(vec![1.0f64]));
    assert_eq!(
        StandardScaler::from_state_dict(&state).unwrap_err().to_string(),
        "StandardScaler: state entry \"scale\" must be as long as the others, got 1 elements, not 2"
    );
    state.insert("scale".to_owned(), Tensor::new([1.0, 1.0]));
    assert!(StandardScaler::from_state_dict(&state).is_err());
    state.remove("scale");
    assert!(StandardScaler::from_state_dict(&state).unwrap_err().to_string().contains("nothing"));
    let none = Tensor::zeros([0], DType::F64).unwrap();
    let empty = ["mean", "scale"].map(|name| (name.to_owned(), none.clone())).into();
    assert!(StandardScaler::from_state_dict(&empty).is_err());
    let mut state = MinMaxScalerConfig::default().fit(&whole(&x)).unwrap().state_dict();
    state.insert("feature_range".to_owned(), Tensor::from(vec![f64::NAN, 1.0]));
    assert!(MinMaxScaler::from_state_dict(&state).is_err());
    state.insert("feature_range".to_owned(), Tensor::from(vec![0.0f64, 1.0, 2.0]));
    assert!(MinMaxScaler::from_state_dict(&state).is_err());
    let encoder = OneHotEncoderConfig::default().fit(&whole(&Tensor::new([[1, 2]]))).unwrap();
    let mut state = encoder.state_dict();
    state.insert("n_columns".to_owned(), Tensor::from(vec![i64::MAX]));
    assert!(OneHotEncoder::from_state_dict(&state).is_err());
    state.insert("n_columns".to_owned(), Tensor::from(vec![1i64]));
    state.insert("categories.0".to_owned(), Tensor::from(vec![2i64, 1]));
    assert!(OneHotEncoder::from_state_dict(&state).is_err());
}
