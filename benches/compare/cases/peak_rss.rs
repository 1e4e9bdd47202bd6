//! The most memory that was resident.

use anyhow::{Context, Result};

use crate::line::Metric;
use crate::stopwatch::Stopwatch;

/// Prints it where the system tells it, which is on Linux.
pub(crate) fn print(watch: &Stopwatch, case: &str) -> Result<()> {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return Ok(()) };
    let kib = high_water_mark(&status).context("no VmHWM in /proc/self/status")?;
    let mib = kib / 1024.0;
    watch.print(&watch.line(case, Metric::PeakRss, [mib, mib], "MiB"))
}

/// In KiB.
fn high_water_mark(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_mark_is_found() {
        let status = "Name:\tx\nVmPeak:\t  9 kB\nVmHWM:\t  2048 kB\n";
        assert_eq!(super::high_water_mark(status), Some(2048.0));
    }
}
