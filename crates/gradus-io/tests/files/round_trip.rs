//! What is saved is what is loaded, for every dtype and shape.

use std::collections::BTreeMap;
use std::fs;

use gradus_io::{
    Error, load_npy, load_npz, load_safetensors, save_npy, save_npz, save_safetensors,
};
use gradus_tensor::{DType, Tensor, bf16};
use proptest::prelude::*;

use crate::tensors::{filled, named, same, shapes};

/// All dtypes but bf16, which NumPy lacks.
const OF_NUMPY: &[DType] = &[DType::F32, DType::F64, DType::I64, DType::U8, DType::Bool];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn safetensors_come_back(
        tensors in named(&DType::ALL),
        metadata in prop::collection::btree_map("\\PC{0,8}", "\\PC{0,20}", 0..4),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = ["a", "b"].map(|name| folder.path().join(name));
        save_safetensors(&first, &tensors, &metadata).unwrap();
        let (loaded, texts) = load_safetensors(&first).unwrap();
        prop_assert!(same(&loaded, &tensors));
        prop_assert_eq!(&texts, &metadata);
        save_safetensors(&second, &loaded, &texts).unwrap();
        let bytes = fs::read(&first).unwrap();
        prop_assert_eq!(&bytes, &fs::read(&second).unwrap());
        // The reference implementation reads the same, and elements are aligned.
        let reference = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        prop_assert_eq!(reference.len(), tensors.len());
        for (name, tensor) in &tensors {
            let view = reference.tensor(name).unwrap();
            prop_assert_eq!(view.shape(), tensor.dims());
            let offset = view.data().as_ptr() as usize - bytes.as_ptr() as usize;
            prop_assert!(tensor.is_empty() || offset.is_multiple_of(tensor.dtype().size_in_bytes()));
        }
    }

    #[test]
    fn arrays_come_back(shape in shapes(), dtype in prop::sample::select(OF_NUMPY), seed: u64) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.npy");
        let x = filled(dtype, &shape, seed);
        save_npy(&path, &x).unwrap();
        prop_assert!(load_npy(&path).unwrap().equal(&x));
        let data_len = x.len() * dtype.size_in_bytes();
        prop_assert_eq!((fs::read(&path).unwrap().len() - data_len) % 64, 0);
    }

    #[test]
    fn archives_come_back(arrays in named(OF_NUMPY)) {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = ["a", "b"].map(|name| folder.path().join(name));
        save_npz(&first, &arrays).unwrap();
        let loaded = load_npz(&first).unwrap();
        prop_assert!(same(&loaded, &arrays));
        save_npz(&second, &loaded).unwrap();
        prop_assert_eq!(fs::read(first).unwrap(), fs::read(second).unwrap());
    }
}

#[test]
fn special_floats_keep_their_bits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let bits = [0x7fc0_1234u32, 0xffc0_0001, 0x8000_0000, 0x7f80_0000, 1];
    let floats: Vec<f32> = bits.iter().map(|&b| f32::from_bits(b)).collect();
    let halves: Vec<bf16> = (0..=u16::MAX).map(bf16::from_bits).collect();
    let tensors = BTreeMap::from([
        ("floats".to_owned(), Tensor::from(floats)),
        ("halves".to_owned(), Tensor::from(halves)),
    ]);
    save_safetensors(&path, &tensors, &BTreeMap::new()).unwrap();
    let (loaded, _) = load_safetensors(&path).unwrap();
    let floats: Vec<f32> = loaded["floats"].to_vec().unwrap();
    assert_eq!(floats.iter().map(|f| f.to_bits()).collect::<Vec<_>>(), bits);
    let halves: Vec<bf16> = loaded["halves"].to_vec().unwrap();
    assert!(halves.iter().map(|h| h.to_bits()).eq(0..=u16::MAX));
}

#[test]
fn many_elements_come_back() {
    // More than one block of the writer, and not a multiple of it.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let x = filled(DType::F64, &[3, 4099], 1);
    save_npy(&path, &x).unwrap();
    assert!(load_npy(&path).unwrap().equal(&x));
}

#[test]
fn any_name_will_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let names =
        ["", "a/b", "/a", "../a", "a\\b", "C:\\a", "a//b", "a/", ".npy", "字 ü", "a\0b", "\n\""];
    let tensors: BTreeMap<String, Tensor> = names
        .iter()
        .enumerate()
        .map(|(i, n)| ((*n).to_owned(), Tensor::scalar(i as i64)))
        .collect();
    save_npz(&path, &tensors).unwrap();
    assert!(same(&load_npz(&path).unwrap(), &tensors), "{:?}", load_npz(&path).unwrap().keys());
    save_safetensors(&path, &tensors, &BTreeMap::new()).unwrap();
    assert!(same(&load_safetensors(&path).unwrap().0, &tensors));
}

#[test]
fn what_a_format_lacks_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let half = Tensor::zeros([2], DType::BF16).unwrap();
    let named = |name: &str| BTreeMap::from([(name.to_owned(), half.clone())]);
    let error = save_npz(&path, &named("h")).unwrap_err();
    assert!(error.to_string().contains("tensor \"h\": dtype bf16 is not supported"), "{error}");
    assert!(save_npy(&path, &half).is_err());
    let error = save_safetensors(&path, &named("__metadata__"), &BTreeMap::new()).unwrap_err();
    assert!(matches!(error, Error::ReservedName { .. }));
    let texts = BTreeMap::from([("gradus_format".to_owned(), "1".to_owned())]);
    assert!(save_safetensors(&path, &named("h"), &texts).is_err());
    assert!(!path.exists());
}
