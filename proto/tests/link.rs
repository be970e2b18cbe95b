//! The link: what it does when sockets open, close, fall silent and come back.

use std::time::Duration;

use bellwire_proto::{
    id::{ConnectionId, TabId},
    link::{Config, Full, Link, Output, State},
    time::Timestamp,
    wire::{Bye, ByeReason, Down, Hello, Pass, Up, VERSION, Welcome},
};

type TestLink = Link<&'static str, &'static str>;

const T: Timestamp = Timestamp(1_000_000);

fn hello() -> Hello {
    Hello {
        version: VERSION,
        tab: TabId::new(T, 1),
        pass: Pass::Agent { ticket: "x".into() },
        seen: vec![],
    }
}

fn welcome() -> Down<&'static str> {
    Down::Welcome(Welcome {
        connection: ConnectionId::new(T, 1),
        now: T,
        token: None,
    })
}

fn sent(link: &mut TestLink) -> Vec<Up<&'static str>> {
    std::iter::from_fn(|| link.poll_output())
        .filter_map(|output| match output {
            Output::Send(frame) => Some(frame),
            Output::Open | Output::Close | Output::Deliver(_) | Output::Changed(_) => None,
        })
        .collect()
}

fn up() -> TestLink {
    let mut link = TestLink::new(Config::default());
    link.open(T);
    link.opened(hello(), T);
    link.heard(welcome(), 0, T);
    sent(&mut link);
    link
}

fn after(seconds: u64) -> Timestamp {
    T + Duration::from_secs(seconds)
}

#[test]
fn commands_wait_for_the_welcome_and_go_out_in_order() {
    let mut link = TestLink::new(Config::default());
    link.send("one").unwrap();
    link.open(T);
    link.opened(hello(), T);
    link.send("two").unwrap();
    assert_eq!(sent(&mut link), [Up::Hello(hello())]);

    link.heard(welcome(), 0, T);

    let one = Up::Do {
        n: 1,
        command: "one",
    };
    let two = Up::Do {
        n: 2,
        command: "two",
    };
    assert_eq!(sent(&mut link), [one, two]);
}

#[test]
fn what_is_not_stored_is_said_again() {
    let mut link = up();
    link.send("one").unwrap();
    link.send("two").unwrap();
    link.heard(Down::Done { n: 1 }, 0, T);
    link.closed(0, T);
    link.handle_timeout(0, after(1));
    link.opened(hello(), after(1));
    sent(&mut link);

    link.heard(welcome(), 0, after(1));

    assert_eq!(
        sent(&mut link),
        [Up::Do {
            n: 2,
            command: "two"
        }]
    );
}

#[test]
fn silence_is_asked_about_and_then_believed() {
    let mut link = up();
    assert_eq!(link.poll_timeout(), Some(after(10)));

    link.handle_timeout(0, after(10));
    assert_eq!(sent(&mut link), [Up::Ping]);
    link.handle_timeout(0, after(15));

    assert!(matches!(link.state(), State::Resting { .. }));
    assert_eq!(link.poll_output(), Some(Output::Close));
}

#[test]
fn a_sign_of_life_is_enough() {
    let mut link = up();
    link.handle_timeout(0, after(10));

    link.heard(Down::Pong, 0, after(11));

    assert_eq!(link.poll_timeout(), Some(after(21)));
}

#[test]
fn rests_grow_up_to_the_longest_and_start_over_after_success() {
    let mut link = TestLink::new(Config::default());
    let mut now = T;
    link.open(now);
    let mut rests = vec![];
    for _ in 0..8 {
        link.closed(0, now);
        let until = link.poll_timeout().unwrap();
        rests.push(until.since(now).as_millis());
        now = until;
        link.handle_timeout(0, now);
    }
    assert_eq!(rests, [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);

    link.opened(hello(), now);
    link.heard(welcome(), 0, now);
    link.closed(0, now);

    assert_eq!(link.poll_timeout(), Some(now + Duration::from_millis(250)));
}

#[test]
fn a_rest_is_spread_by_the_jitter() {
    let mut link = TestLink::new(Config::default());
    link.open(T);

    link.closed(255, T);

    assert_eq!(
        link.poll_timeout(),
        Some(T + Duration::from_micros(374_000))
    );
}

#[test]
fn a_bye_without_retry_is_the_end() {
    let mut link = up();
    let reason = ByeReason::NotWelcome;

    link.heard(
        Down::Bye(Bye {
            reason,
            retry_in_ms: None,
        }),
        0,
        T,
    );
    link.open(after(1));

    assert_eq!(link.state(), State::Over(reason));
    assert_eq!(link.poll_timeout(), None);
}

#[test]
fn a_bye_with_retry_is_obeyed() {
    let mut link = up();

    link.heard(
        Down::Bye(Bye {
            reason: ByeReason::Restart,
            retry_in_ms: Some(2_000),
        }),
        0,
        T,
    );

    assert_eq!(link.poll_timeout(), Some(after(2)));
    link.closed(0, T);
    assert_eq!(
        link.poll_timeout(),
        Some(after(2)),
        "the closing socket changes nothing"
    );
}

#[test]
fn a_network_that_comes_back_is_tried_at_once() {
    let mut link = up();
    link.closed(0, T);
    while link.poll_output().is_some() {}

    link.doubt(after(0));

    assert_eq!(link.poll_output(), Some(Output::Open));
}

#[test]
fn a_socket_that_does_not_open_is_given_up() {
    let mut link = TestLink::new(Config::default());
    link.open(T);

    link.handle_timeout(0, after(5));

    assert!(matches!(link.state(), State::Resting { .. }));
}

#[test]
fn too_much_waiting_is_refused() {
    let config = Config {
        most_kept: 2,
        ..Config::default()
    };
    let mut link = TestLink::new(config);

    assert_eq!(link.send("one"), Ok(()));
    assert_eq!(link.send("two"), Ok(()));
    assert_eq!(link.send("three"), Err(Full));
}
