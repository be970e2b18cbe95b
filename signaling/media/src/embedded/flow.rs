//! What comes in, and to whom it goes.

mod pictures;

use std::{io::ErrorKind, net::SocketAddr, time::Instant};

use super::{
    engine::{Channel, Engine, LARGEST},
    leg::{Far, Leg, Listening},
};
use crate::{
    anchor::{LegEvent, LegId},
    browser::Media,
    codec::{Codec, Transcoder},
    event::{Event, Heard},
    rtp::{
        Header, Kind, Packet, kind,
        rtcp::{Compound, Part},
    },
    sdp::Picture,
    stream::{Incoming, Slot, SourceId},
};

/// How many datagrams of one socket are taken before others have their turn.
pub(super) const MOST_READS: usize = 64;

/// What a packet of a telephone is.
enum Meaning {
    Sound(Codec),
    Keys(u32),
    Comfort,
}

impl Engine {
    /// Reads what came to one socket of a telephone. Says whether there may be more.
    pub(super) fn read_phone(
        &mut self,
        index: usize,
        channel: Channel,
        buffer: &mut [u8],
        now: Instant,
    ) -> bool {
        for _ in 0..MOST_READS {
            let Some(Leg {
                far: Far::Phone(phone),
                ..
            }) = self.leg(index)
            else {
                return false;
            };
            let socket = match (channel, &phone.pictures) {
                (Channel::Rtp, _) => &phone.sockets.rtp,
                (Channel::Rtcp, _) => &phone.sockets.rtcp,
                (Channel::Pictures, Some(pair)) => &pair.rtp,
                (Channel::PicturesRtcp, Some(pair)) => &pair.rtcp,
                (Channel::Pictures | Channel::PicturesRtcp, None) => return false,
            };
            let (length, from) = match socket.recv_from(buffer) {
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => continue,
                Err(error) => {
                    tracing::debug!(%error, "a telephone's media cannot be read");
                    return false;
                }
            };
            let Some(datagram) = buffer.get(..length).filter(|_| length < LARGEST) else {
                continue;
            };
            let mut packet = std::mem::take(&mut self.packet);
            packet.clear();
            packet.extend_from_slice(datagram);
            match (channel, kind(&packet)) {
                (Channel::Rtp, Kind::Rtp) => self.take_sound(index, from, &mut packet, now),
                (Channel::Rtp | Channel::Rtcp, Kind::Rtcp) => {
                    self.reports_of_phone(index, from, &mut packet, now);
                }
                (Channel::Pictures, Kind::Rtp) => {
                    self.picture_of_phone(index, from, &packet, now);
                }
                (Channel::Pictures | Channel::PicturesRtcp, Kind::Rtcp) => {
                    if pictures::is_wanted(&packet) && self.is_phone_at(index, from) {
                        self.ask_keyframe(index, now);
                    }
                }
                (
                    Channel::Rtp | Channel::Rtcp | Channel::Pictures | Channel::PicturesRtcp,
                    Kind::Stun | Kind::Dtls | Kind::Other | Kind::Rtp,
                ) => {}
            }
            self.packet = packet;
            self.pump_all(now);
        }
        true
    }

    fn is_phone_at(&self, index: usize, from: SocketAddr) -> bool {
        matches!(self.leg(index), Some(Leg { far: Far::Phone(phone), .. }) if phone.is_at(from.ip()))
    }

    fn take_sound(&mut self, index: usize, from: SocketAddr, packet: &mut Vec<u8>, now: Instant) {
        let Some(leg) = self.leg_mut(index) else {
            return;
        };
        let Far::Phone(phone) = &mut leg.far else {
            return;
        };
        let Ok(Packet { header, .. }) = Packet::parse(packet) else {
            return;
        };
        if !phone.accept(from, &header, packet, now) {
            return;
        }
        // Its padding and its end are known now that it is plain.
        let Ok(read) = Packet::parse(packet) else {
            return;
        };
        let Some(agreed) = phone.description() else {
            return;
        };
        let receives = agreed.direction.receives();
        let events = agreed.events;
        let meaning = if let Some(events) = events.filter(|e| e.receive_pt == header.payload_type) {
            Meaning::Keys(events.clock)
        } else if agreed.comfort == Some(header.payload_type) {
            Meaning::Comfort
        } else {
            let known = (agreed.receive.iter()).find(|(number, _)| *number == header.payload_type);
            let Some((_, codec)) = known else {
                return;
            };
            Meaning::Sound(*codec)
        };
        phone
            .reception
            .received(header.sequence, header.timestamp, now);
        phone.ssrc = Some(header.ssrc);
        leg.heard(now);
        if !receives {
            return;
        }
        match meaning {
            Meaning::Sound(codec) => self.pass_sound(index, header, read.payload, codec, now),
            Meaning::Keys(clock) => self.pass_keys(index, header, read.payload, clock, now),
            Meaning::Comfort => self.pass_comfort(index, header, read.payload, now),
        }
    }

