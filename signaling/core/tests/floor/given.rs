//! What administrators write down, in short, and what visitors do on their pages.

use std::collections::BTreeMap;

use bellwire_core::{
    record::StageRecord,
    setup::{Setup, SkillLevel},
};
use bellwire_proto::{
    id::{ConnectionId, FormId, HoursId, InteractionId, InvitationId, RuleId},
    interaction::Medium,
    journey::{JourneyEvent, JourneyKind},
    mirror::Contact,
    prompt::{Answer, Ask, MENU, Prompt},
    setup::{
        Choice, Condition, Destination, Entry, Field, FieldKind, Form, FormKind, Hours, IntentRule,
        Invitation, InvitationHow, Overflow, OverflowWhen, Queue, Relax, Relaxed, Required, Span,
        What, Words,
    },
    time::Timestamp,
    visitor::{
        InvitationAct, LeftMessage, VisitorCommand, VisitorEvent, VisitorRefusal, VisitorStage,
    },
};

use crate::sim::{Sim, interaction, message, queue};

pub(crate) fn form(n: u128) -> FormId {
    FormId::new(Timestamp(1), n)
}
pub(crate) fn hours(n: u128) -> HoursId {
    HoursId::new(Timestamp(1), n)
}
pub(crate) fn invitation(n: u128) -> InvitationId {
    InvitationId::new(Timestamp(1), n)
}

pub(crate) fn skills(name: &str, level: u8) -> BTreeMap<String, SkillLevel> {
    BTreeMap::from([(name.to_owned(), SkillLevel(level))])
}

pub(crate) fn to_queue(n: u128) -> Destination {
    Destination::Queue(queue(n))
}

pub(crate) fn to_page(url: &str) -> Destination {
    Destination::Page {
        url: url.into(),
        label: Words::one("en", "Read this"),
    }
}

pub(crate) fn queue_of(setup: &mut Setup, n: u128) -> &mut Queue {
    let found = setup.queues.iter_mut().find(|known| known.id == queue(n));
    found.expect("the queue exists")
}

pub(crate) fn overflow(setup: &mut Setup, n: u128, when: OverflowWhen, to: Destination) {
    queue_of(setup, n).overflow.push(Overflow { when, to });
}

pub(crate) fn relax_skill(after_s: u32, skill: &str, level: u8) -> Relax {
    let skill = skill.to_owned();
    Relax {
        after_s,
        change: Relaxed::Skill { skill, level },
    }
}

pub(crate) fn required(fact: &str, otherwise: Option<&str>) -> Required {
    Required {
        fact: fact.into(),
        otherwise: otherwise.map(str::to_owned),
    }
}

pub(crate) fn choice(value: &str, to: Option<Destination>) -> Choice {
    Choice {
        value: value.into(),
        label: Words::one("en", value),
        skills: BTreeMap::new(),
        to,
    }
}

/// A form of one required field.
pub(crate) fn asks(n: u128, fact: &str, kind: FieldKind) -> Form {
    let field = Field {
        fact: fact.into(),
        label: Words::one("en", fact),
        kind,
        required: true,
        show_if: None,
    };
    Form {
        id: form(n),
        name: format!("form {n}"),
        title: Words::one("en", fact),
        kind: FormKind::Fields(vec![field]),
    }
}

pub(crate) fn menu(n: u128, fact: &str, choices: Vec<Choice>) -> Form {
    Form {
        id: form(n),
        name: format!("menu {n}"),
        title: Words::one("en", "What is it about?"),
        kind: FormKind::Menu {
            fact: fact.into(),
            choices,
        },
    }
}

/// An entry for a topic.
pub(crate) fn about(topic: &str, to: Destination) -> Entry {
    Entry {
        language: None,
        topic: Some(topic.into()),
        media: vec![],
        to,
    }
}

/// Every day from nine to five, UTC.
pub(crate) fn nine_to_five(n: u128) -> Hours {
    let span = Span {
        from: 9 * 60,
        to: 17 * 60,
    };
    Hours {
        id: hours(n),
        name: "Day".into(),
        zone: "UTC".into(),
        week: vec![vec![span]; 7],
        holidays: vec![],
    }
}

pub(crate) fn seen_often(category: &str, at_least: u16) -> Condition {
    Condition {
        what: What::Category(category.into()),
        at_least,
        within_min: None,
    }
}

/// Pages of this category tell this topic.
pub(crate) fn tells(n: u128, category: &str, at_least: u16, topic: &str) -> IntentRule {
    IntentRule {
        id: RuleId::new(Timestamp(1), n),
        name: format!("{topic} trouble"),
        enabled: true,
        sites: vec![],
        all: vec![seen_often(category, at_least)],
        any: vec![],
        none: vec![],
        confidence: 80,
        more: 0,
        topic: Some(topic.into()),
        language: None,
        product: None,
        skills: BTreeMap::new(),
        prefers: BTreeMap::new(),
        priority: 0,
    }
}

