//! Text files.

use std::fmt;
use std::fs;
use std::io::BufRead;
use std::path::{Path, PathBuf};

use super::open::{io_error, open};
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

/// Reads a UTF-8 text file line by line, plain or compressed with gzip (told by its first bytes, not
/// its name).
///
/// # Errors
/// [`Error::Io`] if the file cannot be opened. A line that cannot be read is an error in its place:
/// [`Error::Io`], or [`Error::Line`] if it is not UTF-8.
///
/// # Examples
/// ```no_run
/// for line in gradus_data::text_lines("corpus.txt.gz")? {
///     println!("{}", line?.len());
/// }
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn text_lines(path: impl AsRef<Path>) -> Result<TextLines> {
    let path = path.as_ref();
    Ok(TextLines { input: Some(open(path)?), path: path.to_owned(), line: 0 })
}

/// The lines of a text file without their ends (LF, or CR LF), one of them in memory. After an error
/// in reading there is nothing more; a line that is not UTF-8 can be passed over.
pub struct TextLines {
    /// None after the end.
    input: Option<Box<dyn BufRead + Send>>,
    path: PathBuf,
    line: u64,
}

impl Iterator for TextLines {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Result<String>> {
        let mut bytes = Vec::new();
        match self.input.as_mut()?.read_until(b'\n', &mut bytes) {
            Ok(0) => {
                self.input = None;
                return None;
            }
            Ok(_) => self.line += 1,
            Err(source) => {
                self.input = None;
                return Some(Err(io_error(&self.path, source)));
            }
        }
        if bytes.pop_if(|b| *b == b'\n').is_some() {
            bytes.pop_if(|b| *b == b'\r');
        }
        Some(String::from_utf8(bytes).map_err(|error| {
            let offset = error.utf8_error().valid_up_to();
            let got = format!("byte 0x{:02x} (at byte {})", error.as_bytes()[offset], offset + 1);
            Error::Line { path: self.path.clone(), line: self.line, expected: "UTF-8", got }
        }))
    }
}

impl fmt::Debug for TextLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("TextLines");
        fields.field("path", &self.path).field("line", &self.line).finish_non_exhaustive()
    }
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
    fn lines_come_without_their_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.txt");
        fs::write(&path, b"one\r\n\ncaf\xe9\nl\xc3\xa4st\r").unwrap();
        let lines: Vec<_> = text_lines(&path).unwrap().collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(
            (lines[0].as_ref().unwrap(), lines[1].as_ref().unwrap()),
            (&"one".into(), &"".into())
        );
        let message = lines[2].as_ref().unwrap_err().to_string();
        assert!(message.ends_with("t.txt, line 3: expected UTF-8, got byte 0xe9 (at byte 4)"));
        assert_eq!(lines[3].as_ref().unwrap(), "läst\r");
        fs::write(&path, b"").unwrap();
        assert_eq!(text_lines(&path).unwrap().count(), 0);
        assert!(text_lines(folder.path().join("absent")).is_err());
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
