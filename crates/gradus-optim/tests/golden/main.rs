//! Every optimizer walks the path that PyTorch's walks, step by step, or optax's where PyTorch has
//! none; every schedule has PyTorch's factors.
//!
//! `make.py` has the problems and made the values.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod paths;
mod schedules;

/// The numbers under a name.
fn golden(name: &str) -> Vec<f64> {
    let line = include_str!("values.txt").lines().find(|line| line.split(' ').next() == Some(name));
    let values = line.unwrap_or_else(|| panic!("no {name}")).split(' ').skip(1);
    values.map(|value| value.parse().unwrap()).collect()
}
