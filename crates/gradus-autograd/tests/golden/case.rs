//! A case: an op, its inputs, and what PyTorch makes of them.

use std::fs;
use std::path::Path;

use gradus_autograd::{Result, Var};
use gradus_tensor::{DType, Tensor};
use serde_json::Value;

/// How far a value may be off, relative to its size and absolutely: both sides compute in `f64`,
/// in another order, and the functions agree to some units in the last place.
const TOLERANCE: f64 = 1e-10;

/// Runs an op: the case has the parameters, the variables are its inputs.
pub(crate) type Run = fn(&Case, &[Var]) -> Result<Vec<Var>>;

/// An op's name and how to run it.
pub(crate) type Arm = (&'static str, Run);

/// One row of a family's file.
pub(crate) struct Case {
    pub(crate) op: String,
    params: Value,
    inputs: Vec<Tensor>,
    outputs: Vec<Tensor>,
    /// Of the float inputs, in order.
    grads: Vec<Tensor>,
}

/// The cases of a family.
pub(crate) fn cases(family: &str) -> Vec<Case> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data");
    let text = fs::read_to_string(data.join(format!("{family}.json"))).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    file["cases"].as_array().unwrap().iter().map(Case::read).collect()
}

/// The outputs of an op with one.
pub(crate) fn one(y: Result<Var>) -> Result<Vec<Var>> {
    Ok(vec![y?])
}

/// The output of an op without a gradient.
pub(crate) fn plain(y: Result<Tensor>) -> Result<Vec<Var>> {
    Ok(vec![y?.into()])
}

/// The outputs of an op that gives values and where they stood.
pub(crate) fn with_ids(y: Result<(Var, Tensor)>) -> Result<Vec<Var>> {
    let (values, ids) = y?;
    Ok(vec![values, ids.into()])
}

impl Case {
    fn read(row: &Value) -> Self {
        let tensors = |name: &str| row[name].as_array().unwrap().iter().map(tensor).collect();
        Self {
            op: row["op"].as_str().unwrap().to_owned(),
            params: row["params"].clone(),
            inputs: tensors("inputs"),
            outputs: tensors("outputs"),
            grads: tensors("grads"),
        }
    }

    /// A parameter that the case has.
    fn param(&self, name: &str) -> &Value {
        self.params.get(name).unwrap_or_else(|| panic!("{}: no parameter {name}", self.op))
    }

    /// Whether the case has a parameter.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.params.get(name).is_some()
    }

    /// A parameter that is a number.
    pub(crate) fn f(&self, name: &str) -> f64 {
        self.param(name).as_f64().unwrap()
    }

    /// A parameter that is a count or a dimension.
    pub(crate) fn n(&self, name: &str) -> usize {
        self.param(name).as_u64().unwrap() as usize
    }

    /// A parameter that is a whole number of either sign.
    pub(crate) fn i(&self, name: &str) -> i64 {
        self.param(name).as_i64().unwrap()
    }

    /// A parameter that is a word.
    pub(crate) fn word(&self, name: &str) -> &str {
        self.param(name).as_str().unwrap()
    }

    /// A parameter that is a list of counts or dimensions.
    pub(crate) fn list(&self, name: &str) -> Vec<usize> {
        let list = self.param(name).as_array().unwrap().iter();
        list.map(|n| n.as_u64().unwrap() as usize).collect()
    }

    /// A parameter that is a truth value.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.param(name).as_bool().unwrap()
    }

    /// A parameter that is a pair of counts.
    pub(crate) fn pair(&self, name: &str) -> [usize; 2] {
        self.list(name).try_into().unwrap()
    }

    /// A parameter that is three counts.
    pub(crate) fn triple(&self, name: &str) -> [usize; 3] {
        self.list(name).try_into().unwrap()
    }

    /// A parameter that is a name.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.param(name).as_str().unwrap()
    }

    /// Runs the op, forward and backward, and compares.
    pub(crate) fn check(&self, run: Run) -> std::result::Result<(), String> {
        let inputs: Vec<Var> = self.inputs.iter().cloned().map(Var::leaf).collect();
        let outputs = run(self, &inputs).map_err(|error| format!("{}: {error}", self.op))?;
        if outputs.len() != self.outputs.len() {
            return Err(format!("{}: {} outputs", self.op, outputs.len()));
        }
        for (i, (got, expected)) in outputs.iter().zip(&self.outputs).enumerate() {
            self.compare(&format!("output {i}"), got.value(), expected)?;
        }
        let grads =
            gradients(&inputs, &outputs).map_err(|error| format!("{}: {error}", self.op))?;
        for (i, (got, expected)) in grads.iter().zip(&self.grads).enumerate() {
            self.compare(&format!("gradient {i}"), got, expected)?;
        }
        Ok(())
    }

    fn compare(
        &self,
        what: &str,
        got: &Tensor,
        expected: &Tensor,
    ) -> std::result::Result<(), String> {
        let all = |x: &Tensor| x.to_dtype(DType::F64).unwrap().to_vec::<f64>().unwrap();
        let tolerance = if self.has("tolerance") { self.f("tolerance") } else { TOLERANCE };
        let close = |(a, b): (&f64, &f64)| a == b || (a - b).abs() <= tolerance * (1.0 + b.abs());
        let agrees = got.dtype() == expected.dtype()
            && got.shape() == expected.shape()
            && all(got).iter().zip(&all(expected)).all(close);
        if agrees {
            return Ok(());
        }
        let params = &self.params;
        Err(format!("{} {params}: {what}: got\n{got:?}\nexpected\n{expected:?}", self.op))
    }
}

/// The gradients of the weighted sum of all float outputs, by the float inputs.
fn gradients(inputs: &[Var], outputs: &[Var]) -> Result<Vec<Tensor>> {
    let mut total: Option<Var> = None;
    for y in outputs.iter().filter(|y| y.requires_grad()) {
        let part = y.mul(&cotangent(y)?.into())?.sum(..)?;
        total = Some(match total {
            Some(total) => total.add(&part)?,
            None => part,
        });
    }
    let leaves = inputs.iter().filter(|x| x.requires_grad());
    let Some(total) = total else { return Ok(leaves.map(|x| x.value().zeros_like()).collect()) };
    let grads = total.backward()?;
    Ok(leaves.map(|x| grads.get(x).cloned().unwrap_or_else(|| x.value().zeros_like())).collect())
}

/// The weights of `generate.py`.
fn cotangent(y: &Var) -> Result<Tensor> {
    let weights = (0..y.len()).map(|i| ((3 * i % 7) as f64 - 2.5) / 4.0).collect();
    Ok(Tensor::from_vec::<f64>(weights, y.shape())?)
}

fn tensor(row: &Value) -> Tensor {
    let shape: Vec<usize> =
        row["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
    let data = row["data"].as_array().unwrap().iter();
    match row["dtype"].as_str().unwrap() {
        "f64" => Tensor::from_vec(data.map(|x| x.as_f64().unwrap()).collect(), shape),
        "i64" => Tensor::from_vec(data.map(|x| x.as_i64().unwrap()).collect(), shape),
        "bool" => Tensor::from_vec(data.map(|x| x.as_bool().unwrap()).collect(), shape),
        other => panic!("no reader for {other}"),
    }
    .unwrap()
}
