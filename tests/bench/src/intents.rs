//! What one event of a journey costs the centre, with many rules and a long journey.

use std::{collections::BTreeMap, time::Instant};

use anyhow::{Context, Result};
use bellwire_core::{
    Centre, Input, Recalled, Restored,
    setup::{Setup, Times},
};
use bellwire_proto::{
    id::{CentreId, ConnectionId, QueueId, RuleId, SessionId, SiteKey, TabId},
    journey::{JourneyEvent, JourneyKind},
    setup::{self, CartAction, Condition, Entry, IntentRule, Queue, Site, What},
    time::Timestamp,
    visitor::VisitorCommand,
};
use bellwire_tests::chance::Dice;

use crate::report::{Figure, Report, quantile};

const RULES: u64 = 50;
const JOURNEY: u64 = 200;
const EVENTS: u64 = 5_000;

/// A quiet afternoon.
const START: u64 = 1_800_000_000_000;

/// Events come a little slower than is too fast.
const EACH_MS: u64 = 200;

/// Measures and reports.
pub(crate) fn run(report: &mut Report) -> Result<()> {
    let connection = ConnectionId::new(Timestamp(START), 1);
    let mut centre = centre()?;
    let mut dice = Dice::new(12_345);
    let mut times = vec![];
    join(&mut centre, connection);
    for n in 1..=JOURNEY + EVENTS {
        let now = Timestamp(START + n * EACH_MS);
        let event = event(n, now, &mut dice)?;
        let events = vec![event];
        let command = VisitorCommand::Journey { events };
        let began = Instant::now();
        centre.handle_input(
            Input::Visitor {
                connection,
                command,
            },
            now,
        );
        while centre.poll_output().is_some() {}
        let took = began.elapsed().as_secs_f64() * 1_000_000.0;
        if n > JOURNEY {
            times.push(took);
        }
        centre.handle_timeout(now);
        while centre.poll_output().is_some() {}
    }
    let (p50, p99) = (quantile(&mut times, 0.5), quantile(&mut times, 0.99));
    report.table("One event of a journey through the centre, 50 rules, 200 events (µs)");
    report.line(&format!("p50 {p50:.1}   p99 {p99:.1}"));
    report.figure(Figure::told("one event of a journey, p50, µs", p50));
    report.figure(Figure::told("one event of a journey, p99, µs", p99));
    Ok(())
}

fn join(centre: &mut Centre, connection: ConnectionId) {
    let now = Timestamp(START);
    let joined = Input::VisitorJoined {
        session: SessionId::new(now, 1),
        connection,
        tab: TabId::new(now, 1),
        site: SiteKey("shop".into()),
        seen: vec![],
        known: Box::new(Recalled::default()),
    };
    centre.handle_input(joined, now);
    while centre.poll_output().is_some() {}
}

fn centre() -> Result<Centre> {
    let mut dice = Dice::new(54_321);
    let queue = Queue::new(QueueId::new(Timestamp(1), 1), "Support");
    let mut site = Site::new(SiteKey("shop".into()), "Shop");
    site.entries = vec![Entry::into_queue(None, queue.id)];
    let rules: Result<Vec<_>> = (0..RULES).map(|n| rule(n, &mut dice)).collect();
    let documents = setup::Setup {
        sites: vec![site],
        queues: vec![queue],
        intents: rules?,
        ..setup::Setup::default()
    };
    let setup = Setup::new(CentreId("main".into()), documents, Times::default());
    Ok(Centre::restore(
        setup,
        Restored::default(),
        Timestamp(START),
    ))
}

/// A rule as administrators write them: a page pattern, and two signs of many kinds.
fn rule(n: u64, dice: &mut Dice) -> Result<IntentRule> {
    let mut sign = || -> Result<Condition> {
        let topic = dice.between(0, 20);
        let what = match dice.between(0, 6) {
            0 => What::Category(format!("topic-{topic}")),
            1 => What::Url(format!("*/topic-{topic}/*")),
            2 => What::Searched(format!("word {topic}")),
            3 => What::Cart(CartAction::Added),
            4 => What::Dwell {
                category: format!("topic-{topic}"),
                seconds: 30,
            },
            _ => What::Event(format!("event-{topic}")),
        };
        Ok(Condition {
            what,
            at_least: u16::try_from(dice.between(1, 4))?,
            within_min: Some(u32::try_from(dice.between(1, 30))?),
        })
    };
    Ok(IntentRule {
        id: RuleId::new(Timestamp(1), u128::from(n)),
        name: format!("Rule {n}"),
        enabled: true,
        sites: vec![],
        all: vec![sign()?],
        any: vec![sign()?, sign()?],
        none: vec![],
        confidence: 60,
        more: 10,
        topic: Some(format!("topic-{}", n % 20)),
        language: None,
        product: None,
        skills: BTreeMap::new(),
        prefers: BTreeMap::new(),
        priority: 0,
    })
}

fn event(n: u64, at: Timestamp, dice: &mut Dice) -> Result<JourneyEvent> {
    let topic = dice.between(0, 20);
    let url = format!("https://shop.example/topic-{topic}/page-{n}");
    let kind = match dice.between(0, 10) {
        0..5 => JourneyKind::Viewed {
            url,
            title: format!("Page {n} about {topic}"),
            referrer: String::new(),
            language: "en".into(),
            categories: vec![format!("topic-{topic}")],
        },
        5 | 6 => JourneyKind::Left {
            url,
            dwell_ms: dice.between(500, 60_000),
        },
        7 => JourneyKind::Searched {
            text: format!("some word {topic}"),
        },
        8 => JourneyKind::Cart {
            action: CartAction::Added,
            item: format!("item {topic}"),
            quantity: 1,
            worth: 999,
        },
        _ => JourneyKind::Custom {
            name: format!("event-{topic}"),
            data: String::new(),
        },
    };
    Ok(JourneyEvent {
        n: u32::try_from(n).context("a short journey")?,
        at,
        kind,
    })
}
