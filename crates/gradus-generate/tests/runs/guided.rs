//! Two models at once.

use gradus_generate::exact::{Chain, Law, Table};
use gradus_generate::{
    After, Ar, Blocks, Canvas, Causal, Draft, Drafted, Error, Guided, Jacobi, Key, Logits,
    Parallel, Prefix, Ragged, Request, Result, Start, State, Strategy, TokenState, Want, score,
};
use proptest::prelude::*;

use crate::model::{Hash, Recurrent, VOCAB};
use crate::setup::{output, rich};

fn table(len: usize, seed: u64) -> Table {
    let weights = (0..3usize.pow(len as u32)).map(|i| 0.05 + Key::new(seed).uniform(i as u64));
    Table::new(3, len, &weights.collect::<Vec<_>>()).unwrap()
}

/// p(next id | ids) of a table, by sums.
fn next(table: &Table, len: usize, ids: &[u32]) -> [f64; 3] {
    let mass = |id: u32| -> f64 {
        let free = len - ids.len() - 1;
        (0..3u32.pow(free as u32))
            .map(|rest| {
                let tail = (0..free).map(|k| rest / 3u32.pow(k as u32) % 3);
                table.prob(&ids.iter().copied().chain([id]).chain(tail).collect::<Vec<_>>())
            })
            .sum()
    };
    let all = [0, 1, 2].map(mass);
    all.map(|m| m / all.iter().sum::<f64>())
}

/// The guided law of a row, one position after the other.
fn guided_prob(c: &Table, p: &Table, scale: f64, ids: &[u32]) -> f64 {
    let of = |at: usize| {
        let (c, p) = (next(c, 3, &ids[..at]), next(p, 3, &ids[..at]));
        let w: Vec<f64> = (0..3).map(|v| c[v].powf(scale) * p[v].powf(1.0 - scale)).collect();
        w[ids[at] as usize] / w.iter().sum::<f64>()
    };
    (0..3).map(of).product()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn tokens_follow_the_guided_law(a: u64, b: u64, scale in -1.0..4.0f64, which in 0..4usize) {
        let scale = [scale, 0.0, 1.0, scale][which];
        let (c, p) = (table(3, a), table(3, b));
        let guided = Guided { conditional: &c, plain: &p, scale };
        let law = |ids: &[u32]| guided_prob(&c, &p, scale, ids);
        let ar = Law::of_runs(&Ar::default(), &guided, &Request::blank(3)).unwrap();
        prop_assert!(ar.against(3, law).tv < 1e-12);
        // From left to right a masked pair has the same law.
        let blocks = Blocks { size: 1, inner: Parallel::default() };
        let masked = Law::of_runs(&blocks, &guided, &Request::blank(3)).unwrap();
        prop_assert!(masked.against(3, law).tv < 1e-12);
    }

    #[test]
    fn guessing_does_not_change_guided_tokens(seed: u64, scale in 0.0..3.0f64) {
        let plain = Hash { salt: 5, ..Hash::default() };
        let guided = Guided { conditional: Recurrent, plain: &plain, scale };
        let request = || Request::prompts([vec![1, 2], vec![], vec![3]]).length(14).seed(seed);
        let ar = output(Ar { warps: rich(), ..Ar::default() }.run(&guided, request()));
        let jacobi = output(Jacobi { warps: rich(), ..Jacobi::default() }.run(&guided, request()));
        let pair = Drafted { target: &guided, draft: &plain };
        let draft = output(Draft { warps: rich(), ..Draft::default() }.run(&pair, request()));
        let read = Prefix::new(&guided, &[1, 2]).unwrap();
        let prefix = output(Ar { warps: rich(), ..Ar::default() }.run(&read, request()));
        for r in 0..3 {
            prop_assert_eq!(ar.cells(r), jacobi.cells(r));
            prop_assert_eq!(ar.cells(r), draft.cells(r));
            prop_assert_eq!(ar.cells(r), prefix.cells(r));
        }
    }
}

#[test]
fn the_ends_of_the_scale_are_the_models() {
    let (a, b) = (Hash::default(), Hash { salt: 3, ..Hash::default() });
    let request = || Request::new([1]).rows(3).max(20).seed(2);
    let run =
        |scale| output(Ar::default().run(&Guided { conditional: &a, plain: &b, scale }, request()));
    let (one, zero) =
        (output(Ar::default().run(&a, request())), output(Ar::default().run(&b, request())));
    for r in 0..3 {
        assert_eq!((run(1.0).cells(r), run(1.0).log_probs(r)), (one.cells(r), one.log_probs(r)));
        assert_eq!((run(0.0).cells(r), run(0.0).log_probs(r)), (zero.cells(r), zero.log_probs(r)));
    }
    let canvas = |scale| {
        let guided = Guided { conditional: &a, plain: &b, scale };
        output(Parallel { calls: 3, ..Parallel::default() }.run(&guided, Request::blank(9))).row(0)
    };
    let plain =
        |m: &Hash| output(Parallel { calls: 3, ..Parallel::default() }.run(m, Request::blank(9)));
    assert_eq!((canvas(1.0), canvas(0.0)), (plain(&a).row(0), plain(&b).row(0)));
}

