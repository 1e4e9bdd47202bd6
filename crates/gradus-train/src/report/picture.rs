//! Pictures made of tensors.

use gradus_tensor::{DType, Tensor};

use crate::error::{Error, Result};

/// A picture with a caption, as PNG.
///
/// # Examples
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::report::{Page, Picture};
/// let steps = Tensor::new([[0.0, 0.5, 1.0]]); // black, grey, white
/// let picture = Picture::new("three steps", &steps)?;
/// assert_eq!(picture.size(), (3, 1));
/// Page::new("A run").picture(&picture, 120);
/// # Ok::<(), gradus_train::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    caption: String,
    width: u32,
    height: u32,
    channels: u8,
    png: Vec<u8>,
}

impl Picture {
    /// A grey or coloured picture. Values run from 0 (dark) to 1 (light); what is outside is cut
    /// off, and NaN is dark. A u8 tensor runs from 0 to 255.
    ///
    /// # Shapes
    /// - `image`: `[height, width]`, `[1, height, width]` grey or `[3, height, width]` red, green, blue
    ///
    /// # Errors
    /// [`Error::Config`] for other shapes and pictures without a pixel.
    pub fn new(caption: impl Into<String>, image: &Tensor) -> Result<Self> {
        let planes = if image.rank() == 2 { image.unsqueeze(0)? } else { image.clone() };
        let &[channels @ (1 | 3), height @ (1..), width @ (1..)] = planes.dims() else {
            return shape_fault("[height, width], [1, height, width] or [3, height, width]", image);
        };
        let (Ok(w), Ok(h)) = (u32::try_from(width), u32::try_from(height)) else {
            return shape_fault("sides below 2^32", image);
        };
        let light = planes.to_dtype(DType::F64)?.to_vec::<f64>()?;
        let scale = if image.dtype() == DType::U8 { 1.0 } else { 255.0 };
        let byte = |v: f64| (v * scale).round() as u8; // saturates, and NaN becomes 0
        let pixels = height * width;
        let bytes: Vec<u8> = (0..pixels * channels)
            .map(|i| byte(light[(i % channels) * pixels + i / channels]))
            .collect();
        let png = encode(w, h, channels, &bytes)?;
        Ok(Self { caption: caption.into(), width: w, height: h, channels: channels as u8, png })
    }

    /// Many pictures of one size side by side, `columns` in a row, with a line between them.
    ///
    /// # Shapes
    /// - `images`: `[n, height, width]` or `[n, channels, height, width]`, one or three channels
    ///
    /// # Errors
    /// [`Error::Config`] for other shapes, no picture or no column.
    pub fn grid(caption: impl Into<String>, images: &Tensor, columns: usize) -> Result<Self> {
        let images = if images.rank() == 3 { images.unsqueeze(1)? } else { images.clone() };
        let &[n @ (1..), channels, height, width] = images.dims() else {
            return shape_fault("[n, height, width] or [n, channels, height, width]", &images);
        };
        if columns == 0 {
            let (field, expected) = ("columns", "1 column or more");
            return Err(Error::Config { field, expected, got: "0".to_owned() });
        }
        let (columns, rows) = (columns.min(n), n.div_ceil(columns));
        let light = if images.dtype() == DType::U8 { 1.0 / 255.0 } else { 1.0 };
        let values = images.to_dtype(DType::F64)?.to_vec::<f64>()?;
        let (full_height, full_width) = (rows * (height + 1) - 1, columns * (width + 1) - 1);
        let mut all = vec![GAP; channels * full_height * full_width];
        for i in 0..n {
            let (top, left) = ((i / columns) * (height + 1), (i % columns) * (width + 1));
            for line in 0..channels * height {
                let (channel, y) = (line / height, line % height);
                let from = (i * channels * height + line) * width;
                let to = (channel * full_height + top + y) * full_width + left;
                let values = values[from..from + width].iter().map(|v| v * light);
                all[to..to + width].iter_mut().zip(values).for_each(|(a, v)| *a = v);
            }
        }
        Self::new(caption, &Tensor::from_vec(all, [channels, full_height, full_width])?)
    }

    /// The caption.
    pub fn caption(&self) -> &str {
        &self.caption
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// The PNG file.
    pub fn png(&self) -> &[u8] {
        &self.png
    }

    /// 1 for grey, 3 for coloured.
    pub(crate) fn channels(&self) -> u8 {
        self.channels
    }
}

/// How light the lines of a grid are.
const GAP: f64 = 0.5;

fn encode(width: u32, height: u32, channels: usize, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(if channels == 3 { png::ColorType::Rgb } else { png::ColorType::Grayscale });
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut png| png.write_image_data(bytes));
    written.map_err(|e| Error::Plot { reason: e.to_string() })?;
    Ok(file)
}

fn shape_fault<T>(expected: &'static str, got: &Tensor) -> Result<T> {
    Err(Error::Config { field: "picture", expected, got: format!("{:?}", got.dims()) })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn pixels(picture: &Picture) -> Vec<u8> {
        let mut reader = png::Decoder::new(Cursor::new(picture.png())).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn values_become_bytes() {
        let image = Tensor::new([[0.0, 0.5, 1.0], [-1.0, 2.0, f32::NAN]]);
        assert_eq!(pixels(&Picture::new("", &image).unwrap()), [0, 128, 255, 0, 255, 0]);
        let bytes = Tensor::from([[0u8, 7, 255]]);
        assert_eq!(pixels(&Picture::new("", &bytes).unwrap()), [0, 7, 255]);
        // Planes of red, green and blue become pixels.
        let colours = Tensor::new([[[1.0, 0.0]], [[0.0, 1.0]], [[0.0, 0.0]]]);
        let picture = Picture::new("", &colours).unwrap();
        assert_eq!((pixels(&picture), picture.size()), (vec![255, 0, 0, 0, 255, 0], (2, 1)));
    }

    #[test]
    fn a_grid_has_lines_between_its_pictures() {
        let images = Tensor::new([[[1.0]], [[1.0]], [[1.0]]]); // three of one pixel
        let picture = Picture::grid("", &images, 2).unwrap();
        assert_eq!(picture.size(), (3, 3));
        assert_eq!(pixels(&picture), [255, 128, 255, 128, 128, 128, 255, 128, 128]);
        assert_eq!(Picture::grid("", &images, 9).unwrap().size(), (5, 1));
    }

    #[test]
    fn other_shapes_are_refused() {
        let of = |dims: &[usize]| Tensor::zeros(dims, DType::F32).unwrap();
        for dims in [&[3][..], &[2, 4, 4], &[0, 4], &[4, 0], &[1, 1, 4, 4]] {
            assert!(Picture::new("", &of(dims)).is_err(), "{dims:?}");
        }
        for dims in [&[4, 4][..], &[0, 4, 4], &[2, 2, 4, 4], &[2, 1, 0, 4]] {
            assert!(Picture::grid("", &of(dims), 2).is_err(), "{dims:?}");
        }
        assert!(Picture::grid("", &of(&[2, 4, 4]), 0).is_err());
    }
}
