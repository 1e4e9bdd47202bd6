//! The ops without a golden case, and why.

pub(crate) const EXCEPTIONS: &[(&str, &str)] = &[
    ("to_dtype", "all cases are in f64; its gradient is checked through f32 in the op's own file"),
    ("max_pool2d_grad", "the gradient in the cases of max_pool2d"),
    ("avg_pool2d_grad", "the gradient in the cases of avg_pool2d"),
    ("resample", "PyTorch has none; the cases of pooling and interpolate are made of it"),
    ("argmax_taps", "PyTorch has none; the cases of max_pool3d are made of it"),
    ("self_attention", "attention and linear in one; tested against them in its own file"),
    ("rope", "PyTorch has none; tested against its formula in its own file"),
    ("rope_grad", "PyTorch has none; rope turned back"),
    ("dropout", "PyTorch draws another mask; its law is tested in its own file"),
    ("spherical_bessel", "PyTorch has j₀ without a gradient; held against SciPy in its own file"),
];
