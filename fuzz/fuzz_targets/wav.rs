//! WAV files: any bytes are a sound or an error.
#![no_main]

use std::path::Path;

use gradus_data::parse_wav;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(wav) = parse_wav(bytes, Path::new("fuzz.wav")) {
        let mono = wav.mono().expect("channels have one length");
        assert_eq!(mono.len(), wav.samples.dims()[1]);
    }
});
