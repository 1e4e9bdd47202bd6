//! The loader's promises: same batches for any number of workers, errors in place, clean ends.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gradus_core::Key;
use gradus_data::{
    Augmented, Dataset, Error, LastBatch, LengthBuckets, Loader, LoaderConfig, Position,
    Replacement, Result, Shuffle, TensorDataset, WeightedSampler,
};
use gradus_tensor::{DType, Tensor};
use proptest::prelude::*;

type Batches = Vec<std::result::Result<Vec<usize>, String>>;

/// Items 0, 1, 2, …; one of them may be broken, and some are slow.
#[derive(Debug, Clone)]
struct Numbers {
    len: usize,
    broken: Option<usize>,
    made: Arc<AtomicUsize>,
}

impl Numbers {
    fn new(len: usize) -> Self {
        Self { len, broken: None, made: Arc::default() }
    }
}

impl Dataset for Numbers {
    type Item = usize;

    fn len(&self) -> usize {
        self.len
    }

    fn get(&self, index: usize) -> Result<usize> {
        self.check_index(index)?;
        self.made.fetch_add(1, Ordering::SeqCst);
        if index.is_multiple_of(5) {
            std::thread::sleep(Duration::from_micros(200));
        }
        if self.broken == Some(index) {
            return Err(Error::IndexOutOfRange { index, len: 0 });
        }
        Ok(index)
    }
}

fn list(items: Vec<usize>) -> Result<Vec<usize>> {
    Ok(items)
}

fn batches(data: &Numbers, config: &LoaderConfig, from: Position) -> Batches {
    let loader = Loader::with_collate(data.clone(), config.clone(), list).unwrap();
    loader.resume(from).map(|batch| batch.map_err(|e| e.to_string())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn batches_do_not_depend_on_workers(
        len in 0usize..40, batch_size in 1usize..9, prefetch in 1usize..4, seed: u64,
        epoch in 0u64..3, broken in prop::option::of(0usize..40), keep: bool, skip in 0usize..6,
    ) {
        let data = Numbers { broken, ..Numbers::new(len) };
        let last_batch = if keep { LastBatch::Keep } else { LastBatch::Drop };
        let shuffle = Shuffle::Keyed(Key::new(seed));
        let config =
            LoaderConfig { shuffle, last_batch, prefetch, ..LoaderConfig::new(batch_size) };
        let start = Position { epoch, batch: 0 };
        let expected = batches(&data, &config, start);
        for workers in [1, 2, 5] {
            let config = LoaderConfig { workers, ..config.clone() };
            prop_assert_eq!(&batches(&data, &config, start), &expected);
            let rest = batches(&data, &config, Position { epoch, batch: skip });
            prop_assert_eq!(&rest[..], &expected[skip.min(expected.len())..]);
        }
        let full = if keep { len.div_ceil(batch_size) } else { len / batch_size };
        prop_assert_eq!(expected.len(), full);
        let errors = expected.iter().filter(|b| b.is_err()).count();
        prop_assert!(errors <= usize::from(broken.is_some()));
    }

    #[test]
    fn an_epoch_visits_every_item_once(len in 0usize..50, batch_size in 1usize..9, seed: u64) {
        let shuffle = Shuffle::Keyed(Key::new(seed));
        let config = LoaderConfig { shuffle, ..LoaderConfig::new(batch_size) };
        let all = batches(&Numbers::new(len), &config, Position::default());
        let mut items: Vec<usize> = all.into_iter().flat_map(|b| b.unwrap()).collect();
        items.sort_unstable();
        prop_assert_eq!(items, (0..len).collect::<Vec<_>>());
    }
}

#[test]
fn an_error_arrives_in_its_place_and_the_rest_follows() {
    let data = Numbers { broken: Some(5), ..Numbers::new(10) };
    for workers in [0, 1, 3] {
        let config = LoaderConfig { workers, ..LoaderConfig::new(2) };
        let got = batches(&data, &config, Position::default());
        let is_ok: Vec<bool> = got.iter().map(std::result::Result::is_ok).collect();
        assert_eq!(is_ok, [true, true, false, true, true]);
    }
}

#[test]
fn dropping_an_epoch_early_ends_its_workers() {
    let data = Numbers::new(10_000);
    let config = LoaderConfig { workers: 3, prefetch: 2, ..LoaderConfig::new(1) };
    let loader = Loader::with_collate(data.clone(), config, list).unwrap();
    let mut epoch = loader.epoch(0);
    epoch.next().unwrap().unwrap();
    drop(epoch);
    // Each worker has at most a full queue, one batch in hand, and one that was taken.
    let made = data.made.load(Ordering::SeqCst);
    assert!(made <= 3 * (2 + 2), "{made}");
    // Joined workers hold no reference to the data set: ours and the loader's are left.
    assert_eq!(Arc::strong_count(&data.made), 2);
}

#[test]
fn skipped_batches_are_not_made() {
    let data = Numbers::new(100);
    let loader = Loader::with_collate(data.clone(), LoaderConfig::new(10), list).unwrap();
    let mut epoch = loader.epoch(0).skip_batches(7);
    assert_eq!((epoch.len(), epoch.position()), (3, Position { epoch: 0, batch: 7 }));
    assert_eq!(epoch.next().unwrap().unwrap()[0], 70);
    assert_eq!(data.made.load(Ordering::SeqCst), 10);
    assert_eq!(loader.epoch(0).skip_batches(usize::MAX).len(), 0);
}

#[test]
fn a_workers_panic_reaches_the_caller() {
    let explode = |items: Vec<usize>| {
        assert!(!items.contains(&3), "item three");
        Ok(items)
    };
    for workers in [0, 2] {
        let config = LoaderConfig { workers, ..LoaderConfig::new(1) };
        let loader = Loader::with_collate(Numbers::new(5), config, explode).unwrap();
        let mut epoch = loader.epoch(0);
        for _ in 0..3 {
            epoch.next().unwrap().unwrap();
        }
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| epoch.next()));
        let message = caught.err().unwrap();
        assert!(message.downcast_ref::<&str>().is_some_and(|m| m.contains("item three")));
    }
}

