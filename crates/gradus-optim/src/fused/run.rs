//! From tensors to slices, and the pass over them.

use gradus_autograd::Param;
use gradus_tensor::optim::{Real, Slices, update};
use gradus_tensor::{DType, Element, Tensor};

use super::rules::{Adagrad, Adam, Core, Frame, Nothing, Rms, Trace, Whole};
use crate::transform::{self, Momentum};
use crate::{Memory, Result};

/// What a sum begins with: −0 + x is x for every x, 0 included, as if nothing had been there.
const NOTHING_YET: f64 = -0.0;

/// A parameter that is moved.
pub(crate) struct Target<'a> {
    pub(crate) path: String,
    pub(crate) param: &'a mut Param,
    pub(crate) grad: Tensor,
}

/// Whether the pass knows the dtypes. Memories that hold others belong to the links.
pub(crate) fn fits(targets: &[Target<'_>], memories: &[&Memory]) -> bool {
    targets.iter().all(|Target { path, param, grad }| {
        let dtype = param.dtype();
        let of_memory = |memory: &&Memory| {
            let mut floats = memory.values(path).iter().filter(|value| value.dtype().is_float());
            floats.all(|value| value.dtype() == dtype)
        };
        matches!(dtype, DType::F32 | DType::F64)
            && grad.dtype() == dtype
            && memories.iter().all(of_memory)
    })
}

pub(super) fn of_nothing(targets: &mut [Target<'_>], frame: Frame<f64>) -> Result<()> {
    let states = vec![State::default(); targets.len()];
    run(targets, states, frame, |_, _| Nothing, |_, _| Nothing).map(drop)
}

pub(super) fn of_adam(
    link: &mut transform::AdamMoments,
    targets: &mut [Target<'_>],
    frame: Frame<f64>,
) -> Result<()> {
    fn rule<T: Real>([b1, b2]: [f64; 2], eps: f64, t: f64) -> Adam<T> {
        let corrections = [1.0 / (1.0 - b1.powf(t)), 1.0 / (1.0 - b2.powf(t)).sqrt()];
        Adam {
            betas: [b1, b2].map(T::from_f64),
            new: [1.0 - b1, 1.0 - b2].map(T::from_f64),
            corrections: corrections.map(T::from_f64),
            eps: T::from_f64(eps),
        }
    }
    let (betas, eps) = (link.betas, link.eps);
    let mut steps = Vec::with_capacity(targets.len());
    let states = states(&mut link.memory, targets, 1..3, NOTHING_YET, |old| {
        steps.push(old.map_or(Ok(0.0), |old| old[0].item())? + 1.0);
        Ok(())
    })?;
    let f32s = |i: usize, _: bool| rule::<f32>(betas, eps, steps[i]);
    let f64s = |i: usize, _: bool| rule::<f64>(betas, eps, steps[i]);
    let states = run(targets, states, frame, f32s, f64s)?;
    for ((target, state), t) in targets.iter().zip(states).zip(steps) {
        let mut values = vec![Tensor::scalar(t as i64)];
        values.extend(state.tensors);
        link.memory.set(&target.path, values);
    }
    Ok(())
}

pub(super) fn of_trace(
    link: &mut transform::Trace,
    targets: &mut [Target<'_>],
    frame: Frame<f64>,
) -> Result<()> {
    fn rule<T: Real>(decay: f64, new: f64, momentum: Momentum) -> Trace<T> {
        let decay = T::from_f64(decay);
        let ahead = (momentum == Momentum::Nesterov).then_some(decay);
        Trace { decay, new: T::from_f64(new), ahead }
    }
    let (decay, dampening, momentum) = (link.decay, link.dampening, link.momentum);
    let new = |is_first: bool| if is_first { 1.0 } else { 1.0 - dampening };
    let f32s = |_: usize, is_first| rule::<f32>(decay, new(is_first), momentum);
    let f64s = |_: usize, is_first| rule::<f64>(decay, new(is_first), momentum);
    remembering_one(&mut link.memory, targets, NOTHING_YET, frame, f32s, f64s)
}

pub(super) fn of_rms(
    link: &mut transform::RmsMoments,
    targets: &mut [Target<'_>],
    frame: Frame<f64>,
) -> Result<()> {
    fn rule<T: Real>(alpha: f64, eps: f64) -> Rms<T> {
        let [alpha, new, eps] = [alpha, 1.0 - alpha, eps].map(T::from_f64);
        Rms { alpha, new, eps }
    }
    let (alpha, eps) = (link.alpha, link.eps);
    let (f32s, f64s) =
        (|_: usize, _| rule::<f32>(alpha, eps), |_: usize, _| rule::<f64>(alpha, eps));
    remembering_one(&mut link.memory, targets, NOTHING_YET, frame, f32s, f64s)
}

pub(super) fn of_adagrad(
    link: &mut transform::Adagrads,
    targets: &mut [Target<'_>],
    frame: Frame<f64>,
) -> Result<()> {
    let (initial, eps) = (link.initial, link.eps);
    let f32s = |_: usize, _| Adagrad { eps: eps as f32 };
    let f64s = |_: usize, _| Adagrad { eps };
    remembering_one(&mut link.memory, targets, initial, frame, f32s, f64s)
}

/// The pass of a link that remembers one tensor.
fn remembering_one<C: Core<f32, 1>, D: Core<f64, 1>>(
    memory: &mut Memory,
    targets: &mut [Target<'_>],
    initial: f64,
    frame: Frame<f64>,
    f32s: impl Fn(usize, bool) -> C,
    f64s: impl Fn(usize, bool) -> D,
) -> Result<()> {
    let states = states(memory, targets, 0..1, initial, |_| Ok(()))?;
    let states = run(targets, states, frame, f32s, f64s)?;
    for (target, state) in targets.iter().zip(states) {
        memory.set(&target.path, state.tensors);
    }
    Ok(())
}

/// What is remembered of one parameter, taken out so that it can be written in place.
#[derive(Default, Clone)]
struct State {
    tensors: Vec<Tensor>,
    is_first: bool,
}

/// The memories of all targets, those at `range` of the names. Nothing is taken out before all are
/// checked and `look` has seen them.
fn states(
    memory: &mut Memory,
    targets: &[Target<'_>],
    range: std::ops::Range<usize>,
    initial: f64,
    mut look: impl FnMut(Option<&[Tensor]>) -> Result<()>,
) -> Result<Vec<State>> {
    for target in targets {
        look(memory.get(&target.path, &target.grad)?)?;
    }
    let state = |target: &Target<'_>| match memory.take(&target.path) {
        Some(mut values) => {
            State { tensors: values.drain(range.clone()).collect(), is_first: false }
        }
        None => State {
            tensors: range.clone().map(|_| target.grad.full_like(initial)).collect(),
            is_first: true,
        },
    };
    Ok(targets.iter().map(state).collect())
}

/// One pass per dtype; gives the states back.
fn run<C: Core<f32, S>, D: Core<f64, S>, const S: usize>(
    targets: &mut [Target<'_>],
    mut states: Vec<State>,
    frame: Frame<f64>,
    f32s: impl Fn(usize, bool) -> C,
    f64s: impl Fn(usize, bool) -> D,
) -> Result<Vec<State>> {
    pass::<f32, C, S>(targets, &mut states, frame.narrow(), f32s)?;
    pass::<f64, D, S>(targets, &mut states, frame, f64s)?;
    Ok(states)
}

fn pass<T: Element + Real, C: Core<T, S>, const S: usize>(
    targets: &mut [Target<'_>],
    states: &mut [State],
    frame: Frame<T>,
    core: impl Fn(usize, bool) -> C,
) -> Result<()> {
    let mut items = Vec::with_capacity(targets.len());
    for (i, (target, state)) in targets.iter_mut().zip(states).enumerate() {
        if target.grad.dtype() != T::DTYPE {
            continue;
        }
        let rule = Whole { frame, core: core(i, state.is_first) };
        let mut tensors = state.tensors.iter_mut();
        let state = std::array::from_fn(|_| {
            let tensor = tensors.next().expect("a state has as many tensors as its rule");
            tensor.make_mut::<T>().expect("`fits` has seen to the dtypes")
        });
        let (value, grad) = (target.param.elements_mut::<T>()?, target.grad.as_slice::<T>()?);
        items.push(Slices { value, grad, state, rule });
    }
    update(items);
    Ok(())
}
