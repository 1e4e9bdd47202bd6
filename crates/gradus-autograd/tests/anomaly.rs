//! The watch that the environment asks for.

use std::env;
use std::process::Command;

use gradus_autograd::{Error, Var};
use gradus_tensor::Tensor;

#[test]
fn a_fault_is_reported_by_backward_if_the_environment_asks() {
    let x = Var::leaf(Tensor::from([1.0f64, -1.0]));
    let result = x.sqrt().unwrap().sum(..).unwrap().backward();
    if env::var_os("GRADUS_ANOMALY").is_none() {
        assert!(result.is_ok());
    } else {
        assert!(matches!(result.unwrap_err(), Error::Anomaly(found) if found.op == "sqrt"));
        // It is reported once.
        assert!(x.sin().unwrap().sum(..).unwrap().backward().is_ok());
    }
}

#[test]
fn the_environment_is_heard() {
    let test = "a_fault_is_reported_by_backward_if_the_environment_asks";
    let mut program = Command::new(env::current_exe().unwrap());
    let output = program.args(["--exact", test]).env("GRADUS_ANOMALY", "nan").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
