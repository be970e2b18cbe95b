//! Sound and pictures from page to page: devices, and the call itself.
//!
//! [`Call`] negotiates by the "perfect negotiation" pattern of the W3C WebRTC recommendation
//! (§10.7): one side is polite and gives way. It owns its `RTCPeerConnection` and the tracks it
//! sends; what it hears and says goes through the server as [`Signal`]s.
//!
//! ```text
//!   hear(signal) ─▶ Call ─▶ on_signal(signal)   : to the other page
//!   set_…()      ─▶      ─▶ on_change(change)   : to the screen
//! ```
//!
//! [`Signal`]: bellwire_proto::rtc::Signal

mod audio;
mod call;
pub mod devices;
mod local;
mod music;
mod negotiation;
mod peer;
mod quality;
mod recovery;
mod stats;

pub use call::{Call, CallChange, CallFailed, CallOptions, CallState};
pub use devices::{DeviceKind, MediaProblem};
pub use quality::{Level, Quality};
