//! What a forward pass knows beside its input.

use std::fmt::Display;

use gradus_autograd::named_scope;
use gradus_core::{Key, Keys};

use crate::{Error, Result};

/// What a forward pass knows beside its input: whether it trains, and where randomness comes from.
///
/// Layers take it as `&mut Ctx`, since every draw takes the next key. The n-th draw of a pass
/// depends on the context's key and n alone, so a pass with the same key gives the same bits.
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// use gradus_nn::Ctx;
///
/// let mut ctx = Ctx::train(Key::new(7));
/// assert!(ctx.is_train());
/// assert_eq!(ctx.next_key()?, Key::new(7).fold_in(0));
/// assert!(Ctx::eval().next_key().is_err()); // evaluation is not random unless told so
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ctx {
    mode: Mode,
    keys: Option<Keys>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Train,
    Eval,
}

impl Ctx {
    /// A training pass: dropout drops, batch norm normalises by the batch. Use a new key per step.
    pub fn train(key: Key) -> Self {
        Self { mode: Mode::Train, keys: Some(key.into()) }
    }

    /// An evaluation pass without randomness.
    pub const fn eval() -> Self {
        Self { mode: Mode::Eval, keys: None }
    }

    /// The same pass with randomness from `key`, for models that sample when they evaluate.
    #[must_use]
    pub fn with_key(self, key: Key) -> Self {
        Self { keys: Some(key.into()), ..self }
    }

    /// Whether this is a training pass.
    pub fn is_train(&self) -> bool {
        self.mode == Mode::Train
    }

    /// The next key of this pass, independent of all others.
    ///
    /// # Errors
    /// [`Error::NoKey`] in an evaluation pass without a key.
    pub fn next_key(&mut self) -> Result<Key> {
        self.keys.as_mut().map(Keys::next_key).ok_or(Error::NoKey)
    }

    /// Runs a part of a model and adds its name to the path of an error, and of what
    /// [`gradus_autograd::detect_anomaly`] finds.
    ///
    /// # Errors
    /// Those of `f`, as [`Error::At`].
    ///
    /// # Examples
    /// ```
    /// use gradus_nn::{Ctx, Error};
    /// let fail = |ctx: &mut Ctx| ctx.at("attn.q", |_| Err::<(), _>(Error::NoKey));
    /// let error = Ctx::eval().at(format_args!("blocks.{}", 3), fail).unwrap_err();
    /// assert!(error.to_string().starts_with("blocks.3.attn.q: the context has no key"));
    /// ```
    pub fn at<T>(
        &mut self,
        name: impl Display,
        f: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        named_scope(&name, || f(self)).map_err(|error| match error {
            Error::At { path, source } => Error::At { path: format!("{name}.{path}"), source },
            source => Error::At { path: name.to_string(), source: Box::new(source) },
        })
    }
}
