//! Sheets of small grey pictures.

use anyhow::{Result, ensure};
use gradus::tensor::Tensor;
use image::{GrayImage, ImageEncoder, Luma};

/// Pictures in rows on one sheet, to be looked at side by side.
#[derive(Debug, Clone)]
pub struct Sheet {
    columns: usize,
    rows: Vec<Vec<Vec<u8>>>,
    side: [usize; 2],
}

const GAP: usize = 2;
const PAPER: u8 = 225;

impl Sheet {
    /// An empty sheet for pictures of this height and width.
    pub fn new(columns: usize, side: [usize; 2]) -> Self {
        Self { columns, rows: Vec::new(), side }
    }

    /// Adds pictures `[n, H, W]` of grey levels in `0..levels`, dark on light, row after row.
    ///
    /// # Errors
    /// If the pictures are not i64 of the sheet's size.
    pub fn add(&mut self, pixels: &Tensor, levels: usize) -> Result<&mut Self> {
        let [h, w] = self.side;
        ensure!(pixels.dims().get(1..) == Some(&[h, w][..]), "pictures of {}", pixels.shape());
        let top = (levels - 1).max(1) as i64;
        let grey = |v: &i64| (255 - v.clamp(&0, &top) * 255 / top) as u8;
        let values = pixels.to_vec::<i64>()?;
        let pictures: Vec<Vec<u8>> =
            values.chunks(h * w).map(|p| p.iter().map(grey).collect()).collect();
        self.rows.extend(pictures.chunks(self.columns).map(<[_]>::to_vec));
        Ok(self)
    }

    /// The sheet as a PNG file's bytes.
    ///
    /// # Errors
    /// If the encoder fails.
    pub fn to_png(&self) -> Result<Vec<u8>> {
        let [h, w] = self.side;
        let size = |n: usize, side: usize| (n * (side + GAP) + GAP) as u32;
        let (width, height) = (size(self.columns, w), size(self.rows.len(), h));
        let mut sheet = GrayImage::from_pixel(width, height, Luma([PAPER]));
        for (r, row) in self.rows.iter().enumerate() {
            for (c, picture) in row.iter().enumerate() {
                for (i, &grey) in picture.iter().enumerate() {
                    let x = GAP + c * (w + GAP) + i % w;
                    let y = GAP + r * (h + GAP) + i / w;
                    sheet.put_pixel(x as u32, y as u32, Luma([grey]));
                }
            }
        }
        let mut bytes = Vec::new();
        let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
        encoder.write_image(&sheet, width, height, image::ExtendedColorType::L8)?;
        Ok(bytes)
    }
}
