//! Measures of how far samples are from data.
//!
//! No single number will do: a sampler that writes one likely row again and again has a better
//! likelihood than the data. Show the likelihood under an oracle beside the entropy of the samples,
//! and every distance beside its floor: the same distance between data and other data.
//!
//! | question | measure |
//! |---|---|
//! | how likely, says another model? | [`oracle_nll`], beside [`ngram_entropy`] |
//! | are short pieces as frequent as in the data? | [`ngram_divergence`] |
//! | does it repeat itself? | [`repeat_rate`], [`distinct_n`] |
//! | does it keep the form? | [`form_rate`] |
//! | is it what was asked for? | [`class_accuracy`], [`kl_divergence`] of class histograms |
//! | do the features have the same mean and spread? | [`frechet_distance`] |
//! | can it be told from data? | [`nearest_neighbour_test`] |
//! | is it copied from the training data? | [`memorisation`] |
//! | does it sound alike? | [`mean_spectrum`], [`log_spectral_distance`] |
//! | how sure is the figure? | [`bootstrap`] |
//! | what does a call of n positions cost? | [`feed_costs`] |
//!
//! Where the law itself is known, [`crate::exact`] computes KL without any sample.

mod accuracy;
mod bootstrap;
mod copied;
mod discrete;
mod feed_cost;
mod frechet;
mod nearest;
mod ngram;
mod oracle;
mod repeats;
mod spectrum;

pub use accuracy::{class_accuracy, form_rate};
pub use bootstrap::{Bootstrap, Interval, bootstrap};
pub use copied::{Memorisation, memorisation};
pub use discrete::{js_divergence, kl_divergence};
pub use feed_cost::{FeedCost, feed_costs};
pub use frechet::frechet_distance;
pub use nearest::{NearestNeighbourTest, nearest_distances, nearest_neighbour_test};
pub use ngram::{ngram_divergence, ngram_entropy};
pub use oracle::oracle_nll;
pub use repeats::{distinct_n, repeat_rate};
pub use spectrum::{log_spectral_distance, mean_spectrum};
