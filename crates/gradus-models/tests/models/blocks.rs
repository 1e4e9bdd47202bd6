//! Block diffusion: what a position sees, what the loss bounds, and the cache.

use gradus_autograd::no_grad;
use gradus_core::{DType, Key, Keys};
use gradus_generate::{Blocks, Canvas, Logits, Masked, Order, Parallel, Pos, Request, Strategy};
use gradus_models::{BlockDiffusion, Positions, TransformerConfig};
use gradus_nn::{Ctx, cast};
use gradus_tensor::Tensor;

use crate::descent::adam;
use crate::tiny::{CONTEXT, VOCAB, config, numbers, tokens};

const BLOCK: usize = 3;

fn model(classes: usize, block: usize, dtype: DType) -> BlockDiffusion {
    let mut model = BlockDiffusion::new(&config(classes), block, &mut Keys::new(7)).unwrap();
    cast(&mut model, dtype).unwrap();
    model
}

/// Logits of each position, of one row.
fn logits(
    model: &BlockDiffusion,
    noisy: &[u32],
    clean: &[u32],
    class: Option<i64>,
) -> Vec<Vec<f64>> {
    let class = class.map(|class| Tensor::from(vec![class]));
    let (noisy, clean) = (tokens(&[noisy]), tokens(&[clean]));
    let y = model.forward(&noisy, &clean, class.as_ref(), &mut Ctx::eval()).unwrap();
    numbers(y.value()).chunks(VOCAB).map(<[f64]>::to_vec).collect()
}

#[test]
fn information_flows_where_the_mask_allows() {
    let model = model(2, BLOCK, DType::F64);
    let m = model.mask_id();
    let (clean, noisy) = ([1, 2, 3, 4, 5, 6, 0, 1], [m, 2, m, m, m, 6, m, 1]);
    let base = logits(&model, &noisy, &clean, Some(0));
    for j in 0..CONTEXT {
        let changed = |row: &[u32; CONTEXT]| {
            let mut row = *row;
            row[j] = if row[j] == 3 { 4 } else { 3 };
            row
        };
        let by_noisy = logits(&model, &changed(&noisy), &clean, Some(0));
        let by_clean = logits(&model, &noisy, &changed(&clean), Some(0));
        for i in 0..CONTEXT {
            assert_eq!(by_noisy[i] != base[i], i / BLOCK == j / BLOCK, "noisy {j} to {i}");
            assert_eq!(by_clean[i] != base[i], j / BLOCK < i / BLOCK, "clean {j} to {i}");
        }
    }
    let other = logits(&model, &noisy, &clean, Some(1));
    assert!(base.iter().zip(&other).all(|(a, b)| a != b), "the class is seen everywhere");
}

/// The bound of one row, over all masks of all blocks, in nats per token.
fn exact(model: &BlockDiffusion, row: [u32; 4], block: usize) -> f64 {
    let factorial = |n: usize| (1..=n).product::<usize>() as f64;
    let mut total = 0.0;
    for start in (0..4).step_by(block) {
        let size = block.min(4 - start);
        for mask in 1..1usize << size {
            let mut noisy = row;
            let hidden: Vec<usize> = (0..size).filter(|i| mask >> i & 1 == 1).collect();
            hidden.iter().for_each(|i| noisy[start + i] = model.mask_id());
            let laws = logits(model, &noisy, &row, None);
            let nats = |at: usize| {
                let all: f64 = laws[at].iter().map(|l| l.exp()).sum();
                all.ln() - laws[at][row[at] as usize]
            };
            // n is uniform on 1..=S, and so are the masks of n positions; S times the mean over n.
            let n = hidden.len();
            let masks = factorial(size) / (factorial(n) * factorial(size - n));
            let sum: f64 = hidden.iter().map(|i| nats(start + i)).sum();
            total += sum / (n as f64 * masks);
        }
    }
    total / 4.0
}

