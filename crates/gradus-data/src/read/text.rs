//! Text files.

use std::fs;
use std::path::Path;

use crate::{Error, Result};

/// Reads a UTF-8 text file whole, byte for byte: line ends stay as they are.
///
/// # Errors
/// [`Error::Io`] if the file cannot be read; [`Error::Format`] with the offset of the first byte
/// that is not UTF-8.
///
/// # Examples
/// ```no_run
/// let text = gradus_data::read_text("shakespeare.txt")?;
/// println!("{} characters", text.chars().count());
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn read_text(path: impl AsRef<Path>) -> Result<String> {
    let path = path.as_ref();
    let io = |source| Error::Io { path: path.to_owned(), source };
    let bytes = fs::read(path).map_err(io)?;
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        Error::Format {
            path: path.to_owned(),
            offset: offset as u64,
            expected: "UTF-8".to_owned(),
            got: format!("byte 0x{:02x}", error.as_bytes()[offset]),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("poem.txt");
        fs::write(&path, "床前明月光\r\n\n").unwrap();
        assert_eq!(read_text(&path).unwrap(), "床前明月光\r\n\n");
    }

    #[test]
    fn errors_name_the_file_and_the_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("latin1.txt");
        fs::write(&path, b"caf\xe9 noir").unwrap();
        let message = read_text(&path).unwrap_err().to_string();
        assert!(
            message.ends_with("latin1.txt, byte 3: expected UTF-8, got byte 0xe9"),
            "{message}"
        );
        let absent = read_text(folder.path().join("absent")).unwrap_err().to_string();
        assert!(absent.starts_with("cannot read") && absent.ends_with("absent"), "{absent}");
        // An end in the midst of a character.
        fs::write(&path, &"光".as_bytes()[..2]).unwrap();
        assert!(read_text(&path).unwrap_err().to_string().contains("byte 0:"));
    }
}
