//! A page's offers, and our answers.

use std::time::Instant;

use str0m::change::SdpOffer;

use super::{
    AgreedBrowser, Browser,
    description::{Description, Kind, Section, Setup, refused},
    formats::{Format, Name, picture_of},
    negotiation::{agreed_video, codec_of_all, event_of},
    state::{Stream, codec_of, events, failed, meet, own_of},
    writing::{self, Extensions, Line, Own},
};
use crate::{
    anchor::{Described, Direction, MediaError, Want},
    sdp::Picture,
};

/// As many m-lines of sound and pictures as a leg may have had in its life.
const MOST_STREAMS: usize = 8;

impl Browser {
    /// Answers the page's offer, first or again: exactly one codec of sound and digits of its
    /// clock, pictures where both want them. Other m-lines are refused.
    ///
    /// # Errors
    ///
    /// [`MediaError::NotNow`] while an offer of ours is unanswered, [`MediaError::Closed`] after the
    /// connection was lost, [`MediaError::Description`] and [`MediaError::NoCodec`].
    pub fn answer(
        &mut self,
        text: &str,
        want: &Want,
        now: Instant,
    ) -> Result<(String, Described), MediaError> {
        self.check_free()?;
        let description = Description::read(text)?;
        self.state.check_order(&description)?;
        let Some(sound) =
            self.state
                .choose(&self.rtc, &description, Kind::Sound, self.state.sound, None)
        else {
            return Err(MediaError::NoCodec);
        };
        let (remote, setup) = self.state.remote(&description, sound.section, true)?;
        let wanted = want.codecs();
        // In our order, not in the page's: every page has Opus first, and not every telephone has it.
        let found = (wanted.iter())
            .find_map(|wanted| codec_of_all(&sound.formats).find(|(_, codec)| codec == wanted));
        let Some((send_pt, codec)) = found else {
            return Err(MediaError::NoCodec);
        };
        let pictures = self.state.choose(
            &self.rtc,
            &description,
            Kind::Pictures,
            self.state.pictures,
            Some(&sound),
        );
        let sound_extensions = self
            .state
            .shared_extensions(sound.section, self.state.extensions);
        let picture_extensions = pictures.as_ref().map_or(Extensions::default(), |chosen| {
            let mut standing = self.state.extensions;
            standing.mid = standing.mid.or(sound_extensions.mid);
            self.state.shared_extensions(chosen.section, standing)
        });
        let chosen = [Some(&sound), pictures.as_ref()].into_iter().flatten();
        let new: Vec<Stream> = chosen
            .filter(|chosen| self.state.stream(&chosen.section.mid).is_none())
            .map(|chosen| Stream {
                mid: chosen.section.mid.clone(),
                kind: chosen.section.kind,
                formats: vec![],
                dead: false,
                own: Own::default(),
            })
            .collect();
        if self.state.media.len() + new.len() > MOST_STREAMS {
            return Err(refused("it has had too many m-lines"));
        }

        // From here on it is agreed.
        let before = self.state.media.len();
        self.state.media.extend(new);
        let plain = self.plain(
            &description,
            &sound,
            pictures.as_ref(),
            sound_extensions,
            picture_extensions,
        );
        let plain = writing::plain(&remote, setup, &plain);
        let given = SdpOffer::from_sdp_string(&plain)
            .map_err(failed)
            .and_then(|offer| self.rtc.sdp_api().accept_offer(offer).map_err(failed))
            .and_then(|given| Description::read(&given.to_sdp_string()))
            .inspect_err(|_| self.state.media.truncate(before))?;
        for stream in &mut self.state.media {
            if stream.own.ssrc.is_none() {
                stream.own = own_of(&given, &stream.mid);
            }
        }
        self.state.stand(sound_extensions);
        self.state.stand(picture_extensions);
        self.state.remote = Some(remote);

        let event = events(&sound.formats, codec);
        let picture = pictures
            .as_ref()
            .and_then(|one| best_picture(&one.formats, want.picture));
        let video = pictures.as_ref().zip(picture).and_then(|(chosen, format)| {
            let useful = want.picture.is_none() || picture_of(format.name) == want.picture;
            let wanted = if want.video && useful {
                want.direction
            } else {
                Direction::Inactive
            };
            agreed_video(format, wanted, chosen.section)
        });
        let agreed = AgreedBrowser {
            codec,
            send_pt,
            receive: vec![(send_pt, codec)],
            events: event.and_then(event_of),
            direction: meet(want.direction, sound.section.direction),
            held: !sound.section.direction.receives(),
            video,
        };
        let setup = match setup {
            Setup::Passive => Setup::Active,
            Setup::Active | Setup::ActPass => Setup::Passive,
        };
        let described = self.agree(agreed, &description, &sound, pictures.as_ref(), now);

        let sounds: Vec<Format> = sound
            .formats
            .iter()
            .copied()
            .filter(|&format| codec_of(format) == Some(codec))
            .chain(event)
            .collect();
        let credentials = self.credentials();
        let agreed = self.state.agreed.as_ref();
        let direction = described.direction;
        let video = agreed.and_then(|agreed| agreed.video.as_ref());
        let video = video.map_or(Direction::Inactive, |video| video.direction);
        let lines = description.sections.iter().map(|section| {
            let own = self.state.stream(&section.mid).map(|stream| &stream.own);
            let (formats, direction, extensions) = if section.mid == sound.section.mid {
                (sounds.clone(), direction, sound_extensions)
            } else if pictures
                .as_ref()
                .is_some_and(|one| one.section.mid == section.mid)
            {
                (picture.into_iter().collect(), video, picture_extensions)
            } else {
                return refused_line(section);
            };
            let Some(own) = own else {
                return refused_line(section);
            };
            Line::Live {
                mid: &section.mid,
                kind: section.kind,
                formats,
                direction,
                extensions,
                own,
                theirs: Some(section),
            }
        });
        let lines: Vec<Line<'_>> = lines.collect();
        let text = self.page(&credentials, setup, &lines);
        self.state.version += 1;
        Ok((text, described))
    }
}

/// The one that is of use; else H.264 where a browser has it: most telephones with pictures have nothing else.
fn best_picture(formats: &[Format], of_use: Option<Picture>) -> Option<Format> {
    let useful =
        (formats.iter()).find(|format| picture_of(format.name) == of_use && of_use.is_some());
    if let Some(format) = useful {
        return Some(*format);
    }
    let h264 = formats.iter().find(|format| format.name == Name::H264);
    h264.or(formats.first()).copied()
}

fn refused_line(section: &Section) -> Line<'_> {
    Line::Refused {
        mid: &section.mid,
        media: &section.media,
        protocol: &section.protocol,
        format: section.formats.first().map_or("0", String::as_str),
    }
}
