//! One change of the centre's status on its way to very many pages, and what that costs a call.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use bellwire_proto::{
    agent::AgentCommand, id::InteractionId, interaction::Medium, visitor::VisitorCommand,
};
use bellwire_tests::{
    administrator::Administrator,
    centre::Centre,
    chance::{self, Dice},
    people,
};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    process,
    report::{Figure, Report, quantile},
    server::{OPEN, ask_nothing, ms},
    socket::{Desk, Page},
};

/// How many pages follow the status.
const PAGES: usize = 10_000;

/// How many changes are timed.
const CHANGES: usize = 20;

/// How often several changes come at once.
const FLURRIES: usize = 5;

/// How many changes a flurry has, all within the time in which one is told.
const IN_A_FLURRY: usize = 6;

/// Rings in a block, and blocks with and without changes in between.
const RINGS: usize = 100;
const BLOCKS: usize = 5;

/// Longer than the centre keeps a change back, and than telling all takes.
const QUIET: Duration = Duration::from_millis(1_200);

/// A page was told: when, and that so many agents take chats.
type Told = (usize, Instant, u32);

/// Measures and reports.
pub(crate) async fn run(report: &mut Report) -> Result<()> {
    let centre = Centre::start(&OPEN).await?;
    ask_nothing(&centre).await?;
    // Who comes and goes takes chats alone: calls ring at the other desk.
    let administrator = Administrator::sign_in(&centre).await?;
    administrator
        .change_user("anna", |user| user.capacity.calls = 0)
        .await?;
    let server = centre.id().context("the server ended")?;
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut pages = follow(&centre, &tell).await?;
    let agents = centre.users("agent")?;
    let mut changes = Desk::ready(&centre, agents.first().context("no agent")?).await?;
    settle(&mut told).await;

    let before = process::cpu(server)?;
    let mut lasts = vec![];
    let mut all = vec![];
    for round in 0..CHANGES {
        let ready = round % 2 == 1;
        let mut times = one_change(&mut changes, ready, &mut told).await?;
        lasts.push(quantile(&mut times, 1.0));
        all.extend(times);
        settle(&mut told).await;
    }
    let each = (process::cpu(server)? - before) * 1_000.0 / f64::from(u32::try_from(CHANGES)?);
    let most = flurries(&mut changes, &mut told).await?;
    let (mut calm, mut busy) = (vec![], vec![]);
    choose(&mut changes, false).await?;
    let mut rings = Desk::ready(&centre, agents.get(1).context("no second agent")?).await?;
    let mut caller = Page::open(centre.port).await?;
    settle(&mut told).await;
    for _ in 0..BLOCKS {
        calm.extend(ring_block(&mut caller, &mut rings).await?);
        busy.extend(ring_block_beside_changes(&mut caller, &mut rings, &mut changes).await?);
        settle(&mut told).await;
    }
    pages.abort_all();

    report.table("One change of status told to 10,000 pages (ms)");
    report.line(&format!(
        "pages: p50 {:.0}   p99 {:.0}   the last, worst of {CHANGES} changes: {:.0}",
        quantile(&mut all, 0.5),
        quantile(&mut all, 0.99),
        quantile(&mut lasts, 1.0),
    ));
    report.line(&format!("server CPU for each change: {each:.0} ms"));
    report.line(&format!(
        "click to ring: without changes p50 {:.2} p99 {:.2}; beside them p50 {:.2} p99 {:.2}",
        quantile(&mut calm, 0.5),
        quantile(&mut calm, 0.99),
        quantile(&mut busy, 0.5),
        quantile(&mut busy, 0.99),
    ));
    report.figure(Figure::at_most(
        "one change to the last of 10,000 pages, ms",
        quantile(&mut lasts, 1.0),
        500.0,
    ));
    report.figure(Figure::at_most(
        "frames a page for six changes within 500 ms",
        most,
        2.0,
    ));
    report.figure(Figure::at_most(
        "click to ring, p99 beside changes over p99 without, ms",
        quantile(&mut busy, 0.99) - quantile(&mut calm, 0.99),
        5.0,
    ));
    Ok(())
}

/// Opens the pages; each tells what it is told, until it is aborted.
async fn follow(centre: &Centre, tell: &UnboundedSender<Told>) -> Result<JoinSet<()>> {
    let mut pages = JoinSet::new();
    let mut dice = Dice::new(12_345);
    while pages.len() < PAGES {
        let batch = (0..100).map(|_| Page::open(centre.port));
        for page in futures_util::future::join_all(batch).await {
            let (page, tell, n) = (page?, tell.clone(), pages.len());
            let first_ping = Duration::from_millis(dice.between(0, 10_000));
            pages.spawn(async move {
                _ = listen(page, first_ping, n, &tell).await;
            });
        }
    }
    Ok(pages)
}

