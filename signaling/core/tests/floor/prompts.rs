//! Questions to the visitor: as few as will do, and nobody is lost by one.

use bellwire_core::{Note, setup::Setup};
use bellwire_proto::{
    agent::AgentEvent,
    id::ConnectionId,
    interaction::{EndCause, Medium},
    prompt::{BadAnswer, BadAnswerWhy},
    setup::{Choice, Destination, FieldKind, OverflowWhen, Words},
    visitor::{VisitorRefusal, VisitorStage},
};

use crate::{
    given::{
        about, asks, choice, form, hours, menu, nine_to_five, overflow, queue_of, required, skills,
        to_page, to_queue,
    },
    sim::{ANNA, BORIS, CARLA, Sim, interaction, setup},
};

fn of(values: &[&str]) -> FieldKind {
    FieldKind::Choice(values.iter().map(|value| choice(value, None)).collect())
}

/// The shop must know the language.
fn asks_for_language() -> Setup {
    let mut setup = setup();
    setup.sites[0].needs = vec![required("language", None)];
    setup.forms = vec![asks(1, "language", of(&["en", "es"]))];
    setup
}

/// Everybody in the shop gets a menu.
fn with_menu(choices: Vec<Choice>) -> Setup {
    let mut setup = setup();
    setup.sites[0].entries = vec![
        about("orders", to_queue(1)),
        bellwire_proto::setup::Entry {
            language: None,
            topic: None,
            media: vec![],
            to: Destination::Menu(form(10)),
        },
        bellwire_proto::setup::Entry::into_queue(None, crate::sim::queue(3)),
    ];
    setup.forms = vec![menu(10, "topic", choices)];
    setup
}

fn asked_chat(setup: Setup) -> (Sim, ConnectionId) {
    let mut sim = Sim::with(setup);
    let page = sim.chats(1);
    (sim, page)
}

#[test]
fn where_too_little_is_known_one_question_leads_to_the_right_agent() {
    let mut sim = Sim::with(asks_for_language());
    let boris = sim.ready(BORIS);
    sim.pass_s(10);
    let anna = sim.ready(ANNA);

    let page = sim.chats(1);
    assert_eq!(sim.contact(page, 1).stage, VisitorStage::Asked);
    assert_eq!(sim.asked_for(page, 1), ["language"]);
    assert_eq!((sim.rings(anna), sim.rings(boris)), (None, None));
    sim.answers(page, 1, "language", "es");

    assert_eq!(sim.rings(anna), Some(interaction(1)));
    assert_eq!(sim.asked(page, 1), None);
    let card = sim.desks[&anna].offer.clone().expect("rings");
    assert_eq!(card.offer.context.answers[0].value, "es");
    assert_eq!(sim.notes.iter().filter(|n| **n == Note::Asked).count(), 1);
}

#[test]
fn what_is_known_is_not_asked() {
    let mut sim = Sim::with(asks_for_language());

    let page = sim.page_in(1, "es");
    sim.start_chat(page, 1);

    assert_eq!(sim.asked(page, 1), None);
    assert_eq!(sim.stored_in(1), "Español");
}

#[test]
fn one_question_follows_another_until_all_is_known() {
    let mut setup = asks_for_language();
    setup.sites[0].needs.push(required("topic", None));
    queue_of(&mut setup, 3).needs = vec![required("email", None)];
    setup.forms.push(asks(2, "topic", of(&["laptops"])));
    setup.forms.push(asks(3, "email", FieldKind::Email));
    let (mut sim, page) = asked_chat(setup);

    for (n, fact, value) in [
        (1, "language", "es"),
        (2, "topic", "laptops"),
        (3, "email", "vera@shop.example"),
    ] {
        assert_eq!(sim.asked(page, 1).map(|prompt| prompt.n), Some(n));
        assert_eq!(sim.asked_for(page, 1), [fact]);
        sim.answers(page, 1, fact, value);
    }

    assert_eq!(sim.position(page, 1), Some(1));
    assert_eq!(sim.stored_in(1), "Español");
}

#[test]
fn a_menu_leads_to_a_queue() {
    let mut laptops = choice("laptops", Some(to_queue(2)));
    laptops.skills = skills("laptops", 6);
    let (mut sim, page) = asked_chat(with_menu(vec![laptops]));

    sim.answers(page, 1, "menu", "laptops");

    assert_eq!(sim.stored_in(1), "Laptops");
    assert_eq!(sim.last_decision(), "Into Laptops: chosen in a menu");
    let boris = sim.ready(BORIS);
    let carla = sim.ready(CARLA);
    assert_eq!(sim.rings(boris), None);
    assert_eq!(sim.rings(carla), Some(interaction(1)));
}

#[test]
fn a_menu_leads_to_a_page_instead_of_an_agent() {
    let link = Destination::Link {
        url: "https://forum.example/".into(),
        label: Words::one("en", "Forum"),
    };
    for (to, elsewhere) in [(to_page("/returns"), false), (link, true)] {
        let (mut sim, page) = asked_chat(with_menu(vec![choice("returns", Some(to))]));

        sim.answers(page, 1, "menu", "returns");

        let contact = sim.contact(page, 1);
        assert_eq!(contact.ended(), Some((EndCause::Directed, None)));
        let directed = contact.directed.as_ref().expect("led to a page");
        assert_eq!(directed.elsewhere, elsewhere);
        sim.start_chat(page, 2);
        assert_eq!(sim.asked_for(page, 2), ["menu"], "and may come again");
    }
}

