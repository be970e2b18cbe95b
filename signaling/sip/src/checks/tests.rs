//! What stops a request, and with which answer.

use super::*;
use crate::hostile;

/// An INVITE with nothing wrong.
fn invite() -> Read<'static> {
    Read {
        method: "INVITE",
        uri: "sip:1002@example.com",
        version: "SIP/2.0",
        via: Some("SIP/2.0/UDP 192.0.2.4:5060;branch=z9hG4bKx"),
        from: Some("<sip:1001@example.com>;tag=a"),
        to: Some("<sip:1002@example.com>"),
        call_id: Some("x@192.0.2.4"),
        cseq: Some("1 INVITE"),
        max_forwards: Some("70"),
        contact: Some("<sip:1001@192.0.2.4>"),
        content_type: Some("application/sdp"),
        content_length: Some("100"),
        body_bytes: 100,
        message_bytes: 800,
        ..Read::default()
    }
}

/// A request within a call.
fn within(method: &'static str, cseq: &'static str) -> Read<'static> {
    Read {
        method,
        cseq: Some(cseq),
        dialog: Dialog::Known,
        body_bytes: 0,
        content_length: Some("0"),
        content_type: None,
        ..invite()
    }
}

fn status(read: &Read<'_>) -> u16 {
    match check(read, &Rules::default()) {
        Ok(()) => 0,
        Err(Stop::Answer(refusal)) => refusal.status,
        Err(Stop::Drop) => 1,
    }
}

#[test]
fn a_good_request_goes_on() {
    let good = [
        invite(),
        Read {
            content_type: Some("Application/SDP; charset=utf-8"),
            ..invite()
        },
        Read {
            require: &["100rel, timer", "Replaces"],
            ..invite()
        },
        Read {
            max_forwards: None,
            content_length: None,
            ..invite()
        },
        Read {
            content_encoding: Some("identity"),
            ..invite()
        },
        Read {
            uri: "tel:+442079460000",
            ..invite()
        },
        Read {
            uri: "sip:example.com",
            method: "OPTIONS",
            cseq: Some("1 OPTIONS"),
            ..invite()
        },
        Read {
            method: "OPTIONS",
            cseq: Some("1 OPTIONS"),
            max_forwards: Some("0"),
            ..invite()
        },
        Read {
            method: "REGISTER",
            cseq: Some("0 REGISTER"),
            contact: None,
            ..invite()
        },
        within("BYE", "2147483647 BYE"),
        within("PRACK", " 2\tPRACK "),
        Read {
            body_bytes: 9,
            content_type: Some("application/dtmf-relay"),
            ..within("INFO", "2 INFO")
        },
        // A back-to-back agent's dialogs do not go round in circles.
        Read {
            max_forwards: Some("0"),
            ..within("BYE", "2 BYE")
        },
        Read {
            content_type: Some("application/x-odd"),
            content_disposition: Some("session; handling = optional"),
            ..invite()
        },
    ];

    for read in good {
        assert_eq!(status(&read), 0, "{read:?}");
    }
}

