//! Offers: whose turn it is, and what becomes of an offer.

use bellwire_proto::{
    agent::{AgentCommand, AgentEvent, AgentRefusal, AgentState, Chosen},
    interaction::EndCause,
    visitor::VisitorCommand,
};

use crate::sim::{ANNA, BORIS, CARLA, Sim, interaction};

#[test]
fn a_call_rings_at_the_longest_idle_agent() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    sim.pass_s(10);
    let boris = sim.ready(BORIS);

    sim.calls(1);

    assert_eq!(sim.rings(anna), Some(interaction(1)));
    assert_eq!(sim.rings(boris), None);
    assert_eq!(
        sim.stored.decisions,
        [
            "Into Sales: the entry for everybody else",
            "Anna: idle 10 s; waited 0 s in Sales; Boris skipped: idle 0 s only; \
             Carla skipped: signed out",
        ]
    );
}

#[test]
fn an_unanswered_offer_goes_to_the_next_ready_agent() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    sim.pass_s(1);
    let boris = sim.ready(BORIS);
    sim.calls(1);

    sim.pass_s(20);

    assert_eq!(sim.rings(anna), None);
    assert_eq!(sim.rings(boris), Some(interaction(1)));
    let reason = "No answer".to_owned();
    assert_eq!(sim.desks[&anna].chosen, Chosen::NotReady { reason });
}

#[test]
fn a_declined_call_rings_elsewhere_and_returns_only_after_a_pause() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    sim.calls(1);
    let (id, epoch) = sim.offer(anna).expect("rings");

    sim.desk_asks(
        anna,
        AgentCommand::Decline {
            interaction: id,
            epoch,
        },
    );

    assert_eq!(sim.rings(anna), None);
    sim.pass_s(29);
    assert_eq!(sim.rings(anna), None);
    sim.pass_s(1);
    assert_eq!(sim.rings(anna), Some(interaction(1)));
}

#[test]
fn one_who_comes_back_stands_where_they_stood() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    sim.calls(1);
    sim.pass_s(1);
    sim.calls(2);
    sim.pass_s(20);
    sim.desk_asks(anna, AgentCommand::Ready);
    assert_eq!(
        sim.rings(anna),
        Some(interaction(2)),
        "1 is spared for a while"
    );

    let boris = sim.ready(BORIS);

    assert_eq!(sim.rings(boris), Some(interaction(1)));
}

#[test]
fn an_answer_to_an_older_offer_is_refused() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    sim.calls(1);
    let (id, epoch) = sim.offer(anna).expect("rings");
    sim.pass_s(20);

    sim.desk_asks(
        anna,
        AgentCommand::Accept {
            interaction: id,
            epoch,
            peer: None,
        },
    );

    let refused = AgentEvent::Refused {
        interaction: Some(id),
        reason: AgentRefusal::OfferGone,
    };
    assert_eq!(sim.agent_events.last(), Some(&(anna, refused)));
}

#[test]
fn the_visitor_who_gives_up_stops_the_ringing() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    let page = sim.calls(1);

    sim.page_asks(
        page,
        VisitorCommand::Leave {
            interaction: interaction(1),
        },
    );

    assert_eq!(sim.rings(anna), None);
    assert_eq!(sim.desks[&anna].state, AgentState::Ready);
    let withdrawn = sim.agent_events.iter().find_map(|(_, event)| match event {
        AgentEvent::Withdrawn { cause, .. } => Some(*cause),
        _ => None,
    });
    assert_eq!(withdrawn, Some(EndCause::Abandoned));
    let ended = sim.widgets[&page].contacts[&interaction(1)].ended();
    assert_eq!(ended.map(|(cause, _)| cause), Some(EndCause::Abandoned));
}

#[test]
fn an_agent_whose_desk_is_gone_loses_the_offer_but_not_at_once() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    sim.pass_s(1);
    let boris = sim.ready(BORIS);
    sim.calls(1);
    sim.desk_leaves(anna);
    sim.pass_s(4);
    assert_eq!(sim.rings(boris), None);

    sim.pass_s(1);

    assert_eq!(sim.rings(boris), Some(interaction(1)));
}

