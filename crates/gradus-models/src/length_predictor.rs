//! How long an answer will be.

use gradus_autograd::{Var, no_grad};
use gradus_core::Keys;
use gradus_generate::LengthHead;
use gradus_nn::{Ctx, Layer, Linear, Module};
use gradus_tensor::Tensor;

use crate::error::{Error, Result, for_strategy, require};
use crate::read_logits::read_logits;

/// p(length | condition): a model that fills a whole canvas at once must know its length first.
///
/// The condition is any vector: that of a class ([`MaskedTransformer::class_vectors`](crate::MaskedTransformer::class_vectors)),
/// or what an encoder makes of a source text.
///
/// # Shapes
/// - condition: `[B, C]` → logits `[B, longest]`, of which number n − 1 is that of length n
///
/// # Reference
/// Ghazvininejad et al. 2019, "Mask-Predict", section 3.3.
///
/// # Examples
/// ```
/// use gradus_autograd::Var;
/// use gradus_core::{DType, Keys};
/// use gradus_models::LengthPredictor;
/// use gradus_nn::Ctx;
/// use gradus_tensor::Tensor;
///
/// let lengths = LengthPredictor::new(8, 28, &mut Keys::new(7))?;
/// let condition = Var::constant(Tensor::zeros([2, 8], DType::F32)?);
/// let loss = lengths.loss(&condition, &Tensor::from(vec![20i64, 28]), &mut Ctx::eval())?;
/// let likeliest = lengths.forward(&condition, &mut Ctx::eval())?.argmax(-1)?.add_scalar(1.0)?;
/// assert_eq!(likeliest.dims(), &[2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct LengthPredictor {
    /// From the condition to a logit for each length.
    pub map: Linear,
}

impl LengthPredictor {
    /// For conditions of so many numbers and lengths up to `longest`.
    ///
    /// # Errors
    /// [`Error::Config`] if one of them is zero.
    pub fn new(channels: usize, longest: usize, keys: &mut Keys) -> Result<Self> {
        require(channels > 0, "LengthPredictor", "channels", "above zero", channels)?;
        require(longest > 0, "LengthPredictor", "longest", "above zero", longest)?;
        Ok(Self { map: Linear::new(channels, longest, keys)? })
    }

    /// The greatest length.
    pub fn longest(&self) -> usize {
        self.map.out_features()
    }

    /// Logits of the lengths 1, 2, ….
    ///
    /// # Errors
    /// [`Error::InputShape`] if the condition is not `[B, C]`.
    pub fn forward(&self, condition: &Var, ctx: &mut Ctx) -> Result<Var> {
        if !matches!(condition.dims(), &[_, channels] if channels == self.map.in_features()) {
            let (name, expected) = ("condition", "[B, C] with the predictor's C");
            let got = condition.shape().clone();
            return Err(Error::InputShape { model: "LengthPredictor", name, expected, got });
        }
        Ok(ctx.at("map", |ctx| self.map.forward(condition, ctx))?)
    }

    /// −ln p(length | condition) in nats, the mean over rows.
    ///
    /// # Shapes
    /// - `condition`: `[B, C]`, `lengths`: `i64` `[B]` → `[]`
    ///
    /// # Errors
    /// [`Error::Length`] for a length of zero or above the greatest; [`Error::InputShape`].
    pub fn loss(&self, condition: &Var, lengths: &Tensor, ctx: &mut Ctx) -> Result<Var> {
        let longest = self.longest();
        let all = lengths.to_vec::<i64>()?;
        if let Some(&got) = all.iter().find(|length| !(1..=longest as i64).contains(length)) {
            return Err(Error::Length { model: "LengthPredictor", got, longest });
        }
        let logits = self.forward(condition, ctx)?;
        if all.is_empty() || lengths.dims() != &logits.dims()[..1] {
            let (name, expected) = ("lengths", "[B], one for each condition, not empty");
            let got = lengths.shape().clone();
            return Err(Error::InputShape { model: "LengthPredictor", name, expected, got });
        }
        Ok(logits.cross_entropy(&lengths.sub_scalar(1.0)?)?.mean(..)?)
    }

    /// The head of rows with these conditions, for [`ByLength`](gradus_generate::ByLength).
    ///
    /// # Errors
    /// As [`LengthPredictor::forward`].
    ///
    /// # Examples
    /// ```
    /// use gradus_core::Keys;
    /// use gradus_generate::{ByLength, Parallel, Request, Strategy, WithLength};
    /// use gradus_models::{LengthPredictor, MaskedTransformer, TransformerConfig};
    /// use gradus_tensor::{DType, Tensor};
    ///
    /// let config = TransformerConfig { n_layers: 1, width: 16, ..TransformerConfig::new(5, 8) };
    /// let model = MaskedTransformer::new(&config, &mut Keys::new(7))?;
    /// let predictor = LengthPredictor::new(16, 8, &mut Keys::new(8))?;
    /// let length = predictor.of_rows(&Tensor::zeros([1, 16], DType::F32)?.into())?;
    /// let any_length = ByLength::new(Parallel::default());
    /// let out = any_length.run(&WithLength { length, model }, Request::blank(8))?.collect_all()?;
    /// assert!((1..=8).contains(&out.row(0).len()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_rows(&self, conditions: &Var) -> Result<RowLengths> {
        let logits = no_grad(|| self.forward(conditions, &mut Ctx::eval()))?;
        let each = read_logits(logits.value())?;
        let row = |row: &[f64]| [&[f64::NEG_INFINITY], row].concat();
        Ok(RowLengths { logits: each.chunks(self.longest()).map(row).collect() })
    }
}

/// What a [`LengthPredictor`] says of the rows of a request.
#[derive(Debug, Clone)]
pub struct RowLengths {
    /// Entry n of a row is that of length n.
    logits: Vec<Vec<f64>>,
}

impl LengthHead for RowLengths {
    fn lengths(&self, prompts: &[Vec<u32>]) -> gradus_generate::Result<Vec<Vec<f64>>> {
        let (expected, got) = (self.logits.len(), prompts.len());
        if expected == got {
            return Ok(self.logits.clone());
        }
        let (model, name) = ("LengthPredictor", "prompts");
        Err(for_strategy(Error::Rows { model, name, expected, got }))
    }
}
