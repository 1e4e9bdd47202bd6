//! The structures that are searched, and the hand-made one.

use anyhow::Result;
use gradus::models::LeNetConfig;
use gradus::nn::{
    Activation, AdaptiveAvgPool2d, AvgPool2d, BatchNorm, Conv2dConfig, Dropout, Flatten, GroupNorm,
    Linear, MaxPool2d, Residual, Sequential,
};
use gradus::optim::{AdamW, Optimizer, Schedule, Sgd};
use gradus::prelude::*;
use gradus::search::{Domain, Point, Searched, Space, When};

/// A convolutional network and how it is trained.
#[derive(Debug, Clone)]
pub(crate) struct Design {
    blocks: Vec<Block>,
    normalisation: String,
    activation: String,
    pooling: String,
    /// Width of the hidden layer; without it, the pixels are averaged.
    hidden: Option<usize>,
    dropout: f64,
    optimizer: String,
    rate: f64,
    decay: f64,
}

/// Convolutions of the same number of channels, before the image is halved.
#[derive(Debug, Clone)]
struct Block {
    channels: usize,
    kernel: usize,
    /// One convolution, two, or a second one beside a skip connection.
    second: String,
}

const MOST_BLOCKS: i64 = 3;
/// Channels are multiples of this, so that they fall into groups.
const GROUPS: usize = 4;

impl Searched for Design {
    fn space() -> gradus::search::Result<Space> {
        let mut space = Space::builder("convolutional network")
            .with("blocks", Domain::int(1, MOST_BLOCKS))
            .with("normalisation", Domain::choice(["none", "batch", "group"]))
            .with("activation", Domain::choice(["relu", "gelu", "silu"]))
            .with("pooling", Domain::choice(["max", "mean"]))
            .with("head", Domain::choice(["hidden layer", "mean of pixels"]))
            .with_when("hidden", Domain::log_int(16, 256), When::is("head", ["hidden layer"]))
            .with("dropout", Domain::float(0.0, 0.6))
            .with("optimizer", Domain::choice(["AdamW", "SGD"]))
            .with_when(
                "AdamW rate",
                Domain::log_float(3e-4, 2e-2),
                When::is("optimizer", ["AdamW"]),
            )
            .with_when(
                "AdamW decay",
                Domain::log_float(1e-3, 0.3),
                When::is("optimizer", ["AdamW"]),
            )
            .with_when("SGD rate", Domain::log_float(1e-2, 0.5), When::is("optimizer", ["SGD"]))
            .with_when("SGD decay", Domain::log_float(1e-5, 1e-2), When::is("optimizer", ["SGD"]));
        for i in 1..=MOST_BLOCKS {
            let when = || When::at_least("blocks", i);
            space = space
                .with_when(format!("channels {i}"), Domain::log_int(8, 128), when())
                .with_when(format!("kernel {i}"), Domain::stepped(3, 5, 2), when())
                .with_when(
                    format!("second {i}"),
                    Domain::choice(["none", "plain", "skip"]),
                    when(),
                );
        }
        space.build()
    }

    fn at(point: &Point) -> gradus::search::Result<Self> {
        let block = |i: i64| {
            Ok::<_, gradus::search::Error>(Block {
                channels: point.size(&format!("channels {i}"))?,
                kernel: point.size(&format!("kernel {i}"))?,
                second: point.choice(&format!("second {i}"))?.to_owned(),
            })
        };
        let choice = |name| Ok::<_, gradus::search::Error>(point.choice(name)?.to_owned());
        let optimizer = choice("optimizer")?;
        Ok(Self {
            blocks: (1..=point.int("blocks")?).map(block).collect::<Result<_, _>>()?,
            normalisation: choice("normalisation")?,
            activation: choice("activation")?,
            pooling: choice("pooling")?,
            hidden: point.size("hidden").ok(),
            dropout: point.float("dropout")?,
            rate: point.float(&format!("{optimizer} rate"))?,
            decay: point.float(&format!("{optimizer} decay"))?,
            optimizer,
        })
    }
}

