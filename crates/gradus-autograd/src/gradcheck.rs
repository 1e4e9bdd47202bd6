//! Derivatives against finite differences.

use gradus_core::{DType, Key, Kind};
use gradus_tensor::Tensor;

use crate::{Error, Graph, Result, Var, grad, no_grad};

/// How closely a derivative has to agree with central differences.
///
/// An element passes if `|analytic − numeric| ≤ atol + rtol · |numeric|`.
///
/// # Examples
/// ```
/// use gradus_autograd::GradCheck;
/// use gradus_tensor::Tensor;
/// let rough = GradCheck { rtol: 1e-3, ..GradCheck::default() };
/// rough.check(|x| x[0].exp(), &[Tensor::from([0.0f64, 1.0])])?;
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GradCheck {
    /// Half the distance of the two points of a difference.
    pub eps: f64,
    /// Relative tolerance.
    pub rtol: f64,
    /// Absolute tolerance.
    pub atol: f64,
}

/// In `f64` the error of a difference is about `eps²` by truncation and `1e-16 / eps` by rounding,
/// both far below the tolerance for values near one.
impl Default for GradCheck {
    fn default() -> Self {
        Self { eps: 1e-5, rtol: 1e-5, atol: 1e-7 }
    }
}

/// Checks the first derivative of `f` at `inputs` with the default tolerance.
///
/// The output is projected on a fixed random direction, so that one number is differentiated
/// by every element of every input. No element is skipped; NaN agrees with nothing.
///
/// # Errors
/// [`Error::GradCheck`] for the first element that disagrees; an error if an input is not `f64`
/// or `f` fails.
///
/// # Examples
/// ```
/// use gradus_autograd::gradcheck;
/// use gradus_tensor::Tensor;
/// let (a, b) = (Tensor::from([0.5f64, -1.0]), Tensor::from([2.0f64]));
/// gradcheck(|x| x[0].mul(&x[1])?.tanh(), &[a, b])?;
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub fn gradcheck(f: impl Fn(&[Var]) -> Result<Var>, inputs: &[Tensor]) -> Result<()> {
    GradCheck::default().check(f, inputs)
}

/// Checks the derivative of the derivative of `f`, by the inputs and by the cotangent.
///
/// # Errors
/// As [`gradcheck`]; the last input is the cotangent of `f`'s output.
///
/// # Examples
/// ```
/// use gradus_autograd::gradgradcheck;
/// use gradus_tensor::Tensor;
/// gradgradcheck(|x| x[0].sigmoid(), &[Tensor::from([0.5f64, -1.0])])?;
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub fn gradgradcheck(f: impl Fn(&[Var]) -> Result<Var>, inputs: &[Tensor]) -> Result<()> {
    GradCheck::default().check_second(f, inputs)
}

impl GradCheck {
    /// As [`gradcheck`], with this tolerance.
    ///
    /// # Errors
    /// As [`gradcheck`].
    pub fn check(&self, f: impl Fn(&[Var]) -> Result<Var>, inputs: &[Tensor]) -> Result<()> {
        inputs.iter().try_for_each(require_f64)?;
        let leaves: Vec<Var> = inputs.iter().cloned().map(Var::leaf).collect();
        let output = projected(&f(&leaves)?)?;
        let analytic = grad(&output, &leaves.iter().collect::<Vec<_>>(), Graph::Drop)?;
        no_grad(|| {
            (0..inputs.len()).try_for_each(|i| self.compare(&f, inputs, i, analytic[i].value()))
        })
    }

    /// As [`gradgradcheck`], with this tolerance.
    ///
    /// # Errors
    /// As [`gradgradcheck`].
    pub fn check_second(&self, f: impl Fn(&[Var]) -> Result<Var>, inputs: &[Tensor]) -> Result<()> {
        let shape = no_grad(|| f(&as_constants(inputs)))?.shape().clone();
        let cotangent = Tensor::normal(0.0, 1.0, shape, DType::F64, direction().round(1))?;
        let with_cotangent: Vec<Tensor> = inputs.iter().cloned().chain([cotangent]).collect();
        let gradients = |x: &[Var]| {
            // Inside the numeric part the caller's graph mode is off; the gradient needs it.
            crate::mode::with_mode(Graph::Keep, || {
                let x: Vec<Var> = x.iter().map(as_differentiable).collect();
                let (x, cotangent) = (&x[..inputs.len()], &x[inputs.len()]);
                let output = f(x)?.mul(cotangent)?.sum(..)?;
                let grads = grad(&output, &x.iter().collect::<Vec<_>>(), Graph::Keep)?;
                let flat = grads.iter().map(|g| g.flatten(0, -1)).collect::<Result<Vec<_>>>()?;
                Var::cat(&flat, 0)
            })
        };
        self.check(gradients, &with_cotangent)
    }

