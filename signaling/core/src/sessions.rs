//! One visitor's session as the floor knows it: pages, journey, and what it started.

use bellwire_proto::{
    id::{ConnectionId, InteractionId, SiteKey, TabId},
    interaction::{Context, Page},
    journey::{JourneyEvent, JourneyKind},
};

/// The most events of a journey that are kept; older ones make room.
pub(crate) const LONGEST_JOURNEY: usize = 200;

const LONGEST_URL: usize = 2_000;
const LONGEST_TEXT: usize = 300;
const LONGEST_DATA: usize = 1_000;

/// One visitor's session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) site: SiteKey,
    pub(crate) tabs: Vec<(TabId, ConnectionId)>,
    pub(crate) name: Option<String>,
    pub(crate) page: Page,
    pub(crate) journey: Vec<JourneyEvent>,
    /// Live and lingering interactions, oldest first.
    pub(crate) interactions: Vec<InteractionId>,
}

impl Session {
    pub(crate) fn new(site: SiteKey) -> Self {
        Self {
            site,
            tabs: vec![],
            name: None,
            page: Page::default(),
            journey: vec![],
            interactions: vec![],
        }
    }

    pub(crate) fn is_here(&self) -> bool {
        !self.tabs.is_empty()
    }

    /// Nothing would be lost by forgetting this session: its token brings it back.
    pub(crate) fn is_idle(&self) -> bool {
        self.tabs.is_empty() && self.interactions.is_empty()
    }

    /// Adds events that are new; gives those back. A tab tells its events again when it loads.
    pub(crate) fn grow(&mut self, events: Vec<JourneyEvent>) -> Vec<JourneyEvent> {
        let mut new = vec![];
        for event in events.into_iter().take(LONGEST_JOURNEY).map(cut_event) {
            let same = |known: &JourneyEvent| known.at == event.at && known.kind == event.kind;
            if !self.journey.iter().any(same) {
                self.journey.push(event.clone());
                new.push(event);
            }
        }
        self.journey.sort_by_key(|event| event.at);
        let over = self.journey.len().saturating_sub(LONGEST_JOURNEY);
        self.journey.drain(..over);
        new
    }

    pub(crate) fn context(&self, site: &str) -> Context {
        Context {
            site: site.to_owned(),
            name: self.name.clone(),
            page: self.page.clone(),
            journey: self.journey.clone(),
        }
    }
}

/// A page with every text cut to a sane length.
pub(crate) fn cut_page(mut page: Page) -> Page {
    cut(&mut page.url, LONGEST_URL);
    cut(&mut page.title, LONGEST_TEXT);
    cut(&mut page.referrer, LONGEST_URL);
    cut(&mut page.language, 35);
    page
}

fn cut_event(mut event: JourneyEvent) -> JourneyEvent {
    match &mut event.kind {
        JourneyKind::Viewed {
            url,
            title,
            referrer,
        } => {
            cut(url, LONGEST_URL);
            cut(title, LONGEST_TEXT);
            cut(referrer, LONGEST_URL);
        }
        JourneyKind::Left { url, .. } => cut(url, LONGEST_URL),
        JourneyKind::Clicked { mark } => cut(mark, LONGEST_TEXT),
        JourneyKind::Custom { name, data } => {
            cut(name, LONGEST_TEXT);
            cut(data, LONGEST_DATA);
        }
    }
    event
}

/// Cuts `text` to at most `most` bytes, between characters.
pub(crate) fn cut(text: &mut String, most: usize) {
    if text.len() <= most {
        return;
    }
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end));
    text.truncate(end.unwrap_or(0));
}
