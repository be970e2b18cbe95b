//! The settings: what they are, and what they are where nobody says.
//!
//! They come from a TOML file, and each from the environment too, which goes before the file.
//! `bellwire.example.toml` is the manual; a test keeps it true.

mod check;
mod load;
mod network;
mod phone;
mod secret;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use bellwire_core::setup;
use bellwire_proto::{id::CentreId, wire};
use serde::{Deserialize, Serialize};

pub use load::{Error, Loaded, Origins, Source};
pub use network::{InvalidNetwork, Network};
pub use phone::{Media, Phone};
pub use secret::Secret;

use crate::origin::Origin;

/// Every setting.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the server listens. `127.0.0.1:8080`.
    #[serde(deserialize_with = "check::address")]
    pub listen: SocketAddr,
    /// Where the database and the first passwords are kept. `./data`.
    pub data_dir: PathBuf,
    /// How browsers reach the server, where a proxy stands before it. None: as each request's
    /// `Host` says.
    #[serde(deserialize_with = "check::origin")]
    pub public_url: Option<Origin>,
    /// The centre's short name, as it stands in call URIs. `main`.
    #[serde(deserialize_with = "check::short_name")]
    pub centre: CentreId,
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. None.
    #[serde(deserialize_with = "check::networks")]
    pub trusted_proxies: Vec<Network>,
    /// What is logged.
    pub log: Log,
    /// How browsers find a way to each other.
    pub ice: Ice,
    /// How much is too much.
    pub limits: Limits,
    /// How long things may take.
    pub times: Times,
    /// How phones and trunks reach the server.
    pub phone: Phone,
    /// Where the sound of telephone calls goes.
    pub media: Media,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            data_dir: PathBuf::from("./data"),
            public_url: None,
            centre: CentreId("main".to_owned()),
            trusted_proxies: Vec::new(),
            log: Log::default(),
            ice: Ice::default(),
            limits: Limits::default(),
            times: Times::default(),
            phone: Phone::default(),
            media: Media::default(),
        }
    }
}

impl Config {
    /// The settings as TOML, with secrets hidden.
    ///
    /// # Errors
    ///
    /// Where a path is not UTF-8.
    pub fn in_force(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// Where a person on this machine reaches the server.
    #[must_use]
    pub fn own_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.to_string(),
            None if self.listen.ip().is_unspecified() => {
                format!("http://127.0.0.1:{}", self.listen.port())
            }
            None => format!("http://{}", self.listen),
        }
    }
}

/// What is logged.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// The least level, for all or for parts: `info`, or `warn,bellwire=debug`. `info`.
    #[serde(deserialize_with = "check::level")]
    pub level: String,
    /// One line of text, or one JSON object, for each entry. `text`.
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            level: "info".to_owned(),
            format: LogFormat::Text,
        }
    }
}

/// How a log entry is written.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// How browsers find a way to each other (ICE, RFC 8445).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ice {
    /// STUN servers, `stun:stun.example:3478`. None: needed only beyond one network.
    #[serde(deserialize_with = "check::stun")]
    pub stun: Vec<String>,
    /// TURN servers, `turn:turn.example:3478` or `turns:turn.example:443?transport=tcp`. None.
    #[serde(deserialize_with = "check::turn")]
    pub turn: Vec<String>,
    /// The secret shared with the TURN servers (coturn: `static-auth-secret`). None.
    pub turn_secret: Option<Secret>,
    /// How long TURN credentials are good for, in seconds. 600.
    #[serde(deserialize_with = "check::positive")]
    pub turn_ttl_s: u64,
}

impl Default for Ice {
    fn default() -> Self {
        Self {
            stun: Vec::new(),
            turn: Vec::new(),
            turn_secret: None,
            turn_ttl_s: 600,
        }
    }
}

