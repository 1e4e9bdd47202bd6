//! Whether ops are remembered: the gradient mode of a thread.

use std::cell::Cell;

/// What becomes of the graph of a gradient's own computation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Graph {
    /// It is not made; the gradients are constants. The fast way.
    #[default]
    Drop,
    /// It is kept, so the gradients can be differentiated again.
    Keep,
}

thread_local! {
    static MODE: Cell<Graph> = const { Cell::new(Graph::Keep) };
}

/// Whether ops on this thread remember how to differentiate themselves.
pub fn is_grad_enabled() -> bool {
    MODE.get() == Graph::Keep
}

/// Runs `f` without remembering ops: results are constants, and nothing is saved for backward.
///
/// The mode belongs to the thread and comes back when `f` returns or panics.
///
/// # Examples
/// ```
/// use gradus_autograd::{Var, no_grad};
/// use gradus_tensor::Tensor;
/// let x = Var::leaf(Tensor::from([1.0f32, 2.0]));
/// let y = no_grad(|| x.square())?;
/// assert!(!y.requires_grad());
/// assert!(x.square()?.requires_grad());
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub fn no_grad<T>(f: impl FnOnce() -> T) -> T {
    with_mode(Graph::Drop, f)
}

/// Runs `f` in a mode and restores the old one, even when `f` panics.
pub(crate) fn with_mode<T>(mode: Graph, f: impl FnOnce() -> T) -> T {
    struct Restore(Graph);
    impl Drop for Restore {
        fn drop(&mut self) {
            MODE.set(self.0);
        }
    }
    let _restore = Restore(MODE.replace(mode));
    f()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mode_comes_back_after_a_panic() {
        let panicked = std::panic::catch_unwind(|| no_grad(|| panic!("on purpose")));
        assert!(panicked.is_err() && is_grad_enabled());
    }

    #[test]
    fn modes_nest() {
        no_grad(|| {
            with_mode(Graph::Keep, || assert!(is_grad_enabled()));
            assert!(!is_grad_enabled());
        });
    }
}
