//! The perceptron, with the rule it came with.

use gradus_autograd::{Param, Var, no_grad};
use gradus_core::DType;
use gradus_nn::{Ctx, Layer, Linear, Module};
use gradus_tensor::Tensor;

use crate::error::{Error, Result, require};

/// A class from linear scores, learned from mistakes alone: no gradient, no rate.
///
/// A row that is given a wrong class is added to the weights of its own and taken from those of the class
/// that it was given; a right one changes nothing. If the classes can be told apart by linear scores, the rule
/// makes a finite number of mistakes, at most (R/γ)² for rows of length up to R and a margin γ.
///
/// # Shapes
/// - `x`: `[..., features]` → scores `[..., classes]`
///
/// # Reference
/// Rosenblatt 1958, "The Perceptron"; Novikoff 1962 for the bound; Duda & Hart 1973, section 5.12, for
/// more than two classes.
///
/// # Examples
/// ```
/// use gradus_models::Perceptron;
/// use gradus_tensor::Tensor;
///
/// let x = Tensor::new([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
/// let both = Tensor::new([0, 0, 0, 1]); // the logical and
/// let mut perceptron = Perceptron::new(2, 2)?;
/// assert_eq!(perceptron.fit(&x, &both, 100)?.last(), Some(&0)); // no mistake in the last pass
/// assert!(perceptron.predict(&x)?.equal(&both));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct Perceptron {
    /// W: `[classes, features]`, and b: `[classes]`.
    pub linear: Linear,
}

const NAME: &str = "Perceptron";

impl Perceptron {
    /// A perceptron of zeros.
    ///
    /// # Errors
    /// [`Error::Config`] if there is no feature or fewer than two classes.
    pub fn new(features: usize, classes: usize) -> Result<Self> {
        require(features > 0, NAME, "features", "above zero", features)?;
        require(classes >= 2, NAME, "classes", "at least two", classes)?;
        let weight = Param::new(Tensor::zeros([classes, features], DType::F32)?);
        let bias = Some(Param::new(Tensor::zeros([classes], DType::F32)?));
        Ok(Self { linear: Linear { weight, bias, lora: None } })
    }

    /// The class with the highest score; the first of them if several have it.
    ///
    /// # Shapes
    /// - `x`: `[..., features]` → `[...]` of `i64`
    ///
    /// # Errors
    /// If the last dimension of `x` is not the number of features.
    pub fn predict(&self, x: &Tensor) -> Result<Tensor> {
        let scores = no_grad(|| self.forward(&Var::from(x), &mut Ctx::eval()))?;
        Ok(scores.value().argmax(-1)?)
    }

    /// One pass over the rows in their order; how many mistakes were made and learned from.
    ///
    /// # Shapes
    /// - `x`: `[N, features]` of `f32`, `classes`: `[N]` of `i64`
    ///
    /// # Errors
    /// If the shapes or dtypes do not fit or a class is out of range; nothing is learned then.
    pub fn learn(&mut self, x: &Tensor, classes: &Tensor) -> Result<usize> {
        let (n_classes, features) = (self.linear.out_features(), self.linear.in_features());
        let fits = matches!(*x.dims(), [n, width] if width == features && *classes.dims() == [n]);
        if !fits {
            let (name, expected) = ("rows and classes", "[N, features] and [N]");
            return Err(Error::InputShape { model: NAME, name, expected, got: x.shape().clone() });
        }
        let (rows, classes) = (x.to_vec::<f32>()?, classes.to_vec::<i64>()?);
        let outside = |&&class: &&i64| usize::try_from(class).map_or(true, |c| c >= n_classes);
        if let Some(&class) = classes.iter().find(outside) {
            return Err(Error::Class { model: NAME, class, classes: n_classes });
        }
        let mut weight = self.linear.weight.value().to_vec::<f32>()?;
        let mut bias = match &self.linear.bias {
            Some(bias) => bias.value().to_vec::<f32>()?,
            None => vec![0.0; n_classes],
        };
        let mut mistakes = 0;
        for (row, &class) in rows.chunks(features).zip(&classes) {
            let (own, given) = (class as usize, highest(&weight, &bias, row));
            if own == given {
                continue;
            }
            mistakes += 1;
            for (class, sign) in [(own, 1.0), (given, -1.0)] {
                bias[class] += sign;
                let weight = &mut weight[class * features..(class + 1) * features];
                weight.iter_mut().zip(row).for_each(|(w, x)| *w += sign * x);
            }
        }
        self.linear.weight.set_value(Tensor::from_vec(weight, [n_classes, features])?)?;
        if let Some(param) = &mut self.linear.bias {
            param.set_value(Tensor::from_vec(bias, [n_classes])?)?;
        }
        Ok(mistakes)
    }

    /// Passes over the rows until one is without a mistake, but at most so many; the mistakes of each.
    ///
    /// # Errors
    /// As [`Perceptron::learn`].
    pub fn fit(&mut self, x: &Tensor, classes: &Tensor, max_passes: usize) -> Result<Vec<usize>> {
        let mut mistakes = Vec::new();
        while mistakes.len() < max_passes && mistakes.last() != Some(&0) {
            mistakes.push(self.learn(x, classes)?);
        }
        Ok(mistakes)
    }
}

/// The first class with the highest score.
fn highest(weight: &[f32], bias: &[f32], row: &[f32]) -> usize {
    let score = |class: usize| {
        let weight = &weight[class * row.len()..(class + 1) * row.len()];
        bias[class] + weight.iter().zip(row).map(|(w, x)| w * x).sum::<f32>()
    };
    let mut best = (0, score(0));
    for class in 1..bias.len() {
        let score = score(class);
        if score > best.1 {
            best = (class, score);
        }
    }
    best.0
}

impl Layer for Perceptron {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> gradus_nn::Result<Var> {
        ctx.at("linear", |ctx| self.linear.forward(x, ctx))
    }
}
