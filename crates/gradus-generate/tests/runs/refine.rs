//! Strategies that take tokens back.

use gradus_generate::{
    Canvas, Cell, Error, Event, Finish, MaskPredict, Mirostat, Output, Pick, ReMdm, Request, Run,
    Sigma, Strategy, Warps,
};

use crate::model::Hash;
use crate::setup::{output, rich};

fn mend() -> ReMdm {
    ReMdm { calls: 9, sigma: Sigma::Cap(0.3), warps: rich() }
}

fn predict() -> MaskPredict {
    MaskPredict { calls: 5, pick: Pick::Sample, warps: rich() }
}

/// A canvas of 12 with two given positions, in each of three rows.
fn given() -> Canvas {
    let mut canvas = Canvas::blank(3, 12);
    (0..3).for_each(|row| canvas.fix(row, 4, 3).and(canvas.fix(row, row, 1)).unwrap());
    canvas
}

fn check(run: impl Fn(Request) -> Run<'static>) {
    let all: Output = output(Ok(run(Request::infill(given()).seed(5))));
    assert!(all.stats.revised > 0);
    assert_eq!(all.finish, [Finish::Full; 3]);
    let mut cells = vec![vec![None; 12]; 3];
    for event in run(Request::infill(given()).seed(5)) {
        match event.unwrap() {
            Event::Commit { row, at, value, .. } => {
                assert_eq!(cells[row][at].replace(value), None);
            }
            Event::Revise { row, at, value, .. } => {
                assert!(cells[row][at].replace(value).is_some());
            }
            Event::Round { call, of } => assert!(call <= of.unwrap()),
            Event::Own { .. } | Event::Done { .. } => {}
        }
    }
    for (row, cells) in cells.iter().enumerate() {
        let drawn = all.generated(row);
        assert_eq!(drawn.len(), 10);
        assert_eq!(cells.iter().flatten().copied().collect::<Vec<_>>(), drawn);
        assert_eq!((all.cells(row)[4], all.cells(row)[row]), (Some(3), Some(1)));
        let mut alone = Canvas::blank(1, 12);
        alone.fix(0, 4, 3).and(alone.fix(0, row, 1)).unwrap();
        let alone = output(Ok(run(Request::infill(alone).seed(5).first_row(row as u32))));
        assert_eq!(alone.cells(0), all.cells(row), "a row does not depend on the batch");
    }
    let other = output(Ok(run(Request::infill(given()).seed(6))));
    assert!((0..3).any(|row| other.cells(row) != all.cells(row)));
}

/// A model that lives as long as the test.
fn model() -> &'static Hash {
    Box::leak(Box::default())
}

#[test]
fn what_is_taken_back_is_filled_again() {
    check(|request| mend().run(model(), request).unwrap());
    check(|request| predict().run(model(), request).unwrap());
}

#[test]
fn a_fixed_position_cannot_be_masked() {
    let mut canvas = given();
    assert!(matches!(canvas.mask(0, 4), Err(Error::Contradiction { .. })));
    assert!(matches!(canvas.mask(0, 12), Err(Error::Length { .. })));
    canvas.set(0, 5, 2).unwrap();
    canvas.mask(0, 5).unwrap();
    assert_eq!(canvas.row(0)[5], Cell::Masked);
}

#[test]
fn bad_settings_are_errors() {
    let run = |s: ReMdm| s.run(model(), Request::blank(4)).map(|_| ());
    for sigma in [Sigma::Cap(-0.1), Sigma::Rescale(1.5), Sigma::Cap(f64::NAN)] {
        assert!(matches!(run(ReMdm { sigma, ..mend() }), Err(Error::Parameter { .. })));
    }
    assert!(matches!(run(ReMdm { calls: 0, ..mend() }), Err(Error::Parameter { .. })));
    let ordered = Warps::none().with(Mirostat::default());
    assert!(matches!(run(ReMdm { warps: ordered, ..mend() }), Err(Error::Contradiction { .. })));
    let none = MaskPredict { calls: 0, ..predict() };
    assert!(none.run(model(), Request::blank(4)).is_err());
}
