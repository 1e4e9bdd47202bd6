//! CPU kernels of Gradus on plain slices: matrix product, elementwise loops, reductions, threads.
