//! [`Module`]: a tree of parameters and buffers with names.

mod containers;
mod identity;
mod path;
mod slot;
mod state;
mod visit;

pub(crate) use identity::share_identities;
pub use path::{Path, Segment};
pub use slot::{Slot, SlotMut};
pub use visit::Module;
