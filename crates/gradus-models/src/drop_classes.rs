//! Training with and without the class at once.

use gradus_core::{Key, Kind};
use gradus_tensor::Tensor;

use crate::error::{Result, require};

/// The classes of a batch, each replaced by `null` with probability `p`: so trained, one model knows both p(x |
/// class) and p(x), which classifier-free guidance needs.
///
/// `null` is the class of number C for the networks that are told a time, which keep a place for it. A transformer that
/// is to know C classes is made with `classes: C + 1`, and its last one is `null`.
///
/// # Shapes
/// - `classes`: `i64`, any → the same
///
/// # Errors
/// [`crate::Error::Config`] unless `p` is in 0..=1; if the classes are not `i64`.
///
/// # Reference
/// Ho & Salimans 2022, "Classifier-Free Diffusion Guidance", algorithm 1; p there is 0.1 or 0.2.
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// use gradus_models::drop_classes;
/// use gradus_tensor::Tensor;
///
/// let classes = Tensor::from(vec![3i64, 1, 4, 1]);
/// assert_eq!(drop_classes(&classes, 10, 1.0, Key::new(7))?.to_vec::<i64>()?, [10; 4]);
/// assert!(drop_classes(&classes, 10, 0.0, Key::new(7))?.equal(&classes));
/// # Ok::<(), gradus_models::Error>(())
/// ```
pub fn drop_classes(classes: &Tensor, null: usize, p: f64, key: Key) -> Result<Tensor> {
    require((0.0..=1.0).contains(&p), "drop_classes", "p", "in 0..=1", p)?;
    let key = key.kind(Kind::Dropout);
    let keep = |(i, class)| if key.uniform(i as u64) < p { null as i64 } else { class };
    let kept: Vec<i64> = classes.to_vec::<i64>()?.into_iter().enumerate().map(keep).collect();
    Ok(Tensor::from_vec(kept, classes.shape())?)
}
