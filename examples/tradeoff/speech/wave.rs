//! AR: a sample after the other.

use anyhow::Result;
use gradus::data::{mu_law_decode, mu_law_encode};
use gradus::generate::{Ar, Request, Strategy};
use gradus::models::{WaveNet, WaveNetCondition, WaveNetConfig};
use gradus::prelude::*;
use gradus::train::Score;

use super::recordings::{CLASSES, Recordings, SAMPLES};
use super::voices::Drawn;
use crate::context::Context;
use crate::learn::{Lesson, learn};

/// Levels of a sample, by the μ-law.
const LEVELS: usize = 256;
/// Pieces that a word is cut into for training.
const PIECES: usize = 4;
/// Samples that share what the net is told: 5 ms.
const STEP: usize = 80;
/// Places of a word: the net is told between which two a sample lies, and how near.
const PLACES: usize = 8;

/// A WaveNet that is told, for every 5 ms, which word it is in the midst of and how far it has come. Its
/// own past of 32 ms holds the wave, not the word.
pub(crate) fn train(cx: &Context, train: &Recordings, data: u64) -> Result<WaveNet> {
    let config =
        WaveNetConfig { frame_channels: CLASSES * PLACES, hop: STEP, ..WaveNetConfig::new(LEVELS) };
    let lesson = Lesson { steps: cx.effort.pick(60, 1_500), batch: 4, lr: 2e-3 };
    let blank = config.init(&mut Keys::from(cx.key.fold_in(31)))?;
    cx.cache.model("speech WaveNet", &(&config, lesson, data, cx.key), blank, |blank| {
        let levels = mu_law_encode(&train.waves, LEVELS)?; // (N, T)
        let pieces = levels.reshape([train.len() * PIECES, SAMPLES / PIECES])?;
        let told = train.labels.iter().flat_map(|&label| (0..PIECES).map(move |i| (label, i)));
        let told: Vec<i64> =
            told.map(|(label, i)| i64::from(label) * PIECES as i64 + i as i64).collect();
        learn(blank, [&pieces, &Tensor::from(told)], lesson, cx.key, |net, [piece, told], ctx| {
            let frames = frames(&told.to_vec::<i64>()?, PIECES)?;
            let condition = WaveNetCondition { frames: Some(frames), ..Default::default() };
            Ok(Score::new(net.loss(piece, &condition, ctx)?, piece.dims()[0]))
        })
    })
}

/// What is told of pieces: entry `class · pieces + i` is the piece i of so many.
///
/// # Shapes
/// - → `[B, SAMPLES / pieces / STEP, CLASSES · PLACES]`
fn frames(told: &[i64], pieces: usize) -> Result<Tensor> {
    let count = SAMPLES / pieces / STEP;
    let mut frames = vec![0.0f32; told.len() * count * CLASSES * PLACES];
    for (i, frame) in frames.chunks_exact_mut(CLASSES * PLACES).enumerate() {
        let told = told[i / count] as usize;
        let (class, piece) = (told / pieces, told % pieces);
        let share = (piece * count + i % count) as f64 / (pieces * count) as f64;
        let place = share * (PLACES - 1) as f64;
        let (below, past) = (place as usize, place.fract());
        frame[class * PLACES + below] = (1.0 - past) as f32;
        frame[class * PLACES + below + 1] = past as f32;
    }
    Ok(Tensor::from_vec(frames, [told.len(), count, CLASSES * PLACES])?)
}

/// Words, drawn sample by sample.
pub(crate) fn draw(net: &WaveNet, classes: &[u32], seed: u64) -> Result<Drawn> {
    let told: Vec<i64> = classes.iter().map(|&class| i64::from(class)).collect();
    let condition = WaveNetCondition { frames: Some(frames(&told, 1)?), ..Default::default() };
    let player = net.player(&condition)?;
    let request = Request::blank(SAMPLES).rows(classes.len()).seed(seed);
    let output = Ar::default().run(&player, request)?.collect_all()?;
    let levels: Vec<i64> =
        (0..output.rows()).flat_map(|row| output.row(row)).map(i64::from).collect();
    let levels = Tensor::from_vec(levels, [classes.len(), SAMPLES])?;
    let waves = mu_law_decode(&levels, LEVELS)?;
    Ok(Drawn { waves, calls: output.stats.calls, seconds: output.stats.wall.as_secs_f64() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_told_what_the_whole_word_is_told() {
        let whole = frames(&[7], 1).unwrap();
        assert_eq!(whole.dims(), &[1, SAMPLES / STEP, CLASSES * PLACES]);
        for piece in 0..PIECES {
            let told = frames(&[(7 * PIECES + piece) as i64], PIECES).unwrap();
            let len = told.dims()[1];
            assert!(told.allclose(&whole.narrow(1, piece * len, len).unwrap(), 0.0, 1e-6).unwrap());
        }
        let sums = whole.sum(-1).unwrap().to_vec::<f32>().unwrap();
        assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-6));
    }
}
