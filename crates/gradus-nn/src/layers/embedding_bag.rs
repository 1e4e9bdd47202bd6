//! Vectors of bags of ids.

use gradus_autograd::{Param, Var};
use gradus_core::{DType, Keys};
use gradus_tensor::Tensor;

use crate::error::require;
use crate::{Ctx, Embedding, EmbeddingConfig, Error, Layer, Module, Result};

/// What becomes of the vectors of a bag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum BagMode {
    /// Their mean, PyTorch's default.
    #[default]
    Mean,
    /// Their sum.
    Sum,
    /// The largest number of each channel.
    Max,
}

/// A table of learned vectors, of which those of a bag of ids are added, averaged or compared.
///
/// The vectors are added one after the other, in the order of the bag, so a bag has the same bits alone and
/// among others. A bag without ids gives zeros. Ids equal to `padding_idx` are left out.
///
/// # Shapes
/// - `ids`: `[B, L]` of `i64`, one bag per row → `[B, C]`
/// - `ids`: `[N]` and the places where bags start, `B` of them → `[B, C]`
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_nn::{BagMode, Ctx, EmbeddingBag, Tensor};
///
/// let bags = EmbeddingBag::new(100, 8, BagMode::Mean, &mut Keys::new(7))?;
/// let ids = Tensor::new([1, 2, 3, 4, 5]); // one bag of two, an empty one, and one of three
/// assert_eq!(bags.forward_bags(&ids, &[0, 2, 2], None, &mut Ctx::eval())?.dims(), &[3, 8]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct EmbeddingBag {
    /// One row per id: `[V, C]`.
    pub weight: Param,
    /// What becomes of the vectors of a bag.
    #[module(skip)]
    pub mode: BagMode,
    /// An id that is left out.
    #[module(skip)]
    pub padding_idx: Option<usize>,
}

const NAME: &str = "EmbeddingBag";

impl EmbeddingBag {
    /// A table of `vocab` vectors of size `channels`, drawn from N(0, 1).
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if an extent is zero.
    pub fn new(vocab: usize, channels: usize, mode: BagMode, keys: &mut Keys) -> Result<Self> {
        Self::with_config(&EmbeddingConfig::new(vocab, channels), mode, keys)
    }

    /// A table that is made as [`EmbeddingConfig`] says.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] as [`EmbeddingConfig::init`].
    pub fn with_config(config: &EmbeddingConfig, mode: BagMode, keys: &mut Keys) -> Result<Self> {
        let Embedding { weight, padding_idx } = config.init(keys)?;
        Ok(Self { weight, mode, padding_idx })
    }

    /// Bags of any lengths: the ids of all, and where each begins.
    ///
    /// `weights` multiplies each id's vector and is for sums only: `[N]`, of the table's dtype.
    ///
    /// # Errors
    /// If `ids` is not `[N]` of `i64` below V, `starts` do not rise from 0 to at most N, or `weights` has
    /// another shape or meets another mode than [`BagMode::Sum`].
    pub fn forward_bags(
        &self,
        ids: &Tensor,
        starts: &[usize],
        weights: Option<&Var>,
        _ctx: &mut Ctx,
    ) -> Result<Var> {
        let n = ids.len();
        let shape_fault =
            |expected: String, got| Err(Error::InputShape { layer: NAME, expected, got });
        if ids.rank() != 1 {
            return shape_fault("[N] with starts".to_owned(), ids.shape().clone());
        }
        let rises = starts.is_sorted() && starts.last().is_none_or(|&last| last <= n);
        let valid = rises && starts.first().map_or(n == 0, |&first| first == 0);
        require(valid, NAME, "starts", "rising from 0 to at most the number of ids", starts)?;
        if let Some(weights) = weights {
            require(self.mode == BagMode::Sum, NAME, "mode", "Sum for weights", self.mode)?;
            if weights.dims() != [n] {
                return shape_fault(format!("weights of shape [{n}]"), weights.shape().clone());
            }
        }
        let bag = |i: usize| starts.partition_point(|&start| start <= i) - 1;
        self.bags(ids, &(0..n).map(bag).collect::<Vec<_>>(), starts.len(), weights)
    }

