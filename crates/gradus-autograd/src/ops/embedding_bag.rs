//! `embedding_bag`.

use gradus_core::Error::{IndexOutOfRange, InvalidArgument, UnexpectedShape};
use gradus_tensor::{Taps, Tensor};

use crate::{Result, Var};

/// What becomes of the rows of a bag.
#[derive(Debug, Clone, Copy)]
pub enum Bag<'a> {
    /// Their sum; 0 for an empty bag.
    Sum,
    /// Their sum, each times its weight `[N]`; 0 for an empty bag.
    WeightedSum(&'a Var),
    /// Their mean; 0 for an empty bag.
    Mean,
    /// The largest of each column, whose gradient goes to the first row that has it; 0 for an empty
    /// bag.
    Max,
}

impl Var {
    /// Rows of a table by id, reduced over bags: bag `i` has the ids from `offsets[i]` up to
    /// `offsets[i + 1]`, the last bag those up to the end.
    ///
    /// The rows are never in memory one by one, except for a weighted sum.
    ///
    /// # Shapes
    /// table `[V, C]`, ids (i64) `[N]`, offsets (i64) `[B]` → `[B, C]`
    ///
    /// # Errors
    /// If the table is not 2-D, ids, offsets or weights are not 1-D or not as many, an id is out of
    /// range, or the offsets do not start at 0 and rise to `N` at most.
    ///
    /// # PyTorch
    /// `torch.nn.functional.embedding_bag`
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::{Bag, Var};
    /// use gradus_tensor::Tensor;
    /// let table = Var::leaf(Tensor::from([[1.0f32], [10.0], [100.0]]));
    /// let (ids, offsets) = (Tensor::from([0i64, 2, 1]), Tensor::from([0i64, 2]));
    /// let y = table.embedding_bag(&ids, &offsets, Bag::Sum)?;
    /// assert_eq!(y.value().to_vec::<f32>()?, [101.0, 10.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn embedding_bag(&self, ids: &Tensor, offsets: &Tensor, bag: Bag<'_>) -> Result<Self> {
        let op = "embedding_bag";
        for (what, rank, expected) in [
            (self.shape(), 2, "a 2-D table"),
            (ids.shape(), 1, "1-D ids"),
            (offsets.shape(), 1, "1-D offsets"),
        ] {
            if what.rank() != rank {
                let (expected, got) = (expected.into(), what.clone());
                return Err(UnexpectedShape { op, expected, got }.into());
            }
        }
        let rows = self.dims()[0];
        let bags = Bags::new(rows, &ids.to_vec::<i64>()?, &offsets.to_vec::<i64>()?)?;
        match bag {
            Bag::Sum => self.resample(0, &bags.taps(rows, |_| 1.0)?),
            Bag::Mean => self.resample(0, &bags.taps(rows, |n| 1.0 / n as f64)?),
            Bag::WeightedSum(weights) => {
                if weights.dims() != ids.dims() {
                    let (lhs, rhs) = (ids.shape().clone(), weights.shape().clone());
                    return Err(gradus_core::Error::ShapeMismatch { op, lhs, rhs }.into());
                }
                let rows = self.embedding(ids)?.mul(&weights.unsqueeze(-1)?)?;
                rows.resample(0, &bags.places()?)
            }
            Bag::Max => bags.largest(op, self),
        }
    }
}

/// The ids of each bag.
struct Bags {
    ids: Vec<usize>,
    /// Where each bag starts, and the last one ends.
    edges: Vec<usize>,
}

impl Bags {
    fn new(rows: usize, ids: &[i64], offsets: &[i64]) -> Result<Self> {
        let op = "embedding_bag";
        let row = |&id: &i64| {
            let row = usize::try_from(id).ok().filter(|row| *row < rows);
            row.ok_or(IndexOutOfRange { op, index: id, len: rows })
        };
        let edges: Option<Vec<usize>> =
            offsets.iter().map(|edge| usize::try_from(*edge).ok()).collect();
        let mut edges = edges.unwrap_or_else(|| vec![usize::MAX]);
        edges.push(ids.len());
        // Ids before the first bag would be lost.
        let starts = edges[0] == 0;
        if !starts || !edges.is_sorted() {
            let (name, expected) = ("offsets", "rising from 0 to at most the number of ids");
            let got = format!("{offsets:?} for {} ids", ids.len());
            return Err(InvalidArgument { op, name, expected, got }.into());
        }
        Ok(Self { ids: ids.iter().map(row).collect::<std::result::Result<_, _>>()?, edges })
    }

