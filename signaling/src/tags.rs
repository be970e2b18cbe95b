//! On which pages the sites' tags are seen: counted here, stored now and then.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bellwire_proto::{admin::TagSeen, id::SiteKey, time::Timestamp};

use crate::{origin::Origin, store::Seen};

/// The most refused origins remembered of a site.
const MOST_REFUSED: usize = 20;

/// The longest origin remembered, in bytes: the longest name of a host and what goes with it.
const LONGEST: usize = 280;

/// Where each site's tag was seen, and how many of its pages are connected.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tags(Arc<Mutex<BTreeMap<SiteKey, Tag>>>);

#[derive(Debug, Default)]
struct Tag {
    seen: Seen,
    is_fresh: bool,
    pages: u32,
}

/// Counts a visitor's page for as long as it is connected.
#[derive(Debug)]
pub(crate) struct PageHere {
    tags: Tags,
    site: SiteKey,
}

impl Drop for PageHere {
    fn drop(&mut self) {
        if let Some(tag) = self.tags.lock().get_mut(&self.site) {
            tag.pages = tag.pages.saturating_sub(1);
        }
    }
}

impl Tags {
    pub(crate) fn new(stored: BTreeMap<SiteKey, Seen>) -> Self {
        let tag = |seen| Tag {
            seen,
            ..Tag::default()
        };
        let tags = stored.into_iter().map(|(site, seen)| (site, tag(seen)));
        Self(Arc::new(Mutex::new(tags.collect())))
    }

    /// The tag was seen on a page of this origin. The site must be one there is.
    pub(crate) fn saw(&self, site: &SiteKey, origin: &Origin, now: Timestamp) {
        let mut tags = self.lock();
        let tag = tags.entry(site.clone()).or_default();
        tag.seen.last = Some((now, short(origin)));
        tag.is_fresh = true;
    }

    /// A page of this origin tried and is not allowed. The site must be one there is.
    pub(crate) fn refused(&self, site: &SiteKey, origin: &Origin, now: Timestamp) {
        let mut tags = self.lock();
        let tag = tags.entry(site.clone()).or_default();
        let origin = short(origin);
        tag.seen.refused.retain(|(_, known)| *known != origin);
        tag.seen.refused.insert(0, (now, origin));
        tag.seen.refused.truncate(MOST_REFUSED);
        tag.is_fresh = true;
    }

    /// A visitor's page of the site connected.
    pub(crate) fn page(&self, site: &SiteKey) -> PageHere {
        let mut tags = self.lock();
        let tag = tags.entry(site.clone()).or_default();
        tag.pages = tag.pages.saturating_add(1);
        PageHere {
            tags: self.clone(),
            site: site.clone(),
        }
    }

    /// What is known of a site's tag.
    pub(crate) fn of(&self, site: &SiteKey) -> TagSeen {
        let tags = self.lock();
        let (seen, pages_now) = match tags.get(site) {
            Some(tag) => (tag.seen.clone(), tag.pages),
            None => (Seen::default(), 0),
        };
        TagSeen {
            site: site.clone(),
            last: seen.last,
            refused: seen.refused,
            pages_now,
        }
    }

    /// What is not stored yet; it counts as stored from now on.
    pub(crate) fn fresh(&self) -> BTreeMap<SiteKey, Seen> {
        let mut tags = self.lock();
        let fresh = tags.iter_mut().filter(|(_, tag)| tag.is_fresh);
        fresh
            .map(|(site, tag)| {
                tag.is_fresh = false;
                (site.clone(), tag.seen.clone())
            })
            .collect()
    }

    /// What is known of these sites' tags was not stored after all.
    pub(crate) fn keep_again<'a>(&self, sites: impl Iterator<Item = &'a SiteKey>) {
        let mut tags = self.lock();
        for site in sites {
            if let Some(tag) = tags.get_mut(site) {
                tag.is_fresh = true;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<SiteKey, Tag>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn short(origin: &Origin) -> String {
    origin.as_str().chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(n: u32) -> Origin {
        Origin::parse(&format!("https://shop{n}.example")).expect("an origin")
    }

    #[test]
    fn the_newest_refused_origins_are_remembered_once_each() {
        let tags = Tags::default();
        let shop = SiteKey("shop".to_owned());

        for n in (0..30).chain([25]) {
            tags.refused(&shop, &origin(n), Timestamp(n.into()));
        }

        let seen = tags.of(&shop);
        assert_eq!(seen.refused.len(), MOST_REFUSED);
        assert_eq!(
            seen.refused[0],
            (Timestamp(25), "https://shop25.example".into())
        );
        assert_eq!(seen.refused[1].0, Timestamp(29));
        assert_eq!(tags.fresh().len(), 1);
        assert!(tags.fresh().is_empty());
    }

    #[test]
    fn a_page_counts_while_it_is_there() {
        let tags = Tags::default();
        let shop = SiteKey("shop".to_owned());

        let (one, two) = (tags.page(&shop), tags.page(&shop));
        assert_eq!(tags.of(&shop).pages_now, 2);
        drop((one, two));

        assert_eq!(tags.of(&shop).pages_now, 0);
    }
}