    pub(super) fn take_from_page(
        &mut self,
        index: usize,
        media: Media,
        header: Header,
        payload: &[u8],
        now: Instant,
    ) {
        let Some(leg) = self.leg_mut(index) else {
            return;
        };
        leg.heard(now);
        let Far::Page(page) = &leg.far else {
            return;
        };
        let Some(agreed) = page.browser.agreed() else {
            return;
        };
        if !agreed.direction.receives() {
            return;
        }
        match media {
            Media::Audio => {
                let events = agreed
                    .events
                    .filter(|(number, _)| *number == header.payload_type);
                if let Some((_, clock)) = events {
                    return self.pass_keys(index, header, payload, clock, now);
                }
                let known = (agreed.receive.iter()).find(|(pt, _)| *pt == header.payload_type);
                if let Some((_, codec)) = known {
                    let codec = *codec;
                    self.pass_sound(index, header, payload, codec, now);
                }
            }
            Media::Video => {
                let codec = agreed.video.as_ref().and_then(|v| Picture::named(v.codec));
                if let Some(codec) = codec {
                    self.pass_picture(index, header, payload, codec, now);
                }
            }
        }
    }

    /// Passes sound on to everybody who hears this leg.
    fn pass_sound(
        &mut self,
        index: usize,
        header: Header,
        payload: &[u8],
        codec: Codec,
        now: Instant,
    ) {
        self.for_hearers(index, |engine, source, muted, hearer| {
            let incoming = incoming(source, &header, codec.clock());
            let Some(leg) = engine.leg_mut(hearer) else {
                return;
            };
            let Some(agreed) = leg.agreed().filter(|agreed| agreed.direction.sends()) else {
                return;
            };
            if agreed.codec == codec {
                if muted || leg.presser.is_sending() {
                    return leg.sound.withhold(incoming, now);
                }
                if let Some(slot) = leg.sound.forward(incoming, now) {
                    engine.send_sound(hearer, agreed.send_pt, slot, payload, now);
                }
                return;
            }
            let Listening::Leg {
                transcoding: Some(transcoding),
                ..
            } = &mut leg.hears
            else {
                return;
            };
            if transcoding.transcoder.from() != codec {
                // Another of the codecs that were agreed.
                let Ok(transcoder) = Transcoder::new(codec, agreed.codec) else {
                    return;
                };
                transcoding.transcoder = transcoder;
                transcoding.jitter.clear();
            }
            if !muted {
                transcoding.jitter.push(&header, payload, now);
                transcoding.heard_at = Some(now);
            }
        });
    }

    /// Tells of keys, and passes them on to everybody who hears this leg and takes them.
    fn pass_keys(
        &mut self,
        index: usize,
        header: Header,
        payload: &[u8],
        clock: u32,
        now: Instant,
    ) {
        let (Some(leg), Some(event)) = (self.leg_mut(index), Event::parse(payload)) else {
            return;
        };
        let heard = leg.digits.received(header.timestamp, payload, now);
        let first = match heard {
            Some(Heard::Pressed(key)) => {
                leg.tell(LegEvent::Pressed(key));
                true
            }
            Some(Heard::Released(_)) | None => false,
        };
        self.for_hearers(index, |engine, source, _, hearer| {
            let Some(leg) = engine.leg_mut(hearer) else {
                return;
            };
            let Some(agreed) = leg.agreed().filter(|agreed| agreed.direction.sends()) else {
                return;
            };
            let incoming = incoming(source, &header, clock);
            let Some((number, own_clock)) = agreed.events else {
                return leg.sound.withhold(incoming, now);
            };
            let bytes = event.with_clock(clock, own_clock).bytes();
            // Among sound that is passed on, keys keep their place; among sound made here, they get one.
            let slot = match agreed.codec.clock() == clock && !leg.is_made_here() {
                true => leg.sound.forward(incoming, now),
                false => Some(leg.sound.event(first, now)),
            };
            if let Some(slot) = slot {
                engine.send_sound(hearer, number, slot, &bytes, now);
            }
        });
    }

