//! Descriptions as browsers write them, and what they must not do to us.

use super::*;
use crate::testing::Dice;

const FINGERPRINT: &str = "sha-256 7B:8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35:DC:B8:5F:64:1A:24:C2:43:F0:A1:58:D0:A1:2C:19:08";

const AUDIO: &str = "\
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r
c=IN IP4 0.0.0.0\r
a=rtcp:9 IN IP4 0.0.0.0\r
TRANSPORT\
a=mid:0\r
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r
a=sendrecv\r
a=msid:- 0f2a4c36-1de1-4ef2-9f1c-5f8e92e1d22b\r
a=rtcp-mux\r
a=rtcp-rsize\r
a=rtpmap:111 opus/48000/2\r
a=rtcp-fb:111 transport-cc\r
a=fmtp:111 minptime=10;useinbandfec=1\r
a=rtpmap:63 red/48000/2\r
a=fmtp:63 111/111\r
a=rtpmap:9 G722/8000\r
a=rtpmap:0 PCMU/8000\r
a=rtpmap:8 PCMA/8000\r
a=rtpmap:13 CN/8000\r
a=rtpmap:110 telephone-event/48000\r
a=rtpmap:126 telephone-event/8000\r
a=ssrc:3570614608 cname:4TOk42mSjXCkVIa6\r
a=ssrc:3570614608 msid:- 0f2a4c36-1de1-4ef2-9f1c-5f8e92e1d22b\r
";
const VIDEO: &str = "\
m=video 9 UDP/TLS/RTP/SAVPF 96 97 103 104 109 114\r
c=IN IP4 0.0.0.0\r
TRANSPORT\
a=mid:1\r
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r
a=sendrecv\r
a=rtcp-mux\r
a=rtpmap:96 VP8/90000\r
a=rtcp-fb:96 goog-remb\r
a=rtcp-fb:96 transport-cc\r
a=rtcp-fb:96 ccm fir\r
a=rtcp-fb:96 nack\r
a=rtcp-fb:96 nack pli\r
a=rtpmap:97 rtx/90000\r
a=fmtp:97 apt=96\r
a=rtpmap:103 H264/90000\r
a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f\r
a=rtpmap:104 rtx/90000\r
a=fmtp:104 apt=103\r
a=rtpmap:109 H264/90000\r
a=rtcp-fb:109 nack\r
a=rtcp-fb:109 nack pli\r
a=fmtp:109 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r
a=rtpmap:114 rtx/90000\r
a=fmtp:114 apt=109\r
a=ssrc-group:FID 2231627014 632943048\r
a=ssrc:2231627014 cname:4TOk42mSjXCkVIa6\r
a=ssrc:632943048 cname:4TOk42mSjXCkVIa6\r
";
const APPLICATION: &str = "\
m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r
c=IN IP4 0.0.0.0\r
TRANSPORT\
a=mid:2\r
a=sctp-port:5000\r
a=max-message-size:262144\r
";

/// An offer as Chromium writes it, of sound and of `more`.
pub(super) fn chromium(more: &[&str]) -> String {
    let transport = format!(
        "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\na=ice-options:trickle\r\n\
         a=fingerprint:{FINGERPRINT}\r\na=setup:actpass\r\n"
    );
    let mut sections = vec![AUDIO];
    sections.extend(more.iter().map(|name| match *name {
        "video" => VIDEO,
        _ => APPLICATION,
    }));
    let mids: Vec<&str> = sections
        .iter()
        .filter_map(|section| section.split("a=mid:").nth(1)?.split('\r').next())
        .collect();
    let head = format!(
        "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
         a=group:BUNDLE {}\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n",
        mids.join(" ")
    );
    head + &sections.concat().replace("TRANSPORT", &transport)
}

/// str0m names again only what was agreed; browsers name all they have.
pub(super) fn with_all_codecs(offer: &str) -> String {
    let maps = "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1\r\n\
                a=rtpmap:0 PCMU/8000\r\na=rtpmap:110 telephone-event/48000\r\n\
                a=rtpmap:126 telephone-event/8000\r\n";
    let mut out = String::new();
    for line in offer.lines() {
        if line.starts_with("m=audio") {
            out += "m=audio 9 UDP/TLS/RTP/SAVPF 111 0 110 126\r\n";
        } else if line.starts_with("a=rtcp-mux") {
            out += "a=rtcp-mux\r\n";
            out += maps;
        } else if !line.starts_with("a=rtpmap") && !line.starts_with("a=fmtp") {
            out += line;
            out += "\r\n";
        }
    }
    out
}

