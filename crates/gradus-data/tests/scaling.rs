//! Scalers, encoders and folds against scikit-learn.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use gradus_data::{
    BinStrategy, Components, Distribution, Drop, Fit, Fold, ImputerConfig, KBinsDiscretizerConfig,
    MaxAbsScalerConfig, Norm, NormalizerConfig, OneHotEncoderConfig, OrdinalEncoderConfig,
    PcaConfig, PolynomialFeaturesConfig, PowerMethod, PowerTransformerConfig,
    QuantileTransformerConfig, RobustScalerConfig, Shuffle, Smoothing, TargetEncoderConfig,
    TrainRows, Transform, Whitening, Window, chronological_folds, group_k_fold, k_fold,
};
use gradus_tensor::{DType, Tensor};

/// Sums are taken in another order than NumPy's.
const TOLERANCE: f64 = 1e-9;
/// The likelihood of a power is flat at its top: where it is highest, rounding decides.
const POWER_TOLERANCE: f64 = 1e-5;

fn golden(name: &str) -> Vec<f64> {
    let line = |line: &'static str| line.strip_prefix(name)?.strip_prefix(' ');
    let values = include_str!("golden/scaling.txt").lines().find_map(line);
    values.unwrap().split(' ').map(|v| v.parse().unwrap()).collect()
}

fn table(name: &str, columns: usize) -> Tensor {
    let values = golden(name);
    Tensor::from_slice(&values, [values.len() / columns, columns]).unwrap()
}

fn categories() -> Tensor {
    Tensor::new([[3, 0], [7, 1], [3, 1], [9, 0], [7, 1], [3, 0], [9, 1], [3, 1], [7, 0], [3, 0]])
}

#[track_caller]
fn close(got: &[f64], name: &str, tolerance: f64) {
    let expected = golden(name);
    assert_eq!(got.len(), expected.len(), "{name}");
    for (i, (a, b)) in got.iter().zip(&expected).enumerate() {
        let close = (a - b).abs() <= tolerance * b.abs().max(1.0);
        assert!(close || (a.is_nan() && b.is_nan()), "{name}, {i}: got {a}, expected {b}");
    }
}

#[track_caller]
fn check(got: &Tensor, name: &str) {
    close(&got.to_dtype(DType::F64).unwrap().to_vec::<f64>().unwrap(), name, TOLERANCE);
}

fn fit<C: Fit>(config: C, x: &Tensor) -> C::Fitted {
    config.fit(&TrainRows::whole(x)).unwrap()
}

/// What comes of the table learned from, and of another.
#[track_caller]
fn check_both(config: impl Fit, x: &Tensor, name: &str) {
    let fitted = fit(config, x);
    check(&fitted.transform(x).unwrap(), name);
    check(&fitted.transform(&table("NEW", 4)).unwrap(), &format!("{name}_NEW"));
}

#[test]
fn scaling_agrees() {
    let gaps = table("GAPS", 4);
    check_both(MaxAbsScalerConfig, &gaps, "MAX_ABS");
    check_both(RobustScalerConfig::default(), &gaps, "ROBUST");
    let config = RobustScalerConfig {
        quantile_range: (0.1, 0.8),
        unit_variance: true,
        ..RobustScalerConfig::default()
    };
    check_both(config, &gaps, "ROBUST_UNIT");
    for (norm, name) in [(Norm::L2, "NORM_L2"), (Norm::L1, "NORM_L1"), (Norm::Max, "NORM_MAX")] {
        let x = table("X", 4);
        check(&fit(NormalizerConfig { norm }, &x).transform(&x).unwrap(), name);
    }
}

#[test]
fn quantiles_agree() {
    let gaps = table("GAPS", 4);
    for (output, name) in
        [(Distribution::Uniform, "QUANTILE"), (Distribution::Normal, "QUANTILE_NORMAL")]
    {
        let config = QuantileTransformerConfig { n_quantiles: 5, output };
        check_both(config, &gaps, name);
        let fitted = fit(config, &gaps);
        let back = fitted.transform(&table("NEW", 4)).unwrap();
        check(&fitted.inverse_transform(&back).unwrap(), &format!("{name}_BACK"));
    }
}

#[test]
fn powers_agree() {
    let first = |name: &str| table(name, 4).narrow(1, 0, 3).unwrap();
    let values = |x: &Tensor| x.to_vec::<f64>().unwrap();
    let gaps = first("GAPS");
    let fitted = fit(PowerTransformerConfig::default(), &gaps);
    close(fitted.lambdas(), "YEO_JOHNSON_LAMBDAS", POWER_TOLERANCE);
    close(&values(&fitted.transform(&gaps).unwrap()), "YEO_JOHNSON", POWER_TOLERANCE);
    let new = first("NEW");
    close(&values(&fitted.transform(&new).unwrap()), "YEO_JOHNSON_NEW", POWER_TOLERANCE);
    let raw = PowerTransformerConfig { standardize: false, ..Default::default() };
    let x = table("X", 4);
    let y = values(&fit(raw, &x).transform(&x).unwrap());
    close(&y, "YEO_JOHNSON_RAW", POWER_TOLERANCE);
    let box_cox = PowerTransformerConfig { method: PowerMethod::BoxCox, ..Default::default() };
    let positive = first("POSITIVE");
    let fitted = fit(box_cox, &positive);
    close(fitted.lambdas(), "BOX_COX_LAMBDAS", POWER_TOLERANCE);
    close(&values(&fitted.transform(&positive).unwrap()), "BOX_COX", POWER_TOLERANCE);
    let new = values(&fitted.transform(&new.abs().unwrap()).unwrap());
    close(&new, "BOX_COX_NEW", POWER_TOLERANCE);
}

