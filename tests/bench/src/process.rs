//! What a process costs, as `/proc` tells.

use std::path::PathBuf;

/// Clock ticks a second, as Linux reports CPU time to user space.
const TICKS: f64 = 100.0;

/// Resident memory of a process, in bytes.
pub(crate) fn memory(pid: u32) -> anyhow::Result<f64> {
    let status = read(pid, "status")?;
    let kib = (status.lines())
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse::<f64>().ok());
    kib.map(|kib| kib * 1024.0)
        .ok_or_else(|| anyhow::anyhow!("process {pid} tells no VmRSS"))
}

/// CPU time that a process has used, in seconds.
pub(crate) fn cpu(pid: u32) -> anyhow::Result<f64> {
    let stat = read(pid, "stat")?;
    // The name in parentheses may hold spaces: fields are counted after it (proc(5)).
    let fields: Vec<&str> =
        (stat.rsplit(')').next()).map_or_else(Vec::new, |rest| rest.split_whitespace().collect());
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
    match (ticks(11), ticks(12)) {
        (Some(user), Some(system)) => Ok((user + system) / TICKS),
        _ => anyhow::bail!("process {pid} tells no CPU time"),
    }
}

fn read(pid: u32, what: &str) -> anyhow::Result<String> {
    let path = PathBuf::from(format!("/proc/{pid}/{what}"));
    Ok(std::fs::read_to_string(path)?)
}
