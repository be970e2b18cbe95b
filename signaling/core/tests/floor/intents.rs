//! What journeys tell, and what it does to who is asked.

use bellwire_core::setup::{Setup, SkillLevel};
use bellwire_proto::setup::Entry;

use crate::{
    given::{about, queue_of, skills, tells, to_queue},
    sim::{ANNA, BORIS, CARLA, Sim, interaction, queue, setup},
};

/// Whoever looks for help with laptops three times needs somebody who knows them.
fn laptop_help() -> Setup {
    let mut setup = setup();
    let mut rule = tells(1, "laptop-help", 3, "laptops");
    rule.skills = skills("laptops", 5);
    setup.intents = vec![rule];
    setup
}

#[test]
fn a_spanish_page_leads_to_an_agent_who_speaks_spanish() {
    let mut sim = Sim::new();
    let boris = sim.ready(BORIS);
    sim.pass_s(10);
    let anna = sim.ready(ANNA);

    let page = sim.page_in(1, "es-MX");
    sim.start_chat(page, 1);

    assert_eq!(sim.rings(anna), Some(interaction(1)));
    assert_eq!(sim.rings(boris), None);
    assert_eq!(
        sim.stored.decisions,
        [
            "Into Español: the entry for language es",
            "Anna: speaks es, idle 0 s; waited 0 s in Español; \
             Boris skipped: does not speak es; Carla skipped: signed out",
        ]
    );
}

#[test]
fn laptop_help_looked_for_again_and_again_asks_for_somebody_who_knows_laptops() {
    let mut sim = Sim::with(laptop_help());
    let boris = sim.ready(BORIS);
    sim.pass_s(10);
    let carla = sim.ready(CARLA);
    let page = sim.page(1);
    for _ in 0..3 {
        sim.views(page, "laptop-help");
    }

    sim.start_chat(page, 1);

    assert_eq!(sim.rings(carla), Some(interaction(1)));
    assert_eq!(sim.rings(boris), None);
    let why = "Carla: laptops 6, idle 3 s; waited 0 s in Sales; \
               Boris skipped: laptops 3, 5 needed; Anna skipped: signed out";
    assert_eq!(sim.last_decision(), why);
    let card = sim.desks[&carla].offer.clone().expect("rings");
    assert_eq!(card.offer.context.intents[0].name, "laptops trouble");
}

#[test]
fn twice_is_not_often_enough() {
    let mut sim = Sim::with(laptop_help());
    let boris = sim.ready(BORIS);
    sim.pass_s(10);
    sim.ready(CARLA);
    let page = sim.page(1);
    for _ in 0..2 {
        sim.views(page, "laptop-help");
    }

    sim.start_chat(page, 1);

    assert_eq!(sim.rings(boris), Some(interaction(1)));
}

#[test]
fn what_is_learnt_while_one_waits_counts_too() {
    let mut sim = Sim::with(laptop_help());
    let page = sim.chats(1);
    for _ in 0..3 {
        sim.views(page, "laptop-help");
    }

    let boris = sim.ready(BORIS);
    assert_eq!(sim.rings(boris), None);
    let carla = sim.ready(CARLA);

    assert_eq!(sim.rings(carla), Some(interaction(1)));
}

#[test]
fn a_topic_chooses_the_way_in() {
    let mut setup = setup();
    setup.intents = vec![tells(1, "laptop", 1, "laptops")];
    let entries = &mut setup.sites[0].entries;
    entries.insert(0, about("laptops", to_queue(2)));
    let mut sim = Sim::with(setup);
    let page = sim.page(1);
    sim.views(page, "laptop");

    sim.start_chat(page, 1);

    assert_eq!(sim.stored_in(1), "Laptops");
    assert_eq!(
        sim.last_decision(),
        "Into Laptops: the entry for topic laptops"
    );
}

#[test]
fn an_intent_may_be_worth_more_than_the_time_another_waited() {
    let mut setup = setup();
    let mut urgent = tells(1, "broken", 1, "broken");
    urgent.priority = 2;
    setup.intents = vec![urgent];
    let mut sim = Sim::with(setup);
    sim.chats(1);
    sim.pass_s(60);
    let page = sim.page(2);
    sim.views(page, "broken");
    sim.start_chat(page, 2);

    let boris = sim.ready(BORIS);

    assert_eq!(sim.rings(boris), Some(interaction(2)));
}

#[test]
fn wishes_that_nobody_could_meet_together_are_not_asked() {
    let mut setup = laptop_help();
    setup.sites[0].entries = vec![Entry::into_queue(None, queue(1))];
    queue_of(&mut setup, 1).visitors_language = true;
    // Anna speaks Spanish, and knows little of laptops now.
    setup.agents[0]
        .skills
        .insert("laptops".into(), SkillLevel(2));
    let mut sim = Sim::with(setup);
    let page = sim.page_in(1, "es");
    for _ in 0..3 {
        sim.views(page, "laptop-help");
    }
    sim.start_chat(page, 1);

    let carla = sim.ready(CARLA);
    let anna = sim.ready(ANNA);

    assert_eq!(sim.rings(carla), None);
    assert_eq!(sim.rings(anna), Some(interaction(1)));
}

#[test]
fn who_does_best_what_is_preferred_comes_before_who_is_idle_longest() {
    let mut setup = setup();
    queue_of(&mut setup, 1).prefers = skills("laptops", 1);
    let mut sim = Sim::with(setup);
    let boris = sim.ready(BORIS);
    sim.pass_s(100);
    let carla = sim.ready(CARLA);

    sim.chats(1);
    sim.chats(2);

    assert_eq!(sim.rings(carla), Some(interaction(1)));
    assert_eq!(sim.rings(boris), Some(interaction(2)));
    assert!(sim.stored.decisions[1].contains("Carla: preferred for laptops 6, idle 0 s"));
}
