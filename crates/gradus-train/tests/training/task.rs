//! A small task with everything that a resume must bring back: dropout, batch statistics, shuffled
//! uneven batches, a schedule, moments.

use gradus_core::{Key, Keys};
use gradus_data::{Loader, LoaderConfig, Shuffle, TensorDataset};
use gradus_nn::loss::{CrossEntropy, cross_entropy};
use gradus_nn::{
    BatchNorm, BatchNormConfig, Ctx, Dropout, Layer, Linear, Module, Result, Tensor, Var,
};
use gradus_optim::{AdamW, Optimizer, Schedule};
use gradus_train::{BoxError, Fit, FitConfig, Progress, Score, accuracy};

pub(crate) type Batch = [Tensor; 2];
pub(crate) type Data = Loader<TensorDataset<2>>;

#[derive(Debug, Module)]
pub(crate) struct Net {
    input: Linear,
    norm: BatchNorm,
    dropout: Dropout,
    output: Linear,
}

impl Net {
    pub(crate) fn new(seed: u64) -> Self {
        let mut keys = Keys::new(seed);
        Self {
            input: Linear::new(2, 8, &mut keys).unwrap(),
            norm: BatchNormConfig::new(8).init().unwrap(),
            dropout: Dropout::new(0.2).unwrap(),
            output: Linear::new(8, 2, &mut keys).unwrap(),
        }
    }
}

impl Layer for Net {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        let x = self.norm.forward(&self.input.forward(x, ctx)?, ctx)?.tanh()?;
        self.output.forward(&self.dropout.forward(&x, ctx)?, ctx)
    }
}

/// `n` points; the class says which coordinate is larger.
pub(crate) fn data(n: usize, seed: u64) -> Data {
    let key = Key::new(seed);
    let points: Vec<[f32; 2]> =
        (0..n as u64).map(|i| [key.normal(2 * i) as f32, key.normal(2 * i + 1) as f32]).collect();
    let classes: Vec<i64> = points.iter().map(|[a, b]| i64::from(a > b)).collect();
    let x = Tensor::from_vec(points.concat(), [n, 2]).unwrap();
    let y = Tensor::from_vec(classes, n).unwrap();
    let config = LoaderConfig { shuffle: Shuffle::Keyed(key), ..LoaderConfig::new(8) };
    Loader::new(TensorDataset::new([x, y]).unwrap(), config).unwrap()
}

pub(crate) fn loss(
    model: &Net,
    [x, y]: &Batch,
    ctx: &mut Ctx,
) -> std::result::Result<Score, BoxError> {
    let logits = model.forward(&x.into(), ctx)?;
    let loss = cross_entropy(&logits, y, CrossEntropy::default())?;
    Ok(Score::new(loss, y.len()).with("accuracy", accuracy(logits.value(), y)?))
}

pub(crate) fn optimizer() -> Optimizer {
    AdamW { lr: 0.02, schedule: Schedule::cosine(200).warmup(5), ..AdamW::default() }
        .init()
        .unwrap()
}

pub(crate) fn silent(epochs: u64) -> FitConfig {
    FitConfig { epochs, key: Key::new(7), progress: Progress::Silent, ..FitConfig::default() }
}

/// A run of the task whose model starts from a seed.
pub(crate) fn fit(seed: u64, config: FitConfig) -> Fit<'static, Net, Batch> {
    Fit::new(Net::new(seed), loss, optimizer(), config).unwrap()
}

/// Whether two models hold the same bits.
pub(crate) fn same(a: &impl Module, b: &impl Module) -> bool {
    let (a, b) = (a.state_dict(), b.state_dict());
    a.len() == b.len() && a.iter().all(|(path, value)| value.equal(&b[path]))
}
