//! What a piece of work costs this process, as Linux tells it.

use std::fs;
use std::time::Instant;

use serde_json::{Value, json};

/// Does the work; its result, and its cost as JSON: seconds of CPU and of wall time, and by how much
/// the peak of resident memory rose above what was resident before.
pub fn measured<T>(work: impl FnOnce() -> T) -> (T, Value) {
    // From here on the peak is counted anew. Where that is not allowed, the peak of reading the
    // file remains, and the growth may come out too low; the report says so.
    let resets = fs::write("/proc/self/clear_refs", "5").is_ok();
    let (before, cpu, wall) = (kilobytes("VmRSS:"), cpu_seconds(), Instant::now());
    let result = work();
    let cost = json!({
        "cpu_s": cpu_seconds() - cpu,
        "wall_s": wall.elapsed().as_secs_f64(),
        "extra_mb": (kilobytes("VmHWM:") - before) / 1024.0,
        "peak_reset": resets,
    });
    (result, cost)
}

/// Seconds that the main thread has run, which does all the work.
fn cpu_seconds() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds: f64 = text.split_whitespace().next().unwrap().parse().unwrap();
    nanoseconds / 1e9
}

fn kilobytes(field: &str) -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
