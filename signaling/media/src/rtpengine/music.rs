//! Music and announcements, sent by us to a leg's inner side in its far end's own codec: encoded once for all who hear the same.
//!
//! The daemon can play files (`play media`), but decodes and encodes them for every listener anew, needs a folder in common with us,
//! and has one source for all that a leg ever plays, which Chromium hears only once (see [`super::relay`]).

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{task::JoinHandle, time::interval};

use super::{
    control::{random, socket},
    words::Sound,
};
use crate::{
    anchor::{Events, LegEvent},
    codec::{Codec, CodecError},
    rtp::Header,
    sounds::{Programme, Reel},
};

/// How many reels are kept that nobody hears.
const MOST_REELS: usize = 32;
const FRAME: Duration = Duration::from_millis(20);

type Shared = Arc<Mutex<Reel>>;

/// All that is played.
#[derive(Debug, Default)]
pub(super) struct Reels {
    all: Mutex<Vec<(Programme, Codec, Shared)>>,
}

impl Reels {
    fn get(&self, programme: &Programme, codec: Codec) -> Result<Shared, CodecError> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let known = (all.iter())
            .find(|(other, its, _)| *its == codec && same(other, programme))
            .map(|(_, _, reel)| reel.clone());
        if let Some(reel) = known {
            return Ok(reel);
        }
        if all.len() >= MOST_REELS {
            all.retain(|(_, _, reel)| Arc::strong_count(reel) > 1);
        }
        let reel = Arc::new(Mutex::new(Reel::new(programme.clone(), codec)?));
        all.push((programme.clone(), codec, reel.clone()));
        Ok(reel)
    }
}

/// What one leg hears, until it is dropped.
#[derive(Debug)]
pub(super) struct Music {
    sound: Sound,
    to: SocketAddr,
    task: JoinHandle<()>,
}

impl Music {
    /// Plays it from the begin. [`LegEvent::Played`] is told at its end.
    pub(super) fn start(
        reels: &Reels,
        programme: &Programme,
        sound: Sound,
        to: SocketAddr,
        events: Events,
    ) -> Result<Self, CodecError> {
        let reel = reels.get(programme, sound.codec)?;
        let task = tokio::spawn(play(reel, sound, to, events));
        Ok(Self { sound, to, task })
    }

    /// Whether it still goes where it should.
    pub(super) fn fits(&self, sound: Sound, to: SocketAddr) -> bool {
        self.sound == sound && self.to == to
    }
}

impl Drop for Music {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn play(reel: Shared, sound: Sound, to: SocketAddr, events: Events) {
    let Ok(socket) = socket(to).await else {
        return;
    };
    let [a, b, c, d, e, f, g, h] = random().to_ne_bytes();
    let mut header = Header {
        payload_type: sound.pt,
        marker: true,
        sequence: u16::from_ne_bytes([e, f]),
        timestamp: u32::from_ne_bytes([e, f, g, h]),
        ssrc: u32::from_ne_bytes([a, b, c, d]),
    };
    let span = sound.codec.span(20);
    let mut bytes = Vec::new();
    let mut tick = interval(FRAME);
    for index in 0_usize.. {
        tick.tick().await;
        let over = {
            let mut reel = reel.lock().unwrap_or_else(PoisonError::into_inner);
            header.write(reel.frame(index), &mut bytes);
            reel.is_over(index + 1)
        };
        // Lost packets are usual.
        let _ = socket.send_to(&bytes, to).await;
        header.marker = false;
        header.sequence = header.sequence.wrapping_add(1);
        header.timestamp = header.timestamp.wrapping_add(span);
        if over {
            // Nobody may listen any more.
            let _ = events.send(LegEvent::Played);
            return;
        }
    }
}

/// Whether two programmes are of the very same sounds.
fn same(one: &Programme, two: &Programme) -> bool {
    match (one, two) {
        (Programme::Silence, Programme::Silence) => true,
        (Programme::Tone { hz }, Programme::Tone { hz: other }) => hz == other,
        (Programme::Ringing(tone), Programme::Ringing(other)) => tone == other,
        (Programme::Once(sound), Programme::Once(other))
        | (Programme::Loop(sound), Programme::Loop(other)) => Arc::ptr_eq(sound, other),
        (
            Programme::Interrupted {
                music,
                announcement,
                every,
            },
            Programme::Interrupted {
                music: other,
                announcement: others,
                every: often,
            },
        ) => {
            Arc::ptr_eq(music, other)
                && every == often
                && announcement.len() == others.len()
                && (announcement.iter().zip(others)).all(|(one, two)| Arc::ptr_eq(one, two))
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
