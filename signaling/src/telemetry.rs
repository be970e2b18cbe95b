//! What is logged, and how: lines for people or JSON for programs.
//!
//! Secrets are in no entry; what visitors and agents write, and their names, in none above DEBUG.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Starts logging to standard error, once in a process: a second start changes nothing.
pub(crate) fn start(log: &Log) {
    // The SIP stack logs whole messages, proofs of passwords among them, unless it is told not to.
    let level = match log.level.contains("rsipstack") {
        true => log.level.clone(),
        false => format!("{},rsipstack=error", log.level),
    };
    // The settings were checked when they were read.
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let entries = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    // A second server in one process, as in tests, goes on with the first one's log.
    let _ = match log.format {
        LogFormat::Text => entries
            .with_ansi(std::io::stderr().is_terminal())
            .try_init()
            .map_err(drop),
        LogFormat::Json => entries.json().flatten_event(true).try_init().map_err(drop),
    };
}
