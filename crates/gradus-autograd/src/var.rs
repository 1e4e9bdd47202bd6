//! [`Var`]: a tensor that remembers how it was made.

use std::fmt;
use std::sync::Arc;

use gradus_core::{DType, Dim, Shape};
use gradus_tensor::Tensor;

use crate::node::{Edge, LeafId, Node, Origin, Vjp};
use crate::{Error, Leaf, Result, anomaly, is_grad_enabled};

/// A tensor that remembers how it was made, so that it can be differentiated.
///
/// A `Var` is a constant, a leaf (its gradient is collected), or the result of an op on variables.
/// The methods are those of [`Tensor`]; each records its derivative if an input wants a gradient.
/// Cloning shares the value and the graph.
///
/// # Examples
/// ```
/// use gradus_autograd::Var;
/// use gradus_tensor::Tensor;
/// let x = Var::leaf(Tensor::from([1.0f32, 2.0, 3.0]));
/// let loss = x.square()?.sum(..)?;
/// let grads = loss.backward()?;
/// assert_eq!(grads.get(&x).map(|g| g.to_vec::<f32>()), Some(Ok(vec![2.0, 4.0, 6.0])));
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
#[derive(Clone)]
pub struct Var {
    pub(crate) value: Tensor,
    pub(crate) origin: Origin,
}

impl Var {
    /// A variable without a gradient.
    pub fn constant(value: Tensor) -> Self {
        Self { value, origin: Origin::Constant }
    }

    /// A fresh leaf that wants a gradient. A tensor of integers or truth values becomes a constant.
    pub fn leaf(value: Tensor) -> Self {
        Self::leaf_with_id(value, LeafId::fresh())
    }

    pub(crate) fn leaf_with_id(value: Tensor, id: LeafId) -> Self {
        let origin = if value.dtype().is_float() { Origin::Leaf(id) } else { Origin::Constant };
        Self { value, origin }
    }

    /// The result of an op of your own, with its derivative.
    ///
    /// `vjp(grad, output)` gets the gradient of the output and the output itself, and returns one
    /// gradient per input, `None` where it is zero or not wanted. Written in `Var` ops, it can be
    /// differentiated again; work on [`Var::value`] cuts that off silently, so check an op
    /// with [`gradgradcheck`](crate::gradgradcheck). The closure may hold the inputs, but not the output.
    ///
    /// Nothing is recorded inside [`no_grad`](crate::no_grad) or if no input wants a gradient.
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::{Result, Var, gradcheck};
    /// use gradus_tensor::Tensor;
    /// fn cube(x: &Var) -> Result<Var> {
    ///     let value = x.value().powf(3.0)?;
    ///     let saved = x.clone();
    ///     Ok(Var::from_op("cube", &[x], value, move |grad, _| {
    ///         Ok(vec![Some(grad.mul(&saved.square()?.mul_scalar(3.0)?)?)])
    ///     }))
    /// }
    /// gradcheck(|x| cube(&x[0]), &[Tensor::from([0.5f64, -2.0])])?;
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn from_op(
        name: &'static str,
        inputs: &[&Self],
        value: Tensor,
        vjp: impl Fn(&Self, &Self) -> Result<Vec<Option<Self>>> + Send + Sync + 'static,
    ) -> Self {
        anomaly::watch_forward(name, inputs, &value);
        if !wants_node(inputs, &value) {
            return Self::constant(value);
        }
        let node = Node::new(name, inputs, 1, Some(value.clone()), Vjp::One(Box::new(vjp)));
        Self { value, origin: Origin::Node(node.into(), 0) }
    }

    /// As [`Var::from_op`], for a derivative that does not use the output, which then need not
    /// stay in memory.
    pub(crate) fn from_op_of_inputs(
        name: &'static str,
        inputs: &[&Self],
        value: Tensor,
        vjp: impl Fn(&Self) -> Result<Vec<Option<Self>>> + Send + Sync + 'static,
    ) -> Self {
        anomaly::watch_forward(name, inputs, &value);
        if !wants_node(inputs, &value) {
            return Self::constant(value);
        }
        let vjp = Vjp::One(Box::new(move |grad, _| vjp(grad)));
        let node = Node::new(name, inputs, 1, None, vjp);
        Self { value, origin: Origin::Node(node.into(), 0) }
    }

    /// The results of an op of your own with several outputs, with its derivative.
    ///
    /// `vjp(grads)` gets the gradient of each output, `None` for those that nothing came from, and
    /// returns one gradient per input, as in [`Var::from_op`]. It is called once for all outputs.
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::{Result, Var};
    /// use gradus_tensor::Tensor;
    /// /// x² and x³.
    /// fn powers(x: &Var) -> Result<Vec<Var>> {
    ///     let (square, cube) = (x.value().square()?, x.value().powf(3.0)?);
    ///     let saved = x.clone();
    ///     Ok(Var::from_op_outputs("powers", &[x], vec![square, cube], move |grads| {
    ///         let mut dx = saved.zeros_like();
    ///         if let Some(grad) = &grads[0] {
    ///             dx = dx.add(&grad.mul(&saved)?.mul_scalar(2.0)?)?;
    ///         }
    ///         if let Some(grad) = &grads[1] {
    ///             dx = dx.add(&grad.mul(&saved.square()?)?.mul_scalar(3.0)?)?;
    ///         }
    ///         Ok(vec![Some(dx)])
    ///     }))
    /// }
    /// let x = Var::leaf(Tensor::from([2.0f64]));
    /// let y = powers(&x)?;
    /// let grads = y[0].mul(&y[1])?.backward()?; // of x⁵
    /// assert_eq!(grads.get(&x).map(|g| g.to_vec::<f64>()), Some(Ok(vec![80.0])));
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn from_op_outputs(
        name: &'static str,
        inputs: &[&Self],
        values: Vec<Tensor>,
        vjp: impl Fn(&[Option<Self>]) -> Result<Vec<Option<Self>>> + Send + Sync + 'static,
    ) -> Vec<Self> {
        values.iter().for_each(|value| anomaly::watch_forward(name, inputs, value));
        if !values.iter().any(|value| wants_node(inputs, value)) {
            return values.into_iter().map(Self::constant).collect();
        }
        let vjp = Vjp::Several(Box::new(vjp));
        let node = Arc::new(Node::new(name, inputs, values.len(), None, vjp));
        let output = |(i, value): (usize, Tensor)| {
            let is_float = value.dtype().is_float();
            let origin = if is_float { Origin::Node(node.clone(), i) } else { Origin::Constant };
            Self { value, origin }
        };
        values.into_iter().enumerate().map(output).collect()
    }

