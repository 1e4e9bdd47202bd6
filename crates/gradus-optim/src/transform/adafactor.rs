//! Second moments in the space of a row and a column.

use gradus_tensor::optim::sum_of_squares;
use gradus_tensor::{BinaryOp, DType, Shape, Tensor};

use super::adam::{count, decayed};
use super::{Transformation, Update, Updates};
use crate::error::{require, require_size};
use crate::{Error, Memory, Result};

/// Second moments of each gradient: of rows and columns for matrices, of elements for the rest.
#[derive(Debug, Clone)]
pub struct Adafactors {
    beta2_decay: f64,
    eps: [Option<f64>; 2],
    clip: f64,
    steps: Memory,
    factored: Memory,
    full: Memory,
}

/// The second moment V of a matrix is kept as r cᵀ / mean(r), where r and c are the moments of its rows
/// and columns, decaying by 1 − t^`beta2_decay`; u = g / √V, divided by max(1, RMS(u) / `clip`), becomes
/// max(eps₂, RMS(w)) · min(1, 1 / (rate · √t)) · u.
///
/// So the rate is relative to the size of the weights, and the optimizer's own rate is its upper
/// bound. Parameters of more than two dimensions are stacks of matrices in the last two. `eps₁` bounds √V from below;
/// `None` is the machine epsilon of the dtype. State: `step`; `row_var` and `col_var` for matrices, else
/// `variance`, as PyTorch's `Adafactor`, in the dtype of the parameter.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if `beta2_decay` is above zero or not finite, an `eps` is negative or
/// not finite, or `clip` is not finite and above zero.
///
/// # Reference
/// Shazeer & Stern 2018, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost", algorithms 4
/// and 5; without momentum, as in PyTorch.
pub fn scale_by_adafactor(
    beta2_decay: f64,
    eps: [Option<f64>; 2],
    clip: f64,
) -> Result<Adafactors> {
    let name = "scale_by_adafactor";
    let valid = beta2_decay.is_finite() && beta2_decay <= 0.0;
    require(valid, name, "beta2_decay", "finite and at most zero", beta2_decay)?;
    eps.iter().flatten().try_for_each(|eps| require_size(name, "eps", *eps))?;
    require(clip.is_finite() && clip > 0.0, name, "clip", "finite and above zero", clip)?;
    Ok(Adafactors {
        beta2_decay,
        eps,
        clip,
        steps: Memory::new(&["step"]),
        factored: Memory::new(&["row_var", "col_var"]),
        full: Memory::new(&["variance"]),
    })
}

impl Transformation for Adafactors {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        let mut items = std::mem::take(&mut updates.items);
        let result = items.iter_mut().try_for_each(|item| {
            item.update = self.scaled(item)?;
            Ok(())
        });
        updates.items = items;
        result
    }

    fn signature(&self) -> String {
        "scale_by_adafactor".to_owned()
    }

    fn memories(&self) -> Vec<&Memory> {
        vec![&self.steps, &self.factored, &self.full]
    }

    fn memories_mut(&mut self) -> Vec<&mut Memory> {
        vec![&mut self.steps, &mut self.factored, &mut self.full]
    }
}

impl Adafactors {
    fn scaled(&mut self, item: &Update) -> Result<Tensor> {
        let grad = &item.update;
        if grad.is_empty() {
            return Ok(grad.clone());
        }
        let t = count(self.steps.get(&item.path, grad)?)? + 1.0;
        let new = t.powf(self.beta2_decay);
        let eps1 = self.eps[0].unwrap_or_else(|| epsilon(grad.dtype()));
        let eps2 = self.eps[1].unwrap_or(1e-3);
        let variance = match grad.rank() {
            0 | 1 => self.elements(item, new)?,
            _ => self.rows_and_columns(item, new, eps1)?,
        };
        let bounded = variance.binary_scalar(BinaryOp::Maximum, eps1 * eps1)?;
        let update = grad.div(&bounded.sqrt()?)?;
        let clip = (rms(&update)? / self.clip).max(1.0);
        let size = rms(&item.value)?.max(eps2);
        let relative = if item.rate == 0.0 { 1.0 } else { (1.0 / (item.rate * t.sqrt())).min(1.0) };
        self.steps.set(&item.path, vec![Tensor::scalar(t as i64)]);
        Ok(update.mul_scalar(size * relative / clip)?)
    }

    fn elements(&mut self, item: &Update, new: f64) -> Result<Tensor> {
        let grad = &item.update;
        let old = self.full.get(&item.path, grad)?.map(|old| &old[0]);
        let variance = decayed(old, 1.0 - new, &grad.square()?)?;
        self.full.set(&item.path, vec![variance.clone()]);
        Ok(variance)
    }

    fn rows_and_columns(&mut self, item: &Update, new: f64, eps1: f64) -> Result<Tensor> {
        let squares = item.update.square()?;
        let (rows, columns) = (squares.mean_keepdim(-1)?, squares.mean_keepdim(-2)?);
        let old = self.factored.values(&item.path);
        for ((old, new), name) in old.iter().zip([&rows, &columns]).zip(["row_var", "col_var"]) {
            check_shape(name, item, new.shape(), old.shape())?;
        }
        let rows = decayed(old.first(), 1.0 - new, &rows)?;
        let columns = decayed(old.get(1), 1.0 - new, &columns)?;
        let mean = rows.mean_keepdim(-2)?.binary_scalar(BinaryOp::Maximum, eps1)?;
        let variance = rows.mul(&columns)?.div(&mean)?;
        self.factored.set(&item.path, vec![rows, columns]);
        Ok(variance)
    }
}

fn check_shape(name: &str, item: &Update, expected: &Shape, got: &Shape) -> Result<()> {
    if expected == got {
        return Ok(());
    }
    let name = format!("{name}.{}", item.path);
    Err(Error::Shape { name, expected: expected.clone(), got: got.clone() })
}

/// The root of the mean of the squares.
fn rms(x: &Tensor) -> Result<f64> {
    Ok((sum_of_squares(x)? / x.len() as f64).sqrt())
}

/// The distance from 1 to the next number.
fn epsilon(dtype: DType) -> f64 {
    match dtype {
        DType::F64 => f64::EPSILON,
        DType::BF16 => 2f64.powi(-7),
        _ => f64::from(f32::EPSILON),
    }
}
