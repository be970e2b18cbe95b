//! What the endpoint is told: where it listens, whom it knows, how much it bears.
//!
//! Plain data with defaults. Reading a file or a database into it is the server's part.

mod binding;
mod directory;

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
};

use serde::{Deserialize, Serialize};

pub use binding::Binding;
pub use directory::{Account, Directory, Login, Secret, Trunk};

use crate::{digest::Algorithm, networks::NetworkError, words};

/// Where and how the endpoint stands in the network.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// The realm of the passwords and the host part of our addresses of record. Default:
    /// `localhost`.
    pub domain: String,
    /// Where UDP is heard; `None` switches it off. Default: `0.0.0.0:5060`.
    pub udp: Option<SocketAddr>,
    /// Where TCP is heard; `None` switches it off. Default: `0.0.0.0:5060`.
    pub tcp: Option<SocketAddr>,
    /// Where TLS is heard, and with which certificate. Default: off.
    pub tls: Option<TlsListen>,
    /// Where SIP over WebSocket (RFC 7118) is heard. Default: off.
    pub ws: Option<SocketAddr>,
    /// The address that Via and Contact name, where NAT stands before us. Default: our own.
    pub public: Option<IpAddr>,
    /// A PEM file of the roots that TLS trunks are checked against. Default: the system's.
    pub trust: Option<PathBuf>,
    /// What phones may hash their passwords with, the most preferred first. Default: SHA-256, then
    /// MD5.
    pub digests: Vec<Algorithm>,
    /// How much is borne, and from whom. Default: [`Limits::default`].
    pub limits: Limits,
    /// The session interval that we ask for (RFC 4028 §4), in seconds. Default: 1800.
    pub session_expires_s: u32,
    /// The shortest session interval that we accept (RFC 4028 §5), in seconds. Default: 90, the
    /// least that the RFC allows.
    pub min_se_s: u32,
    /// The longest registration that we grant, in seconds. Default: 3600.
    pub register_max_s: u32,
    /// The shortest registration that we grant (RFC 3261 §10.3 step 6), in seconds. Default: 60.
    pub register_min_s: u32,
}

impl Default for Settings {
    fn default() -> Self {
        let everywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 5060));
        Self {
            domain: "localhost".to_owned(),
            udp: Some(everywhere),
            tcp: Some(everywhere),
            tls: None,
            ws: None,
            public: None,
            trust: None,
            digests: Algorithm::OFFERED.to_vec(),
            limits: Limits::default(),
            session_expires_s: 1800,
            min_se_s: 90,
            register_max_s: 3600,
            register_min_s: 60,
        }
    }
}

impl Settings {
    /// Whether these settings can be worked with.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, as a sentence for an administrator.
    pub fn check(&self) -> Result<(), SettingsError> {
        if words::host(&self.domain).is_none() {
            return Err(SettingsError::Domain(self.domain.clone()));
        }
        if self.udp.is_none() && self.tcp.is_none() && self.tls.is_none() && self.ws.is_none() {
            return Err(SettingsError::Deaf);
        }
        if self.digests.is_empty() {
            return Err(SettingsError::NoDigest);
        }
        let session_s = self.min_se_s..=24 * 3600;
        if self.min_se_s < 90 || !session_s.contains(&self.session_expires_s) {
            return Err(SettingsError::SessionTimes {
                session_expires_s: self.session_expires_s,
                min_se_s: self.min_se_s,
            });
        }
        // Below an hour is what RFC 3261 §10.3 step 6 lets a registrar refuse.
        if self.register_min_s == 0
            || self.register_min_s > 3600
            || self.register_max_s < self.register_min_s
        {
            return Err(SettingsError::RegisterTimes {
                register_min_s: self.register_min_s,
                register_max_s: self.register_max_s,
            });
        }
        Ok(())
    }
}

/// A TLS listener.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TlsListen {
    /// Where it is heard; 5061 by custom.
    pub address: SocketAddr,
    /// A PEM file with the certificate and what stands between it and a root.
    pub certificate: PathBuf,
    /// A PEM file with the certificate's private key.
    pub key: PathBuf,
}

