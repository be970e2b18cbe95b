//! Time on pages, and when time alone changes an answer.

use super::*;

#[test]
fn the_page_looked_at_counts_up_to_now() {
    let visitor = Visitor::new()
        .did(0, viewed("/a", &["laptops"]))
        .did(20 * SECOND, left("/a", 20 * SECOND))
        .did(20 * SECOND, viewed("/b", &["laptops"]));
    let half_a_minute = once(dwell("laptops", 30));

    assert_eq!(visitor.holds(&half_a_minute, 29_999), None);
    assert_eq!(
        visitor.next_look(&half_a_minute, 21 * SECOND),
        Some(30 * SECOND)
    );
    let evidence = visitor.holds(&half_a_minute, 30 * SECOND);
    assert_eq!(
        evidence.as_deref(),
        Some("looked at pages of laptops for 30 s")
    );
    assert_eq!(visitor.next_look(&half_a_minute, 30 * SECOND), None);
}

#[test]
fn only_pages_of_the_category_count() {
    let visitor = Visitor::new()
        .did(0, viewed("/a", &["laptops"]))
        .did(20 * SECOND, left("/a", 20 * SECOND))
        .did(20 * SECOND, viewed("/b", &["cameras"]));

    assert_eq!(visitor.holds(&once(dwell("laptops", 30)), HOUR), None);
    assert_eq!(visitor.next_look(&once(dwell("laptops", 30)), MINUTE), None);
    let any = visitor.holds(&once(dwell("", 30)), 65 * SECOND);
    assert_eq!(any.as_deref(), Some("looked at pages for 1 min 5 s"));
}

#[test]
fn a_page_that_was_left_grows_no_more() {
    let visitor = Visitor::new()
        .did(0, viewed("/a", &[]))
        .did(20 * SECOND, left("/a", 20 * SECOND));

    assert_eq!(visitor.holds(&once(dwell("", 21)), HOUR), None);
    assert_eq!(visitor.next_look(&once(dwell("", 21)), MINUTE), None);
}

#[test]
fn of_two_tabs_the_one_looked_at_grows() {
    let mut visitor = Visitor::new()
        .did(0, viewed("/a", &["laptops"]))
        .did(SECOND, viewed("/b", &["cameras"]));

    assert_eq!(visitor.holds(&once(dwell("laptops", 30)), MINUTE), None);
    visitor.page.url = "https://shop.example/a".into();
    assert!(visitor.holds(&once(dwell("laptops", 30)), MINUTE).is_some());
    assert_eq!(visitor.holds(&once(dwell("cameras", 30)), MINUTE), None);
}

#[test]
fn a_page_left_open_overnight_counts_for_an_hour() {
    let visitor = Visitor::new().did(0, viewed("/a", &[]));

    assert!(visitor.holds(&once(dwell("", 3_600)), 10 * HOUR).is_some());
    assert_eq!(visitor.holds(&once(dwell("", 3_601)), 10 * HOUR), None);
    assert_eq!(visitor.next_look(&once(dwell("", 3_601)), 10 * HOUR), None);
}

#[test]
fn an_event_of_the_future_happens_now() {
    let visitor = Visitor::new().did(10 * HOUR, viewed("/a", &["laptops"]));

    assert!(
        visitor
            .holds(&lately(1, 1, category("laptops")), 0)
            .is_some()
    );
    assert_eq!(visitor.holds(&once(dwell("", 1)), 0), None);
}

#[test]
fn counts_within_a_span_end_with_it() {
    let visitor = Visitor::new()
        .did(0, viewed("/a", &["laptops"]))
        .did(5 * MINUTE, viewed("/b", &["laptops"]))
        .did(9 * MINUTE, viewed("/c", &["laptops"]));
    let two = lately(10, 2, category("laptops"));

    let next = visitor.next_look(&two, 9 * MINUTE);

    assert_eq!(next, Some(15 * MINUTE + 1));
    assert!(visitor.holds(&two, 15 * MINUTE).is_some());
    assert_eq!(visitor.holds(&two, 15 * MINUTE + 1), None);
    assert_eq!(visitor.next_look(&two, 15 * MINUTE + 1), None);
}

#[test]
fn what_does_not_pass_with_time_needs_no_look() {
    let visitor = Visitor::new().did(0, viewed("/a", &["laptops"]));
    for condition in [
        once(category("laptops")),
        often(2, category("laptops")),
        lately(10, 2, category("laptops")),
        once(What::Language("es".into())),
        once(What::Visits),
        once(What::Answered {
            fact: "topic".into(),
            value: String::new(),
        }),
    ] {
        assert_eq!(visitor.next_look(&condition, MINUTE), None, "{condition:?}");
    }
}

#[test]
fn the_next_look_is_the_earliest_of_all_rules_of_the_site() {
    let visitor = Visitor::new().did(0, viewed("/a", &["laptops"]));
    let slow = rule("Slow", 50, vec![once(dwell("", 60))]);
    let mut fast = rule("Fast", 50, vec![]);
    fast.none = vec![once(dwell("", 40))];
    let off = IntentRule {
        enabled: false,
        ..rule("Off", 50, vec![once(dwell("", 20))])
    };
    let rules = [slow, fast, off];

    let conditions = intent::conditions(&rules, &visitor.site);
    let next = intent::next_look(conditions, &visitor.known(), Timestamp(START));

    assert_eq!(next, Some(Timestamp(START + 40 * SECOND)));
}
