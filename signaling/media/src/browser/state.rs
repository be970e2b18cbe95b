//! What was negotiated with a page, and the judgement of what it describes. Changes nothing in str0m.
//!
//! Source: RFC 3264, RFC 8829 §5.

use str0m::{change::SdpPendingOffer, media::Mid};

use super::{
    AgreedBrowser, Media,
    description::{Description, Kind, Section, Setup, refused},
    formats::{self, Format, MID_ID, MID_URI, Name, TWCC_ID, TWCC_URI},
    mid,
    writing::{Extensions, Own, Remote},
};
use crate::{
    anchor::{Direction, MediaError},
    codec::Codec,
};

/// What was negotiated, and what is being.
pub(super) struct State {
    pub(super) session: u64,
    pub(super) version: u64,
    /// The m-lines in the order of the descriptions.
    pub(super) lines: Vec<Known>,
    /// The m-lines of sound and pictures in the order in which str0m came to know them.
    pub(super) media: Vec<Stream>,
    /// Payload types that were agreed once: they stand for the same thing for ever.
    pub(super) locked: Vec<Format>,
    pub(super) extensions: Extensions,
    pub(super) remote: Option<Remote>,
    pub(super) pending: Option<Pending>,
    pub(super) agreed: Option<AgreedBrowser>,
    pub(super) sound: Option<Mid>,
    pub(super) pictures: Option<Mid>,
}

/// An m-line of the descriptions.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) mid: String,
    pub(super) media: String,
    pub(super) protocol: String,
    pub(super) format: String,
    pub(super) refused: bool,
}

/// An m-line that str0m knows.
#[derive(Clone)]
pub(super) struct Stream {
    pub(super) mid: String,
    pub(super) kind: Kind,
    pub(super) formats: Vec<Format>,
    pub(super) dead: bool,
    pub(super) own: Own,
}

/// Our offer.
pub(super) struct Pending {
    pub(super) str0m: Option<SdpPendingOffer>,
    pub(super) lines: Vec<Known>,
    /// Those that the offer adds.
    pub(super) new: Vec<Stream>,
    pub(super) sound: String,
    pub(super) sounds: Vec<Format>,
    pub(super) direction: Direction,
    pub(super) pictures: Option<Pictures>,
}

pub(super) struct Pictures {
    pub(super) mid: String,
    pub(super) formats: Vec<Format>,
    pub(super) direction: Direction,
}

/// An m-line that both sides use.
pub(super) struct Chosen<'a> {
    pub(super) section: &'a Section,
    pub(super) formats: Vec<Format>,
}

impl State {
    pub(super) fn new() -> Self {
        let mut random = [0; 8];
        // A session's number need only differ from others': 0 would do.
        let _ = getrandom::fill(&mut random);
        Self {
            session: u64::from_be_bytes(random) >> 2,
            version: 0,
            lines: vec![],
            media: vec![],
            locked: vec![],
            extensions: Extensions::default(),
            remote: None,
            pending: None,
            agreed: None,
            sound: None,
            pictures: None,
        }
    }

    pub(super) fn agreed(&self) -> Option<&AgreedBrowser> {
        self.agreed.as_ref()
    }

    pub(super) fn pictures(&self) -> Option<Mid> {
        self.agreed.as_ref()?.video.as_ref()?;
        self.pictures
    }

    /// The m-line to send a packet on, where that was agreed.
    pub(super) fn sends(&self, media: Media, pt: u8) -> Option<Mid> {
        let agreed = self.agreed.as_ref()?;
        match media {
            Media::Audio => {
                let fits = pt == agreed.send_pt || agreed.events.is_some_and(|(own, _)| own == pt);
                self.sound.filter(|_| fits && agreed.direction.sends())
            }
            Media::Video => {
                let video = agreed.video.as_ref()?;
                let fits = video.pt == pt && video.direction.sends();
                self.pictures.filter(|_| fits)
            }
        }
    }

    /// What a payload type that came stands for, where it was agreed.
    pub(super) fn receives(&self, pt: u8) -> Option<Media> {
        let agreed = self.agreed.as_ref()?;
        let sound = agreed.receive.iter().any(|&(own, _)| own == pt)
            || agreed.events.is_some_and(|(own, _)| own == pt);
        if sound {
            return Some(Media::Audio);
        }
        let video = agreed.video.as_ref().filter(|video| video.pt == pt);
        video.map(|_| Media::Video)
    }

    pub(super) fn stream(&self, mid: &str) -> Option<&Stream> {
        self.media.iter().find(|stream| stream.mid == mid)
    }

