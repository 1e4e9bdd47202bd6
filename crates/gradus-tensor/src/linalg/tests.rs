//! Decompositions give back what they took apart.

use proptest::prelude::*;

use crate::testing::{of_shape, read, recipes};
use crate::{DType, Error, Key, Tensor, Triangle};

fn cases() -> ProptestConfig {
    ProptestConfig::with_cases(32)
}

fn close(a: &Tensor, b: &Tensor) -> bool {
    let tolerance = if a.dtype() == DType::F32 { 2e-4 } else { 1e-9 };
    a.dims() == b.dims() && a.allclose(b, tolerance, tolerance).unwrap()
}

/// Well-conditioned symmetric matrices, in batches of 2.
fn positive(n: usize, dtype: DType, seed: u64) -> Tensor {
    let x = Tensor::randn([2, n, n], dtype, Key::new(seed)).unwrap();
    x.matmul(&x.t().unwrap()).unwrap() + Tensor::eye(n, dtype).unwrap() * n as f64
}

proptest! {
    #![proptest_config(cases())]
    #[test]
    fn factors_multiply_to_the_matrix(recipe in of_shape(prop::collection::vec(0..5usize, 2..=3))) {
        for dtype in [DType::F32, DType::F64] {
            let a = recipe.make(dtype);
            let (u, s, vh) = a.svd().unwrap();
            let back = u.mul(&s.unsqueeze(-2).unwrap()).unwrap().matmul(&vh).unwrap();
            prop_assert!(close(&back, &a));
            prop_assert!(read(&s).iter().all(|s| *s >= 0.0));
            let k = s.size(-1).unwrap();
            let eye = Tensor::eye(k, dtype).unwrap().expand([s.dims(), &[k]].concat()).unwrap();
            prop_assert!(close(&u.t().unwrap().matmul(&u).unwrap(), &eye));

            let (q, r) = a.qr().unwrap();
            prop_assert!(close(&q.matmul(&r).unwrap(), &a));
            prop_assert!(close(&q.t().unwrap().matmul(&q).unwrap(), &eye));
            prop_assert!(r.triu(0).unwrap().equal(&r));
        }
    }

    #[test]
    fn symmetric_matrices(n in 0..5usize, seed in any::<u64>()) {
        for dtype in [DType::F32, DType::F64] {
            let a = positive(n, dtype, seed);
            let l = a.cholesky().unwrap();
            prop_assert!(close(&l.matmul(&l.t().unwrap()).unwrap(), &a));
            prop_assert!(a.tril(0).unwrap().cholesky().unwrap().equal(&l));

            let (values, vectors) = a.eigh().unwrap();
            let scaled = vectors.mul(&values.unsqueeze(-2).unwrap()).unwrap();
            prop_assert!(close(&scaled.matmul(&vectors.t().unwrap()).unwrap(), &a));
            let rising = values.dims()[1] < 2 || {
                let (low, high) = (values.narrow(1, 0, n - 1).unwrap(), values.narrow(1, 1, n - 1).unwrap());
                low.le(&high).unwrap().all(..).unwrap().item().unwrap() == 1.0
            };
            prop_assert!(rising);
            prop_assert!(close(&values.prod(-1).unwrap(), &a.det().unwrap()) || dtype == DType::F32);
        }
    }

    #[test]
    fn solutions_solve(n in 0..5usize, m in 0..4usize, seed in any::<u64>()) {
        for dtype in [DType::F32, DType::F64] {
            let a = positive(n, dtype, seed);
            let b = Tensor::randn([2, n, m], dtype, Key::new(seed ^ 1)).unwrap();
            prop_assert!(close(&a.matmul(&a.solve(&b).unwrap()).unwrap(), &b));
            let eye = Tensor::eye(n, dtype).unwrap().expand([2, n, n]).unwrap();
            prop_assert!(close(&a.matmul(&a.inverse().unwrap()).unwrap(), &eye));
        }
    }

    #[test]
    fn triangles_are_solved_by_substitution(n in 0..5usize, m in 0..4usize, seed in any::<u64>()) {
        let a = positive(n, DType::F64, seed);
        let b = Tensor::randn([3, 1, n, m], DType::F64, Key::new(seed ^ 1)).unwrap();
        let unit = |x: Tensor, k| x + Tensor::eye(n, DType::F64).unwrap() * k;
        let (low, up) = (a.tril(-1).unwrap(), a.triu(1).unwrap());
        let cases = [
            (Triangle::Lower, a.tril(0).unwrap()),
            (Triangle::Upper, a.triu(0).unwrap()),
            (Triangle::UnitLower, unit(low.div_scalar(9.0).unwrap(), 1.0)),
            (Triangle::UnitUpper, unit(up.div_scalar(9.0).unwrap(), 1.0)),
        ];
        for (triangle, factor) in cases {
            // What is outside the triangle does not matter.
            let noise = if triangle.is_lower() { &up } else { &low };
            let mut read = noise + &factor;
            if triangle.has_unit_diagonal() {
                read = unit(read, 7.0);
            }
            let x = read.solve_triangular(&b, triangle).unwrap();
            prop_assert_eq!(x.dims(), [3, 2, n, m]);
            let b = b.expand([3, 2, n, m]).unwrap();
            prop_assert!(close(&factor.matmul(&x).unwrap(), &b));
        }
    }

    #[test]
    fn missing_rank_has_singular_values_of_zero(m in 1..6usize, n in 1..6usize, rank in 0..3usize, seed in any::<u64>()) {
        let draw = |shape: [usize; 2], i| Tensor::randn(shape, DType::F64, Key::new(seed ^ i)).unwrap();
        let a = draw([m, rank], 1).matmul(&draw([rank, n], 2)).unwrap();
        let (u, s, vh) = a.svd().unwrap();
        prop_assert!(close(&u.mul(&s).unwrap().matmul(&vh).unwrap(), &a));
        let eye = Tensor::eye(m.min(n), DType::F64).unwrap();
        prop_assert!(close(&u.t().unwrap().matmul(&u).unwrap(), &eye));
        prop_assert!(close(&vh.matmul(&vh.t().unwrap()).unwrap(), &eye));
        let s = read(&s);
        prop_assert!(s.iter().skip(rank).all(|small| *small <= 1e-14 * s[0]));
    }

    #[test]
    fn the_logarithm_of_the_determinant_is_that(n in 0..5usize, seed in any::<u64>()) {
        let a = Tensor::randn([3, n, n], DType::F64, Key::new(seed)).unwrap();
        let (sign, log) = a.slogdet().unwrap();
        prop_assert!(close(&sign.mul(&log.exp().unwrap()).unwrap(), &a.det().unwrap()));
    }

    #[test]
    fn pseudo_inverses_satisfy_penrose(m in 0..5usize, n in 0..5usize, rank in 0..4usize, seed in any::<u64>()) {
        for dtype in [DType::F32, DType::F64] {
            let draw = |shape: [usize; 3], i| Tensor::randn(shape, dtype, Key::new(seed ^ i)).unwrap();
            let a = draw([2, m, rank], 1).matmul(&draw([2, rank, n], 2)).unwrap();
            // In f32, noise may pass for a small singular value: only full rank is sure.
            if dtype == DType::F32 && rank < m.min(n) {
                continue;
            }
            let p = a.pinv().unwrap();
            let (ap, pa) = (a.matmul(&p).unwrap(), p.matmul(&a).unwrap());
            let scale = 1.0 + p.abs().unwrap().sum(..).unwrap().item().unwrap();
            let near = |x: &Tensor, y: &Tensor| {
                let tolerance = if dtype == DType::F32 { 1e-4 } else { 1e-11 } * scale * scale;
                x.dims() == y.dims() && x.allclose(y, tolerance, tolerance).unwrap()
            };
            prop_assert!(near(&ap.matmul(&a).unwrap(), &a) && near(&pa.matmul(&p).unwrap(), &p));
            prop_assert!(near(&ap.t().unwrap(), &ap) && near(&pa.t().unwrap(), &pa));
            let b = draw([2, m, 2], 3);
            prop_assert!(near(&a.lstsq(&b).unwrap(), &p.matmul(&b).unwrap()));
        }
    }

    #[test]
    fn exponentials_of_commuting_matrices_multiply(n in 0..4usize, seed in any::<u64>()) {
        let a = Tensor::randn([2, n, n], DType::F64, Key::new(seed)).unwrap();
        let half = a.mul_scalar(0.5).unwrap().matrix_exp().unwrap();
        prop_assert!(close(&half.matmul(&half).unwrap(), &a.matrix_exp().unwrap()));
        let (values, vectors) = a.add(&a.t().unwrap()).unwrap().eigh().unwrap();
        let scaled = vectors.mul(&values.exp().unwrap().unsqueeze(-2).unwrap()).unwrap();
        let spectral = scaled.matmul(&vectors.t().unwrap()).unwrap();
        prop_assert!(close(&a.add(&a.t().unwrap()).unwrap().matrix_exp().unwrap(), &spectral));
    }

    #[test]
    fn matrices_of_nalgebra_round_trip(recipe in recipes(2)) {
        let x = recipe.make(DType::F64);
        if x.rank() == 2 {
            prop_assert!(Tensor::from_dmatrix(&x.to_dmatrix::<f64>().unwrap()).equal(&x));
            prop_assert!(x.to_dvector::<f64>().is_err());
        }
        if x.rank() == 1 {
            prop_assert!(Tensor::from_dvector(&x.to_dvector::<f64>().unwrap()).equal(&x));
        }
        prop_assert!(x.to_dmatrix::<f32>().is_err());
    }
}

