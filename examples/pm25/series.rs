//! Features, targets and their windows, with nothing learned from what is held out.

use std::f64::consts::TAU;

use anyhow::{Result, ensure};
use gradus::data::{
    ColumnTransformerConfig, Fit, ImputerConfig, OneHotEncoderConfig, PipelineConfig, Remainder,
    SeriesWindows, SeriesWindowsConfig, StandardScaler, StandardScalerConfig, Statistic, Subset,
    TrainRows, Transform, UnknownCategory, chronological_split,
};
use gradus::prelude::*;

use crate::hours::Hours;

/// Windows over all hours, and which of them may be learned from.
#[derive(Debug)]
pub(crate) struct Series {
    windows: SeriesWindows,
    /// Between µg/m³ and what the models forecast.
    pub(crate) scaler: StandardScaler,
    /// Hours to forecast: training, validation, test, in the order of time.
    pub(crate) parts: [Vec<usize>; 3],
    /// Hours that a model sees.
    pub(crate) length: usize,
    /// Features of an hour.
    pub(crate) n_features: usize,
}

impl Series {
    /// Seven tenths to learn from, one to choose by, and two to test on. Hours whose change is not
    /// known are nobody's target; a window may look back over the border of its part, into a past
    /// that is known when it forecasts.
    pub(crate) fn new(hours: &Hours, length: usize) -> Result<Self> {
        let rows = chronological_split(hours.len(), [0.7, 0.1, 0.2])?;
        let train = &rows[0];
        let target =
            Tensor::from_vec(hours.change.clone(), [hours.len(), 1])?.to_dtype(DType::F32)?;
        let scaler = StandardScalerConfig::default().fit(&TrainRows::select(&target, train)?)?;
        let features = features(hours, train)?;
        let config = SeriesWindowsConfig::new(length);
        let windows = SeriesWindows::new(&features, &scaler.transform(&target)?, config)?;
        let known = |hour: &usize| *hour >= length && !hours.change[*hour].is_nan();
        let parts = rows.map(|part| part.into_iter().filter(known).collect::<Vec<_>>());
        let empty = parts.iter().any(Vec::is_empty);
        ensure!(!empty, "{} hours leave a part without one to forecast", hours.len());
        Ok(Self { windows, scaler, parts, length, n_features: features.size(1)? })
    }

    /// The windows before some hours, each with the change of its hour.
    pub(crate) fn before(&self, hours: &[usize]) -> Result<Subset<SeriesWindows>> {
        let starts = hours.iter().map(|hour| hour - self.length).collect();
        Ok(Subset::new(self.windows.clone(), starts)?)
    }
}

/// Numbers that are imputed and scaled, then signs of the clock as they are, then the wind.
fn features(hours: &Hours, train: &[usize]) -> Result<Tensor> {
    let last = &hours.last;
    let log = |name| -> Result<Vec<f64>> {
        Ok(hours.column(name)?.into_iter().map(f64::ln_1p).collect())
    };
    let before = last.iter().take(1).chain(last);
    let numbers = vec![
        last.clone(),
        last.iter().zip(before).map(|(now, before)| now - before).collect(),
        hours.column("DEWP")?,
        hours.column("TEMP")?,
        hours.column("PRES")?,
        log("Iws")?,
        log("Is")?,
        log("Ir")?,
    ];
    let missing = hours.measured.iter().map(|v| f64::from(u8::from(v.is_nan()))).collect();
    let (day, month, date) = (hours.column("hour")?, hours.column("month")?, hours.column("day")?);
    let day: Vec<f64> = day.iter().map(|h| h / 24.0).collect();
    let year = month.iter().zip(&date).map(|(m, d)| (m - 1.0 + (d - 1.0) / 31.0) / 12.0);
    let year: Vec<f64> = year.collect();
    let clock = [vec![missing], waves(&day, 1.0), waves(&day, 2.0), waves(&year, 1.0)].concat();

    let (n, n_clock) = (numbers.len(), clock.len());
    let columns = [numbers, clock].concat().concat();
    let columns = Tensor::from_vec(columns, [n + n_clock, hours.len()])?.to_dtype(DType::F32)?;
    let wind = hours.table.features(&["cbwd"], DType::F32)?;
    let table = Tensor::cat(&[columns.t()?, wind], 1)?; // (N, columns)

    let median = ImputerConfig { statistic: Statistic::Median, ..ImputerConfig::default() };
    let scale = StandardScalerConfig::default();
    let scaled = PipelineConfig::new([("impute", median.into()), ("scale", scale.into())]);
    let unseen = UnknownCategory::Zeros;
    let one_hot = OneHotEncoderConfig { unknown: unseen, ..OneHotEncoderConfig::default() };
    let parts =
        [("numbers", scaled.into(), (0..n).collect()), ("wind", one_hot.into(), vec![n + n_clock])];
    let config = ColumnTransformerConfig {
        remainder: Remainder::Keep,
        ..ColumnTransformerConfig::new(parts)
    };
    Ok(config.fit(&TrainRows::select(&table, train)?)?.transform(&table)?)
}

