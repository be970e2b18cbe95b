use super::*;
use crate::settings::{Login, Secret};

const BEGAN: u64 = 1_000_000;

fn at(ms: u64) -> Now {
    Now {
        ms,
        wall_ms: BEGAN + ms,
    }
}

fn trunk(registers: bool, options_every_s: u32) -> Trunk {
    Trunk {
        login: Some(Login {
            user: "34910000001".to_owned(),
            auth_user: String::new(),
            password: Secret::new("x"),
            register: registers,
        }),
        options_every_s,
        ..Trunk::default()
    }
}

fn why(text: &str) -> String {
    text.to_owned()
}

fn trouble(standing: &Standing) -> Option<String> {
    standing.trouble().map(|(why, _)| why)
}

const REGISTER: Step = Step::Register { expires_s: 600 };

#[test]
fn a_registration_is_refreshed_at_eighty_percent_of_what_was_granted() {
    let mut standing = Standing::new(&trunk(true, 0), at(0));
    assert_eq!(standing.state(), TrunkState::Unknown);
    assert_eq!(standing.next(at(0)), REGISTER);

    standing.apply(at(100), Outcome::Registered { expires_s: 100 });

    let until_ms = BEGAN + 100 + 100_000;
    assert_eq!(standing.state(), TrunkState::Registered { until_ms });
    assert_eq!(standing.next(at(100)), Step::Resolve);
    standing.apply(at(100), Outcome::Found);
    assert_eq!(standing.next(at(100)), Step::Wait { ms: 80_000 });
    assert_eq!(standing.next(at(80_099)), Step::Wait { ms: 1 });
    assert_eq!(standing.next(at(80_100)), REGISTER);
}

#[test]
fn a_refusal_is_tried_again_after_a_minute_and_more_and_more_seldom() {
    let mut standing = Standing::new(&trunk(true, 0), at(0));
    standing.apply(at(0), Outcome::Found);
    let mut now = 0;
    let mut pauses = Vec::new();
    for _ in 0..6 {
        assert_eq!(standing.next(at(now)), REGISTER);
        let outcome = Outcome::Refused {
            why: why("wrong password"),
            after_s: 0,
        };
        standing.apply(at(now), outcome);
        assert_eq!(standing.state(), TrunkState::Refuses);
        let pause = standing.register_at - now;
        pauses.push(pause / 1000);
        now += pause;
    }
    assert_eq!(pauses, [60, 120, 240, 480, 600, 600]);
    assert_eq!(trouble(&standing).as_deref(), Some("wrong password"));

    // OPTIONS that work do not hide it.
    standing.apply(at(now), Outcome::Answered);
    assert_eq!(standing.state(), TrunkState::Refuses);
    assert_eq!(trouble(&standing).as_deref(), Some("wrong password"));

    standing.apply(at(now), Outcome::Registered { expires_s: 600 });
    assert_eq!(trouble(&standing), None);
    let outcome = Outcome::Refused {
        why: why("again"),
        after_s: 90,
    };
    standing.apply(at(now), outcome);
    // From the beginning, but as late as the server asks for.
    assert_eq!(standing.register_at - now, 90_000);
}

#[test]
fn silence_is_tried_again_after_ten_seconds_and_more_and_more_seldom() {
    let mut standing = Standing::new(&trunk(true, 0), at(0));
    standing.apply(at(0), Outcome::Found);
    let mut now = 0;
    let mut pauses = Vec::new();
    for _ in 0..6 {
        let outcome = Outcome::Silent { why: why("silent") };
        standing.apply(at(now), outcome);
        assert_eq!(standing.state(), TrunkState::Silent);
        let pause = standing.register_at - now;
        pauses.push(pause / 1000);
        now += pause;
    }
    assert_eq!(pauses, [10, 20, 40, 80, 120, 120]);

    // It answers something again: at once, then.
    standing.apply(at(now + 1), Outcome::Answered);
    assert_eq!(standing.next(at(now + 1)), REGISTER);
}

#[test]
fn a_longer_registration_is_asked_for_once_in_an_attempt() {
    let mut standing = Standing::new(&trunk(true, 30), at(0));
    let brief = |min_s| Outcome::TooBrief {
        min_s,
        why: why("brief"),
    };

    standing.apply(at(0), brief(1800));
    assert_eq!(standing.next(at(0)), Step::Register { expires_s: 1800 });
    standing.apply(at(0), brief(1801));
    assert_eq!(standing.state(), TrunkState::Refuses);

    let mut standing = Standing::new(&trunk(true, 30), at(0));
    standing.apply(at(0), brief(0));
    assert_eq!(standing.state(), TrunkState::Refuses);
}

