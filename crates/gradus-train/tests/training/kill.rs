//! A training that is killed at any moment goes on from a whole checkpoint, and ends in the same
//! bits. `GRADUS_KILLS=200 cargo test -p gradus-train killed` tries it as often as that.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

use gradus_core::Key;
use gradus_train::{Averaging, Checkpointing, Fit, FitConfig, Keep, Log};

use crate::task::{Batch, Net, data, fit, same, silent};

const FOLDER: &str = "GRADUS_TEST_KILL_FOLDER";

/// A run that saves after every step, in a folder or nowhere.
fn run(folder: Option<&Path>) -> Fit<'static, Net, Batch> {
    let checkpoint = folder.map(|folder| Checkpointing {
        every: 1,
        previous: 2,
        best: Some(folder.join("best")),
        ..Checkpointing::new(folder.join("run"))
    });
    let log = folder.map(|folder| Log { every: 1, ..Log::new(folder.join("log")) });
    let config = FitConfig {
        keep: Keep::Best,
        averaging: Some(Averaging::Exponential { decay: 0.9 }),
        checkpoint,
        log,
        ..silent(6)
    };
    // Each life begins with other parameters: all must come from the file.
    let seed = if folder.is_some() { u64::from(std::process::id()) } else { 1 };
    let mut run = fit(if is_first_life(folder) { 1 } else { seed + 2 }, config);
    if let Some(folder) = folder {
        let resumed = run.resume_last(folder.join("run")).unwrap();
        // The last checkpoint is always whole; there is no need to fall back.
        assert!(resumed.is_none_or(|resumed| resumed.refused.is_empty()));
    }
    run.run_validated(&data(50, 1), &data(30, 2)).unwrap();
    run
}

fn is_first_life(folder: Option<&Path>) -> bool {
    folder.is_none_or(|folder| !folder.join("run").exists())
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

/// Lets a life go on for a while; what it ended with, if it ended by itself.
fn live(folder: &Path, time: Duration) -> Option<ExitStatus> {
    let mut child = start(folder);
    thread::sleep(time);
    let ended = child.try_wait().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    ended
}

#[test]
fn a_run_that_is_killed_ends_in_the_same_bits() {
    let kills = env::var("GRADUS_KILLS").map_or(8, |n| n.parse::<u64>().unwrap());
    let whole = run(None);
    let key = Key::new(7);
    let (mut killed, mut lives) = (0, 0);
    while killed < kills {
        let folder = tempfile::tempdir().unwrap();
        // On a busy machine a life gets nowhere in its first moments: later ones are longer.
        for longest in (60_000..).step_by(5_000) {
            lives += 1;
            let time =
                Duration::from_micros(2_000 + (key.uniform(lives) * f64::from(longest)) as u64);
            match live(folder.path(), time) {
                Some(status) => {
                    assert!(status.success(), "a life that was not killed failed: {status}");
                    break;
                }
                None => killed += 1,
            }
        }
        // A run that is over: its state is what the last life left.
        let end = run(Some(folder.path()));
        assert!(same(end.model(), whole.model()));
        let of = |fit: &Fit<'_, Net, Batch>| {
            let epochs = &fit.history().epochs;
            (
                fit.history().steps.clone(),
                epochs.iter().map(|e| e.valid.clone()).collect::<Vec<_>>(),
            )
        };
        assert_eq!(of(&end), of(&whole));
        let log = fs::read_to_string(folder.path().join("log")).unwrap();
        assert_eq!(log.lines().count(), 6 * 7 + 6, "each step and epoch has one line:\n{log}");
        // Nothing is left of what was killed while it wrote.
        let files = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name());
        let mut files: Vec<_> = files.map(|name| name.into_string().unwrap()).collect();
        files.sort();
        assert_eq!(files, ["best", "log", "run", "run.1", "run.2"]);
    }
    println!("killed {killed} times in {lives} lives");
}
