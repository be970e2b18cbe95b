//! What of a journey is kept.

use std::collections::BTreeSet;

use bellwire_core::collect::{Journal, LONGEST_JOURNEY, clean_url, keep, keep_page};
use bellwire_proto::{
    journey::SentField,
    setup::{CartAction, Collected},
};

use super::*;

fn kept(kind: JourneyKind, collects: &BTreeSet<Collected>) -> Option<JourneyKind> {
    keep(event(START, 1, kind), collects).map(|event| event.kind)
}

fn grow(journal: &mut Journal, events: &[JourneyEvent], now: u64) -> Vec<JourneyEvent> {
    journal.grow(events.to_vec(), &Collected::all(), Timestamp(START + now))
}

#[test]
fn only_what_the_site_lists_is_kept() {
    let cart = JourneyKind::Cart {
        action: CartAction::Added,
        item: "X1".into(),
        quantity: 1,
        worth: 99_900,
    };
    let kinds = [
        (left("/a", 5), Collected::Dwell),
        (scrolled("/a", 50), Collected::Scroll),
        (searched("x"), Collected::Searches),
        (submitted("x"), Collected::Forms),
        (cart, Collected::Cart),
        (clicked("x"), Collected::Clicks),
        (custom("x"), Collected::Custom),
    ];
    for (kind, collected) in kinds {
        let mut rest = Collected::all();
        rest.remove(&collected);

        assert_eq!(kept(kind.clone(), &rest), None);
        assert_eq!(kept(kind.clone(), &BTreeSet::from([collected])), Some(kind));
    }
}

#[test]
fn pages_are_always_kept_but_where_from_only_if_listed() {
    let page = came_from("https://elsewhere.example/");

    assert_eq!(kept(page.clone(), &Collected::all()), Some(page.clone()));
    assert_eq!(kept(page, &BTreeSet::new()), Some(came_from("")));
    let now = Page {
        referrer: "https://elsewhere.example/".into(),
        ..Page::default()
    };
    assert_eq!(keep_page(now.clone(), &Collected::all()), now);
    assert_eq!(keep_page(now, &BTreeSet::new()), Page::default());
}

#[test]
fn addresses_lose_fragments_names_passwords_and_secrets() {
    for (told, clean) in [
        (
            "https://shop.example/a?b=c&d=e",
            "https://shop.example/a?b=c&d=e",
        ),
        (
            "  HTTPS://shop.example/a#token=1 ",
            "https://shop.example/a",
        ),
        (
            "https://anna:pw@shop.example/a@b",
            "https://shop.example/a@b",
        ),
        ("https://anna@evil@shop.example", "https://shop.example"),
        (
            "https://a@shop.example\\@evil.example/",
            "https://shop.example\\@evil.example/",
        ),
        (
            "https://x.example/?access_token=1&a=2",
            "https://x.example/?access_token=…&a=2",
        ),
        (
            "https://x.example/?%74oken=1",
            "https://x.example/?%74oken=…",
        ),
        (
            "https://x.example/a;jsessionid=77;b=1?Code=9",
            "https://x.example/a;jsessionid=…;b=…",
        ),
        (
            "https://x.example/?who=anna%40mail.example",
            "https://x.example/?who=…",
        ),
        (
            "https://x.example/?author=anna&auth=1",
            "https://x.example/?author=anna&auth=…",
        ),
        (
            "https://x.example/?authorization=1",
            "https://x.example/?authorization=…",
        ),
        (
            "https://x.example/?a=b=c&=&d",
            "https://x.example/?a=b=c&=&d",
        ),
        (
            "https://x.example/?next=%2Fa%3Ftoken%3D1&b=/c?d=e",
            "https://x.example/?next=…&b=/c?d=e",
        ),
        ("https://x.example/?pin=%", "https://x.example/?pin=…"),
        ("ht\u{0}tps://x.exa\nmple/a", "https://x.example/a"),
    ] {
        assert_eq!(clean_url(told).as_deref(), Some(clean), "{told}");
        assert_eq!(
            clean_url(clean).as_deref(),
            Some(clean),
            "cleaning again changes nothing"
        );
    }
}

