//! What the demo shop's centre knows: its topics, what journeys tell of them, what is asked where
//! they tell nothing, and one invitation.

use std::collections::BTreeMap;

use bellwire_proto::{
    admin::Kind,
    id::{FormId, InvitationId, QueueId, RuleId, SiteKey},
    interaction::Medium,
    setup::{
        CartAction, Choice, Condition, Entry, Field, FieldKind, Form, FormKind, IntentRule,
        Invitation, InvitationHow, Look, Queue, Relax, Relaxed, Required, Setup, Site, SkillLevel,
        What, fact,
    },
    time::Timestamp,
};

use super::{entries_with, words};
use crate::{
    origin::Origin,
    random,
    store::{Change, Doc, Error},
};

/// The skill and topic of the shop's speciality.
const LAPTOPS: &str = "laptops";

/// The topic of visitors who want to buy.
const BUYING: &str = "buying";

/// The topic of visitors who ask about an order.
const ORDERS: &str = "orders";

/// The topic of visitors who read Spanish: they are served in Spanish, whatever it is about.
const SPANISH: &str = "spanish";

/// The topic of everybody else.
const OTHER: &str = "other";

/// Who knows laptops, and how well.
const EXPERTS: [(&str, u8); 2] = [("anna", 7), ("boris", 9)];

/// Adds the demo's site and what goes with it to the centre as it is.
pub(super) async fn add(
    change: &mut Change,
    key: &SiteKey,
    origins: &[Origin],
    now: Timestamp,
) -> Result<(), Error> {
    let before = change.setup().await?;
    let form = while_waiting(now);
    change.put(&Doc::of(&form)?).await?;
    change.put(&Doc::of(&topics(now))?).await?;
    let laptops = laptops(&before, form.id, now);
    if before.queues.iter().all(|queue| queue.name != laptops.name) {
        change.put(&Doc::of(&laptops)?).await?;
        ask_who_waits(change, &before, form.id).await?;
        teach(change, &before, laptops.id).await?;
    }
    for rule in rules(now) {
        change.put(&Doc::of(&rule)?).await?;
    }
    change.put(&Doc::of(&invitation(key, now))?).await?;
    let queues = change.queues().await?;
    let site = Site {
        origins: origins.iter().map(Origin::to_string).collect(),
        entries: entries(&queues),
        needs: vec![Required {
            fact: fact::TOPIC.to_owned(),
            otherwise: Some(OTHER.to_owned()),
        }],
        look: Look {
            label: words("Contact us", "Contacte con nosotros"),
            ..Look::default()
        },
        ..Site::new(key.clone(), "Lumen demo shop")
    };
    change.add_site(&site).await
}

fn laptops(before: &Setup, form: FormId, now: Timestamp) -> Queue {
    Queue {
        label: words("Laptops", "Portátiles"),
        skills: BTreeMap::from([(LAPTOPS.to_owned(), SkillLevel(5))]),
        prefers: BTreeMap::from([(LAPTOPS.to_owned(), SkillLevel(9))]),
        visitors_language: true,
        relax: vec![
            Relax {
                after_s: 60,
                change: Relaxed::Skill {
                    skill: LAPTOPS.to_owned(),
                    level: 1,
                },
            },
            Relax {
                after_s: 90,
                change: Relaxed::Language,
            },
        ],
        last_agent_s: 20,
        hours: before.hours.first().map(|hours| hours.id),
        while_waiting: Some(form),
        ..Queue::new(QueueId::new(now, random::bits()), "Laptops")
    }
}

/// Also asks those who wait where most contacts go.
async fn ask_who_waits(change: &mut Change, before: &Setup, form: FormId) -> Result<(), Error> {
    let support = before.queues.iter().find(|queue| queue.name == "Support");
    let Some(queue) = support.filter(|queue| queue.while_waiting.is_none()) else {
        return Ok(());
    };
    let queue = Queue {
        while_waiting: Some(form),
        ..queue.clone()
    };
    change.put(&Doc::of(&queue)?).await
}

/// Teaches laptops to those of the first users who are still there.
async fn teach(change: &mut Change, before: &Setup, queue: QueueId) -> Result<(), Error> {
    let mut skills = before.skills.clone();
    skills.push(LAPTOPS.to_owned());
    change.put(&Doc::names(Kind::Skills, &skills)?).await?;
    for (name, level) in EXPERTS {
        let Some(user) = before.users.iter().find(|user| user.user == name) else {
            continue;
        };
        let mut user = user.clone();
        user.skills.insert(LAPTOPS.to_owned(), SkillLevel(level));
        user.queues.push(queue);
        change.put(&Doc::of(&user)?).await?;
    }
    Ok(())
}

/// Each language's queue for pages in that language, the topics' queues, and Support for the rest.
fn entries(queues: &[Queue]) -> Vec<Entry> {
    let named = |name: &str| queues.iter().find(|queue| queue.name == name);
    let general = named("Support").or(queues.iter().find(|queue| queue.language.is_none()));
    let mut entries = entries_with(queues, None);
    for (topic, queue) in [(LAPTOPS, "Laptops"), (BUYING, "Sales"), (ORDERS, "Support")] {
        entries.extend(named(queue).map(|queue| Entry {
            topic: Some(topic.to_owned()),
            ..Entry::into_queue(None, queue.id)
        }));
    }
    entries.extend(general.map(|queue| Entry::into_queue(None, queue.id)));
    entries
}

