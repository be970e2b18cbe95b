//! One party's attachment to a call: which page carries its media, or since when none does.

use bellwire_proto::{
    id::{ConnectionId, PeerId},
    time::Timestamp,
};

/// One party's leg of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Leg {
    /// A page carries the media.
    Here {
        /// The page's connection.
        connection: ConnectionId,
        /// Its peer connection.
        peer: PeerId,
    },
    /// No page is connected that carries it. The media may still flow: it needs no server.
    Away {
        /// Since when.
        since: Timestamp,
        /// The last page's peer connection.
        peer: Option<PeerId>,
    },
}

impl Leg {
    /// The page's connection, if it is here.
    #[must_use]
    pub fn connection(self) -> Option<ConnectionId> {
        match self {
            Self::Here { connection, .. } => Some(connection),
            Self::Away { .. } => None,
        }
    }

    /// The newest peer connection known.
    #[must_use]
    pub fn peer(self) -> Option<PeerId> {
        match self {
            Self::Here { peer, .. } => Some(peer),
            Self::Away { peer, .. } => peer,
        }
    }

    /// Whether this connection carries it.
    #[must_use]
    pub fn is_on(self, connection: ConnectionId) -> bool {
        self.connection() == Some(connection)
    }

    /// The leg after its connection is gone. A leg that is away stays so since then.
    #[must_use]
    pub fn lost(self, now: Timestamp) -> Self {
        match self {
            Self::Here { peer, .. } => Self::Away {
                since: now,
                peer: Some(peer),
            },
            Self::Away { .. } => self,
        }
    }
}