#[test]
fn only_addresses_of_web_pages_are_kept() {
    for told in [
        "",
        "javascript:alert(1)",
        "java\tscript://x/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https:/shop.example",
        "https://",
        "https:///a",
        "https://anna@/a",
        "https://a b/",
        "//shop.example/",
        "blob:https://shop.example/1",
    ] {
        assert_eq!(clean_url(told), None, "{told}");
        let mut page = viewed("/", &[]);
        if let JourneyKind::Viewed { url, .. } = &mut page {
            told.clone_into(url);
        }
        assert_eq!(kept(page, &Collected::all()), None, "{told}");
    }
}

#[test]
fn texts_are_short_and_of_one_line() {
    let page = JourneyKind::Viewed {
        url: format!("https://x.example/{}", "é".repeat(9_000)),
        title: format!(" a\nb\u{0}\u{202E}c{} ", "é".repeat(9_000)),
        referrer: String::new(),
        language: "x".repeat(99),
        categories: vec!["\u{7}".into(); 5]
            .into_iter()
            .chain(vec!["a".repeat(999); 99])
            .collect(),
    };

    let Some(JourneyKind::Viewed {
        url,
        title,
        language,
        categories,
        ..
    }) = kept(page, &Collected::all())
    else {
        panic!("a page is kept")
    };

    assert!(url.len() <= 2_000 && title.len() <= 300);
    assert!(title.starts_with("a bcé"));
    assert_eq!(language.len(), 35);
    assert_eq!(categories, vec!["a".repeat(100); 5]);
}

#[test]
fn what_says_nothing_is_not_kept() {
    for kind in [custom("\u{1b}"), clicked(" \n"), searched("")] {
        assert_eq!(kept(kind, &Collected::all()), None);
    }
    assert!(
        kept(submitted(""), &Collected::all()).is_some(),
        "a form may have no name"
    );
}

#[test]
fn values_of_fields_are_kept_where_the_page_marked_them() {
    let field = |name: &str, value: Option<&str>| SentField {
        name: name.into(),
        value: value.map(str::to_owned),
    };
    let form = |fields| JourneyKind::Submitted {
        form: "order".into(),
        fields,
    };
    let fields = vec![field("number", Some("A\n1")), field("name", None)];

    let tidy = vec![field("number", Some("A 1")), field("name", None)];
    assert_eq!(kept(form(fields), &Collected::all()), Some(form(tidy)));
}

#[test]
fn a_journey_told_again_is_not_new() {
    let mut journal = Journal::new();
    let events = Visitor::new()
        .did(0, custom("a"))
        .did(SECOND, custom("b"))
        .journey;

    assert_eq!(grow(&mut journal, &events[..1], SECOND).len(), 1);
    assert_eq!(grow(&mut journal, &events, 2 * SECOND), events[1..]);
    assert_eq!(grow(&mut journal, &events, 3 * SECOND), []);
    assert_eq!(journal.events(), events);
}

#[test]
fn events_of_two_tabs_stand_in_the_order_of_time() {
    let mut journal = Journal::new();
    let one = [
        event(START, 1, custom("a")),
        event(START + 2_000, 2, custom("c")),
    ];
    let other = [
        event(START + 1_000, 1, custom("b")),
        event(START + 2_000, 2, clicked("d")),
    ];

    grow(&mut journal, &one, MINUTE);
    grow(&mut journal, &other, MINUTE);

    let names: Vec<JourneyKind> = journal
        .events()
        .iter()
        .map(|event| event.kind.clone())
        .collect();
    assert_eq!(names, [custom("a"), custom("b"), custom("c"), clicked("d")]);
}

#[test]
fn a_million_events_stay_the_newest_two_hundred() {
    let mut journal = Journal::new();
    let events: Vec<JourneyEvent> = (0..1_000_000)
        .map(|n| event(START + n as u64, n, custom("x")))
        .collect();

    let new = grow(&mut journal, &events, 1_000_000);

    assert_eq!(new, events[events.len() - LONGEST_JOURNEY..]);
    assert_eq!(journal.events(), new);
}

