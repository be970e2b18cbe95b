//! What was agreed with a page, in words for those who carry its packets.

use crate::{anchor::Direction, codec::Codec};

/// Sound or pictures.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Media {
    /// Sound, and the digits among it.
    Audio,
    /// Pictures.
    Video,
}

/// What was agreed with a page. Both sides send with the same payload types.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AgreedBrowser {
    /// The codec that we send, and that the page sends first.
    pub codec: Codec,
    /// Its payload type.
    pub send_pt: u8,
    /// Every payload type of sound that may come, digits aside.
    pub receive: Vec<(u8, Codec)>,
    /// Payload type and clock in Hz of digits (RFC 4733), both ways.
    pub events: Option<(u8, u32)>,
    /// Who may send, seen from us.
    pub direction: Direction,
    /// The page has put us on hold.
    pub held: bool,
    /// Pictures.
    pub video: Option<AgreedVideo>,
}

/// What was agreed about pictures.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AgreedVideo {
    /// The encoding name: `VP8` or `H264`.
    pub codec: &'static str,
    /// Its payload type, both ways. The clock is 90 kHz.
    pub pt: u8,
    /// Who may send, seen from us.
    pub direction: Direction,
}
