//! Telephones and what stands behind them, for calls to and from Bellwire.
//!
//! - [`telephone`]: a telephone in this process, exact to the packet; it judges what it is sent.
//! - [`desk_phone`]: baresip, a real desk phone, with SRTP, Opus and TLS.
//! - [`sipp`]: sipp, callers and callees by the hundred, from scenario files.
//! - [`carrier`]: Kamailio, a registrar and trunk with digest.
//! - [`rtpengine`]: the media proxy of the distribution.
//! - [`garbage`]: hostile senders.
//! - [`ear`], [`g711`]: which pitch is heard, and what it was coded with.

pub mod carrier;
pub mod desk_phone;
pub mod ear;
pub mod g711;
pub mod garbage;
pub mod ports;
pub mod program;
pub mod rtpengine;
pub mod sipp;
pub mod telephone;
