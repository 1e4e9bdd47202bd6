//! Hours that follow known rules, for a run without data.

use std::fmt::Write as _;

use anyhow::Result;
use gradus::prelude::*;

/// Standard deviation of what no model can know, in µg/m³: about the best RMSE that can be had.
pub(crate) const NOISE: f64 = 4.0;

const DAYS: [usize; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const WINDS: [&str; 4] = ["NE", "NW", "SE", "cv"];
/// Share of the dust that each wind carries off in an hour.
const CARRIED_OFF: [f64; 4] = [0.08, 0.25, 0.03, 0.02];

/// So many hours in the columns of the UCI set "Beijing PM2.5".
///
/// Dust comes up with the traffic of the hour. Wind carries off a share of it, which depends on the
/// direction and grows to its full size in the first four hours of the same wind. Every hour adds
/// noise. One hour in fifty, and one day, are not measured.
pub(crate) fn csv(hours: usize, seed: u64) -> Result<String> {
    let keys = |i| Key::new(seed).fold_in(i);
    let noise: Vec<f64> = Tensor::randn([hours], DType::F64, keys(0))?.to_vec()?;
    let turn: Vec<f64> = Tensor::rand([hours], DType::F64, keys(1))?.to_vec()?;
    let lost: Vec<f64> = Tensor::rand([hours], DType::F64, keys(2))?.to_vec()?;
    let mut text = "year,month,day,hour,pm2.5,DEWP,TEMP,PRES,cbwd,Iws,Is,Ir\n".to_owned();
    let (mut dust, mut wind, mut blown) = (80.0f64, 3, 0);
    for row in 0..hours {
        let (hour, [month, day]) = (row % 24, date(row / 24));
        // One time in twelve the wind turns, to any direction.
        if turn[row] < 1.0 / 12.0 {
            (wind, blown) = ((turn[row] * 48.0) as usize, 0);
        }
        blown += 1;
        let known = lost[row] >= 0.02 && row / 24 != 40;
        let pm = if known { format!("{dust:.1}") } else { "NA".to_owned() };
        let warmth = 10.0 - 12.0 * (row as f64 / 8760.0 * std::f64::consts::TAU).cos();
        writeln!(
            text,
            "2010,{month},{day},{hour},{pm},{:.1},{warmth:.1},1016,{},{blown},0,0",
            warmth - 8.0,
            WINDS[wind],
        )?;
        let traffic = 3.0 + 2.0 * (std::f64::consts::TAU * (hour as f64 - 7.0) / 12.0).cos();
        let share = CARRIED_OFF[wind] * f64::from(blown.min(4)) / 4.0;
        dust = (dust + traffic - share * dust + NOISE * noise[row]).max(0.0);
    }
    Ok(text)
}

/// Month and day of a day that counts from the first of January.
fn date(days: usize) -> [usize; 2] {
    let (mut month, mut day) = (0, days % 365);
    while day >= DAYS[month] {
        day -= DAYS[month];
        month += 1;
    }
    [month + 1, day + 1]
}
