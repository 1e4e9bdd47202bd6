//! The formulas of Adam and its kin, element by element.

use gradus_tensor::optim::Real;

use super::rules::Core;

/// The constants of the two moments at one step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moments<T> {
    betas: [T; 2],
    /// 1 − β.
    new: [T; 2],
    /// 1 / (1 − β₁ᵗ) and 1 / √(1 − β₂ᵗ).
    corrections: [T; 2],
    eps: T,
}

impl<T: Real> Moments<T> {
    pub(super) fn new([b1, b2]: [f64; 2], eps: f64, t: f64) -> Self {
        let corrections = [1.0 / (1.0 - b1.powf(t)), 1.0 / (1.0 - b2.powf(t)).sqrt()];
        Self {
            betas: [b1, b2].map(T::from_f64),
            new: [1.0 - b1, 1.0 - b2].map(T::from_f64),
            corrections: corrections.map(T::from_f64),
            eps: T::from_f64(eps),
        }
    }

    #[inline(always)]
    fn first(&self, m: T, g: T) -> T {
        m * self.betas[0] + g * self.new[0]
    }

    #[inline(always)]
    fn second(&self, v: T, square: T) -> T {
        v * self.betas[1] + square * self.new[1]
    }

    /// √v̂ + eps.
    #[inline(always)]
    fn scale(&self, v: T) -> T {
        v.sqrt() * self.corrections[1] + self.eps
    }
}

/// See [`crate::scale_by_adam`].
#[derive(Clone, Copy)]
pub(super) struct Adam<T>(pub(super) Moments<T>);

impl<T: Real> Core<T, 2> for Adam<T> {
    #[inline(always)]
    fn call(&self, g: T, [m, v]: [T; 2]) -> (T, [T; 2]) {
        let (m, v) = (self.0.first(m, g), self.0.second(v, g * g));
        ((m * self.0.corrections[0]) / self.0.scale(v), [m, v])
    }
}

/// See [`crate::scale_by_amsgrad`].
#[derive(Clone, Copy)]
pub(super) struct AmsGrad<T>(pub(super) Moments<T>);

impl<T: Real> Core<T, 3> for AmsGrad<T> {
    #[inline(always)]
    fn call(&self, g: T, [m, v, largest]: [T; 3]) -> (T, [T; 3]) {
        let (m, v) = (self.0.first(m, g), self.0.second(v, g * g));
        let largest = if largest > v { largest } else { v };
        ((m * self.0.corrections[0]) / self.0.scale(largest), [m, v, largest])
    }
}

/// See [`crate::scale_by_belief`].
#[derive(Clone, Copy)]
pub(super) struct Belief<T>(pub(super) Moments<T>);

impl<T: Real> Core<T, 2> for Belief<T> {
    #[inline(always)]
    fn call(&self, g: T, [m, s]: [T; 2]) -> (T, [T; 2]) {
        let m = self.0.first(m, g);
        let surprise = g - m;
        let s = self.0.second(s, surprise * surprise) + self.0.eps;
        ((m * self.0.corrections[0]) / self.0.scale(s), [m, s])
    }
}

/// See [`crate::scale_by_adamax`].
#[derive(Clone, Copy)]
pub(super) struct Adamax<T>(pub(super) Moments<T>);

impl<T: Real> Core<T, 2> for Adamax<T> {
    #[inline(always)]
    fn call(&self, g: T, [m, largest]: [T; 2]) -> (T, [T; 2]) {
        let m = self.0.first(m, g);
        let (faded, size) = (largest * self.0.betas[1], g.abs() + self.0.eps);
        let largest = if faded > size { faded } else { size };
        ((m * self.0.corrections[0]) / largest, [m, largest])
    }
}

/// See [`crate::scale_by_nadam`].
#[derive(Clone, Copy)]
pub(super) struct Nadam<T> {
    pub(super) moments: Moments<T>,
    /// Factors of the gradient and of the first moment.
    pub(super) factors: [T; 2],
}

impl<T: Real> Core<T, 2> for Nadam<T> {
    #[inline(always)]
    fn call(&self, g: T, [m, v]: [T; 2]) -> (T, [T; 2]) {
        let (m, v) = (self.moments.first(m, g), self.moments.second(v, g * g));
        ((g * self.factors[0] + m * self.factors[1]) / self.moments.scale(v), [m, v])
    }
}

/// See [`crate::scale_by_radam`].
#[derive(Clone, Copy)]
pub(super) struct Radam<T> {
    pub(super) moments: Moments<T>,
    /// Absent while the second moment cannot be trusted.
    pub(super) rectifier: Option<T>,
}

impl<T: Real> Core<T, 2> for Radam<T> {
    #[inline(always)]
    fn call(&self, g: T, [m, v]: [T; 2]) -> (T, [T; 2]) {
        let (m, v) = (self.moments.first(m, g), self.moments.second(v, g * g));
        let mean = m * self.moments.corrections[0];
        let update = match self.rectifier {
            None => mean,
            Some(factor) => (mean * factor) / (v.sqrt() + self.moments.eps),
        };
        (update, [m, v])
    }
}