    /// The m-lines of a later description are those of the earlier, and perhaps more.
    pub(super) fn check_order(&self, description: &Description) -> Result<(), MediaError> {
        if description.sections.len() < self.lines.len() {
            return Err(refused("it has fewer m-lines than before"));
        }
        for (index, section) in description.sections.iter().enumerate() {
            if let Some(line) = self.lines.get(index) {
                let same = line.mid == section.mid && line.media == section.media;
                // The place of a refused one may be used anew (RFC 8829 §5.2.2).
                if !same && !line.refused {
                    return Err(refused("its m-lines changed their order"));
                }
                if same {
                    continue;
                }
            }
            let elsewhere = self.lines.iter().any(|line| line.mid == section.mid);
            if elsewhere || self.stream(&section.mid).is_some() {
                return Err(refused("an m-line took the name of another"));
            }
        }
        Ok(())
    }

    /// The formats of an m-line whose payload types mean what they always did, and nothing that
    /// `others` mean.
    pub(super) fn usable(
        &self,
        rtc: &str0m::Rtc,
        section: &Section,
        others: &[Format],
    ) -> Vec<Format> {
        let new = self.stream(&section.mid).is_none();
        let mut taken: Vec<u8> = others.iter().flat_map(|one| one.payload_types()).collect();
        let mut usable = vec![];
        for mut format in formats::known(section) {
            if let Some(locked) = self.locked.iter().find(|one| one.name == format.name) {
                if locked.pt != format.pt {
                    continue;
                }
                format.repair = format.repair.filter(|_| format.repair == locked.repair);
            } else if new {
                let clash = |pt| {
                    let mut locked = self.locked.iter().flat_map(|one| one.payload_types());
                    locked.any(|other| other == pt)
                };
                if clash(format.pt) {
                    continue;
                }
                format.repair = format.repair.filter(|&pt| !clash(pt));
            } else {
                // str0m takes on other payload types with a new m-line alone.
                match current(rtc, format.name) {
                    Some(own) if own.pt == format.pt => {
                        format.repair = format.repair.filter(|_| format.repair == own.repair);
                    }
                    Some(_) | None => continue,
                }
            }
            if format.payload_types().any(|pt| taken.contains(&pt)) {
                continue;
            }
            taken.extend(format.payload_types());
            usable.push(format);
        }
        usable
    }

    /// The m-line for sound, or for pictures: the one that is in use, or the first that may be.
    pub(super) fn choose<'a>(
        &self,
        rtc: &str0m::Rtc,
        description: &'a Description,
        kind: Kind,
        current: Option<Mid>,
        first: Option<&Chosen<'_>>,
    ) -> Option<Chosen<'a>> {
        let others = first.map_or(&[][..], |first| first.formats.as_slice());
        let usable = description
            .sections
            .iter()
            .filter(|section| section.kind == kind && section.is_live())
            .filter(|section| self.stream(&section.mid).is_none_or(|known| !known.dead))
            .filter(|section| first.is_none_or(|first| description.bundled(first.section, section)))
            .map(|section| Chosen {
                section,
                formats: self.usable(rtc, section, others),
            })
            .filter(|chosen| {
                let media = |format: &Format| !matches!(format.name, Name::Events(_));
                chosen.formats.iter().any(media)
            });
        let mut usable: Vec<Chosen<'a>> = usable.collect();
        if usable.is_empty() {
            return None;
        }
        let at = usable
            .iter()
            .position(|chosen| current == Some(mid(&chosen.section.mid)));
        Some(usable.swap_remove(at.unwrap_or(0)))
    }

    /// How the page is to be reached. Only an offer may change its ICE credentials, and nothing
    /// its certificate.
    pub(super) fn remote(
        &self,
        description: &Description,
        section: &Section,
        is_offer: bool,
    ) -> Result<(Remote, Setup), MediaError> {
        if description.ice_lite {
            return Err(refused("both sides are ICE-lite"));
        }
        let transport = description.transport_of(section);
        let (Some(ufrag), Some(password)) = (transport.ufrag, transport.password) else {
            return Err(refused("a=ice-ufrag or a=ice-pwd is missing"));
        };
        let Some(fingerprint) = transport.fingerprint else {
            return Err(refused("a=fingerprint with sha-256 is missing"));
        };
        if let Some(before) = &self.remote {
            if !before.fingerprint.eq_ignore_ascii_case(&fingerprint) {
                return Err(refused("its certificate is not the one of before"));
            }
            if !is_offer && (before.ufrag != ufrag || before.password != password) {
                return Err(refused("an answer restarts ICE, which we did not offer"));
            }
        }
        let setup = match transport.setup {
            Some(Setup::ActPass) | None if !is_offer => {
                return Err(refused(
                    "a=setup of an answer is neither active nor passive",
                ));
            }
            Some(setup) => setup,
            None => Setup::ActPass,
        };
        let remote = Remote {
            ufrag,
            password,
            fingerprint,
        };
        Ok((remote, setup))
    }

    /// Those header extensions of a page that we have, by the numbers that stand.
    pub(super) fn shared_extensions(&self, section: &Section, standing: Extensions) -> Extensions {
        let offered = |uri: &str, standing: Option<u8>| {
            let found = section.extensions.iter().find(|(_, own)| own == uri);
            let id = found.map(|&(id, _)| id).filter(|id| (1..=14).contains(id));
            id.filter(|&id| standing.is_none_or(|standing| standing == id))
        };
        let mid = offered(MID_URI, standing.mid);
        let twcc = offered(TWCC_URI, standing.twcc).filter(|&id| Some(id) != mid);
        Extensions {
            mid,
            twcc: twcc.filter(|_| section.kind == Kind::Pictures),
        }
    }

    /// The numbers of header extensions in our own offers.
    pub(super) fn own_extensions(&self, kind: Kind) -> Extensions {
        let mid = self.extensions.mid.unwrap_or(MID_ID);
        // str0m swaps the two where the page wanted it so.
        let default = if mid == TWCC_ID { MID_ID } else { TWCC_ID };
        let twcc = self.extensions.twcc.unwrap_or(default);
        Extensions {
            mid: Some(mid),
            twcc: (kind == Kind::Pictures && twcc != mid).then_some(twcc),
        }
    }

    pub(super) fn stand(&mut self, extensions: Extensions) {
        self.extensions.mid = self.extensions.mid.or(extensions.mid);
        self.extensions.twcc = self.extensions.twcc.or(extensions.twcc);
    }

    pub(super) fn lock(&mut self, formats: &[Format]) {
        for &format in formats {
            if !self.locked.iter().any(|locked| locked.name == format.name) {
                self.locked.push(format);
            }
        }
    }
}