#[test]
fn a_menu_leads_to_another_menu_and_from_there_on_by_what_is_known() {
    let mut setup = with_menu(vec![choice("more", Some(Destination::Menu(form(11))))]);
    setup
        .forms
        .push(menu(11, "topic", vec![choice("orders", None)]));
    let (mut sim, page) = asked_chat(setup);

    sim.answers(page, 1, "menu", "more");
    assert_eq!(sim.asked(page, 1).map(|prompt| prompt.n), Some(2));
    sim.answers(page, 1, "menu", "orders");

    assert_eq!(sim.stored_in(1), "Sales");
    assert_eq!(
        sim.last_decision(),
        "Into Sales: the entry for topic orders"
    );
}

#[test]
fn who_would_rather_not_say_goes_on_with_what_is_taken_instead() {
    let mut setup = setup();
    setup.sites[0].needs = vec![required("topic", Some("general"))];
    setup.sites[0].entries = vec![
        about("general", to_queue(1)),
        bellwire_proto::setup::Entry::into_queue(None, crate::sim::queue(3)),
    ];
    setup.forms = vec![asks(1, "topic", of(&["laptops"]))];
    let (mut sim, page) = asked_chat(setup);
    assert!(sim.asked(page, 1).expect("asked").skippable);

    sim.skips(page, 1);

    assert_eq!(sim.stored_in(1), "Sales");
    assert_eq!(sim.position(page, 1), Some(1));
}

#[test]
fn what_must_be_said_cannot_be_skipped() {
    let (mut sim, page) = asked_chat(asks_for_language());

    sim.skips(page, 1);

    assert_eq!(sim.refused(page), Some(VisitorRefusal::NotAsked));
    assert_eq!(sim.asked_for(page, 1), ["language"]);
}

#[test]
fn who_cancels_a_question_leaves_nothing_behind() {
    let mut sim = Sim::with(asks_for_language());
    let anna = sim.ready(ANNA);
    sim.pass_s(1);
    let page = sim.chats(1);
    let told = sim.agent_events.len();

    sim.leaves(page, 1);
    sim.pass_s(600);

    assert!(sim.stored.interactions.is_empty());
    assert_eq!(sim.agent_events.len(), told, "no desk heard of it");
    assert!(sim.stored.decisions.is_empty());
    sim.start_chat(page, 2);
    sim.answers(page, 2, "language", "en");
    assert_eq!(sim.rings(anna), Some(interaction(2)));
}

#[test]
fn who_goes_away_over_a_question_leaves_nothing_behind() {
    let (mut sim, page) = asked_chat(asks_for_language());

    sim.page_leaves(page);
    sim.pass_s(31 * 60);

    assert!(sim.stored.interactions.is_empty());
    let page = sim.page(1);
    assert!(sim.widgets[&page].contacts.is_empty());
}

#[test]
fn a_bad_answer_is_told_and_the_question_stands() {
    let mut setup = setup();
    setup.sites[0].needs = vec![required("email", None)];
    setup.forms = vec![asks(1, "email", FieldKind::Email)];
    let (mut sim, page) = asked_chat(setup);

    for (value, why) in [
        ("", BadAnswerWhy::Missing),
        ("vera", BadAnswerWhy::NotEmail),
    ] {
        sim.answers(page, 1, "email", value);
        let fact = "email".to_owned();
        assert_eq!(sim.contact(page, 1).bad, [BadAnswer { fact, why }]);
        assert_eq!(sim.contact(page, 1).stage, VisitorStage::Asked);
    }
    sim.answers(page, 1, "email", "vera@shop.example");

    assert_eq!(sim.position(page, 1), Some(1));
    sim.answers(page, 1, "email", "other@shop.example");
    assert_eq!(
        sim.refused(page),
        Some(VisitorRefusal::NotAsked),
        "answered already"
    );
}

#[test]
fn what_is_answered_while_waiting_and_ringing_reaches_the_desk() {
    let mut setup = setup();
    queue_of(&mut setup, 1).while_waiting = Some(form(1));
    setup.forms = vec![asks(1, "order", FieldKind::Text(40))];
    let (mut sim, page) = asked_chat(setup);
    assert_eq!(sim.position(page, 1), Some(1), "it waits meanwhile");
    let anna = sim.ready(ANNA);
    assert_eq!(sim.asked_for(page, 1), ["order"], "and while it rings");

    sim.answers(page, 1, "order", "A-17");

    let told = sim.agent_events.iter().rev().find_map(|(_, e)| match e {
        AgentEvent::Learnt { answers, .. } => Some(answers[0].value.clone()),
        _ => None,
    });
    assert_eq!(told.as_deref(), Some("A-17"));
    let card = sim.desks[&anna].offer.clone().expect("still rings");
    assert_eq!(card.offer.context.answers[0].value, "A-17");
    let id = sim.accept(anna);
    assert_eq!(sim.desks[&anna].items[&id].context.answers[0].value, "A-17");
}

