//! A network as a solver sees it.

use gradus_autograd::{Var, no_grad};
use gradus_generate::flow::{Denoise, Path, Target};
use gradus_nn::Ctx;
use gradus_tensor::Tensor;

use super::process::Process;
use super::time_conditioned::TimeConditioned;
use crate::error::{Error, Result, for_strategy};

/// A network together with the process it was trained in and the class of each row of a request, so that a
/// solver can run it.
///
/// Without classes, a network that knows some is told none: the plain side of
/// [`Guided`](gradus_generate::flow::Guided).
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_generate::flow::{Flow, Guided, Samples};
/// use gradus_models::{Denoiser, Diffusion, FlowUNetConfig};
///
/// let config = FlowUNetConfig { widths: vec![4, 8], classes: 10, ..FlowUNetConfig::new(1) };
/// let net = config.init(&mut Keys::new(7))?;
/// let plain = Denoiser::new(&net, Diffusion::FLOW_MATCHING);
/// let guided = Guided { conditional: plain.clone().with_classes([3, 3])?, plain, scale: 2.0 };
/// let threes = Flow::default().run(&guided, Samples::new(2, [1, 8, 8]))?.collect_all()?;
/// assert_eq!(threes.value.dims(), &[2, 1, 8, 8]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Denoiser<'a, N: ?Sized, P> {
    net: &'a N,
    process: P,
    classes: Option<Vec<i64>>,
}

impl<'a, N: TimeConditioned + ?Sized, P: Process> Denoiser<'a, N, P> {
    /// The network without classes.
    pub const fn new(net: &'a N, process: P) -> Self {
        Self { net, process, classes: None }
    }

    /// The same with a class for each row of a request.
    ///
    /// # Errors
    /// [`Error::Classes`] if the network knows none; [`Error::Class`] if one is out of range.
    pub fn with_classes(self, classes: impl Into<Vec<u32>>) -> Result<Self> {
        let (known, classes) = (self.net.classes(), classes.into());
        if known == 0 {
            return Err(Error::Classes { model: "Denoiser", expected: 0, got: classes.len() });
        }
        if let Some(&class) = classes.iter().find(|&&class| class as usize > known) {
            let class = i64::from(class);
            return Err(Error::Class { model: "Denoiser", class, classes: known });
        }
        Ok(Self { classes: Some(classes.into_iter().map(i64::from).collect()), ..self })
    }

    fn estimate(&self, x: &Tensor, t: f64) -> Result<Tensor> {
        let (rows, known) = (x.dims().first().copied().unwrap_or(0), self.net.classes());
        let untold = || (known > 0).then(|| vec![known as i64; rows]);
        let classes = self.classes.clone().or_else(untold).map(Tensor::from);
        let ctx = &mut Ctx::eval();
        let estimate = no_grad(|| {
            self.process.estimate(self.net, &Var::from(x), &vec![t; rows], classes.as_ref(), ctx)
        })?;
        Ok(estimate.into_value())
    }
}

impl<N: ?Sized, P: Clone> Clone for Denoiser<'_, N, P> {
    fn clone(&self) -> Self {
        Self { net: self.net, process: self.process.clone(), classes: self.classes.clone() }
    }
}

impl<N: TimeConditioned + ?Sized, P: Process> Denoise for Denoiser<'_, N, P> {
    fn path(&self) -> Path {
        self.process.path()
    }

    fn target(&self) -> Target {
        self.process.target()
    }

    fn predict(&self, x: &Tensor, t: f64) -> gradus_generate::Result<Tensor> {
        self.estimate(x, t).map_err(for_strategy)
    }
}