#[test]
fn two_unanswered_options_make_it_silent_until_it_answers() {
    let mut standing = Standing::new(&trunk(false, 30), at(0));
    assert_eq!(standing.next(at(0)), Step::Options);
    standing.apply(at(0), Outcome::Answered);
    assert_eq!(standing.state(), TrunkState::Answers);
    assert_eq!(standing.next(at(0)), Step::Wait { ms: 30_000 });

    let unanswered = || Outcome::Unanswered { why: why("silent") };
    standing.apply(at(30_000), unanswered());
    assert_eq!(standing.state(), TrunkState::Answers);
    assert_eq!(trouble(&standing), None);
    assert_eq!(standing.next(at(30_000)), Step::Wait { ms: 5_000 });
    standing.apply(at(35_000), unanswered());
    assert_eq!(standing.state(), TrunkState::Silent);
    assert_eq!(standing.trouble(), Some((why("silent"), BEGAN + 35_000)));
    assert_eq!(standing.next(at(35_000)), Step::Wait { ms: 30_000 });

    standing.apply(at(65_000), Outcome::Answered);
    assert_eq!(standing.state(), TrunkState::Answers);
    assert_eq!(trouble(&standing), None);
}

#[test]
fn a_registrar_that_was_away_is_registered_at_again() {
    let mut standing = Standing::new(&trunk(true, 30), at(0));
    standing.apply(at(0), Outcome::Registered { expires_s: 600 });
    for _ in 0..2 {
        standing.apply(at(1), Outcome::Unanswered { why: why("silent") });
    }
    assert_eq!(standing.state(), TrunkState::Silent);

    standing.apply(at(2), Outcome::Answered);

    assert!(matches!(standing.state(), TrunkState::Registered { .. }));
    assert_eq!(standing.next(at(2)), REGISTER);
}

#[test]
fn three_failed_calls_make_it_silent_until_something_works() {
    let mut standing = Standing::new(&trunk(false, 30), at(0));
    standing.apply(at(0), Outcome::Answered);
    standing.call_failed(at(1), why("503"));
    standing.call_failed(at(2), why("503"));
    assert_eq!(standing.state(), TrunkState::Answers);
    assert_eq!(trouble(&standing).as_deref(), Some("503"));
    standing.call_failed(at(3), why("503"));
    assert_eq!(standing.state(), TrunkState::Silent);

    // OPTIONS let one call try; the trouble is the calls'.
    standing.apply(at(30_000), Outcome::Answered);
    assert_eq!(standing.state(), TrunkState::Answers);
    assert_eq!(trouble(&standing).as_deref(), Some("503"));
    standing.call_failed(at(30_001), why("503"));
    assert_eq!(standing.state(), TrunkState::Silent);

    standing.call_worked();
    assert_eq!(standing.state(), TrunkState::Answers);
    assert_eq!(trouble(&standing), None);
    standing.call_failed(at(30_002), why("503"));
    assert_eq!(standing.state(), TrunkState::Answers);
}

#[test]
fn an_unreachable_trunk_that_is_never_asked_is_tried_again_after_a_minute() {
    let mut standing = Standing::new(&trunk(false, 0), at(0));
    standing.apply(at(0), Outcome::Found);
    standing.call_unreachable(at(5), why("no answer"));
    assert_eq!(standing.state(), TrunkState::Silent);

    assert_eq!(standing.next(at(5)), Step::Wait { ms: 60_000 });
    assert_eq!(standing.state(), TrunkState::Silent);
    assert!(matches!(standing.next(at(60_005)), Step::Wait { .. }));
    assert_eq!(standing.state(), TrunkState::Unknown);
    assert_eq!(trouble(&standing).as_deref(), Some("no answer"));
    standing.call_failed(at(60_006), why("no answer"));
    assert_eq!(standing.state(), TrunkState::Silent);
}

#[test]
fn calls_that_work_outrank_a_lost_registration_until_it_is_lost_again() {
    let mut standing = Standing::new(&trunk(true, 0), at(0));
    standing.apply(
        at(0),
        Outcome::Failed {
            why: why("503"),
            after_s: 0,
        },
    );
    assert_eq!(standing.state(), TrunkState::Silent);
    standing.call_worked();
    assert_eq!(standing.state(), TrunkState::Answers);
    assert_eq!(trouble(&standing).as_deref(), Some("503"));

    standing.apply(
        at(1),
        Outcome::Failed {
            why: why("503"),
            after_s: 0,
        },
    );
    assert_eq!(standing.state(), TrunkState::Silent);
}

#[test]
fn options_that_are_switched_on_begin_at_once() {
    let mut standing = Standing::new(&trunk(false, 0), at(0));
    standing.apply(at(0), Outcome::Found);
    assert!(matches!(standing.next(at(1)), Step::Wait { .. }));

    standing.change(&trunk(false, 30), at(1));

    assert_eq!(standing.next(at(1)), Step::Options);
}
