//! Lines of JSON: any bytes are a table or an error.
#![no_main]

use std::path::Path;

use gradus_data::{ColumnKind, JsonLinesConfig};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let columns = [("a", ColumnKind::Number), ("b", ColumnKind::Category), ("c", ColumnKind::Text)];
    let _unused = JsonLinesConfig::new(columns).parse(bytes, Path::new("fuzz.jsonl"));
});
