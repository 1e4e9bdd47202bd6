//! The points of the charts.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use gradus::generate::eval::Interval;
use serde_json::{Map, Value, json};

/// One strategy on one modality: what it costs, how far from the data it ends, and with what it can
/// be made again.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) modality: String,
    /// AR, NAR in some order, or both: the colour in the chart.
    pub(crate) family: String,
    pub(crate) strategy: String,
    /// How many samples were drawn side by side when it was timed.
    pub(crate) batch: usize,
    /// Calls of the model until the batch was done.
    pub(crate) calls: f64,
    /// Wall time per sample.
    pub(crate) milliseconds: f64,
    /// See the report for what it is; lower is nearer.
    pub(crate) distance: f64,
    /// 95 %, by bootstrap over the samples.
    pub(crate) interval: Interval,
    /// How many samples the distance is computed from.
    pub(crate) samples: usize,
    /// Other figures, by name.
    pub(crate) beside: Vec<(&'static str, f64)>,
    pub(crate) seed: u64,
    pub(crate) dtype: &'static str,
}

impl Row {
    /// What a program reads. JSON has no NaN and no infinity, which become `null`.
    pub(crate) fn to_json(&self) -> Value {
        let mut object = Map::new();
        let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
        put("modality", json!(self.modality));
        put("family", json!(self.family));
        put("strategy", json!(self.strategy));
        put("batch", json!(self.batch));
        put("calls", json!(self.calls));
        put("milliseconds", json!(self.milliseconds));
        put("distance", json!(self.distance));
        put("interval", json!([self.interval.low, self.interval.high]));
        put("samples", json!(self.samples));
        put("beside", self.beside.iter().map(|&(name, v)| (name.to_owned(), json!(v))).collect());
        put("seed", json!(self.seed));
        put("dtype", json!(self.dtype));
        put("version", json!(env!("CARGO_PKG_VERSION")));
        Value::Object(object)
    }
}

/// Writes all rows as one JSON array, a row a line; whole or not at all.
pub(crate) fn write(path: &Path, rows: &[Row]) -> Result<()> {
    let lines: Vec<String> = rows.iter().map(|row| row.to_json().to_string()).collect();
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    gradus::io::write_atomic(path, |file| file.write_all(text.as_bytes()))
        .with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn row(strategy: &str) -> Row {
        Row {
            modality: "text".into(),
            family: "AR".into(),
            strategy: strategy.into(),
            batch: 64,
            calls: 20.0,
            milliseconds: 1.5,
            distance: 0.25,
            interval: Interval { low: 0.2, high: 0.3 },
            samples: 128,
            beside: vec![("oracle NLL", f64::NAN), ("repeats", 0.125)],
            seed: u64::MAX,
            dtype: "f32",
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = std::env::temp_dir().join(format!("tradeoff-rows-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("rows.json");
        write(&path, &[row("one \"go\""), row("二")]).unwrap();
        let read: Vec<Value> =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(read, [row("one \"go\"").to_json(), row("二").to_json()]);
        assert_eq!(read[0]["strategy"], "one \"go\"");
        assert_eq!(read[0]["interval"][1], 0.3);
        assert_eq!(read[0]["seed"], u64::MAX);
        assert_eq!(read[0]["beside"]["repeats"], 0.125);
        assert!(read[0]["beside"]["oracle NLL"].is_null());
        for name in ["modality", "family", "calls", "milliseconds", "distance", "dtype", "version"]
        {
            assert!(!read[1][name].is_null(), "{name}");
        }
        write(&path, &[]).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "[\n\n]\n");
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(write(&path, &[]).is_err());
    }
}
