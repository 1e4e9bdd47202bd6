//! PixelCNN: an image pixel by pixel, from the rows above and the pixels to the left.

mod config;
mod feed;
mod layer;
mod net;
mod painter;
mod prepared;
mod row;

pub use config::PixelCnnConfig;
pub use net::PixelCnn;
pub use painter::{PixelCnnPainter, PixelCnnState};
