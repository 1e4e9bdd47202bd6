//! `cargo xtask asan`: the tests of gradus-cpu, which holds all unsafe code, under `AddressSanitizer`.
//!
//! `--cfg gradus_asan` takes the pool out: each block is an allocation of its own and of its exact
//! size, so that the sanitizer sees every element beyond its end and every use after its life.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The values of `GRADUS_ISA`; what the machine lacks is run at its highest level.
const LEVELS: [&str; 4] = ["generic", "avx2", "avx512", "amx"];

/// Runs the tests once per level; stops at the first that fails.
pub(crate) fn run(root: &Path) -> Result<()> {
    let host = nightly_host()?;
    for level in LEVELS {
        println!("\n== asan at GRADUS_ISA={level}");
        let mut tests = Command::new("cargo");
        tests
            .current_dir(root)
            .args(["+nightly", "test", "-p", "gradus-cpu", "--lib", "--tests", "--target", &host])
            .env("RUSTFLAGS", "-Zsanitizer=address --cfg gradus_asan")
            .env("ASAN_OPTIONS", "detect_leaks=0")
            .env("GRADUS_ISA", level);
        // The cargo that runs this program is not the nightly one.
        for variable in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTC"] {
            tests.env_remove(variable);
        }
        let status = tests.status().with_context(|| format!("start the tests at {level}"))?;
        if !status.success() {
            bail!("the tests of gradus-cpu fail under AddressSanitizer at GRADUS_ISA={level}");
        }
    }
    println!("asan: all levels passed");
    Ok(())
}

/// The target of the nightly compiler, which the sanitizer needs to be named.
fn nightly_host() -> Result<String> {
    const MISSING: &str =
        "the sanitizer needs a nightly compiler: run `rustup toolchain install nightly`";
    let mut probe = Command::new("rustc");
    probe.args(["+nightly", "-vV"]).env_remove("RUSTUP_TOOLCHAIN").stderr(Stdio::null());
    let output = probe.output().context(MISSING)?;
    if !output.status.success() {
        bail!(MISSING);
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned);
    host.context("`rustc +nightly -vV` names no host")
}
