//! Opening hours over weekends, holidays, and clocks that are put forward and back.

use bellwire_proto::{
    id::HoursId,
    setup::{Holiday, Hours, Span},
    time::Timestamp,
};

use super::{in_zone, is_date, is_open, is_zone, next_change, opens, zones};

fn at(utc: &str) -> Timestamp {
    let at: jiff::Timestamp = utc.parse().unwrap();
    Timestamp(at.as_millisecond().try_into().unwrap())
}

fn span(from: u16, to: u16) -> Span {
    Span { from, to }
}

/// The same spans on every day of the week.
fn daily(zone: &str, spans: &[Span]) -> Hours {
    Hours {
        id: HoursId::new(Timestamp(1), 1),
        name: "Office".into(),
        zone: zone.into(),
        week: vec![spans.to_vec(); 7],
        holidays: vec![],
    }
}

/// Monday to Friday, nine to six.
fn office(zone: &str) -> Hours {
    let mut hours = daily(zone, &[span(540, 1080)]);
    hours.week[5].clear();
    hours.week[6].clear();
    hours
}

fn holiday(date: &str, yearly: bool, open: &[Span]) -> Holiday {
    Holiday {
        date: date.into(),
        name: String::new(),
        yearly,
        open: open.to_vec(),
    }
}

#[test]
fn an_office_opens_by_the_clock_on_its_wall() {
    let madrid = office("Europe/Madrid");

    assert!(!is_open(&madrid, at("2026-11-20T07:59:59Z")));
    assert!(is_open(&madrid, at("2026-11-20T08:00:00Z")));
    assert!(is_open(&madrid, at("2026-11-20T16:59:59Z")));
    assert!(!is_open(&madrid, at("2026-11-20T17:00:00Z")));
    assert!(
        is_open(&madrid, at("2026-07-20T07:00:00Z")),
        "in summer an hour earlier"
    );

    let kolkata = office("Asia/Kolkata");
    assert!(!is_open(&kolkata, at("2026-11-20T03:29:59Z")));
    assert!(is_open(&kolkata, at("2026-11-20T03:30:00Z")));
}

#[test]
fn a_closed_office_opens_after_the_weekend() {
    let hours = office("Europe/Madrid");
    let friday_evening = at("2026-11-20T18:00:00Z");
    let monday = at("2026-11-23T08:00:00Z");

    assert_eq!(opens(&hours, friday_evening), Some(monday));
    assert_eq!(next_change(&hours, friday_evening), Some(monday));
    assert_eq!(opens(&hours, monday), Some(monday), "it is open already");
    assert_eq!(
        next_change(&hours, monday),
        Some(at("2026-11-23T17:00:00Z"))
    );
}

#[test]
fn a_holiday_takes_the_place_of_its_weekday() {
    let mut hours = office("Europe/Madrid");
    hours.holidays = vec![
        holiday("2020-12-25", true, &[]),
        holiday("2026-12-24", false, &[span(540, 840)]),
    ];

    assert!(is_open(&hours, at("2026-12-24T12:59:00Z")));
    assert!(!is_open(&hours, at("2026-12-24T13:00:00Z")));
    assert!(
        !is_open(&hours, at("2026-12-25T10:00:00Z")),
        "of every year"
    );
    assert!(
        is_open(&hours, at("2027-12-24T16:00:00Z")),
        "of one year only"
    );
    let after_christmas = at("2026-12-28T08:00:00Z");
    assert_eq!(
        opens(&hours, at("2026-12-24T13:00:00Z")),
        Some(after_christmas)
    );
}

#[test]
fn a_dated_holiday_goes_before_a_yearly_one() {
    let mut hours = office("UTC");
    hours.holidays = vec![
        holiday("2000-05-01", true, &[]),
        holiday("2026-05-01", false, &[span(600, 660)]),
    ];

    assert!(is_open(&hours, at("2026-05-01T10:30:00Z")));
    assert!(!is_open(&hours, at("2028-05-01T10:30:00Z")));
}

#[test]
fn a_leap_day_is_found_years_ahead() {
    let mut hours = daily("UTC", &[]);
    hours.holidays = vec![holiday("2024-02-29", true, &[span(600, 660)])];

    assert_eq!(
        opens(&hours, at("2096-03-01T00:00:00Z")),
        Some(at("2104-02-29T10:00:00Z"))
    );
}

#[test]
fn spans_that_touch_at_midnight_are_one() {
    let hours = daily("Europe/Madrid", &[span(0, 120), span(1320, 1440)]);
    let evening = at("2026-11-20T22:00:00Z");

    assert!(is_open(&hours, at("2026-11-20T22:59:59.999Z")));
    assert!(is_open(&hours, at("2026-11-20T23:00:00Z")));
    assert_eq!(
        next_change(&hours, evening),
        Some(at("2026-11-21T01:00:00Z"))
    );
}

