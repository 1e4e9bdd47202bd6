//! safetensors files: any bytes are tensors or an error.
#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // The reader takes a path; a process has a file of its own.
    let path = std::env::temp_dir().join(format!("gradus-fuzz-safetensors-{}", std::process::id()));
    fs::write(&path, bytes).expect("the folder for temporary files can be written");
    let _unused = gradus_io::load_safetensors(&path);
});
