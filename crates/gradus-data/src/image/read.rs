//! PNG and JPEG files.

use std::fs;
use std::io;
use std::path::Path;

use gradus_tensor::Tensor;
use image::{ImageFormat, ImageReader, Limits};

use crate::{Error, Result};

/// The channels that a picture is read with, whatever its file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Channels {
    /// One: brightness.
    Gray,
    /// Three: red, green, blue; transparency is left out.
    #[default]
    Rgb,
    /// Four: red, green, blue, opacity.
    Rgba,
}

/// The largest width and height that is read.
const MAX_EXTENT: u32 = 1 << 15;
/// The most memory that a decoder may take.
const MAX_BYTES: u64 = 512 << 20;

/// Reads a PNG or JPEG file, told by its first bytes and not its name. Channels of 16 bits become
/// 8.
///
/// # Shapes
/// - → `[C, H, W]`, u8
///
/// # Errors
/// [`Error::Io`] if the file cannot be read, is of another format, is damaged, or declares an extent
/// beyond 32,768 or a size beyond 512 MiB.
///
/// # Examples
/// ```no_run
/// use gradus_data::{Channels, Interpolation, read_image, resize};
/// use gradus_tensor::DType;
/// let image = read_image("cat.jpg", Channels::Rgb)?; // (3, H, W)
/// let x = resize(&image, [224, 224], Interpolation::Antialiased)?;
/// let x = x.to_dtype(DType::F32)?.div_scalar(255.0)?;
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn read_image(path: impl AsRef<Path>, channels: Channels) -> Result<Tensor> {
    let path = path.as_ref();
    let bytes = fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    parse_image(&bytes, channels, path)
}

/// Reads from memory; `path` is named in errors.
///
/// # Errors
/// Those of [`read_image`].
pub fn parse_image(bytes: &[u8], channels: Channels, path: &Path) -> Result<Tensor> {
    let fault = |source| Error::Io { path: path.to_owned(), source };
    let bad = |error: image::ImageError| fault(io::Error::new(io::ErrorKind::InvalidData, error));
    let mut reader =
        ImageReader::new(io::Cursor::new(bytes)).with_guessed_format().map_err(fault)?;
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg)) {
        return Err(fault(io::Error::new(io::ErrorKind::InvalidData, "neither PNG nor JPEG")));
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_EXTENT);
    limits.max_image_height = Some(MAX_EXTENT);
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    let image = reader.decode().map_err(bad)?;
    let (width, height) = (image.width() as usize, image.height() as usize);
    let (pixels, n) = match channels {
        Channels::Gray => (image.into_luma8().into_raw(), 1),
        Channels::Rgb => (image.into_rgb8().into_raw(), 3),
        Channels::Rgba => (image.into_rgba8().into_raw(), 4),
    };
    Ok(Tensor::from_vec(pixels, [height, width, n])?.permute(&[2, 0, 1])?.contiguous())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn png(pixels: &[u8], width: u32, height: u32) -> Vec<u8> {
        let image = image::RgbImage::from_raw(width, height, pixels.to_vec()).unwrap();
        let mut bytes = io::Cursor::new(Vec::new());
        image.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn parse(bytes: &[u8], channels: Channels) -> Result<Tensor> {
        parse_image(bytes, channels, Path::new("t.png"))
    }

    #[test]
    fn channels_come_first() {
        let bytes = png(&[1, 2, 3, 4, 5, 6], 2, 1);
        let image = parse(&bytes, Channels::Rgb).unwrap();
        assert_eq!(image.dims(), &[3, 1, 2]);
        assert_eq!(image.to_vec::<u8>().unwrap(), [1, 4, 2, 5, 3, 6]);
        assert_eq!(parse(&bytes, Channels::Gray).unwrap().dims(), &[1, 1, 2]);
        let opacity = parse(&bytes, Channels::Rgba).unwrap().select(0, 3).unwrap();
        assert_eq!(opacity.to_vec::<u8>().unwrap(), [255, 255]);
    }

    #[test]
    fn jpegs_are_read_nearly_as_they_were() {
        let image = image::RgbImage::from_pixel(16, 8, image::Rgb([200, 100, 50]));
        let mut bytes = io::Cursor::new(Vec::new());
        image.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
        let x = parse(&bytes.into_inner(), Channels::Rgb).unwrap();
        assert_eq!(x.dims(), &[3, 8, 16]);
        assert!((f64::from(x.to_vec::<u8>().unwrap()[0]) - 200.0).abs() < 6.0);
    }

    #[test]
    fn broken_files_are_errors() {
        let good = png(&[7; 48], 4, 4);
        for end in 0..good.len() - 12 {
            assert!(parse(&good[..end], Channels::Rgb).is_err(), "{end}");
        }
        let message = parse(b"GIF89a...", Channels::Rgb).unwrap_err();
        assert!(message.to_string().contains("t.png"));
        // A header that declares 2³¹ by 2³¹ pixels; its checksum is not looked at first.
        let mut huge = good;
        huge[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
        assert!(parse(&huge, Channels::Rgb).is_err());
        assert!(read_image("absent.png", Channels::Rgb).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn damaged_files_never_panic(place in 0usize..80, value: u8) {
            let mut bytes = png(&[9; 12], 2, 2);
            let place = place % bytes.len();
            bytes[place] = value;
            let _unused = parse(&bytes, Channels::Rgb);
        }
    }
}
