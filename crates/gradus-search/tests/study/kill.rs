//! A search that is killed at any moment goes on, and ends with the same trials.
//! `GRADUS_KILLS=100 cargo test -p gradus-search killed` tries it as often as that.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, thread};

use gradus_core::Key;
use gradus_search::{RegularizedEvolution, RunConfig, Study, StudyConfig};

use crate::problems::mixed;
use crate::same::{config, told};

const FOLDER: &str = "GRADUS_TEST_SEARCH_FOLDER";

fn run(folder: Option<&Path>) -> Study {
    let sampler = Box::new(RegularizedEvolution { population: 8, sample: 3 });
    let journal = folder.map(|folder| folder.join("journal"));
    let mut study = StudyConfig { journal, ..config(sampler, 1) }.init().unwrap();
    study
        .run(RunConfig { workers: 2, ..RunConfig::new(60) }, |trial| {
            thread::sleep(Duration::from_millis(if folder.is_some() { 2 } else { 0 }));
            mixed(trial)
        })
        .unwrap();
    study
}

/// The life of one process; does nothing unless the test below has started it.
#[test]
fn life() {
    if let Some(folder) = env::var_os(FOLDER) {
        run(Some(Path::new(&folder)));
    }
}

fn start(folder: &Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["kill::life", "--exact", "--test-threads=1"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

#[test]
fn a_search_that_is_killed_makes_the_same_trials() {
    let kills = env::var("GRADUS_KILLS").map_or(4, |n| n.parse::<u64>().unwrap());
    let whole = told(&run(None));
    let (mut killed, mut lives) = (0, 0);
    while killed < kills {
        let folder = tempfile::tempdir().unwrap();
        loop {
            lives += 1;
            let mut child = start(folder.path());
            thread::sleep(Duration::from_millis(10 + (Key::new(7).uniform(lives) * 120.0) as u64));
            let ended = child.try_wait().unwrap();
            child.kill().unwrap();
            child.wait().unwrap();
            match ended {
                Some(status) => {
                    assert!(status.success());
                    break;
                }
                None => killed += 1,
            }
        }
        assert_eq!(told(&run(Some(folder.path()))), whole);
    }
}
