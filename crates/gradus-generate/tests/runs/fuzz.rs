//! Whatever is asked for: an answer or a clear error, never a panic, never an endless run.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gradus_generate::{
    Allow, Ar, Beam, Bias, Blocks, Both, ByLength, Canvas, Causal, Draft, Drafted, Dry, Error,
    Event, Guided, History, Jacobi, Key, Layout, Logits, Lookup, MaskPredict, Masked, MinP,
    Mirostat, Order, Parallel, Penalty, Pick, Pos, Prefix, Ragged, ReMdm, Repetition, Request,
    Result, Reveal, Rule, Run, Sigma, Start, StopTexts, Stops, Strategy, Temperature, Then,
    TokenState, TopK, TopNSigma, TopP, Typical, Want, Warps, WithLength, Xtc,
};
use proptest::prelude::*;
// Its name is also that of ours.
use proptest::strategy::Strategy as Values;

const VOCAB: usize = 5;

/// A model whose logits may be anything.
#[derive(Debug)]
struct Wild {
    /// Of 16 logits, how many are −∞, NaN or +∞.
    holes: u64,
    poison: u64,
    start: Start,
    context: Option<usize>,
    calls: AtomicUsize,
}

impl Wild {
    fn logits(&self, seen: impl Iterator<Item = u32>) -> [f64; VOCAB] {
        let state =
            seen.fold(9, |h: u64, id| (h ^ u64::from(id)).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        std::array::from_fn(|v| {
            let u = |i| Key::new(state).uniform(2 * v as u64 + i);
            match (u(0) * 16.0) as u64 {
                k if k < self.poison => [f64::NAN, f64::INFINITY][v % 2],
                k if k < self.poison + self.holes => f64::NEG_INFINITY,
                15 => 1e300 * (u(1) - 0.5),
                _ => 9.0 * u(1) - 4.0,
            }
        })
    }

    fn count(&self) {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed);
        assert!(calls < 400, "an endless run");
    }
}

impl Causal for Wild {
    type State = TokenState;

    fn vocab(&self) -> usize {
        VOCAB
    }

    fn start(&self) -> Start {
        self.start
    }

    fn context(&self) -> Option<usize> {
        self.context
    }

    fn begin(&self, rows: usize) -> Result<TokenState> {
        Ok(TokenState::new(rows))
    }

    fn feed(&self, s: &mut TokenState, new: &Ragged, want: Want, out: &mut Logits) -> Result<()> {
        self.count();
        s.push(new)?;
        for (r, new) in new.iter().enumerate() {
            let fed = s.row(r);
            assert!(self.context.is_none_or(|context| fed.len() <= context));
            let wanted = match want {
                Want::None => 0,
                Want::Last => new.len().min(1),
                Want::All => new.len(),
            };
            for end in fed.len() - wanted..fed.len() {
                out.extend(&self.logits(fed[..=end].iter().copied()))?;
            }
        }
        Ok(())
    }
}

impl Masked for Wild {
    fn vocab(&self) -> usize {
        VOCAB
    }

    fn fill(&self, canvas: &Canvas, at: &[Pos], out: &mut Logits) -> Result<()> {
        self.count();
        at.iter().try_for_each(|pos| {
            let cells = canvas.row(pos.row).iter().map(|c| c.id().unwrap_or(VOCAB as u32));
            out.extend(&self.logits(cells.chain([pos.at as u32])))
        })
    }
}

fn wild() -> impl Values<Value = Wild> {
    let start = prop_oneof![
        Just(Start::Prompt),
        Just(Start::IfEmpty(3)),
        Just(Start::Always(VOCAB as u32)),
    ];
    let context = prop_oneof![Just(None), (0..12usize).prop_map(Some)];
    // Most models are sane, so that most runs come far.
    let odd = || prop_oneof![4 => Just(0), 1 => 0..8u64];
    (odd(), odd(), start, context).prop_map(|(holes, poison, start, context)| Wild {
        holes,
        poison,
        start,
        context,
        calls: AtomicUsize::new(0),
    })
}

fn count() -> impl Values<Value = usize> {
    prop_oneof![
        4 => 1..9usize,
        1 => prop::sample::select(vec![0, usize::MAX / 2, usize::MAX]),
    ]
}

fn number() -> impl Values<Value = f64> {
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, -0.0, 1e300, 1e-300];
    prop_oneof![4 => 0.0..1.5f64, 1 => prop::sample::select(odd.to_vec())]
}

