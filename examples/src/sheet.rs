//! Sheets of small grey pictures.

use anyhow::{Result, ensure};
use gradus::tensor::Tensor;
use png::{BitDepth, ColorType, Encoder};

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
        let size = |n: usize, side: usize| n * (side + GAP) + GAP;
        let (width, height) = (size(self.columns, w), size(self.rows.len(), h));
        let mut sheet = vec![PAPER; width * height];
        for (r, row) in self.rows.iter().enumerate() {
            for (c, picture) in row.iter().enumerate() {
                let corner = (GAP + r * (h + GAP)) * width + GAP + c * (w + GAP);
                for (i, line) in picture.chunks(w).enumerate() {
                    sheet[corner + i * width..][..w].copy_from_slice(line);
                }
            }
        }
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, width.try_into()?, height.try_into()?);
        encoder.set_color(ColorType::Grayscale);
        encoder.set_depth(BitDepth::Eight);
        encoder.write_header()?.write_image_data(&sheet)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_stands_where_its_row_and_column_say() {
        let mut sheet = Sheet::new(2, [1, 2]);
        let pixels = Tensor::new([[[0, 2]], [[2, 2]], [[2, 0]]]);
        let bytes = sheet.add(&pixels, 3).unwrap().to_png().unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut grey = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut grey).unwrap();
        assert_eq!((info.width, info.height), (10, 8));
        let at = |row: usize, column: usize| &grey[row * 10 + column..][..2];
        assert_eq!(at(2, 2), [255, 0]);
        assert_eq!(at(2, 6), [0, 0]);
        assert_eq!(at(5, 2), [0, 255]);
        assert_eq!(at(5, 6), [PAPER, PAPER]);
    }

    #[test]
    fn pictures_of_another_size_are_refused() {
        let pixels = Tensor::new([[[0, 2]]]);
        assert!(Sheet::new(1, [2, 2]).add(&pixels, 3).is_err());
    }
}
