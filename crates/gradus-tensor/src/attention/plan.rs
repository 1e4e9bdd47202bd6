//! From tensors to the kernel's heads.

use gradus_core::{Error as Fault, Kind, Layout, Shape};
use gradus_cpu::attention::{Attention, Dropout, Entries, Extents, Mask, Rows, Sight, Value};

use super::{AttentionOptions, Causal};
use crate::dtypes::{same, unsupported};
use crate::{DType, Element, Error, Result, Tensor};

const OP: &str = "attention";

/// Checked operands, and where their heads start.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) extents: Extents,
    /// The leading dimensions before that of the heads.
    pub(super) batch: Shape,
    q: Heads,
    k: Heads,
    v: Heads,
    options: AttentionOptions<'a>,
    mask: Option<Layout>,
    mask_starts: Vec<usize>,
}

/// The vectors of all heads of an operand.
#[derive(Debug)]
pub(super) struct Heads {
    x: Tensor,
    starts: Vec<usize>,
    stride: usize,
}

impl Heads {
    /// The heads of `x`, whose leading dimensions broadcast to `lead`.
    pub(super) fn new(x: &Tensor, lead: &[usize]) -> Result<Self> {
        let count = lead.iter().product();
        if x.is_empty() {
            return Ok(Self { x: x.clone(), starts: vec![0; count], stride: 0 });
        }
        // The kernel reads a vector's elements one after another.
        let last = x.rank() - 1;
        let joined = x.dims()[last] == 1 || x.layout().strides()[last] == 1;
        let x = if joined { x.clone() } else { x.contiguous() };
        let starts = starts(x.layout(), lead)?;
        let stride = x.layout().strides()[last - 1];
        Ok(Self { x, starts, stride })
    }

    pub(super) fn rows<T: Element>(&self) -> Rows<'_, T> {
        let data = if self.x.is_empty() { &[] } else { self.x.block() };
        Rows { data, starts: &self.starts, stride: self.stride }
    }
}

/// Where the matrices start, over the broadcast leading dimensions.
fn starts(layout: &Layout, lead: &[usize]) -> Result<Vec<usize>> {
    Ok(layout.select(-1, 0)?.select(-1, 0)?.expand(lead)?.offsets().collect())
}

impl<'a> Plan<'a> {
    pub(super) fn new([q, k, v]: [&Tensor; 3], options: AttentionOptions<'a>) -> Result<Self> {
        let dtype = same(OP, same(OP, q.dtype(), k.dtype())?, v.dtype())?;
        if !matches!(dtype, DType::F32 | DType::F64) {
            return Err(unsupported(OP, "a float", dtype));
        }
        let (lead_q, [queries, width]) = matrix(q, "[..., T, D]")?;
        let (lead_k, [keys, k_width]) = matrix(k, "[..., S, D]")?;
        let (lead_v, [values, value_width]) = matrix(v, "[..., S, E]")?;
        if width != k_width {
            return Err(mismatch(q, k));
        }
        if keys != values {
            return Err(mismatch(k, v));
        }
        let lead_kv = lead_k.broadcast(OP, &lead_v).map_err(|_| mismatch(k, v))?;
        let (batch_q, n_q) = split(&lead_q);
        let (batch_kv, kv_heads) = split(&lead_kv);
        let heads = if n_q == 1 { kv_heads } else { n_q };
        if kv_heads == 0 && heads > 0 || kv_heads > 0 && !heads.is_multiple_of(kv_heads) {
            return Err(mismatch(q, k));
        }
        let batch = batch_q.broadcast(OP, &batch_kv).map_err(|_| mismatch(q, k))?;
        let rows = batch.len();
        let extents = Extents { batch: rows, heads, kv_heads, queries, keys, width, value_width };
        check(&extents, &options)?;
        let of_q = [batch.dims(), &[heads]].concat();
        let of_kv = [batch.dims(), &[kv_heads]].concat();
        let mask = options.mask.map(|mask| expand(mask, dtype, &of_q, &extents)).transpose()?;
        let empty = mask.as_ref().is_none_or(Layout::is_empty);
        let mask_starts = match &mask {
            Some(mask) if !empty => starts(mask, &of_q)?,
            _ => vec![0; of_q.iter().product()],
        };
        Ok(Self {
            extents,
            q: Heads::new(q, &of_q)?,
            k: Heads::new(k, &of_kv)?,
            v: Heads::new(v, &of_kv)?,
            batch,
            options,
            mask: mask.filter(|_| !empty),
            mask_starts,
        })
    }