/// Three fixed logits after anything, with a start of one's own.
struct Say([f64; 3], Start);

impl Causal for Say {
    type State = TokenState;

    fn vocab(&self) -> usize {
        3
    }

    fn start(&self) -> Start {
        self.1
    }

    fn begin(&self, rows: usize) -> Result<TokenState> {
        Ok(TokenState::new(rows))
    }

    fn feed(&self, s: &mut TokenState, new: &Ragged, want: Want, out: &mut Logits) -> Result<()> {
        s.push(new)?;
        for r in 0..new.rows() {
            if let Start::Always(id) = self.1 {
                assert!(s.len(r) == 0 || s.row(r)[0] == id, "its own start token");
            }
            let rows = if want == Want::All { new.row(r).len() } else { new.row(r).len().min(1) };
            (0..rows).try_for_each(|_| out.extend(&self.0))?;
        }
        Ok(())
    }
}

#[test]
fn what_one_excludes_stays_out_and_what_cannot_be_is_an_error() {
    let inf = f64::INFINITY;
    let start = Start::Always(7);
    let run = |c: [f64; 3], p: [f64; 3], scale| {
        let guided = Guided { conditional: Say(c, start), plain: Say(p, Start::Always(9)), scale };
        let run = Ar::default().run(&guided, Request::blank(200))?.collect_all()?;
        Ok::<_, Error>(run.row(0))
    };
    let open = run([0.0, 1.0, -inf], [0.0, 0.0, 5.0], 3.0).unwrap();
    assert!(!open.contains(&2) && open.contains(&0) && open.contains(&1));
    let shut = run([0.0, 1.0, 0.0], [0.0, 0.0, -inf], 3.0).unwrap();
    assert!(!shut.contains(&2));
    assert!(matches!(
        run([0.0, -inf, -inf], [-inf, 0.0, 0.0], 2.0),
        Err(Error::EmptySupport { .. })
    ));
    assert!(matches!(run([-inf; 3], [0.0; 3], 2.0), Err(Error::EmptySupport { .. })));
    assert!(matches!(run([0.0, f64::NAN, 0.0], [0.0; 3], 2.0), Err(Error::NotFinite { .. })));
    assert!(matches!(run([0.0; 3], [inf, 0.0, 0.0], 2.0), Err(Error::NotFinite { .. })));
    assert!(matches!(run([0.0; 3], [0.0; 3], f64::NAN), Err(Error::Parameter { .. })));
    let mixed = Guided {
        conditional: Say([0.0; 3], start),
        plain: Say([0.0; 3], Start::Prompt),
        scale: 2.0,
    };
    assert!(matches!(
        Ar::default().run(&mixed, Request::blank(2)),
        Err(Error::Contradiction { .. })
    ));
    let small =
        Guided { conditional: Hash::default(), plain: Chain::new(0.1).unwrap(), scale: 2.0 };
    assert!(Ar::default().run(&small, Request::new([1]).max(2)).is_err());
    assert!(
        Parallel::default()
            .run(&small, Request::infill(Canvas::blank(1, 2)))
            .unwrap()
            .collect_all()
            .is_err()
    );
}

#[test]
fn a_row_after_a_text_has_the_laws_of_the_whole() {
    let net = Recurrent;
    let text = [3, 1, 4];
    let after = After::new(&net, &text).unwrap();
    for row in [vec![2, 0, 6], vec![5]] {
        let whole = score(&net, &[[&text[..], &row].concat()]).unwrap();
        assert_eq!(score(&after, &[row]).unwrap()[0], whole[0][3..]);
    }
    // The same noise is in other positions, so only the law is the same: greedily, the same row.
    let request = || Request::new([2]).max(8);
    let (a, b) = (
        Ar::greedy().run(&after, request()),
        Ar::greedy().run(&net, Request::new([3, 1, 4, 2]).max(8)),
    );
    let (a, b) = (output(a), output(b));
    assert_eq!((a.generated(0), a.stats.fed + 2), (b.generated(0), b.stats.fed));
    let hash = Hash::default();
    let long = After::new(&hash, &[1; 98]).unwrap();
    assert_eq!(long.context(), Some(3));
    assert!(Ar::default().run(&long, Request::blank(3)).is_ok());
    assert!(matches!(Ar::default().run(&long, Request::blank(4)), Err(Error::Length { .. })));
    assert!(After::new(&hash, &[]).is_err() && After::new(&hash, &[VOCAB as u32]).is_err());
    // A negative prompt.
    let guided = Guided {
        conditional: After::new(&net, &[1]).unwrap(),
        plain: After::new(&net, &[2]).unwrap(),
        scale: 1.5,
    };
    assert_eq!(output(Ar::default().run(&guided, Request::blank(6).rows(2))).row(1).len(), 6);
}
