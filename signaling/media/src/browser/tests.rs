//! A leg against a full str0m client in memory, and descriptions as browsers write them.

mod call;
mod page;
mod texts;

use std::time::Duration;

use super::*;
use crate::{
    anchor::{Direction, Want},
    codec::Codec,
};
use call::{Call, address, leg, slot, wanting};
use page::Page;

/// The payload types of each m-line, and its port.
fn m_lines(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.starts_with("m=")).collect()
}

#[test]
fn a_page_that_offers_gets_one_codec_and_digits_and_sound_flows_both_ways() {
    for (codec, pts) in [(Codec::Pcmu, [0, 126]), (Codec::Opus, [111, 110])] {
        let mut call = Call::new();
        let offer = call.page.offer(&[Media::Audio]);

        let (answer, described) = call
            .leg
            .answer(&offer, &wanting(&[codec]), call.now)
            .unwrap();
        call.page.take_answer(&answer);

        assert_eq!(described.codec, codec);
        assert!(described.digits && !described.held && described.video.is_none());
        let [sound, digits] = pts;
        assert_eq!(
            m_lines(&answer),
            [format!("m=audio 9 UDP/TLS/RTP/SAVPF {sound} {digits}")]
        );
        assert!(call.connected());
        call.talk(&pts, 100);
    }
}

#[test]
fn a_page_that_answers_our_offer_connects_and_sound_flows_both_ways() {
    for (codecs, pts) in [(vec![Codec::Pcma], [8, 126]), (vec![], [111, 110])] {
        let mut call = Call::new();
        let offer = call.leg.offer(&wanting(&codecs), call.now).unwrap();
        assert!(call.leg.is_offering());
        assert_eq!(m_lines(&offer).len(), 1);
        assert!(offer.contains("a=setup:actpass") && offer.contains("a=ice-lite"));

        let answer = call.page.answer(&offer);
        let described = call.leg.answered(&answer, call.now).unwrap();

        assert!(!call.leg.is_offering());
        assert_eq!(described.codec, wanting(&codecs).codecs()[0]);
        assert!(described.digits);
        assert!(call.connected());
        call.talk(&pts, 100);
    }
}

#[test]
fn pages_with_dtls_1_2_or_1_3_connect_whoever_offers() {
    for (version, has_13) in [
        (DtlsVersion::Dtls12, false),
        (DtlsVersion::Dtls13, true),
        (DtlsVersion::Auto, true),
    ] {
        for page_offers in [true, false] {
            let mut call = Call::by(version);
            if page_offers {
                let offer = call.page.offer(&[Media::Audio]);
                let answer = call.leg.answer(&offer, &wanting(&[]), call.now).unwrap().0;
                call.page.take_answer(&answer);
            } else {
                let offer = call.leg.offer(&wanting(&[]), call.now).unwrap();
                let answer = call.page.answer(&offer);
                call.leg.answered(&answer, call.now).unwrap();
            }

            assert!(call.connected(), "{version:?}, page offers: {page_offers}");
            assert_eq!(call.has_dtls_13, has_13, "{version:?}");
            call.talk(&[111, 110], 100);
        }
    }
}

#[test]
fn an_offer_says_its_codecs_in_the_order_wanted_and_digits_of_their_clocks() {
    let mut leg = leg(Instant::now());

    let offer = leg
        .offer(&wanting(&[Codec::Pcma, Codec::Opus]), Instant::now())
        .unwrap();

    assert_eq!(
        m_lines(&offer),
        ["m=audio 9 UDP/TLS/RTP/SAVPF 8 111 110 126"]
    );
    assert!(offer.contains("a=rtpmap:110 telephone-event/48000\r\n"));
    assert!(offer.contains("a=rtpmap:126 telephone-event/8000\r\n"));
    assert!(offer.contains("a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host\r\n"));
    assert!(matches!(
        leg.offer(&Want::default(), Instant::now()),
        Err(MediaError::NotNow)
    ));
    leg.rollback();
    leg.offer(&Want::default(), Instant::now()).unwrap();
}

#[test]
fn the_codec_is_the_first_wanted_one_that_is_offered() {
    let offer = texts::chromium(&[]);
    for (codecs, codec, line) in [
        (vec![], Codec::Opus, "111 110"),
        (vec![Codec::Pcma, Codec::Pcmu], Codec::Pcma, "8 126"),
        (vec![Codec::G722, Codec::Opus], Codec::G722, "9 126"),
        (vec![Codec::Pcma], Codec::Pcma, "8 126"),
    ] {
        let now = Instant::now();
        let mut leg = leg(now);
        let (answer, described) = leg.answer(&offer, &wanting(&codecs), now).unwrap();
        assert_eq!(described.codec, codec);
        assert_eq!(
            m_lines(&answer)[0],
            format!("m=audio 9 UDP/TLS/RTP/SAVPF {line}")
        );
    }
}

