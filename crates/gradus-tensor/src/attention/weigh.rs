//! `attention`.

use gradus_core::Shape;
use gradus_cpu::attention::forward;
use gradus_cpu::memory::take;

use super::AttentionOptions;
use super::plan::Plan;
use crate::dtypes::real;
use crate::tensor::checked_len;
use crate::{DType, Result, Tensor};

/// What [`Tensor::attention`] gives.
#[derive(Debug, Clone)]
pub struct Attended {
    /// The weighted values `[..., H, T, E]`, in memory `[..., T, H, E]`, so that the heads of a
    /// position can be joined without a copy.
    pub output: Tensor,
    /// `[..., H, T]`: logarithm of the sum of the exponentials of a query's scores, −∞ for a query
    /// that may look at no key. The gradients need it. `f32` for `bf16`.
    pub logsumexp: Tensor,
}

impl Tensor {
    /// Scaled dot-product attention: softmax(q kᵀ · scale + mask) v, without the scores ever being
    /// in memory.
    ///
    /// A query that may look at no key gives zeros. A query's row has the same bits alone, in a
    /// block of queries and in a pass over all of them, also against a cache, and for any
    /// number of threads. Hidden keys have no influence, whatever they hold. Views are read in place
    /// if the last dimension is without gaps. `bf16` is computed in `f32` and rounded once.
    ///
    /// # Shapes
    /// - q `[..., H, T, D]`, k `[..., H_kv, S, D]`, v `[..., H_kv, S, E]` → `[..., H, T, E]`. H is a
    ///   multiple of `H_kv`: each head of keys and values serves a run of query heads. The
    ///   dimensions before broadcast, and all of them may be left out.
    ///
    /// # Errors
    /// [`gradus_core::Error::ShapeMismatch`], [`gradus_core::Error::UnexpectedShape`],
    /// [`gradus_core::Error::DTypeMismatch`], [`gradus_core::Error::UnsupportedDType`] unless the
    /// dtype is a float, [`gradus_core::Error::InvalidArgument`] for more causal queries than keys,
    /// a window that is empty or not causal, or a bad probability.
    ///
    /// # Reference
    /// Vaswani et al. 2017, "Attention Is All You Need", eq. 1; Dao et al. 2022,
    /// "`FlashAttention`", algorithm 1; Ainslie et al. 2023, "GQA".
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{AttentionOptions, Causal, Tensor};
    /// let q = Tensor::new([[0.0], [0.0]]); // all scores are equal
    /// let v = Tensor::new([[2.0], [4.0]]);
    /// let options = AttentionOptions { causal: Causal::Yes, ..AttentionOptions::default() };
    /// let y = Tensor::attention(&q, &q, &v, options)?.output;
    /// assert_eq!(y.to_vec::<f32>()?, [2.0, 3.0]); // the first query sees one value
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn attention(
        q: &Self,
        k: &Self,
        v: &Self,
        options: AttentionOptions<'_>,
    ) -> Result<Attended> {
        if [q, k, v].iter().all(|x| x.dtype() == DType::BF16) {
            return widened([q, k, v], options);
        }
        let plan = Plan::new([q, k, v], options)?;
        let (lead, extents) = (plan.lead(), plan.extents);
        let output = Shape::from([&lead[..], &[extents.queries, extents.value_width]].concat());
        let len = checked_len("attention", &output, q.dtype())?;
        let of_lse = Shape::from([&lead[..], &[extents.queries]].concat());
        real!("attention", q.dtype(), T => {
            let (mut y, mut lse) = (take(len), take(of_lse.len()));
            forward::<T>(&plan.attention(), &mut y, &mut lse);
            let tokens = Self::from_data(y, turned(&output));
            let output = tokens.transpose(-3, -2)?;
            let logsumexp = Self::from_data(lse, of_lse);
            if [q, k, v].iter().any(|x| x.rank() > 2) {
                return Ok(Attended { output, logsumexp });
            }
            // A single head without a dimension of its own.
            Ok(Attended { output: output.squeeze(0)?, logsumexp: logsumexp.squeeze(0)? })
        })
    }
}

/// The shape with heads and positions exchanged.
fn turned(shape: &Shape) -> Shape {
    let mut dims = shape.dims().to_vec();
    let rank = dims.len();
    dims.swap(rank - 3, rank - 2);
    Shape::from(dims)
}

fn widened([q, k, v]: [&Tensor; 3], options: AttentionOptions<'_>) -> Result<Attended> {
    let [q, k, v] = [wide(q)?, wide(k)?, wide(v)?];
    let mask = options.mask.map(wide_mask).transpose()?;
    let options = AttentionOptions { mask: mask.as_ref(), ..options };
    let Attended { output, logsumexp } = Tensor::attention(&q, &k, &v, options)?;
    Ok(Attended { output: narrow(&output)?, logsumexp })
}

/// Rounded to `bf16`, the heads of a position staying together in memory.
pub(super) fn narrow(heads: &Tensor) -> Result<Tensor> {
    if heads.rank() == 2 {
        return heads.to_dtype(DType::BF16);
    }
    heads.transpose(-3, -2)?.to_dtype(DType::BF16)?.transpose(-3, -2)
}

pub(super) fn wide(x: &Tensor) -> Result<Tensor> {
    x.to_dtype(DType::F32)
}

/// A bias in `f32`; truth values stay.
pub(super) fn wide_mask(mask: &Tensor) -> Result<Tensor> {
    if mask.dtype() == DType::BF16 { wide(mask) } else { Ok(mask.clone()) }
}
