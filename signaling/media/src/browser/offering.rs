//! Our offers to a page, and its answers.

use std::time::Instant;

use str0m::{Input, change::SdpAnswer, media::MediaKind};

use super::{
    AgreedBrowser, Browser,
    description::{Description, Kind, Section, Setup, refused},
    formats::{self, Format, Name, picture_of},
    negotiation::{agreed_video, codec_of_all, event_of},
    state::{Chosen, Known, Pending, Pictures, Stream, current, events, failed, meet, own_of},
    writing::{self, Extensions, Line},
};
use crate::{
    anchor::{Described, Direction, MediaError, Want},
    codec::Codec,
    sdp::Picture,
};

impl Browser {
    /// Whether an offer of ours waits for its answer.
    #[must_use]
    pub fn is_offering(&self) -> bool {
        self.state.pending.is_some()
    }

    /// Drops our offer that was not answered.
    pub fn rollback(&mut self) {
        self.state.pending = None;
    }

    /// Makes our offer, first or again: one m-line for sound with the wanted codecs in their order
    /// and digits, one for pictures where they are wanted or once were.
    ///
    /// # Errors
    ///
    /// [`MediaError::NotNow`] while another is unanswered, [`MediaError::Closed`] after the
    /// connection was lost, [`MediaError::NoCodec`] where none is left to offer.
    pub fn offer(&mut self, want: &Want, now: Instant) -> Result<String, MediaError> {
        self.check_free()?;
        let sounds = self.offered_sounds(&want.codecs());
        if codec_of_all(&sounds).next().is_none() {
            return Err(MediaError::NoCodec);
        }
        let live = |kind| {
            let find = |line: &&Known| {
                let stream = self.state.stream(&line.mid);
                !line.refused && stream.is_some_and(|stream| stream.kind == kind)
            };
            self.state
                .lines
                .iter()
                .find(find)
                .map(|line| line.mid.clone())
        };
        let (sound, pictures) = (live(Kind::Sound), live(Kind::Pictures));

        let mut api = self.rtc.sdp_api();
        let mut new = vec![];
        let mut add = |kind, sort| {
            let both = str0m::media::Direction::SendRecv;
            let name = api.add_media(sort, both, None, None, None).to_string();
            new.push((name.clone(), kind));
            name
        };
        let sound = sound.unwrap_or_else(|| add(Kind::Sound, MediaKind::Audio));
        let pictures = match pictures {
            None if want.video => Some(add(Kind::Pictures, MediaKind::Video)),
            other => other,
        };
        let (str0m, given) = match api.apply() {
            Some((offer, pending)) => {
                let given = Description::read(&offer.to_sdp_string())?;
                (Some(pending), given)
            }
            None => (None, Description::default()),
        };

        let new: Vec<Stream> = new
            .into_iter()
            .map(|(name, kind)| Stream {
                own: own_of(&given, &name),
                mid: name,
                kind,
                formats: vec![],
                dead: false,
            })
            .collect();
        let mut lines = self.state.lines.clone();
        lines.extend(new.iter().map(|stream| Known {
            mid: stream.mid.clone(),
            media: writing::media(stream.kind).to_owned(),
            protocol: "UDP/TLS/RTP/SAVPF".to_owned(),
            format: "0".to_owned(),
            refused: false,
        }));
        let pending = Pending {
            str0m,
            lines,
            new,
            sound,
            sounds,
            direction: want.direction,
            pictures: pictures.map(|name| Pictures {
                mid: name,
                formats: self.offered_pictures(want.picture),
                direction: match want.video {
                    true => want.direction,
                    false => Direction::Inactive,
                },
            }),
        };
        let text = self.write_offer(&pending);
        self.state.pending = Some(pending);
        self.input(Input::Timeout(now));
        Ok(text)
    }