#[test]
fn tensor_rows_are_stacked() {
    let x = Tensor::arange(0.0, 14.0, 1.0, DType::F32).unwrap().reshape([7, 2]).unwrap();
    let y = Tensor::arange(0.0, 7.0, 1.0, DType::I64).unwrap();
    let config = LoaderConfig { workers: 2, ..LoaderConfig::new(3) };
    let loader = Loader::new(TensorDataset::new([x, y]).unwrap(), config).unwrap();
    let sizes: Vec<Vec<usize>> =
        loader.epoch(0).map(|batch| batch.unwrap()[0].dims().to_vec()).collect();
    assert_eq!(sizes, [[3, 2], [3, 2], [1, 2]]);
}

#[test]
fn empty_batches_are_refused() {
    let error = Loader::new(Numbers::new(3), LoaderConfig::new(0)).unwrap_err();
    assert_eq!(error.to_string(), "Loader::new: batch_size must be positive, got 0");
    let config = LoaderConfig { prefetch: 0, ..LoaderConfig::new(1) };
    assert!(Loader::new(Numbers::new(3), config).is_err());
}

/// What a sampler and a random collation give, for a number of workers and from a batch on.
fn augmented(workers: usize, batch_size: usize, from: Position) -> Vec<Vec<(usize, u64)>> {
    let lengths: Vec<usize> = (0..23).map(|i| i * 7 % 11).collect();
    let draw = |items: Vec<(usize, u64)>, keys: &[Key]| {
        let drawn = items.iter().zip(keys);
        Ok(drawn.map(|(&(item, _), key)| (item, key.uniform(0).to_bits())).collect())
    };
    let pairs = |items: Vec<usize>| Ok(items.into_iter().map(|item| (item, 0)).collect::<Vec<_>>());
    let collate = Augmented::new(pairs, Key::new(9), draw);
    let config = LoaderConfig { workers, ..LoaderConfig::new(batch_size) };
    let loader = Loader::with_collate(Numbers::new(23), config, collate).unwrap();
    let buckets = LengthBuckets::new(&lengths, batch_size, 2, Key::new(3)).unwrap();
    let loader = loader.with_sampler(buckets).unwrap();
    loader.resume(from).collect::<Result<_>>().unwrap()
}

#[test]
fn samplers_and_augmentation_do_not_depend_on_workers_and_resume() {
    let start = Position { epoch: 1, batch: 0 };
    let expected = augmented(0, 4, start);
    for workers in [1, 2, 3] {
        assert_eq!(augmented(workers, 4, start), expected);
        assert_eq!(augmented(workers, 4, Position { epoch: 1, batch: 2 }), expected[2..]);
    }
    let sorted = |batches: Vec<Vec<(usize, u64)>>| {
        let mut all = batches.concat();
        all.sort_unstable();
        all
    };
    // An item's draws depend on the epoch, but not on the batch it is in.
    assert_eq!(sorted(augmented(0, 5, start)), sorted(expected.clone()));
    assert_ne!(sorted(augmented(0, 4, Position::default())), sorted(expected));
}

#[test]
fn a_sampler_replaces_shuffling_and_cannot_join_it() {
    let weighted = || WeightedSampler::new(&[0.0, 1.0, 9.0], 7, Replacement::With, Key::new(1));
    let config = LoaderConfig { shuffle: Shuffle::Keyed(Key::new(1)), ..LoaderConfig::new(2) };
    let loader = Loader::with_collate(Numbers::new(3), config, list).unwrap();
    assert!(loader.with_sampler(weighted().unwrap()).is_err());
    let loader = Loader::with_collate(Numbers::new(2), LoaderConfig::new(2), list).unwrap();
    let loader = loader.with_sampler(weighted().unwrap()).unwrap();
    assert_eq!(loader.len(), 4);
    // Item 2 is beyond the data set: its batches are errors, the others are not.
    assert!(loader.epoch(0).any(|batch| batch.is_err()));
}
