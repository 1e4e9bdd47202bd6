//! Pictures of what the model does, epoch after epoch.

use gradus_autograd::{Module, no_grad};

use crate::error::{BoxError, Result};
use crate::fit::Fit;
use crate::report::Picture;

/// What makes pictures of a model.
pub(crate) type Samples<'a, M> = Box<dyn FnMut(&M) -> Result<Vec<Picture>> + 'a>;

impl<'a, M: Module, B> Fit<'a, M, B> {
    /// Makes pictures after every epoch: samples of a generator, filters, mistakes. The latest are
    /// in the [report](Fit::report), all are given to the callbacks, such as TensorBoard's.
    ///
    /// The model has the parameters that validation uses; no graph is made.
    ///
    /// # Examples
    /// ```
    /// # use gradus_core::Keys;
    /// # use gradus_nn::loss::{Reduction, mse};
    /// # use gradus_nn::{Ctx, Layer, Linear, Tensor};
    /// # use gradus_optim::Sgd;
    /// # use gradus_train::{Fit, FitConfig, Progress};
    /// use gradus_train::report::Picture;
    /// # let model = Linear::new(1, 1, &mut Keys::new(7))?;
    /// # let optimizer = Sgd::default().init()?;
    /// # let loss = |model: &Linear, [x, y]: &[Tensor; 2], ctx: &mut Ctx| {
    /// #     Ok(mse(&model.forward(&x.into(), ctx)?, &y.into(), Reduction::Mean)?)
    /// # };
    /// # let config = FitConfig { progress: Progress::Silent, ..FitConfig::default() };
    /// # let mut fit = Fit::new(model, loss, optimizer, config)?;
    /// # let data = [[Tensor::new([[1.0]]), Tensor::new([[2.0]])]];
    /// fit.add_samples(|model: &Linear| Ok(vec![Picture::new("weight", model.weight.value())?]));
    /// # fit.run(&data)?;
    /// # assert!(fit.report()?.to_html().contains("weight"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_samples(&mut self, mut make: impl FnMut(&M) -> Result<Vec<Picture>, BoxError> + 'a) {
        self.samples.push(Box::new(move |model| Ok(make(model)?)));
    }

    /// Makes the pictures of an epoch and shows them to the callbacks.
    pub(crate) fn take_samples(&mut self) -> Result<()> {
        if self.samples.is_empty() {
            return Ok(());
        }
        let model = &self.model;
        let made = self.samples.iter_mut().map(|make| no_grad(|| make(model)));
        self.pictures = made.collect::<Result<Vec<_>>>()?.concat();
        let (step, pictures) = (self.state.step, &self.pictures);
        self.callbacks.iter_mut().try_for_each(|callback| callback.on_pictures(step, pictures))
    }
}
