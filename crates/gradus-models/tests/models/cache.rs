//! The causal transformer's cache: whatever the split, the rows beside and the rewinds, the bits of
//! the logits are those of one pass over the whole row.

use gradus_core::{DType, Keys};
use gradus_generate::{Ar, Causal, Logits, Ragged, Request, State, Stops, Strategy, Want};
use gradus_models::{Gpt, GptState, TransformerConfig};
use gradus_nn::Ctx;
use proptest::array::uniform3;
use proptest::prelude::{ProptestConfig, Strategy as _, prop, prop_oneof, proptest};

use crate::tiny::{CONTEXT, VOCAB, gpt, numbers, tokens};

const TEXT: [u32; CONTEXT] = [3, 1, 4, 1, 5, 2, 6, 0];

fn feed(gpt: &Gpt, state: &mut GptState, rows: &[&[u32]], want: Want) -> Vec<f64> {
    let mut out = Logits::new(VOCAB);
    gpt.feed(state, &Ragged::from_rows(rows), want, &mut out).unwrap();
    (0..out.rows()).flat_map(|row| out.row(row).to_vec()).collect()
}

/// The logits after each token of one row, in one pass without a cache.
fn whole(gpt: &Gpt, row: &[u32]) -> Vec<f64> {
    numbers(gpt.forward(&tokens(&[row]), None, &mut Ctx::eval()).unwrap().value())
}

#[test]
fn every_split_gives_the_bits_of_one_pass() {
    for dtype in [DType::F32, DType::F64] {
        let gpt = gpt(0, dtype);
        let expected = whole(&gpt, &TEXT);
        for cuts in 0..1 << (CONTEXT - 1) {
            let mut state = gpt.begin(1).unwrap();
            let mut found = Vec::new();
            let mut start = 0;
            for end in (1..=CONTEXT).filter(|&end| end == CONTEXT || cuts >> (end - 1) & 1 == 1) {
                found.extend(feed(&gpt, &mut state, &[&TEXT[start..end]], Want::All));
                start = end;
            }
            assert_eq!(found, expected, "{dtype}, cuts {cuts:b}");
        }
    }
}

#[test]
fn a_long_row_has_the_bits_of_one_pass() {
    // Sizes at which kernels cut their work into blocks and share it out.
    const LEN: usize = 300;
    let size = TransformerConfig { width: 48, n_layers: 1, ..TransformerConfig::new(VOCAB, LEN) };
    let gpt = Gpt::new(&size, &mut Keys::new(7)).unwrap();
    let row: Vec<u32> = (0..LEN).map(|i| (i * i % VOCAB) as u32).collect();
    let expected = whole(&gpt, &row);
    for cuts in [&[1, 17, 64, 256, 257, 298][..], &[255, 290], &[2, 3, 130]] {
        let mut state = gpt.begin(1).unwrap();
        let mut found = Vec::new();
        let mut start = 0;
        for &end in cuts.iter().chain(&[LEN]) {
            found.extend(feed(&gpt, &mut state, &[&row[start..end]], Want::All));
            start = end;
        }
        assert!(found == expected, "cuts {cuts:?}");
    }
}

#[test]
fn want_chooses_among_the_same_logits() {
    let gpt = gpt(0, DType::F32);
    let rows: [&[u32]; 3] = [&TEXT[..3], &[], &TEXT[..2]];
    let all = feed(&gpt, &mut gpt.begin(3).unwrap(), &rows, Want::All);
    assert_eq!(all.len(), 5 * VOCAB);
    let mut state = gpt.begin(3).unwrap();
    let last = feed(&gpt, &mut state, &rows, Want::Last);
    assert_eq!(last, [&all[2 * VOCAB..3 * VOCAB], &all[4 * VOCAB..]].concat());
    let mut silent = gpt.begin(3).unwrap();
    assert!(feed(&gpt, &mut silent, &rows, Want::None).is_empty());
    let next: [&[u32]; 3] = [&[5], &[6], &[]];
    assert_eq!(
        feed(&gpt, &mut silent, &next, Want::All),
        feed(&gpt, &mut state, &next, Want::All),
        "what is not wanted is still remembered"
    );
}

