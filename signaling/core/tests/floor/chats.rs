//! Chats: every line once, in order, to both sides.

use bellwire_proto::{
    agent::AgentCommand,
    interaction::{LONGEST_MESSAGE, ReadMarks, Role, Seen},
    mirror::Chat,
    visitor::{VisitorCommand, VisitorEvent, VisitorRefusal},
};

use crate::sim::{ANNA, Sim, interaction, message, session, tab};

fn say(n: u128, text: &str) -> VisitorCommand {
    VisitorCommand::Say {
        interaction: interaction(1),
        message: message(n),
        text: text.into(),
    }
}

fn lines(chat: &Chat) -> Vec<(u32, &str)> {
    chat.lines()
        .map(|line| (line.seq, line.text.as_str()))
        .collect()
}

#[test]
fn lines_written_while_waiting_are_there_for_the_agent() {
    let mut sim = Sim::new();
    let page = sim.chats(1);
    sim.page_asks(page, say(1, "Hello?"));
    let anna = sim.ready(ANNA);
    sim.accept(anna);

    let reply = AgentCommand::Say {
        interaction: interaction(1),
        message: message(2),
        text: "Hi, Anna here.".into(),
    };
    sim.desk_asks(anna, reply);

    let both = [(1, "Hello?"), (2, "Hi, Anna here.")];
    assert_eq!(lines(&sim.desks[&anna].items[&interaction(1)].chat), both);
    assert_eq!(
        lines(&sim.widgets[&page].contacts[&interaction(1)].chat),
        both
    );
}

#[test]
fn a_line_said_twice_is_stored_once() {
    let mut sim = Sim::new();
    let page = sim.chats(1);

    sim.page_asks(page, say(1, "Hello?"));
    sim.page_asks(page, say(1, "Hello?"));

    assert_eq!(sim.stored.messages[&interaction(1)].len(), 1);
    assert_eq!(
        lines(&sim.widgets[&page].contacts[&interaction(1)].chat),
        [(1, "Hello?")]
    );
}

#[test]
fn a_page_that_comes_back_gets_what_it_missed_and_no_more() {
    let mut sim = Sim::new();
    let page = sim.chats(1);
    for n in 1..=5 {
        sim.page_asks(page, say(n, "line"));
    }

    let connection = bellwire_proto::id::ConnectionId::new(crate::sim::START, 1);
    sim.input(bellwire_core::Input::VisitorJoined {
        session: session(1),
        connection,
        tab: tab(9),
        site: bellwire_proto::id::SiteKey("shop".into()),
        seen: vec![Seen {
            interaction: interaction(1),
            seq: 3,
        }],
        known: Box::default(),
    });

    let part = sim
        .visitor_events
        .iter()
        .rev()
        .find_map(|(to, event)| match event {
            VisitorEvent::Session(view) if *to == connection => {
                Some(view.interactions[0].chat.clone())
            }
            _ => None,
        });
    let part = part.expect("a session view");
    assert!(part.complete);
    let seqs: Vec<_> = part.messages.iter().map(|line| line.seq).collect();
    assert_eq!(seqs, [4, 5]);
}

#[test]
fn a_long_chat_says_that_its_beginning_is_left_out() {
    let mut sim = Sim::new();
    let page = sim.chats(1);
    for n in 1..=310 {
        sim.page_asks(page, say(n, "line"));
    }

    let late = sim.page_on(1, "shop", 9);

    let chat = &sim.widgets[&late].contacts[&interaction(1)].chat;
    assert!(chat.cut);
    assert_eq!(chat.lines().count(), 300);
    assert_eq!(chat.cursor(), 310);
}

#[test]
fn an_empty_or_endless_line_is_refused() {
    let mut sim = Sim::new();
    let page = sim.chats(1);

    for text in ["  \n ".to_owned(), "x".repeat(LONGEST_MESSAGE + 1)] {
        sim.page_asks(page, say(1, &text));
        let refused = VisitorEvent::Refused {
            interaction: Some(interaction(1)),
            reason: VisitorRefusal::BadText,
        };
        assert_eq!(sim.visitor_events.last(), Some(&(page, refused)));
    }
}

#[test]
fn read_marks_only_move_forward() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    let page = sim.chats(1);
    sim.accept(anna);
    for n in 1..=3 {
        sim.page_asks(page, say(n, "line"));
    }
    assert_eq!(sim.desks[&anna].items[&interaction(1)].unread(), 3);

    for seq in [2, 1, 99] {
        let interaction = interaction(1);
        sim.desk_asks(anna, AgentCommand::Read { interaction, seq });
    }

    let marks = ReadMarks {
        customer: 3,
        agent: 3,
    };
    assert_eq!(
        sim.widgets[&page].contacts[&interaction(1)].chat.read,
        marks
    );
    let unread = sim.widgets[&page].contacts[&interaction(1)]
        .chat
        .unread(Role::Customer);
    assert_eq!(unread, 0);
}

#[test]
fn a_chat_waits_for_its_visitor_half_an_hour() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    let page = sim.chats(1);
    sim.accept(anna);
    sim.page_leaves(page);
    assert!(!sim.desks[&anna].items[&interaction(1)].reachable);

    sim.pass_s(29 * 60);
    let page = sim.page(1);
    assert!(sim.widgets[&page].contacts[&interaction(1)].is_live());
    sim.page_leaves(page);
    sim.pass_s(30 * 60);

    let stage = sim.desks[&anna].items[&interaction(1)].stage;
    assert!(matches!(
        stage,
        bellwire_proto::agent::WorkStage::WrapUp { .. }
    ));
}
