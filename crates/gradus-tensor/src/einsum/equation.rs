//! The notation.

use gradus_core::Shape;

use crate::{Error, Result};

/// The name of a dimension: a letter, or a place in an ellipsis, counted from its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Label {
    Ellipsis(usize),
    Letter(char),
}

/// What an equation says for operands of some shapes: the names of all their dimensions, and of those
/// of the result.
///
/// # Examples
/// ```
/// use gradus_tensor::{Shape, einsum::Equation};
/// let shapes = [Shape::from([2, 3]), Shape::from([3, 4])];
/// assert!(Equation::new("ij,jk", &shapes.each_ref()).is_ok());
/// assert!(Equation::new("ij,kj->ik", &shapes.each_ref()).is_err()); // 3 and 4 for j
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Equation {
    pub(super) inputs: Vec<Vec<Label>>,
    pub(super) output: Vec<Label>,
}

impl Equation {
    /// Reads an equation. Spaces count for nothing; without `->`, the result has the dimensions of the
    /// ellipsis and then the letters that occur once, in the order of the alphabet.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] for a malformed equation or another number of operands
    /// than it names, [`gradus_core::Error::UnexpectedShape`] for an operand of another rank,
    /// [`gradus_core::Error::ShapeMismatch`] if the extents of a letter differ; 1 goes with any other.
    pub fn new(equation: &str, shapes: &[&Shape]) -> Result<Self> {
        let text: String = equation.chars().filter(|c| !c.is_whitespace()).collect();
        let (left, right) = match text.split_once("->") {
            Some((left, right)) => (left, Some(right)),
            None => (text.as_str(), None),
        };
        let terms: Vec<&str> = left.split(',').collect();
        if terms.len() != shapes.len() {
            return Err(malformed("a term per operand", equation));
        }
        let inputs = terms
            .iter()
            .zip(shapes)
            .map(|(term, shape)| labels(term, Some(shape), 0, equation))
            .collect::<Result<Vec<_>>>()?;
        let wide = inputs.iter().map(|labels| ellipsis_len(labels)).max().unwrap_or(0);
        let output = match right {
            Some(right) => labels(right, None, wide, equation)?,
            None => implicit(&inputs, wide),
        };
        let known = |label: &Label| inputs.iter().any(|input| input.contains(label));
        let once = |label: &Label| output.iter().filter(|other| *other == label).count() == 1;
        if !output.iter().all(|label| known(label) && once(label)) {
            return Err(malformed(
                "with letters of the operands in its result, each once",
                equation,
            ));
        }
        let equation = Self { inputs, output };
        equation.check(shapes)?;
        Ok(equation)
    }

    /// Fails unless the dimensions of a name have one extent, or 1.
    fn check(&self, shapes: &[&Shape]) -> Result<()> {
        let all = || self.inputs.iter().zip(shapes).enumerate();
        for (i, (input, shape)) in all() {
            for (dim, label) in input.iter().enumerate() {
                let extent = shape.dims()[dim];
                for (j, (other, other_shape)) in all() {
                    let mut same =
                        other.iter().zip(other_shape.dims()).filter(|pair| pair.0 == label);
                    let clash = |n: usize| n != extent && (i == j || (n != 1 && extent != 1));
                    if same.any(|(_, &n)| clash(n)) {
                        let (lhs, rhs) = ((*shape).clone(), (*other_shape).clone());
                        let op = "einsum";
                        return Err(gradus_core::Error::ShapeMismatch { op, lhs, rhs }.into());
                    }
                }
            }
        }
        Ok(())
    }
}

/// The names of a term. For an operand its rank says how long an ellipsis is.
fn labels(term: &str, shape: Option<&Shape>, wide: usize, equation: &str) -> Result<Vec<Label>> {
    let (head, tail) = match term.split_once("...") {
        Some((head, tail)) => (head, Some(tail)),
        None => (term, None),
    };
    let letters = || head.chars().chain(tail.unwrap_or_default().chars());
    if !letters().all(|c| c.is_ascii_alphabetic()) {
        return Err(malformed("of letters, commas, one `...` per term, and `->`", equation));
    }
    let count = letters().count();
    let len = match (shape, tail) {
        (None, _) => wide,
        (Some(shape), Some(_)) if shape.rank() >= count => shape.rank() - count,
        (Some(shape), None) if shape.rank() == count => 0,
        (Some(shape), _) => {
            let expected = format!("the dimensions of `{term}`");
            let (op, got) = ("einsum", shape.clone());
            return Err(Error::Core(gradus_core::Error::UnexpectedShape { op, expected, got }));
        }
    };
    let mut labels: Vec<Label> = head.chars().map(Label::Letter).collect();
    if let Some(tail) = tail {
        labels.extend((0..len).rev().map(Label::Ellipsis));
        labels.extend(tail.chars().map(Label::Letter));
    }
    Ok(labels)
}

fn ellipsis_len(labels: &[Label]) -> usize {
    labels.iter().filter(|label| matches!(label, Label::Ellipsis(_))).count()
}

/// The names of a result that is not written down.
fn implicit(inputs: &[Vec<Label>], wide: usize) -> Vec<Label> {
    let count = |label: &Label| inputs.iter().flatten().filter(|other| *other == label).count();
    let is_single = |label: &&Label| matches!(label, Label::Letter(_)) && count(label) == 1;
    let mut singles: Vec<Label> = inputs.iter().flatten().filter(is_single).copied().collect();
    singles.sort_unstable();
    (0..wide).rev().map(Label::Ellipsis).chain(singles).collect()
}

fn malformed(expected: &'static str, equation: &str) -> Error {
    let (op, name, got) = ("einsum", "equation", format!("`{equation}`"));
    Error::Core(gradus_core::Error::InvalidArgument { op, name, expected, got })
}