    fn pass_comfort(&mut self, index: usize, header: Header, payload: &[u8], now: Instant) {
        self.for_hearers(index, |engine, source, muted, hearer| {
            let Some(leg) = engine.leg_mut(hearer) else {
                return;
            };
            let Some(agreed) = leg.agreed().filter(|agreed| agreed.direction.sends()) else {
                return;
            };
            if leg.is_made_here() {
                return;
            }
            let incoming = incoming(source, &header, 8000);
            match agreed.comfort.filter(|_| !muted) {
                Some(number) => {
                    if let Some(slot) = leg.sound.forward(incoming, now) {
                        engine.send_sound(hearer, number, slot, payload, now);
                    }
                }
                None => leg.sound.withhold(incoming, now),
            }
        });
    }

    fn reports_of_phone(
        &mut self,
        index: usize,
        from: SocketAddr,
        packet: &mut Vec<u8>,
        now: Instant,
    ) {
        let Some(leg) = self.leg_mut(index) else {
            return;
        };
        let Far::Phone(phone) = &mut leg.far else {
            return;
        };
        if !phone.accept_rtcp(from, packet) {
            return;
        }
        let mut any = false;
        for part in Compound::new(packet) {
            let Ok(part) = part else {
                break;
            };
            any = true;
            if let Part::SenderReport { sender, .. } = part {
                phone.reception.sender_report(sender.ntp, now);
            }
        }
        if any {
            leg.heard_at = now;
        }
    }

    /// Sends one packet of sound to the far end of a leg.
    pub(super) fn send_sound(
        &mut self,
        index: usize,
        number: u8,
        slot: Slot,
        payload: &[u8],
        now: Instant,
    ) {
        let Some(leg) = self.legs.get_mut(index).and_then(Option::as_mut) else {
            return;
        };
        let header = leg.sound.header(slot, number);
        leg.sound.count(payload.len());
        match &mut leg.far {
            Far::Phone(phone) => {
                let mut packet = Vec::with_capacity(payload.len() + 32);
                header.write(payload, &mut packet);
                phone.send(&mut packet);
            }
            Far::Page(page) => {
                (page.browser).send(Media::Audio, number, &slot, payload, now);
                self.dirty.push(index);
            }
        }
    }

    /// Calls `each` for everybody who hears a leg, with the leg's name and whether it is muted.
    fn for_hearers(&mut self, index: usize, mut each: impl FnMut(&mut Self, LegId, bool, usize)) {
        let Some(leg) = self.leg_mut(index) else {
            return;
        };
        let (id, muted) = (leg.id, leg.muted);
        let hearers = std::mem::take(&mut leg.hearers);
        for hearer in &hearers {
            each(self, id, muted, *hearer);
        }
        if let Some(leg) = self.leg_mut(index) {
            leg.hearers = hearers;
        }
    }
}

/// Where a packet stands in its own stream: another leg, or another source of it, is another stream.
fn incoming(leg: LegId, header: &Header, clock: u32) -> Incoming {
    Incoming {
        source: SourceId(leg.0.rotate_left(32) ^ u64::from(header.ssrc)),
        sequence: header.sequence,
        timestamp: header.timestamp,
        clock,
        marker: header.marker,
    }
}

impl Leg {
    /// Whether the sound that its far end hears is made here, and not passed on.
    fn is_made_here(&self) -> bool {
        match &self.hears {
            Listening::Nothing | Listening::Reel { .. } => true,
            Listening::Leg { transcoding, .. } => transcoding.is_some(),
        }
    }
}