#[test]
fn the_mean_of_the_loss_is_the_exact_bound() {
    let rows = [[1, 5, 2, 0], [3, 3, 6, 4]];
    let batch = tokens(&rows.each_ref().map(<[u32; 4]>::as_slice));
    for block in [2, 3, 4] {
        let model = model(0, block, DType::F64);
        let expected = f64::midpoint(exact(&model, rows[0], block), exact(&model, rows[1], block));
        let loss = |seed: u64| {
            let loss = no_grad(|| model.loss(&batch, None, Key::new(seed), &mut Ctx::eval()));
            loss.unwrap().item().unwrap()
        };
        let losses: Vec<f64> = (0..200).map(loss).collect();
        let n = losses.len() as f64;
        let mean = losses.iter().sum::<f64>() / n;
        let variance = losses.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let sigma = (variance / n).sqrt();
        assert!((mean - expected).abs() < 5.0 * sigma, "{block}: {mean} ± {sigma}, {expected}");
        assert!(sigma < 0.02 * expected, "the test is too weak to fail: {sigma}");
    }
}

#[test]
fn blocks_of_one_token_are_an_autoregressive_model() {
    let model = model(0, 1, DType::F64);
    let row = [1, 5, 2, 0, 3];
    let batch = tokens(&[&row]);
    let loss = |seed| {
        let loss = model.loss(&batch, None, Key::new(seed), &mut Ctx::eval()).unwrap();
        loss.item().unwrap()
    };
    assert_eq!(loss(1), loss(2), "there is nothing to draw");
    // The chain rule, one position after the other.
    let nats = (0..row.len()).map(|at| {
        let mut canvas = Canvas::blank(1, row.len());
        (0..at).for_each(|before| canvas.fix(0, before, row[before]).unwrap());
        let mut out = Logits::new(VOCAB);
        model.fill(&canvas, &[Pos { row: 0, at }], &mut out).unwrap();
        let all: f64 = out.row(0).iter().map(|l| l.exp()).sum();
        all.ln() - out.row(0)[row[at] as usize]
    });
    let chain = nats.sum::<f64>() / row.len() as f64;
    assert!((loss(1) - chain).abs() < 1e-12 * chain, "{} {chain}", loss(1));
}

fn rows_of(model: &impl Masked, canvas: &Canvas, at: &[Pos]) -> Vec<Vec<f64>> {
    let mut out = Logits::new(VOCAB);
    model.fill(canvas, at, &mut out).unwrap();
    (0..out.rows()).map(|row| out.row(row).to_vec()).collect()
}

#[test]
fn a_cached_call_has_the_bits_of_a_full_pass() {
    for (classes, dtype) in [(0, DType::F32), (2, DType::F32), (2, DType::F64)] {
        let model = model(classes, BLOCK, dtype);
        let told: Vec<u32> = if classes > 0 { vec![1, 0] } else { vec![] };
        let cached = model.cached(told.clone()).unwrap();
        let plain = |canvas: &Canvas, at: &[Pos]| match classes {
            0 => rows_of(&model, canvas, at),
            _ => rows_of(&model.conditioned(told.clone()).unwrap(), canvas, at),
        };
        let mut canvas = Canvas::blank(2, CONTEXT);
        for start in (0..CONTEXT).step_by(BLOCK) {
            let end = (start + BLOCK).min(CONTEXT);
            let all: Vec<Pos> =
                (0..2).flat_map(|row| (start..end).map(move |at| Pos { row, at })).collect();
            assert_eq!(rows_of(&cached, &canvas, &all), plain(&canvas, &all), "{start}");
            canvas.set(0, end - 1, 4).unwrap();
            // Out of order, and one row alone.
            let some = [Pos { row: 1, at: end - 1 }, Pos { row: 1, at: start }];
            assert_eq!(rows_of(&cached, &canvas, &some), plain(&canvas, &some), "{start}");
            let one = [Pos { row: 0, at: start }];
            assert_eq!(rows_of(&cached, &canvas, &one), plain(&canvas, &one), "{start}");
            for at in start..end {
                (0..2).for_each(|row| canvas.set(row, at, (at + row) as u32 % 7).unwrap());
            }
        }
        // Another canvas: what differs is computed again.
        canvas.set(1, 1, 6).unwrap();
        let last = [Pos { row: 1, at: 7 }, Pos { row: 0, at: 6 }];
        assert_eq!(rows_of(&cached, &canvas, &last), plain(&canvas, &last));
        // Rows that are not equally far.
        let mut uneven = canvas.clone();
        uneven.mask(1, 4).unwrap();
        let both = [Pos { row: 0, at: 6 }, Pos { row: 1, at: 4 }];
        assert_eq!(rows_of(&cached, &uneven, &both), plain(&uneven, &both));
    }
}

