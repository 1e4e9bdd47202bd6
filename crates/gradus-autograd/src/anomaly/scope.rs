//! The watch of a thread.

use std::cell::{Cell, RefCell};
use std::fmt::Display;

use gradus_tensor::Tensor;

use super::{Anomaly, Pass, Watch};
use crate::node::Node;
use crate::{Error, Result, Var};

/// Whether a thread watches.
#[derive(Clone, Copy)]
enum State {
    /// As the environment says.
    Environment,
    On(Watch),
    Off,
}

thread_local! {
    static STATE: Cell<State> = const { Cell::new(State::Environment) };
    static FOUND: RefCell<Option<Anomaly>> = const { RefCell::new(None) };
    static PATH: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Runs `f` and looks at the result of every op and every gradient: the first NaN, or number that
/// is not finite, is an error that names the op which made it.
///
/// A fault of the forward pass is reported by the next backward pass, or at the end of the scope; one
/// of the backward pass at once. The scope is that of the thread, and every op is looked at
/// once more, so it is for finding a fault, not for long runs. `GRADUS_ANOMALY=nan` (or `inf`, for all that
/// is not finite) in the environment watches everything; faults are then reported by the backward pass.
///
/// # Errors
/// [`Error::Anomaly`] for the first fault; else those of `f`.
///
/// # PyTorch
/// `torch.autograd.detect_anomaly`, which looks at gradients only
///
/// # Examples
/// ```
/// use gradus_autograd::{Error, Var, Watch, detect_anomaly};
/// use gradus_tensor::Tensor;
/// let x = Var::leaf(Tensor::from([1.0f32, -1.0]));
/// let found = detect_anomaly::<_, Error>(Watch::Nan, || x.sqrt()?.sum(..)?.backward());
/// let message = found.map_err(|error| error.to_string()).err();
/// assert_eq!(message.as_deref(), Some("sqrt: made NaN at element 1 of its value"));
/// ```
pub fn detect_anomaly<T, E: From<Error>>(
    watch: Watch,
    f: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let outer = FOUND.take();
    let result = with_state(State::On(watch), f);
    match FOUND.replace(outer) {
        Some(anomaly) => Err(Error::Anomaly(anomaly).into()),
        None => result,
    }
}

/// Runs a part of a model under its name, which [`Anomaly::path`] shows; names of parts inside it are
/// appended with a dot. Without a watch it does nothing.
///
/// # Examples
/// ```
/// use gradus_autograd::{Error, Var, Watch, detect_anomaly, named_scope};
/// use gradus_tensor::Tensor;
/// let x = Var::leaf(Tensor::from([-1.0f32]));
/// let block = || named_scope("blocks.3", || named_scope("attn", || x.log()));
/// let found = detect_anomaly::<_, Error>(Watch::Nan, block);
/// let message = found.map_err(|error| error.to_string()).err();
/// assert_eq!(message.as_deref(), Some("blocks.3.attn: log: made NaN at element 0 of its value"));
/// ```
pub fn named_scope<T>(name: impl Display, f: impl FnOnce() -> T) -> T {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            PATH.with_borrow_mut(Vec::pop);
        }
    }
    if watching().is_none() {
        return f();
    }
    PATH.with_borrow_mut(|path| path.push(name.to_string()));
    let _leave = Leave;
    f()
}

fn watching() -> Option<Watch> {
    match STATE.get() {
        State::Environment => Watch::of_environment(),
        State::On(watch) => Some(watch),
        State::Off => None,
    }
}

fn with_state<T>(state: State, f: impl FnOnce() -> T) -> T {
    struct Restore(State);
    impl Drop for Restore {
        fn drop(&mut self) {
            STATE.set(self.0);
        }
    }
    let _restore = Restore(STATE.replace(state));
    f()
}

/// Runs a derivative: its ops are not watched one by one, since the op that it belongs to is named.
pub(crate) fn unwatched<T>(f: impl FnOnce() -> T) -> T {
    with_state(State::Off, f)
}

/// The path of layers now, if somebody watches.
pub(crate) fn path() -> Option<Box<str>> {
    watching()?;
    PATH.with_borrow(|path| (!path.is_empty()).then(|| path.join(".").into_boxed_str()))
}

/// Looks at the value of an op.
pub(crate) fn watch_forward(op: &'static str, inputs: &[&Var], value: &Tensor) {
    let Some(watch) = watching() else { return };
    if FOUND.with_borrow(Option::is_some) {
        return;
    }
    let Some((pass, value, element)) = fault(op, watch, inputs, value) else { return };
    let path = path().unwrap_or_default().into();
    FOUND.set(Some(Anomaly { op, path, pass, value, element }));
}

/// The fault of an op, if it has one. An infinity is one only where finite numbers made it, and not in an
/// op whose business it is to write what it is given.
fn fault(op: &str, watch: Watch, inputs: &[&Var], value: &Tensor) -> Option<(Pass, f64, usize)> {
    let (made, element) = watch.first_in(value)?;
    let nan_in = |(i, x): (usize, &&Var)| Some((i, Watch::Nan.first_in(x.value())?));
    if let Some((i, (had, element))) = inputs.iter().enumerate().find_map(nan_in) {
        return Some((Pass::Input(i), had, element));
    }
    if let Some((nan, element)) = Watch::Nan.first_in(value) {
        return Some((Pass::Forward, nan, element));
    }
    let is_given =
        MASKS.contains(&op) || inputs.iter().any(|x| watch.first_in(x.value()).is_some());
    (!is_given).then_some((Pass::Forward, made, element))
}

