//! What a line learns, and what it says before it has.

use std::time::Duration;

use bellwire_core::wait::{Estimator, LineNow, LineWaits, Standing};
use bellwire_proto::time::Timestamp;

const S: fn(u64) -> Duration = Duration::from_secs;
const START: Timestamp = Timestamp(1_790_000_000_000);

fn busy(waiting: u32) -> LineNow {
    LineNow {
        waiting,
        head_waited: (waiting > 0).then_some(S(60)),
        places: 4,
        free: 0,
    }
}

fn behind(ahead: u32) -> Standing {
    Standing { ahead, rivals: 0.0 }
}

/// A line whose contacts took `seconds`.
fn handled(contacts: u32, seconds: u64) -> LineWaits {
    let mut waits = LineWaits::new();
    for _ in 0..contacts {
        waits.finished(S(seconds));
    }
    waits
}

#[test]
fn a_line_without_a_history_says_nothing() {
    let waits = LineWaits::new();

    assert_eq!(waits.joining(behind(3), busy(3)), None);
    assert_eq!(waits.remaining(behind(0), busy(0)), None);
    assert_eq!(waits.accuracy(), None);
}

#[test]
fn a_line_where_nobody_works_says_nothing() {
    let waits = handled(100, 100);
    let closed = LineNow {
        places: 0,
        ..busy(3)
    };

    assert_eq!(waits.joining(behind(3), closed), None);
}

#[test]
fn a_young_line_says_a_wide_range() {
    let told = |contacts| {
        let waits = handled(contacts, 100);
        waits.remaining(behind(40), busy(40)).unwrap()
    };

    let (young, old) = (told(3), told(1_000));

    assert_eq!(young.expected_ms, old.expected_ms);
    let width = |told: bellwire_core::wait::WaitEstimate| told.high_ms - told.low_ms;
    assert!(width(young) > 2 * width(old), "{young:?} {old:?}");
    assert_eq!(old.confidence_percent, 80);
}

#[test]
fn with_a_free_agent_the_wait_is_the_time_to_answer() {
    let mut waits = handled(100, 100);
    let free = LineNow { free: 2, ..busy(0) };
    let before = waits.joining(behind(0), free).unwrap();

    for n in 0..200 {
        let guess = waits.joining(behind(0), free);
        waits.arrived(0, START + S(n));
        waits.entered(guess.as_ref(), S(8), S(8), START + S(n + 8));
    }

    assert!(!before.is_queued());
    let after = waits.joining(behind(0), free).unwrap().told();
    assert_eq!(after.expected_ms, 8_000);
    assert_eq!((after.low_ms, after.high_ms), (4_000, 16_000));
    assert_eq!(
        waits.accuracy(),
        None,
        "only those who had to wait are compared"
    );
}

#[test]
fn the_time_to_answer_is_part_of_every_wait() {
    let mut waits = handled(100, 100);
    for n in 0..50 {
        waits.entered(None, S(7), S(7), START + S(n));
    }

    let guess = waits.joining(behind(3), busy(3)).unwrap();

    assert_eq!(guess.of(Estimator::QueueLength), S(107));
}

#[test]
fn a_line_that_is_always_slower_than_its_places_is_found_out() {
    let mut waits = handled(1_000, 100);
    let before = waits.remaining(behind(7), busy(7)).unwrap().expected_ms;

    // Everyone waits half as long again as the places alone would make them.
    let mut now = START;
    for n in 0..3_000_u32 {
        let ahead = n % 8;
        let guess = waits.joining(behind(ahead), busy(ahead));
        waits.arrived(ahead, now);
        let waited = Duration::from_millis(37_500 * u64::from(ahead + 1));
        waits.entered(guess.as_ref(), waited, S(0), now + waited);
        now = now + S(60);
    }

    let after = waits.remaining(behind(7), busy(7)).unwrap().expected_ms;
    // 200 s in line, and 5 s to answer.
    assert!((204_000..=206_000).contains(&before), "{before}");
    assert!((285_000..=305_000).contains(&after), "{after}");
    let accuracy = waits.accuracy().unwrap();
    assert!(accuracy.bias.abs() < 0.05, "{accuracy:?}");
}