#[test]
fn a_full_pass_agrees_with_the_pass_of_training() {
    let model = model(0, BLOCK, DType::F64);
    let (m, clean) = (model.mask_id(), [1, 2, 3, 4, 5, 6, 0, 1]);
    let noisy = [m, 2, m, m, 5, m, m, m];
    let all = logits(&model, &noisy, &clean, None);
    for (start, end) in [(0, 3), (3, 6), (6, 8)] {
        let mut canvas = Canvas::blank(1, CONTEXT);
        (0..start).for_each(|at| canvas.fix(0, at, clean[at]).unwrap());
        let known = (start..end).filter(|&at| noisy[at] != m);
        known.for_each(|at| canvas.fix(0, at, noisy[at]).unwrap());
        let at: Vec<Pos> = (start..end).map(|at| Pos { row: 0, at }).collect();
        for (got, at) in rows_of(&model, &canvas, &at).iter().zip(start..end) {
            let off = got.iter().zip(&all[at]).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(off < 1e-12, "{at}: {off}");
        }
    }
}

#[test]
fn blocks_draw_the_same_with_and_without_a_cache() {
    let model = model(0, BLOCK, DType::F32);
    let orders = [(3, Order::Random), (2, Order::MaxProb), (1, Order::LeftToRight)];
    for (calls, order) in orders {
        let blocks =
            Blocks { size: BLOCK, inner: Parallel { calls, order, ..Parallel::default() } };
        let request = Request::blank(CONTEXT).rows(3).seed(5);
        let plain = blocks.run(&model, request.clone()).unwrap().collect_all().unwrap();
        let cached = model.cached([]).unwrap();
        let out = blocks.run(&cached, request).unwrap().collect_all().unwrap();
        for row in 0..3 {
            assert_eq!(out.row(row), plain.row(row));
        }
        // Two blocks were stored; the last one need not be. Every position was fed once to be stored.
        assert_eq!(out.stats.calls, plain.stats.calls + 2);
    }
    // A prompt is stored at once.
    let blocks = Blocks { size: BLOCK, inner: Parallel::default() };
    let request = Request::new([1, 2, 3, 4, 5, 6]).length(CONTEXT).seed(5);
    let cached = model.cached([]).unwrap();
    let out = blocks.run(&cached, request).unwrap().collect_all().unwrap();
    assert_eq!((out.stats.calls, out.row(0).len()), (2, CONTEXT));
}

#[test]
fn one_token_at_a_time_needs_no_blocks() {
    let model = model(0, 1, DType::F64);
    let blocks = Blocks { size: 1, inner: Parallel::default() };
    let request = Request::blank(5).rows(2).seed(9);
    let cached = model.cached([]).unwrap();
    let out = blocks.run(&cached, request.clone()).unwrap();
    let out = out.collect_all().unwrap();
    let order = Parallel { calls: 5, order: Order::LeftToRight, ..Parallel::default() };
    let each = order.run(&model, request).unwrap().collect_all();
    assert!(each.is_ok(), "left to right each block is known before the next");
    assert_eq!(out.row(0), each.unwrap().row(0));
}

