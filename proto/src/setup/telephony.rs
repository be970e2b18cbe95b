//! Telephones: agents' desk phones, trunks to the telephone network, numbers, and what may be dialled.
//!
//! Passwords are not part of these documents: they are given beside them and never read back.

use serde::{Deserialize, Serialize};

use super::Destination;
use crate::id::{AgentId, NumberId, PhoneId, TrunkId};

/// A desk phone's account: its address of record is `sip:USER@DOMAIN`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Phone {
    /// Its id.
    pub id: PhoneId,
    /// What it is called, like "Anna's desk".
    pub name: String,
    /// The name it registers with, and its extension: letters, digits, `.`, `-`, `_`; unique.
    pub user: String,
    /// Whose phone it is.
    pub agent: AgentId,
    /// Its sound is encrypted (SRTP with SDES keys, RFC 4568); to be used with TLS.
    #[serde(default)]
    pub secure: bool,
}

/// How SIP messages travel.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SipTransport {
    /// Datagrams.
    #[default]
    Udp,
    /// A plain connection.
    Tcp,
    /// An encrypted connection.
    Tls,
}

impl SipTransport {
    /// Every transport.
    pub const ALL: [Self; 3] = [Self::Udp, Self::Tcp, Self::Tls];

    /// The word for it, on the wire and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }
}

/// A SIP connection to a carrier or PBX.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Trunk {
    /// Its id.
    pub id: TrunkId,
    /// What it is called.
    pub name: String,
    /// In use. One that is not registers nowhere, takes no calls and makes none.
    #[serde(default = "yes")]
    pub on: bool,
    /// The far end: `sip.carrier.example` or `192.0.2.7:5080`.
    pub host: String,
    /// How messages travel.
    #[serde(default)]
    pub transport: SipTransport,
    /// Its sound is encrypted (SRTP with SDES keys, RFC 4568).
    #[serde(default)]
    pub secure: bool,
    /// How the centre says who it is. The password is given beside the document.
    #[serde(default)]
    pub login: Option<TrunkLogin>,
    /// Addresses or networks that calls are taken from without a password.
    #[serde(default)]
    pub addresses: Vec<String>,
    /// The number that outgoing calls show.
    #[serde(default)]
    pub caller_id: Option<String>,
    /// The most calls at once, both ways.
    #[serde(default = "thirty")]
    pub most_calls: u32,
    /// Outgoing calls try trunks of a lower order first.
    #[serde(default)]
    pub order: u32,
}

fn yes() -> bool {
    true
}

fn thirty() -> u32 {
    30
}

/// How the centre says who it is at a trunk.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkLogin {
    /// The account's user part.
    pub user: String,
    /// The name to prove it by, where it is another.
    #[serde(default)]
    pub auth_user: Option<String>,
    /// Registers there, so that calls find the centre.
    #[serde(default = "yes")]
    pub register: bool,
}

/// A number that people dial, and where it leads.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// Its id.
    pub id: NumberId,
    /// What is dialled: digits with or without a leading `+`; unique.
    pub number: String,
    /// What it is called.
    pub name: String,
    /// Where a call goes: a queue.
    pub to: Destination,
    /// The language of those who call it, a BCP 47 primary tag; empty for the centre's own.
    #[serde(default)]
    pub language: String,
}

/// What may be dialled into the telephone network. Nothing may until it is named here.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DialLimits {
    /// Beginnings of numbers that may be dialled, like `+34`.
    #[serde(default)]
    pub allowed: Vec<String>,
    /// Beginnings that may not, although an allowed one fits, like `+34803`.
    #[serde(default)]
    pub barred: Vec<String>,
    /// The most calls into the network at once.
    #[serde(default)]
    pub most_calls: u32,
    /// The most minutes of calls into the network in 24 hours.
    #[serde(default)]
    pub minutes_a_day: u32,
    /// The most calls to one number in 24 hours.
    #[serde(default)]
    pub calls_a_number: u32,
    /// The most calls into the network for one visitor in 24 hours.
    #[serde(default)]
    pub calls_a_visitor: u32,
}

/// What callers hear while they wait.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WaitingSound {
    /// The music's file in the folder of sounds; the built-in one where none is named.
    #[serde(default)]
    pub music: Option<String>,
    /// Files that are played at first and then again and again, in this order; the built-in one where none is named.
    #[serde(default)]
    pub announcements: Vec<String>,
    /// How often an announcement is played, in seconds; 0 for never.
    #[serde(default)]
    pub every_s: u32,
}
