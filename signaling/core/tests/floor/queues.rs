//! Rules of queues: who is asked as time passes, where contacts go instead, and opening hours.

use bellwire_core::Note;
use bellwire_proto::{
    agent::AgentCommand,
    interaction::{EndCause, Medium},
    setup::{Entry, OverflowWhen, Relax, Relaxed},
    visitor::{VisitorCommand, VisitorRefusal},
};

use crate::{
    given::{hours, nine_to_five, overflow, queue_of, relax_skill, skills, to_page, to_queue},
    sim::{ANNA, BORIS, CARLA, Sim, interaction, peer, queue, setup},
};

/// The queue closes at five, this many seconds after the clock begins.
const UNTIL_FIVE: u64 = 10_000;

fn not_ready() -> AgentCommand {
    AgentCommand::NotReady {
        reason: "Lunch".into(),
    }
}

#[test]
fn a_skill_is_asked_less_of_the_longer_one_waits_and_it_is_said_why() {
    let mut setup = setup();
    queue_of(&mut setup, 2).relax = vec![relax_skill(60, "laptops", 3)];
    let mut sim = Sim::with(setup);
    let boris = sim.ready(BORIS);
    let page = sim.page_on(1, "laptops", 1);
    sim.start_chat(page, 1);

    sim.pass_s(59);
    assert_eq!(sim.rings(boris), None);
    sim.pass_s(1);

    assert_eq!(sim.rings(boris), Some(interaction(1)));
    assert_eq!(
        sim.stored.decisions[1..],
        [
            "Asks less after a while: now laptops 3",
            "Boris: laptops 3, idle 60 s; waited 60 s in Laptops; \
             Anna skipped: signed out; Carla skipped: signed out",
        ]
    );
}

#[test]
fn any_language_will_do_after_a_while() {
    let mut setup = setup();
    queue_of(&mut setup, 3).relax = vec![Relax {
        after_s: 90,
        change: Relaxed::Language,
    }];
    let mut sim = Sim::with(setup);
    let boris = sim.ready(BORIS);
    let page = sim.page_in(1, "es");
    sim.start_chat(page, 1);
    sim.pass_s(89);
    assert_eq!(sim.rings(boris), None);

    sim.pass_s(1);

    assert_eq!(sim.rings(boris), Some(interaction(1)));
    assert!((sim.stored.decisions).contains(&"Asks less after a while: now nothing".to_owned()));
}

#[test]
fn what_was_due_while_a_desk_rang_is_done_when_it_stops() {
    let mut setup = setup();
    queue_of(&mut setup, 2).relax = vec![relax_skill(10, "laptops", 3)];
    let mut sim = Sim::with(setup);
    let anna = sim.ready(ANNA);
    let boris = sim.ready(BORIS);
    let page = sim.page_on(1, "laptops", 1);
    sim.start_chat(page, 1);
    assert_eq!(sim.rings(anna), Some(interaction(1)));

    sim.pass_s(20);

    assert_eq!(sim.rings(boris), Some(interaction(1)));
}

#[test]
fn who_waited_for_long_before_a_restart_is_moved_on_after_it() {
    let mut setup = setup();
    overflow(&mut setup, 1, OverflowWhen::Waited(60), to_queue(2));
    let mut sim = Sim::with(setup);
    sim.chats(1);
    sim.pass_s(50);
    sim.page(1);
    sim.now = sim.now + std::time::Duration::from_secs(30);

    sim.restart();
    sim.pass_s(1);

    assert_eq!(sim.stored_in(1), "Laptops");
}

mod last_agent {
    use super::*;

    /// Boris served the visitor, and Carla is idle for longer.
    fn served_by_boris() -> (Sim, [bellwire_proto::id::ConnectionId; 3]) {
        let mut setup = setup();
        queue_of(&mut setup, 1).last_agent_s = 40;
        setup.agents[1].capacity.chats = 1;
        let mut sim = Sim::with(setup);
        let boris = sim.ready(BORIS);
        let page = sim.chats(1);
        sim.serves(boris);
        let carla = sim.ready(CARLA);
        sim.pass_s(10);
        sim.desk_asks(boris, not_ready());
        sim.desk_asks(boris, AgentCommand::Ready);
        (sim, [boris, carla, page])
    }

