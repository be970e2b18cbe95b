//! Changes of the set-up while people wait: nobody is lost by one.

use bellwire_core::setup::SkillLevel;
use bellwire_proto::{
    agent::AgentCommand,
    setup::Entry,
    visitor::{VisitorCommand, VisitorStage},
};

use crate::{
    given::{asks, queue_of, required},
    sim::{ANNA, BORIS, CARLA, Sim, agent, interaction, queue, setup},
};

fn remove_queue(sim: &mut Sim, n: u128) {
    sim.set_up(|setup| {
        setup.queues.retain(|known| known.id != queue(n));
        for site in &mut setup.sites {
            site.entries = vec![Entry::into_queue(None, queue(3 - n))];
        }
        for agent in &mut setup.agents {
            agent.queues.retain(|known| *known != queue(n));
            agent.languages.push("es".into());
        }
    });
}

#[test]
fn who_waits_in_a_queue_that_is_removed_waits_in_another_from_the_same_place() {
    let mut sim = Sim::new();
    let first = sim.chats(1);
    sim.pass_s(10);
    let second = sim.page_on(2, "laptops", 2);
    sim.start_chat(second, 2);
    sim.set_up(|setup| queue_of(setup, 2).priority = 0);

    remove_queue(&mut sim, 1);
    sim.pass_s(1);

    assert_eq!(sim.stored_in(1), "Laptops");
    assert_eq!(sim.position(first, 1), Some(1));
    assert_eq!(sim.position(second, 2), Some(2));
    let carla = sim.ready(CARLA);
    assert_eq!(sim.rings(carla), Some(interaction(1)));
}

#[test]
fn what_rings_or_is_talked_of_in_a_removed_queue_is_not_lost_when_it_comes_back() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    let carla = sim.ready(CARLA);
    sim.chats(1);
    sim.accept(anna);
    sim.calls(2);
    let ringing = [anna, carla].map(|desk| sim.rings(desk));
    assert!(ringing.contains(&Some(interaction(2))));

    remove_queue(&mut sim, 1);
    let lunch = AgentCommand::NotReady {
        reason: "Lunch".into(),
    };
    sim.desk_asks(carla, lunch);
    sim.desk_leaves(anna);
    sim.pass_s(90);

    assert_eq!(sim.stored_in(1), "Laptops");
    assert_eq!(sim.stored_in(2), "Laptops");
    sim.desk_asks(carla, AgentCommand::Ready);
    sim.accept(carla);
    sim.accept(carla);
}

#[test]
fn a_queue_removed_while_the_server_was_down_loses_nobody() {
    let mut sim = Sim::new();
    sim.chats(1);
    sim.setup.queues.remove(0);
    sim.setup.sites[0].entries = vec![Entry::into_queue(None, queue(2))];

    sim.restart();
    let carla = sim.ready(CARLA);

    assert_eq!(sim.rings(carla), Some(interaction(1)));
}

#[test]
fn where_no_entry_is_left_who_waited_waits_on() {
    let mut sim = Sim::new();
    let page = sim.chats(1);

    sim.set_up(|setup| {
        setup.queues.remove(0);
        setup.sites.clear();
    });
    sim.pass_s(1);

    assert_eq!(sim.position(page, 1), Some(1));
    let carla = sim.ready(CARLA);
    assert_eq!(sim.rings(carla), Some(interaction(1)));
}

#[test]
fn an_agent_who_is_removed_keeps_what_they_have_and_gets_no_more() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    let page = sim.chats(1);
    sim.accept(anna);
    sim.chats(2);
    assert_eq!(sim.rings(anna), Some(interaction(2)));

    sim.set_up(|setup| setup.agents.retain(|known| known.id != agent(ANNA)));

    assert_eq!(sim.rings(anna), None);
    let stage = &sim.contact(page, 1).stage;
    assert!(matches!(stage, VisitorStage::Connected { .. }));
    let boris = sim.ready(BORIS);
    assert_eq!(sim.rings(boris), Some(interaction(2)));
    sim.finish(anna, interaction(1));
    assert_eq!(
        sim.stored.interactions[&interaction(1)].stage.name(),
        "closed"
    );
}

