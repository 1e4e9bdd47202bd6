//! The few messages of TensorBoard's protocol buffers that are written.
//!
//! ```text
//! Event    1 wall_time: double   2 step: int64   3 file_version: string   5 summary: Summary
//!          7 session_log: SessionLog
//! Summary  1 value: repeated Value
//! Value    1 tag: string   2 simple_value: float   4 image: Image
//! Image    1 height: int32   2 width: int32   3 colorspace: int32   4 encoded_image_string: bytes
//! SessionLog  1 status: enum, 1 = START
//! ```

use crate::report::Picture;

/// A message that is being written.
#[derive(Debug, Default)]
pub(super) struct Message(Vec<u8>);

/// How a field's value is written.
#[derive(Debug, Clone, Copy)]
enum Wire {
    Varint = 0,
    Bits64 = 1,
    Bytes = 2,
    Bits32 = 5,
}

impl Message {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn key(&mut self, field: u64, wire: Wire) {
        self.varint(field << 3 | wire as u64);
    }

    fn int(mut self, field: u64, value: u64) -> Self {
        self.key(field, Wire::Varint);
        self.varint(value);
        self
    }

    fn double(mut self, field: u64, value: f64) -> Self {
        self.key(field, Wire::Bits64);
        self.0.extend(value.to_le_bytes());
        self
    }

    fn float(mut self, field: u64, value: f32) -> Self {
        self.key(field, Wire::Bits32);
        self.0.extend(value.to_le_bytes());
        self
    }

    fn bytes(mut self, field: u64, value: &[u8]) -> Self {
        self.key(field, Wire::Bytes);
        self.varint(value.len() as u64);
        self.0.extend(value);
        self
    }

    fn message(self, field: u64, value: Self) -> Self {
        self.bytes(field, &value.0)
    }
}

fn event(seconds: f64, step: u64) -> Message {
    Message::default().double(1, seconds).int(2, step)
}

/// The first event of every file.
pub(super) fn version(seconds: f64) -> Message {
    event(seconds, 0).bytes(3, b"brain.Event:2")
}

/// What was written for this step and later ones no longer counts.
pub(super) fn restart(seconds: f64, step: u64) -> Message {
    event(seconds, step).message(7, Message::default().int(1, 1))
}

pub(super) fn scalars<'a>(
    seconds: f64,
    step: u64,
    values: impl IntoIterator<Item = (&'a str, f64)>,
) -> Message {
    let value = |tag: &str, v: f64| Message::default().bytes(1, tag.as_bytes()).float(2, v as f32);
    let all =
        values.into_iter().fold(Message::default(), |all, (t, v)| all.message(1, value(t, v)));
    event(seconds, step).message(5, all)
}

pub(super) fn image(seconds: f64, step: u64, tag: &str, picture: &Picture) -> Message {
    let (width, height) = picture.size();
    let image = Message::default()
        .int(1, height.into())
        .int(2, width.into())
        .int(3, picture.channels().into())
        .bytes(4, picture.png());
    let value = Message::default().bytes(1, tag.as_bytes()).message(4, image);
    event(seconds, step).message(5, Message::default().message(1, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_protocol_buffers() {
        // From the wire format's own examples: 150 in field 1, "testing" in field 2.
        assert_eq!(Message::default().int(1, 150).into_bytes(), [0x08, 0x96, 0x01]);
        let testing = Message::default().bytes(2, b"testing").into_bytes();
        assert_eq!(testing, [0x12, 7, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
        assert_eq!(Message::default().float(2, 1.0).into_bytes(), [0x15, 0, 0, 0x80, 0x3f]);
        let whole = scalars(0.0, 3, [("a", 1.0)]).into_bytes();
        let expected = [
            &[0x09, 0, 0, 0, 0, 0, 0, 0, 0][..],
            &[0x10, 3],
            &[0x2a, 10, 0x0a, 8, 0x0a, 1, b'a', 0x15, 0, 0, 0x80, 0x3f],
        ];
        assert_eq!(whole, expected.concat());
    }
}
