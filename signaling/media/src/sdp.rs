//! Session descriptions of telephones (RFC 8866), offered and answered (RFC 3264): what is agreed about sound, digits,
//! encryption and pictures. Browsers' descriptions do not live here.

mod answer;
mod read;
mod write;

use std::net::{IpAddr, SocketAddr};

use crate::{
    anchor::{Direction, MediaError},
    codec::Codec,
    srtp::CryptoLine,
};

pub use answer::{agreed, answer};
pub use read::{Description, Section, read};
pub use write::offer;

/// The payload type of our telephone-events beside 8 kHz codecs.
pub const EVENTS: u8 = 101;
/// The payload type of our telephone-events beside Opus.
pub const EVENTS_48: u8 = 102;
/// Our payload type of Opus.
pub const OPUS: u8 = 96;
/// Comfort noise (RFC 3389).
pub const COMFORT: u8 = 13;

/// What we have to offer on one telephone leg.
#[derive(Clone, Debug)]
pub struct Own {
    /// Where we receive.
    pub address: IpAddr,
    /// The even port for sound; its RTCP comes to the next one.
    pub port: u16,
    /// The session's number in `o=`.
    pub session: u64,
    /// How often it was described.
    pub version: u64,
    /// The codecs we take, best first.
    pub codecs: Vec<Codec>,
    /// Who may send.
    pub direction: Direction,
    /// Our keys to choose from; none: plain RTP is offered, and an offer of SRTP is answered all the same.
    pub secure: Vec<CryptoLine>,
    /// The even port for pictures, where we take some.
    pub video: Option<u16>,
}

/// What was agreed on one telephone leg.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// The codec of the sound.
    pub codec: Codec,
    /// Its payload type in what we send.
    pub send_pt: u8,
    /// What each payload type means that the far end may send.
    pub receive: Vec<(u8, Codec)>,
    /// Telephone-events, where both have them.
    pub events: Option<Events>,
    /// The payload type of comfort noise, where both have it.
    pub comfort: Option<u8>,
    /// Where the far end receives.
    pub remote: SocketAddr,
    /// Where it receives RTCP.
    pub remote_rtcp: SocketAddr,
    /// RTCP travels with RTP (RFC 5761).
    pub rtcp_mux: bool,
    /// Who may send, seen from us.
    pub direction: Direction,
    /// The far end has put us on hold.
    pub held: bool,
    /// Our key and theirs.
    pub crypto: Option<(CryptoLine, CryptoLine)>,
    /// Pictures, where both have them.
    pub video: Option<Video>,
}

/// Telephone-events that were agreed (RFC 4733).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Events {
    /// Their payload type in what we send.
    pub send_pt: u8,
    /// Their payload type in what we receive.
    pub receive_pt: u8,
    /// Their clock in Hz.
    pub clock: u32,
}

/// A codec of pictures. They are passed on as they are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Picture {
    /// RFC 7741.
    Vp8,
    /// RFC 6184.
    H264,
}

impl Picture {
    /// As descriptions name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vp8 => "VP8",
            Self::H264 => "H264",
        }
    }

    /// The codec of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Vp8, Self::H264]
            .into_iter()
            .find(|picture| picture.name().eq_ignore_ascii_case(name))
    }

    /// Our payload type.
    #[must_use]
    pub const fn payload_type(self) -> u8 {
        match self {
            Self::Vp8 => 97,
            Self::H264 => 98,
        }
    }
}

/// Pictures that were agreed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Video {
    /// The codec.
    pub codec: Picture,
    /// Its payload type in what we send.
    pub send_pt: u8,
    /// Its payload type in what we receive.
    pub receive_pt: u8,
    /// Where the far end receives.
    pub remote: SocketAddr,
    /// Where it receives RTCP.
    pub remote_rtcp: SocketAddr,
}

/// Why a description cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SdpError {
    /// It is no description.
    #[error("{0}")]
    Unreadable(&'static str),
    /// No sound is described, or it is refused.
    #[error("there is no sound in it")]
    NoSound,
    /// No codec is common to both.
    #[error("no codec is common to both sides")]
    NoCodec,
    /// Encryption is required, and none that we know is there.
    #[error("the encryption that is required is not there")]
    NotSecure,
}

impl From<SdpError> for MediaError {
    fn from(error: SdpError) -> Self {
        match error {
            SdpError::NoCodec => Self::NoCodec,
            SdpError::NotSecure => Self::NotSecure,
            SdpError::Unreadable(_) | SdpError::NoSound => Self::Description(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
