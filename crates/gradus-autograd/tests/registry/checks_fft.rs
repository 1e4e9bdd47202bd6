//! The checks of Fourier transforms.

use gradus_tensor::FftNorm;

use crate::case::{Case, Check, check};

pub(crate) const CHECKS: &[(&str, Check)] = &[
    ("fft", |c| check(&[c.normal(0, &pairs(c))], |x| x[0].fft(c.dim(&pairs(c)[1..]), norm(c)))),
    ("ifft", |c| check(&[c.normal(0, &pairs(c))], |x| x[0].ifft(c.dim(&pairs(c)[1..]), norm(c)))),
    ("rfft", |c| {
        let shape = c.full_shape(1);
        check(&[c.normal(0, &shape)], |x| x[0].rfft(c.dim(&shape), norm(c)))
    }),
    ("irfft", |c| {
        let n = 1 + c.n;
        check(&[c.normal(0, &[2, n / 2 + 1, 2])], |x| x[0].irfft(1, n, norm(c)))
    }),
    ("fft2", |c| check(&[c.normal(0, &[2, 1 + c.n, 2])], |x| x[0].fft2(norm(c)))),
    ("ifft2", |c| check(&[c.normal(0, &[1 + c.n, 3, 2])], |x| x[0].ifft2(norm(c)))),
    ("rfft2", |c| check(&[c.normal(0, &[2, 1 + c.n])], |x| x[0].rfft2(norm(c)))),
    ("irfft2", |c| {
        let n = 1 + c.n;
        check(&[c.normal(0, &[2, n / 2 + 1, 2])], |x| x[0].irfft2(n, norm(c)))
    }),
];

fn pairs(c: &Case) -> Vec<usize> {
    [c.full_shape(1), vec![2]].concat()
}

fn norm(c: &Case) -> FftNorm {
    [FftNorm::Backward, FftNorm::Ortho, FftNorm::Forward][c.seed as usize % 3]
}
