//! Event files for TensorBoard, written without its libraries.

mod crc32c;
mod events;
mod log;
mod message;

pub use events::EventFile;
pub(crate) use log::TensorBoardLog;
