//! Text line by line: any bytes are lines up to an error.
#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // The reader takes a path; a process has a file of its own.
    let path = std::env::temp_dir().join(format!("gradus-fuzz-text-lines-{}", std::process::id()));
    fs::write(&path, bytes).expect("the folder for temporary files can be written");
    for line in gradus_data::text_lines(&path).into_iter().flatten() {
        if line.is_err() {
            break;
        }
    }
});