#[test]
fn a_system_without_unknowns_has_the_empty_solution() {
    let a = Tensor::zeros([2, 0, 0], DType::F64).unwrap();
    let x = a.solve(&Tensor::zeros([2, 0, 1], DType::F64).unwrap()).unwrap();
    assert_eq!(x.dims(), [2, 0, 1]);
    assert_eq!(a.inverse().unwrap().dims(), [2, 0, 0]);
    assert_eq!(a.det().unwrap().to_vec::<f64>().unwrap(), [1.0, 1.0]);
}

#[test]
fn only_the_lower_triangle_of_a_symmetric_matrix_is_read() {
    let a = positive(3, DType::F64, 1);
    let (values, _) = a.eigh().unwrap();
    assert!(close(&a.tril(0).unwrap().eigh().unwrap().0, &values));
}

#[test]
fn a_vector_is_a_right_side_of_its_own() {
    let a = Tensor::from([[2.0f64, 1.0], [1.0, 3.0]]);
    let x = a.solve(&Tensor::from([4.0f64, 7.0])).unwrap();
    assert!(close(&x, &Tensor::from([1.0f64, 2.0])));
}

#[test]
fn what_has_no_answer_is_an_error() {
    let message = |r: crate::Result<Tensor>| r.unwrap_err().to_string();
    let singular = Tensor::new([[1.0, 2.0], [2.0, 4.0]]);
    assert_eq!(message(singular.inverse()), "inverse: the matrix is singular");
    assert_eq!(message(singular.solve(&Tensor::new([1.0, 1.0]))), "solve: the matrix is singular");
    assert_eq!(singular.det().unwrap().item().unwrap(), 0.0);
    assert_eq!(message((-&singular).cholesky()), "cholesky: the matrix is not positive definite");
    let batch = Tensor::zeros([2, 3, 1, 1], DType::F64).unwrap().add_scalar(2.0).unwrap();
    let mut holed = batch.to_vec::<f64>().unwrap();
    holed[4] = 0.0;
    let holed = Tensor::from_slice(&holed, [2, 3, 1, 1]).unwrap();
    assert_eq!(message(holed.inverse()), "inverse: the matrix at [1, 1] is singular");
    assert_eq!(
        message(holed.cholesky()),
        "cholesky: the matrix at [1, 1] is not positive definite"
    );
    let triangular = holed.solve_triangular(&batch, Triangle::Upper);
    assert_eq!(message(triangular), "solve_triangular: the matrix at [1, 1] is singular");
    let nan = Tensor::new([[f32::NAN]]);
    assert_eq!(message(nan.det()), "det: the matrix has an element that is not finite");
    assert!(matches!(nan.svd(), Err(Error::Linalg { op: "svd", .. })));
    assert!(nan.eigh().is_err() && nan.qr().is_err());
    let wide = Tensor::new([[1.0, 2.0]]);
    assert_eq!(message(wide.det()), "det: expected square matrices, got shape [1, 2]");
    assert!(wide.inverse().is_err() && wide.cholesky().is_err() && wide.eigh().is_err());
    assert!(Tensor::new([1.0]).svd().is_err() && Tensor::new([[1]]).det().is_err());
    assert!(singular.solve(&Tensor::new([1.0, 2.0, 3.0])).is_err());
}
