//! What is remembered between steps, and how it is saved.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use super::history::{History, Pair};
use super::vector::Vector;
use crate::state::{check_chain, counter};
use crate::{Error, Result};

/// What the state says it was saved by.
const SIGNATURE: &str = "lbfgs";
const CHAIN: &str = "chain";
const ITERATIONS: &str = "n_iter";
const EVALUATIONS: &str = "func_evals";
const DIAGONAL: &str = "H_diag";
const LENGTH: &str = "t";
const RHOS: &str = "ro";
const DIRECTION: &str = "d";
const GRADIENT: &str = "prev_flat_grad";
const CHANGES: &str = "old_dirs";
const STEPS: &str = "old_stps";

/// The last move: from where the gradient was `grad`, by t·d.
#[derive(Debug, Clone)]
pub(super) struct Last {
    pub(super) d: Vector,
    pub(super) t: f64,
    pub(super) grad: Vector,
}

/// All that is remembered.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) iterations: u64,
    pub(super) evaluations: u64,
    pub(super) history: History,
    pub(super) last: Option<Last>,
    /// The parameters, in the order of the parts of all vectors; none before the first step.
    paths: Vec<String>,
}

impl Default for State {
    fn default() -> Self {
        let history = History::new();
        Self { iterations: 0, evaluations: 0, history, last: None, paths: Vec::new() }
    }
}

impl State {
    /// The state in the order of a model's parameters, if it is of these.
    pub(super) fn fitted(mut self, paths: Vec<String>, values: &Vector) -> Result<Self> {
        let vectors = self.vectors_mut();
        if vectors.is_empty() {
            return Ok(Self { paths, ..self });
        }
        let place = |path: &String| {
            let found = self.paths.iter().position(|known| known == path);
            found.ok_or_else(|| Error::MissingState { name: format!("{GRADIENT}.{path}") })
        };
        let order: Vec<usize> = paths.iter().map(place).collect::<Result<_>>()?;
        if let Some(other) = self.paths.iter().find(|known| !paths.contains(known)) {
            return Err(Error::UnexpectedState { name: format!("{GRADIENT}.{other}") });
        }
        for vector in self.vectors_mut() {
            vector.0 = order.iter().map(|&i| vector.0[i].clone()).collect();
            for ((path, part), value) in paths.iter().zip(&vector.0).zip(&values.0) {
                if part.dims() != value.dims() {
                    let (expected, got) = (value.shape().clone(), part.shape().clone());
                    return Err(Error::Shape { name: format!("{GRADIENT}.{path}"), expected, got });
                }
            }
        }
        Ok(Self { paths, ..self })
    }

    fn vectors_mut(&mut self) -> Vec<&mut Vector> {
        let last = self.last.iter_mut().flat_map(|last| [&mut last.d, &mut last.grad]);
        let pairs = self.history.pairs.iter_mut().flat_map(|pair| [&mut pair.y, &mut pair.s]);
        last.chain(pairs).collect()
    }
}

pub(super) fn save(state: &State) -> BTreeMap<String, Tensor> {
    let pairs = &state.history.pairs;
    let rhos: Vec<f64> = pairs.iter().map(|pair| pair.rho).collect();
    let mut saved = BTreeMap::from([
        (CHAIN.to_owned(), Tensor::from(SIGNATURE.as_bytes().to_vec())),
        (ITERATIONS.to_owned(), Tensor::scalar(state.iterations as i64)),
        (EVALUATIONS.to_owned(), Tensor::scalar(state.evaluations as i64)),
        (DIAGONAL.to_owned(), Tensor::scalar(state.history.diagonal)),
        (RHOS.to_owned(), Tensor::from(rhos)),
    ]);
    let mut add = |name: &str, vector: &Vector| {
        for (path, part) in state.paths.iter().zip(&vector.0) {
            saved.insert(format!("{name}.{path}"), part.clone());
        }
    };
    if let Some(last) = &state.last {
        add(DIRECTION, &last.d);
        add(GRADIENT, &last.grad);
    }
    for (i, pair) in pairs.iter().enumerate() {
        add(&format!("{CHANGES}_{i}"), &pair.y);
        add(&format!("{STEPS}_{i}"), &pair.s);
    }
    if let Some(last) = &state.last {
        saved.insert(LENGTH.to_owned(), Tensor::scalar(last.t));
    }
    saved
}

pub(super) fn load(saved: &BTreeMap<String, Tensor>) -> Result<State> {
    check_chain(saved.get(CHAIN).ok_or_else(|| missing(CHAIN))?, SIGNATURE)?;
    let mut saved = saved.clone();
    saved.remove(CHAIN);
    let (iterations, evaluations) = (counter(&saved, ITERATIONS)?, counter(&saved, EVALUATIONS)?);
    let rhos = numbers(&saved, RHOS)?;
    let diagonal = number(&saved, DIAGONAL)?;
    for name in [ITERATIONS, EVALUATIONS, RHOS, DIAGONAL] {
        saved.remove(name);
    }
    let path = |name: &String| name.split_once('.').map(|(_, path)| path.to_owned());
    let mut paths: Vec<String> = saved.keys().filter_map(path).collect();
    paths.sort();
    paths.dedup();
    let last = match saved.contains_key(LENGTH) {
        false => None,
        true => Some(Last {
            t: number(&saved, LENGTH)?,
            d: take(&mut saved, DIRECTION, &paths)?,
            grad: take(&mut saved, GRADIENT, &paths)?,
        }),
    };
    saved.remove(LENGTH);
    let mut pairs = Vec::with_capacity(rhos.len());
    for (i, rho) in rhos.into_iter().enumerate() {
        let y = take(&mut saved, &format!("{CHANGES}_{i}"), &paths)?;
        let s = take(&mut saved, &format!("{STEPS}_{i}"), &paths)?;
        pairs.push(Pair { y, s, rho });
    }
    if let Some((name, _)) = saved.pop_first() {
        return Err(Error::UnexpectedState { name });
    }
    Ok(State { iterations, evaluations, history: History { pairs, diagonal }, last, paths })
}

fn missing(name: &str) -> Error {
    Error::MissingState { name: name.to_owned() }
}

/// Takes the parts of a vector out.
fn take(saved: &mut BTreeMap<String, Tensor>, name: &str, paths: &[String]) -> Result<Vector> {
    let part = |path: &String| {
        let name = format!("{name}.{path}");
        saved.remove(&name).ok_or(Error::MissingState { name })
    };
    paths.iter().map(part).collect::<Result<_>>().map(Vector)
}

fn numbers(saved: &BTreeMap<String, Tensor>, name: &str) -> Result<Vec<f64>> {
    let tensor = saved.get(name).ok_or_else(|| missing(name))?;
    let invalid = |_| Error::InvalidState { name: name.to_owned(), expected: "numbers of f64" };
    tensor.to_vec::<f64>().map_err(invalid)
}

fn number(saved: &BTreeMap<String, Tensor>, name: &str) -> Result<f64> {
    match numbers(saved, name)?[..] {
        [number] => Ok(number),
        _ => Err(Error::InvalidState { name: name.to_owned(), expected: "one f64" }),
    }
}