    /// What the kernel is given.
    pub(super) fn attention<T: Element + Value>(&self) -> Attention<'_, T> {
        let extents = self.extents;
        let scale = self.options.scale.unwrap_or_else(|| match extents.width {
            0 => 1.0,
            width => 1.0 / (width as f64).sqrt(),
        });
        let sight = match (self.options.causal, self.options.window) {
            (Causal::No, _) => Sight::all(&extents),
            (Causal::Yes, None) => Sight::causal(&extents),
            (Causal::Yes, Some(reach)) => Sight::window(&extents, reach),
        };
        let dropout =
            self.options.dropout.map(|(p, key)| Dropout { p, key: key.kind(Kind::Dropout) });
        let (q, k, v) = (self.q.rows(), self.k.rows(), self.v.rows());
        let plain = Attention::new(extents, q, k, v, scale);
        Attention { sight, dropout, mask: self.mask(), ..plain }
    }

    fn mask<T: Element + Value>(&self) -> Mask<'_, T> {
        let (Some(mask), Some(layout)) = (self.options.mask, &self.mask) else {
            return Mask::None;
        };
        let rank = layout.rank();
        let (row_stride, col_stride) = (layout.strides()[rank - 2], layout.strides()[rank - 1]);
        let starts = &self.mask_starts;
        if mask.dtype() == DType::Bool {
            Mask::Bool(Entries { data: mask.block(), starts, row_stride, col_stride })
        } else {
            Mask::Bias(Entries { data: mask.block(), starts, row_stride, col_stride })
        }
    }

    /// Leading dimensions of the output.
    pub(super) fn lead(&self) -> Vec<usize> {
        [self.batch.dims(), &[self.extents.heads]].concat()
    }
}

/// The leading dimensions and the last two.
fn matrix(x: &Tensor, expected: &str) -> Result<(Shape, [usize; 2])> {
    match x.dims() {
        [lead @ .., rows, cols] => Ok((Shape::from(lead), [*rows, *cols])),
        _ => Err(Fault::UnexpectedShape {
            op: OP,
            expected: expected.to_owned(),
            got: x.shape().clone(),
        }
        .into()),
    }
}

/// The dimensions before that of the heads, and the number of heads.
fn split(lead: &Shape) -> (Shape, usize) {
    match lead.dims() {
        [] => (Shape::from(()), 1),
        [batch @ .., heads] => (Shape::from(batch), *heads),
    }
}

fn mismatch(lhs: &Tensor, rhs: &Tensor) -> Error {
    let (lhs, rhs) = (lhs.shape().clone(), rhs.shape().clone());
    Fault::ShapeMismatch { op: OP, lhs, rhs }.into()
}

fn invalid(name: &'static str, expected: &'static str, got: impl ToString) -> Error {
    Fault::InvalidArgument { op: OP, name, expected, got: got.to_string() }.into()
}

/// Options that contradict each other or the extents.
fn check(extents: &Extents, options: &AttentionOptions<'_>) -> Result<()> {
    let Extents { queries, keys, .. } = *extents;
    if let Some((p, _)) = options.dropout.filter(|(p, _)| !(0.0..=1.0).contains(p)) {
        return Err(invalid("dropout", "a probability from 0 to 1", p));
    }
    if options.causal == Causal::No {
        return match options.window {
            Some(window) => Err(invalid("window", "None unless causal", window)),
            None => Ok(()),
        };
    }
    if options.window == Some(0) {
        return Err(invalid("window", "above zero", 0));
    }
    if queries > keys {
        let got = format!("{queries} and {keys}");
        return Err(invalid("queries", "no more than keys if causal", got));
    }
    Ok(())
}

/// The mask over all scores.
fn expand(mask: &Tensor, dtype: DType, lead: &[usize], extents: &Extents) -> Result<Layout> {
    if mask.dtype() != DType::Bool {
        same(OP, dtype, mask.dtype())?;
    }
    let scores = Shape::from([lead, &[extents.queries, extents.keys]].concat());
    mask.layout().expand(&scores).map_err(|_| {
        Fault::ShapeMismatch { op: OP, lhs: scores.clone(), rhs: mask.shape().clone() }.into()
    })
}
