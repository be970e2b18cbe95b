//! What a bridged call holds while it lasts, in servers that were started for it.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use super::{
    Size,
    browser::{Browser, Heard},
    usage::Held,
    way::{Way, warm},
};

/// How long servers are left alone before they are looked at.
const SETTLING: Duration = Duration::from_secs(2);

/// Calls before the first look: the program's own code, which all calls share, is no part of a call.
const WARMING: usize = 4;

/// Until then everybody keeps the INVITE in case it comes again: 64*T1 of RFC 6026, section 7.2, and a little.
const TRANSACTION: Duration = Duration::from_secs(34);

/// What each of very many calls holds, and what its sound costs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Holding {
    /// The call and its page's connection, right after its beginning.
    pub(crate) each: Held,
    /// Bytes of a call that lasts: its INVITE is forgotten.
    pub(crate) lasting: f64,
    /// Of these, files of the page's connection alone.
    pub(crate) files_of_page: f64,
    /// Microseconds of server CPU for a packet between SRTP and RTP.
    pub(crate) packet: f64,
    pub(crate) others: f64,
    /// Which share of what pages say they hear back.
    pub(crate) arrived: f64,
}

/// Holds `size.held` calls over a way that did nothing before.
pub(crate) async fn hold<W: Way>(way: &Arc<W>, size: &Size) -> Result<Holding> {
    let servers = way.servers()?;
    let count = f64::from(u32::try_from(size.held)?);
    warm(way.as_ref(), WARMING).await?;
    sleep(SETTLING).await;
    let before = servers.held()?;
    let mut lines = vec![];
    for _ in 0..size.held {
        lines.push(way.open().await?);
    }
    let open = servers.held()?;
    let heard = Arc::new(Heard::default());
    let mut pages = JoinSet::new();
    let mut kept = JoinSet::new();
    for (nth, mut line) in lines.into_iter().enumerate() {
        let mut browser = Browser::new().await?;
        let answer = way.call(&mut line, &browser.offer).await;
        let answer = answer.with_context(|| format!("call {nth}"))?;
        browser.answer(&answer)?;
        browser.connect().await?;
        pages.spawn(browser.stay(heard.clone(), u32::try_from(nth)?));
        let way = way.clone();
        kept.spawn(async move { way.linger(line).await });
    }
    let forgotten = Instant::now() + TRANSACTION;
    sleep(SETTLING).await;
    let after = servers.held()?;
    heard.talking.store(true, Relaxed);
    sleep(Duration::from_secs(1)).await;
    let counts = || (heard.sent.load(Relaxed), heard.heard.load(Relaxed));
    let (meter, first) = (servers.meter()?, counts());
    sleep(size.talk).await;
    let (used, last) = (meter.done()?, counts());
    sleep_until(forgotten).await;
    let lasting = servers.held()?;
    ensure!(pages.len() == size.held, "pages ended early");
    while let Some(ended) = pages.try_join_next() {
        ended??;
    }
    let number = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let (sent, back) = (number(last.0 - first.0), number(last.1 - first.1));
    Ok(Holding {
        each: Held {
            memory: (after.memory - before.memory) / count,
            threads: (after.threads - before.threads) / count,
            files: (after.files - before.files) / count,
        },
        lasting: (lasting.memory - before.memory) / count,
        files_of_page: (open.files - before.files) / count,
        packet: used.cpu * 1e6 / (sent + back),
        others: used.others,
        arrived: back / sent,
    })
}