fn warp() -> impl Values<Value = Warps> {
    (0..16usize, number(), number(), count(), 0..7u32).prop_map(|(which, x, y, n, id)| {
        let none = Warps::none();
        match which {
            0 => none.with(Temperature(x)),
            1 => none.with(TopK(n)),
            2 => none.with(TopP(x)),
            3 => none.with(MinP(x)),
            4 => none.with(Typical(x)),
            5 => none.with(TopNSigma(x)),
            6 => none.with(Xtc { probability: x, threshold: y }),
            7 => none.with(Repetition(x)),
            8 => none.with(Penalty { frequency: x, presence: y }),
            9 => none.with(Dry { multiplier: x, base: y, allowed: n, ..Dry::default() }),
            10 => none.with(Mirostat { tau: x, eta: y }),
            11 => none.with(Bias(vec![(id, x)])),
            12 => none.with(Allow::new((0..id).step_by(2))),
            13 => none.with(|l: &mut [f64], _: &History<'_>| l.fill(f64::NEG_INFINITY)),
            14 => none.with(move |l: &mut [f64], h: &History<'_>| l[h.iter().count() % VOCAB] = x),
            _ => none,
        }
    })
}

fn warps() -> impl Values<Value = Warps> {
    // Two warps at once, to meet what excludes one another.
    prop_oneof![
        3 => Just(Warps::none()),
        2 => warp(),
        1 => Just(Warps::none().with(TopK(3)).with(Mirostat::default())),
        1 => Just(Warps::none().with(Mirostat::default()).with(Temperature(0.5))),
    ]
}

fn ids() -> impl Values<Value = Vec<u32>> {
    prop::collection::vec(prop_oneof![12 => 0..VOCAB as u32, 1 => 0..9u32], 0..5)
}

fn stops() -> impl Values<Value = Stops> {
    let sequences = prop::collection::vec(ids(), 0..2);
    prop_oneof![
        3 => Just(Stops::default()),
        1 => (ids(), sequences).prop_map(|(ids, sequences)| Stops { ids, sequences }),
    ]
}

fn request() -> impl Values<Value = Request> {
    let prompts = prop::collection::vec(ids(), 0..4);
    let maybe = || prop_oneof![3 => Just(None), 1 => count().prop_map(Some)];
    let late = prop_oneof![6 => Just(None), 1 => Just(Some(Duration::ZERO)), 1 => Just(Some(Duration::MAX))];
    let infill = prop_oneof![
        4 => Just(None),
        1 => (0..3usize, 0..7usize, ids()).prop_map(Some),
    ];
    let length = prop_oneof![
        6 => (0..10usize).prop_map(|n| (Some(n), None)),
        3 => (0..10usize).prop_map(|n| (None, Some(n))),
        1 => (maybe(), maybe()),
    ];
    (prompts, maybe(), length, any::<(u64, u32)>(), late, infill).prop_map(
        |(prompts, rows, (max, length), (seed, first), late, infill)| {
            let mut request = match infill {
                None => Request::prompts(prompts),
                Some((rows, len, known)) => {
                    let mut canvas = Canvas::blank(rows, len);
                    for (k, id) in known.into_iter().enumerate() {
                        let _ = canvas.fix(k % 2, 2 * k, id);
                    }
                    Request::infill(canvas)
                }
            };
            request = rows.into_iter().fold(request, Request::rows);
            request = max.into_iter().fold(request, Request::max);
            request = length.into_iter().fold(request, Request::length);
            request = late.into_iter().fold(request, Request::deadline);
            if seed % 3 == 0 {
                request = request.samples((first % 4) as usize).log_probs((first % 9) as usize);
            }
            if seed % 5 == 0 {
                let own = |k| Stops::at((k + first % 3) % 7);
                request = request.row_stops((0..first % 4).map(own));
            }
            if seed % 7 == 0 {
                let words =
                    ["a", "", "ab", "b", "c"].into_iter().take(if first % 5 == 0 { 4 } else { 5 });
                request = request.stop_texts(StopTexts::new(words, ["abc", "bb"]).unwrap());
            }
            request.seed(seed).first_row(first)
        },
    )
}

fn layout() -> impl Values<Value = Layout> {
    prop_oneof![
        3 => Just(Layout::All),
        1 => count().prop_map(Layout::Every),
        1 => (count(), count(), count())
            .prop_map(|(height, width, every)| Layout::Grid { height, width, every }),
        1 => prop::collection::vec(0..9usize, 0..4).prop_map(Layout::At),
    ]
}

fn parallel() -> impl Values<Value = Parallel> {
    let reveal = prop_oneof![
        Just(Reveal::Linear),
        Just(Reveal::Cosine),
        Just(Reveal::Levels),
        number().prop_map(Reveal::Threshold),
        number().prop_map(Reveal::Factor),
        prop::collection::vec(count(), 0..4).prop_map(Reveal::Counts),
    ];
    let grid = (count(), count()).prop_map(|(height, width)| Order::HaltonGrid { height, width });
    let known = vec![
        Order::LeftToRight,
        Order::Random,
        Order::Dyadic,
        Order::Strided,
        Order::Halton,
        Order::MaxProb,
        Order::Margin,
        Order::Entropy,
    ];
    let order = prop_oneof![
        4 => prop::sample::select(known),
        1 => grid,
        1 => number().prop_map(|noise| Order::Sampled { noise }),
    ];
    (count(), reveal, order, warps()).prop_map(|(calls, reveal, order, warps)| Parallel {
        calls,
        reveal,
        order,
        warps,
    })
}

/// An answer or an error that says something; rounds and events that end.
fn check(run: Result<Run<'_>>) -> std::result::Result<(), TestCaseError> {
    let mut run = match run {
        Ok(run) => run,
        Err(error) => return says(&error),
    };
    for event in 0.. {
        prop_assert!(event < 5000, "endless events");
        match run.next() {
            None => break,
            Some(Ok(Event::Commit { logp, .. } | Event::Revise { logp, .. })) => {
                prop_assert!(logp <= 0.0 && logp > f64::NEG_INFINITY);
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                says(&error)?;
                prop_assert!(run.next().is_none(), "an error ends a run");
            }
        }
    }
    Ok(())
}

fn says(error: &Error) -> std::result::Result<(), TestCaseError> {
    prop_assert!(error.to_string().len() > 10, "{error:?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn one_after_the_other(
        model in wild(), draft in wild(), request in request(), warps in warps(), stop in stops(),
        plan in layout(), n in count(), x in number(), given in ids(), which in 0..8usize,
    ) {
        let pick = if n % 2 == 0 { Pick::Greedy } else { Pick::Sample };
        let rule = [Rule::Coupled, Rule::Reject, Rule::Typical { epsilon: x, alpha: 0.1 }][n % 3];
        let speculate = Draft { ahead: n, rule, warps: warps.clone(), stop: stop.clone() };
        let lookup = Drafted { target: &model, draft: Lookup { longest: n, shortest: which % 3 } };
        let pair = Drafted { target: &model, draft: &draft };
        check(match which {
            0 if Prefix::new(&model, &given).is_ok() => {
                let read = Prefix::new(&model, &given).unwrap();
                return check(Ar { warps, stop, pick, plan }.run(&read, request));
            }
            0 | 1 => Ar { warps, stop, pick, plan }.run(&model, request),
            2 | 3 => Beam { width: n, alpha: x, warps, stop }.run(&model, request),
            4 if x > 1.0 => {
                let guided = Guided { conditional: &model, plain: &draft, scale: x };
                return check(Jacobi { window: n, warps, stop }.run(&guided, request));
            }
            4 => Jacobi { window: n, warps, stop }.run(&model, request),
            5 => speculate.run(&lookup, request),
            _ => speculate.run(&pair, request),
        })?;
    }

    #[test]
    fn several_at_once(
        model in wild(), plan in wild(), request in request(), parallel in parallel(),
        layout in layout(), n in count(), x in number(), which in 0..9usize,
    ) {
        let warps = parallel.warps.clone();
        let sigma = if n % 2 == 0 { Sigma::Cap(x) } else { Sigma::Rescale(x) };
        let both = Both { plan: &plan, detail: &model };
        let first = Ar { plan: layout, warps: warps.clone(), ..Ar::default() };
        check(match which {
            0..3 => parallel.run(&model, request),
            3 => Blocks { size: n, inner: parallel }.run(&model, request),
            7 => {
                let head = |prompt: &[u32]| (0..9).map(|k| if k < prompt.len() { x } else { 0.5 * k as f64 }).collect();
                let pair = WithLength { length: head, model: &model };
                let candidates = n % 4;
                return check(ByLength { candidates, ..ByLength::new(parallel) }.run(&pair, request));
            }
            6 => {
                let guided = Guided { conditional: &model, plain: &plan, scale: x };
                return check(parallel.run(&guided, request));
            }
            4 => ReMdm { calls: n, sigma, warps }.run(&model, request),
            5 => MaskPredict { calls: n, pick: Pick::Sample, warps }.run(&model, request),
            _ => Then { plan: first, detail: parallel, ..Then::default() }.run(&both, request),
        })?;
    }
}
