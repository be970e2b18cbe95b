//! Each estimator against figures worked out by hand.

use std::time::Duration;

use bellwire_core::wait::{
    Estimator, LineNow, LineWaits, Standing,
    estimators::{queue_length, with_abandonment},
    rivals,
};
use bellwire_proto::time::Timestamp;

const S: fn(u64) -> Duration = Duration::from_secs;

fn at(seconds: u64) -> Timestamp {
    Timestamp(1_790_000_000_000) + S(seconds)
}

/// Σ 1 / (c + i·θ), one by one.
fn sum(ahead: u32, finishing: f64, leaving: f64) -> f64 {
    (0..=ahead)
        .map(|i| 1.0 / (finishing + f64::from(i) * leaving))
        .sum()
}

#[test]
fn queue_length_counts_those_ahead_and_oneself() {
    let table = [
        // ahead, contacts finished in a second, seconds
        (0.0, 0.5, 2.0),
        (9.0, 0.5, 20.0),
        (3.0, 4.0, 1.0),
    ];
    for (ahead, finishing, wait) in table {
        assert_eq!(queue_length(ahead, finishing), wait);
    }
}

#[test]
fn abandonment_sums_the_steps_of_those_ahead() {
    for ahead in [0, 1, 5, 15, 16, 17, 40, 300, 5_000] {
        for leaving in [0.0, 0.001, 0.02, 0.4, 3.0] {
            let exact = sum(ahead, 0.5, leaving);
            let found = with_abandonment(f64::from(ahead), 0.5, leaving);
            let off = (found / exact - 1.0).abs();
            assert!(off < 1e-3, "{ahead} ahead, {leaving}: {found} for {exact}");
        }
    }
}

#[test]
fn a_fraction_of_a_person_lies_between_its_neighbours() {
    for tenth in 0..400_u32 {
        let ahead = f64::from(tenth) / 10.0;
        let (here, next) = (
            with_abandonment(ahead, 0.5, 0.1),
            with_abandonment(ahead + 0.1, 0.5, 0.1),
        );
        assert!(here < next, "{ahead}: {here}, then {next}");
    }
}

#[test]
fn rivals_count_for_the_places_they_compete_for() {
    let table = [
        (10, &[][..], 0.0),
        // Agents of their own.
        (10, &[(8, 0)], 0.0),
        // Agents who do everything.
        (10, &[(8, 10), (4, 10)], 12.0),
        // Half of the places are shared.
        (10, &[(8, 5)], 4.0),
        // A line may have more places than this one.
        (10, &[(8, 30)], 8.0),
        (0, &[(8, 0)], 0.0),
    ];
    for (places, others, found) in table {
        assert_eq!(
            rivals(places, others.iter().copied()),
            found,
            "{places} {others:?}"
        );
    }
}

/// A line where a contact takes 100 s, nobody gives up, and somebody was sent to an agent every
/// 40 s while there was a line. The last of them had waited for 90 s.
fn line() -> LineWaits {
    let mut waits = LineWaits::new();
    for _ in 0..50 {
        waits.finished(S(100));
    }
    waits.arrived(0, at(0));
    for n in 1..=20 {
        waits.entered(None, S(90), S(0), at(40 * n));
    }
    waits
}

#[test]
fn each_estimator_says_what_its_formula_says() {
    let waits = line();
    let now = LineNow {
        waiting: 4,
        head_waited: Some(S(60)),
        places: 5,
        free: 0,
    };
    let standing = Standing {
        ahead: 4,
        rivals: 2.0,
    };

    let guess = waits.joining(standing, now).unwrap();

    let table = [
        // (4 + 1) · 100 s / 5 places
        (Estimator::QueueLength, 100),
        // Nobody has given up yet.
        (Estimator::Abandonment, 100),
        (Estimator::LastServed, 90),
        (Estimator::HeadOfLine, 60),
        // (4 + 1) · 40 s
        (Estimator::Pace, 200),
        // (4 + 2 + 1) · 100 s / 5 places
        (Estimator::Shared, 140),
    ];
    for (estimator, seconds) in table {
        assert_eq!(guess.of(estimator), S(seconds), "{estimator:?}");
    }
    assert_eq!(guess.slot(), S(20));
}

#[test]
fn those_who_give_up_shorten_the_wait() {
    let mut waits = line();
    // 20 waited for 90 s each, and 10 gave up after 120 s: 10 in 3000 s.
    for n in 0..10 {
        waits.abandoned(S(120), at(1_000 + n));
    }
    let now = LineNow {
        waiting: 4,
        head_waited: Some(S(60)),
        places: 5,
        free: 0,
    };

    let guess = waits
        .joining(
            Standing {
                ahead: 4,
                rivals: 0.0,
            },
            now,
        )
        .unwrap();

    let exact = sum(4, 0.05, 10.0 / 3_000.0);
    let found = guess.of(Estimator::Abandonment).as_secs_f64();
    assert!((found / exact - 1.0).abs() < 0.01, "{found} for {exact}");
}

#[test]
fn the_history_of_others_counts_for_as_far_as_one_stands_down_the_line() {
    let waits = line();
    let now = LineNow {
        waiting: 8,
        head_waited: Some(S(180)),
        places: 5,
        free: 0,
    };

    let second = waits
        .joining(
            Standing {
                ahead: 2,
                rivals: 0.0,
            },
            now,
        )
        .unwrap();

    assert_eq!(second.of(Estimator::LastServed), S(30));
    assert_eq!(second.of(Estimator::HeadOfLine), S(60));
}
