//! The state of an optimizer as a map from names to tensors.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use crate::{Error, Memory, Result};

/// Name of the step counter.
const STEP: &str = "step";

/// The counter and all memories.
pub(crate) fn save(step: u64, memories: &[&Memory]) -> BTreeMap<String, Tensor> {
    let names = names(memories.iter().copied());
    let mut state = BTreeMap::from([(STEP.to_owned(), Tensor::scalar(step as i64))]);
    for (memory, names) in memories.iter().zip(names) {
        for (path, values) in memory.iter() {
            let entries = names.iter().zip(values);
            state.extend(entries.map(|(name, value)| (format!("{name}.{path}"), value.clone())));
        }
    }
    state
}

/// Fills the memories and gives the counter; nothing is changed on an error.
pub(crate) fn load(state: &BTreeMap<String, Tensor>, memories: Vec<&mut Memory>) -> Result<u64> {
    let step = state.get(STEP).ok_or_else(|| Error::MissingState { name: STEP.to_owned() })?;
    let step = step.item()? as u64;
    let names = names(memories.iter().map(|memory| &**memory));
    let known: Vec<&str> = names.iter().flatten().map(String::as_str).collect();
    for name in state.keys().filter(|name| *name != STEP) {
        if !name.split_once('.').is_some_and(|(prefix, _)| known.contains(&prefix)) {
            return Err(Error::UnexpectedState { name: name.clone() });
        }
    }
    let values = names.iter().map(|names| gather(state, names)).collect::<Result<Vec<_>>>()?;
    for (memory, values) in memories.into_iter().zip(values) {
        memory.replace(values);
    }
    Ok(step)
}

/// The tensors of each path that has an entry under one of the names; it must have all of them.
fn gather(
    state: &BTreeMap<String, Tensor>,
    names: &[String],
) -> Result<BTreeMap<String, Vec<Tensor>>> {
    let mut values = BTreeMap::new();
    for entry in state.keys() {
        let Some((prefix, path)) = entry.split_once('.') else { continue };
        if values.contains_key(path) || !names.iter().any(|name| name == prefix) {
            continue;
        }
        let of_path = names.iter().map(|name| {
            let name = format!("{name}.{path}");
            state.get(&name).cloned().ok_or(Error::MissingState { name })
        });
        values.insert(path.to_owned(), of_path.collect::<Result<Vec<_>>>()?);
    }
    Ok(values)
}

/// The names of each memory, made different: the second `exp_avg` is `exp_avg_2`.
fn names<'a>(memories: impl Iterator<Item = &'a Memory>) -> Vec<Vec<String>> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unique = |name: &&'static str| {
        let count = seen.entry(name).or_default();
        *count += 1;
        if *count == 1 { (*name).to_owned() } else { format!("{name}_{count}") }
    };
    memories.map(|memory| memory.names().iter().map(&mut unique).collect()).collect()
}