    #[test]
    fn who_served_a_visitor_last_is_asked_first() {
        let (mut sim, [boris, carla, page]) = served_by_boris();

        sim.start_chat(page, 2);

        assert_eq!(sim.rings(boris), Some(interaction(2)));
        assert_eq!(sim.rings(carla), None);
        assert!(sim.last_decision().contains("served the visitor last"));
    }

    #[test]
    fn is_waited_for_a_while_where_they_are_busy() {
        let (mut sim, [boris, carla, page]) = served_by_boris();
        sim.desk_asks(carla, not_ready());
        sim.chats(9);
        sim.accept(boris);
        sim.desk_asks(carla, AgentCommand::Ready);

        sim.start_chat(page, 2);
        sim.pass_s(39);
        assert_eq!(sim.rings(carla), None);
        sim.pass_s(1);

        assert_eq!(sim.rings(carla), Some(interaction(2)));
    }

    #[test]
    fn is_not_waited_for_where_they_are_gone_or_go() {
        let (mut sim, [boris, carla, page]) = served_by_boris();
        sim.desk_asks(carla, not_ready());
        sim.chats(9);
        sim.accept(boris);
        sim.desk_asks(carla, AgentCommand::Ready);
        sim.start_chat(page, 2);

        sim.desk_asks(boris, not_ready());
        sim.pass_s(1);
        assert_eq!(sim.rings(carla), Some(interaction(2)), "as soon as they go");
        sim.serves(carla);
        sim.start_chat(page, 3);
        assert_eq!(sim.rings(carla), Some(interaction(3)));
    }

    #[test]
    fn is_not_waited_for_where_they_cannot_do_what_is_needed() {
        let (mut sim, [_, carla, page]) = served_by_boris();
        sim.set_up(|setup| {
            queue_of(setup, 1).skills = skills("laptops", 5);
        });

        sim.start_chat(page, 2);

        assert_eq!(sim.rings(carla), Some(interaction(2)));
    }
}

#[test]
fn calls_and_chats_fill_an_agent_each_to_their_own_measure() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    for n in 1..=4 {
        sim.chats(n);
        sim.calls(10 + n);
    }
    let mut taken = vec![];
    while sim.rings(anna).is_some() {
        taken.push(sim.accept(anna));
    }

    let calls = taken.iter().filter(|id| **id >= interaction(10)).count();
    assert_eq!((calls, taken.len()), (1, 3));
}

#[test]
fn a_queue_without_anybody_leads_on_at_once_and_later() {
    let mut setup = setup();
    overflow(&mut setup, 3, OverflowWhen::NobodyThere, to_queue(1));
    setup.agents[1].queues = vec![queue(1)];
    let mut sim = Sim::with(setup);
    let page = sim.page_in(1, "es");
    sim.start_chat(page, 1);
    assert_eq!(sim.stored_in(1), "Sales");
    assert_eq!(
        sim.last_decision(),
        "Into Sales: the entry for language es; nobody is there in Español"
    );

    let anna = sim.ready(ANNA);
    sim.accept(anna);
    let page = sim.page_in(2, "es");
    sim.start_call(page, 2);
    assert_eq!(sim.rings(anna), Some(interaction(2)));
    let boris = sim.ready(BORIS);
    sim.desk_asks(anna, not_ready());
    let decline = AgentCommand::Decline {
        interaction: interaction(2),
        epoch: 1,
    };
    sim.desk_asks(anna, decline);
    sim.pass_s(1);

    assert_eq!(sim.stored_in(2), "Sales");
    assert_eq!(sim.rings(boris), Some(interaction(2)));
    assert!(sim.notes.contains(&Note::Overflowed(Medium::Call)));
}

