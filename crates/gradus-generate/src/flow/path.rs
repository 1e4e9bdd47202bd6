//! How data and noise are mixed along time.

/// The scales of data and noise: x(t) = a(t)·data + s(t)·noise.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Path {
    /// a = t, s = 1 − t, from noise at 0 to data at 1: flow matching.
    ///
    /// # Reference
    /// Lipman et al. 2022, "Flow Matching for Generative Modeling"; Liu et al. 2022, "Rectified Flow".
    Flow,
    /// a = √ᾱ, s = √(1 − ᾱ) with ᾱ(t) = cos²(((t + .008)/1.008)·π/2), scaled to ᾱ(0) = 1, from noise
    /// at 1 to data at 0.
    ///
    /// # Reference
    /// Nichol & Dhariwal 2021, "Improved Denoising Diffusion Probabilistic Models", eq. 17.
    Cosine,
    /// a = √ᾱ, s = √(1 − ᾱ) with ln ᾱ(t) = −t²(max − min)/2 − t·min, from noise at 1 to data at 0: the
    /// linear schedule of DDPM in continuous time, with `min: 0.1, max: 20.0` for its numbers.
    ///
    /// # Reference
    /// Ho et al. 2020, "Denoising Diffusion Probabilistic Models"; Song et al. 2020, "Score-Based
    /// Generative Modeling through Stochastic Differential Equations", eq. 33.
    Linear {
        /// β at time 0.
        min: f64,
        /// β at time 1.
        max: f64,
    },
    /// a = 1, s = t, from t = `σ_max` to 0.
    ///
    /// # Reference
    /// Karras et al. 2022, "Elucidating the Design Space of Diffusion-Based Generative Models".
    Edm,
    /// Any other: (a, s) of a time.
    Other(fn(f64) -> (f64, f64)),
}

/// Two paths of the kind [`Path::Other`] are equal if they are the same function.
impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Flow, Self::Flow) | (Self::Cosine, Self::Cosine) | (Self::Edm, Self::Edm) => {
                true
            }
            (Self::Linear { min, max }, Self::Linear { min: a, max: b }) => (min, max) == (a, b),
            (Self::Other(f), Self::Other(g)) => std::ptr::fn_addr_eq(*f, *g),
            _ => false,
        }
    }
}

impl Path {
    /// (a, s) at a time.
    ///
    /// # Examples
    /// ```
    /// use gradus_generate::flow::Path;
    /// assert_eq!(Path::Flow.scales(0.25), (0.25, 0.75));
    /// let (a, s) = Path::Cosine.scales(0.3);
    /// assert!((a * a + s * s - 1.0).abs() < 1e-12);
    /// ```
    pub fn scales(&self, t: f64) -> (f64, f64) {
        let preserving = |squared: f64| (squared.sqrt(), (1.0 - squared).max(0.0).sqrt());
        match *self {
            Self::Flow => (t, 1.0 - t),
            Self::Cosine => {
                let angle = |t: f64| (t + 0.008) / 1.008 * std::f64::consts::FRAC_PI_2;
                preserving((angle(t).cos() / angle(0.0).cos()).powi(2).min(1.0))
            }
            Self::Linear { min, max } => preserving((-t * t * (max - min) / 2.0 - t * min).exp()),
            Self::Edm => (1.0, t),
            Self::Other(scales) => scales(t),
        }
    }

    /// The times of pure noise and of data, for paths that have both.
    pub(super) const fn ends(&self) -> Option<(f64, f64)> {
        match self {
            Self::Flow => Some((0.0, 1.0)),
            Self::Cosine | Self::Linear { .. } => Some((1.0, 0.0)),
            Self::Edm | Self::Other(_) => None,
        }
    }
}