/// Reads on, and pings as pages do.
async fn listen(
    mut page: Page,
    first_ping: Duration,
    n: usize,
    tell: &UnboundedSender<Told>,
) -> Result<()> {
    let mut pings = tokio::time::interval_at(
        tokio::time::Instant::now() + first_ping,
        Duration::from_secs(10),
    );
    loop {
        tokio::select! {
            frame = page.socket.hear() => {
                let now = Instant::now();
                if let Some(agents) = agents(&frame?) {
                    _ = tell.send((n, now, agents));
                }
            }
            _ = pings.tick() => page.socket.say(r#""ping""#).await?,
        }
    }
}

/// How many agents take chats, where a frame tells of the status.
fn agents(frame: &str) -> Option<u32> {
    let status = frame.strip_prefix(r#"{"tell":{"centre":"#)?;
    let (_, rest) = status.split_once(r#""chat_agents":"#)?;
    rest.split([',', '}']).next()?.parse().ok()
}

/// An agent takes contacts, or stops; milliseconds until each page is told.
async fn one_change(
    desk: &mut Desk,
    ready: bool,
    told: &mut UnboundedReceiver<Told>,
) -> Result<Vec<f64>> {
    let began = Instant::now();
    choose(desk, ready).await?;
    let expected = u32::from(ready);
    let mut times = vec![None; PAGES];
    let mut missing = PAGES;
    let all = async {
        while missing > 0 {
            let (page, at, agents) = told.recv().await.context("no page is left")?;
            let time = times.get_mut(page).context("an unknown page")?;
            if agents == expected && time.is_none() {
                *time = Some(at.duration_since(began).as_secs_f64() * 1_000.0);
                missing -= 1;
            }
        }
        anyhow::Ok(())
    };
    timeout(Duration::from_secs(20), all)
        .await
        .context("not every page was told")??;
    Ok(times.into_iter().flatten().collect())
}

/// The most frames that a page was told for several changes at once.
async fn flurries(desk: &mut Desk, told: &mut UnboundedReceiver<Told>) -> Result<f64> {
    let mut most = 0;
    for _ in 0..FLURRIES {
        for n in 0..IN_A_FLURRY {
            choose(desk, n % 2 == 1).await?;
            sleep(Duration::from_millis(60)).await;
        }
        let mut frames = vec![0_u32; PAGES];
        while let Ok(Some((page, _, _))) = timeout(QUIET, told.recv()).await {
            *frames.get_mut(page).context("an unknown page")? += 1;
        }
        ensure!(!frames.contains(&0), "a page was told nothing");
        most = most.max(frames.into_iter().max().unwrap_or(0));
    }
    Ok(f64::from(most))
}

/// Click to ring without anything else changing.
async fn ring_block(page: &mut Page, desk: &mut Desk) -> Result<Vec<f64>> {
    let mut times = vec![];
    for _ in 0..RINGS {
        times.push(ring(page, desk).await?);
        // As many rings a second as beside the changes.
        sleep(Duration::from_millis(10)).await;
    }
    Ok(times)
}

/// The same while an agent comes and goes, faster than it is told.
async fn ring_block_beside_changes(
    page: &mut Page,
    desk: &mut Desk,
    changing: &mut Desk,
) -> Result<Vec<f64>> {
    let over = AtomicBool::new(false);
    let rings = async {
        let times = ring_block(page, desk).await;
        over.store(true, Ordering::Relaxed);
        times
    };
    let changes = async {
        while !over.load(Ordering::Relaxed) {
            for ready in [true, false] {
                choose(changing, ready).await?;
                sleep(Duration::from_millis(100)).await;
            }
        }
        Ok(())
    };
    let (times, ()) = tokio::try_join!(rings, changes)?;
    Ok(times)
}

async fn ring(page: &mut Page, desk: &mut Desk) -> Result<f64> {
    let interaction = InteractionId::new(chance::now(), chance::bits());
    let start = people::start(interaction, Medium::Call);
    let began = Instant::now();
    page.ask(VisitorCommand::Start(start)).await?;
    desk.socket.hear_of(r#"{"offered""#).await?;
    let took = ms(began);
    page.ask(VisitorCommand::Leave { interaction }).await?;
    desk.socket.hear_of(r#"{"withdrawn""#).await?;
    page.socket.hear_of(r#"{"ended""#).await?;
    Ok(took)
}

/// Takes contacts, or stops; not what is so already, which tells nothing.
async fn choose(desk: &mut Desk, ready: bool) -> Result<()> {
    let (choice, done) = if ready {
        (AgentCommand::Ready, r#""chosen":"ready""#)
    } else {
        let reason = "Break".to_owned();
        (
            AgentCommand::NotReady { reason },
            r#""chosen":{"not_ready""#,
        )
    };
    desk.ask(choice).await?;
    desk.socket.hear_of(done).await?;
    Ok(())
}

/// Waits until no page is told anything any more.
async fn settle(told: &mut UnboundedReceiver<Told>) {
    while let Ok(Some(_)) = timeout(QUIET, told.recv()).await {}
}
