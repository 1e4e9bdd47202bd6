//! Tones, played sample by sample.

use anyhow::Result;
use gradus::data::{Wav, WavFormat, mu_law_decode, mu_law_encode};
use gradus::generate::{Ar, Request, Strategy, Temperature, Warps};
use gradus::models::{WaveNet, WaveNetCondition, WaveNetConfig};
use gradus::prelude::*;

use crate::{Args, Figure, train};

const RATE: u32 = 16_000;
const LEVELS: usize = 256;
/// The classes, in hertz.
const TONES: [f64; 3] = [220.0, 330.0, 440.0];
/// Samples of a row of a batch.
const LENGTH: usize = 1_024;

pub(crate) fn run(args: &Args) -> Result<Vec<Figure>> {
    let config = WaveNetConfig { classes: TONES.len(), ..WaveNetConfig::new(LEVELS) };
    let mut net = config.init(&mut Keys::new(args.seed))?;
    println!(
        "tones: {} parameters, which see {} samples back, {:.0} ms",
        net.num_parameters(),
        config.receptive_field(),
        1e3 * config.receptive_field() as f64 / f64::from(RATE)
    );
    let classes: Vec<i64> = (0..TONES.len() as i64).collect();
    let of_each = WaveNetCondition { classes: Some(Tensor::from(classes)), frames: None };
    let loss = |net: &WaveNet, key: Key| {
        let waves = mu_law_encode(&batch(key)?, LEVELS)?;
        Ok(net.loss(&waves, &of_each, &mut Ctx::train(key))?)
    };
    let nats = train("tones ", &mut net, args.steps, loss, Key::new(args.seed))?;
    println!("{nats:.3} nats per sample; uniform is {:.3}", (LEVELS as f64).ln());

    let player = net.player(&of_each)?;
    // Enough to hear a frequency, at least.
    let samples = ((f64::from(RATE) * args.seconds) as usize).max(500);
    let calm = Ar { warps: Warps::none().with(Temperature(0.8)), ..Ar::default() };
    let request = Request::blank(samples).rows(TONES.len()).seed(args.seed);
    let played = calm.run(&player, request)?.collect_all()?;
    std::fs::create_dir_all(&args.out)?;
    for (row, hertz) in TONES.into_iter().enumerate() {
        let levels: Vec<i64> = played.row(row).into_iter().map(i64::from).collect();
        let wave = mu_law_decode(&Tensor::from(levels), LEVELS)?;
        let heard = frequency(&wave.to_vec::<f32>()?);
        println!("  {hertz:.0} Hz was asked for, {heard:.0} Hz is heard");
        let wav = Wav { samples: wave.unsqueeze(0)?, rate: RATE };
        let file = args.out.join(format!("{hertz:.0}_hz.wav"));
        std::fs::write(file, wav.to_bytes(WavFormat::Int16)?)?;
    }
    let rate = played.stats.tokens_per_second().unwrap_or(f64::NAN);
    println!("{rate:.0} samples a second: {:.2} s of sound in a second", rate / f64::from(RATE));
    println!("the tones are in {}", args.out.display());
    Ok(vec![("wave_nats", nats), ("samples_per_second", rate)])
}

/// One wave of each class, as loud and as far on as chance will have it, with a little noise.
fn batch(key: Key) -> Result<Tensor> {
    let mut samples = Vec::with_capacity(TONES.len() * LENGTH);
    for (row, hertz) in TONES.into_iter().enumerate() {
        let key = key.fold_in(row as u64);
        let (loud, phase) = (0.3 + 0.5 * key.uniform(0), key.uniform(1));
        let noise = key.fold_in(1);
        samples.extend((0..LENGTH).map(|t| {
            let turns = phase + hertz * t as f64 / f64::from(RATE);
            let pure = loud * (std::f64::consts::TAU * turns).sin();
            (pure + 0.005 * noise.normal(t as u64)) as f32
        }));
    }
    Ok(Tensor::from_vec(samples, [TONES.len(), LENGTH])?)
}

/// How often a second the wave repeats itself: the shortest lag at which it is most like itself, between 100
/// and 1,000 hertz.
fn frequency(wave: &[f32]) -> f64 {
    let likeness = |lag: usize| -> f64 {
        let pairs = wave.iter().zip(&wave[lag..]);
        pairs.map(|(a, b)| f64::from(a * b)).sum::<f64>() / (wave.len() - lag) as f64
    };
    let lags: Vec<(usize, f64)> = (16..=160).map(|lag| (lag, likeness(lag))).collect();
    let most = lags.iter().map(|&(_, like)| like).fold(f64::NEG_INFINITY, f64::max);
    // A tone is as like itself after two turns as after one.
    let peak =
        lags.windows(3).find(|w| w[1].1 >= w[0].1 && w[1].1 >= w[2].1 && w[1].1 > 0.9 * most);
    f64::from(RATE) / peak.map_or(f64::NAN, |w| w[1].0 as f64)
}
