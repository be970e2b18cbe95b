//! What a process costs, as `/proc` tells.

use std::{collections::BTreeMap, path::PathBuf};

/// Clock ticks a second, as Linux reports CPU time to user space.
const TICKS: f64 = 100.0;

/// Resident memory of a process, in bytes.
pub(crate) fn memory(pid: u32) -> anyhow::Result<f64> {
    told_bytes(pid, "status", "VmRSS")
}

/// CPU time that a process has used, in seconds.
pub(crate) fn cpu(pid: u32) -> anyhow::Result<f64> {
    let stat = read(pid, "stat")?;
    match user_and_system(&stat) {
        Some((user, system)) => Ok(user + system),
        None => anyhow::bail!("process {pid} tells no CPU time"),
    }
}

/// The CPU seconds of a program itself and in the kernel, from its `stat`.
fn user_and_system(stat: &str) -> Option<(f64, f64)> {
    // The name in parentheses may hold spaces: fields are counted after it (proc(5)).
    let (_, rest) = stat.rsplit_once(')')?;
    let mut ticks = rest.split_whitespace().skip(11);
    let mut seconds = || Some(ticks.next()?.parse::<f64>().ok()? / TICKS);
    Some((seconds()?, seconds()?))
}

/// What threads of one name used since they began.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Threads {
    /// CPU seconds of the program itself.
    pub(crate) user: f64,
    /// CPU seconds in the kernel.
    pub(crate) system: f64,
    /// How often they stopped to wait.
    pub(crate) waits: f64,
}

impl std::ops::AddAssign for Threads {
    fn add_assign(&mut self, other: Self) {
        self.user += other.user;
        self.system += other.system;
        self.waits += other.waits;
    }
}

/// What a process' threads used, by their names.
pub(crate) fn threads(pid: u32) -> anyhow::Result<BTreeMap<String, Threads>> {
    let mut all = BTreeMap::<String, Threads>::new();
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let task = task?.path();
        // A thread may end meanwhile.
        let (Ok(stat), Ok(status)) = (
            std::fs::read_to_string(task.join("stat")),
            std::fs::read_to_string(task.join("status")),
        ) else {
            continue;
        };
        let (user, system) = user_and_system(&stat).unwrap_or_default();
        let told = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.map(str::trim).unwrap_or_default().to_owned()
        };
        let threads = all.entry(told("Name:")).or_default();
        threads.user += user;
        threads.system += system;
        threads.waits += told("voluntary_ctxt_switches:").parse().unwrap_or(0.0);
    }
    Ok(all)
}

/// A process and all that descend from it.
pub(crate) fn family(pid: u32) -> Vec<u32> {
    let mut all = vec![pid];
    let mut at = 0;
    while let Some(&pid) = all.get(at) {
        at += 1;
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task"));
        for task in tasks.into_iter().flatten().flatten() {
            let children = std::fs::read_to_string(task.path().join("children"));
            let children = children.unwrap_or_default();
            all.extend((children.split_whitespace()).filter_map(|one| one.parse::<u32>().ok()));
        }
    }
    all
}

/// Memory that would be free without a process, its part of what it shares included; in bytes.
pub(crate) fn share_of_memory(pid: u32) -> anyhow::Result<f64> {
    told_bytes(pid, "smaps_rollup", "Pss")
}

/// What a file of a process tells under a name, in bytes: it stands there in KiB.
fn told_bytes(pid: u32, file: &str, name: &str) -> anyhow::Result<f64> {
    let text = read(pid, file)?;
    let kib = (text.lines())
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse::<f64>().ok());
    kib.map(|kib| kib * 1024.0)
        .ok_or_else(|| anyhow::anyhow!("process {pid} tells no {name}"))
}

/// How many threads a process has, and how many open files.
pub(crate) fn threads_and_files(pid: u32) -> anyhow::Result<(f64, f64)> {
    let count = |what: &str| -> anyhow::Result<f64> {
        let entries = std::fs::read_dir(format!("/proc/{pid}/{what}"))?.count();
        Ok(f64::from(u32::try_from(entries)?))
    };
    Ok((count("task")?, count("fd")?))
}

/// CPU time that all of the machine's processes have used, in seconds.
pub(crate) fn everybody() -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    let fields: Vec<f64> = (stat.lines().next().unwrap_or_default().split_whitespace())
        .skip(1)
        .filter_map(|field| field.parse().ok())
        .collect();
    // user, nice, system, then idle and iowait, irq, softirq (proc(5)).
    let ticks = |at: usize| fields.get(at).copied().unwrap_or(0.0);
    Ok((ticks(0) + ticks(1) + ticks(2) + ticks(5) + ticks(6)) / TICKS)
}

fn read(pid: u32, what: &str) -> anyhow::Result<String> {
    let path = PathBuf::from(format!("/proc/{pid}/{what}"));
    Ok(std::fs::read_to_string(path)?)
}