    /// Takes the page's answer to our offer. Where it is refused our offer still stands.
    ///
    /// # Errors
    ///
    /// [`MediaError::NotNow`] where none is open, [`MediaError::Description`] and
    /// [`MediaError::NoCodec`].
    pub fn answered(&mut self, text: &str, now: Instant) -> Result<Described, MediaError> {
        if self.lost {
            return Err(MediaError::Closed);
        }
        let Some(pending) = &self.state.pending else {
            return Err(MediaError::NotNow);
        };
        let description = Description::read(text)?;
        let (sound, pictures) = answered_lines(pending, &description)?;
        let (remote, setup) = self.state.remote(&description, sound.section, false)?;
        let codecs: Vec<(u8, Codec)> = codec_of_all(&sound.formats).collect();
        let Some(&(send_pt, codec)) = codecs.first() else {
            return Err(MediaError::NoCodec);
        };
        let sound_extensions = self
            .state
            .shared_extensions(sound.section, self.state.own_extensions(Kind::Sound));
        let picture_extensions = pictures.as_ref().map_or(Extensions::default(), |chosen| {
            let standing = self.state.own_extensions(Kind::Pictures);
            self.state.shared_extensions(chosen.section, standing)
        });

        // From here on it is agreed.
        let Some(pending) = self.state.pending.take() else {
            return Err(MediaError::NotNow);
        };
        let before = self.state.media.len();
        self.state.media.extend(pending.new);
        let plain = self.plain(
            &description,
            &sound,
            pictures.as_ref(),
            sound_extensions,
            picture_extensions,
        );
        let plain = writing::plain(&remote, setup, &plain);
        if let Some(str0m) = pending.str0m {
            let answer = SdpAnswer::from_sdp_string(&plain).map_err(failed);
            let taken = answer.and_then(|answer| {
                let taken = self.rtc.sdp_api().accept_answer(str0m, answer);
                taken.map_err(failed)
            });
            if let Err(error) = taken {
                self.state.media.truncate(before);
                return Err(error);
            }
        }
        let direction = meet(pending.direction, sound.section.direction);
        let video = pending.pictures.as_ref().zip(pictures.as_ref());
        let video = video.and_then(|(offered, chosen)| {
            agreed_video(
                chosen.formats.first().copied()?,
                offered.direction,
                chosen.section,
            )
        });
        self.state.stand(sound_extensions);
        self.state.stand(picture_extensions);
        self.state.remote = Some(remote);
        let agreed = AgreedBrowser {
            codec,
            send_pt,
            events: events(&sound.formats, codec).and_then(event_of),
            receive: codecs,
            direction,
            held: !sound.section.direction.receives(),
            video,
        };
        Ok(self.agree(agreed, &description, &sound, pictures.as_ref(), now))
    }

    fn offered_sounds(&self, codecs: &[Codec]) -> Vec<Format> {
        let opus = codecs.contains(&Codec::Opus);
        let digits = [(48_000, opus), (8_000, true)]
            .into_iter()
            .filter_map(|(clock, wanted)| wanted.then_some(Name::Events(clock)));
        codecs
            .iter()
            .map(|&codec| Name::Sound(codec))
            .chain(digits)
            .filter_map(|name| current(&self.rtc, name))
            .collect()
    }

    fn offered_pictures(&self, of_use: Option<Picture>) -> Vec<Format> {
        [Name::H264, Name::Vp8]
            .into_iter()
            .filter(|name| of_use.is_none() || picture_of(*name) == of_use)
            .filter_map(|name| current(&self.rtc, name))
            .collect()
    }

    fn write_offer(&mut self, pending: &Pending) -> String {
        // Later offers name both roles again (RFC 8842 §5.2).
        let credentials = self.credentials();
        let lines = pending.lines.iter().map(|line| {
            let refused = Line::Refused {
                mid: &line.mid,
                media: &line.media,
                protocol: &line.protocol,
                format: &line.format,
            };
            let pictures = pending.pictures.as_ref().filter(|one| one.mid == line.mid);
            let (formats, direction) = if line.mid == pending.sound {
                (pending.sounds.clone(), pending.direction)
            } else if let Some(pictures) = pictures {
                (pictures.formats.clone(), pictures.direction)
            } else {
                return refused;
            };
            let mut streams = self.state.media.iter().chain(&pending.new);
            let stream = streams.find(|stream| stream.mid == line.mid);
            let Some(stream) = stream.filter(|_| !line.refused) else {
                return refused;
            };
            Line::Live {
                mid: &line.mid,
                kind: stream.kind,
                formats,
                direction,
                extensions: self.state.own_extensions(stream.kind),
                own: &stream.own,
                theirs: None,
            }
        });
        let lines: Vec<Line<'_>> = lines.collect();
        let text = self.page(&credentials, Setup::ActPass, &lines);
        self.state.version += 1;
        text
    }
}

/// The lines of our offer as the page answered them, with only what we had offered.
fn answered_lines<'a>(
    pending: &Pending,
    description: &'a Description,
) -> Result<(Chosen<'a>, Option<Chosen<'a>>), MediaError> {
    let same = |(line, section): (&Known, &Section)| {
        line.mid == section.mid && line.media == section.media
    };
    if pending.lines.len() != description.sections.len()
        || !pending.lines.iter().zip(&description.sections).all(same)
    {
        return Err(refused("its m-lines are not those of our offer"));
    }
    let chosen = |name: &str, offered: &[Format]| {
        let section = description.sections.iter().find(|one| one.mid == name)?;
        let known = formats::known(section).into_iter().filter_map(|format| {
            let own = offered.iter().find(|own| own.name == format.name)?;
            (own.pt == format.pt).then_some(Format {
                repair: format.repair.filter(|_| format.repair == own.repair),
                ..format
            })
        });
        let formats: Vec<Format> = known.collect();
        section.is_live().then_some(Chosen { section, formats })
    };
    let sound = chosen(&pending.sound, &pending.sounds).ok_or(MediaError::NoCodec)?;
    let pictures = pending.pictures.as_ref();
    let pictures = pictures.and_then(|pictures| chosen(&pictures.mid, &pictures.formats));
    let pictures = pictures.filter(|chosen| !chosen.formats.is_empty());
    Ok((sound, pictures))
}