#[test]
fn other_skills_count_from_now_on() {
    let mut sim = Sim::new();
    let boris = sim.ready(BORIS);
    let page = sim.page_on(1, "laptops", 1);
    sim.start_chat(page, 1);
    assert_eq!(sim.rings(boris), None);

    sim.set_up(|setup| {
        setup.agents[1]
            .skills
            .insert("laptops".into(), SkillLevel(8));
    });

    assert_eq!(sim.rings(boris), Some(interaction(1)));
}

#[test]
fn another_priority_puts_those_who_wait_in_another_order() {
    let mut sim = Sim::new();
    sim.chats(1);
    sim.pass_s(30);
    let page = sim.page_in(2, "es");
    sim.start_chat(page, 2);

    sim.set_up(|setup| queue_of(setup, 3).priority = 1);

    let anna = sim.ready(ANNA);
    assert_eq!(sim.rings(anna), Some(interaction(2)));
}

#[test]
fn changed_entries_leave_those_who_wait_where_they_are() {
    let mut sim = Sim::new();
    let page = sim.chats(1);

    sim.set_up(|setup| setup.sites[0].entries = vec![Entry::into_queue(None, queue(2))]);

    assert_eq!(sim.stored_in(1), "Sales");
    assert_eq!(sim.position(page, 1), Some(1));
    sim.chats(2);
    assert_eq!(sim.stored_in(2), "Laptops");
}

#[test]
fn a_question_outlives_a_change_of_what_must_be_known() {
    let mut setup = setup();
    setup.sites[0].needs = vec![required("order", None)];
    setup.forms = vec![asks(1, "order", bellwire_proto::setup::FieldKind::Text(20))];
    let mut sim = Sim::with(setup);
    let page = sim.chats(1);

    sim.set_up(|setup| {
        setup.queues.remove(0);
        setup.sites[0].entries = vec![Entry::into_queue(None, queue(2))];
        setup.sites[0].needs.clear();
    });
    assert_eq!(sim.asked_for(page, 1), ["order"]);
    sim.answers(page, 1, "order", "A-17");

    assert_eq!(sim.stored_in(1), "Laptops");
}

#[test]
fn priority_by_intents_and_the_time_of_entry_are_kept_over_a_restart() {
    let mut setup = setup();
    setup.sites[0].needs = vec![required("order", None)];
    setup.forms = vec![asks(1, "order", bellwire_proto::setup::FieldKind::Text(20))];
    let mut urgent = crate::given::tells(1, "broken", 1, "broken");
    urgent.priority = 2;
    setup.intents = vec![urgent];
    let mut sim = Sim::with(setup);
    let slow = sim.chats(1);
    sim.pass_s(50);
    let quick = sim.chats(2);
    sim.answers(quick, 2, "order", "A");
    sim.pass_s(10);
    sim.answers(slow, 1, "order", "B");
    sim.pass_s(30);
    let page = sim.page(3);
    sim.views(page, "broken");
    sim.start_chat(page, 3);
    sim.answers(page, 3, "order", "C");
    assert_eq!(sim.position(page, 3), Some(1));

    sim.restart();
    let pages = [1, 2, 3].map(|n| sim.page(n));
    sim.pass_s(1);

    let places: Vec<_> = (pages.iter().zip(1..))
        .map(|(page, n)| sim.position(*page, n))
        .collect();
    assert_eq!(places, [Some(3), Some(2), Some(1)]);
    sim.page_asks(
        pages[0],
        VisitorCommand::Leave {
            interaction: interaction(1),
        },
    );
}

#[test]
fn the_wrap_up_of_one_who_left_the_centre_is_closed_when_the_server_starts() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    sim.chats(1);
    let id = sim.accept(anna);
    sim.desk_asks(anna, AgentCommand::HangUp { interaction: id });
    sim.setup.agents.remove(0);

    sim.restart();

    assert_eq!(sim.stored.interactions[&id].stage.name(), "closed");
    sim.pass_s(31 * 60);
    assert_eq!(sim.centre.poll_timeout(), None);
}

#[test]
fn one_who_is_taken_out_and_put_back_has_what_they_had() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    sim.chats(1);
    let id = sim.accept(anna);
    let removed = sim.setup.agents.remove(0);
    sim.restart();
    sim.page(1);

    sim.set_up(|setup| setup.agents.insert(0, removed));
    let anna = sim.desk(ANNA);

    assert!(sim.desks[&anna].items.contains_key(&id));
    sim.finish(anna, id);
    assert_eq!(sim.stored.interactions[&id].stage.name(), "closed");
}
