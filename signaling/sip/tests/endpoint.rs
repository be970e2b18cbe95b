//! The endpoint from outside: plain sockets that register, guess, call and send nonsense.
//!
//! Whole calls and trunks are in the workspace's `tests/telephony`.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "endpoint/house.rs"]
mod house;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bellwire_sip::{
    api::{CallEvent, Event, Origin, StartError},
    bans::Reason,
    digest::{Algorithm, Challenge},
    endpoint::Endpoint,
    settings::{Limits, Settings, TlsListen},
};
use house::{BEGAN_MS, House, NEVER, PASSWORD, SOON, USER, directory, login, settings, start};
use tokio::time::timeout;

#[tokio::test]
async fn options_tell_what_there_is() {
    let house = House::open(settings()).await;

    for mut phone in [house.udp().await, house.tcp().await] {
        let answer = phone.ask("OPTIONS", "sip:localhost", "x", "").await;

        assert_eq!(answer.status(), 200);
        for name in ["Allow", "Accept", "Supported"] {
            assert_eq!(answer.values(name).len(), 1, "{}", answer.0);
        }
        let agent = concat!("Bellwire/", env!("CARGO_PKG_VERSION"));
        assert!(answer.0.contains(agent), "{}", answer.0);
    }
    assert_ne!(house.endpoint.addresses().udp.unwrap().port(), 0);
}

#[tokio::test]
async fn a_phone_logs_in_with_either_hash_and_goes() {
    let mut house = House::open(settings()).await;
    for algorithm in [Algorithm::Md5, Algorithm::Sha256] {
        let mut phone = house.udp().await;

        let answer = phone.register(USER, PASSWORD, algorithm, 300).await;

        assert_eq!(answer.status(), 200, "{algorithm:?}");
        assert!(answer.values("Contact")[0].contains("expires=300"));
        let bindings = house.bindings().await;
        assert_eq!(bindings.len(), 1);
        assert_eq!(bindings[0].source, phone.own);
        assert_eq!(house.endpoint.bindings_of(USER), bindings);
        assert_eq!(house.endpoint.counts().registered, 1);
        let answer = phone.register(USER, PASSWORD, algorithm, 0).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(house.bindings().await, vec![]);
    }
}

#[tokio::test]
async fn who_guesses_learns_nothing_and_is_banned_on_every_line() {
    let mut house = House::open(Settings {
        limits: Limits {
            failed_logins: 3,
            ..Limits::default()
        },
        ..settings()
    })
    .await;
    let mut open = house.tcp().await;
    assert_eq!(open.options().await, Some(200));
    let mut told = vec![];

    for (user, password) in [(USER, "wrong"), ("nobody", "wrong"), ("nobody", PASSWORD)] {
        let mut phone = house.udp().await;
        let answer = phone.register(user, password, Algorithm::Sha256, 300).await;
        assert_eq!(answer.status(), 401);
        told.push(answer.told());
    }

    assert_eq!(told[0], told[1]);
    assert_eq!(told[1], told[2]);
    assert_eq!(house.banned().await, Reason::Login);
    assert_eq!(house.endpoint.counts().banned, 1);
    assert_eq!(house.endpoint.counts().failed_logins, 3);
    assert_eq!(house.udp().await.options().await, None);
    // Its connection was there before the ban.
    assert_eq!(open.options().await, None);
    assert!(house.endpoint.lift_ban(Ipv4Addr::LOCALHOST.into()));
    assert_eq!(house.udp().await.options().await, Some(200));
    assert_eq!(open.options().await, Some(200));
}

#[tokio::test]
async fn nobody_registers_as_somebody_else() {
    let house = House::open(settings()).await;

    for header in ["From", "To"] {
        let mut phone = house.udp().await;
        let asked = phone.ask("REGISTER", "sip:localhost", USER, "").await;
        let challenge = Challenge::pick(&asked.values("WWW-Authenticate")).unwrap();
        let login = login(&challenge, USER, PASSWORD, "REGISTER", "sip:localhost");
        let more = format!("Authorization: {login}\r\n");
        let text = phone.request("REGISTER", "sip:localhost", USER, &more);
        let own = format!("{header}: <sip:{USER}@");
        assert!(text.contains(&own));
        phone
            .send(&text.replace(&own, &format!("{header}: <sip:boss@")))
            .await;

        let answer = phone.answer_within(SOON).await.unwrap();
        assert_eq!(answer.status(), 403, "{header}");
    }
    assert_eq!(house.endpoint.counts().registered, 0);
}

#[tokio::test]
async fn a_registration_runs_out() {
    let mut house = House::open(settings()).await;
    let mut phone = house.udp().await;
    phone.register(USER, PASSWORD, Algorithm::Md5, 60).await;
    assert_eq!(house.bindings().await.len(), 1);

    house.clock_ms.fetch_add(60_000, Ordering::Relaxed);

    assert_eq!(house.bindings().await, vec![]);
    assert_eq!(house.endpoint.counts().registered, 0);
}

