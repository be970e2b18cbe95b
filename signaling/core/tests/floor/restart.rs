//! Restarts: who waits still waits in the same order, and contacts go on.

use bellwire_proto::{
    agent::{AgentCommand, Chosen},
    visitor::{VisitorCommand, VisitorStage},
};

use crate::sim::{ANNA, BORIS, Sim, interaction, message, peer};

fn attach(sim: &mut Sim, n: u128) -> bellwire_proto::id::ConnectionId {
    let page = sim.page(n);
    let attach = VisitorCommand::Attach {
        interaction: interaction(n),
        peer: peer(500 + n),
    };
    sim.page_asks(page, attach);
    page
}

#[test]
fn those_who_wait_keep_their_order() {
    let mut sim = Sim::new();
    for n in 1..=3 {
        sim.calls(n);
        sim.pass_s(1);
    }

    sim.restart();
    for n in [3, 2, 1] {
        attach(&mut sim, n);
    }
    sim.pass_s(1);

    let anna = sim.ready(ANNA);
    let boris = sim.ready(BORIS);
    assert_eq!(sim.rings(anna), Some(interaction(1)));
    assert_eq!(sim.rings(boris), Some(interaction(2)));
}

#[test]
fn a_call_goes_on_when_both_pages_come_back() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    sim.calls(1);
    sim.accept(anna);

    sim.restart();
    sim.pass_s(3);
    let page = attach(&mut sim, 1);
    let anna = sim.desk(ANNA);
    let command = AgentCommand::Attach {
        interaction: interaction(1),
        peer: peer(5),
    };
    sim.desk_asks(anna, command);

    assert_eq!(sim.bridges[&interaction(1)], (page, anna));
    assert_eq!(sim.desks[&anna].chosen, Chosen::Ready);
    sim.pass_s(300);
    let stage = &sim.widgets[&page].contacts[&interaction(1)].stage;
    assert!(matches!(stage, VisitorStage::Connected { .. }));
    sim.finish(anna, interaction(1));
    sim.calls(2);
    assert_eq!(
        sim.rings(anna),
        Some(interaction(2)),
        "the slot is free again"
    );
}

#[test]
fn a_chat_keeps_its_lines_and_numbers() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    let page = sim.chats(1);
    sim.accept(anna);
    let say = |n| VisitorCommand::Say {
        interaction: interaction(1),
        message: message(n),
        text: format!("line {n}"),
    };
    sim.page_asks(page, say(1));

    sim.restart();
    let page = sim.page(1);
    sim.page_asks(page, say(1));
    sim.page_asks(page, say(2));

    let chat = &sim.widgets[&page].contacts[&interaction(1)].chat;
    let lines: Vec<_> = chat
        .lines()
        .map(|line| (line.seq, line.text.as_str()))
        .collect();
    assert_eq!(lines, [(1, "line 1"), (2, "line 2")]);
}

#[test]
fn wrap_up_is_still_there_and_keeps_the_slot() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    sim.calls(1);
    let id = sim.accept(anna);
    sim.desk_asks(anna, AgentCommand::HangUp { interaction: id });

    sim.restart();
    let anna = sim.desk(ANNA);
    sim.calls(2);
    assert_eq!(sim.rings(anna), None);
    sim.wrap_up(anna, id);

    assert_eq!(sim.rings(anna), Some(interaction(2)));
}

#[test]
fn a_call_that_nobody_comes_back_to_ends() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    sim.calls(1);
    sim.accept(anna);

    sim.restart();
    sim.pass_s(61);

    let record = &sim.stored.interactions[&interaction(1)];
    assert_ne!(record.stage.name(), "talking");
}