#[test]
fn what_is_wrong_has_its_status() {
    let cases = [
        (
            505,
            Read {
                version: "SIP/7.0",
                ..invite()
            },
        ),
        (
            505,
            Read {
                version: "",
                ..invite()
            },
        ),
        (
            400,
            Read {
                from: None,
                ..invite()
            },
        ),
        (
            400,
            Read {
                from: Some("<sip:1001@example.com>"),
                ..invite()
            },
        ),
        (
            400,
            Read {
                from: Some("<sip:1001@example.com>;tag="),
                ..invite()
            },
        ),
        (
            400,
            Read {
                to: None,
                ..invite()
            },
        ),
        (
            400,
            Read {
                to: Some("<sip:"),
                ..invite()
            },
        ),
        (
            400,
            Read {
                call_id: Some(" "),
                ..invite()
            },
        ),
        (
            400,
            Read {
                cseq: None,
                ..invite()
            },
        ),
        (
            400,
            Read {
                cseq: Some("1"),
                ..invite()
            },
        ),
        (
            400,
            Read {
                cseq: Some("1 OPTIONS"),
                ..invite()
            },
        ),
        (
            400,
            Read {
                cseq: Some("1 invite"),
                ..invite()
            },
        ),
        (
            400,
            Read {
                cseq: Some("2147483648 INVITE"),
                ..invite()
            },
        ),
        (
            400,
            Read {
                cseq: Some("99999999999 INVITE"),
                ..invite()
            },
        ),
        (
            400,
            Read {
                cseq: Some("-1 INVITE"),
                ..invite()
            },
        ),
        (
            400,
            Read {
                cseq: Some("1 INVITE x"),
                ..invite()
            },
        ),
        (
            400,
            Read {
                contact: None,
                ..invite()
            },
        ),
        (
            400,
            Read {
                content_length: Some("-5"),
                ..invite()
            },
        ),
        (
            400,
            Read {
                content_length: Some("101"),
                ..invite()
            },
        ),
        (
            400,
            Read {
                max_forwards: Some("many"),
                ..invite()
            },
        ),
        (
            483,
            Read {
                max_forwards: Some("0"),
                ..invite()
            },
        ),
        (
            400,
            Read {
                uri: "sip:",
                ..invite()
            },
        ),
        (
            400,
            Read {
                uri: "sip:a@b\r\nX: y",
                ..invite()
            },
        ),
        (
            416,
            Read {
                uri: "nobodyKnowsThisScheme:x",
                ..invite()
            },
        ),
        (
            416,
            Read {
                uri: "tel:+441",
                ..within("REGISTER", "1 REGISTER")
            },
        ),
        (
            501,
            Read {
                method: "FOO",
                cseq: Some("1 FOO"),
                ..invite()
            },
        ),
        (
            501,
            Read {
                method: "invite",
                cseq: Some("1 invite"),
                ..invite()
            },
        ),
        (
            405,
            Read {
                method: "SUBSCRIBE",
                cseq: Some("1 SUBSCRIBE"),
                ..invite()
            },
        ),
        (
            405,
            Read {
                method: "MESSAGE",
                cseq: Some("1 MESSAGE"),
                ..invite()
            },
        ),
        (
            481,
            Read {
                dialog: Dialog::Unknown,
                ..within("BYE", "2 BYE")
            },
        ),
        (
            481,
            Read {
                dialog: Dialog::None,
                ..within("BYE", "2 BYE")
            },
        ),
        (
            481,
            Read {
                dialog: Dialog::None,
                ..within("REFER", "2 REFER")
            },
        ),
        (
            481,
            Read {
                dialog: Dialog::Unknown,
                ..invite()
            },
        ),
        (
            513,
            Read {
                message_bytes: 32 * 1024 + 1,
                ..invite()
            },
        ),
        (
            420,
            Read {
                require: &["nothingSupportsThis, timer"],
                ..invite()
            },
        ),
        (
            415,
            Read {
                content_type: Some("application/x-odd"),
                ..invite()
            },
        ),
        (
            415,
            Read {
                content_type: None,
                ..invite()
            },
        ),
        (
            415,
            Read {
                content_encoding: Some("gzip"),
                ..invite()
            },
        ),
        (
            415,
            Read {
                body_bytes: 3,
                content_type: Some("text/plain"),
                ..within("INFO", "2 INFO")
            },
        ),
    ];

    for (wanted, read) in cases {
        assert_eq!(status(&read), wanted, "{read:?}");
    }
}