#[tokio::test]
async fn a_phone_on_a_connection_is_gone_with_it() {
    let mut house = House::open(settings()).await;
    let mut phone = house.tcp().await;
    phone.register(USER, PASSWORD, Algorithm::Md5, 300).await;
    let bindings = house.bindings().await;
    assert_eq!(bindings[0].source, phone.own);

    drop(phone);

    assert_eq!(house.bindings().await, vec![]);
}

#[tokio::test]
async fn another_password_ends_a_registration_and_the_same_one_does_not() {
    let mut house = House::open(settings()).await;
    let mut phone = house.udp().await;
    phone.register(USER, PASSWORD, Algorithm::Md5, 300).await;
    assert_eq!(house.bindings().await.len(), 1);

    house.endpoint.set_directory(directory(PASSWORD));
    assert_eq!(house.endpoint.bindings_of(USER).len(), 1);
    house.endpoint.set_directory(directory("another"));

    assert_eq!(house.bindings().await, vec![]);
}

#[tokio::test]
async fn only_accounts_call() {
    let mut house = House::open(settings()).await;
    let mut phone = house.udp().await;
    let uri = "sip:100@localhost";

    let asked = phone.ask("INVITE", uri, USER, "").await;

    assert_eq!(asked.status(), 407);
    let challenge = Challenge::pick(&asked.values("Proxy-Authenticate")).unwrap();
    let login = login(&challenge, USER, PASSWORD, "INVITE", uri);
    let text = phone.request(
        "INVITE",
        uri,
        USER,
        &format!("Proxy-Authorization: {login}\r\n"),
    );
    phone.send(&text).await;
    let Event::Arrived(arrived) = house.event().await else {
        panic!("no call");
    };
    assert_eq!(arrived.origin, Origin::Account(USER.to_owned()));
    assert_eq!(arrived.dialled, "100");
    assert_eq!(house.endpoint.counts().calls, 1);
    timeout(Duration::from_secs(2), house.endpoint.stop())
        .await
        .unwrap();
    assert_eq!(house.endpoint.counts().calls, 0);
}

#[tokio::test]
async fn what_belongs_to_a_call_reaches_it() {
    let mut house = House::open(settings()).await;
    let mut phone = house.tcp().await;
    let uri = "sip:100@localhost";
    let asked = phone.ask("INVITE", uri, USER, "").await;
    let challenge = Challenge::pick(&asked.values("Proxy-Authenticate")).unwrap();
    let login = login(&challenge, USER, PASSWORD, "INVITE", uri);
    let login = format!("Proxy-Authorization: {login}\r\n");
    let invite = phone.request("INVITE", uri, USER, &login);
    phone.send(&invite).await;
    let Event::Arrived(mut arrived) = house.event().await else {
        panic!("no call");
    };

    // They made no offer, so that ours is in the answer; its body is of no interest here.
    arrived.call.answer(String::new());
    let answer = loop {
        let answer = phone.answer_within(SOON).await.unwrap();
        if answer.status() >= 200 {
            break answer;
        }
    };
    assert_eq!(answer.status(), 200, "{}", answer.0);
    let (from, to) = (answer.values("From")[0], answer.values("To")[0]);
    let cseq = phone.cseq;
    for method in ["ACK", "BYE"] {
        let text = phone.request(method, uri, USER, "");
        let lines = text.lines().map(|line| match line.split_once(':') {
            Some(("From", _)) => format!("From: {from}\r\n"),
            Some(("To", _)) => format!("To: {to}\r\n"),
            Some(("CSeq", _)) if method == "ACK" => format!("CSeq: {cseq} ACK\r\n"),
            Some(_) | None => format!("{line}\r\n"),
        });
        let text: String = lines.collect();
        phone.send(&text).await;
    }

    assert_eq!(phone.answer_within(SOON).await.unwrap().status(), 200);
    let ended = async {
        loop {
            match arrived.events.recv().await {
                Some(CallEvent::Ended { by_them, .. }) => return by_them,
                Some(_) => {}
                None => panic!("it never ended"),
            }
        }
    };
    assert!(timeout(SOON, ended).await.unwrap());
    assert_eq!(house.endpoint.counts().calls, 0);
    assert_eq!(house.endpoint.counts().refused, 0);
}

#[tokio::test]
async fn with_calls_enough_the_next_is_to_come_later() {
    let house = House::open(Settings {
        limits: Limits {
            calls: 0,
            ..Limits::default()
        },
        ..settings()
    })
    .await;

    let mut phone = house.udp().await;
    let answer = phone.ask("INVITE", "sip:100@localhost", USER, "").await;

    assert_eq!(answer.status(), 503);
    assert_eq!(answer.values("Retry-After").len(), 1);
}

