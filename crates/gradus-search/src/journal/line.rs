//! One line of a journal: something as JSON, and its checksum.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// `{"sum":"…","entry":…}`, where the sum is of the bytes of the entry.
pub(super) fn write(entry: &impl Serialize) -> serde_json::Result<String> {
    let entry = serde_json::to_string(entry)?;
    let sum = checksum(entry.as_bytes());
    Ok(format!("{START}{sum:016x}{MIDDLE}{entry}}}\n"))
}

/// The entry of a line without its end.
pub(super) fn read<T: DeserializeOwned>(line: &[u8]) -> Result<T, String> {
    let line = std::str::from_utf8(line).map_err(|e| e.to_string())?;
    let parts = line.strip_prefix(START).and_then(|rest| rest.strip_suffix('}'));
    let parts = parts.and_then(|rest| rest.split_once(MIDDLE));
    let Some((sum, entry)) = parts else { return Err("not a line of a journal".to_owned()) };
    if u64::from_str_radix(sum, 16) != Ok(checksum(entry.as_bytes())) {
        return Err("the checksum does not fit".to_owned());
    }
    serde_json::from_str(entry).map_err(|e| e.to_string())
}

const START: &str = "{\"sum\":\"";
const MIDDLE: &str = "\",\"entry\":";

/// FNV-1a with 64 bits. Each step is one-to-one, so a change of one byte always shows; any other
/// goes unnoticed once in 2⁶⁴.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, &byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_or_missing_byte_shows() {
        let line = write(&("width", 16, 0.1)).unwrap();
        assert_eq!(line, "{\"sum\":\"c5e78920ecf4387b\",\"entry\":[\"width\",16,0.1]}\n");
        let line = line.trim_end().as_bytes();
        assert_eq!(read::<(String, i64, f64)>(line), Ok(("width".to_owned(), 16, 0.1)));
        for i in 0..line.len() {
            let mut damaged = line.to_vec();
            damaged[i] ^= 1;
            assert!(read::<(String, i64, f64)>(&damaged).is_err(), "byte {i}");
            assert!(read::<(String, i64, f64)>(&line[..i]).is_err(), "cut at {i}");
        }
    }
}
