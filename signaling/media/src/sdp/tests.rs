use super::*;
use crate::srtp::Suite;

fn own(codecs: &[Codec]) -> Own {
    Own {
        address: "192.0.2.1".parse().unwrap(),
        port: 20_000,
        session: 7,
        version: 1,
        codecs: codecs.to_vec(),
        direction: Direction::SendRecv,
        secure: vec![],
        video: None,
    }
}

const ALL: [Codec; 4] = [Codec::Opus, Codec::G722, Codec::Pcmu, Codec::Pcma];

const PHONE: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=x\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n\
    m=audio 4000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n";

#[test]
fn what_we_offer_and_answer_ourselves_is_agreed() {
    for codec in ALL {
        let (one, two) = (own(&[codec]), own(&ALL));
        let offer = offer(&one);
        let (text, theirs) = answer(&two, &read(&offer).unwrap()).unwrap();
        let ours = agreed(&one, &read(&text).unwrap()).unwrap();

        assert_eq!((ours.codec, theirs.codec), (codec, codec));
        assert_eq!(ours.events.unwrap().clock, codec.clock());
        assert_eq!(
            ours.events.unwrap().send_pt,
            theirs.events.unwrap().receive_pt
        );
        assert_eq!(ours.remote, "192.0.2.1:20000".parse().unwrap());
        assert_eq!(ours.remote_rtcp.port(), 20_001);
    }
}

#[test]
fn the_offers_first_codec_that_we_want_is_taken() {
    let offer = read(PHONE).unwrap();

    assert_eq!(answer(&own(&ALL), &offer).unwrap().1.codec, Codec::Pcma);
    assert_eq!(
        answer(&own(&[Codec::Pcmu]), &offer).unwrap().1.codec,
        Codec::Pcmu
    );
    assert_eq!(
        answer(&own(&[Codec::Opus]), &offer).unwrap_err(),
        SdpError::NoCodec
    );
}

#[test]
fn holding_is_seen_in_each_of_its_forms() {
    let with = |extra: &str| format!("{PHONE}{extra}");
    for (text, direction) in [
        (with("a=sendonly\r\n"), Direction::RecvOnly),
        (with("a=inactive\r\n"), Direction::Inactive),
        (
            PHONE.replace("c=IN IP4 192.0.2.9", "c=IN IP4 0.0.0.0"),
            Direction::RecvOnly,
        ),
        (
            with("a=inactive\r\n").replace("c=IN IP4 192.0.2.9", "c=IN IP4 0.0.0.0"),
            Direction::Inactive,
        ),
    ] {
        let (_, agreed) = answer(&own(&ALL), &read(&text).unwrap()).unwrap();
        assert!(agreed.held, "{text}");
        assert_eq!(agreed.direction, direction, "{text}");
    }
    let (_, agreed) = answer(&own(&ALL), &read(PHONE).unwrap()).unwrap();
    assert!(!agreed.held);
}

#[test]
fn what_is_not_taken_is_refused_in_its_place() {
    let text = PHONE.replace(
        "m=audio",
        "m=image 5000 udptl t38\r\nm=audio 1 UDP/TLS/RTP/SAVPF 0\r\nm=audio",
    ) + "m=video 5002 RTP/AVP 99\r\na=rtpmap:99 VP8/90000\r\n";

    let (answer_text, _) = answer(&own(&ALL), &read(&text).unwrap()).unwrap();

    let ports: Vec<_> = read(&answer_text)
        .unwrap()
        .sections
        .iter()
        .map(|section| section.port)
        .collect();
    assert_eq!(ports, [0, 0, 20_000, 0]);
}

#[test]
fn encryption_is_demanded_taken_and_told() {
    let keys = vec![CryptoLine::random(1, Suite::AesCm128HmacSha1_80)];
    let secure = Own {
        secure: keys,
        ..own(&[Codec::Pcmu])
    };
    let (text, theirs) = answer(&own(&ALL), &read(&offer(&secure)).unwrap()).unwrap();
    let ours = agreed(&secure, &read(&text).unwrap()).unwrap();
    let (our_key, their_key) = ours.crypto.unwrap();
    let (send, receive) = theirs.crypto.unwrap();

    assert_eq!((our_key.key, their_key.key), (receive.key, send.key));
    assert_eq!(
        answer(&secure, &read(PHONE).unwrap()).unwrap_err(),
        SdpError::NotSecure
    );
    assert_eq!(
        agreed(&secure, &read(PHONE).unwrap()).unwrap_err(),
        SdpError::NotSecure
    );
}

