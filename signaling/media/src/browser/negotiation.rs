//! What offers and answers have in common: what is agreed, and what str0m is told of it.
//!
//! Everything is judged before str0m hears of it, so that a bad description changes nothing.

use std::time::{Duration, Instant};

use str0m::Input;

use super::{
    AgreedBrowser, AgreedVideo, Browser, PATIENCE,
    description::{Description, Section, Setup},
    formats::{Format, Name},
    mid,
    state::{Chosen, Known, Stream, codec_of, meet},
    writing::{self, Extensions, Line, Local, Plain, PlainState, picture_name},
};
use crate::{
    anchor::{Described, Direction, MediaError},
    codec::Codec,
    sdp::Picture,
};

impl Browser {
    pub(super) fn check_free(&self) -> Result<(), MediaError> {
        match (self.lost, self.is_offering()) {
            (true, _) => Err(MediaError::Closed),
            (false, true) => Err(MediaError::NotNow),
            (false, false) => Ok(()),
        }
    }

    /// Keeps what was agreed.
    pub(super) fn agree(
        &mut self,
        agreed: AgreedBrowser,
        description: &Description,
        sound: &Chosen<'_>,
        pictures: Option<&Chosen<'_>>,
        now: Instant,
    ) -> Described {
        let chosen = |section: &Section| {
            [Some(sound), pictures]
                .into_iter()
                .flatten()
                .find(|chosen| chosen.section.mid == section.mid)
        };
        let known = |section: &Section| Known {
            mid: section.mid.clone(),
            media: section.media.clone(),
            protocol: section.protocol.clone(),
            format: section.formats.first().cloned().unwrap_or_default(),
            refused: chosen(section).is_none(),
        };
        self.state.lines = description.sections.iter().map(known).collect();
        for stream in &mut self.state.media {
            let section = description
                .sections
                .iter()
                .find(|one| one.mid == stream.mid);
            match section.filter(|section| section.is_live()) {
                Some(section) => {
                    if let Some(chosen) = chosen(section) {
                        stream.formats.clone_from(&chosen.formats);
                    }
                }
                None => stream.dead = true,
            }
        }
        self.state.lock(&sound.formats);
        let spoken = mid(&sound.section.mid);
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(spoken, None) {
            // Sound that is lost is not sent again: nothing of it is kept or counted for that.
            stream.set_rtx_cache(0, Duration::ZERO, None);
        }
        self.state.sound = Some(spoken);
        if let Some(pictures) = pictures {
            self.state.lock(&pictures.formats);
        }
        self.state.pictures = pictures.map(|chosen| mid(&chosen.section.mid));
        let described = Described {
            codec: agreed.codec,
            direction: agreed.direction,
            held: agreed.held,
            digits: agreed.events.is_some(),
            video: (agreed.video.as_ref()).and_then(|video| Picture::named(video.codec)),
        };
        self.state.agreed = Some(agreed);
        self.ufrag = self.rtc.direct_api().local_ice_credentials().ufrag;
        if !self.connected || self.give_up.is_some() {
            self.give_up = Some(now + PATIENCE);
        }
        self.input(Input::Timeout(now));
        described
    }

    /// What str0m is to know of a page's description.
    pub(super) fn plain<'a>(
        &'a self,
        description: &'a Description,
        sound: &Chosen<'a>,
        pictures: Option<&Chosen<'a>>,
        sound_extensions: Extensions,
        picture_extensions: Extensions,
    ) -> Vec<Plain<'a>> {
        let state = |stream: &Stream| {
            let sections = &description.sections;
            let section = sections.iter().find(|one| one.mid == stream.mid);
            let live = section.is_some_and(Section::is_live) && !stream.dead;
            if !live {
                return PlainState::Dead;
            }
            if sound.section.mid == stream.mid {
                return PlainState::Live(sound.section, sound.formats.clone(), sound_extensions);
            }
            match pictures.filter(|chosen| chosen.section.mid == stream.mid) {
                Some(chosen) => {
                    let formats = chosen.formats.clone();
                    PlainState::Live(chosen.section, formats, picture_extensions)
                }
                None if stream.formats.is_empty() => PlainState::Dead,
                None => PlainState::Idle(stream.formats.clone()),
            }
        };
        let plain = self.state.media.iter().map(|stream| Plain {
            mid: &stream.mid,
            kind: stream.kind,
            state: state(stream),
        });
        plain.collect()
    }

    pub(super) fn credentials(&mut self) -> Credentials {
        let direct = self.rtc.direct_api();
        let ice = direct.local_ice_credentials();
        Credentials {
            ufrag: ice.ufrag,
            password: ice.pass,
            fingerprint: direct.local_dtls_fingerprint().to_string(),
        }
    }

    pub(super) fn page(
        &self,
        credentials: &Credentials,
        setup: Setup,
        lines: &[Line<'_>],
    ) -> String {
        let local = Local {
            session: self.state.session,
            version: self.state.version,
            ufrag: &credentials.ufrag,
            password: &credentials.password,
            fingerprint: &credentials.fingerprint,
            setup,
            candidates: &self.shared.candidates,
        };
        writing::page(&local, lines)
    }
}

/// By which the page knows us.
pub(super) struct Credentials {
    ufrag: String,
    password: String,
    fingerprint: String,
}

pub(super) fn codec_of_all(formats: &[Format]) -> impl Iterator<Item = (u8, Codec)> + '_ {
    formats
        .iter()
        .filter_map(|&format| codec_of(format).map(|codec| (format.pt, codec)))
}

pub(super) const fn event_of(format: Format) -> Option<(u8, u32)> {
    match format.name {
        Name::Events(clock) => Some((format.pt, clock)),
        Name::Sound(_) | Name::Vp8 | Name::H264 => None,
    }
}

pub(super) fn agreed_video(
    format: Format,
    wanted: Direction,
    section: &Section,
) -> Option<AgreedVideo> {
    let direction = meet(wanted, section.direction);
    (direction != Direction::Inactive).then_some(AgreedVideo {
        codec: picture_name(format.name),
        pt: format.pt,
        direction,
    })
}
