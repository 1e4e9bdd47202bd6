//! What caches keep and refuse.

use gradus_core::{DType, Key};
use gradus_tensor::Tensor;

use super::{KvCache, KvCacheLayer};

/// A cache of two layers that holds `len` positions of `rows` rows.
fn cache(rows: usize, len: usize, seed: u64) -> KvCache {
    let mut cache = KvCache::new(2);
    for (i, layer) in cache.layers_mut().iter_mut().enumerate() {
        let draw = |j| Tensor::randn([rows, 3, len, 4], DType::F32, Key::new(seed).fold_in(j));
        layer.append(&draw(2 * i as u64).unwrap(), &draw(2 * i as u64 + 1).unwrap()).unwrap();
    }
    cache
}

fn equal(a: &KvCache, b: &KvCache) -> bool {
    let same = |x: Option<Tensor>, y: Option<Tensor>| x.unwrap().equal(&y.unwrap());
    a.layers
        .iter()
        .zip(&b.layers)
        .all(|(a, b)| same(a.keys(), b.keys()) && same(a.values(), b.values()))
}

#[test]
fn joining_the_rows_of_a_cache_gives_it_back() {
    let whole = cache(3, 5, 1);
    let rows = [0, 1, 2].map(|row| {
        let mut one = whole.clone();
        one.retain(&[row]).unwrap();
        one
    });
    assert!(equal(&KvCache::cat(&rows).unwrap(), &whole));
    assert_eq!(KvCache::cat(&[cache(2, 5, 2), whole]).unwrap().rows(), Some(5));
    let empty = KvCache::cat(&[KvCache::new(2), KvCache::new(2)]).unwrap();
    assert_eq!((empty.rows(), empty.len()), (None, 0));
}

#[test]
fn positions_stay_where_they_are() {
    let of = |cache: &KvCacheLayer| {
        let first = cache.keys().unwrap().select(0, 0).unwrap().select(0, 0).unwrap();
        first.as_slice::<f32>().unwrap().as_ptr()
    };
    let draw = |len, seed| Tensor::randn([2, 3, len, 4], DType::F32, Key::new(seed)).unwrap();
    let all = draw(200, 1);
    let mut cache = KvCacheLayer::new();
    let mut places = Vec::new();
    for i in 0..200 {
        let one = all.narrow(2, i, 1).unwrap();
        cache.append(&one, &one).unwrap();
        places.push(of(&cache));
    }
    assert!(cache.keys().unwrap().equal(&all) && cache.values().unwrap().equal(&all));
    places.dedup();
    assert_eq!(places.len(), 3); // room for 64, 128, 256
    let clone = cache.clone();
    cache.truncate(5).unwrap();
    cache.append(&draw(1, 2), &draw(1, 3)).unwrap();
    assert!(clone.keys().unwrap().equal(&all));
    assert!(cache.keys().unwrap().narrow(2, 0, 5).unwrap().equal(&all.narrow(2, 0, 5).unwrap()));
}

#[test]
fn what_does_not_fit_is_not_added() {
    let zeros = |shape: [usize; 4], dtype| Tensor::zeros(shape, dtype).unwrap();
    let one = zeros([2, 3, 1, 4], DType::F32);
    let mut cache = KvCacheLayer::new();
    cache.append(&one, &one).unwrap();
    for shape in [[1, 3, 1, 4], [2, 1, 1, 4], [2, 3, 1, 5]] {
        let other = zeros(shape, DType::F32);
        assert!(cache.append(&other, &other).is_err() && cache.append(&one, &other).is_err());
    }
    let other = zeros([2, 3, 1, 4], DType::F64);
    let error = cache.append(&other, &other).unwrap_err().to_string();
    assert_eq!(error, "key-value cache: keys must be f32 [2, 3, T, 4], got f64 [2, 3, 1, 4]");
    assert_eq!(cache.len(), 1);
}

#[test]
fn caches_that_differ_cannot_be_joined() {
    let fault = |caches: &[KvCache]| KvCache::cat(caches).unwrap_err().to_string();
    let text = "key-value cache: caches to join must be";
    assert_eq!(fault(&[]), format!("{text} at least one cache, got 0"));
    assert_eq!(fault(&[KvCache::new(2), KvCache::new(1)]), format!("{text} 2 layers each, got 1"));
    assert_eq!(fault(&[cache(1, 5, 1), cache(1, 4, 1)]), format!("{text} 5 positions each, got 4"));
    let mut empty = cache(1, 5, 1);
    empty.truncate(0).unwrap();
    assert_eq!(fault(&[empty, KvCache::new(2)]), format!("{text} caches that were all fed, got 1"));
}

#[test]
fn a_preallocated_cache_is_filled_and_then_refuses() {
    let mut cache = KvCache::preallocated(1, 3);
    let two = Tensor::ones([1, 1, 2, 4], DType::F32).unwrap();
    let layer = cache.layer_mut(0);
    layer.append(&two, &two).unwrap();
    let error = layer.append(&two, &two).unwrap_err().to_string();
    assert_eq!(error, "key-value cache: positions must be at most 3, got 4");
    assert_eq!(layer.len(), 2);
    let one = two.narrow(2, 0, 1).unwrap();
    layer.append(&one, &one).unwrap();
    assert_eq!(cache.len(), 3);
}

#[test]
fn a_sliding_cache_keeps_its_window_and_what_may_be_taken_back() {
    let mut cache = KvCache::sliding(1, 5).unwrap();
    let all = Tensor::randn([2, 1, 500, 4], DType::F32, Key::new(1)).unwrap();
    let (mut fed, mut held) = (0, 0);
    for more in [1, 3, 200, 1, 1, 90, 64, 1] {
        let new = all.narrow(2, fed, more).unwrap();
        let (keys, values) = cache.layer_mut(0).append(&new, &new).unwrap();
        let first = cache.layer_mut(0).first();
        assert!(first.is_multiple_of(64) && first <= fed.saturating_sub(4 + 64));
        assert!(fed < 4 + 128 || first >= fed - 4 - 128);
        fed += more;
        assert!(keys.equal(&all.narrow(2, first, fed - first).unwrap()) && keys.equal(&values));
        held = keys.dims()[2];
    }
    assert!(held < 200 && cache.len() == 361);
    let mark = cache.mark();
    let one = all.narrow(2, 0, 1).unwrap();
    cache.layer_mut(0).append(&one, &one).unwrap();
    cache.rewind(mark).unwrap();
    assert_eq!(cache.len(), 361);
    cache.truncate(361 - 64).unwrap();
    assert!(cache.truncate(100).unwrap_err().to_string().contains("older positions have left"));
    assert_eq!(cache.len(), 297);
    cache.retain(&[1]).unwrap();
    assert_eq!((cache.len(), cache.rows()), (297, Some(1)));
    let both = KvCache::cat(&[cache.clone(), cache.clone()]).unwrap();
    assert_eq!((both.len(), both.rows()), (297, Some(2)));
    assert!(KvCache::cat(&[both, KvCache::new(1)]).is_err());
    assert!(KvCache::sliding(1, 0).is_err());
}