#[test]
fn offers_that_cannot_be_used_are_told_from_each_other_and_change_nothing() {
    let now = Instant::now();
    let mut leg = leg(now);
    let good = chromium(&[]);
    let mut refuse = |from: &str, to: &str| {
        let text = good.replace(from, to);
        assert_ne!(text, good);
        leg.answer(&text, &Want::default(), now).unwrap_err()
    };

    for (from, to) in [
        ("v=0", "v=1"),
        ("a=ice-ufrag:EsAw\r\n", ""),
        ("a=ice-pwd:", "a=ice-pwd:short "),
        ("a=fingerprint:sha-256", "a=fingerprint:sha-1"),
        ("7B:8B", "7B:XX"),
        ("a=mid:0\r\n", ""),
        ("s=-\r\n", "s=-\r\na=ice-lite\r\n"),
        ("m=audio", "m="),
    ] {
        let error = refuse(from, to);
        assert!(
            matches!(error, MediaError::Description(_)),
            "{from} became {to}: {error}"
        );
    }
    for (from, to) in [
        ("m=audio 9 ", "m=audio 0 "),
        ("SAVPF 111 63 9 0 8 13", "SAVPF 63 13"),
        ("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
    ] {
        assert_eq!(refuse(from, to), MediaError::NoCodec);
    }
    let g729 = Want {
        codecs: vec![Codec::G722],
        ..Want::default()
    };
    assert_eq!(
        leg.answer(&good.replace(" 9 0 8", " 0 8"), &g729, now),
        Err(MediaError::NoCodec)
    );

    leg.answer(&good, &Want::default(), now).unwrap();
    let another = good.replace("7B:8B", "7B:8C");
    assert!(leg.answer(&another, &Want::default(), now).is_err());
    leg.answer(&good, &Want::default(), now).unwrap();
}

#[test]
fn answers_that_do_not_fit_leave_our_offer_open() {
    let now = Instant::now();
    let mut page = Page::new(now, DtlsVersion::Auto);
    let mut leg = leg(now);
    assert_eq!(leg.answered("v=0", now), Err(MediaError::NotNow));
    let offer = leg.offer(&wanting(&[Codec::Pcmu]), now).unwrap();
    let good = page.answer(&offer);

    for (from, to) in [
        ("m=audio 9 ", "m=audio 0 "),
        ("a=setup:passive", "a=setup:actpass"),
        ("m=audio", "m=video"),
        ("a=mid:", "a=mid:x"),
        (
            "m=audio 9 UDP/TLS/RTP/SAVPF 0",
            "m=audio 9 UDP/TLS/RTP/SAVPF 8",
        ),
    ] {
        let text = good.replace(from, to);
        assert_ne!(text, good, "{from}");
        assert!(leg.answered(&text, now).is_err(), "{from} became {to}");
        assert!(leg.is_offering());
    }
    leg.answered(&good, now).unwrap();
}

#[test]
fn a_payload_type_never_comes_to_mean_something_else() {
    let now = Instant::now();
    let mut leg = leg(now);
    let offer = chromium(&[]);
    leg.answer(&offer, &wanting(&[Codec::Opus]), now).unwrap();

    let swapped = offer
        .replace("a=rtpmap:111 opus/48000/2", "a=rtpmap:111 x/8000")
        .replace("a=rtpmap:63 red/48000/2", "a=rtpmap:63 opus/48000/2");
    assert_eq!(
        leg.answer(&swapped, &wanting(&[Codec::Opus]), now),
        Err(MediaError::NoCodec)
    );
    let (_, described) = leg.answer(&swapped, &wanting(&[]), now).unwrap();
    assert_eq!(described.codec, Codec::G722);
}

#[test]
fn firefox_with_digits_of_one_clock_keeps_them_with_opus() {
    let now = Instant::now();
    let mut leg = leg(now);
    let offer = chromium(&[])
        .replace(" 110 126", " 126")
        .replace("a=rtpmap:110 telephone-event/48000\r\n", "");

    let (answer, described) = leg.answer(&offer, &Want::default(), now).unwrap();

    assert!(described.digits);
    assert_eq!(leg.agreed().unwrap().events, Some((126, 8_000)));
    assert_eq!(m_lines(&answer)[0], "m=audio 9 UDP/TLS/RTP/SAVPF 111 126");
}

#[test]
fn a_stopped_m_line_stays_refused_and_its_place_can_be_used_anew() {
    let now = Instant::now();
    let mut leg = leg(now);
    let want = Want {
        video: true,
        ..Want::default()
    };
    let offer = chromium(&["video"]);
    leg.answer(&offer, &want, now).unwrap();

    let stopped = offer
        .replace("m=video 9", "m=video 0")
        .replace("BUNDLE 0 1", "BUNDLE 0");
    let (answer, described) = leg.answer(&stopped, &want, now).unwrap();
    assert!(described.video.is_none());
    assert!(m_lines(&answer)[1].starts_with("m=video 0 "));

    let ours = leg.offer(&Want::default(), now).unwrap();
    assert!(m_lines(&ours)[1].starts_with("m=video 0 "));
    leg.rollback();

    let again = offer
        .replace("a=mid:1\r\n", "a=mid:7\r\n")
        .replace("BUNDLE 0 1", "BUNDLE 0 7");
    let (answer, described) = leg.answer(&again, &want, now).unwrap();
    assert!(described.video.is_some());
    assert!(m_lines(&answer)[1].starts_with("m=video 9 "));
}

#[test]
fn mutated_descriptions_and_datagrams_never_panic() {
    let mut dice = Dice::new(4);
    let now = Instant::now();
    let shared = Arc::new(Shared::new(vec![address()]).unwrap());
    let offer = chromium(&["video", "application"]);
    let mut page = Page::new(now, DtlsVersion::Auto);
    let (mut taken, mut answers) = (0, 0);
    for round in 0..2_000 {
        let mut leg = Browser::new(&shared, now).unwrap();
        let want = Want {
            video: round % 2 == 0,
            ..Want::default()
        };
        if round % 10 == 0 {
            let ours = leg.offer(&want, now).unwrap();
            if round == 0 {
                answers += usize::from(leg.answered(&page.answer(&ours), now).is_ok());
            }
            let answer = mutated(
                &mut dice,
                &ours
                    .replace("actpass", "active")
                    .replace("a=ice-lite\r\n", ""),
            );
            answers += usize::from(leg.answered(&answer, now).is_ok());
            continue;
        }
        for _ in 0..3 {
            let text = mutated(&mut dice, &offer);
            taken += usize::from(leg.answer(&text, &want, now).is_ok());
        }
        let noise = dice.noise(60);
        leg.handle_datagram("198.51.100.1:6000".parse().unwrap(), &noise, now);
        let _ = ufrag_of(&noise);
    }
    assert!(taken > 600, "only {taken} were taken at all");
    assert!(answers > 10, "only {answers} answers were taken at all");
}

/// Bytes mutated, or lines doubled, dropped or swapped, which reaches deeper.
fn mutated(dice: &mut Dice, text: &str) -> String {
    if dice.below(3) == 0 {
        return String::from_utf8_lossy(&dice.mutated(text.as_bytes())).into_owned();
    }
    let mut lines: Vec<&str> = text.split_inclusive("\r\n").collect();
    for _ in 0..=dice.below(4) {
        let (one, other) = (dice.below(lines.len()), dice.below(lines.len()));
        match dice.below(3) {
            0 => lines.swap(one, other),
            1 => lines.insert(one, lines[other]),
            _ => {
                lines.remove(one);
            }
        }
    }
    lines.concat()
}

#[test]
fn the_user_name_of_a_check_tells_the_leg() {
    let mut check = vec![0, 1, 0, 20, 0x21, 0x12, 0xa4, 0x42];
    check.extend([0; 12]);
    check.extend([0x80, 0x22, 0, 3, b'a', b'b', b'c', 0]);
    check.extend([0, 6, 0, 7]);
    check.extend(b"us:them ");

    assert_eq!(ufrag_of(&check), Some("us"));
    assert_eq!(ufrag_of(&check[..20]), None);
    assert_eq!(ufrag_of(&check[..33]), None);
    assert_eq!(ufrag_of(&[0x80; 40]), None);
}
