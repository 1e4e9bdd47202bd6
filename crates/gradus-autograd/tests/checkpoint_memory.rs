//! Checkpoints take less memory. Alone in its program, since the peak is that of the process.
#![expect(clippy::unwrap_used, reason = "in a test an error is a failure")]

use gradus_autograd::{Error, Result, Var, checkpoint};
use gradus_tensor::{DType, Key, Tensor, memory_report, reset_memory_peak};

const LEN: usize = 1 << 16;
const BLOCKS: usize = 8;

/// Ten ops that each keep something for their derivative.
fn block(x: &[Var]) -> Result<Var> {
    (0..10).try_fold(x[0].clone(), |y, _| y.tanh())
}

/// The peak above what was in use before, and the gradient.
fn peak(f: impl Fn(&Var) -> Result<Var>) -> (usize, Tensor) {
    let x = Var::leaf(Tensor::randn(LEN, DType::F32, Key::new(1)).unwrap());
    reset_memory_peak();
    let before = memory_report().in_use;
    let y = (0..BLOCKS).try_fold(x.clone(), |y, _| f(&y)).unwrap();
    let grads = y.sum(..).unwrap().backward().unwrap();
    (memory_report().peak - before, grads.get(&x).unwrap().clone())
}

#[test]
fn the_peak_is_lower_and_the_gradient_the_same() {
    let (plain, expected) = peak(|x| block(std::slice::from_ref(x)));
    let (cheap, grad) = peak(|x| checkpoint::<Error>(block, &[x]));
    assert!(grad.equal(&expected));
    // 80 values against 8, and those of one block.
    assert!(plain >= 80 * LEN * 4, "{plain}");
    assert!(cheap <= 24 * LEN * 4, "{cheap}");
}
