//! Reads a description: tolerant of what does not matter, bounded in size.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use super::SdpError;
use crate::{anchor::Direction, codec::Codec};

/// The largest description that is read, in bytes.
const MOST_BYTES: usize = 64 * 1024;
/// The most media sections that are read.
const MOST_SECTIONS: usize = 32;
/// The most payload types of one section that are looked at.
const MOST_FORMATS: usize = 64;

/// A description.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Description {
    /// Its media sections, in their order.
    pub sections: Vec<Section>,
}

/// One media section. Debug output hides its keys.
#[derive(Clone, Eq, PartialEq)]
pub struct Section {
    /// `audio`, `video`, or something that we do not take.
    pub kind: String,
    /// 0 where it is refused.
    pub port: u16,
    /// As it stands: `RTP/AVP`, `RTP/SAVP`, with or without `F`, or something else.
    pub profile: String,
    /// The payload types, best first.
    pub formats: Vec<u8>,
    /// The formats as they stand, for an answer that refuses.
    pub raw_formats: String,
    /// Payload type, encoding name, clock.
    pub maps: Vec<(u8, String, u32)>,
    /// Payload type and its parameters.
    pub parameters: Vec<(u8, String)>,
    /// Where it is received; none where no address is told.
    pub address: Option<IpAddr>,
    /// Where its RTCP is received, where that is told.
    pub rtcp: Option<(u16, Option<IpAddr>)>,
    /// RTCP may travel with RTP.
    pub rtcp_mux: bool,
    /// Who may send, seen from who wrote it.
    pub direction: Direction,
    /// The values of `a=crypto`.
    pub crypto: Vec<String>,
}

impl fmt::Debug for Section {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (formatter.debug_struct("Section"))
            .field("kind", &self.kind)
            .field("port", &self.port)
            .field("profile", &self.profile)
            .field("formats", &self.raw_formats)
            .field("maps", &self.maps)
            .field("parameters", &self.parameters)
            .field("address", &self.address)
            .field("rtcp", &self.rtcp)
            .field("rtcp_mux", &self.rtcp_mux)
            .field("direction", &self.direction)
            .field("crypto", &format_args!("{} hidden", self.crypto.len()))
            .finish()
    }
}

impl Section {
    /// Whether it is encrypted by keys in the description.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.profile.to_ascii_uppercase().contains("SAVP")
    }

    /// Whether it is RTP as telephones have it, and not DTLS or something else.
    #[must_use]
    pub fn is_rtp(&self) -> bool {
        ["RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF"]
            .iter()
            .any(|known| self.profile.eq_ignore_ascii_case(known))
    }

    /// The address was that of nobody, which puts on hold (RFC 3264 §8.4).
    #[must_use]
    pub fn is_nowhere(&self) -> bool {
        self.address.is_some_and(|ip| ip.is_unspecified())
    }

    /// Where RTP is received.
    #[must_use]
    pub fn remote(&self) -> SocketAddr {
        let ip = self.address.unwrap_or(Ipv4Addr::UNSPECIFIED.into());
        SocketAddr::new(ip, self.port)
    }

    /// Where RTCP is received.
    #[must_use]
    pub fn remote_rtcp(&self) -> SocketAddr {
        let remote = self.remote();
        match self.rtcp {
            Some((port, ip)) => SocketAddr::new(ip.unwrap_or(remote.ip()), port),
            None => SocketAddr::new(remote.ip(), self.port.saturating_add(1)),
        }
    }

    /// What a payload type means, as name and clock (RFC 3551 §6 for those that need no map).
    #[must_use]
    pub fn meaning(&self, payload_type: u8) -> Option<(&str, u32)> {
        let mapped = (self.maps.iter()).find(|(number, _, _)| *number == payload_type);
        match mapped {
            Some((_, name, clock)) => Some((name, *clock)),
            None => match payload_type {
                0 => Some(("PCMU", 8000)),
                8 => Some(("PCMA", 8000)),
                9 => Some(("G722", 8000)),
                13 => Some(("CN", 8000)),
                _ => None,
            },
        }
    }

    /// The sound codec of a payload type, if it is one of ours.
    #[must_use]
    pub fn codec(&self, payload_type: u8) -> Option<Codec> {
        let (name, clock) = self.meaning(payload_type)?;
        let codec = Codec::named(name)?;
        // G.722 is told with 8000, whatever it samples with (RFC 3551 §4.5.2).
        (clock == codec.clock()).then_some(codec)
    }

    /// The payload type of telephone-events at this clock.
    #[must_use]
    pub fn events(&self, clock: u32) -> Option<u8> {
        self.formats.iter().copied().find(|format| {
            (self.meaning(*format)).is_some_and(|(name, at)| {
                name.eq_ignore_ascii_case("telephone-event") && at == clock
            })
        })
    }
}

