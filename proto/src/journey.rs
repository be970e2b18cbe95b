//! The ordered events of a visitor's session, as the loader writes them.

use serde::{Deserialize, Serialize};

use crate::{setup::CartAction, time::Timestamp};

/// Something that happened on the visitor's pages.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct JourneyEvent {
    /// Counts up in one tab; a repeat of a number is the same event.
    pub n: u32,
    /// When, by the visitor's clock.
    pub at: Timestamp,
    /// What.
    pub kind: JourneyKind,
}

/// What happened.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JourneyKind {
    /// A page was opened.
    Viewed {
        /// Its address, without fragment and secrets.
        url: String,
        /// Its title.
        title: String,
        /// Where the visitor came from.
        #[serde(default)]
        referrer: String,
        /// Its language, a BCP 47 tag.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        language: String,
        /// What it is about, as the page says: `laptops`, `help`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        categories: Vec<String>,
    },
    /// The page was left.
    Left {
        /// Its address.
        url: String,
        /// Time on the page, in milliseconds.
        dwell_ms: u64,
    },
    /// The page was scrolled; told once for each quarter reached.
    Scrolled {
        /// Its address.
        url: String,
        /// How far, in per cent.
        percent: u8,
    },
    /// The visitor searched the site.
    Searched {
        /// For what.
        text: String,
    },
    /// A form was sent.
    Submitted {
        /// Its name or id.
        form: String,
        /// Its fields: names, and the values of those that the page marked for it.
        #[serde(default)]
        fields: Vec<SentField>,
    },
    /// The cart changed.
    Cart {
        /// How.
        action: CartAction,
        /// Which item; empty where it is about the whole cart.
        #[serde(default)]
        item: String,
        /// How many.
        #[serde(default)]
        quantity: u32,
        /// What it is worth, in hundredths of the currency's unit; 0 where not told.
        #[serde(default)]
        worth: u64,
    },
    /// An element marked with `data-bw` was clicked.
    Clicked {
        /// The mark.
        mark: String,
    },
    /// The page's own script told of something: `bellwire('event', name, data)`.
    Custom {
        /// The event's name.
        name: String,
        /// The event's data, as JSON text.
        #[serde(default)]
        data: String,
    },
}

/// A field of a form that was sent.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SentField {
    /// Its name.
    pub name: String,
    /// Its value, only where the page marked the field with `data-bw-value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}
