//! A recurrent model goes on with the bits of one pass, and its memory is long.

use gradus_core::{DType, Key, Keys};
use gradus_generate::{Ar, Causal, Request, Start, State, Strategy, Want};
use gradus_models::{RnnKind, RnnLm, RnnLmConfig};
use gradus_nn::{Ctx, Module, cast};
use gradus_tensor::Tensor;

use crate::causal_laws as laws;
use crate::descent::adam;
use crate::tiny::{numbers, tokens};

const VOCAB: usize = 6;
const TEXT: [u32; 9] = [3, 1, 4, 1, 5, 2, 0, 0, 2];
const KINDS: [RnnKind; 3] = [RnnKind::Rnn, RnnKind::Lstm, RnnKind::Gru];

fn size() -> RnnLmConfig {
    RnnLmConfig { embedding_dim: 5, hidden_size: 7, n_layers: 2, ..RnnLmConfig::new(VOCAB) }
}

fn lm(config: &RnnLmConfig, dtype: DType) -> RnnLm {
    let mut lm = config.init(&mut Keys::new(7)).unwrap();
    cast(&mut lm, dtype).unwrap();
    lm
}

#[test]
fn pieces_give_the_bits_of_one_pass() {
    for kind in KINDS {
        for dtype in [DType::F32, DType::F64] {
            let lm = lm(&RnnLmConfig { kind, ..size() }, dtype);
            let whole = lm.forward(&tokens(&[&TEXT]), None, &mut Ctx::eval()).unwrap();
            let fed = laws::feed(&lm, &mut lm.begin(1).unwrap(), &[TEXT], Want::All);
            assert_eq!(fed, numbers(whole.value()));
            laws::every_split_has_the_same_bits(&lm, &TEXT[..6]);
        }
        let lm = lm(&RnnLmConfig { kind, ..size() }, DType::F32);
        laws::a_state_equals_a_fresh_one(&lm, 20, 12);
        laws::a_prefix_changes_nothing(&lm, &TEXT[..5]);
        laws::want_chooses_among_the_same_logits(&lm);
    }
}

#[test]
fn each_row_reads_its_class_first() {
    let tied = RnnLmConfig { tie_word_embeddings: true, hidden_size: 5, ..size() };
    for config in [RnnLmConfig { classes: 3, ..size() }, RnnLmConfig { classes: 3, ..tied }] {
        let lm = lm(&config, DType::F64);
        let model = lm.conditioned([2, 0, 1]).unwrap();
        assert_eq!(model.start(), Start::Always(VOCAB as u32));
        let rows = tokens(&[&TEXT, &TEXT, &TEXT]);
        let classes = Tensor::from(vec![2i64, 0, 1]);
        let whole = lm.forward(&rows, Some(&classes), &mut Ctx::eval()).unwrap();
        assert_eq!(whole.dims(), [3, 1 + TEXT.len(), VOCAB]);
        let fed = vec![laws::started(&model, &TEXT); 3];
        let found = laws::feed(&model, &mut model.begin(3).unwrap(), &fed, Want::All);
        assert_eq!(found, numbers(whole.value()));
        assert!(found[..VOCAB] != found[10 * VOCAB..11 * VOCAB], "the classes differ");
        laws::a_state_equals_a_fresh_one(&model, 12, 12);
        // A row alone has the bits it has in the batch.
        let one = lm.forward(
            &tokens(&[&TEXT]),
            Some(&classes.narrow(0, 1, 1).unwrap()),
            &mut Ctx::eval(),
        );
        assert!(one.unwrap().value().equal(&whole.value().narrow(0, 1, 1).unwrap()));
    }
}

#[test]
fn strategies_draw_the_same_text() {
    for kind in KINDS {
        let big = lm(&RnnLmConfig { kind, ..size() }, DType::F32);
        let small = RnnLmConfig { hidden_size: 3, n_layers: 1, ..size() };
        let small = small.init(&mut Keys::new(8)).unwrap();
        let prompts = Request::prompts([vec![1], vec![2, 0, 5], vec![4, 4]]).seed(3).max(9);
        laws::strategies_agree(&big, &small, &prompts);
        let ar = Ar::default();
        let together = ar.run(&big, prompts).unwrap().collect_all().unwrap();
        let alone = Request::new([2, 0, 5]).seed(3).max(9).first_row(1);
        let alone = ar.run(&big, alone).unwrap().collect_all().unwrap();
        assert_eq!(alone.row(0), together.row(1));
    }
}

