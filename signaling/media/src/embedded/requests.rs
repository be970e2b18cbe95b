//! Carries out what the thread is told: legs opened, described, joined and closed.

use std::time::Instant;

use super::{
    command::Command,
    engine::{Channel, Engine},
    leg::{Far, Leg, Listening, Transcoding, outgoing},
    page::Page,
    phone::Phone,
};
use crate::{
    anchor::{Counts, Described, Events, Hears, Kind, LegId, MediaError, Want},
    browser::Browser,
    codec::Transcoder,
    event::{Digits, Presser},
    jitter::{Jitter, Limits},
};

/// The most legs: their tokens must not run out.
const MOST_LEGS: usize = 100_000;

impl Engine {
    pub(super) fn carry_out(&mut self, command: Command, now: Instant) {
        match command {
            Command::Open { leg, kind, events } => {
                if let Err(error) = self.open(leg, kind, events, now) {
                    tracing::warn!(%error, "a leg could not be opened");
                    self.unopened.insert(leg, error);
                }
            }
            Command::Offer { leg, want, reply } => {
                let _ = reply.send(self.offer(leg, &want, now));
            }
            Command::Answered { leg, sdp, reply } => {
                let _ = reply.send(self.answered(leg, &sdp, now));
            }
            Command::Answer {
                leg,
                sdp,
                want,
                reply,
            } => {
                let _ = reply.send(self.answer(leg, &sdp, &want, now));
            }
            Command::Rollback { leg } => {
                if let Some(leg) = self.find(leg).and_then(|index| self.leg_mut(index)) {
                    match &mut leg.far {
                        Far::Phone(phone) => phone.rollback(),
                        Far::Page(page) => page.browser.rollback(),
                    }
                }
            }
            Command::Hear { leg, what } => {
                if let Some(index) = self.find(leg) {
                    self.hear(index, what, now);
                }
            }
            Command::Mute { leg, muted } => {
                if let Some(leg) = self.find(leg).and_then(|index| self.leg_mut(index)) {
                    leg.muted = muted;
                }
            }
            Command::Press { leg, digits } => {
                if let Some(index) = self.find(leg)
                    && let Some(leg) = self.leg_mut(index)
                    && leg.agreed().is_some_and(|agreed| agreed.events.is_some())
                {
                    leg.presser.press(&digits, now);
                    self.pressing.insert(index);
                }
            }
            Command::Close { leg } => self.close(leg),
            Command::Stop => {}
        }
    }

    fn open(
        &mut self,
        id: LegId,
        kind: Kind,
        events: Events,
        now: Instant,
    ) -> Result<(), MediaError> {
        let index = match self.free.pop() {
            Some(index) => index,
            None if self.legs.len() < MOST_LEGS => {
                self.legs.push(None);
                self.legs.len() - 1
            }
            None => return Err(MediaError::Ports("there are too many legs".to_owned())),
        };
        let far = match self.far(index, kind, now) {
            Ok(far) => far,
            Err(error) => {
                self.free.push(index);
                return Err(error);
            }
        };
        self.by_id.insert(id, index);
        if let Some(place) = self.legs.get_mut(index) {
            *place = Some(Leg {
                id,
                far,
                events,
                wish: Hears::Nothing,
                hears: Listening::Nothing,
                hearers: Vec::new(),
                muted: false,
                sound: outgoing(8000),
                pictures: outgoing(90_000).for_video(),
                presser: Presser::new(8000),
                digits: Digits::default(),
                connected: false,
                heard_at: now,
                told_silent: false,
                picture_asked: None,
            });
        }
        if matches!(kind, Kind::Browser) {
            self.pump(index, now);
        }
        Ok(())
    }

    fn far(&mut self, index: usize, kind: Kind, now: Instant) -> Result<Far, MediaError> {
        match kind {
            Kind::Browser => {
                let browser = Browser::new(&self.shared, now)?;
                let ufrag = browser.ufrag();
                self.by_ufrag.insert(ufrag.clone(), index);
                Ok(Far::Page(Box::new(Page {
                    browser,
                    ufrag,
                    due: now,
                    addresses: vec![],
                })))
            }
            Kind::Telephone { secure } => {
                let mut sockets = self.ports.take()?;
                self.register(
                    index,
                    [
                        (&mut sockets.rtp, Channel::Rtp),
                        (&mut sockets.rtcp, Channel::Rtcp),
                    ],
                )?;
                let phone = Phone::new(sockets, self.told, secure);
                Ok(Far::Phone(Box::new(phone)))
            }
        }
    }

