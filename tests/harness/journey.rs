//! What a visitor does on the pages of a shop, as a tab's loader writes it down.

use bellwire_proto::{
    journey::{JourneyEvent, JourneyKind},
    time::Timestamp,
};

use crate::chance;

/// One tab's journey: numbers its events.
#[derive(Debug, Default)]
pub struct Walk {
    n: u32,
}

impl Walk {
    /// A tab that was just opened.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A page of the shop in English is opened now.
    pub fn views(&mut self, path: &str, categories: &[&str]) -> JourneyEvent {
        self.views_in("en", path, categories)
    }

    /// A page in this language is opened now.
    pub fn views_in(&mut self, language: &str, path: &str, categories: &[&str]) -> JourneyEvent {
        self.does(JourneyKind::Viewed {
            url: url(path),
            title: format!("The page {path}"),
            referrer: "https://search.example/".into(),
            language: language.into(),
            categories: categories.iter().map(|&name| name.to_owned()).collect(),
        })
    }

    /// Something else happens now.
    pub fn does(&mut self, kind: JourneyKind) -> JourneyEvent {
        self.did(chance::now(), kind)
    }

    /// Something happened then.
    pub fn did(&mut self, at: Timestamp, kind: JourneyKind) -> JourneyEvent {
        self.n += 1;
        JourneyEvent {
            n: self.n,
            at,
            kind,
        }
    }
}

/// The address of a page of the shop.
#[must_use]
pub fn url(path: &str) -> String {
    format!("https://shop.example{path}")
}

/// The addresses of the pages in a journey, in its order.
#[must_use]
pub fn viewed(journey: &[JourneyEvent]) -> Vec<&str> {
    let mut pages = vec![];
    for event in journey {
        if let JourneyKind::Viewed { url, .. } = &event.kind {
            pages.push(url.as_str());
        }
    }
    pages
}