#[test]
fn accuracy_is_that_of_the_last_300_who_waited() {
    let mut waits = handled(1_000, 100);
    let mut told = vec![];
    for n in 0..700_u64 {
        let guess = waits.joining(behind(3), busy(3)).unwrap();
        told.push(guess.told());
        waits.entered(Some(&guess), S(90 + n % 3 * 10), S(0), START + S(100 * n));
    }

    let accuracy = waits.accuracy().unwrap();

    assert_eq!(accuracy.of, 300);
    assert_eq!(accuracy.mean_wait_ms, 100_000);
    let last = &told[400..];
    let bias: f64 = (last.iter().zip(400_u64..))
        .map(|(told, n)| told.expected_ms as f64 - (90_000 + n % 3 * 10_000) as f64)
        .sum::<f64>()
        / 300.0
        / 100_000.0;
    assert!((accuracy.bias - bias).abs() < 1e-9, "{accuracy:?} {bias}");
    assert!((0.06..0.10).contains(&accuracy.mare), "{accuracy:?}");
    assert!(accuracy.rase >= accuracy.mare);
}

#[test]
fn ends_of_the_range_move_until_one_wait_in_ten_is_out_on_either_side() {
    let mut waits = handled(1_000, 100);
    let (mut below, mut above) = (0, 0);
    // Waits far more scattered than those of a line, both ways.
    let scatter = [10, 400, 30, 100, 90, 250, 60, 120, 20, 80];
    for n in 0..20_000_usize {
        let guess = waits.joining(behind(3), busy(3)).unwrap();
        let waited = S(scatter[n % 10]);
        if n >= 10_000 {
            let told = guess.told();
            below += u32::from((waited.as_millis() as u64) < told.low_ms);
            above += u32::from((waited.as_millis() as u64) > told.high_ms);
        }
        waits.entered(Some(&guess), waited, S(0), START + S(100 * n as u64));
    }

    assert!((900..=1_100).contains(&below), "{below} of 10000 below");
    assert!((900..=1_100).contains(&above), "{above} of 10000 above");
}

#[test]
fn trust_says_how_much_each_estimator_counts() {
    let waits = handled(100, 100);

    let trust: Vec<_> = waits.trust().collect();

    assert_eq!(trust.len(), Estimator::COUNT);
    let sum: f64 = trust.iter().map(|(_, weight)| weight).sum();
    assert!((sum - 1.0).abs() < 1e-9);
    let most = trust.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    assert_eq!(most.0, Estimator::Shared);
}

/// 2,000 contacts of a line with 4 places: everyone waits as the places would make them.
fn settled() -> (LineWaits, Timestamp) {
    let mut waits = handled(1_000, 100);
    let mut now = START;
    for n in 0..2_000_u32 {
        let ahead = n % 8;
        let guess = waits.joining(behind(ahead), busy(ahead));
        waits.arrived(0, now);
        let waited = S(25 * u64::from(ahead + 1));
        waits.entered(guess.as_ref(), waited, S(5), now + S(25));
        waits.finished(S(100));
        now = now + S(60);
    }
    (waits, now)
}

#[test]
fn those_who_waited_all_night_spoil_nothing() {
    let (mut waits, mut now) = settled();
    let told = |waits: &LineWaits| waits.remaining(behind(7), busy(7)).unwrap();
    let before = told(&waits);

    // Five stood in line when the last agent went home.
    let guesses: Vec<_> = (0..5).map(|n| waits.joining(behind(n), busy(n))).collect();
    waits.arrived(0, now);
    now = now + S(14 * 3_600);
    for guess in &guesses {
        waits.entered(guess.as_ref(), S(14 * 3_600), S(5), now);
        now = now + S(25);
    }

    let after = told(&waits);
    let close = |a: u64, b: u64| a.abs_diff(b) * 10 < b;
    assert!(
        close(after.expected_ms, before.expected_ms),
        "{before:?} {after:?}"
    );
    assert!(close(after.high_ms, before.high_ms), "{before:?} {after:?}");
}

#[test]
fn a_wrap_up_left_open_overnight_spoils_nothing() {
    let (mut waits, _) = settled();
    let before = waits.remaining(behind(7), busy(7)).unwrap();

    waits.finished(S(14 * 3_600));

    let after = waits.remaining(behind(7), busy(7)).unwrap();
    assert!(after.expected_ms > before.expected_ms);
    assert!(
        after.expected_ms * 100 < before.expected_ms * 105,
        "{before:?} {after:?}"
    );
}
