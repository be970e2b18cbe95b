//! What the server adds: latency of a ring, cost of a relayed signal, memory of an idle widget.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use bellwire_proto::{
    agent::AgentCommand,
    id::InteractionId,
    interaction::Medium,
    rtc::{Sending, Signal, Step},
    visitor::VisitorCommand,
    wire::Up,
};
use bellwire_tests::{
    administrator::Administrator,
    centre::{Centre, Credential},
    chance, people,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{
    process,
    report::{Figure, Report, quantile},
    socket::{Desk, Page, Socket},
};

/// Settings under which limits made for people do not hinder a load.
pub(crate) const OPEN: [(&str, &str); 4] = [
    ("BELLWIRE_LIMITS_FRAMES_PER_SECOND", "1000000"),
    ("BELLWIRE_LIMITS_CONNECTIONS_PER_ADDRESS", "20000"),
    ("BELLWIRE_LIMITS_LOGIN_ATTEMPTS", "1000"),
    ("BELLWIRE_LOG_LEVEL", "warn"),
];

const RINGS: usize = 1_000;
const PAIRS: usize = 50;
const ROUNDS: usize = 2_000;
const REPEATS: usize = 5;
const WIDGETS: usize = 10_000;

/// The bare relay as a process of its own.
struct Floor {
    child: Child,
    port: u16,
}

impl Floor {
    async fn start() -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("floor")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let out = child.stdout.take().context("no output")?;
        let port = BufReader::new(out).lines().next_line().await?;
        let port = port.context("the floor ended")?.parse()?;
        Ok(Self { child, port })
    }

    fn id(&self) -> Result<u32> {
        self.child.id().context("the floor ended")
    }
}

