//! The machine that figures were taken on, in words.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Name and value of everything that is known; what the system does not tell is left out.
pub(crate) fn describe() -> Vec<(&'static str, String)> {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line =
            cpuinfo.lines().find(|line| line.split(':').next().map(str::trim) == Some(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map(|n| n.to_string()).ok();
    let facts = [
        ("CPU", field("model name")),
        ("cores", cores),
        ("caches of core 0", caches(Path::new("/sys/devices/system/cpu/cpu0/cache"))),
        ("instructions", field("flags").map(|flags| instructions(&flags))),
        ("memory", memory()),
        ("kernel", fs::read_to_string("/proc/sys/kernel/osrelease").ok()),
        ("rustc", first_line("rustc", &["--version"])),
        ("commit", commit()),
    ];
    let known = |(name, value): (_, Option<String>)| Some((name, value?.trim().to_owned()));
    facts.into_iter().filter_map(known).collect()
}

/// Vector and matrix extensions among the flags of a processor.
fn instructions(flags: &str) -> String {
    let counts =
        |flag: &&str| ["avx", "fma", "amx", "f16c"].iter().any(|prefix| flag.starts_with(prefix));
    let flags: BTreeSet<&str> = flags.split_whitespace().filter(counts).collect();
    flags.into_iter().collect::<Vec<_>>().join(" ")
}

/// `L1 Data 32K, L1 Instruction 32K, …`
fn caches(folder: &Path) -> Option<String> {
    let read = |index: &Path, name: &str| {
        fs::read_to_string(index.join(name)).ok().map(|text| text.trim().to_owned())
    };
    let mut found: Vec<String> = fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| {
            let index = entry.ok()?.path();
            let [level, kind, size] = ["level", "type", "size"].map(|name| read(&index, name));
            Some(format!("L{} {} {}", level?, kind?, size?))
        })
        .collect();
    found.sort();
    (!found.is_empty()).then(|| found.join(", "))
}

fn memory() -> Option<String> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(format!("{:.1} GiB", kib / 1024.0 / 1024.0))
}

fn commit() -> Option<String> {
    let hash = first_line("git", &["rev-parse", "--short=12", "HEAD"])?;
    let changed = first_line("git", &["status", "--porcelain", "--untracked-files=no"]);
    Some(if changed.is_some() { format!("{hash}, with changes") } else { hash })
}

/// The date of today, in UTC.
pub(crate) fn date() -> Option<String> {
    first_line("date", &["-u", "+%Y-%m-%d"])
}

fn first_line(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_vector_extensions_are_named_and_once() {
        let flags = "fpu sse2 avx2 fma avx512f avx2 amx_bf16 clzero";
        assert_eq!(super::instructions(flags), "amx_bf16 avx2 avx512f fma");
    }
}