    /// Compares the derivative by input `i` with central differences, element by element.
    fn compare(
        &self,
        f: &impl Fn(&[Var]) -> Result<Var>,
        inputs: &[Tensor],
        i: usize,
        analytic: &Tensor,
    ) -> Result<()> {
        let mut values = inputs[i].to_vec::<f64>()?;
        let analytic = analytic.to_vec::<f64>()?;
        let mut at = as_constants(inputs);
        for element in 0..values.len() {
            let x = values[element];
            let mut eval = |x: f64| -> Result<f64> {
                values[element] = x;
                at[i] = Var::constant(Tensor::from_slice(&values, inputs[i].shape())?);
                projected(&f(&at)?)?.item()
            };
            let (high, low) = (x + self.eps, x - self.eps);
            // `high − low` is the distance after rounding, which is not quite 2 eps.
            let numeric = (eval(high)? - eval(low)?) / (high - low);
            values[element] = x;
            let analytic = analytic[element];
            let agrees = (analytic - numeric).abs() <= self.atol + self.rtol * numeric.abs();
            if !agrees {
                return Err(Error::GradCheck { input: i, element, analytic, numeric });
            }
        }
        Ok(())
    }
}

fn require_f64(input: &Tensor) -> Result<()> {
    let (op, expected, got) = ("gradcheck", "f64", input.dtype());
    match got {
        DType::F64 => Ok(()),
        _ => Err(gradus_core::Error::UnsupportedDType { op, expected, got }.into()),
    }
}

/// `Σ output · v` for a fixed random direction `v`.
fn projected(output: &Var) -> Result<Var> {
    let v = Tensor::normal(0.0, 1.0, output.shape(), output.dtype(), direction())?;
    output.mul(&v.into())?.sum(..)
}

/// The key of the random directions. Any fixed one serves.
fn direction() -> Key {
    Key::new(0x6772_6164).kind(Kind::Noise)
}

fn as_constants(inputs: &[Tensor]) -> Vec<Var> {
    inputs.iter().map(Var::from).collect()
}

/// A leaf for a constant, so that a gradient by it exists; other variables stay as they are.
fn as_differentiable(x: &Var) -> Var {
    if x.requires_grad() { x.clone() } else { Var::leaf(x.value().clone()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x², with a derivative of `slope · x`.
    fn square(x: &Var, slope: f64) -> Result<Var> {
        let saved = x.clone();
        Ok(Var::from_op("square", &[x], x.value().square()?, move |grad, _| {
            Ok(vec![Some(grad.mul(&saved.mul_scalar(slope)?)?)])
        }))
    }

    /// x², whose derivative is right but cut off from the graph.
    fn square_cut_off(x: &Var) -> Result<Var> {
        let saved = x.detach();
        Ok(Var::from_op("square", &[x], x.value().square()?, move |grad, _| {
            Ok(vec![Some(grad.mul(&saved.mul_scalar(2.0)?)?)])
        }))
    }

    #[test]
    fn a_right_derivative_passes() {
        let x = Tensor::from([[0.5f64, -1.0], [2.0, 0.0]]);
        gradcheck(|x| square(&x[0], 2.0), std::slice::from_ref(&x)).unwrap();
        gradgradcheck(|x| square(&x[0], 2.0), &[x]).unwrap();
    }

    #[test]
    fn a_wrong_derivative_fails_and_is_named() {
        let inputs = [Tensor::from([1.0f64]), Tensor::from([0.0f64, 3.0])];
        let wrong = |x: &[Var]| x[0].add(&square(&x[1], 2.001)?);
        let error = gradcheck(wrong, &inputs).unwrap_err();
        let Error::GradCheck { input: 1, element: 1, analytic, numeric } = error else {
            panic!("{error}");
        };
        assert!((analytic / numeric - 1.0005).abs() < 1e-6);
    }

    #[test]
    fn a_derivative_of_nan_fails() {
        let nan = gradcheck(|x| square(&x[0], f64::NAN), &[Tensor::from([1.0f64])]);
        assert!(matches!(nan, Err(Error::GradCheck { .. })));
    }

    #[test]
    fn a_derivative_cut_off_from_the_graph_fails_the_second_check() {
        let x = [Tensor::from([1.0f64])];
        gradcheck(|x| square_cut_off(&x[0]), &x).unwrap();
        assert!(gradgradcheck(|x| square_cut_off(&x[0]), &x).is_err());
    }

    #[test]
    fn only_f64_is_precise_enough() {
        let error = gradcheck(|x| x[0].exp(), &[Tensor::from([1.0f32])]).unwrap_err();
        assert_eq!(error.to_string(), "gradcheck: dtype f32 is not supported, expected f64");
    }
}