#[test]
fn products_and_bins_agree() {
    let x = table("X", 4).narrow(1, 0, 3).unwrap();
    let few = x.narrow(0, 0, 4).unwrap();
    let cubes = PolynomialFeaturesConfig { degree: 3, ..Default::default() };
    check(&fit(cubes, &few).transform(&few).unwrap(), "POLYNOMIAL");
    let interactions =
        PolynomialFeaturesConfig { degree: 3, interaction_only: true, include_bias: false };
    check(&fit(interactions, &few).transform(&few).unwrap(), "INTERACTIONS");
    for (strategy, name, n) in [
        (BinStrategy::Quantile, "BINS_QUANTILE", 3),
        (BinStrategy::Uniform, "BINS_UNIFORM", 3),
        (BinStrategy::KMeans, "BINS_KMEANS", 2),
    ] {
        let x = x.narrow(1, 0, n).unwrap();
        let bins = fit(KBinsDiscretizerConfig { n_bins: 4, strategy }, &x);
        close(&bins.edges().concat(), &format!("{name}_EDGES"), TOLERANCE);
        check(&bins.transform(&x).unwrap(), name);
        let new = table("NEW", 4).narrow(1, 0, n).unwrap();
        let back = bins.inverse_transform(&bins.transform(&new).unwrap()).unwrap();
        check(&back, &format!("{name}_BACK"));
    }
}

#[test]
fn principal_components_agree() {
    let x = table("X", 4);
    let pca = fit(PcaConfig::default(), &x);
    close(pca.explained_variance(), "PCA_VARIANCE", TOLERANCE);
    check(&pca.components().unwrap().narrow(0, 0, 3).unwrap(), "PCA_COMPONENTS");
    // The fourth column is constant, its direction without meaning.
    let three = PcaConfig { n_components: Components::Count(3), ..Default::default() };
    let first = |name: &str| {
        let all = golden(name);
        all.chunks(4).flat_map(|row| row[..3].to_vec()).collect::<Vec<_>>()
    };
    let y = fit(three, &x).transform(&x).unwrap().to_vec::<f64>().unwrap();
    assert!(y.iter().zip(first("PCA")).all(|(a, b)| (a - b).abs() < TOLERANCE));
    let white = PcaConfig { n_components: Components::Count(2), whitening: Whitening::Pca };
    check_both(white, &x, "PCA_WHITE");
    let fitted = fit(white, &x);
    let back = fitted.transform(&table("NEW", 4)).unwrap();
    check(&fitted.inverse_transform(&back).unwrap(), "PCA_WHITE_BACK");
    let share = PcaConfig { n_components: Components::Variance(0.95), ..Default::default() };
    check(&fit(share, &x).transform(&x).unwrap(), "PCA_SHARE");
}

#[test]
fn encoders_and_indicators_agree() {
    let gaps = table("GAPS", 4);
    let marking = ImputerConfig { add_indicator: true, ..Default::default() };
    check(&fit(marking, &gaps).transform(&gaps).unwrap(), "IMPUTE_INDICATOR");
    let x = categories();
    for (drop, name) in [(Drop::First, "ONE_HOT_FIRST"), (Drop::IfBinary, "ONE_HOT_IF_BINARY")] {
        let config = OneHotEncoderConfig { drop, ..Default::default() };
        check(&fit(config, &x).transform(&x).unwrap(), name);
    }
    let ordinal = fit(OrdinalEncoderConfig { unknown_value: Some(-1.0) }, &x);
    check(&ordinal.transform(&x).unwrap(), "ORDINAL");
    check(&ordinal.transform(&Tensor::new([[3, 1], [4, 0], [9, 0]])).unwrap(), "ORDINAL_NEW");
}

#[test]
fn target_encoding_agrees() {
    let x = categories().to_dtype(DType::F64).unwrap();
    let y = TrainRows::whole(&Tensor::from(golden("TARGET")));
    let new = Tensor::new([[3., 1.], [4., 0.], [9., 0.]]).to_dtype(DType::F64).unwrap();
    let both = Tensor::cat(&[&x, &new], 0).unwrap();
    for (smoothing, name) in
        [(Smoothing::Auto, "TARGET_AUTO"), (Smoothing::Rows(3.0), "TARGET_ROWS")]
    {
        let config = TargetEncoderConfig { smoothing, ..Default::default() };
        let (encoder, crossed) = config.fit_transform(&TrainRows::whole(&x), &y).unwrap();
        check(&encoder.transform(&both).unwrap(), name);
        check(&crossed, &format!("{name}_CROSS"));
    }
}

#[test]
fn folds_agree() {
    let tested = |folds: &[Fold]| {
        let mut tested = vec![-1.0; 10];
        for (i, fold) in folds.iter().enumerate() {
            fold.test().iter().for_each(|&item| tested[item] = i as f64);
        }
        tested
    };
    close(&tested(&k_fold(10, 3, Shuffle::No).unwrap()), "K_FOLD", 0.0);
    let groups: Vec<i64> = categories().select(1, 0).unwrap().to_vec().unwrap();
    close(&tested(&group_k_fold(&groups, 2).unwrap()), "GROUP_K_FOLD", 0.0);
    let folds = chronological_folds(10, 3, 1, Window::Last(4)).unwrap();
    close(&tested(&folds), "TIME", 0.0);
    assert_eq!(folds[2].train(), &[3, 4, 5, 6]);
}
