//! One suite that every scaler and encoder passes.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::fmt::Debug;

use gradus_data::Fitted;
use gradus_data::{
    BinStrategy, ColumnTransformerConfig, Components, Distribution, Drop, Error, Fit, FitStream,
    FittedStep, ImputerConfig, KBinsDiscretizerConfig, MaxAbsScalerConfig, MinMaxScalerConfig,
    Norm, NormalizerConfig, OneHotEncoderConfig, OrdinalEncoderConfig, PartialFit, PcaConfig,
    PipelineConfig, PolynomialFeaturesConfig, PowerMethod, PowerTransformerConfig,
    QuantileTransformerConfig, Remainder, RobustScalerConfig, StandardScalerConfig, Statistic,
    Step, TrainRows, Transform, Whitening,
};
use gradus_tensor::{DType, Tensor};
use proptest::prelude::*;

/// What a transformation promises.
struct Promise {
    name: &'static str,
    step: Step,
    /// What it takes.
    input: Input,
    /// What its inverse gives back.
    inverse: Inverse,
    nan: Nan,
    /// Whether columns are treated alike and apart, so that permuting them permutes the result.
    columnwise: bool,
    min_rows: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Input {
    Any,
    Positive,
    Whole,
}

#[derive(Clone, Copy, PartialEq)]
enum Inverse {
    Exact,
    /// Values that differ little from those given.
    Lossy,
    None,
}

#[derive(Clone, Copy, PartialEq)]
enum Nan {
    Stays,
    Refused,
    Replaced,
    /// In all columns of its row.
    Spreads,
}

fn promise(name: &'static str, step: impl Into<Step>) -> Promise {
    Promise {
        name,
        step: step.into(),
        input: Input::Any,
        inverse: Inverse::Exact,
        nan: Nan::Stays,
        columnwise: true,
        min_rows: 1,
    }
}

fn scalers() -> Vec<Promise> {
    let range = MinMaxScalerConfig { feature_range: (-2.0, 3.0), ..Default::default() };
    let unit = RobustScalerConfig { unit_variance: true, ..Default::default() };
    let quantile =
        |output| QuantileTransformerConfig { output, ..QuantileTransformerConfig::default() };
    let power = |method| PowerTransformerConfig { method, ..Default::default() };
    vec![
        promise("standard", StandardScalerConfig::default()),
        promise("min-max", MinMaxScalerConfig::default()),
        promise("min-max range", range),
        promise("max-abs", MaxAbsScalerConfig),
        promise("robust", RobustScalerConfig::default()),
        promise("robust unit", unit),
        promise("quantile", quantile(Distribution::Uniform)),
        promise("quantile normal", quantile(Distribution::Normal)),
        promise("yeo-johnson", power(PowerMethod::YeoJohnson)),
        Promise { input: Input::Positive, ..promise("box-cox", power(PowerMethod::BoxCox)) },
    ]
}

fn features() -> Vec<Promise> {
    let norm = |norm| Promise {
        inverse: Inverse::None,
        nan: Nan::Spreads,
        ..promise("normalizer", NormalizerConfig { norm })
    };
    let bins = |strategy| Promise {
        inverse: Inverse::Lossy,
        ..promise("bins", KBinsDiscretizerConfig { n_bins: 3, strategy })
    };
    let pca = |name, whitening| Promise {
        nan: Nan::Refused,
        columnwise: false,
        min_rows: 2,
        ..promise(name, PcaConfig { n_components: Components::All, whitening })
    };
    let impute = |statistic| Promise {
        inverse: Inverse::None,
        nan: Nan::Replaced,
        ..promise("imputer", ImputerConfig { statistic, add_indicator: false })
    };
    vec![
        norm(Norm::L1),
        norm(Norm::L2),
        norm(Norm::Max),
        bins(BinStrategy::Quantile),
        bins(BinStrategy::Uniform),
        bins(BinStrategy::KMeans),
        pca("pca", Whitening::Off),
        // ZCA keeps all directions also where there are fewer rows than columns.
        pca("zca", Whitening::Zca),
        Promise { columnwise: false, ..promise("polynomial", PolynomialFeaturesConfig::default()) },
        impute(Statistic::Mean),
        impute(Statistic::Median),
        impute(Statistic::MostFrequent),
        impute(Statistic::Constant(2.5)),
        Promise {
            nan: Nan::Replaced,
            columnwise: false,
            inverse: Inverse::None,
            ..promise("marking", ImputerConfig { add_indicator: true, ..Default::default() })
        },
    ]
}

fn encoders() -> Vec<Promise> {
    let categories = |name, step: Step, columnwise| Promise {
        input: Input::Whole,
        nan: Nan::Refused,
        columnwise,
        ..promise(name, step)
    };
    let drop = OneHotEncoderConfig { drop: Drop::First, ..Default::default() };
    vec![
        categories("one-hot", OneHotEncoderConfig::default().into(), false),
        categories("one-hot drop", drop.into(), false),
        categories("ordinal", OrdinalEncoderConfig::default().into(), true),
    ]
}

fn compositions() -> Vec<Promise> {
    let pipeline = PipelineConfig::new([
        ("power", PowerTransformerConfig::default().into()),
        ("scale", MinMaxScalerConfig::default().into()),
    ]);
    let binned = PipelineConfig::new([
        ("bin", KBinsDiscretizerConfig::default().into()),
        ("one-hot", OneHotEncoderConfig::default().into()),
    ]);
    let columns = ColumnTransformerConfig {
        remainder: Remainder::Keep,
        ..ColumnTransformerConfig::new([
            ("last", StandardScalerConfig::default().into(), vec![2]),
            ("first", Step::from(pipeline.clone()), vec![0]),
        ])
    };
    vec![
        promise("pipeline", pipeline),
        Promise {
            inverse: Inverse::Lossy,
            nan: Nan::Refused,
            columnwise: false,
            ..promise("binned", binned)
        },
        Promise { columnwise: false, ..promise("columns", columns) },
    ]
}

fn all() -> Vec<Promise> {
    [scalers(), features(), encoders(), compositions()].into_iter().flatten().collect()
}

const COLUMNS: usize = 3;

/// Ordinary, repeated and constant columns.
fn tables() -> impl Strategy<Value = Vec<f64>> {
    (1usize..12).prop_flat_map(|rows| {
        let value = prop_oneof![4 => -20.0..20.0f64, 2 => Just(1.5), 1 => Just(-3.0)];
        (prop::collection::vec(value, rows * COLUMNS), prop::option::of(0..COLUMNS)).prop_map(
            |(mut values, constant)| {
                let of_constant = |(i, _): &(usize, &mut f64)| Some(i % COLUMNS) == constant;
                values.iter_mut().enumerate().filter(of_constant).for_each(|(_, v)| *v = 0.1);
                values
            },
        )
    })
}

fn tensor(values: &[f64]) -> Tensor {
    Tensor::from_slice(values, [values.len() / COLUMNS, COLUMNS]).unwrap()
}

impl Promise {
    fn table(&self, values: &[f64]) -> Tensor {
        let fitting = |v: &f64| match self.input {
            Input::Any => *v,
            Input::Positive => v.abs() + 0.5,
            Input::Whole => v.round(),
        };
        tensor(&values.iter().map(fitting).collect::<Vec<_>>())
    }

