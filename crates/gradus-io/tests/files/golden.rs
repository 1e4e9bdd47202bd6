//! Files of every released format version are still read, and still written the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use gradus_io::{load_safetensors, save_safetensors};
use gradus_tensor::{DType, Tensor};

fn golden(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "golden", name].iter().collect()
}

fn version_1() -> (BTreeMap<String, Tensor>, BTreeMap<String, String>) {
    let ramp = Tensor::arange(-3.0, 3.0, 1.0, DType::F32).unwrap().reshape([2, 3]).unwrap();
    let ramp = ramp.mul_scalar(0.25).unwrap();
    let tensors = [
        ("blocks.0.weight", ramp.clone()),
        ("blocks.0.half", ramp.to_dtype(DType::BF16).unwrap()),
        ("blocks.0.double", ramp.to_dtype(DType::F64).unwrap()),
        ("ids", Tensor::new([-1, 0, i64::MAX])),
        ("mask", Tensor::new([true, false, true])),
        ("pixels", Tensor::from(vec![0u8, 127, 255])),
        ("empty", Tensor::zeros([0, 4], DType::F32).unwrap()),
        ("scalar", Tensor::scalar(2.5f32)),
    ];
    let texts = [("model", "golden"), ("vocab", " \n\"字")];
    (
        tensors.map(|(name, tensor)| (name.to_owned(), tensor)).into(),
        texts.map(|(name, text)| (name.to_owned(), text.to_owned())).into(),
    )
}

#[test]
fn version_1_is_read() {
    let (expected, expected_texts) = version_1();
    let (tensors, texts) = load_safetensors(golden("v1.safetensors")).unwrap();
    assert_eq!(texts, expected_texts);
    assert!(tensors.keys().eq(expected.keys()));
    for (name, tensor) in &tensors {
        assert!(tensor.equal(&expected[name]), "{name}: {tensor:?}");
    }
}

#[test]
fn version_1_is_written_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v1.safetensors");
    let (tensors, texts) = version_1();
    save_safetensors(&path, &tensors, &texts).unwrap();
    assert_eq!(fs::read(path).unwrap(), fs::read(golden("v1.safetensors")).unwrap());
}
