//! The result, told.

use gradus_search::{AshaPruner, Domain, Random, RunConfig, Space, StudyConfig, Tpe, When};

use crate::problems::{branin, branin_space, mixed};
use crate::same::config;

#[test]
fn a_study_without_trials_has_a_page() {
    let study = StudyConfig::new(branin_space()).init().unwrap();
    let html = study.report().unwrap().to_html();
    assert!(html.contains("Search of Branin") && html.contains("None is complete"));
    assert!(study.leaderboard(5).rows().is_empty());
    assert!(study.importance().iter().all(|(_, share)| share.is_none()));
}

#[test]
fn the_page_has_a_chart_for_every_parameter() {
    let mut study = config(Box::new(Tpe::default()), 1).init().unwrap();
    study.run(RunConfig::new(60), mixed).unwrap();
    let html = study.report().unwrap().to_html();
    // Best so far, seven parameters, courses.
    assert_eq!(html.matches("<svg").count(), 9);
    let best = study.best().unwrap();
    let table = study.leaderboard(60);
    assert_eq!(table.rows()[0][0], best.number.to_string());
    let states: Vec<bool> = table.rows().iter().map(|row| row[9].starts_with("pruned")).collect();
    assert!(states.is_sorted() && states[59], "complete trials come first");
}

#[test]
fn what_explains_the_values_is_important_and_the_rest_is_not() {
    let space = Space::builder("one of three")
        .with("matters", Domain::float(-1.0, 1.0))
        .with("idle", Domain::choice(["a", "b", "c"]))
        .with("switch", Domain::choice(["on", "off"]))
        .with_when("rare", Domain::log_int(1, 9), When::is("switch", ["on"]))
        .with("fixed", Domain::int(3, 3))
        .build()
        .unwrap();
    let config = StudyConfig {
        sampler: Box::new(Random),
        pruner: Some(Box::new(AshaPruner::default())),
        ..StudyConfig::new(space)
    };
    let mut study = config.init().unwrap();
    study.run(RunConfig::new(200), |trial| Ok(trial.point().float("matters")?.powi(3))).unwrap();
    let shares = study.importance();
    let share = |name: &str| shares.iter().find(|(n, _)| n == name).unwrap().1;
    assert!(share("matters").unwrap() > 0.9);
    for name in ["idle", "switch", "rare"] {
        assert!(share(name).unwrap() < 0.05, "{name} {:?}", share(name));
    }
    assert_eq!(share("fixed"), None);
}

#[test]
fn the_sampler_that_learns_finds_the_valley() {
    let mut study = StudyConfig::new(branin_space()).init().unwrap();
    study.run(RunConfig::new(150), |trial| branin(trial.point())).unwrap();
    assert!(study.best().unwrap().value < 0.6, "{:?}", study.best());
}