/// Sine and cosine of so many turns.
fn waves(turns: &[f64], times: f64) -> Vec<Vec<f64>> {
    let wave = |f: fn(f64) -> f64| turns.iter().map(|turn| f(TAU * times * turn)).collect();
    vec![wave(f64::sin), wave(f64::cos)]
}

#[cfg(test)]
mod tests {
    use gradus::data::Dataset;

    use super::*;

    #[test]
    fn a_window_ends_an_hour_before_its_target() {
        let hours = Hours::parse(&crate::invented::csv(400, 7).unwrap()).unwrap();
        let series = Series::new(&hours, 5).unwrap();
        let [train, valid, test] = &series.parts;
        assert!(train.iter().all(|&h| (5..280).contains(&h)));
        assert!(valid.iter().all(|&h| (280..320).contains(&h)));
        assert!(test.iter().all(|&h| (320..400).contains(&h)));
        let windows = series.before(test).unwrap();
        let numbers = hours.last[..280].iter().filter(|v| !v.is_nan());
        let mean = numbers.clone().sum::<f64>() / numbers.clone().count() as f64;
        let spread = numbers.clone().map(|v| (v - mean).powi(2)).sum::<f64>();
        let deviation = (spread / numbers.count() as f64).sqrt();
        for (i, &hour) in test.iter().enumerate() {
            let [window, target] = windows.get(i).unwrap();
            let change = series.scaler.inverse_transform(&target).unwrap().item().unwrap();
            assert!((change - hours.change[hour]).abs() < 1e-3);
            // The first feature is what was measured last, scaled by the training part alone.
            let now = f64::from(window.to_vec::<f32>().unwrap()[4 * series.n_features]);
            assert!((now * deviation + mean - hours.last[hour - 1]).abs() < 1e-2);
        }
    }

    #[test]
    fn too_few_hours_are_refused() {
        let hours = Hours::parse(&crate::invented::csv(20, 7).unwrap()).unwrap();
        let message = Series::new(&hours, 15).unwrap_err().to_string();
        assert_eq!(message, "20 hours leave a part without one to forecast");
    }

    #[test]
    fn what_is_held_out_teaches_nothing() {
        let csv = crate::invented::csv(400, 7).unwrap();
        let series = |text: &str| Series::new(&Hours::parse(text).unwrap(), 5).unwrap();
        // The last line is held out: another value there leaves all windows before it as they are.
        let (rest, line) = csv.trim_end().rsplit_once('\n').unwrap();
        let mut fields: Vec<&str> = line.split(',').collect();
        fields[4] = "900";
        let [a, b] = [series(&csv), series(&format!("{rest}\n{}\n", fields.join(",")))];
        assert_eq!(a.scaler, b.scaler);
        let hours: Vec<usize> = (5..399).collect();
        let window = |s: &Series, i| s.before(&hours).unwrap().get(i).unwrap()[0].clone();
        assert!((0..hours.len()).all(|i| window(&a, i).equal(&window(&b, i))));
    }
}
