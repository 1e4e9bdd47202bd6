//! What goes wrong with tables, and how it is told.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::collections::BTreeMap;

use gradus_data::{
    ColumnTransformerConfig, Components, Error, Fit, FitStream, Fitted, FittedStep, ImputerConfig,
    KBinsDiscretizerConfig, LabelEncoder, MinMaxScalerConfig, NormalizerConfig,
    OneHotEncoderConfig, OrdinalEncoderConfig, PartialFit, PcaConfig, PipelineConfig,
    PolynomialFeaturesConfig, PowerMethod, PowerTransformerConfig, QuantileTransformerConfig,
    RobustScalerConfig, Smoothing, StandardScalerConfig, Statistic, Step, TargetEncoderConfig,
    TrainRows, Transform, UnknownCategory, Whitening,
};
use gradus_tensor::{DType, Tensor};

fn column(values: &[f64]) -> Tensor {
    Tensor::from_slice(values, [values.len(), 1]).unwrap()
}

fn whole(x: &Tensor) -> TrainRows {
    TrainRows::whole(x)
}

fn message(config: impl Into<Step>, x: &Tensor) -> String {
    config.into().fit(&whole(x)).unwrap_err().to_string()
}

#[test]
fn configurations_out_of_range_are_refused() {
    let x = column(&[1.0, 2.0, 3.0]);
    for quantile_range in [(0.75, 0.25), (-0.1, 0.5), (0.5, 1.1), (f64::NAN, 0.5), (0.5, 0.5)] {
        let config = RobustScalerConfig { quantile_range, ..Default::default() };
        assert!(message(config, &x).contains("quantile_range"), "{quantile_range:?}");
    }
    let ends = RobustScalerConfig {
        quantile_range: (0.0, 1.0),
        unit_variance: true,
        ..Default::default()
    };
    assert!(message(ends, &x).contains("inside of it"));
    let config = QuantileTransformerConfig { n_quantiles: 1, ..Default::default() };
    assert!(message(config, &x).contains("n_quantiles"));
    for n_bins in [0, 1, usize::MAX] {
        let config = KBinsDiscretizerConfig { n_bins, ..Default::default() };
        assert!(message(config, &x).contains("n_bins"));
    }
    for n_components in [
        Components::Count(0),
        Components::Count(2),
        Components::Variance(0.0),
        Components::Variance(1.0),
        Components::Variance(f64::NAN),
    ] {
        let config = PcaConfig { n_components, ..Default::default() };
        assert!(message(config, &x).contains("n_components"), "{n_components:?}");
    }
    let zca = PcaConfig { n_components: Components::Count(1), whitening: Whitening::Zca };
    assert!(message(zca, &x).contains("all for ZCA"));
    assert!(message(PcaConfig::default(), &column(&[1.0])).contains("2 or more, got 1"));
    let wide = Tensor::ones([1, 300], DType::F64).unwrap();
    for degree in [4, 1_000_000_000] {
        let config = PolynomialFeaturesConfig { degree, ..Default::default() };
        assert!(message(config, &wide).contains("low enough"));
    }
    let none = PolynomialFeaturesConfig { degree: 0, include_bias: false, ..Default::default() };
    assert!(message(none, &x).contains("nothing but a bias"));
    let both =
        OneHotEncoderConfig { unknown: UnknownCategory::Zeros, drop: gradus_data::Drop::First };
    assert!(message(both, &x).contains("drop"));
    let code = OrdinalEncoderConfig { unknown_value: Some(2.0) };
    assert!(message(code, &x).contains("negative or NaN"));
}

#[test]
fn values_that_do_not_fit_are_named() {
    let x = Tensor::new([[1.0, 2.0], [3.0, 0.0]]).to_dtype(DType::F64).unwrap();
    let box_cox = PowerTransformerConfig { method: PowerMethod::BoxCox, ..Default::default() };
    assert_eq!(
        message(box_cox, &x),
        "PowerTransformer::fit: row 1, column 1 must be positive, got 0"
    );
    let gaps = column(&[1.0, f64::NAN]);
    assert_eq!(
        message(PcaConfig::default(), &gaps),
        "Pca::fit: row 1, column 0 must be a number, got NaN"
    );
    let encoder = OrdinalEncoderConfig::default().fit(&whole(&column(&[5.0, 7.0]))).unwrap();
    let error = encoder.transform(&column(&[5.0, 6.0])).unwrap_err();
    assert!(matches!(error, Error::UnknownCategory { column: 0, category: 6, .. }));
    let error = encoder.inverse_transform(&column(&[0.0, 2.0])).unwrap_err();
    assert!(error.to_string().ends_with("row 1, column 0 must be the code of a category, got 2"));
    assert!(encoder.transform(&column(&[1e300])).is_err());
}

