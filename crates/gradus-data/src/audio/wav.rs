//! WAV files.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;

use gradus_tensor::Tensor;
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};

use crate::{Error, Result};

/// A recording.
///
/// # Shapes
/// - `samples`: `[C, T]`, f32, in −1.0..=1.0 for files of integers
#[derive(Debug, Clone)]
pub struct Wav {
    /// The channels, one row each.
    pub samples: Tensor,
    /// Samples per second and channel.
    pub rate: u32,
}

/// How samples are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WavFormat {
    /// Integers of 16 bits; what is beyond ±1 is cut off.
    #[default]
    Int16,
    /// Integers of 24 bits; what is beyond ±1 is cut off.
    Int24,
    /// f32, as they are.
    Float32,
}

impl WavFormat {
    const fn bits(self) -> u16 {
        match self {
            Self::Int16 => 16,
            Self::Int24 => 24,
            Self::Float32 => 32,
        }
    }
}

/// Reads a WAV file of 8, 16, 24 or 32-bit integers or 32-bit floats, with any number of channels.
///
/// An integer `k` of `b` bits becomes `k / 2^(b − 1)`.
///
/// # Errors
/// [`Error::Io`] if the file cannot be read, is no WAV file or ends too early. A forged length costs
/// no memory: samples are read as they come.
///
/// # Examples
/// ```no_run
/// use gradus_data::{read_wav, resample};
/// let wav = read_wav("seven.wav")?;
/// let mono = wav.mono()?; // (T)
/// let x = resample(&mono, wav.rate, 16_000)?;
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn read_wav(path: impl AsRef<Path>) -> Result<Wav> {
    let path = path.as_ref();
    let file = File::open(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    read(BufReader::new(file), path)
}

/// Reads from memory; `path` is named in errors.
///
/// # Errors
/// Those of [`read_wav`].
pub fn parse_wav(bytes: &[u8], path: &Path) -> Result<Wav> {
    read(bytes, path)
}

fn read(input: impl Read, path: &Path) -> Result<Wav> {
    let fault = |error: hound::Error| Error::Io { path: path.to_owned(), source: to_io(error) };
    let bad = |message: &'static str| fault(hound::Error::FormatError(message));
    let mut reader = WavReader::new(input).map_err(fault)?;
    let spec = reader.spec();
    let channels = usize::from(spec.channels);
    if channels == 0 || spec.sample_rate == 0 {
        return Err(bad("no channel or a rate of zero"));
    }
    if !(8..=32).contains(&spec.bits_per_sample) {
        return Err(bad("samples of neither 8, 16, 24 nor 32 bits"));
    }
    // Sample after sample: the declared length is not believed.
    let interleaved: Vec<f32> = match spec.sample_format {
        SampleFormat::Float => reader.samples::<f32>().collect::<hound::Result<_>>(),
        SampleFormat::Int => {
            let scale = 0.5f64.powi(i32::from(spec.bits_per_sample) - 1);
            let scaled = |k: hound::Result<i32>| k.map(|k| (f64::from(k) * scale) as f32);
            reader.samples::<i32>().map(scaled).collect()
        }
    }
    .map_err(fault)?;
    if !interleaved.len().is_multiple_of(channels) {
        return Err(bad("channels of different lengths"));
    }
    let frames = interleaved.len() / channels;
    let samples = Tensor::from_vec(interleaved, [frames, channels])?.t()?.contiguous();
    Ok(Wav { samples, rate: spec.sample_rate })
}

fn to_io(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(source) => source,
        other => io::Error::new(io::ErrorKind::InvalidData, other),
    }
}

impl Wav {
    /// The mean of the channels.
    ///
    /// # Shapes
    /// - → `[T]`
    ///
    /// # Errors
    /// Those of tensor operations on samples that were replaced.
    pub fn mono(&self) -> Result<Tensor> {
        Ok(self.samples.mean(0)?)
    }

