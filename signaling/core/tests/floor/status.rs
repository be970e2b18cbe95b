//! What visitors know of the centre before any contact: of the queue they would come to, in their
//! language, and not more often than anybody could read.

use std::time::Duration;

use bellwire_core::setup::Setup;
use bellwire_proto::{setup::Words, time::Timestamp};

use crate::{
    given::{about, hours, nine_to_five, queue_of, tells, to_queue},
    sim::{ANNA, BORIS, CARLA, START, Sim, setup},
};

/// The queue closes at five, this many seconds after the clock begins.
const UNTIL_FIVE: u64 = 10_000;

fn with_topics() -> Setup {
    let mut setup = setup();
    let mut label = Words::one("en", "Laptop help");
    label.0.insert("de".into(), "Hilfe zu Laptops".into());
    queue_of(&mut setup, 2).label = label;
    setup.intents = vec![tells(1, "laptop", 1, "laptops")];
    setup.sites[0]
        .entries
        .insert(0, about("laptops", to_queue(2)));
    setup
}

#[test]
fn the_topic_is_that_of_the_visitor_in_their_language() {
    let mut sim = Sim::with(with_topics());
    let english = sim.page_in(1, "en");
    let german = sim.page_in(2, "de-AT");
    assert_eq!(sim.widgets[&german].centre.topic, "Sales");

    sim.views(english, "laptop");
    sim.views(german, "laptop");

    assert_eq!(sim.widgets[&english].centre.topic, "Laptop help");
    assert_eq!(sim.widgets[&german].centre.topic, "Hilfe zu Laptops");
}

#[test]
fn those_who_can_do_it_are_counted_and_followed() {
    let mut sim = Sim::with(with_topics());
    let laptops = sim.page(1);
    let other = sim.page(2);
    sim.views(laptops, "laptop");
    sim.ready(BORIS);
    let carla = sim.ready(CARLA);
    sim.pass_s(1);
    assert_eq!(sim.widgets[&laptops].centre.chat_agents, 1, "Carla alone");
    assert_eq!(sim.widgets[&other].centre.chat_agents, 2);

    sim.desk_leaves(carla);
    sim.pass_s(1);

    assert_eq!(sim.widgets[&laptops].centre.chat_agents, 0);
    assert_eq!(sim.widgets[&other].centre.chat_agents, 1);
}

#[test]
fn both_tabs_follow_when_one_learns_something() {
    let mut sim = Sim::with(with_topics());
    let first = sim.page(1);
    let second = sim.page_on(1, "shop", 2);

    sim.views(second, "laptop");
    sim.ready(ANNA);
    sim.pass_s(1);

    for page in [first, second] {
        assert_eq!(sim.widgets[&page].centre.topic, "Laptop help");
        assert_eq!(sim.widgets[&page].centre.call_agents, 1);
    }
}

#[test]
fn status_is_told_at_most_twice_a_second() {
    let mut sim = Sim::new();
    let page = sim.page(1);
    sim.pass_s(1);
    let mut told = 0;
    let mut seen = sim.widgets[&page].centre.clone();

    for n in 0..40 {
        sim.chats(100 + n);
        sim.pass(Duration::from_millis(50));
        let now = &sim.widgets[&page].centre;
        if *now != seen {
            told += 1;
            seen = now.clone();
        }
    }

    assert!((3..=5).contains(&told), "{told} times in two seconds");
    sim.pass_s(1);
    assert_eq!(sim.widgets[&page].centre.waiting, 40);
}

#[test]
fn a_closed_queue_says_when_it_opens_and_both_are_told_in_time() {
    let mut setup = setup();
    setup.hours = vec![nine_to_five(1)];
    queue_of(&mut setup, 1).hours = Some(hours(1));
    let mut sim = Sim::with(setup);
    let page = sim.page(1);
    sim.ready(ANNA);
    sim.pass_s(UNTIL_FIVE - 1);
    assert!(sim.widgets[&page].centre.open);
    assert_eq!(sim.widgets[&page].centre.call_agents, 1);

    sim.pass_s(2);
    let centre = &sim.widgets[&page].centre;
    let nine = Timestamp(START.0 + (UNTIL_FIVE + 16 * 3600) * 1000);
    assert_eq!((centre.open, centre.opens), (false, Some(nine)));
    assert_eq!(centre.call_agents, 0);
    sim.pass_s(16 * 3600);

    let centre = &sim.widgets[&page].centre;
    assert_eq!((centre.open, centre.opens), (true, None));
}

#[test]
fn a_changed_set_up_is_told_to_those_who_are_here() {
    let mut sim = Sim::new();
    let page = sim.page(1);
    assert_eq!(sim.widgets[&page].centre.topic, "Sales");

    sim.set_up(|setup| queue_of(setup, 1).label = Words::one("en", "Orders"));
    assert_eq!(sim.widgets[&page].centre.topic, "Orders");
    sim.ready(ANNA);
    sim.pass_s(1);

    assert_eq!(sim.widgets[&page].centre.call_agents, 1, "and goes on");
}
