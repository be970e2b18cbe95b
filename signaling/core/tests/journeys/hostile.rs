//! What a page or an administrator may do wrong, on purpose too: bounded, never harmful.

use std::time::{Duration, Instant};

use super::*;

/// Far more than any of this takes, and far less than a blow-up would.
#[expect(
    clippy::disallowed_methods,
    reason = "the cost itself is what is tested"
)]
fn soon<T>(work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = work();
    assert!(begun.elapsed() < Duration::from_secs(5));
    done
}

#[test]
fn a_pattern_of_a_megabyte_of_stars_fits_nothing_and_costs_nothing() {
    let visitor = (0..200).fold(Visitor::new(), |visitor, n| {
        visitor.did(n, viewed(&"/a".repeat(900), &[]))
    });
    let stars = once(url(&"*".repeat(1 << 20)));

    assert_eq!(soon(|| visitor.holds(&stars, MINUTE)), None);
}

#[test]
fn a_pattern_made_to_blow_up_does_not() {
    let visitor = (0..200).fold(Visitor::new(), |visitor, n| {
        visitor.did(n, viewed(&format!("/{}{n}", "a".repeat(1_900)), &[]))
    });
    let hard = once(url(&format!("{}b", "*a".repeat(900))));
    let many = vec![hard; 50];

    let held = soon(|| intent::holds_all(&many, &visitor.known(), Timestamp(START + MINUTE)));

    assert!(!held);
}

#[test]
fn stars_fit_anything_or_nothing_in_their_place() {
    let visitor = Visitor::new().did(0, viewed("/help/laptops/x1.html", &[]));
    for (pattern, fits) in [
        ("*", true),
        ("**", true),
        ("/help/*", true),
        ("/help/laptops/x1.html*", true),
        ("/*/*/*", true),
        ("*.html", true),
        ("/help/*x1*.html", true),
        ("/help/laptops/x1.html*l", false),
        ("/*/*/*/*", false),
        ("/help/*/x2*", false),
        ("*.htm", false),
        ("/help/lap*laptops/*", false),
    ] {
        let held = visitor.holds(&once(url(pattern)), MINUTE).is_some();
        assert_eq!(held, fits, "{pattern}");
    }
}

#[test]
fn of_a_million_events_the_newest_are_read() {
    let mut journey = vec![event(START, 0, custom("old"))];
    journey.extend((1..1_000_000).map(|n| event(START + n as u64, n, custom("new"))));
    let visitor = Visitor {
        journey,
        ..Visitor::new()
    };
    let named = |name: &str, at_least| often(at_least, What::Event(name.into()));

    assert_eq!(visitor.holds(&named("old", 1), HOUR), None);
    let evidence = soon(|| visitor.holds(&named("new", 200), HOUR));
    assert_eq!(evidence.as_deref(), Some("event “new” 200 times"));
}

#[test]
fn odd_texts_are_only_texts() {
    let names = [
        "",
        " ",
        "*",
        "%",
        "%E",
        "%zz",
        "%C3",
        "%C3%28",
        "é%",
        "İ",
        "ẞ",
        "ΟΔΟΣ",
        "\u{0}",
        "\\",
        "://",
        "https://",
        "?",
        "a://?",
        "🦀%F0%9F%A6%80",
    ];
    let mut visitor = Visitor::new();
    for (n, name) in names.into_iter().enumerate() {
        let mut page = viewed("", &[name]);
        if let JourneyKind::Viewed { url, referrer, .. } = &mut page {
            name.clone_into(url);
            name.clone_into(referrer);
        }
        visitor = visitor
            .did(n as u64, page)
            .did(n as u64, custom(name))
            .did(n as u64, searched(name));
    }
    for name in names {
        let text = name.to_owned();
        for what in [
            What::Url(text.clone()),
            What::Referrer(text.clone()),
            What::Event(text.clone()),
            What::Searched(text.clone()),
            What::Category(text.clone()),
            What::Language(text.clone()),
        ] {
            let asked = visitor.holds(&once(what.clone()), MINUTE);
            let must =
                matches!(what, What::Event(_) | What::Searched(_)) && !name.trim().is_empty();
            assert!(asked.is_some() || !must, "{what:?}");
        }
    }
}

#[test]
fn the_largest_numbers_are_only_numbers() {
    let visitor = Visitor::new()
        .did(u64::MAX - START, viewed("/a", &[]))
        .did(0, left("/a", u64::MAX))
        .did(0, viewed("/b", &[]));
    let most = Condition {
        what: dwell("", u32::MAX),
        at_least: u16::MAX,
        within_min: Some(u32::MAX),
    };

    assert_eq!(visitor.holds(&most, 0), None);
    let next = intent::next_look([&most].into_iter(), &visitor.known(), Timestamp(u64::MAX));
    assert_eq!(next, None);
}

#[test]
fn never_once_is_once() {
    let visitor = Visitor::new();
    assert_eq!(visitor.holds(&often(0, category("laptops")), 0), None);
    assert_eq!(visitor.holds(&once(dwell("", 0)), 0), None);
    assert_eq!(visitor.holds(&lately(0, 1, category("laptops")), 0), None);
}

#[test]
fn evidence_is_short_whatever_was_searched() {
    let visitor = Visitor::new().did(0, searched(&"ñ".repeat(150)));

    let evidence = visitor
        .holds(&once(What::Searched(String::new())), 0)
        .unwrap();

    assert_eq!(evidence, format!("searched for “{}…”", "ñ".repeat(40)));
}
