//! Each condition, what it counts, and how it reads as evidence; rules made of them.

use bellwire_proto::{
    id::SiteKey,
    journey::JourneyKind,
    setup::{CartAction, What},
};

use super::*;

fn shopper() -> Visitor {
    let cart = |action| JourneyKind::Cart {
        action,
        item: "X1".into(),
        quantity: 1,
        worth: 0,
    };
    let mut visitor = Visitor::new()
        .did(0, came_from("https://www.google.com/search?q=laptop"))
        .did(
            MINUTE,
            viewed("/Laptops/x1?color=red", &["Laptops", "laptops", "New"]),
        )
        .did(2 * MINUTE, scrolled("/Laptops/x1", 25))
        .did(2 * MINUTE, scrolled("/Laptops/x1", 75))
        .did(3 * MINUTE, left("/Laptops/x1?color=red", 2 * MINUTE))
        .did(
            3 * MINUTE,
            viewed("/help/laptops/battery", &["laptops", "help"]),
        )
        .did(4 * MINUTE, scrolled("/help/laptops/battery", 50))
        .did(5 * MINUTE, searched("Portátil no carga"))
        .did(6 * MINUTE, searched("battery hot"))
        .did(7 * MINUTE, clicked("Warranty"))
        .did(7 * MINUTE, clicked("warranty "))
        .did(8 * MINUTE, submitted("Returns"))
        .did(8 * MINUTE, custom("checkout_failed"))
        .did(9 * MINUTE, cart(CartAction::Added))
        .did(9 * MINUTE, cart(CartAction::Added))
        .did(
            10 * MINUTE,
            viewed("/ayuda/port%C3%A1tiles/", &["Portátiles"]),
        );
    visitor.page.language = "es-MX".into();
    visitor.visits = 3;
    visitor.answers.insert("topic".into(), "Returns".into());
    visitor
}

#[test]
fn each_condition_counts_what_it_names_and_says_so() {
    let holds = [
        (often(2, category("LAPTOPS")), "viewed 2 pages of LAPTOPS"),
        (once(category("new")), "viewed 1 page of new"),
        (once(category("portÁtiles")), "viewed 1 page of portÁtiles"),
        (often(2, url("*laptops*")), "viewed 2 pages at *laptops*"),
        (once(url("/help/*")), "viewed 1 page at /help/*"),
        (once(url("/laptops/x1")), "viewed 1 page at /laptops/x1"),
        (
            once(url("shop.example/help/*")),
            "viewed 1 page at shop.example/help/*",
        ),
        (
            once(url("https://*/help/*")),
            "viewed 1 page at https://*/help/*",
        ),
        (
            once(url("/ayuda/portátiles/")),
            "viewed 1 page at /ayuda/portátiles/",
        ),
        (
            once(What::Referrer("*google.*".into())),
            "came from www.google.com/search",
        ),
        (once(What::Language("es".into())), "reads pages in es-MX"),
        (once(What::Language("ES_mx".into())), "reads pages in es-MX"),
        (
            once(What::Event("Checkout_Failed".into())),
            "event “Checkout_Failed”",
        ),
        (
            often(2, What::Clicked("warranty".into())),
            "clicked “warranty” 2 times",
        ),
        (
            once(What::Searched("PORTÁTIL".into())),
            "searched for “Portátil no carga”",
        ),
        (
            often(2, What::Searched(String::new())),
            "searched 2 times, last for “battery hot”",
        ),
        (
            once(What::Submitted("returns".into())),
            "sent the form “Returns”",
        ),
        (
            once(What::Submitted(String::new())),
            "sent the form “Returns”",
        ),
        (
            often(2, What::Cart(CartAction::Added)),
            "put something into the cart 2 times",
        ),
        (
            once(dwell("laptops", 120)),
            "looked at pages of laptops for 10 min",
        ),
        (often(2, What::Scrolled(50)), "scrolled 2 pages to 50 %"),
        (once(What::Scrolled(75)), "scrolled 1 page to 75 %"),
        (often(3, What::Visits), "has come 3 times"),
        (
            once(What::Answered {
                fact: "topic".into(),
                value: "returns".into(),
            }),
            "answered “Returns” to topic",
        ),
        (
            once(What::Answered {
                fact: "topic".into(),
                value: String::new(),
            }),
            "answered “Returns” to topic",
        ),
    ];
    let mut visitor = shopper();
    visitor.page.url = "https://shop.example/help/laptops/battery".into();
    for (condition, evidence) in holds {
        let found = visitor.holds(&condition, 11 * MINUTE);
        assert_eq!(found.as_deref(), Some(evidence), "{condition:?}");
    }
}

