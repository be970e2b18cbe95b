//! Conditions over a visitor's journey, as rows of a form.

use leptos::prelude::*;
use serde_json::{Value, json};

use super::{
    Options, Say, Variant, choice, list, number, optional_number, row, suggested, text_line,
    variant,
};
use crate::{
    admin::{draft::Draft, place},
    text::admin as text,
};

/// What can be looked at.
const WHATS: &[Variant] = &[
    Variant {
        tag: "category",
        name: text::WHAT_CATEGORY,
        fresh: || json!({"category": ""}),
    },
    Variant {
        tag: "url",
        name: text::WHAT_URL,
        fresh: || json!({"url": ""}),
    },
    Variant {
        tag: "referrer",
        name: text::WHAT_REFERRER,
        fresh: || json!({"referrer": ""}),
    },
    Variant {
        tag: "language",
        name: text::WHAT_LANGUAGE,
        fresh: || json!({"language": ""}),
    },
    Variant {
        tag: "event",
        name: text::WHAT_EVENT,
        fresh: || json!({"event": ""}),
    },
    Variant {
        tag: "clicked",
        name: text::WHAT_CLICKED,
        fresh: || json!({"clicked": ""}),
    },
    Variant {
        tag: "searched",
        name: text::WHAT_SEARCHED,
        fresh: || json!({"searched": ""}),
    },
    Variant {
        tag: "submitted",
        name: text::WHAT_SUBMITTED,
        fresh: || json!({"submitted": ""}),
    },
    Variant {
        tag: "cart",
        name: text::WHAT_CART,
        fresh: || json!({"cart": "added"}),
    },
    Variant {
        tag: "dwell",
        name: text::WHAT_DWELL,
        fresh: || json!({"dwell": {"category": "", "seconds": 60}}),
    },
    Variant {
        tag: "scrolled",
        name: text::WHAT_SCROLLED,
        fresh: || json!({"scrolled": 75}),
    },
    Variant {
        tag: "visits",
        name: text::WHAT_VISITS,
        fresh: || json!("visits"),
    },
    Variant {
        tag: "answered",
        name: text::WHAT_ANSWERED,
        fresh: || json!({"answered": {"fact": "topic", "value": ""}}),
    },
];

/// A list of conditions.
pub(crate) fn conditions(d: Draft, at: &str, say: Say) -> AnyView {
    list(d, at, say, text::ADD_CONDITION, fresh, condition)
}

fn fresh() -> Value {
    json!({"what": {"category": ""}, "at_least": 1, "within_min": null})
}

fn condition(d: Draft, at: String) -> AnyView {
    let what = place::within(&at, "what");
    let read = what.clone();
    let tag = Memo::new(move |_| d.with(|doc| place::tag(place::get(doc, &read))));
    forget_on_change(d, at.clone(), tag);
    let counts = move || {
        let at_least = place::within(&at, "at_least");
        let within_min = place::within(&at, "within_min");
        let tag = tag.get();
        let count = is_counted(&tag).then(|| number(d, &at_least, text::AT_LEAST, 1..=65_535));
        let within =
            has_time(&tag).then(|| optional_number(d, &within_min, text::WITHIN_MIN, 1..=525_600));
        row([count, within].into_iter().flatten().collect())
    };
    view! {
        <div class="condition">
            {variant(d, &what, text::WHAT, WHATS, what_fields)} {counts}
        </div>
    }
    .into_any()
}

/// What is no longer asked for another kind of condition is not kept unseen.
fn forget_on_change(d: Draft, at: String, tag: Memo<String>) {
    Effect::new(move |before: Option<String>| {
        let tag = tag.get();
        if before.is_some_and(|before| before != tag) {
            d.value.update(|doc| forget(doc, &at, &tag));
        }
        tag
    });
}

fn forget(doc: &mut Value, at: &str, tag: &str) {
    if place::get(doc, at).is_none() {
        return;
    }
    if !is_counted(tag) {
        place::set(doc, &place::within(at, "at_least"), json!(1));
    }
    if !has_time(tag) {
        place::set(doc, &place::within(at, "within_min"), Value::Null);
    }
}

fn what_fields(d: Draft, at: String, tag: &'static str) -> AnyView {
    let here = place::within(&at, tag);
    let within = |step: &str| place::within(&here, step);
    match tag {
        "category" => text_line(d, &here, text::CATEGORY, false),
        "url" | "referrer" => text_line(d, &here, text::PATTERN, false),
        "language" => suggested(d, &here, text::TAG, false, "bw-languages"),
        "event" => text_line(d, &here, text::EVENT_NAME, false),
        "clicked" => text_line(d, &here, text::MARK, false),
        "searched" => text_line(d, &here, text::SEARCHED_TEXT, false),
        "submitted" => text_line(d, &here, text::FORM_NAME, false),
        "cart" => choice(d, &here, text::CART_ACTION, None, cart_actions()),
        "dwell" => row(vec![
            text_line(d, &within("category"), text::CATEGORY_OR_ALL, false),
            number(d, &within("seconds"), text::SECONDS, 1..=86_400),
        ]),
        "scrolled" => number(d, &here, text::PERCENT_SCROLLED, 1..=100),
        "answered" => row(vec![
            suggested(d, &within("fact"), text::FACT, false, "bw-facts"),
            text_line(d, &within("value"), text::VALUE_OR_ANY, false),
        ]),
        _ => ().into_any(),
    }
}

fn cart_actions() -> Options {
    Signal::stored(text::pairs(&[
        ("added", "something was put in"),
        ("removed", "something was taken out"),
        ("viewed", "it was looked at"),
        ("checked_out", "the checkout began"),
        ("bought", "it was bought"),
    ]))
}

/// Whether "at least so often" means something.
fn is_counted(tag: &str) -> bool {
    matches!(
        tag,
        "category"
            | "url"
            | "event"
            | "clicked"
            | "searched"
            | "submitted"
            | "cart"
            | "scrolled"
            | "visits"
    )
}

/// Whether "in the last so many minutes" means something.
fn has_time(tag: &str) -> bool {
    is_counted(tag) && tag != "visits" || matches!(tag, "dwell" | "referrer")
}

#[cfg(test)]
mod tests {
    use bellwire_proto::setup::Condition;

    use super::*;
    use crate::admin::docs;

    #[test]
    fn every_kind_of_condition_begins_as_one_that_can_be_saved() {
        for variant in WHATS {
            let draft = json!({"what": (variant.fresh)(), "at_least": 1, "within_min": null});

            assert_eq!(place::tag(draft.get("what")), variant.tag);
            assert!(docs::read::<Condition>(&draft).is_some(), "{}", variant.tag);
        }
        assert!(docs::read::<Condition>(&fresh()).is_some());
    }

    #[test]
    fn a_number_that_is_no_longer_asked_is_not_kept_unseen() {
        let mut doc = json!({"all": [{"what": "visits", "at_least": 3, "within_min": 10}]});

        forget(&mut doc, "all.0", "visits");
        assert_eq!(doc["all"][0]["at_least"], 3);
        assert_eq!(doc["all"][0]["within_min"], Value::Null);

        forget(&mut doc, "all.0", "language");
        forget(&mut doc, "all.7", "language");
        assert_eq!(doc["all"][0]["at_least"], 1);
        assert_eq!(place::length(&doc, "all"), 1);
    }

    #[test]
    fn only_what_is_counted_is_asked_how_often() {
        assert!(is_counted("visits") && !has_time("visits"));
        assert!(!is_counted("dwell") && has_time("dwell"));
        assert!(!is_counted("language") && !has_time("language"));
    }
}