#[test]
fn block_diffusion_learns_what_it_has_seen() {
    const ROWS: [[u32; 6]; 2] = [[0, 1, 2, 3, 0, 1], [3, 0, 0, 1, 2, 2]];
    let size = TransformerConfig::new(4, 6);
    let size = TransformerConfig { width: 16, n_heads: 2, n_layers: 1, ..size };
    let mut model = BlockDiffusion::new(&size, 2, &mut Keys::new(7)).unwrap();
    let batch = tokens(&[&ROWS[0][..], &ROWS[1]].repeat(4));
    let last = adam(&mut model, 120, 0.02, |model, step| {
        model.loss(&batch, None, Key::new(step), &mut Ctx::eval()).unwrap()
    });
    // Not to know which of the two it is costs ln 2 once, 0.12 for each of six tokens.
    assert!(last < 0.25, "{last}");
    let blocks = Blocks { size: 2, inner: Parallel { calls: 2, ..Parallel::default() } };
    let model = model.cached([]).unwrap();
    let out = blocks.run(&model, Request::blank(6).rows(8).seed(1)).unwrap();
    let out = out.collect_all().unwrap();
    let known = (0..8).filter(|&row| ROWS.iter().any(|known| out.row(row) == known)).count();
    assert!(known >= 6, "{known}");
}

#[test]
fn what_blocks_cannot_be_is_said() {
    let size = config(0);
    assert!(BlockDiffusion::new(&size, 0, &mut Keys::new(7)).is_err());
    let turned = TransformerConfig { positions: Positions::Rotary { base: 100.0 }, ..size };
    assert!(BlockDiffusion::new(&turned, 2, &mut Keys::new(7)).is_err());
    let plain = model(0, BLOCK, DType::F32);
    let told = model(2, BLOCK, DType::F32);
    let mut out = Logits::new(VOCAB);
    let canvas = Canvas::blank(1, CONTEXT);
    let at = |at| [Pos { row: 0, at }];
    let cause = |result: gradus_generate::Result<()>| {
        let error = result.expect_err("this must fail");
        std::error::Error::source(&error).expect("the model's error").to_string()
    };
    let past = "BlockDiffusion: row 0: the block from 3 on needs position 0, which is masked";
    assert_eq!(cause(plain.fill(&canvas, &at(3), &mut out)), past);
    let cached = plain.cached([]).unwrap();
    assert_eq!(cause(cached.fill(&canvas, &at(3), &mut out)), past);
    assert!(cause(plain.fill(&canvas, &at(8), &mut out)).contains("position 8 is outside"));
    assert!(cause(told.fill(&canvas, &at(0), &mut out)).contains("expected 1 classes"));
    let wide = told.cached([0, 1]).unwrap();
    assert!(cause(wide.fill(&canvas, &at(0), &mut out)).contains("expected 1 classes"));
    assert!(wide.settle(&canvas, 3).is_err());
    assert!(told.cached([2]).is_err() && plain.cached([0]).is_err());
    let long = Canvas::blank(1, CONTEXT + 1);
    assert!(cause(plain.fill(&long, &at(0), &mut out)).contains("9 positions"));
    let mut strange = Canvas::blank(1, CONTEXT);
    strange.fix(0, 1, 7).unwrap();
    assert!(cause(cached.fill(&strange, &at(0), &mut out)).contains("token 7"));
    let (two, three) = (tokens(&[&[1, 2]]), tokens(&[&[1, 2, 3]]));
    assert!(plain.forward(&two, &three, None, &mut Ctx::eval()).is_err());
    let mask = tokens(&[&[1, plain.mask_id()]]);
    assert!(plain.forward(&mask, &two, None, &mut Ctx::eval()).is_ok());
    assert!(plain.forward(&two, &mask, None, &mut Ctx::eval()).is_err());
    let empty = Tensor::zeros([0, 4], DType::I64).unwrap();
    assert!(plain.loss(&empty, None, Key::new(1), &mut Ctx::eval()).is_err());
}