/// How much is too much.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The largest message a page may send, in bytes. 65536.
    #[serde(deserialize_with = "check::positive")]
    pub message_bytes: usize,
    /// Messages a page may send each second, over any four seconds. 50.
    #[serde(deserialize_with = "check::positive")]
    pub frames_per_second: u32,
    /// Messages that may wait for a slow page before it is cut off. 256.
    #[serde(deserialize_with = "check::positive")]
    pub queued_frames: usize,
    /// Connections from one address. 1000: whole offices share one.
    #[serde(deserialize_with = "check::positive")]
    pub connections_per_address: usize,
    /// Connections in all. 20000.
    #[serde(deserialize_with = "check::positive")]
    pub connections: usize,
    /// How long a request's header may take to arrive, in seconds. 10.
    #[serde(deserialize_with = "check::positive")]
    pub header_timeout_s: u64,
    /// Wrong passwords from one address before it has to wait; five times as many for one user
    /// name. 10.
    #[serde(deserialize_with = "check::positive")]
    pub login_attempts: u32,
    /// How long wrong passwords count, in seconds. 600.
    #[serde(deserialize_with = "check::positive")]
    pub login_window_s: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: wire::LARGEST_FRAME,
            frames_per_second: 50,
            queued_frames: 256,
            connections_per_address: 1000,
            connections: 20_000,
            header_timeout_s: 10,
            login_attempts: 10,
            login_window_s: 600,
        }
    }
}

/// How long things may take. The defaults are the core's own.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Times {
    /// How long a desk rings before the offer goes on. 20 s.
    #[serde(deserialize_with = "check::positive")]
    pub ring_s: u64,
    /// How long a party of a call may be unreachable before the call is over. 60 s.
    #[serde(deserialize_with = "check::positive")]
    pub grace_s: u64,
    /// How long an agent whose desk is gone keeps an offer or counts as there. 5 s.
    #[serde(deserialize_with = "check::positive")]
    pub desk_grace_s: u64,
    /// How long an agent who declined is not offered the same interaction. 30 s.
    #[serde(deserialize_with = "check::positive")]
    pub decline_pause_s: u64,
    /// How long a chat whose visitor is gone stays open. 1800 s.
    #[serde(deserialize_with = "check::positive")]
    pub chat_grace_s: u64,
    /// How long a message whose visitor is gone waits and stays open. 1209600 s.
    #[serde(deserialize_with = "check::positive")]
    pub message_grace_s: u64,
    /// How long a finished interaction is shown to its visitor. 1800 s.
    #[serde(deserialize_with = "check::positive")]
    pub linger_s: u64,
    /// How much waiting one point of a queue's priority counts for. 60 s.
    #[serde(deserialize_with = "check::positive")]
    pub ageing_s: u64,
    /// The shortest time between two changes of the status told to visitors. 500 ms.
    #[serde(deserialize_with = "check::positive")]
    pub status_every_ms: u64,
}

impl Default for Times {
    fn default() -> Self {
        let core = setup::Times::default();
        Self {
            ring_s: core.ring.as_secs(),
            grace_s: core.grace.as_secs(),
            desk_grace_s: core.desk_grace.as_secs(),
            decline_pause_s: core.decline_pause.as_secs(),
            chat_grace_s: core.chat_grace.as_secs(),
            message_grace_s: core.message_grace.as_secs(),
            linger_s: core.linger.as_secs(),
            ageing_s: core.ageing.as_secs(),
            status_every_ms: bellwire_proto::time::millis(core.status_every),
        }
    }
}

impl From<&Times> for setup::Times {
    fn from(times: &Times) -> Self {
        Self {
            ring: Duration::from_secs(times.ring_s),
            grace: Duration::from_secs(times.grace_s),
            desk_grace: Duration::from_secs(times.desk_grace_s),
            decline_pause: Duration::from_secs(times.decline_pause_s),
            chat_grace: Duration::from_secs(times.chat_grace_s),
            message_grace: Duration::from_secs(times.message_grace_s),
            linger: Duration::from_secs(times.linger_s),
            ageing: Duration::from_secs(times.ageing_s),
            status_every: Duration::from_millis(times.status_every_ms),
        }
    }
}

#[cfg(test)]
mod tests;
