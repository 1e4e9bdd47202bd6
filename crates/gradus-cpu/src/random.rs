//! Fills with keyed random numbers.
//!
//! Element i is the key's draw i, whatever the thread: [`Key::uniform`] and [`Key::normal`] define
//! the values, computed in f64 and rounded once to the element type.

use gradus_core::Key;

use crate::math::{Float, Real};
use crate::pool;

/// `out[i] = low + (high − low) · key.uniform(i)`.
///
/// The draws lie in the open interval (0, 1); rounding to `f32` or `bf16` may reach `low` or `high`.
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// let mut out = [0.0f64; 3];
/// gradus_cpu::random::fill_uniform(Key::new(1), 0.0, 1.0, &mut out);
/// assert_eq!(out[2], Key::new(1).uniform(2));
/// ```
pub fn fill_uniform<T: Float>(key: Key, low: f64, high: f64, out: &mut [T]) {
    fill(out, 20.0, |i| low + (high - low) * key.uniform(i));
}

/// `out[i] = mean + std · key.normal(i)`.
pub fn fill_normal<T: Float>(key: Key, mean: f64, std: f64, out: &mut [T]) {
    fill(out, 60.0, |i| mean + std * key.normal(i));
}

fn fill<T: Float>(out: &mut [T], ns: f64, draw: impl Fn(u64) -> f64 + Sync) {
    let chunk = pool::grain(out.len(), ns);
    pool::for_slices(out, chunk, |c, out| {
        for (j, o) in out.iter_mut().enumerate() {
            *o = T::narrow(T::Wide::from_f64(draw((c * chunk + j) as u64)));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_are_the_draws_of_the_key_on_any_number_of_threads() {
        let key = Key::new(9).at(3, 4);
        for threads in [1, 3] {
            pool::with_threads(threads, || {
                let (mut u, mut n) = (vec![0.0f32; 5000], vec![0.0f64; 5000]);
                fill_uniform(key, 0.0, 1.0, &mut u);
                fill_normal(key, 0.0, 1.0, &mut n);
                for i in 0..5000 {
                    assert_eq!(u[i], key.uniform(i as u64) as f32);
                    assert_eq!(n[i], key.normal(i as u64));
                }
            });
        }
    }

    #[test]
    fn moments_are_those_of_the_law() {
        let mut x = vec![0.0f64; 100_000];
        fill_normal(Key::new(5), 2.0, 3.0, &mut x);
        let mean = x.iter().sum::<f64>() / 1e5;
        let var = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e5;
        // Four standard errors.
        assert!((mean - 2.0).abs() < 4.0 * 3.0 / 316.0 && (var - 9.0).abs() < 4.0 * 12.7 / 316.0);
    }
}
