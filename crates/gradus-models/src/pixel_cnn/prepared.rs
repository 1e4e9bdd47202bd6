//! The weights of a PixelCNN, laid out for one pixel after the other.

use gradus_nn::{Conv2d, Param};

use super::layer::PixelCnnLayer;
use super::net::PixelCnn;
use crate::error::Result;
use crate::panels::{Affine, Panels};
use crate::real::{Real, elements};

/// What [`PixelCnn`] knows, as numbers in the order in which they are read.
#[derive(Debug, Clone)]
pub(super) struct Prepared<T> {
    pub(super) levels: usize,
    /// C.
    pub(super) channels: usize,
    pub(super) image: [usize; 2],
    /// k: how far a layer looks.
    pub(super) reach: usize,
    /// `[V, C]`.
    pub(super) embedding: Vec<T>,
    pub(super) layers: Vec<Layer<T>>,
    pub(super) hidden: Affine<T>,
    pub(super) output: Affine<T>,
}

/// One layer.
#[derive(Debug, Clone)]
pub(super) struct Layer<T> {
    /// From the top row down, each from left to right.
    pub(super) vertical: Vec<Vec<Panels<T>>>,
    pub(super) vertical_bias: Vec<T>,
    pub(super) link: Affine<T>,
    /// From left to right.
    pub(super) horizontal: Vec<Panels<T>>,
    pub(super) horizontal_bias: Vec<T>,
    pub(super) out: Affine<T>,
    /// `[rows, 4C]`; one row of zeros without classes.
    pub(super) class: Vec<T>,
}

impl<T: Real> Prepared<T> {
    pub(super) fn new(net: &PixelCnn, classes: &[u32]) -> Result<Self> {
        let layers = net.layers.iter().map(|layer| Layer::new(layer, classes));
        Ok(Self {
            levels: net.config.levels,
            channels: net.config.channels,
            image: net.config.image,
            reach: net.config.kernel / 2,
            embedding: elements(net.embedding.weight.value())?,
            layers: layers.collect::<Result<_>>()?,
            hidden: pointwise(&net.hidden)?,
            output: pointwise(&net.output)?,
        })
    }

    pub(super) fn pixels(&self) -> usize {
        self.image[0] * self.image[1]
    }
}

impl<T: Real> Layer<T> {
    fn new(layer: &PixelCnnLayer, classes: &[u32]) -> Result<Self> {
        let wide = layer.vertical.weight.shape()[0];
        let class = match &layer.class {
            Some(table) => {
                let table = elements::<T>(table.weight.value())?;
                let row = |&class: &u32| &table[class as usize * 2 * wide..][..2 * wide];
                classes.iter().flat_map(row).copied().collect()
            }
            None => vec![T::ZERO; 2 * wide],
        };
        Ok(Self {
            vertical: taps(&layer.vertical)?,
            vertical_bias: bias(&layer.vertical)?,
            link: pointwise(&layer.link)?,
            horizontal: taps(&layer.horizontal)?.remove(0),
            horizontal_bias: bias(&layer.horizontal)?,
            out: pointwise(&layer.out)?,
            class,
        })
    }
}

/// A matrix for each place of a kernel.
fn taps<T: Real>(conv: &Conv2d) -> Result<Vec<Vec<Panels<T>>>> {
    let weight = conv.weight.value(); // (O, I, KH, KW)
    let tap = |y, x| Panels::new(&weight.select(3, x)?.select(2, y)?);
    let row = |y| (0..weight.size(3)?).map(|x| tap(y, x)).collect();
    (0..weight.size(2)?).map(row).collect()
}

fn bias<T: Real>(conv: &Conv2d) -> Result<Vec<T>> {
    let bias = conv.bias.as_ref().expect("this convolution was made with one");
    elements(bias.value())
}

/// A convolution with one tap as a linear map.
fn pointwise<T: Real>(conv: &Conv2d) -> Result<Affine<T>> {
    let weight = conv.weight.value().select(3, 0)?.select(2, 0)?;
    Affine::new(&weight, conv.bias.as_ref().map(Param::value))
}
