//! Calls: the bridge between two pages, hold, reloads, windows and ends.

use bellwire_proto::{
    agent::{AgentCommand, WorkStage},
    interaction::{EndCause, Role},
    visitor::{VisitorCommand, VisitorEvent, VisitorStage},
    wire::ByeReason,
};

use crate::sim::{ANNA, BORIS, Sim, interaction, peer};

fn talking() -> (
    Sim,
    bellwire_proto::id::ConnectionId,
    bellwire_proto::id::ConnectionId,
) {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    let page = sim.calls(1);
    sim.accept(anna);
    (sim, anna, page)
}

#[test]
fn accepting_builds_the_bridge_and_tells_both() {
    let (sim, anna, page) = talking();

    assert_eq!(sim.bridges[&interaction(1)], (page, anna));
    let item = &sim.desks[&anna].items[&interaction(1)];
    assert_eq!(item.peer, Some(peer(1)));
    assert_eq!(item.uri, format!("bw:test/{}", interaction(1)));
    let contact = &sim.widgets[&page].contacts[&interaction(1)];
    assert!(matches!(
        &contact.stage,
        VisitorStage::Connected { agent, reachable: true, held: false, .. } if agent.name == "Anna"
    ));
}

#[test]
fn a_hang_up_reaches_the_other_side_from_either() {
    for by in [Role::Customer, Role::Agent] {
        let (mut sim, anna, page) = talking();
        let id = interaction(1);

        match by {
            Role::Customer => sim.page_asks(page, VisitorCommand::Leave { interaction: id }),
            Role::Agent => sim.desk_asks(anna, AgentCommand::HangUp { interaction: id }),
        }

        let cause = EndCause::HungUp;
        let ended = sim.widgets[&page].contacts[&id].ended();
        assert_eq!(ended, Some((cause, Some(by))));
        let stage = sim.desks[&anna].items[&id].stage;
        assert!(matches!(stage, WorkStage::WrapUp { by: Some(who), .. } if who == by));
        assert!(sim.bridges.is_empty());
    }
}

#[test]
fn a_visitors_new_page_takes_the_call_over() {
    let (mut sim, anna, page) = talking();
    sim.page_leaves(page);
    assert!(sim.bridges.is_empty());
    assert!(!sim.desks[&anna].items[&interaction(1)].reachable);
    sim.pass_s(2);

    let page = sim.page(1);
    let attach = VisitorCommand::Attach {
        interaction: interaction(1),
        peer: peer(99),
    };
    sim.page_asks(page, attach);

    assert_eq!(sim.bridges[&interaction(1)], (page, anna));
    let item = &sim.desks[&anna].items[&interaction(1)];
    assert_eq!(item.peer, Some(peer(99)));
    assert!(item.reachable);
}

#[test]
fn a_second_tab_takes_the_media_and_the_first_is_told() {
    let (mut sim, anna, first) = talking();
    let second = sim.page_on(1, "shop", 50);

    let attach = VisitorCommand::Attach {
        interaction: interaction(1),
        peer: peer(99),
    };
    sim.page_asks(second, attach);

    assert_eq!(sim.bridges[&interaction(1)], (second, anna));
    let told = VisitorEvent::Elsewhere {
        interaction: interaction(1),
    };
    assert!(sim.visitor_events.contains(&(first, told)));
}

#[test]
fn a_visitor_away_for_too_long_ends_the_call() {
    let (mut sim, anna, page) = talking();
    sim.page_leaves(page);

    sim.pass_s(59);
    let stage = sim.desks[&anna].items[&interaction(1)].stage;
    assert!(matches!(stage, WorkStage::Talking { .. }));
    sim.pass_s(1);

    let stage = sim.desks[&anna].items[&interaction(1)].stage;
    let cause = EndCause::Vanished;
    assert!(matches!(stage, WorkStage::WrapUp { cause: why, .. } if why == cause));
}

#[test]
fn coming_back_in_time_starts_the_grace_anew() {
    let (mut sim, anna, page) = talking();
    sim.page_leaves(page);
    sim.pass_s(40);
    let page = sim.page(1);
    let attach = VisitorCommand::Attach {
        interaction: interaction(1),
        peer: peer(99),
    };
    sim.page_asks(page, attach);
    sim.page_leaves(page);

    sim.pass_s(59);

    let stage = sim.desks[&anna].items[&interaction(1)].stage;
    assert!(matches!(stage, WorkStage::Talking { .. }));
}