#[test]
fn a_condition_holds_no_sooner_than_it_says() {
    let does_not_hold = [
        often(3, category("laptops")),
        often(2, category("new")),
        once(category("laptop")),
        once(category("")),
        once(url("/help")),
        once(url("help")),
        once(url("")),
        once(url("/shop.example/*")),
        once(What::Referrer("google.com".into())),
        once(What::Language("es-ES".into())),
        once(What::Language("e".into())),
        once(What::Language(String::new())),
        often(2, What::Event("checkout_failed".into())),
        once(What::Event(String::new())),
        once(What::Clicked("warrant".into())),
        once(What::Searched("cold".into())),
        once(What::Submitted("contact".into())),
        once(What::Cart(CartAction::Bought)),
        once(dwell("new", 121)),
        often(3, What::Scrolled(25)),
        once(What::Scrolled(76)),
        often(4, What::Visits),
        once(What::Answered {
            fact: "topic".into(),
            value: "return".into(),
        }),
        once(What::Answered {
            fact: "product".into(),
            value: String::new(),
        }),
    ];
    let visitor = shopper();
    for condition in does_not_hold {
        assert_eq!(
            visitor.holds(&condition, 11 * MINUTE),
            None,
            "{condition:?}"
        );
    }
}

#[test]
fn a_span_of_minutes_leaves_older_things_out() {
    let visitor = Visitor::new()
        .did(0, viewed("/a", &["laptops"]))
        .did(5 * MINUTE, viewed("/b", &["laptops"]))
        .did(9 * MINUTE, viewed("/c", &["laptops"]));
    let two = lately(10, 2, category("laptops"));

    let evidence = |after| visitor.holds(&two, after);

    let three = "viewed 3 pages of laptops in the last 10 min";
    assert_eq!(evidence(10 * MINUTE).as_deref(), Some(three));
    let both = "viewed 2 pages of laptops in the last 10 min";
    assert_eq!(evidence(10 * MINUTE + 1).as_deref(), Some(both));
    assert_eq!(evidence(15 * MINUTE).as_deref(), Some(both));
    assert_eq!(evidence(15 * MINUTE + 1), None);
}

#[test]
fn spans_read_as_people_say_them() {
    let visitor = Visitor::new().did(0, custom("x"));
    let spans = [
        (1, "minute"),
        (45, "45 min"),
        (60, "hour"),
        (180, "3 hours"),
        (1_440, "day"),
        (2_880, "2 days"),
    ];
    for (minutes, words) in spans {
        let evidence = visitor.holds(&lately(minutes, 1, What::Event("x".into())), SECOND);
        assert_eq!(evidence, Some(format!("event “x” in the last {words}")));
    }
}

#[test]
fn the_page_tells_the_language_and_else_the_last_page_that_did() {
    let mut spanish = viewed("/es", &[]);
    if let JourneyKind::Viewed { language, .. } = &mut spanish {
        *language = "es".into();
    }
    let mut visitor = Visitor::new()
        .did(0, spanish)
        .did(SECOND, viewed("/x", &[]));
    let reads = |tag: &str| once(What::Language(tag.into()));

    assert!(visitor.holds(&reads("es"), MINUTE).is_some());

    visitor.page.language = "en-GB".into();
    assert!(visitor.holds(&reads("en"), MINUTE).is_some());
    assert_eq!(visitor.holds(&reads("es"), MINUTE), None);
}

