//! Descriptions of browsers: what theirs say of sound and of the connection, and ours, made of what the daemon opened.
//! Pictures are refused.
//!
//! Source: RFC 8829 §5.2 and §5.3, RFC 9143 (the group that the daemon's own answers lack), RFC 8839.

use std::{
    fmt::Write as _,
    net::{IpAddr, SocketAddr},
};

use super::words::{Opened, Sound, write_codec, write_events};
use crate::{
    anchor::{Direction, MediaError, Want},
    codec::Codec,
    sdp,
};

/// Our payload types towards browsers: those that Chromium has itself.
const OPUS: u8 = 111;
const EVENTS: u8 = 126;
const EVENTS_48: u8 = 110;
/// The most candidates that are passed on.
const MOST_CANDIDATES: usize = 32;
/// The longest attribute that is passed on.
const MOST_LETTERS: usize = 512;
/// Where a page seems to be that told no address: ICE finds it. Nobody has this one (RFC 5737).
const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)), 9);

/// Who opens the DTLS connection (RFC 8842).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Setup {
    #[default]
    ActPass,
    Active,
    Passive,
}

impl Setup {
    const fn name(self) -> &'static str {
        match self {
            Self::ActPass => "actpass",
            Self::Active => "active",
            Self::Passive => "passive",
        }
    }

    /// What the other one is then.
    pub(super) const fn other(self) -> Self {
        match self {
            Self::Passive => Self::Active,
            Self::Active | Self::ActPass => Self::Passive,
        }
    }
}

/// ICE and DTLS of one side.
#[derive(Clone, Default, Eq, PartialEq)]
pub(super) struct Transport {
    ufrag: String,
    password: String,
    fingerprint: String,
    pub(super) setup: Setup,
    candidates: Vec<String>,
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Transport")
            .field("ufrag", &self.ufrag)
            .field("setup", &self.setup)
            .finish_non_exhaustive()
    }
}

impl Transport {
    /// What these lines say of it; later ones count.
    pub(super) fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let mut transport = Self::default();
        for line in lines.filter(|line| line.len() <= MOST_LETTERS) {
            let Some((name, value)) = line
                .trim_end()
                .strip_prefix("a=")
                .and_then(|line| line.split_once(':'))
            else {
                continue;
            };
            match name {
                "ice-ufrag" => value.clone_into(&mut transport.ufrag),
                "ice-pwd" => value.clone_into(&mut transport.password),
                "fingerprint" => value.clone_into(&mut transport.fingerprint),
                "setup" => {
                    transport.setup = match value {
                        "active" => Setup::Active,
                        "passive" => Setup::Passive,
                        _ => Setup::ActPass,
                    }
                }
                "candidate"
                    if transport.candidates.len() < MOST_CANDIDATES && address(value).is_some() =>
                {
                    transport.candidates.push(value.to_owned());
                }
                _ => {}
            }
        }
        transport
    }

    /// As lines of a media section.
    pub(super) fn write(&self, text: &mut String) {
        let (ufrag, password) = (&self.ufrag, &self.password);
        // Writing to memory cannot fail.
        let _ = write!(text, "a=ice-ufrag:{ufrag}\r\na=ice-pwd:{password}\r\n");
        let (fingerprint, setup) = (&self.fingerprint, self.setup.name());
        let _ = write!(text, "a=fingerprint:{fingerprint}\r\na=setup:{setup}\r\n");
        for candidate in &self.candidates {
            let _ = write!(text, "a=candidate:{candidate}\r\n");
        }
        text.push_str("a=end-of-candidates\r\n");
    }

    /// Names this address in all its own candidates of that family.
    fn move_to(&mut self, public: IpAddr) {
        for candidate in &mut self.candidates {
            let own = address(candidate).filter(|own| own.is_ipv4() == public.is_ipv4());
            if own.is_some() && candidate.contains(" typ host") {
                let moved = candidate.split_ascii_whitespace().enumerate();
                let words: Vec<_> = moved
                    .map(|(n, word)| {
                        if n == 4 {
                            public.to_string()
                        } else {
                            word.to_owned()
                        }
                    })
                    .collect();
                *candidate = words.join(" ");
            }
        }
    }

    /// Where the page is, as far as it tells: names of mDNS tell nothing.
    pub(super) fn remote(&self) -> SocketAddr {
        let mut addresses = self.candidates.iter().filter_map(|value| address(value));
        let first = addresses.next();
        (first.into_iter().chain(addresses))
            .find(SocketAddr::is_ipv4)
            .or(first)
            .unwrap_or(NOWHERE)
    }
}