#[test]
fn what_is_always_open_or_never_does_not_change() {
    let now = at("2026-11-20T12:00:00Z");
    let always = daily("Europe/Madrid", &[span(0, 720), span(720, 1440)]);
    let plainly = daily("Europe/Madrid", &[span(0, 1440)]);
    let never = daily("Europe/Madrid", &[]);

    for open in [always, plainly] {
        assert!(is_open(&open, now));
        assert_eq!(next_change(&open, now), None);
    }
    assert!(!is_open(&never, now));
    assert_eq!(opens(&never, now), None);
    assert_eq!(next_change(&never, now), None);
}

#[test]
fn what_is_always_open_closes_for_its_holiday() {
    let mut hours = daily("UTC", &[span(0, 1440)]);
    hours.holidays = vec![holiday("2026-12-25", true, &[])];

    assert_eq!(
        next_change(&hours, at("2026-12-26T00:00:00Z")),
        Some(at("2027-12-25T00:00:00Z"))
    );
    assert_eq!(
        opens(&hours, at("2026-12-25T00:00:00Z")),
        Some(at("2026-12-26T00:00:00Z"))
    );
}

#[test]
fn a_span_in_the_hour_left_out_begins_when_the_clock_jumps() {
    // In Madrid, 2026-03-29 goes from 01:59 to 03:00, at 01:00 UTC.
    let begins_within = daily("Europe/Madrid", &[span(150, 240)]);
    let lies_within = daily("Europe/Madrid", &[span(130, 170)]);
    let ends_within = daily("Europe/Madrid", &[span(60, 150)]);
    let night = at("2026-03-28T23:00:00Z");
    let jump = at("2026-03-29T01:00:00Z");

    assert_eq!(opens(&begins_within, night), Some(jump));
    assert_eq!(
        next_change(&begins_within, jump),
        Some(at("2026-03-29T02:00:00Z"))
    );
    assert_eq!(
        opens(&lies_within, night),
        Some(at("2026-03-30T00:10:00Z")),
        "a day later"
    );
    assert_eq!(opens(&ends_within, night), Some(at("2026-03-29T00:00:00Z")));
    assert_eq!(
        next_change(&ends_within, at("2026-03-29T00:00:00Z")),
        Some(jump)
    );
}

#[test]
fn a_span_in_the_repeated_hour_lasts_from_its_first_showing_to_its_last() {
    // In New York, 2026-11-01 shows 01:00 to 01:59 twice: from 05:00 and from 06:00 UTC.
    let within = daily("America/New_York", &[span(90, 100)]);
    let up_to_it = daily("America/New_York", &[span(0, 60)]);
    let after_it = daily("America/New_York", &[span(120, 180)]);
    let midnight = at("2026-11-01T04:00:00Z");

    assert_eq!(opens(&within, midnight), Some(at("2026-11-01T05:30:00Z")));
    assert_eq!(
        next_change(&within, at("2026-11-01T05:30:00Z")),
        Some(at("2026-11-01T06:40:00Z"))
    );
    assert_eq!(
        next_change(&up_to_it, midnight),
        Some(at("2026-11-01T05:00:00Z"))
    );
    assert_eq!(opens(&after_it, midnight), Some(at("2026-11-01T07:00:00Z")));
}

#[test]
fn a_clock_put_forward_by_half_an_hour_is_no_exception() {
    // On Lord Howe Island, 2026-10-04 goes from 01:59 to 02:30, at 15:30 UTC the day before.
    let hours = daily("Australia/Lord_Howe", &[span(135, 240)]);

    assert_eq!(
        opens(&hours, at("2026-10-03T14:00:00Z")),
        Some(at("2026-10-03T15:30:00Z"))
    );
    assert_eq!(
        next_change(&hours, at("2026-10-03T15:30:00Z")),
        Some(at("2026-10-03T17:00:00Z"))
    );
}

#[test]
fn a_day_that_an_island_left_out_has_no_hours() {
    // Samoa went from the end of 2011-12-29 to 2011-12-31, at 10:00 UTC on the 30th.
    let mut hours = daily("Pacific/Apia", &[span(540, 1080)]);
    hours.holidays = vec![holiday("2011-12-31", false, &[])];
    let evening = at("2011-12-30T05:00:00Z");
    let always = daily("Pacific/Apia", &[span(0, 1439)]);

    assert_eq!(
        opens(&hours, evening),
        Some(at("2011-12-31T19:00:00Z")),
        "on January 1st"
    );
    assert_eq!(
        next_change(&always, evening),
        Some(at("2011-12-30T09:59:00Z"))
    );
    assert_eq!(
        opens(&always, at("2011-12-30T09:59:00Z")),
        Some(at("2011-12-30T10:00:00Z"))
    );
}

