//! The formulas without a bias to correct, element by element; each constant is rounded to the dtype first, as the ops do.

use gradus_tensor::optim::{Real, Rule};

use crate::Group;

/// What surrounds the link that remembers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<T> {
    /// A factor on the gradient.
    pub(super) clip: T,
    /// The multiple of the weight that is added to the gradient.
    pub(super) before: T,
    /// The multiple of the weight that is added to the update.
    pub(super) after: T,
    /// The learning rate.
    pub(super) rate: T,
}

impl Frame<f64> {
    /// That of a parameter of a group.
    pub(super) fn of(self, group: Group) -> Self {
        let Group { lr_factor, decay_factor } = group;
        Self {
            before: self.before * decay_factor,
            after: self.after * decay_factor,
            rate: self.rate * lr_factor,
            ..self
        }
    }

    /// With its constants rounded.
    pub(super) fn narrow<T: Real>(self) -> Frame<T> {
        Frame {
            clip: T::from_f64(self.clip),
            before: T::from_f64(self.before),
            after: T::from_f64(self.after),
            rate: T::from_f64(self.rate),
        }
    }
}

/// From a gradient to an update.
pub(super) trait Core<T, const S: usize>: Copy + Send + Sync {
    fn call(&self, g: T, state: [T; S]) -> (T, [T; S]);
}

/// The whole formula.
#[derive(Clone, Copy)]
pub(super) struct Whole<T, C> {
    pub(super) frame: Frame<T>,
    pub(super) core: C,
}

impl<T: Real, C: Core<T, S>, const S: usize> Rule<T, S> for Whole<T, C> {
    #[inline(always)]
    fn call(&self, w: T, g: T, state: [T; S]) -> (T, [T; S]) {
        let Frame { clip, before, after, rate } = self.frame;
        let g = g * clip;
        // A decay of zero is no decay: 0 · ∞ is not 0.
        let g = if before == T::ZERO { g } else { g + w * before };
        let (u, state) = self.core.call(g, state);
        let u = if after == T::ZERO { u } else { u + w * after };
        (w - u * rate, state)
    }
}

/// u = g.
#[derive(Clone, Copy)]
pub(super) struct Nothing;

impl<T: Real> Core<T, 0> for Nothing {
    #[inline(always)]
    fn call(&self, g: T, state: [T; 0]) -> (T, [T; 0]) {
        (g, state)
    }
}

/// See [`crate::trace`].
#[derive(Clone, Copy)]
pub(super) struct Trace<T> {
    pub(super) decay: T,
    /// 1 − dampening, or 1 at the first step.
    pub(super) new: T,
    /// μ with Nesterov's momentum, else absent.
    pub(super) ahead: Option<T>,
}

impl<T: Real> Core<T, 1> for Trace<T> {
    #[inline(always)]
    fn call(&self, g: T, [b]: [T; 1]) -> (T, [T; 1]) {
        let b = b * self.decay + g * self.new;
        (self.ahead.map_or(b, |decay| g + b * decay), [b])
    }
}

/// See [`crate::scale_by_rms`].
#[derive(Clone, Copy)]
pub(super) struct Rms<T> {
    pub(super) alpha: T,
    /// 1 − α.
    pub(super) new: T,
    pub(super) eps: T,
}

impl<T: Real> Core<T, 1> for Rms<T> {
    #[inline(always)]
    fn call(&self, g: T, [v]: [T; 1]) -> (T, [T; 1]) {
        let v = v * self.alpha + (g * g) * self.new;
        (g / (v.sqrt() + self.eps), [v])
    }
}

/// See [`crate::scale_by_adagrad`].
#[derive(Clone, Copy)]
pub(super) struct Adagrad<T> {
    pub(super) eps: T,
}

impl<T: Real> Core<T, 1> for Adagrad<T> {
    #[inline(always)]
    fn call(&self, g: T, [sum]: [T; 1]) -> (T, [T; 1]) {
        let sum = sum + g * g;
        (g / (sum.sqrt() + self.eps), [sum])
    }
}

/// See [`crate::scale_by_adadelta`].
#[derive(Clone, Copy)]
pub(super) struct Adadelta<T> {
    pub(super) rho: T,
    /// 1 − ρ.
    pub(super) new: T,
    pub(super) eps: T,
}

impl<T: Real> Core<T, 2> for Adadelta<T> {
    #[inline(always)]
    fn call(&self, g: T, [v, moved]: [T; 2]) -> (T, [T; 2]) {
        let v = v * self.rho + (g * g) * self.new;
        let u = ((moved + self.eps).sqrt() / (v + self.eps).sqrt()) * g;
        (u, [v, moved * self.rho + (u * u) * self.new])
    }
}

/// See [`crate::scale_by_lion`].
#[derive(Clone, Copy)]
pub(super) struct Lion<T> {
    pub(super) betas: [T; 2],
    /// 1 − β.
    pub(super) new: [T; 2],
}

impl<T: Real> Core<T, 1> for Lion<T> {
    #[inline(always)]
    fn call(&self, g: T, [m]: [T; 1]) -> (T, [T; 1]) {
        let ahead = m * self.betas[0] + g * self.new[0];
        let negative = if ahead < T::ZERO { -T::ONE } else { ahead };
        let sign = if ahead > T::ZERO { T::ONE } else { negative };
        (sign, [m * self.betas[1] + g * self.new[1]])
    }
}
