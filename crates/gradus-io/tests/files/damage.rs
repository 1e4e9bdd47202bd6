//! Damaged and forged files are errors: no panic, no great allocation.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;

use gradus_io::{
    Error, Result, load_npy, load_npz, load_safetensors, save_npy, save_npz, save_safetensors,
};
use gradus_tensor::{DType, Tensor};
use proptest::prelude::*;

use crate::tensors::{filled, named};

const OF_NUMPY: &[DType] = &[DType::F32, DType::F64, DType::I64, DType::U8, DType::Bool];

fn written(write: impl FnOnce(&std::path::Path)) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    write(&path);
    fs::read(path).unwrap()
}

fn with_file<T>(bytes: &[u8], load: impl FnOnce(&std::path::Path) -> Result<T>) -> Result<T> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    load(file.path())
}

fn safetensors(bytes: &[u8]) -> Result<BTreeMap<String, Tensor>> {
    with_file(bytes, |path| load_safetensors(path)).map(|(tensors, _)| tensors)
}

fn npy(bytes: &[u8]) -> Result<Tensor> {
    with_file(bytes, |path| load_npy(path))
}

fn npz(bytes: &[u8]) -> Result<BTreeMap<String, Tensor>> {
    with_file(bytes, |path| load_npz(path))
}

fn message<T>(result: Result<T>) -> String {
    result.err().expect("the file is damaged").to_string()
}

