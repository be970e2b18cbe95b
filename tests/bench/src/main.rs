//! What Bellwire costs, measured beside the least the same work can cost, in one run.
//!
//! `make bench` runs all of it; `cargo run --release -p bellwire-bench -- relay idle` a part, and
//! `-- telephony quick` a short form of it, `-- telephony alone` what a profiler is attached to:
//! bridged calls of Bellwire, and nobody beside it.
//! Ratios are what counts: absolute values belong to the machine.

mod browser;
mod fanout;
mod floor;
mod intents;
mod process;
mod report;
mod routing;
mod server;
mod sizes;
mod socket;
mod telephony;

use report::Report;
use telephony::Size;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if wanted == ["floor"] {
        return floor::serve().await;
    }
    if let [part, calls] = wanted.as_slice()
        && part == "forward"
    {
        return telephony::forward(calls.parse()?);
    }
    let (quick, wanted): (Vec<String>, Vec<String>) =
        wanted.into_iter().partition(|name| name == "quick");
    let (alone, wanted): (Vec<String>, Vec<String>) =
        wanted.into_iter().partition(|name| name == "alone");
    let wants_alone = !alone.is_empty();
    let wants = |part: &str| wanted.is_empty() || wanted.iter().any(|name| name == part);
    let mut report = Report::default();
    if wants("routing") {
        routing::run(&mut report);
    }
    if wants("intents") {
        intents::run(&mut report)?;
    }
    if wants("sizes") {
        sizes::run(&mut report).await?;
    }
    if wants("ring") {
        server::ring(&mut report).await?;
    }
    if wants("relay") {
        server::relay(&mut report).await?;
    }
    if wants("idle") {
        server::idle(&mut report).await?;
    }
    if wants("fanout") {
        fanout::run(&mut report).await?;
    }
    if wants("telephony") {
        let size = match quick.is_empty() {
            true => Size::WHOLE,
            false => Size::QUICK,
        };
        match wants_alone {
            true => telephony::alone(&mut report, &size).await?,
            false => telephony::run(&mut report, &size).await?,
        }
    }
    if wants("browser") {
        browser::run(&mut report).await?;
    }
    report.close();
    Ok(())
}
