//! Two telephones on real sockets, with the anchor between.

use std::{
    net::{SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::*;
use crate::{
    anchor::{Leg, LegEvent},
    codec::{Codec, Decoder, Encoder},
    rtp::{Header, Packet},
    sdp::{self, Own, Picture},
    sounds::Programme,
    srtp::{CryptoLine, Receiver, Sender, Suite},
    testing::{sine, tone_to_rest_db},
};

struct Peer {
    socket: UdpSocket,
    leg: Leg,
    events: UnboundedReceiver<LegEvent>,
    to: SocketAddr,
    codec: Codec,
    own: Own,
    keys: Option<(Sender, Receiver)>,
}

fn anchor() -> Arc<dyn Anchor> {
    Embedded::start(Settings {
        browsers: ([127, 0, 0, 1], 0).into(),
        telephones: [127, 0, 0, 1].into(),
        ports: (31_000, 32_999),
        silent_after: Duration::from_millis(600),
        ..Settings::default()
    })
    .unwrap()
}

async fn peer(anchor: &Arc<dyn Anchor>, codec: Codec, secure: bool) -> Peer {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket
        .set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    let (tell, events) = unbounded_channel();
    let leg = Leg::open(anchor, Kind::Telephone { secure }, tell);
    let own = Own {
        address: [127, 0, 0, 1].into(),
        port: socket.local_addr().unwrap().port(),
        session: 1,
        version: 1,
        codecs: vec![codec],
        direction: crate::anchor::Direction::SendRecv,
        secure: match secure {
            true => vec![CryptoLine::random(1, Suite::AesCm128HmacSha1_80)],
            false => vec![],
        },
        video: None,
    };
    let (answer, described) = leg.answer(sdp::offer(&own), Want::default()).await.unwrap();
    assert_eq!(described.codec, codec);
    let agreed = sdp::agreed(&own, &sdp::read(&answer).unwrap()).unwrap();
    let keys = agreed
        .crypto
        .as_ref()
        .map(|(ours, theirs)| (Sender::new(ours).unwrap(), Receiver::new(theirs).unwrap()));
    Peer {
        socket,
        leg,
        events,
        to: agreed.remote,
        codec,
        own,
        keys,
    }
}

fn join(one: &Peer, other: &Peer) {
    one.leg.hears(Hears::Leg(other.leg.id()));
    other.leg.hears(Hears::Leg(one.leg.id()));
}

impl Peer {
    /// Says a pitch for some frames of 20 ms.
    fn says(&mut self, hz: f64, frames: u32) {
        let mut encoder = Encoder::new(self.codec).unwrap();
        let samples = encoder.rate().samples(20);
        let pcm = sine(hz, encoder.rate().hz(), samples * frames as usize, 8000.0);
        let pt = self.codec.static_payload_type().unwrap_or(sdp::OPUS);
        let began = Instant::now();
        for (n, frame) in (0..frames).zip(pcm.chunks(samples)) {
            let mut payload = [0; 1500];
            let length = encoder.encode(frame, &mut payload).unwrap();
            let header = Header {
                payload_type: pt,
                marker: n == 0,
                sequence: n as u16,
                timestamp: n * self.codec.span(20),
                ssrc: 7,
            };
            let mut packet = vec![];
            header.write(&payload[..length], &mut packet);
            if let Some((sends, _)) = &mut self.keys {
                sends.protect_rtp(&mut packet).unwrap();
            }
            self.socket.send_to(&packet, self.to).unwrap();
            // As its clock has it: to encode takes time, too.
            let next = began + Duration::from_millis(u64::from(n + 1) * 20);
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
        }
    }

    /// What came, decoded, and whether its numbers were in order.
    fn heard(&mut self) -> (Vec<i16>, bool) {
        let mut decoder = Decoder::new(self.codec).unwrap();
        let rate = decoder.rate();
        let (mut pcm, mut out) = (vec![], vec![0; rate.samples(120)]);
        let mut buffer = [0; 2048];
        let mut last: Option<Header> = None;
        let mut continuous = true;
        while let Ok(length) = self.socket.recv(&mut buffer) {
            let mut packet = buffer[..length].to_vec();
            if let Some((_, receives)) = &mut self.keys
                && receives.unprotect_rtp(&mut packet).is_err()
            {
                continue;
            }
            let read = Packet::parse(&packet).unwrap();
            if let Some(last) = last {
                continuous &= read.header.sequence == last.sequence.wrapping_add(1);
                continuous &= read.header.ssrc == last.ssrc;
            }
            last = Some(read.header);
            let samples = decoder.decode(read.payload, &mut out).unwrap();
            pcm.extend_from_slice(&out[..samples]);
        }
        (pcm, continuous)
    }
}

fn is_pitch(pcm: &[i16], hz: f64, rate: u32) -> bool {
    let middle = &pcm[pcm.len() / 4..pcm.len() / 2];
    middle.len() > 800 && tone_to_rest_db(middle, hz, rate) > 10.0
}

#[tokio::test]
async fn two_telephones_hear_each_other_in_whatever_they_speak() {
    let anchor = anchor();
    for (one, other, secure) in [
        (Codec::Pcmu, Codec::Pcmu, false),
        (Codec::Pcma, Codec::Pcma, true),
        (Codec::Pcmu, Codec::G722, false),
        (Codec::Opus, Codec::Pcmu, true),
        (Codec::Pcma, Codec::Opus, false),
    ] {
        let mut a = peer(&anchor, one, secure).await;
        let mut b = peer(&anchor, other, false).await;
        join(&a, &b);
        a.says(440.0, 40);
        let (pcm, continuous) = b.heard();
        let rate = Decoder::new(other).unwrap().rate().hz();
        assert!(
            is_pitch(&pcm, 440.0, rate),
            "{one:?} to {other:?}: {}",
            pcm.len()
        );
        assert!(continuous, "{one:?} to {other:?}");
        assert_eq!(a.events.recv().await, Some(LegEvent::Connected));
        b.says(1000.0, 40);
        let (pcm, continuous) = a.heard();
        let rate = Decoder::new(one).unwrap().rate().hz();
        assert!(
            is_pitch(&pcm, 1000.0, rate),
            "{other:?} to {one:?}: {}",
            pcm.len()
        );
        assert!(continuous, "{other:?} to {one:?}");
    }
    for _ in 0..100 {
        if anchor.counts() == Counts::default() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("legs were left behind: {:?}", anchor.counts());
}

#[tokio::test]
async fn music_then_a_partner_is_one_stream() {
    let anchor = anchor();
    let mut a = peer(&anchor, Codec::Pcmu, false).await;
    let mut b = peer(&anchor, Codec::Pcmu, false).await;
    a.leg.hears(Hears::Sound(Programme::Tone { hz: 700 }));
    std::thread::sleep(Duration::from_millis(600));
    join(&a, &b);
    // What was on its way comes first.
    b.says(1000.0, 30);
    let (pcm, continuous) = a.heard();

    assert!(continuous);
    assert!(tone_to_rest_db(&pcm[..3200], 700.0, 8000) > 10.0);
    assert!(tone_to_rest_db(&pcm[pcm.len() - 3200..], 1000.0, 8000) > 10.0);
    a.says(440.0, 1);
    b.leg.mute(false);
    a.leg.mute(true);
    a.says(440.0, 10);
    assert!(b.heard().0.len() <= 160);
}

#[tokio::test]
async fn keys_are_told_and_passed_on() {
    let anchor = anchor();
    let mut a = peer(&anchor, Codec::Pcmu, false).await;
    let mut b = peer(&anchor, Codec::Pcmu, false).await;
    join(&a, &b);
    a.says(440.0, 2);
    a.leg.press("5#");
    let mut seen = vec![];
    let mut buffer = [0; 2048];
    for _ in 0..40 {
        if let Ok(length) = a.socket.recv(&mut buffer) {
            let read = Packet::parse(&buffer[..length]).unwrap();
            if read.header.payload_type == sdp::EVENTS {
                seen.push(read.payload[0]);
                // Back to the anchor, as if the telephone had pressed it.
                let bytes = buffer[..length].to_vec();
                a.socket.send_to(&bytes, a.to).unwrap();
            }
        }
    }
    assert_eq!((seen.first(), seen.last()), (Some(&5), Some(&11)));
    assert_eq!(a.events.recv().await, Some(LegEvent::Connected));
    assert_eq!(a.events.recv().await, Some(LegEvent::Pressed('5')));
    assert_eq!(a.events.recv().await, Some(LegEvent::Pressed('#')));
    let mut passed = 0;
    while let Ok(length) = b.socket.recv(&mut buffer) {
        let read = Packet::parse(&buffer[..length]).unwrap();
        passed += u32::from(read.header.payload_type == sdp::EVENTS);
    }
    assert!(passed >= 10, "{passed}");
    let _ = &mut b;
}

#[tokio::test]
async fn a_silent_telephone_is_told_of_and_a_held_one_is_not() {
    let anchor = anchor();
    let mut a = peer(&anchor, Codec::Pcmu, false).await;
    let mut b = peer(&anchor, Codec::Pcmu, false).await;
    b.own.direction = crate::anchor::Direction::SendOnly;
    let (_, described) = b
        .leg
        .answer(sdp::offer(&b.own), Want::default())
        .await
        .unwrap();
    assert!(described.held);

    let told = tokio::time::timeout(Duration::from_secs(5), a.events.recv()).await;

    assert_eq!(told.unwrap(), Some(LegEvent::Silent));
    assert!(b.events.try_recv().is_err());
}

#[tokio::test]
async fn strangers_are_not_heard_and_rubbish_hurts_nobody() {
    let anchor = anchor();
    let mut a = peer(&anchor, Codec::Pcmu, false).await;
    let mut b = peer(&anchor, Codec::Pcmu, false).await;
    join(&a, &b);
    a.says(440.0, 5);
    b.heard();
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut dice = crate::testing::Dice::new(3);
    for _ in 0..2000 {
        let length = dice.below(400);
        let noise = dice.noise(length);
        let _ = stranger.send_to(&noise, a.to);
        let mut rtp = vec![0x80, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9];
        rtp.extend(dice.noise(160));
        let _ = stranger.send_to(&rtp, a.to);
    }
    a.says(440.0, 30);

    let (pcm, _) = b.heard();
    assert!(is_pitch(&pcm, 440.0, 8000));
    assert!(
        a.leg
            .answer("v=0\r\nrubbish".into(), Want::default())
            .await
            .is_err()
    );
    a.says(440.0, 30);
    assert!(is_pitch(&b.heard().0, 440.0, 8000));
}

#[tokio::test]
async fn pictures_are_passed_on_with_the_numbers_of_the_other_side() {
    let anchor = anchor();
    let mut sides = vec![];
    for pt in [100, 120] {
        let (tell, _events) = unbounded_channel();
        let leg = Leg::open(&anchor, Kind::Telephone { secure: false }, tell);
        let sound = UdpSocket::bind("127.0.0.1:0").unwrap();
        let pictures = UdpSocket::bind("127.0.0.1:0").unwrap();
        pictures
            .set_read_timeout(Some(Duration::from_millis(500)))
            .unwrap();
        let offer = format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {} RTP/AVP 0\r\n\
             m=video {} RTP/AVP {pt}\r\na=rtpmap:{pt} VP8/90000\r\n",
            sound.local_addr().unwrap().port(),
            pictures.local_addr().unwrap().port(),
        );
        let want = Want {
            video: true,
            ..Want::default()
        };
        let (answer, described) = leg.answer(offer, want).await.unwrap();
        assert_eq!(described.video, Some(Picture::Vp8));
        let to = sdp::read(&answer).unwrap().sections[1].remote();
        sides.push((leg, pictures, to, pt, sound));
    }
    let (b, a) = (sides.pop().unwrap(), sides.pop().unwrap());
    a.0.hears(Hears::Leg(b.0.id()));
    b.0.hears(Hears::Leg(a.0.id()));
    for (sequence, marker) in [(1, false), (2, true)] {
        let header = Header {
            payload_type: a.3,
            marker,
            sequence,
            timestamp: 3000,
            ssrc: 5,
        };
        let mut packet = vec![];
        header.write(&[1, 2, 3], &mut packet);
        a.1.send_to(&packet, a.2).unwrap();
    }

    let mut buffer = [0; 2048];
    let mut came = vec![];
    while came.len() < 2 {
        let length = b.1.recv(&mut buffer).unwrap();
        let read = Packet::parse(&buffer[..length]).unwrap();
        assert_eq!(
            (read.header.payload_type, read.payload),
            (b.3, &[1, 2, 3][..])
        );
        came.push(read.header.marker);
    }
    assert_eq!(came, [false, true], "the marker ends a picture");
}

#[tokio::test]
async fn a_leg_without_a_port_says_so_at_its_first_description() {
    let anchor: Arc<dyn Anchor> = Embedded::start(Settings {
        browsers: ([127, 0, 0, 1], 0).into(),
        telephones: [127, 0, 0, 1].into(),
        // One telephone's.
        ports: (33_000, 33_001),
        ..Settings::default()
    })
    .unwrap();
    let open = || {
        let (tell, _events) = unbounded_channel();
        Leg::open(&anchor, Kind::Telephone { secure: false }, tell)
    };
    let first = open();
    first.offer(Want::default()).await.unwrap();
    let second = open();
    for _ in 0..2 {
        let refused = second.offer(Want::default()).await;
        assert!(matches!(refused, Err(MediaError::Ports(_))), "{refused:?}");
    }

    drop(second);
    drop(first);
    open().offer(Want::default()).await.unwrap();
}