fn from_header(header: &str, data: &[u8]) -> Result<BTreeMap<String, Tensor>> {
    safetensors(&[&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat())
}

fn flipped(bytes: &[u8], flips: &[usize]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for flip in flips {
        let bit = flip % (bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_safetensors_never_panic(
        tensors in named(&DType::ALL), cut: usize,
        flips in prop::collection::vec(any::<usize>(), 1..5),
    ) {
        let texts = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
        let bytes = written(|path| save_safetensors(path, &tensors, &texts).unwrap());
        prop_assert!(safetensors(&bytes[..cut % bytes.len()]).is_err());
        let _unused = safetensors(&flipped(&bytes, &flips));
        prop_assert!(safetensors(&[&bytes[..], &[0]].concat()).is_err());
        // Flips in the header alone.
        let n = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let header = flipped(&bytes[..n], &flips);
        let _unused = safetensors(&[&header, &bytes[n..]].concat());
    }

    #[test]
    fn damaged_npy_files_never_panic(
        dtype in prop::sample::select(OF_NUMPY), seed: u64, cut: usize,
        flips in prop::collection::vec(any::<usize>(), 1..5),
    ) {
        let bytes = written(|path| save_npy(path, &filled(dtype, &[2, 3], seed)).unwrap());
        prop_assert!(npy(&bytes[..cut % bytes.len()]).is_err());
        prop_assert!(npy(&[&bytes[..], &[0]].concat()).is_err());
        let header = flipped(&bytes[..128], &flips);
        let _unused = npy(&[&header, &bytes[128..]].concat());
    }

    #[test]
    fn damaged_npz_files_never_panic(
        arrays in named(OF_NUMPY), cut: usize,
        flips in prop::collection::vec(any::<usize>(), 1..5),
    ) {
        let bytes = written(|path| save_npz(path, &arrays).unwrap());
        prop_assert!(npz(&bytes[..cut % bytes.len()]).is_err());
        let _unused = npz(&flipped(&bytes, &flips));
    }

    #[test]
    fn garbage_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(safetensors(&bytes).is_err());
        prop_assert!(npy(&bytes).is_err());
        prop_assert!(npz(&bytes).is_err());
        prop_assert!(npy(&[b"\x93NUMPY\x01\0\x80\0", &bytes[..]].concat()).is_err());
    }
}

#[test]
fn a_flipped_element_in_an_archive_is_noticed() {
    let arrays = BTreeMap::from([("x".to_owned(), Tensor::new([1.0, 2.0]))]);
    let mut bytes = written(|path| save_npz(path, &arrays).unwrap());
    let element = bytes.windows(4).position(|w| w == 2f32.to_le_bytes()).unwrap();
    bytes[element] ^= 1;
    let error = npz(&bytes).unwrap_err();
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("checksum"));
}

#[test]
fn forged_safetensors_are_refused() {
    let entry = |shape: &str, offsets: &str| {
        format!(r#"{{"w":{{"dtype":"F32","shape":{shape},"data_offsets":{offsets}}}}}"#)
    };
    assert!(from_header(&entry("[1]", "[0,4]"), &[0; 4]).is_ok());
    for (shape, offsets) in [
        ("[2]", "[0,4]"),
        ("[1]", "[4,8]"),
        ("[1]", "[4,0]"),
        ("[-1]", "[0,4]"),
        ("[4611686018427387904]", "[0,0]"),
        ("[4611686018427387903]", "[0,18446744073709551612]"),
        ("[0,18446744073709551615]", "[0,0]"),
        ("[18446744073709551615,0,18446744073709551615]", "[0,0]"),
    ] {
        let result = from_header(&entry(shape, offsets), &[0; 4]);
        assert!(result.is_err(), "{shape} {offsets}");
        let result = from_header(&entry(shape, offsets), &[]);
        assert!(result.is_err(), "{shape} {offsets}");
    }
    // Offsets whose end, with the header, is beyond 64 bits.
    let eighth = 1u64 << 61;
    let parts: Vec<String> = (0..8u64)
        .map(|i| {
            let size = eighth - u64::from(i == 7) * 4;
            let (start, end) = (i * eighth, i.wrapping_mul(eighth).wrapping_add(size));
            format!(
                r#""{i}":{{"dtype":"F32","shape":[{}],"data_offsets":[{start},{end}]}}"#,
                size / 4
            )
        })
        .collect();
    assert!(from_header(&format!("{{{}}}", parts.join(",")), &[]).is_err());
    assert!(safetensors(&[0xff; 9]).is_err());
    assert!(from_header(&"[".repeat(100_000), &[]).is_err());
}

#[test]
fn errors_name_file_tensor_and_bytes() {
    let dtype = |name: &str, bytes: u32| {
        format!(r#"{{"head.w":{{"dtype":"{name}","shape":[1],"data_offsets":[0,{bytes}]}}}}"#)
    };
    let error = from_header(&dtype("C64", 8), &[0; 8]).unwrap_err();
    assert!(matches!(&error, Error::DType { dtype, .. } if dtype == "C64"));
    assert!(error.to_string().contains("tensor \"head.w\": dtype C64 is not supported"));
    let bad_bool = from_header(&dtype("BOOL", 1), &[2]);
    assert!(message(bad_bool).contains("\"head.w\": expected truth values of 0 or 1, got 2"));
    assert!(message(from_header(&dtype("F32", 4), &[])).contains("expected 4 bytes of elements"));
    assert!(message(safetensors(b"short")).ends_with("a safetensors file, got 5 bytes"));
    let absent = load_safetensors("no/such/file").unwrap_err();
    assert_eq!(absent.to_string(), "cannot read no/such/file");
}

#[test]
fn later_versions_are_refused() {
    for version in ["2", "0", "", "x", "-1"] {
        let header = format!(r#"{{"__metadata__":{{"gradus_format":"{version}"}}}}"#);
        let error = from_header(&header, &[]).unwrap_err();
        assert!(matches!(error, Error::Version { got, .. } if got == version));
    }
}

#[test]
fn foreign_dtypes_are_widened() {
    let read = |dtype: &str, data: &[u8]| {
        let header = format!(
            r#"{{"w":{{"dtype":"{dtype}","shape":[1],"data_offsets":[0,{}]}}}}"#,
            data.len()
        );
        let tensor = from_header(&header, data).unwrap()["w"].clone();
        (tensor.dtype(), tensor.item().unwrap())
    };
    assert_eq!(read("F16", &0xc100u16.to_le_bytes()), (DType::F32, -2.5));
    assert_eq!(read("I8", &[0xff]), (DType::I64, -1.0));
    assert_eq!(read("I16", &(-2i16).to_le_bytes()), (DType::I64, -2.0));
    assert_eq!(read("U16", &40_000u16.to_le_bytes()), (DType::I64, 40_000.0));
    assert_eq!(read("I32", &(-3i32).to_le_bytes()), (DType::I64, -3.0));
    assert_eq!(read("U32", &4_000_000_000u32.to_le_bytes()), (DType::I64, 4e9));
}

#[test]
fn forged_npy_sizes_are_refused() {
    let file = |shape: &str| {
        let text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n");
        [b"\x93NUMPY\x01\0", &(text.len() as u16).to_le_bytes()[..], text.as_bytes()].concat()
    };
    assert!(npy(&file("(0, 7)")).is_ok());
    assert!(message(npy(&file("(4611686018427387903, 4)"))).contains("fits in memory"));
    assert!(message(npy(&file("(0, 9223372036854775807, 9)"))).contains("fits in memory"));
    assert!(message(npy(&file("(1000000000000,)"))).contains("got 0"));
    assert!(message(npy(b"\x93NUMPY\x02\0\xff\xff\xff\xff")).contains("at most 65536 bytes"));
    assert!(message(npy(b"\x93NUMPY\x09\0\0\0")).contains("npy version"));
    assert!(message(npy(b"PK\x03\x04aaaa")).contains("the start of an npy file"));
}

#[test]
fn other_orders_of_bytes_and_dimensions_are_read() {
    let text = "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }\n";
    let data = [1i16, 4, 2, 5, 3, -6].map(i16::to_be_bytes).concat();
    let length = (text.len() as u32).to_le_bytes();
    let x = npy(&[b"\x93NUMPY\x03\0", &length[..], text.as_bytes(), &data].concat()).unwrap();
    assert!(x.equal(&Tensor::new([[1, 2, 3], [4, 5, -6]])));
}
