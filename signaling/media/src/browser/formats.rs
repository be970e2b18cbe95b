//! The payload formats of a browser's leg: which we have, and which of a description are those.

use str0m::{
    format::{CodecConfig, FormatParams},
    media::Frequency,
    rtp::{Extension, ExtensionMap},
};

use super::description::{Kind, Section};
use crate::{codec::Codec, sdp::Picture};

/// What a payload type stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Name {
    Sound(Codec),
    /// Digits (RFC 4733), with their clock in Hz.
    Events(u32),
    Vp8,
    /// Constrained baseline, packetization mode 1: what all browsers have (RFC 7742 §6.2).
    H264,
}

/// The codec of pictures of this name.
pub(super) const fn picture_of(name: Name) -> Option<Picture> {
    match name {
        Name::Vp8 => Some(Picture::Vp8),
        Name::H264 => Some(Picture::H264),
        Name::Sound(_) | Name::Events(_) => None,
    }
}

/// One payload type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Format {
    pub(super) pt: u8,
    pub(super) name: Name,
    /// Of retransmissions (RFC 4588).
    pub(super) repair: Option<u8>,
}

impl Format {
    const fn new(pt: u8, name: Name) -> Self {
        Self {
            pt,
            name,
            repair: None,
        }
    }

    pub(super) fn payload_types(self) -> impl Iterator<Item = u8> {
        [Some(self.pt), self.repair].into_iter().flatten()
    }
}

/// All we have, with Chromium's own payload types: they fit what it offers later.
pub(super) const OURS: [Format; 8] = [
    Format::new(111, Name::Sound(Codec::Opus)),
    Format::new(9, Name::Sound(Codec::G722)),
    Format::new(0, Name::Sound(Codec::Pcmu)),
    Format::new(8, Name::Sound(Codec::Pcma)),
    Format::new(110, Name::Events(48_000)),
    Format::new(126, Name::Events(8_000)),
    Format {
        pt: 109,
        name: Name::H264,
        repair: Some(114),
    },
    Format {
        pt: 96,
        name: Name::Vp8,
        repair: Some(97),
    },
];

/// RFC 4733 §2.4.1: the sixteen keys of a telephone.
pub(super) const KEYS: &str = "0-15";
pub(super) const H264_PARAMETERS: &str =
    "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f";

/// Where an m-line's name goes in a packet (RFC 9143 §15.2).
pub(super) const MID_URI: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
/// Sequence numbers by which a browser learns how much the path takes; for pictures alone.
pub(super) const TWCC_URI: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
/// Ours, where we offer.
pub(super) const MID_ID: u8 = 4;
pub(super) const TWCC_ID: u8 = 3;

/// Feedback about pictures that str0m gives and takes.
pub(super) const FEEDBACK: [&str; 4] = ["transport-cc", "ccm fir", "nack", "nack pli"];

pub(super) fn extensions() -> ExtensionMap {
    let mut map = ExtensionMap::empty();
    map.set(MID_ID, Extension::RtpMid);
    map.set(TWCC_ID, Extension::TransportSequenceNumber);
    map
}

/// Gives str0m all of [`OURS`].
pub(super) fn configure(config: &mut CodecConfig) {
    config.clear();
    for format in OURS {
        match format.name {
            Name::Sound(Codec::Opus) => config.enable_opus(true, false),
            Name::Sound(Codec::G722) => config.enable_g722(true, false),
            Name::Sound(Codec::Pcmu) => config.enable_pcmu(true, false),
            Name::Sound(Codec::Pcma) => config.enable_pcma(true, false),
            Name::Events(clock) => config.add_config(
                format.pt.into(),
                None,
                str0m::format::Codec::Tele,
                match clock {
                    8_000 => Frequency::EIGHT_KHZ,
                    _ => Frequency::FORTY_EIGHT_KHZ,
                },
                None,
                FormatParams::default(),
            ),
            Name::H264 => config.add_h264(
                format.pt.into(),
                format.repair.map(Into::into),
                true,
                0x42_e01f,
            ),
            Name::Vp8 => config.add_config(
                format.pt.into(),
                format.repair.map(Into::into),
                str0m::format::Codec::Vp8,
                Frequency::NINETY_KHZ,
                None,
                FormatParams::default(),
            ),
        }
    }
}