#[test]
fn an_answer_says_what_would_have_been_understood() {
    let headers = |read: Read<'_>| match check(&read, &Rules::default()) {
        Err(Stop::Answer(refusal)) => refusal.headers,
        Ok(()) | Err(Stop::Drop) => panic!("no answer"),
    };

    let require = ["timer, a, b", "a\u{e9}", "c"];
    let unsupported = headers(Read {
        require: &require,
        ..invite()
    });
    let allow = headers(Read {
        method: "FOO",
        cseq: Some("1 FOO"),
        ..invite()
    });
    let accept = headers(Read {
        content_type: Some("x/y"),
        ..invite()
    });

    assert_eq!(unsupported, [("Unsupported", "a, b, c".to_owned())]);
    assert_eq!(allow, [("Allow", ALLOW.to_owned())]);
    assert_eq!(accept, [("Accept", "application/sdp".to_owned())]);
}

#[test]
fn an_ack_is_never_answered_and_nothing_is_without_a_way_back() {
    let ack = Read {
        version: "SIP/7.0",
        ..within("ACK", "1 ACK")
    };

    assert_eq!(status(&ack), 1);
    assert_eq!(status(&within("ACK", "1 ACK")), 0);
    assert_eq!(
        status(&Read {
            via: None,
            ..invite()
        }),
        1
    );
    assert_eq!(
        status(&Read {
            via: Some(" "),
            ..invite()
        }),
        1
    );
    assert_eq!(status(&Read::default()), 1);
}

#[test]
fn a_cancel_is_not_asked_for_extensions() {
    let cancel = Read {
        require: &["odd"],
        dialog: Dialog::Unknown,
        ..within("CANCEL", "1 CANCEL")
    };

    assert_eq!(status(&cancel), 0);
}

#[test]
fn every_hop_counts() {
    let cases = [
        (Some("70"), 69),
        (Some(" 1 "), 0),
        (Some("0"), 0),
        (None, 69),
        (Some("x"), 69),
    ];

    for (received, next) in cases {
        assert_eq!(next_max_forwards(received), next);
    }
}

#[test]
fn a_request_that_came_two_ways_is_merged_and_a_repetition_is_not() {
    let mut merged = Merged::default();
    let first = Request {
        from_tag: "a",
        call_id: "x@h",
        cseq: "1 INVITE",
        branch: "z9hG4bK1",
    };
    let other_way = Request {
        branch: "z9hG4bK2",
        ..first
    };
    let next = Request {
        cseq: "2 INVITE",
        branch: "z9hG4bK3",
        ..first
    };

    assert!(!merged.is_merged(&first, 0));
    assert!(!merged.is_merged(&first, 500));
    assert!(merged.is_merged(&other_way, 600));
    assert!(merged.is_merged(&other_way, 31_000));
    assert!(!merged.is_merged(&next, 700));
    assert!(!merged.is_merged(&other_way, 100_000));
}

#[test]
fn the_memory_of_requests_is_bounded() {
    let mut merged = Merged::new(100);

    for at in 0..10_000 {
        let call_id = at.to_string();
        let request = Request {
            from_tag: "a",
            call_id: &call_id,
            cseq: "1 X",
            branch: "b",
        };
        assert!(!merged.is_merged(&request, 0));
    }

    assert!(format!("{merged:?}").len() < 10_000);
}

#[test]
fn hostile_requests_are_answered_in_one_line() {
    let seeds = [
        "sip:1002@example.com",
        "INVITE",
        "1 INVITE",
        "<sip:1001@example.com>;tag=a",
        "application/sdp",
        "100rel, timer",
    ];

    hostile::texts(&seeds, 20_000, |text| {
        let require = [text];
        let reads = [
            Read {
                uri: text,
                from: Some(text),
                ..invite()
            },
            Read {
                method: text,
                cseq: Some(text),
                ..invite()
            },
            Read {
                require: &require,
                ..invite()
            },
            Read {
                content_type: Some(text),
                max_forwards: Some(text),
                ..invite()
            },
        ];
        for read in reads {
            if let Err(Stop::Answer(refusal)) = check(&read, &Rules::default()) {
                let clean = |value: &String| !value.chars().any(char::is_control);
                assert!(
                    refusal.headers.iter().all(|(_, value)| clean(value)),
                    "{text:?}"
                );
            }
        }
    });
}
