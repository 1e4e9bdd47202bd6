//! The constants of each link's formula, in both dtypes.

use gradus_tensor::optim::Real;

use super::moments::{Adam, Adamax, AmsGrad, Belief, Moments, Nadam, Radam};
use super::rules::{Adadelta, Adagrad, Frame, Lion, Nothing, Rms, Trace};
use super::run::{NOTHING_YET, Target, counting, forgetting, remembering};
use crate::Result;
use crate::transform::{
    Adadeltas, Adagrads, AdamMoments, AdamaxMoments, AmsGradMoments, BeliefMoments, LionMoments,
    Momentum, NesterovMoments, RectifiedMoments, RmsMoments, Trace as Traces, count, rectified,
};

type Targets<'a, 'b> = &'a mut [Target<'b>];

pub(super) fn nothing(targets: Targets<'_, '_>, frame: Frame<f64>) -> Result<()> {
    forgetting(targets, frame, (Nothing, Nothing))
}

pub(super) fn adam(
    link: &mut AdamMoments,
    targets: Targets<'_, '_>,
    frame: Frame<f64>,
) -> Result<()> {
    let (betas, eps) = (link.betas, link.eps);
    let f32s = |t| Adam(Moments::<f32>::new(betas, eps, t));
    let f64s = |t| Adam(Moments::<f64>::new(betas, eps, t));
    counting(&mut link.memory, targets, frame, f32s, f64s)
}

pub(super) fn amsgrad(
    link: &mut AmsGradMoments,
    targets: Targets<'_, '_>,
    frame: Frame<f64>,
) -> Result<()> {
    let (betas, eps) = (link.betas, link.eps);
    let f32s = |t| AmsGrad(Moments::<f32>::new(betas, eps, t));
    let f64s = |t| AmsGrad(Moments::<f64>::new(betas, eps, t));
    counting(&mut link.memory, targets, frame, f32s, f64s)
}

pub(super) fn belief(
    link: &mut BeliefMoments,
    targets: Targets<'_, '_>,
    frame: Frame<f64>,
) -> Result<()> {
    let (betas, eps) = (link.betas, link.eps);
    let f32s = |t| Belief(Moments::<f32>::new(betas, eps, t));
    let f64s = |t| Belief(Moments::<f64>::new(betas, eps, t));
    counting(&mut link.memory, targets, frame, f32s, f64s)
}

pub(super) fn adamax(
    link: &mut AdamaxMoments,
    targets: Targets<'_, '_>,
    frame: Frame<f64>,
) -> Result<()> {
    let (betas, eps) = (link.betas, link.eps);
    let f32s = |t| Adamax(Moments::<f32>::new(betas, eps, t));
    let f64s = |t| Adamax(Moments::<f64>::new(betas, eps, t));
    counting(&mut link.memory, targets, frame, f32s, f64s)
}

pub(super) fn nadam(
    link: &mut NesterovMoments,
    targets: Targets<'_, '_>,
    frame: Frame<f64>,
) -> Result<()> {
    fn rule<T: Real>(betas: [f64; 2], eps: f64, (t, factors): (f64, [f64; 2])) -> Nadam<T> {
        Nadam { moments: Moments::new(betas, eps, t), factors: factors.map(T::from_f64) }
    }
    let NesterovMoments { betas, eps, warmth, memory } = link;
    // The products so far are cached: find those of every step first, and then only read them.
    for target in targets.iter() {
        warmth.learn(count(memory.get(&target.path, &target.grad)?)? + 1.0);
    }
    let warmth = &*warmth;
    let known = |t: f64| (t, warmth.known_factors(t));
    let f32s = |t| rule::<f32>(*betas, *eps, known(t));
    let f64s = |t| rule::<f64>(*betas, *eps, known(t));
    counting(memory, targets, frame, f32s, f64s)
}