#[tokio::test]
async fn what_is_not_for_us_is_refused() {
    let house = House::open(settings()).await;
    let mut phone = house.udp().await;

    for (method, more, status) in [
        ("SUBSCRIBE", "Event: presence\r\n", 405),
        ("MESSAGE", "", 405),
        ("BYE", "", 481),
        ("OPTIONS", "Require: cheese\r\n", 420),
    ] {
        let answer = phone.ask(method, "sip:localhost", "x", more).await;
        assert_eq!(answer.status(), status, "{method}");
        assert_eq!(answer.values("Allow").len(), usize::from(status == 405));
    }
    // The same request by another way (RFC 3261 §8.2.2.2).
    let text = phone.request("OPTIONS", "sip:localhost", "x", "");
    phone.send(&text).await;
    assert_eq!(phone.answer_within(SOON).await.unwrap().status(), 200);
    phone
        .send(&text.replace("branch=z9hG4bK", "branch=z9hG4bKb"))
        .await;
    assert_eq!(phone.answer_within(SOON).await.unwrap().status(), 482);
}

#[tokio::test]
async fn a_tag_does_not_make_a_flood_a_call() {
    let mut house = House::open(settings()).await;
    let mut phone = house.udp().await;
    let mut answered = 0;

    for nth in 0..800 {
        let text = phone.request("BYE", "sip:localhost", "x", "");
        let to = "To: <sip:100@localhost>";
        phone.send(&text.replace(to, &format!("{to};tag=1"))).await;
        if nth % 20 == 19 {
            while phone
                .answer_within(Duration::from_millis(1))
                .await
                .is_some()
            {
                answered += 1;
            }
        }
    }

    assert_eq!(house.banned().await, Reason::Flood);
    // The clock stands: what is allowed at once, and nothing more.
    assert!((1..=100).contains(&answered), "{answered}");
}

#[tokio::test]
async fn who_asks_too_fast_on_a_connection_is_told() {
    let house = House::open(settings()).await;
    let (mut phone, mut datagrams) = (house.tcp().await, house.udp().await);

    // The clock stands: what is allowed at once, and nothing more.
    for _ in 0..100 {
        assert_eq!(phone.options().await, Some(200));
    }
    let answer = phone.ask("OPTIONS", "sip:localhost", "x", "").await;

    assert_eq!(answer.status(), 503);
    assert_eq!(answer.values("Retry-After"), ["5"]);
    // A datagram's sender may be anybody, who did not ask.
    assert_eq!(datagrams.options().await, None);
}

#[tokio::test]
async fn a_scanner_hears_nothing() {
    let mut house = House::open(settings()).await;
    let mut phone = house.udp().await;

    let text = phone.request(
        "OPTIONS",
        "sip:localhost",
        "x",
        "User-Agent: friendly-scanner\r\n",
    );
    phone.send(&text).await;

    assert_eq!(house.banned().await, Reason::Scanner);
    assert!(phone.answer_within(NEVER).await.is_none());
}

#[tokio::test]
async fn garbage_delays_nobody() {
    let house = House::open(settings()).await;
    let mut hostile = house.udp().await;
    let whole = hostile.request("OPTIONS", "sip:localhost", "x", "");

    for nth in 0..2000_usize {
        let cut = whole.get(..nth % whole.len()).unwrap();
        hostile
            .send(&format!("{cut}{}", "\u{fffd}".repeat(nth % 300)))
            .await;
        if nth % 64 == 63 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    let mut phone = house.udp().await;
    let answer = phone.ask("OPTIONS", "sip:localhost", "x", "").await;

    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn who_sends_nothing_but_nonsense_is_banned() {
    let mut house = House::open(settings()).await;
    let mut phone = house.udp().await;

    // The stack reads these; each has one thing that must not be sent on.
    let bad = [("From: ", "From: x\rEvil: 1 "), ("CSeq: ", "CSeq: x")];
    for nth in 0..60 {
        let text = phone.request("OPTIONS", "sip:localhost", "x", "");
        let (good, bad) = bad[nth % 2];
        phone.send(&text.replace(good, bad)).await;
        if let Some(answer) = phone.answer_within(Duration::from_millis(2)).await {
            assert_eq!(answer.status(), 400);
            assert!(!answer.0.contains("Evil"));
        }
    }

    assert_eq!(house.banned().await, Reason::Malformed);
}

#[tokio::test]
async fn what_cannot_be_used_is_told_at_the_start() {
    let clock_ms = Arc::new(AtomicU64::new(BEGAN_MS));
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let no_certificate = std::env::temp_dir().join(format!("bellwire-{}.pem", std::process::id()));
    std::fs::write(&no_certificate, "no certificate").unwrap();
    let tls = |path: PathBuf| Settings {
        tls: Some(TlsListen {
            address: any,
            certificate: path.clone(),
            key: path,
        }),
        ..settings()
    };

    for path in [no_certificate.clone(), PathBuf::from("/no/such/file")] {
        let started = Endpoint::start(start(tls(path), &clock_ms)).await;
        assert!(matches!(started, Err(StartError::Certificate(_))));
    }
    std::fs::remove_file(no_certificate).unwrap();
    let house = House::open(settings()).await;
    let taken = Settings {
        udp: house.endpoint.addresses().udp,
        ..settings()
    };
    let started = Endpoint::start(start(taken, &clock_ms)).await;
    assert!(matches!(started, Err(StartError::Listen { .. })));
}
