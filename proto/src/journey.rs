//! The ordered events of a visitor's session, as the loader writes them.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

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
    },
    /// The page was left.
    Left {
        /// Its address.
        url: String,
        /// Time on the page, in milliseconds.
        dwell_ms: u64,
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
