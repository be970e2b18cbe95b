//! What comes of an offer and an answer (RFC 3264 §6, §7).

use super::{
    Agreed, Description, Events, Own, Picture, SdpError, Section, Video,
    write::{self, Form, Sound, head, put},
};
use crate::{anchor::Direction, codec::Codec, srtp::CryptoLine};

/// Answers an offer, with what is agreed by that.
///
/// The offer's first codec that we have is taken; where we want one alone, that one.
///
/// # Errors
///
/// Why there is nothing to agree on.
pub fn answer(own: &Own, offer: &Description) -> Result<(String, Agreed), SdpError> {
    let mut why = SdpError::NoSound;
    let mut chosen = None;
    for (n, section) in offer.sections.iter().enumerate() {
        if section.kind != "audio" || section.port == 0 {
            continue;
        }
        match usable(own, section) {
            Ok(usable) => {
                chosen = Some((n, section, usable));
                break;
            }
            // Of several reasons, the one that something can be done about.
            Err(_) if why == SdpError::NotSecure => {}
            Err(error) => why = error,
        }
    }
    let (chosen, section, (number, codec, crypto)) = chosen.ok_or(why)?;
    let direction = meet(own.direction, section);
    let events = events(section, codec).map(|(number, clock)| Events {
        send_pt: number,
        receive_pt: number,
        clock,
    });
    let comfort = comfort(section, codec);
    let mut text = head(own);
    let mut video = None;
    for (n, other) in offer.sections.iter().enumerate() {
        // Keys for pictures are not kept: where sound is encrypted, pictures are not taken.
        let pictures =
            (n != chosen && other.kind == "video" && video.is_none() && crypto.is_none())
                .then(|| picture(other))
                .flatten();
        if n == chosen {
            let ours: Vec<_> = crypto.iter().map(|(ours, _)| ours.clone()).collect();
            write::audio(
                &mut text,
                own.port,
                &Sound {
                    profile: &section.profile,
                    codecs: vec![(number, codec)],
                    events: events.iter().map(|e| (e.receive_pt, e.clock)).collect(),
                    comfort,
                    direction,
                    crypto: &ours,
                    rtcp_mux: section.rtcp_mux,
                },
            );
        } else if let (Some((number, form)), Some(port)) = (pictures, own.video) {
            let pictures = [(number, form)];
            write::video(
                &mut text,
                port,
                &other.profile,
                &pictures,
                meet(own.direction, other),
            );
            video = Some(Video {
                codec: form.picture(),
                send_pt: number,
                receive_pt: number,
                remote: other.remote(),
                remote_rtcp: other.remote_rtcp(),
            });
        } else {
            let formats = match other.raw_formats.is_empty() {
                true => "0",
                false => &other.raw_formats,
            };
            put(
                &mut text,
                format_args!("m={} 0 {} {formats}\r\n", other.kind, other.profile),
            );
        }
    }
    let agreed = Agreed {
        codec,
        send_pt: number,
        receive: received(section, &[(number, codec)], own),
        events,
        comfort,
        remote: section.remote(),
        remote_rtcp: section.remote_rtcp(),
        rtcp_mux: section.rtcp_mux,
        direction,
        held: holds(section),
        crypto,
        video,
    };
    Ok((text, agreed))
}

/// What an answer to our offer agrees on.
///
/// # Errors
///
/// Why it is none.
pub fn agreed(own: &Own, answer: &Description) -> Result<Agreed, SdpError> {
    let section = (answer.sections.iter())
        .find(|section| section.kind == "audio" && section.port != 0)
        .ok_or(SdpError::NoSound)?;
    let (number, codec) = section
        .formats
        .iter()
        .find_map(|number| {
            let codec = section.codec(*number)?;
            own.codecs.contains(&codec).then_some((*number, codec))
        })
        .ok_or(SdpError::NoCodec)?;
    let crypto = match own.secure.is_empty() {
        true if section.is_secure() => return Err(SdpError::NotSecure),
        true => None,
        false => {
            let theirs = CryptoLine::choose(section.crypto.iter().map(String::as_str))
                .filter(|_| section.is_secure())
                .ok_or(SdpError::NotSecure)?;
            let ours = (own.secure.iter())
                .find(|line| line.tag == theirs.tag && line.suite == theirs.suite)
                .ok_or(SdpError::NotSecure)?;
            Some((ours.clone(), theirs))
        }
    };
    let events = events(section, codec).and_then(|(send_pt, clock)| {
        // Only what we offered comes back (see `write::offer`).
        let is_offered = own.codecs.iter().any(|codec| codec.clock() == clock);
        let receive_pt = match codec {
            Codec::Opus if clock != 8000 => super::EVENTS_48,
            Codec::Opus | Codec::G722 | Codec::Pcmu | Codec::Pcma => super::EVENTS,
        };
        is_offered.then_some(Events {
            send_pt,
            receive_pt,
            clock,
        })
    });
    let video = own.video.filter(|_| own.secure.is_empty()).and_then(|_| {
        let section = (answer.sections.iter())
            .find(|section| section.kind == "video" && section.port != 0)?;
        let (send_pt, form) = picture(section)?;
        Some(Video {
            codec: form.picture(),
            send_pt,
            receive_pt: form.picture().payload_type(),
            remote: section.remote(),
            remote_rtcp: section.remote_rtcp(),
        })
    });
    let offered: Vec<_> = (own.codecs.iter())
        .map(|codec| (write::own_payload_type(*codec), *codec))
        .collect();
    Ok(Agreed {
        codec,
        send_pt: number,
        receive: received(section, &offered, own),
        events,
        comfort: comfort(section, codec),
        remote: section.remote(),
        remote_rtcp: section.remote_rtcp(),
        rtcp_mux: false,
        direction: meet(own.direction, section),
        held: holds(section),
        crypto,
        video,
    })
}

