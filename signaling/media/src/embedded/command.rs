//! What the thread is told.

use tokio::sync::oneshot;

use crate::anchor::{Described, Events, Hears, Kind, LegId, MediaError, Want};

/// How an answer goes back.
pub(super) type Reply<T> = oneshot::Sender<Result<T, MediaError>>;

/// One order, as [`crate::anchor::Anchor`] has it.
pub(super) enum Command {
    Open {
        leg: LegId,
        kind: Kind,
        events: Events,
    },
    Offer {
        leg: LegId,
        want: Want,
        reply: Reply<String>,
    },
    Answered {
        leg: LegId,
        sdp: String,
        reply: Reply<Described>,
    },
    Answer {
        leg: LegId,
        sdp: String,
        want: Want,
        reply: Reply<(String, Described)>,
    },
    Rollback {
        leg: LegId,
    },
    Hear {
        leg: LegId,
        what: Hears,
    },
    Mute {
        leg: LegId,
        muted: bool,
    },
    Press {
        leg: LegId,
        digits: String,
    },
    Close {
        leg: LegId,
    },
    Stop,
}
