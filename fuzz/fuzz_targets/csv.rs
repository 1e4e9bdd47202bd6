//! Tables of separated values: any bytes are a table or an error.
#![no_main]

use std::path::Path;

use gradus_data::{ColumnKind, CsvConfig, Header, Missing};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let columns = [("a", ColumnKind::Number), ("b", ColumnKind::Category), ("c", ColumnKind::Text)];
    for header in [Header::Names, Header::Absent] {
        let config = CsvConfig { header, missing: Missing::Nan, ..CsvConfig::new(columns) };
        let _unused = config.parse(bytes, Path::new("fuzz.csv"));
    }
});