/// The menu for visitors of whom nothing tells what it is about.
fn topics(now: Timestamp) -> Form {
    let choice = |value: &str, english: &str, spanish: &str| Choice {
        value: value.to_owned(),
        label: words(english, spanish),
        skills: BTreeMap::new(),
        to: None,
    };
    Form {
        id: FormId::new(now, random::bits()),
        name: "What it is about".to_owned(),
        title: words("What is it about?", "¿De qué se trata?"),
        kind: FormKind::Menu {
            fact: fact::TOPIC.to_owned(),
            choices: vec![
                choice(BUYING, "I want to buy something", "Quiero comprar algo"),
                choice(LAPTOPS, "Help with a laptop", "Ayuda con un portátil"),
                choice(ORDERS, "Orders and returns", "Pedidos y devoluciones"),
                choice(OTHER, "Something else", "Otra cosa"),
            ],
        },
    }
}

/// What is asked of those who wait.
fn while_waiting(now: Timestamp) -> Form {
    let field = |fact: &str, english: &str, spanish: &str, kind: FieldKind| Field {
        fact: fact.to_owned(),
        label: words(english, spanish),
        kind,
        required: false,
        show_if: None,
    };
    Form {
        id: FormId::new(now, random::bits()),
        name: "While waiting".to_owned(),
        title: words("Who are you?", "¿Quién es usted?"),
        kind: FormKind::Fields(vec![
            field(fact::NAME, "Your name", "Su nombre", FieldKind::Text(80)),
            field(
                fact::EMAIL,
                "Your e-mail address",
                "Su correo electrónico",
                FieldKind::Email,
            ),
        ]),
    }
}

fn rules(now: Timestamp) -> Vec<IntentRule> {
    let laptop = |name, confidence, all| IntentRule {
        all,
        topic: Some(LAPTOPS.to_owned()),
        product: Some("laptop".to_owned()),
        skills: BTreeMap::from([(LAPTOPS.to_owned(), SkillLevel(5))]),
        ..rule(now, name, confidence)
    };
    vec![
        IntentRule {
            any: vec![
                times(1, What::Language("es".to_owned())),
                times(1, What::Category("spanish".to_owned())),
            ],
            more: 20,
            topic: Some(SPANISH.to_owned()),
            language: Some("es".to_owned()),
            ..rule(now, "Reads Spanish", 75)
        },
        laptop("Laptop trouble", 85, vec![category(2, "laptop-help")]),
        laptop(
            "Help after looking at laptops",
            60,
            vec![category(1, "help"), category(1, "laptops")],
        ),
        IntentRule {
            any: vec![
                times(1, What::Cart(CartAction::CheckedOut)),
                times(2, What::Cart(CartAction::Removed)),
                category(2, "checkout"),
            ],
            none: vec![times(1, What::Cart(CartAction::Bought))],
            more: 15,
            topic: Some(BUYING.to_owned()),
            skills: BTreeMap::from([("sales".to_owned(), SkillLevel(3))]),
            priority: 1,
            ..rule(now, "Stuck at the checkout", 65)
        },
        IntentRule {
            all: vec![category(1, "orders")],
            topic: Some(ORDERS.to_owned()),
            ..rule(now, "Asks about an order", 55)
        },
    ]
}

fn rule(now: Timestamp, name: &str, confidence: u8) -> IntentRule {
    IntentRule {
        id: RuleId::new(now, random::bits()),
        name: name.to_owned(),
        enabled: true,
        sites: Vec::new(),
        all: Vec::new(),
        any: Vec::new(),
        none: Vec::new(),
        confidence,
        more: 0,
        topic: None,
        language: None,
        product: None,
        skills: BTreeMap::new(),
        prefers: BTreeMap::new(),
        priority: 0,
    }
}

fn invitation(site: &SiteKey, now: Timestamp) -> Invitation {
    Invitation {
        id: InvitationId::new(now, random::bits()),
        name: "Compares laptops".to_owned(),
        enabled: true,
        sites: vec![site.clone()],
        when: vec![category(2, LAPTOPS)],
        topic: None,
        confidence: 0,
        how: InvitationHow::Contact(Medium::Chat),
        text: words(
            "Not sure which laptop? Ask somebody who knows them all.",
            "¿No sabe qué portátil elegir? Pregunte a quien los conoce todos.",
        ),
        accept: words("Chat now", "Chatear ahora"),
        after_s: 3,
        again_h: 24,
        free_agents: 1,
        holdout: 0,
    }
}

fn category(at_least: u16, name: &str) -> Condition {
    times(at_least, What::Category(name.to_owned()))
}

fn times(at_least: u16, what: What) -> Condition {
    Condition {
        what,
        at_least,
        within_min: None,
    }
}
