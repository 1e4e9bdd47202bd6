//! Tests of the pool as a whole. Its counts are those of the process, so they are one test.

use half::bf16;
use proptest::prelude::*;

use super::*;

#[cfg(not(gradus_asan))]
#[test]
fn blocks_come_back_and_are_counted() {
    const LEN: usize = (40 << 20) / 8;
    let mut block = take::<i64>(LEN);
    block.fill(7);
    let place = block.as_ptr();
    assert_eq!(place.align_offset(64), 0);
    assert!(report().in_use >= 8 * LEN && report().peak >= 8 * LEN);
    drop(block);
    assert!(report().idle >= 8 * LEN);
    // A shorter request of a similar size gets the same block, of whatever type; then nobody does.
    let again = take::<f32>(2 * LEN - 100);
    assert_eq!((again.as_ptr().cast(), again.len()), (place, 2 * LEN - 100));
    assert_ne!(take::<f32>(2 * LEN).as_ptr().cast(), place);
    drop(again);
    assert!(zeroed::<i64>(LEN).iter().all(|&x| x == 0));
    trim();
    reset_peak();
    assert!(report().idle < 8 * LEN && report().peak < 8 * LEN);
}

#[cfg(not(gradus_asan))]
#[test]
fn small_blocks_come_back_to_their_thread() {
    let block = take::<f32>(1000);
    let place = block.as_ptr();
    drop(block);
    let again = take::<f32>(990);
    assert_eq!(again.as_ptr(), place);
    // Another thread may free it.
    std::thread::spawn(move || drop(again)).join().unwrap();
}

#[test]
fn old_contents_are_never_a_bad_truth_value() {
    for len in [1usize, 5, 100, 300_000] {
        drop(take::<u8>(len));
        let mut block = take::<u8>(len);
        block.fill(0xA5);
        drop(block);
        let mut truths = reserve::<bool>(len);
        truths.extend((0..len).map(|i| i % 2 == 0));
        assert!(truths.iter().enumerate().all(|(i, &t)| t == (i % 2 == 0)));
        // SAFETY: a `bool` is a byte.
        let bytes = unsafe { std::slice::from_raw_parts(truths.as_ptr().cast::<u8>(), len) };
        assert!(bytes.iter().all(|&b| b < 2));
    }
}

#[test]
fn debug_builds_fill_with_garbage() {
    if cfg!(debug_assertions) {
        drop(zeroed::<f32>(123));
        assert!(take::<f32>(123).iter().all(|x| x.is_nan()));
        assert!(take::<bf16>(5).iter().all(|x| x.is_nan()));
    }
}

#[test]
fn nothing_needs_no_memory() {
    for block in [take::<f64>(0), zeroed(0), reserve(0), Vec::with_capacity(9).into()] {
        assert!(block.is_empty() && block.clone().is_empty());
    }
    let mut block = Block::from(vec![1u8]);
    block.push(2);
    assert_eq!(*block, [1, 2]);
}

proptest! {
    #[test]
    fn a_block_grows_like_a_vector(room in 0..200usize, pieces in prop::collection::vec(prop::collection::vec(any::<i64>(), 0..90), 0..6)) {
        let (mut block, mut vector) = (reserve::<i64>(room), Vec::new());
        let mut from_vec = Block::from(Vec::with_capacity(room));
        for (i, piece) in pieces.iter().enumerate() {
            vector.extend_from_slice(piece);
            match i % 3 {
                0 => block.extend_from_slice(piece),
                1 => block.extend(piece.iter().copied()),
                _ => block.extend(piece.iter().copied().filter(|_| true)),
            }
            from_vec.extend_from_slice(piece);
        }
        prop_assert_eq!(&*block, &*vector);
        prop_assert_eq!(&*from_vec, &*vector);
        prop_assert_eq!(&*Block::from(vector.clone()), &*vector);
    }
}

#[test]
fn threads_share_the_pool() {
    std::thread::scope(|s| {
        for t in 0..4u8 {
            s.spawn(move || {
                for round in 0..200usize {
                    let mut blocks: Vec<_> = (0..8)
                        .map(|i| take::<u8>(1 + (i * 7919 * (round + 1)) % 700_000))
                        .collect();
                    blocks.iter_mut().for_each(|b| b.fill(t));
                    assert!(blocks.iter().all(|b| b.iter().all(|&x| x == t)));
                    if round % 50 == 0 {
                        trim();
                    }
                }
            });
        }
    });
}
