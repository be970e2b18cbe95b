//! Pictures: passed on as they came, and asked for anew where somebody cannot go on without a whole one.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use super::{
    super::{
        engine::Engine,
        leg::{Far, Leg, Listening},
    },
    incoming,
};
use crate::{
    browser::Media,
    rtp::{
        Header, Packet,
        rtcp::{Compound, Part},
    },
    sdp::Picture,
};

/// RTCP payload-specific feedback (RFC 4585 §6.3).
const FEEDBACK: u8 = 206;
/// A receiver report (RFC 3550 §6.4.2).
const REPORT: u8 = 201;
/// What of it asks for a whole picture: picture loss (RFC 4585 §6.3.1) and the full intra request (RFC 5104 §4.3.1).
const WANTS_PICTURE: [u8; 2] = [1, 4];
/// How often at most a source is asked for a whole picture.
const PICTURES_APART: Duration = Duration::from_millis(300);

impl Engine {
    pub(super) fn picture_of_phone(
        &mut self,
        index: usize,
        from: SocketAddr,
        packet: &[u8],
        now: Instant,
    ) {
        let Some(Leg {
            far: Far::Phone(phone),
            ..
        }) = self.leg_mut(index)
        else {
            return;
        };
        let Some(video) = phone.description().and_then(|agreed| agreed.video) else {
            return;
        };
        if let Ok(read) = Packet::parse(packet)
            && read.header.payload_type == video.receive_pt
            && phone.accept_picture(from, read.header.ssrc)
        {
            self.pass_picture(index, read.header, read.payload, video.codec, now);
        }
    }

    pub(super) fn pass_picture(
        &mut self,
        index: usize,
        header: Header,
        payload: &[u8],
        codec: Picture,
        now: Instant,
    ) {
        self.for_hearers(index, |engine, source, _, hearer| {
            let Some(leg) = engine.leg_mut(hearer) else {
                return;
            };
            let Some((_, number, _)) = leg
                .agreed()
                .and_then(|agreed| agreed.video)
                .filter(|(own, _, sends)| *own == codec && *sends)
            else {
                return;
            };
            let incoming = incoming(source, &header, 90_000);
            let Some(slot) = leg.pictures.forward(incoming, now) else {
                return;
            };
            let header = leg.pictures.header(slot, number);
            match &mut leg.far {
                Far::Phone(phone) => {
                    let mut packet = Vec::with_capacity(payload.len() + 12);
                    header.write(payload, &mut packet);
                    phone.send_picture(&packet);
                }
                Far::Page(page) => {
                    (page.browser).send(Media::Video, number, &slot, payload, now);
                    engine.dirty.push(hearer);
                }
            }
        });
    }

    /// Asks who this leg sees for a whole picture.
    pub(in crate::embedded) fn ask_keyframe(&mut self, index: usize, now: Instant) {
        let Some(leg) = self.leg(index) else {
            return;
        };
        let own = leg.pictures.ssrc();
        let Listening::Leg { index: source, .. } = leg.hears else {
            return;
        };
        if leg.agreed().is_none_or(|agreed| agreed.video.is_none()) {
            return;
        }
        let Some(source_leg) = self.leg_mut(source) else {
            return;
        };
        let lately = (source_leg.picture_asked)
            .is_some_and(|at| now.saturating_duration_since(at) < PICTURES_APART);
        if lately {
            return;
        }
        source_leg.picture_asked = Some(now);
        match &mut source_leg.far {
            Far::Page(page) => {
                page.browser.ask_keyframe(now);
                self.dirty.push(source);
            }
            // Picture loss (RFC 4585 §6.3.1), after the report that every compound begins with (RFC 3550 §6.1).
            Far::Phone(phone) => {
                let theirs = phone.pictures_ssrc().unwrap_or_default();
                let own = own.to_be_bytes();
                let mut packet = vec![0x80, REPORT, 0, 1];
                packet.extend_from_slice(&own);
                packet.extend_from_slice(&[0x81, FEEDBACK, 0, 2]);
                packet.extend_from_slice(&own);
                packet.extend_from_slice(&theirs.to_be_bytes());
                phone.send_picture_rtcp(&packet);
            }
        }
    }
}

/// Whether this RTCP asks for a whole picture.
pub(super) fn is_wanted(packet: &[u8]) -> bool {
    Compound::new(packet).any(|part| {
        matches!(part, Ok(Part::Other { packet_type: FEEDBACK, format }) if WANTS_PICTURE.contains(&format))
    })
}
