//! Both roles, on a virtual clock.

use super::*;
use crate::hostile::{self, Random};

const T0: u64 = 1_000_000;
const WISH: Wish = Wish {
    session_expires_s: 1800,
    min_se_s: 90,
};

fn asked(session_expires: &str) -> Asked<'_> {
    Asked {
        session_expires: Some(session_expires),
        min_se: None,
        supports_timer: true,
        allows_update: true,
    }
}

/// Goes to the next deadline, and says after how many seconds what is due.
fn next(timer: &mut SessionTimer) -> (u64, Option<Due>) {
    let at_ms = timer.poll_timeout_ms().unwrap();
    assert_eq!(timer.handle_timeout(at_ms - 1), None);
    ((at_ms - T0) / 1000, timer.handle_timeout(at_ms))
}

#[test]
fn what_a_caller_asks_for_is_granted_within_bounds() {
    let them = Refresher::Them;
    let us = Refresher::Us;
    let cases = [
        ("1800;refresher=uac", None, 1800, them, "1800;refresher=uac"),
        ("600;refresher=UAC", None, 600, them, "600;refresher=uac"),
        ("600;refresher=uas", None, 600, us, "600;refresher=uas"),
        ("600", None, 600, us, "600;refresher=uas"),
        // Longer than we wish is reduced, but never below what the caller bears.
        ("7200;refresher=uac", None, 1800, them, "1800;refresher=uac"),
        (
            "7200;refresher=uac",
            Some("3600"),
            3600,
            them,
            "3600;refresher=uac",
        ),
        ("90", Some("90"), 90, us, "90;refresher=uas"),
        // What cannot be read is as good as nothing.
        ("soon", None, 1800, us, "1800;refresher=uas"),
        ("", Some("x"), 1800, us, "1800;refresher=uas"),
    ];

    for (session_expires, min_se, interval_s, refresher, header) in cases {
        let asked = Asked {
            min_se,
            ..asked(session_expires)
        };
        let (timer, granted) = accept(WISH, &asked, T0).unwrap();
        assert_eq!(timer.interval_s(), interval_s, "{session_expires}");
        assert_eq!(timer.refresher(), refresher, "{session_expires}");
        assert_eq!(granted.session_expires.as_deref(), Some(header));
        assert!(granted.require_timer);
    }
}

#[test]
fn an_interval_that_is_too_small_is_answered_422() {
    let wish = Wish {
        min_se_s: 120,
        ..WISH
    };

    let refused = accept(wish, &asked("119;refresher=uac"), T0);

    assert_eq!(refused.map(|_| ()), Err(TooSmall { min_se_s: 120 }));
    assert!(accept(wish, &asked("120"), T0).is_ok());
}

#[test]
fn a_caller_without_timers_is_refreshed_and_told_nothing() {
    let (mut timer, granted) = accept(WISH, &Asked::default(), T0).unwrap();

    assert_eq!(
        granted,
        Granted {
            session_expires: None,
            require_timer: false
        }
    );
    assert_eq!(
        next(&mut timer),
        (900, Some(Due::Refresh(Method::Reinvite)))
    );
}

#[test]
fn a_proxy_may_ask_for_a_caller_without_timers() {
    let by_proxy = |session_expires| Asked {
        session_expires: Some(session_expires),
        ..Asked::default()
    };

    let (timer, granted) = accept(WISH, &by_proxy("600;refresher=uac"), T0).unwrap();
    let (_, too_small) = accept(WISH, &by_proxy("30"), T0).unwrap();

    assert_eq!(timer.refresher(), Refresher::Us);
    assert_eq!(
        granted.session_expires.as_deref(),
        Some("600;refresher=uas")
    );
    assert!(!granted.require_timer);
    assert_eq!(too_small.session_expires, None);
}

#[test]
fn we_refresh_at_half_and_give_up_before_the_end() {
    let mut timer = SessionTimer::of_answer(WISH, Some("1800;refresher=uac"), true, T0);

    assert_eq!(timer.headers()[0].1, "1800;refresher=uac");
    assert_eq!(next(&mut timer), (900, Some(Due::Refresh(Method::Update))));
    timer.refreshed_by_us(Some("1800;refresher=uac"), T0 + 900_000);
    assert_eq!(next(&mut timer), (1800, Some(Due::Refresh(Method::Update))));
    assert_eq!(next(&mut timer), (900 + 1768, Some(Due::Expire)));
    assert_eq!(timer.poll_timeout_ms(), None);
    assert_eq!(timer.handle_timeout(u64::MAX), None);
}

#[test]
fn a_far_end_that_does_not_refresh_is_gone() {
    // RFC 4028 §10: a third of the interval early, or 32 seconds.
    for (interval, end_s) in [("90", 60), ("96", 64), ("600", 568), ("1800", 1768)] {
        let answer = format!("{interval};refresher=uas");
        let mut timer = SessionTimer::of_answer(WISH, Some(&answer), true, T0);

        assert_eq!(timer.refresher(), Refresher::Them);
        assert_eq!(timer.headers()[0].1, format!("{interval};refresher=uas"));
        assert_eq!(next(&mut timer), (end_s, Some(Due::Expire)), "{interval}");
    }
}