    /// Opens ports for pictures where they are wanted for the first time.
    fn ready_for(&mut self, index: usize, want: &Want) -> Result<(), MediaError> {
        let wants = want.video
            && matches!(self.leg(index), Some(Leg { far: Far::Phone(phone), .. }) if phone.pictures.is_none());
        if !wants {
            return Ok(());
        }
        let mut pair = self.ports.take()?;
        self.register(
            index,
            [
                (&mut pair.rtp, Channel::Pictures),
                (&mut pair.rtcp, Channel::PicturesRtcp),
            ],
        )?;
        if let Some(Leg {
            far: Far::Phone(phone),
            ..
        }) = self.leg_mut(index)
        {
            phone.pictures = Some(pair);
        }
        Ok(())
    }

    fn offer(&mut self, id: LegId, want: &Want, now: Instant) -> Result<String, MediaError> {
        let index = self.named(id)?;
        self.ready_for(index, want)?;
        self.dirty.push(index);
        match &mut self.leg_mut(index).ok_or(MediaError::Closed)?.far {
            Far::Phone(phone) => Ok(phone.offer(want)),
            Far::Page(page) => page.browser.offer(want, now),
        }
    }

    fn answered(&mut self, id: LegId, sdp: &str, now: Instant) -> Result<Described, MediaError> {
        let index = self.named(id)?;
        self.dirty.push(index);
        let leg = self.leg_mut(index).ok_or(MediaError::Closed)?;
        let described = match &mut leg.far {
            Far::Phone(phone) => phone.answered(sdp)?,
            Far::Page(page) => page.browser.answered(sdp, now)?,
        };
        self.was_described(index, now);
        Ok(described)
    }

    fn answer(
        &mut self,
        id: LegId,
        sdp: &str,
        want: &Want,
        now: Instant,
    ) -> Result<(String, Described), MediaError> {
        let index = self.named(id)?;
        // Ports for pictures only where the far end has some.
        if want.video && sdp.contains("m=video") {
            self.ready_for(index, want)?;
        }
        self.dirty.push(index);
        let leg = self.leg_mut(index).ok_or(MediaError::Closed)?;
        let answered = match &mut leg.far {
            Far::Phone(phone) => phone.answer(sdp, want)?,
            Far::Page(page) => page.browser.answer(sdp, want, now)?,
        };
        self.was_described(index, now);
        Ok(answered)
    }

    fn was_described(&mut self, index: usize, now: Instant) {
        let Some(leg) = self.leg_mut(index) else {
            return;
        };
        leg.described(now);
        let renamed = match &mut leg.far {
            Far::Phone(_) => None,
            Far::Page(page) => {
                let ufrag = page.browser.ufrag();
                (ufrag != page.ufrag)
                    .then(|| (std::mem::replace(&mut page.ufrag, ufrag.clone()), ufrag))
            }
        };
        if let Some((old, new)) = renamed {
            self.by_ufrag.remove(&old);
            self.by_ufrag.insert(new, index);
        }
        // Its codec may be another one now: for what it hears, and for those who hear it.
        self.realise(index, now);
        self.ask_keyframe(index, now);
        for hearer in self
            .leg(index)
            .map_or_else(Vec::new, |leg| leg.hearers.clone())
        {
            self.realise(hearer, now);
            self.ask_keyframe(hearer, now);
        }
    }

    fn hear(&mut self, index: usize, what: Hears, now: Instant) {
        let Some(leg) = self.leg_mut(index) else {
            return;
        };
        let same = match (&leg.wish, &what) {
            (Hears::Leg(one), Hears::Leg(other)) => one == other,
            (Hears::Nothing, Hears::Nothing) => true,
            (Hears::Nothing | Hears::Sound(_) | Hears::Leg(_), _) => false,
        };
        if same {
            return;
        }
        leg.wish = what;
        self.stop_listening(index);
        self.realise(index, now);
    }

