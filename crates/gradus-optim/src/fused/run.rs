//! From tensors to slices, and the pass over them.

use gradus_autograd::Param;
use gradus_tensor::optim::{Real, Slices, update};
use gradus_tensor::{DType, Element, Tensor};

use super::rules::{Core, Frame, Whole};
use crate::transform::count;
use crate::{Group, Memory, Result};

/// What a sum begins with: −0 + x is x for every x, 0 included, as if nothing had been there.
pub(super) const NOTHING_YET: f64 = -0.0;

/// A parameter that is moved.
pub(crate) struct Target<'a> {
    pub(crate) path: String,
    pub(crate) param: &'a mut Param,
    pub(crate) grad: Tensor,
    pub(crate) group: Group,
}

/// Whether the pass knows the dtypes. Memories that hold others belong to the links.
pub(crate) fn fits(targets: &[Target<'_>], memories: &[&Memory]) -> bool {
    targets.iter().all(|Target { path, param, grad, .. }| {
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

/// The pass of a chain that remembers nothing.
pub(super) fn forgetting<C: Core<f32, 0>, D: Core<f64, 0>>(
    targets: &mut [Target<'_>],
    frame: Frame<f64>,
    (f32s, f64s): (C, D),
) -> Result<()> {
    let states = vec![State::default(); targets.len()];
    run(targets, states, frame, |_, _| f32s, |_, _| f64s).map(drop)
}

/// The pass of a link that remembers `S` tensors.
pub(super) fn remembering<C: Core<f32, S>, D: Core<f64, S>, const S: usize>(
    memory: &mut Memory,
    targets: &mut [Target<'_>],
    initial: f64,
    frame: Frame<f64>,
    f32s: impl Fn(usize, bool) -> C,
    f64s: impl Fn(usize, bool) -> D,
) -> Result<()> {
    let states = states(memory, targets, 0..S, initial, |_| Ok(()))?;
    let states = run(targets, states, frame, f32s, f64s)?;
    for (target, state) in targets.iter().zip(states) {
        memory.set(&target.path, state.tensors);
    }
    Ok(())
}

/// The pass of a link that remembers how many steps a parameter has made, and `S` tensors. The cores
/// are told which step this is, from 1.
pub(super) fn counting<C: Core<f32, S>, D: Core<f64, S>, const S: usize>(
    memory: &mut Memory,
    targets: &mut [Target<'_>],
    frame: Frame<f64>,
    f32s: impl Fn(f64) -> C,
    f64s: impl Fn(f64) -> D,
) -> Result<()> {
    let mut steps = Vec::with_capacity(targets.len());
    let states = states(memory, targets, 1..S + 1, NOTHING_YET, |old| {
        steps.push(count(old)? + 1.0);
        Ok(())
    })?;
    let states = run(targets, states, frame, |i, _| f32s(steps[i]), |i, _| f64s(steps[i]))?;
    for ((target, state), t) in targets.iter().zip(states).zip(steps) {
        let mut values = vec![Tensor::scalar(t as i64)];
        values.extend(state.tensors);
        memory.set(&target.path, values);
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
    pass::<f32, C, S>(targets, &mut states, frame, f32s)?;
    pass::<f64, D, S>(targets, &mut states, frame, f64s)?;
    Ok(states)
}

fn pass<T: Element + Real, C: Core<T, S>, const S: usize>(
    targets: &mut [Target<'_>],
    states: &mut [State],
    frame: Frame<f64>,
    core: impl Fn(usize, bool) -> C,
) -> Result<()> {
    let mut items = Vec::with_capacity(targets.len());
    for (i, (target, state)) in targets.iter_mut().zip(states).enumerate() {
        if target.grad.dtype() != T::DTYPE {
            continue;
        }
        let frame = frame.of(target.group).narrow();
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
