//! Visitors: places in line, context, and requests that cannot be done.

use bellwire_proto::{
    agent::AgentCommand,
    interaction::{Medium, Page},
    journey::{JourneyEvent, JourneyKind},
    time::Timestamp,
    visitor::{Start, VisitorCommand, VisitorEvent, VisitorRefusal, VisitorStage},
};

use crate::sim::{ANNA, BORIS, Sim, interaction, peer};

fn viewed(at: u64, url: &str) -> JourneyEvent {
    JourneyEvent {
        n: 1,
        at: Timestamp(at),
        kind: JourneyKind::Viewed {
            url: url.into(),
            title: "A page".into(),
            referrer: String::new(),
            language: String::new(),
            categories: vec![],
        },
    }
}

#[test]
fn places_in_line_move_up() {
    let mut sim = Sim::new();
    let pages: Vec<_> = (1..=3)
        .map(|n| {
            sim.pass_s(1);
            sim.calls(n)
        })
        .collect();

    let anna = sim.ready(ANNA);
    sim.accept(anna);
    sim.pass_s(1);

    let place = |sim: &Sim, at: usize, n| match sim.widgets[&pages[at]].contacts[&n].stage {
        VisitorStage::Waiting { position, .. } => position,
        _ => 0,
    };
    assert_eq!(place(&sim, 1, interaction(2)), 1);
    assert_eq!(place(&sim, 2, interaction(3)), 2);
}

#[test]
fn a_visitor_away_keeps_the_place_but_is_not_offered() {
    let mut sim = Sim::new();
    let page = sim.calls(1);
    sim.pass_s(1);
    sim.calls(2);
    sim.page_leaves(page);
    let anna = sim.ready(ANNA);
    assert_eq!(sim.rings(anna), Some(interaction(2)));

    let page = sim.page(1);
    let attach = VisitorCommand::Attach {
        interaction: interaction(1),
        peer: peer(9),
    };
    sim.page_asks(page, attach);
    let boris = sim.ready(BORIS);

    assert_eq!(sim.rings(boris), Some(interaction(1)));
}

#[test]
fn the_agent_sees_the_journey_before_the_ring_and_as_it_grows() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    let page = sim.page(1);
    let looks = |url: &str| {
        VisitorCommand::Looks(Page {
            url: url.into(),
            title: "Laptop".into(),
            ..Page::default()
        })
    };
    sim.page_asks(page, looks("https://shop/laptop"));
    let events = vec![viewed(1, "https://shop/"), viewed(2, "https://shop/laptop")];
    sim.page_asks(
        page,
        VisitorCommand::Journey {
            events: events.clone(),
        },
    );
    sim.page_asks(page, VisitorCommand::Journey { events });
    sim.start_call(page, 1);
    let card = sim.desks[&anna].offer.clone().expect("rings");
    assert_eq!(card.offer.context.page.url, "https://shop/laptop");
    assert_eq!(card.offer.context.journey.len(), 2, "a repeat adds nothing");
    assert_eq!(card.offer.context.site, "Shop");
    sim.accept(anna);

    sim.page_asks(page, looks("https://shop/help"));
    let events = vec![viewed(3, "https://shop/help")];
    sim.page_asks(page, VisitorCommand::Journey { events });

    let context = &sim.desks[&anna].items[&interaction(1)].context;
    assert_eq!(context.page.url, "https://shop/help");
    assert_eq!(context.journey.len(), 3);
}

#[test]
fn a_journey_is_bounded() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    let page = sim.page(1);

    let url = format!("https://shop/{}", "x".repeat(9_000));
    for at in 0..50 {
        let now = sim.now.0;
        let events = (0..20).map(|n| viewed(now + n, &url)).collect();
        sim.page_asks(page, VisitorCommand::Journey { events });
        sim.pass_s(2 + at % 2);
    }
    sim.start_call(page, 1);

    let context = sim.desks[&anna].offer.clone().expect("rings").offer.context;
    assert_eq!(context.journey.len(), 200);
    let JourneyKind::Viewed { url, .. } = &context.journey[0].kind else {
        panic!("a view")
    };
    assert!(url.len() <= 2_000);
}