impl Design {
    /// The network for images of this height and width, made thinner until it has at most as many
    /// parameters as allowed.
    pub(crate) fn net(&self, side: [usize; 2], most: usize, key: Key) -> Result<Sequential> {
        let mut share = 1.0;
        loop {
            let net = self.scaled(share, side, &mut Keys::from(key))?;
            if net.num_parameters() <= most {
                return Ok(net);
            }
            share *= 0.95;
        }
    }

    fn scaled(&self, share: f64, mut side: [usize; 2], keys: &mut Keys) -> Result<Sequential> {
        let width =
            |n: usize| ((n as f64 * share / GROUPS as f64).round() as usize).max(1) * GROUPS;
        let mut net = Sequential::new();
        let mut channels = 1;
        for block in &self.blocks {
            let to = width(block.channels);
            net = self.convolution(net, block.kernel, [channels, to], keys)?;
            channels = to;
            net = match block.second.as_str() {
                "none" => net,
                "plain" => self.convolution(net, block.kernel, [to, to], keys)?,
                _ => {
                    let body = self.convolution(Sequential::new(), block.kernel, [to, to], keys)?;
                    net.with(Residual::new(body))
                }
            };
            if side.iter().all(|&n| n >= 2) {
                net = match self.pooling.as_str() {
                    "max" => net.with(MaxPool2d::new(2)),
                    _ => net.with(AvgPool2d::new(2)),
                };
                side = side.map(|n| n / 2);
            }
        }
        let (net, features) = match self.hidden.map(width) {
            Some(hidden) => {
                let first = Linear::new(channels * side[0] * side[1], hidden, keys)?;
                (net.with(Flatten).with(first).with(self.activation()), hidden)
            }
            None => (net.with(AdaptiveAvgPool2d::new([1, 1])).with(Flatten), channels),
        };
        Ok(net.with(Dropout::new(self.dropout)?).with(Linear::new(features, 10, keys)?))
    }

    /// A convolution that keeps the size, normalised and bent.
    fn convolution(
        &self,
        net: Sequential,
        kernel: usize,
        [from, to]: [usize; 2],
        keys: &mut Keys,
    ) -> Result<Sequential> {
        let bias = self.normalisation == "none"; // The others have one of their own.
        let (kernel, padding) = ([kernel; 2], [kernel / 2; 2]);
        let net = net.with(
            Conv2dConfig { padding, bias, ..Conv2dConfig::new(from, to, kernel) }.init(keys)?,
        );
        let net = match self.normalisation.as_str() {
            "batch" => net.with(BatchNorm::new(to)?),
            "group" => net.with(GroupNorm::new(GROUPS, to)?),
            _ => net,
        };
        Ok(net.with(self.activation()))
    }

    fn activation(&self) -> Activation {
        match self.activation.as_str() {
            "gelu" => Activation::Gelu,
            "silu" => Activation::Silu,
            _ => Activation::Relu,
        }
    }

    /// The optimizer, whose rate falls to zero within so many steps.
    pub(crate) fn optimizer(&self, steps: u64) -> Result<Optimizer> {
        let (lr, weight_decay, schedule) = (self.rate, self.decay, Schedule::cosine(steps));
        Ok(match self.optimizer.as_str() {
            "AdamW" => AdamW { lr, weight_decay, schedule, ..AdamW::default() }.init()?,
            _ => {
                let (momentum, nesterov) = (0.9, true);
                Sgd { lr, weight_decay, schedule, momentum, nesterov, ..Sgd::default() }.init()?
            }
        })
    }
}

/// The network of the example `digits`, and its optimizer.
pub(crate) fn hand_made(side: [usize; 2]) -> LeNetConfig {
    LeNetConfig { channels: [32, 64], hidden: 128, dropout: 0.3, ..LeNetConfig::new(side, 10) }
}

/// As the example `digits` has it.
pub(crate) fn hand_made_optimizer(steps: u64) -> Result<Optimizer> {
    let schedule = Schedule::cosine(steps);
    Ok(AdamW { lr: 2e-3, weight_decay: 0.05, schedule, ..AdamW::default() }.init()?)
}
