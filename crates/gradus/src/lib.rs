//! Deep learning in layered crates, from tensors to generation.
//!
//! Machine learning lets a machine look for a function, in three steps: a set of functions
//! (a model), the goodness of a function (a loss), and the best function (optimization). Its
//! output is a number (regression), a class (classification) or an object with structure
//! (generation), made piece by piece, in one go, or by both.
//!
//! This crate is the guide to the pieces. Each is a crate of its own and can be used alone.
//!
//! | to | use | crate |
//! |---|---|---|
//! | compute with n-dimensional arrays | [`tensor`] | `gradus-tensor` |
//! | get derivatives | [`autograd`] | `gradus-autograd` |
//! | stack layers, choose a loss | [`nn`] | `gradus-nn` |
//! | find the best parameters | [`optim`] | `gradus-optim` |
//! | read, split, scale and batch data | [`data`] | `gradus-data` |
//! | read and write model files | [`io`] | `gradus-io` |
//! | train, watch, stop, resume, report | [`train`] | `gradus-train` |
//! | let the machine look for the structure | [`search`] | `gradus-search` |
//! | take a model off the shelf | [`models`] | `gradus-models` |
//! | generate text, images, any tokens | [`generate`] | `gradus-generate` |
//!
//! # The three steps
//! ```
//! use gradus::prelude::*;
//! use gradus::{models::MlpConfig, nn::loss, optim::AdamW};
//!
//! let x = Tensor::new([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
//! let y = Tensor::new([0, 1, 1, 0]); // exclusive or: no line separates the classes
//!
//! // 1. A set of functions.
//! let mut model = MlpConfig::new([2, 16, 2]).init(&mut Keys::new(7))?;
//! // 3. The best of them is looked for by …
//! let mut optimizer = AdamW { lr: 0.02, ..AdamW::default() }.init()?;
//! for _ in 0..200 {
//!     let logits = model.forward(&Var::from(&x), &mut Ctx::eval())?;
//!     // 2. … following the goodness of a function.
//!     let loss = loss::cross_entropy(&logits, &y, loss::CrossEntropy::default())?;
//!     optimizer.step(&mut model, &loss.backward()?)?;
//! }
//! let logits = model.forward(&Var::from(&x), &mut Ctx::eval())?;
//! assert_eq!(logits.value().argmax(-1)?.to_vec::<i64>()?, [0, 1, 1, 0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The pieces, one example each
//!
//! ## Tensors: [`tensor`]
//!
//! n-dimensional arrays with NumPy's broadcasting, views without copies, reductions, `einsum`, sorting, FFT and nalgebra's
//! decompositions. Dtypes and shapes are known at run time; mixing dtypes is an error. No gradients here.
//!
//! ```
//! use gradus::prelude::*;
//!
//! let x = Tensor::new([[1.0, 2.0], [3.0, 4.0]]);
//! let centred = &x - &x.mean_keepdim(0)?; // broadcast over rows
//! assert_eq!(centred.matmul(&x.t()?)?.to_vec::<f32>()?, [-3.0, -7.0, 3.0, 7.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Derivatives: [`autograd`]
//!
//! [`Var`](autograd::Var) is a tensor that remembers how it was made and has the same methods. `backward` returns the gradients; they
//! can be differentiated again.
//!
//! ```
//! use gradus::prelude::*;
//!
//! let w = Var::leaf(Tensor::new([3.0, -1.0]));
//! let loss = w.square()?.sum(..)?;
//! assert_eq!(loss.backward()?.get(&w).expect("a leaf").to_vec::<f32>()?, [6.0, -2.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Layers and losses: [`nn`]
//!
//! A model is a struct of layers with `#[derive(Module)]`. [`Ctx`](nn::Ctx) says whether this pass trains, and hands out randomness.
//!
//! ```
//! use gradus::nn::loss::{CrossEntropy, cross_entropy};
//! use gradus::nn::{Linear, Lstm, Result};
//! use gradus::prelude::*;
//!
//! #[derive(Module)]
//! struct Reader {
//!     lstm: Lstm,
//!     head: Linear,
//! }
//!
//! impl Layer for Reader {
//!     fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
//!         let (y, _end) = self.lstm.run(x, None, None, ctx)?; // (B, T, H)
//!         self.head.forward(&y.select(1, y.dims()[1] - 1)?, ctx)
//!     }
//! }
//!
//! let keys = &mut Keys::new(7);
//! let reader = Reader { lstm: Lstm::new(1, 8, keys)?, head: Linear::new(8, 3, keys)? };
//! let x = Var::from(Tensor::randn([4, 5, 1], DType::F32, Key::new(1))?); // (B, T, F)
//! let logits = reader.forward(&x, &mut Ctx::train(Key::new(2)))?;
//! let loss = cross_entropy(&logits, &Tensor::new([0, 1, 2, 0]), CrossEntropy::default())?;
//! assert_eq!((logits.dims(), loss.dims()), (&[4, 3][..], &[][..]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Optimizers: [`optim`]
//!
//! An optimizer is a chain of gradient transformations with a schedule, and holds no parameter: a model is handed to its `step`.
//!
//! ```
//! use gradus::nn::Linear;
//! use gradus::optim::{AdamW, Schedule, clip_by_global_norm};
//! use gradus::prelude::*;
//!
//! let mut model = Linear::new(2, 1, &mut Keys::new(7))?;
//! let schedule = Schedule::cosine(100).warmup(10);
//! let mut optimizer = AdamW { lr: 0.1, schedule, ..AdamW::default() }
//!     .init()?
//!     .first(clip_by_global_norm(1.0)?);
//! let x = Var::from(Tensor::new([[1.0, 2.0], [3.0, 4.0]]));
//! let loss = model.forward(&x, &mut Ctx::eval())?.square()?.mean(..)?;
//! let info = optimizer.step(&mut model, &loss.backward()?)?;
//! assert_eq!(info.step, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Data: [`data`]
//!
//! Readers, splits, scalers and encoders, tokenizers, sound and pictures, loaders with workers. What is learned from data is
//! learned from [`TrainRows`](data::TrainRows), the training part of a split.
//!
//! ```
//! use gradus::data::{
//!     Fit, Loader, LoaderConfig, Shuffle, StandardScalerConfig, TensorDataset, TrainRows, Transform,
//!     random_split,
//! };
//! use gradus::prelude::*;
//!
//! let x = Tensor::randn([10, 3], DType::F32, Key::new(1))?.mul_scalar(40.0)?;
//! let [train, _test] = random_split(10, [0.8, 0.2], Key::new(7))?;
//! let scaler = StandardScalerConfig::default().fit(&TrainRows::select(&x, &train)?)?;
//! let data = TensorDataset::new([scaler.transform(&x)?])?;
//! let config = LoaderConfig { shuffle: Shuffle::Keyed(Key::new(8)), ..LoaderConfig::new(4) };
//! let sizes = Loader::new(data, config)?.epoch(0).map(|batch| Ok(batch?[0].dims()[0]));
//! assert_eq!(sizes.collect::<gradus::data::Result<Vec<_>>>()?, [4, 4, 2]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Files: [`io`]
//!
//! safetensors, npy and npz, written whole or not at all. Names and layouts of weights are PyTorch's.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use gradus::io::{load_safetensors, save_safetensors};
//! use gradus::nn::Linear;
//! use gradus::prelude::*;
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("model.safetensors");
//! let mut model = Linear::new(3, 2, &mut Keys::new(7))?;
//! save_safetensors(&path, &model.state_dict(), &BTreeMap::new())?;
//! let (state, _texts) = load_safetensors(&path)?;
//! model.load_state_dict(&state)?;
//! assert_eq!(state["weight"].dims(), [2, 3]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Training: [`train`]
//!
//! [`Fit`](train::Fit) is the loop of the three steps with what a grown one has: validation, early stopping, checkpoints that resume with
//! the same bits, logs, a report.
//!
//! ```
//! use gradus::data::{Loader, LoaderConfig, TensorDataset};
//! use gradus::nn::Linear;
//! use gradus::nn::loss::{Reduction, mse};
//! use gradus::optim::Sgd;
//! use gradus::prelude::*;
//! use gradus::train::{Fit, FitConfig, Score};
//!
//! let x = Tensor::new([[-1.0], [0.0], [1.0], [2.0]]);
//! let y = Tensor::new([[-1.0], [1.0], [3.0], [5.0]]); // 2x + 1
//! let data = Loader::new(TensorDataset::new([x, y])?, LoaderConfig::new(2))?;
//!
//! let loss = |model: &Linear, [x, y]: &[Tensor; 2], ctx: &mut Ctx| {
//!     let answer = model.forward(&Var::from(x), ctx)?;
//!     Ok(Score::new(mse(&answer, &Var::from(y), Reduction::Mean)?, y.len()))
//! };
//! let optimizer = Sgd { lr: 0.1, ..Sgd::default() }.init()?;
//! let config = FitConfig { epochs: 60, ..FitConfig::default() };
//! let mut fit = Fit::new(Linear::new(1, 1, &mut Keys::new(7))?, loss, optimizer, config)?;
//! fit.run(&data)?;
//! assert!(fit.evaluate(&data)?["loss"] < 1e-3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Models off the shelf: [`models`]
//!
//! From the perceptron and Boltzmann machines to [`Mlp`](models::Mlp), [`LeNet`](models::LeNet), [`UNet`](models::UNet),
//! [`Gpt`](models::Gpt) and [`MaskedTransformer`](models::MaskedTransformer).
//!
//! ```
//! use gradus::models::Perceptron;
//! use gradus::prelude::*;
//!
//! let x = Tensor::new([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
//! let and = Tensor::new([0, 0, 0, 1]);
//! let mut perceptron = Perceptron::new(2, 2)?;
//! perceptron.fit(&x, &and, 100)?;
//! assert!(perceptron.predict(&x)?.equal(&and)); // exclusive or would never end
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Generation: [`generate`]
//!
//! One piece after the other, all in one go, or both: a [`Strategy`](generate::Strategy) runs on any model that says what is likely. With
//! a law that is known, what a strategy makes can be counted instead of believed.
//!
//! ```
//! use gradus::generate::exact::Chain;
//! use gradus::generate::{Ar, Parallel, Request, Strategy};
//!
//! let world = Chain::new(0.1)?; // each bit repeats the last with probability 0.9
//! let one_by_one = Ar::default().run(&world, Request::blank(8).seed(7))?.collect_all()?;
//! let one_go = Parallel { calls: 1, ..Parallel::default() };
//! let at_once = one_go.run(&world, Request::blank(8).seed(7))?.collect_all()?;
//! assert_eq!((one_by_one.row(0).len(), at_once.row(0).len()), (8, 8));
//! assert!(at_once.stats.calls < one_by_one.stats.calls);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Structure: [`search`]
//!
//! Depth, widths, layers, rates as a typed [`Space`](search::Space); random, Sobol, halving, evolution or TPE say what is tried next. A
//! study is killed and goes on, and gives the same trials for any number of threads.
//!
//! ```
//! use gradus::prelude::*;
//! use gradus::search::{Domain, RunConfig, Space, StudyConfig};
//!
//! let space = Space::builder("valley").with("x", Domain::float(-2.0, 2.0)).build()?;
//! let mut study = StudyConfig { key: Key::new(7), ..StudyConfig::new(space) }.init()?;
//! study.run(RunConfig::new(50), |trial| Ok((trial.point().float("x")? - 1.0).powi(2)))?;
//! assert!(study.best().expect("50 trials").value < 0.1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is called what
//!
//! | PyTorch, torchvision, Lightning | here |
//! |---|---|
//! | `torch.Tensor` | [`tensor::Tensor`]; with a gradient: [`autograd::Var`] |
//! | `torch.manual_seed`, `torch.Generator` | [`core::Key`], [`core::Keys`] |
//! | `nn.Module`, `nn.Parameter`, buffers | `#[derive(Module)]`, [`autograd::Param`], [`autograd::Buffer`] |
//! | `nn.Linear`, `nn.Conv2d`, `nn.LSTM`, `nn.MultiheadAttention` | [`nn::Linear`], [`nn::Conv2d`], [`nn::Lstm`], [`nn::MultiHeadAttention`] |
//! | `nn.Sequential`, `nn.Dropout`, `nn.BatchNorm2d` | [`nn::Sequential`], [`nn::Dropout`], [`nn::BatchNorm`] |
//! | `F.cross_entropy`, `F.mse_loss`, … | [`nn::loss`] |
//! | `nn.init` | [`nn::init`] |
//! | `train()`, `eval()`, `no_grad()` | [`nn::Ctx::train`], [`nn::Ctx::eval`], [`autograd::no_grad`] |
//! | `autograd.grad`, `autograd.Function`, `gradcheck` | [`autograd::grad`], [`autograd::Var::from_op`], [`autograd::gradcheck`] |
//! | `optim.SGD`, `Adam`, `AdamW`, `LBFGS` | [`optim::Sgd`], [`optim::Adam`], [`optim::AdamW`], [`optim::Lbfgs`] |
//! | `lr_scheduler`, `ReduceLROnPlateau` | [`optim::Schedule`], [`optim::Plateau`] |
//! | `clip_grad_norm_` | [`optim::clip_by_global_norm`] |
//! | `Dataset`, `DataLoader`, `random_split` | [`data::Dataset`], [`data::Loader`], [`data::random_split`] |
//! | torchvision's transforms, torchaudio's | [`data::Augment`], [`data::RandomAffine`]; [`data::StftConfig`], [`data::MelConfig`] |
//! | `torch.save`, `torch.load` | [`io::save_safetensors`], [`io::load_safetensors`] |
//! | Lightning's `Trainer`, torchmetrics | [`train::Fit`], [`train::Metric`] |
//!
//! | scikit-learn | here |
//! |---|---|
//! | `StandardScaler`, `MinMaxScaler`, `RobustScaler` | [`data::StandardScalerConfig`], [`data::MinMaxScalerConfig`], [`data::RobustScalerConfig`] |
//! | `OneHotEncoder`, `SimpleImputer`, `PCA` | [`data::OneHotEncoderConfig`], [`data::ImputerConfig`], [`data::PcaConfig`] |
//! | `Pipeline`, `ColumnTransformer` | [`data::PipelineConfig`], [`data::ColumnTransformerConfig`] |
//! | `CountVectorizer`, `TfidfTransformer` | [`data::CountVectorizerConfig`], [`data::TfIdfConfig`] |
//! | `train_test_split`, `StratifiedKFold`, `TimeSeriesSplit` | [`data::random_split`], [`data::stratified_k_fold`], [`data::chronological_folds`] |
//! | `LinearRegression`, `LogisticRegression`, `Perceptron` | [`models::LinearRegression`], [`models::LogisticRegression`], [`models::Perceptron`] |
//! | `MLPClassifier`, `BernoulliRBM` | [`models::Mlp`], [`models::Rbm`] |
//!
//! | Hugging Face, Optuna | here |
//! |---|---|
//! | `GPT2LMHeadModel`, `BertForMaskedLM` | [`models::Gpt`], [`models::MaskedTransformer`] |
//! | `generate(do_sample=True)`, `num_beams`, `assistant_model` | [`generate::Ar`], [`generate::Beam`], [`generate::Draft`] |
//! | `temperature`, `top_k`, `top_p`, `min_p` | [`generate::Temperature`], [`generate::TopK`], [`generate::TopP`], [`generate::MinP`] |
//! | `TextIteratorStreamer` | a [`generate::Run`] is an iterator; [`generate::Utf8Stream`] |
//! | tokenizers' `BPE`, `WordPiece`, `Unigram` | [`data::BytePair`], [`data::WordPiece`], [`data::Unigram`] |
//! | diffusers' schedulers | [`generate::flow`] |
//! | peft's `LoRA` | [`nn::Lora`] |
//! | `Trainer` | [`train::Fit`] |
//! | Optuna's `Study`, `Trial`, `TPESampler` | [`search::Study`], [`search::Trial`], [`search::Tpe`] |
//!
//! Ten whole programs beside their Python are in `docs/from-pytorch.md` of the repository; the subject itself, from the beginning, in its guide.
#![forbid(unsafe_code)]

pub use gradus_autograd as autograd;
pub use gradus_core as core;
pub use gradus_data as data;
pub use gradus_generate as generate;
pub use gradus_io as io;
pub use gradus_models as models;
pub use gradus_nn as nn;
pub use gradus_optim as optim;
pub use gradus_search as search;
pub use gradus_tensor as tensor;
pub use gradus_train as train;

/// The few names that nearly every program needs.
pub mod prelude {
    pub use gradus_autograd::{Grads, Param, Var, no_grad};
    pub use gradus_core::{DType, INFER, Key, Keys, Shape};
    pub use gradus_nn::{Ctx, Layer, Module};
    pub use gradus_tensor::Tensor;
}

/// The README's program is compiled and run with the doctests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