#[test]
fn a_column_of_gaps_is_named_or_filled() {
    let x = column(&[f64::NAN, f64::NAN]);
    for statistic in [Statistic::Mean, Statistic::Median, Statistic::MostFrequent] {
        let config = ImputerConfig { statistic, ..Default::default() };
        assert!(message(config, &x).contains("column 0 has no value that is not NaN"));
    }
    let constant = ImputerConfig { statistic: Statistic::Constant(7.0), add_indicator: true };
    let imputer = constant.fit(&whole(&x)).unwrap();
    let y = imputer.transform(&x).unwrap();
    assert_eq!(y.to_vec::<f64>().unwrap(), [7.0, 1.0, 7.0, 1.0]);
    let back = imputer.inverse_transform(&y).unwrap().to_vec::<f64>().unwrap();
    assert!(back.iter().all(|v| v.is_nan()));
    // Whole chunks may lack a column's values.
    let mut stream = StandardScalerConfig::default().stream().unwrap();
    stream.partial_fit(&whole(&x)).unwrap();
    assert!(stream.finish().is_err());
    stream.partial_fit(&whole(&column(&[4.0, 8.0]))).unwrap();
    assert_eq!(stream.finish().unwrap().mean(), [6.0]);
}

#[test]
fn powers_of_extreme_columns_stay_finite_and_rising() {
    let offset: Vec<f64> = (0..20).map(|i| 1e6 + f64::from(i * i)).collect();
    let huge: Vec<f64> = (0..20).map(|i| 10f64.powi(i * 15)).collect();
    let tiny: Vec<f64> = (0..20).map(|i| 10f64.powi(-i * 15)).rev().collect();
    let both: Vec<f64> = (-10..10).map(|i| f64::from(i).powi(5) * 1e20).collect();
    for values in [&offset, &huge, &tiny, &both] {
        let methods: &[_] = match values[0] > 0.0 {
            true => &[PowerMethod::YeoJohnson, PowerMethod::BoxCox],
            false => &[PowerMethod::YeoJohnson],
        };
        for &method in methods {
            let config = PowerTransformerConfig { method, ..Default::default() };
            let fitted = config.fit(&whole(&column(values))).unwrap();
            let y = fitted.transform(&column(values)).unwrap().to_vec::<f64>().unwrap();
            assert!(y.iter().all(|v| v.is_finite()), "{method:?} {y:?}");
            assert!(y.is_sorted(), "{method:?} {y:?}");
            assert!(y[19] - y[0] > 1.0, "{method:?} {:?} {y:?}", fitted.lambdas());
        }
    }
}

#[test]
fn norms_of_extreme_rows_do_not_overflow() {
    let x = Tensor::from_slice(&[3e300, 4e300, 3e-300, 4e-300], [2, 2]).unwrap();
    let y = NormalizerConfig::default().fit(&whole(&x)).unwrap().transform(&x).unwrap();
    let y = y.to_vec::<f64>().unwrap();
    assert!(y.iter().zip([0.6, 0.8, 0.6, 0.8]).all(|(a, b)| (a - b).abs() < 1e-15), "{y:?}");
}

#[test]
fn steps_are_named_in_errors() {
    let config = PipelineConfig::new([
        ("scale", MinMaxScalerConfig::default().into()),
        ("encode", OneHotEncoderConfig::default().into()),
    ]);
    let error = config.fit(&whole(&column(&[1.0, 2.0, 4.0]))).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(error.to_string(), "step \"encode\"");
    assert!(source.contains("must be a category"), "{source}");
    assert!(PipelineConfig { steps: vec![] }.fit(&whole(&column(&[1.0]))).is_err());
    let part = |columns| ("a", Step::from(MinMaxScalerConfig::default()), columns);
    let x = Tensor::new([[1.0, 2.0], [3.0, 5.0]]);
    let fit = |parts: Vec<_>| ColumnTransformerConfig::new(parts).fit(&whole(&x));
    assert!(matches!(fit(vec![part(vec![2])]), Err(Error::IndexOutOfRange { index: 2, len: 2 })));
    assert!(fit(vec![]).is_err() && fit(vec![part(vec![])]).is_err());
    // A column that was left out, and one that is in two parts, cannot come back.
    for parts in [vec![part(vec![1])], vec![part(vec![0, 1]), part(vec![1])]] {
        let fitted = fit(parts).unwrap();
        let y = fitted.transform(&x).unwrap();
        assert!(matches!(fitted.inverse_transform(&y), Err(Error::NoInverse { .. })));
    }
}

