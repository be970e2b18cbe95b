//! Messages that are answered later.

use bellwire_proto::{
    id::ConnectionId, interaction::Medium, setup::Relaxed, visitor::VisitorRefusal,
};

use crate::{
    given::{hours, nine_to_five, queue_of, relax_skill},
    sim::{ANNA, BORIS, Sim, interaction, message, setup},
};

fn lines(sim: &Sim, desk: ConnectionId, n: u128) -> Vec<String> {
    let item = &sim.desks[&desk].items[&interaction(n)];
    item.chat.lines().map(|line| line.text.clone()).collect()
}

#[test]
fn a_message_left_in_the_night_is_answered_days_later() {
    let mut setup = setup();
    setup.hours = vec![nine_to_five(1)];
    queue_of(&mut setup, 1).hours = Some(hours(1));
    let mut sim = Sim::with(setup);
    sim.pass_s(6 * 3600);
    let page = sim.page(1);
    sim.start_chat(page, 1);
    assert_eq!(sim.refused(page), Some(VisitorRefusal::Closed));

    sim.writes_later(page, 2, "vera@shop.example");
    assert!(sim.contact(page, 2).left_message);
    sim.page_leaves(page);
    sim.pass_s(3 * 24 * 3600);
    sim.restart();
    sim.pass_s(24 * 3600);
    let anna = sim.ready(ANNA);

    assert_eq!(sim.accept(anna), interaction(2));
    assert_eq!(lines(&sim, anna, 2), ["Call me back"]);
    let context = &sim.desks[&anna].items[&interaction(2)].context;
    assert_eq!(context.name.as_deref(), Some("Vera"));
    assert_eq!(context.answers[0].value, "vera@shop.example");
    sim.pass_s(3600);
    assert!(sim.desks[&anna].items.contains_key(&interaction(2)));
}

#[test]
fn a_message_takes_the_place_of_a_waiting_call() {
    let mut sim = Sim::new();
    let page = sim.calls(1);
    sim.pass_s(60);
    sim.chats(2);

    sim.writes_later(page, 1, "+34 600 100 200");

    let contact = sim.contact(page, 1);
    assert_eq!((contact.medium, contact.left_message), (Medium::Chat, true));
    let anna = sim.ready(ANNA);
    assert_eq!(
        sim.accept(anna),
        interaction(1),
        "from the place of the call"
    );
    assert_eq!(lines(&sim, anna, 1), ["Call me back"]);
}

#[test]
fn a_message_stops_the_ringing_and_then_rings_as_one() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    let page = sim.calls(1);
    assert_eq!(sim.rings(anna), Some(interaction(1)));

    sim.writes_later(page, 1, "");

    let card = sim.desks[&anna].offer.clone().expect("rings anew");
    assert_eq!(card.offer.medium, Medium::Chat);
    assert!(card.offer.context.left_message);
}

#[test]
fn a_message_asks_less_of_an_agent_the_longer_it_waits() {
    let mut setup = setup();
    queue_of(&mut setup, 2).relax = vec![relax_skill(600, "laptops", 0)];
    assert!(matches!(
        setup.queues[1].relax[0].change,
        Relaxed::Skill { .. }
    ));
    let mut sim = Sim::with(setup);
    let boris = sim.ready(BORIS);
    let page = sim.page_on(1, "laptops", 1);
    sim.start_call(page, 1);
    sim.pass_s(30);
    sim.writes_later(page, 1, "");
    sim.page_leaves(page);

    sim.pass_s(560);
    assert_eq!(sim.rings(boris), None);
    sim.pass_s(15);

    assert_eq!(sim.rings(boris), Some(interaction(1)));
}

#[test]
fn a_message_repeated_after_a_lost_connection_is_one_message() {
    let mut sim = Sim::new();
    let page = sim.page(1);
    sim.writes_later(page, 1, "");
    sim.writes_later(page, 1, "");

    let anna = sim.ready(ANNA);
    sim.accept(anna);

    assert_eq!(lines(&sim, anna, 1), ["Call me back"]);
}

#[test]
fn a_message_into_a_contact_that_is_over_is_refused() {
    let mut sim = Sim::new();
    let page = sim.page(1);
    sim.writes_later(page, 1, "");
    sim.leaves(page, 1);

    sim.page_asks(
        page,
        bellwire_proto::visitor::VisitorCommand::Message(bellwire_proto::visitor::LeftMessage {
            interaction: interaction(1),
            message: message(77),
            text: "One more thing".into(),
            name: String::new(),
            reply_to: String::new(),
        }),
    );

    assert_eq!(sim.refused(page), Some(VisitorRefusal::NoSuchInteraction));
    assert_eq!(sim.stored.messages[&interaction(1)].len(), 1);
}

#[test]
fn a_message_is_not_for_one_who_talks() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    let page = sim.calls(1);
    sim.accept(anna);

    sim.writes_later(page, 1, "");

    assert_eq!(sim.refused(page), Some(VisitorRefusal::NotAsked));
    assert!(sim.desks[&anna].items.contains_key(&interaction(1)));
}
