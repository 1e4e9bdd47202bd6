//! Carrying an equation out: pair by pair from the left, each pair as one batched matrix product.

use super::equation::{Equation, Label};
use super::operand::Operand;
use crate::{Result, Tensor};

impl Tensor {
    /// The sum of products that an equation in Einstein's notation names, as `numpy.einsum` and
    /// `torch.einsum`.
    ///
    /// Each operand has a term of letters, one per dimension; `...` stands for any further dimensions,
    /// which broadcast. Letters of the result, after `->`, stay; the others are summed over. A letter
    /// twice in a term takes the diagonal. Operands are multiplied pair by pair from the left, each
    /// pair as one batched matrix product.
    ///
    /// # Errors
    /// As [`Equation::new`], and [`gradus_core::Error::DTypeMismatch`];
    /// [`gradus_core::Error::UnsupportedDType`] for the product of `bool`.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let (x, y) = (Tensor::new([[1.0, 2.0], [3.0, 4.0]]), Tensor::new([10.0, 100.0]));
    /// assert_eq!(Tensor::einsum("ij,j->i", &[&x, &y])?.to_vec::<f32>()?, [210.0, 430.0]);
    /// assert_eq!(Tensor::einsum("ii", &[&x])?.item()?, 5.0); // the trace
    /// assert_eq!(Tensor::einsum("...ij->...ji", &[&x])?.to_vec::<f32>()?, [1.0, 3.0, 2.0, 4.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn einsum(equation: &str, operands: &[&Self]) -> Result<Self> {
        let shapes: Vec<_> = operands.iter().map(|x| x.shape()).collect();
        let equation = Equation::new(equation, &shapes)?;
        contract(&equation, operands)
    }
}

/// Carries an equation out on operands of the shapes it was read for.
///
/// # Errors
/// Those of the operand's own methods.
///
/// # Panics
/// If there are fewer operands than the equation has terms.
pub fn contract<T: Operand>(
    equation: &Equation,
    operands: &[&T],
) -> std::result::Result<T, T::Error> {
    let terms = &equation.inputs;
    let mut done = Term { x: operands[0].clone(), labels: terms[0].clone() }.diagonals()?;
    for (i, (labels, x)) in terms.iter().zip(operands).enumerate().skip(1) {
        let later = terms[i + 1..].iter().flatten().chain(&equation.output);
        let keep: Vec<Label> = later.copied().collect();
        let next = Term { x: (*x).clone(), labels: labels.clone() }.diagonals()?;
        done = done.times(next, &keep)?;
    }
    let done = done.summed(&equation.output)?;
    done.x.permuted(&done.order(&equation.output))
}

/// An array whose dimensions have names, each once.
struct Term<T> {
    x: T,
    labels: Vec<Label>,
}

impl<T: Operand> Term<T> {
    /// The diagonal of dimensions with the same name.
    fn diagonals(mut self) -> std::result::Result<Self, T::Error> {
        while let Some((i, j)) = self.repeated() {
            self.x = self.x.diagonal_of(i, j)?;
            let label = self.labels.remove(j);
            self.labels.remove(i);
            self.labels.push(label);
        }
        Ok(self)
    }

    fn repeated(&self) -> Option<(usize, usize)> {
        (0..self.labels.len()).find_map(|i| {
            let twin = self.labels[i + 1..].iter().position(|label| *label == self.labels[i])?;
            Some((i, i + 1 + twin))
        })
    }

    /// The sum over the dimensions that nobody needs.
    fn summed(self, keep: &[Label]) -> std::result::Result<Self, T::Error> {
        let gone: Vec<usize> =
            (0..self.labels.len()).filter(|&i| !keep.contains(&self.labels[i])).collect();
        if gone.is_empty() {
            return Ok(self);
        }
        let labels = self.labels.iter().filter(|label| keep.contains(label)).copied().collect();
        Ok(Self { x: self.x.sum_of(&gone)?, labels })
    }

    /// Without the dimensions of extent 1 that another term has longer: they broadcast.
    fn narrowed(self, other: &Self) -> std::result::Result<Self, T::Error> {
        let drops = |label: Label| self.extent(label) == 1 && other.extent(label) > 1;
        if !self.labels.iter().any(|&label| other.has(label) && drops(label)) {
            return Ok(self);
        }
        let labels: Vec<Label> =
            self.labels.iter().copied().filter(|&l| !(other.has(l) && drops(l))).collect();
        let extents: Vec<usize> = labels.iter().map(|&label| self.extent(label)).collect();
        Ok(Self { x: self.x.shaped(&extents)?, labels })
    }

    /// The product with another term, summed over what nobody needs afterwards.
    fn times(self, other: Self, keep: &[Label]) -> std::result::Result<Self, T::Error> {
        let needed = |term: &Self| [keep, &term.labels].concat();
        let narrow = self.narrowed(&other)?;
        let b = other.narrowed(&narrow)?;
        let a = narrow.summed(&needed(&b))?;
        let b = b.summed(&needed(&a))?;
        let of = |term: &Self, f: &dyn Fn(Label) -> bool| -> Vec<Label> {
            term.labels.iter().copied().filter(|&label| f(label)).collect()
        };
        let batch = of(&a, &|label| b.has(label) && keep.contains(&label));
        let inner = of(&a, &|label| b.has(label) && !keep.contains(&label));
        let (left, right) = (of(&a, &|label| !b.has(label)), of(&b, &|label| !a.has(label)));
        let x = a.matrices(&batch, &left, &inner)?.product(&b.matrices(&batch, &inner, &right)?)?;
        let labels = [&batch[..], &left, &right].concat();
        let extent = |&label: &Label| if a.has(label) { a.extent(label) } else { b.extent(label) };
        let extents: Vec<usize> = labels.iter().map(extent).collect();
        Ok(Self { x: x.shaped(&extents)?, labels })
    }

    /// The array as `[batch, rows, columns]`.
    fn matrices(
        &self,
        batch: &[Label],
        rows: &[Label],
        columns: &[Label],
    ) -> std::result::Result<T, T::Error> {
        let len = |labels: &[Label]| labels.iter().map(|&label| self.extent(label)).product();
        let order = self.order(&[batch, rows, columns].concat());
        self.x.permuted(&order)?.shaped(&[len(batch), len(rows), len(columns)])
    }

    fn has(&self, label: Label) -> bool {
        self.labels.contains(&label)
    }

    /// Where each of the names stands; all are there.
    fn order(&self, labels: &[Label]) -> Vec<usize> {
        labels.iter().filter_map(|label| self.labels.iter().position(|own| own == label)).collect()
    }

    /// The extent of a name that is there; 0 of one that is not.
    fn extent(&self, label: Label) -> usize {
        let dim = self.labels.iter().position(|own| *own == label);
        dim.map_or(0, |dim| self.x.extents()[dim])
    }
}
