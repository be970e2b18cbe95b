//! The command line: starts the server, checks its settings, and sets sites and users up.

mod site;
mod user;

use std::{
    io::{self, Write},
    num::NonZero,
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context;
use clap::{Parser, Subcommand};

use crate::{
    clock::{Clock, utc},
    config::{Config, Loaded, Origins},
    serve::{self, ServeOptions},
    store::Store,
};

/// Who is written into the audit for what is done on the command line.
const ACTOR: &str = "command line";

/// A contact centre that lives in the browser.
#[derive(Debug, Parser)]
#[command(name = "bellwire", version, about, after_help = AFTER_HELP)]
struct Cli {
    /// The settings file. Without it, bellwire.toml in this directory is read if it is there.
    #[arg(long, global = true, env = "BELLWIRE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Every setting can also come from the environment: BELLWIRE_LISTEN, BELLWIRE_DATA_DIR,
BELLWIRE_TIMES_RING_S and so on. bellwire.example.toml describes them all.

To see it work:    bellwire serve --demo
On your own site:  bellwire serve
                   bellwire site add --name \"My shop\" --origin https://shop.example";

/// What is to be done.
#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server. The first start makes the centre and prints its passwords.
    Serve {
        /// Also show the demo shop at /.
        #[arg(long)]
        demo: bool,
    },
    /// Say which settings are in force, or what is wrong with them.
    CheckConfig,
    /// Sites: where visitors come from.
    #[command(subcommand)]
    Site(site::Command),
    /// Users: agents, supervisors and administrators.
    #[command(subcommand)]
    User(user::Command),
    /// Show who changed what, newest first, and whether the record is whole.
    Audit {
        /// How many rows.
        #[arg(long, default_value_t = 50, value_name = "N")]
        last: u32,
    },
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell if this fails.
            let _ = writeln!(io::stderr(), "bellwire: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let loaded = Config::load(&Origins::of_process(cli.config))?;
    if let Command::CheckConfig = cli.command {
        return check_config(&loaded);
    }
    for variable in &loaded.unknown_variables {
        writeln!(
            io::stderr(),
            "bellwire: {variable} is not a setting, so it changes nothing"
        )?;
    }
    let config = loaded.config;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers())
        .enable_all()
        .build()
        .context("the program cannot start its threads")?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve { demo } => serve::run(config, ServeOptions { demo }).await,
            Command::Site(command) => site::run(command, &config).await,
            Command::User(command) => user::run(command, &config).await,
            Command::Audit { last } => audit(last, &config).await,
            Command::CheckConfig => Ok(()),
        }
    })
}

/// Threads that serve: one core is left to the threads of sound and of the store. More of them would mostly wake each other.
fn workers() -> usize {
    let cores = std::thread::available_parallelism().map_or(2, NonZero::get);
    cores.saturating_sub(1).max(1)
}

fn check_config(loaded: &Loaded) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match &loaded.file {
        Some(file) => writeln!(
            out,
            "# From {}, the environment and defaults.",
            file.display()
        )?,
        None => writeln!(
            out,
            "# From the environment and defaults; there is no settings file."
        )?,
    }
    for variable in &loaded.unknown_variables {
        writeln!(out, "# {variable} is not a setting, so it changes nothing.")?;
    }
    write!(out, "{}", loaded.config.in_force()?)?;
    drop(out);
    crate::phone::check(&loaded.config)
}

async fn audit(last: u32, config: &Config) -> anyhow::Result<()> {
    let (store, _) = open(config).await?;
    let rows = store.audit_rows(last).await?;
    let broken = store.audit_broken_at().await?;
    store.close().await;
    let mut out = io::stdout().lock();
    for row in &rows {
        let (seq, at, actor) = (row.seq, utc(row.at), &row.actor);
        writeln!(out, "{seq}\t{at}\t{actor}\t{}\t{}", row.action, row.object)?;
    }
    match broken {
        None => Ok(()),
        Some(seq) => anyhow::bail!("the record was altered at row {seq}, or just before it"),
    }
}

/// Opens the store for a command, with the time of the command.
async fn open(config: &Config) -> anyhow::Result<(Store, Clock)> {
    Ok((Store::open(config).await?, Clock::start()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