impl Section {
    /// The value of one parameter of a payload type, by its name in any case.
    pub(super) fn parameter(&self, payload_type: u8, name: &str) -> Option<&str> {
        let (_, parameters) =
            (self.parameters.iter()).find(|(number, _)| *number == payload_type)?;
        (parameters.split(';'))
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(known, _)| known.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }
}

/// Reads a description.
///
/// # Errors
///
/// [`SdpError::Unreadable`] with what is wrong.
pub fn read(text: &str) -> Result<Description, SdpError> {
    if text.len() > MOST_BYTES {
        return Err(SdpError::Unreadable("it is too long"));
    }
    if !text.trim_start().starts_with("v=0") {
        return Err(SdpError::Unreadable("it does not begin with v=0"));
    }
    let mut sections: Vec<Section> = Vec::new();
    let mut session_address = None;
    let mut session_direction = Direction::SendRecv;
    for line in text.lines() {
        let line = line.trim_end();
        let Some((kind, value)) = line.split_once('=') else {
            continue;
        };
        match kind.trim() {
            "m" => {
                if sections.len() == MOST_SECTIONS {
                    return Err(SdpError::Unreadable("it has too many media sections"));
                }
                let mut section = section(value)?;
                section.address = session_address;
                section.direction = session_direction;
                sections.push(section);
            }
            "c" => match sections.last_mut() {
                Some(section) => section.address = address(value).or(section.address),
                None => session_address = address(value),
            },
            "a" => match sections.last_mut() {
                Some(section) => attribute(section, value),
                None => {
                    if let Some(direction) = direction(value) {
                        session_direction = direction;
                    }
                }
            },
            _ => {}
        }
    }
    if sections.is_empty() {
        return Err(SdpError::NoSound);
    }
    Ok(Description { sections })
}

fn section(value: &str) -> Result<Section, SdpError> {
    let malformed = SdpError::Unreadable("one of its m= lines is malformed");
    let mut words = value.split_ascii_whitespace();
    let mut word = || words.next().ok_or_else(|| malformed.clone());
    let (kind, port, profile) = (word()?, word()?, word()?);
    let port = port.split('/').next().unwrap_or_default();
    let formats: Vec<&str> = words.collect();
    Ok(Section {
        kind: kind.to_owned(),
        port: port.parse().map_err(|_| malformed)?,
        profile: profile.to_owned(),
        formats: (formats.iter())
            .take(MOST_FORMATS)
            .filter_map(|format| format.parse().ok())
            .filter(|format| *format < 128)
            .collect(),
        raw_formats: formats.join(" "),
        maps: vec![],
        parameters: vec![],
        address: None,
        rtcp: None,
        rtcp_mux: false,
        direction: Direction::SendRecv,
        crypto: vec![],
    })
}

/// `IN IP4 192.0.2.1`, with or without a time to live.
fn address(value: &str) -> Option<IpAddr> {
    let last = value.split_ascii_whitespace().nth(2)?;
    last.split('/').next()?.parse().ok()
}

fn direction(value: &str) -> Option<Direction> {
    [
        Direction::SendRecv,
        Direction::SendOnly,
        Direction::RecvOnly,
        Direction::Inactive,
    ]
    .into_iter()
    .find(|direction| direction.name() == value)
}

fn attribute(section: &mut Section, value: &str) {
    if let Some(direction) = direction(value) {
        section.direction = direction;
        return;
    }
    let (name, value) = value.split_once(':').unwrap_or((value, ""));
    let numbered = || -> Option<(u8, &str)> {
        let (number, rest) = value.trim().split_once(' ')?;
        Some((number.parse().ok()?, rest.trim()))
    };
    match name {
        "rtpmap" if section.maps.len() < MOST_FORMATS => {
            let Some((number, map)) = numbered() else {
                return;
            };
            let mut parts = map.split('/');
            let (Some(name), Some(clock)) = (parts.next(), parts.next()) else {
                return;
            };
            if let Ok(clock) = clock.parse() {
                section.maps.push((number, name.to_owned(), clock));
            }
        }
        "fmtp" if section.parameters.len() < MOST_FORMATS => {
            if let Some((number, parameters)) = numbered() {
                section.parameters.push((number, parameters.to_owned()));
            }
        }
        "rtcp" => {
            let mut words = value.split_ascii_whitespace();
            if let Some(port) = words.next().and_then(|port| port.parse().ok()) {
                section.rtcp = Some((
                    port,
                    address(value.split_once(' ').map_or("", |(_, at)| at)),
                ));
            }
        }
        "rtcp-mux" => section.rtcp_mux = true,
        "crypto" if section.crypto.len() < MOST_FORMATS => section.crypto.push(value.to_owned()),
        _ => {}
    }
}
