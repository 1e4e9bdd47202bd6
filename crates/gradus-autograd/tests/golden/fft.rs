//! Fourier transforms.

use gradus_tensor::FftNorm;

use crate::case::{Arm, Case, one};

pub(crate) const ARMS: &[Arm] = &[
    ("fft", |c, x| one(x[0].fft(c.n("dim"), norm(c)))),
    ("ifft", |c, x| one(x[0].ifft(c.n("dim"), norm(c)))),
    ("rfft", |c, x| one(x[0].rfft(-1, norm(c)))),
    ("irfft", |c, x| one(x[0].irfft(-1, c.n("n"), norm(c)))),
    ("fft2", |c, x| one(x[0].fft2(norm(c)))),
    ("ifft2", |c, x| one(x[0].ifft2(norm(c)))),
    ("rfft2", |c, x| one(x[0].rfft2(norm(c)))),
    ("irfft2", |c, x| one(x[0].irfft2(c.n("n"), norm(c)))),
];

fn norm(c: &Case) -> FftNorm {
    match c.text("norm") {
        "backward" => FftNorm::Backward,
        "ortho" => FftNorm::Ortho,
        _ => FftNorm::Forward,
    }
}
