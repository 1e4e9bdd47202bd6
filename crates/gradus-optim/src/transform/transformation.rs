//! The trait of all links.

use std::fmt;

use gradus_tensor::Tensor;

use crate::{Memory, Part, Result};

/// A parameter's value, and what it shall be moved by (before the learning rate and the minus).
#[derive(Debug, Clone)]
pub struct Update {
    /// Where the parameter is in the model.
    pub path: String,
    /// Its value before the step.
    pub value: Tensor,
    /// Its gradient, as transformed so far.
    pub update: Tensor,
    /// The learning rate by which the update will be multiplied.
    pub rate: f64,
    /// By what weight decay is multiplied, which is the [`Group`](crate::Group)'s business.
    pub decay_factor: f64,
}

/// What goes through the chain in one step.
#[derive(Debug, Clone)]
pub struct Updates {
    /// How many steps were made before this one.
    pub step: u64,
    /// One per parameter that has a gradient.
    pub items: Vec<Update>,
}

impl Updates {
    /// Replaces every update.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn map(&mut self, mut f: impl FnMut(&Update) -> Result<Tensor>) -> Result<()> {
        self.items.iter_mut().try_for_each(|item| {
            item.update = f(item)?;
            Ok(())
        })
    }
}

/// One link of the chain: a map from updates to updates that may remember something.
///
/// # Examples
/// ```
/// use gradus_optim::{Result, Transformation, Updates};
///
/// /// Moves every parameter by the sign of its gradient.
/// #[derive(Debug)]
/// struct Sign;
///
/// impl Transformation for Sign {
///     fn apply(&mut self, updates: &mut Updates) -> Result<()> {
///         updates.map(|item| Ok(item.update.sign()?))
///     }
/// }
/// ```
pub trait Transformation: fmt::Debug + Send + Sync {
    /// Transforms the updates of one step.
    ///
    /// # Errors
    /// If what is remembered does not fit the parameters.
    fn apply(&mut self, updates: &mut Updates) -> Result<()>;

    /// What the meaning of a saved state depends on, such as the link's name: the state of a chain
    /// whose links have other signatures is refused. Nothing unless overridden, as for clipping, which may come and go.
    fn signature(&self) -> String {
        String::new()
    }

    /// What this is to the one-pass step; a link of its own unless overridden.
    fn part(&mut self) -> Part<'_> {
        Part::Other
    }

    /// What is remembered; nothing unless overridden.
    fn memories(&self) -> Vec<&Memory> {
        Vec::new()
    }

    /// What is remembered, to be loaded.
    fn memories_mut(&mut self) -> Vec<&mut Memory> {
        Vec::new()
    }
}
