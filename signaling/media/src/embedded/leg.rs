//! One leg as the engine keeps it: what its far end is, what it hears, and the stream it is sent.

use std::time::Instant;

use super::{page::Page, phone::Phone};
use crate::{
    anchor::{Direction, Events, Hears, LegEvent, LegId},
    codec::{Codec, Transcoder},
    event::{Digits, Presser},
    jitter::Jitter,
    sdp::Picture,
    stream::Outgoing,
};

/// A leg.
pub(super) struct Leg {
    pub(super) id: LegId,
    pub(super) far: Far,
    pub(super) events: Events,
    /// What the far end shall hear.
    pub(super) wish: Hears,
    /// What it hears, as far as that is possible yet.
    pub(super) hears: Listening,
    /// Who hears this leg, by index.
    pub(super) hearers: Vec<usize>,
    pub(super) muted: bool,
    /// The sound that the far end is sent.
    pub(super) sound: Outgoing,
    /// The pictures that the far end is sent.
    pub(super) pictures: Outgoing,
    pub(super) presser: Presser,
    pub(super) digits: Digits,
    /// The far end was heard at least once since the leg was opened.
    pub(super) connected: bool,
    /// When the far end was heard last, or should have begun to be.
    pub(super) heard_at: Instant,
    pub(super) told_silent: bool,
    /// When it was asked for a whole picture last.
    pub(super) picture_asked: Option<Instant>,
}

/// What is at the far end.
pub(super) enum Far {
    Phone(Box<Phone>),
    Page(Box<Page>),
}

/// What a leg hears, ready to be sent.
pub(super) enum Listening {
    Nothing,
    /// Frames of a reel, by its key, from this one on.
    Reel {
        reel: usize,
        frame: usize,
    },
    /// Another leg, by index, with what makes its sound ours where the codecs differ.
    Leg {
        index: usize,
        transcoding: Option<Box<Transcoding>>,
    },
}

/// From one codec to another, in time.
pub(super) struct Transcoding {
    pub(super) jitter: Jitter,
    pub(super) transcoder: Transcoder,
    /// When the source was heard last: nothing is made of a silent one.
    pub(super) heard_at: Option<Instant>,
}

/// What was agreed about sound, for either kind of far end.
#[derive(Clone, Copy)]
pub(super) struct Agreed {
    pub(super) codec: Codec,
    pub(super) send_pt: u8,
    /// Payload type and clock of telephone-events that we send.
    pub(super) events: Option<(u8, u32)>,
    pub(super) comfort: Option<u8>,
    pub(super) direction: Direction,
    /// Pictures: the codec, the payload type to send, and whether we may.
    pub(super) video: Option<(Picture, u8, bool)>,
}

impl Leg {
    pub(super) fn agreed(&self) -> Option<Agreed> {
        match &self.far {
            Far::Phone(phone) => phone.agreed(),
            Far::Page(page) => page.agreed(),
        }
    }

    /// Tells who opened the leg. One that is gone closes it soon.
    pub(super) fn tell(&self, event: LegEvent) {
        let _ = self.events.send(event);
    }

    /// Takes note of a new agreement.
    pub(super) fn described(&mut self, now: Instant) {
        if let Some(agreed) = self.agreed() {
            self.sound.set_clock(agreed.codec.clock());
            if let Some((_, clock)) = agreed.events {
                self.presser.set_clock(clock);
            }
        }
        self.heard_at = now;
        self.told_silent = false;
    }

    /// Says that something of the far end was understood.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard_at = now;
        self.told_silent = false;
        if !self.connected {
            self.connected = true;
            self.tell(LegEvent::Connected);
        }
    }
}

/// A random start of a stream (RFC 3550 §5.1).
pub(super) fn outgoing(clock: u32) -> Outgoing {
    let mut bytes = [0; 10];
    let _ = getrandom::fill(&mut bytes);
    let [a, b, c, d, e, f, g, h, i, j] = bytes;
    Outgoing::new(
        u32::from_be_bytes([a, b, c, d]),
        u16::from_be_bytes([e, f]),
        u32::from_be_bytes([g, h, i, j]),
        clock,
    )
}
