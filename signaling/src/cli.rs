//! The command line: starts the server, checks its settings, and sets sites and users up.

mod site;
mod user;

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context;
use bellwire_proto::time::Timestamp;
use clap::{Parser, Subcommand};

use crate::{
    clock::Clock,
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
    let runtime = tokio::runtime::Runtime::new().context("the program cannot start its threads")?;
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
    Ok(())
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

/// A time as people read it, in UTC: `2026-11-20T16:15:00Z`.
///
/// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
fn utc(at: Timestamp) -> String {
    let (days, second) = (at.0 / 86_400_000, at.0 / 1000 % 86_400);
    let from_march_0000 = days + 719_468;
    let (era, day_of_era) = (from_march_0000 / 146_097, from_march_0000 % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}Z",
        second % 60
    )
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
    fn a_time_is_shown_in_utc() {
        let times = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_795_191_299_999, "2026-11-20T16:14:59Z"),
        ];
        for (at, shown) in times {
            assert_eq!(utc(Timestamp(at)), shown);
        }
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