#[test]
fn what_is_not_wanted_of_an_offer_is_refused_in_its_place() {
    let now = Instant::now();
    let offer = texts::chromium(&["video", "application"]);

    let mut leg = leg(now);
    let (answer, described) = leg.answer(&offer, &Want::default(), now).unwrap();

    assert!(described.video.is_none());
    let lines = m_lines(&answer);
    assert_eq!(lines.len(), 3);
    // Pictures are laid to rest, not refused: the page may want to show some later.
    assert_eq!(lines[1], "m=video 9 UDP/TLS/RTP/SAVPF 109 114");
    assert_eq!(lines[2], "m=application 0 UDP/DTLS/SCTP webrtc-datachannel");
    assert!(answer.contains("a=group:BUNDLE 0 1\r\n"));
    assert_eq!(answer.matches("a=inactive\r\n").count(), 2);

    // Later the camera is switched on.
    let want = Want {
        video: true,
        ..Want::default()
    };
    let (answer, described) = leg.answer(&offer, &want, now).unwrap();
    assert!(described.video.is_some());
    assert_eq!(leg.agreed().unwrap().video.as_ref().unwrap().pt, 109);
    assert_eq!(answer.matches("a=inactive\r\n").count(), 1);
}

#[test]
fn pictures_flow_where_both_want_them() {
    let mut call = Call::new();
    let want = Want {
        video: true,
        ..Want::default()
    };
    let offer = call.page.offer(&[Media::Audio, Media::Video]);
    let (answer, described) = call.leg.answer(&offer, &want, call.now).unwrap();
    call.page.take_answer(&answer);
    assert!(described.video.is_some());
    assert!(call.connected());

    let pt = call.leg.agreed().unwrap().video.as_ref().unwrap().pt;
    call.page.send(Media::Video, pt, 1, &[1, 2, 3], call.now);
    call.leg
        .send(Media::Video, pt, &slot(1), &[1, 2, 3], call.now);
    assert_eq!(call.heard(), [(Media::Video, pt, vec![1, 2, 3])]);
    assert_eq!(call.page.got, [(pt, vec![1, 2, 3])]);

    call.leg.ask_keyframe(call.now);
    call.page.ask_keyframe();
    call.run(Duration::from_secs(2));
    assert!(call.page.keyframe_wanted);
    let wanted = |poll: &Poll| matches!(poll, Poll::KeyframeWanted);
    assert!(call.got.iter().any(wanted));
}

#[test]
fn we_can_offer_pictures_later_on() {
    let mut call = Call::new();
    let offer = call.page.offer(&[Media::Audio]);
    let (answer, _) = call.leg.answer(&offer, &Want::default(), call.now).unwrap();
    call.page.take_answer(&answer);
    assert!(call.connected());

    let want = Want {
        video: true,
        ..Want::default()
    };
    let offer = call.leg.offer(&want, call.now).unwrap();
    let answer = call.page.answer(&offer);
    let described = call.leg.answered(&answer, call.now).unwrap();

    assert!(described.video.is_some());
    let pt = call.leg.agreed().unwrap().video.as_ref().unwrap().pt;
    call.leg
        .send(Media::Video, pt, &slot(1), &[1, 2, 3], call.now);
    call.run(Duration::from_millis(100));
    assert!(call.page.got.contains(&(pt, vec![1, 2, 3])));
    call.talk(&[111, 110], 500);
}

#[test]
fn hold_and_resume_from_either_side_keep_payload_types_and_the_connection() {
    let mut call = Call::new();
    let offer = call.page.offer(&[Media::Audio]);
    let (answer, _) = call
        .leg
        .answer(&offer, &wanting(&[Codec::Pcmu]), call.now)
        .unwrap();
    call.page.take_answer(&answer);
    assert!(call.connected());
    let ufrag = call.leg.ufrag();

    let offer = call.page.offer_direction(Direction::SendOnly);
    let (answer, described) = call
        .leg
        .answer(&offer, &wanting(&[Codec::Pcmu]), call.now)
        .unwrap();
    call.page.take_answer(&answer);
    assert!(described.held);
    assert_eq!(described.direction, Direction::RecvOnly);
    assert!(answer.contains("a=recvonly\r\n"));
    call.page.got.clear();
    call.leg.send(Media::Audio, 0, &slot(50), &[1], call.now);
    call.run(Duration::from_millis(100));
    assert_eq!(call.page.got, [], "a page on hold hears nothing");

    let offer = call.page.offer_direction(Direction::SendRecv);
    let (answer, described) = call
        .leg
        .answer(&offer, &wanting(&[Codec::Pcmu]), call.now)
        .unwrap();
    call.page.take_answer(&answer);
    assert!(!described.held);
    assert_eq!(call.leg.ufrag(), ufrag);
    call.talk(&[0, 126], 100);

    let want = Want {
        direction: Direction::SendOnly,
        ..wanting(&[Codec::Pcmu])
    };
    let offer = call.leg.offer(&want, call.now).unwrap();
    let answer = call.page.answer(&offer);
    let described = call.leg.answered(&answer, call.now).unwrap();
    assert_eq!(described.direction, Direction::SendOnly);
    let offer = call.leg.offer(&wanting(&[Codec::Pcmu]), call.now).unwrap();
    let answer = call.page.answer(&offer);
    let described = call.leg.answered(&answer, call.now).unwrap();
    assert_eq!(described.direction, Direction::SendRecv);
    call.talk(&[0, 126], 300);
}

