//! What browsers tell each other to build a call: descriptions and candidates.
//!
//! The server passes a [`Signal`] on without reading it, and only between two pages that the
//! core has put into the same call. Negotiation follows the "perfect negotiation" pattern of the
//! W3C WebRTC recommendation: the visitor's page is polite, the agent's is not.

use serde::{Deserialize, Serialize};

use crate::id::PeerId;

/// One step of a negotiation between two pages.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Signal {
    /// The peer connection that speaks. A new one means that the page was loaded anew: the
    /// other side then starts over with a fresh peer connection of its own.
    pub from: PeerId,
    /// The peer connection it speaks to, where known. A step meant for another is dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<PeerId>,
    /// What it says.
    pub step: Step,
}

/// What one step says.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A session description that asks (RFC 8829).
    Offer {
        /// The description's text.
        sdp: String,
    },
    /// A session description that answers.
    Answer {
        /// The description's text.
        sdp: String,
    },
    /// One way to reach this browser (trickle ICE, RFC 8838).
    Candidate {
        /// The candidate line; empty for the end of candidates.
        candidate: String,
        /// The media section it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mid: Option<String>,
        /// The same, by index.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        line: Option<u16>,
    },
    /// What this side sends now, shown to the other.
    Sending(Sending),
}

/// What one side sends.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Sending {
    /// The microphone is heard (not muted).
    pub audio: bool,
    /// The camera is seen.
    pub video: bool,
}

/// A STUN or TURN server, with credentials that expire.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct IceServer {
    /// `stun:` and `turn:` URLs.
    pub urls: Vec<String>,
    /// User name for TURN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Password for TURN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}