/// From a visitor's click to the agent's ring, against a bare relay.
pub(crate) async fn ring(report: &mut Report) -> Result<()> {
    let centre = Centre::start(&OPEN).await?;
    ask_nothing(&centre).await?;
    let anna = centre
        .users("agent")?
        .into_iter()
        .next()
        .context("no agent")?;
    let mut desk = Desk::ready(&centre, &anna).await?;
    let floor = Floor::start().await?;
    let mut one = Socket::open(floor.port, "/ring/a").await?;
    let mut other = Socket::open(floor.port, "/ring/b").await?;
    let mut page = Page::open(centre.port).await?;
    let (mut ours, mut bare) = (vec![], vec![]);
    for round in 0..RINGS + 50 {
        let (start, interaction) = start();
        let text = serde_json::to_string(&Up::<VisitorCommand>::Do {
            n: 1,
            command: start.clone(),
        })?;
        let began = Instant::now();
        one.say(&text).await?;
        other.hear().await?;
        let floor_ms = ms(began);
        let began = Instant::now();
        page.ask(start).await?;
        desk.socket.hear_of(r#"{"offered""#).await?;
        let our_ms = ms(began);
        page.ask(VisitorCommand::Leave { interaction }).await?;
        desk.socket.hear_of(r#"{"withdrawn""#).await?;
        page.socket.hear_of(r#"{"ended""#).await?;
        // The first rounds warm both up.
        if round >= 50 {
            ours.push(our_ms);
            bare.push(floor_ms);
        }
    }
    report.table("Visitor's click to agent's ring (ms), interleaved with a bare relay");
    for (name, values) in [("Bellwire", &mut ours), ("bare relay", &mut bare)] {
        let (p50, p99) = (quantile(values, 0.5), quantile(values, 0.99));
        report.line(&format!("{name:<12} p50 {p50:.3}   p99 {p99:.3}"));
    }
    let added = quantile(&mut ours, 0.99) - quantile(&mut bare, 0.99);
    report.figure(Figure::at_most(
        "click to ring, p99 over a bare relay's p99, ms",
        added,
        1.0,
    ));
    Ok(())
}

/// CPU for each relayed signal, against a bare relay.
pub(crate) async fn relay(report: &mut Report) -> Result<()> {
    let centre = Centre::start(&OPEN).await?;
    ask_nothing(&centre).await?;
    let floor = Floor::start().await?;
    let server = centre.id().context("the server ended")?;
    let mut calls = vec![];
    let mut agents = vec![];
    for n in 0..PAIRS {
        agents.push(add_agent(&centre, &format!("bench-{n}")).await?);
    }
    // A running server takes in new users within two seconds.
    tokio::time::sleep(Duration::from_secs(4)).await;
    for who in &agents {
        calls.push(call(&centre, who).await?);
    }
    let mut pairs = vec![];
    for n in 0..PAIRS {
        let one = Socket::open(floor.port, &format!("/{n}/a")).await?;
        let other = Socket::open(floor.port, &format!("/{n}/b")).await?;
        // Both must be known to the relay before the first word.
        pairs.push((
            one,
            other,
            signal(InteractionId::new(chance::now(), chance::bits()))?,
        ));
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let (mut ours, mut bare) = (vec![], vec![]);
    for _ in 0..REPEATS {
        bare.push(rounds(&mut pairs, floor.id()?).await?);
        ours.push(rounds(&mut calls, server).await?);
    }
    let rate = |costs: &mut Vec<f64>| 1e6 / quantile(costs, 0.5);
    let (our_rate, bare_rate) = (rate(&mut ours), rate(&mut bare));
    report.table("Signals relayed, 50 calls in a closed loop, 5 repeats interleaved");
    for (name, costs, rate) in [
        ("Bellwire", &mut ours, our_rate),
        ("bare axum relay", &mut bare, bare_rate),
    ] {
        let (least, median, most) = (
            quantile(costs, 0.0),
            quantile(costs, 0.5),
            quantile(costs, 1.0),
        );
        report.line(&format!(
            "{name:<16} µs CPU each: {least:.2} to {median:.2} to {most:.2}   {rate:.0} a second and core"
        ));
    }
    report.figure(Figure::at_least(
        "signals relayed per core, share of a bare axum relay",
        our_rate / bare_rate,
        0.7,
    ));
    Ok(())
}

/// Memory of widgets that are connected and idle.
pub(crate) async fn idle(report: &mut Report) -> Result<()> {
    let centre = Centre::start(&OPEN).await?;
    let server = centre.id().context("the server ended")?;
    drop(Page::open(centre.port).await?);
    let before = process::memory(server)?;
    let mut pages = Vec::with_capacity(WIDGETS);
    let began = Instant::now();
    while pages.len() < WIDGETS {
        let batch = (0..100).map(|_| Page::open(centre.port));
        for page in futures_util::future::join_all(batch).await {
            pages.push(page?);
        }
    }
    let took = began.elapsed().as_secs_f64();
    let cpu = process::cpu(server)?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let idle_cpu = (process::cpu(server)? - cpu) / 5.0;
    let after = process::memory(server)?;
    ensure!(pages.len() == WIDGETS, "some widgets are missing");
    let count = f64::from(u32::try_from(WIDGETS)?);
    let each = (after - before) / count / 1024.0;
    report.table("10,000 idle widgets on one server");
    report.line(&format!(
        "opened in {took:.1} s; {:.0} MiB in all",
        after / 1024.0 / 1024.0
    ));
    report.line(&format!(
        "CPU while idle: {:.1} % of a core",
        idle_cpu * 100.0
    ));
    report.figure(Figure::at_most(
        "server memory for each idle widget, KiB",
        each,
        8.0,
    ));
    Ok(())
}

/// A question before the ring would be another measurement.
pub(crate) async fn ask_nothing(centre: &Centre) -> Result<()> {
    let administrator = Administrator::sign_in(centre).await?;
    administrator.change_site(|site| site.needs.clear()).await?;
    Ok(())
}

/// A call in contact, between this agent and a visitor; with a signal to relay.
async fn call(centre: &Centre, who: &Credential) -> Result<(Socket, Socket, String)> {
    let mut desk = Desk::ready(centre, who).await?;
    let mut page = Page::open(centre.port).await?;
    let (start, interaction) = start();
    page.ask(start).await?;
    desk.take().await?;
    page.socket.hear_of(r#"{"connected""#).await?;
    desk.ask(AgentCommand::Read {
        interaction,
        seq: 0,
    })
    .await?;
    Ok((page.socket, desk.socket, signal(interaction)?))
}

async fn add_agent(centre: &Centre, user: &str) -> Result<Credential> {
    let name = format!("Agent {user}");
    let said = centre
        .run(&["user", "add", user, "--name", &name, "--role", "agent"])
        .await?;
    let password = said
        .lines()
        .find_map(|line| line.split_once("with the password ")?.1.split(' ').next())
        .context("no password was told")?;
    Ok(Credential {
        user: user.to_owned(),
        password: password.trim().to_owned(),
        role: "agent".to_owned(),
    })
}

/// What one side of a call says to the other, as the page sends it.
fn signal(interaction: InteractionId) -> Result<String> {
    let sending = Sending {
        audio: true,
        video: true,
    };
    let signal = Signal {
        from: people::peer_id(),
        to: Some(people::peer_id()),
        step: Step::Sending(sending),
    };
    let frame: Up<VisitorCommand> = Up::Relay {
        interaction,
        signal,
    };
    Ok(serde_json::to_string(&frame)?)
}

/// Sends each pair's signal to and fro; microseconds of the server's CPU for each message.
async fn rounds(pairs: &mut Vec<(Socket, Socket, String)>, server: u32) -> Result<f64> {
    let before = process::cpu(server)?;
    let tasks: Vec<_> = std::mem::take(pairs)
        .into_iter()
        .map(|(mut one, mut other, text)| {
            tokio::spawn(async move {
                for _ in 0..ROUNDS {
                    one.say(&text).await?;
                    other.hear_of(r#""relay""#).await?;
                    other.say(&text).await?;
                    one.hear_of(r#""relay""#).await?;
                }
                anyhow::Ok((one, other, text))
            })
        })
        .collect();
    let count = f64::from(u32::try_from(tasks.len() * ROUNDS * 2)?);
    for task in tasks {
        pairs.push(task.await??);
    }
    Ok((process::cpu(server)? - before) * 1e6 / count)
}

fn start() -> (VisitorCommand, InteractionId) {
    let interaction = InteractionId::new(chance::now(), chance::bits());
    let start = people::start(interaction, Medium::Call);
    (VisitorCommand::Start(start), interaction)
}

pub(crate) fn ms(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1_000.0
}
