//! A PixelCNN that is ready to paint.

use std::sync::Arc;

use gradus_tensor::Tensor;

use super::net::{NAME, PixelCnn};
use super::prepared::Prepared;
use crate::error::Result;
use crate::inputs::check_classes;
use crate::prepared_rows::{PreparedRows, RowsOf, state_of_rows};
use crate::real::is_double;

/// A [`PixelCnn`] with its weights laid out for generation, and one class for each row of a request.
///
/// Made by [`PixelCnn::painter`]. It holds a copy of the weights: training the net afterwards does not change
/// it.
#[derive(Debug, Clone)]
pub struct PixelCnnPainter {
    net: Numbers,
    /// `None` if there are no classes, so that any number of rows will do.
    pub(super) rows: Option<usize>,
    pub(super) levels: usize,
    pub(super) pixels: usize,
}

/// In the dtype of the net.
#[derive(Debug, Clone)]
enum Numbers {
    F32(Arc<Prepared<f32>>),
    F64(Arc<Prepared<f64>>),
}

/// What was computed of the image of each row, so that no pixel is computed twice.
///
/// A row costs about as many numbers as the image has pixels, times channels, times layers.
#[derive(Debug, Clone)]
pub struct PixelCnnState(pub(super) PreparedRows<Prepared<f32>, Prepared<f64>>);

state_of_rows!(PixelCnnState);

impl PixelCnnPainter {
    pub(super) fn new(net: &PixelCnn, classes: &[u32]) -> Result<Self> {
        let ids: Tensor = classes.iter().map(|&class| i64::from(class)).collect::<Vec<_>>().into();
        let known = net.config().classes;
        check_classes(NAME, Some(&ids), classes.len(), known)?;
        let numbers = if is_double(net.output.weight.dtype()) {
            Numbers::F64(Arc::new(Prepared::new(net, classes)?))
        } else {
            Numbers::F32(Arc::new(Prepared::new(net, classes)?))
        };
        let (levels, [height, width]) = (net.config().levels, net.config().image);
        let rows = (known > 0).then_some(classes.len());
        Ok(Self { net: numbers, rows, levels, pixels: height * width })
    }

    /// Blank images.
    pub(super) fn state(&self, rows: usize) -> PixelCnnState {
        let conditions = (0..rows).map(|row| if self.rows.is_some() { row } else { 0 });
        PixelCnnState(match &self.net {
            Numbers::F32(net) => PreparedRows::F32(RowsOf::new(net, conditions)),
            Numbers::F64(net) => PreparedRows::F64(RowsOf::new(net, conditions)),
        })
    }
}
