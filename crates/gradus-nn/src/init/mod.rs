//! Initial values of parameters: pure functions of a shape and a [`gradus_core::Key`].
//!
//! All give `f32` tensors; [`crate::cast`] moves a whole model to another dtype. The names and
//! formulas are those of `torch.nn.init`.
//!
//! ```
//! use gradus_core::{Keys, Kind};
//! use gradus_nn::{Linear, init};
//!
//! let mut keys = Keys::new(7);
//! let mut linear = Linear::new(64, 64, &mut keys)?;
//! let gain = init::Nonlinearity::Relu.gain();
//! linear.weight.set_value(init::kaiming_normal([64, 64], init::Fan::In, gain, keys.next_key())?)?;
//! # Ok::<(), gradus_nn::Error>(())
//! ```

mod constant;
mod fan;
mod kaiming;
mod lecun;
mod normal;
mod orthogonal;
#[cfg(test)]
mod statistics;
mod trunc_normal;
mod uniform;
mod xavier;

pub use constant::constant;
pub use fan::{Fan, Nonlinearity, fans};
pub use kaiming::{kaiming_normal, kaiming_uniform};
pub use lecun::{lecun_normal, lecun_uniform};
pub use normal::normal;
pub use orthogonal::orthogonal;
pub use trunc_normal::trunc_normal;
pub use uniform::uniform;
pub use xavier::{xavier_normal, xavier_uniform};