/// How much the endpoint bears. "A source" is an IPv4 address or an IPv6 /64.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// New INVITEs a second from one source; twice as many at once. Default: 20.
    pub invites_per_second: u32,
    /// REGISTERs a second from one source; twice as many at once. Default: 10.
    pub registers_per_second: u32,
    /// The refused login that gets its source banned, counted from 1; one is forgiven a minute.
    /// Default: 10.
    pub failed_logins: u32,
    /// The first ban of a source, in seconds; each further ban within a day is twice as long, up
    /// to a day. Default: 60.
    pub ban_s: u32,
    /// The largest message that is read, in bytes. Default: 32768.
    pub message_bytes: usize,
    /// Call legs at once; the next is answered 503. Default: 2000.
    pub calls: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            invites_per_second: 20,
            registers_per_second: 10,
            failed_logins: 10,
            ban_s: 60,
            message_bytes: 32 * 1024,
            calls: 2000,
        }
    }
}

/// How messages travel.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Datagrams (RFC 3261 §18).
    #[default]
    Udp,
    /// A stream (RFC 3261 §18).
    Tcp,
    /// A stream under TLS (RFC 3261 §26.2.1).
    Tls,
    /// WebSocket (RFC 7118).
    Ws,
    /// WebSocket under TLS (RFC 7118).
    Wss,
}

impl Transport {
    /// The port where a name brings none (RFC 3261 §19.1.2, RFC 7118 §5.2).
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Udp | Self::Tcp => 5060,
            Self::Tls => 5061,
            Self::Ws => 80,
            Self::Wss => 443,
        }
    }

    /// Whether the transport itself sees to it that messages arrive, so that we need not repeat
    /// them (RFC 3261 §17).
    #[must_use]
    pub const fn is_reliable(self) -> bool {
        match self {
            Self::Udp => false,
            Self::Tcp | Self::Tls | Self::Ws | Self::Wss => true,
        }
    }

    /// As a URI's `transport` parameter names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Transport {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Udp, Self::Tcp, Self::Tls, Self::Ws, Self::Wss]
            .into_iter()
            .find(|transport| transport.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| SettingsError::Transport(text.to_owned()))
    }
}

