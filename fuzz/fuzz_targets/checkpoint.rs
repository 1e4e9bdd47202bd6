//! Checkpoints: any bytes are the state of a training or an error.
#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // The reader takes a path; a process has a file of its own.
    let path = std::env::temp_dir().join(format!("gradus-fuzz-checkpoint-{}", std::process::id()));
    fs::write(&path, bytes).expect("the folder for temporary files can be written");
    let _unused = gradus_train::Checkpoint::load(&path);
});