#[test]
fn a_desk_that_is_loaded_anew_sends_nobody_away() {
    let mut setup = setup();
    overflow(&mut setup, 1, OverflowWhen::NobodyThere, to_page("/help"));
    let mut sim = Sim::with(setup);
    let anna = sim.ready(ANNA);
    for n in 1..=4 {
        sim.chats(n);
    }
    sim.accept(anna);

    sim.desk_leaves(anna);
    sim.pass_s(3);
    sim.desk(ANNA);
    sim.restart();
    sim.pass_s(3);
    let anna = sim.desk(ANNA);

    assert!((1..=4).all(|n| {
        !sim.stored.interactions[&interaction(n)]
            .stage
            .name()
            .eq("closed")
    }));
    sim.desk_leaves(anna);
    sim.pass_s(61);
    assert_eq!(
        sim.stored.interactions[&interaction(4)].stage.name(),
        "closed"
    );
}

#[test]
fn a_long_line_leads_on_and_a_full_queue_says_so() {
    let mut setup = setup();
    overflow(&mut setup, 1, OverflowWhen::Waiting(2), to_queue(2));
    queue_of(&mut setup, 2).most_waiting = Some(1);
    let mut sim = Sim::with(setup);
    for n in 1..=3 {
        sim.chats(n);
    }
    assert_eq!(sim.stored_in(3), "Laptops");
    assert_eq!(
        sim.last_decision(),
        "Into Laptops: the entry for everybody else; 2 or more wait in Sales"
    );

    let page = sim.chats(4);

    assert_eq!(sim.refused(page), Some(VisitorRefusal::Full));
    assert!(!sim.stored.interactions.contains_key(&interaction(4)));
}

#[test]
fn who_waited_too_long_goes_on_from_the_same_place() {
    let mut setup = setup();
    overflow(&mut setup, 1, OverflowWhen::Waited(60), to_queue(2));
    queue_of(&mut setup, 2).priority = 0;
    let mut sim = Sim::with(setup);
    sim.chats(1);
    sim.pass_s(30);
    let later = sim.page_on(2, "laptops", 2);
    sim.start_chat(later, 2);
    assert_eq!(sim.position(later, 2), Some(1));

    sim.pass_s(31);

    assert_eq!(sim.stored_in(1), "Laptops");
    assert_eq!(sim.position(later, 2), Some(2), "1 came before");
    let carla = sim.ready(CARLA);
    assert_eq!(sim.rings(carla), Some(interaction(1)));
}

#[test]
fn a_rule_whose_queue_is_full_is_tried_again() {
    let mut setup = setup();
    overflow(&mut setup, 1, OverflowWhen::Waited(60), to_queue(2));
    overflow(&mut setup, 1, OverflowWhen::Waited(120), to_queue(3));
    queue_of(&mut setup, 2).most_waiting = Some(1);
    let mut sim = Sim::with(setup);
    let first = sim.page_on(1, "laptops", 1);
    sim.start_chat(first, 1);
    sim.chats(2);
    sim.pass_s(70);
    assert_eq!(sim.stored_in(2), "Sales", "Laptops is full");

    sim.leaves(first, 1);
    sim.pass_s(15);
    assert_eq!(sim.stored_in(2), "Laptops");

    sim.chats(3);
    sim.pass_s(121);
    assert_eq!(sim.stored_in(3), "Español", "the next rule in time");
}

#[test]
fn queues_that_lead_to_each_other_lose_nobody() {
    let mut setup = setup();
    for (from, to) in [(1, 2), (2, 3), (3, 1)] {
        overflow(&mut setup, from, OverflowWhen::NobodyThere, to_queue(to));
        overflow(&mut setup, from, OverflowWhen::Waited(10), to_queue(to));
    }
    let mut sim = Sim::with(setup);
    let page = sim.chats(1);

    sim.pass_s(600);

    assert_eq!(sim.position(page, 1), Some(1));
    assert!(
        sim.stored.decisions.len() < 10,
        "{:?}",
        sim.stored.decisions
    );
    let anna = sim.ready(ANNA);
    assert_eq!(sim.rings(anna), Some(interaction(1)));
}

#[test]
fn outside_its_hours_a_queue_says_that_it_is_closed() {
    let mut setup = setup();
    setup.hours = vec![nine_to_five(1)];
    queue_of(&mut setup, 1).hours = Some(hours(1));
    let mut sim = Sim::with(setup);
    let anna = sim.ready(ANNA);
    sim.pass_s(UNTIL_FIVE - 1);
    sim.chats(1);
    assert_eq!(sim.rings(anna), Some(interaction(1)));
    sim.accept(anna);
    sim.pass_s(1);

    let page = sim.chats(2);

    assert_eq!(sim.refused(page), Some(VisitorRefusal::Closed));
    sim.pass_s(16 * 3600);
    sim.desk_asks(anna, AgentCommand::Ready);
    sim.start_chat(page, 3);
    assert_eq!(sim.rings(anna), Some(interaction(3)), "open again at nine");
}

