//! A way from a page to a telephone, and what a number of calls over it cost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use bellwire_tests::phones::program::Program;
use tokio::time::{sleep, timeout};

use super::{
    browser::Browser,
    usage::{Servers, Used},
};

/// How long one call may take in all; one that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long it may take to let somebody in, while a program starts.
const OPENS: Duration = Duration::from_secs(1);

/// A way from a page to a telephone.
pub(crate) trait Way: Send + Sync + 'static {
    /// What a visitor's page has open towards the server.
    type Line: Send + 'static;

    /// The programs that do the work.
    fn servers(&self) -> Result<Servers>;

    /// A new visitor comes.
    fn open(&self) -> impl Future<Output = Result<Self::Line>> + Send;

    /// Calls the telephone; gives its answer to the page's offer.
    fn call(
        &self,
        line: &mut Self::Line,
        offer: &str,
    ) -> impl Future<Output = Result<String>> + Send;

    /// Hangs up, and waits until the next call can be made.
    fn hang_up(&self, line: &mut Self::Line) -> impl Future<Output = Result<()>> + Send;

    /// The visitor stays in the call and does nothing, until it is aborted.
    fn linger(&self, line: Self::Line) -> impl Future<Output = ()> + Send {
        async move {
            let _kept = line;
            std::future::pending().await
        }
    }

    /// The visitor goes.
    fn close(&self, line: Self::Line) -> impl Future<Output = Result<()>> + Send;
}

/// A call begins so often where calls are paced: the server is idle in between.
const PACE: Duration = Duration::from_millis(50);

/// How calls are made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Manner {
    /// Visitors stay and call again; each call has ICE and DTLS.
    Bridged,
    /// The same, twenty a second: how long it takes where nobody else calls.
    Paced,
    /// Every call is another visitor's, and ends with the answer.
    Fresh,
    /// Visitors stay and call again; each call ends with the answer.
    Signalled,
}

/// What a number of calls cost.
#[derive(Clone, Debug, Default)]
pub(crate) struct Round {
    pub(crate) used: Used,
    pub(crate) calls: f64,
    pub(crate) failed: usize,
    /// Milliseconds from the click to the answer.
    pub(crate) answers: Vec<f64>,
    /// Milliseconds from the answer to the end of DTLS.
    pub(crate) secured: Vec<f64>,
    /// Why the first one failed.
    pub(crate) why: Option<String>,
}

impl Round {
    /// CPU seconds of the servers for a thousand calls.
    pub(crate) fn cost(&self) -> f64 {
        self.used.cpu * 1_000.0 / self.calls
    }

    /// Calls a second.
    pub(crate) fn rate(&self) -> f64 {
        self.calls / self.used.wall
    }
}

/// Makes `calls` calls, `at_once` at a time.
pub(crate) async fn round<W: Way>(
    way: &Arc<W>,
    manner: Manner,
    calls: usize,
    at_once: usize,
) -> Result<Round> {
    let text: Arc<str> = Browser::new().await?.offer.into();
    let mut lines = vec![];
    for _ in 0..at_once {
        let opened = timeout(PATIENCE, way.open()).await;
        let mut line = Some(opened.context("nobody lets us in")??);
        // One call each to warm up; it is not counted, and may fail.
        _ = timeout(PATIENCE, one(way.as_ref(), &mut line, manner, &text)).await;
        lines.push(line);
    }
    let left = Arc::new(AtomicUsize::new(calls));
    let meter = way.servers()?.meter()?;
    let workers: Vec<_> = (lines.into_iter())
        .map(|line| tokio::spawn(work(way.clone(), line, manner, text.clone(), left.clone())))
        .collect();
    let mut all = Round::default();
    for worker in workers {
        let part = worker.await?;
        all.failed += part.failed;
        all.answers.extend(part.answers);
        all.secured.extend(part.secured);
        all.why = all.why.or(part.why);
    }
    all.used = meter.done()?;
    all.calls = f64::from(u32::try_from(all.answers.len())?);
    Ok(all)
}

/// Waits until a program that just started lets a visitor in.
pub(crate) async fn let_in<W: Way>(way: &W, program: &Program) -> Result<()> {
    for _ in 0..100 {
        program.check()?;
        if let Ok(Ok(line)) = timeout(OPENS, way.open()).await {
            return way.close(line).await;
        }
        sleep(Duration::from_millis(100)).await;
    }
    bail!("it does not answer:\n{}", program.log())
}

/// Makes calls of one visitor that nobody counts, and that may fail.
pub(crate) async fn warm<W: Way>(way: &W, calls: usize) -> Result<()> {
    let text = Browser::new().await?.offer;
    let mut line = None;
    for _ in 0..calls {
        _ = timeout(PATIENCE, one(way, &mut line, Manner::Bridged, &text)).await;
    }
    match line {
        Some(line) => way.close(line).await,
        None => Ok(()),
    }
}

async fn work<W: Way>(
    way: Arc<W>,
    mut line: Option<W::Line>,
    manner: Manner,
    text: Arc<str>,
    left: Arc<AtomicUsize>,
) -> Round {
    let mut round = Round::default();
    let next = || left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
    let mut pace = tokio::time::interval(PACE);
    while next().is_ok() {
        if manner == Manner::Paced {
            pace.tick().await;
        }
        let done = timeout(PATIENCE, one(way.as_ref(), &mut line, manner, &text)).await;
        match done
            .context("it took too long")
            .and_then(std::convert::identity)
        {
            Ok((answered, secured)) => {
                round.answers.push(answered);
                round.secured.extend(secured);
            }
            Err(error) => {
                round.failed += 1;
                round.why.get_or_insert_with(|| format!("{error:#}"));
                line = None;
            }
        }
    }
    if let Some(line) = line {
        _ = timeout(PATIENCE, way.close(line)).await;
    }
    round
}

/// One call; milliseconds to its answer, and from there to the end of DTLS.
async fn one<W: Way>(
    way: &W,
    kept: &mut Option<W::Line>,
    manner: Manner,
    text: &str,
) -> Result<(f64, Option<f64>)> {
    let mut browser = match manner {
        Manner::Bridged | Manner::Paced => Some(Browser::new().await?),
        Manner::Fresh | Manner::Signalled => None,
    };
    let old = kept.take();
    let began = Instant::now();
    let mut line = match (old, manner) {
        (Some(line), Manner::Bridged | Manner::Paced | Manner::Signalled) => line,
        (Some(line), Manner::Fresh) => {
            way.close(line).await?;
            way.open().await?
        }
        (None, _) => way.open().await?,
    };
    let offer = browser.as_ref().map_or(text, |browser| &browser.offer);
    let answer = way.call(&mut line, offer).await?;
    let answered = began.elapsed().as_secs_f64() * 1_000.0;
    let secured = match &mut browser {
        Some(browser) => {
            browser.answer(&answer)?;
            Some(browser.connect().await?.as_secs_f64() * 1_000.0)
        }
        None => None,
    };
    way.hang_up(&mut line).await?;
    match manner {
        Manner::Fresh => way.close(line).await?,
        Manner::Bridged | Manner::Paced | Manner::Signalled => *kept = Some(line),
    }
    Ok((answered, secured))
}
