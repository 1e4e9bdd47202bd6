//! Digits, painted pixel by pixel.

use anyhow::{Result, ensure};
use gradus::generate::{Ar, Jacobi, Request, Strategy};
use gradus::models::{PixelCnn, PixelCnnConfig};
use gradus::prelude::*;
use gradus_examples::Digits;

use crate::{Args, Figure, indices, train};

const LEVELS: usize = 4;
const BATCH: usize = 32;

pub(crate) fn run(args: &Args) -> Result<Vec<Figure>> {
    let digits = Digits::small()?.shrink(1, LEVELS)?;
    let n = digits.len() / 5 * 4;
    let known = digits.select(&(0..n).collect::<Vec<_>>())?;
    let held_out = digits.select(&(n..digits.len()).collect::<Vec<_>>())?;
    println!("digits: {}, {LEVELS} grey levels, {n} to learn from", digits.source);
    let size = PixelCnnConfig::new(LEVELS, digits.side());
    let size = PixelCnnConfig { classes: 10, channels: 24, kernel: 3, n_layers: 5, ..size };
    let mut net = size.init(&mut Keys::new(args.seed))?;
    let loss = |net: &PixelCnn, key: Key| {
        let batch = known.select(&indices(BATCH, n, key))?;
        Ok(net.loss(&batch.pixels, Some(&batch.labels), &mut Ctx::train(key))?)
    };
    train("digits", &mut net, args.steps, loss, Key::new(args.seed))?;
    let nats = net.loss(&held_out.pixels, Some(&held_out.labels), &mut Ctx::eval())?.item()?;
    println!("{nats:.3} nats per pixel held out; uniform is {:.3}", (LEVELS as f64).ln());

    let painter = net.painter((0..10).collect::<Vec<u32>>())?;
    let [height, width] = digits.side();
    let request = Request::blank(height * width).rows(10).seed(args.seed);
    let plain = Ar::default().run(&painter, request.clone())?.collect_all()?;
    let ahead = Jacobi::default().run(&painter, request)?.collect_all()?;
    for y in 0..height {
        let line = |row| {
            let pixels = plain.row(row);
            let line = pixels[y * width..(y + 1) * width].iter();
            line.map(|&level| [' ', '░', '▒', '█'][level as usize]).collect::<String>()
        };
        println!("  {}", (0..10).map(line).collect::<Vec<_>>().join(" "));
    }
    ensure!((0..10).all(|row| ahead.row(row) == plain.row(row)), "guessing changed the digits");
    let calls = ahead.stats.calls as f64 / plain.stats.calls as f64;
    println!("guessing ahead paints the same digits in {calls:.2} of the calls\n");
    Ok(vec![("pixel_nats", nats), ("jacobi_calls", calls)])
}
