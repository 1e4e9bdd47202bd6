//! c(n): what a call with n tokens costs.

use anyhow::Result;
use gradus::core::Keys;
use gradus::generate::{Causal, Logits, Ragged, State, Want};
use gradus::models::{Gpt, TransformerConfig};
use gradus::nn::Module;
use gradus::tensor::set_threads;

use crate::{large, median, seconds};

const HELD: usize = 128;
const FEEDS: [usize; 8] = [1, 2, 3, 4, 5, 6, 9, 17];
const ROUNDS: usize = 15;

pub(crate) fn run(threads: &[usize]) -> Result<()> {
    println!("time of a call after {HELD} tokens, over that of a call with one");
    for config in [large(65), TransformerConfig::gpt2()] {
        let gpt = Gpt::new(&config, &mut Keys::new(7))?;
        println!("\n{} parameters", gpt.num_parameters());
        print!("{:>8}{:>10}", "threads", "c(1)");
        FEEDS[1..].iter().for_each(|n| print!("{:>8}", format!("n = {n}")));
        println!();
        for &n in threads {
            set_threads(n);
            let times = times(&gpt)?;
            print!("{n:>8}{:>7.2} ms", times[0] * 1e3);
            times[1..].iter().for_each(|time| print!("{:>8.2}", time / times[0]));
            println!();
        }
    }
    Ok(())
}

/// Medians over rounds in which the sizes take turns.
fn times(gpt: &Gpt) -> Result<Vec<f64>> {
    let mut state = gpt.begin(1)?;
    let mut logits = Logits::new(gpt.vocab());
    gpt.feed(&mut state, &Ragged::from_rows([vec![1; HELD]]), Want::None, &mut logits)?;
    let held = state.mark();
    let mut times = vec![Vec::new(); FEEDS.len()];
    for _ in 0..ROUNDS {
        for (i, &n) in FEEDS.iter().enumerate() {
            let tokens = Ragged::from_rows([vec![2; n]]);
            // The first call finds in the caches what another size has left there.
            for is_timed in [false, true] {
                logits.clear();
                let time =
                    seconds(|| Ok(gpt.feed(&mut state, &tokens, Want::All, &mut logits)?))?;
                state.rewind(0, &held, 0)?;
                if is_timed {
                    times[i].push(time);
                }
            }
        }
    }
    Ok(times.into_iter().map(median).collect())
}