#[test]
fn a_closed_queue_may_lead_elsewhere() {
    let mut setup = setup();
    setup.hours = vec![nine_to_five(1)];
    queue_of(&mut setup, 1).hours = Some(hours(1));
    overflow(&mut setup, 1, OverflowWhen::Closed, to_page("/hours"));
    let mut sim = Sim::with(setup);
    sim.pass_s(UNTIL_FIVE);

    let page = sim.chats(1);

    let contact = sim.contact(page, 1);
    assert_eq!(contact.ended(), Some((EndCause::Directed, None)));
    assert_eq!(contact.directed.as_ref().expect("led").url, "/hours");
}

#[test]
fn who_waits_at_closing_time_is_served_by_those_who_are_there_and_goes_on_with_the_last() {
    let mut setup = setup();
    setup.hours = vec![nine_to_five(1)];
    queue_of(&mut setup, 1).hours = Some(hours(1));
    overflow(&mut setup, 1, OverflowWhen::Closed, to_queue(2));
    setup.agents[0].capacity.chats = 1;
    setup.agents[0].queues = vec![queue(1)];
    let mut sim = Sim::with(setup);
    sim.pass_s(UNTIL_FIVE - 10);
    let anna = sim.ready(ANNA);
    for n in 1..=3 {
        sim.chats(n);
    }
    sim.accept(anna);

    sim.pass_s(20);
    assert_eq!(sim.stored_in(2), "Sales");
    sim.finish(anna, interaction(1));
    assert_eq!(sim.accept(anna), interaction(2), "served after five");
    sim.desk_asks(anna, not_ready());
    sim.pass_s(1);

    assert_eq!(sim.stored_in(3), "Laptops");
}

#[test]
fn a_change_from_call_to_chat_and_back_keeps_the_place() {
    let mut sim = Sim::new();
    let page = sim.calls(1);
    sim.pass_s(10);
    sim.chats(2);
    let third = sim.calls(3);

    sim.switches(page, 1, Medium::Chat);
    assert_eq!(sim.contact(page, 1).medium, Medium::Chat);
    assert_eq!(sim.position(page, 1), Some(1));
    sim.pass_s(1);
    assert_eq!(sim.position(third, 3), Some(1));
    sim.switches(page, 1, Medium::Call);
    let attach = VisitorCommand::Attach {
        interaction: interaction(1),
        peer: peer(77),
    };
    sim.page_asks(page, attach);
    sim.pass_s(1);

    assert_eq!(sim.position(page, 1), Some(1));
    assert_eq!(sim.position(third, 3), Some(2));
    let anna = sim.ready(ANNA);
    assert_eq!(sim.rings(anna), Some(interaction(1)));
}

#[test]
fn a_change_of_medium_does_not_forget_who_declined() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    let page = sim.calls(1);
    let decline = AgentCommand::Decline {
        interaction: interaction(1),
        epoch: 1,
    };
    sim.desk_asks(anna, decline);

    sim.switches(page, 1, Medium::Chat);
    assert_eq!(sim.rings(anna), None);
    sim.pass_s(30);

    assert_eq!(sim.rings(anna), Some(interaction(1)));
}

#[test]
fn a_medium_that_the_queue_does_not_take_is_refused_and_the_contact_waits_on() {
    let mut setup = setup();
    queue_of(&mut setup, 1).media = vec![Medium::Chat];
    setup.sites[0]
        .entries
        .push(Entry::into_queue(None, queue(2)));
    let mut sim = Sim::with(setup);
    let page = sim.chats(1);

    sim.switches(page, 1, Medium::Call);

    assert_eq!(sim.refused(page), Some(VisitorRefusal::NotOffered));
    assert_eq!(sim.contact(page, 1).medium, Medium::Chat);
    assert_eq!(sim.position(page, 1), Some(1));
}
