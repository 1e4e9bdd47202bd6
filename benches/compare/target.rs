//! What is to be reached, as ratios of speed.

use crate::options::Mode;

/// The least ratio for a case; none for a case without one.
pub(crate) fn ratio(case: &str, threads: usize, mode: Mode) -> Option<f64> {
    if mode == Mode::Medium {
        return case.ends_with("_train").then_some(1.3);
    }
    // Some targets are higher where a second thread takes part.
    let [one, two] = match case {
        "sgemm_64" => [1.35; 2],
        "bf16gemm_64" | "bf16gemm_128" => [2.0; 2],
        "gelu_tanh_4M" | "gelu_tanh_64K" => [4.0; 2],
        "mlp_train" | "gpt_small_train" => [1.6; 2],
        "tiny_mlp_train" => [8.0; 2],
        "cnn_train" => [1.8; 2],
        "conv2d_fwd" => [1.0, 1.8],
        "conv2d_fwdbwd" | "lstm_train" | "gru_train" => [1.4; 2],
        "gpt_medium_train" => [1.3; 2],
        "gpt2_loop_f32" => [1.1, 1.5],
        "gpt2_loop_bf16" => [1.4, 1.55],
        "read_bandwidth" => return None,
        _ => [1.0; 2],
    };
    Some(if threads > 1 { two } else { one })
}

/// The least median ratio over the elementwise operations and reductions.
pub(crate) const ROWS_MEDIAN: f64 = 1.4;

/// The least share of the read bandwidth that decoding in f32 reaches.
pub(crate) const READ_SHARE: f64 = 0.9;

/// How much faster the larger transformer is at `Medium` than at `Highest`.
pub(crate) const MEDIUM_OVER_HIGHEST: f64 = 2.5;

/// The most memory that a training step may take, in MiB.
pub(crate) fn peak_rss(case: &str) -> Option<f64> {
    match case {
        "gpt_medium_train" => Some(600.0),
        "cnn_train" => Some(90.0),
        _ => None,
    }
}
