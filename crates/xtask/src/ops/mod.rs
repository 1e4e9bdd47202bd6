//! `cargo xtask ops`: `docs/ops.md`, made from the op table and the docs of the ops.
//!
//! Name, family, formula and derivative are those of the table in `gradus-core`. Dtypes and the
//! name in PyTorch come from the docs of the op's method; `CONTRIBUTING.md` says how they are
//! written.

mod docs;
mod page;
mod table;
mod write;

pub(crate) use page::{PAGE, page};
pub(crate) use table::{Derivative, TABLE, rows};
pub(crate) use write::run;