/// What an administrator has to put right.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SettingsError {
    /// The domain is no host.
    #[error("the SIP domain {0:?} is no host name: write a name like pbx.example.com")]
    Domain(String),
    /// Nothing is listened to.
    #[error("no SIP transport is on: give an address for udp, tcp, tls or ws")]
    Deaf,
    /// No phone could log in.
    #[error("no digest is allowed, so that no phone could log in: allow SHA-256, MD5 or both")]
    NoDigest,
    /// The session times do not fit together.
    #[error(
        "session_expires_s is {session_expires_s} and min_se_s is {min_se_s}: min_se_s must be at least 90, and session_expires_s from min_se_s to 86400"
    )]
    SessionTimes {
        /// What was asked for.
        session_expires_s: u32,
        /// What was to be accepted.
        min_se_s: u32,
    },
    /// The registration times do not fit together.
    #[error(
        "register_min_s is {register_min_s} and register_max_s is {register_max_s}: the shortest must be 1 to 3600 seconds, and no longer than the longest"
    )]
    RegisterTimes {
        /// The shortest registration.
        register_min_s: u32,
        /// The longest registration.
        register_max_s: u32,
    },
    /// An account's user cannot stand in an address.
    #[error(
        "the phone's user {0:?} cannot stand in an address: use up to 64 letters, digits and . _ - +"
    )]
    User(String),
    /// An account without a password could be used by everybody.
    #[error("the phone {0:?} has no password: give it one")]
    NoPassword(String),
    /// A trunk's host is no host.
    #[error("the trunk {trunk:?} has the host {host:?}: write host or host:port")]
    TrunkHost {
        /// Which trunk.
        trunk: String,
        /// What it had.
        host: String,
    },
    /// A trunk's networks cannot be read.
    #[error("the trunk {trunk:?} takes calls from a network that cannot be read: {why}")]
    TrunkNetwork {
        /// Which trunk.
        trunk: String,
        /// Which network, and what is wrong.
        #[source]
        why: NetworkError,
    },
    /// A trunk's number is none.
    #[error(
        "the trunk {trunk:?} calls from {number:?}, which is no number: write digits, with + in front"
    )]
    TrunkCallerId {
        /// Which trunk.
        trunk: String,
        /// What it had.
        number: String,
    },
    /// A trunk's login cannot stand in a message.
    #[error("the trunk {0:?} has a login with characters that cannot stand in a message")]
    TrunkLogin(String),
    /// A transport that we do not know.
    #[error("{0:?} is no transport: write udp, tcp, tls, ws or wss")]
    Transport(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_in_a_log() {
        let account = Account {
            user: "1001".to_owned(),
            password: Secret::new("swordfish"),
            name: "Anna".to_owned(),
        };

        assert!(!format!("{account:?}").contains("swordfish"));
        assert_eq!(account.password.reveal(), "swordfish");
    }

    #[test]
    fn the_defaults_can_be_worked_with() {
        assert_eq!(Settings::default().check(), Ok(()));
    }

    #[test]
    fn settings_that_do_not_fit_are_refused_with_a_sentence() {
        let wrong = [
            Settings {
                domain: "a b".to_owned(),
                ..Settings::default()
            },
            Settings {
                udp: None,
                tcp: None,
                ..Settings::default()
            },
            Settings {
                min_se_s: 89,
                ..Settings::default()
            },
            Settings {
                session_expires_s: 80,
                ..Settings::default()
            },
            Settings {
                register_min_s: 0,
                ..Settings::default()
            },
            Settings {
                register_max_s: 10,
                ..Settings::default()
            },
        ];

        for settings in wrong {
            let why = settings.check().unwrap_err();
            assert!(why.to_string().len() > 20, "{why}");
        }
    }

    #[test]
    fn a_trunk_is_refused_for_what_would_break_a_message() {
        let good = Trunk {
            name: "North".to_owned(),
            host: "sip.example.net:5061".to_owned(),
            caller_id: Some("+44 20 7946 0000".to_owned()),
            from_addresses: vec!["203.0.113.0/28".to_owned()],
            ..Trunk::default()
        };
        let wrong = [
            Trunk {
                host: "a\r\nb".to_owned(),
                ..good.clone()
            },
            Trunk {
                host: String::new(),
                ..good.clone()
            },
            Trunk {
                from_addresses: vec!["203.0.113.0/33".to_owned()],
                ..good.clone()
            },
            Trunk {
                caller_id: Some("\r\n".to_owned()),
                ..good.clone()
            },
            Trunk {
                login: Some(Login {
                    user: "a b".to_owned(),
                    auth_user: "a".to_owned(),
                    password: Secret::new("x"),
                    register: true,
                }),
                ..good.clone()
            },
        ];

        assert_eq!(good.check(), Ok(()));
        for trunk in wrong {
            assert!(trunk.check().is_err(), "{trunk:?}");
        }
    }

    #[test]
    fn transports_are_read_in_any_case() {
        assert_eq!("TLS".parse(), Ok(Transport::Tls));
        assert!("sctp".parse::<Transport>().is_err());
    }

    #[test]
    fn an_older_store_is_still_understood() {
        let stored = r#"{"contact":"sip:1001@192.0.2.4","source":"192.0.2.4:5060","transport":"udp","expires_at_ms":5000,"agent":"Yealink"}"#;

        let binding: Binding = serde_json::from_str(stored).unwrap();

        assert_eq!(binding.q, 1000);
        assert_eq!(binding.remaining_s(4_001), 1);
        assert_eq!(binding.remaining_s(9_000), 0);
    }
}
