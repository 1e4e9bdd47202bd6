//! PNG and JPEG files: any bytes are a picture or an error.
#![no_main]

use std::path::Path;

use gradus_data::{Channels, parse_image};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(image) = parse_image(bytes, Channels::Rgb, Path::new("fuzz.png")) {
        assert_eq!((image.rank(), image.dims()[0]), (3, 3));
    }
});