    fn each(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        self.edges.windows(2).map(|edge| edge[0]..edge[1])
    }

    /// The rows of the table in each bag.
    fn taps(&self, rows: usize, weight: impl Fn(usize) -> f64) -> Result<Taps> {
        let bag = |places: std::ops::Range<usize>| {
            let weight = weight(places.len());
            self.ids[places].iter().map(|&id| (id, weight)).collect()
        };
        Ok(Taps::new(rows, self.each().map(bag))?)
    }

    /// The places of the ids in each bag.
    fn places(&self) -> Result<Taps> {
        let bag = |places: std::ops::Range<usize>| places.map(|place| (place, 1.0)).collect();
        Ok(Taps::new(self.ids.len(), self.each().map(bag))?)
    }

    fn largest(&self, op: &'static str, table: &Var) -> Result<Var> {
        let full: Vec<bool> = self.each().map(|bag| !bag.is_empty()).collect();
        let filled = self.each().filter(|bag| !bag.is_empty());
        let rows = filled.map(|bag| self.ids[bag].iter().map(|&id| (id, 1.0)).collect());
        let taps = Taps::new(table.dims()[0], rows)?;
        let values = table.largest_tap(op, 0, &taps)?;
        let mut next = 0;
        let row = |&full: &bool| {
            let row = if full { vec![(next, 1.0)] } else { vec![] };
            next += usize::from(full);
            row
        };
        values.resample(0, &Taps::new(taps.output(), full.iter().map(row).collect::<Vec<_>>())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, elements, normal};

    fn bags() -> (Tensor, Tensor) {
        (Tensor::from([3i64, 0, 3, 1, 2]), Tensor::from([0i64, 2, 2, 4]))
    }

    #[test]
    fn derivatives_agree_with_differences() {
        let (ids, offsets) = bags();
        for bag in [Bag::Sum, Bag::Mean, Bag::Max] {
            check_op(|x| x[0].embedding_bag(&ids, &offsets, bag), &[normal([4, 2], 1)]);
        }
        let weighted = |x: &[Var]| x[0].embedding_bag(&ids, &offsets, Bag::WeightedSum(&x[1]));
        check_op(weighted, &[normal([4, 2], 1), normal(5, 2)]);
    }

    #[test]
    fn bags_are_what_their_rows_are() {
        let (ids, offsets) = bags();
        let table = Var::from(normal([4, 2], 1));
        let rows = table.embedding(&ids).unwrap();
        let first = rows.narrow(0, 0, 2).unwrap();
        let of = |bag| elements(&table.embedding_bag(&ids, &offsets, bag).unwrap());
        assert_eq!(of(Bag::Sum)[..2], elements(&first.sum(0).unwrap()));
        assert_eq!(of(Bag::Mean)[..2], elements(&first.mean(0).unwrap()));
        assert_eq!(of(Bag::Max)[..2], elements(&first.max(0).unwrap()));
        for bag in [Bag::Sum, Bag::Mean, Bag::Max] {
            assert_eq!(of(bag)[2..4], [0.0; 2]);
        }
    }

    #[test]
    fn faults_are_errors() {
        let (ids, offsets) = bags();
        let table = Var::from(normal([3, 2], 1));
        let error = table.embedding_bag(&ids, &offsets, Bag::Sum).unwrap_err().to_string();
        assert_eq!(error, "embedding_bag: index 3 is out of range for an axis of length 3");
        let table = Var::from(normal([4, 2], 1));
        for offsets in [[1i64, 2], [0, 9], [0, -1]] {
            assert!(table.embedding_bag(&ids, &Tensor::from(offsets), Bag::Sum).is_err());
        }
        assert!(table.embedding_bag(&ids, &ids, Bag::Sum).is_err());
        let weights = Var::from(normal(3, 1));
        assert!(table.embedding_bag(&ids, &offsets, Bag::WeightedSum(&weights)).is_err());
    }
}
