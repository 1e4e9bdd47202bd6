//! The gradients of `attention`.

use gradus_core::{Error as Fault, Shape};
use gradus_cpu::attention::{Output, backward, backward_joined};
use gradus_cpu::memory::{Block, take};

use super::plan::{Heads, Plan};
use super::weigh::{narrow, wide, wide_mask};
use super::{Attended, AttentionOptions};
use crate::dtypes::{real, require};
use crate::{DType, Element, Result, Tensor};

const OP: &str = "attention_grads";

impl Attended {
    /// The gradients with respect to q, k and v, from that of the output, given the operands and
    /// options that [`Tensor::attention`] had.
    ///
    /// The weights are worked out again, tile by tile. Where leading dimensions were broadcast, so
    /// are the gradients: sum them to the operand's shape. The gradients of keys and values have
    /// the heads of these.
    ///
    /// # Errors
    /// As [`Tensor::attention`], and [`gradus_core::Error::ShapeMismatch`] or
    /// [`gradus_core::Error::DTypeMismatch`] unless `grad` looks like the output.
    pub fn grads(
        &self,
        operands: [&Tensor; 3],
        grad: &Tensor,
        options: AttentionOptions<'_>,
    ) -> Result<[Tensor; 3]> {
        if grad.dtype() == DType::BF16 {
            let (this, grad, mask) = self.widened(grad, options)?;
            let [q, k, v] = operands;
            let (q, k, v) = (wide(q)?, wide(k)?, wide(v)?);
            let options = AttentionOptions { mask: mask.as_ref(), ..options };
            let [dq, dk, dv] = this.grads([&q, &k, &v], &grad, options)?;
            return Ok([narrow(&dq)?, narrow(&dk)?, narrow(&dv)?]);
        }
        let plan = Plan::new(operands, options)?;
        self.check(&plan, operands[0], grad)?;
        let extents = plan.extents;
        let of = |n_heads: usize, len: usize, width: usize| {
            Shape::from([plan.batch.dims(), &[len, n_heads, width]].concat())
        };
        let shapes = [
            of(extents.heads, extents.queries, extents.width),
            of(extents.kv_heads, extents.keys, extents.width),
            of(extents.kv_heads, extents.keys, extents.value_width),
        ];
        real!(OP, grad.dtype(), T => {
            let [mut dq, mut dk, mut dv] = shapes.each_ref().map(|shape| take::<T>(shape.len()));
            let saved = self.saved(&plan, grad)?;
            backward(&plan.attention(), saved.output::<T>()?, (&mut dq, &mut dk, &mut dv));
            let [q, k, v] = shapes;
            let named = operands.iter().any(|x| x.rank() > 2);
            let heads = |data: Block<T>, shape: Shape| {
                let x = Tensor::from_data(data, shape).transpose(-3, -2)?;
                if named { Ok(x) } else { x.squeeze(0) }
            };
            Ok([heads(dq, q)?, heads(dk, k)?, heads(dv, v)?])
        })
    }

    /// The gradient with respect to a joint projection `[..., T, H·D + H_kv·D + H_kv·E]`, of which
    /// q, k and v are views: [`Attended::grads`], written side by side.
    ///
    /// # Errors
    /// As [`Attended::grads`], and if there are not as many queries as keys.
    pub fn joined_grad(
        &self,
        operands: [&Tensor; 3],
        grad: &Tensor,
        options: AttentionOptions<'_>,
    ) -> Result<Tensor> {
        if grad.dtype() == DType::BF16 {
            let (this, grad, mask) = self.widened(grad, options)?;
            let [q, k, v] = operands;
            let (q, k, v) = (wide(q)?, wide(k)?, wide(v)?);
            let options = AttentionOptions { mask: mask.as_ref(), ..options };
            return this.joined_grad([&q, &k, &v], &grad, options)?.to_dtype(DType::BF16);
        }
        let plan = Plan::new(operands, options)?;
        self.check(&plan, operands[0], grad)?;
        let extents = plan.extents;
        if extents.queries != extents.keys {
            let (lhs, rhs) = (operands[0].shape().clone(), operands[1].shape().clone());
            return Err(Fault::ShapeMismatch { op: OP, lhs, rhs }.into());
        }
        let width = (extents.heads + extents.kv_heads) * extents.width
            + extents.kv_heads * extents.value_width;
        let shape = Shape::from([plan.batch.dims(), &[extents.queries, width]].concat());
        real!(OP, grad.dtype(), T => {
            let mut joined = take::<T>(shape.len());
            let saved = self.saved(&plan, grad)?;
            backward_joined(&plan.attention(), saved.output::<T>()?, &mut joined);
            Ok(Tensor::from_data(joined, shape))
        })
    }

    fn widened(
        &self,
        grad: &Tensor,
        options: AttentionOptions<'_>,
    ) -> Result<(Self, Tensor, Option<Tensor>)> {
        let this = Self { output: wide(&self.output)?, logsumexp: self.logsumexp.clone() };
        Ok((this, wide(grad)?, options.mask.map(wide_mask).transpose()?))
    }

    /// Fails unless the output, its logarithms and the gradient are those of the operands.
    fn check(&self, plan: &Plan<'_>, q: &Tensor, grad: &Tensor) -> Result<()> {
        require(OP, q.dtype(), grad.dtype())?;
        require(OP, q.dtype(), self.output.dtype())?;
        require(OP, q.dtype(), self.logsumexp.dtype())?;
        let extents = plan.extents;
        let lead = plan.lead();
        let len: usize = lead.iter().product();
        let fits = self.output.len() == len * extents.queries * extents.value_width
            && self.logsumexp.len() == len * extents.queries;
        if fits && grad.shape() == self.output.shape() {
            return Ok(());
        }
        let (lhs, rhs) = (self.output.shape().clone(), grad.shape().clone());
        Err(Fault::ShapeMismatch { op: OP, lhs, rhs }.into())
    }

    fn saved(&self, plan: &Plan<'_>, grad: &Tensor) -> Result<Saved> {
        let lead = plan.lead();
        let heads = |x: &Tensor| {
            // A single head has got no dimension of its own.
            let x = if x.rank() == 2 { x.unsqueeze(0)? } else { x.clone() };
            Heads::new(&x, &lead)
        };
        let (y, dy) = (heads(&self.output)?, heads(grad)?);
        Ok(Saved { y, dy, lse: self.logsumexp.contiguous() })
    }
}

/// What the kernel is given besides the operands.
struct Saved {
    y: Heads,
    dy: Heads,
    lse: Tensor,
}

impl Saved {
    fn output<T: Element>(&self) -> Result<Output<'_, T>> {
        Ok(Output { y: self.y.rows(), dy: self.dy.rows(), lse: self.lse.as_slice()? })
    }
}