#[test]
fn hours_that_cannot_be_read_are_closed() {
    let now = at("2026-11-20T12:00:00Z");
    let unknown = daily("Europe/Atlantis", &[span(0, 1440)]);
    let mut short = daily("UTC", &[span(0, 1440)]);
    short.week.truncate(2);
    let turned = daily("UTC", &[span(900, 600), span(600, 2000)]);

    assert!(!is_open(&unknown, now));
    assert_eq!(opens(&unknown, now), None);
    assert_eq!(next_change(&unknown, now), None);
    assert!(!is_open(&short, now), "a Friday");
    assert_eq!(opens(&short, now), Some(at("2026-11-23T00:00:00Z")));
    assert!(!is_open(&turned, now));
    assert!(!is_open(
        &daily("UTC", &[span(0, 1440)]),
        Timestamp(u64::MAX)
    ));
}

#[test]
fn zones_go_by_their_exact_names() {
    assert!(is_zone("Europe/Madrid"));
    assert!(is_zone("UTC"));
    assert!(!is_zone("europe/madrid"));
    assert!(!is_zone("Europe/Atlantis"));
    assert!(!is_zone(""));
    assert!(zones().count() > 400);
    assert!(zones().all(is_zone));
    assert!(zones().is_sorted());
    let now = at("2026-11-20T19:36:00Z");
    assert_eq!(
        in_zone("Asia/Kolkata", now),
        Some(("2026-11-21".into(), 66))
    );
    assert_eq!(in_zone("Europe/Atlantis", now), None);
}

#[test]
fn only_days_that_exist_are_dates() {
    for good in ["2024-02-29", "0001-01-01", "9999-12-31"] {
        assert!(is_date(good), "{good}");
    }
    for bad in [
        "2026-02-29",
        "2026-13-01",
        "2026-1-1",
        "20260101",
        "+026-01-01",
        "2026-01-01 ",
        "äää-01-01",
        "",
    ] {
        assert!(!is_date(bad), "{bad}");
    }
}

/// Steps of twenty minutes over the days around each jump of the zone's clock from 2011 on.
fn around_jumps(zone: &str) -> Vec<Vec<Timestamp>> {
    let zone = super::zone::find(zone).unwrap();
    let jumps = zone.following("2011-01-01T00:00:00Z".parse().unwrap());
    let days = |jump: jiff::Timestamp| {
        let from = u64::try_from(jump.as_millisecond()).unwrap() - 86_400_000;
        (0..144)
            .map(|step| Timestamp(from + step * 1_200_000))
            .collect()
    };
    jumps.take(3).map(|jump| days(jump.timestamp())).collect()
}

#[test]
fn whoever_sees_a_time_within_a_span_finds_it_open_in_every_zone() {
    let spans = [
        span(0, 65),
        span(95, 150),
        span(540, 1080),
        span(1385, 1440),
    ];
    let zones = ["Europe/Madrid", "America/New_York", "Australia/Lord_Howe"];
    let at_midnight = ["Pacific/Apia", "Asia/Beirut", "America/Havana"];
    for zone in zones.into_iter().chain(at_midnight) {
        let hours = daily(zone, &spans);
        for now in around_jumps(zone).into_iter().flatten() {
            let (_, shown) = in_zone(zone, now).unwrap();
            let seen = spans
                .iter()
                .any(|span| span.from <= shown && shown < span.to);

            assert!(
                !seen || is_open(&hours, now),
                "{zone} shows {shown} at {now:?}"
            );
        }
    }
}

#[test]
fn nothing_changes_before_the_next_change() {
    let spans = [
        span(0, 65),
        span(95, 150),
        span(540, 1080),
        span(1385, 1440),
    ];
    for zone in [
        "Europe/Madrid",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "America/Havana",
    ] {
        let hours = daily(zone, &spans);
        for days in around_jumps(zone) {
            let mut change = days[0];
            let mut open = is_open(&hours, change);
            for now in days {
                while change <= now {
                    open = is_open(&hours, change);
                    change = next_change(&hours, change).unwrap();
                    assert_eq!(is_open(&hours, change), !open, "{zone} at {change:?}");
                }
                assert_eq!(is_open(&hours, now), open, "{zone} at {now:?}");
            }
        }
    }
}
