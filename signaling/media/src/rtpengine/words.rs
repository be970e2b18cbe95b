//! Descriptions for the daemon and from it: of the far end in its plainest form, and of the inner side.

use std::{
    fmt::Write as _,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use super::page::Transport;
use crate::{
    anchor::{Direction, MediaError},
    codec::Codec,
    srtp::CryptoLine,
};

/// Which payload types mean what on one side of a leg.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Sound {
    pub(super) codec: Codec,
    pub(super) pt: u8,
    /// Payload type and clock of digits.
    pub(super) events: Option<(u8, u32)>,
}

/// How the far end is spoken to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Way {
    /// RTP.
    Plain,
    /// SRTP with the key of this line.
    Keys(CryptoLine),
    /// ICE and DTLS-SRTP.
    Page(Transport),
}

impl Way {
    pub(super) const fn protocol(&self) -> &'static str {
        match self {
            Self::Plain => "RTP/AVP",
            Self::Keys(_) => "RTP/SAVP",
            Self::Page(_) => "UDP/TLS/RTP/SAVPF",
        }
    }
}

/// The far end as the daemon is told of it.
#[derive(Clone, Debug)]
pub(super) struct Far {
    pub(super) sound: Sound,
    pub(super) remote: SocketAddr,
    pub(super) remote_rtcp: SocketAddr,
    pub(super) rtcp_mux: bool,
    pub(super) way: Way,
    /// Who may send, seen from us.
    pub(super) direction: Direction,
}

impl Far {
    /// Its description.
    pub(super) fn text(&self) -> String {
        let mut text = head(self.remote.ip());
        let protocol = self.way.protocol();
        media(&mut text, self.remote.port(), protocol, &[self.sound]);
        // Writing to memory cannot fail.
        let _ = match self.rtcp_mux {
            true => write!(text, "a=rtcp-mux\r\n"),
            false => {
                let (port, ip) = (self.remote_rtcp.port(), self.remote_rtcp.ip());
                write!(text, "a=rtcp:{port} IN {} {ip}\r\n", family(ip))
            }
        };
        match &self.way {
            Way::Plain => {}
            Way::Keys(line) => {
                let _ = write!(text, "a=crypto:{line}\r\n");
            }
            Way::Page(transport) => transport.write(&mut text),
        }
        let _ = write!(text, "a={}\r\n", self.direction.mirrored().name());
        text
    }
}

/// The inner side: whatever comes from another leg has these payload types. It is sent nothing,
/// which also makes a leg live as long as the daemon's `silent-timeout` when nobody speaks.
pub(super) fn inner(sounds: &[Sound]) -> String {
    let mut text = head(Ipv4Addr::LOCALHOST.into());
    media(&mut text, 9, "RTP/AVP", sounds);
    text.push_str("a=ptime:20\r\na=sendonly\r\n");
    text
}

/// The far side of a subscription: another leg's inner side, which takes what comes.
pub(super) fn listener(at: SocketAddr, sound: Sound) -> String {
    let mut text = head(at.ip());
    media(&mut text, at.port(), "RTP/AVP", &[sound]);
    text.push_str("a=recvonly\r\n");
    text
}

fn head(address: IpAddr) -> String {
    let family = family(address);
    format!(
        "v=0\r\no=bellwire 1 1 IN {family} {address}\r\ns=-\r\nc=IN {family} {address}\r\nt=0 0\r\n"
    )
}

const fn family(address: IpAddr) -> &'static str {
    match address {
        IpAddr::V4(_) => "IP4",
        IpAddr::V6(_) => "IP6",
    }
}

fn media(text: &mut String, port: u16, protocol: &str, sounds: &[Sound]) {
    let mut events: Vec<_> = sounds.iter().filter_map(|sound| sound.events).collect();
    events.sort_unstable();
    events.dedup();
    let _ = write!(text, "m=audio {port} {protocol}");
    for pt in (sounds.iter().map(|sound| sound.pt)).chain(events.iter().map(|(pt, _)| *pt)) {
        let _ = write!(text, " {pt}");
    }
    text.push_str("\r\n");
    for sound in sounds {
        write_codec(text, sound.pt, sound.codec);
    }
    for (pt, clock) in events {
        write_events(text, pt, clock);
    }
}

pub(super) fn write_codec(text: &mut String, pt: u8, codec: Codec) {
    let _ = match codec {
        Codec::Opus => write!(
            text,
            "a=rtpmap:{pt} opus/48000/2\r\na=fmtp:{pt} useinbandfec=1;maxaveragebitrate=32000\r\n"
        ),
        Codec::G722 | Codec::Pcmu | Codec::Pcma => {
            write!(text, "a=rtpmap:{pt} {}/8000\r\n", codec.name())
        }
    };
}

pub(super) fn write_events(text: &mut String, pt: u8, clock: u32) {
    let _ = write!(
        text,
        "a=rtpmap:{pt} telephone-event/{clock}\r\na=fmtp:{pt} 0-15\r\n"
    );
}

/// The daemon's name of a codec.
pub(super) const fn name(codec: Codec) -> &'static str {
    match codec {
        Codec::Opus => "opus",
        Codec::G722 => "G722",
        Codec::Pcmu => "PCMU",
        Codec::Pcma => "PCMA",
    }
}

/// What the daemon opened for us on one side of a leg.
#[derive(Clone, Debug)]
pub(super) struct Opened {
    pub(super) at: SocketAddr,
    /// Its keys, those that we know.
    pub(super) keys: Vec<CryptoLine>,
    /// For a page.
    pub(super) transport: Transport,
}

impl Opened {
    /// Reads it out of the daemon's description.
    pub(super) fn read(text: &str) -> Result<Self, MediaError> {
        let unclear = || MediaError::Description("rtpengine's own cannot be read".into());
        let description = crate::sdp::read(text)?;
        let section = description.sections.first().ok_or_else(unclear)?;
        let at = section.remote();
        if at.port() == 0 || at.ip().is_unspecified() {
            return Err(unclear());
        }
        Ok(Self {
            at,
            keys: (section.crypto.iter())
                .filter_map(|line| line.parse().ok())
                .collect(),
            transport: Transport::read(text.lines()),
        })
    }
}