#[test]
fn reordered_rows_keep_their_own_past() {
    let gpt = gpt(0, DType::F32);
    let mut state = gpt.begin(3).unwrap();
    feed(&gpt, &mut state, &[&[1, 2], &[3, 4], &[5, 6]], Want::None);
    state.retain(&[2, 0, 1]);
    let found = feed(&gpt, &mut state, &[&[0], &[0], &[0]], Want::Last);
    let last = |row: [u32; 3]| whole(&gpt, &row)[2 * VOCAB..].to_vec();
    assert_eq!(found, [last([5, 6, 0]), last([1, 2, 0]), last([3, 4, 0])].concat());
}

#[test]
fn a_sampled_row_does_not_depend_on_the_rows_beside_it() {
    let gpt = gpt(0, DType::F32);
    let ar = Ar { stop: Stops { ids: vec![0], ..Stops::default() }, ..Ar::default() };
    let prompts: [&[u32]; 3] = [&[1], &[2, 5, 6], &[3, 3]];
    let request = Request::prompts(prompts.map(<[u32]>::to_vec)).seed(3).length(CONTEXT);
    let together = ar.run(&gpt, request).unwrap().collect_all().unwrap();
    for (row, prompt) in prompts.into_iter().enumerate() {
        let request = Request::new(prompt).seed(3).length(CONTEXT).first_row(row as u32);
        let alone = ar.run(&gpt, request).unwrap().collect_all().unwrap();
        assert_eq!(alone.row(0), together.row(row));
    }
}

/// What may happen to a state of three rows; numbers are reduced to what fits.
#[derive(Debug, Clone)]
enum Action {
    /// So many tokens for each row.
    Feed([usize; 3]),
    /// Mark, feed, and keep so many of them.
    Rewind([usize; 3], [usize; 3]),
    /// Keep these rows, perhaps twice.
    Retain([usize; 3]),
}

fn action() -> impl proptest::strategy::Strategy<Value = Action> {
    let counts = || uniform3(0..4usize);
    prop_oneof![
        3 => counts().prop_map(Action::Feed),
        2 => (counts(), counts()).prop_map(|(fed, keep)| Action::Rewind(fed, keep)),
        1 => uniform3(0..3usize).prop_map(Action::Retain),
    ]
}

/// A state, and what each of its rows was fed.
struct Checked<'a> {
    gpt: &'a Gpt,
    state: GptState,
    fed: Vec<Vec<u32>>,
    drawn: usize,
}

impl Checked<'_> {
    /// Feeds tokens that never repeat a pattern, and compares the logits with those of one pass.
    fn feed(&mut self, counts: &[usize; 3]) {
        let rows: Vec<Vec<u32>> = (0..3)
            .map(|row| {
                let count = counts[row].min(CONTEXT - self.fed[row].len());
                self.drawn += count;
                (0..count).map(|i| ((self.drawn + i) * (self.drawn + 3) % VOCAB) as u32).collect()
            })
            .collect();
        let rows: Vec<&[u32]> = rows.iter().map(Vec::as_slice).collect();
        let found = feed(self.gpt, &mut self.state, &rows, Want::All);
        let mut expected = Vec::new();
        for (all, new) in self.fed.iter_mut().zip(rows) {
            let start = all.len() * VOCAB;
            all.extend(new);
            if !new.is_empty() {
                expected.extend_from_slice(&whole(self.gpt, all)[start..]);
            }
        }
        assert_eq!(found, expected);
    }

    fn act(&mut self, action: &Action) {
        match action {
            Action::Feed(counts) => self.feed(counts),
            Action::Rewind(counts, keep) => {
                let mark = self.state.mark();
                let before: Vec<usize> = self.fed.iter().map(Vec::len).collect();
                self.feed(counts);
                for row in 0..3 {
                    let keep = keep[row].min(self.fed[row].len() - before[row]);
                    self.state.rewind(row, &mark, keep).unwrap();
                    self.fed[row].truncate(before[row] + keep);
                }
            }
            Action::Retain(rows) => {
                self.state.retain(rows);
                self.fed = rows.iter().map(|&row| self.fed[row].clone()).collect();
            }
        }
        for (row, fed) in self.fed.iter().enumerate() {
            assert_eq!(self.state.len(row), fed.len());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_state_equals_a_fresh_one_after_any_script(script in prop::collection::vec(action(), 1..8)) {
        let gpt = gpt(0, DType::F32);
        let state = gpt.begin(3).unwrap();
        let mut checked = Checked { gpt: &gpt, state, fed: vec![Vec::new(); 3], drawn: 0 };
        script.iter().for_each(|action| checked.act(action));
        checked.feed(&[1; 3]);
    }
}