#[test]
fn targets_and_categories_must_fit_together() {
    let config = TargetEncoderConfig::default();
    let x = whole(&Tensor::new([[1], [2], [1]]));
    let y = |values: &[f64]| whole(&Tensor::from(values));
    let fit = |y: &TrainRows| config.fit(&x, y).unwrap_err().to_string();
    assert!(fit(&y(&[1.0, 2.0])).contains("[2, columns]"));
    assert!(fit(&y(&[1.0, f64::NAN, 2.0])).contains("row 1, column 0 must be a number"));
    assert!(fit(&whole(&Tensor::new([1, 2, 3]))).contains("i64"));
    assert!(config.fit_transform(&x, &y(&[1.0, 2.0, 3.0])).is_err()); // five folds of three rows
    let negative = TargetEncoderConfig { smoothing: Smoothing::Rows(-1.0), ..config };
    assert!(negative.fit(&x, &y(&[1.0, 2.0, 3.0])).is_err());
    // Several targets: a column for each.
    let two = whole(&Tensor::new([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]));
    let rows = TargetEncoderConfig { smoothing: Smoothing::Rows(0.0), ..config };
    let encoder = rows.fit(&x, &two).unwrap();
    let codes = encoder.transform(&Tensor::new([[1], [2]])).unwrap();
    assert_eq!(codes.to_vec::<f32>().unwrap(), [1.0, 0.0, 0.0, 1.0]);
    let restored = gradus_data::TargetEncoder::from_state_dict(&encoder.state_dict());
    assert_eq!(restored.unwrap(), encoder);
}

#[test]
fn labels_come_back_from_their_state() {
    let encoder = LabelEncoder::fit(["b", "", "é", "b"]).unwrap();
    assert_eq!(LabelEncoder::from_state_dict(&encoder.state_dict()).unwrap(), encoder);
    assert!(LabelEncoder::fit::<&str>([]).is_err());
    assert!(encoder.inverse_transform(&Tensor::new([3])).is_err());
    assert!(encoder.inverse_transform(&Tensor::new([0.0])).is_err());
    let mut state = encoder.state_dict();
    // An end in the midst of a character.
    state.insert("lengths".to_owned(), Tensor::from(vec![0i64, 2, 1]));
    assert!(matches!(LabelEncoder::from_state_dict(&state), Err(Error::State { .. })));
}

#[test]
fn forged_states_are_refused_without_asking_for_memory() {
    let x = Tensor::new([[1.0, 0.0], [3.0, 1.0], [4.0, 1.0]]).to_dtype(DType::F64).unwrap();
    let parts = vec![("a", Step::from(KBinsDiscretizerConfig::default()), vec![0])];
    let configs: Vec<Step> = vec![
        ColumnTransformerConfig::new(parts).into(),
        PipelineConfig::new([("a", StandardScalerConfig::default().into())]).into(),
        PolynomialFeaturesConfig::default().into(),
        QuantileTransformerConfig::default().into(),
        OneHotEncoderConfig::default().into(),
        PcaConfig::default().into(),
        NormalizerConfig::default().into(),
    ];
    for config in configs {
        let x =
            if matches!(config, Step::OneHotEncoder(_)) { x.floor().unwrap() } else { x.clone() };
        let state = config.fit(&whole(&x)).unwrap().state_dict();
        for name in state.keys() {
            for value in [vec![i64::MAX], vec![-1], vec![i64::MAX; 3]] {
                let mut forged: BTreeMap<_, _> = state.clone();
                forged.insert(name.clone(), Tensor::from(value));
                // Whatever is accepted can be used.
                if let Ok(step) = FittedStep::from_state_dict(&forged) {
                    let _unused = step.transform(&x);
                    let _unused = step.inverse_transform(&x);
                }
            }
        }
    }
}
