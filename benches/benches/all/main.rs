//! The benches of Gradus, in one program, so that they are linked once.
//!
//! `cargo bench -p gradus-benches` runs them all, `-- --quick` in less time and less exactly,
//! `-- matmul` those with that word in their id. An id is crate, operation and shape:
//! `tensor/matmul/256x256x256`. Inputs come from fixed seeds.

mod autograd_attention;
mod autograd_cross_entropy;
mod autograd_layer_norm;
mod generate_ar;
mod inputs;
mod models_gpt;
mod models_mlp;
mod optim_adamw;
mod tensor_conv2d;
mod tensor_elementwise;
mod tensor_index;
mod tensor_matmul;
mod tensor_pool2d;
mod tensor_random;
mod tensor_reduce;
mod tensor_softmax;
mod tensor_sort;

use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    tensor_matmul::matmul(&mut criterion);
    tensor_matmul::rounded(&mut criterion);
    tensor_matmul::linear(&mut criterion);
    tensor_matmul::batched(&mut criterion);
    tensor_elementwise::elementwise(&mut criterion);
    tensor_softmax::softmax(&mut criterion);
    tensor_reduce::reduce(&mut criterion);
    tensor_index::index(&mut criterion);
    tensor_sort::sort(&mut criterion);
    tensor_random::random(&mut criterion);
    tensor_conv2d::conv2d(&mut criterion);
    tensor_pool2d::pool2d(&mut criterion);
    autograd_layer_norm::layer_norm(&mut criterion);
    autograd_attention::attention(&mut criterion);
    autograd_cross_entropy::cross_entropy(&mut criterion);
    optim_adamw::update(&mut criterion);
    models_mlp::step(&mut criterion);
    models_gpt::step(&mut criterion);
    generate_ar::decode(&mut criterion);
    criterion.final_summary();
}
