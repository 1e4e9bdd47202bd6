//! A number that changes with any bit of a checkpoint.

use std::collections::BTreeMap;

use gradus_tensor::{DType, Element, Tensor};

use crate::error::Result;

/// A running checksum of 64-bit words.
///
/// h ← (h ⊕ word) · p; h ← h ⊕ (h ≫ 32), from FNV-1a's start and prime. Both maps are one-to-one,
/// so a change within one word always changes the sum; any other goes unnoticed once in 2⁶⁴. It
/// tells damage from health; it does not keep out an attacker.
#[derive(Debug, Clone, Copy)]
struct Checksum(u64);

const START: u64 = 0xcbf2_9ce4_8422_2325;

impl Checksum {
    fn text_form(self) -> String {
        format!("{:016x}", self.0)
    }

    fn word(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0x0000_0100_0000_01b3);
        self.0 ^= self.0 >> 32;
    }

    fn text(&mut self, text: &str) {
        self.word(text.len() as u64);
        text.bytes().for_each(|byte| self.word(byte.into()));
    }

    fn tensor(&mut self, tensor: &Tensor) -> Result<()> {
        self.text(tensor.dtype().name());
        self.word(tensor.rank() as u64);
        tensor.dims().iter().for_each(|&n| self.word(n as u64));
        match tensor.dtype() {
            DType::F32 => self.elements(tensor, |v: f32| v.to_bits().into()),
            DType::F64 => self.elements(tensor, f64::to_bits),
            DType::BF16 => self.elements(tensor, |v: gradus_core::bf16| v.to_bits().into()),
            DType::I64 => self.elements(tensor, |v: i64| v as u64),
            DType::U8 => self.elements(tensor, |v: u8| v.into()),
            DType::Bool => self.elements(tensor, |v: bool| v.into()),
        }
    }

    fn elements<T: Element>(&mut self, tensor: &Tensor, word: impl Fn(T) -> u64) -> Result<()> {
        tensor.to_vec::<T>()?.into_iter().for_each(|v| self.word(word(v)));
        Ok(())
    }
}

/// The checksum of named tensors and texts, in hexadecimal.
pub(crate) fn checksum(
    tensors: &BTreeMap<String, Tensor>,
    texts: &BTreeMap<String, String>,
) -> Result<String> {
    let mut sum = Checksum(START);
    for (name, tensor) in tensors {
        sum.text(name);
        sum.tensor(tensor)?;
    }
    for (name, text) in texts {
        sum.text(name);
        sum.text(text);
    }
    Ok(sum.text_form())
}

/// A hash of tensors, in hexadecimal: of their values, shapes and dtypes. It tells in a report
/// which data a run has seen; see [`Fit::note`](crate::Fit::note).
///
/// # Errors
/// Never; tensors can be read.
///
/// # Examples
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::hash_tensors;
/// let (x, y) = (Tensor::new([0.5, 1.0]), Tensor::new([0, 1]));
/// assert_eq!(hash_tensors([&x, &y])?.len(), 16);
/// assert_ne!(hash_tensors([&x, &y])?, hash_tensors([&y, &x])?);
/// # Ok::<(), gradus_train::Error>(())
/// ```
pub fn hash_tensors<'a>(tensors: impl IntoIterator<Item = &'a Tensor>) -> Result<String> {
    let mut sum = Checksum(START);
    tensors.into_iter().try_for_each(|tensor| sum.tensor(tensor))?;
    Ok(sum.text_form())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(name: &str, tensor: Tensor, text: &str) -> String {
        let tensors = BTreeMap::from([(name.to_owned(), tensor)]);
        let texts = BTreeMap::from([("text".to_owned(), text.to_owned())]);
        checksum(&tensors, &texts).unwrap()
    }

    #[test]
    fn names_shapes_dtypes_values_and_texts_all_count() {
        let sums = [
            sum("a", Tensor::new([1.0, 0.0]), "t"),
            sum("b", Tensor::new([1.0, 0.0]), "t"),
            sum("a", Tensor::new([[1.0, 0.0]]), "t"),
            sum("a", Tensor::from([1.0f64, 0.0]), "t"),
            sum("a", Tensor::new([1.0, -0.0]), "t"),
            sum("a", Tensor::new([1.0, 0.0]), "u"),
        ];
        for (i, a) in sums.iter().enumerate() {
            assert!(sums[i + 1..].iter().all(|b| a != b), "{sums:?}");
        }
    }

    #[test]
    fn value_stability_of_the_checksum() {
        assert_eq!(sum("a", Tensor::new([1.0, 0.0]), "t"), STABLE);
    }

    /// Files that were written once must be readable for ever.
    const STABLE: &str = "bca9abe31a05cea2";
}
