//! Where one phone is reached, as it is shown and stored.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::Transport;

/// Where one phone of an account is reached (RFC 3261 §10).
///
/// It can be stored and given back after a restart: what is missing in an older store is empty.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Binding {
    /// The URI of its Contact, without name and parameters of the header: `sip:1001@192.0.2.4:5060`.
    /// It is what the Request-URI of a call names.
    pub contact: String,
    /// Where its REGISTER came from. This, not the contact's host, is where calls go: so phones
    /// behind NAT are reached, and no account can point us at somebody else.
    pub source: SocketAddr,
    /// What its REGISTER came over.
    pub transport: Transport,
    /// When it ends, in milliseconds of the caller's clock.
    pub expires_at_ms: u64,
    /// Its User-Agent, cleaned; empty where it sent none.
    pub agent: String,
    /// When it was last refreshed, in milliseconds of the caller's clock.
    #[serde(default)]
    pub registered_at_ms: u64,
    /// Its `q` (RFC 3261 §20.10) in thousandths: 0 to 1000. Higher is tried first.
    #[serde(default = "Binding::whole_q")]
    pub q: u16,
    /// The Call-ID of its last REGISTER: a lower `CSeq` under it is out of order.
    #[serde(default)]
    pub call_id: String,
    /// The `CSeq` of its last REGISTER.
    #[serde(default)]
    pub cseq: u32,
    /// Its `+sip.instance` (RFC 5626 §4.1), without quotes: the same device after a restart.
    #[serde(default)]
    pub instance: Option<String>,
    /// Its `reg-id` (RFC 5626 §4.2): which of the device's flows this is.
    #[serde(default)]
    pub reg_id: Option<u32>,
    /// The Path between us and it (RFC 3327), the first hop first: the Route of a call to it.
    #[serde(default)]
    pub path: Vec<String>,
}

impl Binding {
    /// A binding with nothing but what reaches the phone.
    #[must_use]
    pub fn new(
        contact: impl Into<String>,
        source: SocketAddr,
        transport: Transport,
        expires_at_ms: u64,
    ) -> Self {
        Self {
            contact: contact.into(),
            source,
            transport,
            expires_at_ms,
            agent: String::new(),
            registered_at_ms: 0,
            q: Self::whole_q(),
            call_id: String::new(),
            cseq: 0,
            instance: None,
            reg_id: None,
            path: Vec::new(),
        }
    }

    /// Whole seconds until it ends, rounded up; 0 where it has.
    #[must_use]
    pub fn remaining_s(&self, now_ms: u64) -> u64 {
        self.expires_at_ms.saturating_sub(now_ms).div_ceil(1000)
    }

    /// The `q` of a contact that brings none: RFC 3261 leaves it open, 1.0 is custom.
    const fn whole_q() -> u16 {
        1000
    }
}
