//! Long short-term memory.

use gradus_autograd::Var;

use super::stack::Stack;
use crate::{Ctx, Result};

/// State and memory of an [`Lstm`], `[layers · directions, B, H]` each.
#[derive(Debug, Clone)]
pub struct LstmState {
    /// What a step puts out.
    pub h: Var,
    /// What it remembers.
    pub c: Var,
}

impl LstmState {
    fn parts(&self) -> [&Var; 2] {
        [&self.h, &self.c]
    }

    fn of(mut end: Vec<Var>) -> Self {
        let c = end.remove(1);
        Self { h: end.remove(0), c }
    }
}

/// Long short-term memory, as [`Var::lstm`] computes it.
///
/// [`RecurrentConfig`](super::RecurrentConfig) says how it is made. Parameters have PyTorch's names,
/// `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, and `…_reverse`; their rows are in its
/// order i, f, g, o.
///
/// # Shapes
/// - `x`: `[B, T, F]` → `[B, T, directions · H]`
/// - states: `[layers · directions, B, H]`
///
/// # Reference
/// Hochreiter & Schmidhuber 1997, "Long Short-Term Memory".
///
/// # Examples
/// ```
/// use gradus_core::{DType, Key, Keys};
/// use gradus_nn::{Ctx, Lstm, Tensor, Var};
///
/// let lstm = Lstm::new(3, 5, &mut Keys::new(7))?;
/// let x = Var::from(Tensor::randn([2, 4, 3], DType::F32, Key::new(1))?); // (B, T, F)
/// let (y, end) = lstm.run(&x, None, None, &mut Ctx::eval())?;
/// assert_eq!((y.dims(), end.c.dims()), (&[2, 4, 5][..], &[1, 2, 5][..]));
///
/// // Step by step, with the same bits.
/// let mut state = None;
/// for t in 0..4 {
///     let (y_t, next) = lstm.step(&x.select(1, t)?, state.as_ref())?;
///     assert!(y_t.value().equal(y.select(1, t)?.value()));
///     state = Some(next);
/// }
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Lstm {
    pub(super) stack: Stack,
}

impl Lstm {
    /// Outputs and last states, from a start (`None`: zeros) over rows of `lengths` steps (`None`: all T).
    ///
    /// # Errors
    /// If the shapes or lengths do not fit.
    pub fn run(
        &self,
        x: &Var,
        start: Option<&LstmState>,
        lengths: Option<&[usize]>,
        ctx: &mut Ctx,
    ) -> Result<(Var, LstmState)> {
        let start = start.map(LstmState::parts);
        let (y, end) = self.stack.run(x, start.as_ref().map(|s| &s[..]), lengths, ctx)?;
        Ok((y, LstmState::of(end)))
    }

    /// One step: `x` is `[B, F]`, the output `[B, H]`. Steps give the bits of the whole sequence.
    ///
    /// # Errors
    /// If the shapes do not fit, or the layer runs in both directions.
    pub fn step(&self, x: &Var, start: Option<&LstmState>) -> Result<(Var, LstmState)> {
        let start = start.map(LstmState::parts);
        let (y, end) = self.stack.step(x, start.as_ref().map(|s| &s[..]))?;
        Ok((y, LstmState::of(end)))
    }
}
