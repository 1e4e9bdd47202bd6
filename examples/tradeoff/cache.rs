//! What an earlier run trained and drew.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::PathBuf;

use anyhow::{Context, Result};
use gradus::io::{load_safetensors, save_safetensors};
use gradus::prelude::*;

/// Files named after what is in them and a hash of every setting it depends on, the data included:
/// another setting is another file, never a stale one. Delete the folder to train and time again.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    dir: PathBuf,
}

impl Cache {
    pub(crate) fn new(dir: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&dir).with_context(|| dir.display().to_string())?;
        Ok(Self { dir })
    }

    /// The trained model, from the file or from `train`.
    pub(crate) fn model<M: Module>(
        &self,
        name: &str,
        settings: &impl Debug,
        mut blank: M,
        train: impl FnOnce(M) -> Result<M>,
    ) -> Result<M> {
        let path = self.path(name, settings);
        if path.exists() {
            let (state, _) = load_safetensors(&path).with_context(|| stale(&path))?;
            blank.load_state_dict(&state).with_context(|| stale(&path))?;
            println!("{name}: {} parameters, trained before", blank.num_parameters());
            return Ok(blank);
        }
        println!("{name}: {} parameters", blank.num_parameters());
        let model = train(blank)?;
        save_safetensors(&path, &model.state_dict(), &BTreeMap::new())?;
        Ok(model)
    }

    /// Tensors by name, from the file or from `make`.
    pub(crate) fn tensors(
        &self,
        name: &str,
        settings: &impl Debug,
        make: impl FnOnce() -> Result<BTreeMap<String, Tensor>>,
    ) -> Result<BTreeMap<String, Tensor>> {
        let path = self.path(name, settings);
        if path.exists() {
            return Ok(load_safetensors(&path).with_context(|| stale(&path))?.0);
        }
        let made = make()?;
        save_safetensors(&path, &made, &BTreeMap::new())?;
        Ok(made)
    }

    fn path(&self, name: &str, settings: &impl Debug) -> PathBuf {
        let letters = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let name: String = name.chars().map(letters).collect();
        self.dir.join(format!("{name}-{:016x}.safetensors", settings_hash(settings)))
    }
}

fn stale(path: &std::path::Path) -> String {
    format!("{}: not a file of this example; delete it", path.display())
}

/// FNV-1a over the printed settings and the version: the same on every machine, unlike the
/// standard library's.
pub(crate) fn settings_hash(settings: &impl Debug) -> u64 {
    fnv(format!("{} {settings:?}", env!("CARGO_PKG_VERSION")).bytes())
}

/// A number that stands for the data a model learned from.
pub(crate) fn data_hash(rows: &[Vec<u32>]) -> u64 {
    let row = |row: &Vec<u32>| {
        let len = (row.len() as u64).to_le_bytes();
        len.into_iter().chain(row.iter().flat_map(|id| id.to_le_bytes())).collect::<Vec<u8>>()
    };
    fnv(rows.iter().flat_map(row))
}

fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

#[cfg(test)]
mod tests {
    use gradus::models::MlpConfig;

    use super::*;

    #[test]
    fn the_hash_is_that_of_the_reference() {
        // http://www.isthe.com/chongo/src/fnv/test_fnv.c
        assert_eq!(fnv("".bytes()), 0xCBF2_9CE4_8422_2325);
        assert_eq!(fnv("foobar".bytes()), 0x8594_4171_F739_67E8);
    }

    #[test]
    fn every_setting_counts() {
        let mlp = |widths: [usize; 2]| format!("{:?}", MlpConfig::new(widths));
        assert_eq!(settings_hash(&mlp([2, 3])), settings_hash(&mlp([2, 3])));
        assert_ne!(settings_hash(&mlp([2, 3])), settings_hash(&mlp([2, 4])));
        assert_ne!(data_hash(&[vec![1], vec![2]]), data_hash(&[vec![1, 2]]));
        assert_ne!(data_hash(&[vec![], vec![1]]), data_hash(&[vec![1], vec![]]));
    }

    #[test]
    fn a_model_is_trained_once_for_each_setting() {
        let dir = std::env::temp_dir().join(format!("tradeoff-cache-{}", std::process::id()));
        let cache = Cache::new(dir.clone()).unwrap();
        let blank = |seed| MlpConfig::new([2, 3]).init(&mut Keys::new(seed)).unwrap();
        let trained = cache.model("a b", &1, blank(1), |_| Ok(blank(2))).unwrap();
        let again = cache.model("a b", &1, blank(3), |_| panic!("trained before")).unwrap();
        for (name, tensor) in trained.state_dict() {
            assert!(tensor.equal(&again.state_dict()[&name]), "{name}");
        }
        let mut asked = false;
        let other = |m| {
            asked = true;
            Ok(m)
        };
        cache.model("a b", &2, blank(3), other).unwrap();
        assert!(asked);
        std::fs::write(cache.path("a b", &1), b"no model").unwrap();
        let error = cache.model("a b", &1, blank(3), Ok).unwrap_err();
        assert!(format!("{error:#}").contains("delete it"));
        std::fs::remove_dir_all(dir).unwrap();
    }
}
