//! Reading a browser's session description: only what we use, and nothing that we cannot check.
//!
//! Source: RFC 8866, RFC 8829, RFC 9143 (BUNDLE), RFC 8839 (ICE), RFC 8122 (fingerprints).

use crate::anchor::{Direction, MediaError};

/// Chromium's offers have 8 KB.
const MOST_BYTES: usize = 64 * 1024;
const MOST_SECTIONS: usize = 16;

/// What a description says of its connection.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Transport {
    pub(super) ufrag: Option<String>,
    pub(super) password: Option<String>,
    /// Hash function and bytes in hexadecimal, as written.
    pub(super) fingerprint: Option<String>,
    pub(super) setup: Option<Setup>,
}

/// Who begins with DTLS (RFC 4145 §4).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Setup {
    Active,
    Passive,
    ActPass,
}

impl Setup {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Passive => "passive",
            Self::ActPass => "actpass",
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Description {
    /// The m-lines that share one transport, by name.
    pub(super) bundle: Vec<String>,
    pub(super) ice_lite: bool,
    pub(super) transport: Transport,
    pub(super) sections: Vec<Section>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Sound,
    Pictures,
    Other,
}

/// One m-line and what is under it.
#[derive(Clone, Debug)]
pub(super) struct Section {
    pub(super) kind: Kind,
    /// The words of the m-line, to answer in kind where we refuse.
    pub(super) media: String,
    pub(super) protocol: String,
    pub(super) formats: Vec<String>,
    port: u16,
    bundle_only: bool,
    pub(super) mid: String,
    pub(super) transport: Transport,
    pub(super) direction: Direction,
    pub(super) maps: Vec<(u8, String)>,
    pub(super) parameters: Vec<(u8, String)>,
    pub(super) feedback: Vec<(u8, String)>,
    pub(super) extensions: Vec<(u8, String)>,
    pub(super) ssrcs: Vec<u32>,
    /// Sources and those that repair them.
    pub(super) repairs: Vec<(u32, u32)>,
    pub(super) msid: Option<String>,
}

impl Section {
    /// Whether the far end wants this m-line: port 0 alone is no refusal where it is bundled.
    pub(super) fn is_live(&self) -> bool {
        (self.port != 0 || self.bundle_only)
            && !self.mid.is_empty()
            && self.protocol.contains("/TLS/RTP/SAVP")
    }
}

impl Description {
    /// # Errors
    ///
    /// [`MediaError::Description`].
    pub(super) fn read(text: &str) -> Result<Self, MediaError> {
        if text.len() > MOST_BYTES {
            return Err(refused("it is too long"));
        }
        let mut description = Self::default();
        let mut lines = text
            .lines()
            .map(str::trim_end)
            .filter(|line| !line.is_empty());
        if lines.next() != Some("v=0") {
            return Err(refused("it does not begin with v=0"));
        }
        for line in lines {
            let Some((kind, value)) = line.split_once('=') else {
                return Err(refused("a line has no equals sign"));
            };
            match kind {
                "m" if description.sections.len() == MOST_SECTIONS => {
                    return Err(refused("it has too many m-lines"));
                }
                "m" => description.sections.push(Section::read(value)?),
                "a" => {
                    let (name, value) = value.split_once(':').unwrap_or((value, ""));
                    match description.sections.last_mut() {
                        Some(section) => section.attribute(name, value.trim())?,
                        None => description.attribute(name, value.trim())?,
                    }
                }
                _ => {}
            }
        }
        if description.sections.is_empty() {
            return Err(refused("it has no m-lines"));
        }
        description.check_names()?;
        Ok(description)
    }

    fn attribute(&mut self, name: &str, value: &str) -> Result<(), MediaError> {
        match name {
            "group" => {
                if let Some(mids) = value.strip_prefix("BUNDLE") {
                    self.bundle = mids.split_whitespace().map(str::to_owned).collect();
                }
            }
            "ice-lite" => self.ice_lite = true,
            _ => self.transport.attribute(name, value)?,
        }
        Ok(())
    }

    /// Names are unique, and where there is more than one m-line every one has one.
    fn check_names(&mut self) -> Result<(), MediaError> {
        if let [only] = self.sections.as_mut_slice()
            && only.mid.is_empty()
        {
            return Err(refused("a=mid is missing"));
        }
        for (index, section) in self.sections.iter().enumerate() {
            if section.mid.is_empty() {
                return Err(refused("a=mid is missing"));
            }
            let again = self.sections.iter().skip(index + 1);
            if again.into_iter().any(|other| other.mid == section.mid) {
                return Err(refused("two m-lines have one a=mid"));
            }
        }
        Ok(())
    }

    /// Whether `section` can share a transport with `first`.
    pub(super) fn bundled(&self, first: &Section, section: &Section) -> bool {
        [first, section]
            .iter()
            .all(|one| self.bundle.contains(&one.mid))
    }

