//! Names of things: opaque to pages, ordered by when they were made.
//!
//! An id is a ULID behind a short prefix (`int_01J…`), so that a log line tells what it names.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use ulid::Ulid;

use crate::time::Timestamp;

/// Why a text is not an id.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an id of the form {prefix}_ULID was expected")]
pub struct InvalidId {
    /// The prefix that ids of this kind start with.
    pub prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(Ulid);

        impl $name {
            /// The prefix of these ids on the wire.
            pub const PREFIX: &'static str = $prefix;

            /// Makes an id from the time and 80 random bits (the low ones of `random`).
            #[must_use]
            pub fn new(at: Timestamp, random: u128) -> Self {
                Self(Ulid::from_parts(at.0, random))
            }

            /// The id as a bare number, for stores and keys.
            #[must_use]
            pub fn to_u128(self) -> u128 {
                self.0.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(|ulid| Ulid::from_string(ulid).ok())
                    .map(Self)
                    .ok_or(InvalidId { prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl de::Visitor<'_> for Visitor {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(concat!("an id like ", $prefix, "_ULID"))
                    }
                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Visitor)
            }
        }
    )*};
}

ids! {
    /// One visitor's continuing stay on a site, over pages and tabs.
    SessionId = "ses";
    /// One live WebSocket.
    ConnectionId = "con";
    /// One contact from request to wrap-up.
    InteractionId = "int";
    /// One chat message, named by the page that wrote it.
    MessageId = "msg";
    /// A signed-in user who takes interactions.
    AgentId = "agt";
    /// A place where interactions wait.
    QueueId = "que";
    /// One browser tab or window, kept over reloads.
    TabId = "tab";
    /// One browser's `RTCPeerConnection`.
    PeerId = "peer";
    /// Opening hours.
    HoursId = "hrs";
    /// A desk phone's account.
    PhoneId = "pho";
    /// A connection to the telephone network.
    TrunkId = "trk";
    /// A number that people dial.
    NumberId = "num";
    /// A rule that reads an intent from a journey.
    RuleId = "rul";
    /// A form or menu.
    FormId = "frm";
    /// A rule that invites visitors.
    InvitationId = "inv";
}

/// A centre's short name, as it stands in call URIs: lower-case letters, digits and hyphens.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct CentreId(pub String);

/// A site's public key, as it stands in the pasted tag.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct SiteKey(pub String);

impl fmt::Display for SiteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The stable address of a call: `bw:CENTRE/INTERACTION`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CallUri {
    /// The centre that owns the call.
    pub centre: CentreId,
    /// The interaction the call is.
    pub interaction: InteractionId,
}

impl fmt::Display for CallUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bw:{}/{}", self.centre.0, self.interaction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_shows() {
        let id = InteractionId::new(Timestamp(1_790_000_000_000), 42);

        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.to_string().starts_with("int_01"));
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let text = SessionId::new(Timestamp(1), 1).to_string();

        let read = text.parse::<InteractionId>();

        assert_eq!(read, Err(InvalidId { prefix: "int" }));
    }
}