/// Those of an m-line that we know, in its order, each name once.
pub(super) fn known(section: &Section) -> Vec<Format> {
    let mut formats: Vec<Format> = vec![];
    for word in &section.formats {
        let Some(pt) = word.parse().ok().filter(|&pt: &u8| pt < 128) else {
            continue;
        };
        let Some(name) = named(section, pt) else {
            continue;
        };
        let fits = match name {
            Name::Sound(_) | Name::Events(_) => section.kind == Kind::Sound,
            Name::Vp8 | Name::H264 => section.kind == Kind::Pictures,
        };
        let twice = formats
            .iter()
            .any(|other| other.pt == pt || other.name == name);
        if fits && !twice {
            formats.push(Format {
                pt,
                name,
                repair: repair(section, pt),
            });
        }
    }
    formats
}

fn named(section: &Section, pt: u8) -> Option<Name> {
    let Some(map) = map(section, pt) else {
        let codec = Codec::ALL
            .into_iter()
            .find(|codec| codec.static_payload_type() == Some(pt));
        return codec.map(Name::Sound);
    };
    let mut parts = map.split('/');
    let name = parts.next()?;
    let clock: u32 = parts.next()?.parse().ok()?;
    let channels = parts.next().unwrap_or("1");
    if let Some(codec) = Codec::named(name) {
        let wanted = match codec {
            Codec::Opus => "2",
            Codec::G722 | Codec::Pcmu | Codec::Pcma => "1",
        };
        return (clock == codec.clock() && channels == wanted).then_some(Name::Sound(codec));
    }
    match (name.to_ascii_lowercase().as_str(), clock) {
        ("telephone-event", 8_000 | 48_000) => Some(Name::Events(clock)),
        ("vp8", 90_000) => Some(Name::Vp8),
        ("h264", 90_000) => {
            let parameters = parameters(section, pt)?.to_ascii_lowercase();
            let get = |wanted: &str| {
                parameters
                    .split(';')
                    .filter_map(|pair| pair.trim().split_once('='))
                    .find(|(name, _)| *name == wanted)
                    .map(|(_, value)| value)
            };
            let baseline = get("profile-level-id")?;
            let fits = baseline.len() == 6
                && (baseline.starts_with("42e0") || baseline.starts_with("42c0"))
                && get("packetization-mode") == Some("1");
            fits.then_some(Name::H264)
        }
        _ => None,
    }
}

/// The payload type that repeats what `pt` lost.
fn repair(section: &Section, pt: u8) -> Option<u8> {
    let apt = format!("apt={pt}");
    section
        .parameters
        .iter()
        .filter(|(_, value)| value.split(';').any(|pair| pair.trim() == apt))
        .map(|&(repair, _)| repair)
        .find(|&repair| {
            repair != pt
                && map(section, repair)
                    .is_some_and(|map| map.to_ascii_lowercase().starts_with("rtx/90000"))
        })
}

fn map(section: &Section, pt: u8) -> Option<&str> {
    let found = section.maps.iter().find(|(number, _)| *number == pt);
    found.map(|(_, map)| map.as_str())
}

fn parameters(section: &Section, pt: u8) -> Option<&str> {
    let found = section.parameters.iter().find(|(number, _)| *number == pt);
    found.map(|(_, value)| value.as_str())
}

/// Whether a description says that feedback of this sort goes for `pt`.
pub(super) fn has_feedback(section: &Section, pt: u8, sort: &str) -> bool {
    section
        .feedback
        .iter()
        .any(|(number, value)| *number == pt && value == sort)
}
