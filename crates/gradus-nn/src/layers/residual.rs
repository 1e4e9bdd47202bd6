//! A branch that adds to what it is given.

use std::fmt;

use gradus_autograd::{Module, Path, Slot, SlotMut, Var};

use crate::{Ctx, Layer, Result};

/// shortcut(x) + body(x), where the shortcut is the identity if there is none.
///
/// Parameters are named `body.…` and `shortcut.…`.
///
/// # Shapes
/// - `x`: what both take → what both give
///
/// # Reference
/// He et al. 2016, "Deep Residual Learning for Image Recognition", eq. 1 and 2.
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_nn::{Activation, Ctx, Layer, Linear, Residual, Sequential, Tensor, Var};
///
/// let mut keys = Keys::new(7);
/// let body = Sequential::new().with(Linear::new(4, 4, &mut keys)?).with(Activation::Tanh);
/// let block = Residual::new(body);
/// let x = Var::constant(Tensor::new([[1.0, 2.0, 3.0, 4.0]]));
/// assert_eq!(block.forward(&x, &mut Ctx::eval())?.dims(), &[1, 4]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub struct Residual {
    body: Box<dyn Layer + Send + Sync>,
    shortcut: Option<Box<dyn Layer + Send + Sync>>,
}

impl Residual {
    /// x + body(x).
    pub fn new(body: impl Layer + Send + Sync + 'static) -> Self {
        Self { body: Box::new(body), shortcut: None }
    }

    /// The same branch beside a shortcut that is a layer too, such as a projection to another size.
    #[must_use]
    pub fn with_shortcut(self, shortcut: impl Layer + Send + Sync + 'static) -> Self {
        Self { shortcut: Some(Box::new(shortcut)), ..self }
    }
}

impl Layer for Residual {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        let y = ctx.at("body", |ctx| self.body.forward(x, ctx))?;
        let x = match &self.shortcut {
            Some(shortcut) => ctx.at("shortcut", |ctx| shortcut.forward(x, ctx))?,
            None => x.clone(),
        };
        if x.dims() != y.dims() {
            let (layer, expected) = ("Residual", format!("{} like the branch's output", y.shape()));
            return Err(crate::Error::InputShape { layer, expected, got: x.shape().clone() });
        }
        Ok(x.add(&y)?)
    }
}

impl Module for Residual {
    fn visit<'a>(&'a self, path: &mut Path, f: &mut dyn FnMut(&Path, Slot<'a>)) {
        path.with("body", |path| self.body.visit(path, f));
        path.with("shortcut", |path| self.shortcut.visit(path, f));
    }

    fn visit_mut<'a>(&'a mut self, path: &mut Path, f: &mut dyn FnMut(&Path, SlotMut<'a>)) {
        path.with("body", |path| self.body.visit_mut(path, f));
        path.with("shortcut", |path| self.shortcut.visit_mut(path, f));
    }
}

impl fmt::Debug for Residual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shortcut = self.shortcut.is_some();
        f.debug_struct("Residual").field("shortcut", &shortcut).finish_non_exhaustive()
    }
}
