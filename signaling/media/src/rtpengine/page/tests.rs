use super::*;
use crate::testing::Dice;

const PAGE: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
    m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:vide\r\na=mid:0\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 111 0 110 126\r\nc=IN IP4 0.0.0.0\r\n\
    a=candidate:1 1 udp 2113937151 5b0c.local 5000 typ host\r\n\
    a=candidate:2 1 udp 2113937150 2001:db8::1 5001 typ host\r\n\
    a=candidate:3 1 udp 2113937149 192.0.2.7 5002 typ host\r\n\
    a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=fingerprint:sha-256 AB:CD\r\n\
    a=setup:actpass\r\na=mid:1\r\na=recvonly\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n\
    a=rtpmap:0 PCMU/8000\r\na=rtpmap:110 telephone-event/48000\r\na=rtpmap:126 telephone-event/8000\r\n";

fn opened() -> Opened {
    Opened {
        at: "198.51.100.1:30000".parse().unwrap(),
        keys: vec![],
        transport: Transport::read(
            "a=ice-ufrag:ours\na=candidate:x 1 UDP 1 198.51.100.1 30000 typ host".lines(),
        ),
    }
}

#[test]
fn a_page_is_read_and_answered_in_its_own_order() {
    let want = Want {
        codecs: vec![Codec::Pcmu],
        ..Want::default()
    };
    let page = Page::read(PAGE, &want).unwrap();

    assert_eq!((page.sound.pt, page.sound.events), (0, Some((126, 8000))));
    assert_eq!(page.direction, Direction::RecvOnly);
    assert_eq!(page.transport.ufrag, "abcd");
    assert_eq!(page.transport.remote(), "192.0.2.7:5002".parse().unwrap());
    let text = page.answer(&Written {
        session: 1,
        version: 1,
        opened: &opened(),
        public: Some("203.0.113.9".parse().unwrap()),
        setup: Setup::Passive,
        direction: Direction::SendOnly,
    });
    let lines: Vec<_> = text.lines().collect();
    let at = |line: &str| lines.iter().position(|other| *other == line);
    assert!(at("a=group:BUNDLE 1").is_some(), "{text}");
    assert!(at("m=video 0 UDP/TLS/RTP/SAVPF 96") < at("m=audio 30000 UDP/TLS/RTP/SAVPF 0 126"));
    assert!(
        at("a=candidate:x 1 UDP 1 203.0.113.9 30000 typ host").is_some(),
        "{text}"
    );
    assert!(
        at("a=mid:0") < at("a=mid:1") && at("a=setup:passive").is_some(),
        "{text}"
    );
}

#[test]
fn what_a_page_must_tell_is_asked_for() {
    let read = |text: &str| Page::read(text, &Want::default()).map(drop);

    assert_eq!(read(PAGE), Ok(()));
    let plain = PAGE.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP");
    assert_eq!(read(&plain), Err(MediaError::NotSecure));
    let unproven = PAGE.replace("a=fingerprint", "a=x");
    assert_eq!(read(&unproven), Err(MediaError::NotSecure));
    let deaf = PAGE.replace("a=ice-pwd", "a=x");
    assert!(matches!(read(&deaf), Err(MediaError::Description(_))));
    let strange = PAGE.replace("111 0 110", "112 110");
    assert_eq!(read(&strange), Err(MediaError::NoCodec));
}

#[test]
fn no_page_breaks_anything() {
    let mut dice = Dice::new(11);
    for _ in 0..20_000 {
        let bytes = dice.mutated(PAGE.as_bytes());
        if let Ok(page) = Page::read(&String::from_utf8_lossy(&bytes), &Want::default()) {
            let mut text = String::new();
            page.transport.write(&mut text);
        }
    }
}
