//! `cargo xtask guide`: the experiments of the guide, run again.
//!
//! Each draws its pictures into `docs/guide/pictures`, and its figures must be those of
//! `docs/guide/figures.tsv`, each within its tolerance. The pages may cite what is in that table.

mod compare;
mod figures;
mod run;

pub(crate) use run::{Mode, run};
