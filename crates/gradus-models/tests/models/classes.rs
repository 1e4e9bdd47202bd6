//! Rows get their class, and nothing else changes.

use gradus_core::DType;
use gradus_generate::{
    Ar, Beam, Canvas, Causal, Draft, Drafted, Error, Logits, Masked, Output, Pos, Ragged, Request,
    Start, State, Strategy, Want,
};
use gradus_nn::Ctx;
use gradus_tensor::Tensor;

use crate::tiny::{CONTEXT, VOCAB, gpt, masked, numbers, tokens};

const START: u32 = VOCAB as u32;

fn rows_of(out: &Logits) -> Vec<Vec<f64>> {
    (0..out.rows()).map(|row| out.row(row).to_vec()).collect()
}

#[test]
fn each_row_of_a_gpt_sees_its_class_before_its_tokens() {
    for dtype in [DType::F32, DType::F64] {
        let gpt = gpt(3, dtype);
        let model = gpt.conditioned([2, 0, 2]).unwrap();
        assert_eq!(model.start(), Start::Always(START));
        assert_eq!(model.context(), Some(CONTEXT + 1));
        let mut state = model.begin(3).unwrap();
        let mut out = Logits::new(VOCAB);
        let fed = Ragged::from_rows([&[START, 4, 5][..], &[START, 4, 5], &[START]]);
        model.feed(&mut state, &fed, Want::All, &mut out).unwrap();
        let classes = Tensor::from(vec![2i64, 0, 1]);
        let rows = tokens(&[&[4, 5], &[4, 5], &[4, 5]]);
        let all = gpt.forward(&rows, Some(&classes), &mut Ctx::eval()).unwrap();
        let all: Vec<Vec<f64>> = numbers(all.value()).chunks(VOCAB).map(<[f64]>::to_vec).collect(); // 3 × (1 + 2)
        assert_eq!(rows_of(&out), [&all[0..6], &all[0..1]].concat());
        assert_ne!(all[0], all[3], "classes differ");

        // Row 1 stays alone, with its class.
        state.retain(&[1]);
        out.clear();
        model.feed(&mut state, &Ragged::from_rows([[6]]), Want::All, &mut out).unwrap();
        let zero = Tensor::from(vec![0i64]);
        let whole = gpt.forward(&tokens(&[&[4, 5, 6]]), Some(&zero), &mut Ctx::eval()).unwrap();
        assert_eq!(out.row(0), &numbers(whole.value())[3 * VOCAB..]);
    }
}

#[test]
fn a_conditioned_gpt_fills_its_whole_context() {
    let gpt = gpt(3, DType::F32);
    let model = gpt.conditioned([1, 1]).unwrap();
    let run = Ar::default().run(&model, Request::blank(CONTEXT).rows(2).seed(1));
    let out = run.unwrap().collect_all().unwrap();
    assert_eq!([out.row(0).len(), out.row(1).len()], [CONTEXT; 2]);
}

#[test]
fn samples_of_a_prompt_keep_their_classes() {
    let gpt = gpt(3, DType::F32);
    for classes in [[2, 0, 2, 1], [2, 2, 1, 1]] {
        let model = gpt.conditioned(classes).unwrap();
        let (ar, draft) = (Ar::default(), Draft::default());
        let rows = |out: &Output| [0, 1, 2, 3].map(|r| out.row(r));
        let pair = Drafted { target: &model, draft: &model };
        let twice = || Request::prompts([[4, 5], [3, 3]]).samples(2).seed(1).max(4);
        let named = || Request::prompts([[4, 5], [4, 5], [3, 3], [3, 3]]).seed(1).max(4);
        let expected = ar.run(&model, named()).unwrap().collect_all().unwrap();
        let out = ar.run(&model, twice()).unwrap().collect_all().unwrap();
        assert_eq!(rows(&out), rows(&expected));
        assert_eq!(out.stats.reused > 0, classes[0] == classes[1], "only rows of one class share");
        let out = draft.run(&pair, twice()).unwrap().collect_all().unwrap();
        assert_eq!(rows(&out), rows(&expected));
    }
    let (model, request) = (gpt.conditioned([2, 0]).unwrap(), Request::new([4]).samples(2).max(2));
    assert!(matches!(Beam::default().run(&model, request), Err(Error::Contradiction { .. })));
}

#[test]
fn a_masked_model_answers_each_place_with_its_rows_class() {
    for dtype in [DType::F32, DType::F64] {
        let model = masked(3, dtype);
        let mut canvas = Canvas::blank(3, 4);
        canvas.fix(0, 1, 6).unwrap();
        canvas.set(2, 0, 5).unwrap();
        let at = [(2, 3), (0, 0), (2, 1), (0, 0)].map(|(row, at)| Pos { row, at });
        let mut out = Logits::new(VOCAB);
        model.conditioned([1, 0, 2]).unwrap().fill(&canvas, &at, &mut out).unwrap();

        let m = model.mask_id();
        let classes = Tensor::from(vec![1i64, 0, 2]);
        let rows = tokens(&[&[m, 6, m, m], &[m; 4], &[5, m, m, m]]);
        let all = model.forward(&rows, Some(&classes), &mut Ctx::eval()).unwrap();
        let all = numbers(all.value());
        let place = |p: Pos| all[(p.row * 4 + p.at) * VOCAB..][..VOCAB].to_vec();
        assert_eq!(rows_of(&out), at.map(place));
    }
}

#[test]
fn a_masked_row_does_not_depend_on_the_rows_beside_it() {
    let model = masked(0, DType::F32);
    let mut both = Canvas::blank(2, 5);
    both.set(0, 2, 3).unwrap();
    both.set(1, 4, 1).unwrap();
    let mut alone = Canvas::blank(1, 5);
    alone.set(0, 4, 1).unwrap();
    let [mut a, mut b] = [Logits::new(VOCAB), Logits::new(VOCAB)];
    let at = |row| (0..4).map(move |at| Pos { row, at });
    model.fill(&both, &at(0).chain(at(1)).collect::<Vec<_>>(), &mut a).unwrap();
    model.fill(&alone, &at(0).collect::<Vec<_>>(), &mut b).unwrap();
    assert_eq!(rows_of(&a)[4..], rows_of(&b));
    a.clear();
    model.fill(&both, &[], &mut a).unwrap();
    assert_eq!(a.rows(), 0);
}