    /// An op of one input whose derivative uses the output.
    pub(crate) fn map_output(
        &self,
        name: &'static str,
        value: Tensor,
        vjp: impl Fn(&Self, &Self) -> Result<Self> + Send + Sync + 'static,
    ) -> Self {
        Self::from_op(name, &[self], value, move |grad, y| Ok(vec![Some(vjp(grad, y)?)]))
    }

    /// An op of one input whose derivative does not use the output.
    pub(crate) fn map(
        &self,
        name: &'static str,
        value: Tensor,
        vjp: impl Fn(&Self) -> Result<Self> + Send + Sync + 'static,
    ) -> Self {
        Self::from_op_of_inputs(name, &[self], value, move |grad| Ok(vec![Some(vjp(grad)?)]))
    }

    pub(crate) fn as_edge(&self) -> Edge {
        Edge { origin: self.origin.clone(), shape: self.shape().clone(), dtype: self.dtype() }
    }

    /// The value, without its history.
    pub fn value(&self) -> &Tensor {
        &self.value
    }

    /// The value, without its history, by move.
    pub fn into_value(self) -> Tensor {
        self.value
    }

    /// The value for an op that has no derivative: an error instead of a lost gradient.
    ///
    /// # Errors
    /// [`Error::NotDifferentiable`] if the variable wants a gradient and ops are recorded.
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::{Var, no_grad};
    /// use gradus_tensor::Tensor;
    /// let a = Var::leaf(Tensor::from([[2.0f64, 0.0], [0.0, 3.0]]));
    /// let message = "rank: has no derivative; call it on value() or detach()";
    /// assert_eq!(a.constant_value("rank").map_err(|e| e.to_string()).err(), Some(message.into()));
    /// assert_eq!(no_grad(|| a.constant_value("rank"))?.rank(), 2);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn constant_value(&self, op: &'static str) -> Result<&Tensor> {
        if self.requires_grad() && is_grad_enabled() {
            return Err(Error::NotDifferentiable { op });
        }
        Ok(&self.value)
    }

    /// The same value as a constant: no gradient flows through.
    #[must_use]
    pub fn detach(&self) -> Self {
        Self::constant(self.value.clone())
    }

    /// Whether this is a leaf or depends on one.
    pub fn requires_grad(&self) -> bool {
        !matches!(self.origin, Origin::Constant)
    }

    /// The extents.
    pub fn shape(&self) -> &Shape {
        self.value.shape()
    }

    /// The extents, as a slice.
    pub fn dims(&self) -> &[usize] {
        self.value.dims()
    }

    /// How many dimensions there are.
    pub fn rank(&self) -> usize {
        self.value.rank()
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.value.len()
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        self.value.dtype()
    }

    /// The extent of one dimension.
    ///
    /// # Errors
    /// If there is no such dimension.
    pub fn size(&self, dim: impl Into<Dim>) -> Result<usize> {
        Ok(self.value.size(dim)?)
    }

    /// The only element, as `f64`.
    ///
    /// # Errors
    /// If there is not exactly one element.
    pub fn item(&self) -> Result<f64> {
        Ok(self.value.item()?)
    }

    /// A constant of zeros with this variable's shape and dtype.
    #[must_use]
    pub fn zeros_like(&self) -> Self {
        Self::constant(self.value.zeros_like())
    }
}

fn wants_node(inputs: &[&Var], value: &Tensor) -> bool {
    inputs.iter().any(|x| x.requires_grad()) && is_grad_enabled() && value.dtype().is_float()
}

impl Leaf for Var {
    fn leaf_id(&self) -> Option<LeafId> {
        match self.origin {
            Origin::Leaf(id) => Some(id),
            _ => None,
        }
    }
}

impl From<Tensor> for Var {
    fn from(value: Tensor) -> Self {
        Self::constant(value)
    }
}

impl From<&Tensor> for Var {
    fn from(value: &Tensor) -> Self {
        Self::constant(value.clone())
    }
}

impl AsRef<Self> for Var {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl fmt::Debug for Var {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin: &dyn fmt::Display = match &self.origin {
            Origin::Constant => &"constant",
            Origin::Leaf(_) => &"leaf",
            Origin::Node(node, _) => &node.name,
        };
        write!(f, "Var<{origin}>({:?})", self.value)
    }
}

impl fmt::Display for Var {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value, f)
    }
}
