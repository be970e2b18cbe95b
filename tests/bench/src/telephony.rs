//! Calls between pages and telephones: what they cost Bellwire, and what they cost those who do the same work.
//!
//! All of it runs on this machine's loopback, in turns and in one run: ratios are what counts. A peer that is not
//! installed is skipped.

mod browser;
mod calls;
mod carried;
mod direct;
mod exchange;
mod forward;
mod held;
mod janus;
mod pair;
mod phones;
mod rtpengine;
mod sip;
mod spread;
mod streams;
mod usage;
mod way;

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use tokio::process::Command;

pub(crate) use self::forward::serve as forward;
use self::{
    exchange::Exchange,
    held::{Holding, hold},
    janus::Janus,
    pair::Pair,
    phones::Phones,
    spread::{Row, table},
};
use crate::report::{Figure, Report};

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    repeats: usize,
    /// Calls of one repetition; fewer of Janus, which takes long.
    calls: usize,
    calls_of_janus: usize,
    /// Calls that are held at once, and how often they are.
    held: usize,
    holds: usize,
    /// How long calls talk.
    talk: Duration,
}

impl Size {
    /// What figures are quoted from.
    pub(crate) const WHOLE: Self = Self {
        repeats: 5,
        calls: 600,
        calls_of_janus: 100,
        held: 300,
        holds: 3,
        talk: Duration::from_secs(4),
    };

    /// A look, in about a minute.
    pub(crate) const QUICK: Self = Self {
        repeats: 2,
        calls: 300,
        calls_of_janus: 40,
        held: 60,
        holds: 1,
        talk: Duration::from_secs(2),
    };
}

/// Those who do the same work, or why they do not.
pub(crate) struct Peers {
    janus: Result<Arc<Janus>>,
    pair: Result<Arc<Pair>>,
}

impl Peers {
    async fn start(phones: &Phones) -> Self {
        Self {
            janus: Janus::start(phones.address).await.map(Arc::new),
            pair: Pair::start(phones.address).await.map(Arc::new),
        }
    }

    /// Tells of those that are not there.
    fn tell_skipped(&self, report: &Report) {
        let gone = [
            ("Janus SIP", self.janus.as_ref().err()),
            ("Kamailio+rtpengine", self.pair.as_ref().err()),
        ];
        for (name, error) in gone {
            if let Some(error) = error {
                tell_skipped(report, name, error);
            }
        }
    }
}

/// Measures and reports.
pub(crate) async fn run(report: &mut Report, size: &Size) -> Result<()> {
    versions(report).await;
    let phones = Arc::new(Phones::open().await?);
    {
        let mut peers = Peers::start(&phones).await;
        calls::run(report, size, &phones, &mut peers).await?;
    }
    let exchange = Arc::new(Exchange::open(&phones, size.held).await?);
    carried::relay(report, size, &exchange).await?;
    carried::transcoding(report, size, &exchange).await?;
    holding(report, size, &phones, &exchange).await
}

/// Measures bridged calls of Bellwire alone.
pub(crate) async fn alone(report: &mut Report, size: &Size) -> Result<()> {
    versions(report).await;
    let phones = Arc::new(Phones::open().await?);
    let none = || anyhow::anyhow!("not asked for");
    let mut peers = Peers {
        janus: Err(none()),
        pair: Err(none()),
    };
    calls::run(report, size, &phones, &mut peers).await?;
    let exchange = Arc::new(Exchange::open(&phones, size.held).await?);
    exchange.renew().await?;
    let held = hold(&exchange, size).await?;
    report.line(&format!(
        "{} calls at once: {:.1} kB for each, {:.1} kB later; {:.2} µs a packet",
        size.held,
        held.each.memory / 1_000.0,
        held.lasting / 1_000.0,
        held.packet
    ));
    Ok(())
}