#[test]
fn pictures_are_agreed_where_both_have_them() {
    let with = Own {
        video: Some(20_002),
        ..own(&[Codec::Pcmu])
    };
    let (text, theirs) = answer(&with, &read(&offer(&with)).unwrap()).unwrap();
    let ours = agreed(&with, &read(&text).unwrap()).unwrap();

    assert_eq!(theirs.video.unwrap().codec, Picture::Vp8);
    assert_eq!(ours.video.unwrap().remote.port(), 20_002);
    let (text, none) = answer(&own(&ALL), &read(&offer(&with)).unwrap()).unwrap();
    assert!(none.video.is_none() && text.contains("m=video 0"));
}

#[test]
fn of_two_sections_the_one_that_can_be_used_is_taken() {
    let key = CryptoLine::random(1, Suite::AesCm128HmacSha1_80);
    let line = format!("a=crypto:{key}\r\n");
    let safe = "m=audio 4002 RTP/SAVP 8\r\n";
    let strict = Own {
        secure: vec![key],
        ..own(&ALL)
    };
    let ports = |own: &Own, text: &str| {
        let (text, agreed) = answer(own, &read(text).unwrap()).unwrap();
        let sections = read(&text).unwrap().sections;
        let ports: Vec<_> = sections.iter().map(|section| section.port).collect();
        (ports, agreed.crypto.is_some())
    };

    let both = format!("{PHONE}{safe}{line}");
    assert_eq!(ports(&strict, &both), (vec![0, 20_000], true));
    assert_eq!(ports(&own(&ALL), &both), (vec![20_000, 0], false));
    // Encrypted without a key that we know, and once more in the clear.
    let keyless = PHONE.replace("m=audio", &format!("{safe}m=audio"));
    assert_eq!(ports(&own(&ALL), &keyless), (vec![0, 20_000], false));
    assert_eq!(
        answer(&strict, &read(&keyless).unwrap()).unwrap_err(),
        SdpError::NotSecure
    );
    // Small letters do not make it plain.
    let small = format!("{PHONE}{line}").replace("RTP/AVP", "rtp/savp");
    assert_eq!(ports(&own(&ALL), &small), (vec![20_000], true));
}

#[test]
fn opus_goes_with_keys_at_8_khz_where_there_are_no_others() {
    let text = PHONE.replace("AVP 8 0 101", "AVP 111 101") + "a=rtpmap:111 opus/48000/2\r\n";
    let phone = read(&text).unwrap();
    let expected = |receive_pt| Events {
        send_pt: 101,
        receive_pt,
        clock: 8000,
    };

    let (text, theirs) = answer(&own(&ALL), &phone).unwrap();

    assert_eq!(theirs.events, Some(expected(101)));
    assert!(text.contains("a=rtpmap:101 telephone-event/8000\r\n"));
    assert_eq!(
        agreed(&own(&ALL), &phone).unwrap().events,
        Some(expected(EVENTS))
    );
    // We did not offer these.
    assert_eq!(agreed(&own(&[Codec::Opus]), &phone).unwrap().events, None);
}

#[test]
fn h264_is_answered_in_the_form_in_which_it_was_offered() {
    let with = Own {
        video: Some(20_002),
        ..own(&ALL)
    };
    let video = "m=video 5002 RTP/AVP 96 99\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 profile-level-id=42801F\r\n";
    let second = "a=rtpmap:99 H264/90000\r\na=fmtp:99 packetization-mode=1; profile-level-id=64001f; sprop-parameter-sets=Zg==\r\n";
    let told = |text: String| {
        let (text, agreed) = answer(&with, &read(&text).unwrap()).unwrap();
        let line = text.lines().rfind(|line| line.starts_with("a=fmtp"));
        (agreed.video.unwrap().send_pt, line.unwrap().to_owned())
    };

    assert_eq!(
        told(format!("{PHONE}{video}{second}")),
        (
            99,
            "a=fmtp:99 profile-level-id=64001f;packetization-mode=1".into()
        )
    );
    assert_eq!(
        told(format!("{PHONE}{video}")),
        (
            96,
            "a=fmtp:96 profile-level-id=42801F;packetization-mode=0".into()
        )
    );
}

