//! The frames of a connection: one JSON object a WebSocket text message, externally tagged.
//!
//! A page says [`Up::Hello`] first and numbers its commands; the server answers
//! [`Down::Welcome`], then tells the whole state, then changes of it. [`Down::Done`] says up to
//! which number commands are safely stored; what is not done is said again on the next
//! connection, which is harmless because commands may be repeated. Signals and pings are
//! neither numbered nor stored: pages renegotiate when one is lost.

use serde::{Deserialize, Serialize};

use crate::{
    id::{ConnectionId, InteractionId, SiteKey, TabId},
    interaction::Seen,
    rtc::{IceServer, Signal},
    time::Timestamp,
};

/// The version of this protocol. A server refuses pages of another one: they load themselves anew.
pub const VERSION: u16 = 2;

/// The largest frame a page may send, in bytes. A session description with video fits well.
pub const LARGEST_FRAME: usize = 64 * 1024;

/// From a page to the server. `C` is its kind of command, `S` how signals are carried.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Up<C, S = Signal> {
    /// Who this is: the first frame of a connection.
    Hello(Hello),
    /// A command.
    Do {
        /// Counts up over all connections of one page.
        n: u64,
        /// What is asked.
        command: C,
    },
    /// A signal for the other page in this call.
    Relay {
        /// The call.
        interaction: InteractionId,
        /// The signal.
        signal: S,
    },
    /// Asks for STUN and TURN servers with fresh credentials.
    Ice,
    /// Is anyone there?
    Ping,
}

/// From the server to a page. `E` is the page's kind of event, `S` how signals are carried.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Down<E, S = Signal> {
    /// The hello was good.
    Welcome(Welcome),
    /// All commands up to this number are stored.
    Done {
        /// The number.
        n: u64,
    },
    /// A fact.
    Tell(E),
    /// A signal from the other page in this call.
    Relay {
        /// The call.
        interaction: InteractionId,
        /// The signal.
        signal: S,
    },
    /// STUN and TURN servers for calls.
    Ice(Vec<IceServer>),
    /// Someone is.
    Pong,
    /// The server ends this connection.
    Bye(Bye),
}

/// Who connects.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Hello {
    /// The page's [`VERSION`].
    pub version: u16,
    /// The tab or window, kept over reloads: a newer connection of it takes an older one's place.
    pub tab: TabId,
    /// What lets it in.
    pub pass: Pass,
    /// How far the page has seen each chat.
    #[serde(default)]
    pub seen: Vec<Seen>,
}

/// What lets a page in.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pass {
    /// A visitor of a site.
    Visitor {
        /// The site.
        site: SiteKey,
        /// The session's token, where the page has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
        /// How often the visitor has come, this visit included, as their browser counts; 0 where
        /// it does not.
        #[serde(default, skip_serializing_if = "is_zero")]
        visits: u32,
        /// The visitor does not want to be watched: nothing of the journey is kept.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        quiet: bool,
    },
    /// An agent, by a one-time ticket from `POST /api/agent/ticket`.
    Agent {
        /// The ticket.
        ticket: String,
    },
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl std::fmt::Debug for Pass {
    /// Keeps tokens and tickets out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Visitor {
                site,
                token,
                visits,
                quiet,
            } => f
                .debug_struct("Visitor")
                .field("site", site)
                .field("token", &token.as_ref().map(|_| "…"))
                .field("visits", visits)
                .field("quiet", quiet)
                .finish(),
            Self::Agent { .. } => f.write_str("Agent { ticket: … }"),
        }
    }
}

/// The answer to a good hello.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct Welcome {
    /// This connection's name.
    pub connection: ConnectionId,
    /// The server's time, for counting timers.
    pub now: Timestamp,
    /// The session's token for the page to keep, for a visitor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

impl std::fmt::Debug for Welcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Welcome")
            .field("connection", &self.connection)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

/// Why the server ends a connection, and when to come back.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Bye {
    /// Why.
    pub reason: ByeReason,
    /// Wait this long before connecting again; `None` means: not without a change.
    pub retry_in_ms: Option<u64>,
}

/// Why the server ends a connection.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ByeReason {
    /// The server restarts.
    Restart,
    /// The page read too slowly; on the next connection it catches up.
    TooSlow,
    /// Too many frames in a short time.
    TooFast,
    /// The same tab connected anew.
    Replaced,
    /// The ticket or token is not good (any more).
    NotWelcome,
    /// The site's key is not known.
    UnknownSite,
    /// A frame could not be read.
    Unreadable,
    /// The page speaks another version: load it anew.
    OtherVersion,
}

impl ByeReason {
    /// The WebSocket close code that goes with it (RFC 6455 §7.4.2, private use).
    #[must_use]
    pub fn close_code(self) -> u16 {
        match self {
            Self::Restart => 4503,
            Self::TooSlow => 4008,
            Self::TooFast => 4029,
            Self::Replaced => 4001,
            Self::NotWelcome => 4401,
            Self::UnknownSite => 4404,
            Self::Unreadable => 4400,
            Self::OtherVersion => 4426,
        }
    }
}