    /// Makes a leg hear what it shall, as far as that is agreed yet.
    fn realise(&mut self, index: usize, now: Instant) {
        let Some(leg) = self.leg(index) else {
            return;
        };
        let Some(agreed) = leg.agreed() else {
            return;
        };
        match leg.wish.clone() {
            Hears::Nothing => {}
            Hears::Sound(programme) => {
                if let Listening::Reel { reel, .. } = leg.hears
                    && self.reels.codec(reel) == Some(agreed.codec)
                {
                    return;
                }
                match self.reels.of(&programme, agreed.codec) {
                    Ok(reel) => {
                        self.set_listening(index, Listening::Reel { reel, frame: 0 });
                        self.begin_producing(index, now);
                    }
                    Err(error) => tracing::error!(%error, "a sound cannot be played"),
                }
            }
            Hears::Leg(id) => {
                let Some(source) = self.find(id) else {
                    return;
                };
                let from = self.leg(source).and_then(Leg::agreed);
                let transcoding = match from {
                    Some(from) if from.codec != agreed.codec => {
                        let transcoder = match Transcoder::new(from.codec, agreed.codec) {
                            Ok(transcoder) => transcoder,
                            Err(error) => {
                                return tracing::error!(%error, "two legs cannot be joined");
                            }
                        };
                        Some(Box::new(Transcoding {
                            jitter: Jitter::new(from.codec.clock(), Limits::default()),
                            transcoder,
                            heard_at: None,
                        }))
                    }
                    Some(_) | None => None,
                };
                if let Listening::Leg {
                    index: before,
                    transcoding: old,
                } = &leg.hears
                    && *before == source
                    && codecs(old.as_deref()) == codecs(transcoding.as_deref())
                {
                    return;
                }
                let produces = transcoding.is_some();
                self.set_listening(
                    index,
                    Listening::Leg {
                        index: source,
                        transcoding,
                    },
                );
                if let Some(source) = self.leg_mut(source)
                    && !source.hearers.contains(&index)
                {
                    source.hearers.push(index);
                }
                match produces {
                    true => self.begin_producing(index, now),
                    false => {
                        self.producers.remove(&index);
                    }
                }
                self.ask_keyframe(index, now);
            }
        }
    }

    fn set_listening(&mut self, index: usize, listening: Listening) {
        if let Some(leg) = self.leg_mut(index) {
            leg.hears = listening;
        }
    }

    fn begin_producing(&mut self, index: usize, now: Instant) {
        self.producers.insert(index);
        self.next_frame.get_or_insert(now);
    }

    /// Takes a leg away from what it heard.
    fn stop_listening(&mut self, index: usize) {
        self.producers.remove(&index);
        let Some(leg) = self.leg_mut(index) else {
            return;
        };
        if let Listening::Leg { index: source, .. } =
            std::mem::replace(&mut leg.hears, Listening::Nothing)
            && let Some(source) = self.leg_mut(source)
        {
            source.hearers.retain(|hearer| *hearer != index);
        }
    }

    fn close(&mut self, id: LegId) {
        self.unopened.remove(&id);
        let Some(index) = self.by_id.remove(&id) else {
            return;
        };
        self.say_goodbye(index);
        self.stop_listening(index);
        self.pressing.remove(&index);
        let Some(leg) = self.legs.get_mut(index).and_then(Option::take) else {
            return;
        };
        for hearer in leg.hearers {
            self.producers.remove(&hearer);
            if let Some(hearer) = self.leg_mut(hearer) {
                hearer.hears = Listening::Nothing;
                hearer.wish = Hears::Nothing;
            }
        }
        if let Far::Page(page) = leg.far {
            self.forget_page(index, &page);
        }
        self.free.push(index);
    }

    pub(super) fn count(&self) -> Counts {
        let mut counts = Counts::default();
        for leg in self.legs.iter().flatten() {
            match &leg.far {
                Far::Phone(_) => counts.telephones += 1,
                Far::Page(_) => counts.browsers += 1,
            }
            if matches!(
                &leg.hears,
                Listening::Leg {
                    transcoding: Some(_),
                    ..
                }
            ) {
                counts.transcoded += 1;
            }
        }
        counts
    }
}

fn codecs(transcoding: Option<&Transcoding>) -> Option<(crate::codec::Codec, crate::codec::Codec)> {
    transcoding.map(|it| (it.transcoder.from(), it.transcoder.to()))
}