/// The address of a UDP candidate of RTP.
fn address(candidate: &str) -> Option<SocketAddr> {
    let mut words = candidate.split_ascii_whitespace();
    let (_foundation, component, protocol) = (words.next()?, words.next()?, words.next()?);
    let (_priority, ip, port) = (words.next()?, words.next()?, words.next()?);
    let fits = component == "1" && protocol.eq_ignore_ascii_case("udp");
    fits.then_some(SocketAddr::new(ip.parse().ok()?, port.parse().ok()?))
}

/// A browser's description.
#[derive(Debug)]
pub(super) struct Page {
    sections: Vec<Section>,
    /// Which of them is taken.
    audio: usize,
    /// What was agreed about sound.
    pub(super) sound: Sound,
    /// Who may send, seen from the page.
    pub(super) direction: Direction,
    pub(super) transport: Transport,
}

#[derive(Debug)]
struct Section {
    kind: String,
    protocol: String,
    format: String,
    mid: Option<String>,
}

impl Page {
    /// Reads it, and chooses the first of its codecs that is wanted.
    pub(super) fn read(text: &str, want: &Want) -> Result<Self, MediaError> {
        let description = sdp::read(text)?;
        let refused = |why: &str| MediaError::Description(why.into());
        let audio = (description.sections.iter())
            .position(|section| section.kind == "audio" && section.port != 0)
            .ok_or_else(|| refused("there is no sound in it"))?;
        let section =
            (description.sections.get(audio)).ok_or_else(|| refused("there is no sound in it"))?;
        if !section.profile.contains("TLS") {
            return Err(MediaError::NotSecure);
        }
        let wanted = want.codecs();
        let (pt, codec) = (section.formats.iter())
            .find_map(|pt| Some((*pt, section.codec(*pt).filter(|c| wanted.contains(c))?)))
            .ok_or(MediaError::NoCodec)?;
        let (session, parts) = parts(text);
        let own = parts.get(audio).map(Vec::as_slice).unwrap_or_default();
        let transport = Transport::read(session.iter().chain(own).copied());
        if transport.ufrag.is_empty() || transport.password.is_empty() {
            return Err(refused("it tells nothing of ICE"));
        }
        if transport.fingerprint.is_empty() {
            return Err(MediaError::NotSecure);
        }
        let sections = (description.sections.iter())
            .enumerate()
            .map(|(n, section)| Section {
                kind: section.kind.clone(),
                protocol: section.profile.clone(),
                format: section.raw_formats.clone(),
                mid: parts.get(n).and_then(|lines| mid(lines)),
            })
            .collect();
        let clock = codec.clock();
        Ok(Self {
            sections,
            audio,
            sound: Sound {
                codec,
                pt,
                events: section.events(clock).map(|pt| (pt, clock)),
            },
            direction: section.direction,
            transport,
        })
    }

    /// Our answer.
    pub(super) fn answer(&self, own: &Written<'_>) -> String {
        let name = |n: usize, section: &Section| section.mid.clone().unwrap_or(n.to_string());
        let audio = (self.sections.get(self.audio))
            .map_or_else(String::new, |section| name(self.audio, section));
        let mut text = own.head(&audio);
        for (n, section) in self.sections.iter().enumerate() {
            match n == self.audio {
                true => own.audio(&mut text, &audio, &[self.sound]),
                false => {
                    let Section {
                        kind,
                        protocol,
                        format,
                        mid: _,
                    } = section;
                    let mid = name(n, section);
                    let _ = write!(
                        text,
                        "m={kind} 0 {protocol} {format}\r\nc=IN IP4 0.0.0.0\r\na=mid:{mid}\r\na=inactive\r\n"
                    );
                }
            }
        }
        text
    }
}

