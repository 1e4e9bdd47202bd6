//! [`Grads`]: what `backward` found, by leaf.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use crate::{Error, LeafId, Result};

/// What gradients can be asked for: a leaf variable or a parameter.
pub trait Leaf {
    /// The identity under which gradients are collected; `None` if it is no leaf.
    fn leaf_id(&self) -> Option<LeafId>;
}

impl Leaf for LeafId {
    fn leaf_id(&self) -> Option<LeafId> {
        Some(*self)
    }
}

/// The gradients of a number with respect to the leaves it depends on.
///
/// # Examples
/// ```
/// use gradus_autograd::{Grads, Var};
/// use gradus_tensor::Tensor;
/// let w = Var::leaf(Tensor::from([2.0f32]));
/// // Gradients of two halves of a batch add up to those of the whole.
/// let mut total = Grads::new();
/// for x in [3.0f32, 4.0] {
///     let loss = w.mul(&Tensor::from([x]).into())?;
///     total.add(loss.backward()?)?;
/// }
/// total.scale(0.5)?;
/// assert_eq!(total.get(&w).map(|g| g.item()), Some(Ok(3.5)));
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Grads(BTreeMap<LeafId, Tensor>);

impl Grads {
    /// No gradients.
    pub fn new() -> Self {
        Self::default()
    }

    /// The gradient of a leaf, `None` if nothing depended on it.
    pub fn get(&self, leaf: &impl Leaf) -> Option<&Tensor> {
        self.0.get(&leaf.leaf_id()?)
    }

    /// Sets a leaf's gradient and returns the old one.
    pub fn insert(&mut self, id: LeafId, grad: Tensor) -> Option<Tensor> {
        self.0.insert(id, grad)
    }

    /// Takes a leaf's gradient out.
    pub fn remove(&mut self, leaf: &impl Leaf) -> Option<Tensor> {
        self.0.remove(&leaf.leaf_id()?)
    }

    /// The gradients, in the order in which the leaves were made.
    pub fn iter(&self) -> impl Iterator<Item = (LeafId, &Tensor)> {
        self.0.iter().map(|(&id, grad)| (id, grad))
    }

    /// How many leaves have a gradient.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no leaf has a gradient.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the gradients of another pass, as for a batch that is taken in parts.
    ///
    /// # Errors
    /// If the two gradients of a leaf differ in shape or dtype; `self` is then unchanged.
    pub fn add(&mut self, other: Self) -> Result<()> {
        let sum = |(id, grad): (LeafId, Tensor)| match self.0.get(&id) {
            None => Ok((id, grad)),
            Some(old) if old.shape() == grad.shape() => Ok((id, old.add(&grad)?)),
            Some(old) => Err(Error::GradientShape {
                op: "add",
                input: 0,
                expected: old.shape().clone(),
                got: grad.shape().clone(),
            }),
        };
        let sums: Vec<_> = other.0.into_iter().map(sum).collect::<Result<_>>()?;
        self.0.extend(sums);
        Ok(())
    }

    /// Multiplies every gradient by a number.
    ///
    /// # Errors
    /// Never for gradients that came from `backward`; a tensor of truth values that was inserted
    /// cannot be scaled.
    pub fn scale(&mut self, factor: f64) -> Result<()> {
        for grad in self.0.values_mut() {
            *grad = grad.mul_scalar(factor)?;
        }
        Ok(())
    }
}

impl FromIterator<(LeafId, Tensor)> for Grads {
    fn from_iter<I: IntoIterator<Item = (LeafId, Tensor)>>(grads: I) -> Self {
        Self(grads.into_iter().collect())
    }
}

impl IntoIterator for Grads {
    type Item = (LeafId, Tensor);
    type IntoIter = std::collections::btree_map::IntoIter<LeafId, Tensor>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