#[test]
fn a_vanished_agents_call_goes_to_another_agent() {
    let (mut sim, anna, page) = talking();
    let boris = sim.ready(BORIS);
    sim.desk_leaves(anna);
    assert!(matches!(
        sim.widgets[&page].contacts[&interaction(1)].stage,
        VisitorStage::Connected {
            reachable: false,
            ..
        }
    ));

    sim.pass_s(60);

    assert_eq!(sim.rings(boris), Some(interaction(1)));
    sim.accept(boris);
    assert_eq!(sim.bridges[&interaction(1)], (page, boris));
}

#[test]
fn an_agents_reload_keeps_the_call() {
    let (mut sim, anna, page) = talking();
    sim.desk_leaves(anna);
    sim.pass_s(1);
    let anna = sim.desk(ANNA);
    assert!(sim.desks[&anna].items.contains_key(&interaction(1)));

    let attach = AgentCommand::Attach {
        interaction: interaction(1),
        peer: peer(77),
    };
    sim.desk_asks(anna, attach);

    assert_eq!(sim.bridges[&interaction(1)], (page, anna));
    let stage = &sim.widgets[&page].contacts[&interaction(1)].stage;
    assert!(matches!(
        stage,
        VisitorStage::Connected { peer: Some(new), reachable: true, .. } if *new == peer(77)
    ));
    sim.pass_s(120);
    assert!(sim.bridges.contains_key(&interaction(1)));
}

#[test]
fn hold_is_told_to_both_and_survives_a_restart() {
    let (mut sim, anna, page) = talking();
    let id = interaction(1);

    sim.desk_asks(anna, AgentCommand::Hold { interaction: id });

    let stage = &sim.widgets[&page].contacts[&id].stage;
    assert!(matches!(stage, VisitorStage::Connected { held: true, .. }));
    sim.restart();
    let anna = sim.desk(ANNA);
    let stage = sim.desks[&anna].items[&id].stage;
    assert!(matches!(stage, WorkStage::Talking { held: true, .. }));
    sim.desk_asks(anna, AgentCommand::Resume { interaction: id });
    let stage = sim.desks[&anna].items[&id].stage;
    assert!(matches!(stage, WorkStage::Talking { held: false, .. }));
}

#[test]
fn a_second_window_is_told_and_can_take_over() {
    let (mut sim, first, page) = talking();
    let second = sim.window(ANNA, 60);
    assert!(sim.desks[&second].elsewhere);
    sim.desk_asks(second, AgentCommand::Ready);
    assert!(
        sim.desks[&second].elsewhere,
        "only the working window works"
    );

    sim.desk_asks(second, AgentCommand::TakeOver);

    assert!(sim.desks[&first].elsewhere);
    assert!(sim.desks[&second].items.contains_key(&interaction(1)));
    assert!(sim.bridges.is_empty(), "until the window attaches");
    let attach = AgentCommand::Attach {
        interaction: interaction(1),
        peer: peer(5),
    };
    sim.desk_asks(second, attach);
    assert_eq!(sim.bridges[&interaction(1)], (page, second));
}

#[test]
fn the_same_tab_replaces_its_older_connection() {
    let (mut sim, anna, page) = talking();

    let newer = sim.page(1);
    let desk = sim.desk(ANNA);

    let replaced = ByeReason::Replaced;
    assert_eq!(sim.dropped, [(page, replaced), (anna, replaced)]);
    sim.input(bellwire_core::Input::VisitorLeft { connection: page });
    assert!(sim.widgets[&newer].contacts.contains_key(&interaction(1)));
    assert!(sim.desks[&desk].items.contains_key(&interaction(1)));
}

#[test]
fn a_repeated_accept_is_told_again_not_refused() {
    let (mut sim, anna, _) = talking();
    let told = sim.agent_events.len();

    sim.desk_asks(
        anna,
        AgentCommand::Accept {
            interaction: interaction(1),
            epoch: 1,
            peer: Some(peer(3)),
        },
    );

    let (_, event) = &sim.agent_events[told];
    assert!(matches!(
        event,
        bellwire_proto::agent::AgentEvent::Connected(_)
    ));
}

#[test]
fn signing_out_closes_every_window() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    let other = sim.window(ANNA, 61);

    sim.input(bellwire_core::Input::AgentSignedOut {
        agent: crate::sim::agent(ANNA),
    });

    let dropped: Vec<_> = sim
        .dropped
        .iter()
        .map(|(connection, _)| *connection)
        .collect();
    assert_eq!(dropped, [other, anna]);
    sim.calls(1);
    let back = sim.desk(ANNA);
    assert_eq!(sim.rings(back), None);
}
