//! Activation checkpointing of a layer.

use std::sync::{Arc, Mutex, PoisonError};

use gradus_autograd::{Var, checkpoint_module};

use crate::{Ctx, Layer, Result};

/// `layer.forward(x, ctx)`, which keeps only `x` and the output in memory: the backward pass runs the layer
/// again for the rest.
///
/// Values, gradients and the keys drawn from `ctx` are those of `forward`, dropout included. A layer with
/// running statistics moves them once.
///
/// # Errors
/// Those of the layer; [`gradus_autograd::Error::NotRepeatable`] in the backward pass if the layer
/// gives another shape the second time.
///
/// # PyTorch
/// `torch.utils.checkpoint.checkpoint(layer, x, use_reentrant=False)`
///
/// # Examples
/// ```
/// use gradus_core::{Key, Keys};
/// use gradus_nn::{Ctx, Layer, Tensor, TransformerBlockConfig, Var, checkpoint};
///
/// let config = TransformerBlockConfig { dropout: 0.1, ..TransformerBlockConfig::new(8, 2) };
/// let block = config.init(&mut Keys::new(1))?;
/// let x = Var::constant(Tensor::from([[[1.0f32; 8]; 3]]));
/// let train = || Ctx::train(Key::new(2));
/// let [plain, cheap] =
///     [block.forward(&x, &mut train())?, checkpoint(&block, &x, &mut train())?];
/// assert!(plain.value().equal(cheap.value()));
/// assert_eq!(plain.sum(..)?.backward()?.len(), cheap.sum(..)?.backward()?.len());
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub fn checkpoint<L>(layer: &L, x: &Var, ctx: &mut Ctx) -> Result<Var>
where
    L: Layer + Clone + Send + Sync + 'static,
{
    let start = ctx.clone();
    // The context after the layer, so that the caller's goes on where `forward` would have left it.
    let end = Arc::new(Mutex::new(start.clone()));
    let after = end.clone();
    let y = checkpoint_module(
        layer,
        move |layer: &L, x: &[Var]| {
            let mut ctx = start.clone();
            let y = layer.forward(&x[0], &mut ctx)?;
            *after.lock().unwrap_or_else(PoisonError::into_inner) = ctx;
            Ok::<_, crate::Error>(y)
        },
        &[x],
    )?;
    ctx.clone_from(&*end.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(y)
}

#[cfg(test)]
mod tests {
    use gradus_core::{DType, Key, Keys};
    use gradus_tensor::Tensor;

    use super::*;
    use crate::{BatchNorm, Module, TransformerBlockConfig};

    #[test]
    fn values_gradients_and_keys_are_those_of_forward() {
        let config = TransformerBlockConfig { dropout: 0.3, ..TransformerBlockConfig::new(4, 2) };
        let block = config.init(&mut Keys::new(1)).unwrap();
        let x = Var::leaf(Tensor::randn([2, 3, 4], DType::F32, Key::new(3)).unwrap());
        let run = |cheap: bool| {
            let mut ctx = Ctx::train(Key::new(2));
            let y =
                if cheap { checkpoint(&block, &x, &mut ctx) } else { block.forward(&x, &mut ctx) };
            let y = y.unwrap();
            let grads = y.square().unwrap().sum(..).unwrap().backward().unwrap();
            (y.into_value(), grads, ctx.next_key().unwrap())
        };
        let ((y, grads, key), (expected_y, expected, expected_key)) = (run(true), run(false));
        assert!(y.equal(&expected_y));
        assert_eq!(key, expected_key);
        assert_eq!(grads.len(), block.parameters().len() + 1);
        for ((id, grad), (expected_id, expected)) in grads.iter().zip(expected.iter()) {
            assert!(id == expected_id && grad.equal(expected));
        }
    }

    #[test]
    fn running_statistics_move_once() {
        let [cheap, plain] = [(); 2].map(|()| BatchNorm::new(2).unwrap());
        let x = Var::leaf(Tensor::randn([3, 2], DType::F32, Key::new(3)).unwrap());
        let y = checkpoint(&cheap, &x, &mut Ctx::train(Key::new(1))).unwrap();
        y.sum(..).unwrap().backward().unwrap();
        plain.forward(&x, &mut Ctx::train(Key::new(1))).unwrap();
        for (a, b) in cheap.state_dict().values().zip(plain.state_dict().values()) {
            assert!(a.equal(b));
        }
    }
}
