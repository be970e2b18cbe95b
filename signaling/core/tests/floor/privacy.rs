//! Being watched or not: what is kept of whom, and that a no stays a no.

use bellwire_core::{Recalled, setup::Setup};
use bellwire_proto::{interaction::Page, visitor::VisitorCommand};

use crate::{
    given::{about, skills, tells, to_queue},
    sim::{ANNA, BORIS, CARLA, Sim, interaction, session, setup},
};

fn watching() -> Setup {
    let mut setup = setup();
    let mut rule = tells(1, "laptop", 1, "laptops");
    rule.skills = skills("laptops", 5);
    setup.intents = vec![rule];
    setup.sites[0]
        .entries
        .insert(0, about("laptops", to_queue(2)));
    setup
}

fn monitoring(on: bool) -> VisitorCommand {
    VisitorCommand::Monitoring { on }
}

#[test]
fn a_quiet_visitor_leaves_no_trace_but_the_contact() {
    let mut sim = Sim::with(watching());
    let known = Recalled {
        quiet: true,
        visits: 7,
        ..Recalled::default()
    };
    let page = sim.page_known(1, "shop", 1, known);
    sim.page_asks(
        page,
        VisitorCommand::Looks(Page {
            url: "https://shop/laptop".into(),
            referrer: "https://search.example/".into(),
            ..Page::default()
        }),
    );
    sim.views(page, "laptop");
    assert!(!sim.widgets[&page].monitored);
    assert!(sim.stored.journeys.is_empty());
    assert!(sim.stored.opted_out.is_empty(), "no row of the session");

    sim.start_chat(page, 1);

    let context = &sim.stored.interactions[&interaction(1)].context;
    assert_eq!((context.visits, context.journey.len()), (0, 0));
    assert!(context.intents.is_empty());
    assert!(context.page.referrer.is_empty());
    assert_eq!(sim.stored_in(1), "Sales");
}

#[test]
fn opting_out_forgets_what_was_seen_everywhere() {
    let mut sim = Sim::with(watching());
    let other = sim.page_on(1, "shop", 2);
    let page = sim.page(1);
    sim.views(page, "laptop");
    sim.start_chat(page, 1);
    let boris = sim.ready(BORIS);
    let carla = sim.ready(CARLA);
    assert_eq!(sim.rings(carla), Some(interaction(1)));

    sim.page_asks(page, monitoring(false));

    assert!(sim.stored.opted_out[&session(1)]);
    assert!(!sim.stored.journeys.contains_key(&session(1)));
    let context = &sim.stored.interactions[&interaction(1)].context;
    assert!(context.journey.is_empty() && context.intents.is_empty());
    assert!(!sim.widgets[&other].monitored, "all tabs are told");
    sim.views(page, "laptop");
    assert!(!sim.stored.journeys.contains_key(&session(1)));
    let card = sim.desks[&carla].offer.clone().expect("rings on");
    assert!(card.offer.context.intents.is_empty());
    assert_eq!(sim.rings(boris), None);
}

#[test]
fn one_who_waits_and_opts_out_is_not_held_to_what_was_seen() {
    let mut setup = watching();
    setup.sites[0].entries.remove(0);
    let mut sim = Sim::with(setup);
    let page = sim.page(1);
    sim.views(page, "laptop");
    sim.start_chat(page, 1);
    let boris = sim.ready(BORIS);
    assert_eq!(sim.rings(boris), None);

    sim.page_asks(page, monitoring(false));

    assert_eq!(sim.rings(boris), Some(interaction(1)));
}

#[test]
fn a_no_is_still_a_no_after_the_server_starts_again() {
    let mut sim = Sim::with(watching());
    let page = sim.page(1);
    sim.views(page, "laptop");
    sim.page_asks(page, monitoring(false));

    sim.restart();
    let known = Recalled {
        opted_out: sim.stored.opted_out[&session(1)],
        ..Recalled::default()
    };
    let page = sim.page_known(1, "shop", 1, known);
    sim.views(page, "laptop");

    assert!(!sim.widgets[&page].monitored);
    assert!(sim.stored.journeys.is_empty());
}

#[test]
fn who_says_yes_again_is_watched_again() {
    let mut sim = Sim::with(watching());
    let page = sim.page(1);
    sim.page_asks(page, monitoring(false));

    sim.page_asks(page, monitoring(true));
    sim.views(page, "laptop");

    assert!(sim.widgets[&page].monitored);
    assert!(!sim.stored.opted_out[&session(1)]);
    assert_eq!(sim.stored.journeys[&session(1)].len(), 1);
}

#[test]
fn a_journey_told_by_two_tabs_is_recorded_once() {
    let mut sim = Sim::with(watching());
    let first = sim.page(1);
    let second = sim.page_on(1, "shop", 2);
    sim.views(first, "laptop");
    let told = sim.stored.journeys[&session(1)].clone();

    let events = told.clone();
    sim.page_asks(second, VisitorCommand::Journey { events });

    assert_eq!(sim.stored.journeys[&session(1)], told);
    sim.views(second, "phone");
    assert_eq!(sim.stored.journeys[&session(1)].len(), 2);
}

#[test]
fn an_agent_sees_what_was_stored_of_a_visitor_who_comes_back() {
    let mut sim = Sim::with(watching());
    let page = sim.page(1);
    sim.views(page, "laptop");
    sim.page_leaves(page);
    let known = Recalled {
        visits: 3,
        journey: sim.stored.journeys[&session(1)].clone(),
        ..Recalled::default()
    };
    let page = sim.page_known(1, "shop", 1, known);
    let anna = sim.ready(ANNA);

    sim.start_chat(page, 1);

    let context = sim.desks[&anna].offer.clone().expect("rings").offer.context;
    assert_eq!((context.visits, context.journey.len()), (3, 1));
    assert_eq!(sim.stored_in(1), "Laptops", "by what it tells");
}