    /// What holds for `section`: its own words, and the session's where it has none.
    pub(super) fn transport_of(&self, section: &Section) -> Transport {
        let (own, all) = (&section.transport, &self.transport);
        let tagged = self
            .sections
            .iter()
            .find(|other| self.bundled(other, section))
            .map_or(own, |other| &other.transport);
        let pick = |get: fn(&Transport) -> &Option<String>| {
            [own, tagged, all]
                .into_iter()
                .find_map(|one| get(one).clone())
        };
        Transport {
            ufrag: pick(|one| &one.ufrag),
            password: pick(|one| &one.password),
            fingerprint: pick(|one| &one.fingerprint),
            setup: own.setup.or(tagged.setup).or(all.setup),
        }
    }
}

impl Section {
    fn read(value: &str) -> Result<Self, MediaError> {
        let mut words = value.split_whitespace();
        let (Some(media), Some(port), Some(protocol)) = (words.next(), words.next(), words.next())
        else {
            return Err(refused("an m-line is too short"));
        };
        let port = port.split('/').next().unwrap_or_default();
        Ok(Self {
            kind: match media {
                "audio" => Kind::Sound,
                "video" => Kind::Pictures,
                _ => Kind::Other,
            },
            media: media.to_owned(),
            protocol: protocol.to_owned(),
            formats: words.map(str::to_owned).collect(),
            port: port.parse().map_err(|_| refused("an m-line has no port"))?,
            bundle_only: false,
            mid: String::new(),
            transport: Transport::default(),
            direction: Direction::SendRecv,
            maps: vec![],
            parameters: vec![],
            feedback: vec![],
            extensions: vec![],
            ssrcs: vec![],
            repairs: vec![],
            msid: None,
        })
    }

    fn attribute(&mut self, name: &str, value: &str) -> Result<(), MediaError> {
        match name {
            "mid" => {
                // str0m has sixteen letters and digits for it.
                if !is_plain(value, 16) {
                    return Err(refused("an a=mid is not of at most 16 letters and digits"));
                }
                value.clone_into(&mut self.mid);
            }
            "bundle-only" => self.bundle_only = true,
            "sendrecv" => self.direction = Direction::SendRecv,
            "sendonly" => self.direction = Direction::SendOnly,
            "recvonly" => self.direction = Direction::RecvOnly,
            "inactive" => self.direction = Direction::Inactive,
            "rtpmap" => self.maps.extend(numbered(value)),
            "fmtp" => self.parameters.extend(numbered(value)),
            "rtcp-fb" => self.feedback.extend(numbered(value)),
            "extmap" => {
                if let Some((id, uri)) = value.split_once(' ') {
                    let id = id.split('/').next().and_then(|id| id.parse().ok());
                    let uri = uri.split(' ').next().unwrap_or_default().to_owned();
                    self.extensions.extend(id.map(|id| (id, uri)));
                }
            }
            "ssrc" => {
                let ssrc = value.split(' ').next().and_then(|ssrc| ssrc.parse().ok());
                if let Some(ssrc) = ssrc.filter(|ssrc| !self.ssrcs.contains(ssrc)) {
                    self.ssrcs.push(ssrc);
                }
            }
            "ssrc-group" => {
                let mut words = value.split(' ');
                if words.next() == Some("FID") {
                    let mut numbers = words.filter_map(|word| word.parse().ok());
                    if let (Some(source), Some(repair)) = (numbers.next(), numbers.next()) {
                        self.repairs.push((source, repair));
                    }
                }
            }
            "msid" => self.msid = Some(value.to_owned()),
            _ => self.transport.attribute(name, value)?,
        }
        Ok(())
    }
}

impl Transport {
    fn attribute(&mut self, name: &str, value: &str) -> Result<(), MediaError> {
        match name {
            "ice-ufrag" => {
                if !(4..=256).contains(&value.len()) || !value.bytes().all(is_ice) {
                    return Err(refused("a=ice-ufrag is malformed"));
                }
                self.ufrag = Some(value.to_owned());
            }
            "ice-pwd" => {
                if !(22..=256).contains(&value.len()) || !value.bytes().all(is_ice) {
                    return Err(refused("a=ice-pwd is malformed"));
                }
                self.password = Some(value.to_owned());
            }
            "fingerprint" => {
                // Of several the strongest that everybody has; SHA-1 is no proof any more.
                let sha256 = value.to_ascii_lowercase().starts_with("sha-256 ");
                if sha256 && !is_sha256(value) {
                    return Err(refused("a=fingerprint is malformed"));
                }
                if sha256 && self.fingerprint.is_none() {
                    self.fingerprint = Some(value.to_owned());
                }
            }
            "setup" => {
                self.setup = Some(match value {
                    "active" => Setup::Active,
                    "passive" => Setup::Passive,
                    "actpass" => Setup::ActPass,
                    _ => return Err(refused("a=setup is none that DTLS has")),
                });
            }
            _ => {}
        }
        Ok(())
    }
}

/// `value` without its leading payload type.
fn numbered(value: &str) -> Option<(u8, String)> {
    let (number, rest) = value.split_once(' ')?;
    let number = number.parse().ok().filter(|&number: &u8| number < 128)?;
    Some((number, rest.trim().to_owned()))
}

fn is_plain(value: &str, most: usize) -> bool {
    (1..=most).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_ice(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}

fn is_sha256(value: &str) -> bool {
    let bytes = value.split_once(' ').map_or("", |(_, bytes)| bytes);
    let pairs: Vec<&str> = bytes.split(':').collect();
    pairs.len() == 32
        && pairs
            .iter()
            .all(|pair| pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

pub(super) fn refused(why: &str) -> MediaError {
    MediaError::Description(why.to_owned())
}
