//! Who listens: a small network that reads words, and spectra.

use anyhow::Result;
use gradus::generate::eval::{
    Bootstrap, bootstrap, class_accuracy, log_spectral_distance, mean_spectrum,
};
use gradus::models::{LeNet, LeNetConfig};
use gradus::nn::loss::{CrossEntropy, cross_entropy};
use gradus::prelude::*;
use gradus::train::Score;

use super::recordings::{CLASSES, FRAMES, Recordings};
use super::sound::{MELS, Sound};
use crate::context::Context;
use crate::gauge::{Measured, frechet};
use crate::learn::{Lesson, learn};

/// Learned from the training words alone; reads sounds, whatever made them.
#[derive(Debug)]
pub(crate) struct Critic {
    net: LeNet,
    /// Of the training words, `[N, F]`.
    features: Tensor,
    /// The mean spectrum of the training words.
    spectrum: Vec<f64>,
    key: Key,
}

impl Critic {
    pub(crate) fn train(
        cx: &Context,
        train: &Recordings,
        sound: &Sound,
        data: u64,
    ) -> Result<Self> {
        let config =
            LeNetConfig { dropout: 0.5, hidden: 32, ..LeNetConfig::new([MELS, FRAMES], CLASSES) };
        let lesson = Lesson { steps: cx.effort.pick(150, 600), batch: 32, lr: 2e-3 };
        let pictures = pictures(sound, &train.waves)?;
        let blank = config.init(&mut Keys::from(cx.key.fold_in(30)))?;
        let settings = (&config, lesson, data, cx.key);
        let net = cx.cache.model("speech listener", &settings, blank, |blank| {
            learn(blank, [&pictures, &train.classes()], lesson, cx.key, |net, [x, c], ctx| {
                let logits = net.forward(&Var::from(x), ctx)?;
                let smooth = CrossEntropy { label_smoothing: 0.1, ..CrossEntropy::default() };
                Ok(Score::new(cross_entropy(&logits, c, smooth)?, x.dims()[0]))
            })
        })?;
        let spectrum = mean_spectrum(&sound.spectra(&train.waves)?)?;
        let mut critic =
            Self { net, features: Tensor::zeros([0], DType::F32)?, spectrum, key: cx.key };
        critic.features = critic.read(&pictures)?.1;
        Ok(critic)
    }

    /// What is read, and the features it is read by.
    fn read(&self, pictures: &Tensor) -> Result<(Vec<u32>, Tensor)> {
        no_grad(|| {
            let x = Var::from(pictures);
            let features = self.net.features(&x, &mut Ctx::eval())?.into_value();
            let logits = self.net.forward(&x, &mut Ctx::eval())?.into_value();
            let answers = logits.argmax(-1)?.to_vec::<i64>()?;
            Ok((answers.into_iter().map(|answer| answer as u32).collect(), features))
        })
    }

    /// The Fréchet distance of the listener's features; beside it the share of words that are heard as
    /// what was asked, and how far the mean spectrum is from that of the training words, both with
    /// the ends of their 95 % intervals.
    pub(crate) fn measure(&self, sound: &Sound, waves: &Tensor, asked: &[u32]) -> Result<Measured> {
        let (answers, features) = self.read(&pictures(sound, waves)?)?;
        let (distance, interval) = frechet(&features, &self.features, self.key)?;
        let heard = |chosen: &[usize]| -> Result<f64> {
            let pick = |all: &[u32]| chosen.iter().map(|&i| all[i]).collect::<Vec<_>>();
            Ok(class_accuracy(&pick(asked), &pick(&answers))?)
        };
        let spectra = sound.spectra(waves)?;
        let apart = |chosen: &[usize]| -> Result<f64> {
            let chosen: Vec<&[f64]> = chosen.iter().map(|&i| &spectra[i][..]).collect();
            Ok(log_spectral_distance(&mean_spectrum(&chosen)?, &self.spectrum)?)
        };
        let all: Vec<usize> = (0..asked.len()).collect();
        let how = Bootstrap::new(self.key);
        let (sure, near) = (bootstrap(how, all.len(), heard)?, bootstrap(how, all.len(), apart)?);
        let beside = vec![
            ("heard as asked", heard(&all)?),
            ("heard low", sure.low),
            ("heard high", sure.high),
            ("spectrum dB", apart(&all)?),
            ("dB low", near.low),
            ("dB high", near.high),
        ];
        Ok(Measured { distance, interval, beside })
    }
}

/// Frames as pictures `[N, 1, MELS, FRAMES]`, high bands last.
pub(crate) fn pictures(sound: &Sound, waves: &Tensor) -> Result<Tensor> {
    Ok(sound.frames(waves)?.transpose(1, 2)?.unsqueeze(1)?.contiguous())
}
