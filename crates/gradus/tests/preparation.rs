//! What was learned from the training rows travels in the file of the model.

use std::collections::BTreeMap;

use gradus::data::Fitted;
use gradus::data::{
    ColumnTransformerConfig, Fit, FittedStep, ImputerConfig, OneHotEncoderConfig, PipelineConfig,
    StandardScalerConfig, Step, TrainRows, Transform, chronological_split, under_prefix,
    with_prefix,
};
use gradus::io::{load_safetensors, save_safetensors};
use gradus::models::LinearRegression;
use gradus::prelude::*;

#[test]
fn a_preparation_is_saved_and_restored_with_its_model() {
    let nan = f32::NAN;
    let x = Tensor::new([[1.0, 0.0], [nan, 1.0], [4.0, 2.0], [7.0, 1.0], [90.0, 0.0]]);
    let [train, _test] = chronological_split(5, [4, 1]).unwrap();
    let numbers = PipelineConfig::new([
        ("impute", ImputerConfig { add_indicator: true, ..Default::default() }.into()),
        ("scale", StandardScalerConfig::default().into()),
    ]);
    let config = ColumnTransformerConfig::new([
        ("numbers", Step::from(numbers), vec![0]),
        ("kind", OneHotEncoderConfig::default().into(), vec![1]),
    ]);
    let rows = TrainRows::select(&x, &train).unwrap();
    let preparation = Step::from(config).fit(&rows).unwrap();
    let n = preparation.n_features_out();
    let model = LinearRegression::new(n, 1, &mut Keys::new(7)).unwrap();
    let answer = |preparation: &FittedStep, model: &LinearRegression| {
        let features = Var::from(&preparation.transform(&x).unwrap());
        model.forward(&features, &mut Ctx::eval()).unwrap().value().to_vec::<f32>().unwrap()
    };

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let mut tensors = with_prefix("model", model.state_dict());
    tensors.extend(with_prefix("preparation", preparation.state_dict()));
    save_safetensors(&path, &tensors, &BTreeMap::new()).unwrap();

    let (tensors, _) = load_safetensors(&path).unwrap();
    let restored = FittedStep::from_state_dict(&under_prefix("preparation", &tensors)).unwrap();
    let mut other = LinearRegression::new(n, 1, &mut Keys::new(8)).unwrap();
    other.load_state_dict(&under_prefix("model", &tensors)).unwrap();
    assert_eq!(restored, preparation);
    assert_eq!(answer(&restored, &other), answer(&preparation, &model));
}
