//! Transformations that learn from data: a configuration's `fit` gives the learned type.

mod columns;
mod impute;
mod min_max;
mod one_hot;
mod standard;
mod state;

pub use impute::{Imputer, ImputerConfig, Statistic};
pub use min_max::{MinMaxScaler, MinMaxScalerConfig, Outside};
pub use one_hot::{OneHotEncoder, OneHotEncoderConfig, UnknownCategory};
pub use standard::{StandardScaler, StandardScalerConfig};
pub use state::Fitted;