#[test]
fn all_any_and_none_together_make_an_intent() {
    let mut laptops = rule("Laptops", 60, vec![once(category("laptops"))]);
    laptops.any = vec![
        once(url("/help/*")),
        once(What::Searched("hot".into())),
        once(url("/no")),
    ];
    laptops.none = vec![once(What::Cart(CartAction::Bought))];
    laptops.more = 15;
    let mut visitor = shopper();

    let [intent] = &visitor.intents(std::slice::from_ref(&laptops), 11 * MINUTE)[..] else {
        panic!("one intent")
    };
    assert_eq!(
        (intent.confidence, intent.topic.as_deref()),
        (75, Some("laptops"))
    );
    assert_eq!(
        intent.evidence,
        [
            "viewed 2 pages of laptops",
            "viewed 1 page at /help/*",
            "searched for “battery hot”"
        ]
    );

    let bought = JourneyKind::Cart {
        action: CartAction::Bought,
        item: String::new(),
        quantity: 0,
        worth: 0,
    };
    visitor = visitor.did(11 * MINUTE, bought);
    assert_eq!(visitor.intents(&[laptops], 11 * MINUTE), []);
}

#[test]
fn where_any_is_given_one_of_it_must_hold() {
    let mut sure = rule("Sure", 60, vec![once(category("laptops"))]);
    sure.any = vec![once(url("/no")), once(url("/never"))];

    assert_eq!(shopper().intents(&[sure], 11 * MINUTE), []);
}

#[test]
fn nothing_is_wholly_sure() {
    let mut sure = rule("Sure", 90, vec![]);
    sure.any = vec![once(category("laptops")); 200];
    sure.more = 255;

    assert_eq!(shopper().intents(&[sure], 11 * MINUTE)[0].confidence, 99);
}

#[test]
fn the_surest_comes_first_and_equals_keep_the_order_of_the_rules() {
    let seen = |name, confidence| rule(name, confidence, vec![once(category("laptops"))]);
    let rules = [seen("A", 50), seen("B", 70), seen("C", 50), seen("D", 70)];

    let intents = shopper().intents(&rules, 11 * MINUTE);

    let names: Vec<&str> = intents.iter().map(|intent| &*intent.name).collect();
    assert_eq!(names, ["B", "D", "A", "C"]);
}

#[test]
fn rules_that_are_off_elsewhere_or_empty_tell_nothing() {
    let on = rule("On", 50, vec![once(category("laptops"))]);
    let off = IntentRule {
        enabled: false,
        ..on.clone()
    };
    let elsewhere = IntentRule {
        sites: vec![SiteKey("other".into())],
        ..on.clone()
    };
    let here = IntentRule {
        sites: vec![SiteKey("shop".into())],
        ..on
    };
    let empty = rule("Empty", 99, vec![]);

    let intents = shopper().intents(&[off, elsewhere, empty, here.clone()], 11 * MINUTE);

    assert_eq!(intents.len(), 1);
    assert_eq!(intents[0].rule, here.id);
}

#[test]
fn a_rule_of_absence_says_so() {
    let mut idle = rule("Idle", 30, vec![]);
    idle.none = vec![once(What::Clicked("buy".into()))];

    let intents = shopper().intents(&[idle], 11 * MINUTE);

    assert_eq!(intents[0].evidence, ["nothing speaks against it"]);
}

#[test]
fn an_invitation_without_conditions_is_for_everybody() {
    let visitor = shopper();
    let now = Timestamp(START);
    assert!(intent::holds_all(&[], &visitor.known(), now));
    assert!(!intent::holds_all(
        &[once(url("/no"))],
        &visitor.known(),
        now
    ));
}