#[test]
fn pictures_are_not_sent_in_the_clear_beside_encrypted_sound() {
    let key = CryptoLine::random(1, Suite::AesCm128HmacSha1_80);
    let text = PHONE.replace("RTP/AVP", "RTP/SAVP")
        + &format!("a=crypto:{key}\r\nm=video 5002 RTP/AVP 99\r\na=rtpmap:99 VP8/90000\r\n");
    let with = |secure| Own {
        video: Some(20_002),
        secure,
        ..own(&ALL)
    };
    let phone = read(&text).unwrap();

    assert!(answer(&with(vec![]), &phone).unwrap().1.video.is_none());
    assert!(agreed(&with(vec![key]), &phone).unwrap().video.is_none());
}

#[test]
fn debug_output_hides_the_keys() {
    let key = CryptoLine::random(1, Suite::AesCm128HmacSha1_80);
    let text = format!("{PHONE}a=crypto:{key}\r\n");

    let shown = format!("{:?}", read(&text).unwrap());

    let (_, secret) = text.split_once("inline:").unwrap();
    assert!(!shown.contains(secret.trim_end()), "{shown}");
    assert!(shown.contains("1 hidden"), "{shown}");
}

#[test]
fn what_is_too_large_is_refused() {
    let long = format!("{PHONE}a=x:{}", "x".repeat(64 * 1024));
    let many = "m=audio 4000 RTP/AVP 0\r\n".repeat(32);

    assert!(read(&long).is_err());
    assert!(read(&format!("{PHONE}{many}")).is_err());
}

#[test]
fn no_description_breaks_anything() {
    let mut dice = crate::testing::Dice::new(7);
    let strict = Own {
        video: Some(20_002),
        secure: vec![CryptoLine::random(1, Suite::AesCm128HmacSha1_80)],
        ..own(&ALL)
    };
    let seeing = Own {
        secure: vec![],
        ..strict.clone()
    };
    let bases = [
        offer(&strict) + PHONE,
        offer(&seeing),
        format!("{PHONE}{}", &offer(&strict)[5..]),
    ];
    let mut answered = 0;
    for nth in 0..20_000 {
        let bytes = dice.mutated(bases[nth % bases.len()].as_bytes());
        let Ok(description) = read(&String::from_utf8_lossy(&bytes)) else {
            continue;
        };
        for own in [&strict, &seeing] {
            let _ = agreed(own, &description);
            if let Ok((text, _)) = answer(own, &description) {
                // Each section has its answer, and whatever we were told, we write what can be read.
                let sections = read(&text).unwrap().sections;
                assert_eq!(sections.len(), description.sections.len(), "{text}");
                answered += 1;
            }
        }
    }
    assert!(answered > 1000, "{answered}");
}

#[test]
fn ipv6_bare_line_feeds_and_media_level_addresses_are_read() {
    let text = PHONE
        .replace("c=IN IP4 192.0.2.9\r\n", "")
        .replace(
            "m=audio 4000 RTP/AVP 8 0 101\r\n",
            "m=audio 4000 RTP/AVP 8 0 101\r\nc=IN IP6 2001:db8::9\r\n",
        )
        .replace('\r', "");
    let six = Own {
        address: "2001:db8::1".parse().unwrap(),
        ..own(&ALL)
    };

    let (text, agreed) = answer(&six, &read(&text).unwrap()).unwrap();

    assert_eq!(agreed.remote, "[2001:db8::9]:4000".parse().unwrap());
    assert!(text.contains("c=IN IP6 2001:db8::1\r\n"), "{text}");
}