#[test]
fn another_codec_can_be_agreed_later() {
    let mut call = Call::new();
    let offer = call.page.offer(&[Media::Audio]);
    let (answer, _) = call
        .leg
        .answer(&offer, &wanting(&[Codec::Pcmu]), call.now)
        .unwrap();
    call.page.take_answer(&answer);
    assert!(call.connected());
    call.talk(&[0, 126], 100);

    let offer = texts::with_all_codecs(&call.page.offer_direction(Direction::SendRecv));
    let (answer, described) = call
        .leg
        .answer(&offer, &wanting(&[Codec::Opus]), call.now)
        .unwrap();
    call.page.take_answer(&answer);

    assert_eq!(described.codec, Codec::Opus);
    call.talk(&[111, 110], 300);
}

#[test]
fn an_ice_restart_of_the_page_moves_the_leg_to_its_new_address() {
    let mut call = Call::new();
    let offer = call.page.offer(&[Media::Audio]);
    let (answer, _) = call.leg.answer(&offer, &Want::default(), call.now).unwrap();
    call.page.take_answer(&answer);
    assert!(call.connected());
    let ufrag = call.leg.ufrag();

    let offer = call.page.restart("198.51.100.7:6000".parse().unwrap());
    let (answer, _) = call.leg.answer(&offer, &Want::default(), call.now).unwrap();
    call.page.take_answer(&answer);

    assert_ne!(call.leg.ufrag(), ufrag);
    assert!(answer.contains(&format!("a=ice-ufrag:{}\r\n", call.leg.ufrag())));
    call.run(Duration::from_secs(3));
    let lost = |poll: &Poll| matches!(poll, Poll::Lost(_));
    assert!(!call.got.iter().any(lost));
    call.talk(&[111, 110], 100);
}

#[test]
fn a_page_that_closes_and_one_that_never_comes_are_lost_once() {
    let lost = |got: &[Poll]| {
        got.iter()
            .filter(|poll| matches!(poll, Poll::Lost(_)))
            .count()
    };

    let mut call = Call::new();
    let offer = call.page.offer(&[Media::Audio]);
    let (answer, _) = call.leg.answer(&offer, &Want::default(), call.now).unwrap();
    call.page.take_answer(&answer);
    assert!(call.connected());
    call.page.close();
    call.run(Duration::from_secs(1));
    assert_eq!(lost(&call.got), 1);
    assert!(matches!(
        call.leg.offer(&Want::default(), call.now),
        Err(MediaError::Closed)
    ));

    let now = Instant::now();
    let mut leg = leg(now);
    leg.answer(&texts::chromium(&[]), &Want::default(), now)
        .unwrap();
    let mut got = vec![];
    let mut at = now;
    while at < now + Duration::from_secs(120) {
        at = match leg.poll(at) {
            Poll::Timeout(next) => {
                leg.handle_timeout(next);
                next
            }
            other @ (Poll::Transmit { .. }
            | Poll::Rtp { .. }
            | Poll::KeyframeWanted
            | Poll::Connected
            | Poll::Lost(_)) => {
                got.push(other);
                at
            }
        };
    }
    assert_eq!(lost(&got), 1);
}

#[test]
fn a_page_that_vanishes_is_lost_after_our_patience() {
    let mut call = Call::new();
    let offer = call.page.offer(&[Media::Audio]);
    let (answer, _) = call.leg.answer(&offer, &Want::default(), call.now).unwrap();
    call.page.take_answer(&answer);
    assert!(call.connected());

    let gone = call.now;
    let lost = loop {
        match call.leg.poll(call.now) {
            Poll::Timeout(at) => {
                call.now = at.max(call.now + Duration::from_millis(1));
                call.leg.handle_timeout(call.now);
            }
            Poll::Lost(_) => break call.now - gone,
            Poll::Transmit { .. } | Poll::Rtp { .. } | Poll::KeyframeWanted | Poll::Connected => {}
        }
        assert!(
            call.now < gone + Duration::from_secs(180),
            "it is never lost"
        );
    };
    assert!(lost > Duration::from_secs(20), "lost after {lost:?}");
}
