//! What is searched: named parameters, their values, and points of them.

mod domain;
mod point;
mod searched;
mod spaces;
mod value;
mod when;

pub use domain::{Domain, Scale};
pub use point::Point;
pub use searched::Searched;
pub use spaces::{Param, Space, SpaceBuilder};
pub use value::Value;
pub(crate) use value::significant;
pub use when::{Is, When};
