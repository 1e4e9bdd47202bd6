//! The benches of Gradus, in one program, so that they are linked once.
//!
//! `cargo bench -p gradus-benches` runs them all, `-- --quick` in less time and less exactly,
//! `-- matmul` those with that word in their id. An id is crate, operation and shape:
//! `tensor/matmul/256x256x256`. Inputs come from fixed seeds.

mod autograd_layer_norm;
mod generate_ar;
mod inputs;
mod models_gpt;
mod models_mlp;
mod tensor_conv2d;
mod tensor_elementwise;
mod tensor_matmul;
mod tensor_softmax;

use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    tensor_matmul::matmul(&mut criterion);
    tensor_elementwise::elementwise(&mut criterion);
    tensor_softmax::softmax(&mut criterion);
    tensor_conv2d::conv2d(&mut criterion);
    autograd_layer_norm::layer_norm(&mut criterion);
    models_mlp::step(&mut criterion);
    models_gpt::step(&mut criterion);
    generate_ar::decode(&mut criterion);
    criterion.final_summary();
}
