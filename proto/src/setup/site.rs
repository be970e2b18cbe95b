//! A web site: who may use its key, where its visitors go, and what may be known of them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Destination, Required};
use crate::{
    id::{QueueId, SiteKey},
    interaction::Medium,
};

/// A site.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Its public key.
    pub key: SiteKey,
    /// Its name, as agents see it.
    pub name: String,
    /// Where its pages may come from: `https://shop.example`.
    #[serde(default)]
    pub origins: Vec<String>,
    /// Where a contact goes: the first entry that fits.
    pub entries: Vec<Entry>,
    /// What must be known before an entry is chosen.
    #[serde(default)]
    pub needs: Vec<Required>,
    /// What is collected of a visitor's journey.
    #[serde(default = "Collected::all")]
    pub collects: BTreeSet<Collected>,
    /// For how many days journeys are kept.
    #[serde(default = "thirty")]
    pub keep_days: u16,
    /// How the launcher looks.
    #[serde(default)]
    pub look: Look,
}

impl Site {
    /// A site that collects everything that may be collected, and has no entry yet.
    #[must_use]
    pub fn new(key: SiteKey, name: &str) -> Self {
        Self {
            key,
            name: name.to_owned(),
            origins: vec![],
            entries: vec![],
            needs: vec![],
            collects: Collected::all(),
            keep_days: thirty(),
            look: Look::default(),
        }
    }
}

fn thirty() -> u16 {
    30
}

/// A way in.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Only for visitors who read this language (`es` fits `es-MX` too); for all where none is named.
    #[serde(default)]
    pub language: Option<String>,
    /// Only for this topic, as an intent or an answer says it; for all where none is named.
    #[serde(default)]
    pub topic: Option<String>,
    /// Only for these media; for all where none is named.
    #[serde(default)]
    pub media: Vec<Medium>,
    /// Where it leads.
    pub to: Destination,
}

impl Entry {
    /// An entry into a queue, for visitors who read `language`, or for all.
    #[must_use]
    pub fn into_queue(language: Option<&str>, queue: QueueId) -> Self {
        Self {
            language: language.map(str::to_owned),
            topic: None,
            media: vec![],
            to: Destination::Queue(queue),
        }
    }
}

/// A kind of thing that is collected of a journey. The pages themselves and their titles always are,
/// unless the visitor opted out.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Collected {
    /// Where a visitor came from.
    Referrer,
    /// How long a page was looked at.
    Dwell,
    /// How far a page was scrolled.
    Scroll,
    /// Clicks on marked elements.
    Clicks,
    /// What was searched for.
    Searches,
    /// That a form was sent, and its fields' names.
    Forms,
    /// What went into the cart and out of it.
    Cart,
    /// Events of the page's own script.
    Custom,
    /// How often a visitor has come.
    Visits,
}

impl Collected {
    /// Everything.
    #[must_use]
    pub fn all() -> BTreeSet<Self> {
        BTreeSet::from([
            Self::Referrer,
            Self::Dwell,
            Self::Scroll,
            Self::Clicks,
            Self::Searches,
            Self::Forms,
            Self::Cart,
            Self::Custom,
            Self::Visits,
        ])
    }
}

/// How the launcher looks. The tag's own attributes win.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// What it says.
    #[serde(default)]
    pub label: super::Words,
    /// Its colour, as CSS writes it.
    #[serde(default)]
    pub color: Option<String>,
    /// On the left side.
    #[serde(default)]
    pub left: bool,
}
