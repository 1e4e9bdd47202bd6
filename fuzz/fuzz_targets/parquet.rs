//! Parquet files: any bytes are a table or an error.
#![no_main]

use std::fs;

use gradus_data::{ColumnKind, Missing, ParquetConfig};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: {
    // The fuzzer's hook ends the process at a panic of the decoder, which the reader turns into an
    // error; one that gets past the reader still counts.
    std::panic::set_hook(Box::new(|_| {}));
}, |bytes: &[u8]| {
    // The reader takes a path; a process has a file of its own.
    let path = std::env::temp_dir().join(format!("gradus-fuzz-parquet-{}", std::process::id()));
    fs::write(&path, bytes).expect("the folder for temporary files can be written");
    let columns = [("a", ColumnKind::Number), ("b", ColumnKind::Category), ("c", ColumnKind::Text)];
    let _unused = ParquetConfig { missing: Missing::Nan, ..ParquetConfig::new(columns) }.read(&path);
});
