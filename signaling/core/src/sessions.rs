//! One visitor's session as the floor knows it: pages, journey, what it tells, and what it started.

use bellwire_proto::{
    id::{AgentId, ConnectionId, InteractionId, InvitationId, QueueId, SiteKey, TabId},
    intent::Intent,
    interaction::{Context, Medium, Page, PastContact},
    prompt::Answered,
    time::Timestamp,
    visitor::InvitationView,
};

use crate::{
    Audience, Recalled,
    collect::Journal,
    facts::LASTING,
    prompt::{self, Facts},
};

/// One visitor's session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) site: SiteKey,
    pub(crate) tabs: Vec<(TabId, ConnectionId)>,
    pub(crate) name: Option<String>,
    pub(crate) page: Page,
    /// Since when this page is looked at.
    pub(crate) since: Timestamp,
    pub(crate) journey: Journal,
    pub(crate) visits: u32,
    /// The visitor's browser asks not to watch them.
    pub(crate) quiet: bool,
    /// The visitor opted out.
    pub(crate) opted_out: bool,
    /// The store has a row for this session.
    pub(crate) recorded: bool,
    /// What the visitor seems to want, surest first.
    pub(crate) intents: Vec<Intent>,
    /// Facts that stay with the visitor, …
    pub(crate) lasting: Facts,
    /// … and as agents see them.
    pub(crate) answered: Vec<Answered>,
    pub(crate) past: Vec<PastContact>,
    pub(crate) last_agent: Option<AgentId>,
    /// Live and lingering interactions, oldest first.
    pub(crate) interactions: Vec<InteractionId>,
    /// Which status its pages follow.
    pub(crate) audience: Option<Audience>,
    /// The invitation that stands.
    pub(crate) invited: Option<Invited>,
}

/// An invitation that stands.
#[derive(Clone, Debug)]
pub(crate) struct Invited {
    pub(crate) view: InvitationView,
    /// The visitor has seen it.
    pub(crate) shown: bool,
    /// What it would lead to; none where it is a line to read.
    pub(crate) line: Option<(QueueId, Medium)>,
}

/// Somebody was invited, or left alone for comparison.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Remembered {
    pub(crate) invitation: InvitationId,
    pub(crate) at: Timestamp,
    /// In which of their visits.
    pub(crate) visit: u32,
    /// That contact followed was counted, or is not to be.
    pub(crate) credited: bool,
}

impl Session {
    pub(crate) fn new(site: SiteKey) -> Self {
        Self {
            site,
            tabs: vec![],
            name: None,
            page: Page::default(),
            since: Timestamp(0),
            journey: Journal::new(),
            visits: 0,
            quiet: false,
            opted_out: false,
            recorded: false,
            intents: vec![],
            lasting: Facts::new(),
            answered: vec![],
            past: vec![],
            last_agent: None,
            interactions: vec![],
            audience: None,
            invited: None,
        }
    }

    /// Takes in what is known of the visitor besides. What the floor has itself is newer.
    pub(crate) fn recall(&mut self, known: Recalled) {
        self.visits = self.visits.max(known.visits);
        self.quiet |= known.quiet;
        self.opted_out |= known.opted_out;
        if !known.past.is_empty() {
            // Contacts that are over are in the store, those of this session too.
            self.past = known.past;
        }
        self.last_agent = self.last_agent.or(known.last_agent);
        if self.journey.events().is_empty() {
            self.recorded |= !known.journey.is_empty();
            self.journey = Journal::restored(known.journey);
        }
        if !self.is_watched() {
            self.forget_journey();
        }
    }

    /// Takes in what was answered, as far as it stays with the visitor.
    pub(crate) fn learn(&mut self, facts: &Facts, answered: &[Answered]) {
        let lasts = |fact: &str| LASTING.contains(&fact);
        let facts = facts.iter().filter(|(fact, _)| lasts(fact));
        (self.lasting).extend(facts.map(|(fact, value)| (fact.clone(), value.clone())));
        let kept = answered.iter().filter(|answer| lasts(&answer.fact));
        prompt::merge(&mut self.answered, kept.cloned().collect());
    }

    /// The visitor may be watched.
    pub(crate) fn is_watched(&self) -> bool {
        !self.quiet && !self.opted_out
    }

    pub(crate) fn forget_journey(&mut self) {
        self.journey.forget();
        self.intents.clear();
        self.visits = 0;
        self.page.referrer.clear();
    }

    pub(crate) fn is_here(&self) -> bool {
        !self.tabs.is_empty()
    }

    /// Nothing would be lost by forgetting this session: its token and the store bring it back.
    pub(crate) fn is_idle(&self) -> bool {
        self.tabs.is_empty() && self.interactions.is_empty()
    }

    pub(crate) fn context(&self, site: &str) -> Context {
        Context {
            site: site.to_owned(),
            name: self.name.clone(),
            caller: None,
            page: self.page.clone(),
            journey: self.journey.events().to_vec(),
            intents: self.intents.clone(),
            answers: self.answered.clone(),
            visits: self.visits,
            past: self.past.clone(),
            left_message: false,
        }
    }
}

/// Cuts `text` to at most `most` bytes, between characters.
pub(crate) fn cut(text: &mut String, most: usize) {
    if text.len() <= most {
        return;
    }
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end));
    text.truncate(end.unwrap_or(0));
}
