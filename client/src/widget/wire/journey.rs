//! The journey, as the loader writes it.

use bellwire_proto::{
    journey::{JourneyEvent, JourneyKind, SentField},
    setup::CartAction,
};

use super::{structures, words};
use crate::json::{Json, Read, field, field_or_none};

structures! {
    JourneyEvent { n at kind; }
    SentField { name; value }
}

words! {
    CartAction {
        Viewed
        "added" Added
        "removed" Removed
        "viewed" Viewed
        "checked_out" CheckedOut
        "bought" Bought
    }
}

impl Read for JourneyKind {
    fn read(json: &Json, good: &mut bool) -> Self {
        let (name, event) = json.variant();
        match name {
            "viewed" => Self::Viewed {
                url: field(event, "url", good),
                title: field(event, "title", good),
                referrer: field_or_none(event, "referrer", good),
                language: field_or_none(event, "language", good),
                categories: field_or_none(event, "categories", good),
            },
            "left" => Self::Left {
                url: field(event, "url", good),
                dwell_ms: field(event, "dwell_ms", good),
            },
            "scrolled" => Self::Scrolled {
                url: field(event, "url", good),
                percent: field(event, "percent", good),
            },
            "searched" => Self::Searched {
                text: field(event, "text", good),
            },
            "submitted" => Self::Submitted {
                form: field(event, "form", good),
                fields: field_or_none(event, "fields", good),
            },
            "cart" => Self::Cart {
                action: field(event, "action", good),
                item: field_or_none(event, "item", good),
                quantity: field_or_none(event, "quantity", good),
                worth: field_or_none(event, "worth", good),
            },
            "clicked" => Self::Clicked {
                mark: field(event, "mark", good),
            },
            name => {
                *good &= name == "custom";
                Self::Custom {
                    name: field(event, "name", good),
                    data: field_or_none(event, "data", good),
                }
            }
        }
    }
}