/// What a name's payload type is to str0m now.
pub(super) fn current(rtc: &str0m::Rtc, name: Name) -> Option<Format> {
    use str0m::format::Codec as Theirs;
    let params = rtc.codec_config().params().iter().find(|params| {
        let spec = params.spec();
        match name {
            Name::Sound(Codec::Opus) => spec.codec == Theirs::Opus,
            Name::Sound(Codec::G722) => spec.codec == Theirs::G722,
            Name::Sound(Codec::Pcmu) => spec.codec == Theirs::PCMU,
            Name::Sound(Codec::Pcma) => spec.codec == Theirs::PCMA,
            Name::Events(clock) => spec.codec == Theirs::Tele && spec.clock_rate.get() == clock,
            Name::Vp8 => spec.codec == Theirs::Vp8,
            Name::H264 => spec.codec == Theirs::H264,
        }
    })?;
    Some(Format {
        pt: *params.pt(),
        name,
        repair: params.resend().map(|pt| *pt),
    })
}

/// Digits that go with `codec`: of its own clock, or of the other where a browser has no other.
pub(super) fn events(formats: &[Format], codec: Codec) -> Option<Format> {
    let of = |clock: Option<u32>| {
        formats.iter().copied().find(|format| match format.name {
            Name::Events(own) => clock.is_none_or(|clock| clock == own),
            Name::Sound(_) | Name::Vp8 | Name::H264 => false,
        })
    };
    of(Some(codec.clock())).or_else(|| of(None))
}

pub(super) const fn codec_of(format: Format) -> Option<Codec> {
    match format.name {
        Name::Sound(codec) => Some(codec),
        Name::Events(_) | Name::Vp8 | Name::H264 => None,
    }
}

/// What we may do of `wanted` where the far end says `theirs`.
pub(super) const fn meet(wanted: Direction, theirs: Direction) -> Direction {
    let sends = wanted.sends() && theirs.receives();
    let receives = wanted.receives() && theirs.sends();
    match (sends, receives) {
        (true, true) => Direction::SendRecv,
        (true, false) => Direction::SendOnly,
        (false, true) => Direction::RecvOnly,
        (false, false) => Direction::Inactive,
    }
}

pub(super) fn own_of(description: &Description, name: &str) -> Own {
    let section = description.sections.iter().find(|one| one.mid == name);
    let Some(section) = section else {
        return Own::default();
    };
    let ssrc = section.repairs.first().map(|&(ssrc, _)| ssrc);
    Own {
        track: section
            .msid
            .as_deref()
            .and_then(|msid| msid.split(' ').nth(1))
            .unwrap_or_default()
            .to_owned(),
        ssrc: ssrc.or(section.ssrcs.first().copied()),
        repair: section.repairs.first().map(|&(_, repair)| repair),
    }
}

pub(super) fn failed(error: impl std::fmt::Display) -> MediaError {
    MediaError::Description(error.to_string())
}
