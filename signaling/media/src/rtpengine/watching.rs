//! Looking after a leg: whether anything comes from its far end, and whether the daemon still has it.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::leg::{FAR, Leg};
use crate::anchor::{Kind, LegEvent, MediaError};

/// How often a leg is looked after until something has come.
const SOON: Duration = Duration::from_millis(250);
/// For how long that often.
const SOON_FOR: Duration = Duration::from_secs(10);
/// How often the daemon may fail to answer before a leg is lost.
const MOST_FAILURES: u32 = 3;

/// What is known of the far end.
#[derive(Debug)]
pub(super) struct Watch {
    silent_after: Duration,
    every: Duration,
    due: Option<Instant>,
    begun: Instant,
    /// Something should come.
    receives: bool,
    packets: u64,
    heard_at: Instant,
    connected: bool,
    silent: bool,
    failures: u32,
    lost: bool,
}

impl Watch {
    pub(super) fn new(silent_after: Duration, every: Duration) -> Self {
        let now = Instant::now();
        Self {
            silent_after,
            every,
            due: None,
            begun: now,
            receives: false,
            packets: 0,
            heard_at: now,
            connected: false,
            silent: false,
            failures: 0,
            lost: false,
        }
    }

    pub(super) const fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Something was agreed: from now on packets may come, or none should.
    pub(super) fn negotiated(&mut self, receives: bool) {
        let now = Instant::now();
        self.receives = receives;
        self.begun = now;
        self.heard_at = now;
        self.silent = false;
        if !self.lost {
            self.due = Some(now + if self.connected { self.every } else { SOON });
        }
    }

    /// So many packets have come in all. Returns what is to be told.
    fn counted(&mut self, packets: u64, kind: Kind, now: Instant) -> Option<LegEvent> {
        self.failures = 0;
        let soon = !self.connected && now < self.begun + SOON_FOR;
        self.due = Some(now + if soon { SOON } else { self.every });
        if packets != self.packets || !self.receives {
            let first = packets > 0 && !self.connected;
            self.packets = packets;
            self.heard_at = now;
            self.silent = false;
            self.connected |= first;
            return first.then_some(LegEvent::Connected);
        }
        if self.silent || now < self.heard_at + self.silent_after {
            return None;
        }
        self.silent = true;
        match kind {
            Kind::Telephone { .. } => Some(LegEvent::Silent),
            // The daemon does not tell that a page is gone; but one that is there sends without end.
            Kind::Browser => self.lose(),
        }
    }

    fn lose(&mut self) -> Option<LegEvent> {
        self.due = None;
        (!std::mem::replace(&mut self.lost, true)).then_some(LegEvent::Lost)
    }
}

impl Leg {
    pub(super) async fn look(&mut self) {
        let order = json!({ "command": "query", "call-id": self.call });
        let now = Instant::now();
        let event = match self.hub.control.order(&order).await {
            Ok(answer) => self.watch.counted(packets(&answer), self.kind, now),
            // It was restarted, or gave up on the call.
            Err(MediaError::Closed) => self.watch.lose(),
            Err(error) => {
                tracing::debug!(leg = self.id.0, %error, "a leg cannot be looked after");
                self.watch.failures += 1;
                self.watch.due = Some(Instant::now() + self.watch.every);
                match self.watch.failures >= MOST_FAILURES {
                    true => self.watch.lose(),
                    false => None,
                }
            }
        };
        if let Some(event) = event {
            self.tell(event);
        }
        // What it hears may have failed before.
        if self.source().is_some() && self.joined.is_none() && self.watch.due().is_some() {
            self.tune().await;
        }
    }
}

/// How many packets came from the far end.
fn packets(answer: &Value) -> u64 {
    let streams = (answer.get("tags"))
        .and_then(|tags| tags.get(FAR)?.get("medias")?.get(0)?.get("streams")?.get(0));
    streams
        .and_then(|stream| stream.get("stats")?.get("packets")?.as_u64())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leg_is_connected_once_and_silent_once_and_again_after_it_was_heard() {
        let mut watch = Watch::new(Duration::from_secs(30), Duration::from_secs(2));
        let kind = Kind::Telephone { secure: false };
        watch.negotiated(true);
        let now = watch.begun;
        let at = |seconds| now + Duration::from_secs(seconds);

        assert_eq!(watch.counted(0, kind, at(1)), None);
        assert_eq!(watch.counted(5, kind, at(2)), Some(LegEvent::Connected));
        assert_eq!(watch.counted(5, kind, at(31)), None);
        assert_eq!(watch.counted(5, kind, at(32)), Some(LegEvent::Silent));
        assert_eq!(watch.counted(5, kind, at(90)), None);
        assert_eq!(watch.counted(6, kind, at(91)), None);
        assert_eq!(watch.counted(6, kind, at(122)), Some(LegEvent::Silent));
        watch.negotiated(false);
        assert_eq!(watch.counted(6, kind, at(999)), None);
    }
}