#[test]
fn it_remembers_its_first_token() {
    // The last token is the first one, whatever stands between.
    let row = |first: u32| [first, 2, 3, 4, first];
    let rows = [row(0), row(1)];
    let batch = tokens(&[&rows[0], &rows[1]]);
    for kind in [RnnKind::Lstm, RnnKind::Gru] {
        let config =
            RnnLmConfig { kind, embedding_dim: 12, hidden_size: 16, ..RnnLmConfig::new(VOCAB) };
        let mut lm = config.init(&mut Keys::new(7)).unwrap();
        let last =
            adam(&mut lm, 100, 0.03, |lm, _| lm.loss(&batch, None, &mut Ctx::eval()).unwrap());
        assert!(last < 0.05, "{kind:?} {last}");
        let prompts = Request::prompts(rows.map(|row| row[..1].to_vec())).length(5);
        let out = Ar::greedy().run(&lm, prompts).unwrap().collect_all().unwrap();
        assert_eq!([out.row(0), out.row(1)], rows);
    }
}

#[test]
fn dropout_acts_in_training_alone() {
    let lm = lm(&RnnLmConfig { dropout: 0.5, ..size() }, DType::F32);
    let loss = |ctx: &mut Ctx| lm.loss(&tokens(&[&TEXT]), None, ctx).unwrap().item().unwrap();
    let [a, b, c] = [1, 1, 2].map(|seed| loss(&mut Ctx::train(Key::new(seed))));
    assert!(a == b && a != c);
    assert!(loss(&mut Ctx::eval()) == loss(&mut Ctx::eval()));
}

#[test]
fn parameters_have_the_names_of_pytorch() {
    let lm = lm(&size(), DType::F32);
    let names: Vec<String> = lm.state_dict().into_keys().collect();
    for name in ["token.weight", "rnn.weight_ih_l0", "rnn.bias_hh_l1", "head.weight", "head.bias"] {
        assert!(names.iter().any(|n| n == name), "{name} is not in {names:?}");
    }
    let mut other = size().init(&mut Keys::new(8)).unwrap();
    other.load_state_dict(&lm.state_dict()).unwrap();
    let [a, b] = [&lm, &other].map(|lm| lm.forward(&tokens(&[&TEXT]), None, &mut Ctx::eval()));
    assert!(a.unwrap().value().equal(b.unwrap().value()));
}

#[test]
fn edges_are_answered_and_faults_are_named() {
    let free = lm(&size(), DType::F32);
    for dims in [[0, 5], [3, 0]] {
        let none = Tensor::zeros(dims, DType::I64).unwrap();
        let logits = free.forward(&none, None, &mut Ctx::eval()).unwrap();
        assert_eq!(logits.dims(), [dims[0], dims[1], VOCAB]);
        assert!(free.loss(&none, None, &mut Ctx::eval()).is_err());
    }
    assert!(free.loss(&tokens(&[&[1]]), None, &mut Ctx::eval()).is_err());
    let fault = free.forward(&tokens(&[&[6]]), None, &mut Ctx::eval()).unwrap_err().to_string();
    assert_eq!(fault, "RnnLm: token 6 is not below 6");
    let held = lm(&RnnLmConfig { classes: 2, ..size() }, DType::F32);
    assert!(held.begin(1).is_err() && free.conditioned([0]).is_err());
    assert!(held.conditioned([2]).is_err() && held.conditioned([1]).unwrap().begin(2).is_err());
    let model = held.conditioned([1]).unwrap();
    let (mut state, mut out) = (model.begin(1).unwrap(), gradus_generate::Logits::new(VOCAB));
    for row in [[3].as_slice(), &[6, 6]] {
        let fed = gradus_generate::Ragged::from_rows([row]);
        assert!(model.feed(&mut state, &fed, Want::All, &mut out).is_err());
        assert_eq!(state.len(0), 0);
    }
    let fault = RnnLmConfig { tie_word_embeddings: true, ..size() }.init(&mut Keys::new(7));
    let fault = fault.unwrap_err().to_string();
    assert_eq!(fault, "RnnLm: hidden_size must be that of the embedding, if tied, got 7");
    let bad = [
        RnnLmConfig { vocab: 0, ..size() },
        RnnLmConfig { embedding_dim: 0, ..size() },
        RnnLmConfig { hidden_size: 0, ..size() },
        RnnLmConfig { n_layers: 0, ..size() },
        RnnLmConfig { dropout: 1.0, ..size() },
    ];
    assert!(bad.iter().all(|config| config.init(&mut Keys::new(7)).is_err()));
}
