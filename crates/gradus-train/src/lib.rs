//! The three steps as one interface: a model, a loss, an optimizer.
//!
//! - [`Fit`] holds the three and the whole state of their run. [`Fit::run`] goes through
//!   [`Batches`], [`Fit::run_validated`] looks at other data after every epoch.
//! - [`Score`] is what a loss says about a batch: the number to be made small, and metrics. Means
//!   such as [`accuracy`] go into it as they are; what is no mean ([`Metric`]: F1, AUC, R²,
//!   calibration, …) is gathered, so that uneven batches give what the whole would give.
//! - [`FitConfig`] says how long a run goes ([`EarlyStopping`], a time limit), what it keeps
//!   ([`Keep`], [averages](FitConfig::averaging)) and writes ([`Checkpointing`], [`Log`], [`TensorBoard`], [`Progress`]), and
//!   what becomes of numbers that are not finite ([`NonFinite`]).
//! - A [`Callback`] looks on, at steps, gradients, epochs and pictures; [`Freeze`] is one.
//! - [`Fit::save`] and [`Fit::resume`] interrupt a run anywhere; it goes on with the same bits.
//!   [`Fit::resume_last`] finds the last whole [`Checkpoint`] of a run that was killed.
//! - [`History`] is what happened, [`Fit::report`] the same as a page; [`report`] has its parts.
//!
//! ```
//! use gradus_core::{Key, Keys};
//! use gradus_data::{Loader, LoaderConfig, Shuffle, TensorDataset};
//! use gradus_nn::loss::{CrossEntropy, cross_entropy};
//! use gradus_nn::{Activation, Ctx, Layer, Linear, Sequential, Tensor};
//! use gradus_optim::Adam;
//! use gradus_train::{Fit, FitConfig, Score, accuracy};
//!
//! // Exclusive or: no straight line tells the two classes apart.
//! let x = Tensor::new([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
//! let y = Tensor::new([0, 1, 1, 0]);
//! let shuffle = Shuffle::Keyed(Key::new(7));
//! let data = Loader::new(TensorDataset::new([x, y])?, LoaderConfig { shuffle, ..LoaderConfig::new(2) })?;
//!
//! // 1. A set of functions.
//! let mut keys = Keys::new(7);
//! let model = Sequential::new()
//!     .with(Linear::new(2, 8, &mut keys)?)
//!     .with(Activation::Tanh)
//!     .with(Linear::new(8, 2, &mut keys)?);
//! // 2. The goodness of a function.
//! let loss = |model: &Sequential, [x, y]: &[Tensor; 2], ctx: &mut Ctx| {
//!     let logits = model.forward(&x.into(), ctx)?;
//!     let loss = cross_entropy(&logits, y, CrossEntropy::default())?;
//!     Ok(Score::new(loss, y.len()).with("accuracy", accuracy(logits.value(), y)?))
//! };
//! // 3. The best function.
//! let optimizer = Adam { lr: 0.05, ..Adam::default() }.init()?;
//!
//! let config = FitConfig { epochs: 100, key: Key::new(7), ..FitConfig::default() };
//! let mut fit = Fit::new(model, loss, optimizer, config)?;
//! fit.run(&data)?;
//! assert_eq!(fit.evaluate(&data)?["accuracy"], 1.0);
//! let model = fit.into_model();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Each part can be replaced: the model by any [`Module`](gradus_autograd::Module), the loss by any
//! function, the optimizer by any chain, the data by any [`Batches`], and one step by
//! [`Fit::set_step`].
//!
//! # A loop of your own
//!
//! The loop itself is no more than a loss, its `backward`, and the optimizer's `step`. Where [`Fit`]
//! does not fit, as for two models that learn from each other, the same parts make another:
//!
//! ```
//! use gradus_core::{Key, Keys};
//! use gradus_data::{Loader, LoaderConfig, Shuffle, TensorDataset};
//! use gradus_nn::loss::{Reduction, mse};
//! use gradus_nn::{Ctx, Layer, Linear, Module, Tensor};
//! use gradus_optim::Sgd;
//! use gradus_train::{Checkpoint, Errors, EventFile, Means, Metric, Score};
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//!
//! let x = Tensor::new([[-1.0], [0.0], [1.0], [2.0], [3.0]]);
//! let y = Tensor::new([[-1.0], [1.0], [3.0], [5.0], [7.0]]); // 2x + 1
//! let shuffle = Shuffle::Keyed(Key::new(7));
//! let data = Loader::new(TensorDataset::new([x, y])?, LoaderConfig { shuffle, ..LoaderConfig::new(2) })?;
//! let mut model = Linear::new(1, 1, &mut Keys::new(7))?;
//! let mut optimizer = Sgd { lr: 0.1, ..Sgd::default() }.init()?;
//! let mut events = EventFile::create(folder.join("events"))?;
//!
//! let mut last = Means::default();
//! for epoch in 0..40 {
//!     let mut means = Means::default();
//!     for batch in data.epoch(epoch) {
//!         let [x, y] = batch?;
//!         let mut ctx = Ctx::train(Key::new(7).fold_in(optimizer.steps()));
//!         let predicted = model.forward(&(&x).into(), &mut ctx)?;
//!         let loss = mse(&predicted, &(&y).into(), Reduction::Mean)?;
//!         let info = optimizer.step(&mut model, &loss.backward()?)?;
//!         events.scalars(info.step, [("learning_rate", info.learning_rate)])?;
//!         let r2 = Metric::R2(Errors::of(predicted.value(), &y)?);
//!         means.add(loss.item()?, &Score::new(loss, x.dims()[0]).gather("r2", r2))?;
//!     }
//!     // All that the next epoch depends on: the order of the data is a function of its number.
//!     let mut checkpoint = Checkpoint::default();
//!     checkpoint.put("model", model.state_dict());
//!     checkpoint.put("optim", optimizer.state_dict());
//!     checkpoint.texts.insert("epoch".to_owned(), epoch.to_string());
//!     checkpoint.save(folder.join("run"))?;
//!     last = means;
//! }
//! assert!(last.loss() < 1e-3 && last.values()["r2"] > 0.99);
//!
//! let mut checkpoint = Checkpoint::load(folder.join("run"))?;
//! model.load_state_dict(&checkpoint.take("model"))?;
//! optimizer.load_state_dict(&checkpoint.take("optim"))?;
//! assert_eq!(checkpoint.texts["epoch"], "39");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The crate knows no particular model, and nothing of generation.
#![forbid(unsafe_code)]

mod batches;
mod callback;
mod checkpoint;
mod config;
mod error;
mod fit;
mod freeze;
mod history;
mod json_lines;
mod kept;
mod measure;
mod number;
mod parts;
mod progress;
pub mod report;
mod run;
mod run_report;
mod samples;
mod step;
mod stopping;
mod tensorboard;

pub use batches::{Batches, Epoch};
pub use callback::{Callback, NextStep, StepRecord};
pub use checkpoint::{Checkpoint, Resumed, hash_tensors};
pub use config::{Checkpointing, FitConfig, Keep, Log, NonFinite, Progress, TensorBoard};
pub use error::{BoxError, Error, Origin, Result};
pub use fit::Fit;
pub use freeze::Freeze;
pub use gradus_nn::Averaging;
pub use history::{EpochRecord, GradientNorms, History, StepPoint};
pub use measure::{
    Average, Calibration, CalibrationBin, ConfusionMatrix, Errors, Mean, Means, Metric, Ranking,
    Score, accuracy, bits, mae, perplexity, r2, rmse, top_k_accuracy,
};
pub use parts::Parts;
pub use stopping::{EarlyStopping, Goal, Stop};
pub use tensorboard::EventFile;
