//! PixelCNN, and how it is trained.

use gradus_autograd::Var;
use gradus_nn::{Conv2d, Ctx, Embedding, Layer, Module};
use gradus_tensor::Tensor;

use super::config::PixelCnnConfig;
use super::layer::{PixelCnnLayer, Stacks};
use super::painter::PixelCnnPainter;
use crate::error::{Error, Result};
use crate::inputs::{check_classes, check_token};

pub(crate) const NAME: &str = "PixelCnn";

/// An image, pixel by pixel in raster order: gated convolutions that see what was painted and nothing else.
///
/// A vertical stack sees the rows above, a horizontal one the pixels to the left, so that no part of what was
/// painted is out of sight. Pixels are grey levels, and each level has a vector.
///
/// It implements [`gradus_generate::Causal`] on the pixels row after row: what was computed of earlier pixels is
/// kept, and a row of the vertical stack is computed once. [`PixelCnn::painter`] lays the weights out once. The
/// painter's sums have an order of their own: fed in any split, beside any rows, after any rewind, its logits have
/// the same bits; they equal those of [`PixelCnn::forward`] within rounding (1e-5 in `f32`, 1e-12 in `f64`).
///
/// # Reference
/// van den Oord et al. 2016, "Conditional Image Generation with PixelCNN Decoders", section 2 and figure 2;
/// a pixel enters by a table in place of its brightness, and a class by a bias of each layer.
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_generate::{Ar, Request, Strategy};
/// use gradus_models::PixelCnnConfig;
/// use gradus_nn::Ctx;
/// use gradus_tensor::Tensor;
///
/// let size = PixelCnnConfig { channels: 8, n_layers: 2, ..PixelCnnConfig::new(4, [2, 3]) };
/// let net = size.init(&mut Keys::new(7))?;
/// let image = Tensor::new([[[0, 1, 3], [2, 2, 0]]]);
/// assert!(net.loss(&image, None, &mut Ctx::eval())?.item()? > 0.0);
/// let drawn = Ar::default().run(&net, Request::blank(6).seed(7))?.collect_all()?;
/// assert_eq!(drawn.row(0).len(), 6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct PixelCnn {
    /// A vector for each level: `[V, C]`.
    pub(crate) embedding: Embedding,
    pub(crate) layers: Vec<PixelCnnLayer>,
    /// `[C, C, 1, 1]`.
    pub(crate) hidden: Conv2d,
    /// `[V, C, 1, 1]`.
    pub(crate) output: Conv2d,
    #[module(skip)]
    pub(crate) config: PixelCnnConfig,
}

impl PixelCnn {
    /// The size of the model.
    pub fn config(&self) -> &PixelCnnConfig {
        &self.config
    }

    /// Logits of each pixel, given those above and to the left.
    ///
    /// # Shapes
    /// - `images`: `i64` `[B, H, W]`, `classes`: `i64` `[B]` → `[B, H, W, V]`
    ///
    /// # Errors
    /// [`Error::InputShape`] for images of another size, [`Error::Token`] for a level that is not there,
    /// [`Error::Classes`] or [`Error::Class`] for classes that the net does not know.
    pub fn forward(&self, images: &Tensor, classes: Option<&Tensor>, ctx: &mut Ctx) -> Result<Var> {
        let rows = self.check_images(images)?;
        check_classes(NAME, classes, rows, self.config.classes)?;
        let dtype = self.output.weight.dtype();
        let [height, width] = self.config.image;
        if rows == 0 {
            let none = Tensor::zeros([0, height, width, self.config.levels], dtype)?;
            return Ok(Var::constant(none));
        }
        let x = ctx.at("embedding", |ctx| self.embedding.forward_ids(images, ctx))?; // (B, H, W, C)
        let x = x.to_dtype(dtype)?.permute(&[0, 3, 1, 2])?;
        let mut stacks = Stacks { vertical: x.clone(), horizontal: x };
        for (i, layer) in self.layers.iter().enumerate() {
            stacks =
                ctx.at(format_args!("layers.{i}"), |ctx| layer.forward(&stacks, classes, ctx))?;
        }
        let x = stacks.horizontal.relu()?;
        let x = ctx.at("hidden", |ctx| self.hidden.forward(&x, ctx))?.relu()?;
        let logits = ctx.at("output", |ctx| self.output.forward(&x, ctx))?; // (B, V, H, W)
        Ok(logits.permute(&[0, 2, 3, 1])?)
    }

    /// Mean of −ln p(pixel) over all pixels, in nats per pixel.
    ///
    /// # Shapes
    /// - `images`: `i64` `[B, H, W]`, `classes`: `i64` `[B]` → `[]`
    ///
    /// # Errors
    /// [`Error::InputShape`] if there is no image, and as [`PixelCnn::forward`].
    pub fn loss(&self, images: &Tensor, classes: Option<&Tensor>, ctx: &mut Ctx) -> Result<Var> {
        let logits = self.forward(images, classes, ctx)?.flatten(0, 2)?; // (B·H·W, V)
        if images.is_empty() {
            return Err(wrong_shape(images, "[B, H, W] with at least one image"));
        }
        Ok(logits.cross_entropy(&images.flatten(0, 2)?)?.mean(..)?)
    }

    /// The net laid out for generation, with one class for each row of a request; none if it knows none.
    ///
    /// # Errors
    /// [`Error::Class`] if a class is out of range, [`Error::Classes`] if they are missing or not known.
    ///
    /// # Examples
    /// ```
    /// use gradus_core::Keys;
    /// use gradus_generate::{Ar, Request, Strategy};
    /// use gradus_models::PixelCnnConfig;
    ///
    /// let size = PixelCnnConfig { channels: 8, n_layers: 2, ..PixelCnnConfig::new(4, [2, 3]) };
    /// let net = PixelCnnConfig { classes: 3, ..size }.init(&mut Keys::new(7))?;
    /// let painter = net.painter([2, 0])?;
    /// let two = Ar::default().run(&painter, Request::blank(6).rows(2).seed(7))?.collect_all()?;
    /// assert_eq!(two.row(1).len(), 6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn painter(&self, classes: impl Into<Vec<u32>>) -> Result<PixelCnnPainter> {
        PixelCnnPainter::new(self, &classes.into())
    }

    /// How many images there are.
    fn check_images(&self, images: &Tensor) -> Result<usize> {
        let [height, width] = self.config.image;
        match *images.dims() {
            [rows, h, w] if [h, w] == [height, width] => {
                let levels = self.config.levels;
                let mut ids = images.to_vec::<i64>()?.into_iter();
                ids.try_for_each(|level| check_token(NAME, level, levels))?;
                Ok(rows)
            }
            _ => Err(wrong_shape(images, "[B, H, W] of the configured size")),
        }
    }
}

fn wrong_shape(images: &Tensor, expected: &'static str) -> Error {
    Error::InputShape { model: NAME, name: "images", expected, got: images.shape().clone() }
}