pub(super) fn radam(
    link: &mut RectifiedMoments,
    targets: Targets<'_, '_>,
    frame: Frame<f64>,
) -> Result<()> {
    fn rule<T: Real>(betas: [f64; 2], eps: f64, t: f64) -> Radam<T> {
        let (_, rectifier) = rectified(betas, t);
        Radam { moments: Moments::new(betas, eps, t), rectifier: rectifier.map(T::from_f64) }
    }
    let (betas, eps) = (link.betas, link.eps);
    let (f32s, f64s) = (|t| rule::<f32>(betas, eps, t), |t| rule::<f64>(betas, eps, t));
    counting(&mut link.memory, targets, frame, f32s, f64s)
}

pub(super) fn lion(
    link: &mut LionMoments,
    targets: Targets<'_, '_>,
    frame: Frame<f64>,
) -> Result<()> {
    fn rule<T: Real>(betas: [f64; 2]) -> Lion<T> {
        Lion { betas: betas.map(T::from_f64), new: betas.map(|beta| T::from_f64(1.0 - beta)) }
    }
    let betas = link.betas;
    let (f32s, f64s) = (|_, _| rule::<f32>(betas), |_, _| rule::<f64>(betas));
    remembering(&mut link.memory, targets, NOTHING_YET, frame, f32s, f64s)
}

pub(super) fn trace(link: &mut Traces, targets: Targets<'_, '_>, frame: Frame<f64>) -> Result<()> {
    fn rule<T: Real>(decay: f64, new: f64, momentum: Momentum) -> Trace<T> {
        let decay = T::from_f64(decay);
        let ahead = (momentum == Momentum::Nesterov).then_some(decay);
        Trace { decay, new: T::from_f64(new), ahead }
    }
    let (decay, dampening, momentum) = (link.decay, link.dampening, link.momentum);
    let new = |is_first: bool| if is_first { 1.0 } else { 1.0 - dampening };
    let f32s = |_, is_first| rule::<f32>(decay, new(is_first), momentum);
    let f64s = |_, is_first| rule::<f64>(decay, new(is_first), momentum);
    remembering(&mut link.memory, targets, NOTHING_YET, frame, f32s, f64s)
}

pub(super) fn rms(
    link: &mut RmsMoments,
    targets: Targets<'_, '_>,
    frame: Frame<f64>,
) -> Result<()> {
    fn rule<T: Real>(alpha: f64, eps: f64) -> Rms<T> {
        let [alpha, new, eps] = [alpha, 1.0 - alpha, eps].map(T::from_f64);
        Rms { alpha, new, eps }
    }
    let (alpha, eps) = (link.alpha, link.eps);
    let (f32s, f64s) = (|_, _| rule::<f32>(alpha, eps), |_, _| rule::<f64>(alpha, eps));
    remembering(&mut link.memory, targets, NOTHING_YET, frame, f32s, f64s)
}

pub(super) fn adagrad(
    link: &mut Adagrads,
    targets: Targets<'_, '_>,
    frame: Frame<f64>,
) -> Result<()> {
    let (initial, eps) = (link.initial, link.eps);
    let (f32s, f64s) = (|_, _| Adagrad { eps: eps as f32 }, |_, _| Adagrad { eps });
    remembering(&mut link.memory, targets, initial, frame, f32s, f64s)
}

pub(super) fn adadelta(
    link: &mut Adadeltas,
    targets: Targets<'_, '_>,
    frame: Frame<f64>,
) -> Result<()> {
    fn rule<T: Real>(rho: f64, eps: f64) -> Adadelta<T> {
        let [rho, new, eps] = [rho, 1.0 - rho, eps].map(T::from_f64);
        Adadelta { rho, new, eps }
    }
    let (rho, eps) = (link.rho, link.eps);
    let (f32s, f64s) = (|_, _| rule::<f32>(rho, eps), |_, _| rule::<f64>(rho, eps));
    remembering(&mut link.memory, targets, 0.0, frame, f32s, f64s)
}
