//! What every causal model promises, whatever it is made of.

use gradus_generate::{
    Ar, Causal, Draft, Drafted, Jacobi, Logits, Prefix, Ragged, Request, Start, State, Strategy,
    TopK, Want, Warps,
};
use proptest::array::uniform3;
use proptest::prelude::{Strategy as _, prop, prop_oneof};
use proptest::test_runner::{Config, TestRunner};

pub(crate) fn feed<M: Causal>(
    model: &M,
    state: &mut M::State,
    rows: &[impl AsRef<[u32]>],
    want: Want,
) -> Vec<f64> {
    let mut out = Logits::new(model.vocab());
    model.feed(state, &Ragged::from_rows(rows), want, &mut out).unwrap();
    (0..out.rows()).flat_map(|row| out.row(row).to_vec()).collect()
}

/// Tokens with the model's start token before them.
pub(crate) fn started<M: Causal>(model: &M, tokens: &[u32]) -> Vec<u32> {
    let start = if let Start::Always(id) = model.start() { Some(id) } else { None };
    start.into_iter().chain(tokens.iter().copied()).collect()
}

/// The logits after each token of row `row` of `rows`, fed at once to a state in which nothing happened.
fn whole<M: Causal>(model: &M, rows: usize, row: usize, fed: &[u32]) -> Vec<f64> {
    let mut tokens = vec![Vec::new(); rows];
    tokens[row] = fed.to_vec();
    feed(model, &mut model.begin(rows).unwrap(), &tokens, Want::All)
}

/// A model of one row gives the bits of one feed for every way to cut the tokens.
pub(crate) fn every_split_has_the_same_bits<M: Causal>(model: &M, tokens: &[u32]) {
    let fed = started(model, tokens);
    let (len, expected) = (fed.len(), whole(model, 1, 0, &fed));
    for cuts in 0..1u32 << (len - 1) {
        let (mut state, mut found, mut start) = (model.begin(1).unwrap(), Vec::new(), 0);
        for end in (1..=len).filter(|&end| end == len || cuts >> (end - 1) & 1 == 1) {
            found.extend(feed(model, &mut state, &[&fed[start..end]], Want::All));
            start = end;
        }
        assert!(found == expected, "cuts {cuts:b}");
    }
}

/// What may happen to a state of three rows; numbers are reduced to what fits.
#[derive(Debug, Clone)]
enum Action {
    /// So many tokens for each row.
    Feed([usize; 3]),
    /// Mark, feed twice, and keep so many of them.
    Rewind([usize; 3], [usize; 3]),
    /// Keep these rows, perhaps twice.
    Retain([usize; 3]),
}

fn action() -> impl proptest::strategy::Strategy<Value = Action> {
    let counts = || uniform3(0..5usize);
    prop_oneof![
        3 => counts().prop_map(Action::Feed),
        2 => (counts(), counts()).prop_map(|(fed, keep)| Action::Rewind(fed, keep)),
        1 => uniform3(0..3usize).prop_map(Action::Retain),
    ]
}

/// A state, what each of its rows was fed, and which row of the request it is.
struct Checked<'a, M: Causal> {
    model: &'a M,
    state: M::State,
    fed: Vec<Vec<u32>>,
    of: Vec<usize>,
    longest: usize,
    drawn: usize,
}

impl<M: Causal> Checked<'_, M> {
    /// Feeds tokens that never repeat a pattern, and compares the logits with those of one feed.
    fn feed(&mut self, counts: &[usize; 3]) {
        let vocab = self.model.vocab();
        let mut rows = vec![Vec::new(); 3];
        let mut expected = Vec::new();
        for row in 0..3 {
            let held = self.fed[row].len();
            let count = counts[row].min(self.longest - held);
            self.drawn += count;
            let token = |i| ((self.drawn + i) * (self.drawn + 3) % vocab) as u32;
            let new: Vec<u32> = (0..count).map(token).collect();
            let new = if held == 0 { started(self.model, &new) } else { new };
            rows[row] = if count == 0 { Vec::new() } else { new[..count].to_vec() };
            self.fed[row].extend(&rows[row]);
            if count > 0 {
                let all = whole(self.model, 3, self.of[row], &self.fed[row]);
                expected.extend_from_slice(&all[held * vocab..]);
            }
        }
        assert!(feed(self.model, &mut self.state, &rows, Want::All) == expected);
    }

    fn act(&mut self, action: &Action) {
        match action {
            Action::Feed(counts) => self.feed(counts),
            Action::Rewind(counts, keep) => {
                let mark = self.state.mark();
                let before: Vec<usize> = self.fed.iter().map(Vec::len).collect();
                self.feed(counts);
                self.feed(&[1; 3]);
                for row in 0..3 {
                    let keep = keep[row].min(self.fed[row].len() - before[row]);
                    self.state.rewind(row, &mark, keep).unwrap();
                    self.fed[row].truncate(before[row] + keep);
                }
            }
            Action::Retain(rows) => {
                self.state.retain(rows);
                self.fed = rows.iter().map(|&row| self.fed[row].clone()).collect();
                self.of = rows.iter().map(|&row| self.of[row]).collect();
            }
        }
        for (row, fed) in self.fed.iter().enumerate() {
            assert_eq!(self.state.len(row), fed.len());
        }
    }
}