#[test]
fn an_answer_while_waiting_may_lead_elsewhere_from_the_same_place() {
    let mut setup = setup();
    queue_of(&mut setup, 1).while_waiting = Some(form(1));
    let laptops = choice("laptops", Some(to_queue(2)));
    setup.forms = vec![menu(1, "", vec![laptops])];
    let mut sim = Sim::with(setup);
    let boris = sim.ready(BORIS);
    let page = sim.chats(1);
    assert_eq!(sim.rings(boris), Some(interaction(1)));

    sim.answers(page, 1, "menu", "laptops");

    assert_eq!(sim.rings(boris), None, "Boris knows too little of laptops");
    assert_eq!(sim.stored_in(1), "Laptops");
    let carla = sim.ready(CARLA);
    assert_eq!(sim.rings(carla), Some(interaction(1)));
}

#[test]
fn a_question_stands_after_the_server_starts_again() {
    let (mut sim, _) = asked_chat(asks_for_language());

    sim.restart();
    sim.pass_s(5);
    let page = sim.page(1);

    assert_eq!(sim.contact(page, 1).stage, VisitorStage::Asked);
    assert_eq!(sim.asked_for(page, 1), ["language"]);
    sim.answers(page, 1, "language", "es");
    assert_eq!(sim.stored_in(1), "Español");
}

#[test]
fn a_restart_between_two_questions_asks_the_next() {
    let mut setup = asks_for_language();
    setup.sites[0].needs.push(required("topic", None));
    setup.forms.push(asks(2, "topic", of(&["laptops"])));
    let (mut sim, _) = asked_chat(setup);
    let record = sim.stored.interactions.get_mut(&interaction(1));
    let way = &mut record.expect("asked ones are stored").way;
    way.asking = None;
    way.answers.insert("language".into(), "es".into());

    sim.restart();
    let page = sim.page(1);

    assert_eq!(sim.asked_for(page, 1), ["topic"]);
}

#[test]
fn an_answer_counts_though_its_form_was_removed_meanwhile() {
    let (mut sim, page) = asked_chat(with_menu(vec![choice("orders", Some(to_queue(2)))]));

    sim.set_up(|setup| setup.forms.clear());
    assert_eq!(sim.asked_for(page, 1), ["menu"], "the question stands");
    sim.answers(page, 1, "menu", "orders");

    assert_eq!(sim.position(page, 1), Some(1));
    assert_eq!(sim.stored_in(1), "Español", "by the entry that is left");
}

#[test]
fn who_is_turned_away_after_a_question_is_not_asked_any_more() {
    let mut setup = with_menu(vec![choice("laptops", Some(to_queue(2)))]);
    setup.hours = vec![nine_to_five(1)];
    queue_of(&mut setup, 2).hours = Some(hours(1));
    let mut sim = Sim::with(setup);
    sim.pass_s(4 * 3600);
    let page = sim.chats(1);

    sim.answers(page, 1, "menu", "laptops");

    assert_eq!(sim.refused(page), Some(VisitorRefusal::Closed));
    assert!(sim.widgets[&page].contacts.is_empty());
    assert!(sim.stored.interactions.is_empty());
}

#[test]
fn one_menu_is_not_asked_twice_where_it_leads_nowhere() {
    let mut setup = setup();
    setup.forms = vec![menu(10, "", vec![choice("anything", None)])];
    setup.hours = vec![nine_to_five(1)];
    queue_of(&mut setup, 1).hours = Some(hours(1));
    overflow(
        &mut setup,
        1,
        OverflowWhen::Closed,
        Destination::Menu(form(10)),
    );
    let mut sim = Sim::with(setup);
    sim.pass_s(4 * 3600);
    let page = sim.calls(1);
    assert_eq!(sim.asked_for(page, 1), ["menu"]);

    sim.answers(page, 1, "menu", "anything");

    assert_eq!(sim.refused(page), Some(VisitorRefusal::Closed));
}

#[test]
fn what_another_queue_must_know_is_asked_while_the_place_is_kept() {
    let mut setup = setup();
    queue_of(&mut setup, 2).needs = vec![required("order", None)];
    setup.forms = vec![asks(1, "order", FieldKind::Text(40))];
    overflow(&mut setup, 1, OverflowWhen::Waited(60), to_queue(2));
    let (mut sim, page) = asked_chat(setup);

    sim.pass_s(60);
    assert_eq!(sim.asked_for(page, 1), ["order"]);
    assert_eq!(sim.position(page, 1), Some(1), "it waits on in Sales");
    assert_eq!(sim.stored_in(1), "Sales");
    sim.answers(page, 1, "order", "A-17");

    assert_eq!(sim.stored_in(1), "Laptops");
    assert_eq!(
        sim.last_decision(),
        "Into Laptops: waited 60 s in Sales",
        "and goes on with the answer"
    );
    assert_eq!(sim.contact(page, 1).medium, Medium::Chat);
}
