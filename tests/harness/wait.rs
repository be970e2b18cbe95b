//! Waiting for a condition, never for a time.

use std::{fmt::Display, time::Duration};

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep, timeout_at};

/// How long something may take that happens at once for a person.
pub const SOON: Duration = Duration::from_secs(10);

/// How long something may take that waits for the browser, the network or a back-off.
pub const PATIENT: Duration = Duration::from_secs(25);

/// Looks again and again until `look` finds something, at most for `within`.
///
/// An error counts as "not yet": a page that is being loaded answers no question. The last one
/// is part of the final error.
///
/// # Errors
///
/// Says what was waited for, and what was last seen instead.
pub async fn until<T>(
    what: impl Display,
    within: Duration,
    mut look: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let end = Instant::now() + within;
    let mut last = None;
    loop {
        match timeout_at(end, look()).await {
            Ok(Ok(Some(found))) => return Ok(found),
            Ok(Ok(None)) => {}
            Ok(Err(error)) => last = Some(error),
            Err(_) if last.is_none() => bail!("no {what} within {within:?}: looking took too long"),
            Err(_) => {}
        }
        if Instant::now() >= end {
            match last {
                Some(error) => {
                    bail!("no {what} within {within:?}; the last look failed: {error:#}")
                }
                None => bail!("no {what} within {within:?}"),
            }
        }
        sleep(Duration::from_millis(50)).await;
    }
}