/// After any script of feeds, rewinds and retains, a state of three rows equals a fresh one.
pub(crate) fn a_state_equals_a_fresh_one<M: Causal>(model: &M, longest: usize, cases: u32) {
    let scripts = prop::collection::vec(action(), 1..8);
    let run = TestRunner::new(Config::with_cases(cases)).run(&scripts, |script| {
        let (state, fed) = (model.begin(3).unwrap(), vec![Vec::new(); 3]);
        let mut checked = Checked { model, state, fed, of: vec![0, 1, 2], longest, drawn: 0 };
        script.iter().for_each(|action| checked.act(action));
        checked.feed(&[1; 3]);
        Ok(())
    });
    run.unwrap();
}

/// `Want` chooses among the same logits, and what is not wanted is still remembered.
pub(crate) fn want_chooses_among_the_same_logits<M: Causal>(model: &M) {
    let vocab = model.vocab();
    let rows = [started(model, &[1, 0, 1]), Vec::new(), started(model, &[0])];
    let all = feed(model, &mut model.begin(3).unwrap(), &rows, Want::All);
    assert_eq!(all.len(), (rows[0].len() + rows[2].len()) * vocab);
    let mut state = model.begin(3).unwrap();
    let ends = [rows[0].len() - 1, rows[0].len() + rows[2].len() - 1];
    let last = ends.map(|end| &all[end * vocab..][..vocab]).concat();
    assert_eq!(feed(model, &mut state, &rows, Want::Last), last);
    let mut silent = model.begin(3).unwrap();
    assert!(feed(model, &mut silent, &rows, Want::None).is_empty());
    let next = [vec![1], Vec::new(), vec![1, 0]];
    let [a, b] = [&mut silent, &mut state].map(|state| feed(model, state, &next, Want::All));
    assert_eq!(a, b);
}

/// `Ar`, `Jacobi` and coupled `Draft` draw the same tokens, alone or beside other rows.
pub(crate) fn strategies_agree<M: Causal, D: Causal>(model: &M, draft: &D, request: &Request) {
    for warps in [Warps::none(), Warps::none().with(TopK(3))] {
        let ar = Ar { warps: warps.clone(), ..Ar::default() };
        let expected = ar.run(model, request.clone()).unwrap().collect_all().unwrap();
        let rows = expected.finish.len();
        let jacobi = Jacobi { window: 5, warps: warps.clone(), ..Jacobi::default() };
        let found = jacobi.run(model, request.clone()).unwrap().collect_all().unwrap();
        let pair = Drafted { target: model, draft };
        let coupled = Draft { ahead: 3, warps, ..Draft::default() };
        let drafted = coupled.run(&pair, request.clone()).unwrap().collect_all().unwrap();
        for row in 0..rows {
            assert_eq!(found.row(row), expected.row(row));
            assert_eq!(drafted.row(row), expected.row(row));
        }
    }
}

/// What goes on from a prompt that was read before draws the same tokens, also where it leaves it early.
pub(crate) fn a_prefix_changes_nothing<M: Causal<State: Sync>>(model: &M, prompt: &[u32]) {
    let read = Prefix::new(model, prompt).unwrap();
    for kept in [prompt.len(), 1] {
        let request = Request::new(&prompt[..kept]).samples(2).seed(3).max(5);
        let plain = Ar::default().run(model, request.clone()).unwrap().collect_all().unwrap();
        let fast = Ar::default().run(&read, request).unwrap().collect_all().unwrap();
        assert_eq!([fast.row(0), fast.row(1)], [plain.row(0), plain.row(1)]);
    }
}
