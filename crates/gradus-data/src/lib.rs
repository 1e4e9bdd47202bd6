//! Data sets, loaders, splits, feature scaling, readers and tokenizers for Gradus.
//!
//! - A [`Dataset`] gives items by index: [`TensorDataset`] rows of tensors, [`Windows`] blocks of a
//!   token sequence, [`SeriesWindows`] of a time series. [`Subset`] picks or filters items of
//!   another data set, [`Map`] changes them, [`Zip`] and [`Concat`] join data sets, [`Cache`] keeps
//!   items in memory.
//! - A [`Loader`] gives batches: in order, by a keyed [`Shuffle`] or a [`Sampler`]; stacked, [`Padded`],
//!   [`Augmented`] or by another [`Collate`]; made ahead by any number of worker threads with the
//!   same result, and resumed at a [`Position`].
//! - [`random_split`], [`stratified_split`], [`group_split`] and [`chronological_split`] give index
//!   sets; [`k_fold`], [`stratified_k_fold`], [`group_k_fold`] and [`chronological_folds`] give
//!   [`Fold`]s for cross-validation.
//! - A configuration's [`Fit::fit`] takes [`TrainRows`], the training part of a split, and gives a
//!   learned [`Transform`]; a [`FitStream`] learns chunk by chunk. There are
//!   scalers ([`StandardScaler`], [`MinMaxScaler`], [`MaxAbsScaler`], [`RobustScaler`],
//!   [`QuantileTransformer`], [`PowerTransformer`], [`Normalizer`]), encoders ([`OneHotEncoder`],
//!   [`OrdinalEncoder`], [`LabelEncoder`], [`TargetEncoder`]), an [`Imputer`],
//!   [`PolynomialFeatures`], [`KBinsDiscretizer`] and [`Pca`]; [`Pipeline`] and
//!   [`ColumnTransformer`] put them together. Each is [`Fitted`]: named tensors that are saved
//!   [`with_prefix`] in the file of a model.
//! - [`CsvConfig`] and [`JsonLinesConfig`] (with the feature `parquet`, also `ParquetConfig`) read
//!   typed tables, whole or in [`Chunks`]; [`read_idx`] reads arrays, [`read_text`] and
//!   [`text_lines`] texts. NumPy's npy and npz are in `gradus-io`.
//! - [`CharTokenizer`], [`BytePair`], [`WordPiece`] and [`Unigram`] turn text into ids,
//!   as does `HuggingFace` with the feature `tokenizers`;
//!   [`CountVectorizer`] and [`TfIdf`] turn it into vectors.
//! - [`read_wav`] reads sound, [`resample`] changes its rate, [`StftConfig`] takes it apart and
//!   [`GriffinLim`] puts it together again; [`mel_filters`], [`mfcc`] and [`mu_law_encode`] make
//!   inputs of it; a [`ResidualQuantizer`] turns frames, or any vectors, into codes.
//! - [`read_image`] and [`ImageFolder`] read pictures; [`resize`], [`crop`], [`affine`],
//!   [`normalize_channels`] and [`mixup`] change them, and an [`Augment`] does so by key.
//!
//! From a table to batches:
//!
//! ```
//! use std::path::Path;
//!
//! use gradus_core::{DType, Key};
//! use gradus_data::{
//!     ColumnKind, CsvConfig, Dataset, Fit, Loader, LoaderConfig, Shuffle, StandardScalerConfig,
//!     Subset, TensorDataset, TrainRows, Transform, random_split,
//! };
//!
//! let text = "size,price,kind\n1,10,house\n2,19,flat\n3,31,house\n4,40,flat\n5,52,flat\n";
//! let columns = [("size", ColumnKind::Number), ("price", ColumnKind::Number), ("kind", ColumnKind::Category)];
//! let table = CsvConfig::new(columns).parse(text.as_bytes(), Path::new("homes.csv"))?;
//! let x = table.numbers(&["size", "price"], DType::F32)?; // (N, 2)
//! let (kind, names) = table.categories("kind")?; // (N)
//! assert_eq!(names, ["flat", "house"]);
//!
//! // What is learned from the data is learned from the training part alone.
//! let [train, test] = random_split(table.n_rows(), [0.8, 0.2], Key::new(7))?;
//! let scaler = StandardScalerConfig::default().fit(&TrainRows::select(&x, &train)?)?;
//! let raw = TensorDataset::new([x, kind])?;
//! let [x_train, kind_train] = raw.get_batch(&train)?;
//!
//! let data = TensorDataset::new([scaler.transform(&x_train)?, kind_train])?;
//! let config = LoaderConfig { shuffle: Shuffle::Keyed(Key::new(8)), ..LoaderConfig::new(2) };
//! let loader = Loader::new(data, config)?;
//! for epoch in 0..2 {
//!     for batch in loader.epoch(epoch) {
//!         let [x, kind] = batch?; // (B, 2), (B)
//!         assert_eq!((x.dims(), kind.dims()), (&[2, 2][..], &[2][..]));
//!     }
//! }
//! assert_eq!(Subset::new(raw, test)?.len(), 1);
//! # Ok::<(), gradus_data::Error>(())
//! ```
//!
//! This crate knows tensors, but no layer, no gradient and no model file.
#![forbid(unsafe_code)]

