//! A small shop's set-up, with one of everything.

use std::collections::{BTreeMap, BTreeSet};

use bellwire_proto::{
    id::{AgentId, FormId, HoursId, InvitationId, QueueId, RuleId, SiteKey},
    interaction::Medium,
    setup::{
        Capacity, Choice, Condition, Destination, Entry, Field, FieldKind, Form, FormKind, Holiday,
        Hours, IntentRule, Invitation, InvitationHow, Overflow, OverflowWhen, Queue, Relax,
        Relaxed, Required, SETUP_FORMAT, Setup, ShowIf, Site, SkillLevel, Span, User, UserRole,
        What, Words,
    },
    time::Timestamp,
};

pub(super) fn queue(n: u64) -> QueueId {
    QueueId::new(Timestamp(n), 1)
}

pub(super) fn form(n: u64) -> FormId {
    FormId::new(Timestamp(n), 1)
}

pub(super) fn hours(n: u64) -> HoursId {
    HoursId::new(Timestamp(n), 1)
}

pub(super) fn skills(all: &[(&str, u8)]) -> BTreeMap<String, SkillLevel> {
    let skill = |(name, level): &(&str, u8)| ((*name).to_owned(), SkillLevel(*level));
    all.iter().map(skill).collect()
}

pub(super) fn when(what: What) -> Condition {
    Condition {
        what,
        at_least: 1,
        within_min: None,
    }
}

pub(super) fn choice(value: &str, to: Option<Destination>) -> Choice {
    Choice {
        value: value.into(),
        label: Words::one("en", value),
        skills: BTreeMap::new(),
        to,
    }
}

pub(super) fn overflow(when: OverflowWhen, to: u64) -> Overflow {
    Overflow {
        when,
        to: Destination::Queue(queue(to)),
    }
}

pub(super) fn page(url: &str) -> Destination {
    Destination::Page {
        url: url.into(),
        label: Words::one("en", "Help"),
    }
}

pub(super) fn field(fact: &str, kind: FieldKind, show_if: Option<(&str, &[&str])>) -> Field {
    Field {
        fact: fact.into(),
        label: Words::one("en", fact),
        kind,
        required: false,
        show_if: show_if.map(|(fact, is)| ShowIf {
            fact: fact.into(),
            is: is.iter().map(|&value| value.to_owned()).collect(),
        }),
    }
}

/// A set-up without a finding.
pub(super) fn good() -> Setup {
    Setup {
        format: SETUP_FORMAT,
        sites: vec![site()],
        queues: queues(),
        users: users(),
        hours: vec![office()],
        intents: vec![rule()],
        forms: forms(),
        invitations: vec![invitation()],
        skills: vec!["laptops".into(), "returns".into()],
        reasons: vec!["Lunch".into()],
        dispositions: vec!["Solved".into()],
        ..Setup::default()
    }
}

fn site() -> Site {
    let mut site = Site::new(SiteKey("shop".into()), "Shop");
    site.origins = vec!["https://shop.example".into()];
    site.needs = vec![Required {
        fact: "topic".into(),
        otherwise: Some("other".into()),
    }];
    site.entries = vec![
        Entry {
            topic: Some("laptops".into()),
            ..Entry::into_queue(Some("es"), queue(2))
        },
        Entry::into_queue(None, queue(1)),
    ];
    site
}

fn queues() -> Vec<Queue> {
    let mut support = Queue::new(queue(1), "Support");
    support.hours = Some(hours(1));
    support.while_waiting = Some(form(2));
    support.overflow = vec![
        Overflow {
            when: OverflowWhen::Closed,
            to: page("/help"),
        },
        overflow(OverflowWhen::Waited(300), 2),
    ];
    let mut laptops = Queue::new(queue(2), "Laptops");
    laptops.skills = skills(&[("laptops", 5)]);
    laptops.language = Some("es".into());
    laptops.relax = vec![
        Relax {
            after_s: 30,
            change: Relaxed::Skill {
                skill: "laptops".into(),
                level: 2,
            },
        },
        Relax {
            after_s: 60,
            change: Relaxed::Language,
        },
    ];
    vec![support, laptops]
}

fn users() -> Vec<User> {
    let user = |n: u64, user: &str, name: &str, role| User {
        id: AgentId::new(Timestamp(n), 1),
        user: user.into(),
        name: name.into(),
        role,
        skills: skills(&[("laptops", 7)]),
        languages: vec!["en".into(), "es".into()],
        queues: vec![queue(1), queue(2)],
        capacity: Capacity { calls: 1, chats: 3 },
        number: None,
    };
    vec![
        user(1, "anna", "Anna", UserRole::Administrator),
        user(2, "boris", "Boris", UserRole::Agent),
    ]
}

fn office() -> Hours {
    let day = vec![
        Span { from: 540, to: 840 },
        Span {
            from: 900,
            to: 1440,
        },
    ];
    let mut week = vec![day; 7];
    week[6].clear();
    Hours {
        id: hours(1),
        name: "Office".into(),
        zone: "Europe/Madrid".into(),
        week,
        holidays: vec![Holiday {
            date: "2026-01-06".into(),
            name: "Epiphany".into(),
            yearly: true,
            open: vec![],
        }],
    }
}

fn rule() -> IntentRule {
    IntentRule {
        id: RuleId::new(Timestamp(1), 1),
        name: "Laptop trouble".into(),
        enabled: true,
        sites: vec![SiteKey("shop".into())],
        all: vec![when(What::Category("laptops".into()))],
        any: vec![
            when(What::Searched("broken".into())),
            when(What::Dwell {
                category: "help".into(),
                seconds: 60,
            }),
        ],
        none: vec![when(What::Url("*/careers/*".into()))],
        confidence: 60,
        more: 10,
        topic: Some("laptops".into()),
        language: None,
        product: None,
        skills: skills(&[("laptops", 3)]),
        prefers: BTreeMap::new(),
        priority: 0,
    }
}

fn forms() -> Vec<Form> {
    let topics = FormKind::Menu {
        fact: "topic".into(),
        choices: vec![
            choice("laptops", Some(Destination::Queue(queue(2)))),
            choice("other", None),
        ],
    };
    let reasons = FieldKind::Choice(vec![choice("order", None), choice("question", None)]);
    let fields = vec![
        field("reason", reasons, None),
        field("order", FieldKind::Text(40), Some(("reason", &["order"]))),
        field("email", FieldKind::Email, None),
    ];
    let form = |n, name: &str, kind| Form {
        id: form(n),
        name: name.into(),
        title: Words::one("en", name),
        kind,
    };
    vec![
        form(1, "Topics", topics),
        form(2, "About you", FormKind::Fields(fields)),
    ]
}

fn invitation() -> Invitation {
    Invitation {
        id: InvitationId::new(Timestamp(1), 1),
        name: "Help with laptops".into(),
        enabled: true,
        sites: vec![],
        when: vec![when(What::Language("en".into()))],
        topic: Some("laptops".into()),
        confidence: 60,
        how: InvitationHow::Contact(Medium::Chat),
        text: Words::one("en", "Shall we help?"),
        accept: Words::default(),
        after_s: 10,
        again_h: 24,
        free_agents: 1,
        holdout: 10,
    }
}

/// All of a site's kinds of events but these.
pub(super) fn without(
    kinds: &[bellwire_proto::setup::Collected],
) -> BTreeSet<bellwire_proto::setup::Collected> {
    let mut all = bellwire_proto::setup::Collected::all();
    all.retain(|kind| !kinds.contains(kind));
    all
}