#[test]
fn what_made_room_does_not_come_back_as_news() {
    let mut journal = Journal::new();
    let events: Vec<JourneyEvent> = (0..300)
        .map(|n| event(START + n as u64 * SECOND, n, custom("x")))
        .collect();
    grow(&mut journal, &events[..200], 200 * SECOND);
    grow(&mut journal, &events[200..], 300 * SECOND);

    assert_eq!(grow(&mut journal, &events[..150], 400 * SECOND), []);
    assert_eq!(journal.events(), &events[100..]);
}

#[test]
fn a_flood_is_cut_to_ten_a_second() {
    let mut journal = Journal::new();
    let mut taken = 0;
    for n in 0..10_000 {
        let now = n as u64;
        taken += grow(&mut journal, &[event(START + now, n, custom("x"))], now).len();
    }
    // The burst, and ten seconds' worth.
    assert!((290..=301).contains(&taken), "{taken}");

    let after = event(START + MINUTE, 10_000, custom("y"));
    assert_eq!(
        grow(&mut journal, std::slice::from_ref(&after), MINUTE),
        [after]
    );
}

#[test]
fn clocks_wrong_by_hours_are_set_right() {
    for (wrong, n) in [(5 * HOUR, 0), (0, 1)] {
        let mut journal = Journal::new();
        // The visitor's clock is at START + wrong while the centre's is at START + 3 h.
        let events = [
            event(START + wrong, n, custom("a")),
            event(START + wrong + MINUTE, n + 1, custom("b")),
        ];

        let new = grow(&mut journal, &events, 3 * HOUR);

        let times: Vec<u64> = new.iter().map(|event| event.at.0 - START).collect();
        assert_eq!(times, [3 * HOUR - MINUTE, 3 * HOUR]);
        assert_eq!(
            grow(&mut journal, &events, 4 * HOUR),
            [],
            "told again, they are the same"
        );
    }
}

#[test]
fn a_clock_a_little_ahead_does_not_move_the_past() {
    let mut journal = Journal::new();
    let events = [
        event(START, 1, custom("a")),
        event(START + 40 * SECOND, 2, custom("b")),
    ];

    let new = grow(&mut journal, &events, 20 * SECOND);

    let times: Vec<u64> = new.iter().map(|event| event.at.0 - START).collect();
    assert_eq!(times, [0, 20 * SECOND]);
}

#[test]
fn a_clock_set_back_does_not_end_the_journey() {
    let mut journal = Journal::new();
    let ahead: Vec<JourneyEvent> = (0..200)
        .map(|n| event(START + 2 * HOUR + n as u64, n, custom("a")))
        .collect();
    grow(&mut journal, &ahead, MINUTE);

    let right = event(START + 2 * MINUTE, 900, custom("b"));

    assert_eq!(
        grow(&mut journal, std::slice::from_ref(&right), 2 * MINUTE),
        [right]
    );
}

#[test]
fn times_beyond_belief_do_no_harm() {
    let mut journal = Journal::new();
    let events = [event(0, 1, custom("a")), event(u64::MAX, 2, custom("b"))];

    let new = grow(&mut journal, &events, 0);

    assert!(new.iter().all(|event| event.at <= Timestamp(START)));
    assert_eq!(new[1].at, Timestamp(START));
    assert_eq!(START - new[0].at.0, 30 * 24 * HOUR);
}

#[test]
fn an_opted_out_visitor_is_forgotten() {
    let mut journal = Journal::new();
    grow(&mut journal, &[event(START, 1, custom("a"))], 0);

    journal.forget();

    assert_eq!(journal.events(), []);
}

#[test]
fn a_restored_journey_told_again_is_not_new() {
    for wrong in [0, 5 * HOUR] {
        let mut journal = Journal::new();
        let events = Visitor::new()
            .did(wrong, custom("a"))
            .did(wrong + SECOND, custom("b"))
            .journey;
        grow(&mut journal, &events[..1], SECOND);

        let mut restored = Journal::restored(journal.events().to_vec());

        assert_eq!(restored.events(), journal.events());
        let new = grow(&mut restored, &events, MINUTE);
        assert_eq!(new.len(), 1);
        assert_eq!(new[0].kind, custom("b"));
    }
}
