//! Contractions against the sum written out.

use proptest::prelude::*;

use crate::testing::{assert_close, at, indices};
use crate::{DType, Key, Result, Tensor};

/// A letter's extent: d is 1 in some operands.
fn extent(letter: char, sizes: [usize; 4]) -> usize {
    sizes["abcd".find(letter).unwrap()]
}

/// The sum of products over all indices of all letters, for an equation without `...`.
fn definition(equation: &str, operands: &[Tensor], sizes: [usize; 4]) -> (Vec<usize>, Vec<f64>) {
    let (left, right) = equation.split_once("->").unwrap();
    let terms: Vec<&str> = left.split(',').collect();
    let letters = "abcd";
    let used = |c: char| left.contains(c);
    let ranges: Vec<usize> =
        letters.chars().map(|c| if used(c) { extent(c, sizes) } else { 1 }).collect();
    let pick = |term: &str, index: &[usize]| -> Vec<usize> {
        term.chars().map(|c| index[letters.find(c).unwrap()]).collect()
    };
    let shape: Vec<usize> = right.chars().map(|c| extent(c, sizes)).collect();
    let sum = |out: &Vec<usize>| -> f64 {
        let here = |index: &&Vec<usize>| pick(right, index) == *out;
        let product = |index: &Vec<usize>| -> f64 {
            terms.iter().zip(operands).map(|(term, x)| at(x, &pick(term, index))).product()
        };
        indices(&ranges).iter().filter(here).map(product).sum()
    };
    let values = indices(&shape).iter().map(sum).collect();
    (shape, values)
}

const EQUATIONS: [&str; 18] = [
    "ab,bc->ac",
    "ab,bc->ca",
    "ab,ab->",
    "ab,ab->ab",
    "ab->b",
    "ab->ba",
    "aa->a",
    "aa->",
    "aab->b",
    "aba->ab",
    "a,b->ab",
    "abc,acd->abd",
    "abc,cb->a",
    "aab,bc->ac",
    "ab,bc,cd->ad",
    "ab,bc,cd->a",
    "a,a,a->a",
    "abcd->ca",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn an_equation_is_the_sum_it_names(seed: u64, sizes: [u8; 4]) {
        let sizes = sizes.map(|n| usize::from(n) % 4);
        for equation in EQUATIONS {
            for dtype in [DType::F64, DType::I64] {
                let draw = |(i, term): (usize, &str)| {
                    let shape: Vec<usize> = term.chars().map(|c| extent(c, sizes)).collect();
                    let x = Tensor::randint(-3, 4, shape, Key::new(seed).fold_in(i as u64)).unwrap();
                    x.to_dtype(dtype).unwrap()
                };
                let left = equation.split_once("->").unwrap().0;
                let operands: Vec<Tensor> = left.split(',').enumerate().map(draw).collect();
                let (shape, expected) = definition(equation, &operands, sizes);
                let y = Tensor::einsum(equation, &operands.iter().collect::<Vec<_>>()).unwrap();
                assert_close(&y, &shape, &expected);
            }
        }
    }
}

fn randn(shape: &[usize]) -> Tensor {
    Tensor::randn(shape, DType::F64, Key::new(1)).unwrap()
}

#[test]
fn an_ellipsis_broadcasts() {
    let (x, y) = (randn(&[2, 1, 3, 4]), randn(&[5, 4, 2]));
    let product = x.matmul(&y).unwrap();
    for equation in ["...ij,...jk->...ik", " ... i j , ... j k ", "...ij,...jk"] {
        let z = Tensor::einsum(equation, &[&x, &y]).unwrap();
        assert!(z.allclose(&product, 1e-12, 1e-12).unwrap(), "{equation}");
    }
    let z = Tensor::einsum("i...->...i", &[&x]).unwrap();
    assert!(z.equal(&x.movedim(0, -1).unwrap()));
    // An ellipsis that the result leaves out is summed over.
    let z = Tensor::einsum("...j->j", &[&x]).unwrap();
    assert!(z.allclose(&x.sum([0, 1, 2]).unwrap(), 1e-12, 1e-12).unwrap());
}

#[test]
fn an_extent_of_one_goes_with_any() {
    let (x, y) = (randn(&[1, 3]), randn(&[2, 3]));
    let z = Tensor::einsum("ij,ij->ij", &[&x, &y]).unwrap();
    assert!(z.allclose(&x.mul(&y).unwrap(), 1e-12, 1e-12).unwrap());
    let z = Tensor::einsum("ij,ij->j", &[&y, &x]).unwrap();
    assert!(z.allclose(&x.mul(&y).unwrap().sum(0).unwrap(), 1e-12, 1e-12).unwrap());
}

#[test]
fn without_a_result_letters_that_occur_once_stay() {
    let (x, y) = (randn(&[2, 3]), randn(&[3, 4]));
    let z = Tensor::einsum("ba,ac", &[&x, &y]).unwrap();
    assert!(z.allclose(&x.matmul(&y).unwrap(), 1e-12, 1e-12).unwrap());
    let z = Tensor::einsum("ba", &[&x]).unwrap();
    assert!(z.equal(&x.t().unwrap()));
    assert_eq!(Tensor::einsum("", &[&Tensor::new(3)]).unwrap().item().unwrap(), 3.0);
}

#[test]
fn faults_are_errors() {
    let (x, y) = (randn(&[2, 3]), randn(&[4]));
    let message = |r: Result<Tensor>| r.unwrap_err().to_string();
    assert_eq!(
        message(Tensor::einsum("ij->k", &[&x])),
        "einsum: equation must be with letters of the operands in its result, each once, got `ij->k`"
    );
    assert_eq!(
        message(Tensor::einsum("ij,j->i", &[&x, &y])),
        "einsum: shapes [2, 3] and [4] do not fit together"
    );
    for equation in
        ["ij,jk->ik", "ij->ii", "i1", "i......j", "i.j", "ijk", "i", "ii", "...ijk", "ij->...i->"]
    {
        assert!(Tensor::einsum(equation, &[&x]).is_err(), "{equation}");
    }
    assert!(Tensor::einsum("", &[]).is_err());
    assert!(Tensor::einsum("i,i", &[&y, &Tensor::new([1, 2, 3, 4])]).is_err());
}
