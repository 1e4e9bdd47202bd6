//! Gradus's side: one file per kind of work.

mod bandwidth;
mod cnn;
mod decode;
mod gpt;
mod inputs;
mod mlp;
mod peak_rss;
mod products;
mod recurrent;
mod row_ops;
mod run;
mod train;

pub(crate) use run::run;
