//! What a registrar grants, refuses and forgets.

use super::*;
use crate::hostile;

const T0: u64 = 1_000_000;

/// A REGISTER over UDP from one phone, which the tests then change.
fn register<'a>(contacts: &'a [&'a str], cseq: u32) -> Register<'a> {
    Register {
        contacts,
        expires: None,
        call_id: "a@phone",
        cseq,
        source: "192.0.2.4:5060".parse().unwrap(),
        transport: Transport::Udp,
        agent: "Phone/1.0",
        path: &[],
    }
}

fn uris(bindings: &Bindings, now_ms: u64) -> Vec<String> {
    bindings
        .of("1001", now_ms)
        .into_iter()
        .map(|binding| binding.contact)
        .collect()
}

#[test]
fn a_phone_is_reached_until_its_registration_ends() {
    let mut bindings = Bindings::default();
    let request = register(&["\"Anna\" <sip:1001@10.0.0.7:5060>;expires=120"], 1);

    let accepted = bindings.register("1001", &request, T0).unwrap();

    assert_eq!(accepted.contacts, ["<sip:1001@10.0.0.7:5060>;expires=120"]);
    assert!(accepted.changed);
    assert_eq!(bindings.next_expiry_ms(), Some(T0 + 120_000));
    let binding = bindings.of("1001", T0 + 119_999).pop().unwrap();
    assert_eq!(binding.source, request.source);
    assert_eq!(binding.agent, "Phone/1.0");
    assert_eq!(uris(&bindings, T0 + 120_000), [""; 0]);
    assert_eq!(bindings.expire(T0 + 120_000), ["1001"]);
    assert_eq!(bindings.next_expiry_ms(), None);
}

#[test]
fn the_interval_is_what_the_contact_or_else_the_header_or_else_nobody_says() {
    let cases = [
        ("<sip:a@h>;expires=90", Some("100"), Ok(90)),
        ("<sip:a@h>", Some("100"), Ok(100)),
        ("<sip:a@h>", None, Ok(3600)),
        ("<sip:a@h>;expires=99999999999", None, Ok(3600)),
        ("<sip:a@h>;expires=soon", None, Ok(3600)),
        ("<sip:a@h>;expires=60", None, Ok(60)),
        (
            "<sip:a@h>;expires=59",
            None,
            Err(Refusal::TooBrief { min_s: 60 }),
        ),
        ("<sip:a@h>", Some("1"), Err(Refusal::TooBrief { min_s: 60 })),
    ];

    for (contact, expires, wanted) in cases {
        let mut bindings = Bindings::default();
        let contacts = [contact];
        let request = Register {
            expires,
            ..register(&contacts, 1)
        };
        let granted = bindings
            .register("1001", &request, T0)
            .map(|_| bindings.of("1001", T0)[0].remaining_s(T0));
        assert_eq!(granted, wanted, "{contact} {expires:?}");
    }
}

#[test]
fn a_refresh_is_no_change_and_a_move_is() {
    let mut bindings = Bindings::default();
    bindings
        .register("1001", &register(&["<sip:a@h>"], 1), T0)
        .unwrap();

    let refresh = bindings
        .register("1001", &register(&["<sip:a@H>"], 2), T0 + 5)
        .unwrap();
    let text = bindings
        .register("1001", &register(&["<sip:a@h>"], 3), T0 + 6)
        .unwrap();
    let elsewhere = Register {
        source: "192.0.2.9:1024".parse().unwrap(),
        ..register(&["<sip:a@h>"], 4)
    };
    let moved = bindings.register("1001", &elsewhere, T0 + 7).unwrap();

    // How the phone writes itself is what calls to it will name.
    assert!(refresh.changed && text.changed && moved.changed);
    let again = Register {
        cseq: 5,
        ..elsewhere
    };
    assert!(!bindings.register("1001", &again, T0 + 8).unwrap().changed);
    assert_eq!(bindings.of("1001", T0 + 8).len(), 1);
}

#[test]
fn a_request_without_contacts_asks_which_there_are() {
    let mut bindings = Bindings::default();
    bindings
        .register("1001", &register(&["<sip:a@h>;q=0.5;expires=100"], 1), T0)
        .unwrap();

    let accepted = bindings
        .register("1001", &register(&[], 2), T0 + 40_001)
        .unwrap();

    assert_eq!(accepted.contacts, ["<sip:a@h>;expires=60;q=0.500"]);
    assert!(!accepted.changed);
}

#[test]
fn a_star_takes_all_contacts_away_but_only_alone_and_with_expires_0() {
    let mut bindings = Bindings::default();
    bindings
        .register("1001", &register(&["<sip:a@h>, <sip:b@h>"], 1), T0)
        .unwrap();
    let wrong: [(&[&str], Option<&str>); 4] = [
        (&["*"], None),
        (&["*"], Some("10")),
        (&["*, <sip:a@h>"], Some("0")),
        (&["*", "*"], Some("0")),
    ];

    for (contacts, expires) in wrong {
        let request = Register {
            expires,
            ..register(contacts, 2)
        };
        let refusal = bindings.register("1001", &request, T0).unwrap_err();
        assert_eq!(refusal.response().0, 400, "{contacts:?}");
    }
    let late = Register {
        expires: Some("0"),
        ..register(&["*"], 1)
    };
    assert_eq!(
        bindings.register("1001", &late, T0),
        Err(Refusal::OutOfOrder)
    );
    assert_eq!(bindings.of("1001", T0).len(), 2);
    let right = Register {
        expires: Some("0"),
        ..register(&["*"], 2)
    };
    let accepted = bindings.register("1001", &right, T0).unwrap();
    assert_eq!((accepted.contacts.len(), accepted.changed), (0, true));
    assert_eq!(bindings.registered(), 0);
}

#[test]
fn an_older_request_of_the_same_phone_changes_nothing() {
    let mut bindings = Bindings::default();
    bindings
        .register("1001", &register(&["<sip:a@h>;expires=100"], 5), T0)
        .unwrap();

    let older = bindings.register("1001", &register(&["<sip:a@h>;expires=0"], 4), T0);
    let twice = bindings.register("1001", &register(&["<sip:a@h>;expires=0"], 5), T0);
    let mixed = bindings.register(
        "1001",
        &register(&["<sip:b@h>, <sip:a@h>;expires=0"], 4),
        T0,
    );
    let anew = Register {
        call_id: "b@phone",
        ..register(&["<sip:a@h>;expires=200"], 1)
    };

    assert_eq!(
        [older, twice, mixed].map(Result::unwrap_err),
        [Refusal::OutOfOrder; 3]
    );
    assert_eq!(uris(&bindings, T0), ["sip:a@h"]);
    assert!(bindings.register("1001", &anew, T0).is_ok());
    assert_eq!(bindings.of("1001", T0)[0].remaining_s(T0), 200);
}

#[test]
fn a_request_is_taken_whole_or_not_at_all() {
    let mut bindings = Bindings::default();
    let request = register(&["<sip:a@h>", "<sip:b@h>;expires=5"], 1);

    assert!(bindings.register("1001", &request, T0).is_err());
    assert_eq!(bindings.registered(), 0);
}

#[test]
fn contacts_are_called_by_q_and_then_the_newest_first() {
    let mut bindings = Bindings::default();
    let requests = [
        "<sip:a@h>;q=0.7",
        "<sip:b@h>",
        "<sip:c@h>;q=0.7",
        "<sip:d@h>;q=0",
    ];

    for (cseq, contact) in (1..).zip(requests) {
        let contacts = [contact];
        let request = register(&contacts, cseq);
        bindings
            .register("1001", &request, T0 + u64::from(cseq))
            .unwrap();
    }

    assert_eq!(
        uris(&bindings, T0 + 9),
        ["sip:b@h", "sip:c@h", "sip:a@h", "sip:d@h"]
    );
}

#[test]
fn a_device_that_starts_anew_on_another_port_is_still_one_device() {
    let mut bindings = Bindings::default();
    let at = |port, flow: &str| {
        format!("<sip:a@10.0.0.7:{port}>;+sip.instance=\"<urn:uuid:f81d4fae>\"{flow}")
    };
    let mut put = |contact: &str, cseq| {
        bindings
            .register("1001", &register(&[contact], cseq), T0 + u64::from(cseq))
            .unwrap();
        uris(&bindings, T0 + u64::from(cseq))
    };

    assert_eq!(put(&at(5060, ""), 1), ["sip:a@10.0.0.7:5060"]);
    assert_eq!(put(&at(5070, ""), 2), ["sip:a@10.0.0.7:5070"]);
    // A second flow of the device (RFC 5626 §4.2) is a second way to it.
    assert_eq!(put(&at(5080, ";reg-id=2"), 3).len(), 2);
    assert_eq!(
        put(&at(5090, ";reg-id=2"), 4),
        ["sip:a@10.0.0.7:5090", "sip:a@10.0.0.7:5070"]
    );
    let answer = bindings
        .register("1001", &register(&[], 9), T0 + 10)
        .unwrap();
    assert!(answer.contacts[0].ends_with(";+sip.instance=\"<urn:uuid:f81d4fae>\";reg-id=2"));
}

#[test]
fn phones_that_share_an_empty_name_are_not_one_device() {
    let mut bindings = Bindings::default();
    let nobody = ";+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-000000000000>\"";
    let contacts = format!("<sip:a@h>{nobody}, <sip:b@h>{nobody}");

    bindings
        .register("1001", &register(&[&contacts], 1), T0)
        .unwrap();

    assert_eq!(bindings.of("1001", T0).len(), 2);
}

#[test]
fn with_one_phone_too_many_the_one_longest_silent_goes() {
    let mut bindings = Bindings::new(Policy {
        most_contacts: 2,
        ..Policy::default()
    });
    for (cseq, contact) in (1..).zip(["<sip:a@h>", "<sip:b@h>", "<sip:a@h>", "<sip:c@h>"]) {
        let contacts = [contact];
        bindings
            .register("1001", &register(&contacts, cseq), T0 + u64::from(cseq))
            .unwrap();
    }

    assert_eq!(uris(&bindings, T0 + 9), ["sip:c@h", "sip:a@h"]);
    let three = register(&["<sip:x@h>, <sip:y@h>, <sip:z@h>"], 9);
    assert_eq!(bindings.register("1001", &three, T0), Err(Refusal::TooMany));
}

#[test]
fn contacts_that_could_do_harm_are_refused() {
    let wrong = [
        "<tel:+49301>",
        "<http://h>",
        "<sip:a@h?Route=x>",
        "<sip:a@h",
        "<>",
        "nonsense",
        "<sip:a@h>\r\nEvil: 1",
        "<sip:a@h\0>",
        "<sip:a@h>;x=\"\r\n\"",
    ];

    for contact in wrong {
        let mut bindings = Bindings::default();
        let refusal = bindings
            .register("1001", &register(&[contact], 1), T0)
            .unwrap_err();
        assert_eq!(refusal.response().0, 400, "{contact:?}");
    }
}

#[test]
fn a_path_is_kept_for_calls_and_repeated_in_the_answer() {
    let mut bindings = Bindings::default();
    let path = ["<sip:edge.example.com;lr>, <sip:core.example.com;lr>"];
    let request = Register {
        path: &path,
        ..register(&["<sip:a@h>"], 1)
    };

    let accepted = bindings.register("1001", &request, T0).unwrap();

    let hops = ["<sip:edge.example.com;lr>", "<sip:core.example.com;lr>"];
    assert_eq!(bindings.of("1001", T0)[0].path, hops);
    assert_eq!(accepted.path.as_deref(), Some(path[0]));
    let broken = Register {
        path: &["<sip:edge\r\n>"],
        ..register(&["<sip:a@h>"], 2)
    };
    assert_eq!(
        bindings
            .register("1001", &broken, T0)
            .unwrap_err()
            .response()
            .0,
        400
    );
}

#[test]
fn a_connection_takes_its_contacts_with_it() {
    let mut bindings = Bindings::default();
    let stream = Register {
        transport: Transport::Tcp,
        ..register(&["<sip:a@h>"], 1)
    };
    bindings.register("1001", &stream, T0).unwrap();
    bindings
        .register("1002", &register(&["<sip:b@h>"], 1), T0)
        .unwrap();

    assert_eq!(
        bindings.connection_lost(stream.source, Transport::Udp),
        [""; 0]
    );
    assert_eq!(
        bindings.connection_lost(stream.source, Transport::Tcp),
        ["1001"]
    );
    assert_eq!(bindings.registered(), 1);
}

#[test]
fn an_account_that_is_gone_takes_its_contacts_with_it() {
    let mut bindings = Bindings::default();
    bindings
        .register("1001", &register(&["<sip:a@h>"], 1), T0)
        .unwrap();
    bindings
        .register("1002", &register(&["<sip:b@h>"], 1), T0)
        .unwrap();

    assert_eq!(bindings.keep_users(|user| user != "1001"), ["1001"]);
    assert_eq!(bindings.all(T0).len(), 1);
}

#[test]
fn after_a_restart_phones_are_where_they_were() {
    let mut before = Bindings::default();
    before
        .register(
            "1001",
            &register(&["<sip:a@h>;expires=100, <sip:b@h>"], 7),
            T0,
        )
        .unwrap();
    let stored: Vec<(String, Binding)> = before
        .all(T0)
        .into_iter()
        .flat_map(|(user, all)| all.into_iter().map(move |binding| (user.clone(), binding)))
        .collect();
    let odd = ("a b".to_owned(), stored[0].1.clone());
    let broken = (
        "1001".to_owned(),
        Binding {
            contact: "\r\n".to_owned(),
            ..stored[0].1.clone()
        },
    );

    let mut after = Bindings::default();
    let twice = stored.iter().chain(&stored).cloned().chain([odd, broken]);
    after.restore(twice, T0 + 100_000);

    assert_eq!(uris(&after, T0 + 100_000), ["sip:b@h"]);
    assert_eq!(after.registered(), 1);
    let late = register(&["<sip:b@h>"], 7);
    assert_eq!(
        after.register("1001", &late, T0 + 100_000),
        Err(Refusal::OutOfOrder)
    );
}

#[test]
fn hostile_contacts_never_break_an_answer() {
    let seeds = [
        "\"A, B\" <sip:a@h:5060;transport=tcp>;expires=90;q=0.5;+sip.instance=\"<urn:x>\";reg-id=1",
        "<sip:a@h>, <sip:b@[::1]>;expires=0",
        "*",
    ];
    let mut bindings = Bindings::default();
    let mut cseq = 0;

    hostile::texts(&seeds, 20_000, |text| {
        cseq += 1;
        let contacts = [text];
        let request = Register {
            path: &contacts,
            agent: text,
            ..register(&contacts, cseq)
        };
        for request in [
            request,
            Register {
                path: &[],
                expires: Some(text),
                ..request
            },
        ] {
            if let Ok(accepted) = bindings.register("1001", &request, T0) {
                assert!(accepted.contacts.len() <= 10);
                let clean = |value: &String| words::header_value(value).is_some();
                assert!(
                    accepted.contacts.iter().all(clean),
                    "{:?}",
                    accepted.contacts
                );
            }
        }
    });
}
