//! `self_attention`.

use gradus_tensor::{Attended, AttentionOptions, Tensor};

use super::attention::composite_grads;
use crate::{Result, Var, is_grad_enabled};

impl Var {
    /// Attention of positions among themselves, from a joint projection to queries, keys and values.
    ///
    /// Equals [`Var::split`] into the three, each cut into heads of `D = C / (H + 2 H_kv)`, then
    /// [`Var::attention`], then the heads of a position joined. Nothing is copied on the way, and the
    /// gradient is written in one piece.
    ///
    /// # Shapes
    /// `[..., T, C]` → `[..., T, H·D]`: `H·D` channels of queries, then `H_kv·D` of keys, then
    /// `H_kv·D` of values
    ///
    /// # Errors
    /// If `C` is not a multiple of `n_heads + 2 n_kv_heads`, or as [`Var::attention`].
    ///
    /// # PyTorch
    /// none; `torch.nn.MultiheadAttention` without its projections
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::{AttentionOptions, Causal, Var};
    /// use gradus_tensor::Tensor;
    /// let qkv = Var::leaf(Tensor::from([[0.0f32, 0.0, 2.0], [0.0, 0.0, 4.0]])); // (T, q k v)
    /// let options = AttentionOptions { causal: Causal::Yes, ..Default::default() };
    /// let y = Var::self_attention(&qkv, 1, 1, options)?;
    /// assert_eq!(y.value().to_vec::<f32>()?, [2.0, 3.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn self_attention(
        qkv: &Self,
        n_heads: usize,
        n_kv_heads: usize,
        options: AttentionOptions<'_>,
    ) -> Result<Self> {
        let joint = Joint::new(qkv, n_heads, n_kv_heads)?;
        let value = qkv.value();
        let cut = |i| {
            let (start, heads) = joint.parts[i];
            let part = value.narrow(-1, start, heads * joint.width)?;
            part.reshape(joint.shape(heads))?.transpose(-3, -2)
        };
        let operands = [cut(0)?, cut(1)?, cut(2)?];
        let [q, k, v] = &operands;
        let attended = Tensor::attention(q, k, v, options)?;
        let output = attended.output.transpose(-3, -2)?.flatten(-2, -1)?;
        let logsumexp = attended.logsumexp;
        let (input, mask) = (qkv.clone(), options.mask.cloned());
        // What is borrowed cannot be kept.
        let kept = AttentionOptions { mask: None, ..options };
        Ok(Self::from_op("self_attention", &[qkv], output, move |grad, output| {
            let options = AttentionOptions { mask: mask.as_ref(), ..kept };
            if is_grad_enabled() {
                return Ok(vec![Some(joint.composite_grad(&input, grad, options)?)]);
            }
            let heads = |x: &Tensor| x.reshape(joint.shape(n_heads))?.transpose(-3, -2);
            let (output, grad) = (heads(output.value())?, heads(grad.value())?);
            let attended = Attended { output, logsumexp: logsumexp.clone() };
            let [q, k, v] = &operands;
            Ok(vec![Some(attended.joined_grad([q, k, v], &grad, options)?.into())])
        }))
    }
}

/// How a joint projection is cut.
struct Joint {
    /// `[..., T]`
    lead: Vec<usize>,
    /// First channel and number of heads of queries, keys and values.
    parts: [(usize, usize); 3],
    /// Channels of a head.
    width: usize,
}

impl Joint {
    fn new(qkv: &Var, n_heads: usize, n_kv_heads: usize) -> Result<Self> {
        let all = n_kv_heads.saturating_mul(2).saturating_add(n_heads);
        match qkv.dims() {
            [lead @ .., channels] if !lead.is_empty() && all > 0 && channels % all == 0 => {
                let (lead, width) = (lead.to_vec(), channels / all);
                let (k, v) = (n_heads * width, (n_heads + n_kv_heads) * width);
                Ok(Self { lead, parts: [(0, n_heads), (k, n_kv_heads), (v, n_kv_heads)], width })
            }
            _ => {
                let expected = format!("[..., T, C] with C a multiple of {all}");
                let (op, got) = ("self_attention", qkv.shape().clone());
                Err(gradus_core::Error::UnexpectedShape { op, expected, got }.into())
            }
        }
    }

