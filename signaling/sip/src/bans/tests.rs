//! Who is listened to, slowed down and banned, on a virtual clock.

use super::{running::DAY_MS, *};
use crate::hostile::Random;

fn guard() -> Guard {
    Guard::new(Policy {
        most_sources: 64,
        ..Policy::default()
    })
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// Fails to log in until a ban begins.
fn provoke(guard: &mut Guard, source: IpAddr, now_ms: u64) -> Ban {
    (0..1000)
        .find_map(|_| guard.failed(source, now_ms))
        .unwrap()
}

#[test]
fn the_log_line_of_a_ban_stays_as_it_is() {
    let cases = [
        (
            "203.0.113.9",
            Reason::Login,
            "sip ban source=203.0.113.9 reason=login seconds=60",
        ),
        (
            "::ffff:203.0.113.9",
            Reason::Flood,
            "sip ban source=203.0.113.9 reason=flood seconds=60",
        ),
        (
            "2001:db8::9",
            Reason::Scanner,
            "sip ban source=2001:db8::/64 reason=scanner seconds=60",
        ),
        (
            "192.0.2.1",
            Reason::Malformed,
            "sip ban source=192.0.2.1 reason=malformed seconds=60",
        ),
    ];

    for (source, reason, line) in cases {
        let ban = Ban {
            source: ip(source).into(),
            reason,
            seconds: 60,
        };
        assert_eq!(ban.to_string(), line);
    }
}

#[test]
fn a_source_may_send_as_much_as_its_rate_allows() {
    let mut guard = guard();
    let source = ip("203.0.113.9");
    let mut sent = |now_ms| {
        (0..100)
            .filter(|_| guard.arrived(source, Kind::Invite, None, now_ms) == Verdict::Let)
            .count()
    };

    assert_eq!(sent(0), 40);
    assert_eq!(sent(0), 0);
    assert_eq!(sent(500), 10);
    assert_eq!(sent(60_000), 40);
    // Registering and everything else have rates of their own.
    assert_eq!(
        guard.arrived(source, Kind::Register, None, 60_000),
        Verdict::Let
    );
    assert_eq!(
        guard.arrived(source, Kind::Other, None, 60_000),
        Verdict::Let
    );
    assert_eq!(
        guard.arrived(ip("203.0.113.10"), Kind::Invite, None, 0),
        Verdict::Let
    );
}

#[test]
fn a_flood_is_banned_and_its_neighbours_are_not() {
    let mut guard = guard();
    let source = ip("2001:db8:1::5");
    let verdicts: Vec<Verdict> = (0..600)
        .map(|_| guard.arrived(source, Kind::Invite, None, 0))
        .collect();

    let bans = verdicts
        .iter()
        .filter(|verdict| matches!(verdict, Verdict::Ban(_)))
        .count();
    assert_eq!(bans, 1);
    assert_eq!(verdicts.last(), Some(&Verdict::Drop));
    assert!(guard.banned_ms(ip("2001:db8:1::6"), 0).is_some());
    assert!(guard.banned_ms(ip("2001:db8:1:1::5"), 0).is_none());
}

#[test]
fn a_flood_is_banned_though_a_few_of_it_are_within_the_rate() {
    let mut guard = guard();
    let (flood, busy) = (ip("203.0.113.9"), ip("203.0.113.10"));
    let banned_at = (0..2000).find(|now_ms| {
        let verdicts = [0; 3].map(|_| guard.arrived(flood, Kind::Invite, None, *now_ms));
        verdicts
            .iter()
            .any(|verdict| matches!(verdict, Verdict::Ban(_)))
    });
    // Half as much again as it may, for ten minutes.
    let ban = (0..18_000).find(|nth| {
        let verdict = guard.arrived(busy, Kind::Invite, None, nth * 1000 / 30);
        matches!(verdict, Verdict::Ban(_))
    });

    assert!(banned_at.is_some());
    assert_eq!(ban, None);
}

#[test]
fn too_many_failed_logins_are_a_ban_that_grows() {
    let mut guard = guard();
    let source = ip("203.0.113.9");
    for _ in 0..9 {
        assert_eq!(guard.failed(source, 0), None);
    }

    let first = guard.failed(source, 0).unwrap();

    assert_eq!(
        first.to_string(),
        "sip ban source=203.0.113.9 reason=login seconds=60"
    );
    assert_eq!(guard.banned_ms(source, 59_999), Some(1));
    assert_eq!(
        guard.arrived(source, Kind::Register, None, 59_999),
        Verdict::Drop
    );
    assert_eq!(
        guard.arrived(source, Kind::Register, None, 60_000),
        Verdict::Let
    );
    assert_eq!(provoke(&mut guard, source, 60_000).seconds, 120);
    let mut now_ms = 180_000;
    let mut longest = 120;
    for _ in 0..20 {
        longest = provoke(&mut guard, source, now_ms).seconds;
        now_ms += longest * 1000;
    }
    assert_eq!(longest, 24 * 3600);
    // A day later it begins anew.
    assert_eq!(provoke(&mut guard, source, now_ms + DAY_MS).seconds, 60);
}

#[test]
fn a_failed_login_is_forgiven_in_a_minute() {
    let mut guard = guard();
    let source = ip("203.0.113.9");

    for minute in 0..10_000 {
        assert_eq!(guard.failed(source, minute * 60_000), None);
    }
    for second in 0..u64::from(guard.policy.failed_logins) {
        let _ = guard.failed(source, 10_000 * 60_000 + second * 1000);
    }
    assert!(guard.banned_ms(source, 10_000 * 60_000 + 10_000).is_some());
}

#[test]
fn scanners_are_banned_by_their_names() {
    let agents = [
        "friendly-scanner",
        "SIPVicious 0.3",
        "sipcli/v1.8",
        "VaxSIPUserAgent/3.5",
    ];
    for agent in agents {
        let verdict = guard().arrived(ip("203.0.113.9"), Kind::Other, Some(agent), 0);
        assert!(
            matches!(
                verdict,
                Verdict::Ban(Ban {
                    reason: Reason::Scanner,
                    ..
                })
            ),
            "{agent}"
        );
    }
    for agent in [
        "Yealink SIP-T46S 66.86",
        "baresip v1.0",
        "Linphone/5",
        "Z 5.6",
        "",
    ] {
        let verdict = guard().arrived(ip("203.0.113.9"), Kind::Other, Some(agent), 0);
        assert_eq!(verdict, Verdict::Let, "{agent}");
    }
}

#[test]
fn nonsense_is_borne_for_a_while() {
    let mut guard = guard();
    let source = ip("203.0.113.9");

    let bans: Vec<Ban> = (0..50).filter_map(|_| guard.malformed(source, 0)).collect();

    assert_eq!(bans.len(), 1);
    assert_eq!(bans[0].reason, Reason::Malformed);
    for second in 0..1000 {
        assert_eq!(guard.malformed(ip("203.0.113.10"), second * 1000), None);
    }
}

#[test]
fn nobody_can_have_a_phone_banned_in_its_name() {
    let mut guard = guard();
    let phone = ip("203.0.113.9");
    guard.passed(phone, 0);

    let scanner = guard.arrived(phone, Kind::Other, Some("sipvicious"), 1000);
    let nonsense = (0..1000).find_map(|_| guard.malformed(phone, 1000));
    let flood: Vec<Verdict> = (0..1000)
        .map(|_| guard.arrived(phone, Kind::Invite, None, 1000))
        .collect();

    assert_eq!(scanner, Verdict::Drop);
    assert_eq!(nonsense, None);
    assert_eq!(
        flood.last(),
        Some(&Verdict::Slow {
            retry_after_s: 5,
            known: true
        })
    );
    assert_eq!(guard.banned_ms(phone, 1000), None);
    // Failed logins prove that they come from there, and two hours are long.
    assert_eq!(provoke(&mut guard, phone, 1000).reason, Reason::Login);
    let later = guard.arrived(phone, Kind::Other, Some("sipvicious"), KNOWN_MS + 61_000);
    assert!(matches!(later, Verdict::Ban(_)));
}

#[test]
fn a_trunk_is_never_banned() {
    let mut guard = guard();
    let trunk = ip("198.51.100.3");
    provoke(&mut guard, trunk, 0);

    guard.trust(Networks::parse(["198.51.100.0/29"]).unwrap());

    assert_eq!(guard.banned_ms(trunk, 0), None);
    for _ in 0..2000 {
        assert_eq!(
            guard.arrived(trunk, Kind::Invite, Some("sipvicious"), 0),
            Verdict::Let
        );
        assert_eq!(guard.failed(trunk, 0), None);
        assert_eq!(guard.malformed(trunk, 0), None);
    }
}

#[test]
fn an_administrator_can_lift_a_ban() {
    let mut guard = guard();
    let source = ip("2001:db8::1");
    provoke(&mut guard, source, 0);

    assert_eq!(guard.bans(0), [(source.into(), 60_000)]);
    assert!(guard.lift(source, 0));
    assert!(!guard.lift(source, 0));
    assert!(guard.bans(0).is_empty());
}

#[test]
fn invented_sources_take_no_more_memory_and_leave_the_known_alone() {
    let mut guard = guard();
    let phone = ip("203.0.113.9");
    let attacker = ip("198.51.100.66");
    guard.passed(phone, 0);
    let mut random = Random(1);

    provoke(&mut guard, attacker, 0);
    for _ in 0..20_000 {
        let source = IpAddr::from(u32::try_from(random.next() >> 32).unwrap().to_be_bytes());
        let _ = guard.arrived(source, Kind::Invite, None, 0);
        let _ = guard.malformed(source, 0);
    }

    assert!(guard.sources() <= 64);
    assert_eq!(
        guard.arrived(phone, Kind::Other, Some("sipvicious"), 0),
        Verdict::Drop
    );
    assert!(guard.banned_ms(attacker, 0).is_some());
    for at in 0..1000_u32 {
        let _ = guard.arrived(
            IpAddr::from(at.to_be_bytes()),
            Kind::Other,
            Some("sipcli"),
            0,
        );
    }
    assert!(guard.bans(0).len() <= 64);
    assert_eq!(guard.bans.sources.len(), guard.bans.ends.len());
}

#[test]
fn who_comes_again_and_again_is_not_forgotten_among_many() {
    let mut guard = guard();
    let attacker = ip("198.51.100.66");
    let mut banned = false;

    for round in 0..10_u32 {
        banned |= guard.failed(attacker, 0).is_some();
        for other in 0..20 {
            let other = IpAddr::from((round * 100 + other).to_be_bytes());
            let _ = guard.arrived(other, Kind::Other, None, 0);
        }
    }

    assert!(banned);
}

#[test]
fn a_clock_that_goes_back_breaks_nothing() {
    let mut guard = guard();
    let source = ip("203.0.113.9");
    let mut random = Random(3);

    for _ in 0..20_000 {
        let now_ms = match random.below(3) {
            0 => 0,
            1 => u64::MAX,
            _ => random.next(),
        };
        let _ = guard.arrived(source, Kind::Invite, None, now_ms);
        let _ = guard.failed(source, now_ms);
        let _ = guard.malformed(source, now_ms);
        guard.passed(source, now_ms);
        let _ = guard.bans(now_ms);
    }
}