#[test]
fn nobody_touches_an_interaction_of_another() {
    let mut sim = Sim::new();
    sim.calls(1);
    let stranger = sim.page(2);

    for command in [
        VisitorCommand::Leave {
            interaction: interaction(1),
        },
        VisitorCommand::Attach {
            interaction: interaction(1),
            peer: peer(9),
        },
        VisitorCommand::Start(Start {
            interaction: interaction(1),
            medium: Medium::Call,
            video: false,
            peer: None,
        }),
    ] {
        sim.page_asks(stranger, command);
        let refused = VisitorEvent::Refused {
            interaction: Some(interaction(1)),
            reason: VisitorRefusal::NoSuchInteraction,
        };
        assert_eq!(sim.visitor_events.last(), Some(&(stranger, refused)));
    }
    let anna = sim.ready(ANNA);
    assert_eq!(sim.rings(anna), Some(interaction(1)));
    let boris = sim.ready(BORIS);
    let interaction = interaction(1);
    sim.desk_asks(boris, AgentCommand::HangUp { interaction });
    assert_eq!(sim.rings(anna), Some(interaction));
}

#[test]
fn a_second_call_of_the_same_visitor_is_refused() {
    let mut sim = Sim::new();
    let page = sim.calls(1);

    sim.start_call(page, 2);

    let refused = VisitorEvent::Refused {
        interaction: Some(interaction(2)),
        reason: VisitorRefusal::AlreadyInOne,
    };
    assert_eq!(sim.visitor_events.last(), Some(&(page, refused)));
}

#[test]
fn a_repeated_start_is_the_same_start() {
    let mut sim = Sim::new();
    let page = sim.calls(1);
    sim.page_leaves(page);
    let page = sim.page(1);

    sim.start_call(page, 1);

    assert_eq!(sim.stored.interactions.len(), 1);
    let anna = sim.ready(ANNA);
    assert_eq!(sim.accept(anna), interaction(1));
    assert_eq!(sim.bridges[&interaction(1)], (page, anna));
}

#[test]
fn visitors_see_how_many_agents_are_there() {
    let mut sim = Sim::new();
    let page = sim.page(1);
    assert_eq!(sim.widgets[&page].centre.call_agents, 0);

    let anna = sim.ready(ANNA);
    sim.pass_s(1);
    assert_eq!(sim.widgets[&page].centre.call_agents, 1);
    sim.desk_leaves(anna);
    sim.pass_s(1);

    assert_eq!(sim.widgets[&page].centre.call_agents, 0);
}

#[test]
fn only_the_last_few_contacts_that_are_over_are_shown() {
    let mut sim = Sim::new();
    let page = sim.page(1);
    for n in 1..=9 {
        sim.start_call(page, n);
        let interaction = interaction(n);
        sim.page_asks(page, VisitorCommand::Leave { interaction });
    }

    let late = sim.page_on(1, "shop", 9);

    let shown: Vec<_> = sim.widgets[&late].contacts.keys().copied().collect();
    assert_eq!(shown, (5..=9).map(interaction).collect::<Vec<_>>());
}

#[test]
fn a_name_is_kept_on_the_way_to_the_next_page_and_no_longer() {
    let mut sim = Sim::new();
    let page = sim.page(1);
    let name = "Vera".to_owned();
    sim.page_asks(page, VisitorCommand::Named { name });
    sim.page_leaves(page);
    sim.pass_s(14);
    let page = sim.page(1);
    assert_eq!(sim.widgets[&page].name.as_deref(), Some("Vera"));

    sim.page_leaves(page);
    sim.pass_s(15);

    let page = sim.page(1);
    assert_eq!(sim.widgets[&page].name, None);
}
