//! Sound that is made here, every 20 ms: music and announcements, transcoded sound, and keys.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    engine::{Engine, FRAME},
    leg::{Leg, Listening, Transcoding},
};
use crate::{
    anchor::LegEvent,
    codec::{Codec, CodecError},
    sounds::{Programme, Reel},
    stream::SourceId,
};

/// After how long a silent source has nothing made of it.
const SILENT: Duration = Duration::from_millis(500);
/// A thread that was held up this long begins anew instead of catching up.
const LATE: Duration = Duration::from_millis(200);
/// Reels that nobody hears, kept because somebody soon may.
const SPARE: usize = 16;

/// Every programme that is heard, once for each codec.
#[derive(Debug, Default)]
pub(super) struct Reels(Vec<Option<Entry>>);

#[derive(Debug)]
struct Entry {
    programme: Programme,
    reel: Reel,
}

impl Reels {
    /// The key of a programme's reel.
    pub(super) fn of(&mut self, programme: &Programme, codec: Codec) -> Result<usize, CodecError> {
        let known = self.0.iter().position(|entry| {
            (entry.as_ref()).is_some_and(|entry| {
                entry.reel.codec() == codec && is_same(&entry.programme, programme)
            })
        });
        if let Some(known) = known {
            return Ok(known);
        }
        let entry = Entry {
            programme: programme.clone(),
            reel: Reel::new(programme.clone(), codec)?,
        };
        match self.0.iter().position(Option::is_none) {
            Some(free) => {
                self.0[free] = Some(entry);
                Ok(free)
            }
            None => {
                self.0.push(Some(entry));
                Ok(self.0.len() - 1)
            }
        }
    }

    pub(super) fn codec(&self, key: usize) -> Option<Codec> {
        Some(self.0.get(key)?.as_ref()?.reel.codec())
    }

    fn get(&mut self, key: usize) -> Option<&mut Reel> {
        Some(&mut self.0.get_mut(key)?.as_mut()?.reel)
    }

    /// Forgets what nobody hears, where there is much of it.
    pub(super) fn tidy(&mut self, legs: &[Option<Leg>]) {
        let is_heard = |key: usize| {
            (legs.iter().flatten())
                .any(|leg| matches!(leg.hears, Listening::Reel { reel, .. } if reel == key))
        };
        if self.0.iter().flatten().count() <= SPARE {
            return;
        }
        for (key, entry) in self.0.iter_mut().enumerate() {
            if !is_heard(key) {
                *entry = None;
            }
        }
    }
}

/// Whether two programmes sound the same.
fn is_same(one: &Programme, other: &Programme) -> bool {
    match (one, other) {
        (Programme::Silence, Programme::Silence) => true,
        (Programme::Tone { hz: one }, Programme::Tone { hz: other }) => one == other,
        (Programme::Ringing(one), Programme::Ringing(other)) => one == other,
        (Programme::Once(one), Programme::Once(other))
        | (Programme::Loop(one), Programme::Loop(other)) => Arc::ptr_eq(one, other),
        (
            Programme::Interrupted {
                music: m1,
                announcement: a1,
                every: e1,
            },
            Programme::Interrupted {
                music: m2,
                announcement: a2,
                every: e2,
            },
        ) => {
            Arc::ptr_eq(m1, m2)
                && e1 == e2
                && a1.len() == a2.len()
                && a1.iter().zip(a2).all(|(a, b)| Arc::ptr_eq(a, b))
        }
        (
            Programme::Silence
            | Programme::Tone { .. }
            | Programme::Ringing(_)
            | Programme::Once(_)
            | Programme::Loop(_)
            | Programme::Interrupted { .. },
            _,
        ) => false,
    }
}

impl Engine {
    /// Makes the frames that are due.
    pub(super) fn produce_due(&mut self, now: Instant) {
        while let Some(due) = self.next_frame.filter(|due| *due <= now) {
            if self.producers.is_empty() {
                self.next_frame = None;
                return;
            }
            // From when it was due, so that frames do not drift.
            self.next_frame = match now.saturating_duration_since(due) > LATE {
                true => Some(now + FRAME),
                false => Some(due + FRAME),
            };
            let producers: Vec<usize> = self.producers.iter().copied().collect();
            for index in producers {
                self.produce(index, due, now);
            }
            self.pump_all(now);
        }
    }

    fn produce(&mut self, index: usize, due: Instant, now: Instant) {
        let Some(leg) = self.leg_mut(index) else {
            return;
        };
        let sends = leg.agreed().filter(|agreed| agreed.direction.sends());
        match leg.hears {
            Listening::Nothing => {
                self.producers.remove(&index);
            }
            Listening::Reel { reel, frame } => {
                let busy = leg.presser.is_sending();
                leg.hears = Listening::Reel {
                    reel,
                    frame: frame + 1,
                };
                if let Some(agreed) = sends.filter(|_| !busy) {
                    self.produce_reel(index, (reel, frame), agreed.send_pt, now);
                }
            }
            Listening::Leg { .. } => {
                if let Some(agreed) = sends {
                    self.transcode(index, agreed.send_pt, due, now);
                }
            }
        }
    }

    fn produce_reel(&mut self, index: usize, (key, frame): (usize, usize), pt: u8, now: Instant) {
        let Some(reel) = self.reels.get(key) else {
            return;
        };
        if reel.is_over(frame) {
            if let Some(leg) = self.leg_mut(index) {
                leg.hears = Listening::Nothing;
                leg.tell(LegEvent::Played);
            }
            self.producers.remove(&index);
            return;
        }
        let span = reel.span();
        let payload = reel.frame(frame).to_vec();
        let Some(leg) = self.leg_mut(index) else {
            return;
        };
        if payload.is_empty() {
            return;
        }
        let slot = leg.sound.produce(SourceId(1 << 62 | key as u64), span, now);
        self.send_sound(index, pt, slot, &payload, now);
    }

    fn transcode(&mut self, index: usize, pt: u8, due: Instant, now: Instant) {
        let Some(leg) = self.leg_mut(index) else {
            return;
        };
        let busy = leg.presser.is_sending();
        let Listening::Leg {
            transcoding: Some(transcoding),
            index: source,
        } = &mut leg.hears
        else {
            return;
        };
        let source = SourceId(1 << 63 | *source as u64);
        let Transcoding {
            jitter,
            transcoder,
            heard_at,
        } = &mut **transcoding;
        if heard_at.is_none_or(|at| now.saturating_duration_since(at) > SILENT) {
            return;
        }
        transcoder.push(jitter.pull(due));
        let span = transcoder.span();
        let Some(frame) = transcoder.next_frame().filter(|_| !busy) else {
            return;
        };
        let frame = frame.to_vec();
        let slot = leg.sound.produce(source, span, now);
        self.send_sound(index, pt, slot, &frame, now);
    }

    /// Sends the packets of keys that are due.
    pub(super) fn press_due(&mut self, now: Instant) {
        if self.pressing.is_empty() {
            return;
        }
        for index in self.pressing.iter().copied().collect::<Vec<_>>() {
            loop {
                let Some(leg) = self.leg_mut(index) else {
                    self.pressing.remove(&index);
                    break;
                };
                let Some((number, _)) = leg.agreed().and_then(|agreed| agreed.events) else {
                    self.pressing.remove(&index);
                    break;
                };
                let Some(packet) = leg.presser.poll(now) else {
                    if !leg.presser.is_sending() {
                        self.pressing.remove(&index);
                    }
                    break;
                };
                let slot = leg.sound.event(packet.first, now);
                self.send_sound(index, number, slot, &packet.payload, now);
            }
        }
    }
}