    fn fit(&self, x: &Tensor) -> FittedStep {
        let fitted = self.step.fit(&TrainRows::whole(x));
        fitted.unwrap_or_else(|e| panic!("{}: {e} {:?}", self.name, x.to_vec::<f64>()))
    }
}

fn same(a: &Tensor, b: &Tensor) -> bool {
    let bits = |x: &Tensor| {
        let values: Vec<f64> = x.to_dtype(DType::F64).unwrap().to_vec().unwrap();
        values.into_iter().map(f64::to_bits).collect::<Vec<_>>()
    };
    a.dims() == b.dims() && bits(a) == bits(b)
}

/// Rounding in the transformed values, undone by steep inverses.
fn close(a: &Tensor, b: &Tensor) -> bool {
    let values = |x: &Tensor| x.to_dtype(DType::F64).unwrap().to_vec::<f64>().unwrap();
    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-6 * b.abs().max(1.0);
    a.dims() == b.dims() && values(a).iter().zip(&values(b)).all(near)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_inverse_undoes_the_transformation(values in tables()) {
        for promise in all() {
            let x = promise.table(&values);
            if x.dims()[0] < promise.min_rows {
                continue;
            }
            let fitted = promise.fit(&x);
            let y = fitted.transform(&x).unwrap();
            prop_assert_eq!(y.dims(), &[x.dims()[0], fitted.n_features_out()][..]);
            let finite = y.to_vec::<f64>().unwrap().iter().all(|v| v.is_finite());
            prop_assert!(finite, "{}", promise.name);
            let back = fitted.inverse_transform(&y);
            match promise.inverse {
                Inverse::Exact => prop_assert!(close(&back.unwrap(), &x), "{}: {x:?}", promise.name),
                Inverse::Lossy => prop_assert!(back.unwrap().dims() == x.dims()),
                Inverse::None => {
                    let refused = matches!(back, Err(Error::NoInverse { .. }));
                    let marked = promise.name == "marking" && close(&back.unwrap_or(x.clone()), &x);
                    prop_assert!(refused || marked, "{}", promise.name);
                }
            }
        }
    }

    #[test]
    fn permuted_columns_give_permuted_results(values in tables()) {
        for promise in all().into_iter().filter(|p| p.columnwise) {
            let x = promise.table(&values);
            let order = Tensor::from(vec![2i64, 0, 1]);
            let permuted = x.index_select(1, &order).unwrap();
            let y = promise.fit(&x).transform(&x).unwrap().index_select(1, &order).unwrap();
            let of_permuted = promise.fit(&permuted).transform(&permuted).unwrap();
            // A norm sums a row in another order.
            prop_assert!(close(&of_permuted, &y), "{}", promise.name);
        }
    }

    #[test]
    fn a_row_is_transformed_alone_as_with_others(values in tables()) {
        for promise in all() {
            let x = promise.table(&values);
            if x.dims()[0] < promise.min_rows {
                continue;
            }
            let fitted = promise.fit(&x);
            let y = fitted.transform(&x).unwrap();
            for row in 0..x.dims()[0] {
                let alone = fitted.transform(&x.select(0, row).unwrap()).unwrap();
                prop_assert!(same(&alone, &y.select(0, row).unwrap()), "{}", promise.name);
            }
            // By strides, the same.
            let turned = x.t().unwrap().contiguous().t().unwrap();
            prop_assert!(same(&fitted.transform(&turned).unwrap(), &y), "{}", promise.name);
        }
    }

    #[test]
    fn a_restored_transformation_has_the_same_bits(values in tables()) {
        for promise in all() {
            let x = promise.table(&values);
            if x.dims()[0] < promise.min_rows {
                continue;
            }
            let fitted = promise.fit(&x);
            let restored = FittedStep::from_state_dict(&fitted.state_dict()).unwrap();
            prop_assert_eq!(&restored, &fitted, "{}", promise.name);
            prop_assert!(same(&restored.transform(&x).unwrap(), &fitted.transform(&x).unwrap()));
            // Every entry is needed, or has a default that is checked by the equality above.
            for name in fitted.state_dict().into_keys() {
                let mut state = fitted.state_dict();
                state.remove(&name);
                let error = FittedStep::from_state_dict(&state);
                prop_assert!(matches!(error, Err(Error::State { .. })), "{} {name}", promise.name);
            }
        }
    }

    #[test]
    fn nan_does_as_documented(values in tables(), row in 0usize..12, column in 0..COLUMNS) {
        prop_assume!(values.len() > COLUMNS);
        let row = row % (values.len() / COLUMNS);
        for promise in all() {
            let mut values = promise.table(&values).to_vec::<f64>().unwrap();
            values[row * COLUMNS + column] = f64::NAN;
            let x = tensor(&values);
            let fitted = promise.step.fit(&TrainRows::whole(&x));
            if promise.nan == Nan::Refused {
                prop_assert!(fitted.is_err(), "{}", promise.name);
                continue;
            }
            let fitted = fitted.unwrap();
            let y = fitted.transform(&x).unwrap();
            let is_nan = |row: usize| {
                let y: Vec<f64> = y.select(0, row).unwrap().to_vec().unwrap();
                y.iter().map(|v| v.is_nan()).collect::<Vec<_>>()
            };
            for other in (0..x.dims()[0]).filter(|&other| other != row) {
                prop_assert!(is_nan(other).iter().all(|n| !n), "{}", promise.name);
            }
            let n = is_nan(row).iter().filter(|n| **n).count();
            match promise.nan {
                Nan::Stays if promise.columnwise => {
                    prop_assert!(n == 1 && is_nan(row)[column], "{}", promise.name);
                }
                Nan::Stays => prop_assert!(n > 0),
                Nan::Spreads => prop_assert_eq!(n, fitted.n_features_out()),
                Nan::Replaced => prop_assert_eq!(n, 0),
                Nan::Refused => {}
            }
        }
    }

    #[test]
    fn chunks_teach_what_all_rows_teach(values in tables(), cut in 0usize..12) {
        let x = tensor(&values);
        let whole = x.dims()[0];
        prop_assume!(whole > 1);
        let cut = 1 + cut % (whole - 1);
        let chunks = [x.narrow(0, 0, cut).unwrap(), x.narrow(0, cut, whole - cut).unwrap()];
        same_from_chunks(StandardScalerConfig::default(), &x, &chunks);
        same_from_chunks(MinMaxScalerConfig::default(), &x, &chunks);
        same_from_chunks(MaxAbsScalerConfig, &x, &chunks);
        for statistic in [Statistic::Mean, Statistic::Median, Statistic::MostFrequent] {
            same_from_chunks(ImputerConfig { statistic, add_indicator: true }, &x, &chunks);
        }
        let categories = x.round().unwrap();
        let rounded = chunks.clone().map(|chunk| chunk.round().unwrap());
        same_from_chunks(OneHotEncoderConfig::default(), &categories, &rounded);
        same_from_chunks(OrdinalEncoderConfig::default(), &categories, &rounded);
        // Through a covariance that is joined: the same but for rounding.
        let config = PcaConfig::default();
        let mut stream = config.stream().unwrap();
        chunks.iter().for_each(|c| stream.partial_fit(&TrainRows::whole(c)).unwrap());
        let (a, b) = (stream.finish().unwrap(), config.fit(&TrainRows::whole(&x)).unwrap());
        let all = |pca: &gradus_data::Pca| Tensor::from(pca.explained_variance());
        prop_assert!(close(&all(&a), &all(&b)));
        prop_assert!(close(&a.inverse_transform(&a.transform(&x).unwrap()).unwrap(), &x));
    }
}

#[track_caller]
fn same_from_chunks<C>(config: C, x: &Tensor, chunks: &[Tensor])
where
    C: FitStream,
    C::Fitted: PartialEq + Debug,
{
    let mut stream = config.stream().unwrap();
    assert!(stream.finish().is_err());
    chunks.iter().for_each(|chunk| stream.partial_fit(&TrainRows::whole(chunk)).unwrap());
    // A chunk that is refused changes nothing.
    let wide = Tensor::ones([2, COLUMNS + 1], DType::F64).unwrap();
    assert!(stream.partial_fit(&TrainRows::whole(&wide)).is_err());
    assert_eq!(stream.finish().unwrap(), config.fit(&TrainRows::whole(x)).unwrap());
}

#[test]
fn what_cannot_be_learned_from_is_refused_by_all() {
    for promise in all() {
        let refused = |x: &Tensor| {
            let error = promise.step.fit(&TrainRows::whole(x)).unwrap_err();
            assert!(!error.to_string().is_empty());
        };
        refused(&Tensor::zeros([0, COLUMNS], DType::F64).unwrap());
        refused(&Tensor::zeros([2, 0], DType::F64).unwrap());
        refused(&Tensor::zeros([COLUMNS], DType::F64).unwrap());
        refused(&Tensor::scalar(1.0f64));
        let infinite = [1.0, 2.0, 3.0, 4.0, 5.0, f64::INFINITY];
        refused(&tensor(&infinite));
        if promise.input != Input::Whole {
            refused(&Tensor::new([[1, 2, 3], [4, 5, 6]]));
        }
    }
}

#[test]
fn shapes_and_dtypes_are_kept_or_refused_by_all() {
    let values = [1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 2.0, 3.0, 9.0];
    for promise in all() {
        let x = promise.table(&values);
        let fitted = promise.fit(&x);
        assert_eq!(fitted.n_features_in(), COLUMNS, "{}", promise.name);
        let n = fitted.n_features_out();
        for dtype in [DType::F32, DType::F64, DType::BF16] {
            let none = fitted.transform(&Tensor::zeros([0, COLUMNS], dtype).unwrap()).unwrap();
            assert_eq!((none.dims(), none.dtype()), (&[0, n][..], dtype), "{}", promise.name);
            let deep = x.to_dtype(dtype).unwrap().reshape([1, 3, COLUMNS]).unwrap();
            let y = fitted.transform(&deep).unwrap();
            assert_eq!((y.dims(), y.dtype()), (&[1, 3, n][..], dtype), "{}", promise.name);
        }
        let wide = Tensor::ones([2, COLUMNS + 1], DType::F64).unwrap();
        assert!(fitted.transform(&wide).is_err(), "{}", promise.name);
        assert!(fitted.transform(&Tensor::scalar(1.0f64)).is_err(), "{}", promise.name);
        let wide = Tensor::ones([2, n + 1], DType::F64).unwrap();
        assert!(fitted.inverse_transform(&wide).is_err(), "{}", promise.name);
    }
}
