//! What servers under measurement use between two moments, and what everybody else did to the machine meanwhile.

use std::{
    collections::{BTreeMap, HashMap},
    time::Instant,
};

use anyhow::Result;

use crate::process::{self, Threads};

/// The server programs of one way of doing the work.
#[derive(Clone, Debug)]
pub(crate) struct Servers(pub(crate) Vec<u32>);

/// A moment.
pub(crate) struct Meter {
    pids: Vec<u32>,
    used: HashMap<u32, f64>,
    threads: BTreeMap<String, Threads>,
    own: f64,
    everybody: f64,
    began: Instant,
}

/// What was used since.
#[derive(Clone, Debug, Default)]
pub(crate) struct Used {
    /// CPU seconds of the servers.
    pub(crate) cpu: f64,
    /// Seconds.
    pub(crate) wall: f64,
    /// Cores that neither the servers nor the load generator used, but others.
    pub(crate) others: f64,
    /// By the names of the servers' threads.
    pub(crate) threads: BTreeMap<String, Threads>,
}

/// What servers hold.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Held {
    /// Bytes.
    pub(crate) memory: f64,
    pub(crate) threads: f64,
    pub(crate) files: f64,
}

impl Servers {
    fn all(&self) -> Vec<u32> {
        self.0
            .iter()
            .flat_map(|pid| process::family(*pid))
            .collect()
    }

    /// Begins to measure.
    pub(crate) fn meter(&self) -> Result<Meter> {
        let pids = self.all();
        let used = (pids.iter())
            .map(|pid| Ok((*pid, process::cpu(*pid)?)))
            .collect::<Result<_>>()?;
        Ok(Meter {
            threads: threads(&pids)?,
            pids,
            used,
            own: process::cpu(std::process::id())?,
            everybody: process::everybody()?,
            began: Instant::now(),
        })
    }

    /// What they hold now. What children share with each other is counted once.
    pub(crate) fn held(&self) -> Result<Held> {
        let mut held = Held::default();
        let pids = self.all();
        for pid in &pids {
            held.memory += match pids.len() {
                1 => process::memory(*pid)?,
                _ => process::share_of_memory(*pid)?,
            };
            let (threads, files) = process::threads_and_files(*pid)?;
            held.threads += threads;
            held.files += files;
        }
        Ok(held)
    }
}

impl Meter {
    /// What was used since.
    pub(crate) fn done(&self) -> Result<Used> {
        let mut cpu = 0.0;
        for pid in &self.pids {
            cpu += process::cpu(*pid)? - self.used.get(pid).copied().unwrap_or(0.0);
        }
        let wall = self.began.elapsed().as_secs_f64();
        let own = process::cpu(std::process::id())? - self.own;
        let others = (process::everybody()? - self.everybody - own - cpu).max(0.0) / wall;
        let mut threads = threads(&self.pids)?;
        for (name, now) in &mut threads {
            let before = self.threads.get(name).copied().unwrap_or_default();
            now.user -= before.user;
            now.system -= before.system;
            now.waits -= before.waits;
        }
        Ok(Used {
            cpu,
            wall,
            others,
            threads,
        })
    }
}

fn threads(pids: &[u32]) -> Result<BTreeMap<String, Threads>> {
    let mut all = BTreeMap::<String, Threads>::new();
    for pid in pids {
        for (name, one) in process::threads(*pid)? {
            *all.entry(name).or_default() += one;
        }
    }
    Ok(all)
}