    /// Each id belongs to the bag of its place.
    fn bags(&self, ids: &Tensor, of: &[usize], bags: usize, weights: Option<&Var>) -> Result<Var> {
        let numbers = ids.to_vec::<i64>()?;
        let counts = |&i: &usize| self.padding_idx.is_none_or(|id| numbers[i] != id as i64);
        let places: Vec<usize> = (0..of.len()).filter(counts).collect();
        let index = |values: Vec<usize>| {
            let len = values.len();
            Tensor::from_vec(values.into_iter().map(|v| v as i64).collect::<Vec<i64>>(), [len])
        };
        let kept = index(places.clone())?;
        let mut vectors = self.weight.var().embedding(&ids.index_select(0, &kept)?)?; // (N, C)
        if let Some(weights) = weights {
            vectors = vectors.mul(&weights.index_select(0, &kept)?.unsqueeze(1)?)?;
        }
        let of: Vec<usize> = places.iter().map(|&place| of[place]).collect();
        if self.mode == BagMode::Max {
            return largest(&vectors, &of, bags);
        }
        let channels = self.weight.shape()[1];
        let zeros = Var::from(Tensor::zeros([bags, channels], vectors.dtype())?);
        let rows = index(of.clone())?.unsqueeze(1)?.expand(vectors.shape())?;
        let sums = zeros.scatter_add(0, &rows, &vectors)?;
        if self.mode == BagMode::Sum {
            return Ok(sums);
        }
        let mut sizes = vec![0.0f64; bags];
        of.iter().for_each(|&bag| sizes[bag] += 1.0);
        sizes.iter_mut().for_each(|size| *size = size.max(1.0));
        let sizes = Tensor::from_vec(sizes, [bags, 1])?.to_dtype(sums.dtype())?;
        Ok(sums.div(&sizes.into())?)
    }
}

/// The largest number of each channel and bag; gradients are shared by those that are equal.
fn largest(vectors: &Var, of: &[usize], bags: usize) -> Result<Var> {
    let mut members = vec![Vec::new(); bags];
    of.iter().enumerate().for_each(|(i, &bag)| members[bag].push(i as i64));
    let longest = members.iter().map(Vec::len).max().unwrap_or(0);
    let channels = vectors.dims()[1];
    if longest == 0 {
        return Ok(Var::from(Tensor::zeros([bags, channels], vectors.dtype())?));
    }
    let at = |bag: &Vec<i64>, i: usize| bag.get(i).copied();
    let places = members.iter().flat_map(|bag| (0..longest).map(move |i| at(bag, i)));
    let places: Vec<Option<i64>> = places.collect();
    let absent =
        Tensor::from_vec(places.iter().map(Option::is_none).collect(), [bags, longest, 1])?;
    let ids = places.iter().map(|place| place.unwrap_or(0)).collect::<Vec<i64>>();
    let padded = vectors.embedding(&Tensor::from_vec(ids, [bags, longest])?)?; // (B, L, C)
    let largest = padded.masked_fill(&absent, f64::NEG_INFINITY)?.max(1)?;
    let empty = members.iter().map(Vec::is_empty).collect();
    Ok(largest.masked_fill(&Tensor::from_vec(empty, [bags, 1])?, 0.0)?)
}

/// The value of `x` are the ids, `[B, L]`: one bag per row.
impl Layer for EmbeddingBag {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        let &[rows, len] = x.dims() else {
            let expected = "[B, L]".to_owned();
            return Err(Error::InputShape { layer: NAME, expected, got: x.shape().clone() });
        };
        if x.dtype() != DType::I64 {
            let (op, got) = (NAME, x.dtype());
            return Err(gradus_core::Error::UnsupportedDType { op, expected: "i64", got }.into());
        }
        let of: Vec<usize> = (0..rows * len).map(|i| i / len).collect();
        self.bags(&x.value().reshape([rows * len])?, &of, rows, None)
    }
}
