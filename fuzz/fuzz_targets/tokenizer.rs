//! `tokenizer.json`: any text is a tokenizer that encodes, or an error.
#![no_main]

use gradus_data::{BytePair, Unigram, WordPiece};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    const SAMPLE: &str = "a text, né 床前 <unk>";
    if let Ok(tokenizer) = BytePair::from_json(text) {
        let _unused = tokenizer.decode(&tokenizer.encode(SAMPLE));
    }
    if let Ok(tokenizer) = WordPiece::from_json(text) {
        let _unused = tokenizer.decode(&tokenizer.encode(SAMPLE));
    }
    if let Ok(tokenizer) = Unigram::from_json(text) {
        let _unused = tokenizer.decode(&tokenizer.encode(SAMPLE));
    }
});
