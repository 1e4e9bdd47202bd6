//! Any transformation, as a step of a composition.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use super::bins::{KBinsDiscretizer, KBinsDiscretizerConfig};
use super::column_transformer::{ColumnTransformer, ColumnTransformerConfig};
use super::fit::{Fit, Transform};
use super::impute::{Imputer, ImputerConfig};
use super::max_abs::{MaxAbsScaler, MaxAbsScalerConfig};
use super::min_max::{MinMaxScaler, MinMaxScalerConfig};
use super::normalizer::{Normalizer, NormalizerConfig};
use super::one_hot::{OneHotEncoder, OneHotEncoderConfig};
use super::ordinal::{OrdinalEncoder, OrdinalEncoderConfig};
use super::pca::{Pca, PcaConfig};
use super::pipeline::{Pipeline, PipelineConfig};
use super::polynomial::{PolynomialFeatures, PolynomialFeaturesConfig};
use super::power::{PowerTransformer, PowerTransformerConfig};
use super::quantile::{QuantileTransformer, QuantileTransformerConfig};
use super::robust::{RobustScaler, RobustScalerConfig};
use super::standard::{StandardScaler, StandardScalerConfig};
use super::state::{Entries, Fitted, State};
use super::train_rows::TrainRows;
use crate::Result;

macro_rules! steps {
    ($($name:ident $config:ident,)*) => {
        /// The configuration of any transformation.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum Step {
            $(#[doc = concat!("Of a [`", stringify!($name), "`].")] $name($config),)*
        }

        /// Any learned transformation. Its state says which it is.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum FittedStep {
            $(#[doc = concat!("A [`", stringify!($name), "`].")] $name($name),)*
        }

        $(impl From<$config> for Step {
            fn from(config: $config) -> Self {
                Self::$name(config)
            }
        })*

        impl Fit for Step {
            type Fitted = FittedStep;

            fn fit(&self, rows: &TrainRows) -> Result<FittedStep> {
                Ok(match self {
                    $(Self::$name(config) => FittedStep::$name(config.fit(rows)?),)*
                })
            }
        }

        impl Transform for FittedStep {
            fn n_features_in(&self) -> usize {
                match self { $(Self::$name(step) => step.n_features_in(),)* }
            }

            fn n_features_out(&self) -> usize {
                match self { $(Self::$name(step) => step.n_features_out(),)* }
            }

            fn transform(&self, x: &Tensor) -> Result<Tensor> {
                match self { $(Self::$name(step) => step.transform(x),)* }
            }

            fn inverse_transform(&self, y: &Tensor) -> Result<Tensor> {
                match self { $(Self::$name(step) => step.inverse_transform(y),)* }
            }
        }

        impl Fitted for FittedStep {
            fn state_dict(&self) -> BTreeMap<String, Tensor> {
                let (kind, state) = match self {
                    $(Self::$name(step) => (stringify!($name), step.state_dict()),)*
                };
                let mut all = Entries::default().text("kind", kind).finish();
                all.extend(state);
                all
            }

            fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
                let entries = State { op: "FittedStep", state };
                Ok(match entries.text("kind")?.as_str() {
                    $(stringify!($name) => Self::$name($name::from_state_dict(state)?),)*
                    other => {
                        let expected = "the name of a transformation";
                        return Err(entries.error("kind", expected, format!("{other:?}")));
                    }
                })
            }
        }
    };
}

steps! {
    StandardScaler StandardScalerConfig,
    MinMaxScaler MinMaxScalerConfig,
    MaxAbsScaler MaxAbsScalerConfig,
    RobustScaler RobustScalerConfig,
    QuantileTransformer QuantileTransformerConfig,
    PowerTransformer PowerTransformerConfig,
    Normalizer NormalizerConfig,
    PolynomialFeatures PolynomialFeaturesConfig,
    KBinsDiscretizer KBinsDiscretizerConfig,
    Pca PcaConfig,
    Imputer ImputerConfig,
    OneHotEncoder OneHotEncoderConfig,
    OrdinalEncoder OrdinalEncoderConfig,
    Pipeline PipelineConfig,
    ColumnTransformer ColumnTransformerConfig,
}