    /// `[..., T, H, D]`
    fn shape(&self, heads: usize) -> Vec<usize> {
        [&self.lead[..], &[heads, self.width]].concat()
    }

    fn composite_grad(&self, qkv: &Var, grad: &Var, options: AttentionOptions<'_>) -> Result<Var> {
        let heads = |x: &Var, heads| x.reshape(self.shape(heads))?.transpose(-3, -2);
        let cut = |i: usize| {
            let (start, n) = self.parts[i];
            heads(&qkv.narrow(-1, start, n * self.width)?, n)
        };
        let grad = heads(grad, self.parts[0].1)?;
        let join = |x: Var| x.transpose(-3, -2)?.flatten(-2, -1);
        let [dq, dk, dv] = composite_grads(&[cut(0)?, cut(1)?, cut(2)?], &grad, options)?;
        Var::cat(&[join(dq)?, join(dk)?, join(dv)?], -1)
    }
}

#[cfg(test)]
mod tests {
    use gradus_core::Key;

    use super::*;
    use crate::Causal;
    use crate::testing::{check_op, normal};

    fn options() -> AttentionOptions<'static> {
        let dropout = Some((0.3, Key::new(2)));
        AttentionOptions { causal: Causal::Yes, dropout, ..AttentionOptions::default() }
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_op(|x| Var::self_attention(&x[0], 2, 2, options()), &[normal([2, 3, 12], 1)]);
        check_op(|x| Var::self_attention(&x[0], 4, 2, options()), &[normal([3, 16], 2)]);
        let mask = normal([3, 3], 5).gt_scalar(0.0).unwrap();
        let masked = AttentionOptions { mask: Some(&mask), ..AttentionOptions::default() };
        check_op(|x| Var::self_attention(&x[0], 2, 1, masked), &[normal([2, 3, 4], 3)]);
    }

    #[test]
    fn it_is_attention_between_a_split_and_a_join() {
        let qkv = Var::leaf(normal([2, 70, 24], 1));
        let joint = Var::self_attention(&qkv, 4, 2, options()).unwrap();
        let parts = qkv.split(&[12, 6, 6], -1).unwrap();
        let heads =
            |i: usize, n: usize| parts[i].reshape([2, 70, n, 3]).unwrap().transpose(1, 2).unwrap();
        let split = Var::attention(&heads(0, 4), &heads(1, 2), &heads(2, 2), options()).unwrap();
        let split = split.transpose(1, 2).unwrap().flatten(2, 3).unwrap();
        assert!(joint.value().equal(split.value()));
        let grad = normal([2, 70, 12], 2);
        let of = |y: &Var| y.backward_with(&grad).unwrap().get(&qkv).unwrap().clone();
        assert!(of(&joint).equal(&of(&split)));
    }

    #[test]
    fn channels_must_be_those_of_the_heads() {
        let fault = |shape: &[usize], h, kv| {
            let x = Var::from(normal(shape, 1));
            Var::self_attention(&x, h, kv, AttentionOptions::default()).unwrap_err().to_string()
        };
        let expected = "self_attention: expected [..., T, C] with C a multiple of 8";
        assert_eq!(fault(&[3, 12], 4, 2), format!("{expected}, got shape [3, 12]"));
        assert!(fault(&[12], 2, 2).contains("[..., T, C]"));
        assert!(fault(&[3, 12], 0, 0).contains("[..., T, C]"));
        assert!(fault(&[3, 14], 3, 2).contains("do not fit together"));
        assert!(fault(&[3, 12], 2, 0).contains("do not fit together"));
    }
}