/// What an offered section of sound comes to: payload type, codec, and our key and theirs.
type Usable = (u8, Codec, Option<(CryptoLine, CryptoLine)>);

fn usable(own: &Own, section: &Section) -> Result<Usable, SdpError> {
    let (number, codec) = best(own, section)
        .filter(|_| section.is_rtp())
        .ok_or(SdpError::NoCodec)?;
    let crypto = match section.is_secure() {
        true => {
            let theirs = CryptoLine::choose(section.crypto.iter().map(String::as_str))
                .ok_or(SdpError::NotSecure)?;
            Some((CryptoLine::random(theirs.tag, theirs.suite), theirs))
        }
        false if own.secure.is_empty() => None,
        false => return Err(SdpError::NotSecure),
    };
    Ok((number, codec, crypto))
}

/// Payload type and clock of telephone-events beside this codec.
///
/// They should have its clock (RFC 4733 §2.1); but many who have Opus know them at 8 kHz alone.
fn events(section: &Section, codec: Codec) -> Option<(u8, u32)> {
    [codec.clock(), 8000]
        .into_iter()
        .find_map(|clock| Some((section.events(clock)?, clock)))
}

fn best(own: &Own, section: &Section) -> Option<(u8, Codec)> {
    section.formats.iter().find_map(|number| {
        let codec = section.codec(*number)?;
        own.codecs.contains(&codec).then_some((*number, codec))
    })
}

/// What their payload types mean: ours as we named them, and their own names for what we take (some send by these).
fn received(section: &Section, ours: &[(u8, Codec)], own: &Own) -> Vec<(u8, Codec)> {
    let mut known = ours.to_vec();
    for number in &section.formats {
        if let Some(codec) = section.codec(*number)
            && own.codecs.contains(&codec)
            && known.iter().all(|(other, _)| other != number)
        {
            known.push((*number, codec));
        }
    }
    known
}

fn comfort(section: &Section, codec: Codec) -> Option<u8> {
    if codec == Codec::Opus {
        return None;
    }
    section.formats.iter().copied().find(|number| {
        (section.meaning(*number))
            .is_some_and(|(name, clock)| name.eq_ignore_ascii_case("CN") && clock == 8000)
    })
}

/// The first codec of pictures that is ours, if they are not encrypted.
///
/// H.264 goes as it is from leg to leg, in mode 1 by browsers: others are taken where nothing better is there.
fn picture(section: &Section) -> Option<(u8, Form<'_>)> {
    if section.port == 0 || !section.is_rtp() || section.is_secure() {
        return None;
    }
    let forms =
        || (section.formats.iter()).filter_map(|number| Some((*number, form(section, *number)?)));
    forms()
        .find(|(_, form)| !matches!(form, Form::H264(_, mode) if *mode != "1"))
        .or_else(|| forms().next())
}

fn form(section: &Section, number: u8) -> Option<Form<'_>> {
    let (name, clock) = section.meaning(number)?;
    match Picture::named(name).filter(|_| clock == 90_000)? {
        Picture::Vp8 => Some(Form::Vp8),
        Picture::H264 => {
            // What they leave out is the baseline profile at level 1, in mode 0 (RFC 6184 §8.1).
            let profile = section.parameter(number, "profile-level-id");
            let profile = profile.unwrap_or("42000a");
            let mode = section.parameter(number, "packetization-mode");
            let mode = mode.unwrap_or("0");
            let is_known = profile.len() == 6
                && profile.bytes().all(|digit| digit.is_ascii_hexdigit())
                && matches!(mode, "0" | "1");
            is_known.then_some(Form::H264(profile, mode))
        }
    }
}

/// Who may send: what they want, seen from us, as far as we want it too.
fn meet(ours: Direction, section: &Section) -> Direction {
    let theirs = section.direction.mirrored();
    match (
        // Nobody is at 0.0.0.0 to be sent to (RFC 3264 §8.4).
        ours.sends() && theirs.sends() && !section.is_nowhere(),
        ours.receives() && theirs.receives(),
    ) {
        (true, true) => Direction::SendRecv,
        (true, false) => Direction::SendOnly,
        (false, true) => Direction::RecvOnly,
        (false, false) => Direction::Inactive,
    }
}

/// Whether who wrote it puts us on hold.
fn holds(section: &Section) -> bool {
    section.is_nowhere() || !section.direction.receives()
}
