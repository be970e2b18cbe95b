//! What the centre hears, and what that has to do with connections.

use std::sync::Arc;

use bellwire_core::Input;
use bellwire_proto::{
    id::ConnectionId,
    wire::{Bye, ByeReason},
};

use crate::{metrics::Stopwatch, ws::line::Line};

/// How long pages wait before they come back to a server that restarts.
const RESTART_MS: u64 = 500;

/// Something for the centre.
pub(crate) struct Heard {
    pub(super) about: About,
    pub(super) input: Option<Input>,
    pub(super) since: Stopwatch,
}

/// What an input has to do with connections.
pub(super) enum About {
    Nothing,
    Joined(Arc<Line>, Side),
    /// A numbered command, to be acknowledged.
    Command(ConnectionId, u64),
    Left(ConnectionId),
}

/// Whose page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Side {
    Visitor,
    Agent,
}

impl Heard {
    /// A page was let in.
    pub(crate) fn joined(line: Arc<Line>, side: Side, input: Input) -> Self {
        Self::new(About::Joined(line, side), Some(input))
    }

    /// A page asks for something. A command that this server does not know has no input: it is
    /// acknowledged, or the page would ask for ever.
    pub(crate) fn command(connection: ConnectionId, n: u64, input: Option<Input>) -> Self {
        Self::new(About::Command(connection, n), input)
    }

    /// A page is gone.
    pub(crate) fn left(connection: ConnectionId, input: Input) -> Self {
        Self::new(About::Left(connection), Some(input))
    }

    /// Something that no connection said.
    pub(crate) fn other(input: Input) -> Self {
        Self::new(About::Nothing, Some(input))
    }

    fn new(about: About, input: Option<Input>) -> Self {
        Self {
            about,
            input,
            since: Stopwatch::start(),
        }
    }
}

/// The farewell that goes with a reason: whether coming back helps, and when.
pub(crate) fn bye(reason: ByeReason) -> Bye {
    let retry_in_ms = match reason {
        ByeReason::Restart | ByeReason::TooSlow => Some(RESTART_MS),
        ByeReason::TooFast => Some(5_000),
        ByeReason::Replaced
        | ByeReason::NotWelcome
        | ByeReason::UnknownSite
        | ByeReason::Unreadable
        | ByeReason::OtherVersion => None,
    };
    Bye {
        reason,
        retry_in_ms,
    }
}
