//! A visitor's steps in words.

use std::time::Duration;

use bellwire_proto::{
    journey::{JourneyKind, SentField},
    setup::CartAction,
};

use super::{address, span, title};

/// The most names of a form's fields that are told.
const MOST_FIELDS: usize = 6;

/// A step of a journey: what kind it is, and what it was about.
pub(crate) fn step(kind: &JourneyKind) -> (&'static str, String) {
    match kind {
        JourneyKind::Viewed {
            url,
            title: named,
            categories,
            ..
        } => ("Viewed", with_more(title(named, url), categories)),
        JourneyKind::Left { url, dwell_ms } => {
            let dwell = span(Duration::from_millis(*dwell_ms));
            ("Left", format!("{} after {dwell}", address(url)))
        }
        JourneyKind::Scrolled { url, percent } => {
            ("Scrolled", format!("{} to {percent} %", address(url)))
        }
        JourneyKind::Searched { text } => ("Searched", format!("for “{text}”")),
        JourneyKind::Submitted { form, fields } => ("Sent", submitted(form, fields)),
        JourneyKind::Cart {
            action,
            item,
            quantity,
            worth,
        } => ("Cart", cart(*action, item, *quantity, *worth)),
        JourneyKind::Clicked { mark } => ("Clicked", mark.clone()),
        JourneyKind::Custom { name, data } if data.is_empty() || data == "null" => {
            ("Event", name.clone())
        }
        JourneyKind::Custom { name, data } => ("Event", format!("{name} {data}")),
    }
}

fn with_more(what: String, categories: &[String]) -> String {
    if categories.is_empty() {
        what
    } else {
        format!("{what} ({})", categories.join(", "))
    }
}

fn submitted(form: &str, fields: &[SentField]) -> String {
    let form = if form.is_empty() {
        "a form".to_owned()
    } else {
        format!("the form “{form}”")
    };
    if fields.is_empty() {
        return form;
    }
    let field = |field: &SentField| match &field.value {
        Some(value) => format!("{} “{value}”", field.name),
        None => field.name.clone(),
    };
    let told: Vec<_> = fields.iter().take(MOST_FIELDS).map(field).collect();
    let rest = if fields.len() > MOST_FIELDS {
        ", …"
    } else {
        ""
    };
    format!("{form} with {}{rest}", told.join(", "))
}

fn cart(action: CartAction, item: &str, quantity: u32, worth: u64) -> String {
    let what = match (item, quantity) {
        ("", _) => String::new(),
        (item, 0 | 1) => format!(" {item}"),
        (item, quantity) => format!(" {quantity} × {item}"),
    };
    let sentence = match action {
        CartAction::Added => format!("put in{what}"),
        CartAction::Removed => format!("took out{what}"),
        CartAction::Viewed => "looked at the cart".to_owned(),
        CartAction::CheckedOut => "began the checkout".to_owned(),
        CartAction::Bought => format!("bought{what}"),
    };
    if worth == 0 {
        sentence
    } else {
        format!("{sentence}, worth {}.{:02}", worth / 100, worth % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journey_step_says_what_it_was_about() {
        let left = JourneyKind::Left {
            url: "https://shop.test/lamps".to_owned(),
            dwell_ms: 125_000,
        };
        let event = JourneyKind::Custom {
            name: "cart".to_owned(),
            data: "null".to_owned(),
        };

        assert_eq!(
            step(&left),
            ("Left", "shop.test/lamps after 2 min".to_owned())
        );
        assert_eq!(step(&event), ("Event", "cart".to_owned()));
    }

    #[test]
    fn a_cart_tells_how_many_of_what_and_the_worth() {
        let added = JourneyKind::Cart {
            action: CartAction::Added,
            item: "Lamp".to_owned(),
            quantity: 2,
            worth: 3_998,
        };

        assert_eq!(
            step(&added),
            ("Cart", "put in 2 × Lamp, worth 39.98".to_owned())
        );
    }

    #[test]
    fn a_sent_form_tells_values_only_where_the_page_marked_them() {
        let sent = JourneyKind::Submitted {
            form: "order".to_owned(),
            fields: vec![
                SentField {
                    name: "city".to_owned(),
                    value: Some("Madrid".to_owned()),
                },
                SentField {
                    name: "card".to_owned(),
                    value: None,
                },
            ],
        };

        assert_eq!(
            step(&sent).1,
            "the form “order” with city “Madrid”, card".to_owned()
        );
    }

    #[test]
    fn a_page_tells_its_categories() {
        let viewed = JourneyKind::Viewed {
            url: "https://shop.test/x".to_owned(),
            title: "X 200".to_owned(),
            referrer: String::new(),
            language: String::new(),
            categories: vec!["laptops".to_owned(), "help".to_owned()],
        };

        assert_eq!(step(&viewed).1, "X 200 (laptops, help)");
    }
}
