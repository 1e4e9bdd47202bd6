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
    trace: Option<Trace>,
}

/// What the layers of a pass said that they cost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Trace {
    /// Names of the layers that the pass is in, from the outside.
    path: Vec<String>,
    /// Where, and how many operations.
    rows: Vec<(String, u64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Train,
    Eval,
}

impl Ctx {
    /// A training pass: dropout drops, batch norm normalises by the batch. Use a new key per step.
    pub fn train(key: Key) -> Self {
        Self { mode: Mode::Train, keys: Some(key.into()), trace: None }
    }

    /// An evaluation pass without randomness.
    pub const fn eval() -> Self {
        Self { mode: Mode::Eval, keys: None, trace: None }
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
        if let Some(trace) = &mut self.trace {
            trace.path.push(name.to_string());
        }
        let result = named_scope(&name, || f(self));
        if let Some(trace) = &mut self.trace {
            trace.path.pop();
        }
        result.map_err(|error| match error {
            Error::At { path, source } => Error::At { path: format!("{name}.{path}"), source },
            source => Error::At { path: name.to_string(), source: Box::new(source) },
        })
    }

    /// The same pass, counting what its layers cost; [`Ctx::operations`] tells.
    #[must_use]
    pub fn counting(self) -> Self {
        Self { trace: Some(Trace::default()), ..self }
    }

    /// Adds so many floating-point operations to the layer that is running, if the pass counts. A product
    /// with an addition is two; what is cheaper than products is not counted.
    ///
    /// # Examples
    /// ```
    /// use gradus_nn::Ctx;
    /// let mut ctx = Ctx::eval().counting();
    /// ctx.at("output", |ctx| {
    ///     ctx.count(12);
    ///     Ok(())
    /// })?;
    /// assert_eq!(ctx.operations(), [("output".to_owned(), 12)]);
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    pub fn count(&mut self, operations: u64) {
        if let Some(trace) = &mut self.trace {
            trace.rows.push((trace.path.join("."), operations));
        }
    }

    /// What was counted: the paths of layers, in the order in which they ran, and their operations.
    pub fn operations(&self) -> &[(String, u64)] {
        self.trace.as_ref().map_or(&[], |trace| &trace.rows)
    }
}