/// Ops that write given values.
const MASKS: [&str; 3] = ["masked_fill", "where_cond", "pad"];

/// Looks at the gradients that a derivative made.
pub(crate) fn watch_backward(
    node: &Node,
    upstream: &[Option<Var>],
    grads: &[Option<Var>],
) -> Result<()> {
    let Some(watch) = watching() else { return Ok(()) };
    let first_in = |(i, x): (usize, &Option<Var>)| Some((i, watch.first_in(x.as_ref()?.value())?));
    if upstream.iter().enumerate().find_map(first_in).is_some() {
        return Ok(());
    }
    match grads.iter().enumerate().find_map(first_in) {
        None => Ok(()),
        Some((i, (value, element))) => {
            let (op, path) = (node.name, node.path().to_owned());
            Err(Error::Anomaly(Anomaly { op, path, pass: Pass::Backward(i), value, element }))
        }
    }
}

/// The fault of the forward pass, if there is one.
pub(crate) fn raise() -> Result<()> {
    // Inside a scope it stays, so that the end of the scope reports it whatever becomes of this error.
    let found = match STATE.get() {
        State::On(_) => FOUND.with_borrow(Clone::clone),
        State::Environment => FOUND.take(),
        State::Off => None,
    };
    found.map_or(Ok(()), |anomaly| Err(Error::Anomaly(anomaly)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Graph, Result, grad};

    fn found_in<T: std::fmt::Debug>(watch: Watch, f: impl FnOnce() -> Result<T>) -> Anomaly {
        match detect_anomaly::<_, Error>(watch, f).unwrap_err() {
            Error::Anomaly(anomaly) => anomaly,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_derivative_that_makes_nan_is_named_with_its_layer() {
        let x = Var::leaf(Tensor::from([4.0f64, 0.0]));
        // √x has slope ∞ at 0, and 0 · ∞ is NaN.
        let f = || {
            let y = named_scope("norm", || x.sqrt())?.mul(&Tensor::from([1.0f64, 0.0]).into())?;
            y.sum(..)?.backward()
        };
        let Anomaly { op, path, pass, value, element } = found_in(Watch::Nan, f);
        assert_eq!((op, path.as_str(), pass, element), ("sqrt", "norm", Pass::Backward(0), 1));
        assert!(value.is_nan());
    }

    #[test]
    fn infinities_are_found_only_if_asked_for() {
        let x = Var::leaf(Tensor::from([0.0f64]));
        let f = || x.log()?.neg();
        assert!(detect_anomaly::<_, Error>(Watch::Nan, f).is_ok());
        let found = found_in(Watch::NonFinite, f);
        assert_eq!((found.op, found.value), ("log", f64::NEG_INFINITY));
    }

    #[test]
    fn a_mask_of_infinities_is_no_fault_but_what_it_makes_is() {
        let x = Var::leaf(Tensor::from([0.0f64, 1.0]));
        let masked = |mask: [bool; 2]| x.masked_fill(&mask.into(), f64::NEG_INFINITY);
        let f = || masked([true, false])?.mul_scalar(2.0)?.softmax(-1)?.sum(..)?.backward();
        assert!(detect_anomaly::<_, Error>(Watch::NonFinite, f).is_ok());
        let found = found_in(Watch::NonFinite, || masked([true; 2])?.sub(&masked([true; 2])?));
        assert_eq!((found.op, found.pass), ("sub", Pass::Forward));
    }

    #[test]
    fn the_first_fault_is_reported_also_if_another_error_follows() {
        let x = Var::leaf(Tensor::from([-1.0f64, 1.0]));
        let found =
            found_in(Watch::Nan, || x.log()?.exp()?.add(&Tensor::zeros(3, x.dtype())?.into()));
        assert_eq!((found.op, found.pass), ("log", Pass::Forward));
    }

    #[test]
    fn what_was_given_is_told_from_what_was_made() {
        let x = Var::leaf(Tensor::from([f64::NAN]));
        let y = Var::constant(Tensor::from([1.0f64]));
        let found = found_in(Watch::Nan, || y.mul(&x)?.sum(..)?.backward());
        assert_eq!((found.op, found.pass), ("mul", Pass::Input(1)));
        assert_eq!(found.to_string(), "mul: input 1 has NaN at element 0");
    }

    #[test]
    fn nothing_is_found_outside_and_after_a_scope() {
        let x = Var::leaf(Tensor::from([-1.0f64]));
        let bad = || x.sqrt().unwrap().backward();
        assert!(bad().is_ok());
        assert!(detect_anomaly::<_, Error>(Watch::Nan, bad).is_err());
        assert!(bad().is_ok());
        let nested = || {
            assert!(detect_anomaly::<_, Error>(Watch::Nan, bad).is_err());
            x.neg()
        };
        assert!(detect_anomaly::<_, Error>(Watch::Nan, nested).is_ok());
    }

    #[test]
    fn a_second_derivative_is_watched_too() {
        let x = Var::leaf(Tensor::from([0.0f64]));
        let f = || {
            let y = x.abs()?.powf(1.5)?; // the second derivative is infinite at 0
            let dx = grad(&y, &[&x], Graph::Keep)?.remove(0);
            grad(&dx, &[&x], Graph::Drop)
        };
        assert!(matches!(found_in(Watch::NonFinite, f).pass, Pass::Backward(_)));
    }
}