/// The lines before the first media section, and those of each.
fn parts(text: &str) -> (Vec<&str>, Vec<Vec<&str>>) {
    let (mut session, mut parts) = (Vec::new(), Vec::<Vec<&str>>::new());
    for line in text.lines().map(str::trim_end) {
        if line.starts_with("m=") {
            parts.push(Vec::new());
        }
        parts.last_mut().unwrap_or(&mut session).push(line);
    }
    (session, parts)
}

fn mid(lines: &[&str]) -> Option<String> {
    let mid = lines.iter().find_map(|line| line.strip_prefix("a=mid:"))?;
    Some(mid.chars().take(32).collect())
}

/// What is needed to write a description of ours for a browser.
#[derive(Debug)]
pub(super) struct Written<'a> {
    pub(super) session: u64,
    pub(super) version: u64,
    pub(super) opened: &'a Opened,
    /// What to name instead of the daemon's address.
    pub(super) public: Option<IpAddr>,
    pub(super) setup: Setup,
    pub(super) direction: Direction,
}

impl Written<'_> {
    /// Our offer of these codecs.
    pub(super) fn offer(&self, codecs: &[Codec]) -> String {
        let mut text = self.head("0");
        self.audio(&mut text, "0", &sounds(codecs));
        text
    }

    fn head(&self, bundle: &str) -> String {
        let (session, version) = (self.session, self.version);
        format!(
            "v=0\r\no=bellwire {session} {version} IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
             a=group:BUNDLE {bundle}\r\na=msid-semantic: WMS *\r\n"
        )
    }

    fn audio(&self, text: &mut String, mid: &str, sounds: &[Sound]) {
        let address = self.public.unwrap_or(self.opened.at.ip());
        let port = self.opened.at.port();
        let family = if address.is_ipv4() { "IP4" } else { "IP6" };
        let mut events: Vec<_> = sounds.iter().filter_map(|sound| sound.events).collect();
        events.sort_unstable();
        events.dedup();
        let _ = write!(text, "m=audio {port} UDP/TLS/RTP/SAVPF");
        for pt in (sounds.iter().map(|sound| sound.pt)).chain(events.iter().map(|(pt, _)| *pt)) {
            let _ = write!(text, " {pt}");
        }
        let _ = write!(text, "\r\nc=IN {family} {address}\r\n");
        text.push_str("a=rtcp-mux\r\n");
        let mut transport = self.opened.transport.clone();
        transport.setup = self.setup;
        if let Some(public) = self.public {
            transport.move_to(public);
        }
        transport.write(text);
        let _ = write!(text, "a=mid:{mid}\r\na={}\r\n", self.direction.name());
        if self.direction.sends() {
            text.push_str("a=msid:bellwire bellwire-sound\r\n");
        }
        for sound in sounds {
            write_codec(text, sound.pt, sound.codec);
        }
        for (pt, clock) in events {
            write_events(text, pt, clock);
        }
        text.push_str("a=ptime:20\r\n");
    }
}

/// Our payload types of these codecs towards browsers.
pub(super) fn sounds(codecs: &[Codec]) -> Vec<Sound> {
    (codecs.iter())
        .map(|codec| Sound {
            codec: *codec,
            pt: codec.static_payload_type().unwrap_or(OPUS),
            events: Some(match codec {
                Codec::Opus => (EVENTS_48, 48_000),
                Codec::G722 | Codec::Pcmu | Codec::Pcma => (EVENTS, 8000),
            }),
        })
        .collect()
}

#[cfg(test)]
mod tests;