/// Whoever saw a page of this category is invited to a chat.
pub(crate) fn invites(n: u128, category: &str) -> Invitation {
    Invitation {
        id: invitation(n),
        name: "Help".into(),
        enabled: true,
        sites: vec![],
        when: vec![seen_often(category, 1)],
        topic: None,
        confidence: 0,
        how: InvitationHow::Contact(Medium::Chat),
        text: Words::one("en", "Can we help?"),
        accept: Words::default(),
        after_s: 0,
        again_h: 24,
        free_agents: 1,
        holdout: 0,
    }
}

impl Sim {
    /// The visitor opens a page of this category.
    pub(crate) fn views(&mut self, page: ConnectionId, category: &str) {
        let n = u32::try_from(self.visitor_events.len() + self.notes.len()).unwrap();
        let url = format!("https://shop/{category}/{}/{n}", self.now.0);
        let kind = JourneyKind::Viewed {
            url,
            title: String::new(),
            referrer: String::new(),
            language: String::new(),
            categories: vec![category.into()],
        };
        let events = vec![JourneyEvent {
            n,
            at: self.now,
            kind,
        }];
        self.page_asks(page, VisitorCommand::Journey { events });
        self.pass_s(1);
    }

    pub(crate) fn contact(&self, page: ConnectionId, n: u128) -> &Contact {
        &self.widgets[&page].contacts[&interaction(n)]
    }

    /// What is asked of the visitor now.
    pub(crate) fn asked(&self, page: ConnectionId, n: u128) -> Option<&Prompt> {
        let contact = self.widgets[&page].contacts.get(&interaction(n));
        contact?.prompt.as_ref()
    }

    /// The facts that are asked for now; `menu` for a menu.
    pub(crate) fn asked_for(&self, page: ConnectionId, n: u128) -> Vec<String> {
        match self.asked(page, n).map(|prompt| &prompt.ask) {
            None => vec![],
            Some(Ask::Menu(_)) => vec![MENU.to_owned()],
            Some(Ask::Fields(fields)) => fields.iter().map(|field| field.fact.clone()).collect(),
        }
    }

    pub(crate) fn answers(&mut self, page: ConnectionId, n: u128, fact: &str, value: &str) {
        let number = self.asked(page, n).map_or(0, |prompt| prompt.n);
        let answer = Answer {
            fact: fact.into(),
            value: value.into(),
        };
        self.page_asks(
            page,
            VisitorCommand::Answer {
                interaction: interaction(n),
                n: number,
                answers: vec![answer],
            },
        );
    }

    pub(crate) fn skips(&mut self, page: ConnectionId, n: u128) {
        let number = self.asked(page, n).map_or(0, |prompt| prompt.n);
        self.page_asks(
            page,
            VisitorCommand::Skip {
                interaction: interaction(n),
                n: number,
            },
        );
    }

    pub(crate) fn leaves(&mut self, page: ConnectionId, n: u128) {
        let interaction = interaction(n);
        self.page_asks(page, VisitorCommand::Leave { interaction });
    }

    pub(crate) fn switches(&mut self, page: ConnectionId, n: u128, medium: Medium) {
        let interaction = interaction(n);
        self.page_asks(
            page,
            VisitorCommand::Switch {
                interaction,
                medium,
            },
        );
    }

    pub(crate) fn writes_later(&mut self, page: ConnectionId, n: u128, reply_to: &str) {
        self.page_asks(
            page,
            VisitorCommand::Message(LeftMessage {
                interaction: interaction(n),
                message: message(9_000 + n),
                text: "Call me back".into(),
                name: "Vera".into(),
                reply_to: reply_to.into(),
            }),
        );
    }

    pub(crate) fn acts(&mut self, page: ConnectionId, n: u128, act: InvitationAct) {
        let invitation = invitation(n);
        self.page_asks(page, VisitorCommand::Invitation { invitation, act });
    }

    /// The last refusal this page heard.
    pub(crate) fn refused(&self, page: ConnectionId) -> Option<VisitorRefusal> {
        (self.visitor_events.iter().rev()).find_map(|(to, event)| match event {
            VisitorEvent::Refused { reason, .. } if *to == page => Some(*reason),
            _ => None,
        })
    }

    /// The name of the queue where the store has this contact.
    pub(crate) fn stored_in(&self, n: u128) -> &str {
        let record = &self.stored.interactions[&interaction(n)];
        let found = (self.setup.queues.iter()).find(|queue| queue.id == record.queue);
        found.map_or("", |queue| &queue.name)
    }

    pub(crate) fn is_stored_waiting(&self, n: u128) -> bool {
        (self.stored.interactions.get(&interaction(n)))
            .is_some_and(|record| record.stage == StageRecord::Waiting)
    }

    pub(crate) fn position(&self, page: ConnectionId, n: u128) -> Option<u32> {
        match self.contact(page, n).stage {
            VisitorStage::Waiting { position, .. } => Some(position),
            _ => None,
        }
    }

    pub(crate) fn last_decision(&self) -> &str {
        self.stored.decisions.last().map_or("", String::as_str)
    }

    /// An agent takes what rings, whatever it is, and is done with it.
    pub(crate) fn serves(&mut self, desk: ConnectionId) -> InteractionId {
        let id = self.accept(desk);
        self.finish(desk, id);
        id
    }
}