/// What calls hold.
async fn holding(
    report: &mut Report,
    size: &Size,
    phones: &Arc<Phones>,
    exchange: &Arc<Exchange>,
) -> Result<()> {
    let mut all = ["Bellwire", "Janus SIP", "Kamailio+rtpengine"].map(|name| (name, vec![]));
    let mut gone = std::collections::BTreeMap::new();
    for _ in 0..size.holds {
        let [own, janus, pair] = &mut all;
        exchange.renew().await?;
        own.1.push(hold(exchange, size).await?);
        match Janus::start(phones.address).await {
            Ok(way) => janus.1.push(hold(&Arc::new(way), size).await?),
            Err(error) => _ = gone.insert("Janus SIP", error),
        }
        match Pair::start(phones.address).await {
            Ok(way) => pair.1.push(hold(&Arc::new(way), size).await?),
            Err(error) => _ = gone.insert("Kamailio+rtpengine", error),
        }
    }
    let rows = |of: fn(&Holding) -> f64, beside: fn(&Holding) -> String| {
        all.iter()
            .map(|(name, holdings)| {
                let mut row = Row::new(name);
                row.values.0 = holdings.iter().map(of).collect();
                row.others.0 = holdings.iter().map(|one| one.others).collect();
                row.beside = holdings.last().map(beside).unwrap_or_default();
                row
            })
            .collect::<Vec<Row>>()
    };
    let memory = rows(
        |one| one.lasting / 1_000.0,
        |one| {
            format!(
                "   right after its beginning {:.1}; threads {:.2}, files {:.2} (of the page's connection {:.2})",
                one.each.memory / 1_000.0,
                one.each.threads,
                one.each.files,
                one.files_of_page
            )
        },
    );
    let title = format!(
        "{} bridged calls at once in a fresh process (kB of memory for each, when its INVITE is forgotten after 32 s)",
        size.held
    );
    table(report, &title, 1, &memory);
    for (name, error) in &gone {
        tell_skipped(report, name, error);
    }
    let packets = rows(
        |one| one.packet,
        |one| format!("   {:.1} % arrived", one.arrived * 100.0),
    );
    let title = "Their sound, between SRTP and RTP (µs of server CPU a packet)";
    table(report, title, 2, &packets);
    let [(_, own), ..] = &all;
    let most = |of: fn(&Holding) -> f64| own.iter().map(of).fold(0.0, f64::max);
    if let Some(row) = memory.first() {
        let (name, each) = ("memory for each bridged call, kB", row.values.median());
        // What a server gives back of its start weighs more than a few calls.
        report.figure(match size.held >= Size::WHOLE.held {
            true => Figure::at_most(name, each, 100.0),
            false => Figure::told(&format!("{name} (few calls: says little)"), each),
        });
    }
    report.figure(Figure::at_most(
        "threads for each bridged call",
        most(|one| one.each.threads),
        0.01,
    ));
    report.figure(Figure::at_most(
        "open files for each bridged call, beside its page's connection",
        most(|one| one.each.files - one.files_of_page),
        2.0,
    ));
    Ok(())
}

/// What is measured against what.
async fn versions(report: &Report) {
    report.table("Telephones: what is measured");
    let mut query = Command::new("dpkg-query");
    query.args(["-W", "-f", "${Package} ${Version}, "]);
    query.args(["janus", "kamailio", "rtpengine-daemon"]);
    let packages = query.output().await;
    let packages = packages.map_or_else(
        |_| "versions unknown".to_owned(),
        |out| {
            String::from_utf8_lossy(&out.stdout)
                .trim_end_matches(", ")
                .to_owned()
        },
    );
    report.line(&format!(
        "Bellwire {}; {packages}",
        env!("CARGO_PKG_VERSION")
    ));
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpus = read("/proc/cpuinfo");
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown", |model| {
        model.trim_start_matches(['\t', ' ', ':'])
    });
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let kernel = read("/proc/sys/kernel/osrelease");
    report.line(&format!("{cores} cores ({model}), Linux {}", kernel.trim()));
    report.line("others=: cores that neither the servers nor the load generator used");
}

/// Says why somebody is not measured.
fn tell_skipped(report: &Report, name: &str, error: &anyhow::Error) {
    let text = error.to_string();
    let why = text.lines().next().unwrap_or_default();
    // The tests' own tools are not all that is measured against.
    let why = why.replace("--tests", "--bench");
    report.line(&format!("{name:<20} skipped: {why}"));
}
