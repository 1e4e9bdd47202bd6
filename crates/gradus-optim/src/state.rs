//! The state of an optimizer as a map from names to tensors.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use crate::{Error, Memory, Result};

/// What a saved state holds.
pub(crate) type State = BTreeMap<String, Tensor>;

/// Name of the step counter.
pub(crate) const STEP: &str = "step";

/// Name of the text that says what saved it.
const CHAIN: &str = "chain";

/// All memories, and what saved them.
pub(crate) fn save(signature: &str, memories: &[&Memory]) -> State {
    let names = names(memories);
    let mut state = State::from([(CHAIN.to_owned(), Tensor::from(signature.as_bytes().to_vec()))]);
    for (memory, names) in memories.iter().zip(names) {
        for (path, values) in memory.iter() {
            let entries = names.iter().zip(values);
            state.extend(entries.map(|(name, value)| (format!("{name}.{path}"), value.clone())));
        }
    }
    state
}

/// What each memory shall remember, once it is checked who saved the state, and that it has these
/// counters, the memories' entries, and nothing else.
pub(crate) fn read(
    state: &State,
    signature: &str,
    counters: &[&str],
    memories: &[&Memory],
) -> Result<Vec<BTreeMap<String, Vec<Tensor>>>> {
    match state.get(CHAIN) {
        Some(saved) => check_chain(saved, signature)?,
        None => check_begun(state, memories)?,
    }
    if let Some(name) = counters.iter().find(|name| !state.contains_key(**name)) {
        return Err(Error::MissingState { name: (*name).to_owned() });
    }
    let names = names(memories);
    let known: Vec<&str> = names.iter().flatten().map(String::as_str).collect();
    for name in state.keys().filter(|name| *name != CHAIN) {
        let is_known = match name.split_once('.') {
            Some((prefix, _)) => known.contains(&prefix),
            None => counters.contains(&name.as_str()),
        };
        if !is_known {
            return Err(Error::UnexpectedState { name: name.clone() });
        }
    }
    names.iter().map(|names| gather(state, names)).collect()
}

/// The number under a name: whole and not negative.
pub(crate) fn counter(state: &State, name: &str) -> Result<u64> {
    let value = state.get(name).ok_or_else(|| Error::MissingState { name: name.to_owned() })?;
    let number = value.to_vec::<i64>().ok().filter(|values| values.len() == 1);
    number.and_then(|values| u64::try_from(values[0]).ok()).ok_or_else(|| Error::InvalidState {
        name: name.to_owned(),
        expected: "one i64 that is not negative",
    })
}

pub(crate) fn check_chain(saved: &Tensor, signature: &str) -> Result<()> {
    let saved = saved.to_vec::<u8>().unwrap_or_default();
    if saved == signature.as_bytes() {
        return Ok(());
    }
    let got = String::from_utf8_lossy(&saved).into_owned();
    Err(Error::OtherOptimizer { expected: signature.to_owned(), got })
}

/// States of version 0.1.0 do not say what saved them. Once a step was made, one that belongs to an
/// optimizer with memories has entries of theirs.
fn check_begun(state: &State, memories: &[&Memory]) -> Result<()> {
    let Some(name) = memories.iter().flat_map(|memory| memory.names()).next() else {
        return Ok(());
    };
    let has_entries = state.keys().any(|name| name.contains('.'));
    if has_entries || counter(state, STEP)? == 0 {
        return Ok(());
    }
    Err(Error::MissingState { name: format!("{name}.*") })
}

/// The tensors of each path that has an entry under one of the names; it must have all of them.
fn gather(state: &State, names: &[String]) -> Result<BTreeMap<String, Vec<Tensor>>> {
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
fn names(memories: &[&Memory]) -> Vec<Vec<String>> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unique = |name: &&'static str| {
        let count = seen.entry(name).or_default();
        *count += 1;
        if *count == 1 { (*name).to_owned() } else { format!("{name}_{count}") }
    };
    memories.iter().map(|memory| memory.names().iter().map(&mut unique).collect()).collect()
}
