//! Writes descriptions.

use std::{fmt::Write as _, net::IpAddr};

use super::{COMFORT, EVENTS, EVENTS_48, OPUS, Own, Picture};
use crate::{anchor::Direction, codec::Codec, srtp::CryptoLine};

/// What one of our media sections says of sound.
pub(super) struct Sound<'a> {
    pub(super) profile: &'a str,
    /// Payload types and codecs, best first.
    pub(super) codecs: Vec<(u8, Codec)>,
    /// Payload types and clocks of telephone-events.
    pub(super) events: Vec<(u8, u32)>,
    pub(super) comfort: Option<u8>,
    pub(super) direction: Direction,
    pub(super) crypto: &'a [CryptoLine],
    pub(super) rtcp_mux: bool,
}

/// A codec of pictures as we describe it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form<'a> {
    Vp8,
    /// Profile and packetization mode, which both sides must have the same (RFC 6184 §8.2.2).
    H264(&'a str, &'a str),
}

impl Form<'_> {
    pub(super) const fn picture(self) -> Picture {
        match self {
            Self::Vp8 => Picture::Vp8,
            Self::H264(..) => Picture::H264,
        }
    }
}

/// Our payload type of a codec.
pub(super) fn own_payload_type(codec: Codec) -> u8 {
    codec.static_payload_type().unwrap_or(OPUS)
}

/// Our offer.
#[must_use]
pub fn offer(own: &Own) -> String {
    let mut text = head(own);
    let mut events = Vec::new();
    if own.codecs.iter().any(|codec| *codec != Codec::Opus) {
        events.push((EVENTS, 8000));
    }
    if own.codecs.contains(&Codec::Opus) {
        events.push((EVENTS_48, 48_000));
    }
    let narrow = own.codecs.iter().any(|codec| *codec != Codec::Opus);
    let sound = Sound {
        profile: profile(own.secure.is_empty()),
        codecs: (own.codecs.iter())
            .map(|codec| (own_payload_type(*codec), *codec))
            .collect(),
        events,
        comfort: narrow.then_some(COMFORT),
        direction: own.direction,
        crypto: &own.secure,
        rtcp_mux: false,
    };
    audio(&mut text, own.port, &sound);
    if let Some(port) = own.video.filter(|_| own.secure.is_empty()) {
        let pictures = [
            (Picture::Vp8.payload_type(), Form::Vp8),
            (Picture::H264.payload_type(), Form::H264("42e01f", "1")),
        ];
        // Plain `AVP` with feedback: phones without feedback refuse `AVPF`, those with it look at the attributes.
        video(&mut text, port, "RTP/AVP", &pictures, own.direction);
    }
    text
}

const fn profile(plain: bool) -> &'static str {
    match plain {
        true => "RTP/AVP",
        false => "RTP/SAVP",
    }
}

/// Everything before the media sections.
pub(super) fn head(own: &Own) -> String {
    let (family, address) = family(own.address);
    format!(
        "v=0\r\no=bellwire {} {} IN {family} {address}\r\ns=-\r\nc=IN {family} {address}\r\nt=0 0\r\n",
        own.session, own.version,
    )
}

fn family(address: IpAddr) -> (&'static str, IpAddr) {
    match address {
        IpAddr::V4(_) => ("IP4", address),
        IpAddr::V6(_) => ("IP6", address),
    }
}

pub(super) fn audio(text: &mut String, port: u16, sound: &Sound<'_>) {
    let numbers = (sound.codecs.iter().map(|(number, _)| *number))
        .chain(sound.comfort)
        .chain(sound.events.iter().map(|(number, _)| *number));
    put(text, format_args!("m=audio {port} {}", sound.profile));
    for number in numbers {
        put(text, format_args!(" {number}"));
    }
    text.push_str("\r\n");
    for (number, codec) in &sound.codecs {
        match codec {
            Codec::Opus => put(
                text,
                format_args!(
                    "a=rtpmap:{number} opus/48000/2\r\na=fmtp:{number} useinbandfec=1;maxaveragebitrate=32000\r\n"
                ),
            ),
            Codec::G722 | Codec::Pcmu | Codec::Pcma => put(
                text,
                format_args!("a=rtpmap:{number} {}/8000\r\n", codec.name()),
            ),
        }
    }
    if let Some(number) = sound.comfort {
        put(text, format_args!("a=rtpmap:{number} CN/8000\r\n"));
    }
    for (number, clock) in &sound.events {
        put(
            text,
            format_args!("a=rtpmap:{number} telephone-event/{clock}\r\na=fmtp:{number} 0-15\r\n"),
        );
    }
    for line in sound.crypto {
        put(text, format_args!("a=crypto:{line}\r\n"));
    }
    if sound.rtcp_mux {
        text.push_str("a=rtcp-mux\r\n");
    } else {
        put(text, format_args!("a=rtcp:{}\r\n", port.saturating_add(1)));
    }
    put(
        text,
        format_args!("a=ptime:20\r\na={}\r\n", sound.direction.name()),
    );
}

pub(super) fn video(
    text: &mut String,
    port: u16,
    profile: &str,
    pictures: &[(u8, Form<'_>)],
    direction: Direction,
) {
    put(text, format_args!("m=video {port} {profile}"));
    for (number, _) in pictures {
        put(text, format_args!(" {number}"));
    }
    text.push_str("\r\n");
    for (number, form) in pictures {
        put(
            text,
            format_args!("a=rtpmap:{number} {}/90000\r\n", form.picture().name()),
        );
        if let Form::H264(profile, mode) = form {
            put(
                text,
                format_args!(
                    "a=fmtp:{number} profile-level-id={profile};packetization-mode={mode}\r\n"
                ),
            );
        }
        put(
            text,
            format_args!(
                "a=rtcp-fb:{number} nack\r\na=rtcp-fb:{number} nack pli\r\na=rtcp-fb:{number} ccm fir\r\n"
            ),
        );
    }
    put(
        text,
        format_args!(
            "a=rtcp:{}\r\na={}\r\n",
            port.saturating_add(1),
            direction.name()
        ),
    );
}

/// Writing to memory cannot fail.
pub(super) fn put(text: &mut String, what: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(what);
}