mod audio;
mod dataset;
mod error;
mod image;
mod loader;
mod read;
mod split;
mod text;
mod tokenize;
mod transform;

pub use audio::{
    GriffinLim, MelConfig, MelNorm, MelScale, PhaseStart, StftConfig, Wav, WavFormat, dct_matrix,
    hann_window, mel_filters, mfcc, mu_law_decode, mu_law_encode, parse_wav, power_to_db, read_wav,
    resample,
};
pub use dataset::{
    Cache, Concat, Dataset, Map, SeriesWindows, SeriesWindowsConfig, Stack, Subset, TensorDataset,
    Windows, Zip, check_labels,
};
pub use error::{Error, Result};
pub use image::{
    Affine, Augment, Channels, Fill, ImageFolder, Interpolation, RandomAffine, RandomCrop,
    RandomFlip, affine, augment_rows, center_crop, crop, mixup, normalize_channels, parse_image,
    read_image, resize,
};
pub use loader::{
    Augmented, Collate, Epoch, LastBatch, LengthBuckets, Loader, LoaderConfig, PadItem, Padded,
    PaddedBatch, Position, Replacement, Sampler, Shuffle, Stacked, StratifiedSampler,
    WeightedSampler, pad_sequence, permutation,
};
#[cfg(feature = "parquet")]
pub use read::ParquetConfig;
pub use read::{
    Chunks, Column, ColumnKind, CsvConfig, Header, JsonLinesConfig, Missing, Quoting, Table,
    TextLines, Values, read_idx, read_text, text_lines,
};
pub use split::{
    Fold, Part, Window, chronological_folds, chronological_split, group_k_fold, group_split,
    k_fold, random_split, stratified_k_fold, stratified_split,
};
pub use text::{
    Analyzer, Case, CountVectorizer, CountVectorizerConfig, TermNorm, TfIdf, TfIdfConfig,
};
#[cfg(feature = "tokenizers")]
pub use tokenize::HuggingFace;
pub use tokenize::{
    BytePair, BytePairConfig, CharTokenizer, CharTokenizerConfig, Unigram, UnigramConfig,
    UnknownCharacter, WordPiece, WordPieceConfig,
};
pub use transform::{
    BinStrategy, CategoryStream, ColumnStream, ColumnTransformer, ColumnTransformerConfig,
    Components, Distribution, Drop, Fit, FitStream, Fitted, FittedStep, Imputer, ImputerConfig,
    ImputerStream, KBinsDiscretizer, KBinsDiscretizerConfig, LabelEncoder, MaxAbsScaler,
    MaxAbsScalerConfig, MinMaxScaler, MinMaxScalerConfig, Norm, Normalizer, NormalizerConfig,
    OneHotEncoder, OneHotEncoderConfig, OrdinalEncoder, OrdinalEncoderConfig, Outside, PartialFit,
    Pca, PcaConfig, PcaStream, Pipeline, PipelineConfig, PolynomialFeatures,
    PolynomialFeaturesConfig, PowerMethod, PowerTransformer, PowerTransformerConfig,
    QuantileTransformer, QuantileTransformerConfig, Remainder, ResidualQuantizer,
    ResidualQuantizerConfig, RobustScaler, RobustScalerConfig, Smoothing, StandardScaler,
    StandardScalerConfig, Statistic, Step, TargetEncoder, TargetEncoderConfig, TrainRows,
    Transform, UnknownCategory, Whitening, under_prefix, with_prefix,
};
