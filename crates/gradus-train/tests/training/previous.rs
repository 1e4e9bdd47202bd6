//! Checkpoints before the last, the best one, and what happens when the last cannot be used or
//! written.

use std::fs;
use std::path::Path;
use std::process::Command;

use gradus_train::{
    Checkpoint, Checkpointing, Error, EventFile, FitConfig, Keep, Log, TensorBoard,
};

use crate::task::{Net, data, fit, same, silent};

fn saving(path: &Path) -> FitConfig {
    let checkpoint = Checkpointing { every: 1, previous: 2, ..Checkpointing::new(path) };
    FitConfig { checkpoint: Some(checkpoint), ..silent(1) }
}

/// The step of a checkpoint.
fn step(path: &Path) -> u64 {
    let mut run = fit(99, silent(1));
    run.resume(path).unwrap();
    run.steps()
}

#[test]
fn the_ones_before_the_last_are_used_if_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let mut whole = fit(1, saving(&path));
    assert!(whole.resume_last(&path).unwrap().is_none());
    whole.run(&data(50, 1)).unwrap(); // saves after each of 7 steps, and at the end
    let files = ["run", "run.1", "run.2"].map(|name| folder.path().join(name));
    assert_eq!(files.clone().map(|file| step(&file)), [7, 7, 6]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);

    // One is cut, one is altered, one is left.
    let bytes = fs::read(&files[0]).unwrap();
    fs::write(&files[0], &bytes[..bytes.len() / 2]).unwrap();
    let mut bytes = fs::read(&files[1]).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&files[1], &bytes).unwrap();
    let mut run = fit(99, silent(1));
    assert!(run.resume(&path).is_err());
    assert_eq!(run.steps(), 0);
    let resumed = run.resume_last(&path).unwrap().unwrap();
    assert_eq!(resumed.path, files[2]);
    let refused: Vec<String> = resumed.refused.iter().map(ToString::to_string).collect();
    assert!(refused[0].contains("run: expected") && refused[1].contains("run.1: "), "{refused:?}");
    assert!(refused[1].contains("altered"));
    run.run(&data(50, 1)).unwrap();
    assert!(same(run.model(), whole.model()));

    // With no whole one left, the last one's fault is told.
    fs::write(&files[2], "").unwrap();
    let error = fit(99, silent(1)).resume_last(&path).unwrap_err();
    assert!(error.to_string().starts_with(&files[0].display().to_string()), "{error}");
    // The last may be gone altogether.
    fs::remove_file(&files[0]).unwrap();
    fs::copy(&files[1], &files[2]).unwrap();
    assert!(fit(99, silent(1)).resume_last(&path).is_err());
}

#[test]
fn the_best_epoch_has_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (path, best) = (folder.path().join("run"), folder.path().join("best"));
    let checkpoint = Checkpointing { best: Some(best.clone()), ..Checkpointing::new(&path) };
    let config = FitConfig { checkpoint: Some(checkpoint), keep: Keep::Best, ..silent(30) };
    let mut run = fit(1, config);
    run.run_validated(&data(40, 1), &data(16, 2)).unwrap();
    let epoch = run.history().best().unwrap();
    assert!(epoch.epoch < 30, "the task overfits");
    assert_eq!(step(&best), epoch.step);
    let mut model = Net::new(99);
    gradus_nn::Module::load_state_dict(&mut model, &Checkpoint::load(&best).unwrap().take("model"))
        .unwrap();
    assert!(same(&model, run.model()));
}

#[test]
fn a_file_without_a_checksum_is_no_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    gradus_io::save_safetensors(&path, &Default::default(), &Default::default()).unwrap();
    let error = Checkpoint::load(&path).unwrap_err().to_string();
    assert!(error.contains("model") && error.ends_with("it has no checksum"), "{error}");
}

/// In this folder nobody can write, not even the superuser.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = Path::new("/proc/self");
    let train = data(16, 1);
    let mut run = fit(1, saving(&folder.join("run")));
    let error = run.run(&train).unwrap_err();
    assert!(matches!(error, Error::Io(_)), "{error}");
    assert_eq!(error.to_string(), "cannot write /proc/self/run");
    assert_eq!(run.steps(), 1);

    let log = Some(Log::new(folder.join("log")));
    let error = fit(1, FitConfig { log, ..silent(1) }).run(&train).unwrap_err();
    assert!(error.to_string().contains("/proc/self/log: "), "{error}");
    let tensorboard = Some(TensorBoard::new(folder.join("events")));
    let error = fit(1, FitConfig { tensorboard, ..silent(1) }).run(&train).unwrap_err();
    assert!(error.to_string().contains("/proc/self/events: "), "{error}");
    assert!(EventFile::create(folder).is_err());
    let page = run.report().unwrap();
    assert!(page.save(folder.join("page")).unwrap_err().to_string().contains("/proc/self/page"));
}

const FOLDER: &str = "GRADUS_TEST_FULL_FOLDER";

/// Runs where no file may grow beyond a limit, or on a disk that is really full; see below.
#[test]
fn on_a_full_disk() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let path = Path::new(&folder).join("run");
    let before = fs::read(&path).unwrap();
    let mut run = fit(1, saving(&path));
    run.resume(&path).unwrap();
    let steps = run.steps();
    let error = run.run(&data(50, 1)).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot write {}", path.display()));
    let source = std::error::Error::source(&error).unwrap();
    let reasons = [std::io::ErrorKind::FileTooLarge, std::io::ErrorKind::StorageFull];
    let kind = source.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    assert!(kind.is_some_and(|kind| reasons.contains(&kind)), "{source}");
    // The files are as they were, and the run can go on from where it is.
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(run.steps(), steps + 1);
    fs::write(Path::new(&folder).join("seen"), "").unwrap();
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_checkpoint_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let limit = Some(std::time::Duration::from_nanos(1));
    let mut run = fit(1, FitConfig { time_limit: limit, ..saving(&path) });
    run.run(&data(50, 1)).unwrap();
    // Writes beyond a file size limit fail in the middle of the file, as on a full disk. The
    // signal that comes with it is ignored, so that the write returns an error.
    let status = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$0\" previous::on_a_full_disk --exact"])
        .arg(std::env::current_exe().unwrap())
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stdout));
    let mut files: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    // Nothing half written is left, and the test above was really run.
    assert_eq!(files, ["run", "run.1", "seen"]);
}
