//! Whether a state dictionary fits a module.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use crate::param::check_fits;
use crate::{Error, Result};

/// Checks names, then shapes and dtypes, of `new` against the module's `own` state.
pub(super) fn check(own: &BTreeMap<String, Tensor>, new: &BTreeMap<String, Tensor>) -> Result<()> {
    let missing = absent(own, new);
    if !missing.is_empty() {
        return Err(Error::MissingState { paths: missing });
    }
    let unexpected = absent(new, own);
    if !unexpected.is_empty() {
        return Err(Error::UnexpectedState { paths: unexpected });
    }
    own.iter().try_for_each(|(path, old)| check_fits(path, old, &new[path]))
}

/// The names of `a` that `b` lacks.
fn absent(a: &BTreeMap<String, Tensor>, b: &BTreeMap<String, Tensor>) -> Vec<String> {
    a.keys().filter(|path| !b.contains_key(*path)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Buffer, Module, Param};

    fn tensor(n: usize) -> Tensor {
        Tensor::ones(n, gradus_core::DType::F32).unwrap()
    }

    fn state(entries: &[(&str, usize)]) -> BTreeMap<String, Tensor> {
        entries.iter().map(|&(path, n)| (path.to_string(), tensor(n))).collect()
    }

    #[test]
    fn faults_name_the_paths() {
        let mut model = vec![Param::new(tensor(2)), Param::new(tensor(3))];
        let mut fault =
            |entries: &[_]| model.load_state_dict(&state(entries)).unwrap_err().to_string();
        assert_eq!(fault(&[]), "state dict: missing 0, 1");
        assert_eq!(fault(&[("0", 2), ("1", 3), ("2", 1)]), "state dict: unexpected 2");
        assert_eq!(fault(&[("0", 2), ("1", 4)]), "1: expected shape [3], got [4]");
    }

    #[test]
    fn a_bad_entry_leaves_the_module_unchanged() {
        let zeros = || Tensor::zeros(2, gradus_core::DType::F32).unwrap();
        let mut model = vec![Param::new(zeros()), Param::new(zeros())];
        assert!(model.load_state_dict(&state(&[("0", 2), ("1", 3)])).is_err());
        assert!(model.iter().all(|param| param.value().equal(&zeros())));
    }

    #[test]
    fn state_makes_the_round_trip_and_keeps_identities() {
        let source = (Param::new(tensor(3)), Buffer::new(tensor(2)));
        let zeros = |n: usize| Tensor::zeros(n, gradus_core::DType::F32).unwrap();
        let mut target = (Param::new(zeros(3)), Buffer::new(zeros(2)));
        let id = target.0.id();
        target.load_state_dict(&source.state_dict()).unwrap();
        assert!(target.0.value().equal(&tensor(3)) && target.1.value().equal(&tensor(2)));
        assert_eq!(target.0.id(), id);
    }
}