    /// The bytes of a WAV file with these samples.
    ///
    /// # Errors
    /// [`Error::Tensor`] if the samples are not f32; [`Error::InvalidArgument`] if they are not
    /// `[C, T]` with `C` in 1..=65535, or too many for the format.
    ///
    /// # Examples
    /// ```
    /// use std::path::Path;
    /// use gradus_data::{Wav, WavFormat, parse_wav};
    /// use gradus_tensor::Tensor;
    /// let wav = Wav { samples: Tensor::new([[0.0, 0.5, -0.25]]), rate: 8000 };
    /// let bytes = wav.to_bytes(WavFormat::Int16)?;
    /// let read = parse_wav(&bytes, Path::new("memory"))?;
    /// assert!(read.samples.equal(&wav.samples));
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    pub fn to_bytes(&self, format: WavFormat) -> Result<Vec<u8>> {
        let invalid = |expected, got: String| {
            let (op, name) = ("Wav::to_bytes", "samples");
            Error::InvalidArgument { op, name, expected, got }
        };
        let &[channels, frames] = self.samples.dims() else {
            return Err(invalid("of shape [C, T]", self.samples.shape().to_string()));
        };
        let n_bytes = self.samples.len().saturating_mul(4);
        let too_many = channels == 0 || n_bytes >= u32::MAX as usize - 1024;
        let Some(channels) = u16::try_from(channels).ok().filter(|_| !too_many) else {
            return Err(invalid(
                "1 to 65535 channels, below 4 GiB",
                format!("[{channels}, {frames}]"),
            ));
        };
        let sample_format = match format {
            WavFormat::Float32 => SampleFormat::Float,
            WavFormat::Int16 | WavFormat::Int24 => SampleFormat::Int,
        };
        let bits_per_sample = format.bits();
        let spec = WavSpec { channels, sample_rate: self.rate, bits_per_sample, sample_format };
        let samples: Vec<f32> = self.samples.t()?.to_vec()?; // (T, C)
        let fault = |error| invalid("writable", format!("{error}"));
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = WavWriter::new(&mut bytes, spec).map_err(fault)?;
        let half = f64::from(1 << (bits_per_sample - 1).min(30));
        for sample in samples {
            let written = match format {
                WavFormat::Float32 => writer.write_sample(sample),
                // NaN becomes 0, as any cast does.
                _ => writer.write_sample(
                    (f64::from(sample) * half).round().clamp(-half, half - 1.0) as i32,
                ),
            };
            written.map_err(fault)?;
        }
        writer.finalize().map_err(fault)?;
        Ok(bytes.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(bytes: &[u8]) -> Result<Wav> {
        parse_wav(bytes, Path::new("t.wav"))
    }

    /// A file with this `fmt ` chunk: format, channels, rate, bits; and these data bytes.
    fn file(format: u16, channels: u16, bits: u16, data: &[u8], declared: u32) -> Vec<u8> {
        let block = channels.wrapping_mul(bits.div_ceil(8));
        let mut bytes = b"RIFF\0\0\0\0WAVEfmt ".to_vec();
        bytes.extend(16u32.to_le_bytes());
        bytes.extend([format, channels].iter().flat_map(|v| v.to_le_bytes()));
        bytes.extend(8000u32.to_le_bytes());
        bytes.extend((8000 * u32::from(block)).to_le_bytes());
        bytes.extend([block, bits].iter().flat_map(|v| v.to_le_bytes()));
        bytes.extend(b"data");
        bytes.extend(declared.to_le_bytes());
        bytes.extend(data);
        bytes
    }

    fn samples(bits: u16, data: &[u8]) -> Vec<f32> {
        let bytes = file(1, 1, bits, data, data.len() as u32);
        parse(&bytes).unwrap().samples.to_vec().unwrap()
    }

    #[test]
    fn every_width_is_read() {
        assert_eq!(samples(8, &[128, 0, 255, 192]), [0.0, -1.0, 127.0 / 128.0, 0.5]);
        assert_eq!(samples(16, &[0, 0x80, 0, 0x40]), [-1.0, 0.5]);
        assert_eq!(samples(24, &[0, 0, 0x80, 0, 0, 0x40]), [-1.0, 0.5]);
        assert_eq!(samples(32, &[0, 0, 0, 0x80, 0, 0, 0, 0x40]), [-1.0, 0.5]);
        let float = [1.5f32.to_le_bytes(), (-0.1f32).to_le_bytes()].concat();
        let wav = parse(&file(3, 1, 32, &float, 8)).unwrap();
        assert_eq!((wav.rate, wav.samples.to_vec::<f32>().unwrap()), (8000, vec![1.5, -0.1]));
    }

    #[test]
    fn stereo_becomes_mono() {
        let data: Vec<u8> =
            [0x2000i16, 0x4000, -0x4000, 0].iter().flat_map(|v| v.to_le_bytes()).collect();
        let wav = parse(&file(1, 2, 16, &data, 8)).unwrap();
        assert_eq!(wav.samples.dims(), &[2, 2]);
        assert_eq!(wav.samples.to_vec::<f32>().unwrap(), [0.25, -0.5, 0.5, 0.0]);
        assert_eq!(wav.mono().unwrap().to_vec::<f32>().unwrap(), [0.375, -0.25]);
    }

    #[test]
    fn broken_files_are_errors() {
        let good = file(1, 1, 16, &[1, 2, 3, 4], 4);
        assert!(parse(&good).is_ok());
        for end in 0..good.len() {
            assert!(parse(&good[..end]).is_err(), "{end}");
        }
        assert!(parse(b"not a wave file at all").unwrap_err().to_string().contains("t.wav"));
        // Four gigabytes are declared, four bytes are there.
        assert!(parse(&file(1, 1, 16, &[1, 2, 3, 4], u32::MAX - 1)).is_err());
        for (format, channels, bits) in [(1, 0, 16), (1, 1, 0), (1, 1, 12), (7, 1, 8), (3, 1, 64)] {
            assert!(parse(&file(format, channels, bits, &[0; 8], 8)).is_err(), "{format} {bits}");
        }
        assert!(read_wav("absent.wav").unwrap_err().to_string().ends_with("absent.wav"));
        let wrong = |samples| Wav { samples, rate: 8000 }.to_bytes(WavFormat::Int16).is_err();
        assert!(wrong(Tensor::from([1.0f32])) && wrong(Tensor::from([[1.0f64]])));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_is_written_is_read(values in prop::collection::vec(-1.0f32..1.0, 0..20), stereo: bool) {
            let channels = 1 + usize::from(stereo);
            let frames = values.len() / channels;
            let samples = Tensor::from_slice(&values[..frames * channels], [channels, frames]).unwrap();
            let wav = Wav { samples, rate: 44_100 };
            for (format, error) in
                [(WavFormat::Float32, 0.0), (WavFormat::Int16, 4e-5), (WavFormat::Int24, 2e-7)]
            {
                let read = parse(&wav.to_bytes(format).unwrap()).unwrap();
                prop_assert_eq!(read.rate, 44_100);
                prop_assert!(read.samples.allclose(&wav.samples, 0.0, error).unwrap());
            }
        }

        #[test]
        fn damaged_files_never_panic(place in 0usize..52, value: u8) {
            let mut bytes = file(1, 2, 16, &[1; 8], 8);
            bytes[place.min(51)] = value;
            let _unused = parse(&bytes);
        }
    }
}
