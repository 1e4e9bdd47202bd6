//! One loop over all parameters.

use crate::isa::{Kernel, dispatch};
use crate::math::Real;
use crate::pool;

/// How one element moves.
pub trait Rule<T, const S: usize>: Copy + Send + Sync {
    /// The new value and state of an element, from its value, its gradient and its state.
    ///
    /// Implement it with `#[inline(always)]` and plain arithmetic, so that it is vectorised.
    fn call(&self, value: T, grad: T, state: [T; S]) -> (T, [T; S]);
}

/// A parameter with its gradient, what is remembered of it, and how it moves. All slices have one
/// length.
#[derive(Debug)]
pub struct Slices<'a, T, R, const S: usize> {
    /// The parameter.
    pub value: &'a mut [T],
    /// Its gradient.
    pub grad: &'a [T],
    /// What is remembered of it.
    pub state: [&'a mut [T]; S],
    /// How it moves.
    pub rule: R,
}

/// Elements that a thread takes at a time: their slices fit in L2, and fetching the next piece is
/// cheap against the work.
const PIECE: usize = 16 << 10;

/// What an element costs, in nanoseconds.
const COST: f64 = 0.5;

/// Elements that are computed together.
const LANES: usize = 16;

/// Applies every rule to every element of its parameter.
///
/// # Panics
/// If the slices of an item have different lengths.
pub fn update<T: Real, R: Rule<T, S>, const S: usize>(items: Vec<Slices<'_, T, R, S>>) {
    for Slices { value, grad, state, .. } in &items {
        let fits = grad.len() == value.len() && state.iter().all(|s| s.len() == value.len());
        assert!(fits, "update: lengths differ");
    }
    let total: usize = items.iter().map(|item| item.value.len()).sum();
    if pool::grain(total, COST) == total.max(1) {
        return items.into_iter().for_each(dispatch);
    }
    let mut pieces: Vec<_> = items.into_iter().flat_map(Slices::cut).map(Some).collect();
    pool::for_slices(&mut pieces, 1, |_, piece| {
        piece.iter_mut().filter_map(Option::take).for_each(dispatch);
    });
}

impl<'a, T, R: Copy, const S: usize> Slices<'a, T, R, S> {
    /// The same in pieces of at most [`PIECE`] elements.
    fn cut(self) -> impl Iterator<Item = Self> {
        let Slices { value, grad, state, rule } = self;
        let mut states = state.map(|s| s.chunks_mut(PIECE));
        value.chunks_mut(PIECE).zip(grad.chunks(PIECE)).map(move |(value, grad)| {
            let state = states.each_mut().map(|s| s.next().expect("the lengths are the same"));
            Slices { value, grad, state, rule }
        })
    }
}

impl<T: Real, R: Rule<T, S>, const S: usize> Kernel for Slices<'_, T, R, S> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Slices { value, grad, state, rule } = self;
        let (values, value_rest) = value.as_chunks_mut::<LANES>();
        let (grads, grad_rest) = grad.as_chunks::<LANES>();
        let mut rests = state.map(|s| s.as_chunks_mut::<LANES>());
        for (i, (value, grad)) in values.iter_mut().zip(grads).enumerate() {
            let mut state = rests.each_mut().map(|(lanes, _)| &mut lanes[i]);
            for lane in 0..LANES {
                let old = state.each_ref().map(|s| s[lane]);
                let (new, remembered) = rule.call(value[lane], grad[lane], old);
                value[lane] = new;
                for (s, new) in state.iter_mut().zip(remembered) {
                    s[lane] = new;
                }
            }
        }
        for (i, (value, grad)) in value_rest.iter_mut().zip(grad_rest).enumerate() {
            let old = rests.each_ref().map(|(_, rest)| rest[i]);
            let (new, remembered) = rule.call(*value, *grad, old);
            *value = new;
            for ((_, rest), new) in rests.iter_mut().zip(remembered) {
                rest[i] = new;
            }
        }
    }
}