#[test]
fn their_refresh_starts_the_interval_anew() {
    let (mut timer, _) = accept(WISH, &asked("600;refresher=uac"), T0).unwrap();

    let granted = timer
        .refreshed_by_them(&asked("600;refresher=uac"), T0 + 300_000)
        .unwrap();

    assert_eq!(
        granted.session_expires.as_deref(),
        Some("600;refresher=uac")
    );
    assert_eq!(next(&mut timer), (868, Some(Due::Expire)));
}

#[test]
fn an_answer_without_timers_leaves_refreshing_to_us() {
    let mut timer = SessionTimer::of_answer(WISH, None, false, T0);

    assert_eq!(
        next(&mut timer),
        (900, Some(Due::Refresh(Method::Reinvite)))
    );
}

#[test]
fn an_answer_cannot_make_us_refresh_all_the_time() {
    for answer in ["0", "1;refresher=uac", "89"] {
        let mut timer = SessionTimer::of_answer(WISH, Some(answer), true, T0);
        assert_eq!(next(&mut timer).0, 45, "{answer}");
    }
}

#[test]
fn a_refresh_that_fails_is_repeated_changed_or_the_end() {
    let refreshing = || {
        let mut timer = SessionTimer::of_answer(WISH, None, true, T0);
        next(&mut timer);
        timer
    };
    let now_ms = T0 + 901_000;
    let update = Some(Due::Refresh(Method::Update));
    let cases = [
        (408, None, Some(Due::Expire)),
        (481, None, Some(Due::Expire)),
        (422, Some("2000"), update),
        (422, Some("60"), None),
        (422, None, None),
        (422, Some("99999999999"), None),
        (405, None, Some(Due::Refresh(Method::Reinvite))),
        (501, None, Some(Due::Refresh(Method::Reinvite))),
        (491, None, None),
        (403, None, None),
    ];

    for (status, min_se, due) in cases {
        assert_eq!(
            refreshing().refresh_failed(status, min_se, now_ms),
            due,
            "{status} {min_se:?}"
        );
    }
    let mut crossed = refreshing();
    crossed.refresh_failed(491, None, now_ms);
    assert_eq!(next(&mut crossed), (903, update));
    let mut longer = refreshing();
    longer.refresh_failed(422, Some("2000"), now_ms);
    assert_eq!(longer.headers()[0].1, "2000;refresher=uac");
    assert_eq!(longer.headers()[1].1, "2000");
}

#[test]
fn a_422_to_our_invite_raises_the_wish_once() {
    let raised = WISH.raised(Some("3600")).unwrap();

    assert_eq!(
        raised,
        Wish {
            session_expires_s: 3600,
            min_se_s: 3600
        }
    );
    assert_eq!(raised.headers()[0], ("Session-Expires", "3600".to_owned()));
    assert_eq!(raised.raised(Some("3600")), None);
    assert_eq!(WISH.raised(Some("600")).unwrap().session_expires_s, 1800);
    for hopeless in [None, Some(""), Some("90"), Some("86401"), Some("-1")] {
        assert_eq!(WISH.raised(hopeless), None, "{hopeless:?}");
    }
}

#[test]
fn a_session_that_is_over_stays_over() {
    let mut timer = SessionTimer::of_answer(WISH, None, true, T0);
    timer.refresh_failed(481, None, T0);

    timer.refreshed_by_us(None, T0);
    let _ = timer.refreshed_by_them(&asked("600"), T0);

    assert_eq!(timer.poll_timeout_ms(), None);
    assert_eq!(timer.refresh_failed(408, None, T0), None);
}

#[test]
fn whatever_comes_every_session_ends_or_has_a_deadline_ahead() {
    let mut random = Random(5);

    hostile::texts(
        &["1800;refresher=uac", "90 ; refresher=uas;x", ";;", "0"],
        5_000,
        |text| {
            let mut now_ms = T0;
            let asked = Asked {
                min_se: Some(text),
                ..asked(text)
            };
            let mut timer = match accept(WISH, &asked, now_ms) {
                Ok((timer, _)) => timer,
                Err(_) => SessionTimer::of_answer(WISH, Some(text), true, now_ms),
            };
            for _ in 0..20 {
                let Some(at_ms) = timer.poll_timeout_ms() else {
                    return;
                };
                assert!(at_ms > now_ms, "{text:?}");
                now_ms = at_ms;
                match (timer.handle_timeout(now_ms), random.below(3)) {
                    (Some(Due::Refresh(_)), 0) => timer.refreshed_by_us(Some(text), now_ms),
                    (Some(Due::Refresh(_)), 1) => {
                        timer.refresh_failed(422, Some(text), now_ms);
                    }
                    (Some(Due::Refresh(_) | Due::Expire) | None, _) => {}
                }
            }
        },
    );
}
