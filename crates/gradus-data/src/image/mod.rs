//! Pictures: files, folders, sizes, and changes by key.
//!
//! A picture is a tensor `[C, H, W]`, several are `[B, C, H, W]`; u8 in 0..=255 as read, or float.

mod affine;
mod augment;
mod crop;
mod folder;
mod mixup;
mod normalize;
mod planes;
mod read;
mod resize;

pub use affine::{Affine, Fill, affine};
pub use augment::{Augment, RandomAffine, RandomCrop, RandomFlip, augment_rows};
pub use crop::{center_crop, crop};
pub use folder::ImageFolder;
pub use mixup::mixup;
pub use normalize::normalize_channels;
pub use read::{Channels, parse_image, read_image};
pub use resize::{Interpolation, resize};
