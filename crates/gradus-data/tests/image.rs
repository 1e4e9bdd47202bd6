//! Pictures against torch.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

#[rustfmt::skip]
#[path = "golden/image.rs"]
mod golden;

use gradus_data::{Affine, Interpolation, affine, resize};
use gradus_tensor::Tensor;

fn picture() -> Tensor {
    let values: Vec<f64> = (0..126).map(|i| (f64::from(i) * 0.7).sin()).collect();
    Tensor::from_vec(values, [2, 7, 9]).unwrap()
}

#[track_caller]
fn assert_second_plane(x: &Tensor, expected: &[f64]) {
    let got: Vec<f64> = x.select(0, 1).unwrap().to_vec().unwrap();
    assert_eq!(got.len(), expected.len());
    assert!(got.iter().zip(expected).all(|(g, e)| (g - e).abs() < 1e-9), "{got:?}");
}

#[test]
fn sizes_agree() {
    use golden::*;
    for (size, nearest, bilinear, antialiased) in [
        ([5, 4], &NEAREST_5_4[..], &BILINEAR_5_4[..], &ANTIALIASED_5_4[..]),
        ([12, 13], &NEAREST_12_13, &BILINEAR_12_13, &ANTIALIASED_12_13),
        ([3, 20], &NEAREST_3_20, &BILINEAR_3_20, &ANTIALIASED_3_20),
    ] {
        let to = |how| resize(&picture(), size, how).unwrap();
        assert_second_plane(&to(Interpolation::Nearest), nearest);
        assert_second_plane(&to(Interpolation::Bilinear), bilinear);
        assert_second_plane(&to(Interpolation::Antialiased), antialiased);
    }
}

#[test]
fn movements_agree() {
    let movement = Affine {
        degrees: 25.0,
        translate: [1.5, -0.75],
        scale: 1.2,
        shear: [10.0, -5.0],
        ..Affine::default()
    };
    assert_second_plane(&affine(&picture(), movement).unwrap(), &golden::AFFINE_BILINEAR);
    let movement = Affine {
        degrees: -40.0,
        translate: [0.3, 0.9],
        scale: 0.8,
        shear: [0.0, 12.0],
        interpolation: Interpolation::Nearest,
        ..Affine::default()
    };
    assert_second_plane(&affine(&picture(), movement).unwrap(), &golden::AFFINE_NEAREST);
}
