//! The report of a run.

use gradus_train::FitConfig;

use crate::task::{data, fit, silent};

#[test]
fn a_report_tells_the_whole_run_in_one_file() {
    let mut run = fit(1, silent(3));
    run.run_validated(&data(40, 1), &data(16, 2)).unwrap();
    let html = run.report().unwrap().to_html();
    for part in [
        "15 updates",
        "Loss",
        "accuracy",
        "Learning rate",
        "Gradient norm",
        "validation loss",
        "seed",
        "threads",
        "input.weight",
        "(best)",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert_eq!(html.matches("<svg").count(), 4);
    let best = run.history().best().unwrap().epoch;
    assert!(html.contains(&format!("<td>{best} (best)</td>")));
    assert!(!html.contains("<script"));
    // Where the page looks: nowhere but the name of the drawing language.
    assert!(!html.replace("http://www.w3.org/2000/svg", "").contains("http"));
}

#[test]
fn a_run_that_has_not_begun_has_a_report() {
    let html = fit(1, FitConfig::default()).report().unwrap().to_html();
    assert!(html.contains("No epoch is done."));
}