#[test]
fn a_reload_keeps_the_offer_ringing() {
    let mut sim = Sim::new();
    let before = sim.ready(ANNA);
    sim.calls(1);
    sim.pass_s(5);
    sim.desk_leaves(before);
    sim.pass_s(2);

    let after = sim.desk(ANNA);

    assert_eq!(sim.rings(after), Some(interaction(1)));
    let card = sim.desks[&after].offer.as_ref().expect("rings");
    assert_eq!(card.offer.ring_ms, 13_000);
    assert_eq!(sim.desks[&after].chosen, Chosen::Ready);
}

#[test]
fn a_desk_that_stays_away_is_not_ready_any_more() {
    let mut sim = Sim::new();
    let before = sim.ready(ANNA);
    sim.desk_leaves(before);
    sim.pass_s(60);

    let after = sim.desk(ANNA);

    let reason = "Disconnected".to_owned();
    assert_eq!(sim.desks[&after].chosen, Chosen::NotReady { reason });
}

#[test]
fn skills_and_language_decide_who_is_asked() {
    let mut sim = Sim::new();
    let boris = sim.ready(BORIS);
    let carla = sim.ready(CARLA);
    sim.pass_s(1);
    let anna = sim.ready(ANNA);
    let page = sim.page_on(1, "laptops", 1);
    sim.start_call(page, 1);
    assert_eq!(sim.rings(carla), Some(interaction(1)), "level 5 is needed");

    let page = sim.page_in(2, "es-MX");
    sim.start_call(page, 2);

    assert_eq!(sim.rings(anna), Some(interaction(2)));
    assert_eq!(sim.rings(boris), None);
}

#[test]
fn priority_counts_as_waiting_time() {
    let mut sim = Sim::new();
    sim.calls(1);
    sim.pass_s(119);
    let page = sim.page_on(2, "laptops", 2);
    sim.start_call(page, 2);
    sim.pass_s(2);
    sim.page_on(3, "laptops", 3);
    let page = sim.page_on(4, "laptops", 4);
    sim.start_call(page, 4);

    let anna = sim.ready(ANNA);
    assert_eq!(
        sim.rings(anna),
        Some(interaction(2)),
        "two points are worth 120 s"
    );
    let carla = sim.ready(CARLA);

    assert_eq!(sim.rings(carla), Some(interaction(1)));
}

#[test]
fn chats_ring_beside_a_call_up_to_the_capacity() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    sim.calls(1);
    sim.accept(anna);
    for n in [2, 3, 4] {
        sim.chats(n);
    }
    assert_eq!(sim.accept(anna), interaction(2));
    assert_eq!(sim.accept(anna), interaction(3));
    assert_eq!(sim.rings(anna), None, "two chats are the most");

    sim.finish(anna, interaction(2));

    assert_eq!(sim.rings(anna), Some(interaction(4)));
}

#[test]
fn wrap_up_keeps_the_slot() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    sim.calls(1);
    let id = sim.accept(anna);
    sim.calls(2);
    sim.desk_asks(anna, AgentCommand::HangUp { interaction: id });
    assert_eq!(sim.desks[&anna].state, AgentState::WrapUp);
    assert_eq!(sim.rings(anna), None);

    sim.wrap_up(anna, id);

    assert_eq!(sim.rings(anna), Some(interaction(2)));
}

#[test]
fn an_unknown_reason_or_disposition_is_refused() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);

    let reason = "Golf".to_owned();
    sim.desk_asks(anna, AgentCommand::NotReady { reason });

    let refused = AgentEvent::Refused {
        interaction: None,
        reason: AgentRefusal::NotInList,
    };
    assert_eq!(sim.agent_events.last(), Some(&(anna, refused)));
    assert_eq!(sim.desks[&anna].chosen, Chosen::Ready);
}
